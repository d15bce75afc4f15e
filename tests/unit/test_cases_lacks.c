/* SPDX-License-Identifier: Apache-2.0 */

/* The clocks of a case as its entries have them, and what its notices lack; by the laws that come along. */

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor/cases/lacks.h"

enum { ENTRIES_MAX = 32 };

struct said {
        const char *kind, *key, *value, *status;
};

static struct arena *arena;
static struct store_case_entry entries[ENTRIES_MAX];
static struct regimes regimes;

static void setup(void)
{
        struct err_list errors = ERR_LIST_INIT;
        const char *top = getenv("SHOPBELL_SRCDIR");
        static char dir[4096];
        const char *const dirs[] = { dir };

        snprintf(dir, sizeof dir, "%s/regimes.d", top ? top : ".");
        arena = arena_new();
        cr_assert_eq(regimes_load(dirs, 1, &regimes, &errors), 0);
        cr_assert_eq(errors.n, 0, "%s", errors.n > 0 ? errors.items[0].text : "");
        cr_assert_gt(regimes.n, 20, "no laws in %s", dir);
}

static void teardown(void)
{
        regimes_done(&regimes);
        arena_free(arena);
}

TestSuite(lacks, .init = setup, .fini = teardown);

static struct casefile read_said(const struct said *said, size_t n)
{
        struct casefile c;

        cr_assert_leq(n, ENTRIES_MAX);
        for (size_t i = 0; i < n; i++)
                entries[i] = (struct store_case_entry){ .case_id = 1, .kind = str_of(said[i].kind), .key = str_of(said[i].key), .value = str_of(said[i].value),
                                                        .status = str_of(said[i].status), .because = STR("so it is"), .by = STR("mei") };
        cr_assert_eq(casefile_of(entries, n, arena, &c), 0);
        cr_expect_eq(c.n_unread, 0);
        return c;
}

#define HOUR(n) ((n) * USEC_PER_HOUR)
#define START "1789000000000000 UTC" /* 2026-09-10 */
#define START_AT INT64_C(1789000000000000)

static const struct deadline *clock_of(const struct casefile *c, const char *regime, const char *duty)
{
        struct deadline *clocks;
        struct err err = { 0 };
        size_t n;

        cr_assert_eq(casefile_deadlines(c, &regimes, START_AT + HOUR(80), true, arena, &clocks, &n, &err), 0, "%s", err.text);
        for (size_t i = 0; i < n; i++)
                if (str_eqz(clocks[i].regime->id, regime) && str_eqz(clocks[i].duty->id, duty))
                        return &clocks[i];
        cr_assert(false, "%s/%s", regime, duty);
        return NULL;
}

static struct str fact_of(const struct casefile *c, const char *name)
{
        struct deadline_case clock;

        cr_assert_eq(casefile_clock(c, arena, &clock), 0);
        return facts_get(&clock.facts, str_of(name));
}

Test(lacks, facts_of_a_case)
{
        const struct said said[] = { { "opened", "", "t", "" }, { "set", "people.kr", "1,200", "confirmed" }, { "set", "people.sg", "40", "estimated" },
                                     { "set", "people.jp", "10-30", "confirmed" }, { "set", "people.th", "at least 7", "confirmed" },
                                     { "set", "data", "email,password", "confirmed" }, { "set", "sensitive", "", "unknown" },
                                     { "alert", "0123456789abcdef0123456789abcdef", "s", "" } };
        struct casefile c = read_said(said, ARRAY_LEN(said));
        static const char *const want[][2] = { { "people.kr", "1200" }, { "people.sg", ">=40" }, { "people.jp", "10-30" }, { "people.th", ">=7" },
                                               { "data", "email,password" }, { "alerts", "1" } };

        for (size_t i = 0; i < ARRAY_LEN(want); i++)
                cr_expect(str_eqz(fact_of(&c, want[i][0]), want[i][1]), "%s is " STR_FMT, want[i][0], STR_ARG(fact_of(&c, want[i][0])));
        cr_expect_null(fact_of(&c, "sensitive").p, "what is not known is no fact");
}

