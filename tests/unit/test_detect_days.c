/* SPDX-License-Identifier: Apache-2.0 */

/* Days against the definition (days.h): every run of N days is measured hit by hit. Random hits with equal stamps, on the
 * edges of days and exactly N days apart, in every order of arrival, late, delivered again, written and read in between. */

#include <criterion/criterion.h>
#include <stdio.h>

#include "monitor/detect/engine.h"
#include "monitor/detect/groups.h"
#include "monitor/detect/ledger.h"
#include "monitor/detect/state.h"
#include "tests/unit/detect_window.h"

static const struct plan_rule kinds[] = {
        { "event_count", { LIMIT(GTE, "2") }, 1, 1 },
        { "event_count", { LIMIT(GT, "5") }, 1, 3 },
        { "event_count", { LIMIT(GTE, "9"), LIMIT(GT, "3") }, 2, 2 },
        { "value_count", { LIMIT(GTE, "1") }, 1, 1 },
        { "value_count", { LIMIT(GTE, "3") }, 1, 1 },
        { "value_count", { LIMIT(GT, "4") }, 1, 2 },
        { "value_sum", { LIMIT(GTE, "0") }, 1, 1 },
        { "value_sum", { LIMIT(GT, "14.5") }, 1, 2 },
        { "value_sum", { LIMIT(GTE, "30") }, 1, 1 },
};

static const usec spans[] = { USEC_PER_DAY + 1, 2 * USEC_PER_DAY, 5 * USEC_PER_DAY / 2, 7 * USEC_PER_DAY };

static struct window_rule make_rule(const struct plan_rule *p, usec timespan)
{
        struct window_rule rule = plan_rule_make(p, timespan);

        cr_assert(!rule.waits && rule.kind->days != DAYS_NOT);
        rule.by_days = true;
        return rule;
}

/* Times like those of plan_make(), some of them moved to the edges of their days. */
static void make_plan(struct plan *p, struct dice *d, size_t n, const struct window_rule *rule)
{
        plan_make(p, d, n, rule->timespan, rule->parameters.n_members);
        for (size_t i = 0; i < n; i++) {
                usec start = day_start(ledger_day_of(p->hits[i].time));

                if (dice_roll(d, 3) == 0)
                        p->hits[i].time = dice_roll(d, 2) ? start : start + USEC_PER_DAY - 1;
        }
}

/* ---- The definition ---- */

static int32_t day_of(const struct planned *h)
{
        return ledger_day_of(h->time);
}

static void expect_episodes(struct expectation *x, const measure_t *peaks, int32_t span)
{
        for (size_t i = 0; i < x->sorted.n; i++) {
                const struct planned *h = &x->sorted.hits[i];
                struct expected *e = x->n_episodes ? &x->episodes[x->n_episodes - 1] : NULL;

                if (!x->is_hot[i])
                        continue;
                if (!e || day_of(h) - ledger_day_of(e->last) > span) {
                        e = &x->episodes[x->n_episodes++];
                        *e = (struct expected){ .first = h->time, .peak = MEASURE_NONE };
                }
                e->last = h->time;
                e->count++;
                if (peaks[i] > e->peak)
                        e->peak = peaks[i];
        }
}

/* Of the first `n` hits of a plan. */
static void expect_days(struct expectation *x, const struct plan *plan, size_t n, const struct window_rule *rule)
{
        int32_t span = (int32_t)((rule->timespan + USEC_PER_DAY - 1) / USEC_PER_DAY);
        measure_t peaks[PLAN_HITS_MAX];

        *x = (struct expectation){ .sorted = *plan };
        x->sorted.n = n;
        qsort(x->sorted.hits, n, sizeof *x->sorted.hits, plan_by_time);
        for (size_t i = 0; i < n; i++)
                peaks[i] = MEASURE_NONE;
        for (int32_t begin = day_of(&x->sorted.hits[0]) - span; begin <= day_of(&x->sorted.hits[n - 1]); begin++) {
                const struct planned *run[PLAN_HITS_MAX];
                size_t count = 0;
                measure_t m;

                for (size_t i = 0; i < n; i++)
                        if (day_of(&x->sorted.hits[i]) >= begin && day_of(&x->sorted.hits[i]) < begin + span)
                                run[count++] = &x->sorted.hits[i];
                m = expect_measure(rule, run, count);
                for (size_t i = 0; i < count && expect_met(rule, m); i++) {
                        size_t k = (size_t)(run[i] - x->sorted.hits);

                        x->is_hot[k] = true;
                        peaks[k] = m > peaks[k] ? m : peaks[k];
                }
        }
        expect_episodes(x, peaks, span);
}

