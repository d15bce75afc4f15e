/* SPDX-License-Identifier: Apache-2.0 */

/* The straight line. A batch's results are taken in order, one transaction a batch: whatever instant the process is killed
 * at, positions, alerts and window state agree. After a failed transaction the process must start again from the store:
 * the engine's memory would be ahead of it. */

#include "monitor/pipeline.h"

#include <errno.h>
#include <stdlib.h>

#include "monitor/model/render.h"
#include "monitor/pool.h"

/* A source whose clock runs ahead may not push the watermark further than this into the future. */
#define WATERMARK_AHEAD_MAX USEC_PER_DAY

struct pipeline {
        struct pipeline_options o;
        struct pool *pool;
        struct engine *engine;
        struct counters before; /* stored by earlier runs */
        struct counters run; /* of the hall and the workers in this run */
        struct counters inputs; /* of the inputs in this run */
        struct counters stored; /* as the store has them */
        usec *watermark; /* a source */
        size_t n_sources;
        struct strbuf json;
};

int pipeline_new(const struct pipeline_options *options, struct pipeline **ret, struct err *reterr)
{
        CLEANUP(pipeline_freep) struct pipeline *p = calloc(1, sizeof *p);
        struct parser_options parse = { .hint = options->hint };
        int r;

        if (!p)
                return err_set(reterr, -ENOMEM, "out of memory");
        p->o = *options;
        p->n_sources = sourceset_count(options->setup->sources);
        p->watermark = calloc(p->n_sources, sizeof *p->watermark);
        r = p->watermark ? pool_new(options->setup, &parse, options->threads, &p->pool) : -ENOMEM;
        if (r < 0)
                return err_set(reterr, r, "cannot start %u threads", options->threads);
        for (size_t i = 0; i < p->n_sources; i++)
                p->watermark[i] = USEC_NONE;
        if (options->store) {
                p->engine = engine_new(options->setup->rules, &(struct engine_options){ 0 });
                if (!p->engine)
                        return err_set(reterr, -ENOMEM, "out of memory");
        }
        *ret = TAKE(p);
        return 0;
}

struct pipeline *pipeline_free(struct pipeline *p)
{
        if (!p)
                return NULL;
        pool_free(p->pool);
        engine_free(p->engine);
        free(p->watermark);
        strbuf_done(&p->json);
        free(p);
        return NULL;
}

/* ---- Restore ---- */

static int restore_window(void *userdata, struct str rule, struct str key, struct str blob)
{
        struct pipeline *p = userdata;
        int r = engine_load(p->engine, rule, key, blob);

        /* State of a rule that changed or went is of no use; the next batch that touches the key replaces it. */
        return r == -ENOENT || r == -EBADMSG ? 0 : r;
}

static int fail_store(struct pipeline *p, int code, struct err *reterr)
{
        return err_set(reterr, code, "%s", store_error(p->o.store));
}

int pipeline_restore(struct pipeline *p, struct err *reterr)
{
        int r = store_each_window(p->o.store, restore_window, p);

        if (r >= 0)
                r = store_get_counters(p->o.store, &p->before);
        return r < 0 ? fail_store(p, r, reterr) : 0;
}

static int restore_position(void *userdata, struct str position, struct str blob)
{
        int r = input_restore(userdata, position, blob);

        return r == -ENOENT ? 0 : r;
}

int pipeline_restore_input(struct pipeline *p, struct input *in, struct err *reterr)
{
        CLEANUP(strbuf_done) struct strbuf prefix = STRBUF_INIT;
        int r;

        strbuf_addf(&prefix, "%s/", input_name(in));
        r = store_each_position(p->o.store, strbuf_str(&prefix), restore_position, in);
        return r < 0 ? err_set(reterr, r, "the position of input %s cannot be taken back: %s", input_name(in),
                               store_error(p->o.store))
                     : 0;
}

/* ---- CORRELATE to STORE ---- */

