/* SPDX-License-Identifier: Apache-2.0 */

/* The daemon's side of telling people, with a clock that is set: when it wakes, and what it says of a notice that nobody can deliver. */

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "monitor/notices.h"
#include "monitor/quiet/judge.h"
#include "monitor/store/notice.h"
#include "monitor/store/query.h"

#define START (1000 * USEC_PER_DAY)
#define SOURCE "name: s\ntitle: S\nlogsource: {product: shop}\nformat: json\nrecognise: {has: [n]}\nfields: {'@timestamp': t, event.id: n}\n"
#define RULE "title: T\nlevel: low\nlogsource: {product: shop}\ndetection: {s: {n: never}, condition: s}\n"

struct rig {
        char dir[64], source[96], rule[96];
        struct setup setup;
        struct config config;
        struct store *store;
        struct pipeline *pipeline;
        struct notices *notices;
};

static usec now;

static usec read_now(void *userdata)
{
        (void)userdata;
        return now;
}
static const struct clock settable = { .now = read_now };

static void put_file(const char *path, const char *text)
{
        FILE *f = fopen(path, "w");

        cr_assert(f);
        fputs(text, f);
        fclose(f);
}

static void rig_open(struct rig *g, const char *channels)
{
        struct pipeline_options o = { .clock = &settable, .keeps_state = true };
        const char *paths[] = { g->dir, g->rule };
        struct paths sources = { .items = &paths[0], .n = 1 }, rules = { .items = &paths[1], .n = 1 };
        struct yaml_file *file = NULL;
        struct err err = { 0 };

        *g = (struct rig){ 0 };
        now = START;
        snprintf(g->dir, sizeof g->dir, "/tmp/shopbell-notices-XXXXXX");
        cr_assert(mkdtemp(g->dir));
        snprintf(g->source, sizeof g->source, "%s/s.yml", g->dir);
        snprintf(g->rule, sizeof g->rule, "%s/rule.yaml", g->dir); /* no .yml: no source */
        put_file(g->source, SOURCE);
        put_file(g->rule, RULE);
        cr_assert_eq(setup_load(&sources, &rules, NULL, &g->setup, NULL, NULL, &err), 0, "%s", err.text);
        cr_assert_eq(store_open(":memory:", &g->store, &err), 0, "%s", err.text);
        o.setup = &g->setup;
        o.store = g->store;
        cr_assert_eq(pipeline_new(&o, &g->pipeline, &err), 0, "%s", err.text);
        cr_assert_eq(pipeline_restore(g->pipeline, &err), 0, "%s", err.text);
        cr_assert_eq(yaml_parse(str_of(channels), "shopbell.yml", &file, &err), 0, "%s", err.text);
        cr_assert_eq(channels_read(file->docs[0], "shopbell.yml", &g->config.notices, &err), 0, "%s", err.text);
        yaml_file_free(file);
        cr_assert_eq(notices_new(&g->config, g->pipeline, g->store, &settable, &g->notices, &err), 0, "%s", err.text);
}

static void rig_close(struct rig *g)
{
        notices_free(g->notices);
        channels_done(&g->config.notices);
        pipeline_free(g->pipeline);
        store_close(g->store);
        setup_done(&g->setup);
        unlink(g->source);
        unlink(g->rule);
        rmdir(g->dir);
}

static int put_test(void *userdata, struct store *s, struct quiet *q, usec at)
{
        (void)q;
        (void)at;
        return store_notice_test(s, STR("owner"), *(const usec *)userdata);
}

static const char owner[] = "[{name: owner, mail: a@b, from: c@d, server: 'smtps://e'}]";

/* What becomes due while others are seen to is not slept through. */
Test(hall_notices, the_next_is_counted_from_when_tending_began)
{
        const usec at = START + USEC_PER_SEC;
        usec due = USEC_NONE;
        struct err err = { 0 };
        struct rig g;

        rig_open(&g, owner);
        cr_assert_eq(pipeline_run(g.pipeline, put_test, (void *)&at, &err), 0, "%s", err.text);
        cr_assert_eq(notices_tend(g.notices, START, &err), 0, "%s", err.text);
        now += USEC_PER_MINUTE; /* that took long */
        cr_assert_eq(notices_due(g.notices, START, &due), 0);
        cr_expect_eq(due, at);
        rig_close(&g);
}

/* ---- A notice that is too long for its sender ---- */

static int raise_one(void *userdata, struct store *s, struct quiet *q, usec at)
{
        struct alert_change c = { .kind = CHANGE_RAISE, .id = hash128_of(&STR("one"), 1), .rule_id = STR("r"), .rule_title = STR("R"), .level = LEVEL_HIGH,
                                  .sentence = STR("Somebody came in"), .why = STR("it came from afar"), .playbook = STR(""), .person = STR("mia"), .source = STR("s"),
                                  .first_seen = at, .last_seen = at, .count = 1 };
        int r = store_put_change(s, &c, at);

        (void)userdata;
        return r < 0 ? r : quiet_note(q, &c.id);
}

static int on_alert(void *userdata, const struct query_alert *a)
{
        if (str_eqz(a->rule_id, NOTICES_RULE))
                strbuf_addf(userdata, STR_FMT ": " STR_FMT, STR_ARG(a->sentence), STR_ARG(a->why));
        return 0;
}

/* The alert of what could not be delivered says why: it was not tried for three days. */
Test(hall_notices, what_is_too_long_is_not_said_to_have_been_tried)
{
        enum { ARGUMENTS = 30, EACH = 200 };
        CLEANUP(strbuf_done) struct strbuf channels = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf answer = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf said = STRBUF_INIT;
        const struct control_peer root = { .is_owner = true };
        struct query_filter f = { .since = USEC_NONE, .until = USEC_NONE };
        struct query *q = NULL;
        struct err err = { 0 };
        struct rig g;

        strbuf_addz(&channels, "[{name: page, command: [/bin/page");
        for (int i = 0; i < ARGUMENTS; i++) {
                strbuf_addz(&channels, ", '");
                for (int k = 0; k < EACH; k++)
                        strbuf_addz(&channels, "{why}");
                strbuf_addz(&channels, "'");
        }
        strbuf_addz(&channels, "]}]");
        rig_open(&g, channels.p);
        cr_assert_eq(pipeline_run(g.pipeline, raise_one, NULL, &err), 0, "%s", err.text);
        cr_assert_eq(notices_answer(g.notices, STR("notice-next\nchannel page\n"), &root, &answer, &err), 0, "%s", err.text);
        cr_expect_str_eq(answer.p, "again\n");
        cr_assert_eq(query_of(g.store, &q), 0);
        cr_assert_eq(query_alerts(q, &f, on_alert, &said), 0);
        cr_expect_str_eq(said.p, "A notice over page could not be delivered: it is too long to be handed to its sender: let the channel say less");
        query_close(q);
        rig_close(&g);
}
