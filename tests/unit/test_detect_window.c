/* SPDX-License-Identifier: Apache-2.0 */

/* Windows against the definition: random hits with equal stamps, hits exactly one timespan apart and duplicates, in every
 * order of arrival, after every single hit. */

#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/unit/detect_window.h"

enum { ROUNDS = 60, TIMESPAN = 10 };

static void take(struct window *w, const struct window_rule *rule, const struct planned *h, struct listener *l, int wanted)
{
        struct episode_sink sink = listener_sink(l);
        struct hit hit = plan_hit(h, rule->kind);

        cr_assert_eq(window_take(w, rule, &hit, &sink), wanted);
}

static void try_plan(const struct plan *p, const struct window_rule *rule, struct dice *d, const char *what)
{
        struct listener l = { 0 };
        struct episode_sink sink = listener_sink(&l);
        struct expectation x;
        struct window w;

        window_init(&w);
        for (size_t i = 0; i < p->n; i++) {
                take(&w, rule, &p->hits[i], &l, 1);
                if (dice_roll(d, 4) == 0)
                        take(&w, rule, &p->hits[dice_roll(d, i + 1)], &l, 0);
                if (rule->waits)
                        continue;
                expect(&x, p, i + 1, rule);
                expect_same(&w, &l, &x, what);
        }
        cr_assert_eq(window_judge(&w, rule, INT64_MAX, &sink), 0);
        expect(&x, p, p->n, rule);
        expect_same(&w, &l, &x, what);
        window_done(&w);
}

Test(detect_window, follows_the_definition_in_any_order)
{
        static const char *const orders[] = { "sorted", "newest first", "shuffled", "two files" };
        struct dice d = { 20261123 };

        for (size_t r = 0; r < ARRAY_LEN(plan_rules); r++) {
                struct window_rule rule = plan_rule_make(&plan_rules[r], TIMESPAN);

                for (unsigned round = 0; round < ROUNDS; round++)
                        for (int order = 0; order < _PLAN_ORDER_MAX; order++) {
                                char what[96];
                                struct plan p;

                                plan_make(&p, &d, 1 + dice_roll(&d, 40), TIMESPAN, rule.parameters.n_members);
                                plan_order(&p, &d, order);
                                snprintf(what, sizeof what, "rule %zu (%s), round %u, %s", r, rule.kind->name, round,
                                         orders[order]);
                                try_plan(&p, &rule, &d, what);
                        }
        }
}

/* The same hits in another order: the same episodes. */
Test(detect_window, order_of_arrival_does_not_matter)
{
        struct window_rule rule = plan_rule_make(&plan_rules[1], TIMESPAN);
        struct dice d = { 7 };

        for (unsigned round = 0; round < 200; round++) {
                struct expectation before, after;
                struct plan p;

                plan_make(&p, &d, 30, TIMESPAN, 1);
                expect(&before, &p, p.n, &rule);
                plan_order(&p, &d, PLAN_SHUFFLED);
                expect(&after, &p, p.n, &rule);
                cr_assert_eq(before.n_episodes, after.n_episodes);
                try_plan(&p, &rule, &d, "shuffled");
        }
}

/* ---- Named cases ---- */

static const struct {
        const char *what;
        usec times[8];
        size_t n;
        const char *least;
        struct expected episodes[3];
        size_t n_episodes, n_merged;
} cases[] = {
        { "exactly one timespan apart is one window", { 0, 10 }, 2, "2", { { 0, 10, 2, 2 } }, 1, 0 },
        { "a little more is not", { 0, 11 }, 2, "2", { { 0 } }, 0, 0 },
        { "equal stamps", { 5, 5, 5 }, 3, "3", { { 5, 5, 3, 3 } }, 1, 0 },
        { "neighbours one timespan apart are one episode", { 0, 1, 11, 12 }, 4, "2", { { 0, 12, 4, 2 } }, 1, 0 },
        { "two episodes", { 0, 1, 12, 13 }, 4, "2", { { 0, 1, 2, 2 }, { 12, 13, 2, 2 } }, 2, 0 },
        { "a late hit joins two", { 0, 1, 12, 13, 6 }, 5, "2", { { 0, 13, 5, 3 } }, 1, 1 },
        { "an episode grows backwards under its name", { 20, 21, 11 }, 3, "2", { { 11, 21, 3, 3 } }, 1, 0 },
        { "a late hit fills a window", { 0, 9, 4 }, 3, "3", { { 0, 9, 3, 3 } }, 1, 0 },
        { "negative times", { -30, -25, -12 }, 3, "2", { { -30, -25, 2, 2 } }, 1, 0 },
};

Test(detect_window, named_cases)
{
        for (size_t c = 0; c < ARRAY_LEN(cases); c++) {
                struct plan_rule text = { "event_count", { { .op = SIGMA_GTE, .number = str_of(cases[c].least) } }, 1, 1 };
                struct window_rule rule = plan_rule_make(&text, TIMESPAN);
                struct listener l = { 0 };
                struct window w;

                window_init(&w);
                for (size_t i = 0; i < cases[c].n; i++)
                        take(&w, &rule, &(struct planned){ .time = cases[c].times[i], .record = (unsigned)i }, &l, 1);
                cr_expect_eq(w.episodes.n, cases[c].n_episodes, "%s", cases[c].what);
                cr_expect_eq(l.n_merged, cases[c].n_merged, "%s", cases[c].what);
                for (size_t i = 0; i < w.episodes.n && i < cases[c].n_episodes; i++) {
                        const struct expected *e = &cases[c].episodes[i];

                        cr_expect_eq(w.episodes.items[i].first, e->first, "%s", cases[c].what);
                        cr_expect_eq(w.episodes.items[i].last, e->last, "%s", cases[c].what);
                        cr_expect_eq(w.episodes.items[i].count, e->count, "%s", cases[c].what);
                        cr_expect_eq(w.episodes.items[i].peak, e->peak, "%s", cases[c].what);
                }
                window_done(&w);
        }
}