static int keep_evidence(void *userdata, const struct record *record)
{
        struct pipeline *p = userdata;
        struct evidence e = {
                .key = record->key,
                .time = record->time,
                .source = str_of(record->source),
                .file = str_of(record->file),
                .id = record->id,
                .index = record->index,
                .raw = str_from(record->raw.p, size_min(record->raw.n, EVIDENCE_RAW_MAX)),
        };

        strbuf_clear(&p->json);
        render_record_json(record, NULL, &p->json);
        if (strbuf_failed(&p->json))
                return -ENOMEM;
        e.fields = strbuf_str(&p->json);
        if (record->raw.n > EVIDENCE_RAW_MAX)
                p->run.n[COUNTER_EVIDENCE_CUT]++;
        return store_put_evidence(p->o.store, &e);
}

static int keep_change(void *userdata, const struct alert_change *change)
{
        struct pipeline *p = userdata;

        return store_put_change(p->o.store, change, clock_now(p->o.clock));
}

static struct engine_sink sink_of(struct pipeline *p)
{
        return (struct engine_sink){ .evidence = keep_evidence, .change = keep_change, .userdata = p };
}

static void note_time(struct pipeline *p, const struct record *r, usec now)
{
        usec *mark = &p->watermark[r->source_index];

        if (r->time != USEC_NONE && r->time > *mark && r->time <= now + WATERMARK_AHEAD_MAX)
                *mark = r->time;
}

static int take_record(struct pipeline *p, const struct batch_record *br, usec now)
{
        struct engine_sink sink = sink_of(p);
        int r = 0;

        p->run.n[COUNTER_HITS] += br->n_hits;
        if (p->o.on_record)
                r = p->o.on_record(p->o.userdata, br->record);
        for (uint32_t i = 0; i < br->n_hits && p->o.on_hit && r >= 0; i++)
                r = p->o.on_hit(p->o.userdata, br->record, br->hits[i]);
        if (r < 0 || !p->engine)
                return r;
        note_time(p, br->record, now);
        return br->n_hits ? engine_take(p->engine, br->record, br->hits, br->n_hits, now, &sink) : 0;
}

static int take_reject(struct pipeline *p, const struct batch *b, const struct batch_reject *reject, usec now)
{
        const struct raw *raw = &b->raws.items[reject->raw];

        if (p->o.on_reject)
                p->o.on_reject(p->o.userdata, raw, reject->reason);
        return !p->o.store ? 0
                           : store_put_reject(p->o.store, str_of(raw->file), raw->offset, str_of(reject->reason),
                                              raw->bytes, now);
}

/* Numbers the records of each file and hands them on. */
static int take_batch(struct pipeline *p, struct batch *b)
{
        usec now = clock_now(p->o.clock);
        int r = b->error;

        for (size_t i = 0; i < b->n_records && r >= 0; i++) {
                const struct batch_record *br = &b->records[i];
                uint64_t *counter = b->raws.items[br->raw].records;

                if (counter)
                        br->record->index = (*counter)++;
                r = take_record(p, br, now);
        }
        for (size_t i = 0; i < b->n_rejects && r >= 0; i++)
                r = take_reject(p, b, &b->rejects[i], now);
        return r;
}

/* ---- Transaction ---- */

static int put_window(void *userdata, struct str rule, struct str key, struct str blob)
{
        return store_put_window(userdata, rule, key, blob);
}

static int put_position(void *userdata, struct str position, struct str blob)
{
        return store_put_position(userdata, position, blob);
}

static void sum_counters(const struct pipeline *p, struct counters *ret)
{
        *ret = p->before;
        counters_add(ret, &p->run);
        counters_add(ret, &p->inputs);
        if (p->engine)
                counters_add(ret, engine_counters(p->engine));
}

void pipeline_counters(const struct pipeline *p, struct counters *ret)
{
        sum_counters(p, ret);
}

size_t pipeline_keys(const struct pipeline *p)
{
        return p->engine ? engine_keys(p->engine) : 0;
}

/* Inputs count for themselves from zero; what is new since the last call is added here. */
static void take_input_counters(struct pipeline *p, struct input *in)
{
        struct counters *c = input_counters(in);

        counters_add(&p->inputs, c);
        *c = (struct counters){ 0 };
}

