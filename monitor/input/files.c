/* SPDX-License-Identifier: Apache-2.0 */

/* Files and folders read once, and standard input. */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "monitor/input/folder.h"
#include "monitor/input/reader.h"

struct files {
        struct paths_found paths;
        size_t at; /* file being read, or next */
        struct reader *reader;
        uint64_t done, all; /* bytes, for progress */
};

static void files_close(void *state)
{
        struct files *f = state;

        paths_found_done(&f->paths);
        reader_free(f->reader);
        free(f);
}

static int give_up(struct input *in, const char *path, int code)
{
        in->counters.n[COUNTER_REJECT_FILE]++;
        kind_note(in, code, path, "%s, skipping %s", kind_trouble(code) ? kind_trouble(code) : strerror(-code),
                  code == -ENODATA || code == -EBADMSG ? "the rest" : "it");
        return 0;
}

/* Opens the next file. 0 also when it could not be opened (f->reader stays NULL then). */
static int open_next(struct input *in, struct files *f)
{
        const char *path = f->paths.items[f->at];
        bool is_stdin = strcmp(path, "-") == 0;
        struct stat st = { 0 };
        int fd = is_stdin ? dup(STDIN_FILENO) : kind_open_file(AT_FDCWD, path, true, &st);
        int r;

        if (fd < 0)
                return give_up(in, path, is_stdin ? -errno : fd);
        r = reader_open(fd, &f->reader);
        if (r < 0)
                return r == -ENOMEM ? r : give_up(in, path, r);
        f->reader->origin = kind_origin(in, path);
        f->reader->reference = is_stdin ? USEC_NONE : (usec)st.st_mtim.tv_sec * USEC_PER_SEC;
        return f->reader->origin ? 0 : -ENOMEM;
}

static int files_read(struct input *in, struct taking *t)
{
        struct files *f = in->state;

        while (f->at < f->paths.n && !taking_is_full(t)) {
                int r;

                if (!f->reader) {
                        r = open_next(in, f);
                        if (r < 0)
                                return r;
                        if (!f->reader) {
                                f->at++;
                                continue;
                        }
                }
                r = reader_read(f->reader, in, t, true);
                if (r > 0)
                        return 1;
                if (r == -ENOMEM)
                        return r;
                if (r < 0)
                        give_up(in, f->paths.items[f->at], r);
                f->done += bytes_consumed(f->reader->bytes);
                f->reader = reader_free(f->reader);
                f->at++;
        }
        return f->at < f->paths.n;
}

static bool files_progress(const struct input *in, uint64_t *ret_done, uint64_t *ret_all)
{
        const struct files *f = in->state;

        *ret_done = f->done + (f->reader ? bytes_consumed(f->reader->bytes) : 0);
        *ret_all = f->all;
        return f->all > 0;
}

static const struct kind kind_files = { .name = "files", .read = files_read, .close = files_close, .progress = files_progress };

static int add_path(struct input *in, struct files *f, const char *path)
{
        struct stat st;

        if (strcmp(path, "-") != 0 && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
                return folder_walk(in, path, 0, &f->paths);
        return paths_found_add(&f->paths, path);
}

int input_open_files(const struct input_options *o, const char *const *paths, size_t n, struct input **ret, struct err *reterr)
{
        struct files *f = calloc(1, sizeof *f);
        struct input *in = f ? kind_input(&kind_files, o, f) : NULL;
        int r = 0;

        if (!in) {
                free(f);
                return err_set(reterr, -ENOMEM, "out of memory");
        }
        for (size_t i = 0; i < n && r >= 0; i++)
                r = add_path(in, f, paths[i]);
        for (size_t i = 0; i < f->paths.n; i++) {
                struct stat st;

                if (stat(f->paths.items[i], &st) == 0 && S_ISREG(st.st_mode))
                        f->all += (uint64_t)st.st_size;
        }
        if (r < 0) {
                input_close(in);
                return err_set(reterr, r, "out of memory");
        }
        *ret = in;
        return 0;
}
