/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/detect/measure.h"

#include <stdio.h>
#include <string.h>

#include "monitor/base/number.h"

void measure_format(measure_t m, unsigned scale, char *ret)
{
        uint64_t size = m < 0 ? -(uint64_t)m : (uint64_t)m, rest = size % scale;
        int n = snprintf(ret, MEASURE_BYTES, "%s%llu", m < 0 ? "-" : "", (unsigned long long)(size / scale));

        if (rest == 0)
                return;
        ret[n++] = '.';
        for (scale /= 10; rest > 0; scale /= 10) {
                ret[n++] = (char)('0' + rest / scale);
                rest %= scale;
        }
        ret[n] = '\0';
}

static int compare(measure_t m, unsigned scale, struct str number)
{
        char text[MEASURE_BYTES];

        measure_format(m, scale, text);
        return number_cmp(str_of(text), number);
}

/* ---- Numbers of records ---- */

/* The digits of a number without an exponent, which are nearly all there are; false: it is longer or has one. */
static bool parse_plain(struct str s, measure_t *ret)
{
        size_t i = s.n > 0 && (s.p[0] == '-' || s.p[0] == '+');
        bool is_negative = i > 0 && s.p[0] == '-', has_point = false;
        unsigned decimals = 0;
        measure_t m = 0;

        if (s.n > 18)
                return false;
        for (; i < s.n && decimals < 6; i++) {
                if (s.p[i] == '.') {
                        has_point = true;
                        continue;
                }
                if (s.p[i] < '0' || s.p[i] > '9')
                        return false;
                m = 10 * m + (s.p[i] - '0');
                decimals += has_point;
        }
        if (i < s.n)
                return false;
        for (; decimals < 6; decimals++)
                if (__builtin_mul_overflow(m, (measure_t)10, &m))
                        return false;
        *ret = is_negative ? -m : m;
        return true;
}

bool measure_parse(struct str text, measure_t *ret)
{
        measure_t from = -INT64_MAX, to = INT64_MAX;

        if (!number_is_valid(text))
                return false;
        if (parse_plain(text, ret))
                return true;
        while (from < to) { /* the greatest that is not above it */
                measure_t middle = (measure_t)((uint64_t)from + ((uint64_t)to - (uint64_t)from + 1) / 2);

                if (compare(middle, MEASURE_MICRO, text) <= 0)
                        from = middle;
                else
                        to = middle - 1;
        }
        *ret = from;
        return true;
}

struct hash128 measure_pack(measure_t m)
{
        struct hash128 h = { { 0 } };

        for (unsigned i = 0; i < sizeof m; i++)
                h.b[i] = (uint8_t)((uint64_t)m >> (8 * i));
        return h;
}

measure_t measure_unpack(const struct hash128 *packed)
{
        uint64_t m = 0;

        for (unsigned i = 0; i < sizeof m; i++)
                m |= (uint64_t)packed->b[i] << (8 * i);
        return (measure_t)m;
}

/* ---- Limits ---- */

static bool holds(const struct sigma_limit *limit, measure_t m, unsigned scale)
{
        int order = compare(m, scale, limit->number);

        switch (limit->op) {
        case SIGMA_GT: return order > 0;
        case SIGMA_GTE: return order >= 0;
        case SIGMA_LT: return order < 0;
        case SIGMA_LTE: return order <= 0;
        case SIGMA_EQ: return order == 0;
        case SIGMA_NEQ: return order != 0;
        }
        return false;
}

/* As least_of(), where the number is short and without an exponent, as nearly all are. */
static bool least_of_plain(const struct sigma_limit *limit, unsigned scale, measure_t *ret)
{
        const measure_t unit = MEASURE_MICRO / scale;
        measure_t m, whole;

        if (MEASURE_MICRO % scale != 0 || !parse_plain(limit->number, &m))
                return false;
        whole = m / unit - (m % unit < 0); /* rounded down */
        *ret = limit->op == SIGMA_GT || whole * unit != m ? whole + 1 : whole;
        return true;
}

/* The smallest measure at which a gt or gte holds. */
static measure_t least_of(const struct sigma_limit *limit, unsigned scale)
{
        measure_t from = -INT64_MAX, to = INT64_MAX, plain;

        if (least_of_plain(limit, scale, &plain))
                return plain;
        while (from < to) {
                measure_t middle = (measure_t)((uint64_t)from + ((uint64_t)to - (uint64_t)from) / 2);

                if (holds(limit, middle, scale))
                        to = middle;
                else
                        from = middle + 1;
        }
        return from;
}

void limits_init(struct limits *l, const struct sigma_limit *items, size_t n, unsigned scale)
{
        *l = (struct limits){ .items = items, .n = n, .scale = scale, .is_rising = true, .least = -INT64_MAX };
        for (size_t i = 0; i < n; i++)
                l->is_rising &= items[i].op == SIGMA_GT || items[i].op == SIGMA_GTE;
        for (size_t i = 0; i < n && l->is_rising; i++) {
                measure_t least = least_of(&items[i], scale);

                l->least = least > l->least ? least : l->least;
        }
}

bool limits_met(const struct limits *l, measure_t m)
{
        if (m == MEASURE_NONE)
                return false;
        if (l->is_rising)
                return m >= l->least && l->least < INT64_MAX;
        for (size_t i = 0; i < l->n; i++)
                if (!holds(&l->items[i], m, l->scale))
                        return false;
        return true;
}
