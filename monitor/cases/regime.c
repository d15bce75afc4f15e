/* SPDX-License-Identifier: Apache-2.0 */

/* Regimes of some folders. Holidays come first, of all folders, since regimes name them; a bad file is told of and left out. */

#include "monitor/cases/regime.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor/cases/regime_read.h"

enum { NEAR_DISTANCE_MAX = 4, NEAR_NAMES_MAX = 3 };

const char regime_disclaimer[] = "This is not legal advice: have a lawyer check which law applies, and its deadlines.";

struct loader {
        struct regimes *to;
        struct calendars *calendars;
        struct err_list *errors;
        const char *dir; /* whose files are read: two of one id in it are a mistake */
        size_t cap, cap_files;
};

static int grow(void *items, size_t *cap, size_t n, size_t size)
{
        void *more;

        if (n < *cap)
                return 0;
        more = reallocarray(*(void **)items, *cap ? 2 * *cap : 32, size);
        if (!more)
                return -ENOMEM;
        *(void **)items = more;
        *cap = *cap ? 2 * *cap : 32;
        return 0;
}

/* ---- One file ---- */

static int read_calendar(struct loader *l, const char *path, const struct yaml *doc, struct err *reterr)
{
        struct regime_reader r = { .arena = l->to->arena, .path = path, .err = reterr, .to = l->to };

        return calendar_read(&r, doc, l->calendars);
}

static bool is_below(const char *path, const char *dir)
{
        return strncmp(path, dir, strlen(dir)) == 0 && path[strlen(dir)] == '/';
}

static int put_regime(struct loader *l, const struct regime *g, const struct yaml *doc, struct err *reterr)
{
        struct regimes *to = l->to;

        for (size_t i = 0; i < to->n; i++)
                if (str_eq(to->items[i].id, g->id)) {
                        if (is_below(to->items[i].file, l->dir))
                                return err_at(reterr, -EBADMSG, g->file, doc->line, doc->col, "a second " STR_FMT "; the first is %s",
                                              STR_ARG(g->id), to->items[i].file);
                        to->items[i] = *g;
                        return 0;
                }
        if (to->n == REGIMES_MAX)
                return err_at(reterr, -E2BIG, g->file, 0, 0, "more than %d regimes", REGIMES_MAX);
        if (grow(&to->items, &l->cap, to->n, sizeof *to->items) < 0)
                return -ENOMEM;
        to->items[to->n++] = *g;
        return 0;
}

static int read_regime(struct loader *l, const char *path, bool is_contract, const struct yaml *doc, struct err *reterr)
{
        struct regime g = { .is_contract = is_contract };
        struct regime_reader r = {
                .arena = l->to->arena, .path = path, .err = reterr, .calendars = l->calendars, .to = l->to, .regime = &g
        };
        int k = regime_read(&r, doc);

        return k < 0 ? k : put_regime(l, &g, doc, reterr);
}

enum folder { FOLDER_HOLIDAYS, FOLDER_LAWS, FOLDER_CONTRACTS };

/* Takes the file over. */
static int take_file(struct loader *l, struct yaml_file *file, enum folder kind, struct err *reterr)
{
        struct regimes *to = l->to;

        if (grow(&to->files, &l->cap_files, to->n_files, sizeof *to->files) < 0) {
                yaml_file_free(file);
                return -ENOMEM;
        }
        to->files[to->n_files++] = file;
        if (file->n != 1)
                return err_at(reterr, -EBADMSG, file->name, 1, 1, "one document is expected here, not %zu", file->n);
        return kind == FOLDER_HOLIDAYS ? read_calendar(l, file->name, file->docs[0], reterr) :
                                         read_regime(l, file->name, kind == FOLDER_CONTRACTS, file->docs[0], reterr);
}

static int load_file(struct loader *l, const char *path, enum folder kind, struct err *reterr)
{
        struct yaml_file *file;
        int r = yaml_load(path, &file, reterr);

        return r < 0 ? r : take_file(l, file, kind, reterr);
}

int regimes_parse(struct str text, const char *name, struct regimes *ret, struct err *reterr)
{
        CLEANUP(memory_freep) struct calendars *calendars = calloc(1, sizeof *calendars);
        struct loader l = { .to = ret, .calendars = calendars, .dir = "" };
        struct yaml_file *file = NULL;
        int r;

        *ret = (struct regimes){ .arena = arena_new() };
        r = !ret->arena || !calendars ? -ENOMEM : yaml_parse(text, name, &file, reterr);
        if (r >= 0)
                r = take_file(&l, file, FOLDER_LAWS, reterr);
        if (r == -ENOMEM)
                err_set(reterr, r, "out of memory");
        if (r < 0)
                regimes_done(ret);
        return r;
}

