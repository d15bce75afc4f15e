/* SPDX-License-Identifier: Apache-2.0 */

/* Raw to record to hits, for one batch: PARSE, ENRICH, MATCH. No clock, no I/O, no log: the same bytes give the same hits on any thread. */

#include "monitor/batch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

int worker_init(struct worker *w, const struct setup *setup, const struct parser_options *options)
{
        size_t n = setup->rules ? ruleset_count(setup->rules) : 0;
        struct parser_options parse = *options;

        parse.ecs_wanted = enrich_needed(setup->enrich, options->ecs_wanted);
        parse.ecs_of_class = enrich_needed(setup->enrich, options->ecs_of_class);
        *w = (struct worker){
                .setup = setup,
                .parser = parser_new(setup->sources, &parse),
                .enricher = enricher_new(setup->enrich),
                .enrich_wanted = options->ecs_wanted ? options->ecs_wanted : ENRICH_ALL,
                .enrich_of_class = options->ecs_of_class,
                .scratch = sigma_scratch_new(),
                .hits = calloc(n + 1, sizeof *w->hits),
        };
        if (w->parser && w->enricher && w->scratch && w->hits)
                return 0;
        worker_done(w);
        return -ENOMEM;
}

void worker_done(struct worker *w)
{
        parser_free(w->parser);
        enricher_free(w->enricher);
        sigma_scratch_free(w->scratch);
        free(w->hits);
        *w = (struct worker){ 0 };
}

void worker_take_counters(struct worker *w, struct counters *to)
{
        struct counters *const from[] = { parser_counters(w->parser), enricher_counters(w->enricher),
                                          sigma_scratch_counters(w->scratch) };

        for (size_t i = 0; i < ARRAY_LEN(from); i++) {
                counters_add(to, from[i]);
                *from[i] = (struct counters){ 0 };
        }
}

int batch_init(struct batch *b)
{
        *b = (struct batch){ .arena = arena_new(), .now = USEC_NONE };
        return b->arena ? 0 : -ENOMEM;
}

void batch_done(struct batch *b)
{
        raws_done(&b->raws);
        free(b->records);
        free(b->rejects);
        arena_free(b->arena);
        census_free(b->census);
        *b = (struct batch){ 0 };
}

void batch_clear(struct batch *b)
{
        b->raws.n = b->n_records = b->n_rejects = 0;
        b->error = 0;
        b->now = USEC_NONE;
        arena_reset(b->arena);
        if (b->census)
                census_clear(b->census);
}

/* Makes room for one more item of a list; NULL: out of memory, and the list is as it was. */
static void *grow(void *items, size_t n, size_t *cap, size_t size)
{
        size_t more = *cap ? 2 * *cap : 256;
        void *fresh;

        if (n < *cap)
                return items;
        fresh = reallocarray(items, more, size);
        if (fresh)
                *cap = more;
        return fresh;
}

struct work {
        struct batch *batch;
        struct worker *worker;
        uint32_t raw;
        bool has_kept; /* some record of this raw */
};

/* What rules ask for. 1: its address was looked up, and counted. */
static int enrich(struct worker *w, struct record *record)
{
        uint64_t wanted = w->enrich_wanted;

        if (record->slots[ECS_CLASS].is_present)
                wanted |= w->enrich_of_class;
        return enrich_record(w->enricher, record, wanted, true);
}

/* Everything, for a record that people will see. */
static int complete(struct worker *w, struct record *record, bool is_counted)
{
        int r = parser_complete(w->parser, record);

        if (r >= 0)
                r = enrich_record(w->enricher, record, ENRICH_ALL, !is_counted);
        if (r >= 0)
                record_set_key(record);
        return r < 0 ? r : 0;
}

static int match(struct work *work, struct batch_record *br)
{
        struct worker *w = work->worker;
        int looked = enrich(w, br->record);
        size_t n;

        if (looked < 0 || !w->setup->rules)
                return looked < 0 ? looked : 0;
        n = ruleset_match(w->setup->rules, br->record, w->scratch, w->hits, ruleset_count(w->setup->rules));
        if (n == 0)
                return 0;
        br->hits = arena_array(work->batch->arena, n, sizeof *br->hits);
        if (!br->hits)
                return -ENOMEM;
        memcpy(br->hits, w->hits, n * sizeof *br->hits);
        br->n_hits = (uint32_t)n;
        return complete(w, br->record, looked > 0);
}

static int on_record(void *userdata, struct record *record)
{
        struct work *work = userdata;
        struct batch *b = work->batch;
        struct batch_record br = {
                .record = record,
                .time = record->time,
                .source_index = record->source_index,
                .raw = work->raw,
        };
        void *items = grow(b->records, b->n_records, &b->cap_records, sizeof *b->records);
        int r;

        if (!items)
                return -ENOMEM;
        b->records = items;
        r = match(work, &br);
        if (r >= 0 && b->census && record->slots[ECS_CLASS].is_present)
                r = census_note(b->census, record);
        if (r < 0)
                return r;
        if (br.n_hits == 0 && work->worker->drops_misses)
                br.record = NULL;
        else
                work->has_kept = true;
        b->records[b->n_records++] = br;
        return 0;
}

static int add_reject(struct batch *b, uint32_t raw, struct str text)
{
        struct str reason = arena_dup(b->arena, text);
        void *items = grow(b->rejects, b->n_rejects, &b->cap_rejects, sizeof *b->rejects);

        if (!items)
                return -ENOMEM;
        b->rejects = items;
        if (!reason.p)
                return -ENOMEM;
        b->rejects[b->n_rejects++] = (struct batch_reject){ .raw = raw, .reason = reason.p };
        return 0;
}

/* Nearly all records hit nothing. Making the next one where such a one lay keeps the work in the cache. */
void batch_work(struct batch *b, struct worker *w)
{
        for (size_t i = 0; i < b->raws.n && b->error == 0; i++) {
                struct work work = { .batch = b, .worker = w, .raw = (uint32_t)i };
                struct arena_mark before = arena_mark(b->arena);
                const char *reason = NULL;
                char text[REASON_BYTES_MAX]; /* it may lie in the arena, and is wanted when what is there has gone */
                int r;

                parser_set_arrival(w->parser, b->now);
                parser_set_reference(w->parser, b->raws.items[i].reference);
                r = parser_parse(w->parser, &b->raws.items[i], b->arena, on_record, &work, &reason);
                if (r < 0)
                        snprintf(text, sizeof text, "%s", reason ? reason : "cannot be read");
                if (!work.has_kept)
                        arena_rewind(b->arena, &before);
                if (r < 0 && r != -ENOMEM)
                        r = add_reject(b, (uint32_t)i, str_of(text));
                if (r == -ENOMEM)
                        b->error = r;
        }
}
