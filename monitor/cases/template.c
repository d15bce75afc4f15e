/* SPDX-License-Identifier: Apache-2.0 */

/* Files of wording, taken apart into texts by path. Loading is strict: a text that nobody reads is a mistake of writing, and is told with its
 * place, as is a placeholder that there is not. What is missing is looked for when all folders are read. */

#include "monitor/cases/template.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor/base/utf8.h"
#include "monitor/base/yaml.h"
#include "monitor/cases/template_keys.h"

/* ---- One file ---- */

struct reader {
        struct templates *to;
        struct template fresh; /* of this file */
        size_t cap;
        const char *file;
        struct err_list *errors;
        size_t n_errors;
};

static void complain(struct reader *r, const struct yaml *at, const char *text)
{
        struct err err = { 0 };

        (void)err_at(&err, -EBADMSG, r->file, at->line, at->col, "%s", text);
        err_list_add(r->errors, &err);
        r->n_errors++;
}

static bool may_stand(struct str text)
{
        struct str rest = text;
        uint32_t c;

        while (utf8_next(&rest, &c)) {
                bool joins = c >= 0x200c && c <= 0x200f; /* joiners and marks of direction: scripts need them */

                if (c == 0xfffd || (c != '\n' && !joins && utf8_is_harmful(c)))
                        return false;
        }
        return true;
}

static int put(struct reader *r, const struct yaml *at, struct str path, struct str text)
{
        struct template *t = &r->fresh;
        const char *places;
        struct err err = { 0 };
        char message[ERR_TEXT_BYTES];

        if (!template_path_is_known(path, &places)) {
                (void)snprintf(message, sizeof message, "no text is called " STR_FMT "; shopbell.template(5) lists them", STR_ARG(path));
                complain(r, at, message);
                return 0;
        }
        if (text.n == 0 || text.n > TEMPLATE_TEXT_BYTES_MAX || !may_stand(text)) {
                complain(r, at, text.n == 0 ? "the text is empty" : text.n > TEMPLATE_TEXT_BYTES_MAX ? "the text is too long" : "the text has a character that cannot be shown");
                return 0;
        }
        if (template_check_places(text, places, &err) < 0) {
                complain(r, at, err.text);
                return 0;
        }
        if (t->n == r->cap) {
                size_t cap = r->cap ? 2 * r->cap : 256;
                struct template_text *more = arena_array(r->to->arena, cap, sizeof *more);

                if (!more)
                        return -ENOMEM;
                if (t->n > 0)
                        memcpy(more, t->texts, t->n * sizeof *more);
                t->texts = more;
                r->cap = cap;
        }
        t->texts[t->n] = (struct template_text){ arena_dup(r->to->arena, path), arena_dup(r->to->arena, text), r->file, at->line, at->col };
        return t->texts[t->n].path.p && t->texts[t->n++].text.p ? 0 : -ENOMEM;
}

static int put_list(struct reader *r, const struct yaml *list, struct str path)
{
        CLEANUP(strbuf_done) struct strbuf lines = STRBUF_INIT;

        for (size_t i = 0; i < list->n; i++) {
                if (!yaml_is_scalar(list->items[i]) || list->items[i]->kind == YAML_NULL) {
                        complain(r, list->items[i], "a list of a template is one of texts");
                        return 0;
                }
                strbuf_addz(&lines, i > 0 ? "\n" : "");
                strbuf_add(&lines, list->items[i]->text);
        }
        return strbuf_failed(&lines) ? -ENOMEM : put(r, list, path, strbuf_str(&lines));
}

static int read_map(struct reader *r, const struct yaml *map, struct str prefix, unsigned depth)
{
        enum { DEPTH_MAX = 5 };
        int k = 0;

        for (size_t i = 0; i < map->n && k >= 0; i++) {
                const struct yaml *key = map->pairs[i].key, *value = map->pairs[i].value;
                char path[TEMPLATE_PATH_MAX];
                int n = snprintf(path, sizeof path, STR_FMT "%s" STR_FMT, STR_ARG(prefix), prefix.n > 0 ? "." : "", STR_ARG(key->text));

                if (n < 0 || (size_t)n >= sizeof path || r->fresh.n >= TEMPLATE_TEXTS_MAX || depth > DEPTH_MAX)
                        complain(r, key, "too long a name, too deep, or too many texts");
                else if (value->kind == YAML_MAP)
                        k = read_map(r, value, str_from(path, (size_t)n), depth + 1);
                else if (value->kind == YAML_LIST)
                        k = put_list(r, value, str_from(path, (size_t)n));
                else
                        k = put(r, value, str_from(path, (size_t)n), value->text);
        }
        return k;
}

