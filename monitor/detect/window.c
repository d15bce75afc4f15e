/* SPDX-License-Identifier: Apache-2.0 */

/* Sliding windows, exactly.
 *
 * Only windows that contain the new hit can change anything. When it is the newest, the largest of them reaches back one
 * timespan and contains all others; measures do not fall when hits are added, so that one window decides, and what it
 * makes hot is an unbroken stretch at the end: marking backwards until a hot hit is met touches every hit once. A hit in
 * the middle is judged against every window that begins at a hit within one timespan before it. */

#include "monitor/detect/window.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void window_init(struct window *w, const struct window_rule *rule)
{
        *w = (struct window){ 0 };
        slide_init(&w->slide, rule->kind);
}

void episode_done(struct episode *e)
{
        free(e->sentence);
        free(e->person);
        free(e->source);
        e->sentence = e->person = e->source = NULL;
}

void window_done(struct window *w)
{
        for (size_t i = 0; i < w->n; i++)
                free(w->hits[w->head + i].values);
        for (size_t i = 0; i < w->n_episodes; i++)
                episode_done(&w->episodes[i]);
        free(w->hits);
        free(w->episodes);
        slide_done(&w->slide);
        *w = (struct window){ 0 };
}

size_t window_bytes(const struct window *w)
{
        return sizeof *w + w->cap * sizeof *w->hits + w->cap_episodes * sizeof *w->episodes;
}

/* ---- Hits by time ---- */

static struct hit *at(const struct window *w, size_t i)
{
        return &w->hits[w->head + i];
}

/* First place whose time is >= t. */
static size_t lower(const struct window *w, usec t)
{
        size_t from = 0, to = w->n;

        while (from < to) {
                size_t middle = from + (to - from) / 2;

                if (at(w, middle)->time < t)
                        from = middle + 1;
                else
                        to = middle;
        }
        return from;
}

/* First place whose time is > t. */
static size_t upper(const struct window *w, usec t)
{
        return t == INT64_MAX ? w->n : lower(w, t + 1);
}

static bool is_held(const struct window *w, const struct hit *hit)
{
        for (size_t i = lower(w, hit->time); i < w->n && at(w, i)->time == hit->time; i++)
                if (at(w, i)->member == hit->member && hash128_eq(&at(w, i)->key, &hit->key))
                        return true;
        return false;
}

static int make_room(struct window *w)
{
        struct hit *hits;
        size_t cap;

        if (w->head + w->n < w->cap)
                return 0;
        if (w->head > w->n) { /* more than half is free in front */
                memmove(w->hits, w->hits + w->head, w->n * sizeof *w->hits);
                w->head = 0;
                w->slide.is_valid = false;
                return 0;
        }
        cap = w->cap ? 2 * w->cap : 4;
        hits = reallocarray(w->hits, cap, sizeof *hits);
        if (!hits)
                return -ENOMEM;
        w->hits = hits;
        w->cap = cap;
        return 0;
}

/* ---- The measure ---- */

static int slide_add(struct window *w, size_t i)
{
        return w->slide.kind->add ? w->slide.kind->add(&w->slide, &w->hits[i]) : 0;
}

static void slide_remove(struct window *w, size_t i)
{
        if (w->slide.kind->remove)
                w->slide.kind->remove(&w->slide, &w->hits[i]);
}

/* The measure of the hits at places [from, to). Keeps what it can of the last one; -ENOMEM. */
static int measure(struct window *w, const struct window_rule *rule, size_t from, size_t to, uint64_t *ret)
{
        struct slide *s = &w->slide;
        size_t a = w->head + from, b = w->head + to;

        if (!s->is_valid || a < s->from || b < s->to || a > s->to) {
                slide_reset(s);
                s->from = s->to = a;
        }
        while (s->to < b)
                if (slide_add(w, s->to++) < 0) {
                        s->is_valid = false;
                        return -ENOMEM;
                }
        while (s->from < a)
                slide_remove(w, s->from++);
        *ret = s->kind->measure ? s->kind->measure(s, w->hits + a, to - from, rule->n_members) : to - from;
        return 0;
}

