/* SPDX-License-Identifier: Apache-2.0 */

/* The clocks of the laws in regimes.d: each row of tests/cases/clock.csv (worked out by tests/dev/make-clock-table, without shopbell), to the
 * second; then what holds of all clocks, at random: $SHOPBELL_SEED repeats a run. Needs the tz database. */

#include <criterion/criterion.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "monitor/base/csv.h"
#include "monitor/cases/deadline.h"

enum { ROWS_MIN = 120, COLUMNS = 10, FACTS = 16, RUNS = 300 };
enum { REGIME, DUTY, MARKS, FACTS_TEXT, NOW, DUE, STATE, APPLIES, UNCERTAIN, REASON };

static struct regimes regimes;
static struct arena *arena;

static void load(void)
{
        CLEANUP(err_list_done) struct err_list errors = ERR_LIST_INIT;
        char laws[PATH_MAX];
        const char *dirs[] = { laws };

        snprintf(laws, sizeof laws, "%s/regimes.d", getenv("SHOPBELL_SRCDIR"));
        cr_assert_eq(regimes_load(dirs, 1, &regimes, &errors), 0);
        cr_assert_eq(errors.n, 0, "%s:%u: %s", errors.n ? errors.items[0].file : "", errors.n ? errors.items[0].line : 0,
                     errors.n ? errors.items[0].text : "");
        arena = arena_new();
        cr_assert(arena);
}

static void unload(void)
{
        regimes_done(&regimes);
        arena_free(arena);
}

TestSuite(cases_clock, .init = load, .fini = unload);

/* ---- The table ---- */

static usec moment(struct str text)
{
        struct moment m;
        struct err err = { 0 };

        cr_assert_eq(moment_parse(text, 0, NULL, &m, &err), 0, STR_FMT ": %s", STR_ARG(text), err.text);
        return m.at;
}

/* "aware=2026-11-17 16:00 Asia/Seoul;told-authority=…" */
static struct deadline_case case_of(struct str marks, struct str facts, struct fact_of_case items[FACTS])
{
        struct deadline_case c = { .facts = { .items = items } };
        struct str one, name;

        for (int i = 0; i < _EVENT_MAX; i++)
                c.at[i] = USEC_NONE;
        while (marks.n > 0 && str_cut(&marks, ';', &one)) {
                enum case_event event;

                str_cut(&one, '=', &name);
                event = case_event_find(name);
                cr_assert(event < _EVENT_MAX, STR_FMT, STR_ARG(name));
                c.at[event] = moment(one);
        }
        while (facts.n > 0 && str_cut(&facts, ' ', &one)) {
                str_cut(&one, '=', &name);
                cr_assert(c.facts.n < FACTS && regime_is_fact(name), STR_FMT, STR_ARG(name));
                items[c.facts.n++] = (struct fact_of_case){ name, one };
        }
        return c;
}

static const struct deadline *find(const struct deadline *list, size_t n, struct str regime, struct str duty)
{
        for (size_t i = 0; i < n; i++)
                if (str_eq(list[i].regime->id, regime) && str_eq(list[i].duty->id, duty))
                        return &list[i];
        return NULL;
}

static void check_row(unsigned line, const struct str *cells)
{
        struct fact_of_case items[FACTS];
        struct deadline_case c = case_of(cells[MARKS], cells[FACTS_TEXT], items);
        const struct deadline *d;
        struct deadline *list;
        char due[ZONE_TEXT_BYTES];
        size_t n;

        cr_assert_eq(deadlines_of(&regimes, &c, moment(cells[NOW]), true, arena, &list, &n, NULL), 0);
        d = find(list, n, cells[REGIME], cells[DUTY]);
        cr_assert(d, "clock.csv:%u: no such clock", line);
        zone_format_iso(d->regime->tz, d->due, due);
        cr_expect(str_eqz(cells[DUE], due) && str_eqz(cells[STATE], deadline_state_name(d->state)) && str_eqz(cells[APPLIES], truth_name(d->applies)) &&
                          str_eqz(cells[UNCERTAIN], d->is_uncertain ? "yes" : "no"),
                  "clock.csv:%u: " STR_FMT " " STR_FMT ", " STR_FMT ": %s %s, applies: %s, uncertain: %d; want " STR_FMT " " STR_FMT ", applies: " STR_FMT
                  "\n    %s",
                  line, STR_ARG(cells[REGIME]), STR_ARG(cells[DUTY]), STR_ARG(cells[REASON]), due, deadline_state_name(d->state), truth_name(d->applies),
                  d->is_uncertain, STR_ARG(cells[DUE]), STR_ARG(cells[STATE]), STR_ARG(cells[APPLIES]), d->why.p);
}

