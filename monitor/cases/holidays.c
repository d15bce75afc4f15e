/* SPDX-License-Identifier: Apache-2.0 */

/* Lists of holidays to days. Easter by the rule of the Gregorian computus (Butcher's form: golden number, century, epact). */

#include "monitor/cases/holidays.h"

#include <errno.h>
#include <stdlib.h>

#include "monitor/cases/regime_read.h"

enum { EASTER_DAYS_MAX = 200, CODE_MAX = 10 };

struct holiday {
        int year; /* 0: each */
        int month, day; /* month 0: by Easter */
        int from_easter;
        int since, last; /* years; 0: open */
        bool has_date, has_easter;
};

struct list {
        struct calendar calendar;
        const struct yaml *days;
        struct str title, source;
        usec checked_on, until;
};

int64_t easter_sunday(int year)
{
        int golden = year % 19, century = year / 100, in_century = year % 100;
        int moon = (19 * golden + century - century / 4 - (century - (century + 8) / 25 + 1) / 3 + 15) % 30;
        int sunday = (32 + 2 * (century % 4) + 2 * (in_century / 4) - moon - in_century % 4) % 7;
        int late = (golden + 11 * moon + 22 * sunday) / 451;
        int n = moon + sunday - 7 * late + 114;

        return time_day(year, n / 31, n % 31 + 1);
}

const struct calendar *calendar_find(const struct calendars *c, struct str code)
{
        for (size_t i = 0; i < c->n; i++)
                if (str_eq(c->items[i].code, code))
                        return &c->items[i];
        return NULL;
}

/* ---- One day ---- */

static int read_number(struct regime_reader *r, const struct yaml *v, int low, int high, int *ret)
{
        int64_t n;

        if (!yaml_is_scalar(v) || str_to_i64(v->text, &n) < 0 || n < low || n > high)
                return regime_fail(r, v, "a number from %d to %d belongs here", low, high);
        *ret = (int)n;
        return 0;
}

static bool two_digits(struct str s, int *ret)
{
        uint64_t n;

        if (s.n != 2 || str_to_u64(s, &n) < 0)
                return false;
        *ret = (int)n;
        return true;
}

static int key_date(struct regime_reader *r, const struct yaml *v, void *to)
{
        struct holiday *h = to;
        struct str text = yaml_is_scalar(v) ? v->text : STR("");
        uint64_t year = 0;
        bool is_good = text.n == 5 || (text.n == 10 && text.p[4] == '-' && str_to_u64(str_from(text.p, 4), &year) == 0 && year >= 1970);
        struct str day = str_from(text.p + (text.n == 10 ? 5 : 0), 5);

        h->year = (int)year;
        h->has_date = true;
        if (!is_good || day.p[2] != '-' || !two_digits(str_from(day.p, 2), &h->month) || !two_digits(str_from(day.p + 3, 2), &h->day) ||
            h->month < 1 || h->month > 12 || h->day < 1 || h->day > time_days_in_month(year ? (int64_t)year : 2024, h->month))
                return regime_fail(r, v, "date: a day of each year, such as 12-25 (month first), or of one, such as 2027-02-08");
        return 0;
}

static int key_easter(struct regime_reader *r, const struct yaml *v, void *to)
{
        struct holiday *h = to;

        h->has_easter = true;
        return read_number(r, v, -EASTER_DAYS_MAX, EASTER_DAYS_MAX, &h->from_easter);
}

static int key_since(struct regime_reader *r, const struct yaml *v, void *to)
{
        return read_number(r, v, 1900, 9999, &((struct holiday *)to)->since);
}

static int key_last(struct regime_reader *r, const struct yaml *v, void *to)
{
        return read_number(r, v, 1900, 9999, &((struct holiday *)to)->last);
}

static int key_name(struct regime_reader *r, const struct yaml *v, void *to)
{
        struct str ignored;

        (void)to;
        return regime_read_text(r, v, &ignored);
}

static const struct regime_key day_keys[] = {
        { "date", key_date }, { "easter", key_easter }, { "since", key_since }, { "last", key_last }, { "name", key_name },
};

static void add_days(const struct holiday *h, int last_year, struct calendar *c)
{
        for (int year = HOLIDAYS_FROM; year <= last_year; year++) {
                if ((h->year && h->year != year) || (h->since && year < h->since) || (h->last && year > h->last) || c->n_days >= HOLIDAYS_MAX)
                        continue;
                if (h->has_easter)
                        c->days[c->n_days++] = easter_sunday(year) + h->from_easter;
                else if (h->day <= time_days_in_month(year, h->month))
                        c->days[c->n_days++] = time_day(year, h->month, h->day);
        }
}

