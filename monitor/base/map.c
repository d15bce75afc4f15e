/* SPDX-License-Identifier: Apache-2.0 */

/* The hash table: linear probing over a power of two of slots. Removing closes the gap by moving later slots of the run
 * back, so there are no tombstones and a look-up ends at the first empty slot. */

#include "monitor/base/map.h"

#include <errno.h>
#include <stdlib.h>

#include "monitor/base/hash.h"

enum { MAP_SLOTS_MIN = 16 };

struct map_slot {
        char *key; /* owned; NULL: the slot is empty */
        size_t n;
        uint64_t hash;
        void *value;
};

/* The slot of the key, or the empty one where it would go. The table has at least one empty slot. */
static struct map_slot *find_slot(const struct map *m, struct str key, uint64_t hash)
{
        size_t mask = m->cap - 1;

        for (size_t i = (size_t)hash & mask;; i = (i + 1) & mask) {
                struct map_slot *s = &m->slots[i];

                if (!s->key || (s->hash == hash && str_eq(str_from(s->key, s->n), key)))
                        return s;
        }
}

void map_done(struct map *m)
{
        for (size_t i = 0; i < m->cap; i++)
                free(m->slots[i].key);
        free(m->slots);
        *m = (struct map)MAP_INIT;
}

void *map_get(const struct map *m, struct str key)
{
        struct map_slot *s;

        if (m->n == 0)
                return NULL;
        s = find_slot(m, key, hash_key(key));
        return s->key ? s->value : NULL;
}

static int grow(struct map *m)
{
        size_t cap = m->cap ? m->cap * 2 : MAP_SLOTS_MIN;
        struct map bigger = { calloc(cap, sizeof(struct map_slot)), m->n, cap, m->key_bytes };

        if (!bigger.slots)
                return -ENOMEM;
        for (size_t i = 0; i < m->cap; i++) {
                const struct map_slot *s = &m->slots[i];

                if (s->key)
                        *find_slot(&bigger, str_from(s->key, s->n), s->hash) = *s;
        }
        free(m->slots);
        *m = bigger;
        return 0;
}

int map_put(struct map *m, struct str key, void *value)
{
        uint64_t hash = hash_key(key);
        struct map_slot *s;
        char *own;

        if (!value)
                return -EINVAL;
        s = m->n > 0 ? find_slot(m, key, hash) : NULL;
        if (s && s->key) {
                s->value = value;
                return 0;
        }
        if (m->n + 1 > m->cap / 4 * 3 && grow(m) < 0)
                return -ENOMEM;
        own = str_dupz(key);
        if (!own)
                return -ENOMEM;
        *find_slot(m, key, hash) = (struct map_slot){ own, key.n, hash, value };
        m->n++;
        m->key_bytes += key.n + 1;
        return 0;
}

void *map_remove(struct map *m, struct str key)
{
        size_t mask = m->cap - 1, hole;
        struct map_slot *s;
        void *value;

        if (m->n == 0)
                return NULL;
        s = find_slot(m, key, hash_key(key));
        if (!s->key)
                return NULL;
        value = s->value;
        m->key_bytes -= s->n + 1;
        free(s->key);
        m->n--;

        hole = (size_t)(s - m->slots);
        for (size_t i = (hole + 1) & mask; m->slots[i].key; i = (i + 1) & mask) {
                size_t home = (size_t)m->slots[i].hash & mask;

                /* Move it back unless its home lies behind the hole: between hole (exclusive) and i, going round. */
                if (((i - home) & mask) >= ((i - hole) & mask)) {
                        m->slots[hole] = m->slots[i];
                        hole = i;
                }
        }
        m->slots[hole] = (struct map_slot){ 0 };
        return value;
}

bool map_next(const struct map *m, struct map_iter *i)
{
        for (; i->at < m->cap; i->at++) {
                const struct map_slot *s = &m->slots[i->at];

                if (!s->key)
                        continue;
                i->key = str_from(s->key, s->n);
                i->value = s->value;
                i->at++;
                return true;
        }
        return false;
}

size_t map_bytes(const struct map *m)
{
        return m->cap * sizeof(struct map_slot) + m->key_bytes;
}
