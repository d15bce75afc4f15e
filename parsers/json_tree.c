/* SPDX-License-Identifier: Apache-2.0 */

/* Tokens (json_text.h) to a tree. */

#include "parsers/json_tree.h"

#include <errno.h>

#include "monitor/base/utf8.h"
#include "monitor/model/record.h"
#include "parsers/json.h"
#include "parsers/json_text.h"

struct growing {
        struct arena *arena;
        struct json_text text;
        const uint32_t *t; /* the next token */
        size_t n_nodes;
};

static int grow(struct growing *g, unsigned depth, struct json_tree **ret);

/* ,  or the closing bracket, which is passed: 1 there is more, 0 there is not. */
static int is_more(struct growing *g, char close)
{
        char c = json_text_at(&g->text, g->t);

        if (c != ',' && c != close)
                return -EBADMSG;
        g->t++;
        return c == ',';
}

static int grow_member(struct growing *g, bool is_object, unsigned depth, struct json_tree **ret)
{
        struct str key = STR_NONE;
        int r = 0;

        if (is_object) {
                if (json_text_at(&g->text, g->t) != '"' || json_text_at(&g->text, g->t + 1) != ':')
                        return -EBADMSG;
                r = json_text_string(&g->text, g->t, g->arena, &key);
                g->t += 2;
        }
        if (r >= 0)
                r = grow(g, depth, ret);
        if (r >= 0)
                (*ret)->key = key;
        return r;
}

static int grow_container(struct growing *g, struct json_tree *node, unsigned depth)
{
        bool is_object = node->kind == JSON_OBJECT;
        struct json_tree **end = &node->first;
        const uint32_t *from = g->t++;
        int r = 1;

        if (depth > JSON_DEPTH_MAX)
                return -E2BIG;
        if (json_text_at(&g->text, g->t) == (is_object ? '}' : ']')) {
                g->t++;
                r = 0;
        }
        while (r > 0) {
                r = grow_member(g, is_object, depth, end);
                if (r < 0)
                        return r;
                end = &(*end)->next;
                node->n++;
                if (json_text_is_last(&g->text, g->t - 1)) /* an inner bracket was the last token */
                        return -EBADMSG;
                r = is_more(g, is_object ? '}' : ']');
        }
        node->text = json_text_slice(&g->text, from, g->t - 1);
        return r;
}

static int grow_scalar(struct growing *g, struct json_tree *node)
{
        struct str text = json_text_bare(&g->text, g->t++);

        if (!json_text_is_word(text) && !json_text_is_number(text))
                return -EBADMSG;
        node->kind = text.p[0] == 'n' ? JSON_NULL : text.p[0] == 't' || text.p[0] == 'f' ? JSON_BOOL : JSON_NUMBER;
        node->text = text;
        return 0;
}

static int grow(struct growing *g, unsigned depth, struct json_tree **ret)
{
        struct json_tree *node = arena_alloc(g->arena, sizeof *node);
        char c = json_text_at(&g->text, g->t);

        if (!node)
                return -ENOMEM;
        if (g->n_nodes++ == JSON_TREE_NODES_MAX)
                return -E2BIG;
        *ret = node;
        if (c == '{' || c == '[') {
                node->kind = c == '{' ? JSON_OBJECT : JSON_ARRAY;
                return grow_container(g, node, depth + 1);
        }
        if (json_text_is_last(&g->text, g->t))
                return -EBADMSG;
        if (c == '"') {
                node->kind = JSON_STRING;
                return json_text_string(&g->text, g->t++, g->arena, &node->text);
        }
        return grow_scalar(g, node);
}

int json_tree_read(struct arena *arena, struct str text, struct json_tree **ret)
{
        struct growing g = { .arena = arena };
        struct str clean = utf8_clean(arena, text);
        char *copy = clean.p ? arena_alloc(arena, clean.n + RAW_PADDING) : NULL;
        struct json_simd *simd = json_simd_new();
        int r = copy && simd ? 0 : -ENOMEM;

        if (r >= 0) {
                memcpy(copy, clean.p, clean.n);
                r = json_text_init(&g.text, simd, str_from(copy, clean.n));
        }
        if (r >= 0) {
                g.t = g.text.tokens;
                r = grow(&g, 0, ret);
        }
        if (r >= 0 && !json_text_is_last(&g.text, g.t - 1))
                r = -EBADMSG; /* something stands behind it */
        json_simd_free(simd);
        return r;
}

const struct json_tree *json_tree_get(const struct json_tree *object, struct str key)
{
        for (const struct json_tree *t = object && object->kind == JSON_OBJECT ? object->first : NULL; t; t = t->next)
                if (str_eq(t->key, key))
                        return t;
        return NULL;
}
