/* SPDX-License-Identifier: Apache-2.0 */

/* Files once: the list is made when the input is opened, the files are opened one after the other. A file that cannot be
 * read, or not to its end, is noted and counted; the next one follows. Nothing is kept for a restart. */

#include "monitor/input/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "monitor/input/list.h"
#include "monitor/input/reader.h"
#include "monitor/input/walk.h"

struct item {
        char *path;
        size_t folder_n; /* bytes of the path that are the folder it was found in; 0: named by the user */
        uint64_t size;
};

struct files {
        struct item *items;
        size_t n, cap, at;
        size_t folder_n; /* while walking */
        uint64_t done, all; /* bytes */
        struct reader *reader; /* of items[at] */
        bool has_stdin;
};

/* ---- Names ---- */

static const char *const endings[] = { ".json", ".ndjson", ".jsonl", ".log", ".txt", ".csv", ".mbox", ".eml" };

static bool ends_nocase(struct str s, const char *ending)
{
        struct str e = str_of(ending);

        return s.n > e.n && str_eq_nocase(str_from(s.p + s.n - e.n, e.n), e);
}

/* "auth.log.3", "auth.log-20261117": digits behind a dot or a dash. */
static bool ends_in_number(struct str s)
{
        size_t i = s.n;

        while (i > 0 && s.p[i - 1] >= '0' && s.p[i - 1] <= '9')
                i--;
        return i < s.n && i > 1 && (s.p[i - 1] == '.' || (s.p[i - 1] == '-' && s.n - i >= 6));
}

bool files_is_log(const char *name)
{
        struct str s = str_of(name);

        if (ends_nocase(s, ".gz"))
                s.n -= 3;
        else if (ends_nocase(s, ".zst"))
                s.n -= 4;
        for (size_t i = 0; i < ARRAY_LEN(endings); i++)
                if (ends_nocase(s, endings[i]))
                        return true;
        return ends_in_number(s);
}

/* ---- The list ---- */

static int add_item(struct files *f, const char *path, size_t folder_n, uint64_t size)
{
        char *copy;

        if (f->n == f->cap) {
                size_t cap = f->cap ? f->cap * 2 : 16;
                struct item *items = reallocarray(f->items, cap, sizeof *items);

                if (!items)
                        return -ENOMEM;
                f->items = items;
                f->cap = cap;
        }
        copy = strdup(path);
        if (!copy)
                return -ENOMEM;
        f->items[f->n++] = (struct item){ .path = copy, .folder_n = folder_n, .size = size };
        f->all += size;
        return 0;
}

static int on_file(void *userdata, const char *path, const struct stat *st)
{
        struct input *in = userdata;
        struct files *f = in->state;

        if (f->n >= INPUT_FILES_MAX) {
                in->counters.n[COUNTER_REJECT_FILE]++;
                if (in->counters.n[COUNTER_REJECT_FILE] == 1)
                        kind_note(in, -E2BIG, path, "more than %d files, this and further ones are skipped",
                                  (int)INPUT_FILES_MAX);
                return 0;
        }
        return add_item(f, path, f->folder_n, (uint64_t)st->st_size);
}

static int add_folder(struct input *in, const char *path)
{
        struct files *f = in->state;
        struct walk w = { .in = in, .wants = files_is_log, .on_file = on_file, .userdata = in };
        size_t before = f->n;
        int r;

        f->folder_n = strlen(path);
        r = walk_folder(&w, path);
        if (r >= 0 && f->n == before)
                kind_note(in, -ENOENT, path,
                          "holds no file that looks like a log (.json .ndjson .jsonl .log .txt .csv .mbox .eml, rotated or "
                          "compressed too): name files to have them read whatever they are called");
        return r;
}

static int add_path(struct input *in, const char *path)
{
        struct files *f = in->state;
        struct stat st;

        if (strcmp(path, "-") == 0) {
                f->has_stdin = true;
                return add_item(f, path, 0, 0);
        }
        if (stat(path, &st) < 0)
                return add_item(f, path, 0, 0); /* noted when its turn comes */
        return S_ISDIR(st.st_mode) ? add_folder(in, path) : add_item(f, path, 0, (uint64_t)st.st_size);
}

int files_open(struct input *in, const char *const *paths, size_t n, struct err *reterr)
{
        int r = 0;

        in->state = calloc(1, sizeof(struct files));
        if (!in->state)
                r = -ENOMEM;
        for (size_t i = 0; i < n && r >= 0; i++)
                r = add_path(in, paths[i]);
        return r < 0 ? err_set(reterr, r, "out of memory") : 0;
}

void files_close(void *state)
{
        struct files *f = state;

        if (!f)
                return;
        for (size_t i = 0; i < f->n; i++)
                free(f->items[i].path);
        free(f->items);
        reader_free(f->reader);
        free(f);
}

/* ---- Reading ---- */

static int open_fd(const struct item *item, struct stat *st)
{
        char *folder;
        const char *rest = item->path + item->folder_n;
        int r;

        if (strcmp(item->path, "-") == 0) {
                int fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);

                return fd < 0 || fstat(fd, st) < 0 ? -errno : fd;
        }
        if (item->folder_n == 0)
                return kind_open_file(item->path, true, st);
        folder = str_dupz(str_from(item->path, item->folder_n));
        if (!folder)
                return -ENOMEM;
        while (*rest == '/')
                rest++;
        r = kind_open_below(folder, rest, st);
        free(folder);
        return r;
}

static int open_item(struct input *in, const struct item *item)
{
        struct files *f = in->state;
        struct stat st = { 0 };
        int fd = open_fd(item, &st), r;

        if (fd < 0)
                return fd;
        (void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
        r = reader_open(fd, &f->reader);
        if (r < 0)
                return r;
        f->reader->origin = kind_origin(in, item->path);
        if (!f->reader->origin)
                return -ENOMEM;
        f->reader->is_stream = !S_ISREG(st.st_mode);
        if (S_ISREG(st.st_mode))
                f->reader->reference = place_mtime(&st) / 1000;
        return 0;
}

static void next_item(struct input *in, int error)
{
        struct files *f = in->state;

        if (error < 0) {
                in->counters.n[COUNTER_REJECT_FILE]++;
                kind_note(in, error, f->items[f->at].path, "%s, %s", kind_trouble(error),
                          f->reader ? "read as far as possible" : "skipping it");
        }
        f->reader = reader_free(f->reader);
        f->done += f->items[f->at].size;
        f->at++;
}

int files_read(struct input *in, struct taking *t)
{
        struct files *f = in->state;

        while (f->at < f->n) {
                size_t before = t->raws->n;
                int r = 0;

                if (!f->reader)
                        r = open_item(in, &f->items[f->at]);
                if (r >= 0)
                        r = list_take(in, f->reader, t, before, reader_read(f->reader, in, t, true), true);
                if (r > 0 || r == -ENOMEM)
                        return r;
                next_item(in, r);
        }
        return 0;
}

bool files_progress(const struct input *in, uint64_t *ret_done, uint64_t *ret_all)
{
        const struct files *f = in->state;

        if (f->has_stdin)
                return false;
        *ret_done = f->done + (f->reader ? bytes_consumed(f->reader->bytes) : 0);
        *ret_all = f->all;
        return true;
}
