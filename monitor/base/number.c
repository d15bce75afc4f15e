/* SPDX-License-Identifier: Apache-2.0 */

/* Numbers as text. Comparing walks the digits, so nothing is rounded. Only number_canonical() makes a double, of tokens
 * that have more digits than a double surely keeps; digits go to and from libc without a decimal point, because which
 * character that is depends on the locale. */

#include "monitor/base/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum {
        DIGITS_EXACT = 15, /* decimal digits that every double keeps (DBL_DIG) */
        DIGITS_SHORTEST_MAX = 17, /* and that tell any two doubles apart (DBL_DECIMAL_DIG) */
        DOUBLE_TEXT_BYTES = 400, /* "%.0f" of the largest has 309 digits */
        TOKEN_EXPONENT_MAX = 100000000, /* beyond, it is as good as infinite */
};

struct number {
        bool minus, has_point, has_exponent;
        const char *p; /* digits, maybe with a point among them */
        size_t n;
        size_t point; /* where in p, when has_point */
        size_t digits, fraction; /* digits in all, and behind the point */
        int64_t exponent;
};

/* Takes a number apart; an exponent is held at +-TOKEN_EXPONENT_MAX. */
static bool read_number(struct str s, struct number *ret)
{
        struct number x = { 0 };
        size_t i = 0, exponent_digits = 0;
        bool minus;

        if (s.n > 0 && (s.p[0] == '+' || s.p[0] == '-'))
                x.minus = s.p[i++] == '-';
        x.p = s.p + i;
        for (; i < s.n; i++) {
                if (s.p[i] == '.' && !x.has_point)
                        x.has_point = true, x.point = (size_t)(s.p + i - x.p);
                else if (s.p[i] >= '0' && s.p[i] <= '9')
                        x.digits++, x.fraction += x.has_point;
                else
                        break;
        }
        x.n = (size_t)(s.p + i - x.p);
        *ret = x;
        if (x.digits == 0 || i == s.n)
                return x.digits > 0;

        if (s.p[i] != 'e' && s.p[i] != 'E')
                return false;
        i++;
        minus = i < s.n && s.p[i] == '-';
        if (i < s.n && (minus || s.p[i] == '+'))
                i++;
        for (; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++, exponent_digits++)
                if (x.exponent < TOKEN_EXPONENT_MAX)
                        x.exponent = x.exponent * 10 + (s.p[i] - '0');
        if (minus)
                x.exponent = -x.exponent;
        x.has_exponent = true;
        *ret = x;
        return exponent_digits > 0 && i == s.n;
}

bool number_is_valid(struct str s)
{
        struct number x;

        return read_number(s, &x) && x.digits <= NUMBER_DIGITS_MAX && x.exponent <= NUMBER_EXPONENT_MAX &&
               x.exponent >= -NUMBER_EXPONENT_MAX;
}

/* ---- Comparing ---- */

/* The digits without zeroes in front, and without those at the end of a fraction. Value: 0.d1d2d3... * 10^place. */
struct walk {
        const char *p, *end;
        int64_t place;
};

static int next_digit(struct walk *w)
{
        if (w->p < w->end && *w->p == '.')
                w->p++;
        return w->p < w->end ? *w->p++ - '0' : -1;
}

static bool is_filler(char c)
{
        return c == '0' || c == '.';
}

static struct walk walk_of(const struct number *x)
{
        struct walk w = { x->p, x->p + x->n, (int64_t)(x->digits - x->fraction) + x->exponent };

        while (w.p < w.end && is_filler(*w.p))
                if (*w.p++ == '0')
                        w.place--;
        while (x->has_point && w.p < w.end && w.end > x->p + x->point && is_filler(w.end[-1]))
                w.end--;
        return w;
}

int number_cmp(struct str a, struct str b)
{
        struct number x = { 0 }, y = { 0 };
        struct walk wx, wy;
        bool is_zero_x, is_zero_y;
        int bigger, dx, dy;

        read_number(a, &x);
        read_number(b, &y);
        wx = walk_of(&x);
        wy = walk_of(&y);
        is_zero_x = wx.p == wx.end;
        is_zero_y = wy.p == wy.end;
        if (is_zero_x || is_zero_y)
                return is_zero_x ? (is_zero_y ? 0 : y.minus ? 1 : -1) : (x.minus ? -1 : 1);
        if (x.minus != y.minus)
                return x.minus ? -1 : 1;
        bigger = x.minus ? -1 : 1;
        if (wx.place != wy.place)
                return wx.place > wy.place ? bigger : -bigger;
        do {
                dx = next_digit(&wx);
                dy = next_digit(&wy);
                if (size_max((size_t)(dx + 1), (size_t)(dy + 1)) == 0)
                        return 0;
                dx = dx < 0 ? 0 : dx; /* the shorter goes on with zeroes */
                dy = dy < 0 ? 0 : dy;
        } while (dx == dy);
        return dx > dy ? bigger : -bigger;
}

