/* SPDX-License-Identifier: Apache-2.0 */

/* The straight line. A batch's results are taken in order, one transaction a batch: whatever instant the process is killed
 * at, positions, alerts and window state agree. After a failed transaction the process must start again from the store:
 * the engine's memory would be ahead of it. */

#include "monitor/pipeline_impl.h"
#include "monitor/pseudonym.h"

#include <errno.h>
#include <stdlib.h>

#include "monitor/base/json_write.h"
#include "monitor/model/render.h"
#include "monitor/orders.h"

/* A source whose clock runs ahead may not push the watermark further than this into the future. */
#define WATERMARK_AHEAD_MAX USEC_PER_DAY

/* While there is much to read, so many batches are one transaction: keys that are hit in all of them are stored once. */
enum { STEP_BATCHES_MAX = 8 };

/* Where no transaction belongs to a batch it is small: its raws and records fit in a core's own cache. */
enum { BATCH_AHEAD_BYTES = 256 * 1024 };

/* Records that no alert names yet: so many are kept, looked after when so many have come or so much time has gone by. */
enum { EVIDENCE_WAITING_MAX = 200000, EVIDENCE_STEP = 20000 };
#define EVIDENCE_PURGE_EVERY USEC_PER_HOUR

void works_done(struct works *w)
{
        pool_free(w->pool);
        engine_free(w->engine);
        free(w->watermark);
        free(w->limited);
        free(w->heard);
        bells_free(w->bells);
        *w = (struct works){ 0 };
}

int works_init(struct works *w, const struct pipeline_options *o, const struct setup *setup, struct err *reterr)
{
        struct parser_options parse = { .hint = o->hint };
        int r;

        /* The time is made anyway, so asking for it alone asks for nothing. */
        if (setup->rules && !o->on_record) {
                parse.ecs_wanted = ruleset_ecs(setup->rules, false) | UINT64_C(1) << ECS_TIMESTAMP;
                parse.ecs_of_class = ruleset_ecs(setup->rules, true);
        }
        if (o->takes_census && !o->on_record) {
                parse.ecs_wanted |= UINT64_C(1) << ECS_CLASS | UINT64_C(1) << ECS_TIMESTAMP;
                parse.ecs_of_class |= census_fields();
        }
        *w = (struct works){ .n_sources = sourceset_count(setup->sources), .oldest = USEC_NONE };
        w->watermark = calloc(w->n_sources, sizeof *w->watermark);
        w->limited = calloc(w->n_sources, sizeof *w->limited);
        r = w->watermark && w->limited ? pool_new(setup, &parse, o->threads, !o->on_record, o->takes_census, &w->pool) : -ENOMEM;
        if (r < 0) {
                works_done(w);
                return err_set(reterr, r, "cannot start %u threads", o->threads);
        }
        for (size_t i = 0; i < w->n_sources; i++)
                w->watermark[i] = USEC_NONE;
        if (o->store && setup->rules && (bells_new(setup->rules, &w->bells) < 0 || !(w->engine = engine_new(setup->rules, &o->budget)))) {
                works_done(w);
                return err_set(reterr, -ENOMEM, "out of memory");
        }
        return 0;
}

int pipeline_new(const struct pipeline_options *options, struct pipeline **ret, struct err *reterr)
{
        CLEANUP(pipeline_freep) struct pipeline *p = calloc(1, sizeof *p);
        int r;

        if (!p)
                return err_set(reterr, -ENOMEM, "out of memory");
        p->o = *options;
        p->pending = pending_new();
        p->seen = census_new();
        p->census = census_memory_new();
        p->quiet = quiet_new();
        p->heard = heard_new();
        if (!p->pending || !p->seen || !p->census || !p->quiet || !p->heard)
                return err_set(reterr, -ENOMEM, "out of memory");
        r = works_init(&p->w, options, options->setup, reterr);
        if (r < 0)
                return r;
        p->w.heard = heard_places(p->heard, options->setup->sources);
        if (!p->w.heard)
                return err_set(reterr, -ENOMEM, "out of memory");
        heard_watch(p->heard, options->setup->sources, p->w.heard);
        *ret = TAKE(p);
        return 0;
}

