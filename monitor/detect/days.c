/* SPDX-License-Identifier: Apache-2.0 */

/* Only runs that contain the new hit's day can change anything, and with gt and gte a run that met the condition goes on to
 * meet it. A run that begins on a day without hits lies inside the one that begins on the next day with some, so those
 * that begin on a day that is held are all there is to judge; of those that end on the same held day the longest. When no
 * day is later than the new hit's, that is one run. */

#include "monitor/detect/days.h"

#include <errno.h>
#include <stdlib.h>

#include "monitor/detect/ledger.h"
#include "monitor/detect/window.h"

enum { SIEVE_DAYS_MIN = 4 }; /* fewer days are looked through one by one */

/* ---- Memory ---- */

void day_done(struct day *day)
{
        sketch_done(&day->values);
        prints_done(&day->prints);
        prints_done(&day->fresh);
        free(day->evidence);
        *day = (struct day){ 0 };
}

void days_done(struct days *all)
{
        for (size_t i = 0; i < all->n; i++)
                day_done(&all->items[i]);
        free(all->items);
        sieve_done(&all->sieve);
        *all = (struct days){ 0 };
}

static size_t day_bytes(const struct day *day)
{
        return sketch_bytes(&day->values) + prints_bytes(&day->prints) + prints_bytes(&day->fresh) +
               (day->evidence ? day->n_evidence * sizeof *day->evidence : 0);
}

size_t days_bytes(const struct days *all)
{
        return sizeof *all + all->cap * sizeof *all->items + all->bytes + all->sieve.n_words * sizeof *all->sieve.words;
}

void days_filled(struct days *all)
{
        all->bytes = all->n_prints = 0;
        for (size_t i = 0; i < all->n; i++) {
                all->bytes += day_bytes(&all->items[i]);
                all->n_prints += all->items[i].prints.n;
        }
}

static struct days *open_days(struct window *w)
{
        if (!w->days)
                w->days = calloc(1, sizeof *w->days);
        return w->days;
}

/* ---- Days ---- */

static int32_t span_of(const struct window_rule *rule)
{
        return (int32_t)((rule->timespan + USEC_PER_DAY - 1) / USEC_PER_DAY);
}

/* The first place whose day is >= `day`. */
static size_t lower(const struct days *all, int32_t day)
{
        size_t from = 0, to = all->n;

        if (to > 0 && all->items[to - 1].day < day)
                return to;
        while (from < to) {
                size_t middle = from + (to - from) / 2;

                if (all->items[middle].day < day)
                        from = middle + 1;
                else
                        to = middle;
        }
        return from;
}

static struct day *add_day(struct days *all, size_t place, int32_t day, usec t)
{
        if (all->n == all->cap) {
                size_t cap = all->cap < 4 ? all->cap + 1 : all->cap + all->cap / 2;
                struct day *items = reallocarray(all->items, cap, sizeof *items);

                if (!items)
                        return NULL;
                all->items = items;
                all->cap = cap;
        }
        memmove(all->items + place + 1, all->items + place, (all->n - place) * sizeof *all->items);
        all->n++;
        all->items[place] = (struct day){ .day = day, .first = t, .last = t };
        return &all->items[place];
}

static void drop_days(struct days *all, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                all->bytes -= day_bytes(&all->items[i]);
                all->n_prints -= all->items[i].prints.n;
                day_done(&all->items[i]);
        }
        all->n -= n;
        if (n > 0)
                memmove(all->items, all->items + n, all->n * sizeof *all->items);
}

/* ---- What a hit brings ---- */

static uint64_t half_of(const struct hash128 *h)
{
        return (uint64_t)measure_unpack(h);
}

/* Eight bytes of the record's key with rule and member mixed in: two hits of one record never meet, those of two records
 * once in 2^64. */
static uint64_t print_of(const struct hit *hit)
{
        return half_of(&hit->key) ^ hit->base ^ (uint64_t)hit->member << 32;
}

/* Most hits are new, and there may be hundreds of days. */
static bool may_have(struct days *all, uint64_t print)
{
        if (all->n < SIEVE_DAYS_MIN)
                return true;
        if (!all->sieve.words || all->sieve.n / 2 > all->n_prints) {
                sieve_make(&all->sieve, all->n_prints);
                for (size_t i = 0; i < all->n; i++)
                        sieve_add_all(&all->sieve, &all->items[i].prints);
        }
        return sieve_may_have(&all->sieve, print);
}

bool days_has(struct days *all, const struct hit *hit)
{
        uint64_t print = print_of(hit);

        if (!may_have(all, print))
                return false;
        for (size_t i = all->n; i > 0; i--)
                if (prints_has(&all->items[i - 1].prints, print))
                        return true;
        return false;
}

