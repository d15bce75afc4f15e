/* SPDX-License-Identifier: Apache-2.0 */

/* The gap buffer of hits, and the set that tells re-delivered records. */

#include "monitor/detect/hits.h"

#include <errno.h>
#include <stdlib.h>

enum { LIST_MAX = 8, CAP_MIN = 2 }; /* up to LIST_MAX hits are looked through one by one */

void hit_done(struct hit *hit)
{
        if (hit->story)
                words_done(&hit->story->words);
        free(hit->story);
        free(hit->values);
        hit->story = NULL;
        hit->values = NULL;
}

void hits_done(struct hits *h)
{
        for (size_t i = 0; i < h->n; i++)
                hit_done(hits_at(h, i));
        free(h->items);
        tags_done(&h->held);
        *h = (struct hits){ 0 };
}

/* ---- Identity ---- */

/* Of the record's key with rule and member mixed in. Keys are cryptographic hashes: no two identities meet by chance. */
static uint64_t identity(const struct hit *hit)
{
        uint64_t words[2];
        struct hash128 id;

        _Static_assert(sizeof words == sizeof hit->key, "two words");
        memcpy(words, hit->key.b, sizeof words);
        words[0] ^= (uint64_t)hit->base << 16 | hit->member;
        memcpy(id.b, words, sizeof words);
        return hash_key128(&id);
}

/* Of all that are held. Without memory for it they are looked through one by one. */
static void build_held(struct hits *h)
{
        if (tags_reserve(&h->held, h->n + h->n / 4) < 0)
                return;
        for (size_t i = 0; i < h->n; i++)
                (void)tags_add(&h->held, identity(hits_at(h, i))); /* there is room */
}

bool hits_has(struct hits *h, const struct hit *hit)
{
        if (h->held.cap == 0 && h->n > LIST_MAX)
                build_held(h);
        if (h->held.cap > 0)
                return tags_has(&h->held, identity(hit));
        for (size_t i = 0; i < h->n; i++) {
                const struct hit *other = hits_at(h, i);

                if (hash128_eq(&other->key, &hit->key) && other->base == hit->base && other->member == hit->member)
                        return true;
        }
        return false;
}

/* ---- Places ---- */

size_t hits_lower(const struct hits *h, usec t)
{
        size_t from = 0, to = h->n;

        while (from < to) {
                size_t middle = from + (to - from) / 2;

                if (hits_at(h, middle)->time < t)
                        from = middle + 1;
                else
                        to = middle;
        }
        return from;
}

size_t hits_upper(const struct hits *h, usec t)
{
        return t == INT64_MAX ? h->n : hits_lower(h, t + 1);
}

static void move_gap(struct hits *h, size_t place)
{
        size_t hole = h->cap - h->n;

        if (place < h->gap)
                memmove(h->items + place + hole, h->items + place, (h->gap - place) * sizeof *h->items);
        else if (place > h->gap)
                memmove(h->items + h->gap, h->items + h->gap + hole, (place - h->gap) * sizeof *h->items);
        h->gap = place;
}

static int resize(struct hits *h, size_t cap)
{
        struct hit *items;

        move_gap(h, h->n);
        items = reallocarray(h->items, cap, sizeof *items);
        if (!items)
                return -ENOMEM;
        h->items = items;
        h->cap = cap;
        return 0;
}

int hits_reserve(struct hits *h, size_t more)
{
        return h->cap - h->n >= more ? 0 : resize(h, h->n + more);
}

static int insert(struct hits *h, const struct hit *hit, size_t place)
{
        int r = h->n < h->cap ? 0 : resize(h, size_max(CAP_MIN, 2 * h->cap));

        if (r < 0)
                return r;
        move_gap(h, place);
        h->items[h->gap++] = *hit;
        h->n++;
        if (h->held.cap > 0 && tags_add(&h->held, identity(hit)) < 0)
                tags_done(&h->held); /* it is built anew when there is memory */
        h->n_values += hit->values ? hit->n_values : 0;
        return 0;
}

int hits_insert(struct hits *h, const struct hit *hit, size_t *ret)
{
        *ret = h->n > 0 && hits_at(h, h->n - 1)->time <= hit->time ? h->n : hits_upper(h, hit->time);
        return insert(h, hit, *ret);
}

/* Those of the same time by record, then by rule. */
static int order(const struct hit *a, const struct hit *b)
{
        int by_record = memcmp(&a->key, &b->key, sizeof a->key);

        if (by_record != 0)
                return by_record;
        return a->base != b->base ? (a->base > b->base) - (a->base < b->base) : (a->member > b->member) - (a->member < b->member);
}

int hits_insert_ordered(struct hits *h, const struct hit *hit, size_t *ret)
{
        for (*ret = hits_upper(h, hit->time); *ret > 0 && hits_at(h, *ret - 1)->time == hit->time; --*ret)
                if (order(hits_at(h, *ret - 1), hit) <= 0)
                        break;
        return insert(h, hit, *ret);
}

void hits_drop_front(struct hits *h, size_t n)
{
        if (n == 0)
                return;
        for (size_t i = 0; i < n; i++) {
                struct hit *hit = hits_at(h, i);

                if (h->held.cap > 0)
                        tags_remove(&h->held, identity(hit));
                h->n_values -= hit->values ? hit->n_values : 0;
                hit_done(hit);
        }
        move_gap(h, n); /* what goes lies before the hole and becomes part of it */
        h->gap = 0;
        h->n -= n;
        if (h->n <= LIST_MAX / 2)
                tags_done(&h->held);
        if (h->cap > 64 && h->n < h->cap / 4)
                (void)resize(h, size_max(CAP_MIN, 2 * h->n)); /* no harm when it fails */
}

size_t hits_bytes(const struct hits *h)
{
        return h->cap * sizeof *h->items + h->n_values * sizeof(struct hash128) + tags_bytes(&h->held);
}
