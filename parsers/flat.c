/* SPDX-License-Identifier: Apache-2.0 */

#include "parsers/flat.h"

#include <errno.h>
#include <string.h>

enum { TEXT_DEPTH_MAX = 2 /* JSON in a string in JSON */ };

int flat_add(struct flat *f, struct str name, enum json_kind kind, struct str text)
{
        if (f->n == FLAT_FIELDS_MAX)
                return -E2BIG;
        if (f->n == f->cap) {
                size_t cap = f->cap ? 2 * f->cap : 64;
                struct flat_field *items = arena_array(f->arena, cap, sizeof *items);

                if (!items)
                        return -ENOMEM;
                if (f->n > 0)
                        memcpy(items, f->items, f->n * sizeof *items);
                f->items = items;
                f->cap = cap;
        }
        f->items[f->n++] = (struct flat_field){ .name = name, .kind = kind, .text = text };
        return 0;
}

const struct flat_field *flat_find(const struct flat *f, struct str name)
{
        for (size_t i = 0; i < f->n; i++)
                if (str_eq(f->items[i].name, name))
                        return &f->items[i];
        return NULL;
}

/* ---- JSON ---- */

struct flattening {
        struct flat *flat;
        const struct flat_shape *shape;
        unsigned in_text;
};

static int flatten(struct flattening *f, struct str path, const struct json_tree *t);

/* A dot that is part of a key has a backslash before it, as in a source file; a key at the top is known as it is. */
static struct str below(struct flattening *f, struct str path, struct str key)
{
        char *p;
        size_t n = 0;

        if (path.n == 0 && (key.n == 0 || key.p[0] != '.'))
                return key;
        p = arena_bytes(f->flat->arena, path.n + 1 + 2 * key.n);
        if (!p)
                return STR_NONE;
        if (path.n > 0) {
                memcpy(p, path.p, path.n);
                p[path.n] = '.';
                n = path.n + 1;
        }
        for (size_t i = 0; i < key.n; i++) {
                if (key.p[i] == '.')
                        p[n++] = '\\';
                p[n++] = key.p[i];
        }
        return str_from(p, n);
}

static const struct flat_pairs *pairs_at(const struct flattening *f, struct str path)
{
        for (size_t i = 0; i < f->shape->n_pairs; i++)
                if (str_eq(f->shape->pairs[i].at, path))
                        return &f->shape->pairs[i];
        return NULL;
}

/* {name: N, value: V} is the field path.N; false: the element is none. */
static bool take_pair(struct flattening *f, struct str path, const struct flat_pairs *p, const struct json_tree *t, int *r)
{
        const struct json_tree *name = json_tree_get(t, p->name), *value = NULL;

        for (size_t i = 0; i < p->n_values && !value; i++)
                value = json_tree_get(t, p->values[i]);
        if (name && name->kind == JSON_STRING && p->n_values == 0) { /* the whole element, besides as it is */
                path = below(f, path, name->text);
                *r = path.p ? flatten(f, path, t) : -ENOMEM;
                return *r < 0;
        }
        if (!name || name->kind != JSON_STRING || !value)
                return false;
        path = below(f, path, name->text);
        *r = path.p ? flatten(f, path, value) : -ENOMEM;
        return true;
}

static int flatten_array(struct flattening *f, struct str path, const struct json_tree *t)
{
        const struct flat_pairs *pairs = pairs_at(f, path);
        bool is_each = f->shape->each.n > 0 && str_eq(f->shape->each, path) && f->in_text == 0;
        uint32_t i = 0;
        int r = 0;

        for (const struct json_tree *e = t->first; e && r >= 0; e = e->next, i++) {
                if (is_each && i != f->shape->sub)
                        continue;
                if (!pairs || !take_pair(f, path, pairs, e, &r))
                        r = flatten(f, path, e);
        }
        return r;
}

static int flatten_text(struct flattening *f, struct str path, const struct json_tree *t)
{
        struct json_tree *inner;
        int r = flat_add(f->flat, path, t->kind, t->text);

        for (size_t i = 0; i < f->shape->n_texts && r >= 0; i++) {
                if (!str_eq(f->shape->texts[i], path) || f->in_text == TEXT_DEPTH_MAX)
                        continue;
                r = json_tree_read(f->flat->arena, t->text, &inner);
                if (r == -ENOMEM)
                        return r;
                f->in_text++;
                r = r < 0 ? 0 : flatten(f, path, inner);
                f->in_text--;
                break;
        }
        return r;
}

static int flatten(struct flattening *f, struct str path, const struct json_tree *t)
{
        int r = 0;

        if (t->kind == JSON_STRING)
                return flatten_text(f, path, t);
        if ((t->kind != JSON_ARRAY && t->kind != JSON_OBJECT) || t->n == 0)
                return flat_add(f->flat, path, t->kind, t->text);
        if (t->kind == JSON_ARRAY)
                return flatten_array(f, path, t);
        for (const struct json_tree *e = t->first; e && r >= 0; e = e->next) {
                struct str name = below(f, path, e->key);

                r = name.p ? flatten(f, name, e) : -ENOMEM;
        }
        return r;
}

int flat_json(struct flat *f, const struct json_tree *record, const struct flat_shape *shape)
{
        static const struct flat_shape plain = { .n_pairs = 0 };
        struct flattening x = { .flat = f, .shape = shape ? shape : &plain };

        return flatten(&x, STR(""), record);
}
