/* SPDX-License-Identifier: Apache-2.0 */

/* Files that grow (tail) and folders of finished files (spool). Both are a set of paths looked at again whenever their
 * folders change; each path has a place (position.h) and, while there is something to read, a reader.
 *
 * A tail waits for the rest of half a line. When the file at its path is no longer the one that was read (renamed away, or
 * copied and cut), the file that holds what was read is looked for among its rotated neighbours by its bytes; what remains
 * of it is read, then every newer neighbour whole, then the file itself. A place is about bytes, not names, so a restart in
 * the middle of such a chain finds its way again. A spool takes what is there as whole. */

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "monitor/base/map.h"
#include "monitor/input/folder.h"
#include "monitor/input/reader.h"

struct followed {
        char *path;
        struct place place;
        struct origin *origin;
        struct reader *reader; /* NULL: nothing to read now */
        bool has_place, is_changed; /* place moved since it was last told */
        bool is_rotated; /* the reader is on a rotated neighbour, which will not grow */
};

struct follow {
        bool is_spool, from_end, is_first;
        struct paths_found sources; /* globs, or the folder */
        struct followed **files;
        size_t n, cap, at;
        struct map by_path;
        int watch; /* inotify */
};

static void follow_close(void *state)
{
        struct follow *f = state;

        for (size_t i = 0; i < f->n; i++) {
                reader_free(f->files[i]->reader);
                free(f->files[i]->path);
                free(f->files[i]);
        }
        free(f->files);
        paths_found_done(&f->sources);
        map_done(&f->by_path);
        if (f->watch >= 0)
                close(f->watch);
        free(f);
}

static struct followed *get_file(struct input *in, struct follow *f, const char *path)
{
        struct followed *file = map_get(&f->by_path, str_of(path));

        if (file)
                return file;
        if (f->n == f->cap) {
                size_t cap = f->cap ? 2 * f->cap : 16;
                struct followed **files = reallocarray(f->files, cap, sizeof *files);

                if (!files)
                        return NULL;
                f->files = files;
                f->cap = cap;
        }
        file = calloc(1, sizeof *file);
        if (!file)
                return NULL;
        file->path = strdup(path);
        file->origin = kind_origin(in, path);
        if (!file->path || !file->origin || map_put(&f->by_path, str_of(path), file) < 0) {
                free(file->path);
                free(file);
                return NULL;
        }
        f->files[f->n++] = file;
        return file;
}

static void watch_folder(struct follow *f, const char *folder)
{
        if (f->watch >= 0)
                inotify_add_watch(f->watch, folder, IN_CREATE | IN_MOVED_TO | IN_MODIFY | IN_CLOSE_WRITE | IN_MOVED_FROM | IN_ONLYDIR);
}

static int find_tails(struct input *in, struct follow *f)
{
        for (size_t i = 0; i < f->sources.n; i++) {
                char *copy = strdup(f->sources.items[i]);
                glob_t g = { 0 };
                int r;

                if (!copy)
                        return -ENOMEM;
                watch_folder(f, dirname(copy));
                free(copy);
                r = glob(f->sources.items[i], 0, NULL, &g);
                for (size_t k = 0; r == 0 && k < g.gl_pathc; k++)
                        if (!get_file(in, f, g.gl_pathv[k]))
                                r = GLOB_NOSPACE;
                globfree(&g);
                if (r == GLOB_NOSPACE)
                        return -ENOMEM;
        }
        return 0;
}

static int find_spooled(struct input *in, struct follow *f)
{
        struct paths_found found = { 0 };
        int r = folder_walk(in, f->sources.items[0], 0, &found);

        watch_folder(f, f->sources.items[0]);
        for (size_t i = 0; i < found.n && r >= 0; i++) {
                char *copy = strdup(found.items[i]);

                if (!copy || !get_file(in, f, found.items[i]))
                        r = -ENOMEM;
                if (copy)
                        watch_folder(f, dirname(copy));
                free(copy);
        }
        paths_found_done(&found);
        return r;
}

/* ---- Positions ---- */

