/* SPDX-License-Identifier: Apache-2.0 */

/* One test on the values of one field.
 *
 * A missing field makes every comparison false; null fits a missing field or a null value; of many values any may fit
 * (Sigma digest, Values). */

#include "monitor/sigma/test.h"

#include <arpa/inet.h>

#include "monitor/base/number.h"
#include "monitor/sigma/expression.h"

/* ---- Addresses, numbers, dates ---- */

bool test_address(int family, struct str text, uint8_t ret[16])
{
        char z[INET6_ADDRSTRLEN];
        size_t zone = family == AF_INET6 ? str_find(text, STR("%")) : SIZE_MAX;

        if (zone != SIZE_MAX && zone + 1 < text.n)
                text.n = zone; /* fe80::1%eth0 */
        if (text.n == 0 || text.n >= sizeof z)
                return false;
        memcpy(z, text.p, text.n);
        z[text.n] = '\0';
        return strlen(z) == text.n && inet_pton(family, z, ret) == 1;
}

static bool cidr_match(const struct cidr *cidr, struct str text)
{
        uint8_t address[16];
        unsigned whole = cidr->bits / 8, rest = cidr->bits % 8;

        if (!test_address(cidr->family, text, address) || memcmp(address, cidr->address, whole) != 0)
                return false;
        return rest == 0 || ((address[whole] ^ cidr->address[whole]) & (0xFF00 >> rest & 0xFF)) == 0;
}

static bool compare(enum compare op, int order)
{
        switch (op) {
        case COMPARE_EQ: return order == 0;
        case COMPARE_LT: return order < 0;
        case COMPARE_LTE: return order <= 0;
        case COMPARE_GT: return order > 0;
        case COMPARE_GTE: return order >= 0;
        case _COMPARE_MAX: break;
        }
        return false;
}

/* `n` digits at `*at`, then moves on. */
static bool digits(struct str s, size_t *at, size_t n, int *ret)
{
        int v = 0;

        if (s.n < *at + n)
                return false;
        for (size_t i = *at; i < *at + n; i++) {
                if (s.p[i] < '0' || s.p[i] > '9')
                        return false;
                v = 10 * v + (s.p[i] - '0');
        }
        *at += n;
        *ret = v;
        return true;
}

static bool byte_at(struct str s, size_t *at, const char *any)
{
        if (*at >= s.n || !memchr(any, s.p[*at], strlen(any)))
                return false;
        (*at)++;
        return true;
}

static int days_in(int year, int month)
{
        static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
        bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

        return days[month - 1] + (month == 2 && is_leap);
}

/* Monday is 1 (the days since 1 January of year 1, a Monday). */
static int weekday_and_yearday(int year, int month, int day, int *ret_yearday)
{
        int y = year - 1, total = 365 * y + y / 4 - y / 100 + y / 400;

        *ret_yearday = day;
        for (int m = 1; m < month; m++)
                *ret_yearday += days_in(year, m);
        return (total + *ret_yearday - 1) % 7 + 1;
}

static int iso_week(int year, int month, int day)
{
        int yearday, weekday = weekday_and_yearday(year, month, day, &yearday), ignored;
        int week = (yearday - weekday + 10) / 7, january;

        if (week < 1)
                return iso_week(year - 1, 12, 31);
        if (week < 53)
                return week;
        january = weekday_and_yearday(year + 1, 1, 1, &ignored);
        return january <= 4 ? 1 : 53;
}

struct written_time {
        int year, month, day, hour, minute; /* hour and minute -1: not given */
};

/* Seconds, fraction and zone, which no part asks for but a time must have right: [:ss[.fff]][ ][Z|+hh[[:]mm]]. */
static bool skip_tail(struct str s, size_t at)
{
        int ignored;

        if (byte_at(s, &at, ":")) {
                if (!digits(s, &at, 2, &ignored))
                        return false;
                if (byte_at(s, &at, ".,")) {
                        if (!digits(s, &at, 1, &ignored))
                                return false;
                        while (digits(s, &at, 1, &ignored))
                                ;
                }
        }
        byte_at(s, &at, " ");
        if (at == s.n)
                return s.p[at - 1] != ' ';
        if (byte_at(s, &at, "Zz"))
                return at == s.n;
        if (!byte_at(s, &at, "+-") || !digits(s, &at, 2, &ignored))
                return false;
        return at == s.n || ((byte_at(s, &at, ":"), digits(s, &at, 2, &ignored)) && at == s.n);
}

