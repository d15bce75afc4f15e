/* SPDX-License-Identifier: Apache-2.0 */

/* Siblings of a log. Their order is that of their rotation numbers (logrotate) or dates (dateext); only where a folder
 * mixes both does the time of last writing decide: compressing changes that time when it is done carelessly.
 *
 * A file is known again by its inode and beginning; copied or compressed, by its bytes alone: the first
 * INPUT_FINGERPRINT_BYTES and the last that were handed out before the place. */

#include "monitor/input/rotate.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- Names ---- */

static bool cut_ending(struct str *s, const char *ending)
{
        if (!str_ends(*s, str_of(ending)))
                return false;
        s->n -= strlen(ending);
        return true;
}

/* "app.log" → ".log"; a name without one gives an empty string. */
static struct str extension_of(struct str name)
{
        for (size_t i = name.n; i > 1; i--)
                if (name.p[i - 1] == '.')
                        return str_from(name.p + i - 1, name.n - i + 1);
        return str_from(name.p + name.n, 0);
}

/* What stands between or behind: ".1", "-20261117", ".2026-11-17", ".old". */
static bool read_suffix(struct str suffix, struct sibling *s)
{
        static const char *const words[] = { ".old", ".bak", ".prev", ".save", ".last", "~" };
        size_t digits = 0;

        s->suffix = suffix;
        s->kind = SIBLING_NUMBERED;
        for (size_t i = 0; i < ARRAY_LEN(words); i++)
                if (str_eqz(suffix, words[i])) {
                        s->number = 1;
                        return true;
                }
        if (suffix.n < 2 || !strchr(".-_", suffix.p[0]))
                return false;
        for (size_t i = 1; i < suffix.n; i++) {
                digits += isdigit((unsigned char)suffix.p[i]) != 0;
                if (!isdigit((unsigned char)suffix.p[i]) && !strchr(".-_:TZ+", suffix.p[i]))
                        return false;
        }
        if (digits == suffix.n - 1 && digits < 6)
                return str_to_u64(str_from(suffix.p + 1, digits), &s->number) >= 0;
        s->kind = SIBLING_DATED;
        return digits >= 6;
}

/* Reads s->name, which is NUL-terminated. False: nothing to do with `base`. */
static bool read_name(struct str base, struct sibling *s)
{
        struct str name = str_of(s->name), ext = extension_of(base), stem = str_from(base.p, base.n - ext.n);

        s->is_compressed = cut_ending(&name, ".gz") || cut_ending(&name, ".zst");
        if (str_ends(name, STR(".xz")) || str_ends(name, STR(".bz2")))
                return false;
        if (str_starts(name, base) && name.n > base.n) {
                if (!read_suffix(str_from(name.p + base.n, name.n - base.n), s))
                        s->kind = SIBLING_FOREIGN;
                return true;
        }
        if (ext.n == 0 || stem.n == 0 || name.n <= base.n || !str_starts(name, stem) || !str_ends(name, ext))
                return false;
        return read_suffix(str_from(name.p + stem.n, name.n - base.n), s) &&
               (s->kind == SIBLING_DATED || s->suffix.p[0] == '.'); /* worker-1.log is another worker's log */
}

bool rotate_is_sibling(const char *base, const char *name)
{
        struct sibling s = { .name = name };

        return read_name(str_of(base), &s) && s.kind != SIBLING_FOREIGN;
}

/* ---- Order ---- */

static int compare_numbers(uint64_t a, uint64_t b)
{
        return a < b ? -1 : a > b;
}

static int by_time(const void *a, const void *b)
{
        const struct sibling *x = a, *y = b;
        int64_t s = place_mtime(&x->st), t = place_mtime(&y->st);

        return s != t ? (s < t ? -1 : 1) : compare_numbers(y->number, x->number);
}

static int by_name(const void *a, const void *b)
{
        const struct sibling *x = a, *y = b;
        int c;

        if (x->kind != y->kind)
                return x->kind == SIBLING_FOREIGN ? -1 : y->kind == SIBLING_FOREIGN ? 1 : (int)x->kind - (int)y->kind;
        if (x->kind == SIBLING_FOREIGN)
                return by_time(a, b);
        c = x->kind == SIBLING_NUMBERED ? compare_numbers(y->number, x->number) : str_cmp(x->suffix, y->suffix);
        if (c != 0)
                return c;
        return x->is_compressed != y->is_compressed ? (x->is_compressed ? -1 : 1) : strcmp(x->name, y->name);
}

