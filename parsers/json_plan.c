/* SPDX-License-Identifier: Apache-2.0 */

/* Building the trie of wanted paths, and the two scalars that simdjson 3.0 leaves to us: strings with lone surrogates and
 * numbers of any size. */

#include "parsers/json_plan.h"

#include <errno.h>
#include <stdlib.h>

#include "monitor/base/utf8.h"

/* ---- Nodes ---- */

static struct json_node *node_new(struct json_plan *plan, struct str key)
{
        struct json_node *node = calloc(1, sizeof *node);

        if (!node)
                return NULL;
        node->key = str_dupz(key);
        node->key_n = key.n;
        node->slot = JSON_NO_SLOT;
        node->id = plan->n_nodes;
        if (!node->key) {
                free(node);
                return NULL;
        }
        plan->n_nodes++;
        return node;
}

static void free_strings(char **strings, size_t n)
{
        for (size_t i = 0; i < n; i++)
                free(strings[i]);
        free(strings);
}

static void node_free(struct json_node *node)
{
        if (!node)
                return;
        for (size_t i = 0; i < node->n_children; i++)
                node_free(node->children[i]);
        if (node->pairs) {
                free_strings(node->pairs->values, node->pairs->n_values);
                free(node->pairs->name);
                free(node->pairs);
        }
        free(node->children);
        free(node->table);
        free(node->key);
        free(node);
}

static int rebuild_table(struct json_node *node)
{
        uint32_t size = 4;
        struct json_node **table;

        while (size < 2 * node->n_children + 2)
                size *= 2;
        table = calloc(size, sizeof *table);
        if (!table)
                return -ENOMEM;
        free(node->table);
        node->table = table;
        node->mask = size - 1;
        for (size_t i = 0; i < node->n_children; i++) {
                uint32_t at = json_key_hash(node->children[i]->key, node->children[i]->key_n) & node->mask;

                while (table[at])
                        at = (at + 1) & node->mask;
                table[at] = node->children[i];
        }
        return 0;
}

/* The child of that key, made when there is none. NULL: out of memory. */
static struct json_node *node_child(struct json_plan *plan, struct json_node *node, struct str key)
{
        struct json_node *child = (struct json_node *)json_node_child(node, key.p, key.n);

        if (child)
                return child;
        if (node->n_children == node->cap_children) {
                size_t cap = node->cap_children ? 2 * node->cap_children : 4;
                struct json_node **children = reallocarray(node->children, cap, sizeof *children);

                if (!children)
                        return NULL;
                node->children = children;
                node->cap_children = cap;
        }
        child = node_new(plan, key);
        if (!child)
                return NULL;
        node->children[node->n_children++] = child;
        return rebuild_table(node) < 0 ? NULL : child;
}

static struct json_node *node_at(struct json_plan *plan, struct str path)
{
        struct json_node *node = plan->root;
        struct str rest = path, key;

        while (node && str_cut(&rest, '.', &key))
                node = node_child(plan, node, key);
        return node;
}

/* ---- Plan ---- */

struct json_plan *json_plan_new(void)
{
        struct json_plan *plan = calloc(1, sizeof *plan);

        if (!plan)
                return NULL;
        plan->root = node_new(plan, STR(""));
        return plan->root ? plan : json_plan_free(plan);
}

struct json_plan *json_plan_free(struct json_plan *plan)
{
        if (!plan)
                return NULL;
        node_free(plan->root);
        free_strings(plan->envelope, plan->n_envelope);
        free_strings(plan->fan_out, plan->n_fan_out);
        free(plan);
        return NULL;
}

int json_plan_want(struct json_plan *plan, struct str field, uint32_t slot)
{
        struct json_node *node = node_at(plan, field);

        if (!node)
                return -ENOMEM;
        if (node->slot == JSON_NO_SLOT)
                node->slot = slot;
        if (str_find(field, STR(".")) == SIZE_MAX)
                return 0;
        node = node_child(plan, plan->root, field);
        if (!node)
                return -ENOMEM;
        if (node->slot == JSON_NO_SLOT)
                node->slot = slot;
        node->is_literal = true;
        return 0;
}

void json_plan_want_leaves(struct json_plan *plan)
{
        plan->wants_leaves = true;
}

static int split(struct str path, char ***ret, size_t *ret_n)
{
        struct str rest = path, key;

        free_strings(*ret, *ret_n);
        *ret = NULL;
        *ret_n = 0;
        while (path.n > 0 && str_cut(&rest, '.', &key)) {
                char **more = reallocarray(*ret, *ret_n + 1, sizeof *more);

                if (!more)
                        return -ENOMEM;
                *ret = more;
                more[*ret_n] = str_dupz(key);
                if (!more[*ret_n])
                        return -ENOMEM;
                (*ret_n)++;
        }
        return 0;
}

int json_plan_envelope(struct json_plan *plan, struct str path)
{
        int r = split(path, &plan->envelope, &plan->n_envelope);
        struct json_node *node;

        if (r < 0 || plan->n_envelope == 0)
                return r;
        node = node_child(plan, plan->root, str_of(plan->envelope[0]));
        if (!node)
                return -ENOMEM;
        node->is_envelope = true;
        return 0;
}

