/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/detect/episodes.h"

#include <errno.h>
#include <stdlib.h>

/* ---- The list ---- */

void episodes_done(struct episodes *all)
{
        for (size_t i = 0; i < all->n; i++)
                words_done(&all->items[i].words);
        free(all->items);
        *all = (struct episodes){ 0 };
}

size_t episodes_bytes(const struct episodes *all)
{
        /* All others have about as many words as the last. */
        return all->cap * sizeof *all->items + (all->n > 0 ? all->n * words_bytes(&all->items[all->n - 1].words) : 0);
}

/* The first episode that ends at `time` or later. */
static size_t first_from(const struct episodes *all, usec time)
{
        size_t from = 0, to = all->n;

        if (to > 0 && all->items[to - 1].last < time)
                return to;
        while (from < to) {
                size_t middle = from + (to - from) / 2;

                if (all->items[middle].last < time)
                        from = middle + 1;
                else
                        to = middle;
        }
        return from;
}

struct episode *episodes_touching(const struct episodes *all, usec from, usec to)
{
        size_t i = first_from(all, from);

        return i < all->n && all->items[i].first <= to ? &all->items[i] : NULL;
}

struct episode *episodes_at(const struct episodes *all, usec timespan, usec time)
{
        return episodes_touching(all, time - timespan, time + timespan);
}

static struct episode *add(struct episodes *all, usec time)
{
        size_t i = first_from(all, time);

        if (all->n == all->cap) {
                size_t cap = all->cap ? 2 * all->cap : 1;
                struct episode *items = reallocarray(all->items, cap, sizeof *items);

                if (!items)
                        return NULL;
                all->items = items;
                all->cap = cap;
        }
        memmove(all->items + i + 1, all->items + i, (all->n - i) * sizeof *all->items);
        all->n++;
        all->items[i] = (struct episode){ .first = time, .last = time, .peak = MEASURE_NONE, .lowered = UINT8_MAX };
        words_init(&all->items[i].words);
        return &all->items[i];
}

size_t episodes_forget(struct episodes *all, usec bound)
{
        size_t gone = first_from(all, bound);

        for (size_t i = 0; i < gone; i++)
                words_done(&all->items[i].words);
        all->n -= gone;
        if (gone > 0)
                memmove(all->items, all->items + gone, all->n * sizeof *all->items);
        return gone;
}

/* ---- Growing ---- */

/* All of `from`, which is the later one, becomes part of `into`. */
static void swallow(struct episode *into, struct episode *from)
{
        if (from->last > into->last)
                into->last = from->last;
        if (from->peak > into->peak)
                into->peak = from->peak;
        into->count += from->count;
        into->n_gone += from->n_gone;
        if (from->n_gone > 0)
                into->gone_last = from->gone_last;
        if (from->lowered < into->lowered)
                into->lowered = from->lowered;
        into->n_evidence += from->n_evidence;
        into->is_late |= from->is_late;
        into->is_changed = true;
        if (!into->is_told && from->is_told) { /* the known one grows backwards */
                into->id = from->id;
                into->is_told = true;
        }
        if (from->words.at > into->words.at) {
                struct words words = into->words;

                into->words = from->words;
                from->words = words;
        }
        words_done(&from->words);
}

/* An episode that has grown may have reached the next one, if that begins at `reach` or earlier. */
static int join_next(struct episodes *all, usec reach, size_t i, const struct episode_sink *sink)
{
        struct episode *e = &all->items[i], *next = e + 1;

        if (i + 1 >= all->n || next->first > reach)
                return 0;
        if (e->is_told && next->is_told) {
                int r = sink->merged(sink->userdata, next, e);

                if (r < 0)
                        return r;
        }
        swallow(e, next);
        all->n--;
        memmove(next, next + 1, (all->n - i - 1) * sizeof *next);
        return 0;
}

/* The episode that the hit belongs to from now on; NULL: out of memory. */
static struct episode *take_in(struct episodes *all, usec timespan, const struct hit *hit)
{
        struct episode *e = episodes_at(all, timespan, hit->time);

        if (!e && !(e = add(all, hit->time)))
                return NULL;
        if (hit->time < e->first)
                e->first = hit->time;
        if (hit->time > e->last)
                e->last = hit->time;
        if (hit->lowered < e->lowered)
                e->lowered = hit->lowered;
        e->count++;
        e->is_changed = true;
        return e;
}

int episodes_put(struct episodes *all, usec timespan, const struct hit *hit, const struct episode_sink *sink)
{
        struct episode *e = take_in(all, timespan, hit);

        if (!e)
                return -ENOMEM;
        sink->hot(sink->userdata, hit, e);
        return join_next(all, e->last + timespan, (size_t)(e - all->items), sink);
}

/* What lies behind e->last, where that is not of the stretch, is out of its reach, too. */
int episodes_put_many(struct episodes *all, const struct stretch *s, const struct hit *known, size_t n_known,
                      const struct episode_sink *sink)
{
        struct episode *e = episodes_touching(all, s->from, s->to);

        if (!e && !(e = add(all, s->first)))
                return -ENOMEM;
        if (s->first < e->first)
                e->first = s->first;
        if (s->last > e->last)
                e->last = s->last;
        e->lowered = 0;
        e->count += s->count;
        e->is_late |= s->is_late;
        e->is_changed = true;
        for (size_t i = 0; i < n_known; i++)
                sink->hot(sink->userdata, &known[i], e);
        return join_next(all, s->to, (size_t)(e - all->items), sink);
}

