/* SPDX-License-Identifier: Apache-2.0 */

/* A replay: the daemon's own pipeline on a store in memory, as scan has it. What was before the days that are looked at is
 * read all the same: rules that learn what is usual learn from it. */

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "monitor/base/log.h"
#include "monitor/cli/backtest.h"
#include "monitor/pipeline.h"
#include "monitor/store/query.h"

enum { REJECTS_SHOWN = 5, THREADS_DEFAULT_MAX = 4 };

struct replay {
        struct cli *cli;
        struct tuning *tuning;
        struct outcome *out;
        size_t rejects;
        enum level rings;
        usec started;
        bool shows_progress;
        uint64_t last_tenths;
};

void outcome_done(struct outcome *o)
{
        arena_free(o->arena);
        free(o->alerts);
        *o = (struct outcome){ 0 };
}

double outcome_days(const struct outcome *o)
{
        return o->to == USEC_NONE ? 0 : ceil((double)(o->to - o->from) / (double)USEC_PER_DAY);
}

double outcome_weeks(const struct outcome *o)
{
        return fmax(outcome_days(o) / 7, 1);
}

struct str backtest_person(const struct backtest_alert *a)
{
        return a->person.n > 0 ? a->person : STR("(unknown)");
}

/* What a translated condition of Sigma 1 counts has the rule's own title, too. */
size_t backtest_find_rule(const struct ruleset *rules, struct str word)
{
        for (size_t i = 0; i < ruleset_count(rules); i++) {
                const struct sigma_rule *r = ruleset_rule(rules, i);

                if (!r->is_base &&
                    ((r->id.p && str_eq(r->id, word)) || (r->name.p && str_eq(r->name, word)) || str_eq(r->title, word)))
                        return i;
        }
        return SIZE_MAX;
}

void rate_format(double rate, char ret[RATE_BYTES])
{
        double rounded = round(rate * 10) / 10;

        if (rate > 0 && rounded == 0) /* "0 a week" would say never */
                snprintf(ret, RATE_BYTES, "less than 0.1");
        else
                snprintf(ret, RATE_BYTES, rounded == floor(rounded) ? "%.0f" : "%.1f", rounded);
}

/* ---- Reading ---- */

static int on_hits(void *userdata, const struct record *record, const uint32_t *rules, size_t n)
{
        struct replay *p = userdata;

        return tuning_take(p->tuning, record, rules, n, clock_now(p->cli->clock));
}

static void on_reject(void *userdata, const struct raw *raw, const char *reason)
{
        struct replay *p = userdata;

        if (++p->rejects <= REJECTS_SHOWN && !p->cli->is_quiet)
                log_warning("%s: byte %llu: %s, skipping this record", raw->file, (unsigned long long)raw->offset, reason);
}

static void on_note(void *userdata, const struct err *note)
{
        struct replay *p = userdata;

        p->out->is_partial |= note->code < 0 && note->code != -E2BIG;
        if (note->code < 0 || !p->cli->is_quiet)
                log_err(note->code < 0 ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO, note);
}

static void on_progress(void *userdata, const struct input *in)
{
        struct replay *p = userdata;
        uint64_t done, all, tenths;

        if (!p->shows_progress || !input_progress(in, &done, &all) || all == 0 ||
            clock_now(p->cli->clock) - p->started < USEC_PER_SEC)
                return;
        tenths = done * 1000 / all;
        if (tenths != p->last_tenths)
                fprintf(stderr, "\r%5.1f %% \x1b[K", (double)tenths / 10);
        p->last_tenths = tenths;
}

static unsigned default_threads(void)
{
        long n = sysconf(_SC_NPROCESSORS_ONLN);

        return n < 1 ? 1 : n > THREADS_DEFAULT_MAX ? THREADS_DEFAULT_MAX : (unsigned)n;
}

static int drain(struct replay *p, const struct setup *setup, struct pipeline *pipe, int argc, char **argv, struct err *err)
{
        struct input_options o = { .name = "backtest", .source = p->cli->source, .note = on_note, .userdata = p,
                                   .is_csv = sourceset_is_csv, .csv_data = setup->sources,
                                   .lists = { sourceset_list_find, sourceset_list_compare, setup->sources } };
        struct input *in = NULL;
        int r = input_open_files(&o, (const char *const *)argv, (size_t)argc, &in, err);

        if (r >= 0)
                r = pipeline_drain(pipe, in, err);
        if (r >= 0)
                r = pipeline_finish(pipe, err);
        if (p->last_tenths)
                fputs("\r\x1b[K", stderr);
        input_close(in);
        return r;
}

/* ---- What came of it ---- */

