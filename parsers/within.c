/* SPDX-License-Identifier: Apache-2.0 */

#include "parsers/within.h"

#include <errno.h>

#include "monitor/base/escape.h"

/* ---- Loading ---- */

int within_load(struct loader *l, const struct yaml *y)
{
        struct source *s = l->source;
        struct str *paths;
        size_t n;
        int r = load_texts(l, y, "`within`", &paths, &n);

        if (r < 0)
                return r;
        s->within = load_alloc(l, n, sizeof *s->within);
        if (!s->within)
                return -ENOMEM;
        for (; s->n_within < n && r >= 0; s->n_within++)
                r = load_path(l, y->kind == YAML_LIST ? y->items[s->n_within] : y, "`within`", &s->within[s->n_within].path);
        return r;
}

int within_freeze(struct source *s, struct err *reterr)
{
        for (size_t i = 0; i < s->n_within; i++) {
                s->within[i].plan = json_plan_new();
                if (!s->within[i].plan || json_plan_want(s->within[i].plan, s->within[i].path, _ECS_MAX) < 0)
                        return err_at(reterr, -ENOMEM, s->file, 0, 0, "cannot plan how to read its records");
        }
        return 0;
}

void within_done(struct source *s)
{
        for (size_t i = 0; i < s->n_within; i++)
                s->within[i].plan = json_plan_free(s->within[i].plan);
}

/* ---- Python's way to write ---- */

/* The length of the text literal at the front, its prefix (b, u, r) and quotes included; 0: there is none. */
static size_t literal_size(struct str s)
{
        size_t i = s.n > 0 && (s.p[0] == 'b' || s.p[0] == 'u' || s.p[0] == 'r') ? 1 : 0;
        char quote;

        if (i >= s.n || (s.p[i] != '\'' && s.p[i] != '"'))
                return 0;
        quote = s.p[i];
        for (i++; i < s.n && s.p[i] != quote; i++)
                i += s.p[i] == '\\';
        return i < s.n ? i + 1 : 0;
}

/* The text between the quotes; the text itself when there are none. */
static struct str unquote(struct str s)
{
        size_t from = s.n > 1 && (s.p[0] == 'b' || s.p[0] == 'u' || s.p[0] == 'r') ? 1 : 0;

        if (s.n < from + 2 || (s.p[from] != '\'' && s.p[from] != '"') || s.p[s.n - 1] != s.p[from])
                return s;
        return str_from(s.p + from + 1, s.n - from - 2);
}

static struct str skip(struct str s, size_t n)
{
        return str_trim(str_from(s.p + n, s.n - n));
}

/* The value of a key in {'key': b'…', …}, of texts only: a literal as written. Absent: it is no such map, or has no such key. */
static struct str python_member(struct str text, struct str key)
{
        struct str rest = str_trim(text);

        if (rest.n == 0 || rest.p[0] != '{')
                return STR_NONE;
        rest = skip(rest, 1);
        for (;;) {
                size_t n = literal_size(rest), m;
                struct str name = str_from(rest.p, n);

                if (n == 0)
                        return STR_NONE;
                rest = skip(rest, n);
                if (rest.n == 0 || rest.p[0] != ':')
                        return STR_NONE;
                rest = skip(rest, 1);
                m = literal_size(rest);
                if (m == 0)
                        return STR_NONE;
                if (str_eq(unquote(name), key))
                        return str_from(rest.p, m);
                rest = skip(rest, m);
                if (rest.n == 0 || rest.p[0] != ',')
                        return STR_NONE;
                rest = skip(rest, 1);
        }
}

/* One escape at the front of s, which begins with a backslash: the byte it stands for, or the backslash itself. */
static char unescape(struct str s, size_t *ret_used)
{
        static const char from[] = "rnt\\'\"0", to[] = "\r\n\t\\'\"";
        const char *at = s.n > 1 && s.p[1] ? strchr(from, s.p[1]) : NULL;
        int high = s.n > 3 && s.p[1] == 'x' ? escape_hex_digit(s.p[2]) : -1, low = high >= 0 ? escape_hex_digit(s.p[3]) : -1;

        *ret_used = at ? 2 : low >= 0 ? 4 : 1;
        return at ? to[at - from] : low >= 0 ? (char)(high * 16 + low) : s.p[0];
}

/* The bytes that a literal stands for. */
static struct str open_literal(struct arena *arena, struct str text)
{
        struct str inside = unquote(text);
        bool is_literal = inside.p != text.p;
        char *p = arena_bytes(arena, inside.n + RAW_PADDING);
        size_t n = 0;

        if (!p)
                return STR_NONE;
        for (size_t i = 0; i < inside.n;) {
                size_t used = 1;

                p[n++] = is_literal && inside.p[i] == '\\' ? unescape(str_from(inside.p + i, inside.n - i), &used) : inside.p[i];
                i += used;
        }
        memset(p + n, 0, RAW_PADDING);
        return str_from(p, n);
}

/* ---- Opening ---- */

static int take(void *userdata, struct record *record, uint32_t sub)
{
        const struct value *v = record->slots[_ECS_MAX].first;
        struct str *text = userdata;

        (void)sub;
        if (!text->p && v && v->kind == VALUE_STRING)
                *text = v->text;
        return 0;
}

/* One step. Texts have RAW_PADDING bytes behind them, as the JSON reader wants it. */
static int step(struct parse *x, const struct within *w, struct str *text)
{
        struct str found = STR_NONE;
        char *copy;
        int r;

        if (!parse_is_json(*text))
                return 0;
        r = json_read(x->parser->reader, w->plan, *text, x->arena, _ECS_MAX + 1, x->counters, take, &found);
        if (r == -ENOMEM)
                return r;
        if (!found.p)
                found = python_member(*text, w->path);
        if (!found.p)
                return 0;
        copy = arena_bytes(x->arena, found.n + RAW_PADDING);
        if (!copy)
                return -ENOMEM;
        memcpy(copy, found.p, found.n);
        memset(copy + found.n, 0, RAW_PADDING);
        *text = str_from(copy, found.n);
        return 1;
}

int within_open(struct parse *x, struct str *ret)
{
        struct str text = x->raw->bytes;
        int r = 1;

        for (size_t i = 0; i < x->source->n_within && r > 0; i++)
                r = step(x, &x->source->within[i], &text);
        if (r <= 0)
                return r;
        text = open_literal(x->arena, str_trim(text));
        if (!text.p)
                return -ENOMEM;
        *ret = text;
        return 1;
}
