/* SPDX-License-Identifier: Apache-2.0 */

/* The set of sources: files found below the folders, later folders winning over earlier ones; wishes for native fields
 * until the set is frozen; then the plans for reading and for telling JSON sources apart. */

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "parsers/decoder.h"
#include "parsers/list.h"
#include "parsers/recognise.h"

enum { FOLDER_DEPTH_MAX = 16, PATH_BYTES_MAX = 4096 };

/* ---- One source ---- */

uint32_t source_want(struct source *s, struct str field)
{
        uintptr_t at = (uintptr_t)map_get(&s->slots, field);
        struct str name;

        if (at > 0)
                return (uint32_t)(at - 1);
        if (s->is_frozen || s->n_native >= RECORD_NATIVE_MAX)
                return UINT32_MAX;
        if (s->n_native == s->cap_native) {
                size_t cap = s->cap_native ? 2 * s->cap_native : 64;
                struct str *items = reallocarray(s->native, cap, sizeof *items);

                if (!items)
                        return UINT32_MAX;
                s->native = items;
                s->cap_native = cap;
        }
        name = arena_dup(s->arena, field);
        at = _ECS_MAX + s->n_native + 1;
        if (!name.p || map_put(&s->slots, name, (void *)at) < 0)
                return UINT32_MAX;
        s->native[s->n_native++] = name;
        return (uint32_t)(at - 1);
}

static uint32_t kind_want(void *userdata, struct str field)
{
        return source_want(userdata, vocabulary_resolve(userdata, field));
}

static void kind_want_leaves(void *userdata)
{
        struct source *s = userdata;

        if (!s->is_frozen)
                s->wants_leaves = true;
}

static void done_fields(struct field_rule *fields, size_t n)
{
        for (size_t i = 0; i < n; i++)
                derive_done(fields[i].from);
}

struct source *source_free(struct source *s)
{
        if (!s)
                return NULL;
        if (s->decoder)
                s->decoder->done(s);
        list_done(s);
        for (size_t i = 0; i < s->recognition.n_when && s->when; i++)
                sigma_detection_done(s->when[i].detection);
        done_fields(s->fields, s->n_fields);
        for (size_t i = 0; i < s->n_classes; i++) {
                sigma_detection_done(s->classes[i].when.detection);
                if (s->classes[i].unless)
                        sigma_detection_done(s->classes[i].unless->detection);
                done_fields(s->classes[i].set, s->classes[i].n_set);
        }
        sigma_program_free(s->class_program);
        map_done(&s->slots);
        free(s->native);
        arena_free(s->arena);
        yaml_file_free(s->yaml);
        yaml_file_free(s->like);
        free(s);
        return NULL;
}

const char *source_name(const struct source *s)
{
        return s->name;
}

const char *source_title(const struct source *s)
{
        return s->title;
}

const char *source_format(const struct source *s)
{
        return s->decoder->name;
}

const char *source_file(const struct source *s)
{
        return s->file;
}

const struct yaml *source_doc(const struct source *s)
{
        return s->doc;
}

const struct logsource *source_logsource(const struct source *s)
{
        return &s->logsource;
}

bool source_is_door(const struct source *s)
{
        return s->is_door;
}

usec source_lateness(const struct source *s)
{
        return s->lateness;
}

usec source_silence(const struct source *s)
{
        return s->silence;
}

const struct str *source_native(const struct source *s, size_t *ret_n)
{
        *ret_n = s->n_native;
        return s->native;
}

bool source_is_list(const struct source *s)
{
        return s->list != NULL;
}

uint32_t source_classes(const struct source *s)
{
        return s->class_mask;
}

/* ---- Loading a set ---- */