void episodes_peak(struct episodes *all, usec timespan, usec time, measure_t m)
{
        struct episode *e = episodes_at(all, timespan, time);

        if (!e || m <= e->peak)
                return;
        e->peak = m;
        e->is_changed = true;
}

int episodes_tell(struct episodes *all, usec timespan, usec time, const struct episode_sink *sink)
{
        struct episode *e = episodes_at(all, timespan, time);
        int r;

        if (!e || !e->is_changed)
                return 0;
        r = sink->changed(sink->userdata, e);
        e->is_changed = false;
        e->is_told = true;
        return r;
}

int episodes_tell_all(struct episodes *all, const struct episode_sink *sink)
{
        int r = 0;

        for (size_t i = 0; i < all->n && r >= 0; i++) {
                struct episode *e = &all->items[i];

                if (!e->is_changed)
                        continue;
                r = sink->changed(sink->userdata, e);
                e->is_changed = false;
                e->is_told = true;
        }
        return r;
}

/* ---- Taking hits back ---- */

void episodes_gone(struct episodes *all, usec timespan, const struct hit *hit)
{
        struct episode *e = episodes_at(all, timespan, hit->time);

        if (!e)
                return;
        e->n_gone++;
        e->gone_last = hit->time;
}

/* What only its dropped hits make of it; false: there are none. */
static bool cut_to_gone(struct episode *e)
{
        e->count = e->n_gone;
        e->last = e->gone_last;
        return e->n_gone > 0;
}

/* What was told of `old` is now said of `e`, unless somebody else's was before. */
static int inherit(struct episode *e, struct episode *old, const struct episode_sink *sink)
{
        if (!old->is_told)
                return 0;
        if (e->is_told)
                return sink->merged(sink->userdata, old, e);
        e->id = old->id;
        e->is_told = true;
        e->n_evidence = old->n_evidence;
        e->is_late = old->is_late;
        if (e->words.at == USEC_NONE) {
                e->words = old->words;
                words_init(&old->words);
        }
        return 0;
}

/* Who takes over what was told of an old episode: the first that overlaps it. */
static int settle_old(struct episodes *all, struct episode *old, const struct episode_sink *sink)
{
        for (size_t i = 0; i < all->n; i++) {
                struct episode *e = &all->items[i];

                if (e->first <= old->last && old->first <= e->last)
                        return inherit(e, old, sink);
        }
        return old->is_told ? sink->withdrawn(sink->userdata, old) : 0;
}

/* The words of an episode are those of its latest hit, of equal stamps the last in order; its peak is that of all. */
static int retell(struct episode *e, const struct hits *hits, usec from)
{
        for (size_t i = hits_lower(hits, from); i < hits->n && hits_at(hits, i)->time <= e->last; i++) {
                const struct hit *hit = hits_at(hits, i);

                if (!hit->is_hot || !hit->was_hot || !hit->story)
                        continue;
                if (hit->story->measure > e->peak)
                        e->peak = hit->story->measure;
                if (hit->story->words.at >= e->words.at && words_copy(&e->words, &hit->story->words) < 0)
                        return -ENOMEM;
        }
        return 0;
}

int episodes_retell(struct episodes *all, usec timespan, usec time, const struct hits *hits)
{
        struct episode *e = episodes_at(all, timespan, time);

        return e ? retell(e, hits, e->words.at == USEC_NONE ? e->first : e->words.at) : 0;
}

int episodes_rebuild(struct episodes *all, usec timespan, struct hits *hits, const struct episode_sink *sink)
{
        struct episodes old = *all;
        int r = 0;

        *all = (struct episodes){ 0 };
        for (size_t i = 0; i < old.n && r >= 0; i++) { /* what is gone stays as it is */
                struct episode e = old.items[i], *kept;

                if (!cut_to_gone(&e))
                        continue;
                kept = add(all, e.first);
                if (!kept) {
                        r = -ENOMEM;
                        break;
                }
                e.is_changed = true;
                *kept = e;
                words_init(&old.items[i].words);
                old.items[i].is_told = false;
        }
        for (size_t i = 0; i < hits->n && r >= 0; i++) {
                struct hit *hit = hits_at(hits, i);

                hit->was_hot &= hit->is_hot;
                if (!hit->was_hot)
                        continue;
                struct episode *e = take_in(all, timespan, hit);

                r = e ? join_next(all, e->last + timespan, (size_t)(e - all->items), sink) : -ENOMEM;
        }
        for (size_t i = 0; i < all->n && r >= 0; i++)
                r = retell(&all->items[i], hits, all->items[i].first);
        for (size_t i = 0; i < old.n && r >= 0; i++)
                r = settle_old(all, &old.items[i], sink);
        episodes_done(&old);
        return r;
}
