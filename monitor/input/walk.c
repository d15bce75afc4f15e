/* SPDX-License-Identifier: Apache-2.0 */

/* The walk through a folder. Each folder is opened relative to the one above it and without following links, so that
 * nobody who may write there can lead the walk elsewhere. */

#include "monitor/input/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- The names in a folder ---- */

void walk_names_done(struct walk_names *names)
{
        for (size_t i = 0; i < names->n; i++)
                free(names->items[i]);
        free(names->items);
        *names = (struct walk_names){ 0 };
}

static int add_name(struct walk_names *names, const char *name)
{
        if (names->n == names->cap) {
                size_t cap = names->cap ? names->cap * 2 : 64;
                char **items = reallocarray(names->items, cap, sizeof *items);

                if (!items)
                        return -ENOMEM;
                names->items = items;
                names->cap = cap;
        }
        names->items[names->n] = strdup(name);
        if (!names->items[names->n])
                return -ENOMEM;
        names->n++;
        return 0;
}

static int compare_names(const void *a, const void *b)
{
        return strcmp(*(char *const *)a, *(char *const *)b);
}

static int read_names(DIR *dir, struct walk_names *names)
{
        for (;;) {
                struct dirent *e;

                errno = 0;
                e = readdir(dir);
                if (!e)
                        return -errno;
                if (e->d_name[0] != '.' && add_name(names, e->d_name) < 0)
                        return -ENOMEM;
        }
}

int walk_names(int fd, struct walk_names *ret, DIR **ret_dir)
{
        struct walk_names names = { 0 };
        DIR *dir = fdopendir(fd);
        int r = dir ? read_names(dir, &names) : -errno;

        if (r < 0) {
                walk_names_done(&names);
                if (dir)
                        closedir(dir);
                else
                        close(fd);
                return r;
        }
        if (names.n > 1)
                qsort(names.items, names.n, sizeof *names.items, compare_names);
        *ret = names;
        *ret_dir = dir;
        return 0;
}

/* ---- The walk ---- */

static int refuse(const struct walk *w, int code, const char *path)
{
        w->in->counters.n[COUNTER_REJECT_FILE]++;
        kind_note(w->in, code, path, "%s, skipping it", code == -E2BIG ? "lies too deep" : kind_trouble(code));
        return 0;
}

/* A folder that cannot be opened or listed; unless that is for good, what lies there is still there. */
static int refuse_folder(struct walk *w, int code, const char *path)
{
        w->is_partial |= code != -ENOENT && code != -ENOTDIR && code != -ELOOP && code != -EACCES;
        return code == -ENOMEM ? code : refuse(w, code, path);
}

static bool names_have(const struct walk_names *names, const char *name)
{
        return names->n > 0 && bsearch(&name, names->items, names->n, sizeof *names->items, compare_names);
}

/* A Maildir: what lies in tmp is unfinished, what lies in new and cur are messages, whatever their names. */
static bool is_maildir(const struct walk_names *names)
{
        return names_have(names, "cur") && names_have(names, "new") && names_have(names, "tmp");
}

static int walk_fd(struct walk *w, int fd, const char *path, unsigned depth, bool takes_all);

static int walk_name(struct walk *w, int folder, const char *name, const char *path, unsigned depth, bool takes_all)
{
        struct stat st;
        int fd;

        if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return errno == ENOENT ? 0 : refuse(w, -errno, path);
        if (!S_ISDIR(st.st_mode)) {
                if (!takes_all && !w->wants(name))
                        return 0;
                if (S_ISREG(st.st_mode))
                        return w->on_file(w->userdata, path, &st);
                return refuse(w, S_ISLNK(st.st_mode) ? -ELOOP : -ENXIO, path);
        }
        if (depth >= INPUT_DEPTH_MAX)
                return refuse(w, -E2BIG, path);
        fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
                return refuse_folder(w, -errno, path);
        return walk_fd(w, fd, path, depth + 1, takes_all);
}

/* Takes fd. */
static int walk_fd(struct walk *w, int fd, const char *path, unsigned depth, bool takes_all)
{
        struct walk_names names = { 0 };
        struct strbuf below = STRBUF_INIT;
        struct stat st;
        DIR *dir = NULL;
        bool has_mail;
        int r = 0;

        if (w->on_folder && fstat(fd, &st) == 0)
                r = w->on_folder(w->userdata, path, &st); /* before listing: what comes later is seen by a watch */
        if (r < 0) {
                close(fd);
                return r;
        }
        r = walk_names(fd, &names, &dir);
        if (r < 0)
                return refuse_folder(w, r, path);
        has_mail = is_maildir(&names);
        for (size_t i = 0; i < names.n && r >= 0; i++) {
                const char *name = names.items[i];
                bool is_mail = has_mail && (strcmp(name, "cur") == 0 || strcmp(name, "new") == 0);

                if (has_mail && strcmp(name, "tmp") == 0)
                        continue;
                strbuf_clear(&below);
                strbuf_addf(&below, "%s%s%s", path, path[strlen(path) - 1] == '/' ? "" : "/", names.items[i]);
                r = strbuf_failed(&below) ? -ENOMEM : walk_name(w, dirfd(dir), names.items[i], below.p, depth, takes_all || is_mail);
        }
        closedir(dir);
        strbuf_done(&below);
        walk_names_done(&names);
        return r;
}

int walk_folder(struct walk *w, const char *folder)
{
        int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        return fd < 0 ? refuse_folder(w, -errno, folder) : walk_fd(w, fd, folder, 0, false);
}
