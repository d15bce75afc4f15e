/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_TESTS_UNIT_DETECT_WINDOW_H
#define SHOPBELL_TESTS_UNIT_DETECT_WINDOW_H

/* For tests of windows: what a window should say, computed from the definition alone (every hit against every window that
 * begins at a hit), and random sets of hits to try it on. */

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>

#include "monitor/detect/window.h"

enum { PLAN_HITS_MAX = 64, PLAN_VALUES_MAX = 3 };

/* ---- Random numbers that are the same everywhere ---- */

struct dice {
        uint64_t state;
};

static inline uint64_t dice_roll(struct dice *d, uint64_t sides)
{
        d->state ^= d->state << 13;
        d->state ^= d->state >> 7;
        d->state ^= d->state << 17;
        return d->state % sides;
}

/* ---- Sets of hits ---- */

struct planned {
        usec time;
        unsigned record; /* stands for the record's key */
        uint16_t member;
        unsigned values[PLAN_VALUES_MAX];
        unsigned n_values;
};

struct plan {
        struct planned hits[PLAN_HITS_MAX];
        size_t n;
};

static inline struct hash128 plan_hash(unsigned n)
{
        struct str text = str_from((const char *)&n, sizeof n);

        return hash128_of(&text, 1);
}

/* Times lie densely around the timespan, so that equal stamps and hits exactly one timespan apart are frequent. */
static inline void plan_make(struct plan *p, struct dice *d, size_t n, usec timespan, size_t n_members)
{
        p->n = n;
        for (size_t i = 0; i < n; i++) {
                struct planned *h = &p->hits[i];

                *h = (struct planned){ .record = (unsigned)i, .member = (uint16_t)dice_roll(d, n_members) };
                h->time = (usec)dice_roll(d, (uint64_t)(4 * timespan)) - timespan;
                if (i > 0 && dice_roll(d, 3) == 0)
                        h->time = p->hits[dice_roll(d, i)].time + (usec)dice_roll(d, 3) * timespan;
                h->n_values = (unsigned)dice_roll(d, PLAN_VALUES_MAX + 1);
                for (unsigned v = 0; v < h->n_values; v++)
                        h->values[v] = (unsigned)dice_roll(d, 6);
        }
}

enum plan_order { PLAN_SORTED, PLAN_NEWEST_FIRST, PLAN_SHUFFLED, PLAN_TWO_FILES, _PLAN_ORDER_MAX };

static inline int plan_by_time(const void *a, const void *b)
{
        const struct planned *x = a, *y = b;

        return x->time != y->time ? (x->time < y->time ? -1 : 1) : x->record < y->record ? -1 : 1;
}

static inline void plan_order(struct plan *p, struct dice *d, enum plan_order order)
{
        qsort(p->hits, p->n, sizeof *p->hits, plan_by_time);
        if (order == PLAN_NEWEST_FIRST)
                for (size_t i = 0; i < p->n / 2; i++) {
                        struct planned h = p->hits[i];

                        p->hits[i] = p->hits[p->n - 1 - i];
                        p->hits[p->n - 1 - i] = h;
                }
        for (size_t i = p->n; i > 1 && order == PLAN_SHUFFLED; i--) {
                size_t k = dice_roll(d, i);
                struct planned h = p->hits[i - 1];

                p->hits[i - 1] = p->hits[k];
                p->hits[k] = h;
        }
        if (order == PLAN_TWO_FILES) { /* every second one, then the others */
                struct plan all = *p;

                for (size_t i = 0; i < all.n; i++)
                        p->hits[i % 2 ? (all.n + 1) / 2 + i / 2 : i / 2] = all.hits[i];
        }
}

static inline struct hash128 plan_value(unsigned value, const struct kind *kind)
{
        return kind->brings == BRINGS_NUMBERS ? measure_pack((measure_t)value * MEASURE_MICRO) : plan_hash(1000 + value);
}

static inline struct hit plan_hit(const struct planned *h, const struct kind *kind)
{
        struct hit hit = { .time = h->time, .key = plan_hash(h->record), .member = h->member, .n_values = h->n_values };

        if (h->n_values == 1)
                hit.value = plan_value(h->values[0], kind);
        if (h->n_values > 1) {
                hit.values = calloc(h->n_values, sizeof *hit.values);
                cr_assert(hit.values);
                for (unsigned i = 0; i < h->n_values; i++)
                        hit.values[i] = plan_value(h->values[i], kind);
        }
        return hit;
}

/* ---- The definition ---- */

struct expected {
        usec first, last;
        uint64_t count;
        measure_t peak;
};