/* ---- Episodes ---- */

struct episode *window_episode(struct window *w, const struct window_rule *rule, usec time)
{
        for (size_t i = w->n_episodes; i-- > 0;) { /* mostly the last */
                struct episode *e = &w->episodes[i];

                if (time >= e->first - rule->timespan && time <= e->last + rule->timespan)
                        return e;
        }
        return NULL;
}

static struct episode *add_episode(struct window *w, usec time)
{
        size_t i = w->n_episodes;

        if (w->n_episodes == w->cap_episodes) {
                size_t cap = w->cap_episodes ? 2 * w->cap_episodes : 1;
                struct episode *episodes = reallocarray(w->episodes, cap, sizeof *episodes);

                if (!episodes)
                        return NULL;
                w->episodes = episodes;
                w->cap_episodes = cap;
        }
        while (i > 0 && w->episodes[i - 1].first > time)
                i--;
        memmove(&w->episodes[i + 1], &w->episodes[i], (w->n_episodes - i) * sizeof *w->episodes);
        w->episodes[i] = (struct episode){ .first = time, .last = time, .told_at = USEC_NONE, .is_new = true };
        w->n_episodes++;
        return &w->episodes[i];
}

/* An episode that has grown may have reached the next one. */
static int join_next(struct window *w, const struct window_rule *rule, size_t i, const struct window_sink *sink)
{
        struct episode *e = &w->episodes[i], *next = e + 1;
        int r;

        if (i + 1 >= w->n_episodes || next->first - e->last > rule->timespan)
                return 0;
        r = sink->merged(sink->userdata, next, e);
        if (r < 0)
                return r;
        if (next->last > e->last)
                e->last = next->last;
        e->count += next->count;
        e->is_changed = true;
        e->is_late |= next->is_late;
        if (next->peak > e->peak)
                e->peak = next->peak;
        if (next->told_at >= e->told_at) { /* the later record's words are the better ones */
                episode_done(e);
                e->sentence = next->sentence;
                e->person = next->person;
                e->source = next->source;
                e->told_at = next->told_at;
                next->sentence = next->person = next->source = NULL;
        }
        episode_done(next);
        w->n_episodes--;
        memmove(next, next + 1, (w->n_episodes - i - 1) * sizeof *next);
        return 0;
}

static int make_hot(struct window *w, const struct window_rule *rule, struct hit *hit, uint64_t peak, const struct window_sink *sink)
{
        struct episode *e = window_episode(w, rule, hit->time);
        size_t i;
        int r;

        if (!e && !(e = add_episode(w, hit->time)))
                return -ENOMEM;
        hit->is_hot = true;
        if (hit->has_evidence)
                w->n_waiting--;
        if (hit->time < e->first)
                e->first = hit->time;
        if (hit->time > e->last)
                e->last = hit->time;
        if (peak > e->peak)
                e->peak = peak;
        e->count++;
        e->is_changed = true;
        sink->hot(sink->userdata, hit, e);
        i = (size_t)(e - w->episodes);
        r = join_next(w, rule, i, sink);
        return r < 0 || i == 0 ? r : join_next(w, rule, i - 1, sink);
}

/* Marks what is not hot yet in [from, to), oldest first. */
static int mark(struct window *w, const struct window_rule *rule, size_t from, size_t to, uint64_t peak, const struct window_sink *sink)
{
        struct episode *e;

        for (size_t i = from; i < to; i++)
                if (!at(w, i)->is_hot) {
                        int r = make_hot(w, rule, at(w, i), peak, sink);

                        if (r < 0)
                                return r;
                }
        e = window_episode(w, rule, at(w, from)->time);
        if (e && peak > e->peak) {
                e->peak = peak;
                e->is_changed = true;
        }
        return 0;
}