int json_plan_fan_out(struct json_plan *plan, struct str path)
{
        struct json_node *node = node_at(plan, path);
        int r = split(path, &plan->fan_out, &plan->n_fan_out);

        if (r < 0 || !node)
                return -ENOMEM;
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

int json_plan_pairs(struct json_plan *plan, struct str path, struct str name, const struct str *values, size_t n_values)
{
        struct json_node *node = node_at(plan, path);
        struct json_pairs *pairs = calloc(1, sizeof *pairs);

        if (!node || !pairs || node->pairs) {
                free(pairs);
                return node && node->pairs ? 0 : -ENOMEM;
        }
        node->pairs = pairs;
        pairs->name = str_dupz(name);
        pairs->values = calloc(n_values + 1, sizeof *pairs->values);
        if (!pairs->name || !pairs->values)
                return -ENOMEM;
        for (size_t i = 0; i < n_values; i++) {
                pairs->values[i] = str_dupz(values[i]);
                if (!pairs->values[i])
                        return -ENOMEM;
                pairs->n_values++;
        }
        return 0;
}

/* ---- Scalars ---- */

static bool read_hex4(const char *p, const char *end, uint32_t *ret)
{
        *ret = 0;
        if (end - p < 4)
                return false;
        for (int i = 0; i < 4; i++) {
                char c = p[i];
                uint32_t d = c >= '0' && c <= '9' ? (uint32_t)(c - '0')
                             : (c | 32) >= 'a' && (c | 32) <= 'f' ? (uint32_t)((c | 32) - 'a' + 10)
                                                                  : 16;

                if (d == 16)
                        return false;
                *ret = *ret << 4 | d;
        }
        return true;
}

/* Behind "\u". Returns the bytes used, 0 for a bad escape. */
static size_t read_unicode(const char *p, const char *end, uint32_t *ret)
{
        uint32_t low;

        if (!read_hex4(p, end, ret))
                return 0;
        if (*ret < 0xD800 || *ret > 0xDFFF)
                return 4;
        if (*ret < 0xDC00 && end - p >= 10 && p[4] == '\\' && p[5] == 'u' && read_hex4(p + 6, end, &low) && low >= 0xDC00 &&
            low <= 0xDFFF) {
                *ret = 0x10000 + ((*ret - 0xD800) << 10) + (low - 0xDC00);
                return 10;
        }
        *ret = 0xFFFD;
        return 4;
}

static char *put_utf8(char *to, uint32_t cp)
{
        if (cp < 0x80) {
                *to++ = (char)cp;
        } else if (cp < 0x800) {
                *to++ = (char)(0xC0 | cp >> 6);
                *to++ = (char)(0x80 | (cp & 0x3F));
        } else if (cp < 0x10000) {
                *to++ = (char)(0xE0 | cp >> 12);
                *to++ = (char)(0x80 | (cp >> 6 & 0x3F));
                *to++ = (char)(0x80 | (cp & 0x3F));
        } else {
                *to++ = (char)(0xF0 | cp >> 18);
                *to++ = (char)(0x80 | (cp >> 12 & 0x3F));
                *to++ = (char)(0x80 | (cp >> 6 & 0x3F));
                *to++ = (char)(0x80 | (cp & 0x3F));
        }
        return to;
}

struct str json_unescape(struct arena *arena, struct str raw, bool *ret_oom)
{
        static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
        const char *p = memchr(raw.p, '\\', raw.n), *end = raw.p + raw.n;
        char *out, *at;

        *ret_oom = false;
        if (!p)
                return raw;
        out = at = arena_alloc(arena, raw.n + 1); /* what is escaped is never shorter than what it stands for */
        *ret_oom = !out;
        if (!out)
                return STR_NONE;
        memcpy(at, raw.p, (size_t)(p - raw.p));
        at += p - raw.p;
        while (p < end) {
                const char *known;
                uint32_t cp;
                size_t used;

                if (*p != '\\') {
                        *at++ = *p++;
                        continue;
                }
                if (++p == end || *p == '\0')
                        return STR_NONE;
                known = strchr(from, *p);
                if (known) {
                        *at++ = to[known - from];
                        p++;
                        continue;
                }
                used = *p == 'u' ? read_unicode(p + 1, end, &cp) : 0;
                if (used == 0)
                        return STR_NONE;
                at = put_utf8(at, cp);
                p += 1 + used;
        }
        return str_from(out, (size_t)(at - out));
}

static size_t skip_digits(struct str s, size_t i)
{
        while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9')
                i++;
        return i;
}

bool json_number_is_valid(struct str s)
{
        size_t i = s.n > 0 && s.p[0] == '-' ? 1 : 0, from = i;

        i = skip_digits(s, i);
        if (i == from || (s.p[from] == '0' && i > from + 1))
                return false;
        if (i < s.n && s.p[i] == '.') {
                from = ++i;
                i = skip_digits(s, i);
                if (i == from)
                        return false;
        }
        if (i < s.n && (s.p[i] | 32) == 'e') {
                i++;
                if (i < s.n && (s.p[i] == '+' || s.p[i] == '-'))
                        i++;
                from = i;
                i = skip_digits(s, i);
                if (i == from)
                        return false;
        }
        return i == s.n;
}