/* ---- The canonical text ---- */

/* The nearest double, whatever the locale. False when out of memory. */
static bool read_double(struct arena *arena, const struct number *x, double *ret)
{
        char *z = arena_alloc(arena, x->digits + 32);
        size_t at = 0;

        if (!z)
                return false;
        for (size_t i = 0; i < x->n; i++)
                if (x->p[i] != '.')
                        z[at++] = x->p[i];
        snprintf(z + at, 32, "e%lld", (long long)x->exponent - (long long)x->fraction);
        *ret = strtod(z, NULL);
        if (x->minus)
                *ret = -*ret;
        return true;
}

/* Whether `digits` * 10^exponent reads back as d (> 0). */
static bool reads_back(const char *digits, int exponent, double d)
{
        char z[64];

        snprintf(z, sizeof z, "%se%d", digits, exponent);
        return strtod(z, NULL) == d;
}

/* Adds one in the last place; false for "99". */
static bool increment(char *digits)
{
        for (size_t i = strlen(digits); i-- > 0;) {
                if (digits[i] != '9') {
                        digits[i]++;
                        return true;
                }
                digits[i] = '0';
        }
        return false;
}

/* The fewest digits that read back as d (> 0, finite), the nearest of them; d = 0.digits * 10^*ret_place. */
static void shortest_digits(double d, char ret[DIGITS_SHORTEST_MAX + 1], int *ret_place)
{
        for (int count = 1; count <= DIGITS_SHORTEST_MAX; count++) {
                char z[64];
                size_t at = 0, i = 0;
                int exponent;

                snprintf(z, sizeof z, "%.*e", count - 1, d);
                for (; z[i] != 'e'; i++)
                        if (z[i] >= '0' && z[i] <= '9' && at < DIGITS_SHORTEST_MAX)
                                ret[at++] = z[i];
                ret[at] = '\0';
                exponent = (int)strtol(z + i + 1, NULL, 10);
                *ret_place = exponent + 1;
                if (reads_back(ret, exponent - (count - 1), d))
                        return;
                /* Above a power of two doubles lie twice as far apart as below: there the next may read back although
                 * the nearest does not. */
                if (increment(ret) && reads_back(ret, exponent - (count - 1), d))
                        return;
        }
}

/* A double that is no whole number, as Python's repr() and JavaScript's String() would for its size. */
static struct str print_fraction(struct arena *arena, double d)
{
        char digits[DIGITS_SHORTEST_MAX + 1], zeroes[] = "0000";
        const char *sign = d < 0 ? "-" : "";
        int place = 0;

        if (isinf(d))
                return d < 0 ? STR("-inf") : STR("inf");
        shortest_digits(fabs(d), digits, &place);
        if (place > 0)
                return arena_printf(arena, "%s%.*s.%s", sign, place, digits, digits + place);
        if (place > -4)
                return arena_printf(arena, "%s0.%.*s%s", sign, -place, zeroes, digits);
        return arena_printf(arena, "%s%c%s%se-%02d", sign, digits[0], digits[1] ? "." : "", digits + 1, 1 - place);
}

static struct str print_double(struct arena *arena, double d)
{
        char z[DOUBLE_TEXT_BYTES];

        if (d == 0)
                return STR("0");
        if (isinf(d) || d != trunc(d))
                return print_fraction(arena, d);
        snprintf(z, sizeof z, "%.0f", d);
        return arena_dup(arena, str_of(z));
}

/* Where no double is needed: few digits, no exponent, not so small that it is written with one. */
static bool is_plain(struct str token, const struct number *x)
{
        struct walk w = walk_of(x);

        return !x->has_exponent && x->digits <= DIGITS_EXACT && token.p[0] != '+' && x->digits > x->fraction &&
               (x->p[0] != '0' || x->digits - x->fraction == 1) && w.place > -4;
}

struct str number_canonical(struct arena *arena, struct str token)
{
        struct number x;
        double d;

        if (!read_number(token, &x))
                return token;
        if (!x.has_point && !x.has_exponent) {
                struct walk w = walk_of(&x);

                if (w.p == w.end)
                        return STR("0");
                if (token.p[0] == '+' || x.p[0] == '0') /* JSON has neither; rules may */
                        return x.minus ? arena_printf(arena, "-%.*s", (int)(w.end - w.p), w.p)
                                       : str_from(w.p, (size_t)(w.end - w.p));
                return token;
        }
        if (is_plain(token, &x)) {
                struct walk w = walk_of(&x);

                if (w.p == w.end)
                        return STR("0");
                return str_from(token.p, (size_t)(w.end - token.p));
        }
        if (!read_double(arena, &x, &d))
                return STR_NONE;
        return print_double(arena, d);
}
