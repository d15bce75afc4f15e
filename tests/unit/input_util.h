/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_TESTS_INPUT_UTIL_H
#define SHOPBELL_TESTS_INPUT_UTIL_H

/* What the tests of the inputs share: a folder of their own, files written in one call, an input read dry into a list of
 * texts, and positions kept as the store keeps them. */

#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "monitor/input/input.h"

enum { UTIL_PATH = 512, UTIL_POSITIONS = 4096 };

static char util_dir[UTIL_PATH];
static unsigned util_notes;
static char util_last_note[ERR_TEXT_BYTES + ERR_FILE_BYTES + 8];

static inline void util_setup(void)
{
        const char *tmp = getenv("TMPDIR");

        snprintf(util_dir, sizeof util_dir, "%s/shopbell-input-XXXXXX", tmp && *tmp ? tmp : "/tmp");
        cr_assert(mkdtemp(util_dir));
}

static inline int util_remove(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
        (void)st;
        (void)type;
        (void)ftw;
        return remove(path);
}

static inline void util_teardown(void)
{
        (void)nftw(util_dir, util_remove, 16, FTW_DEPTH | FTW_PHYS);
}

/* A path in the test's folder; four of them at a time. */
static inline const char *util_path(const char *name)
{
        static char paths[8][2 * UTIL_PATH];
        static unsigned at;
        char *p = paths[at++ % 8];

        snprintf(p, sizeof paths[0], "%s/%s", util_dir, name);
        return p;
}

static inline void util_put(const char *name, const char *bytes, size_t n, const char *mode)
{
        FILE *f = fopen(util_path(name), mode);

        cr_assert(f, "%s: %s", name, strerror(errno));
        cr_assert_eq(fwrite(bytes, 1, n, f), n);
        cr_assert_eq(fclose(f), 0);
}

static inline void util_write(const char *name, const char *text) { util_put(name, text, strlen(text), "wb"); }
static inline void util_append(const char *name, const char *text) { util_put(name, text, strlen(text), "ab"); }
static inline void util_rename(const char *from, const char *to)
{
        cr_assert_eq(rename(util_path(from), util_path(to)), 0, "%s to %s: %s", from, to, strerror(errno));
}
static inline bool util_exists(const char *name) { return access(util_path(name), F_OK) == 0; }

static inline size_t util_load(const char *name, char **ret)
{
        FILE *f = fopen(util_path(name), "rb");
        size_t n = 0, cap = 1 << 16;
        char *p = malloc(cap);

        cr_assert(f && p);
        for (size_t got; (got = fread(p + n, 1, cap - n, f)) > 0;) {
                n += got;
                if (n == cap)
                        p = realloc(p, cap *= 2);
                cr_assert(p);
        }
        fclose(f);
        *ret = p;
        return n;
}

