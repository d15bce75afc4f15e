/* SPDX-License-Identifier: Apache-2.0 */

/* Batches through a pool: in the order they were given, the same for any number of threads, and only what hit something is
 * kept when nobody asks for the rest. */

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "monitor/pool.h"

enum { BATCHES = 200, RAWS = 23 };

#define SOURCE \
        "name: s\ntitle: S\nlogsource: {product: shop}\nformat: json\nrecognise: {has: [n]}\nfields: {event.id: n, user.name: who}\n"
#define RULE "title: T\nlevel: low\nlogsource: {product: shop}\ndetection: {s: {n|endswith: '7'}, condition: s}\n"

struct rig {
        char dir[64], rules[96], source[96];
        struct setup setup;
        unsigned number; /* of the next raw */
        char seen[2 * BATCHES * RAWS * 8]; /* "7h 8 9r ": number, hit, reject */
        size_t n_seen;
};

static void write_file(const char *path, const char *text)
{
        FILE *f = fopen(path, "w");

        cr_assert(f && fputs(text, f) >= 0 && fclose(f) == 0);
}

static void rig_open(struct rig *g)
{
        const char *paths[] = { g->dir, g->rules };
        struct paths sources = { .items = &paths[0], .n = 1 }, rules = { .items = &paths[1], .n = 1 };
        struct err err = { 0 };

        *g = (struct rig){ 0 };
        snprintf(g->dir, sizeof g->dir, "/tmp/shopbell-pool-XXXXXX");
        cr_assert(mkdtemp(g->dir));
        snprintf(g->source, sizeof g->source, "%s/source.yml", g->dir);
        snprintf(g->rules, sizeof g->rules, "%s/rules.yaml", g->dir); /* no .yml: no source */
        write_file(g->source, SOURCE);
        write_file(g->rules, RULE);
        cr_assert_eq(setup_load(&sources, &rules, NULL, &g->setup, NULL, NULL, &err), 0, "%s", err.text);
}

static void rig_close(struct rig *g)
{
        setup_done(&g->setup);
        unlink(g->rules);
        unlink(g->source);
        rmdir(g->dir);
}

/* Every eleventh raw is no JSON. */
static void fill(struct rig *g, struct batch *b)
{
        b->raws.items = reallocarray(b->raws.items, RAWS, sizeof *b->raws.items);
        b->raws.cap = RAWS;
        cr_assert(b->raws.items);
        for (; b->raws.n < RAWS; b->raws.n++, g->number++) {
                char *text = arena_alloc(b->arena, 128 + RAW_PADDING);
                int n;

                cr_assert(text);
                n = snprintf(text, 128, "{\"n\":\"%u\",\"who\":\"ana\"%s", g->number, g->number % 11 ? "}" : "");
                b->raws.items[b->raws.n] = (struct raw){ .bytes = str_from(text, (size_t)n),
                                                         .file = "f",
                                                         .reference = USEC_NONE };
        }
}

/* Notes the number in a raw, which has it behind "{"n":"". */
static void see(struct rig *g, const char *what, struct str raw)
{
        struct str rest = str_from(raw.p + 6, raw.n - 6), number;

        cr_assert(str_cut(&rest, '"', &number));
        g->n_seen += (size_t)snprintf(g->seen + g->n_seen, sizeof g->seen - g->n_seen, STR_FMT "%s ", STR_ARG(number),
                                      what);
}

static void look_at(struct rig *g, const struct batch *b, bool drops_misses)
{
        size_t reject = 0;

        for (size_t i = 0; i < b->n_records; i++) {
                const struct batch_record *br = &b->records[i];

                for (; reject < b->n_rejects && b->rejects[reject].raw < br->raw; reject++)
                        see(g, "r", b->raws.items[b->rejects[reject].raw].bytes);
                see(g, br->n_hits ? "h" : "", b->raws.items[br->raw].bytes);
                cr_expect_eq(br->record == NULL, drops_misses && br->n_hits == 0);
                if (br->record)
                        cr_expect(str_eq(br->record->raw, b->raws.items[br->raw].bytes) &&
                                  str_eq(record_ecs(br->record, ECS_USER_NAME), STR("ana")));
        }
        for (; reject < b->n_rejects; reject++)
                see(g, "r", b->raws.items[b->rejects[reject].raw].bytes);
}

static void run(struct rig *g, unsigned threads, bool drops_misses)
{
        struct parser_options options = { .ecs_wanted = drops_misses ? UINT64_C(1) << ECS_TIMESTAMP : 0 };
        struct pool *pool = NULL;
        struct batch *b;

        g->number = 0;
        g->n_seen = 0;
        cr_assert_eq(pool_new(&g->setup, &options, threads, drops_misses, false, &pool), 0);
        for (size_t given = 0; given < BATCHES || pool_next(pool);) {
                if (given < BATCHES && (b = pool_take_free(pool))) {
                        fill(g, b);
                        pool_give(pool, b);
                        given++;
                        continue;
                }
                b = pool_next(pool);
                cr_assert(b && b->error == 0);
                look_at(g, b, drops_misses);
                pool_done_with(pool, b);
        }
        pool_free(pool);
}

Test(hall_pool, the_same_for_any_number_of_threads)
{
        static struct rig g;
        static char first[sizeof g.seen];

        rig_open(&g);
        run(&g, 1, false);
        snprintf(first, sizeof first, "%s", g.seen);
        cr_expect(strncmp(first, "0r 1 2 3 4 5 6 7h 8 9 10 11r 12 ", 32) == 0, "%.40s", first);
        for (unsigned threads = 1; threads <= 4; threads++) {
                run(&g, threads, true);
                cr_expect_str_eq(g.seen, first);
                run(&g, threads, false);
                cr_expect_str_eq(g.seen, first);
        }
        rig_close(&g);
}

Test(hall_pool, may_be_ended_with_batches_under_way)
{
        static struct rig g;
        struct parser_options options = { 0 };
        struct pool *pool = NULL;
        struct batch *b;

        rig_open(&g);
        cr_assert_eq(pool_new(&g.setup, &options, 3, true, false, &pool), 0);
        while ((b = pool_take_free(pool))) {
                fill(&g, b);
                pool_give(pool, b);
        }
        pool_free(pool);
        rig_close(&g);
}
