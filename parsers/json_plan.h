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
        struct str key; /* owned */
        uint32_t id; /* unique in the plan */
        uint32_t slot; /* the field that ends here, or JSON_NO_SLOT */
        bool is_literal; /* a top-level key that is a whole dotted field name */
        bool is_envelope; /* the first key of the envelope's path */
        bool is_fan_out; /* the array that one raw fans out over */
        bool is_text; /* a string here holds JSON */
        struct json_pairs *pairs; /* an array here lists name/value pairs */
        struct json_node **children;
        size_t n_children, cap_children;
        struct json_edge *table; /* children by key: power of two, at most half full; NULL: no children */
        uint32_t mask;
};

struct json_edge {
        uint32_t hash;
        struct json_node *node; /* NULL: free */
};

struct json_plan {
        struct json_node *root; /* of a record */
        struct json_node *envelope_node, *fan_out; /* NULL: none */
        uint32_t n_nodes;
        bool wants_leaves;
        struct str *envelope; /* keys of its path, owned */
        size_t n_envelope;
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

/* Of the length, the first and the last eight bytes: enough to tell the keys of a plan apart, which an operator
 * chose. */
static inline uint32_t json_key_hash(struct str key)
{
        uint64_t h = (json_key_word(key.p, key.n) ^ key.n) * UINT64_C(0x9E3779B97F4A7C15);

        if (key.n > 8)
                h ^= json_key_word(key.p + key.n - 8, 8) * UINT64_C(0xC2B2AE3D27D4EB4F);
        h ^= h >> 32; /* short keys fill only the upper bits */
        return (uint32_t)(h * UINT64_C(0xD6E8FEB86659FD93) >> 32);
}

/* The child of that key, or NULL. */
static inline const struct json_node *json_node_child(const struct json_node *node, struct str key, uint32_t hash)
{
        if (!node->table)
                return NULL;
        for (uint32_t i = hash & node->mask; node->table[i].node; i = (i + 1) & node->mask)
                if (node->table[i].hash == hash && str_eq(node->table[i].node->key, key))
                        return node->table[i].node;
        return NULL;
}

#endif