Test(lacks, clocks_of_a_case)
{
        const struct said said[] = { { "opened", "", "t", "" }, { "mark", "aware", START, "" }, { "set", "people.sg", "5", "confirmed" },
                                     { "set", "seller", "sg", "confirmed" }, { "set", "people.gb", "9", "confirmed" },
                                     { "set", "high-risk", "no", "confirmed" }, { "set", "risk", "yes", "confirmed" }, { "set", "credentials", "no", "confirmed" }, { "set", "sensitive", "no", "confirmed" }, { "set", "financial", "no", "confirmed" },
                                     { "mark", "aware/uk-gdpr", "1789003600000000 UTC", "" } };
        struct casefile c = read_said(said, ARRAY_LEN(said));
        const struct deadline *d = clock_of(&c, "uk-gdpr", "authority");

        cr_expect(d->applies == TRUTH_YES && d->state == DEADLINE_OVER && d->due == START_AT + HOUR(73), "its own mark goes before that of all");
        cr_expect_eq(clock_of(&c, "sg-pdpa", "authority")->applies, TRUTH_NO, "fewer than 500");
        cr_expect_eq(clock_of(&c, "id-pdp", "authority")->applies, TRUTH_NO, "nobody there");
}

Test(lacks, what_a_person_decided_goes_first)
{
        const struct said said[] = { { "opened", "", "t", "" }, { "mark", "aware", START, "" }, { "set", "people.gb", "9", "confirmed" },
                                     { "regime", "id-pdp", "yes", "" }, { "regime", "uk-gdpr", "no", "" }, { "done", "id-pdp/authority", "1789300000000000 UTC", "" } };
        struct casefile c = read_said(said, ARRAY_LEN(said));
        const struct deadline *d = clock_of(&c, "id-pdp", "authority");

        cr_expect(d->applies == TRUTH_YES && d->state == DEADLINE_DONE_LATE);
        cr_expect_neq(str_find(d->why, STR("mei said that it applies: so it is")), SIZE_MAX, STR_FMT, STR_ARG(d->why));
        d = clock_of(&c, "uk-gdpr", "authority");
        cr_expect_eq(d->applies, TRUTH_NO);
        cr_expect_neq(str_find(d->why, STR("mei said that it does not apply: so it is")), SIZE_MAX, STR_FMT, STR_ARG(d->why));
        cr_expect_eq(regime_find(&regimes, STR("uk-gdpr"))->decided.p, NULL, "the laws themselves stay as they are");
}

/* ---- What is missing ---- */

static const struct lack *lack_of(const struct casefile *c, const char *regime, enum duty_to to, const char *content)
{
        struct lack *lacks;
        size_t n;

        cr_assert_eq(casefile_lacks(c, regime_find(&regimes, str_of(regime)), arena, &lacks, &n), 0);
        for (size_t i = 0; i < n; i++)
                if (lacks[i].to == to && str_eqz(str_of(lacks[i].content->content->id), content))
                        return &lacks[i];
        return NULL;
}

Test(lacks, an_empty_case_lacks_all)
{
        const struct said said[] = { { "opened", "", "t", "" } };
        struct casefile c = read_said(said, 1);
        size_t all = 0, n;
        struct lack *lacks;

        for (size_t r = 0; r < regimes.n; r++) {
                for (size_t to = 0; to < _DUTY_TO_MAX; to++)
                        all += regimes.items[r].n_contents[to];
                cr_assert_eq(casefile_lacks(&c, &regimes.items[r], arena, &lacks, &n), 0);
                for (size_t i = 0; i < n; i++)
                        cr_expect(lacks[i].fields[0] && !lacks[i].has_chief);
                all -= n;
        }
        cr_expect_eq(all, 0, "each content is made of some field");
}

Test(lacks, what_was_said_is_not_missing)
{
        const struct said said[] = { { "opened", "", "t", "" }, { "set", "data", "email", "confirmed" }, { "set", "contact", "mei", "confirmed" },
                                     { "set", "containment", "keys revoked", "estimated" }, { "set", "rights.kr", "ask the PIPC", "confirmed" },
                                     { "set", "cause", "", "unknown" } };
        struct casefile c = read_said(said, ARRAY_LEN(said));
        const struct lack *l;

        cr_expect_null(lack_of(&c, "kr-pipa", TO_PEOPLE, "data"));
        cr_expect_null(lack_of(&c, "kr-pipa", TO_PEOPLE, "damages"), "of its country");
        cr_expect(lack_of(&c, "nz-privacy", TO_PEOPLE, "complaint"), "not of another one");
        l = lack_of(&c, "kr-pipa", TO_PEOPLE, "measures");
        cr_assert_not_null(l);
        cr_expect(l->has_chief && l->may_wait && str_eqz(str_of(l->fields[0]), "mitigation") && str_eqz(str_of(l->fields[1]), "remedy") && !l->fields[2]);
        l = lack_of(&c, "kr-pipa", TO_PEOPLE, "contact");
        cr_assert_not_null(l);
        cr_expect(l->has_chief && !l->may_wait && str_eqz(str_of(l->fields[0]), "help-desk"));
}