static const struct day *find_day(const struct window *w, int32_t day)
{
        for (size_t i = 0; w->days && i < w->days->n; i++)
                if (w->days->items[i].day == day)
                        return &w->days->items[i];
        return NULL;
}

static void expect_days_held(const struct window *w, const struct expectation *x, const char *what)
{
        uint64_t n = 0;
        size_t bytes = w->days->bytes, n_prints = w->days->n_prints;

        for (size_t i = 0; i < x->sorted.n; i++) {
                const struct planned *h = &x->sorted.hits[i];
                const struct day *day = find_day(w, day_of(h));

                cr_assert(day && h->time >= day->first && h->time <= day->last, "%s: hit %zu", what, i);
                cr_assert_eq(day->is_hot, x->is_hot[i], "%s: day %d is %shot", what, (int)day->day,
                             x->is_hot[i] ? "not " : "");
        }
        for (size_t i = 0; i < w->days->n; i++)
                n += w->days->items[i].n;
        cr_assert_eq(n, x->sorted.n, "%s", what);
        days_filled(w->days);
        cr_assert(w->days->bytes == bytes && w->days->n_prints == n_prints, "%s: bytes are counted right", what);
}

static void expect_alerts(const struct window *w, const struct listener *l, const struct expectation *x, const char *what)
{
        size_t open = 0;

        cr_assert_eq(w->episodes.n, x->n_episodes, "%s: %zu episodes, not %zu", what, w->episodes.n, x->n_episodes);
        for (size_t i = 0; i < x->n_episodes; i++) {
                const struct episode *e = &w->episodes.items[i];
                const struct expected *y = &x->episodes[i], *a = &l->alerts[listener_number(e)];

                cr_assert(e->first == y->first && e->last == y->last && e->count == y->count && e->peak == y->peak,
                          "%s: episode %zu is %lld-%lld of %llu peak %lld, not %lld-%lld of %llu peak %lld", what, i,
                          (long long)e->first, (long long)e->last, (unsigned long long)e->count, (long long)e->peak,
                          (long long)y->first, (long long)y->last, (unsigned long long)y->count, (long long)y->peak);
                cr_assert(e->is_told && !e->is_changed && l->is_open[listener_number(e)]);
                cr_assert(a->first == y->first && a->last == y->last && a->count == y->count && a->peak == y->peak,
                          "%s: what was told last is old", what);
        }
        for (size_t i = 0; i < l->n; i++)
                open += l->is_open[i];
        cr_assert_eq(open, x->n_episodes, "%s", what);
}

/* ---- Taking ---- */

static void take(struct window *w, const struct window_rule *rule, const struct planned *h, struct listener *l, int wanted)
{
        struct episode_sink sink = listener_sink(l);
        struct hit hit = plan_hit(h, rule->kind);

        hit.has_evidence = h->record % 2;
        cr_assert_eq(window_has(w, &hit), wanted == 0);
        cr_assert_eq(window_take(w, rule, &hit, &sink), wanted);
}

static void reload(struct window *w, const struct window_rule *rule)
{
        struct strbuf blob = STRBUF_INIT, again = STRBUF_INIT;
        struct window copy;

        state_write(w, &blob);
        cr_assert(!strbuf_failed(&blob));
        window_init(&copy);
        cr_assert_eq(state_read(&copy, rule, strbuf_str(&blob)), 0);
        state_write(&copy, &again);
        cr_assert(str_eq(strbuf_str(&blob), strbuf_str(&again)), "reading and writing again gives the same bytes");
        window_done(w);
        *w = copy;
        strbuf_done(&blob);
        strbuf_done(&again);
}