static int put_state(struct pipeline *p, struct input *in)
{
        struct counters total;
        int r = 0;

        if (!p->o.keeps_state)
                return 0;
        r = engine_dirty(p->engine, put_window, p->o.store);
        if (r >= 0 && in)
                r = input_positions(in, put_position, p->o.store);
        sum_counters(p, &total);
        if (r >= 0 && memcmp(&total, &p->stored, sizeof total) != 0) {
                r = store_put_counters(p->o.store, &total);
                p->stored = total;
        }
        return r;
}

static int end_transaction(struct pipeline *p, struct input *in, int r, struct err *reterr)
{
        if (!p->o.store)
                return r;
        if (r >= 0)
                r = put_state(p, in);
        if (r >= 0)
                r = store_commit(p->o.store);
        if (r < 0) {
                fail_store(p, r, reterr);
                store_rollback(p->o.store);
        }
        return r;
}

static int commit_batch(struct pipeline *p, struct batch *b, struct input *in, struct err *reterr)
{
        int r = p->o.store ? store_begin(p->o.store) : 0;

        if (r < 0)
                return fail_store(p, r, reterr);
        r = take_batch(p, b);
        take_input_counters(p, in);
        pool_take_counters(p->pool, &p->run);
        return end_transaction(p, in, r, reterr);
}

int pipeline_step(struct pipeline *p, struct input *in, struct err *reterr)
{
        struct batch *b = pool_take_free(p->pool);
        int more, r = 0;

        more = input_read(in, b->arena, &b->raws, INPUT_BATCH_BYTES);
        if (more < 0)
                return err_set(reterr, more, "input %s failed", input_name(in));
        pool_give(p->pool, b);
        b = pool_next(p->pool);
        r = commit_batch(p, b, in, reterr);
        pool_done_with(p->pool, b);
        return r < 0 ? r : more;
}

/* ---- Reading much at once: several batches under way, no positions ---- */

static int take_next(struct pipeline *p, struct input *in)
{
        struct batch *b = pool_next(p->pool);
        int r = take_batch(p, b);

        pool_done_with(p->pool, b);
        if (p->o.on_progress)
                p->o.on_progress(p->o.userdata, in);
        return r;
}

static int drain_ahead(struct pipeline *p, struct input *in)
{
        int more = 1, r = 0;

        while (more > 0 && r >= 0) {
                struct batch *b = pool_take_free(p->pool);

                if (!b) {
                        r = take_next(p, in);
                        continue;
                }
                more = input_read(in, b->arena, &b->raws, INPUT_BATCH_BYTES);
                if (more >= 0)
                        pool_give(p->pool, b);
        }
        while (pool_next(p->pool))
                r = r < 0 ? (pool_done_with(p->pool, pool_next(p->pool)), r) : take_next(p, in);
        take_input_counters(p, in);
        pool_take_counters(p->pool, &p->run);
        return r < 0 ? r : more;
}

int pipeline_drain(struct pipeline *p, struct input *in, struct err *reterr)
{
        int r;

        if (p->o.keeps_state) {
                do
                        r = pipeline_step(p, in, reterr);
                while (r > 0);
                return r;
        }
        r = p->o.store ? store_begin(p->o.store) : 0;
        if (r < 0)
                return fail_store(p, r, reterr);
        r = drain_ahead(p, in);
        return end_transaction(p, in, r, reterr);
}

/* ---- When nothing comes ---- */

int pipeline_idle(struct pipeline *p, struct err *reterr)
{
        struct engine_sink sink = sink_of(p);
        int r = store_begin(p->o.store);

        if (r < 0)
                return fail_store(p, r, reterr);
        r = engine_settle(p->engine, p->watermark, p->n_sources, &sink);
        return end_transaction(p, NULL, r, reterr);
}

int pipeline_finish(struct pipeline *p, struct err *reterr)
{
        struct engine_sink sink = sink_of(p);
        int r;

        if (!p->engine)
                return 0;
        r = store_begin(p->o.store);
        if (r < 0)
                return fail_store(p, r, reterr);
        r = engine_finish(p->engine, &sink);
        return end_transaction(p, NULL, r, reterr);
}
