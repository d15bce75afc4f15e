/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/cases/drill.h"

#include <ctype.h>
#include <errno.h>
#include <unistd.h>

#include "monitor/base/yaml.h"

struct reader {
        struct drill *d;
        struct arena *arena;
        const char *path;
        struct err *err;
};

static int fail(struct reader *r, const struct yaml *at, const char *text)
{
        return err_at(r->err, -EBADMSG, r->path, at->line, at->col, "%s", text);
}

static int read_text(struct reader *r, const struct yaml *v, struct str *ret)
{
        if (!yaml_is_scalar(v) || v->text.n == 0)
                return fail(r, v, "a text belongs here");
        if (v->text.n > DRILL_TEXT_MAX)
                return err_at(r->err, -E2BIG, r->path, v->line, v->col, "longer than %d bytes", DRILL_TEXT_MAX);
        *ret = arena_dup(r->arena, v->text);
        return ret->p ? 0 : -ENOMEM;
}

/* ---- Keys ---- */

static int read_title(struct reader *r, const struct yaml *v)
{
        return read_text(r, v, &r->d->title);
}

static int read_about(struct reader *r, const struct yaml *v)
{
        return read_text(r, v, &r->d->about);
}

static int read_ask(struct reader *r, const struct yaml *v)
{
        return read_text(r, v, &r->d->ask);
}

static int read_answer(struct reader *r, const struct yaml *v)
{
        int k = read_text(r, v, &r->d->answer);

        if (k < 0)
                return k;
        return str_eqz(r->d->answer, "me") || str_eqz(r->d->answer, "not-me") ? 0 : fail(r, v, "me or not-me belongs here");
}

static int read_began(struct reader *r, const struct yaml *v)
{
        if (!yaml_is_scalar(v) || time_parse(v->text, TIME_UNIT_S, NULL, &r->d->began) < 0)
                return fail(r, v, "a time belongs here: 2026-03-10T22:14:00Z");
        return 0;
}

static int read_actors(struct reader *r, const struct yaml *v)
{
        if (v->kind != YAML_LIST || v->n == 0 || v->n > DRILL_ACTORS_MAX)
                return fail(r, v, "a list of 1 to 32 names belongs here");
        r->d->actors = arena_array(r->arena, v->n, sizeof *r->d->actors);
        if (!r->d->actors)
                return -ENOMEM;
        for (size_t i = 0; i < v->n; i++) {
                int k = read_text(r, v->items[i], &r->d->actors[i]);

                if (k < 0)
                        return k;
                r->d->n_actors++;
        }
        return 0;
}

static int read_facts(struct reader *r, const struct yaml *v)
{
        if (v->kind != YAML_MAP || v->n > DRILL_FACTS_MAX)
                return fail(r, v, "fields of the case and their values belong here, 64 at most");
        r->d->facts = arena_array(r->arena, v->n, sizeof *r->d->facts);
        if (!r->d->facts)
                return -ENOMEM;
        for (size_t i = 0; i < v->n; i++) {
                struct drill_fact *f = &r->d->facts[i];
                int k = read_text(r, v->pairs[i].key, &f->name);

                if (k >= 0)
                        k = read_text(r, v->pairs[i].value, &f->value);
                if (k < 0)
                        return k;
                r->d->n_facts++;
        }
        return 0;
}

/* To add a key: a row, and its line in shopbell-case(1). */
static const struct key {
        const char *name;
        int (*read)(struct reader *r, const struct yaml *v);
} keys[] = {
        { "title", read_title },   { "about", read_about },   { "began", read_began }, { "actors", read_actors },
        { "answer", read_answer }, { "ask", read_ask },       { "facts", read_facts },
};

static int read_pair(struct reader *r, const struct yaml_pair *pair)
{
        for (size_t i = 0; i < ARRAY_LEN(keys); i++)
                if (str_eqz(pair->key->text, keys[i].name))
                        return keys[i].read(r, pair->value);
        return err_at(r->err, -EBADMSG, r->path, pair->key->line, pair->key->col,
                      "unknown key " STR_FMT ": known are title, about, began, actors, answer, ask and facts", STR_ARG(pair->key->text));
}

static int read_all(struct reader *r, const struct yaml *top)
{
        if (top->kind != YAML_MAP)
                return fail(r, top, "keys and values belong here");
        for (size_t i = 0; i < top->n; i++) {
                int k = read_pair(r, &top->pairs[i]);

                if (k < 0)
                        return k;
        }
        for (size_t i = 0; i < ARRAY_LEN(keys); i++)
                if (!yaml_get(top, keys[i].name))
                        return err_at(r->err, -EBADMSG, r->path, top->line, top->col, "%s is missing", keys[i].name);
        return 0;
}

/* Beside drill.yml; absent where there is none. */
static int beside(struct reader *r, const char *folder, const char *name, struct str *ret)
{
        struct str path = arena_printf(r->arena, "%s/%s", folder, name);

        if (!path.p)
                return -ENOMEM;
        *ret = access(path.p, R_OK) == 0 ? path : STR_NONE;
        return 0;
}

int drill_load(const char *folder, struct arena *arena, struct drill *ret, struct err *reterr)
{
        CLEANUP(yaml_file_freep) struct yaml_file *file = NULL;
        struct str path = arena_printf(arena, "%s/%s", folder, DRILL_FILE);
        struct reader r = { .d = ret, .arena = arena, .path = path.p, .err = reterr };
        int k;

        *ret = (struct drill){ .began = USEC_NONE };
        if (!path.p)
                return -ENOMEM;
        k = yaml_load(path.p, &file, reterr);
        if (k < 0)
                return k;
        if (file->n != 1)
                return err_at(reterr, -EBADMSG, path.p, 1, 1, "one drill belongs here");
        k = read_all(&r, file->docs[0]);
        if (k >= 0)
                k = beside(&r, folder, "logs", &ret->logs);
        if (k >= 0)
                k = beside(&r, folder, "people.yml", &ret->people);
        if (k >= 0)
                k = beside(&r, folder, "geoip.mmdb", &ret->geoip);
        if (k >= 0 && !ret->logs.p)
                return err_at(reterr, -ENOENT, path.p, 0, 0, "there is no folder logs beside it");
        return k;
}

/* ---- Whom a text names ---- */

static bool is_word(char c)
{
        return isalnum((unsigned char)c) || c == '_';
}

static bool is_at(struct str text, size_t at, struct str word)
{
        if (at + word.n > text.n || !str_eq_nocase(str_from(text.p + at, word.n), word))
                return false;
        return (at == 0 || !is_word(text.p[at - 1])) && (at + word.n == text.n || !is_word(text.p[at + word.n]));
}

bool drill_names_actor(const struct drill *d, struct str text)
{
        for (size_t i = 0; i < d->n_actors; i++)
                for (size_t at = 0; at < text.n; at++)
                        if (is_at(text, at, d->actors[i]))
                                return true;
        return false;
}
