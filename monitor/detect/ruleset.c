/* SPDX-License-Identifier: Apache-2.0 */

/* Loading rule folders, and matching. For every source the rules that apply are listed once; a rule for all platforms is
 * tried only on records of its class. */

#include "monitor/detect/ruleset.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "monitor/base/map.h"
#include "monitor/detect/rules.h"

enum { FOLDER_DEPTH_MAX = 16 };

struct loader {
        struct ruleset *set;
        struct err_list *errors, *remarks;
        struct map ids; /* id → its rule */
        int error;
};

/* ---- Files ---- */

static int add_file(struct ruleset *set, struct sigma_file *file)
{
        if (set->n_files == set->cap_files) {
                size_t cap = set->cap_files ? 2 * set->cap_files : 32;
                struct sigma_file **files = reallocarray(set->files, cap, sizeof *files);

                if (!files) {
                        sigma_file_free(file);
                        return -ENOMEM;
                }
                set->files = files;
                set->cap_files = cap;
        }
        set->files[set->n_files++] = file;
        return 0;
}

static void report(struct err_list *errors, int code, const char *file, unsigned line, const char *text)
{
        struct err err = { 0 };

        if (!errors)
                return;
        err_at(&err, code, file, line, line ? 1 : 0, "%s", text);
        err_list_add(errors, &err);
}

static int load_file(struct loader *l, const char *path)
{
        struct sigma_file *file;
        int r = sigma_file_load(path, &file, l->errors, l->remarks);

        return r == 0 ? add_file(l->set, file) : r == -ENOMEM ? r : 0;
}

static bool is_rule_file(const struct dirent *d)
{
        struct str name = str_of(d->d_name);

        return str_ends(name, STR(".yml")) || str_ends(name, STR(".yaml"));
}

static int is_wanted(const struct dirent *d)
{
        return d->d_name[0] != '.';
}

static int load_path(struct loader *l, const char *path, unsigned depth);

static int load_folder(struct loader *l, const char *path, unsigned depth)
{
        struct dirent **names = NULL;
        int n = scandir(path, &names, is_wanted, alphasort), r = 0;

        if (n < 0) {
                report(l->errors, -errno, path, 0, strerror(errno));
                return 0;
        }
        for (int i = 0; i < n; i++) {
                CLEANUP(strbuf_done) struct strbuf child = STRBUF_INIT;
                struct stat st;

                strbuf_addf(&child, "%s/%s", path, names[i]->d_name);
                if (r >= 0 && !strbuf_failed(&child) && stat(child.p, &st) == 0 && (S_ISDIR(st.st_mode) || is_rule_file(names[i])))
                        r = load_path(l, child.p, depth + 1);
                free(names[i]);
        }
        free(names);
        return r;
}

static int load_path(struct loader *l, const char *path, unsigned depth)
{
        struct stat st;

        if (stat(path, &st) < 0) {
                report(l->errors, -errno, path, 0, strerror(errno));
                return 0;
        }
        if (!S_ISDIR(st.st_mode))
                return load_file(l, path);
        if (depth < FOLDER_DEPTH_MAX)
                return load_folder(l, path, depth);
        report(l->errors, -E2BIG, path, 0, "folders nested too deep");
        return 0;
}

/* ---- Rules ---- */

static bool is_repeated(struct loader *l, const struct sigma_rule *rule)
{
        const struct sigma_rule *other;
        char text[ERR_TEXT_BYTES];

        if (!rule->id.p)
                return false;
        other = map_get(&l->ids, rule->id);
        if (!other) {
                l->error = map_put(&l->ids, rule->id, (void *)rule);
                return false;
        }
        snprintf(text, sizeof text, "the id " STR_FMT " belongs to %s:%u already; give this rule another", STR_ARG(rule->id),
                 other->file, other->line);
        report(l->errors, -EEXIST, rule->file, rule->line, text);
        return true;
}

static void join_playbook(struct ruleset *set, struct entry *e)
{
        CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT;

        for (size_t i = 0; i < e->rule->n_playbook; i++)
                strbuf_addf(&b, "%s" STR_FMT, i ? "\n" : "", STR_ARG(e->rule->playbook[i]));
        e->playbook = arena_dup(set->arena, strbuf_str(&b));
}

