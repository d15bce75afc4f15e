/* SPDX-License-Identifier: Apache-2.0 */

/* Placeholders. A name is made of letters, digits, _ and, inside, - . and blanks: published rules use %DC-MACHINE-NAME%. */

#include "monitor/sigma/expand.h"

#include <errno.h>

#include "monitor/base/number.h"

static bool is_name_char(char ch)
{
        return (ch >= '0' && ch <= '9') || (ch >= 'A' && ch <= 'Z') || (ch >= 'a' && ch <= 'z') || ch == '_' ||
               ch == '-' || ch == '.' || (unsigned char)ch >= 0x80;
}

/* A placeholder at the front of `text`: how many bytes it takes, 0: none is there. */
static size_t placeholder(struct str text, struct str *ret_name)
{
        size_t n = 1;

        if (text.n < 3 || text.p[0] != '%' || !is_name_char(text.p[1]) || text.p[1] == '-' || text.p[1] == '.')
                return 0;
        while (n < text.n && (is_name_char(text.p[n]) || text.p[n] == ' '))
                n++;
        if (n == text.n || text.p[n] != '%')
                return 0;
        *ret_name = str_from(text.p + 1, n - 1);
        return n + 1;
}

/* The length of what is plain at the front: up to the next placeholder. `*n_odd` counts percent signs that begin none. */
static size_t plain(struct str text, size_t *n_odd)
{
        struct str name;
        size_t n = 0;

        while (n < text.n && placeholder(str_from(text.p + n, text.n - n), &name) == 0) {
                if (text.p[n] == '\\' && n + 1 < text.n && (text.p[n + 1] == '%' || text.p[n + 1] == '\\')) {
                        n += 2;
                        continue;
                }
                *n_odd += text.p[n] == '%';
                n++;
        }
        return n;
}

/* \% made %; every other backslash is kept for who reads the text next. */
static struct str unescape(struct arena *arena, struct str text)
{
        CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT;

        for (size_t i = 0; i < text.n; i++) {
                if (text.p[i] == '\\' && i + 1 < text.n && text.p[i + 1] == '%')
                        continue;
                strbuf_addc(&b, text.p[i]);
                if (text.p[i] == '\\' && i + 1 < text.n && text.p[i + 1] == '\\')
                        strbuf_addc(&b, text.p[++i]);
        }
        return strbuf_failed(&b) ? STR_NONE : arena_dup(arena, strbuf_str(&b));
}

static const struct yaml *find_values(const struct compiler *c, struct str name)
{
        const struct yaml *map = c->options ? c->options->placeholders : NULL;

        for (size_t i = 0; map && map->kind == YAML_MAP && i < map->n; i++)
                if (str_eq(map->pairs[i].key->text, name))
                        return map->pairs[i].value;
        return NULL;
}

static void note_lacking(struct compiler *c, const struct yaml *at, struct str name)
{
        struct str known = strbuf_str(&c->lacking), one;

        while (known.p && str_cut(&known, ',', &one))
                if (str_eq(str_trim(one), name))
                        return;
        strbuf_addf(&c->lacking, "%s" STR_FMT, c->lacking.n ? ", " : "", STR_ARG(name));
        if (!c->lacking_at)
                c->lacking_at = at;
}

static int add_piece(struct compiler *c, struct expansion *e, const struct yaml *at, struct str *rest)
{
        struct expand_piece *piece = &e->pieces[e->n];
        size_t n_odd = 0, n_values, n;
        struct str name;

        *piece = (struct expand_piece){ .values = NULL };
        n = placeholder(*rest, &name);
        if (n > 0)
                piece->values = find_values(c, name);
        if (n > 0 && !piece->values)
                note_lacking(c, at, name);
        e->is_lacking |= n > 0 && !piece->values;
        if (piece->values) {
                strbuf_addf(&c->expanded, STR_FMT "=", STR_ARG(name));
                yaml_to_json(piece->values, &c->expanded);
                strbuf_addc(&c->expanded, '\n');
                n_values = piece->values->kind == YAML_LIST ? piece->values->n : 1;
                e->total = n_values > SIGMA_TESTS_MAX / e->total ? SIGMA_TESTS_MAX + 1 : e->total * n_values;
        } else {
                n = n ? n : plain(*rest, &n_odd);
                piece->text = unescape(c->arena, str_from(rest->p, n));
                if (!piece->text.p)
                        return -ENOMEM;
        }
        *rest = str_from(rest->p + n, rest->n - n);
        e->n++;
        return 0;
}

int expansion_read(struct compiler *c, const struct yaml *value, struct expansion *ret)
{
        struct expansion e = { .total = 1 };
        struct str rest = value->text;
        size_t n_max = 1;

        for (size_t i = 0; i < rest.n; i++)
                n_max += rest.p[i] == '%'; /* a placeholder takes two of them, and a text may follow it */
        e.pieces = arena_array(c->arena, n_max, sizeof *e.pieces);
        if (!e.pieces)
                return compiler_oom(c);
        while (rest.n > 0)
                if (add_piece(c, &e, value, &rest) < 0)
                        return compiler_oom(c);
        *ret = e;
        return 0;
}

