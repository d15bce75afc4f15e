/* SPDX-License-Identifier: Apache-2.0 */

/* The logs of one tail input: which files the patterns name, and which of them something has happened to. How a single
 * one is followed through its rotations is input/follow.c.
 *
 * Positions: "tail/PATH" for each log (input/position.h), and "started", which says that there has been a first start.
 *
 * A pattern like app.log* names rotated files as well. They are not followed for themselves but read, oldest first, before
 * the log they belong to. A log that a pattern finds later begins with its present file. */

#include "monitor/input/tail.h"

#include <errno.h>
#include <fnmatch.h>
#include <glob.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "monitor/base/map.h"
#include "monitor/input/follow.h"
#include "monitor/input/rotate.h"
#include "monitor/input/watch.h"

enum { TAIL_OPEN_MAX = 256 }; /* with more logs than this, the quiet ones give their descriptors back */

struct pattern {
        char *text;
        bool is_glob;
        int noted; /* trouble with its folder */
};

struct tail {
        struct input *in;
        struct pattern *patterns;
        size_t n_patterns;
        struct follow **items;
        size_t n, cap;
        struct map by_path; /* of struct follow */
        struct watch *watch; /* NULL: everything is looked at whenever process() is called */
        bool from_end, is_first, tells_start, needs_scan;
        size_t turn; /* whose turn it is to be read */
        bool has_full_note; /* said that there are too many */
};

/* ---- Opening ---- */

static bool has_magic(const char *text)
{
        return strpbrk(text, "*?[") != NULL;
}

static int add_pattern(struct tail *t, const char *text)
{
        struct stat st;
        struct pattern *p = &t->patterns[t->n_patterns];

        p->text = strdup(text);
        if (!p->text)
                return -ENOMEM;
        p->is_glob = has_magic(text) && lstat(text, &st) < 0;
        t->n_patterns++;
        return 0;
}

int tail_open(struct input *in, const char *const *globs, size_t n, bool from_end, struct err *reterr)
{
        struct tail *t = calloc(1, sizeof *t);
        int r;

        in->state = t;
        if (!t || !(t->patterns = calloc(n ? n : 1, sizeof *t->patterns)))
                return err_set(reterr, -ENOMEM, "out of memory");
        t->in = in;
        t->from_end = from_end;
        t->is_first = t->needs_scan = true;
        for (size_t i = 0; i < n; i++) {
                if (globs[i][0] == '\0')
                        return err_set(reterr, -EINVAL, "an empty path");
                r = add_pattern(t, globs[i]);
                if (r < 0)
                        return err_set(reterr, r, "out of memory");
        }
        r = watch_open(&t->watch);
        if (r < 0)
                kind_note(in, r, NULL, "input %s cannot watch folders: %s; what is new is seen late", in->name,
                          kind_trouble(r));
        return 0;
}

void tail_close(void *state)
{
        struct tail *t = state;

        if (!t)
                return;
        for (size_t i = 0; i < t->n; i++)
                follow_free(t->items[i]);
        for (size_t i = 0; i < t->n_patterns; i++)
                free(t->patterns[i].text);
        map_done(&t->by_path);
        watch_free(t->watch);
        free(t->items);
        free(t->patterns);
        free(t);
}

/* ---- Which files ---- */

static int add_follow(struct tail *t, const char *path, struct follow **ret)
{
        struct follow *f = map_get(&t->by_path, str_of(path));

        if (!f) {
                if (t->n == t->cap) {
                        size_t cap = t->cap ? t->cap * 2 : 16;
                        struct follow **items = reallocarray(t->items, cap, sizeof *items);

                        if (!items)
                                return -ENOMEM;
                        t->items = items;
                        t->cap = cap;
                }
                f = follow_new(t->in, path);
                if (!f)
                        return -ENOMEM;
                t->items[t->n++] = f;
                f->from_end = t->from_end && t->is_first;
                if (map_put(&t->by_path, str_of(f->path), f) < 0)
                        return -ENOMEM;
        }
        *ret = f;
        return 0;
}

/* The followed log `like` names, when `name` is a rotated file of it. */
static struct follow *owner_called(const struct tail *t, struct str like, const char *name)
{
        struct follow *f = map_get(&t->by_path, like);

        return f && rotate_is_sibling(f->base, name) ? f : NULL;
}

/* The log that `path` is a rotated file of: names are tried that end before a separator, with and without the extension
 * behind it. */
static struct follow *find_owner(const struct tail *t, const char *path)
{
        const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *ext = NULL;
        size_t folder_n = (size_t)(name - path), n = strlen(name);
        struct strbuf like = STRBUF_INIT;
        struct follow *f = NULL;

