/* SPDX-License-Identifier: Apache-2.0 */

/* A source that falls silent, by the clock: told once, also across a restart, and told to be over. */

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "monitor/heard.h"
#include "monitor/pipeline.h"
#include "monitor/store/query.h"

enum { START_HOUR = 490000, DAYS = 30 };

#define SOURCE \
        "name: s\ntitle: S\nlogsource: {product: shop}\nformat: json\nrecognise: {has: [n]}\nlateness: 1h\n%s" \
        "fields: {'@timestamp': t, event.id: n}\n"
#define RULE "title: T\nlevel: low\nlogsource: {product: shop}\ndetection: {s: {n: never}, condition: s}\n"

struct rig {
        char dir[64], source[96], rule[96], log[96];
        struct setup setup;
        struct store *store;
        struct pipeline *pipeline;
        unsigned id;
};

static usec hour_now; /* hours since START_HOUR */

static usec now(void *userdata)
{
        (void)userdata;
        return (START_HOUR + hour_now) * USEC_PER_HOUR;
}
static const struct clock settable = { .now = now };

static void pipeline_start(struct rig *g)
{
        struct pipeline_options o = { .setup = &g->setup, .store = g->store, .clock = &settable, .keeps_state = true, .tells_silence = true };
        struct err err = { 0 };

        cr_assert_eq(pipeline_new(&o, &g->pipeline, &err), 0, "%s", err.text);
        cr_assert_eq(pipeline_restore(g->pipeline, &err), 0, "%s", err.text);
}

static void rig_open(struct rig *g, const char *silence)
{
        const char *paths[] = { g->dir, g->rule };
        struct paths sources = { .items = &paths[0], .n = 1 }, rules = { .items = &paths[1], .n = 1 };
        struct err err = { 0 };
        FILE *f;

        *g = (struct rig){ 0 };
        snprintf(g->dir, sizeof g->dir, "/tmp/shopbell-silence-XXXXXX");
        cr_assert(mkdtemp(g->dir));
        snprintf(g->source, sizeof g->source, "%s/s.yml", g->dir);
        snprintf(g->log, sizeof g->log, "%s/log", g->dir);
        f = fopen(g->source, "w");
        cr_assert(f);
        fprintf(f, SOURCE, silence);
        fclose(f);
        snprintf(g->rule, sizeof g->rule, "%s/rule.yaml", g->dir); /* no .yml: no source */
        f = fopen(g->rule, "w");
        cr_assert(f);
        fputs(RULE, f);
        fclose(f);
        cr_assert_eq(setup_load(&sources, &rules, NULL, &g->setup, NULL, NULL, &err), 0, "%s", err.text);
        cr_assert_eq(store_open(":memory:", &g->store, &err), 0, "%s", err.text);
        pipeline_start(g);
}

static void rig_close(struct rig *g)
{
        pipeline_free(g->pipeline);
        store_close(g->store);
        setup_done(&g->setup);
        unlink(g->log);
        unlink(g->source);
        unlink(g->rule);
        rmdir(g->dir);
}

/* The clock stands at that hour; one record of `heard` comes (below zero: none), and then there is nothing to read. */
static void at(struct rig *g, int64_t hour, int64_t heard)
{
        struct err err = { 0 };

        hour_now = hour;
        if (heard >= 0) {
                struct input_options io = { .name = "in" };
                const char *path = g->log;
                struct input *in = NULL;
                FILE *f = fopen(g->log, "w");

                cr_assert(f);
                fprintf(f, "{\"n\":\"%u\",\"t\":%lld}\n", ++g->id, (long long)(START_HOUR + heard) * 3600 + 60);
                fclose(f);
                cr_assert_eq(input_open_files(&io, &path, 1, &in, &err), 0, "%s", err.text);
                while (pipeline_step(g->pipeline, in, &err) > 0)
                        ;
                input_close(in);
        }
        cr_assert_geq(pipeline_idle(g->pipeline, &err), 0, "%s", err.text);
}

struct told {
        unsigned n;
        char sentence[200], why[200];
        uint64_t last_hour;
};