/* ---- All of a language ---- */

static int by_path(const void *a, const void *b)
{
        return str_cmp(((const struct template_text *)a)->path, ((const struct template_text *)b)->path);
}

static const struct template_text *look_up(const struct template *t, struct str path)
{
        struct template_text key = { .path = path };

        return t->n > 0 ? bsearch(&key, t->texts, t->n, sizeof *t->texts, by_path) : NULL;
}

static struct template *of_lang(struct templates *t, struct str lang)
{
        size_t i = 0;

        while (i < t->n && str_cmp(t->items[i].lang, lang) < 0)
                i++;
        if (i < t->n && str_eq(t->items[i].lang, lang))
                return &t->items[i];
        if (t->n == TEMPLATES_MAX)
                return NULL;
        memmove(&t->items[i + 1], &t->items[i], (t->n - i) * sizeof *t->items);
        t->items[i] = (struct template){ .lang = lang };
        t->n++;
        return &t->items[i];
}

/* What is fresh, and what of the old has no fresh text. */
static int merge(struct templates *to, struct template *old, struct template *fresh)
{
        struct template_text *all = arena_array(to->arena, old->n + fresh->n, sizeof *all);
        size_t n = fresh->n;

        if (!all)
                return -ENOMEM;
        if (n > 0) {
                qsort(fresh->texts, n, sizeof *all, by_path);
                memcpy(all, fresh->texts, n * sizeof *all);
        }
        for (size_t i = 0; i < old->n; i++)
                if (!look_up(fresh, old->texts[i].path))
                        all[n++] = old->texts[i];
        if (n > 0)
                qsort(all, n, sizeof *all, by_path);
        old->texts = all;
        old->n = n;
        return 0;
}

static bool is_lang(struct str s)
{
        if (s.n < 2 || s.n > 20)
                return false;
        for (size_t i = 0; i < s.n; i++)
                if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= 'A' && s.p[i] <= 'Z') || (i > 0 && s.p[i] == '-') || (i > 0 && s.p[i] >= '0' && s.p[i] <= '9')))
                        return false;
        return true;
}

/* "/etc/shopbell/templates/ko.yml" is of "ko". */
static struct str lang_of(struct str name)
{
        for (size_t i = name.n; i > 0; i--)
                if (name.p[i - 1] == '/') {
                        name = str_from(name.p + i, name.n - i);
                        break;
                }
        return str_ends(name, STR(".yml")) ? str_from(name.p, name.n - 4) : name;
}

static int add_file(struct templates *to, const struct yaml_file *file, const char *name, struct err_list *errors)
{
        struct str lang = arena_dup(to->arena, lang_of(str_of(name)));
        struct str kept = arena_dup(to->arena, str_of(name));
        struct reader r = { .to = to, .file = kept.p, .errors = errors };
        struct err err = { 0 };
        struct template *old;
        int k;

        if (!lang.p || !kept.p)
                return -ENOMEM;
        if (!is_lang(lang) || file->n != 1 || file->docs[0]->kind != YAML_MAP) {
                (void)err_at(&err, -EBADMSG, name, 0, 0, "a template is one map of texts, in a file named after its language: ko.yml");
                err_list_add(errors, &err);
                return 0;
        }
        k = read_map(&r, file->docs[0], STR_NONE, 0);
        if (k < 0 || r.n_errors > 0)
                return k < 0 ? k : 0;
        if (!to->items)
                to->items = arena_array(to->arena, TEMPLATES_MAX, sizeof *to->items);
        old = to->items ? of_lang(to, lang) : NULL;
        return old ? merge(to, old, &r.fresh) : -ENOMEM;
}

static int need_arena(struct templates *t)
{
        if (!t->arena)
                t->arena = arena_new();
        return t->arena ? 0 : -ENOMEM;
}

int templates_add(struct templates *to, struct str yaml, const char *name, struct err_list *errors)
{
        CLEANUP(yaml_file_freep) struct yaml_file *file = NULL;
        struct err err = { 0 };

        if (need_arena(to) < 0)
                return -ENOMEM;
        if (yaml_parse(yaml, name, &file, &err) < 0) {
                err_list_add(errors, &err);
                return err.code == -ENOMEM ? -ENOMEM : 0;
        }
        return add_file(to, file, name, errors);
}

/* ---- Folders ---- */