/* ---- Folders ---- */

static int is_yaml(const struct dirent *entry)
{
        struct str name = str_of(entry->d_name);

        return name.p[0] != '.' && (str_ends(name, STR(".yml")) || str_ends(name, STR(".yaml")));
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
        return strcmp((*a)->d_name, (*b)->d_name);
}

static int load_one(struct loader *l, const char *folder, const char *name, enum folder kind)
{
        struct err err = { 0 };
        char path[PATH_MAX];
        int n = snprintf(path, sizeof path, "%s/%s", folder, name), r;

        if (n < 0 || (size_t)n >= sizeof path)
                r = err_at(&err, -ENAMETOOLONG, folder, 0, 0, "a name that is too long");
        else
                r = load_file(l, path, kind, &err);
        if (r == -ENOMEM)
                return r;
        if (r < 0) {
                if (!err.text[0])
                        err_at(&err, r, path, 0, 0, "it cannot be read: %s", strerror(-r));
                err_list_add(l->errors, &err);
        }
        return 0;
}

static int load_folder(struct loader *l, const char *dir, const char *sub, enum folder kind)
{
        struct dirent **names;
        struct err err = { 0 };
        char path[PATH_MAX];
        int n = snprintf(path, sizeof path, "%s%s%s", dir, *sub ? "/" : "", sub), r = 0;

        if (n < 0 || (size_t)n >= sizeof path)
                return 0;
        n = scandir(path, &names, is_yaml, by_name);
        if (n < 0 && errno == ENOMEM)
                return -ENOMEM;
        if (n < 0 && errno != ENOENT) {
                err_at(&err, -errno, path, 0, 0, "the folder cannot be read: %s", strerror(errno));
                err_list_add(l->errors, &err);
        }
        for (int i = 0; i < n; i++) {
                if (r >= 0)
                        r = load_one(l, path, names[i]->d_name, kind);
                free(names[i]);
        }
        if (n >= 0)
                free(names);
        return r;
}

static int by_id(const void *a, const void *b)
{
        return str_cmp(((const struct regime *)a)->id, ((const struct regime *)b)->id);
}

int regimes_load(const char *const *dirs, size_t n_dirs, struct regimes *ret, struct err_list *errors)
{
        CLEANUP(memory_freep) struct calendars *calendars = calloc(1, sizeof *calendars);
        struct loader l = { .to = ret, .calendars = calendars, .errors = errors };
        int r = 0;

        *ret = (struct regimes){ .arena = arena_new() };
        if (!ret->arena || !calendars)
                r = -ENOMEM;
        for (size_t i = 0; i < n_dirs && r >= 0; i++)
                r = load_folder(&l, dirs[i], "holidays", FOLDER_HOLIDAYS);
        for (size_t i = 0; i < n_dirs && r >= 0; i++) {
                l.dir = dirs[i];
                r = load_folder(&l, dirs[i], "", FOLDER_LAWS);
                if (r >= 0)
                        r = load_folder(&l, dirs[i], "contract", FOLDER_CONTRACTS);
        }
        if (r < 0) {
                regimes_done(ret);
                return r;
        }
        if (ret->n > 0)
                qsort(ret->items, ret->n, sizeof *ret->items, by_id);
        return 0;
}

void regimes_done(struct regimes *r)
{
        for (size_t i = 0; i < r->n_files; i++)
                yaml_file_free(r->files[i]);
        for (size_t i = 0; i < r->n_zones; i++)
                zone_free(r->zones[i]);
        free(r->files);
        free(r->zones);
        free(r->items);
        arena_free(r->arena);
        *r = (struct regimes){ 0 };
}

/* ---- Asking ---- */

const struct regime *regime_find(const struct regimes *r, struct str id)
{
        for (size_t i = 0; i < r->n; i++)
                if (str_eq(r->items[i].id, id))
                        return &r->items[i];
        return NULL;
}

bool regime_is_stale(const struct regime *r, usec now)
{
        return now - r->checked_on > REGIME_STALE;
}

bool regime_is_in_force(const struct regime *r, usec at)
{
        return (r->valid_from == USEC_NONE || at >= r->valid_from) && (r->valid_to == USEC_NONE || at < r->valid_to);
}

void regimes_near(const struct regimes *r, struct str id, struct strbuf *out)
{
        size_t n = 0;

        for (size_t i = 0; i < r->n && n < NEAR_NAMES_MAX; i++) {
                struct str other = r->items[i].id;

                if (str_distance(id, other) < NEAR_DISTANCE_MAX || (id.n >= 2 && str_find(other, id) != SIZE_MAX))
                        strbuf_addf(out, "%s" STR_FMT, n++ ? ", " : "", STR_ARG(other));
        }
}