static int add_source(struct sourceset *set, struct source *s, size_t folder_begin, struct err_list *errors)
{
        for (size_t i = 0; i < set->n; i++) {
                struct err err = { 0 };

                if (strcmp(set->items[i]->name, s->name) != 0)
                        continue;
                if (i >= folder_begin) {
                        err_at(&err, -EEXIST, s->file, 0, 0, "a source of the name `%s` is already in %s", s->name,
                               set->items[i]->file);
                        err_list_add(errors, &err);
                        source_free(s);
                        return 0;
                }
                source_free(set->items[i]);
                set->items[i] = s;
                return 0;
        }
        if (set->n == set->cap) {
                size_t cap = set->cap ? 2 * set->cap : 16;
                struct source **items = reallocarray(set->items, cap, sizeof(struct source *));

                if (!items) {
                        source_free(s);
                        return -ENOMEM;
                }
                set->items = items;
                set->cap = cap;
        }
        set->items[set->n++] = s;
        return 0;
}

static int load_file(struct sourceset *set, const char *path, size_t folder_begin, struct err_list *errors)
{
        struct yaml_file *yaml = NULL;
        struct source *s = NULL;
        struct err err = { 0 };
        int r = yaml_load(path, &yaml, &err);

        if (r >= 0)
                r = source_load(yaml, &s, &err);
        if (r >= 0)
                return add_source(set, s, folder_begin, errors);
        err_list_add(errors, &err);
        return r == -ENOMEM ? r : 0;
}

static void note_unreadable(struct err_list *errors, const char *path, int code)
{
        struct err err = { 0 };

        err_at(&err, code, path, 0, 0, "cannot be read: %s", strerror(-code));
        err_list_add(errors, &err);
}

static int is_shown(const struct dirent *e)
{
        return e->d_name[0] != '.';
}

static int load_below(struct sourceset *set, const char *path, unsigned depth, size_t folder_begin,
                      struct err_list *errors);

static int load_entry(struct sourceset *set, const char *dir, const char *name, unsigned depth, size_t folder_begin,
                      struct err_list *errors)
{
        CLEANUP(strbuf_done) struct strbuf path = STRBUF_INIT;
        struct stat st;

        strbuf_addf(&path, "%s/%s", dir, name);
        if (strbuf_failed(&path))
                return -ENOMEM;
        if (stat(path.p, &st) < 0) {
                note_unreadable(errors, path.p, -errno);
                return 0;
        }
        if (S_ISDIR(st.st_mode))
                return depth < FOLDER_DEPTH_MAX ? load_below(set, path.p, depth + 1, folder_begin, errors) : 0;
        return str_ends(str_of(name), STR(".yml")) ? load_file(set, path.p, folder_begin, errors) : 0;
}

/* A folder, in order of name; or one file. */
static int load_below(struct sourceset *set, const char *path, unsigned depth, size_t folder_begin,
                      struct err_list *errors)
{
        struct dirent **entries = NULL;
        int r = 0, n = scandir(path, &entries, is_shown, alphasort);

        if (n < 0 && errno == ENOTDIR)
                return load_file(set, path, folder_begin, errors);
        if (n < 0) {
                note_unreadable(errors, path, -errno);
                return 0;
        }
        for (int i = 0; i < n; i++) {
                if (r >= 0)
                        r = load_entry(set, path, entries[i]->d_name, depth, folder_begin, errors);
                free(entries[i]);
        }
        free(entries);
        return r;
}

/* A table of another source's records says of itself what that source says. Without that source, which a mistake in its
 * file may have left out, the rows are rejected. */
static void find_wrapped(const struct sourceset *set, struct source *s)
{
        struct source *to = sourceset_find(set, s->wraps);

        if (!to || to->decoder != &decoder_json)
                return;
        s->wrapped = to;
        s->class_mask = to->class_mask;
        if (!s->lateness)
                s->lateness = to->lateness;
}

static struct sourceset *new_set(void)
{
        struct sourceset *set = calloc(1, sizeof *set);

        if (!set)
                return NULL;
        set->arena = arena_new();
        return set->arena ? set : sourceset_free(set);
}

static int load_dirs(struct sourceset *set, const char *const *dirs, size_t n, struct err_list *errors)
{
        int r = 0;

        for (size_t i = 0; i < n && r >= 0; i++)
                r = load_below(set, dirs[i], 0, set->n, errors);
        return r;
}