        for (size_t i = n; i > 1 && !f; i--) {
                const char *rest = name + i - 1;

                if (!strchr(".-_~", *rest))
                        continue;
                strbuf_clear(&like);
                strbuf_add(&like, str_from(path, folder_n + i - 1));
                f = owner_called(t, strbuf_str(&like), name);
                if (!f && ext) {
                        size_t ext_n = strcspn(ext + 1, ".") + 1; /* ".log" of "app.1.log.gz" */

                        strbuf_add(&like, str_from(ext, ext_n));
                        f = owner_called(t, strbuf_str(&like), name);
                }
                if (*rest == '.' && strcmp(rest, ".gz") != 0 && strcmp(rest, ".zst") != 0 && !ext)
                        ext = rest;
        }
        strbuf_done(&like);
        return f;
}

static int add_found(struct tail *t, const char *path)
{
        struct follow *f = map_get(&t->by_path, str_of(path));

        if (f) {
                f->is_forgotten = false;
                return 0;
        }
        f = find_owner(t, path);
        if (f) {
                f->wants_history |= !f->has_place && t->is_first;
                return 0;
        }
        if (t->n < INPUT_FILES_MAX)
                return add_follow(t, path, &f);
        if (!t->has_full_note) {
                t->in->counters.n[COUNTER_REJECT_FILE]++;
                kind_note(t->in, -E2BIG, path, "more than %d files, this and further ones are not followed",
                          (int)INPUT_FILES_MAX);
        }
        t->has_full_note = true;
        return 0;
}

static bool looks_rotated(const char *path)
{
        const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

        return strpbrk(name, "0123456789~") || strstr(name, ".old") || strstr(name, ".bak") || strstr(name, ".prev") ||
               strstr(name, ".save") || strstr(name, ".last");
}

/* Logs first, so that what was rotated from them is known for that. */
static int expand(struct tail *t, const struct pattern *p)
{
        struct follow *f;
        glob_t found;
        int r = 0;

        if (!p->is_glob)
                return add_follow(t, p->text, &f);
        if (glob(p->text, 0, NULL, &found) == 0)
                for (int rotated = 0; rotated < 2; rotated++)
                        for (size_t i = 0; i < found.gl_pathc && r >= 0; i++)
                                if (looks_rotated(found.gl_pathv[i]) == rotated)
                                        r = add_found(t, found.gl_pathv[i]);
        globfree(&found);
        return r;
}

/* ---- Watching ---- */

static void note_folder(struct tail *t, struct pattern *p, const char *folder, int r)
{
        if (r >= 0 || r == -ENOENT || r == -ENOTDIR || p->noted == r)
                return;
        p->noted = r;
        kind_note(t->in, r, folder, "cannot be watched: %s, what is new there is seen late",
                  r == -ENOSPC ? "the limit fs.inotify.max_user_watches is reached" : kind_trouble(r));
}

static void watch_glob(struct tail *t, struct pattern *p, const char *folders)
{
        glob_t found;

        if (glob(folders, GLOB_ONLYDIR, NULL, &found) == 0)
                for (size_t i = 0; i < found.gl_pathc; i++)
                        note_folder(t, p, found.gl_pathv[i], watch_add(t->watch, found.gl_pathv[i], false));
        globfree(&found);
}

/* Watches the folders a pattern can match in, and above them as far as something may yet appear. */
static int watch_pattern(struct tail *t, struct pattern *p)
{
        char *folder = strdup(p->text), *slash;
        bool is_done = false;

        if (!folder)
                return -ENOMEM;
        while (!is_done && (slash = strrchr(folder, '/'))) {
                slash[slash == folder] = '\0';
                is_done = slash == folder;
                if (p->is_glob && has_magic(folder)) {
                        watch_glob(t, p, folder);
                } else {
                        int r = watch_add(t->watch, folder, false);

                        note_folder(t, p, folder, r);
                        is_done |= r >= 0;
                }
        }
        if (!is_done)
                note_folder(t, p, ".", watch_add(t->watch, ".", false));
        free(folder);
        return 0;
}

static void find_folder(struct tail *t, struct follow *f)
{
        size_t n = (size_t)(f->base - f->path);
        char *folder = str_dupz(n > 1 ? str_from(f->path, n - 1) : n == 1 ? STR("/") : STR("."));

        if (folder)
                f->folder = watch_add(t->watch, folder, false);
        free(folder);
}

/* ---- Looking ---- */

/* The pattern that names this path. */
static const struct pattern *pattern_of(const struct tail *t, const char *path)
{
        for (size_t i = 0; i < t->n_patterns; i++) {
                const struct pattern *p = &t->patterns[i];

                if (p->is_glob ? fnmatch(p->text, path, FNM_PATHNAME | FNM_PERIOD) == 0 : strcmp(p->text, path) == 0)
                        return p;
        }
        return NULL;
}

/* Positions of files that a glob once found and of which nothing is left need not be kept. */
static int forget_gone(struct tail *t, struct follow *f)
{
        const struct pattern *p = pattern_of(t, f->path);
        struct siblings list = SIBLINGS_INIT;
        struct stat st;
        int r;

        if (f->reader || f->is_forgotten || !p || !p->is_glob || lstat(f->path, &st) == 0)
                return 0;
        r = rotate_list(f->path, &list);
        if (r < 0)
                return r;
        if (list.n == 0) {
                f->is_forgotten = f->is_changed = true;
                f->has_place = false;
                f->place = (struct place){ 0 };
                f->place_origin = NULL;
        }
        rotate_list_done(&list);
        return 0;
}

