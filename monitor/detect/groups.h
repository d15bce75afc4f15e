/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_DETECT_GROUPS_H
#define SHOPBELL_DETECT_GROUPS_H

/* All group keys of all rules, each with its window. One map, one list by last use (at a cap the least recently hit goes
 * first), one list a rule, and one list of what changed since the store was last told. Private to detect/.
 *
 * A key is text: "RULE\n" and for each value "LENGTH:VALUE". The store knows the part behind the first line. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "monitor/base/map.h"
#include "monitor/detect/rules.h"

enum {
        GROUP_VALUE_BYTES_MAX = 1024, /* of a value in a key; of longer ones the beginning and a hash are kept */
        GROUP_VALUE_HEAD_BYTES = 256,
};

struct group {
        struct window window;
        struct group *newer, *older; /* by last use */
        struct group *next, *previous; /* of the same rule */
        struct group *next_dirty;
        char *key; /* owned */
        size_t key_n;
        size_t bytes; /* as counted in groups.bytes */
        uint32_t rule;
        bool is_dirty, is_gone;
};

struct groups {
        const struct ruleset *rules;
        size_t keys_max, bytes_max;
        struct map map;
        struct group **of_rule; /* [rule] */
        struct group *newest, *oldest, *dirty;
        size_t bytes; /* held by all of them, about */
        uint64_t evicted; /* keys dropped at a cap */
};

int groups_init(struct groups *all, const struct ruleset *rules, size_t keys_max, size_t bytes_max);
void groups_done(struct groups *all);

/* The group of that key, made when there is none; it is now the most recently used. NULL: out of memory. */
struct group *groups_get(struct groups *all, uint32_t rule, struct str key);
/* Its window has changed: it is to be stored, and its size counted anew. May evict others, never `g`. */
void groups_touch(struct groups *all, struct group *g);
/* Its window was just taken back from the store: as groups_touch(), but there is nothing to store. */
void groups_loaded(struct groups *all, struct group *g);
/* Gone from the map; the store hears of it with the next groups_each_dirty(). */
void groups_drop(struct groups *all, struct group *g);
/* Calls fn for every key that changed; key is the part for the store, blob.n == 0: it is gone. */
int groups_each_dirty(struct groups *all, int (*fn)(void *userdata, struct str rule, struct str key, struct str blob),
                      void *userdata);

/* ---- Keys ---- */
void group_key_begin(struct strbuf *key, uint32_t rule);
void group_key_add(struct strbuf *key, struct str value); /* at most GROUP_VALUE_BYTES_MAX, see group_key_value() */
struct str group_key_values(const struct group *g); /* the part behind the rule */
bool group_key_next(struct str *rest, struct str *ret);
/* A value as it stands in keys: itself, or, when it is long, its beginning and a hash of all (in `buf`). */
struct str group_key_value(struct str value, struct strbuf *buf);

#endif
