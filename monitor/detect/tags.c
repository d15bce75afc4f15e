/* SPDX-License-Identifier: Apache-2.0 */

/* Open addressing with linear probing. A place that becomes free is filled by moving later ones back, as in tally.c. */

#include "monitor/detect/tags.h"

#include <errno.h>
#include <stdlib.h>

enum { CAP_MIN = 32 };

/* 0 means free. */
static uint64_t stored(uint64_t tag)
{
        return tag ? tag : 1;
}

/* Where the tag is, or the free place for it. */
static size_t place(const struct tags *t, uint64_t tag)
{
        size_t i = (size_t)tag & (t->cap - 1);

        while (t->slots[i] && t->slots[i] != tag)
                i = (i + 1) & (t->cap - 1);
        return i;
}

static int resize(struct tags *t, size_t cap)
{
        struct tags wider = { .cap = cap, .n = t->n };

        wider.slots = calloc(cap, sizeof *wider.slots);
        if (!wider.slots)
                return -ENOMEM;
        for (size_t i = 0; i < t->cap; i++)
                if (t->slots[i])
                        wider.slots[place(&wider, t->slots[i])] = t->slots[i];
        free(t->slots);
        *t = wider;
        return 0;
}

void tags_done(struct tags *t)
{
        free(t->slots);
        *t = (struct tags){ 0 };
}

int tags_reserve(struct tags *t, size_t n)
{
        size_t cap = t->cap ? t->cap : CAP_MIN;

        while (4 * n > 3 * cap)
                cap *= 2;
        return cap > t->cap ? resize(t, cap) : 0;
}

int tags_add(struct tags *t, uint64_t tag)
{
        int r = tags_reserve(t, t->n + 1);
        size_t i;

        if (r < 0)
                return r;
        i = place(t, stored(tag));
        t->n += t->slots[i] == 0;
        t->slots[i] = stored(tag);
        return 0;
}

void tags_remove(struct tags *t, uint64_t tag)
{
        size_t hole = t->n > 0 ? place(t, stored(tag)) : 0, mask = t->cap - 1;

        if (t->n == 0 || !t->slots[hole])
                return;
        t->n--;
        for (size_t i = (hole + 1) & mask; t->slots[i]; i = (i + 1) & mask) {
                size_t way = (i - (size_t)t->slots[i]) & mask; /* how far it lies from home */

                if (way >= ((i - hole) & mask)) {
                        t->slots[hole] = t->slots[i];
                        hole = i;
                }
        }
        t->slots[hole] = 0;
}

bool tags_has(const struct tags *t, uint64_t tag)
{
        return t->n > 0 && t->slots[place(t, stored(tag))] != 0;
}

size_t tags_bytes(const struct tags *t)
{
        return t->cap * sizeof *t->slots;
}
