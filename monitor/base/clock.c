/* SPDX-License-Identifier: Apache-2.0 */

/* Reading and writing time. A stamp is first taken apart into a `struct stamp` by the reader of its shape, then checked
 * and made an instant in one place. Calendar arithmetic is done here (proleptic Gregorian, no leap seconds: a second 60
 * is the one that follows); only the machine's zone is asked of libc, through localtime_r(), which reads TZ once. */

#include "monitor/base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

enum {
        STAMP_BYTES_MAX = 64, /* the longest shape has less than 40 */
        STAMP_NO_YEAR = INT32_MIN,
        YEARS_BACK_MAX = 9, /* 29 February comes at least once in so many years */
        EXPONENT_MAX = 400,
        COMPACT_YEAR_MIN = 1900, /* 14 digits are a date from here on, else milliseconds */
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

static int days_in_month(int64_t year, int month)
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

/* Days since 1970-01-01. */
static int64_t day_number(int64_t year, int month, int day)
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

        left = days - day_number(year, 1, 1);
        while (left < 0)
                left += 365 + is_leap(--year);
        while (left >= 365 + is_leap(year))
                left -= 365 + is_leap(year++);
        while (left >= days_in_month(year, month))
                left -= days_in_month(year, month++);
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

/* ---- Stamps: the parts ---- */

struct stamp {
        int year, month, day, hour, minute, second; /* as written */
        int micros;
        bool has_zone;
        int zone_minutes;
};

/* Exactly `width` digits. */
static bool take_digits(struct str *s, size_t width, int *ret)
{
        int n = 0;

        if (s->n < width)
                return false;
        for (size_t i = 0; i < width; i++) {
                if (s->p[i] < '0' || s->p[i] > '9')
                        return false;
                n = n * 10 + (s->p[i] - '0');
        }
        *s = str_from(s->p + width, s->n - width);
        *ret = n;
        return true;
}

static bool take_char(struct str *s, char c)
{
        if (s->n == 0 || s->p[0] != c)
                return false;
        *s = str_from(s->p + 1, s->n - 1);
        return true;
}

static size_t take_blanks(struct str *s)
{
        size_t n = 0;

        while (take_char(s, ' '))
                n++;
        return n;
}

/* "7", "07" or " 7". */
static bool take_day(struct str *s, int *ret)
{
        take_blanks(s);
        return take_digits(s, 2, ret) || take_digits(s, 1, ret);
}

static bool take_name(struct str *s, const char *names, size_t count, int *ret)
{
        if (s->n < 3)
                return false;
        for (size_t i = 0; i < count; i++) {
                if (!str_eq_nocase(str_from(s->p, 3), str_from(names + 3 * i, 3)))
                        continue;
                *s = str_from(s->p + 3, s->n - 3);
                *ret = (int)i + 1;
                return true;
        }
        return false;
}

static bool take_month(struct str *s, int *ret)
{
        return take_name(s, "JanFebMarAprMayJunJulAugSepOctNovDec", 12, ret);
}

/* ".5", ",500", ".123456789": what is finer than a microsecond is cut off. */
static bool take_fraction(struct str *s, int *ret)
{
        int micros = 0, digit;
        size_t n = 0;

        if (!take_char(s, '.') && !take_char(s, ','))
                return true;
        for (; take_digits(s, 1, &digit); n++)
                if (n < 6)
                        micros = micros * 10 + digit;
        for (size_t i = n; i < 6; i++)
                micros *= 10;
        *ret = micros;
        return n > 0;
}

/* "18:53[:20[.123]]" */
static bool take_clock(struct str *s, struct stamp *st)
{
        if (!take_digits(s, 2, &st->hour) || !take_char(s, ':') || !take_digits(s, 2, &st->minute))
                return false;
        if (!take_char(s, ':'))
                return true;
        return take_digits(s, 2, &st->second) && take_fraction(s, &st->micros);
}

/* "Z", "UTC", "GMT", "+hh", "+hhmm", "+hh:mm" */
static bool take_zone(struct str *s, struct stamp *st)
{
        static const char *const utc[] = { "UTC", "GMT", "Z" };
        int hours, minutes = 0;
        bool minus;

        for (size_t i = 0; i < ARRAY_LEN(utc); i++) {
                size_t n = strlen(utc[i]);

                if (s->n >= n && str_eq_nocase(str_from(s->p, n), str_of(utc[i]))) {
                        *s = str_from(s->p + n, s->n - n);
                        st->has_zone = true;
                        return true;
                }
        }
        minus = take_char(s, '-');
        if (!minus && !take_char(s, '+'))
                return false;
        if (!take_digits(s, 2, &hours))
                return false;
        if ((take_char(s, ':') || (s->n > 0 && s->p[0] != ' ')) && !take_digits(s, 2, &minutes))
                return false;
        if (hours > 23 || minutes > 59)
                return false;
        st->has_zone = true;
        st->zone_minutes = (minus ? -1 : 1) * (hours * 60 + minutes);
        return true;
}

/* Nothing, or a zone after any blanks; then the end. */
static bool take_tail(struct str *s, struct stamp *st)
{
        take_blanks(s);
        return s->n == 0 || (take_zone(s, st) && s->n == 0);
}

/* ---- Stamps: the shapes. Each gives false where the text is of another shape. ---- */

/* "2026-03-07", "2026-03-07T18:53:20.123+0900", "2026-02-02 04:05" */
static bool read_iso(struct str s, struct stamp *st)
{
        if (!take_digits(&s, 4, &st->year) || !take_char(&s, '-') || !take_digits(&s, 2, &st->month) ||
            !take_char(&s, '-') || !take_digits(&s, 2, &st->day))
                return false;
        if (s.n == 0)
                return true;
        if (!take_char(&s, 'T') && !take_char(&s, 't') && take_blanks(&s) == 0)
                return false;
        return take_clock(&s, st) && take_tail(&s, st);
}

/* "20220913052243.429", "20220913T052243Z" */
static bool read_compact(struct str s, struct stamp *st)
{
        if (!take_digits(&s, 4, &st->year) || !take_digits(&s, 2, &st->month) || !take_digits(&s, 2, &st->day))
                return false;
        take_char(&s, 'T');
        if (!take_digits(&s, 2, &st->hour) || !take_digits(&s, 2, &st->minute) || !take_digits(&s, 2, &st->second))
                return false;
        return st->year >= COMPACT_YEAR_MIN && take_fraction(&s, &st->micros) && take_tail(&s, st);
}

/* "10/Oct/2026:13:55:36 +0000", "10-Oct-2026 13:55:36", "Sat, 10 Oct 2026 13:55:36 GMT" */
static bool read_day_first(struct str s, struct stamp *st)
{
        int weekday;
        char sep;

        if (take_name(&s, "MonTueWedThuFriSatSun", 7, &weekday) && !take_char(&s, ','))
                return false;
        if (!take_day(&s, &st->day) || s.n == 0)
                return false;
        sep = s.p[0];
        if (sep != '/' && sep != '-' && sep != ' ')
                return false;
        if (!take_char(&s, sep) || !take_month(&s, &st->month) || !take_char(&s, sep) || !take_digits(&s, 4, &st->year))
                return false;
        if (!take_char(&s, sep == '/' ? ':' : ' '))
                return false;
        return take_clock(&s, st) && take_tail(&s, st);
}

/* "Mar  7 18:53:20", "Fri Jan 19 12:20:33 2007", "Fri Jan 19 12:20:33 UTC 2007" */
static bool read_month_first(struct str s, struct stamp *st)
{
        int weekday;

        if (take_name(&s, "MonTueWedThuFriSatSun", 7, &weekday) && take_blanks(&s) == 0)
                return false;
        if (!take_month(&s, &st->month) || take_blanks(&s) == 0 || !take_day(&s, &st->day) || take_blanks(&s) == 0)
                return false;
        if (!take_clock(&s, st))
                return false;
        st->year = STAMP_NO_YEAR;
        if (s.n == 0)
                return true;
        if (take_blanks(&s) == 0)
                return false;
        if (take_digits(&s, 4, &st->year))
                return take_tail(&s, st);
        return take_zone(&s, st) && (s.n == 0 || (take_blanks(&s) > 0 && take_digits(&s, 4, &st->year) && s.n == 0));
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

static bool is_valid_but_year(const struct stamp *st)
{
        return st->month >= 1 && st->month <= 12 && st->day >= 1 && st->hour <= 23 && st->minute <= 59 &&
               st->second <= 60;
}

static int stamp_usec(const struct stamp *st, int year, const struct time_hint *hint, usec *ret)
{
        int64_t seconds;
        usec t;

        if (year < 1 || year > 9999)
                return -ERANGE;
        if (st->day > days_in_month(year, st->month))
                return -EBADMSG;
        seconds = day_number(year, st->month, st->day) * SEC_PER_DAY + st->hour * 3600 + st->minute * 60 + st->second;
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
        struct decimal d = { .minus = take_char(&s, '-') };
        bool has_point = false, has_digit = false, has_start = false;
        int64_t exponent = 0;

        if (!d.minus)
                take_char(&s, '+');
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
        if (take_char(&s, 'e') || take_char(&s, 'E')) {
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

/* What most logs write, "2026-11-17T07:00:00Z" and nothing else, without trying the other shapes first. */
static bool read_plain_iso(struct str s, struct stamp *st)
{
        static const struct {
                size_t at, n;
        } parts[] = { { 0, 4 }, { 5, 2 }, { 8, 2 }, { 11, 2 }, { 14, 2 }, { 17, 2 } };
        int *const to[] = { &st->year, &st->month, &st->day, &st->hour, &st->minute, &st->second };

        if (s.n != 20 || s.p[4] != '-' || s.p[7] != '-' || s.p[10] != 'T' || s.p[13] != ':' || s.p[16] != ':' ||
            s.p[19] != 'Z')
                return false;
        for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
                int n = 0;

                for (size_t k = parts[i].at; k < parts[i].at + parts[i].n; k++) {
                        if (s.p[k] < '0' || s.p[k] > '9')
                                return false;
                        n = 10 * n + (s.p[k] - '0');
                }
                *to[i] = n;
        }
        st->has_zone = true;
        return is_valid_but_year(st);
}

int time_parse(struct str text, enum time_unit unit, const struct time_hint *hint, usec *ret)
{
        static bool (*const shapes[])(struct str, struct stamp *) = {
                read_iso,
                read_compact,
                read_month_first,
                read_day_first,
        };
        struct decimal number;
        struct stamp st = { 0 };
        size_t shape = 0;

        if (read_plain_iso(text, &st))
                return stamp_usec(&st, st.year, hint, ret);
        text = str_trim(text);
        if (text.n > STAMP_BYTES_MAX)
                return -EBADMSG;
        if (text.n >= 2 && text.p[0] == '[' && text.p[text.n - 1] == ']')
                text = str_trim(str_from(text.p + 1, text.n - 2));

        if (read_decimal(text, &number) && (unit != TIME_UNIT_AUTO || number.whole != COMPACT_DIGITS))
                return number_time(&number, unit, ret);
        for (; shape < ARRAY_LEN(shapes); shape++) {
                st = (struct stamp){ 0 };
                if (shapes[shape](text, &st) && is_valid_but_year(&st))
                        break;
        }
        if (shape == ARRAY_LEN(shapes))
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