/* ---- Taking a hit ---- */

static int judge_newest(struct window *w, const struct window_rule *rule, const struct window_sink *sink)
{
        size_t from = lower(w, at(w, w->n - 1)->time - rule->timespan), to = w->n, first = to - 1;
        uint64_t m;
        int r = measure(w, rule, from, to, &m);

        if (r < 0 || !limits_met(rule->limits, m))
                return r;
        while (first > from && !at(w, first - 1)->is_hot)
                first--;
        return mark(w, rule, first, to, m, sink);
}

static int judge_around(struct window *w, const struct window_rule *rule, size_t place, const struct window_sink *sink)
{
        usec t = at(w, place)->time;
        int r = 0;

        for (size_t from = lower(w, t - rule->timespan); from < w->n && at(w, from)->time <= t && r >= 0; from++) {
                size_t to = upper(w, at(w, from)->time + rule->timespan);
                uint64_t m;

                if (from > 0 && at(w, from - 1)->time == at(w, from)->time)
                        continue; /* the same window */
                r = measure(w, rule, from, to, &m);
                if (r >= 0 && limits_met(rule->limits, m))
                        r = mark(w, rule, from, to, m, sink);
        }
        return r;
}

int window_take(struct window *w, const struct window_rule *rule, struct hit *hit, const struct window_sink *sink)
{
        size_t place;
        int r;

        if (is_held(w, hit)) {
                free(hit->values);
                return 0;
        }
        r = make_room(w);
        if (r < 0) {
                free(hit->values);
                return r;
        }
        place = upper(w, hit->time);
        if (place < w->n) {
                memmove(at(w, place + 1), at(w, place), (w->n - place) * sizeof *w->hits);
                w->slide.is_valid = false;
        }
        *at(w, place) = *hit;
        w->n++;
        w->n_waiting += hit->has_evidence;
        if (!rule->limits->is_rising)
                return 1;
        r = place == w->n - 1 ? judge_newest(w, rule, sink) : judge_around(w, rule, place, sink);
        return r < 0 ? r : 1;
}

/* ---- Conditions that can cease to hold ---- */

int window_judge(struct window *w, const struct window_rule *rule, usec until, const struct window_sink *sink)
{
        for (size_t i = 0; i < w->n && at(w, i)->time <= until; i++) {
                struct hit *hit = at(w, i);
                uint64_t m;
                int r;

                if (hit->is_judged)
                        continue;
                hit->is_judged = true;
                r = measure(w, rule, upper(w, hit->time - rule->timespan), upper(w, hit->time), &m);
                if (r >= 0 && limits_met(rule->limits, m))
                        r = mark(w, rule, i, i + 1, m, sink);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* ---- Forgetting ---- */

static void drop_front(struct window *w, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                free(at(w, i)->values);
                w->n_waiting -= at(w, i)->has_evidence && !at(w, i)->is_hot;
        }
        if (n > 0 && w->slide.from < w->head + n)
                w->slide.is_valid = false;
        w->head += n;
        w->n -= n;
}

bool window_settle(struct window *w, const struct window_rule *rule, usec mark_time)
{
        usec bound = mark_time < INT64_MIN / 2 ? INT64_MIN : mark_time - rule->timespan;
        size_t gone = 0;

        drop_front(w, lower(w, bound));
        while (gone < w->n_episodes && w->episodes[gone].last < bound - rule->timespan)
                episode_done(&w->episodes[gone++]);
        w->n_episodes -= gone;
        if (gone > 0)
                memmove(w->episodes, w->episodes + gone, w->n_episodes * sizeof *w->episodes);
        return w->n == 0 && w->n_episodes == 0;
}

size_t window_trim(struct window *w, size_t max)
{
        size_t n = w->n > max ? w->n - max + max / 16 : 0;

        drop_front(w, n);
        return n;
}