struct expectation {
        bool is_hot[PLAN_HITS_MAX]; /* of the sorted plan */
        struct plan sorted;
        struct expected episodes[PLAN_HITS_MAX];
        size_t n_episodes;
};

/* The longest row of rules in order: tries every choice of rules, then takes the earliest hits that fit. */
static inline uint64_t expect_row(const struct planned *const *hits, size_t n, size_t n_members)
{
        uint64_t best = 0;

        for (unsigned choice = 1; choice < 1U << n_members; choice++) {
                usec now = INT64_MIN;
                uint64_t length = 0;

                for (size_t m = 0; m < n_members && length != UINT64_MAX; m++) {
                        usec next = INT64_MAX;

                        if (!(choice & 1U << m))
                                continue;
                        for (size_t i = 0; i < n; i++)
                                if (hits[i]->member == m && hits[i]->time >= now && hits[i]->time < next)
                                        next = hits[i]->time;
                        length = next == INT64_MAX ? UINT64_MAX : length + 1;
                        now = next;
                }
                if (length != UINT64_MAX && length > best)
                        best = length;
        }
        return best;
}

static inline int by_size(const void *a, const void *b)
{
        measure_t x = *(const measure_t *)a, y = *(const measure_t *)b;

        return (x > y) - (x < y);
}

/* Of the numbers 0 to 5, in millionths. */
static inline measure_t expect_numbers(const struct window_rule *rule, const struct planned *const *hits, size_t n)
{
        measure_t all[PLAN_HITS_MAX * PLAN_VALUES_MAX], sum = 0;
        size_t n_all = 0, low;
        double place;

        for (size_t i = 0; i < n; i++)
                for (unsigned v = 0; v < hits[i]->n_values; v++) {
                        all[n_all++] = (measure_t)hits[i]->values[v] * MEASURE_MICRO;
                        sum += all[n_all - 1];
                }
        if (n_all == 0)
                return MEASURE_NONE;
        if (strcmp(rule->kind->name, "value_sum") == 0)
                return sum;
        if (strcmp(rule->kind->name, "value_avg") == 0)
                return sum / (measure_t)n_all;
        qsort(all, n_all, sizeof *all, by_size);
        place = (double)(n_all - 1) * (double)rule->parameters.percentile / 100e6;
        low = (size_t)place;
        return all[low] + (measure_t)((double)(all[low + 1 < n_all ? low + 1 : low] - all[low]) * (place - (double)low) + 0.01);
}

static inline measure_t expect_measure(const struct window_rule *rule, const struct planned *const *hits, size_t n)
{
        bool members[64] = { false }, values[64] = { false };
        measure_t n_members = 0, n_values = 0;

        if (rule->kind->brings == BRINGS_NUMBERS)
                return expect_numbers(rule, hits, n);
        for (size_t i = 0; i < n; i++) {
                n_members += !members[hits[i]->member];
                members[hits[i]->member] = true;
                for (unsigned v = 0; v < hits[i]->n_values; v++) {
                        n_values += !values[hits[i]->values[v]];
                        values[hits[i]->values[v]] = true;
                }
        }
        if (strcmp(rule->kind->name, "value_count") == 0)
                return n_values;
        if (strcmp(rule->kind->name, "temporal") == 0)
                return n_members;
        if (strcmp(rule->kind->name, "temporal_ordered") == 0)
                return (measure_t)expect_row(hits, n, rule->parameters.n_members);
        return (measure_t)n;
}

static inline bool expect_met(const struct window_rule *rule, measure_t measure)
{
        if (measure == MEASURE_NONE)
                return false;
        for (size_t i = 0; i < rule->limits.n; i++) {
                const struct sigma_limit *l = &rule->limits.items[i];
                double limit = strtod(l->number.p, NULL), m = (double)measure / rule->kind->scale;
                bool is_met = l->op == SIGMA_GT    ? m > limit
                              : l->op == SIGMA_GTE ? m >= limit
                              : l->op == SIGMA_LT  ? m < limit
                              : l->op == SIGMA_LTE ? m <= limit
                              : l->op == SIGMA_EQ  ? m == limit
                                                   : m != limit;

                if (!is_met)
                        return false;
        }
        return true;
}