static int take_alert(void *userdata, const struct query_alert *a)
{
        struct told *t = userdata;

        cr_expect(str_eqz(a->rule_id, HEARD_RULE));
        t->n++;
        snprintf(t->sentence, sizeof t->sentence, STR_FMT, STR_ARG(a->sentence));
        snprintf(t->why, sizeof t->why, STR_FMT, STR_ARG(a->why));
        t->last_hour = (uint64_t)(a->last_seen / USEC_PER_HOUR) - START_HOUR;
        return 0;
}

/* The newest alert, and how many there are. */
static struct told told(const struct rig *g)
{
        struct told t = { 0 };
        struct query *q = NULL;

        cr_assert_eq(query_of(g->store, &q), 0);
        cr_assert_geq(query_alerts(q, &(struct query_filter){ .since = USEC_NONE, .until = USEC_NONE }, take_alert, &t), 0);
        query_close(q);
        return t;
}

/* Each day at nine, until day DAYS; then the usual pause is 23 hours, and 46 too many. Its lateness is an hour. */
static void live(struct rig *g)
{
        for (int day = 0; day < DAYS; day++)
                at(g, day * 24 + 10, day * 24 + 9);
}

enum { LAST = (DAYS - 1) * 24 + 9, TOO_LONG = LAST + 1 + 46 + 1 };

Test(hall_silence, told_once_and_over)
{
        struct rig g;
        struct told t;

        rig_open(&g, "");
        live(&g);
        cr_expect_eq(told(&g).n, 0, "%s", told(&g).sentence);
        cr_expect_eq(pipeline_due(g.pipeline), (START_HOUR + TOO_LONG) * USEC_PER_HOUR);
        at(&g, TOO_LONG - 1, -1);
        cr_expect_eq(told(&g).n, 0);
        at(&g, TOO_LONG, -1);
        t = told(&g);
        cr_expect_eq(t.n, 1);
        cr_expect_str_eq(t.sentence, "Nothing has come from s since 2025-12-24T02:00:00Z, for 47 hours");
        cr_expect_str_eq(t.why, "its longest usual pause is 23 hours, after 46 hours without a record it counts as silent");
        cr_expect_eq(pipeline_due(g.pipeline), USEC_NONE);
        at(&g, TOO_LONG + 100, -1);
        cr_expect_eq(told(&g).n, 1);
        pipeline_free(g.pipeline);
        pipeline_start(&g);
        at(&g, TOO_LONG + 200, -1);
        cr_expect_eq(told(&g).n, 1, "not again after a restart");
        at(&g, TOO_LONG + 201, TOO_LONG + 150);
        t = told(&g);
        cr_expect_eq(t.n, 1);
        cr_expect_eq(t.last_hour, TOO_LONG + 150);
        cr_expect_str_eq(t.sentence, "s was silent for 8 days from 2025-12-24T02:00:00Z on");
        at(&g, TOO_LONG + 201 + 100, -1);
        cr_expect_eq(told(&g).n, 2, "the next silence is another alert");
        rig_close(&g);
}

Test(hall_silence, who_was_off_waits)
{
        struct rig g;

        rig_open(&g, "");
        live(&g);
        pipeline_free(g.pipeline);
        pipeline_start(&g);
        at(&g, TOO_LONG + 50, -1);
        cr_expect_eq(told(&g).n, 0, "what was brought meanwhile may not be there yet");
        cr_expect_eq(pipeline_due(g.pipeline), (START_HOUR + TOO_LONG + 50 + 2) * USEC_PER_HOUR, "an hour, and its lateness");
        at(&g, TOO_LONG + 51, LAST + 24);
        at(&g, TOO_LONG + 51, LAST + 48);
        at(&g, TOO_LONG + 52, LAST + 72);
        cr_expect_eq(told(&g).n, 0);
        rig_close(&g);
}

Test(hall_silence, its_file_says_how_long)
{
        struct rig g;

        rig_open(&g, "silence: 4d\n");
        live(&g);
        at(&g, LAST + 1 + 4 * 24, -1);
        cr_expect_eq(told(&g).n, 0);
        at(&g, LAST + 1 + 4 * 24 + 1, -1);
        cr_expect_eq(told(&g).n, 1);
        rig_close(&g);
}