static inline size_t util_gzip(const char *bytes, size_t n, char **ret)
{
        z_stream z = { 0 };
        size_t cap = n + n / 100 + 4096;
        char *out = malloc(cap);

        cr_assert(out && deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
        z.next_in = (Bytef *)(uintptr_t)bytes;
        z.avail_in = (uInt)n;
        z.next_out = (Bytef *)out;
        z.avail_out = (uInt)cap;
        cr_assert_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
        n = cap - z.avail_out;
        deflateEnd(&z);
        *ret = out;
        return n;
}

/* Compresses a file as gzip(1) does: NAME becomes NAME.gz. With `keep` the first stays, as in the middle of it. */
static inline void util_compress(const char *name, bool keep)
{
        char to[UTIL_PATH], *bytes, *packed;
        size_t n = util_load(name, &bytes);

        snprintf(to, sizeof to, "%s.gz", name);
        n = util_gzip(bytes, n, &packed);
        util_put(to, packed, n, "wb");
        free(bytes);
        free(packed);
        if (!keep)
                cr_assert_eq(unlink(util_path(name)), 0);
}

static inline void util_copytruncate(const char *from, const char *to)
{
        char *bytes;
        size_t n = util_load(from, &bytes);

        util_put(to, bytes, n, "wb");
        free(bytes);
        cr_assert_eq(truncate(util_path(from), 0), 0);
}

/* ---- Reading ---- */

static inline void util_note(void *userdata, const struct err *note)
{
        (void)userdata;
        util_notes++;
        snprintf(util_last_note, sizeof util_last_note, "%s: %s", note->file, note->text);
        if (getenv("UTIL_NOTES"))
                fprintf(stderr, "note: %s\n", util_last_note);
}

struct util_raw {
        char *text;
        size_t n;
        char *file;
        uint64_t offset, repeat;
        usec reference;
};

struct util_list {
        struct util_raw *items;
        size_t n, cap;
};

static inline void util_keep(struct util_list *list, const struct raw *raw)
{
        volatile char sum = 0;
        struct util_raw *r;

        if (list->n == list->cap) {
                list->cap = list->cap ? list->cap * 2 : 64;
                list->items = realloc(list->items, list->cap * sizeof *list->items);
                cr_assert(list->items);
        }
        for (int i = 0; i < RAW_PADDING; i++) /* the address sanitizer looks on */
                sum = (char)(sum + raw->bytes.p[raw->bytes.n + (size_t)i]);
        r = &list->items[list->n++];
        *r = (struct util_raw){ .text = str_dupz(raw->bytes), .n = raw->bytes.n, .file = strdup(raw->file),
                                .offset = raw->offset, .repeat = raw->repeat, .reference = raw->reference };
        cr_assert(r->text && r->file);
        if (raw->records)
                ++*raw->records;
}

static inline void util_list_done(struct util_list *list)
{
        for (size_t i = 0; i < list->n; i++) {
                free(list->items[i].text);
                free(list->items[i].file);
        }
        free(list->items);
        *list = (struct util_list){ 0 };
}

/* One batch of about max_bytes into the list: what input_read() said. */
static inline int util_step(struct input *in, struct util_list *list, size_t max_bytes)
{
        struct arena *arena = arena_new();
        struct raws raws = { 0 };
        int r = input_read(in, arena, &raws, max_bytes);

        for (size_t i = 0; i < raws.n; i++)
                util_keep(list, &raws.items[i]);
        raws_done(&raws);
        arena_free(arena);
        return r;
}

static inline void util_drain(struct input *in, struct util_list *list)
{
        int r;

        cr_assert_geq(input_process(in), 0);
        for (int i = 0; (r = util_step(in, list, INPUT_BATCH_BYTES)) > 0; i++)
                cr_assert_lt(i, 100000, "the input never comes to an end");
        cr_assert_eq(r, 0);
}

static inline void util_expect(const struct util_list *list, const char *const *texts, size_t n)
{
        for (size_t i = 0; i < n && i < list->n; i++)
                cr_assert_str_eq(list->items[i].text, texts[i], "raw %zu: \"%s\" instead of \"%s\"", i,
                                 list->items[i].text, texts[i]);
        cr_assert_eq(list->n, n, "%zu raws instead of %zu; note: %s", list->n, n, util_last_note);
}
#define EXPECT(list, ...) \
        do { \
                const char *const expected_[] = { __VA_ARGS__ }; \
                util_expect(list, expected_, ARRAY_LEN(expected_)); \
        } while (0)

static inline uint64_t util_count(struct input *in, enum counter c) { return input_counters(in)->n[c]; }

/* ---- Positions ---- */

struct util_store {
        char *names[UTIL_POSITIONS], *blobs[UTIL_POSITIONS];
        size_t n;
};

static inline int util_store_put(void *userdata, struct str position, struct str blob)
{
        struct util_store *s = userdata;
        size_t i = 0;

        while (i < s->n && !str_eqz(position, s->names[i]))
                i++;
        if (i == s->n) {
                cr_assert_lt(s->n, UTIL_POSITIONS);
                s->names[s->n++] = str_dupz(position);
        } else {
                free(s->blobs[i]);
        }
        s->blobs[i] = str_dupz(blob);
        if (blob.n == 0) {
                free(s->names[i]);
                free(s->blobs[i]);
                s->n--;
                s->names[i] = s->names[s->n];
                s->blobs[i] = s->blobs[s->n];
        }
        return 0;
}

static inline void util_commit(struct input *in, struct util_store *s)
{
        cr_assert_eq(input_positions(in, util_store_put, s), 0);
}

static inline void util_restore(struct input *in, const struct util_store *s)
{
        for (size_t i = 0; i < s->n; i++)
                cr_assert_eq(input_restore(in, str_of(s->names[i]), str_of(s->blobs[i])), 0, "%s: %s", s->names[i],
                             s->blobs[i]);
}

static inline void util_store_done(struct util_store *s)
{
        for (size_t i = 0; i < s->n; i++) {
                free(s->names[i]);
                free(s->blobs[i]);
        }
        s->n = 0;
}

static inline struct input_options util_options(void)
{
        return (struct input_options){ .name = "test", .note = util_note };
}

#endif
