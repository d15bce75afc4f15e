/* SPDX-License-Identifier: Apache-2.0 */

/* Reading and writing time. A stamp is first taken apart into a `struct stamp` by the reader of its shape (stamp.c), then
 * made an instant in one place. Calendar arithmetic is done here (proleptic Gregorian, no leap seconds: a second 60
 * is the one that follows); only the machine's zone is asked of libc, through localtime_r(), which reads TZ once. */

#include "monitor/base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "monitor/base/stamp.h"

enum {
        STAMP_BYTES_MAX = 64, /* the longest shape has less than 40 */
        YEARS_BACK_MAX = 9, /* 29 February comes at least once in so many years */
        EXPONENT_MAX = 400,
        COMPACT_DIGITS = 14,
};

#define TIME_MIN (INT64_C(-62135596800) * USEC_PER_SEC) /* 0001-01-01 */
#define TIME_END (INT64_C(253402300800) * USEC_PER_SEC) /* 10000-01-01 */
#define SEC_PER_DAY INT64_C(86400)

/* ---- The clock ---- */

usec clock_now(const struct clock *clock)
{
        return clock->now(clock->userdata);
}

static usec system_now(void *userdata)
{
        struct timespec ts;

        (void)userdata;
        if (clock_gettime(CLOCK_REALTIME, &ts) < 0)
                return USEC_NONE;
        return (usec)ts.tv_sec * USEC_PER_SEC + ts.tv_nsec / 1000;
}

const struct clock clock_system = { .now = system_now, .userdata = NULL };

/* ---- The calendar ---- */

static const int days_before_month[13] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365 };

