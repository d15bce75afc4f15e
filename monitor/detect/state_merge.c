/* SPDX-License-Identifier: Apache-2.0 */

/* The parts of a stored window become one. */

#include <errno.h>
#include <stdlib.h>

#include "monitor/detect/state.h"

static struct hit *find(struct hits *hits, const struct hit *hit)
{
        for (size_t i = hits_lower(hits, hit->time); i < hits->n && hits_at(hits, i)->time == hit->time; i++) {
                struct hit *h = hits_at(hits, i);

                if (hash128_eq(&h->key, &hit->key) && h->base == hit->base && h->member == hit->member)
                        return h;
        }
        return NULL;
}

/* One that is there has other flags now; one that is not is new, with all it owns. */
static int merge_hit(struct window *w, struct hit *hit, bool was_unjudged)
{
        struct hit *known = find(&w->hits, hit);
        size_t place;

        if (known) {
                known->is_hot = hit->is_hot;
                known->is_late = hit->is_late;
                known->has_evidence = hit->has_evidence;
                return 0;
        }
        if (hits_insert(&w->hits, hit, &place) < 0)
                return -ENOMEM;
        w->n_unjudged += was_unjudged;
        hit->values = NULL;
        hit->story = NULL;
        hit->n_values = 0;
        return 0;
}

static int merge_prints(struct prints *to, const struct prints *from)
{
        int r = 0;

        for (size_t i = 0; i < from->n && r >= 0; i++)
                if (!prints_has(to, from->items[i]))
                        r = prints_add(to, from->items[i]);
        return r;
}

static struct day *day_at(struct days *all, int32_t day, size_t *ret_place)
{
        size_t i = 0;

        while (i < all->n && all->items[i].day < day)
                i++;
        *ret_place = i;
        return i < all->n && all->items[i].day == day ? &all->items[i] : NULL;
}

/* The later words on a day, with the fingerprints of both. */
static int merge_day(struct days *all, struct day *later)
{
        size_t place;
        struct day *known = day_at(all, later->day, &place);
        struct day swap;

        if (known) {
                if (merge_prints(&known->prints, &later->prints) < 0)
                        return -ENOMEM;
                swap = *known;
                *known = *later;
                *later = swap;
                swap.prints = known->prints; /* those of the later part alone */
                known->prints = later->prints;
                later->prints = swap.prints;
                return 0;
        }
        if (all->n == all->cap) {
                size_t cap = all->cap ? 2 * all->cap : 4;
                struct day *items = reallocarray(all->items, cap, sizeof *items);

                if (!items)
                        return -ENOMEM;
                all->items = items;
                all->cap = cap;
        }
        memmove(all->items + place + 1, all->items + place, (all->n - place) * sizeof *all->items);
        all->items[place] = *later;
        all->n++;
        *later = (struct day){ .day = later->day };
        return 0;
}

static int merge_days(struct window *w, struct days *more)
{
        int r = 0;

        if (!w->days || w->days->n + more->n > DAYS_MAX + DAYS_MAX / 16)
                return -EBADMSG;
        for (size_t i = 0; i < more->n && r >= 0; i++)
                r = merge_day(w->days, &more->items[i]);
        days_filled(w->days);
        return r;
}

int state_merge(struct window *w, struct window *more)
{
        struct episodes episodes = w->episodes;
        struct words *waiting = w->waiting;
        int r = 0;

        for (size_t i = 0; i < more->hits.n && r >= 0; i++) {
                struct hit *hit = hits_at(&more->hits, i);

                r = merge_hit(w, hit, more->n_unjudged > 0 && !hit->is_judged);
        }
        if (r >= 0 && more->days)
                r = merge_days(w, more->days);
        w->episodes = more->episodes;
        more->episodes = episodes;
        w->waiting = more->waiting;
        more->waiting = waiting;
        w->budget_from = more->budget_from;
        w->budget_n = more->budget_n;
        return r;
}
