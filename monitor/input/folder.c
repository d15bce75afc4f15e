/* SPDX-License-Identifier: Apache-2.0 */

/* Walking a folder: regular files and folders only, no links, in order of name, within limits. */

#include "monitor/input/folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

void paths_found_done(struct paths_found *p)
{
        for (size_t i = 0; i < p->n; i++)
                free(p->items[i]);
        free(p->items);
        *p = (struct paths_found){ 0 };
}

int paths_found_add(struct paths_found *p, const char *path)
{
        if (p->n == p->cap) {
                size_t cap = p->cap ? 2 * p->cap : 16;
                char **items = reallocarray(p->items, cap, sizeof *items);

                if (!items)
                        return -ENOMEM;
                p->items = items;
                p->cap = cap;
        }
        p->items[p->n] = strdup(path);
        if (!p->items[p->n])
                return -ENOMEM;
        p->n++;
        return 0;
}

/* "auth.log", "auth.log.1", "trail.json.gz": without compression and a rotation number, one of the known endings. */
static bool is_log_name(const char *name)
{
        static const char *const endings[] = { ".json", ".ndjson", ".jsonl", ".log", ".txt", ".csv", ".mbox" };
        struct str s = str_of(name);
        size_t n;

        if (str_ends(s, STR(".gz")))
                s.n -= 3;
        else if (str_ends(s, STR(".zst")))
                s.n -= 4;
        for (n = s.n; n > 0 && s.p[n - 1] >= '0' && s.p[n - 1] <= '9';)
                n--;
        if (n > 0 && n < s.n && s.p[n - 1] == '.')
                s.n = n - 1;
        for (size_t i = 0; i < ARRAY_LEN(endings); i++)
                if (str_ends(s, str_of(endings[i])))
                        return true;
        return false;
}

static int is_shown(const struct dirent *d)
{
        return d->d_name[0] != '.';
}

int folder_walk(struct input *in, const char *dir, unsigned depth, struct paths_found *found)
{
        struct dirent **names = NULL;
        int n = scandir(dir, &names, is_shown, alphasort), r = 0;

        if (n < 0) {
                in->counters.n[COUNTER_REJECT_FILE]++;
                kind_note(in, -errno, dir, "cannot be read: %s, skipping", strerror(errno));
                return 0;
        }
        for (int i = 0; i < n; i++) {
                CLEANUP(strbuf_done) struct strbuf path = STRBUF_INIT;
                struct stat st;

                strbuf_addf(&path, "%s/%s", dir, names[i]->d_name);
                free(names[i]);
                if (r < 0 || strbuf_failed(&path) || lstat(path.p, &st) < 0)
                        continue;
                if (S_ISDIR(st.st_mode)) {
                        if (depth < INPUT_DEPTH_MAX)
                                r = folder_walk(in, path.p, depth + 1, found);
                        else
                                kind_note(in, -E2BIG, path.p, "lies deeper than %d folders, skipping", INPUT_DEPTH_MAX);
                } else if (S_ISREG(st.st_mode) && is_log_name(path.p)) {
                        if (found->n < INPUT_FILES_MAX)
                                r = paths_found_add(found, path.p);
                        else
                                in->counters.n[COUNTER_REJECT_FILE]++;
                }
        }
        free(names);
        return r;
}