static bool is_leap(int64_t year)
{
        return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int time_days_in_month(int64_t year, int month)
{
        return days_before_month[month] - days_before_month[month - 1] + (month == 2 && is_leap(year));
}

static int64_t floor_div(int64_t a, int64_t b)
{
        return a / b - (a % b < 0);
}

/* Days from 0001-01-01 to the first day of a year. */
static int64_t days_before_year(int64_t year)
{
        int64_t y = year - 1;

        return 365 * y + floor_div(y, 4) - floor_div(y, 100) + floor_div(y, 400);
}

int64_t time_day(int64_t year, int month, int day)
{
        int64_t in_year = days_before_month[month - 1] + (month > 2 && is_leap(year)) + day - 1;

        return days_before_year(year) - days_before_year(1970) + in_year;
}

void time_split(usec t, struct time_parts *ret)
{
        int64_t seconds = floor_div(t, USEC_PER_SEC), days = floor_div(seconds, SEC_PER_DAY);
        int64_t in_day = seconds - days * SEC_PER_DAY;
        int64_t year = 1970 + floor_div(days * 400, 146097); /* 400 years have 146097 days: off by one at most */
        int64_t left;
        int month = 1;

        left = days - time_day(year, 1, 1);
        while (left < 0)
                left += 365 + is_leap(--year);
        while (left >= 365 + is_leap(year))
                left -= 365 + is_leap(year++);
        while (left >= time_days_in_month(year, month))
                left -= time_days_in_month(year, month++);
        *ret = (struct time_parts){
                .year = (int)year,
                .month = month,
                .day = (int)left + 1,
                .hour = (int)(in_day / 3600),
                .minute = (int)(in_day / 60 % 60),
                .second = (int)(in_day % 60),
                .weekday = (int)(days + 3 - floor_div(days + 3, 7) * 7), /* 1970-01-01 was a Thursday */
        };
}

/* ---- From parts to the instant ---- */

/* Seconds east of UTC in the machine's zone; 0 where libc knows no answer. */
static int64_t local_offset(int64_t seconds)
{
        time_t t = (time_t)seconds;
        struct tm tm;

        return localtime_r(&t, &tm) ? tm.tm_gmtoff : 0;
}

/* A wall clock's reading, written as if it were UTC, to the instant. An hour that comes twice means the first; one that
 * is left out is read by the offset before. mktime() would answer as the calls before it happened to. */
static int64_t local_to_utc(int64_t wall)
{
        int64_t before = local_offset(wall - SEC_PER_DAY), after = local_offset(wall + SEC_PER_DAY);

        if (before != after && local_offset(wall - before) != before && local_offset(wall - after) == after)
                return wall - after;
        return wall - before;
}

static int stamp_usec(const struct stamp *st, int year, const struct time_hint *hint, usec *ret)
{
        int64_t seconds;
        usec t;

        if (year < 1 || year > 9999)
                return -ERANGE;
        if (st->day > time_days_in_month(year, st->month))
                return -EBADMSG;
        seconds = time_day(year, st->month, st->day) * SEC_PER_DAY + st->hour * 3600 + st->minute * 60 + st->second;
        if (st->has_zone)
                seconds -= st->zone_minutes * 60;
        else if (hint && hint->local)
                seconds = local_to_utc(seconds);
        else if (hint)
                seconds -= (int64_t)hint->zone_minutes * 60;
        t = seconds * USEC_PER_SEC + st->micros;
        if (t < TIME_MIN || t >= TIME_END)
                return -ERANGE;
        *ret = t;
        return 0;
}

/* The latest year in which the stamp is no later than a day after the reference. */
static int guess_year(const struct stamp *st, const struct time_hint *hint, usec *ret)
{
        struct time_parts parts;
        usec latest;

        if (!hint || hint->reference == USEC_NONE)
                return -EBADMSG;
        if (hint->reference < TIME_MIN || hint->reference >= TIME_END)
                return -ERANGE;
        latest = hint->reference + USEC_PER_DAY;
        time_split(latest, &parts);
        for (int year = parts.year + 1; year >= parts.year - YEARS_BACK_MAX; year--) {
                usec t;

                if (stamp_usec(st, year, hint, &t) == 0 && t <= latest) {
                        *ret = t;
                        return 0;
                }
        }
        return -EBADMSG;
}

/* ---- Numbers ---- */

struct decimal {
        bool minus;
        const char *digits; /* of which one may be the point */
        size_t n;
        int64_t whole; /* how many digits lie before the point, the exponent counted in; may be negative */
};

static bool read_decimal(struct str s, struct decimal *ret)
{
        struct decimal d = { .minus = str_take(&s, '-') };
        bool has_point = false, has_digit = false, has_start = false;
        int64_t exponent = 0;

        if (!d.minus)
                str_take(&s, '+');
        d.digits = s.p;
        for (; s.n > 0; s = str_from(s.p + 1, s.n - 1)) {
                bool is_digit = s.p[0] >= '0' && s.p[0] <= '9';

                if (!is_digit && (s.p[0] != '.' || has_point))
                        break;
                has_point = has_point || !is_digit;
                has_digit = has_digit || is_digit;
                d.n++;
                if (is_digit && s.p[0] != '0')
                        has_start = true;
                if (is_digit && !has_point && has_start)
                        d.whole++;
                else if (is_digit && has_point && !has_start)
                        d.whole--;
        }
        if (!has_digit)
                return false;
        if (str_take(&s, 'e') || str_take(&s, 'E')) {
                if (str_to_i64(s, &exponent) < 0 || exponent > EXPONENT_MAX || exponent < -EXPONENT_MAX)
                        return false;
                s.n = 0;
        }
        d.whole += exponent;
        *ret = d;
        return s.n == 0;
}

/* trunc(d * 10^shift) */
static int decimal_scale(const struct decimal *d, int shift, usec *ret)
{
        int64_t n = 0, left = d->whole + shift; /* digits still to come, from the first that is not 0 */
        bool has_start = false;

        for (size_t i = 0; i < d->n && left > 0; i++) {
                if (d->digits[i] == '.' || (d->digits[i] == '0' && !has_start))
                        continue;
                has_start = true;
                left--;
                if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, d->digits[i] - '0', &n))
                        return -ERANGE;
        }
        for (; has_start && left > 0; left--)
                if (__builtin_mul_overflow(n, 10, &n))
                        return -ERANGE;
        *ret = d->minus ? -n : n;
        return 0;
}

