/* SPDX-License-Identifier: Apache-2.0 */

/* The engine of clocks over a small set of laws made here; tests/unit/test_cases_clock.c has the real ones. */

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "monitor/base/file.h"
#include "monitor/cases/deadline.h"

#define REST "languages: [en]\nauthority: {name: A}\nlaw: L\nsources: [S]\nchecked_on: 2026-11-23\nconfidence: high\n"

static const struct {
        const char *name, *text;
} files[] = {
        { "kr.yml", "id: kr\ntitle: K\ncountries: [kr]\nzone: Asia/Seoul\n" REST "duties:\n"
                    "  - {id: authority, title: T, to: authority, start: aware, within: 72 hours, when: people.here >= 1000 or illegal-access}\n"
                    "  - {id: people, title: T, to: people, start: possible, within: without delay}\n"
                    "  - {id: more, title: T, to: authority, start: told-authority, within: 24 hours, follow-up: true}\n" },
        { "sg.yml", "id: sg\ntitle: S\ncountries: [sg]\nzone: Asia/Singapore\n" REST "duties:\n"
                    "  - {id: assess, title: T, to: assessment, start: grounds, within: 30 calendar days}\n"
                    "  - {id: authority, title: T, to: authority, start: assessed, within: 3 calendar days}\n" },
        { "br.yml", "id: br\ntitle: B\ncountries: [br]\nzone: America/Sao_Paulo\nholidays: BR\n" REST "duties:\n"
                    "  - {id: authority, title: T, to: authority, start: aware, within: 3 working days}\n" },
        { "all.yml", "id: all\ntitle: A\nzone: UTC\nvalid_from: 2027-05-13\n" REST "duties:\n"
                     "  - {id: authority, title: T, to: authority, start: aware, within: 1 hour}\n"
                     "  - {id: more, title: T, to: authority, start: told-authority, within: 1 hour, follow-up: true}\n" },
        { "holidays/BR.yml", "code: BR\ntitle: T\nsource: S\nchecked_on: 2026-11-23\nuntil: 2026-12-31\ndays:\n  - {date: 11-20, name: Z}\n  - {date: 12-25, name: C}\n" },
};

static struct regimes regimes;
static struct arena *arena;

static void set_up(void)
{
        CLEANUP(err_list_done) struct err_list errors = ERR_LIST_INIT;
        char top[] = "/tmp/shopbell-deadline-XXXXXX", path[128];
        const char *const dirs[] = { top };

        cr_assert(mkdtemp(top));
        snprintf(path, sizeof path, "%s/holidays", top);
        cr_assert_eq(mkdir(path, 0700), 0);
        for (size_t i = 0; i < ARRAY_LEN(files); i++) {
                snprintf(path, sizeof path, "%s/%s", top, files[i].name);
                cr_assert_eq(file_replace(path, 0600, str_of(files[i].text)), 0);
        }
        cr_assert_eq(regimes_load(dirs, 1, &regimes, &errors), 0);
        cr_assert_eq(errors.n, 0, "%s", errors.n ? errors.items[0].text : "");
        for (size_t i = 0; i < ARRAY_LEN(files); i++) {
                snprintf(path, sizeof path, "%s/%s", top, files[i].name);
                unlink(path);
        }
        snprintf(path, sizeof path, "%s/holidays", top);
        rmdir(path);
        rmdir(top);
        arena = arena_new();
        cr_assert(arena);
}

static void tear_down(void)
{
        regimes_done(&regimes);
        arena_free(arena);
}

TestSuite(cases_deadline, .init = set_up, .fini = tear_down);

static usec at(const char *text)
{
        struct moment m;
        struct err err = { 0 };

        cr_assert_eq(moment_parse(str_of(text), 0, NULL, &m, &err), 0, "%s", err.text);
        return m.at;
}

static struct deadline_case empty(void)
{
        struct deadline_case c = { .n_marks = 0 };

        for (int i = 0; i < _EVENT_MAX; i++)
                c.at[i] = USEC_NONE;
        return c;
}

static struct deadline *of(const struct deadline_case *c, const char *now, bool with_others, size_t *ret_n)
{
        struct deadline *list;

        cr_assert_eq(deadlines_of(&regimes, c, at(now), with_others, arena, &list, ret_n, NULL), 0);
        return list;
}

