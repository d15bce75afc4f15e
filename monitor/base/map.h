/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_BASE_MAP_H
#define SHOPBELL_BASE_MAP_H

/* A hash table from byte strings to pointers. Keys are copied and owned by the map; values belong to the caller. The
 * hash is keyed (base/hash.h), so log bytes cannot choose collisions. Open addressing; grows at 3/4 full.
 *
 *     struct map m = MAP_INIT;
 *     map_put(&m, key, value);
 *     for (struct map_iter i = { 0 }; map_next(&m, &i);)
 *             use(i.key, i.value);         // do not put or remove while iterating
 *     map_done(&m);
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "monitor/base/str.h"

struct map_slot;

struct map {
        struct map_slot *slots;
        size_t n, cap;
        size_t key_bytes; /* of the keys, their NULs included */
};

struct map_iter {
        size_t at;
        struct str key;
        void *value;
};

#define MAP_INIT \
        { \
                NULL, 0, 0, 0 \
        }

void map_done(struct map *m); /* frees keys and table, not the values */
void *map_get(const struct map *m, struct str key); /* NULL: not there */
/* Sets or replaces. 0, -EINVAL (value is NULL), -ENOMEM. */
int map_put(struct map *m, struct str key, void *value);
void *map_remove(struct map *m, struct str key); /* the value, or NULL */
bool map_next(const struct map *m, struct map_iter *i); /* in no particular order */
static inline size_t map_count(const struct map *m)
{
        return m->n;
}
size_t map_bytes(const struct map *m); /* memory held, keys included */

#endif
