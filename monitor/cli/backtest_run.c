/* SPDX-License-Identifier: Apache-2.0 */

/* A replay: the daemon's own pipeline on a store in memory, as scan has it. What was before the days that are looked at is
 * read all the same: rules that learn what is usual learn from it. */

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor/base/log.h"
#include "monitor/cli/backtest.h"
#include "monitor/cli/replay.h"
#include "monitor/store/query.h"

struct run {
        struct cli *cli;
        struct tuning *tuning;
        struct outcome *out;
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

static int on_hits(void *userdata, const struct record *record, const uint32_t *rules, size_t n)
{
        struct run *p = userdata;

        return tuning_take(p->tuning, record, rules, n, clock_now(p->cli->clock));
}

/* ---- What came of it ---- */

static void set_days(struct run *p, const struct pipeline *pipe)
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
        struct run *p = userdata;
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
                .rings = a->level >= p->cli->rings,
        };
        if (!to->rule.p || !to->title.p || !to->group.p || !to->sentence.p || !to->person.p)
                return -ENOMEM;
        o->n++;
        o->rang += to->rings;
        return 0;
}

static int collect(struct run *p, struct store *store, const struct pipeline *pipe)
{
        struct query_filter all = { .since = USEC_NONE, .until = USEC_NONE };
        CLEANUP(query_closep) struct query *q = NULL;
        int r = query_of(store, &q);

        set_days(p, pipe);
        pipeline_counters(pipe, &p->out->counters);
        if (r >= 0)
                r = query_alerts(q, &all, on_alert, p);
        if (r >= 0 && p->tuning)
                r = tuning_finish(p->tuning, p->out, p->cli->rings);
        return r;
}

int backtest_run(struct cli *cli, const struct setup *setup, struct tuning *tuning, int argc, char **argv, struct outcome *ret)
{
        struct run p = { .cli = cli, .tuning = tuning, .out = ret };
        CLEANUP(store_closep) struct store *store = NULL;
        CLEANUP(replay_done) struct replay replay = { .cli = cli, .setup = setup, .on_hits = tuning ? on_hits : NULL, .userdata = &p };
        struct err err = { 0 };
        int r;

        *ret = (struct outcome){ .arena = arena_new(), .from = USEC_NONE, .to = USEC_NONE };
        r = ret->arena ? store_open(":memory:", &store, &err) : err_set(&err, -ENOMEM, "out of memory");
        if (r < 0) {
                log_err(LOG_LEVEL_ERROR, &err);
                return CLI_CANNOT;
        }
        replay.store = store;
        if (replay_run(&replay, argc, argv) < 0)
                return CLI_CANNOT;
        ret->is_partial = replay.is_partial;
        r = collect(&p, store, replay.pipeline);
        if (r < 0)
                log_error("the alerts cannot be read back: %s", r == -ENOMEM ? "out of memory" : store_error(store));
        return r < 0 ? CLI_CANNOT : CLI_OK;
}