static int follow_restore(struct input *in, struct str position, struct str blob)
{
        struct follow *f = in->state;
        char *path = str_dupz(position);
        struct followed *file = path ? get_file(in, f, path) : NULL;

        free(path);
        if (!file)
                return -ENOMEM;
        if (place_parse(blob, &file->place) < 0)
                return -EBADMSG;
        file->has_place = true;
        file->origin->records = file->place.records;
        return 0;
}

static int follow_positions(struct input *in, input_position_fn *fn, void *userdata)
{
        struct follow *f = in->state;
        CLEANUP(strbuf_done) struct strbuf blob = STRBUF_INIT;
        int r = 0;

        for (size_t i = 0; i < f->n && r >= 0; i++) {
                struct followed *file = f->files[i];

                if (!file->is_changed)
                        continue;
                file->is_changed = false;
                file->place.records = file->origin->records;
                strbuf_clear(&blob);
                place_write(&file->place, &blob);
                r = strbuf_failed(&blob) ? -ENOMEM : kind_position(in, "", file->path, strbuf_str(&blob), fn, userdata);
        }
        return r;
}

/* ---- Reading ---- */

static int give_up(struct input *in, struct followed *file, int code)
{
        in->counters.n[COUNTER_REJECT_FILE]++;
        kind_note(in, code, file->path, "%s, skipping %s", kind_trouble(code) ? kind_trouble(code) : strerror(-code),
                  code == -ENODATA || code == -EBADMSG ? "the rest" : "it");
        return 0;
}

/* Whether what lies at the path now is what was read before, and all of it. */
static bool is_read(const struct follow *f, const struct followed *file, const struct stat *st)
{
        const struct place *p = &file->place;

        if (!file->has_place || !place_is_file(p, st))
                return false;
        return f->is_spool ? p->size == (uint64_t)st->st_size && p->mtime == place_mtime(st) : p->offset == (uint64_t)st->st_size;
}

/* ---- Rotated neighbours ---- */

struct neighbour {
        char *path;
        uint64_t number; /* rotation number; 0: the file itself */
        int64_t mtime;
        struct stat st;
};

struct neighbours {
        struct neighbour *items; /* oldest first, the file itself last */
        size_t n;
};

static void neighbours_done(struct neighbours *n)
{
        for (size_t i = 0; i < n->n; i++)
                free(n->items[i].path);
        free(n->items);
        *n = (struct neighbours){ 0 };
}

static int by_age(const void *a, const void *b)
{
        const struct neighbour *x = a, *y = b;

        if (x->number == 0 || y->number == 0)
                return x->number == y->number ? 0 : x->number == 0 ? 1 : -1;
        if (x->number != UINT64_MAX && y->number != UINT64_MAX)
                return x->number < y->number ? 1 : x->number > y->number ? -1 : 0;
        return x->mtime < y->mtime ? -1 : x->mtime > y->mtime;
}

/* "auth.log.3.gz" behind "auth.log": 3; other names (dates): UINT64_MAX, told apart by their times. */
static uint64_t rotation_number(struct str behind)
{
        uint64_t n;
        struct str s = behind;

        if (str_ends(s, STR(".gz")))
                s.n -= 3;
        else if (str_ends(s, STR(".zst")))
                s.n -= 4;
        if (s.n < 2 || str_to_u64(str_from(s.p + 1, s.n - 1), &n) < 0 || n == 0 || n > 100000)
                return UINT64_MAX;
        return n;
}

static int find_neighbours(const struct followed *file, struct neighbours *ret)
{
        CLEANUP(strbuf_done) struct strbuf pattern = STRBUF_INIT;
        size_t length = strlen(file->path);
        glob_t g = { 0 };

        strbuf_addf(&pattern, "%s*", file->path);
        if (strbuf_failed(&pattern) || glob(pattern.p, 0, NULL, &g) == GLOB_NOSPACE)
                return -ENOMEM;
        ret->items = calloc(g.gl_pathc + 1, sizeof *ret->items);
        for (size_t i = 0; ret->items && i < g.gl_pathc; i++) {
                struct neighbour *n = &ret->items[ret->n];
                struct str behind = str_of(g.gl_pathv[i] + length);

                if (lstat(g.gl_pathv[i], &n->st) < 0 || !S_ISREG(n->st.st_mode) || (behind.n > 0 && !strchr(".-", behind.p[0])))
                        continue;
                n->path = strdup(g.gl_pathv[i]);
                n->number = behind.n ? rotation_number(behind) : 0;
                n->mtime = place_mtime(&n->st);
                ret->n += n->path != NULL;
        }
        globfree(&g);
        if (!ret->items)
                return -ENOMEM;
        qsort(ret->items, ret->n, sizeof *ret->items, by_age);
        return 0;
}

