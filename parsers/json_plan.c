/* SPDX-License-Identifier: Apache-2.0 */

/* Building the trie of wanted paths. A field "a.b" makes two ways to its slot: the nodes a → b, and one node "a.b"
 * right below the root for the literal key. "a.b\.c" is key "b.c" in a, and nothing else. Keys are the operator's, so the tables of children need no keyed hash. */

#include "parsers/json_plan.h"

#include <errno.h>
#include <stdlib.h>

/* ---- Nodes ---- */

/* With JSON_KEY_PADDING bytes behind it; p == NULL: out of memory. */
static struct str dup_key(struct str key)
{
        char *p = calloc(1, key.n + JSON_KEY_PADDING);

        if (!p)
                return STR_NONE;
        if (key.n > 0)
                memcpy(p, key.p, key.n);
        return str_from(p, key.n);
}

static void free_str(struct str s)
{
        free((char *)s.p);
}

static void free_strs(struct str *s, size_t n)
{
        for (size_t i = 0; i < n; i++)
                free_str(s[i]);
        free(s);
}

static struct json_pairs *pairs_free(struct json_pairs *pairs)
{
        if (!pairs)
                return NULL;
        free_strs(pairs->values, pairs->n_values);
        free_str(pairs->name);
        free(pairs);
        return NULL;
}

static struct json_node *node_free(struct json_node *node)
{
        if (!node)
                return NULL;
        for (size_t i = 0; i < node->n_children; i++)
                node_free(node->children[i]);
        pairs_free(node->pairs);
        free(node->children);
        free(node->table);
        free_str(node->key);
        free(node);
        return NULL;
}

/* Takes `key` over, also when it fails. */
static struct json_node *node_new(struct json_plan *plan, struct str key)
{
        struct json_node *node = key.p ? calloc(1, sizeof *node) : NULL;

        if (!node) {
                free_str(key);
                return NULL;
        }
        node->key = key;
        node->slot = JSON_NO_SLOT;
        node->id = plan->n_nodes++;
        return node;
}

static void put_edge(struct json_node *node, struct json_node *child)
{
        struct json_print print = json_key_print(child->key);
        uint32_t i = json_print_hash(&print) & node->mask;

        while (node->table[i].node)
                i = (i + 1) & node->mask;
        node->table[i] = (struct json_edge){ print, child };
}

/* Room for one more child, in the list and the table. */
static int grow(struct json_node *node)
{
        size_t cap = node->cap_children ? 2 * node->cap_children : 4;
        struct json_node **children;
        struct json_edge *table;

        if (node->n_children < node->cap_children)
                return 0;
        children = reallocarray(node->children, cap, sizeof(struct json_node *));
        if (!children)
                return -ENOMEM;
        node->children = children;
        table = calloc(2 * cap, sizeof *table);
        if (!table)
                return -ENOMEM;
        free(node->table);
        node->table = table;
        node->mask = (uint32_t)(2 * cap - 1);
        node->cap_children = cap;
        for (size_t i = 0; i < node->n_children; i++)
                put_edge(node, children[i]);
        return 0;
}

/* The child of that key, made when there is none. NULL: out of memory. */
static struct json_node *node_child(struct json_plan *plan, struct json_node *node, struct str text)
{
        struct str key = dup_key(text);
        struct json_node *child;

        if (!key.p)
                return NULL;
        child = (struct json_node *)json_node_find(node, key);
        if (child || grow(node) < 0) {
                free_str(key);
                return child;
        }
        child = node_new(plan, key);
        if (!child)
                return NULL;
        node->children[node->n_children++] = child;
        put_edge(node, child);
        return child;
}

/* The first key of a path, as written, up to a dot without a backslash before it; *rest is what follows. False when
 * *rest is used up (p == NULL). */
static bool cut_key(struct str *rest, struct str *ret)
{
        size_t n = 0;

        if (!rest->p)
                return false;
        while (n < rest->n && rest->p[n] != '.')
                n += rest->p[n] == '\\' && n + 1 < rest->n && rest->p[n + 1] == '.' ? 2 : 1;
        *ret = str_from(rest->p, n);
        *rest = n < rest->n ? str_from(rest->p + n + 1, rest->n - n - 1) : STR_NONE;
        return true;
}

/* The key that is meant, `\.` being a dot; owned. p == NULL: out of memory. */
static struct str dup_written_key(struct str written)
{
        struct str key = dup_key(written);
        char *p = (char *)key.p;
        size_t n = 0;

        for (size_t i = 0; p && i < written.n; i++)
                if (written.p[i] != '\\' || i + 1 == written.n || written.p[i + 1] != '.')
                        p[n++] = written.p[i];
        if (p)
                memset(p + n, 0, written.n - n);
        return str_from(p, n);
}