static void try_plan(const struct plan *p, const struct window_rule *rule, struct dice *d, const char *what)
{
        struct listener l = { 0 };
        struct expectation x;
        struct window w;

        window_init(&w);
        for (size_t i = 0; i < p->n; i++) {
                take(&w, rule, &p->hits[i], &l, 1);
                if (dice_roll(d, 4) == 0)
                        take(&w, rule, &p->hits[dice_roll(d, i + 1)], &l, 0);
                if (dice_roll(d, 4) == 0)
                        reload(&w, rule);
                expect_days(&x, p, i + 1, rule);
                expect_days_held(&w, &x, what);
                expect_alerts(&w, &l, &x, what);
        }
        window_done(&w);
}

Test(detect_days, follow_the_definition_in_any_order)
{
        static const char *const orders[] = { "sorted", "newest first", "shuffled", "two files" };
        struct dice d = { 20261124 };

        for (size_t k = 0; k < ARRAY_LEN(kinds); k++)
                for (size_t s = 0; s < ARRAY_LEN(spans); s++)
                        for (unsigned round = 0; round < 12; round++)
                                for (int order = 0; order < _PLAN_ORDER_MAX; order++) {
                                        struct window_rule rule = make_rule(&kinds[k], spans[s]);
                                        char what[96];
                                        struct plan p;

                                        make_plan(&p, &d, 1 + dice_roll(&d, 40), &rule);
                                        plan_order(&p, &d, order);
                                        snprintf(what, sizeof what, "kind %zu (%s), span %zu, round %u, %s", k, rule.kind->name,
                                                 s, round, orders[order]);
                                        try_plan(&p, &rule, &d, what);
                                }
}

/* ---- Many values: estimates are those of the union ---- */

enum { MANY = 6000, MANY_DAYS = 5 };

static measure_t peak_of_many(unsigned step)
{
        static const struct plan_rule rule_text = { "value_count", { LIMIT(GTE, "1000") }, 1, 1 };
        struct window_rule rule = make_rule(&rule_text, 3 * USEC_PER_DAY);
        struct listener l = { 0 };
        struct window w;
        measure_t peak;

        window_init(&w);
        for (unsigned i = 0; i < MANY; i++) {
                unsigned n = i * step % MANY;
                struct planned h = {
                        .time = (usec)(n % MANY_DAYS) * USEC_PER_DAY + n, .record = n, .n_values = 1, .values = { n / 2 }
                };

                take(&w, &rule, &h, &l, 1);
                if (i == MANY / 2)
                        reload(&w, &rule);
        }
        cr_assert_eq(w.episodes.n, 1);
        cr_assert_eq(w.episodes.items[0].count, MANY);
        peak = w.episodes.items[0].peak;
        window_done(&w);
        return peak;
}

Test(detect_days, estimates_do_not_depend_on_order)
{
        measure_t peak = peak_of_many(1);

        /* The largest of the three runs has the values of three of five days. */
        cr_expect(peak > 2400 && peak < 3000, "%lld", (long long)peak);
        cr_expect_eq(peak_of_many(7), peak);
        cr_expect_eq(peak_of_many(MANY - 1), peak);
        cr_expect_eq(peak_of_many(1009), peak);
}

/* ---- Evidence ---- */

struct proof {
        struct hash128 keys[64];
        size_t n;
        bool is_late;
};

static void note_hot(void *userdata, const struct hit *hit, struct episode *e)
{
        struct proof *seen = userdata;

        if (hit->has_evidence)
                seen->keys[seen->n++] = hit->key;
        seen->is_late |= e->is_late;
}

static int note_merged(void *userdata, const struct episode *from, struct episode *into)
{
        (void)userdata;
        (void)from;
        (void)into;
        return 0;
}

static int note_changed(void *userdata, struct episode *e)
{
        struct proof *seen = userdata;

        seen->is_late |= e->is_late;
        return 0;
}

static void give(struct window *w, const struct window_rule *rule, unsigned record, usec t, struct proof *seen)
{
        struct episode_sink sink = { .hot = note_hot, .merged = note_merged, .changed = note_changed, .userdata = seen };
        struct hit hit = { .time = t, .key = plan_hash(record), .has_evidence = true, .is_late = record == 3 };

        cr_assert_eq(window_take(w, rule, &hit, &sink), 1);
}

static bool has_seen(const struct proof *seen, unsigned record)
{
        struct hash128 key = plan_hash(record);

        for (size_t i = 0; i < seen->n; i++)
                if (hash128_eq(&seen->keys[i], &key))
                        return true;
        return false;
}

