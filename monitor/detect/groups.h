/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_DETECT_GROUPS_H
#define SHOPBELL_DETECT_GROUPS_H

/* All group keys of all rules, each with its window. One table, one list a rule by last use, and one list of what changed
 * since the store was last told. Private to detect/.
 *
 * At a cap the rule that holds most forgets, its least recently hit key first: who floods one rule with keys makes no other
 * one forget.
 *
 * There may be a million of them, nearly all hit once by somebody who never comes back. So a group takes few bytes: groups lie
 * in slabs and know each other by number, short keys lie inside, and the first hit of a rule that needs more than one
 * (window_rule.is_countable) is kept in the group itself; a window is only made with the second.
 *
 * In tables a key is the rule's number (four bytes) and, for each value, "LENGTH:VALUE". The store knows the part behind the
 * number. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "monitor/detect/engine.h"
#include "monitor/detect/rules.h"

enum {
        GROUP_VALUE_BYTES_MAX = 1024, /* of a value in a key; of longer ones the beginning and a hash are kept */
        GROUP_VALUE_HEAD_BYTES = 256,
        GROUP_KEY_INSIDE = 24, /* bytes of a key that lie in the group */
        GROUPS_SLAB = 1024, /* groups that are made at once */
        GROUP_PACKED_MIN = 128, /* bytes of a stored window from which on it is kept as it is until it is needed */
};

typedef uint32_t group_id; /* 0: none */

/* The only hit of a group. */
struct lone {
        usec time;
        struct hash128 key;
        uint32_t base;
        uint16_t member;
        bool has_evidence, is_late;
};

/* A window as the store had it, not looked at yet: most keys are never hit again after a restart. */
struct packed {
        uint32_t n;
        char bytes[];
};

enum group_holds { GROUP_NOTHING, GROUP_LONE, GROUP_WINDOW, GROUP_PACKED };

struct group {
        union {
                struct lone lone;
                struct window *window; /* owned */
                struct packed *packed; /* owned; only of rules whose windows never wait for anything */
        };
        union {
                char inside[GROUP_KEY_INSIDE];
                char *outside; /* owned */
        } key;
        group_id newer, older; /* of the same rule, by last use; `older` links free ones */
        group_id next_dirty;
        uint32_t rule;
        uint32_t bytes; /* as counted in groups.bytes */
        uint32_t key_n : 28;
        uint32_t holds : 2; /* enum group_holds */
        uint32_t is_dirty : 1, is_gone : 1;
};

/* The groups of one rule. */
struct rule_groups {
        group_id newest, oldest; /* by last use */
        uint32_t n;
        size_t bytes; /* held by all of them, about */
        uint64_t evicted; /* dropped at a cap */
        uint64_t hits_lost; /* of windows that stay, at a cap; the engine's */
        uint64_t told; /* of both, what losses.c has told of */
};

struct groups {
        const struct ruleset *rules;
        size_t keys_max, bytes_max;
        struct group **slabs;
        uint32_t n_slabs, n_made; /* n_made: groups that were ever taken from the slabs */
        group_id free; /* linked by `older` */
        group_id *slots; /* the table: open addressing, a power of two */
        uint32_t n, cap;
        struct rule_groups *of_rule; /* [rule] */
        group_id dirty;
        const struct group *pinned; /* at work, not to be evicted; NULL: none */
        size_t bytes; /* held by all of them, about */
        uint64_t evicted; /* keys dropped at a cap */
};

int groups_init(struct groups *all, const struct ruleset *rules, size_t keys_max, size_t bytes_max);
void groups_done(struct groups *all);
/* The group of a number; NULL for 0. */
static inline struct group *groups_at(const struct groups *all, group_id id)
{
        return id ? &all->slabs[(id - 1) / GROUPS_SLAB][(id - 1) % GROUPS_SLAB] : NULL;
}

/* The group of that key (group_key_begin()), or NULL. */
struct group *groups_find(const struct groups *all, struct str key);
/* The same, made when there is none; it is now the most recently used of its rule. NULL: out of memory. */
struct group *groups_get(struct groups *all, struct str key);
/* Its window, made of what it holds; NULL: out of memory. */
struct window *groups_window(const struct groups *all, struct group *g);
/* It has changed: it is to be stored, and its size counted anew. May evict others, never `g`. */
void groups_touch(struct groups *all, struct group *g);
/* Makes the group of that key of what the store had, as groups_touch(), but there is nothing to store. 0; -EBADMSG: not our bytes, and
 * there is no such group; -ENOMEM. Damage further inside may only be found when the window is needed: it is empty then. */
int groups_load(struct groups *all, struct str key, struct str blob);
/* What one holds and whether it is dirty goes to another, which held nothing. */
void groups_move(struct groups *to, struct group *into, struct group *g);
/* Less may be held from now on; what is over goes at once, as at any cap. */
void groups_shrink(struct groups *all, size_t bytes_max);
/* Gone from the table; the store hears of it with the next groups_each_dirty(). */
void groups_drop(struct groups *all, struct group *g);
/* Forgets what nothing can touch any more (window_settle()), and a group that is empty then. */
void groups_settle(struct groups *all, struct group *g, usec mark);
/* Calls fn for every key that changed; key is the part for the store. */
int groups_each_dirty(struct groups *all, engine_state_fn *fn, void *userdata);
/* losses.c: the same for a group under GROUP_LOSS. */
void losses_settle(struct groups *all, struct group *g, usec mark);
/* A hit as a lone one, and whether it is the same as that. */
struct lone lone_of(const struct hit *hit);
bool lone_is(const struct lone *lone, const struct hit *hit);

/* ---- Keys (group_key.c) ---- */
/* In place of values: what all groups of a rule did, or those of a team, whose name follows (history kinds); what the rule had
 * to forget (losses.c). */
enum { GROUP_EVERYONE = 'E', GROUP_TEAM = 'T', GROUP_LOSS = 'L' };
void group_key_begin(struct strbuf *key, uint32_t rule);
void group_key_add(struct strbuf *key, struct str value); /* at most GROUP_VALUE_BYTES_MAX, see group_key_value() */
struct str group_key_values(const struct group *g); /* the part behind the rule */
bool group_key_next(struct str *rest, struct str *ret);
/* A value as it stands in keys: itself, or, when it is long, its beginning and a hash of all (in `buf`). */
struct str group_key_value(struct str value, struct strbuf *buf);

#endif
