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