/* What led to an alert is attached when it is raised: of each day the first records. */
Test(detect_days, earlier_evidence_is_attached)
{
        static const struct plan_rule text = { "event_count", { LIMIT(GTE, "23") }, 1, 1 };
        struct window_rule rule = make_rule(&text, 3 * USEC_PER_DAY);
        struct proof seen = { 0 };
        struct window w;

        window_init(&w);
        for (unsigned i = 0; i < 2; i++)
                give(&w, &rule, i, (usec)i, &seen);
        for (unsigned i = 2; i < 22; i++)
                give(&w, &rule, i, USEC_PER_DAY + (usec)i, &seen);
        cr_expect_eq(seen.n, 0);
        reload(&w, &rule);
        give(&w, &rule, 22, 2 * USEC_PER_DAY, &seen);
        cr_expect_eq(seen.n, 2 + DAYS_EVIDENCE_MAX + 1);
        cr_expect(has_seen(&seen, 0) && has_seen(&seen, 1) && has_seen(&seen, 2) && has_seen(&seen, 9));
        cr_expect(!has_seen(&seen, 10) && has_seen(&seen, 22));
        cr_expect(!days_want_evidence(w.days, USEC_PER_DAY) && days_want_evidence(w.days, 2 * USEC_PER_DAY));
        cr_expect(days_want_evidence(w.days, 9 * USEC_PER_DAY) && days_want_evidence(NULL, 0));
        cr_expect(seen.is_late, "one of them came late");
        give(&w, &rule, 23, 2 * USEC_PER_DAY + 1, &seen);
        cr_expect(has_seen(&seen, 23), "at once on a hot day");
        for (size_t i = 0; i < w.days->n; i++)
                cr_expect_null(w.days->items[i].evidence);
        window_done(&w);
}

/* ---- Forgetting ---- */

/* Hits that come up to `lateness` late, with a mark that follows: nothing changes but memory. */
static void try_settling(const struct plan *p, const struct window_rule *rule, usec lateness, struct dice *d)
{
        struct listener all = { 0 }, some = { 0 };
        usec latest = p->hits[0].time;
        struct window w, small;

        window_init(&w);
        window_init(&small);
        for (size_t i = 0; i < p->n; i++) {
                latest = p->hits[i].time > latest ? p->hits[i].time : latest;
                if (p->hits[i].time < latest - lateness)
                        continue;
                take(&w, rule, &p->hits[i], &all, 1);
                take(&small, rule, &p->hits[i], &some, 1);
                if (dice_roll(d, 2) == 0)
                        window_settle(&small, rule, latest - lateness);
                if (dice_roll(d, 4) == 0)
                        reload(&small, rule);
                if (p->hits[i].time >= latest - lateness)
                        take(&small, rule, &p->hits[i], &some, 0);
                days_filled(small.days);
        }
        cr_assert_eq(all.n, some.n, "%s", rule->kind->name);
        for (size_t i = 0; i < all.n; i++)
                cr_assert(all.alerts[i].first == some.alerts[i].first && all.alerts[i].last == some.alerts[i].last &&
                                  all.alerts[i].count == some.alerts[i].count && all.alerts[i].peak == some.alerts[i].peak &&
                                  all.is_open[i] == some.is_open[i],
                          "%s", rule->kind->name);
        cr_assert(window_settle(&small, rule, latest + 100 * USEC_PER_DAY));
        cr_assert(window_is_empty(&small));
        window_done(&w);
        window_done(&small);
}

Test(detect_days, settling_loses_nothing)
{
        struct dice d = { 815 };

        for (size_t k = 0; k < ARRAY_LEN(kinds); k++)
                for (size_t s = 0; s < ARRAY_LEN(spans); s++)
                        for (unsigned round = 0; round < 30; round++) {
                                struct window_rule rule = make_rule(&kinds[k], spans[s]);
                                struct plan p;

                                make_plan(&p, &d, 60, &rule);
                                plan_order(&p, &d, PLAN_SORTED);
                                for (size_t i = 0; i + 2 < p.n && round % 2; i++) { /* somewhat out of order */
                                        size_t other = i + 1 + dice_roll(&d, 2);
                                        struct planned h = p.hits[i];

                                        p.hits[i] = p.hits[other];
                                        p.hits[other] = h;
                                }
                                try_settling(&p, &rule, (usec)dice_roll(&d, 3) * USEC_PER_DAY / 2, &d);
                        }
}