static int by_kind_and_time(const void *a, const void *b)
{
        const struct sibling *x = a, *y = b;

        if ((x->kind == SIBLING_FOREIGN) != (y->kind == SIBLING_FOREIGN))
                return x->kind == SIBLING_FOREIGN ? -1 : 1;
        return by_time(a, b);
}

size_t rotate_next(const struct siblings *list, size_t i)
{
        while (i < list->n && list->items[i].kind == SIBLING_FOREIGN)
                i++;
        return i;
}

/* ---- Listing ---- */

static int add_sibling(struct siblings *list, const char *folder, const struct sibling *like, struct str base)
{
        struct strbuf path = STRBUF_INIT;
        struct sibling s = *like;

        if (list->n == list->cap) {
                size_t cap = list->cap ? list->cap * 2 : 16;
                struct sibling *items = reallocarray(list->items, cap, sizeof *items);

                if (!items)
                        return -ENOMEM;
                list->items = items;
                list->cap = cap;
        }
        strbuf_addf(&path, "%s/%s", folder, like->name);
        s.path = strbuf_take(&path);
        if (!s.path)
                return -ENOMEM;
        s.name = strrchr(s.path, '/') + 1;
        (void)read_name(base, &s); /* again, so that the suffix lies in s.path */
        list->items[list->n++] = s;
        list->has_numbered |= s.kind == SIBLING_NUMBERED;
        list->has_dated |= s.kind == SIBLING_DATED;
        return 0;
}

