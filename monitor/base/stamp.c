/* SPDX-License-Identifier: Apache-2.0 */

/* The shapes of stamps, one reader each. To add a shape: a reader, a row in `shapes`, a line in clock.h and in its test. */

#include "monitor/base/stamp.h"

#include <string.h>

enum {
        COMPACT_YEAR_MIN = 1900, /* 14 digits are a date from here on, else milliseconds */
        SPACED_BYTES_MAX = 64,
};

/* ---- Stamps: the parts ---- */

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

static size_t take_blanks(struct str *s)
{
        size_t n = 0;

        while (str_take(s, ' '))
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

        if (!str_take(s, '.') && !str_take(s, ','))
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
        if (!take_digits(s, 2, &st->hour) || !str_take(s, ':') || !take_digits(s, 2, &st->minute))
                return false;
        if (!str_take(s, ':'))
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
        minus = str_take(s, '-');
        if (!minus && !str_take(s, '+'))
                return false;
        if (!take_digits(s, 2, &hours))
                return false;
        if ((str_take(s, ':') || (s->n > 0 && s->p[0] != ' ')) && !take_digits(s, 2, &minutes))
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
        if (!take_digits(&s, 4, &st->year) || !str_take(&s, '-') || !take_digits(&s, 2, &st->month) ||
            !str_take(&s, '-') || !take_digits(&s, 2, &st->day))
                return false;
        if (s.n == 0)
                return true;
        if (!str_take(&s, 'T') && !str_take(&s, 't') && take_blanks(&s) == 0)
                return false;
        return take_clock(&s, st) && take_tail(&s, st);
}

/* "20220913052243.429", "20220913T052243Z" */
static bool read_compact(struct str s, struct stamp *st)
{
        if (!take_digits(&s, 4, &st->year) || !take_digits(&s, 2, &st->month) || !take_digits(&s, 2, &st->day))
                return false;
        str_take(&s, 'T');
        if (!take_digits(&s, 2, &st->hour) || !take_digits(&s, 2, &st->minute) || !take_digits(&s, 2, &st->second))
                return false;
        return st->year >= COMPACT_YEAR_MIN && take_fraction(&s, &st->micros) && take_tail(&s, st);
}

/* "10/Oct/2026:13:55:36 +0000", "10-Oct-2026 13:55:36", "Sat, 10 Oct 2026 13:55:36 GMT" */
static bool read_day_first(struct str s, struct stamp *st)
{
        int weekday;
        char sep;

        if (take_name(&s, "MonTueWedThuFriSatSun", 7, &weekday) && !str_take(&s, ','))
                return false;
        if (!take_day(&s, &st->day) || s.n == 0)
                return false;
        sep = s.p[0];
        if (sep != '/' && sep != '-' && sep != ' ')
                return false;
        if (!str_take(&s, sep) || !take_month(&s, &st->month) || !str_take(&s, sep) || !take_digits(&s, 4, &st->year))
                return false;
        if (!str_take(&s, sep == '/' ? ':' : ' '))
                return false;
        return take_clock(&s, st) && take_tail(&s, st);
}

/* "Mar  7 18:53:20", "Fri Jan 19 12:20:33 2007", "Fri Jan 19 12:20:33 UTC 2007", "Nov 22 2026 03:10:44.118 UTC" (CEF) */
static bool read_month_first(struct str s, struct stamp *st)
{
        struct str behind;
        int weekday, year;

        if (take_name(&s, "MonTueWedThuFriSatSun", 7, &weekday) && take_blanks(&s) == 0)
                return false;
        if (!take_month(&s, &st->month) || take_blanks(&s) == 0 || !take_day(&s, &st->day) || take_blanks(&s) == 0)
                return false;
        st->year = STAMP_NO_YEAR;
        behind = s;
        if (take_digits(&behind, 4, &year) && take_blanks(&behind) > 0) {
                st->year = year;
                return take_clock(&behind, st) && take_tail(&behind, st);
        }
        if (!take_clock(&s, st))
                return false;
        if (s.n == 0)
                return true;
        if (take_blanks(&s) == 0)
                return false;
        if (take_digits(&s, 4, &st->year))
                return take_tail(&s, st);
        return take_zone(&s, st) && (s.n == 0 || (take_blanks(&s) > 0 && take_digits(&s, 4, &st->year) && s.n == 0));
}

/* "11/22/2026 3:14:02 AM": the month first, as in the United States; without AM or PM nobody can tell, so it is needed. */
static bool read_american(struct str s, struct stamp *st)
{
        bool is_pm;

        if (!take_day(&s, &st->month) || !str_take(&s, '/') || !take_day(&s, &st->day) || !str_take(&s, '/') ||
            !take_digits(&s, 4, &st->year) || take_blanks(&s) == 0 || !take_day(&s, &st->hour) || !str_take(&s, ':') ||
            !take_digits(&s, 2, &st->minute))
                return false;
        if (str_take(&s, ':') && (!take_digits(&s, 2, &st->second) || !take_fraction(&s, &st->micros)))
                return false;
        if (take_blanks(&s) == 0 || s.n < 2 || st->hour < 1 || st->hour > 12)
                return false;
        is_pm = str_eq_nocase(str_from(s.p, 2), STR("PM"));
        if (!is_pm && !str_eq_nocase(str_from(s.p, 2), STR("AM")))
                return false;
        st->hour = st->hour % 12 + (is_pm ? 12 : 0);
        s = str_from(s.p + 2, s.n - 2);
        return take_tail(&s, st);
}

/* "2021-07-20T11: 41: 31+00: 00", as seen in a published sample of Duo: blanks behind the colons. */
static bool read_spaced(struct str s, struct stamp *st)
{
        char text[SPACED_BYTES_MAX];
        size_t n = 0;

        if (str_find(s, STR(": ")) == SIZE_MAX || s.n > sizeof text)
                return false;
        for (size_t i = 0; i < s.n; i++)
                if (s.p[i] != ' ' || i == 0 || s.p[i - 1] != ':')
                        text[n++] = s.p[i];
        return read_iso(str_from(text, n), st);
}

/* ---- All of them ---- */

static bool is_valid(const struct stamp *st)
{
        return st->month >= 1 && st->month <= 12 && st->day >= 1 && st->hour <= 23 && st->minute <= 59 &&
               st->second <= 60;
}

/* What most logs write, "2026-11-17T07:00:00Z" and nothing else, without trying the other shapes first. */
bool stamp_read_plain(struct str s, struct stamp *st)
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
        return is_valid(st);
}

bool stamp_read(struct str text, struct stamp *ret)
{
        static bool (*const shapes[])(struct str, struct stamp *) = {
                read_iso, read_compact, read_month_first, read_day_first, read_american, read_spaced,
        };

        for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
                *ret = (struct stamp){ 0 };
                if (shapes[i](text, ret) && is_valid(ret))
                        return true;
        }
        return false;
}