/* An ISO 8601 date, with or without a time, as it is written: no zone is applied. */
static bool read_time(struct str s, struct written_time *ret)
{
        struct written_time t = { .hour = -1, .minute = -1 };
        size_t at = 0;

        if (!digits(s, &at, 4, &t.year) || !byte_at(s, &at, "-") || !digits(s, &at, 2, &t.month) ||
            !byte_at(s, &at, "-") || !digits(s, &at, 2, &t.day))
                return false;
        if (t.year < 1 || t.month < 1 || t.month > 12 || t.day < 1 || t.day > days_in(t.year, t.month))
                return false;
        *ret = t;
        if (at == s.n)
                return true;
        if (!byte_at(s, &at, "Tt ") || !digits(s, &at, 2, &ret->hour) || !byte_at(s, &at, ":") ||
            !digits(s, &at, 2, &ret->minute))
                return false;
        return skip_tail(s, at);
}

static bool time_part(struct str text, enum time_part part, int *ret)
{
        struct written_time t;
        int n = -1;

        if (!read_time(str_trim(text), &t))
                return false;
        switch (part) {
        case PART_MINUTE: n = t.minute; break;
        case PART_HOUR: n = t.hour; break;
        case PART_DAY: n = t.day; break;
        case PART_WEEK: n = iso_week(t.year, t.month, t.day); break;
        case PART_MONTH: n = t.month; break;
        case PART_YEAR: n = t.year; break;
        }
        if (n >= 0)
                *ret = n;
        return n >= 0;
}

struct str test_number(const struct value *v)
{
        struct str number = v->kind == VALUE_BOOL ? STR_NONE : value_scalar(v);

        return number.p && number_is_valid(number) ? number : STR_NONE;
}

static bool time_match(const struct test *t, const struct value *v)
{
        char digits_of[16];
        struct str text = v->kind == VALUE_BOOL ? STR_NONE : value_scalar(v);
        size_t n = 0;
        int part = 0;

        if (!text.p || !time_part(text, t->part, &part))
                return false;
        for (int p = 10000; p > 0; p /= 10)
                digits_of[n++] = (char)('0' + part / p % 10);
        return compare(t->compare, number_cmp(str_from(digits_of, n), t->number));
}

/* ---- Tests ---- */

static bool fieldref_match(const struct test *t, struct value *v, const struct slot *other, struct arena *arena)
{
        struct str mine = t->is_cased ? value_scalar(v) : value_folded(v, arena);

        if (!other || !value_scalar(v).p)
                return false;
        for (struct value *o = other->first; o; o = o->next) {
                struct str theirs = t->is_cased ? value_scalar(o) : value_folded(o, arena);
                bool holds;

                if (!value_scalar(o).p)
                        continue;
                holds = t->affix == AFFIX_CONTAINS     ? str_find(mine, theirs) != SIZE_MAX
                        : t->affix == AFFIX_STARTSWITH ? str_starts(mine, theirs)
                        : t->affix == AFFIX_ENDSWITH   ? str_ends(mine, theirs)
                                                       : str_eq(mine, theirs);
                if (holds)
                        return true;
        }
        return false;
}

bool test_pattern(const struct test *t, struct value *v, struct arena *arena)
{
        struct str text = t->is_cased ? value_text(v, arena) : value_folded(v, arena);

        return text.p && pattern_match(&t->pattern, text);
}

/* What one test needs beside the value. */
struct beside {
        const struct slot *other; /* TEST_FIELDREF: the field it names; NULL: missing */
        struct arena *arena;
        struct sigma_scratch *scratch;
};

static bool value_match(const struct test *t, struct value *v, const struct beside *b)
{
        struct str text;

        switch (t->kind) {
        case TEST_PATTERN: return test_pattern(t, v, b->arena);
        case TEST_REGEX:
                text = value_text(v, b->arena);
                return text.p && expression_match(t->expression, text, b->scratch);
        case TEST_CIDR: return cidr_match(&t->cidr, value_scalar(v));
        case TEST_NUMBER: text = test_number(v); return text.p && compare(t->compare, number_cmp(text, t->number));
        case TEST_TIME: return time_match(t, v);
        case TEST_FIELDREF: return b->other && fieldref_match(t, v, b->other, b->arena);
        case TEST_EXISTS:
        case TEST_NULL: break;
        }
        return false;
}

static bool has_null(const struct slot *slot)
{
        for (const struct value *v = slot->first; v; v = v->next)
                if (v->kind == VALUE_NULL)
                        return true;
        return false;
}

bool test_holds(const struct test *t, const struct slot *slot, const struct slot *other, struct arena *arena,
                struct sigma_scratch *scratch)
{
        struct beside b = { other, arena, scratch };

        if (t->kind == TEST_EXISTS)
                return (slot != NULL) == t->flag;
        if (t->kind == TEST_NULL)
                return !slot || has_null(slot);
        for (struct value *v = slot ? slot->first : NULL; v; v = v->next)
                if (value_match(t, v, &b))
                        return true;
        return false;
}