static const struct deadline *find(const struct deadline *list, size_t n, const char *regime, const char *duty)
{
        for (size_t i = 0; i < n; i++)
                if (str_eqz(list[i].regime->id, regime) && str_eqz(list[i].duty->id, duty))
                        return &list[i];
        return NULL;
}

static void expect_due(const struct deadline *d, const char *want)
{
        char iso[ZONE_TEXT_BYTES];

        cr_assert(d);
        zone_format_iso(d->regime->tz, d->due, iso);
        cr_assert_str_eq(iso, want, "%s.%s: %s, want %s", d->regime->id.p, d->duty->id.p, iso, want);
}

Test(cases_deadline, korea)
{
        static const struct fact_of_case facts[] = { { { "people.kr", 9 }, { "1200", 4 } } };
        struct deadline_case c = empty();
        const struct deadline *d;
        struct deadline *list;
        size_t n;

        c.at[EVENT_SIGNAL] = at("2026-11-16 22:12 Asia/Seoul");
        c.at[EVENT_AWARE] = at("2026-11-17 16:00 Asia/Seoul");
        c.facts = (struct facts){ .items = facts, .n = 1 };
        list = of(&c, "2026-11-18 16:00 Asia/Seoul", false, &n);
        cr_assert_eq(n, 3); /* Singapore and Brazil: nobody there; the last is not in force yet */
        d = find(list, n, "kr", "authority");
        expect_due(d, "2026-11-20T16:00:00+09:00");
        cr_assert(d == list && d->state == DEADLINE_RUNNING && d->applies == TRUTH_YES && d->from == EVENT_AWARE && d->zone_minutes == 540);
        cr_assert(str_eqz(d->why, "72 hours from when the shop was aware (Tue 17 Nov 2026 16:00 KST); people.kr is 1200, which is 1000 or more"), "%s", d->why.p);
        d = find(list, n, "kr", "people");
        cr_assert(d == list + 1 && d->due == USEC_NONE && d->from == EVENT_SIGNAL && d->state == DEADLINE_RUNNING);
        cr_assert(str_find(d->why, STR("it stands in for when a leak was possible, which is not marked")) != SIZE_MAX, "%s", d->why.p);
        d = find(list, n, "kr", "more");
        cr_assert(d == list + 2 && d->state == DEADLINE_WAITING && d->due == USEC_NONE && d->start == USEC_NONE);

        /* Looked at years later, a clock that waits is one of the law as it was then. */
        list = of(&c, "2028-01-01 00:00 Asia/Seoul", false, &n);
        cr_assert_null(find(list, n, "all", "more"));

        list = of(&c, "2026-11-20 16:00:01 Asia/Seoul", false, &n);
        cr_assert_eq(list[0].state, DEADLINE_OVER);
        list = of(&c, "2026-11-20 16:00 Asia/Seoul", true, &n);
        cr_assert_eq(list[0].state, DEADLINE_RUNNING);
        cr_assert_eq(n, 8);
        d = find(list, n, "all", "authority");
        cr_assert(d && d->applies == TRUTH_NO && str_find(d->why, STR("in force from 2027-05-13")) != SIZE_MAX, "%s", d->why.p);
}

Test(cases_deadline, done)
{
        static const struct fact_of_case facts[] = { { { "illegal-access", 14 }, { "yes", 3 } }, { { "people.kr", 9 }, { "1", 1 } } };
        struct deadline_mark marks[2] = { { .event = EVENT_TOLD_AUTHORITY, .regime = { "kr", 2 }, .at = at("2026-11-20 16:01 Asia/Seoul") } };
        struct deadline_case c = empty();
        const struct deadline *d;
        struct deadline *list;
        size_t n;

        c.at[EVENT_AWARE] = at("2026-11-17 16:00 Asia/Seoul");
        c.facts = (struct facts){ .items = facts, .n = 2 };
        c.marks = marks;
        c.n_marks = 1;
        list = of(&c, "2026-11-21 16:00 Asia/Seoul", false, &n);
        d = find(list, n, "kr", "authority");
        cr_assert(d && d->state == DEADLINE_DONE_LATE && d->done_at == marks[0].at && d == list + n - 1);
        d = find(list, n, "kr", "more"); /* a follow-up is not ended by the first report, it starts with it */
        expect_due(d, "2026-11-21T16:01:00+09:00");
        cr_assert_eq(d->state, DEADLINE_RUNNING);

        marks[0].at = at("2026-11-20 16:00 Asia/Seoul");
        marks[1] = (struct deadline_mark){ .event = _EVENT_MAX, .regime = { "kr", 2 }, .duty = { "more", 4 }, .at = at("2026-11-21 09:00 Asia/Seoul") };
        c.n_marks = 2;
        list = of(&c, "2026-11-21 16:00 Asia/Seoul", false, &n);
        cr_assert_eq(find(list, n, "kr", "authority")->state, DEADLINE_DONE);
        cr_assert_eq(find(list, n, "kr", "more")->state, DEADLINE_DONE);
        /* a mark of the regime goes before that of all */
        c.at[EVENT_TOLD_AUTHORITY] = at("2026-11-25 16:00 Asia/Seoul");
        list = of(&c, "2026-11-21 16:00 Asia/Seoul", false, &n);
        cr_assert_eq(find(list, n, "kr", "authority")->state, DEADLINE_DONE);
        c.at[EVENT_TOLD_PEOPLE] = at("2026-11-25 16:00 Asia/Seoul");
        list = of(&c, "2026-11-21 16:00 Asia/Seoul", false, &n);
        cr_assert_eq(find(list, n, "kr", "people")->state, DEADLINE_DONE);
}