static struct json_node *node_at(struct json_plan *plan, struct str path)
{
        struct json_node *node = plan->root;
        struct str rest = path, written;

        while (node && cut_key(&rest, &written)) {
                struct str key = dup_written_key(written);

                node = key.p ? node_child(plan, node, key) : NULL;
                free_str(key);
        }
        return node;
}

/* ---- Plan ---- */

struct json_plan *json_plan_new(void)
{
        struct json_plan *plan = calloc(1, sizeof *plan);

        if (!plan)
                return NULL;
        plan->root = node_new(plan, dup_key(STR("")));
        return plan->root ? plan : json_plan_free(plan);
}

struct json_plan *json_plan_free(struct json_plan *plan)
{
        if (!plan)
                return NULL;
        for (size_t i = 0; i < plan->n_envelopes; i++)
                free_strs(plan->envelopes[i].keys, plan->envelopes[i].n);
        node_free(plan->root);
        free(plan);
        return NULL;
}

static void set_slot(struct json_node *node, uint32_t slot)
{
        if (node->slot == JSON_NO_SLOT)
                node->slot = slot;
}

int json_plan_want(struct json_plan *plan, struct str field, uint32_t slot)
{
        struct json_node *node = node_at(plan, field), *literal = node;

        if (str_find(field, STR(".")) != SIZE_MAX && str_find(field, STR("\\.")) == SIZE_MAX)
                literal = node_child(plan, plan->root, field);
        if (!node || !literal)
                return -ENOMEM;
        set_slot(node, slot);
        if (literal != node) {
                set_slot(literal, slot);
                literal->is_literal = true;
        }
        return 0;
}

void json_plan_want_leaves(struct json_plan *plan)
{
        plan->wants_leaves = true;
}

/* Copies of the keys of a path; "" has none. */
static int split(struct str path, struct str **ret, size_t *ret_n)
{
        struct str rest = path, key, *keys = NULL;
        size_t n = 0;

        while (path.n > 0 && cut_key(&rest, &key)) {
                struct str *more = reallocarray(keys, n + 1, sizeof *keys);

                if (more) {
                        keys = more;
                        keys[n] = dup_written_key(key);
                }
                if (!more || !keys[n].p) {
                        free_strs(keys, n);
                        return -ENOMEM;
                }
                n++;
        }
        *ret = keys;
        *ret_n = n;
        return 0;
}

int json_plan_envelope(struct json_plan *plan, struct str path)
{
        struct json_envelope *e = &plan->envelopes[plan->n_envelopes];
        int r;

        if (path.n == 0)
                return 0;
        if (plan->n_envelopes == JSON_ENVELOPES_MAX)
                return -E2BIG;
        r = split(path, &e->keys, &e->n);
        if (r < 0)
                return r;
        e->node = node_child(plan, plan->root, e->keys[0]);
        if (!e->node) {
                free_strs(e->keys, e->n);
                return -ENOMEM;
        }
        e->node->is_envelope = true;
        plan->n_envelopes++;
        return 0;
}

int json_plan_fan_out(struct json_plan *plan, struct str path)
{
        struct json_node *node = node_at(plan, path);

        if (!node)
                return -ENOMEM;
        if (plan->fan_out)
                plan->fan_out->is_fan_out = false;
        plan->fan_out = node;
        node->is_fan_out = true;
        return 0;
}

int json_plan_text(struct json_plan *plan, struct str path)
{
        struct json_node *node = node_at(plan, path);

        if (!node)
                return -ENOMEM;
        node->is_text = true;
        return 0;
}

static struct json_pairs *pairs_new(struct str name, const struct str *values, size_t n_values)
{
        struct json_pairs *pairs = calloc(1, sizeof *pairs);

        if (!pairs)
                return NULL;
        pairs->name = dup_key(name);
        pairs->values = calloc(n_values + 1, sizeof *pairs->values);
        if (!pairs->name.p || !pairs->values)
                return pairs_free(pairs);
        for (; pairs->n_values < n_values; pairs->n_values++) {
                pairs->values[pairs->n_values] = dup_key(values[pairs->n_values]);
                if (!pairs->values[pairs->n_values].p)
                        return pairs_free(pairs);
        }
        return pairs;
}

int json_plan_pairs(struct json_plan *plan, struct str path, struct str name, const struct str *values, size_t n_values)
{
        struct json_node *node = node_at(plan, path);
        struct json_pairs *pairs = node ? pairs_new(name, values, n_values) : NULL;

        if (!pairs)
                return -ENOMEM;
        pairs_free(node->pairs);
        node->pairs = pairs;
        return 0;
}
