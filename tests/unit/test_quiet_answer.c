/* SPDX-License-Identifier: Apache-2.0 */

/* What people say of an alert: closed as what it was, reopened, noted; and what of it adds risk. */

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "monitor/quiet/order.h"

static const struct quiet_rules rules = { .are_known = true };

struct rig {
        struct store *s;
        struct quiet *q;
        usec now;
        char said[256]; /* what the last order was answered with */
};

static struct hash128 id_of(const char *name)
{
        struct str part = str_of(name);

        return hash128_of(&part, 1);
}

static void settle(struct rig *g)
{
        struct quiet_counts counts = { 0 };

        cr_assert_geq(quiet_judge(g->q, g->s, &rules, g->now, &counts), 0, "%s", store_error(g->s));
        cr_assert_eq(store_commit(g->s), 0);
        g->now++;
}

/* Raises an alert; one of several with the same record tells of the others. */
static void raise_alert(struct rig *g, const char *name, enum level level)
{
        struct evidence e = { .key = id_of("record"), .source = STR("aws"), .file = STR("f"), .id = STR("i"), .fields = STR("{}"), .raw = STR("") };
        struct alert_change c = {
                .kind = CHANGE_RAISE,
                .id = id_of(name),
                .rule_id = str_of(name),
                .rule_title = str_of(name),
                .level = level,
                .sentence = STR("s"),
                .why = STR(""),
                .playbook = STR(""),
                .person = STR("mia"),
                .source = STR("aws"),
                .records = &e.key,
                .n_records = 1,
                .count = 1,
        };

        cr_assert_eq(store_begin(g->s), 0);
        cr_assert_eq(store_put_evidence(g->s, &e), 0);
        cr_assert_geq(store_put_change(g->s, &c, g->now), 0, "%s", store_error(g->s));
        cr_assert_eq(quiet_note(g->q, &c.id), 0);
        settle(g);
}

static void rig_open(struct rig *g)
{
        struct err err = { 0 };

        *g = (struct rig){ .q = quiet_new(), .now = 1 };
        cr_assert(g->q);
        cr_assert_eq(store_open(":memory:", &g->s, &err), 0, "%s", err.text);
        raise_alert(g, "a", LEVEL_MEDIUM);
}

static void rig_close(struct rig *g)
{
        quiet_free(g->q);
        store_close(g->s);
}

/* 1: done; 0: refused. */
static int say(struct rig *g, const char *name, const char *what, const char *note)
{
        CLEANUP(strbuf_done) struct strbuf answer = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        struct who who = { 1000, STR("eva") };
        struct hash128 id = id_of(name);
        char hex[HASH128_HEX_BYTES];
        int r;

        hash128_hex(&id, hex);
        strbuf_addz(&text, "answer\n");
        order_add(&text, "alert", str_of(hex));
        order_add(&text, "what", str_of(what));
        order_add(&text, "note", str_of(note));
        cr_assert_eq(store_begin(g->s), 0);
        r = order_run(strbuf_str(&text), g->s, g->q, &who, g->now, &answer);
        cr_assert_geq(r, 0, "%s", store_error(g->s));
        settle(g);
        snprintf(g->said, sizeof g->said, "%s", answer.p ? answer.p : "");
        return r;
}

static int on_risk(void *userdata, const struct risk_alert *a)
{
        (void)a;
        ++*(size_t *)userdata;
        return 0;
}

static size_t risky(struct rig *g)
{
        size_t n = 0;

        cr_assert_eq(store_each_risk(g->s, STR("mia"), 0, on_risk, &n), 0);
        return n;
}

static bool is_answer(struct rig *g, const char *name, const char *answer, enum level level)
{
        struct arena *arena = arena_new();
        struct hash128 id = id_of(name);
        struct quiet_alert a = { 0 };
        bool is;

        cr_assert_eq(store_quiet_get(g->s, &id, arena, &a), 0);
        is = str_eqz(a.was.answer, answer) && a.level == level;
        arena_free(arena);
        return is;
}

static int on_listed(void *userdata, const struct query_alert *a)
{
        (void)a;
        ++*(size_t *)userdata;
        return 0;
}

