/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_PARSERS_JSON_PLAN_H
#define SHOPBELL_PARSERS_JSON_PLAN_H

/* The trie that a record is walked against. Private to the JSON reader. */

#include <stdbool.h>
#include <stdint.h>

#include "parsers/json.h"
#include "parsers/json_text.h"

#define JSON_NO_SLOT UINT32_MAX

struct json_pairs {
        struct str name; /* owned, like `values` and its texts */
        struct str *values;
        size_t n_values;
};

struct json_node {
        /* What every visit asks comes first, to lie together in the cache. */
        struct json_edge *table; /* children by key: power of two, at most half full; NULL: no children */
        uint32_t mask;
        uint32_t id; /* unique in the plan */
        uint32_t slot; /* the field that ends here, or JSON_NO_SLOT */
        bool is_literal; /* a top-level key that is a whole dotted field name */
        bool is_envelope; /* the first key of an envelope's path */
        bool is_fan_out; /* the array that one raw fans out over */
        bool is_text; /* a string here holds JSON */
        struct json_pairs *pairs; /* an array here lists name/value pairs */
        struct str key; /* owned */
        struct json_node **children;
        size_t n_children, cap_children;
};

/* Enough of a key to tell it from all others of a plan, mostly: its first and last eight bytes and its length. Of keys
 * up to 16 bytes that is everything. */
struct json_print {
        uint64_t first, last;
        uint64_t n;
};

struct json_edge {
        struct json_print print;
        struct json_node *node; /* NULL: free */
};

struct json_plan {
        struct json_node *root; /* of a record */
        struct json_node *fan_out; /* NULL: none */
        uint32_t n_nodes;
        bool wants_leaves;
        struct json_envelope {
                struct str *keys; /* of its path, owned; at least one */
                size_t n;
                struct json_node *node; /* of the first key */
        } envelopes[JSON_ENVELOPES_MAX];
        size_t n_envelopes;
};

/* The first min(n, 8) bytes as a number; JSON_KEY_PADDING bytes must be readable. */
static inline uint64_t json_key_word(const char *p, size_t n)
{
        uint64_t w;

        memcpy(&w, p, sizeof w);
        if (n >= sizeof w)
                return w;
        if (n == 0)
                return 0;
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        return w >> (64 - 8 * n);
#else
        return w << (64 - 8 * n);
#endif
}

static inline struct json_print json_key_print(struct str key)
{
        return (struct json_print){
                .first = json_key_word(key.p, key.n),
                .last = key.n > 8 ? json_key_word(key.p + key.n - 8, 8) : 0,
                .n = key.n,
        };
}

/* The keys of a plan are an operator's choice, so no secret is needed. */
static inline uint32_t json_print_hash(const struct json_print *k)
{
        uint64_t h = (k->first ^ k->n) * UINT64_C(0x9E3779B97F4A7C15) ^ k->last * UINT64_C(0xC2B2AE3D27D4EB4F);

        h ^= h >> 32; /* short keys fill only the upper bits */
        return (uint32_t)(h * UINT64_C(0xD6E8FEB86659FD93) >> 32);
}

static inline bool json_print_eq(const struct json_print *a, const struct json_print *b)
{
        return a->first == b->first && a->last == b->last && a->n == b->n;
}

/* The child of that key, or NULL. */
static inline const struct json_node *json_node_child(const struct json_node *node, struct str key,
                                                      const struct json_print *print, uint32_t hash)
{
        if (!node->table)
                return NULL;
        for (uint32_t i = hash & node->mask; node->table[i].node; i = (i + 1) & node->mask) {
                const struct json_edge *e = &node->table[i];

                if (json_print_eq(&e->print, print) && (key.n <= 16 || memcmp(e->node->key.p, key.p, key.n) == 0))
                        return e->node;
        }
        return NULL;
}

static inline const struct json_node *json_node_find(const struct json_node *node, struct str key)
{
        struct json_print print = json_key_print(key);

        return json_node_child(node, key, &print, json_print_hash(&print));
}

#endif