static int add_numbers(struct day *day, const struct hit *hit)
{
        bool has_changed = hit->n_values > 0 && !day->has_numbers;

        for (uint32_t i = 0; i < hit->n_values; i++) {
                measure_t m = measure_unpack(&hit_values(hit)[i]);

                if (m <= 0) /* extract.c lets none below zero pass */
                        continue;
                has_changed = true;
                if (__builtin_add_overflow(day->sum, m, &day->sum))
                        day->sum = INT64_MAX;
        }
        day->has_numbers |= hit->n_values > 0;
        return has_changed;
}

static int add_values(struct day *day, const struct hit *hit)
{
        int has_changed = 0;

        for (uint32_t i = 0; i < hit->n_values; i++) {
                int r = sketch_add(&day->values, half_of(&hit_values(hit)[i]));

                if (r < 0)
                        return r;
                has_changed |= r;
        }
        return has_changed;
}

/* 1: its measure has changed; 0: it has not; -ENOMEM. */
static int add_measure(struct day *day, const struct window_rule *rule, const struct hit *hit)
{
        switch (rule->kind->days) {
        case DAYS_VALUES: return add_values(day, hit);
        case DAYS_NUMBERS: return add_numbers(day, hit);
        case DAYS_HITS:
        case DAYS_NOT: break;
        }
        return 1;
}

static int keep_evidence(struct day *day, const struct hash128 *key)
{
        struct hash128 *evidence;

        if (day->n_evidence == DAYS_EVIDENCE_MAX)
                return 0;
        if (day->is_hot) { /* it is told at once */
                day->n_evidence++;
                return 0;
        }
        evidence = reallocarray(day->evidence, (size_t)day->n_evidence + 1, sizeof *evidence);
        if (!evidence)
                return -ENOMEM;
        day->evidence = evidence;
        evidence[day->n_evidence++] = *key;
        return 0;
}

bool days_want_evidence(const struct days *all, usec time)
{
        int32_t day = ledger_day_of(time);
        size_t place = all ? lower(all, day) : 0;

        return !all || place == all->n || all->items[place].day != day || all->items[place].n_evidence < DAYS_EVIDENCE_MAX;
}

/* As add_measure(); `is_known`: the store has the window. */
static int enter(struct days *all, struct day *day, const struct window_rule *rule, const struct hit *hit, bool is_known)
{
        int r, has_changed;

        all->bytes -= day_bytes(day);
        day->n++;
        if (hit->time < day->first)
                day->first = hit->time;
        if (hit->time > day->last)
                day->last = hit->time;
        day->is_late |= hit->is_late;
        has_changed = r = add_measure(day, rule, hit);
        if (r >= 0)
                r = prints_add(&day->prints, print_of(hit));
        all->n_prints += r >= 0;
        if (r >= 0)
                sieve_add(&all->sieve, print_of(hit));
        if (r >= 0 && is_known)
                r = prints_add(&day->fresh, print_of(hit)) < 0 ? -ENOMEM : r;
        day->is_stored = false;
        if (r >= 0 && hit->has_evidence)
                r = keep_evidence(day, &hit->key);
        all->bytes += day_bytes(day);
        return r < 0 ? r : has_changed;
}

/* ---- Hot days ---- */

static struct stretch stretch_of(const struct window_rule *rule, const struct day *day)
{
        int32_t span = span_of(rule);

        return (struct stretch){
                .first = day->first,
                .last = day->last,
                .count = day->n,
                .from = day_start(day->day - span),
                .to = day_start(day->day + span + 1) - 1,
                .is_late = day->is_late,
        };
}

struct episode *days_episode(const struct window *w, const struct window_rule *rule, usec time)
{
        struct day day = { .day = ledger_day_of(time) };
        struct stretch s = stretch_of(rule, &day);

        return episodes_touching(&w->episodes, s.from, s.to);
}

/* One more hit on a hot day. */
static int grow(struct window *w, const struct window_rule *rule, const struct day *day, const struct hit *hit,
                const struct episode_sink *sink)
{
        struct stretch s = stretch_of(rule, day);
        struct hit hot = *hit;

        hot.is_hot = true;
        s.first = s.last = hit->time;
        s.count = 1;
        s.is_late = hit->is_late;
        return episodes_put_many(&w->episodes, &s, &hot, 1, sink);
}