Test(cases_deadline, days)
{
        static const struct fact_of_case facts[] = { { { "people.sg", 9 }, { "1", 1 } }, { { "people.br", 9 }, { "1", 1 } } };
        struct deadline_case c = empty();
        struct deadline *list;
        const struct deadline *d;
        size_t n;

        c.facts = (struct facts){ .items = facts, .n = 2 };
        c.at[EVENT_GROUNDS] = at("2026-11-17 23:59 Asia/Singapore");
        c.at[EVENT_ASSESSED] = at("2026-11-18 00:01 Asia/Singapore");
        c.at[EVENT_AWARE] = at("2026-11-18 23:30 America/Sao_Paulo"); /* Wednesday; Friday is a holiday */
        list = of(&c, "2026-11-18 00:02 Asia/Singapore", false, &n);
        d = find(list, n, "sg", "assess");
        expect_due(d, "2026-12-17T23:59:59+08:00");
        cr_assert_eq(d->state, DEADLINE_DONE); /* by having assessed it */
        expect_due(find(list, n, "sg", "authority"), "2026-11-21T23:59:59+08:00");
        d = find(list, n, "br", "authority");
        expect_due(d, "2026-11-24T23:59:59-03:00"); /* Thursday, Monday, Tuesday */
        cr_assert(!d->is_uncertain);
        c.at[EVENT_AWARE] = at("2026-12-24 10:00 America/Sao_Paulo"); /* Friday is Christmas */
        list = of(&c, "2026-12-24 10:00 America/Sao_Paulo", false, &n);
        d = find(list, n, "br", "authority");
        expect_due(d, "2026-12-30T23:59:59-03:00");
        cr_assert(!d->is_uncertain);
        c.at[EVENT_AWARE] = at("2026-12-29 10:00 America/Sao_Paulo");
        list = of(&c, "2026-12-24 10:00 America/Sao_Paulo", false, &n);
        d = find(list, n, "br", "authority");
        expect_due(d, "2027-01-01T23:59:59-03:00"); /* nobody has looked at 2027 */
        cr_assert(d->is_uncertain && str_find(d->why, STR("list of holidays ends")) != SIZE_MAX);
}

Test(cases_deadline, nothing_is_known)
{
        struct deadline_case c = empty();
        struct deadline *list;
        size_t n;

        list = of(&c, "2026-11-18 00:02 Asia/Singapore", false, &n);
        cr_assert_eq(n, 6);
        for (size_t i = 0; i < n; i++)
                cr_assert(list[i].state == DEADLINE_WAITING && list[i].applies == TRUTH_UNKNOWN && list[i].due == USEC_NONE);
        list = of(&c, "2027-05-13 00:00 UTC", false, &n);
        cr_assert(n == 8 && find(list, n, "all", "authority")->applies == TRUTH_YES);
        list = of(&c, "2027-05-12 23:59:59 UTC", false, &n);
        cr_assert_eq(n, 6);
        c.at[EVENT_AWARE] = INT64_MAX; /* of a store that somebody wrote to */
        list = of(&c, "2027-05-12 23:59:59 UTC", false, &n);
        cr_assert_eq(list[0].state, DEADLINE_WAITING);
}
