/* SPDX-License-Identifier: Apache-2.0 */

/* Sets of two entries: a new text takes the place of the older one of its set. */

#include "monitor/sigma/memo.h"

#include <stdlib.h>

enum { WAYS = 2 };

struct entry {
        uint64_t owner; /* 0: free */
        uint32_t ids[MEMO_IDS];
        uint16_t n_ids, n; /* of ids, of bytes */
        char text[MEMO_TEXT_BYTES];
};

_Static_assert(sizeof(struct entry) == 512, "whole lines of a cache");

struct memo {
        struct entry entries[MEMO_ENTRIES]; /* those of a set in a row, the newest first */
};

struct memo *memo_new(void)
{
        return calloc(1, sizeof(struct memo));
}

struct memo *memo_free(struct memo *memo)
{
        free(memo);
        return NULL;
}

static uint64_t load(const char *p)
{
        uint64_t word;

        memcpy(&word, p, sizeof word);
        return word;
}

/* Of a short text all, of a long one both ends and the middle: what tells names and addresses apart. */
static uint64_t sample(struct str s, uint64_t h)
{
        const uint64_t spread = UINT64_C(0xFF51AFD7ED558CCD);

        if (s.n >= sizeof h) {
                h = (h ^ load(s.p)) * spread;
                h = ((h ^ h >> 32) ^ load(s.p + s.n / 2 - sizeof h / 2)) * spread;
                return (h ^ h >> 32) ^ load(s.p + s.n - sizeof h);
        }
        for (size_t i = 0; i < s.n; i++)
                h = h << 8 ^ h >> 56 ^ (uint8_t)s.p[i];
        return h;
}

/* Number of the first entry of its set. */
static size_t set_of(uint64_t owner, struct str text)
{
        uint64_t h = sample(text, owner << 32 ^ text.n) * UINT64_C(0x9E3779B97F4A7C15);

        return (size_t)(h >> 32) % (MEMO_ENTRIES / WAYS) * WAYS;
}

static bool is_of(const struct entry *e, uint64_t owner, struct str text)
{
        return e->owner == owner && str_eq(str_from(e->text, e->n), text);
}

bool memo_get(const struct memo *memo, uint64_t owner, struct str text, struct memo_ids *ret)
{
        const struct entry *e;

        if (!text.p || text.n > MEMO_TEXT_BYTES)
                return false;
        e = &memo->entries[set_of(owner, text)];
        for (size_t i = 0; i < WAYS; i++, e++)
                if (is_of(e, owner, text)) {
                        *ret = (struct memo_ids){ e->ids, e->n_ids };
                        return true;
                }
        return false;
}

void memo_put(struct memo *memo, uint64_t owner, struct str text, const uint32_t *ids, size_t n)
{
        struct entry *e;

        if (!text.p || text.n > MEMO_TEXT_BYTES || n > MEMO_IDS)
                return;
        e = &memo->entries[set_of(owner, text)];
        memmove(e + 1, e, (WAYS - 1) * sizeof *e);
        e->owner = owner;
        e->n_ids = (uint16_t)n;
        e->n = (uint16_t)text.n;
        if (n > 0)
                memcpy(e->ids, ids, n * sizeof *ids);
        memcpy(e->text, text.p, text.n);
}