/* How many alerts are shown to who asks what rings. */
static size_t listed(struct rig *g)
{
        struct query_filter f = { .since = USEC_NONE, .until = USEC_NONE };
        struct query *q;
        size_t n = 0;

        cr_assert_eq(query_of(g->s, &q), 0);
        cr_assert_eq(query_alerts(q, &f, on_listed, &n), 0);
        query_close(q);
        return n;
}

Test(quiet_answer, closed_as)
{
        static const struct {
                const char *what;
                size_t risky;
        } cases[] = { { "closed", 1 }, { "closed-true", 1 }, { "closed-false", 0 }, { "closed-benign", 0 }, { "me", 0 } };
        struct rig g;

        rig_open(&g);
        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                cr_assert_eq(say(&g, "a", cases[i].what, ""), 1, "%s", g.said);
                cr_expect(is_answer(&g, "a", cases[i].what, LEVEL_MEDIUM), "%s", cases[i].what);
                cr_expect_eq(risky(&g), cases[i].risky, "%s", cases[i].what);
                cr_expect_eq(listed(&g), 0);
                cr_expect_eq(say(&g, "a", cases[i].what, ""), 0, "not twice");
        }
        rig_close(&g);
}

Test(quiet_answer, reopened)
{
        struct rig g;

        rig_open(&g);
        cr_expect_eq(say(&g, "a", "reopened", ""), 0);
        cr_expect(strstr(g.said, "is not closed"), "%s", g.said);
        cr_expect_eq(say(&g, "a", "not-me", ""), 1);
        cr_expect_eq(say(&g, "a", "me", ""), 1);
        cr_expect_eq(say(&g, "a", "closed-benign", ""), 1);
        cr_expect_eq(say(&g, "a", "reopened", "it came again"), 1);
        cr_expect(is_answer(&g, "a", "not-me", LEVEL_HIGH), "what was said before it was closed counts again");
        cr_expect_eq(listed(&g), 1);
        cr_expect_eq(risky(&g), 1);
        cr_expect_eq(say(&g, "a", "reopened", ""), 0, "it is open");
        cr_expect_eq(say(&g, "a", "undo", ""), 1);
        cr_expect(is_answer(&g, "a", "closed-benign", LEVEL_MEDIUM));
        cr_expect_eq(listed(&g), 0);
        rig_close(&g);
}

/* What goes with an alert when it is closed comes back with it. */
Test(quiet_answer, those_it_tells_of)
{
        struct rig g;

        rig_open(&g);
        raise_alert(&g, "b", LEVEL_HIGH);
        cr_assert_eq(say(&g, "b", "closed-false", ""), 1);
        cr_expect(is_answer(&g, "a", "closed-false", LEVEL_MEDIUM));
        cr_assert_eq(say(&g, "b", "reopened", ""), 1);
        cr_expect(is_answer(&g, "a", "", LEVEL_MEDIUM) && is_answer(&g, "b", "", LEVEL_HIGH));
        cr_assert_eq(say(&g, "b", "undo", ""), 1);
        cr_expect(is_answer(&g, "a", "closed-false", LEVEL_MEDIUM));
        rig_close(&g);
}

static int find_note(void *userdata, usec at, struct str what, struct str text)
{
        (void)at;
        *(bool *)userdata |= str_eqz(what, "answered") && str_eqz(text, "note by eva: called Mia");
        return 0;
}

Test(quiet_answer, noted)
{
        struct hash128 id = id_of("a");
        bool is_noted = false;
        struct query *q;
        struct rig g;

        rig_open(&g);
        cr_expect_eq(say(&g, "a", "acknowledged", ""), 1);
        cr_expect_eq(say(&g, "a", "note", ""), 0);
        cr_expect(strstr(g.said, "needs a text"), "%s", g.said);
        cr_expect_eq(say(&g, "a", "note", "called Mia"), 1);
        cr_expect(is_answer(&g, "a", "acknowledged", LEVEL_MEDIUM), "it changes nothing");
        cr_assert_eq(query_of(g.s, &q), 0);
        cr_assert_eq(query_history(q, &id, find_note, &is_noted), 0);
        cr_expect(is_noted);
        query_close(q);
        cr_expect_eq(say(&g, "a", "undo", ""), 1);
        cr_expect(is_answer(&g, "a", "", LEVEL_MEDIUM), "undo passes notes over");
        cr_expect_eq(say(&g, "a", "shrugged", ""), 0);
        rig_close(&g);
}