/* A reader on a neighbour, at the place when `resumes`. NULL: it is not the one, or cannot be read. */
static struct reader *open_neighbour(struct followed *file, const struct neighbour *n, bool resumes)
{
        CLEANUP(reader_freep) struct reader *rd = NULL;
        struct stat st;
        int fd = kind_open_file(AT_FDCWD, n->path, false, &st);

        if (fd < 0 || reader_open(fd, &rd) < 0)
                return NULL;
        rd->origin = file->origin;
        rd->reference = (usec)st.st_mtim.tv_sec * USEC_PER_SEC;
        if (resumes && reader_resume(rd, &file->place, false) < 0)
                return NULL;
        return TAKE(rd);
}

static void take_neighbour(struct followed *file, struct reader *rd, const struct neighbour *n)
{
        file->reader = rd;
        file->is_rotated = n->number != 0;
        place_set_file(&file->place, &n->st);
        file->has_place = true;
}

/* The file at the path is not the one that was read: finds that one, or begins anew. */
static int open_rotated(struct input *in, struct followed *file)
{
        CLEANUP(neighbours_done) struct neighbours all = { 0 };
        int r = find_neighbours(file, &all);

        for (size_t i = 0; i < all.n && r >= 0 && file->place.head.n > 0; i++) {
                struct reader *rd = open_neighbour(file, &all.items[i], true);

                if (rd) {
                        take_neighbour(file, rd, &all.items[i]);
                        return 0;
                }
        }
        if (r < 0 || all.n == 0 || all.items[all.n - 1].number != 0)
                return r < 0 ? r : 0;
        if (file->place.offset > 0) {
                in->counters.n[COUNTER_FILE_GAP]++;
                kind_note(in, -ESTALE, file->path, "was replaced, and what was read of it before is gone; beginning at its start");
                file->origin->records = 0;
        }
        file->reader = open_neighbour(file, &all.items[all.n - 1], false);
        if (file->reader)
                take_neighbour(file, file->reader, &all.items[all.n - 1]);
        return 0;
}

/* A rotated neighbour is read to its end: goes on with the next newer one. */
static int open_newer(struct input *in, struct followed *file)
{
        CLEANUP(neighbours_done) struct neighbours all = { 0 };
        int r = find_neighbours(file, &all);
        size_t i = 0;

        (void)in;
        file->is_rotated = false;
        while (i < all.n && !place_is_file(&file->place, &all.items[i].st))
                i++;
        if (r < 0 || i + 1 >= all.n)
                return r; /* what comes after it is not there yet */
        file->reader = open_neighbour(file, &all.items[i + 1], false);
        if (file->reader)
                take_neighbour(file, file->reader, &all.items[i + 1]);
        return 0;
}

/* Opens a file that has something to read. 0 also when it has not. */
static int open_file(struct input *in, struct follow *f, struct followed *file)
{
        struct stat st;
        int fd = kind_open_file(AT_FDCWD, file->path, false, &st), r;

        if (fd == -ENOENT)
                return 0;
        if (fd < 0)
                return file->has_place ? 0 : give_up(in, file, fd);
        if (is_read(f, file, &st)) {
                close(fd);
                return 0;
        }
        r = reader_open(fd, &file->reader);
        if (r < 0)
                return r == -ENOMEM ? r : give_up(in, file, r);
        file->reader->origin = file->origin;
        file->reader->reference = (usec)st.st_mtim.tv_sec * USEC_PER_SEC;
        if (file->has_place && !f->is_spool && reader_resume(file->reader, &file->place, false) < 0) {
                file->reader = reader_free(file->reader);
                return open_rotated(in, file);
        }
        if (!file->has_place && f->from_end && f->is_first && !f->is_spool)
                bytes_skip(file->reader->bytes, (uint64_t)st.st_size);
        place_set_file(&file->place, &st);
        file->has_place = true;
        return 0;
}

