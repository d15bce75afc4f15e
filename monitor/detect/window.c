/* SPDX-License-Identifier: Apache-2.0 */

/* Sliding windows, exactly.
 *
 * Only windows that contain the new hit can change anything, and with gt and gte a window that met the condition goes on
 * to meet it. When no hit is later, the window that ends at the new one contains all others; it alone decides, and what it
 * newly makes hot is an unbroken stretch at its end: if some hit in it was hot before, then by a window that either begins
 * before this one, and so covers all up to that hit, or lies inside it, and so was met by all hits from this one's
 * beginning on. Marking backwards until a hot hit is met therefore touches every hit once. When no hit is within one
 * timespan before the new one, the same holds the other way round. A hit between others is judged against every window
 * that begins at a hit within one timespan before it. */

#include "monitor/detect/window.h"

#include <errno.h>
#include <stdlib.h>

void window_init(struct window *w)
{
        *w = (struct window){ .budget_from = USEC_NONE };
}

void window_done(struct window *w)
{
        episodes_done(&w->episodes);
        hits_done(&w->hits);
        if (w->history)
                history_done(w->history);
        free(w->history);
        if (w->days)
                days_done(w->days);
        free(w->days);
        slide_done(&w->slide);
        if (w->waiting)
                words_done(w->waiting);
        free(w->waiting);
        window_init(w);
}

size_t window_bytes(const struct window *w)
{
        size_t bytes = hits_bytes(&w->hits) + slide_bytes(&w->slide) + episodes_bytes(&w->episodes);

        bytes += w->history ? history_bytes(w->history) : 0;
        bytes += w->days ? days_bytes(w->days) : 0;
        return bytes + (w->waiting ? sizeof *w->waiting + words_bytes(w->waiting) : 0);
}

bool window_is_empty(const struct window *w)
{
        return w->hits.n == 0 && w->episodes.n == 0 && !(w->history && w->history->n > 0) && !(w->days && w->days->n > 0);
}

static struct hit *at(const struct window *w, size_t i)
{
        return hits_at(&w->hits, i);
}

/* ---- The measure ---- */

static int slide_add(struct window *w, const struct kind *kind, size_t i)
{
        int r = kind->add(&w->slide, at(w, i));

        if (r < 0)
                slide_clear(&w->slide);
        return r;
}

static size_t distance(size_t a, size_t b)
{
        return a < b ? b - a : a - b;
}

static int slide_to(struct window *w, const struct kind *kind, size_t from, size_t to)
{
        struct slide *s = &w->slide;
        int r = 0;

        if (distance(s->from, from) + distance(s->to, to) > to - from) { /* starting afresh is cheaper */
                slide_clear(s);
                s->from = s->to = from;
        }
        while (s->from > from && r >= 0)
                r = slide_add(w, kind, --s->from);
        while (s->to < to && r >= 0)
                r = slide_add(w, kind, s->to++);
        while (s->from < from && r >= 0)
                kind->remove(s, at(w, s->from++));
        while (s->to > to && r >= 0)
                kind->remove(s, at(w, --s->to));
        return r;
}

/* The measure of the hits at places [from, to). */
static int measure(struct window *w, const struct window_rule *rule, size_t from, size_t to, measure_t *ret)
{
        if (rule->kind->add) {
                int r = slide_to(w, rule->kind, from, to);

                if (r < 0)
                        return r;
        }
        *ret = rule->kind->measure ? rule->kind->measure(&w->slide, &w->hits, &rule->parameters) : (measure_t)(to - from);
        return 0;
}

/* The hit at `place` is new: those behind it have moved. */
static int slide_insert(struct window *w, const struct kind *kind, size_t place)
{
        struct slide *s = &w->slide;

        if (!kind->add || place >= s->to)
                return 0;
        s->to++;
        if (place >= s->from)
                return slide_add(w, kind, place);
        s->from++;
        return 0;
}

/* The first `n` hits are about to go. */
static void slide_drop(struct window *w, const struct kind *kind, size_t n)
{
        struct slide *s = &w->slide;

        if (!kind->add)
                return;
        while (s->from < n && s->from < s->to)
                kind->remove(s, at(w, s->from++));
        s->from = s->from > n ? s->from - n : 0;
        s->to = s->to > n ? s->to - n : 0;
}

/* ---- Hot hits ---- */

struct episode *window_episode(const struct window *w, const struct window_rule *rule, usec time)
{
        return rule->by_days ? days_episode(w, rule, time) : episodes_at(&w->episodes, rule->timespan, time);
}

/* Marks what is not hot yet in [from, to), oldest first; a window with measure `peak` lies there. */
static int mark(struct window *w, const struct window_rule *rule, size_t from, size_t to, measure_t peak,
                const struct episode_sink *sink)
{
        for (size_t i = from; i < to; i++) {
                struct hit *hit = at(w, i);
                int r;

                if (hit->is_hot)
                        continue;
                hit->is_hot = true;
                hit->is_stored = false;
                r = episodes_put(&w->episodes, rule->timespan, hit, sink);
                if (r < 0)
                        return r;
        }
        episodes_peak(&w->episodes, rule->timespan, at(w, to - 1)->time, peak);
        return 0;
}

