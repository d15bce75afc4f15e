/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_TESTS_PARSERS_UTIL_H
#define SHOPBELL_TESTS_PARSERS_UTIL_H

/* For tests of parsers/: source sets from texts, raws from texts, records kept and shown as "field=a,b". */

#include <criterion/criterion.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "monitor/model/render.h"
#include "parsers/source.h"

enum { UTIL_RECORDS_MAX = 4096 };

struct bench {
        struct sourceset *set;
        struct parser *parser;
        struct arena *arena;
        struct record *records[UTIL_RECORDS_MAX];
        size_t n;
        int stop_after; /* the record function fails at this record; 0: never */
        const char *reason;
        uint64_t repeat;
        const char *source;
        const char *header; /* of the table that the raws are rows of; NULL: none */
        uint64_t row;
};

static inline char *temp_dir(char path[64])
{
        const char *base = getenv("TMPDIR");

        snprintf(path, 64, "%s/shopbell-XXXXXX", base && strlen(base) < 40 ? base : "/tmp");
        cr_assert(mkdtemp(path));
        return path;
}

static inline void write_file(const char *dir, const char *name, const char *text)
{
        char path[256];
        FILE *f;

        snprintf(path, sizeof path, "%s/%s", dir, name);
        f = fopen(path, "w");
        cr_assert(f);
        fputs(text, f);
        fclose(f);
}

static inline int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
        (void)st;
        (void)kind;
        (void)at;
        return remove(path);
}