/* A record that comes again is known by its key, whatever its time; another rule's hit on it is another hit. */
Test(detect_window, duplicates)
{
        struct window_rule rule = plan_rule_make(&plan_rules[2], TIMESPAN);
        struct listener l = { 0 };
        struct window w;

        window_init(&w);
        for (unsigned i = 0; i < 60; i++) {
                struct planned h = { .time = i, .record = i }, later = { .time = i + 500, .record = i };
                struct planned other = { .time = i, .record = i, .member = 1 };

                take(&w, &rule, &h, &l, 1);
                take(&w, &rule, &h, &l, 0);
                take(&w, &rule, &later, &l, 0);
                take(&w, &rule, &other, &l, 1);
                take(&w, &rule, &other, &l, 0);
        }
        cr_expect_eq(w.hits.n, 120);
        window_done(&w);
}

/* ---- Forgetting ---- */

/* With a mark that follows behind the hits nothing changes but memory: episodes are told as if all were held. */
Test(detect_window, settling_loses_nothing)
{
        struct dice d = { 99 };

        for (size_t r = 0; r < ARRAY_LEN(plan_rules); r++)
                for (unsigned round = 0; round < 30; round++) {
                        struct window_rule rule = plan_rule_make(&plan_rules[r], TIMESPAN);
                        struct listener all = { 0 }, some = { 0 };
                        struct episode_sink all_sink = listener_sink(&all), some_sink = listener_sink(&some);
                        struct window w, small;
                        struct plan p;

                        window_init(&w);
                        window_init(&small);
                        plan_make(&p, &d, 40, TIMESPAN, rule.parameters.n_members);
                        plan_order(&p, &d, PLAN_SORTED);
                        for (size_t i = 0; i < p.n; i++) {
                                take(&w, &rule, &p.hits[i], &all, 1);
                                take(&small, &rule, &p.hits[i], &some, 1);
                                window_judge(&small, &rule, p.hits[i].time, &some_sink);
                                window_settle(&small, &rule, p.hits[i].time);
                                cr_assert(small.hits.n == 0 ||
                                          hits_at(&small.hits, 0)->time >= p.hits[i].time - TIMESPAN);
                        }
                        window_judge(&w, &rule, INT64_MAX, &all_sink);
                        window_judge(&small, &rule, INT64_MAX, &some_sink);
                        cr_assert_eq(all.n, some.n, "rule %zu", r);
                        for (size_t i = 0; i < all.n; i++)
                                cr_assert(all.alerts[i].first == some.alerts[i].first &&
                                                  all.alerts[i].last == some.alerts[i].last &&
                                                  all.alerts[i].count == some.alerts[i].count,
                                          "rule %zu, round %u", r, round);
                        window_settle(&small, &rule, 1000 * TIMESPAN);
                        cr_assert(window_is_empty(&small));
                        window_done(&w);
                        window_done(&small);
                }
}

Test(detect_window, trimming_keeps_counts)
{
        struct window_rule rule = plan_rule_make(&plan_rules[2], TIMESPAN);
        struct listener l = { 0 };
        struct window w;
        size_t gone = 0;

        window_init(&w);
        for (unsigned i = 0; i < 1000; i++) {
                take(&w, &rule, &(struct planned){ .time = i / 100, .record = i }, &l, 1);
                gone += window_trim(&w, &rule, 100);
                cr_assert(w.hits.n <= 100);
        }
        cr_expect_eq(gone + w.hits.n, 1000);
        cr_expect_eq(w.episodes.n, 1);
        cr_expect_eq(w.episodes.items[0].count, 1000);
        take(&w, &rule, &(struct planned){ .time = 9, .record = 999 }, &l, 0);
        take(&w, &rule, &(struct planned){ .time = 0, .record = 0 }, &l, 1); /* what went is no longer known */
        window_done(&w);
}

/* ---- Cost ---- */

/* Many hits in one window. Work that grows with the square of their number would take hours here. */
static void fill(const char *kind, enum plan_order order, unsigned n)
{
        struct plan_rule text = { kind, { LIMIT(GTE, "50000") }, 1, 1 };
        struct window_rule rule = plan_rule_make(&text, 1000000);
        struct listener l = { 0 };
        struct episode_sink sink = listener_sink(&l);
        struct window w;

        window_init(&w);
        for (unsigned i = 0; i < n; i++) {
                struct hit hit = { .time = order == PLAN_NEWEST_FIRST ? n - i : i, .n_values = 1 };

                memcpy(hit.key.b, &i, sizeof i);
                memcpy(hit.value.b, &i, sizeof i);
                cr_assert_eq(window_take(&w, &rule, &hit, &sink), 1);
        }
        cr_expect_eq(w.episodes.n, 1);
        cr_expect_eq(w.episodes.items[0].count, n);
        cr_expect_eq(w.episodes.items[0].peak, n);
        window_done(&w);
}

Test(detect_window, many_hits_in_order, .timeout = 60)
{
        fill("event_count", PLAN_SORTED, 200000);
        fill("value_count", PLAN_SORTED, 200000);
}

Test(detect_window, many_hits_newest_first, .timeout = 60)
{
        fill("event_count", PLAN_NEWEST_FIRST, 200000);
        fill("value_count", PLAN_NEWEST_FIRST, 200000);
}