static int is_template(const struct dirent *e)
{
        size_t n = strlen(e->d_name);

        return e->d_name[0] != '.' && n > 4 && strcmp(e->d_name + n - 4, ".yml") == 0;
}

static int add_path(struct templates *to, const char *dir, const char *name, struct err_list *errors)
{
        CLEANUP(yaml_file_freep) struct yaml_file *file = NULL;
        CLEANUP(strbuf_done) struct strbuf path = STRBUF_INIT;
        struct err err = { 0 };
        int k;

        strbuf_addf(&path, "%s/%s", dir, name);
        if (strbuf_failed(&path))
                return -ENOMEM;
        k = yaml_load(path.p, &file, &err);
        if (k == -ENOMEM)
                return k;
        if (k < 0) {
                err_list_add(errors, &err);
                return 0;
        }
        return add_file(to, file, path.p, errors);
}

static int load_dir(struct templates *to, const char *dir, struct err_list *errors)
{
        struct dirent **names = NULL;
        struct err err = { 0 };
        int n = scandir(dir, &names, is_template, alphasort), k = 0;

        if (n < 0 && errno == ENOENT)
                return 0;
        if (n < 0) {
                (void)err_at(&err, -errno, dir, 0, 0, "cannot be read: %s", strerror(errno));
                err_list_add(errors, &err);
                return 0;
        }
        for (int i = 0; i < n; i++) {
                if (k >= 0)
                        k = add_path(to, dir, names[i]->d_name, errors);
                free(names[i]);
        }
        free(names);
        return k;
}

struct lack {
        const struct template *t;
        struct err_list *errors;
        size_t n;
};

static int check_one(void *userdata, const char *path)
{
        struct lack *l = userdata;
        struct err err = { 0 };

        if (look_up(l->t, str_of(path)))
                return 0;
        if (l->n++ < 20) { /* of a file with one text, hundreds are missing */
                (void)err_at(&err, -EBADMSG, l->t->n > 0 ? l->t->texts[0].file : "", 0, 0, "the text %s is missing", path);
                err_list_add(l->errors, &err);
        }
        return 0;
}

int templates_check(struct templates *t, struct err_list *errors)
{
        size_t n = 0;

        for (size_t i = 0; i < t->n; i++) {
                struct lack l = { &t->items[i], errors, 0 };

                (void)template_each_path(check_one, &l);
                if (l.n == 0)
                        t->items[n++] = t->items[i];
        }
        t->n = n;
        return 0;
}

int templates_load(const char *const *dirs, size_t n_dirs, struct templates *ret, struct err_list *errors)
{
        int k;

        *ret = (struct templates){ 0 };
        k = need_arena(ret);
        for (size_t i = 0; i < n_dirs && k >= 0; i++)
                k = load_dir(ret, dirs[i], errors);
        if (k >= 0)
                k = templates_check(ret, errors);
        if (k < 0)
                templates_done(ret);
        return k;
}

void templates_done(struct templates *t)
{
        arena_free(t->arena);
        *t = (struct templates){ 0 };
}

/* ---- Looking ---- */

static const struct template *exactly(const struct templates *t, struct str lang)
{
        for (size_t i = 0; i < t->n; i++)
                if (str_eq_nocase(t->items[i].lang, lang))
                        return &t->items[i];
        return NULL;
}

const struct template *template_find(const struct templates *t, struct str lang)
{
        static const char *const han[][2] = { { "zh", "zh-Hans" }, { "zh-CN", "zh-Hans" }, { "zh-SG", "zh-Hans" } };
        const struct template *found = exactly(t, lang);
        struct str rest = lang, first;

        for (size_t i = 0; i < ARRAY_LEN(han) && !found; i++)
                if (str_eq_nocase(lang, str_of(han[i][0])))
                        found = exactly(t, str_of(han[i][1]));
        if (!found && str_cut(&rest, '-', &first) && !str_eq_nocase(first, STR("zh")))
                found = exactly(t, first);
        return found;
}

struct str template_text(const struct template *t, const char *path)
{
        const struct template_text *found = look_up(t, str_of(path));

        return found ? found->text : STR_NONE;
}

struct str template_textf(const struct template *t, const char *fmt, ...)
{
        char path[TEMPLATE_PATH_MAX];
        va_list ap;
        int n;

        va_start(ap, fmt);
        n = vsnprintf(path, sizeof path, fmt, ap);
        va_end(ap);
        return n >= 0 && (size_t)n < sizeof path ? template_text(t, path) : STR_NONE;
}

bool template_is_rtl(const struct template *t)
{
        return str_eqz(template_text(t, "dir"), "rtl");
}