/* ---- Taking a hit ---- */

static bool is_plain_count(const struct window_rule *rule)
{
        return !rule->kind->add && !rule->kind->measure;
}

/* No hit is later than the new one. */
static int judge_last(struct window *w, const struct window_rule *rule, const struct episode_sink *sink)
{
        size_t to = w->hits.n, first = to - 1, from;
        measure_t m;
        int r;

        if (is_plain_count(rule) && !limits_met(&rule->limits, (measure_t)to)) /* all of them are too few */
                return 0;
        from = hits_lower(&w->hits, at(w, first)->time - rule->timespan);
        r = measure(w, rule, from, to, &m);
        if (r < 0 || !limits_met(&rule->limits, m))
                return r;
        while (first > from && !at(w, first - 1)->is_hot)
                first--;
        return mark(w, rule, first, to, m, sink);
}

/* No hit lies within one timespan before the new one. */
static int judge_first(struct window *w, const struct window_rule *rule, size_t place, const struct episode_sink *sink)
{
        size_t to = hits_upper(&w->hits, at(w, place)->time + rule->timespan), end = place + 1;
        measure_t m;
        int r = measure(w, rule, place, to, &m);

        if (r < 0 || !limits_met(&rule->limits, m))
                return r;
        while (end < to && !at(w, end)->is_hot)
                end++;
        return mark(w, rule, place, end, m, sink);
}

static int judge_between(struct window *w, const struct window_rule *rule, size_t place, const struct episode_sink *sink)
{
        usec t = at(w, place)->time;
        size_t from = hits_lower(&w->hits, t - rule->timespan), to = from, marked = from;

        while (from <= place) {
                usec begin = at(w, from)->time;
                measure_t m;
                int r;

                while (to < w->hits.n && at(w, to)->time <= begin + rule->timespan)
                        to++;
                r = measure(w, rule, from, to, &m);
                if (r >= 0 && limits_met(&rule->limits, m)) {
                        r = mark(w, rule, size_max(from, size_min(marked, to - 1)), to, m, sink);
                        marked = to;
                }
                if (r < 0)
                        return r;
                while (from <= place && at(w, from)->time == begin) /* the same window */
                        from++;
        }
        return 0;
}

static int judge(struct window *w, const struct window_rule *rule, size_t place, const struct episode_sink *sink)
{
        if (place + 1 == w->hits.n)
                return judge_last(w, rule, sink);
        if (place == 0 || at(w, place - 1)->time < at(w, place)->time - rule->timespan)
                return judge_first(w, rule, place, sink);
        return judge_between(w, rule, place, sink);
}

int window_history(struct window *w)
{
        if (w->history)
                return 0;
        w->history = malloc(sizeof *w->history);
        if (!w->history)
                return -ENOMEM;
        history_init(w->history);
        return 0;
}

bool window_has(struct window *w, const struct hit *hit)
{
        return hits_has(&w->hits, hit) || (w->days && days_has(w->days, hit));
}

int window_take(struct window *w, const struct window_rule *rule, const struct hit *hit, const struct episode_sink *sink)
{
        struct hit again = *hit;

        if (!window_has(w, hit))
                return window_add(w, rule, hit, sink);
        hit_done(&again);
        return 0;
}

int window_add(struct window *w, const struct window_rule *rule, const struct hit *hit, const struct episode_sink *sink)
{
        struct hit fresh = *hit;
        size_t place;
        int r = rule->kind->judge ? window_history(w) : 0;

        if (rule->by_days) {
                r = days_take(w, rule, hit, sink);
                hit_done(&fresh);
                return r;
        }
        if (r >= 0)
                r = rule->kind->judge ? hits_insert_ordered(&w->hits, hit, &place) : hits_insert(&w->hits, hit, &place);
        if (r < 0) {
                hit_done(&fresh);
                return r;
        }
        r = slide_insert(w, rule->kind, place);
        if (r < 0)
                return r;
        if (rule->kind->is_forward && hit->member > 0) {
                at(w, place)->is_judged = true;
                return 1;
        }
        if (rule->waits) {
                w->n_unjudged++;
                return 1;
        }
        r = judge(w, rule, place, sink);
        if (r >= 0)
                r = episodes_tell(&w->episodes, rule->timespan, hit->time, sink);
        return r < 0 ? r : 1;
}

/* ---- Conditions that can cease to hold ---- */