/* Watches come first: what happens after that is told, what happened before is found. */
static int scan(struct tail *t)
{
        int r = 0;

        t->needs_scan = false;
        for (size_t i = 0; i < t->n_patterns && r >= 0; i++) {
                if (t->watch)
                        r = watch_pattern(t, &t->patterns[i]);
                if (r >= 0)
                        r = expand(t, &t->patterns[i]);
        }
        for (size_t i = 0; i < t->n && r >= 0; i++) {
                struct follow *f = t->items[i];

                if (t->watch && f->folder < 0) {
                        find_folder(t, f);
                        f->is_dirty = true;
                }
                if (f->has_place && !f->is_changed)
                        r = forget_gone(t, f);
        }
        t->tells_start |= t->is_first;
        t->is_first = false;
        return r;
}

static void on_event(void *userdata, int id, const char *name, unsigned what)
{
        struct tail *t = userdata;

        if (what & (WATCH_NAME | WATCH_FOLDER | WATCH_LOST))
                t->needs_scan = true;
        for (size_t i = 0; i < t->n; i++) {
                struct follow *f = t->items[i];
                size_t stem = strcspn(f->base, ".");

                if (what & WATCH_LOST)
                        f->is_dirty = true;
                if (f->folder != id)
                        continue;
                if (what & WATCH_FOLDER || strncmp(name, f->base, size_max(stem, 1)) == 0)
                        f->is_dirty = true;
                if (what & WATCH_FOLDER && name[0] == '\0')
                        f->folder = -1; /* it may be another one by now */
        }
}

int tail_process(struct input *in)
{
        struct tail *t = in->state;
        int r = 0;

        if (t->watch)
                r = watch_read(t->watch, on_event, t);
        if (!t->watch || r < 0) {
                t->needs_scan = true;
                for (size_t i = 0; i < t->n; i++)
                        t->items[i]->is_dirty = true;
        }
        return t->needs_scan ? scan(t) : 0;
}

int tail_fd(struct input *in)
{
        return watch_fd(((struct tail *)in->state)->watch);
}

/* ---- Reading ---- */

int tail_read(struct input *in, struct taking *take)
{
        struct tail *t = in->state;
        size_t turn = t->turn;
        int r = t->needs_scan ? scan(t) : 0;

        for (size_t i = 0; i < t->n && r >= 0; i++) {
                size_t at = (turn + i) % t->n;
                struct follow *f = t->items[at];

                if (!f->is_dirty || f->is_forgotten)
                        continue;
                f->is_dirty = false;
                r = follow_read(f, take);
                if (r > 0) {
                        f->is_dirty = true;
                        t->turn = (at + 1) % t->n; /* a busy log does not starve the others */
                        return 1;
                }
                if (t->n > TAIL_OPEN_MAX)
                        follow_rest(f);
        }
        return r < 0 ? r : 0;
}

/* ---- Positions ---- */

int tail_restore(struct input *in, struct str position, struct str blob)
{
        struct tail *t = in->state;
        struct place place;
        struct follow *f;
        char *path;
        int r;

        if (str_eq(position, STR("started"))) {
                t->is_first = false;
                return 0;
        }
        if (!str_starts(position, STR("tail/")))
                return -ENOENT;
        path = str_dupz(str_from(position.p + 5, position.n - 5));
        if (!path)
                return -ENOMEM;
        t->is_first = false;
        r = pattern_of(t, path) ? kind_parse_place(t->in, blob, &place) : -ENOENT;
        if (r >= 0)
                r = add_follow(t, path, &f);
        free(path);
        if (r < 0)
                return r;
        f->place = place;
        f->has_place = true;
        return 0;
}

static int write_position(struct follow *f, input_position_fn *fn, void *userdata)
{
        struct strbuf blob = STRBUF_INIT;
        int r = -ENOMEM;

        if (f->place_origin)
                f->place.records = f->place_origin->records;
        if (f->has_place)
                place_write(&f->place, &blob);
        if (!strbuf_failed(&blob))
                r = kind_position(f->in, "tail/", f->path, strbuf_str(&blob), fn, userdata);
        strbuf_done(&blob);
        if (r >= 0)
                f->is_changed = false;
        return r;
}

int tail_positions(struct input *in, input_position_fn *fn, void *userdata)
{
        struct tail *t = in->state;
        int r = 0;

        if (t->tells_start) {
                r = kind_position(in, "started", "", STR("v=1"), fn, userdata);
                t->tells_start = r < 0;
        }
        for (size_t i = 0; i < t->n && r >= 0; i++)
                if (t->items[i]->is_changed)
                        r = write_position(t->items[i], fn, userdata);
        return r < 0 ? r : 0;
}