/* Of the first `n` hits of a plan. */
static inline void expect(struct expectation *x, const struct plan *plan, size_t n, const struct window_rule *rule)
{
        *x = (struct expectation){ .sorted = *plan };
        x->sorted.n = n;
        qsort(x->sorted.hits, n, sizeof *x->sorted.hits, plan_by_time);
        measure_t peaks[PLAN_HITS_MAX];

        for (size_t i = 0; i < n; i++)
                peaks[i] = MEASURE_NONE;

        for (size_t s = 0; s < n; s++) {
                const struct planned *window[PLAN_HITS_MAX], *start = &x->sorted.hits[s];
                size_t count = 0;
                measure_t m;

                for (size_t i = 0; i < n; i++) {
                        const struct planned *h = &x->sorted.hits[i];

                        if (rule->limits.is_rising ? h->time >= start->time && h->time <= start->time + rule->timespan
                                                   : h->time > start->time - rule->timespan && h->time <= start->time)
                                window[count++] = h;
                }
                m = expect_measure(rule, window, count);
                if (!expect_met(rule, m))
                        continue;
                peaks[s] = m;
                x->is_hot[s] = true;
                for (size_t i = 0; i < count && rule->limits.is_rising; i++)
                        x->is_hot[window[i] - x->sorted.hits] = true;
        }
        for (size_t i = 0; i < n; i++) {
                const struct planned *h = &x->sorted.hits[i];
                struct expected *e = x->n_episodes ? &x->episodes[x->n_episodes - 1] : NULL;

                if (!x->is_hot[i])
                        continue;
                if (!e || h->time - e->last > rule->timespan) {
                        e = &x->episodes[x->n_episodes++];
                        *e = (struct expected){ .first = h->time, .peak = MEASURE_NONE };
                }
                e->last = h->time;
                e->count++;
                if (peaks[i] > e->peak)
                        e->peak = peaks[i];
        }
}

/* ---- A listener that keeps alerts, as the store does ---- */

struct listener {
        struct expected alerts[4 * PLAN_HITS_MAX]; /* by id - 1 */
        bool is_open[4 * PLAN_HITS_MAX];
        size_t n, n_merged, n_changes, n_hot;
};

static inline size_t listener_number(const struct episode *e)
{
        return (size_t)e->id.b[0] + 256 * (size_t)e->id.b[1] - 1;
}

static inline void listener_hot(void *userdata, const struct hit *hit, struct episode *e)
{
        struct listener *l = userdata;

        cr_assert(hit->is_hot);
        cr_assert(hit->time >= e->first && hit->time <= e->last);
        l->n_hot++;
}

static inline int listener_changed(void *userdata, struct episode *e)
{
        struct listener *l = userdata;

        if (!e->is_told) {
                l->n++;
                e->id.b[0] = (uint8_t)l->n;
                e->id.b[1] = (uint8_t)(l->n >> 8);
                l->is_open[l->n - 1] = true;
        }
        cr_assert(l->is_open[listener_number(e)], "a merged alert has changed");
        l->alerts[listener_number(e)] = (struct expected){ e->first, e->last, e->count, e->peak };
        l->n_changes++;
        return 0;
}

static inline int listener_merged(void *userdata, const struct episode *from, struct episode *into)
{
        struct listener *l = userdata;

        cr_assert(from->first >= into->first, "merged into the earlier one");
        cr_assert(l->is_open[listener_number(from)] && l->is_open[listener_number(into)]);
        l->is_open[listener_number(from)] = false;
        l->n_merged++;
        return 0;
}

static inline int listener_withdrawn(void *userdata, const struct episode *e)
{
        struct listener *l = userdata;

        cr_assert(l->is_open[listener_number(e)]);
        l->is_open[listener_number(e)] = false;
        return 0;
}

static inline struct episode_sink listener_sink(struct listener *l)
{
        return (struct episode_sink){
                .hot = listener_hot, .merged = listener_merged, .withdrawn = listener_withdrawn, .changed = listener_changed, .userdata = l
        };
}

/* The window's flags and episodes, and what the listener has heard, are as expected. */
static inline void expect_same(const struct window *w, const struct listener *l, const struct expectation *x,
                               const char *what)
{
        size_t open = 0;

        cr_assert_eq(w->hits.n, x->sorted.n, "%s", what);
        for (size_t i = 0; i < x->sorted.n; i++) {
                const struct planned *h = &x->sorted.hits[i];
                struct hash128 key = plan_hash(h->record);
                size_t k = hits_lower(&w->hits, h->time);

                while (k < w->hits.n && !hash128_eq(&hits_at(&w->hits, k)->key, &key))
                        k++;
                cr_assert(k < w->hits.n, "%s: hit %zu is gone", what, i);
                cr_assert_eq(hits_at(&w->hits, k)->is_hot, x->is_hot[i], "%s: hit %zu of %zu at %lld is %shot", what, i,
                             x->sorted.n, (long long)h->time, x->is_hot[i] ? "not " : "");
        }
        cr_assert_eq(w->episodes.n, x->n_episodes, "%s: %zu episodes, not %zu", what, w->episodes.n, x->n_episodes);
        for (size_t i = 0; i < x->n_episodes; i++) {
                const struct episode *e = &w->episodes.items[i];
                const struct expected *y = &x->episodes[i];

                cr_assert(e->first == y->first && e->last == y->last && e->count == y->count,
                          "%s: episode %zu is %lld-%lld of %llu, not %lld-%lld of %llu", what, i, (long long)e->first,
                          (long long)e->last, (unsigned long long)e->count, (long long)y->first, (long long)y->last,
                          (unsigned long long)y->count);
                cr_assert_eq(e->peak, y->peak, "%s: peak %lld, not %lld", what, (long long)e->peak,
                             (long long)y->peak);
                cr_assert(e->is_told && !e->is_changed);
                if (l) {
                        const struct expected *a = &l->alerts[listener_number(e)];

                        cr_assert(l->is_open[listener_number(e)]);
                        cr_assert(a->first == y->first && a->last == y->last && a->count == y->count &&
                                          a->peak == y->peak,
                                  "%s: what was told last is old", what);
                }
        }
        for (size_t i = 0; l && i < l->n; i++)
                open += l->is_open[i];
        cr_assert(!l || open == x->n_episodes, "%s: %zu open alerts, not %zu", what, open, x->n_episodes);
}