static int number_time(const struct decimal *d, enum time_unit unit, usec *ret)
{
        static const int shift[] = { [TIME_UNIT_S] = 6, [TIME_UNIT_MS] = 3, [TIME_UNIT_US] = 0, [TIME_UNIT_NS] = -3 };
        usec t;
        int r;

        if (unit == TIME_UNIT_AUTO)
                unit = d->whole <= 11   ? TIME_UNIT_S
                       : d->whole <= 14 ? TIME_UNIT_MS
                       : d->whole <= 17 ? TIME_UNIT_US
                                        : TIME_UNIT_NS;
        r = decimal_scale(d, shift[unit], &t);
        if (r < 0)
                return r;
        if (t < TIME_MIN || t >= TIME_END)
                return -ERANGE;
        *ret = t;
        return 0;
}

/* ---- Reading ---- */

int time_parse(struct str text, enum time_unit unit, const struct time_hint *hint, usec *ret)
{
        struct decimal number;
        struct stamp st = { 0 };

        if (stamp_read_plain(text, &st))
                return stamp_usec(&st, st.year, hint, ret);
        text = str_trim(text);
        if (text.n > STAMP_BYTES_MAX)
                return -EBADMSG;
        if (text.n >= 2 && text.p[0] == '[' && text.p[text.n - 1] == ']')
                text = str_trim(str_from(text.p + 1, text.n - 2));

        if (read_decimal(text, &number) && (unit != TIME_UNIT_AUTO || number.whole != COMPACT_DIGITS))
                return number_time(&number, unit, ret);
        if (!stamp_read(text, &st))
                return read_decimal(text, &number) ? number_time(&number, unit, ret) : -EBADMSG;
        if (st.year == STAMP_NO_YEAR)
                return guess_year(&st, hint, ret);
        return stamp_usec(&st, st.year, hint, ret);
}

/* ---- Writing ---- */

void time_format_iso(usec t, char ret[TIME_ISO_BYTES])
{
        struct time_parts p;
        int64_t micros;
        size_t n;

        ret[0] = '\0';
        if (t == USEC_NONE)
                return;
        time_split(t, &p);
        micros = t % USEC_PER_SEC;
        micros += micros < 0 ? USEC_PER_SEC : 0;
        snprintf(ret, TIME_ISO_BYTES, "%04d-%02d-%02dT%02d:%02d:%02d", p.year, p.month % 100, p.day % 100, p.hour % 100,
                 p.minute % 100, p.second % 100);
        n = strlen(ret);
        if (micros > 0) {
                snprintf(ret + n, TIME_ISO_BYTES - n, ".%06d", (int)micros % 1000000);
                for (n = strlen(ret); ret[n - 1] == '0';)
                        n--;
        }
        ret[n] = 'Z';
        ret[n + 1] = '\0';
}

void time_format_local(usec t, char ret[TIME_ISO_BYTES])
{
        struct tm tm;
        time_t seconds = (time_t)floor_div(t, USEC_PER_SEC);

        ret[0] = '\0';
        if (t == USEC_NONE || !localtime_r(&seconds, &tm))
                return;
        if (strftime(ret, TIME_ISO_BYTES, "%Y-%m-%d %H:%M:%S", &tm) == 0)
                ret[0] = '\0';
}

/* ---- Durations ---- */

static const struct {
        usec length;
        const char *suffix;
} units[] = {
        { USEC_PER_DAY, "d" }, { USEC_PER_HOUR, "h" }, { USEC_PER_MINUTE, "m" },
        { USEC_PER_SEC, "s" }, { 1000, "ms" },         { 1, "us" },
};

int duration_parse(struct str text, usec *ret)
{
        uint64_t n;
        int r;

        if (text.n < 2)
                return -EBADMSG;
        r = str_to_u64(str_from(text.p, text.n - 1), &n);
        if (r == -EBADMSG)
                return r;
        for (size_t i = 0; i < ARRAY_LEN(units); i++) {
                usec d;

                if (units[i].suffix[1] || units[i].suffix[0] != text.p[text.n - 1])
                        continue;
                if (r < 0 || __builtin_mul_overflow(n, units[i].length, &d))
                        return -ERANGE;
                *ret = d;
                return 0;
        }
        return -EBADMSG;
}

void duration_format(usec d, char ret[DURATION_BYTES])
{
        size_t i = 0;

        while (d % units[i].length != 0)
                i++;
        if (d == 0)
                i = 3; /* "0s" */
        snprintf(ret, DURATION_BYTES, "%lld%s", (long long)(d / units[i].length), units[i].suffix);
}
