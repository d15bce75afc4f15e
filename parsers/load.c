/* SPDX-License-Identifier: Apache-2.0 */

/* What every reader of a source file's YAML needs: messages with their place, keys checked against a list with the
 * nearest right one named, texts, paths, selections. */

#include <errno.h>
#include <stdio.h>

#include "parsers/source_impl.h"

enum { NEAR_PART = 4 }; /* a key is near when one letter and a quarter of them differ */

int load_error(struct loader *l, const struct yaml *at, const char *fmt, ...)
{
        char text[ERR_TEXT_BYTES];
        va_list ap;

        va_start(ap, fmt);
        vsnprintf(text, sizeof text, fmt, ap);
        va_end(ap);
        return err_at(l->err, -EBADMSG, like_file(l, at), at ? at->line : 0, at ? at->col : 0, "%s", text);
}

static const char *nearest(struct str key, const char *const *known)
{
        size_t best = key.n / NEAR_PART + 2;
        const char *found = NULL;

        for (; *known; known++) {
                size_t d = str_distance(key, str_of(*known));

                if (d < best) {
                        best = d;
                        found = *known;
                }
        }
        return found;
}

static int unknown_key(struct loader *l, const struct yaml *key, const char *const *known)
{
        CLEANUP(strbuf_done) struct strbuf all = STRBUF_INIT;
        const char *near = nearest(key->text, known);

        if (near)
                return load_error(l, key, "unknown key `" STR_FMT "`: did you mean `%s`?", STR_ARG(key->text), near);
        for (size_t i = 0; known[i]; i++)
                strbuf_addf(&all, "%s%s", i ? ", " : "", known[i]);
        return load_error(l, key, "unknown key `" STR_FMT "`: known here are %s", STR_ARG(key->text),
                          all.p ? all.p : "others");
}

int load_keys(struct loader *l, const struct yaml *map, const char *const *known)
{
        if (map->kind != YAML_MAP)
                return load_error(l, map, "a map is needed here, not %s", yaml_kind_name(map));
        for (size_t i = 0; i < map->n; i++) {
                const char *const *k = known;

                while (*k && !str_eqz(map->pairs[i].key->text, *k))
                        k++;
                if (!*k)
                        return unknown_key(l, map->pairs[i].key, known);
        }
        return 0;
}

int load_text(struct loader *l, const struct yaml *y, const char *what, struct str *ret)
{
        if (!yaml_is_scalar(y) || y->kind == YAML_NULL || y->text.n == 0)
                return load_error(l, y, "%s must be text, not %s", what,
                                  yaml_is_scalar(y) ? "empty" : yaml_kind_name(y));
        *ret = y->text;
        return 0;
}

int load_texts(struct loader *l, const struct yaml *y, const char *what, struct str **ret, size_t *ret_n)
{
        size_t n = y->kind == YAML_LIST ? y->n : 1;
        struct str *texts = load_alloc(l, n, sizeof *texts);

        if (!texts)
                return -ENOMEM;
        if (n == 0)
                return load_error(l, y, "%s: the list is empty", what);
        for (size_t i = 0; i < n; i++) {
                int r = load_text(l, y->kind == YAML_LIST ? y->items[i] : y, what, &texts[i]);

                if (r < 0)
                        return r;
        }
        *ret = texts;
        *ret_n = n;
        return 0;
}

int load_path(struct loader *l, const struct yaml *y, const char *what, struct str *ret)
{
        struct str text = STR("");
        char *p;
        size_t n = 0;
        int r = load_text(l, y, what, &text);

        if (r < 0)
                return r;
        p = load_alloc(l, text.n + 1, 1);
        if (!p)
                return -ENOMEM;
        for (size_t i = 0; i < text.n; i++) {
                if (text.p[i] == '[' && i + 1 < text.n && text.p[i + 1] == ']')
                        i++;
                else
                        p[n++] = text.p[i];
        }
        *ret = str_from(p, n);
        if (n == 0 || p[0] == '.' || p[n - 1] == '.' || str_find(*ret, STR("..")) != SIZE_MAX)
                return load_error(l, y, "%s must be names joined by single dots", what);
        return 0;
}

int load_bound(struct loader *l, const struct yaml *y, struct bound *ret)
{
        struct source *s = l->source;
        int r = sigma_selection_compile(s->arena, y, like_file(l, y), &ret->detection, l->err);

        if (r < 0)
                return r;
        ret->slots = load_alloc(l, ret->detection->n_fields, sizeof *ret->slots);
        if (!ret->slots)
                return -ENOMEM;
        if (ret->detection->wants_leaves)
                s->wants_leaves = true;
        for (size_t i = 0; i < ret->detection->n_fields; i++) {
                ret->slots[i] = source_want(s, ret->detection->fields[i]);
                if (ret->slots[i] == UINT32_MAX)
                        return load_error(l, y, "too many fields, over %d", RECORD_NATIVE_MAX);
        }
        return 0;
}

void *load_alloc(struct loader *l, size_t n, size_t size)
{
        void *p = arena_array(l->source->arena, n, size);

        if (!p)
                err_set(l->err, -ENOMEM, "out of memory");
        return p;
}
