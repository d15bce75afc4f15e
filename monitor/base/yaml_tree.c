/* SPDX-License-Identifier: Apache-2.0 */

/* Looking at a tree that base/yaml.c made, and writing it as JSON. Nothing here knows how YAML is written. */

#include "monitor/base/json_write.h"
#include "monitor/base/yaml.h"

#include <assert.h>
#include <errno.h>

_Static_assert(JSON_WRITER_DEPTH_MAX > YAML_DEPTH_MAX + 1, "every tree can be written");

const struct yaml *yaml_get(const struct yaml *map, const char *key)
{
        if (!map || map->kind != YAML_MAP)
                return NULL;
        for (size_t i = 0; i < map->n; i++)
                if (str_eqz(map->pairs[i].key->text, key))
                        return map->pairs[i].value;
        return NULL;
}

bool yaml_is_scalar(const struct yaml *y)
{
        return y && y->kind != YAML_LIST && y->kind != YAML_MAP;
}

const char *yaml_kind_name(const struct yaml *y)
{
        static const char *const names[] = {
                [YAML_NULL] = "null", [YAML_BOOL] = "true or false", [YAML_INT] = "a number", [YAML_FLOAT] = "a number",
                [YAML_TEXT] = "text", [YAML_LIST] = "a list",        [YAML_MAP] = "a map",
        };

        return y ? names[y->kind] : "nothing";
}

/* YAML's ".5", "5." and "007.5" as JSON writes them; .inf and .nan, which JSON lacks, as strings. */
static void write_float(struct json_writer *w, struct str text)
{
        bool minus = text.n > 0 && text.p[0] == '-';
        struct strbuf token = STRBUF_INIT;
        size_t point;

        assert(text.p); /* a scalar has text */
        if (text.n > 0 && memchr("fFnN", text.p[text.n - 1], 4)) {
                json_str(w, text);
                return;
        }
        if (minus)
                text = str_from(text.p + 1, text.n - 1);
        while (text.n > 1 && text.p[0] == '0' && text.p[1] != '.')
                text = str_from(text.p + 1, text.n - 1);
        point = size_min(str_find(text, STR(".")), text.n);
        strbuf_addf(&token, "%s%s" STR_FMT, minus ? "-" : "", point == 0 ? "0" : "", STR_ARG(str_from(text.p, point)));
        text = str_from(text.p + point, text.n - point);
        if (text.n > 1 && text.p[1] >= '0' && text.p[1] <= '9')
                strbuf_add(&token, text);
        else if (text.n > 1)
                strbuf_add(&token, str_from(text.p + 1, text.n - 1));
        w->out->failed = w->out->failed || strbuf_failed(&token);
        json_raw(w, strbuf_str(&token));
        strbuf_done(&token);
}

static void write_node(struct json_writer *w, const struct yaml *y)
{
        switch (y->kind) {
        case YAML_NULL: json_null(w); return;
        case YAML_BOOL:
        case YAML_INT: json_raw(w, y->text); return;
        case YAML_FLOAT: write_float(w, y->text); return;
        case YAML_TEXT: json_str(w, y->text); return;
        case YAML_LIST:
                json_begin(w, '[');
                for (size_t i = 0; i < y->n; i++)
                        write_node(w, y->items[i]);
                json_end(w, ']');
                return;
        case YAML_MAP:
                json_begin(w, '{');
                for (size_t i = 0; i < y->n; i++) {
                        json_key_str(w, y->pairs[i].key->text);
                        write_node(w, y->pairs[i].value);
                }
                json_end(w, '}');
                return;
        }
}

void yaml_to_json(const struct yaml *y, struct strbuf *out)
{
        struct json_writer w = JSON_WRITER(out);

        if (y)
                write_node(&w, y);
}

/* ---- Keys that nobody knows ---- */

enum { NEAR_MAX = 2 /* edits */ };

/* Whatever is secret is given in another way, so nobody needs to ask which word it is. */
static bool is_secret(struct str name)
{
        static const char *const words[] = { "password", "passwd", "secret", "token", "credential", "api-key", "apikey" };

        for (size_t i = 0; i < ARRAY_LEN(words); i++)
                if (name.p && strcasestr(name.p, words[i]))
                        return true;
        return str_eqz(name, "key");
}

static const char *row_name(struct yaml_keys known, size_t i)
{
        return *(const char *const *)((const char *)known.rows + i * known.row_bytes);
}

int yaml_unknown_key(const struct yaml *name, const char *path, struct yaml_keys known, const char *secret, struct err *reterr)
{
        CLEANUP(strbuf_done) struct strbuf names = STRBUF_INIT;
        size_t best = SIZE_MAX;
        const char *near = NULL;

        for (size_t i = 0; i < known.n; i++) {
                size_t d = str_distance(name->text, str_of(row_name(known, i)));

                strbuf_addf(&names, "%s%s", i > 0 ? ", " : "", row_name(known, i));
                if (d <= NEAR_MAX && 2 * d < name->text.n && d < best) {
                        best = d;
                        near = row_name(known, i);
                }
        }
        if (!near && is_secret(name->text))
                return err_at(reterr, -EBADMSG, path, name->line, name->col, "unknown key %s: %s", name->text.p, secret);
        return err_at(reterr, -EBADMSG, path, name->line, name->col, "unknown key %s: %s%s%s here are %s", name->text.p,
                      near ? "did you mean " : "", near ? near : "", near ? "? Known" : "known", names.p ? names.p : "");
}
