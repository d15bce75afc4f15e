/* SPDX-License-Identifier: Apache-2.0 */

/* First all names are gathered, then files are read by whichever thread is free, then what was kept of each is handed on
 * in the order of the names. */

#include "monitor/detect/rule_files.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FOLDER_DEPTH_MAX = 16 };

struct rule_file {
        char *path;
        struct sigma_file *file; /* NULL: not read, or nothing in it */
        struct err_list errors, remarks;
        int r;
};

void rule_files_done(struct rule_files *all)
{
        for (size_t i = 0; i < all->n; i++) {
                free(all->items[i].path);
                sigma_file_free(all->items[i].file);
                err_list_done(&all->items[i].errors);
                err_list_done(&all->items[i].remarks);
        }
        free(all->items);
        *all = (struct rule_files)RULE_FILES_INIT;
}

/* ---- Names ---- */

static struct rule_file *add(struct rule_files *all)
{
        if (all->n == all->cap) {
                size_t cap = all->cap ? 2 * all->cap : 32;
                struct rule_file *items = reallocarray(all->items, cap, sizeof *items);

                if (!items)
                        return NULL;
                all->items = items;
                all->cap = cap;
        }
        all->items[all->n] = (struct rule_file){ .errors = ERR_LIST_INIT, .remarks = ERR_LIST_INIT };
        return &all->items[all->n++];
}

static int add_file(struct rule_files *all, const char *path)
{
        struct rule_file *f = add(all);

        if (f)
                f->path = str_dupz(str_of(path));
        return f && f->path ? 0 : -ENOMEM;
}

static int add_error(struct rule_files *all, const char *path, int code, const char *text)
{
        struct rule_file *f = add(all);
        struct err err = { 0 };

        if (!f)
                return -ENOMEM;
        err_at(&err, code, path, 0, 0, "%s", text);
        err_list_add(&f->errors, &err);
        return 0;
}

static bool is_rule_file(const char *name)
{
        return str_ends(str_of(name), STR(".yml")) || str_ends(str_of(name), STR(".yaml"));
}

static int is_visible(const struct dirent *d)
{
        return d->d_name[0] != '.';
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
        return strcmp((*a)->d_name, (*b)->d_name); /* alphasort() would ask the locale */
}

static int find_path(struct rule_files *all, const char *path, unsigned depth);

static int find_child(struct rule_files *all, const char *folder, const char *name, unsigned depth)
{
        CLEANUP(strbuf_done) struct strbuf path = STRBUF_INIT;
        struct stat st;

        strbuf_addf(&path, "%s/%s", folder, name);
        if (strbuf_failed(&path))
                return -ENOMEM;
        if (is_rule_file(name) || (stat(path.p, &st) == 0 && S_ISDIR(st.st_mode)))
                return find_path(all, path.p, depth + 1);
        return 0;
}

static int find_folder(struct rule_files *all, const char *path, unsigned depth)
{
        struct dirent **names = NULL;
        int n = scandir(path, &names, is_visible, by_bytes), r = 0;

        if (n < 0)
                return add_error(all, path, -errno, strerror(errno));
        for (int i = 0; i < n; i++) {
                if (r >= 0)
                        r = find_child(all, path, names[i]->d_name, depth);
                free(names[i]);
        }
        free(names);
        return r;
}

static int find_path(struct rule_files *all, const char *path, unsigned depth)
{
        struct stat st;

        if (stat(path, &st) < 0)
                return add_error(all, path, -errno, strerror(errno));
        if (!S_ISDIR(st.st_mode))
                return add_file(all, path);
        if (depth < FOLDER_DEPTH_MAX)
                return find_folder(all, path, depth);
        return add_error(all, path, -E2BIG, "folders are nested too deep: rules below this one are not read");
}

int rule_files_find(struct rule_files *all, const char *path)
{
        return find_path(all, path, 0);
}

/* ---- Reading ---- */

struct reading {
        struct rule_files *all;
        const struct sigma_options *options;
        bool wants_errors, wants_remarks;
        atomic_size_t next; /* file that nobody has taken yet */
};

static void *read_files(void *userdata)
{
        struct reading *g = userdata;
        size_t i;

        while ((i = atomic_fetch_add(&g->next, 1)) < g->all->n) {
                struct rule_file *f = &g->all->items[i];

                if (f->path)
                        f->r = sigma_file_load(f->path, g->options, &f->file, g->wants_errors ? &f->errors : NULL,
                                               g->wants_remarks ? &f->remarks : NULL);
        }
        return NULL;
}

static unsigned count_threads(size_t n_files)
{
        long n = sysconf(_SC_NPROCESSORS_ONLN);
        size_t most = size_min(n_files / RULE_FILES_PER_THREAD, RULE_FILES_THREADS_MAX);

        return n <= 1 || most <= 1 ? 1 : (unsigned)size_min((size_t)n, most);
}

/* The caller is the first thread. Where a thread cannot be started, the others do its work. Signals stay the caller's. */
static void read_all(struct reading *g)
{
        unsigned n = count_threads(g->all->n), n_started = 0;
        pthread_t threads[RULE_FILES_THREADS_MAX];
        sigset_t all, before;

        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        while (n_started + 1 < n && pthread_create(&threads[n_started], NULL, read_files, g) == 0)
                n_started++;
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        read_files(g);
        for (unsigned i = 0; i < n_started; i++)
                pthread_join(threads[i], NULL);
}

static void hand_on(struct err_list *from, struct err_list *to)
{
        for (size_t i = 0; i < from->n; i++)
                err_list_add(to, &from->items[i]);
        if (to)
                to->more += from->more;
        err_list_done(from);
}

int rule_files_read(struct rule_files *all, const struct sigma_options *options, struct err_list *errors,
                    struct err_list *remarks, rule_file_fn *take, void *userdata)
{
        struct reading g = { .all = all, .options = options, .wants_errors = errors, .wants_remarks = remarks };
        int r = 0;

        read_all(&g);
        for (size_t i = 0; i < all->n && r >= 0; i++) {
                struct rule_file *f = &all->items[i];

                if (errors)
                        hand_on(&f->errors, errors);
                if (remarks)
                        hand_on(&f->remarks, remarks);
                r = f->r == -ENOMEM ? f->r : 0; /* anything else is in the errors already */
                if (r >= 0 && f->file)
                        r = take(userdata, TAKE(f->file));
        }
        return r;
}
