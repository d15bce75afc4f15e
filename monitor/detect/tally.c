/* SPDX-License-Identifier: Apache-2.0 */

/* Open addressing with linear probing. A slot that becomes free is filled by moving later ones back, so that there are
 * no tombstones and a window that slides for years does not need to be rebuilt. */

#include "monitor/detect/tally.h"

#include <errno.h>
#include <stdlib.h>

enum { CAP_MIN = 16, CLEAR_KEEPS_MAX = 1024 };

static size_t home(const struct tally *t, const struct hash128 *hash)
{
        return (size_t)hash_key128(hash) & (t->cap - 1);
}

/* Where the hash is, or the free place for it. */
static struct tally_slot *place(const struct tally *t, const struct hash128 *hash)
{
        size_t i = home(t, hash);

        while (t->slots[i].n > 0 && !hash128_eq(&t->slots[i].hash, hash))
                i = (i + 1) & (t->cap - 1);
        return &t->slots[i];
}

static int grow(struct tally *t)
{
        struct tally wider = { .cap = t->cap ? 2 * t->cap : CAP_MIN, .n = t->n };

        wider.slots = calloc(wider.cap, sizeof *wider.slots);
        if (!wider.slots)
                return -ENOMEM;
        for (size_t i = 0; i < t->cap; i++)
                if (t->slots[i].n > 0)
                        *place(&wider, &t->slots[i].hash) = t->slots[i];
        free(t->slots);
        *t = wider;
        return 0;
}

void tally_done(struct tally *t)
{
        free(t->slots);
        *t = (struct tally){ 0 };
}

void tally_clear(struct tally *t)
{
        if (t->n == 0)
                return;
        if (t->cap > CLEAR_KEEPS_MAX) {
                tally_done(t);
                return;
        }
        memset(t->slots, 0, t->cap * sizeof *t->slots);
        t->n = 0;
}

int tally_add(struct tally *t, const struct hash128 *hash)
{
        struct tally_slot *slot;

        if (4 * (t->n + 1) > 3 * t->cap) {
                int r = grow(t);

                if (r < 0)
                        return r;
        }
        slot = place(t, hash);
        if (slot->n++ == 0) {
                slot->hash = *hash;
                t->n++;
        }
        return 0;
}

void tally_remove(struct tally *t, const struct hash128 *hash)
{
        struct tally_slot *slot = t->n > 0 ? place(t, hash) : NULL;
        size_t mask = t->cap - 1, hole;

        if (!slot || slot->n == 0 || --slot->n > 0)
                return;
        t->n--;
        hole = (size_t)(slot - t->slots);
        for (size_t i = (hole + 1) & mask; t->slots[i].n > 0; i = (i + 1) & mask) {
                size_t way = (i - home(t, &t->slots[i].hash)) & mask; /* how far it lies from home */

                if (way >= ((i - hole) & mask)) {
                        t->slots[hole] = t->slots[i];
                        hole = i;
                }
        }
        t->slots[hole].n = 0;
}

bool tally_has(const struct tally *t, const struct hash128 *hash)
{
        return t->n > 0 && place(t, hash)->n > 0;
}

size_t tally_bytes(const struct tally *t)
{
        return t->cap * sizeof *t->slots;
}