static struct str read_table(void)
{
        char path[PATH_MAX];
        struct strbuf text = STRBUF_INIT;
        ssize_t n;
        int fd;

        snprintf(path, sizeof path, "%s/tests/cases/clock.csv", getenv("SHOPBELL_SRCDIR"));
        fd = open(path, O_RDONLY | O_CLOEXEC);
        cr_assert(fd >= 0, "%s", path);
        while ((n = read(fd, strbuf_reserve(&text, 65536), 65536)) > 0)
                text.n += (size_t)n;
        close(fd);
        return str_of(strbuf_take(&text));
}

Test(cases_clock, table)
{
        struct str all = read_table(), rest = all, line;
        bool seen[REGIMES_MAX] = { false };
        unsigned number = 0, rows = 0;

        while (str_cut(&rest, '\n', &line)) {
                struct csv_row row = csv_row(line, ',');
                struct csv_cell cell;
                struct str cells[COLUMNS];
                size_t n = 0;

                number++;
                if (number == 1 || line.n == 0)
                        continue;
                while (csv_next(&row, &cell) > 0 && n < COLUMNS)
                        cells[n++] = cell.text;
                cr_assert_eq(n, COLUMNS, "clock.csv:%u", number);
                cr_assert(cells[REASON].n > 0);
                check_row(number, cells);
                seen[regime_find(&regimes, cells[REGIME]) - regimes.items] = true;
                rows++;
                arena_reset(arena);
        }
        free((char *)all.p);
        cr_assert(rows >= ROWS_MIN, "%u rows", rows);
        for (size_t i = 0; i < regimes.n; i++)
                cr_expect(seen[i], "%s has no row", regimes.items[i].id.p);
}

/* ---- What holds always ---- */

static uint64_t state;

static uint64_t draw(uint64_t below)
{
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        return state % below;
}

static void seed(const char *test)
{
        const char *text = getenv("SHOPBELL_SEED");

        state = 20261123;
        if (text)
                str_to_u64(str_of(text), &state);
        state = state ? state : 1;
        cr_log_info("%s: SHOPBELL_SEED=%llu", test, (unsigned long long)state);
}

/* Between 2026 and 2040, on a second. */
static usec any_time(void)
{
        return (usec)(INT64_C(1767225600) + (int64_t)draw(14 * 366 * 86400)) * USEC_PER_SEC;
}

static const struct {
        const char *name, *values[5];
} names[] = {
        { "people.kr", { "0", "1", "999", "1000", ">=5" } },
        { "people.sg", { "0", "499", "500", ">=499", "7" } },
        { "people.de", { "0", "3", "100-200", "7", "1" } },
        { "people.br", { "0", "3", "1", "7", "1" } },
        { "people.us-ca", { "0", "500", "501", "7", ">=2" } },
        { "sensitive", { "yes", "no", "unknown", "no", "yes" } },
        { "illegal-access", { "yes", "no", "unknown", "no", "yes" } },
        { "risk", { "yes", "no", "unknown", "no", "yes" } },
        { "high-risk", { "yes", "no", "unknown", "no", "yes" } },
        { "risk.eu-gdpr", { "yes", "no", "unknown", "no", "yes" } },
        { "partners", { "amazon", "shopee,cards", "none", "cards", "lazada" } },
        { "size-class", { "small-agent", "large", "difc", "adgm", "small-business" } },
        { "seller", { "kr", "sg", "ae", "cn", "in" } },
};

static size_t any_facts(struct fact_of_case items[FACTS])
{
        size_t n = 0;

        for (size_t i = 0; i < ARRAY_LEN(names); i++)
                if (draw(2))
                        items[n++] = (struct fact_of_case){ str_of(names[i].name), str_of(names[i].values[draw(5)]) };
        return n;
}

static struct deadline_case any_case(struct fact_of_case items[FACTS])
{
        struct deadline_case c = { .facts = { .items = items } };

        for (int i = 0; i < _EVENT_MAX; i++)
                c.at[i] = draw(2) ? any_time() : USEC_NONE;
        c.facts.n = any_facts(items);
        return c;
}