static inline void remove_dir(const char *dir)
{
        cr_assert_eq(nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

/* Loads sources from texts, one file each: 1.yml, 2.yml, … */
static inline struct sourceset *load_sources(const char *const *texts, size_t n, struct err_list *errors)
{
        struct sourceset *set = NULL;
        char dir[64], name[32];
        const char *dirs[] = { temp_dir(dir) };

        for (size_t i = 0; i < n; i++) {
                snprintf(name, sizeof name, "%zu.yml", i + 1);
                write_file(dir, name, texts[i]);
        }
        sourceset_load(dirs, 1, &set, errors);
        remove_dir(dir);
        return set;
}

static inline void bench_open(struct bench *b, const char *const *texts, size_t n)
{
        struct err_list errors = ERR_LIST_INIT;
        struct parser_options o = { .hint = { .reference = INT64_C(1775000000) * USEC_PER_SEC } };
        struct err err = { 0 };

        *b = (struct bench){ .set = load_sources(texts, n, &errors) };
        cr_assert(b->set && errors.n == 0, "%s", errors.n ? errors.items[0].text : "no set");
        cr_assert(sourceset_freeze(b->set, &err) == 0, "%s", err.text);
        b->parser = parser_new(b->set, &o);
        b->arena = arena_new();
        cr_assert(b->parser && b->arena);
        err_list_done(&errors);
}

static inline void bench_close(struct bench *b)
{
        parser_free(b->parser);
        arena_free(b->arena);
        sourceset_free(b->set);
}

static inline int bench_keep(void *userdata, struct record *record)
{
        struct bench *b = userdata;

        cr_assert(b->n < UTIL_RECORDS_MAX);
        b->records[b->n++] = record;
        return b->stop_after && b->n == (size_t)b->stop_after ? -ECANCELED : 0;
}

/* Parses text; its records are b->records[0 … b->n). */
static inline int bench_parse_str(struct bench *b, struct str text)
{
        char *bytes = arena_alloc(b->arena, text.n + RAW_PADDING);
        struct raw raw = { .file = "test.log", .reference = USEC_NONE, .repeat = b->repeat, .source = b->source,
                           .header = str_of(b->header), .row = b->row };

        memcpy(bytes, text.p, text.n);
        raw.bytes = str_from(bytes, text.n);
        b->n = 0;
        b->reason = NULL;
        return parser_parse(b->parser, &raw, b->arena, bench_keep, b, &b->reason);
}

static inline int bench_parse(struct bench *b, const char *text)
{
        return bench_parse_str(b, str_of(text));
}

static inline uint64_t bench_count(struct bench *b, enum counter c)
{
        return parser_counters(b->parser)->n[c];
}

/* ---- Short of memory ---- */

/* userdata: how many more blocks it gives before it fails, once. */
static inline void *starved_alloc(size_t n, void *userdata)
{
        size_t *left = userdata;

        return (*left)-- == 0 ? NULL : malloc(n);
}
static inline void starved_release(void *p, void *userdata)
{
        (void)userdata;
        free(p);
}

/* Each ECS field of the records with its values. */
static inline struct str bench_show(const struct bench *b, struct strbuf *out)
{
        strbuf_clear(out);
        for (size_t i = 0; i < b->n; i++)
                for (int f = 0; f < _ECS_MAX; f++)
                        for (const struct value *v = b->records[i]->slots[f].first; v; v = v->next)
                                strbuf_addf(out, "%s=" STR_FMT "\n", ecs_field((enum ecs)f)->name, STR_ARG(v->text));
        return strbuf_str(out);
}

/* Parses with an arena that has so many bytes of a block used, and fails once behind so many more blocks: what came out is what
 * always does, or -ENOMEM, and then false. */
static inline bool bench_is_fed(struct bench *b, const struct raw *raw, size_t used, size_t blocks, struct str whole)
{
        CLEANUP(strbuf_done) struct strbuf now = STRBUF_INIT;
        size_t left = SIZE_MAX;
        struct arena_alloc alloc = { starved_alloc, starved_release, &left };
        struct arena *arena = arena_new_with(&alloc);
        int r;

        cr_assert(arena && arena_bytes(arena, used));
        left = blocks;
        b->n = 0;
        r = parser_parse(b->parser, raw, arena, bench_keep, b, NULL);
        if (r != -ENOMEM)
                cr_expect(r > 0 && str_eq(bench_show(b, &now), whole), "%zu bytes used, %zu blocks: %d, %s", used, blocks, r, now.p);
        arena_free(arena);
        return r != -ENOMEM;
}

/* Memory may run out anywhere in parsing the text, and be there again right after. */
static inline void bench_starve(struct bench *b, const char *text)
{
        CLEANUP(strbuf_done) struct strbuf whole = STRBUF_INIT;
        char *bytes = calloc(1, strlen(text) + RAW_PADDING);
        struct raw raw = { .bytes = str_from(bytes, strlen(text)), .file = "x", .reference = USEC_NONE, .source = b->source };
        size_t refused = 1;

        memcpy(bytes, text, strlen(text));
        cr_assert_gt(bench_parse(b, text), 0);
        bench_show(b, &whole);
        for (size_t blocks = 0; refused > 0; blocks++) {
                refused = 0;
                for (size_t used = 0; used < ARENA_BLOCK_BYTES; used += ARENA_ALIGN)
                        refused += !bench_is_fed(b, &raw, used, blocks, strbuf_str(&whole));
                cr_assert(blocks < 8 && (blocks > 0 || refused > 0));
        }
        free(bytes);
}

/* The values of an ECS field of a record, joined by commas; "(none)". In a static buffer. */
static inline const char *field_text(const struct record *r, const char *name)
{
        static char out[1024];
        enum ecs field = ecs_find(str_of(name));
        size_t n = 0;

        cr_assert(field != _ECS_MAX, "no field %s", name);
        out[0] = '\0';
        if (!r->slots[field].first)
                return "(none)";
        for (const struct value *v = r->slots[field].first; v && n < sizeof out; v = v->next)
                n += (size_t)snprintf(out + n, sizeof out - n, "%s" STR_FMT, n ? "," : "", STR_ARG(v->text));
        return out;
}

#define assert_field(record, name, want) \
        do { \
                const char *got_ = field_text((record), (name)); \
                cr_expect(strcmp(got_, (want)) == 0, "%s is %s, not %s", (name), got_, (want)); \
        } while (0)

#endif