static void set_days(struct replay *p, const struct pipeline *pipe)
{
        const struct cli *cli = p->cli;
        struct outcome *o = p->out;
        usec first, last, since;

        pipeline_span(pipe, &first, &last);
        o->first = o->from = first;
        o->to = last;
        if (last == USEC_NONE)
                return;
        if (last < first)
                o->to = first; /* all records lie in the future */
        since = cli->since != USEC_NONE ? cli->since : o->to - (cli->span ? cli->span : BACKTEST_SPAN_DEFAULT);
        if (since > o->from)
                o->from = since;
        if (o->from > o->to)
                o->to = o->from;
}

static int grow(struct outcome *o)
{
        size_t cap = o->cap ? 2 * o->cap : 64;
        struct backtest_alert *items = o->n < o->cap ? o->alerts : reallocarray(o->alerts, cap, sizeof *items);

        if (!items)
                return -ENOMEM;
        o->cap = o->n < o->cap ? o->cap : cap;
        o->alerts = items;
        return 0;
}

static int on_alert(void *userdata, const struct query_alert *a)
{
        struct replay *p = userdata;
        struct outcome *o = p->out;
        struct backtest_alert *to;

        if (a->first_seen < o->from) {
                o->earlier++;
                return 0;
        }
        if (grow(o) < 0)
                return -ENOMEM;
        to = &o->alerts[o->n];
        *to = (struct backtest_alert){
                .rule = arena_dup(o->arena, a->rule_id),
                .title = arena_dup(o->arena, a->rule_title),
                .level = a->level,
                .group = arena_dup(o->arena, a->group.n ? a->group : STR("{}")),
                .sentence = arena_dup(o->arena, a->sentence),
                .person = arena_dup(o->arena, a->person.p ? a->person : STR("")),
                .source = arena_dup(o->arena, a->source),
                .first = a->first_seen,
                .last = a->last_seen,
                .count = a->count,
                .rings = a->level >= p->rings,
        };
        if (!to->rule.p || !to->title.p || !to->group.p || !to->sentence.p || !to->person.p)
                return -ENOMEM;
        o->n++;
        o->rang += to->rings;
        return 0;
}

static int collect(struct replay *p, struct store *store, const struct pipeline *pipe)
{
        static const enum counter skipped[] = { COUNTER_REJECT_MALFORMED, COUNTER_REJECT_UNKNOWN, COUNTER_REJECT_TOO_LONG,
                                                COUNTER_REJECT_TOO_DEEP };
        struct query_filter all = { .since = USEC_NONE, .until = USEC_NONE };
        CLEANUP(query_closep) struct query *q = NULL;
        struct counters c;
        int r = query_of(store, &q);

        set_days(p, pipe);
        pipeline_counters(pipe, &c);
        p->out->records = c.n[COUNTER_RECORDS];
        for (size_t i = 0; i < ARRAY_LEN(skipped); i++)
                p->out->skipped += c.n[skipped[i]];
        if (r >= 0)
                r = query_alerts(q, &all, on_alert, p);
        if (r >= 0 && p->tuning)
                r = tuning_finish(p->tuning, p->out, p->rings);
        return r;
}

int backtest_run(struct cli *cli, const struct setup *setup, struct tuning *tuning, int argc, char **argv, struct outcome *ret)
{
        struct replay p = { .cli = cli, .tuning = tuning, .out = ret, .rings = cli->rings, .started = clock_now(cli->clock),
                            .shows_progress = isatty(STDERR_FILENO) && !cli->is_quiet };
        struct pipeline_options o = {
                .setup = setup,
                .clock = cli->clock,
                .threads = cli->threads ? cli->threads : default_threads(),
                .evidence = EVIDENCE_NAMES,
                .hint = { .reference = USEC_NONE, .local = true },
                .on_hits = tuning ? on_hits : NULL,
                .on_reject = on_reject,
                .on_progress = on_progress,
                .userdata = &p,
        };
        CLEANUP(store_closep) struct store *store = NULL;
        CLEANUP(pipeline_freep) struct pipeline *pipe = NULL;
        struct err err = { 0 };
        int r;

        *ret = (struct outcome){ .arena = arena_new(), .from = USEC_NONE, .to = USEC_NONE };
        r = ret->arena ? store_open(":memory:", &store, &err) : err_set(&err, -ENOMEM, "out of memory");
        o.store = store;
        if (r >= 0)
                r = pipeline_new(&o, &pipe, &err);
        if (r >= 0)
                r = drain(&p, setup, pipe, argc, argv, &err);
        if (r >= 0 && (r = collect(&p, store, pipe)) < 0)
                err_set(&err, r, "the alerts cannot be read back: %s", r == -ENOMEM ? "out of memory" : store_error(store));
        if (r < 0)
                log_err(LOG_LEVEL_ERROR, &err);
        if (p.rejects > REJECTS_SHOWN && !cli->is_quiet)
                log_warning("%zu more records were skipped", p.rejects - REJECTS_SHOWN);
        return r < 0 ? CLI_CANNOT : CLI_OK;
}