static struct deadline *all_of(const struct regimes *of, const struct deadline_case *c, usec now, size_t *ret_n)
{
        struct deadline *list;

        cr_assert_eq(deadlines_of(of, c, now, true, arena, &list, ret_n, NULL), 0);
        return list;
}

/* An event that comes later never makes a deadline earlier. */
Test(cases_clock, later_is_never_earlier)
{
        seed("later_is_never_earlier");
        for (int run = 0; run < RUNS; run++) {
                struct fact_of_case items[FACTS];
                struct deadline_case c = any_case(items), later;
                enum case_event event = (enum case_event)draw(_EVENT_MAX);
                static const usec steps[] = { USEC_PER_SEC, USEC_PER_MINUTE, USEC_PER_HOUR, USEC_PER_DAY, 40 * USEC_PER_DAY };
                usec now = any_time();
                struct deadline *a, *b;
                size_t n, m;

                if (c.at[event] == USEC_NONE)
                        c.at[event] = any_time();
                later = c;
                later.at[event] += steps[draw(ARRAY_LEN(steps))] * (usec)(1 + draw(3));
                a = all_of(&regimes, &c, now, &n);
                b = all_of(&regimes, &later, now, &m);
                cr_assert_eq(n, m);
                for (size_t i = 0; i < n; i++) {
                        const struct deadline *other = find(b, m, a[i].regime->id, a[i].duty->id);

                        cr_assert(other);
                        cr_assert((a[i].due == USEC_NONE) == (other->due == USEC_NONE));
                        cr_assert(a[i].due == USEC_NONE || a[i].due <= other->due, "%s %s: %s", a[i].regime->id.p, a[i].duty->id.p, a[i].why.p);
                        cr_assert(a[i].due == USEC_NONE || a[i].due >= a[i].start);
                }
                arena_reset(arena);
        }
}

/* Spans in hours are as long as they say, whatever the walls show. */
Test(cases_clock, hours_are_hours)
{
        seed("hours_are_hours");
        for (int run = 0; run < RUNS; run++) {
                struct fact_of_case items[FACTS];
                struct deadline_case c = any_case(items);
                struct deadline *list;
                size_t n;

                list = all_of(&regimes, &c, any_time(), &n);
                for (size_t i = 0; i < n; i++) {
                        const struct deadline *d = &list[i];
                        struct time_parts end;

                        if (d->due == USEC_NONE)
                                continue;
                        zone_split(d->regime->tz, d->due, &end);
                        if (d->duty->unit == WITHIN_HOURS)
                                cr_assert_eq(d->due - d->start, (usec)d->duty->amount * USEC_PER_HOUR);
                        else
                                cr_assert(end.hour == 23 && end.minute == 59 && end.second == 59);
                        if (d->duty->unit == WITHIN_CALENDAR_DAYS)
                                cr_assert_eq(zone_day(d->regime->tz, d->due) - zone_day(d->regime->tz, d->start), d->duty->amount);
                        if (d->duty->unit == WITHIN_WORKING_DAYS)
                                cr_assert(end.weekday < 5);
                }
                arena_reset(arena);
        }
}

/* The zone in which a moment is told, and the one that the machine is in, change what is shown, never the instant. */
Test(cases_clock, zones_change_the_display_only)
{
        static const char *const zones[] = { "Asia/Seoul", "America/New_York", "Europe/Berlin", "Pacific/Chatham", "UTC", "-03:30" };

        seed("zones_change_the_display_only");
        for (int run = 0; run < RUNS / 4; run++) {
                struct fact_of_case items[FACTS];
                struct deadline_case c = any_case(items), told;
                usec now = any_time();
                struct deadline *a, *b;
                size_t n, m;

                setenv("TZ", "Asia/Tokyo", 1);
                tzset();
                a = all_of(&regimes, &c, now, &n);
                told = c;
                for (int i = 0; i < _EVENT_MAX; i++) {
                        CLEANUP(zone_freep) struct zone *z = NULL;
                        const char *zone = zones[draw(ARRAY_LEN(zones))];
                        char text[ZONE_TEXT_BYTES + 40];

                        if (c.at[i] == USEC_NONE)
                                continue;
                        cr_assert_eq(zone_open(NULL, str_of(zone), &z, NULL), 0);
                        zone_format_iso(z, c.at[i], text);
                        told.at[i] = moment(str_of(text));
                        cr_assert_eq(told.at[i], c.at[i], "%s", text);
                }
                setenv("TZ", "America/Los_Angeles", 1);
                tzset();
                b = all_of(&regimes, &told, now, &m);
                cr_assert_eq(n, m);
                for (size_t i = 0; i < n; i++)
                        cr_assert(a[i].duty == b[i].duty && a[i].due == b[i].due && a[i].state == b[i].state && str_eq(a[i].why, b[i].why));
                arena_reset(arena);
        }
}