/* ---- Rules to try ---- */

struct plan_rule {
        const char *kind;
        struct sigma_limit limits[2];
        size_t n_limits, n_members;
};

#define LIMIT(comparison, text) { .op = SIGMA_##comparison, .number = { text, sizeof(text) - 1 } }

static const struct plan_rule plan_rules[] = {
        { "event_count", { LIMIT(GTE, "1") }, 1, 1 },
        { "event_count", { LIMIT(GTE, "2") }, 1, 1 },
        { "event_count", { LIMIT(GTE, "5") }, 1, 2 },
        { "event_count", { LIMIT(GT, "3") }, 1, 1 },
        { "event_count", { LIMIT(GT, "2.5") }, 1, 1 },
        { "event_count", { LIMIT(GTE, "3"), LIMIT(GT, "3") }, 2, 1 },
        { "event_count", { LIMIT(GTE, "9") }, 1, 3 },
        { "value_count", { LIMIT(GTE, "2") }, 1, 1 },
        { "value_count", { LIMIT(GTE, "4") }, 1, 1 },
        { "value_count", { LIMIT(GT, "4") }, 1, 2 },
        { "temporal", { LIMIT(GTE, "2") }, 1, 2 },
        { "temporal", { LIMIT(GTE, "3") }, 1, 4 },
        { "temporal_ordered", { LIMIT(GTE, "2") }, 1, 2 },
        { "temporal_ordered", { LIMIT(GTE, "3") }, 1, 3 },
        { "temporal_ordered", { LIMIT(GTE, "2") }, 1, 4 },
        { "event_count", { LIMIT(LT, "3") }, 1, 1 },
        { "event_count", { LIMIT(LTE, "2") }, 1, 1 },
        { "event_count", { LIMIT(EQ, "2") }, 1, 1 },
        { "event_count", { LIMIT(NEQ, "1") }, 1, 1 },
        { "event_count", { LIMIT(GTE, "2"), LIMIT(LT, "4") }, 2, 1 },
        { "value_count", { LIMIT(LTE, "2") }, 1, 1 },
        { "value_count", { LIMIT(EQ, "0") }, 1, 1 },
        { "temporal", { LIMIT(EQ, "1") }, 1, 3 },
        { "value_sum", { LIMIT(GTE, "1") }, 1, 1 },
        { "value_sum", { LIMIT(GT, "14.5") }, 1, 2 },
        { "value_sum", { LIMIT(LT, "4") }, 1, 1 },
        { "value_sum", { LIMIT(EQ, "7") }, 1, 1 },
        { "value_avg", { LIMIT(GTE, "3.2") }, 1, 1 },
        { "value_avg", { LIMIT(GT, "1"), LIMIT(LT, "2") }, 2, 1 },
        { "value_percentile", { LIMIT(GTE, "3.5") }, 1, 1 },
        { "value_percentile", { LIMIT(LTE, "1") }, 1, 1 },
};

static inline struct window_rule plan_rule_make(const struct plan_rule *p, usec timespan)
{
        struct window_rule rule = {
                .kind = kind_find(str_of(p->kind)),
                .timespan = timespan,
                .parameters = { .n_members = p->n_members, .percentile = 50 * (measure_t)MEASURE_MICRO },
        };

        cr_assert(rule.kind, "%s", p->kind);
        limits_init(&rule.limits, p->limits, p->n_limits, rule.kind->scale);
        rule.waits = rule.kind->can_fall || !rule.limits.is_rising;
        return rule;
}

#endif
