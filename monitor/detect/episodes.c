/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/detect/episodes.h"

#include <errno.h>
#include <stdlib.h>

/* ---- Words ---- */

void words_init(struct words *w)
{
        *w = (struct words){ .at = USEC_NONE };
}

void words_done(struct words *w)
{
        free((char *)w->sentence.p);
        free((char *)w->person.p);
        free((char *)w->source.p);
        words_init(w);
}

size_t words_bytes(const struct words *w)
{
        return w->sentence.n + w->person.n + w->source.n;
}

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

struct episode *episodes_at(const struct episodes *all, usec timespan, usec time)
{
        size_t i = first_from(all, time - timespan);

        return i < all->n && all->items[i].first - timespan <= time ? &all->items[i] : NULL;
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
        all->items[i] = (struct episode){ .first = time, .last = time, .peak = MEASURE_NONE };
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

/* An episode that has grown may have reached the next one. */
static int join_next(struct episodes *all, usec timespan, size_t i, const struct episode_sink *sink)
{
        struct episode *e = &all->items[i], *next = e + 1;

        if (i + 1 >= all->n || next->first - e->last > timespan)
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

int episodes_put(struct episodes *all, usec timespan, const struct hit *hit, const struct episode_sink *sink)
{
        struct episode *e = episodes_at(all, timespan, hit->time);

        if (!e && !(e = add(all, hit->time)))
                return -ENOMEM;
        if (hit->time < e->first)
                e->first = hit->time;
        if (hit->time > e->last)
                e->last = hit->time;
        e->count++;
        e->is_changed = true;
        sink->hot(sink->userdata, hit, e);
        return join_next(all, timespan, (size_t)(e - all->items), sink);
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