static void shuffle(void *items, size_t n, size_t size)
{
        char held[sizeof(struct regime) + sizeof(struct fact_of_case)], *p = items;

        for (size_t i = n; i > 1; i--) {
                size_t k = draw(i);

                memcpy(held, p + (i - 1) * size, size);
                memmove(p + (i - 1) * size, p + k * size, size);
                memcpy(p + k * size, held, size);
        }
}

Test(cases_clock, order_does_not_matter)
{
        struct regime *mixed = calloc(regimes.n, sizeof *mixed);
        struct regimes other = regimes;

        seed("order_does_not_matter");
        memcpy(mixed, regimes.items, regimes.n * sizeof *mixed);
        other.items = mixed;
        for (int run = 0; run < RUNS / 4; run++) {
                struct fact_of_case items[FACTS], others[FACTS];
                struct deadline_case c = any_case(items), d = c;
                usec now = any_time();
                struct deadline *a, *b;
                size_t n, m;

                memcpy(others, items, sizeof items);
                d.facts.items = others;
                shuffle(others, d.facts.n, sizeof *others);
                shuffle(mixed, regimes.n, sizeof *mixed);
                a = all_of(&regimes, &c, now, &n);
                b = all_of(&other, &d, now, &m);
                cr_assert_eq(n, m);
                for (size_t i = 0; i < n; i++)
                        cr_assert(a[i].duty == b[i].duty && a[i].due == b[i].due && a[i].applies == b[i].applies && a[i].state == b[i].state,
                                  "%s %s, %s %s", a[i].regime->id.p, a[i].duty->id.p, b[i].regime->id.p, b[i].duty->id.p);
                arena_reset(arena);
        }
        free(mixed);
}

/* More that is known never ends in another clock than one that ran as "may apply": it turns to yes or no, or stays. */
Test(cases_clock, knowing_more_decides_only_what_was_open)
{
        seed("knowing_more_decides_only_what_was_open");
        for (int run = 0; run < RUNS; run++) {
                struct fact_of_case items[FACTS], more[FACTS];
                struct deadline_case c = any_case(items), d;
                size_t yesno = 5 + draw(4), n, m;
                struct deadline *a, *b;

                /* a plain yes or no that nobody said yet */
                if (facts_get(&c.facts, str_of(names[yesno].name)).p || c.facts.n == FACTS)
                        continue;
                memcpy(more, items, sizeof items);
                more[c.facts.n] = (struct fact_of_case){ str_of(names[yesno].name), draw(2) ? STR("yes") : STR("no") };
                d = c;
                d.facts = (struct facts){ .items = more, .n = c.facts.n + 1 };
                a = all_of(&regimes, &c, 0, &n);
                b = all_of(&regimes, &d, 0, &m);
                for (size_t i = 0; i < n; i++) {
                        const struct deadline *other = find(b, m, a[i].regime->id, a[i].duty->id);

                        cr_assert(a[i].applies == TRUTH_UNKNOWN || a[i].applies == other->applies, "%s %s", a[i].regime->id.p, a[i].duty->id.p);
                }
                arena_reset(arena);
        }
}

/* As many facts as a case can have: done in a moment. */
Test(cases_clock, many_facts, .timeout = 10)
{
        struct fact_of_case *items = arena_array(arena, FACTS_MAX, sizeof *items);
        struct deadline_case c = { .facts = { .items = items, .n = FACTS_MAX } };
        size_t n;

        for (size_t i = 0; i < FACTS_MAX; i++)
                items[i] = (struct fact_of_case){ arena_printf(arena, "people.%c%c-%03zu", (char)('a' + i % 26), (char)('a' + i / 26 % 26), i % 1000), STR("1") };
        for (int i = 0; i < _EVENT_MAX; i++)
                c.at[i] = any_time();
        all_of(&regimes, &c, 0, &n);
        cr_assert_gt(n, 0);
}