/* The class of a rule for all platforms; false: an unknown one. */
static bool set_generic(struct loader *l, struct entry *e)
{
        const struct logsource *ls = &e->rule->logsource;
        const struct sigma_detection *d = e->rule->detection;

        e->generic = _CLASS_MAX;
        e->is_generic = e->rule->kind == SIGMA_RULE && logsource_is_generic(ls);
        if (!e->is_generic)
                return true;
        if (ls->category.p)
                e->generic = class_find(ls->category);
        if (ls->category.p && e->generic == _CLASS_MAX) {
                report(l->errors, -EBADMSG, e->rule->file, e->rule->line,
                       "logsource: product shopbell takes one of our classes as category, such as login");
                return false;
        }
        for (size_t i = 0; i < d->n_fields; i++)
                if (ecs_find(d->fields[i]) == _ECS_MAX) {
                        const char *near = ecs_nearest(d->fields[i]);
                        char text[ERR_TEXT_BYTES];

                        snprintf(text, sizeof text, "rules with product shopbell see ECS names; " STR_FMT " is none%s%s", STR_ARG(d->fields[i]),
                                 near ? ", did you mean " : "", near ? near : "");
                        report(l->errors, -EBADMSG, e->rule->file, e->rule->line, text);
                        return false;
                }
        return true;
}

static int add_rules(struct loader *l)
{
        struct ruleset *set = l->set;
        size_t n = 0;

        for (size_t f = 0; f < set->n_files; f++)
                n += set->files[f]->n;
        set->entries = calloc(n + 1, sizeof *set->entries);
        if (!set->entries)
                return -ENOMEM;
        for (size_t f = 0; f < set->n_files; f++)
                for (size_t i = 0; i < set->files[f]->n && l->error >= 0; i++) {
                        struct entry *e = &set->entries[set->n];

                        *e = (struct entry){ .rule = set->files[f]->rules[i] };
                        if (is_repeated(l, e->rule) || !set_generic(l, e))
                                continue;
                        e->classes = e->rule->classes;
                        e->n_classes = e->rule->n_classes;
                        join_playbook(set, e);
                        set->n++;
                }
        return l->error;
}

int ruleset_load(const char *const *paths, size_t n_paths, struct ruleset **ret, struct err_list *errors, struct err_list *remarks)
{
        CLEANUP(ruleset_freep) struct ruleset *set = calloc(1, sizeof *set);
        struct loader l = { .set = set, .errors = errors, .remarks = remarks, .ids = MAP_INIT };
        int r = 0;

        if (!set || !(set->arena = arena_new()))
                return -ENOMEM;
        for (size_t i = 0; i < n_paths && r >= 0; i++)
                r = load_path(&l, paths[i], 0);
        if (r >= 0)
                r = add_rules(&l);
        map_done(&l.ids);
        if (r < 0)
                return r;
        if (set->n == 0)
                return -ENOENT;
        ruleset_link(set, errors);
        *ret = TAKE(set);
        return 0;
}

static void entry_done(struct entry *e, size_t n_kinds)
{
        for (size_t i = 0; e->slots && i < n_kinds; i++)
                free(e->slots[i]);
        free(e->slots);
        free(e->feeds);
        free(e->members);
        free(e->groups);
        free(e->values);
}

struct ruleset *ruleset_free(struct ruleset *set)
{
        if (!set)
                return NULL;
        for (size_t i = 0; i < set->n; i++)
                entry_done(&set->entries[i], set->n_kinds);
        for (size_t i = 0; i < set->n_files; i++)
                sigma_file_free(set->files[i]);
        for (size_t i = 0; set->programs && i < set->n_kinds; i++)
                free(set->programs[i].items);
        free(set->programs);
        free(set->lateness);
        free(set->entries);
        free(set->files);
        arena_free(set->arena);
        free(set);
        return NULL;
}

size_t ruleset_count(const struct ruleset *set)
{
        return set->n;
}

const struct sigma_rule *ruleset_rule(const struct ruleset *set, size_t index)
{
        return set->entries[index].rule;
}

bool ruleset_alerts(const struct ruleset *set, size_t index)
{
        return set->entries[index].alerts;
}

bool ruleset_applies(const struct ruleset *set, size_t rule, size_t source)
{
        const struct entry *e = &set->entries[rule];

        if (e->rule->kind == SIGMA_RULE)
                return e->slots && e->slots[source];
        for (size_t i = 0; i < e->n_members; i++)
                if (ruleset_applies(set, e->members[i], source))
                        return true;
        return false;
}

/* ---- Matching ---- */

static bool has_class(const struct record *r, enum class c)
{
        for (const struct value *v = r->slots[ECS_CLASS].first; v; v = v->next)
                if (str_eqz(v->text, class_name(c)))
                        return true;
        return false;
}

size_t ruleset_match(const struct ruleset *set, const struct record *record, struct sigma_scratch *scratch, uint32_t *hits, size_t max)
{
        const uint32_t *items = set->programs[record->source_index].items;
        size_t n_items = set->programs[record->source_index].n, n = 0;

        for (size_t i = 0; i < n_items; i++) {
                const struct entry *e = &set->entries[items[i]];

                if (e->generic != _CLASS_MAX && !has_class(record, e->generic))
                        continue;
                if (!sigma_match(e->rule->detection, record, e->slots[record->source_index], scratch))
                        continue;
                if (n < max)
                        hits[n] = items[i];
                n++;
        }
        return n;
}