/* gt and gte of a kind that can fall: the window that begins at the hit, once it is over. */
static int judge_forward(struct window *w, const struct window_rule *rule, size_t i, const struct episode_sink *sink)
{
        usec t = at(w, i)->time;
        size_t from = hits_lower(&w->hits, t), to = hits_upper(&w->hits, t + rule->timespan);
        measure_t m;
        int r = measure(w, rule, from, to, &m);

        return r < 0 || !limits_met(&rule->limits, m) ? r : mark(w, rule, from, to, m, sink);
}

/* The other limits: the window that ends at the hit, for this hit alone. */
static int judge_trailing(struct window *w, const struct window_rule *rule, size_t i, const struct episode_sink *sink)
{
        usec t = at(w, i)->time;
        measure_t m;
        int r = measure(w, rule, hits_upper(&w->hits, t - rule->timespan), hits_upper(&w->hits, t), &m);

        return r < 0 || !limits_met(&rule->limits, m) ? r : mark(w, rule, i, i + 1, m, sink);
}

/* The first rule's hits, by what follows them; equal stamps follow. */
static int judge_followed(struct window *w, const struct window_rule *rule, size_t i, const struct episode_sink *sink)
{
        usec t = at(w, i)->time;
        measure_t m;
        int r;

        if (at(w, i)->member > 0)
                return 0;
        r = measure(w, rule, hits_lower(&w->hits, t), hits_upper(&w->hits, t + rule->timespan), &m);
        return r < 0 || !limits_met(&rule->limits, m) ? r : mark(w, rule, i, i + 1, m, sink);
}

static int judge_waiting(struct window *w, const struct window_rule *rule, size_t i, const struct episode_sink *sink)
{
        if (rule->kind->is_forward)
                return judge_followed(w, rule, i, sink);
        return rule->limits.is_rising ? judge_forward(w, rule, i, sink) : judge_trailing(w, rule, i, sink);
}

int window_judge(struct window *w, const struct window_rule *rule, usec until, const struct episode_sink *sink)
{
        bool looks_ahead = rule->limits.is_rising || rule->kind->is_forward;
        usec end = looks_ahead && until != INT64_MAX ? until - rule->timespan : until;

        if (rule->kind->judge)
                return history_judge(w, rule, sink);
        for (size_t i = 0; w->n_unjudged > 0 && i < w->hits.n && at(w, i)->time < end; i++) {
                int r;

                if (at(w, i)->is_judged)
                        continue;
                at(w, i)->is_judged = true;
                w->n_unjudged--;
                r = judge_waiting(w, rule, i, sink);
                if (r >= 0)
                        r = episodes_tell(&w->episodes, rule->timespan, at(w, i)->time, sink);
                if (r < 0)
                        return r;
        }
        return 0;
}

usec window_waiting(const struct window *w)
{
        for (size_t i = 0; w->n_unjudged > 0 && i < w->hits.n; i++)
                if (!at(w, i)->is_judged)
                        return at(w, i)->time;
        return USEC_NONE;
}

/* ---- Forgetting ---- */

static void drop_front(struct window *w, const struct window_rule *rule, size_t n)
{
        slide_drop(w, rule->kind, n);
        for (size_t i = 0; rule->kind->judge && i < n; i++)
                if (at(w, i)->was_hot)
                        episodes_gone(&w->episodes, rule->timespan, at(w, i));
        for (size_t i = 0; i < n && w->n_unjudged > 0; i++)
                w->n_unjudged -= !at(w, i)->is_judged;
        hits_drop_front(&w->hits, n);
        w->stored.is_stale |= n > 0;
}

/* What nothing can precede any more is final; what is older than the memory is forgotten. */
static bool settle_history(struct window *w, const struct window_rule *rule, usec mark_time)
{
        struct history *h = w->history;
        usec oldest = mark_time - rule->parameters.memory;

        if (!h || history_close(w, rule, hits_lower(&w->hits, mark_time)) < 0)
                return false; /* it stays open until there is memory */
        if (h->n > 0 && h->last < oldest && w->hits.n == 0) {
                history_done(h);
                return true;
        }
        return ledger_forget(&h->ledger, ledger_day_of(oldest));
}

bool window_settle(struct window *w, const struct window_rule *rule, usec mark_time)
{
        usec bound = mark_time - rule->timespan;
        bool has_forgotten;
        size_t old, gone;

        if (rule->by_days)
                return days_settle(w, rule, mark_time);
        has_forgotten = settle_history(w, rule, mark_time);
        old = hits_lower(&w->hits, bound);
        gone = episodes_forget(&w->episodes, bound - rule->timespan);
        drop_front(w, rule, old);
        return old > 0 || gone > 0 || has_forgotten;
}

size_t window_trim(struct window *w, const struct window_rule *rule, size_t max)
{
        size_t n = w->hits.n > max ? w->hits.n - max + max / 16 : 0;

        if (w->days) {
                size_t gone = days_trim(w->days);

                w->stored.is_stale |= gone > 0;
                return gone;
        }
        if (n > 0 && w->history && history_close(w, rule, n) < 0)
                return 0;
        drop_front(w, rule, n);
        return n;
}