/* The day has become hot. */
static int put_day(struct window *w, const struct window_rule *rule, struct day *day, const struct episode_sink *sink)
{
        struct stretch s = stretch_of(rule, day);
        struct hit hits[DAYS_EVIDENCE_MAX];
        size_t n = day->n_evidence;

        for (size_t i = 0; i < n; i++)
                hits[i] = (struct hit){ .time = day->first, .key = day->evidence[i], .is_hot = true, .has_evidence = true };
        w->days->bytes -= n * sizeof *day->evidence;
        free(day->evidence);
        day->evidence = NULL;
        day->is_hot = true;
        day->is_stored = false;
        return episodes_put_many(&w->episodes, &s, hits, n, sink);
}

/* The run of the days at places [from, to) has the measure `m`. */
static int mark(struct window *w, const struct window_rule *rule, size_t from, size_t to, measure_t m,
                const struct episode_sink *sink)
{
        struct day *items = w->days->items;
        struct episode *e;

        if (!limits_met(&rule->limits, m))
                return 0;
        for (size_t i = from; i < to; i++) {
                int r = items[i].is_hot ? 0 : put_day(w, rule, &items[i], sink);

                if (r < 0)
                        return r;
        }
        e = episodes_touching(&w->episodes, items[from].first, items[from].last);
        if (e && m > e->peak) {
                e->peak = m;
                e->is_changed = true;
        }
        return 0;
}

/* ---- Runs ---- */

/* The runs that contain the day at `place` lie on the days at places [from, to). */
struct around {
        size_t place, from, to;
        int32_t span;
};

/* Behind the last day of the run that begins with the day at place i. */
static size_t end_of_run(const struct days *all, const struct around *a, size_t i)
{
        size_t end = lower(all, all->items[i].day + a->span);

        return end < a->to ? end : a->to;
}

struct totals {
        __int128 n, sum;
        size_t n_numbers; /* days with numbers */
};

static void add_totals(struct totals *t, const struct day *day, int sign)
{
        t->n += sign * (__int128)day->n;
        t->sum += sign * (__int128)day->sum;
        t->n_numbers = sign > 0 ? t->n_numbers + day->has_numbers : t->n_numbers - day->has_numbers;
}

static measure_t total(const struct totals *t, const struct window_rule *rule)
{
        __int128 m = rule->kind->days == DAYS_NUMBERS ? t->sum : t->n;

        if (rule->kind->days == DAYS_NUMBERS && t->n_numbers == 0)
                return MEASURE_NONE;
        return m > INT64_MAX ? INT64_MAX : (measure_t)m;
}

static int judge_totals(struct window *w, const struct window_rule *rule, const struct around *a,
                        const struct episode_sink *sink)
{
        struct totals t = { 0 };
        size_t end = a->from;
        int r = 0;

        for (size_t i = a->from; i <= a->place && r >= 0; i++) {
                size_t before = end, next = end_of_run(w->days, a, i);

                while (end < next)
                        add_totals(&t, &w->days->items[end++], 1);
                if (end > before || i == a->from) /* else it lies in the run before */
                        r = mark(w, rule, i, end, total(&t, rule), sink);
                add_totals(&t, &w->days->items[i], -1);
        }
        return r;
}

static measure_t distinct(const struct sketch *s)
{
        uint64_t n = sketch_count(s);

        return n > INT64_MAX ? INT64_MAX : (measure_t)n;
}

/* Of the days behind `place`: right[k] has the values of the first k + 1 of them. */
static int join_right(const struct days *all, const struct around *a, struct sketch *right, size_t n)
{
        int r = 0;

        for (size_t k = 0; k < n && r >= 0; k++) {
                if (k > 0)
                        r = sketch_copy(&right[k], &right[k - 1]);
                if (r >= 0)
                        r = sketch_merge(&right[k], &all->items[a->place + 1 + k].values);
        }
        return r;
}

static int measure_joined(const struct sketch *left, const struct sketch *right, measure_t *ret)
{
        struct sketch all = { 0 };
        int r;

        if (!right) {
                *ret = distinct(left);
                return 0;
        }
        r = sketch_copy(&all, left);
        if (r >= 0)
                r = sketch_merge(&all, right);
        if (r >= 0)
                *ret = distinct(&all);
        sketch_done(&all);
        return r;
}

/* From the day itself backwards, so that each day enters once on either side. */
static int judge_joined(struct window *w, const struct window_rule *rule, const struct around *a, const struct sketch *right,
                        const struct episode_sink *sink)
{
        struct sketch left = { 0 };
        int r = 0;

        for (size_t i = a->place + 1; i > a->from && r >= 0; i--) {
                size_t end = end_of_run(w->days, a, i - 1);
                measure_t m;

                r = sketch_merge(&left, &w->days->items[i - 1].values);
                if (r < 0 || (i - 1 > a->from && end_of_run(w->days, a, i - 2) == end)) /* it lies in the next one */
                        continue;
                r = measure_joined(&left, end > a->place + 1 ? &right[end - a->place - 2] : NULL, &m);
                if (r >= 0)
                        r = mark(w, rule, i - 1, end, m, sink);
        }
        sketch_done(&left);
        return r;
}