static int list_folder(DIR *dir, const char *folder, const char *base, struct siblings *list)
{
        struct dirent *e;
        int r = 0;

        while (r >= 0 && list->n < ROTATE_FILES_MAX && (e = readdir(dir))) {
                struct sibling s = { .name = e->d_name };

                if (!read_name(str_of(base), &s))
                        continue;
                if (fstatat(dirfd(dir), e->d_name, &s.st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(s.st.st_mode) ||
                    s.st.st_size == 0)
                        continue;
                r = add_sibling(list, folder, &s, str_of(base));
        }
        return r;
}

/* The first bytes, decompressed. */
static size_t read_head(const char *path, char head[INPUT_FINGERPRINT_BYTES])
{
        CLEANUP(bytes_freep) struct bytes *b = NULL;
        struct stat st;
        int fd = kind_open_file(path, false, &st);
        size_t n = 0;
        ssize_t r;

        if (fd < 0 || bytes_open(fd, &b) < 0)
                return 0;
        while (n < INPUT_FINGERPRINT_BYTES && (r = bytes_read(b, head + n, INPUT_FINGERPRINT_BYTES - n)) > 0)
                n += (size_t)r;
        return n;
}

/* While "app.log.1" is being compressed, "app.log.1.gz" is there too, half written: one of them is enough. */
static void leave_out_twins(struct siblings *list)
{
        char a[INPUT_FINGERPRINT_BYTES], b[INPUT_FINGERPRINT_BYTES];
        size_t n = 0;

        for (size_t i = 0; i + 1 < list->n; i++) {
                struct sibling *packed = &list->items[i], *plain = &list->items[i + 1];
                size_t an, bn;

                if (!packed->is_compressed || plain->is_compressed || packed->kind != plain->kind ||
                    strncmp(packed->name, plain->name, strlen(plain->name)) != 0)
                        continue;
                an = read_head(packed->path, a);
                bn = read_head(plain->path, b);
                packed->is_left_out = an <= bn && memcmp(a, b, an) == 0;
        }
        for (size_t i = 0; i < list->n; i++) {
                if (list->items[i].is_left_out)
                        free(list->items[i].path);
                else
                        list->items[n++] = list->items[i];
        }
        list->n = n;
}

int rotate_list(const char *path, struct siblings *ret)
{
        struct siblings list = SIBLINGS_INIT;
        const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
        char *folder = str_dupz(slash ? str_from(path, slash > path ? (size_t)(slash - path) : 1) : STR("."));
        DIR *dir;
        int r;

        if (!folder)
                return -ENOMEM;
        dir = opendir(folder);
        r = dir ? list_folder(dir, folder, base, &list) : 0;
        if (dir)
                closedir(dir);
        free(folder);
        if (r < 0) {
                rotate_list_done(&list);
                return r;
        }
        if (list.n > 1) {
                qsort(list.items, list.n, sizeof *list.items, by_name);
                leave_out_twins(&list);
                if (list.has_numbered && list.has_dated)
                        qsort(list.items, list.n, sizeof *list.items, by_kind_and_time);
        }
        *ret = list;
        return 0;
}

void rotate_list_done(struct siblings *list)
{
        for (size_t i = 0; i < list->n; i++)
                free(list->items[i].path);
        free(list->items);
        *list = (struct siblings)SIBLINGS_INIT;
}

/* ---- Finding a place ---- */

/* Opens `path` at the place; -ESTALE when it is not this file. */
static int open_at(const char *path, const struct place *place, bool head_only, struct reader **ret)
{
        CLEANUP(reader_freep) struct reader *rd = NULL;
        struct stat st;
        int fd = kind_open_file(path, false, &st), r;

        if (fd < 0)
                return fd;
        r = reader_open(fd, &rd);
        if (r < 0)
                return r;
        if (!bytes_is_compressed(rd->bytes) && place->offset > (uint64_t)st.st_size)
                return -ESTALE;
        r = reader_resume(rd, place, head_only);
        if (r < 0)
                return r;
        *ret = TAKE(rd);
        return 0;
}

/* Is the place in this file? 1: yes, and *ret is filled; 0 no. */
static int try_file(const char *path, int at, const struct place *place, bool is_same_inode, struct located *ret)
{
        bool head_only = place->is_done && is_same_inode && at >= 0;
        struct reader *rd = NULL;
        int r;

        if (head_only && place->head.n == 0) { /* nothing of it could be read: the inode must do */
                *ret = (struct located){ .at = at };
                return 1;
        }
        r = open_at(path, place, head_only, &rd);
        if (r == -ENOMEM)
                return r;
        if (r < 0)
                return 0;
        *ret = (struct located){ .at = at, .reader = rd };
        if (place->is_done && at >= 0)
                ret->reader = reader_free(rd);
        return 1;
}

static int try_main(const char *path, const struct place *place, bool same_inode, struct located *ret)
{
        struct stat st;

        if (lstat(path, &st) < 0 || place_is_file(place, &st) != same_inode)
                return 0;
        return try_file(path, ROTATE_MAIN, place, same_inode, ret);
}

static int try_inode(const struct siblings *list, const struct place *place, struct located *ret)
{
        int r = 0;

        for (size_t i = 0; i < list->n && r == 0; i++)
                if (place_is_file(place, &list->items[i].st))
                        r = try_file(list->items[i].path, (int)i, place, true, ret);
        return r;
}

/* A copy cannot be older than the last look at what it was copied from; times that were tampered with come second. */
static int try_bytes(const struct siblings *list, const struct place *place, struct located *ret)
{
        int r = 0;

        if (place->head.n == 0)
                return 0;
        for (int second = 0; second < 2; second++)
                for (size_t i = 0; i < list->n && r == 0; i++)
                        if (!place_is_file(place, &list->items[i].st) &&
                            (place_mtime(&list->items[i].st) < place->mtime) == second)
                                r = try_file(list->items[i].path, (int)i, place, false, ret);
        return r;
}

int rotate_locate(const char *path, const struct siblings *list, const struct place *place, struct located *ret)
{
        int r;

        *ret = (struct located){ .at = ROTATE_NOWHERE };
        r = try_main(path, place, true, ret);
        if (r == 0)
                r = try_inode(list, place, ret);
        if (r == 0)
                r = try_bytes(list, place, ret);
        if (r == 0 && place->head.n > 0 && !place->is_done)
                r = try_main(path, place, false, ret);
        return r < 0 ? r : 0;
}

static bool sample_holds(int fd, const struct sample *s)
{
        char buf[INPUT_FINGERPRINT_BYTES];

        if (s->n == 0)
                return true;
        return s->n <= sizeof buf && pread(fd, buf, (size_t)s->n, (off_t)s->offset) == (ssize_t)s->n &&
               sample_matches(s, str_from(buf, (size_t)s->n));
}

bool rotate_holds(int fd, const struct place *place)
{
        return sample_holds(fd, &place->head) && sample_holds(fd, &place->mark);
}

void rotate_anchor(const struct sibling *s, struct place *ret)
{
        char head[INPUT_FINGERPRINT_BYTES];
        size_t n = read_head(s->path, head);

        *ret = (struct place){ .is_done = true, .offset = n };
        place_set_file(ret, &s->st);
        if (n > 0)
                ret->head = sample_of(0, str_from(head, n));
}