/* ---- The list ---- */

static int key_code(struct regime_reader *r, const struct yaml *v, void *to)
{
        struct list *l = to;

        if (!yaml_is_scalar(v) || v->kind == YAML_BOOL || v->text.n == 0 || v->text.n > CODE_MAX)
                return regime_fail(r, v, "code: a few letters, such as BR; put NO in quotes");
        l->calendar.code = v->text;
        return 0;
}

static int key_title(struct regime_reader *r, const struct yaml *v, void *to)
{
        return regime_read_text(r, v, &((struct list *)to)->title);
}

static int key_source(struct regime_reader *r, const struct yaml *v, void *to)
{
        return regime_read_text(r, v, &((struct list *)to)->source);
}

static int key_checked_on(struct regime_reader *r, const struct yaml *v, void *to)
{
        return regime_read_date(r, v, &((struct list *)to)->checked_on);
}

static int key_until(struct regime_reader *r, const struct yaml *v, void *to)
{
        return regime_read_date(r, v, &((struct list *)to)->until);
}

static int key_days(struct regime_reader *r, const struct yaml *v, void *to)
{
        if (v->kind != YAML_LIST || v->n == 0)
                return regime_fail(r, v, "days: a list, such as  - {date: 12-25, name: Christmas}");
        ((struct list *)to)->days = v;
        return 0;
}

static const struct regime_key list_keys[] = {
        { "code", key_code },             { "title", key_title }, { "source", key_source },
        { "checked_on", key_checked_on }, { "until", key_until }, { "days", key_days },
};

static int compare_days(const void *a, const void *b)
{
        int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

        return x < y ? -1 : x > y;
}

static int read_days(struct regime_reader *r, struct list *l)
{
        struct calendar *c = &l->calendar;
        struct time_parts until;
        size_t n = 0;
        int k;

        time_split(l->until, &until);
        if (until.year < HOLIDAYS_FROM || until.year >= HOLIDAYS_FROM + HOLIDAYS_YEARS_MAX)
                return regime_fail(r, l->days, "until: a day from %d to %d", HOLIDAYS_FROM, HOLIDAYS_FROM + HOLIDAYS_YEARS_MAX - 1);
        c->days = arena_array(r->arena, HOLIDAYS_MAX, sizeof *c->days);
        if (!c->days)
                return regime_no_room(r);
        for (size_t i = 0; i < l->days->n; i++) {
                struct holiday h = { 0 };

                k = regime_read_keys(r, l->days->items[i], day_keys, ARRAY_LEN(day_keys), &h);
                if (k < 0)
                        return k;
                if (h.has_date == h.has_easter)
                        return regime_fail(r, l->days->items[i], "a holiday has either date: or easter:");
                add_days(&h, until.year, c);
                if (c->n_days >= HOLIDAYS_MAX)
                        return regime_fail(r, l->days->items[i], "more than %d holidays", HOLIDAYS_MAX);
        }
        qsort(c->days, c->n_days, sizeof *c->days, compare_days);
        for (size_t i = 0; i < c->n_days; i++)
                if (n == 0 || c->days[i] != c->days[n - 1])
                        c->days[n++] = c->days[i];
        c->n_days = n;
        c->until = l->until + USEC_PER_DAY;
        return 0;
}

int calendar_read(struct regime_reader *r, const struct yaml *doc, struct calendars *to)
{
        struct list l = { .until = USEC_NONE, .checked_on = USEC_NONE };
        struct calendar *old;
        int k = regime_read_keys(r, doc, list_keys, ARRAY_LEN(list_keys), &l);

        if (k < 0)
                return k;
        if (!l.calendar.code.p || !l.title.p || !l.source.p || !l.days || l.until == USEC_NONE || l.checked_on == USEC_NONE)
                return regime_fail(r, doc, "a list of holidays has code, title, source, checked_on, until and days");
        k = read_days(r, &l);
        if (k < 0)
                return k;
        old = (struct calendar *)calendar_find(to, l.calendar.code);
        if (!old && to->n == CALENDARS_MAX)
                return regime_fail(r, doc, "more than %d lists of holidays", CALENDARS_MAX);
        *(old ? old : &to->items[to->n++]) = l.calendar;
        return 0;
}
