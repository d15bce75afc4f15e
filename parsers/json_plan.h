/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_PARSERS_JSON_PLAN_H
#define SHOPBELL_PARSERS_JSON_PLAN_H

/* The trie that a document is walked against; private to json_plan.c and json_simd.cc. */

#include <stdbool.h>
#include <stdint.h>

#include <string.h>

#include "parsers/json.h"

#define JSON_NO_SLOT UINT32_MAX

struct json_node {
        char *key; /* owned */
        size_t key_n;
        uint32_t id; /* unique in the plan */
        uint32_t slot; /* the field that ends here, or JSON_NO_SLOT */
        bool is_literal; /* a top-level key that is a whole dotted field name */
        bool is_envelope; /* first key of the envelope's path */
        bool is_fan_out; /* the array that one raw fans out over */
        bool is_text; /* a string here holds JSON */
        struct json_pairs *pairs; /* an array here lists name/value pairs */
        struct json_node **children;
        size_t n_children, cap_children;
        struct json_node **table; /* by hash of the key; power of two, at most half full; NULL: no children */
        uint32_t mask;
};

struct json_pairs {
        char *name;
        char **values;
        size_t n_values;
};

struct json_plan {
        struct json_node *root; /* of a record */
        uint32_t n_nodes;
        bool wants_leaves;
        char **envelope; /* keys of its path */
        size_t n_envelope;
        char **fan_out;
        size_t n_fan_out;
};

static inline uint32_t json_key_hash(const char *p, size_t n)
{
        uint32_t h = (uint32_t)n * 0x9E3779B1u;

        if (n > 0)
                h ^= (uint32_t)(unsigned char)p[0] << 8 ^ (uint32_t)(unsigned char)p[n - 1] << 16 ^
                     (uint32_t)(unsigned char)p[n / 2] * 0x85EBCA6Bu;
        return h ^ h >> 15;
}

/* The child of that key, or NULL. */
static inline const struct json_node *json_node_child(const struct json_node *node, const char *p, size_t n)
{
        if (!node->table)
                return NULL;
        for (uint32_t i = json_key_hash(p, n) & node->mask; node->table[i]; i = (i + 1) & node->mask)
                if (node->table[i]->key_n == n && memcmp(node->table[i]->key, p, n) == 0)
                        return node->table[i];
        return NULL;
}

/* What a JSON string (without its quotes) stands for, in `arena`; lone surrogates become U+FFFD. p == NULL: a bad escape
 * (*ret_oom false) or no memory (true). Bytes without a backslash come back as they are. */
struct str json_unescape(struct arena *arena, struct str raw, bool *ret_oom);
/* Is it a number by the grammar of RFC 8259? */
bool json_number_is_valid(struct str token);

#endif