/* The horizon of the manual: a repeat is known until its day is over and settled, then it is another hit. */
Test(detect_days, repeats_are_known_until_their_day_is_settled)
{
        struct window_rule rule = make_rule(&kinds[0], 3 * USEC_PER_DAY);
        struct planned h = { .time = 5, .record = 1 }, moved = { .time = USEC_PER_DAY, .record = 1 };
        struct planned other = { .time = 5, .record = 1, .member = 1 };
        struct listener l = { 0 };
        struct window w;

        window_init(&w);
        take(&w, &rule, &h, &l, 1);
        take(&w, &rule, &other, &l, 1);
        take(&w, &rule, &moved, &l, 0);
        cr_expect(!window_settle(&w, &rule, USEC_PER_DAY - 1));
        take(&w, &rule, &h, &l, 0);
        cr_expect(window_settle(&w, &rule, USEC_PER_DAY), "fingerprints go");
        cr_expect_eq(w.days->n_prints, 0);
        take(&w, &rule, &h, &l, 1);
        take(&w, &rule, &h, &l, 0);
        cr_expect_eq(w.episodes.items[0].count, 3);
        cr_expect(window_settle(&w, &rule, 3 * USEC_PER_DAY), "the day goes");
        cr_expect_eq(w.days->n, 0);
        cr_expect(!window_is_empty(&w), "its episode may still grow");
        window_done(&w);
}

Test(detect_days, limits_are_kept)
{
        static const struct plan_rule text = { "event_count", { LIMIT(GTE, "1") }, 1, 1 };
        struct window_rule rule = make_rule(&text, 3 * USEC_PER_DAY);
        struct listener l = { 0 };
        size_t gone = 0;
        struct window w;

        window_init(&w);
        for (unsigned i = 0; i < DAYS_FINGERPRINTS_MAX + 5000; i++) {
                take(&w, &rule, &(struct planned){ .time = i, .record = i }, &l, 1);
                gone += window_trim(&w, &rule, ENGINE_HITS_PER_KEY_MAX);
        }
        cr_expect_leq(w.days->n_prints, DAYS_FINGERPRINTS_MAX);
        cr_expect_eq(gone, DAYS_FINGERPRINTS_MAX + 5000 - w.days->n_prints);
        cr_expect_eq(w.episodes.items[0].count, DAYS_FINGERPRINTS_MAX + 5000, "counted all the same");
        window_done(&w);

        window_init(&w);
        gone = 0;
        for (unsigned i = 0; i < 2 * DAYS_MAX; i++) {
                struct hit hit = { .time = (usec)i * 4 * USEC_PER_DAY, .key = plan_hash(i) };

                cr_assert_eq(window_take(&w, &rule, &hit, &(struct episode_sink){ .hot = note_hot,
                                                                                  .merged = note_merged,
                                                                                  .changed = note_changed,
                                                                                  .userdata = &(struct proof){ .n = 0 } }),
                             1);
                gone += window_trim(&w, &rule, ENGINE_HITS_PER_KEY_MAX);
        }
        cr_expect_leq(w.days->n, DAYS_MAX);
        cr_expect_eq(gone + w.days->n, 2 * DAYS_MAX);
        window_done(&w);
}

/* ---- Damage ---- */

static void make_full(struct window *w, const struct window_rule *rule)
{
        static struct listener l;

        l = (struct listener){ 0 };
        window_init(w);
        for (unsigned i = 0; i < 1200; i++) {
                unsigned n = i < 900 ? 3 : i % 10; /* one day of many values, others of few */
                struct planned h = { .time = (usec)n * USEC_PER_DAY + i, .record = i, .member = i % 2, .n_values = 1,
                                     .values = { i } };

                take(w, rule, &h, &l, 1);
        }
        cr_assert(w->episodes.n > 0 && w->days->n == 10);
        window_settle(w, rule, 3 * USEC_PER_DAY);
}

static const struct plan_rule full_text = { "value_count", { LIMIT(GTE, "200") }, 1, 2 };