/* No more sources. */
static void number_sources(struct sourceset *set)
{
        for (size_t i = 0; i < set->n; i++) {
                struct source *s = set->items[i];

                if (s->wraps.p)
                        find_wrapped(set, s);
                s->index = (uint32_t)i;
                s->n_own = s->n_native;
                s->kind = (struct log_kind){
                        .name = s->name,
                        .logsource = s->logsource,
                        .lateness = s->lateness,
                        .want = kind_want,
                        .want_leaves = kind_want_leaves,
                        .knows = vocabulary_knows,
                        .userdata = s,
                };
        }
}

int sourceset_load(const char *const *dirs, size_t n_dirs, struct sourceset **ret, struct err_list *errors)
{
        CLEANUP(sourceset_freep) struct sourceset *set = new_set();
        int r = set ? load_dirs(set, dirs, n_dirs, errors) : -ENOMEM;

        if (r < 0)
                return r;
        if (set->n == 0)
                return -ENOENT;
        number_sources(set);
        *ret = TAKE(set);
        return 0;
}

int sourceset_load_with(const char *const *dirs, size_t n_dirs, struct str text, const char *name, struct sourceset **ret,
                        struct err_list *errors, struct err *reterr)
{
        CLEANUP(sourceset_freep) struct sourceset *set = new_set();
        struct yaml_file *yaml = NULL;
        struct source *s = NULL;
        int r = set ? load_dirs(set, dirs, n_dirs, errors) : -ENOMEM;

        if (r >= 0)
                r = yaml_parse(text, name, &yaml, reterr);
        if (r >= 0)
                r = source_load(yaml, &s, reterr);
        if (r >= 0)
                r = add_source(set, s, set->n, errors);
        if (r < 0)
                return r;
        number_sources(set);
        *ret = TAKE(set);
        return 0;
}

struct sourceset *sourceset_free(struct sourceset *set)
{
        if (!set)
                return NULL;
        for (size_t i = 0; i < set->n; i++)
                source_free(set->items[i]);
        for (size_t i = 0; i < set->n_groups; i++)
                json_plan_free(set->groups[i].plan);
        free(set->items);
        arena_free(set->arena);
        free(set);
        return NULL;
}

size_t sourceset_count(const struct sourceset *set)
{
        return set->n;
}

struct source *sourceset_get(const struct sourceset *set, size_t index)
{
        return set->items[index];
}

struct source *sourceset_find(const struct sourceset *set, struct str name)
{
        for (size_t i = 0; i < set->n; i++)
                if (str_eqz(name, set->items[i]->name))
                        return set->items[i];
        return NULL;
}

bool sourceset_is_csv(void *userdata, const char *source, struct str line, struct csv_shape *ret)
{
        const struct sourceset *set = userdata;

        for (size_t i = 0; i < set->n; i++) {
                const struct source *s = set->items[i];

                if (s->decoder != &decoder_csv || (source && strcmp(source, s->name) != 0))
                        continue;
                *ret = (struct csv_shape){ .delimiter = s->delimiter, .has_header = s->n_columns == 0 };
                if (ret->has_header ? decode_csv_is_header(s, line, &ret->delimiter) : source != NULL) {
                        ret->above = s->above > 0 && decode_csv_is_clean(s, line, ret->delimiter) ? s->above : 0;
                        return true;
                }
        }
        return false;
}

const struct log_kind *sourceset_kind(const struct sourceset *set, size_t index)
{
        return &set->items[index]->kind;
}

int sourceset_freeze(struct sourceset *set, struct err *reterr)
{
        for (size_t i = 0; i < set->n; i++) {
                struct source *s = set->items[i];
                int r;

                if (s->is_frozen)
                        continue;
                s->is_frozen = true;
                r = s->decoder->freeze(s, reterr);
                if (r >= 0)
                        r = list_freeze(s, reterr);
                if (r < 0)
                        return r;
        }
        return set->n_groups ? 0 : recognise_freeze(set, reterr);
}