/* All days together have not enough values, even if each of them were on one day alone. */
static bool is_hopeless(const struct days *all, const struct window_rule *rule, const struct around *a)
{
        measure_t most = 0;

        for (size_t i = a->from; i < a->to; i++) {
                if (!sketch_is_exact(&all->items[i].values))
                        return false;
                most += all->items[i].values.n;
        }
        return !limits_met(&rule->limits, most);
}

static int judge_values(struct window *w, const struct window_rule *rule, const struct around *a,
                        const struct episode_sink *sink)
{
        size_t n = a->to - a->place - 1;
        struct sketch *right = NULL;
        int r = 0;

        if (is_hopeless(w->days, rule, a))
                return 0;
        if (n > 0) {
                right = calloc(n, sizeof *right);
                r = right ? join_right(w->days, a, right, n) : -ENOMEM;
        }
        if (r >= 0)
                r = judge_joined(w, rule, a, right, sink);
        for (size_t i = 0; right && i < n; i++)
                sketch_done(&right[i]);
        free(right);
        return r;
}

/* The day at `place` is new or measures more than before. */
static int judge(struct window *w, const struct window_rule *rule, size_t place, const struct episode_sink *sink)
{
        int32_t day = w->days->items[place].day;
        struct around a = { .place = place, .span = span_of(rule) };

        a.from = lower(w->days, day - a.span + 1);
        a.to = lower(w->days, day + a.span);
        return rule->kind->days == DAYS_VALUES ? judge_values(w, rule, &a, sink) : judge_totals(w, rule, &a, sink);
}

int days_take(struct window *w, const struct window_rule *rule, const struct hit *hit, const struct episode_sink *sink)
{
        int32_t day = ledger_day_of(hit->time);
        struct days *all = open_days(w);
        bool is_new;
        size_t place;
        int r;

        if (!all)
                return -ENOMEM;
        place = lower(all, day);
        is_new = place == all->n || all->items[place].day != day;
        if (is_new && !add_day(all, place, day, hit->time))
                return -ENOMEM;
        r = enter(all, &all->items[place], rule, hit, w->stored.whole > 0);
        is_new |= r > 0;
        if (r >= 0 && all->items[place].is_hot)
                r = grow(w, rule, &all->items[place], hit, sink);
        if (r >= 0 && is_new)
                r = judge(w, rule, place, sink);
        if (r >= 0)
                r = episodes_tell_all(&w->episodes, sink);
        return r < 0 ? r : 1;
}

/* ---- Forgetting ---- */

/* No hit before `mark_time` will come any more, so no run before its day can change. */
bool days_settle(struct window *w, const struct window_rule *rule, usec mark_time)
{
        int32_t today = ledger_day_of(mark_time), span = span_of(rule);
        bool has_forgotten = episodes_forget(&w->episodes, day_start(today - 2 * span)) > 0;
        struct days *all = w->days;
        size_t old = all ? lower(all, today - span + 1) : 0;

        if (old > 0)
                drop_days(all, old);
        for (size_t i = 0; all && i < all->n && all->items[i].day < today; i++) {
                struct prints *prints = &all->items[i].prints;

                has_forgotten |= prints->n > 0;
                all->bytes -= prints_bytes(prints);
                all->n_prints -= prints->n;
                prints_done(prints);
        }
        w->stored.is_stale |= old > 0 || has_forgotten;
        return old > 0 || has_forgotten;
}

static size_t trim_prints(struct days *all)
{
        size_t max = DAYS_FINGERPRINTS_MAX, n = all->n_prints > max ? all->n_prints - max + max / 16 : 0, gone = 0;

        for (size_t i = 0; i < all->n && gone < n; i++) {
                struct prints *prints = &all->items[i].prints;

                all->bytes -= prints_bytes(prints);
                gone += prints_drop(prints, n - gone);
                all->bytes += prints_bytes(prints);
        }
        all->n_prints -= gone;
        return gone;
}

size_t days_trim(struct days *all)
{
        size_t n = all->n > DAYS_MAX ? all->n - DAYS_MAX + DAYS_MAX / 16 : 0, gone = 0;

        for (size_t i = 0; i < n; i++)
                gone += all->items[i].n;
        drop_days(all, n);
        return gone + trim_prints(all);
}