Test(detect_days, cut_bytes_are_refused)
{
        struct window_rule rule = make_rule(&full_text, 2 * USEC_PER_DAY), exact = rule;
        struct strbuf blob = STRBUF_INIT;
        struct window w, copy;

        make_full(&w, &rule);
        reload(&w, &rule);
        state_write(&w, &blob);
        for (size_t n = 0; n < blob.n; n++) {
                window_init(&copy);
                cr_assert_eq(state_read(&copy, &rule, str_from(blob.p, n)), -EBADMSG, "the first %zu bytes", n);
                window_done(&copy);
        }
        exact.by_days = false;
        window_init(&copy);
        cr_expect_eq(state_read(&copy, &exact, strbuf_str(&blob)), -EBADMSG, "days for a rule that keeps hits");
        strbuf_addc(&blob, 0);
        cr_expect_eq(state_read(&copy, &rule, strbuf_str(&blob)), -EBADMSG, "a byte more");
        strbuf_done(&blob);
        window_done(&w);
}

Test(detect_days, damaged_bytes_do_no_harm)
{
        static struct listener l;
        struct window_rule rule = make_rule(&full_text, 2 * USEC_PER_DAY);
        struct strbuf blob = STRBUF_INIT;
        struct dice d = { 4242 };
        size_t n_good = 0;
        struct window w;

        make_full(&w, &rule);
        state_write(&w, &blob);
        for (unsigned round = 0; round < 20000; round++) {
                size_t at = dice_roll(&d, dice_roll(&d, 2) ? blob.n : 300);
                struct hit hit = { .time = 4 * USEC_PER_DAY, .key = plan_hash(9999), .n_values = 1, .value = plan_hash(round) };
                struct episode_sink sink = listener_sink(&l);
                char before = blob.p[at], *copy = malloc(blob.n);
                struct window damaged;
                int r;

                cr_assert(copy);
                l = (struct listener){ 0 };
                blob.p[at] = (char)dice_roll(&d, 256);
                memcpy(copy, blob.p, blob.n);
                window_init(&damaged);
                r = state_read(&damaged, &rule, str_from(copy, blob.n));
                cr_assert(r == 0 || r == -EBADMSG, "gave %d", r);
                cr_assert(r == 0 || window_is_empty(&damaged));
                for (size_t i = 0; i < damaged.episodes.n; i++) /* numbers of this listener */
                        damaged.episodes.items[i].is_told = false;
                n_good += r == 0 && window_take(&damaged, &rule, &hit, &sink) == 1;
                window_trim(&damaged, &rule, 10);
                window_settle(&damaged, &rule, 6 * USEC_PER_DAY);
                window_done(&damaged);
                free(copy);
                blob.p[at] = before;
        }
        cr_expect_gt(n_good, 100);
        strbuf_done(&blob);
        window_done(&w);
}

/* ---- Size ---- */

/* 100,000 keys with a few values each, over a month, fit into a quarter of what an engine may take. */
Test(detect_days, bytes_of_a_key)
{
        static const struct plan_rule text = { "value_count", { LIMIT(GTE, "20") }, 1, 1 };
        struct window_rule rule = make_rule(&text, 30 * USEC_PER_DAY);
        struct strbuf blob = STRBUF_INIT;
        struct listener l = { 0 };
        size_t bytes, settled;
        struct window w;

        window_init(&w);
        for (unsigned i = 0; i < 5; i++)
                take(&w, &rule, &(struct planned){ .time = (usec)i * 5 * USEC_PER_DAY, .record = 2 * i, .n_values = 1, .values = { i } },
                     &l, 1);
        bytes = sizeof(struct group) + window_bytes(&w);
        window_settle(&w, &rule, 29 * USEC_PER_DAY);
        settled = sizeof(struct group) + window_bytes(&w);
        state_write(&w, &blob);
        if (getenv("SKETCH_FIGURES"))
                fprintf(stderr, "a key with 5 values on 5 days: %zu bytes, settled %zu, stored %zu\n", bytes, settled, blob.n);
        cr_expect_leq(100000 * bytes, ENGINE_BYTES_MAX / 4);
        cr_expect_leq(blob.n, 200);
        strbuf_done(&blob);
        window_done(&w);
}