struct pipeline *pipeline_free(struct pipeline *p)
{
        if (!p)
                return NULL;
        works_done(&p->w);
        pending_free(p->pending);
        census_free(p->seen);
        census_memory_free(p->census);
        quiet_free(p->quiet);
        heard_free(p->heard);
        strbuf_done(&p->json);
        strbuf_done(&p->hidden);
        strbuf_done(&p->box);
        free(p);
        return NULL;
}

/* ---- Restore ---- */

static int restore_window(void *userdata, struct str rule, struct str key, struct str blob)
{
        struct pipeline *p = userdata;
        int r = engine_load(p->w.engine, rule, key, blob);

        /* State of a rule that changed or went is of no use; the next batch that touches the key replaces it. */
        return r == -ENOENT || r == -EBADMSG ? 0 : r;
}

int pipeline_fail(struct pipeline *p, int code, struct err *reterr)
{
        return err_set(reterr, code, "%s", store_error(p->o.store));
}

int pipeline_restore(struct pipeline *p, struct err *reterr)
{
        int r = store_each_window(p->o.store, restore_window, p);

        if (r >= 0)
                r = store_get_counters(p->o.store, &p->before);
        if (r >= 0)
                r = heard_restore(p->heard, p->o.store);
        return r < 0 ? pipeline_fail(p, r, reterr) : 0;
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

/* What a record says: its fields, as JSON, and its raw bytes; those of a table's row below the line that names its columns. */
static int add_body(struct pipeline *p, const struct record *record, struct evidence *e)
{
        strbuf_clear(&p->json);
        render_record_json(record, NULL, &p->json);
        if (strbuf_failed(&p->json))
                return -ENOMEM;
        e->fields = strbuf_str(&p->json);
        e->raw = record_whole(record);
        if (!e->raw.p)
                return -ENOMEM;
        p->run.n[COUNTER_EVIDENCE_CUT] += e->raw.n > EVIDENCE_RAW_MAX;
        e->raw.n = size_min(e->raw.n, EVIDENCE_RAW_MAX);
        return 0;
}

/* Only what alerts count (model/alert.h). */
static int add_names(struct pipeline *p, const struct record *record, struct evidence *e)
{
        static const enum ecs fields[] = {
#define X(id, field, label, key) field,
                INVOLVED(X)
#undef X
        };
        struct json_writer w = JSON_WRITER(&p->json);

        strbuf_clear(&p->json);
        json_begin(&w, '{');
        for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
                json_key(&w, ecs_field(fields[i])->name);
                json_str(&w, record_ecs(record, fields[i]));
        }
        json_end(&w, '}');
        e->fields = strbuf_str(&p->json);
        return strbuf_failed(&p->json) ? -ENOMEM : 0;
}

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
                .fields = STR("{}"),
                .raw = STR(""),
        };
        int r = p->o.evidence == EVIDENCE_WHOLE ? add_body(p, record, &e) : add_names(p, record, &e);

        if (r >= 0 && p->o.pseudonyms)
                r = pseudonym_evidence(p->o.pseudonyms, record, &e, &p->hidden, &p->box);
        p->n_evidence++;
        return r < 0 ? r : store_put_evidence(p->o.store, &e);
}

static int keep_change(void *userdata, const struct alert_change *change)
{
        struct pipeline *p = userdata;
        int r = p->o.keeps_state ? quiet_note(p->quiet, &change->id) : 0;

        if (r >= 0 && p->o.keeps_state && change->kind == CHANGE_MERGE)
                r = quiet_note(p->quiet, &change->merged_into);
        if (r >= 0)
                r = pending_put(p->pending, p->o.store, change, clock_now(p->o.clock));
        p->run.n[COUNTER_EVIDENCE_CUT] += store_evidence_cut(p->o.store);
        return r;
}

static struct engine_sink sink_of(struct pipeline *p)
{
        return (struct engine_sink){ .evidence = keep_evidence, .change = keep_change, .userdata = p };
}

