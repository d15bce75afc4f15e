/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/config_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static int grow(struct config_value **items, size_t n, size_t *cap)
{
        size_t more = *cap ? 2 * *cap : 16;
        struct config_value *bigger;

        if (n < *cap)
                return 0;
        bigger = reallocarray(*items, more, sizeof **items);
        if (!bigger)
                return -ENOMEM;
        *items = bigger;
        *cap = more;
        return 0;
}

/* ---- Merging ---- */

static int put_value(struct config_files *f, const struct config_value *v)
{
        for (size_t i = 0; i < f->n_values; i++)
                if (str_eq(f->values[i].key->text, v->key->text)) {
                        f->values[i] = *v;
                        return 0;
                }
        if (grow(&f->values, f->n_values, &f->values_cap) < 0)
                return -ENOMEM;
        f->values[f->n_values++] = *v;
        return 0;
}

static bool is_same_name(const struct yaml *a, const struct yaml *b)
{
        const struct yaml *x = yaml_get(a, "name"), *y = yaml_get(b, "name");

        return yaml_is_scalar(x) && yaml_is_scalar(y) && str_eq(x->text, y->text);
}

/* Two of one name in one file are a mistake, which config.c tells of. */
static int put_input(struct config_files *f, const struct config_value *v)
{
        for (size_t i = 0; i < f->n_inputs; i++)
                if (f->inputs[i].file != v->file && is_same_name(f->inputs[i].value, v->value)) {
                        f->inputs[i] = *v;
                        return 0;
                }
        if (grow(&f->inputs, f->n_inputs, &f->inputs_cap) < 0)
                return -ENOMEM;
        f->inputs[f->n_inputs++] = *v;
        return 0;
}

static int put_inputs(struct config_files *f, const struct yaml *list, const char *file, struct err_list *errors)
{
        struct err err = { 0 };

        if (list->kind != YAML_LIST || list->n == 0) {
                err_at(&err, -EBADMSG, file, list->line, list->col, "inputs: a list of the logs to read");
                err_list_add(errors, &err);
                return 0;
        }
        for (size_t i = 0; i < list->n; i++)
                if (put_input(f, &(struct config_value){ .value = list->items[i], .file = file }) < 0)
                        return -ENOMEM;
        return 0;
}

static int merge(struct config_files *f, const struct yaml *map, const char *file, struct err_list *errors)
{
        for (size_t i = 0; i < map->n; i++) {
                const struct yaml_pair *pair = &map->pairs[i];
                int r = str_eqz(pair->key->text, "inputs") ? put_inputs(f, pair->value, file, errors)
                                                           : put_value(f, &(struct config_value){ pair->key, pair->value, file });

                if (r < 0)
                        return r;
        }
        return 0;
}

/* ---- Reading ---- */

static int load_one(struct config_files *f, const char *path, bool may_be_empty, struct err_list *errors)
{
        struct err err = { 0 };
        int r;

        if (f->n == CONFIG_FILES_MAX) {
                err_at(&err, -E2BIG, path, 0, 0, "more than %d files of configuration: this one is not read", CONFIG_FILES_MAX);
                err_list_add(errors, &err);
                return 0;
        }
        r = yaml_load(path, &f->items[f->n], &err);
        if (r >= 0) {
                struct yaml_file *file = f->items[f->n++];

                if (file->n == 0 && may_be_empty)
                        return 0;
                if (file->n == 1 && file->docs[0]->kind == YAML_MAP)
                        return merge(f, file->docs[0], file->name, errors);
                err_at(&err, -EBADMSG, path, 1, 1, "one map is expected here; shopbell.yml(5) shows it");
        }
        if (!err.file[0])
                err_at(&err, err.code, path, err.line, err.col, "%s", err.text);
        err_list_add(errors, &err);
        return r == -ENOMEM ? r : 0;
}

static int is_part(const struct dirent *entry)
{
        struct str name = str_of(entry->d_name);

        return name.p[0] != '.' && (str_ends(name, STR(".yml")) || str_ends(name, STR(".conf")));
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
        return strcmp((*a)->d_name, (*b)->d_name);
}

static int load_folder(struct config_files *f, const char *path, struct err_list *errors)
{
        CLEANUP(strbuf_done) struct strbuf dir = STRBUF_INIT;
        struct dirent **names;
        struct err err = { 0 };
        int n, r = 0;

        strbuf_addf(&dir, "%s.d", path);
        if (strbuf_failed(&dir))
                return -ENOMEM;
        n = scandir(dir.p, &names, is_part, by_bytes);
        if (n < 0 && errno != ENOENT && errno != ENOTDIR) {
                err_at(&err, -errno, dir.p, 0, 0, "the folder cannot be read: %s", strerror(errno));
                err_list_add(errors, &err);
        }
        for (int i = 0; i < n; i++) {
                CLEANUP(strbuf_done) struct strbuf one = STRBUF_INIT;

                strbuf_addf(&one, "%s/%s", dir.p, names[i]->d_name);
                free(names[i]);
                if (r >= 0)
                        r = strbuf_failed(&one) ? -ENOMEM : load_one(f, one.p, true, errors);
        }
        if (n >= 0)
                free(names);
        return r;
}

int config_files_load(const char *path, struct config_files *files, struct err_list *errors)
{
        int r;

        *files = (struct config_files){ 0 };
        r = load_one(files, path, false, errors);
        return r < 0 ? r : load_folder(files, path, errors);
}

const struct yaml *config_files_get(const struct config_files *files, const char *key)
{
        for (size_t i = 0; i < files->n_values; i++)
                if (str_eqz(files->values[i].key->text, key))
                        return files->values[i].value;
        return NULL;
}

void config_files_done(struct config_files *files)
{
        for (size_t i = 0; i < files->n; i++)
                yaml_file_free(files->items[i]);
        free(files->values);
        free(files->inputs);
        *files = (struct config_files){ 0 };
}