/* A tail's open file: is it still the one at its path, and not cut? */
static bool is_replaced(const struct followed *file)
{
        struct stat now, mine;

        return fstat(bytes_fd(file->reader->bytes), &mine) < 0 || stat(file->path, &now) < 0 || now.st_ino != mine.st_ino ||
               now.st_dev != mine.st_dev || (uint64_t)now.st_size < file->place.offset;
}

static int read_file(struct input *in, struct follow *f, struct followed *file, struct taking *t)
{
        bool is_final = f->is_spool || file->is_rotated, is_old = !f->is_spool && !file->is_rotated && is_replaced(file);
        size_t before = t->raws->n;
        int r = reader_read(file->reader, in, t, is_final);

        if (r == -ENOMEM)
                return r;
        if (t->raws->n > before || f->is_spool) {
                reader_place(file->reader, &file->place);
                file->is_changed = true;
        }
        if (r > 0)
                return 1;
        if (r < 0)
                give_up(in, file, r);
        file->reader = reader_free(file->reader);
        if (file->is_rotated)
                return open_newer(in, file);
        return is_old ? open_rotated(in, file) : 0;
}

static int follow_read(struct input *in, struct taking *t)
{
        struct follow *f = in->state;
        size_t quiet = 0;

        while (quiet < f->n && !taking_is_full(t)) {
                struct followed *file = f->files[f->at % f->n];
                int r = file->reader ? 0 : open_file(in, f, file);

                if (r >= 0 && file->reader) {
                        r = read_file(in, f, file, t);
                        if (r == 0 && file->reader) { /* on to the next of a chain */
                                quiet = 0;
                                continue;
                        }
                }
                if (r < 0)
                        return r;
                if (r > 0)
                        return 1;
                quiet++;
                f->at++;
        }
        f->is_first = f->is_first && quiet < f->n;
        return quiet < f->n;
}

static int follow_process(struct input *in)
{
        struct follow *f = in->state;
        char events[16 * 1024] __attribute__((aligned(8)));

        while (f->watch >= 0 && read(f->watch, events, sizeof events) > 0)
                ; /* which file it was does not matter: all are looked at */
        return f->is_spool ? find_spooled(in, f) : find_tails(in, f);
}

static int follow_fd(struct input *in)
{
        return ((struct follow *)in->state)->watch;
}

static const struct kind kind_tail = {
        .name = "tail",
        .read = follow_read,
        .close = follow_close,
        .restore = follow_restore,
        .positions = follow_positions,
        .fd = follow_fd,
        .process = follow_process,
};

static int open_follow(const struct input_options *o, const char *const *paths, size_t n, bool is_spool, bool from_end, struct input **ret,
                       struct err *reterr)
{
        struct follow *f = calloc(1, sizeof *f);
        struct input *in = f ? kind_input(&kind_tail, o, f) : NULL;
        int r = 0;

        if (!in) {
                free(f);
                return err_set(reterr, -ENOMEM, "out of memory");
        }
        f->is_spool = is_spool;
        f->from_end = from_end;
        f->is_first = true;
        f->watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
        for (size_t i = 0; i < n && r >= 0; i++)
                r = paths_found_add(&f->sources, paths[i]);
        if (r >= 0)
                r = follow_process(in);
        if (r < 0) {
                input_close(in);
                return err_set(reterr, r, "out of memory");
        }
        *ret = in;
        return 0;
}

int input_open_tail(const struct input_options *o, const char *const *globs, size_t n, bool from_end, struct input **ret, struct err *reterr)
{
        return open_follow(o, globs, n, false, from_end, ret, reterr);
}

int input_open_spool(const struct input_options *o, const char *dir, struct input **ret, struct err *reterr)
{
        struct stat st;

        if (stat(dir, &st) < 0 || !S_ISDIR(st.st_mode))
                return err_set(reterr, -ENOTDIR, "%s is no folder that can be read", dir);
        return open_follow(o, &dir, 1, true, false, ret, reterr);
}