static void note_time(struct pipeline *p, const struct batch_record *br, usec now)
{
        usec *mark = &p->w.watermark[br->source_index];

        if (br->time != USEC_NONE && (p->w.oldest == USEC_NONE || br->time < p->w.oldest))
                p->w.oldest = br->time;
        if (br->time > p->newest) /* USEC_NONE is less */
                p->newest = br->time;
        if (br->time == USEC_NONE || br->time > now + WATERMARK_AHEAD_MAX)
                return;
        if (br->time > *mark)
                *mark = br->time;
        if (p->o.keeps_state)
                heard_record(p->heard, p->w.heard[br->source_index], br->time);
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
        if (p->o.on_hits && br->n_hits && r >= 0)
                r = p->o.on_hits(p->o.userdata, br->record, br->hits, br->n_hits);
        if (r < 0 || !p->w.engine)
                return r;
        note_time(p, br, now);
        return br->n_hits ? engine_take(p->w.engine, br->record, br->hits, br->n_hits, now, &sink) : 0;
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

static int put_census(struct pipeline *p)
{
        int r = census_put(p->seen, p->o.store, p->census, &p->run);

        census_clear(p->seen);
        return r;
}

static int see(struct pipeline *p, const struct census *c)
{
        int r = p->o.store ? census_merge(p->seen, c) : 0;

        return r >= 0 && census_is_large(p->seen) ? put_census(p) : r;
}

/* Numbers the records of each file and hands them on. */
static int take_batch(struct pipeline *p, struct batch *b)
{
        usec now = clock_now(p->o.clock);
        int r = b->error;

        for (size_t i = 0; i < b->n_records && r >= 0; i++) {
                const struct batch_record *br = &b->records[i];
                uint64_t *counter = b->raws.items[br->raw].records;

                if (counter && br->record)
                        br->record->index = *counter;
                if (counter)
                        ++*counter;
                r = take_record(p, br, now);
        }
        for (size_t i = 0; i < b->n_rejects && r >= 0; i++)
                r = take_reject(p, b, &b->rejects[i], now);
        return r >= 0 && b->census ? see(p, b->census) : r;
}

/* ---- Transaction ---- */

int pipeline_put_window(void *userdata, struct str rule, struct str key, unsigned part, struct str blob)
{
        return store_put_window(userdata, rule, key, part, blob);
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
        if (p->w.engine)
                counters_add(ret, engine_counters(p->w.engine));
}

void pipeline_counters(const struct pipeline *p, struct counters *ret)
{
        sum_counters(p, ret);
}

usec pipeline_newest(const struct pipeline *p)
{
        return p->newest;
}

size_t pipeline_keys(const struct pipeline *p)
{
        return p->w.engine ? engine_keys(p->w.engine) : 0;
}

void pipeline_span(const struct pipeline *p, usec *ret_first, usec *ret_last)
{
        *ret_first = p->w.oldest;
        *ret_last = USEC_NONE;
        for (size_t i = 0; i < p->w.n_sources; i++)
                if (p->w.watermark[i] > *ret_last)
                        *ret_last = p->w.watermark[i];
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
        r = engine_dirty(p->w.engine, pipeline_put_window, p->o.store);
        if (r >= 0)
                r = heard_put(p->heard, p->o.store);
        if (r >= 0 && in)
                r = input_positions(in, put_position, p->o.store);
        sum_counters(p, &total);
        if (r >= 0 && memcmp(&total, &p->stored, sizeof total) != 0) {
                r = store_put_counters(p->o.store, &total);
                p->stored = total;
        }
        return r;
}

/* Which of the alerts that changed ring. Where no state is kept this waits for the end: what comes in what order is no matter. */
static int judge_quiet(struct pipeline *p)
{
        struct quiet_counts counts = { 0 };
        struct quiet_rules rules;
        int r = 0;

        if (!p->w.engine || (!p->o.keeps_state && !p->is_finishing))
                return 0;
        rules = bells_rules(p->w.bells);
        if (!p->o.keeps_state)
                r = quiet_note_all(p->quiet, p->o.store);
        if (r >= 0)
                r = quiet_judge(p->quiet, p->o.store, &rules, clock_now(p->o.clock), &counts);
        p->run.n[COUNTER_ALERTS_SILENCED] += counts.silenced;
        p->run.n[COUNTER_ALERTS_MUTED] += counts.muted;
        return r;
}

int pipeline_end(struct pipeline *p, struct input *in, int r, struct err *reterr)
{
        if (!p->o.store)
                return r;
        if (r >= 0 && p->w.engine) {
                struct engine_sink sink = sink_of(p);

                r = engine_tell_losses(p->w.engine, &sink);
        }
        if (r >= 0)
                r = pending_flush(p->pending, p->o.store);
        if (r >= 0)
                r = put_census(p);
        if (r >= 0)
                r = judge_quiet(p);
        if (r >= 0)
                r = put_state(p, in);
        if (r >= 0)
                r = store_commit(p->o.store);
        if (r < 0) {
                pipeline_fail(p, r, reterr);
                pending_drop(p->pending);
                census_clear(p->seen);
                quiet_drop(p->quiet);
                store_rollback(p->o.store);
        }
        return r;
}

/* One batch, taken. 1: there may be more; *ret_has_failed: the input itself has, what was read before is good. */
static int step_once(struct pipeline *p, struct input *in, bool *ret_has_failed)
{
        struct batch *b = pool_take_free(p->w.pool);
        int more, r;

        more = input_read(in, b->arena, &b->raws, INPUT_BATCH_BYTES);
        b->now = clock_now(p->o.clock);
        *ret_has_failed = more < 0;
        if (more < 0)
                return more;
        pool_give(p->w.pool, b);
        b = pool_next(p->w.pool);
        r = take_batch(p, b);
        pool_done_with(p->w.pool, b);
        return r < 0 ? r : more;
}

/* Then expired state is to go soon, see pipeline_turn(). */
static bool is_crowded(const struct pipeline *p)
{
        return p->w.engine && engine_is_crowded(p->w.engine);
}

int pipeline_step(struct pipeline *p, struct input *in, struct err *reterr)
{
        int more = 1, r = p->o.store ? store_begin(p->o.store) : 0;
        bool has_failed = false;

        p->newest = USEC_NONE;
        if (r < 0)
                return pipeline_fail(p, r, reterr);
        for (size_t i = 0; i < STEP_BATCHES_MAX && more > 0 && (i == 0 || !is_crowded(p)); i++)
                more = step_once(p, in, &has_failed);
        r = has_failed || more > 0 ? 0 : more;
        if (r >= 0 && p->w.engine) {
                struct engine_sink sink = sink_of(p);

                r = engine_judge(p->w.engine, &sink);
        }
        take_input_counters(p, in);
        pool_take_counters(p->w.pool, &p->run);
        r = pipeline_end(p, in, r, reterr);
        if (r >= 0 && has_failed)
                return err_set(reterr, more, "input %s failed", input_name(in));
        return r < 0 ? r : more;
}

/* ---- Reading much at once: several batches under way, no positions ---- */

static int take_next(struct pipeline *p, struct input *in)
{
        struct batch *b = pool_next(p->w.pool);
        int r = take_batch(p, b);

        pool_done_with(p->w.pool, b);
        if (p->o.on_progress)
                p->o.on_progress(p->o.userdata, in);
        return r;
}

static int drain_ahead(struct pipeline *p, struct input *in)
{
        int more = 1, r = 0;

        while (more > 0 && r >= 0) {
                struct batch *b = pool_take_free(p->w.pool);

                if (!b) {
                        r = take_next(p, in);
                        continue;
                }
                more = input_read(in, b->arena, &b->raws, BATCH_AHEAD_BYTES);
                b->now = clock_now(p->o.clock);
                if (more >= 0)
                        pool_give(p->w.pool, b);
        }
        while (pool_next(p->w.pool))
                r = r < 0 ? (pool_done_with(p->w.pool, pool_next(p->w.pool)), r) : take_next(p, in);
        take_input_counters(p, in);
        pool_take_counters(p->w.pool, &p->run);
        return r < 0 ? r : more;
}

int pipeline_drain(struct pipeline *p, struct input *in, struct err *reterr)
{
        int r = p->o.store ? store_begin(p->o.store) : 0;

        if (r < 0)
                return pipeline_fail(p, r, reterr);
        r = drain_ahead(p, in);
        return pipeline_end(p, in, r, reterr);
}

/* ---- Forgetting ---- */

/* In an open transaction. */
static int purge_evidence(struct pipeline *p)
{
        usec now = clock_now(p->o.clock);
        uint64_t gone = 0;
        int r;

        if (!p->o.keeps_state || p->n_evidence == 0 ||
            (p->n_evidence < EVIDENCE_STEP && now >= p->purged && now < p->purged + EVIDENCE_PURGE_EVERY))
                return 0;
        r = store_purge_evidence(p->o.store, engine_needs_from(p->w.engine), EVIDENCE_WAITING_MAX, &gone);
        p->run.n[COUNTER_EVIDENCE_PURGED] += gone;
        p->n_evidence = 0;
        p->purged = now;
        return r;
}

int pipeline_turn(struct pipeline *p, struct err *reterr)
{
        struct engine_sink sink = sink_of(p);
        usec oldest = p->w.oldest;
        int r;

        p->w.oldest = USEC_NONE;
        if (oldest == USEC_NONE || (!is_crowded(p) && p->n_evidence < EVIDENCE_STEP))
                return 0;
        for (size_t i = 0; i < p->w.n_sources; i++)
                p->w.limited[i] = p->w.watermark[i] < oldest ? p->w.watermark[i] : oldest; /* USEC_NONE is less */
        r = store_begin(p->o.store);
        if (r < 0)
                return pipeline_fail(p, r, reterr);
        if (is_crowded(p))
                r = engine_settle(p->w.engine, p->w.limited, p->w.n_sources, &sink);
        if (r >= 0)
                r = purge_evidence(p);
        return pipeline_end(p, NULL, r, reterr);
}

int pipeline_idle(struct pipeline *p, struct err *reterr)
{
        struct engine_sink sink = sink_of(p);
        int r = store_begin(p->o.store);

        p->w.oldest = USEC_NONE;
        if (r < 0)
                return pipeline_fail(p, r, reterr);
        r = engine_settle(p->w.engine, p->w.watermark, p->w.n_sources, &sink);
        if (r >= 0)
                r = engine_tick(p->w.engine, clock_now(p->o.clock), &sink);
        if (r >= 0 && p->o.tells_silence)
                r = heard_judge(p->heard, clock_now(p->o.clock), keep_change, p);
        if (r >= 0)
                r = purge_evidence(p);
        return pipeline_end(p, NULL, r, reterr);
}

usec pipeline_due(const struct pipeline *p)
{
        usec due = p->w.engine ? engine_due(p->w.engine) : USEC_NONE, silent = p->o.tells_silence ? heard_due(p->heard) : USEC_NONE;

        return due == USEC_NONE || (silent != USEC_NONE && silent < due) ? silent : due;
}

int pipeline_finish(struct pipeline *p, struct err *reterr)
{
        struct engine_sink sink = sink_of(p);
        int r;

        if (!p->w.engine)
                return 0;
        r = store_begin(p->o.store);
        if (r < 0)
                return pipeline_fail(p, r, reterr);
        r = engine_finish(p->w.engine, &sink);
        p->is_finishing = true;
        return pipeline_end(p, NULL, r, reterr);
}

int pipeline_run(struct pipeline *p, pipeline_fn *fn, void *userdata, struct err *reterr)
{
        int r = store_begin(p->o.store);

        if (r < 0)
                return pipeline_fail(p, r, reterr);
        return pipeline_end(p, NULL, fn(userdata, p->o.store, p->quiet, clock_now(p->o.clock)), reterr);
}

int pipeline_order(struct pipeline *p, struct str order, const struct who *by, struct strbuf *answer, struct err *reterr)
{
        int done = 0, r = store_begin(p->o.store);

        if (r < 0)
                return pipeline_fail(p, r, reterr);
        r = done = orders_run(order, p->o.store, p->quiet, by, clock_now(p->o.clock), p->o.pseudonyms, answer);
        r = pipeline_end(p, NULL, r, reterr);
        return r < 0 ? r : done;
}
