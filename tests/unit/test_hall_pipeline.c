/* SPDX-License-Identifier: Apache-2.0 */

/* A daemon that is never idle: expired state goes while more waits to be read, live state does not, and an input that is far
 * behind keeps what its records need. */

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "monitor/pipeline.h"
#include "monitor/store/query.h"

enum { KEYS_MAX = 16000, START = 1772600000, LINE = 400 };

#define SOURCE                                                                                                             \
        "name: s\ntitle: S\nlogsource: {product: shop}\nformat: json\nrecognise: {has: [n]}\nlateness: 1m\n"                   \
        "fields: {'@timestamp': t, event.id: n, user.name: who}\n"
#define RULES                                                                                                              \
        "title: T\nname: t\nlevel: informational\nlogsource: {product: shop}\ndetection: {s: {n: '*'}, condition: s}\n---\n"   \
        "title: Five\nlevel: high\ncorrelation: {type: event_count, rules: [t], group-by: [user.name], timespan: 5m, "         \
        "condition: {gte: 5}}\n"

struct rig {
        char dir[64], source[96], rules[96], logs[2][96];
        struct setup setup;
        struct store *store;
        struct pipeline *pipeline;
        struct input *inputs[2];
        size_t n_inputs;
};

static usec now(void *userdata)
{
        (void)userdata;
        return (INT64_C(86400) * 400 + START) * USEC_PER_SEC;
}
static const struct clock fixed = { .now = now };

static FILE *create(char path[96], const char *dir, const char *name)
{
        FILE *f;

        snprintf(path, 96, "%s/%s", dir, name);
        f = fopen(path, "w");
        cr_assert(f);
        return f;
}

/* Padded, so that few lines are a batch. */
static void line(FILE *f, unsigned n, const char *who, int64_t t)
{
        fprintf(f, "{\"n\":\"%u\",\"t\":%lld,\"who\":\"%s\",\"pad\":\"%0*d\"}\n", n, (long long)(START + t), who, LINE, 0);
}

static void rig_open(struct rig *g)
{
        const char *paths[] = { g->dir, g->rules };
        struct paths sources = { .items = &paths[0], .n = 1 }, rules = { .items = &paths[1], .n = 1 };
        struct err err = { 0 };
        FILE *f;

        *g = (struct rig){ 0 };
        snprintf(g->dir, sizeof g->dir, "/tmp/shopbell-pipeline-XXXXXX");
        cr_assert(mkdtemp(g->dir));
        f = create(g->source, g->dir, "source.yml");
        fputs(SOURCE, f);
        fclose(f);
        f = create(g->rules, g->dir, "rules.yaml"); /* no .yml: no source */
        fputs(RULES, f);
        fclose(f);
        cr_assert_eq(setup_load(&sources, &rules, NULL, &g->setup, NULL, NULL, &err), 0, "%s", err.text);
        cr_assert_eq(store_open(":memory:", &g->store, &err), 0, "%s", err.text);
}

/* Every input has its step, then the turn is over, as in the loop of the daemon, until nothing is left. */
static void run(struct rig *g)
{
        struct pipeline_options o = { .setup = &g->setup,
                                      .store = g->store,
                                      .clock = &fixed,
                                      .keeps_state = true,
                                      .budget = { .keys_max = KEYS_MAX } };
        struct err err = { 0 };
        bool has_more = true;

        cr_assert_eq(pipeline_new(&o, &g->pipeline, &err), 0, "%s", err.text);
        for (size_t i = 0; i < g->n_inputs; i++) {
                struct input_options io = { .name = i ? "b" : "a" };
                const char *path = g->logs[i];

                cr_assert_eq(input_open_files(&io, &path, 1, &g->inputs[i], &err), 0, "%s", err.text);
        }
        while (has_more) {
                has_more = false;
                for (size_t i = 0; i < g->n_inputs; i++) {
                        int r = pipeline_step(g->pipeline, g->inputs[i], &err);

                        cr_assert_geq(r, 0, "%s", err.text);
                        has_more |= r > 0;
                }
                cr_assert_geq(pipeline_turn(g->pipeline, &err), 0, "%s", err.text);
        }
}

static uint64_t evicted(const struct rig *g)
{
        struct counters c;

        pipeline_counters(g->pipeline, &c);
        return c.n[COUNTER_WINDOW_KEYS_EVICTED];
}

static int count_alert(void *userdata, const struct query_alert *row)
{
        (void)row;
        ++*(unsigned *)userdata;
        return 0;
}

static unsigned alerts(const struct rig *g)
{
        struct query *q = NULL;
        unsigned n = 0;

        cr_assert_eq(query_of(g->store, &q), 0);
        cr_assert_geq(query_alerts(q, &(struct query_filter){ .since = USEC_NONE, .until = USEC_NONE }, count_alert, &n), 0);
        query_close(q);
        return n;
}

static void rig_close(struct rig *g)
{
        pipeline_free(g->pipeline);
        for (size_t i = 0; i < g->n_inputs; i++) {
                input_close(g->inputs[i]);
                unlink(g->logs[i]);
        }
        store_close(g->store);
        setup_done(&g->setup);
        unlink(g->rules);
        unlink(g->source);
        rmdir(g->dir);
}

/* Three times as many keys as fit, but few at a time; and one that hits now and then, all along. */
Test(hall_pipeline, expired_before_live)
{
        enum { RECORDS = 3 * KEYS_MAX };
        struct rig g;
        FILE *f;

        rig_open(&g);
        f = create(g.logs[g.n_inputs++], g.dir, "a.log");
        for (unsigned i = 0; i < RECORDS; i++) {
                char who[16];

                snprintf(who, sizeof who, "u%u", i);
                line(f, i, i % 600 == 599 ? "slow" : who, i / 10);
        }
        fclose(f);
        run(&g);
        cr_expect_eq(evicted(&g), 0, "%llu", (unsigned long long)evicted(&g));
        cr_expect_lt(pipeline_keys(g.pipeline), KEYS_MAX / 2);
        cr_expect_eq(alerts(&g), 1, "%u", alerts(&g));
        rig_close(&g);
}

/* One input is days ahead and crowds the memory; five hits of the other lie in five batches. */
Test(hall_pipeline, one_that_is_behind_keeps_its_state)
{
        enum { RECORDS = KEYS_MAX - 2000, BEHIND = 14000, AHEAD_S = 20 * 86400 };
        struct rig g;
        FILE *f;

        rig_open(&g);
        f = create(g.logs[g.n_inputs++], g.dir, "a.log");
        for (unsigned i = 0; i < RECORDS; i++) {
                char who[16];

                snprintf(who, sizeof who, "u%u", i);
                line(f, i, who, AHEAD_S + i);
        }
        fclose(f);
        f = create(g.logs[g.n_inputs++], g.dir, "b.log");
        for (unsigned i = 0; i < BEHIND; i++)
                line(f, 1000000 + i, i % (BEHIND / 5) == 0 ? "lea" : "", i / 60);
        fclose(f);
        run(&g);
        cr_expect_eq(alerts(&g), 1, "%u", alerts(&g));
        rig_close(&g);
}
