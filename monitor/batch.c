/* SPDX-License-Identifier: Apache-2.0 */

/* Raw to record to hits, for one batch. No clock, no I/O, no log: the same bytes give the same hits on any thread. */

#include "monitor/batch.h"

#include <errno.h>
#include <stdlib.h>

int worker_init(struct worker *w, const struct setup *setup, const struct parser_options *options)
{
        size_t n = setup->rules ? ruleset_count(setup->rules) : 0;

        *w = (struct worker){
                .setup = setup,
                .parser = parser_new(setup->sources, options),
                .scratch = sigma_scratch_new(),
                .hits = calloc(n + 1, sizeof *w->hits),
        };
        if (w->parser && w->scratch && w->hits)
                return 0;
        worker_done(w);
        return -ENOMEM;
}

void worker_done(struct worker *w)
{
        parser_free(w->parser);
        sigma_scratch_free(w->scratch);
        free(w->hits);
        *w = (struct worker){ 0 };
}

void worker_take_counters(struct worker *w, struct counters *to)
{
        struct counters *const from[] = { parser_counters(w->parser), sigma_scratch_counters(w->scratch) };

        for (size_t i = 0; i < ARRAY_LEN(from); i++) {
                counters_add(to, from[i]);
                *from[i] = (struct counters){ 0 };
        }
}

int batch_init(struct batch *b)
{
        *b = (struct batch){ .arena = arena_new() };
        return b->arena ? 0 : -ENOMEM;
}

void batch_done(struct batch *b)
{
        raws_done(&b->raws);
        arena_free(b->arena);
        *b = (struct batch){ 0 };
}

void batch_clear(struct batch *b)
{
        b->raws.n = 0;
        b->records = NULL;
        b->rejects = NULL;
        b->n_records = b->cap_records = b->n_rejects = b->cap_rejects = 0;
        b->error = 0;
        arena_reset(b->arena);
}

/* Makes room for one more item of an array in the arena (the old array is left to the arena). */
static void *grow(struct arena *arena, void *items, size_t n, size_t *cap, size_t size)
{
        size_t more = *cap ? 2 * *cap : 256;
        void *fresh;

        if (n < *cap)
                return items;
        fresh = arena_array(arena, more, size);
        if (!fresh)
                return NULL;
        if (n > 0)
                memcpy(fresh, items, n * size);
        *cap = more;
        return fresh;
}

struct work {
        struct batch *batch;
        struct worker *worker;
        uint32_t raw;
};

static int match(struct work *work, struct batch_record *br)
{
        struct worker *w = work->worker;
        size_t n;

        if (!w->setup->rules)
                return 0;
        n = ruleset_match(w->setup->rules, br->record, w->scratch, w->hits, ruleset_count(w->setup->rules));
        if (n == 0)
                return 0;
        br->hits = arena_array(work->batch->arena, n, sizeof *br->hits);
        if (!br->hits)
                return -ENOMEM;
        memcpy(br->hits, w->hits, n * sizeof *br->hits);
        br->n_hits = (uint32_t)n;
        if (parser_complete(w->parser, br->record) < 0)
                return -ENOMEM;
        record_set_key(br->record);
        return 0;
}

static int on_record(void *userdata, struct record *record)
{
        struct work *work = userdata;
        struct batch *b = work->batch;
        struct batch_record br = { .record = record, .raw = work->raw };
        void *items = grow(b->arena, b->records, b->n_records, &b->cap_records, sizeof *b->records);
        int r;

        if (!items)
                return -ENOMEM;
        b->records = items;
        r = match(work, &br);
        if (r < 0)
                return r;
        b->records[b->n_records++] = br;
        return 0;
}

static int add_reject(struct batch *b, uint32_t raw, const char *reason)
{
        void *items = grow(b->arena, b->rejects, b->n_rejects, &b->cap_rejects, sizeof *b->rejects);

        if (!items)
                return -ENOMEM;
        b->rejects = items;
        b->rejects[b->n_rejects++] = (struct batch_reject){ .raw = raw, .reason = reason };
        return 0;
}

void batch_work(struct batch *b, struct worker *w)
{
        for (size_t i = 0; i < b->raws.n && b->error == 0; i++) {
                struct work work = { .batch = b, .worker = w, .raw = (uint32_t)i };
                const char *reason = NULL;
                int r;

                parser_set_reference(w->parser, b->raws.items[i].reference);
                r = parser_parse(w->parser, &b->raws.items[i], b->arena, on_record, &work, &reason);
                if (r < 0 && r != -ENOMEM)
                        r = add_reject(b, (uint32_t)i, reason ? reason : "cannot be read");
                if (r == -ENOMEM)
                        b->error = r;
        }
}