/* The value of a placeholder in this choice, and what is left of the choice for the next placeholder. */
static const struct yaml *choose(const struct yaml *values, size_t *choice)
{
        const struct yaml *one = values;

        if (values->kind == YAML_LIST) {
                one = values->items[*choice % values->n];
                *choice /= values->n;
        }
        return one;
}

/* Numbers as records have them: 5.0 is "5". */
static struct str filled_text(struct arena *arena, const struct yaml *value)
{
        return value->kind == YAML_FLOAT && number_is_valid(value->text) ? number_canonical(arena, value->text)
                                                                         : value->text;
}

struct str expansion_text(struct arena *arena, const struct expansion *e, size_t choice)
{
        CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT;

        for (size_t i = 0; i < e->n; i++)
                strbuf_add(&b, e->pieces[i].values ? filled_text(arena, choose(e->pieces[i].values, &choice))
                                                   : e->pieces[i].text);
        return strbuf_failed(&b) ? STR_NONE : arena_dup(arena, strbuf_str(&b));
}

struct tokens expansion_tokens(struct arena *arena, const struct expansion *e, size_t choice)
{
        struct tokens *parts = arena_array(arena, e->n + 1, sizeof *parts), out = { NULL, 0 };
        size_t total = 0;

        if (!parts)
                return out;
        for (size_t i = 0; i < e->n; i++) {
                parts[i] = tokens_parse(arena, e->pieces[i].values
                                                       ? filled_text(arena, choose(e->pieces[i].values, &choice))
                                                       : e->pieces[i].text);
                if (!parts[i].t)
                        return out;
                total += parts[i].n;
        }
        out.t = arena_array(arena, total + 1, sizeof *out.t);
        for (size_t i = 0; out.t && i < e->n; i++) {
                memcpy(out.t + out.n, parts[i].t, parts[i].n * sizeof *out.t);
                out.n += parts[i].n;
        }
        return out;
}

/* ---- Remarks ---- */

void expand_remark(struct document *d, const struct yaml *value)
{
        struct str rest = value->text, name;
        size_t n_odd = 0, n_names = 0;

        if (value->kind == YAML_LIST) {
                for (size_t i = 0; i < value->n; i++)
                        expand_remark(d, value->items[i]);
                return;
        }
        if (!yaml_is_scalar(value) || value->kind == YAML_NULL)
                return;
        while (rest.n > 0) {
                size_t n = placeholder(rest, &name);

                n_names += n > 0;
                n = n ? n : plain(rest, &n_odd);
                rest = str_from(rest.p + n, rest.n - n);
        }
        if (n_odd > 0)
                document_remark(d, value,
                                "expand: a percent sign that begins no %%name%% is taken as it is: close the "
                                "placeholder, or write \\%% to mean that");
        else if (n_names == 0)
                document_remark(d, value, "expand: there is no %%placeholder%% in this value: leave expand out");
}

/* ---- Lists ---- */

static int check_value(const struct yaml *value, const char *file, struct err *reterr)
{
        if (value->kind == YAML_TEXT || value->kind == YAML_INT || value->kind == YAML_FLOAT)
                return 0;
        if (value->kind == YAML_BOOL)
                return err_at(
                        reterr, -EBADMSG, file, value->line, value->col,
                        "a value of a placeholder is a text or a number: put yes, no, on, off, true and false in quotes");
        return err_at(reterr, -EBADMSG, file, value->line, value->col,
                      "%s where a value of a placeholder belongs: a text or a number", yaml_kind_name(value));
}

static int check_name(const struct yaml *key, const char *file, struct err *reterr)
{
        CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT;
        struct str name;

        strbuf_addf(&b, "%%" STR_FMT "%%", STR_ARG(key->text));
        if (strbuf_failed(&b))
                return err_set(reterr, -ENOMEM, "out of memory");
        if (placeholder(strbuf_str(&b), &name) == b.n)
                return 0;
        return err_at(
                reterr, -EBADMSG, file, key->line, key->col,
                "placeholders: a name is made of letters, digits, _ - and . and has no percent signs around it here");
}

int sigma_placeholders_check(const struct yaml *map, const char *file, struct err *reterr)
{
        int r = 0;

        if (map->kind != YAML_MAP)
                return err_at(reterr, -EBADMSG, file, map->line, map->col,
                              "placeholders: %s where a map of lists belongs, such as  admins: [root, backup-*]",
                              yaml_kind_name(map));
        for (size_t i = 0; i < map->n && r >= 0; i++) {
                const struct yaml *value = map->pairs[i].value;

                r = check_name(map->pairs[i].key, file, reterr);
                if (r >= 0 && value->kind != YAML_LIST)
                        r = check_value(value, file, reterr);
                if (r >= 0 && value->kind == YAML_LIST && value->n == 0)
                        r = err_at(
                                reterr, -EBADMSG, file, value->line, value->col,
                                "placeholders: an empty list; name a value, or leave the placeholder out: the rules that "
                                "need it are then off");
                for (size_t k = 0; value->kind == YAML_LIST && k < value->n && r >= 0; k++)
                        r = check_value(value->items[k], file, reterr);
        }
        return r;
}
