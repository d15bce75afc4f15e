/* SPDX-License-Identifier: Apache-2.0 */

/* Who rings: whatever the order in which alerts come and the transactions they come in. */

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "monitor/quiet/order.h"

#define HOUR USEC_PER_HOUR

static const struct quiet_edge edges[] = { { { "p", 1 }, { "c", 1 }, HOUR }, { { "g", 1 }, { "p", 1 }, HOUR },
                                          { { "n", 1 }, { "k", 1 }, HOUR } };
static const struct quiet_feature features[] = { { { "n", 1 }, { "[\"source.ip\",\"hour_of_week\"]", 28 } } };
static const struct quiet_rules rules = { .edges = edges,
                                          .n = ARRAY_LEN(edges),
                                          .features = features,
                                          .n_features = ARRAY_LEN(features),
                                          .taught_by = { "[\"n\"]", 5 },
                                          .are_known = true };

struct rig {
        struct store *s;
        struct quiet *q;
        struct quiet_counts counts;
        usec now;
};

static void rig_open(struct rig *g)
{
        struct err err = { 0 };

        *g = (struct rig){ .q = quiet_new(), .now = 1 };
        cr_assert(g->q);
        cr_assert_eq(store_open(":memory:", &g->s, &err), 0, "%s", err.text);
}

static void rig_close(struct rig *g)
{
        quiet_free(g->q);
        store_close(g->s);
}

static struct hash128 id_of(const char *name)
{
        struct str part = str_of(name);

        return hash128_of(&part, 1);
}

struct one {
        const char *name, *rule, *person;
        enum level level;
        usec first, last;
        const char *records; /* a letter each */
        uint64_t count; /* 0: as many as records */
};

/* Capitals come from another address, digits at another time. */
static struct hash128 record_of(struct rig *g, char letter)
{
        struct evidence e = {
                .key = id_of((const char[]){ 'R', letter, '\0' }),
                .time = letter <= '9' ? 12 * HOUR : 0,
                .source = STR("aws"),
                .file = STR("f"),
                .id = STR("i"),
                .fields = letter >= 'A' && letter <= 'Z' ? STR("{\"source.ip\":\"192.0.2.2\"}") : STR("{\"source.ip\":\"192.0.2.1\"}"),
                .raw = STR(""),
        };

        cr_assert_eq(store_put_evidence(g->s, &e), 0, "%s", store_error(g->s));
        return e.key;
}

static void put(struct rig *g, const struct one *o)
{
        struct hash128 records[16];
        struct alert_change c = {
                .kind = CHANGE_RAISE,
                .id = id_of(o->name),
                .rule_id = str_of(o->rule),
                .rule_title = str_of(o->rule),
                .level = o->level,
                .sentence = STR("s"),
                .why = STR(""),
                .playbook = STR(""),
                .person = str_of(o->person),
                .source = STR("aws"),
                .first_seen = o->first,
                .last_seen = o->last,
                .records = records,
        };

        for (; o->records[c.n_records]; c.n_records++)
                records[c.n_records] = record_of(g, o->records[c.n_records]);
        c.count = o->count ? o->count : c.n_records;
        cr_assert_geq(store_put_change(g->s, &c, g->now), 0, "%s", store_error(g->s));
        cr_assert_eq(quiet_note(g->q, &c.id), 0);
}

static void begin(struct rig *g)
{
        cr_assert_eq(store_begin(g->s), 0);
}

static void judge(struct rig *g)
{
        cr_assert_geq(quiet_judge(g->q, g->s, &rules, g->now, &g->counts), 0, "%s", store_error(g->s));
        cr_assert_eq(store_commit(g->s), 0);
        g->now++;
}

static struct quiet_state state_of(struct rig *g, const char *name)
{
        struct arena *arena = arena_new();
        struct hash128 id = id_of(name);
        struct quiet_alert a = { 0 };

        cr_assert_eq(store_quiet_get(g->s, &id, arena, &a), 0);
        arena_free(arena);
        return a.was;
}

static bool is_muted(struct rig *g, const char *name, enum mute how, const char *by)
{
        struct quiet_state state = state_of(g, name);
        struct hash128 id = id_of(by);

        return state.how == how && hash128_eq(&state.muted_by, &id);
}

static bool rings(struct rig *g, const char *name)
{
        return state_of(g, name).rang_at != USEC_NONE;
}

/* All in one transaction. */
static void put_all(struct rig *g, const struct one *all, size_t n)
{
        begin(g);
        for (size_t i = 0; i < n; i++)
                put(g, &all[i]);
        judge(g);
}
#define PUT(g, ...) \
        do { \
                const struct one all_[] = { __VA_ARGS__ }; \
                put_all(g, all_, ARRAY_LEN(all_)); \
        } while (0)

Test(quiet_judge, same_act)
{
        struct rig g;

        rig_open(&g);
        PUT(&g, { "a", "r1", "mia", LEVEL_MEDIUM, 0, 0, "x", 0 }, { "b", "r2", "mia", LEVEL_HIGH, 0, 0, "x", 0 },
            { "c", "r3", "mia", LEVEL_HIGH, 0, 0, "y", 0 }, { "d", "r1", "bo", LEVEL_LOW, 0, 0, "x", 0 },
            { "e", "r4", "mia", LEVEL_LOW, 0, 0, "x", 2 }, { "f", "r5", "mia", LEVEL_LOW, 0, 0, "xy", 0 },
            { "g", "r6", "", LEVEL_LOW, 0, 0, "x", 0 });
        cr_expect(is_muted(&g, "a", MUTE_SAME, "b"));
        cr_expect(rings(&g, "b") && !rings(&g, "a"));
        cr_expect(rings(&g, "c"), "another record");
        cr_expect(rings(&g, "d"), "another person");
        cr_expect(rings(&g, "e"), "not all of its records are known");
        cr_expect(rings(&g, "f"), "one of its records is not b's");
        cr_expect(rings(&g, "g"), "nobody's are not compared");
        cr_expect_eq(g.counts.muted, 1);
        rig_close(&g);
}

Test(quiet_judge, the_one_that_grows_keeps_the_other_quiet)
{
        struct rig g;

        rig_open(&g);
        PUT(&g, { "a", "r1", "mia", LEVEL_MEDIUM, 0, 0, "x", 0 }, { "b", "r2", "mia", LEVEL_HIGH, 0, 0, "x", 0 });
        PUT(&g, { "b", "r2", "mia", LEVEL_HIGH, 0, HOUR, "xy", 0 });
        cr_expect(is_muted(&g, "a", MUTE_SAME, "b"));
        PUT(&g, { "a", "r1", "mia", LEVEL_MEDIUM, 0, HOUR, "xz", 0 });
        cr_expect(rings(&g, "a"), "it says something of its own now");
        rig_close(&g);
}

Test(quiet_judge, inhibited)
{
        struct rig g;

        rig_open(&g);
        PUT(&g, { "p", "p", "mia", LEVEL_HIGH, 2 * HOUR, 3 * HOUR, "x", 0 }, { "c1", "c", "mia", LEVEL_HIGH, HOUR, HOUR, "1", 0 },
            { "c2", "c", "mia", LEVEL_LOW, HOUR - 1, HOUR - 1, "2", 0 }, { "c3", "c", "mia", LEVEL_CRITICAL, 2 * HOUR, 2 * HOUR, "3", 0 },
            { "c4", "c", "bo", LEVEL_LOW, 2 * HOUR, 2 * HOUR, "4", 0 }, { "c5", "c", "mia", LEVEL_LOW, 4 * HOUR, 9 * HOUR, "5", 0 });
        cr_expect(is_muted(&g, "c1", MUTE_INHIBITED, "p"));
        cr_expect(rings(&g, "c2"), "too early");
        cr_expect(rings(&g, "c3"), "higher than what inhibits it");
        cr_expect(rings(&g, "c4"), "another person");
        cr_expect(is_muted(&g, "c5", MUTE_INHIBITED, "p"), "an hour behind its last");
        rig_close(&g);
}

Test(quiet_judge, what_rang_stays_and_is_linked)
{
        struct rig g;

        rig_open(&g);
        PUT(&g, { "c", "c", "mia", LEVEL_LOW, 0, 0, "1", 0 });
        cr_expect(rings(&g, "c"));
        PUT(&g, { "p", "p", "mia", LEVEL_HIGH, 0, 0, "2", 0 });
        cr_expect(rings(&g, "c") && is_muted(&g, "c", MUTE_INHIBITED, "p"));
        cr_expect_eq(g.counts.muted, 0);
        rig_close(&g);
}

Test(quiet_judge, whoever_mutes_may_go)
{
        struct rig g;
        struct alert_change gone = { .kind = CHANGE_WITHDRAW, .id = id_of("p") };

        rig_open(&g);
        PUT(&g, { "c", "c", "mia", LEVEL_LOW, 0, 0, "1", 0 }, { "p", "p", "mia", LEVEL_HIGH, 0, 0, "2", 0 });
        cr_expect(!rings(&g, "c"));
        begin(&g);
        cr_assert_geq(store_put_change(g.s, &gone, g.now), 0);
        cr_assert_eq(quiet_note(g.q, &gone.id), 0);
        judge(&g);
        cr_expect(rings(&g, "c"), "late, but it rings");
        rig_close(&g);
}

static int order(struct rig *g, const char *text, char *ret, size_t n)
{
        CLEANUP(strbuf_done) struct strbuf answer = STRBUF_INIT;
        struct who who = { 1000, STR("eva") };
        int r;

        begin(g);
        r = order_run(str_of(text), g->s, g->q, &who, g->now, &answer);
        cr_assert_geq(r, 0, "%s", store_error(g->s));
        judge(g);
        if (ret)
                snprintf(ret, n, "%s", answer.p ? answer.p : "");
        return r;
}

Test(quiet_judge, a_silenced_one_mutes_nobody)
{
        struct rig g;

        rig_open(&g);
        cr_assert_eq(order(&g, "silence-add\nrule P\nreason r\nfor 100\n", NULL, 0), 1);
        PUT(&g, { "c", "c", "mia", LEVEL_LOW, 0, 0, "1", 0 }, { "p", "p", "mia", LEVEL_HIGH, 0, 0, "2", 0 });
        cr_expect(rings(&g, "c") && !rings(&g, "p"));
        cr_expect_eq(state_of(&g, "p").silence, 1);
        cr_expect_eq(g.counts.silenced, 1);
        g.now = 101; /* set at 1 */
        PUT(&g, { "p", "p", "mia", LEVEL_HIGH, 0, 1, "2", 2 });
        cr_expect(rings(&g, "p"), "it is over");
        rig_close(&g);
}

Test(quiet_judge, silences_fit)
{
        static const struct {
                const char *order;
                bool fits;
        } cases[] = {
                { "silence-add\nwho MIA\nreason r\nfor 9\n", true },
                { "silence-add\nwho mi\nreason r\nfor 9\n", false },
                { "silence-add\nsource aws\nreason r\nfor 9\n", true },
                { "silence-add\nsource aw\nreason r\nfor 9\n", false },
                { "silence-add\nlevel medium\nreason r\nfor 9\n", true },
                { "silence-add\nlevel low\nreason r\nfor 9\n", false },
                { "silence-add\nrule r1\nwho bo\nreason r\nfor 9\n", false },
                { "silence-add\nrule r1\nwho mia\nreason r\nfor 1\n", false }, /* over when the alert comes */
        };

        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                struct rig g;

                rig_open(&g);
                cr_assert_eq(order(&g, cases[i].order, NULL, 0), 1);
                PUT(&g, { "a", "r1", "mia", LEVEL_MEDIUM, 0, 0, "x", 0 });
                cr_expect_eq(rings(&g, "a"), !cases[i].fits, "%s", cases[i].order);
                rig_close(&g);
        }
}

static int count_alert(void *userdata, const struct query_alert *a)
{
        *(size_t *)userdata += str_eqz(a->person, "mïa");
        return 0;
}

/* One person throughout: that of most records, though another one's came last. */
Test(quiet_judge, whom_an_alert_is_about)
{
        struct query_filter f = { .since = USEC_NONE, .until = USEC_NONE, .who = STR("MÏA"), .with_merged = true };
        struct hash128 a = id_of("a"), b = id_of("b");
        struct query *q = NULL;
        struct rig g;
        size_t n = 0;

        rig_open(&g);
        cr_assert_eq(order(&g, "silence-add\nwho MÏA\nreason r\nfor 9\n", NULL, 0), 1);
        begin(&g);
        put(&g, &(struct one){ "a", "r1", "bob", LEVEL_MEDIUM, 0, 0, "x", 0 });
        put(&g, &(struct one){ "b", "r1", "mïa", LEVEL_MEDIUM, 0, 0, "y", 0 });
        cr_assert_eq(store_put_involved(g.s, &a, INVOLVED_PERSON, STR("mïa"), 9), 0);
        cr_assert_eq(store_put_involved(g.s, &b, INVOLVED_PERSON, STR("bob"), 9), 0);
        judge(&g);
        cr_expect_eq(state_of(&g, "a").silence, 1);
        cr_expect(rings(&g, "b"), "hers is not the most of it");
        cr_assert_eq(query_of(g.s, &q), 0);
        cr_assert_eq(query_alerts(q, &f, count_alert, &n), 0, "%s", query_error(q));
        cr_expect_eq(n, 1);
        query_close(q);
        rig_close(&g);
}

Test(quiet_judge, orders_are_refused)
{
        static const struct {
                const char *order, *why;
        } cases[] = {
                { "silence-add\nrule r\nfor 9\n", "needs a reason" },
                { "silence-add\nrule r\nreason  \nfor 9\n", "needs a reason" },
                { "silence-add\nreason r\nfor 9\n", "everything" },
                { "silence-add\nrule r\nreason r\n", "until when" },
                { "silence-add\nrule r\nreason r\nfor 9\nuntil 9\n", "do not go together" },
                { "silence-add\nrule r\nreason r\nuntil 1\n", "gone by" },
                { "silence-add\nrule r\nreason r\nfor 99999999999999999\n", "366 days" },
                { "silence-add\nrule r\nreason r\nuntil 99999999999999999\n", "366 days" },
                { "silence-add\nrule r\nlevel loud\nreason r\nfor 9\n", "no level" },
                { "silence-end\nid 3\n", "no silence 3" },
                { "silence-end\nid x\n", "a number" },
                { "answer\nalert abc\nwhat me\n", "no alert" },
                { "answer\nalert ffffffff\nwhat me\n", "no alert" },
                { "sing\n", "no such order" },
        };
        char answer[256];
        struct rig g;

        rig_open(&g);
        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                cr_expect_eq(order(&g, cases[i].order, answer, sizeof answer), 0, "%s", cases[i].order);
                cr_expect(strstr(answer, cases[i].why), "%s: %s", cases[i].order, answer);
        }
        rig_close(&g);
}

static int answer(struct rig *g, const char *name, const char *what)
{
        struct hash128 id = id_of(name);
        char hex[HASH128_HEX_BYTES], text[128];

        hash128_hex(&id, hex);
        snprintf(text, sizeof text, "answer\nalert %s\nwhat %s\n", hex, what);
        return order(g, text, NULL, 0);
}

static bool is_answered(struct rig *g, const char *name, const char *what)
{
        struct arena *arena = arena_new();
        struct hash128 id = id_of(name);
        struct quiet_alert a = { 0 };
        bool is_so;

        cr_assert_eq(store_quiet_get(g->s, &id, arena, &a), 0);
        is_so = str_eqz(a.was.answer, what);
        arena_free(arena);
        return is_so;
}

Test(quiet_judge, answers)
{
        struct rig g;

        rig_open(&g);
        PUT(&g, { "c", "c", "mia", LEVEL_LOW, 0, 0, "1", 0 }, { "p", "p", "mia", LEVEL_MEDIUM, 0, 0, "2", 0 });
        cr_expect_eq(answer(&g, "p", "me"), 1);
        cr_expect_eq(answer(&g, "p", "me"), 0, "once");
        cr_expect(!rings(&g, "c"), "closed with the one that tells of it");
        cr_expect(is_answered(&g, "c", "me"));
        PUT(&g, { "c2", "c", "mia", LEVEL_LOW, 0, 1, "3", 0 });
        cr_expect(rings(&g, "c2"), "what comes after that rings");
        cr_expect_eq(answer(&g, "p", "undo"), 1);
        cr_expect_eq(answer(&g, "p", "undo"), 0, "there is nothing more");
        cr_expect(is_answered(&g, "c", ""), "it goes as it came");
        cr_expect(is_muted(&g, "c", MUTE_INHIBITED, "p"));
        cr_expect_eq(answer(&g, "c", "not-me"), 1);
        cr_expect_eq(state_of(&g, "c").how, MUTE_NOT);
        cr_expect_eq(state_of(&g, "c").level, LEVEL_HIGH);
        cr_expect_eq(answer(&g, "c", "undo"), 1);
        cr_expect_eq(state_of(&g, "c").level, LEVEL_INFORMATIONAL);
        rig_close(&g);
}

Test(quiet_judge, undo_takes_back_what_came_along)
{
        struct rig g;

        rig_open(&g);
        PUT(&g, { "c", "c", "mia", LEVEL_LOW, 0, 0, "1", 0 }, { "p", "p", "mia", LEVEL_MEDIUM, 0, 0, "2", 0 });
        cr_expect_eq(answer(&g, "p", "acknowledged"), 1);
        cr_expect_eq(answer(&g, "p", "me"), 1);
        cr_expect_eq(answer(&g, "p", "not-me"), 1);
        cr_expect_eq(answer(&g, "p", "undo"), 1);
        cr_expect(is_answered(&g, "c", "me"), "not-me did not come along");
        cr_expect_eq(answer(&g, "p", "undo"), 1);
        cr_expect(is_answered(&g, "c", "acknowledged"));
        cr_expect_eq(answer(&g, "c", "closed"), 1);
        cr_expect_eq(answer(&g, "p", "undo"), 1);
        cr_expect(is_answered(&g, "c", "closed"), "somebody has said something else since");
        rig_close(&g);
}

Test(quiet_judge, what_is_known_keeps_its_own_answer)
{
        struct rig g;

        rig_open(&g);
        PUT(&g, { "a", "n", "mia", LEVEL_HIGH, 0, 0, "x", 0 });
        cr_expect_eq(answer(&g, "a", "me"), 1);
        PUT(&g, { "b", "n", "mia", LEVEL_HIGH, 9, 9, "y", 0 });
        cr_expect(is_muted(&g, "b", MUTE_KNOWN, "a"));
        cr_expect_eq(answer(&g, "b", "acknowledged"), 1);
        cr_expect_eq(answer(&g, "a", "closed"), 1);
        cr_expect(is_answered(&g, "b", "acknowledged"), "it is not told by that one");
        cr_expect_eq(answer(&g, "a", "undo"), 1);
        cr_expect_eq(answer(&g, "a", "undo"), 1);
        cr_expect(is_answered(&g, "b", "acknowledged"));
        rig_close(&g);
}

Test(quiet_judge, me_teaches)
{
        struct rig g;

        rig_open(&g);
        PUT(&g, { "a", "n", "mia", LEVEL_HIGH, 0, 0, "x", 0 });
        cr_expect_eq(answer(&g, "a", "me"), 1);
        PUT(&g, { "b", "n", "mia", LEVEL_HIGH, 9, 9, "y", 0 }, { "c", "n", "mia", LEVEL_HIGH, 9, 9, "Y", 0 },
            { "d", "n", "mia", LEVEL_HIGH, 9, 9, "1", 0 }, { "e", "n", "bo", LEVEL_HIGH, 9, 9, "y", 0 },
            { "f", "m", "mia", LEVEL_LOW, 9, 9, "y", 0 }, { "g", "n", "mia", LEVEL_HIGH, 9, 9, "yY", 0 });
        cr_expect(is_muted(&g, "b", MUTE_KNOWN, "a") && !rings(&g, "b"));
        cr_expect(rings(&g, "c") || is_muted(&g, "c", MUTE_SAME, "g"), "another address");
        cr_expect(rings(&g, "d"), "another time");
        cr_expect(rings(&g, "e"), "another person");
        cr_expect(is_muted(&g, "f", MUTE_SAME, "g"), "what is known does not lead");
        cr_expect(rings(&g, "g"), "one of its records is not known");
        cr_expect_eq(answer(&g, "a", "undo"), 1);
        cr_expect(rings(&g, "b") || is_muted(&g, "b", MUTE_SAME, "g"), "taken back");
        rig_close(&g);
}

Test(quiet_judge, whoever_mutes_may_become_known)
{
        struct rig g;

        rig_open(&g);
        PUT(&g, { "a", "n", "mia", LEVEL_HIGH, 0, 0, "x", 0 }, { "b", "n", "mia", LEVEL_HIGH, 9 * HOUR, 9 * HOUR, "y", 0 },
            { "k", "k", "mia", LEVEL_LOW, 9 * HOUR, 9 * HOUR, "z", 0 }, { "s", "r1", "mia", LEVEL_LOW, 9 * HOUR, 9 * HOUR, "y", 0 });
        cr_expect(is_muted(&g, "k", MUTE_INHIBITED, "b"));
        cr_expect(is_muted(&g, "s", MUTE_SAME, "b"));
        cr_expect_eq(answer(&g, "a", "me"), 1);
        cr_expect(is_muted(&g, "b", MUTE_KNOWN, "a"));
        cr_expect(rings(&g, "k") && state_of(&g, "k").how == MUTE_NOT, "nobody else tells of it");
        cr_expect(rings(&g, "s") && state_of(&g, "s").how == MUTE_NOT);
        cr_expect_eq(answer(&g, "a", "undo"), 1);
        cr_expect(is_muted(&g, "k", MUTE_INHIBITED, "b"));
        cr_expect(is_muted(&g, "s", MUTE_SAME, "b"));
        rig_close(&g);
}

Test(quiet_judge, whoever_mutes_may_be_closed)
{
        struct rig g;

        rig_open(&g);
        PUT(&g, { "p", "p", "mia", LEVEL_HIGH, 0, 0, "x", 0 }, { "c", "c", "mia", LEVEL_LOW, 0, 0, "y", 0 });
        cr_expect_eq(answer(&g, "p", "closed"), 1);
        cr_expect(is_answered(&g, "c", "closed") && !rings(&g, "c"));
        cr_expect_eq(answer(&g, "c", "undo"), 1);
        cr_expect(rings(&g, "c") && state_of(&g, "c").how == MUTE_NOT, "what is closed tells of nothing");
        rig_close(&g);
}

/* The second of two answers that it takes: not the one that it is noted by. */
Test(quiet_judge, known_by_two)
{
        struct rig g;

        rig_open(&g);
        PUT(&g, { "a", "n", "mia", LEVEL_HIGH, 0, 0, "x", 0 }, { "b", "n", "mia", LEVEL_HIGH, 1, 1, "X", 0 });
        cr_expect_eq(answer(&g, "a", "me"), 1);
        cr_expect_eq(answer(&g, "b", "me"), 1);
        PUT(&g, { "c", "n", "mia", LEVEL_HIGH, 9, 9, "yY", 0 });
        cr_expect(is_muted(&g, "c", MUTE_KNOWN, "a"));
        cr_expect_eq(answer(&g, "b", "undo"), 1);
        cr_expect(rings(&g, "c"), "half of it is known");
        cr_expect_eq(answer(&g, "b", "me"), 1);
        cr_expect(is_muted(&g, "c", MUTE_KNOWN, "a"));
        PUT(&g, { "b", "n", "bo", LEVEL_HIGH, 1, 2, "X", 0 });
        cr_expect_eq(state_of(&g, "c").how, MUTE_NOT, "it is somebody else's now");
        rig_close(&g);
}

/* ---- Any order ---- */

enum { ALERTS = 24, ROUNDS = 60 };

static void make_alerts(struct one *all, char (*texts)[ALERTS][8])
{
        static const char *const names[] = { "p", "c", "g", "r1", "r2" };
        static const char *const who[] = { "mia", "bo" };

        for (size_t i = 0; i < ALERTS; i++) {
                size_t n = 1 + (size_t)rand() % 3;

                snprintf(texts[0][i], 8, "a%zu", i);
                for (size_t k = 0; k < n; k++)
                        texts[1][i][k] = (char)('a' + rand() % 4);
                texts[1][i][n] = '\0';
                all[i] = (struct one){ texts[0][i], names[rand() % 5], who[rand() % 2], (enum level)(1 + rand() % 4),
                                       (rand() % 40) * HOUR / 4, 0, texts[1][i], 0 };
                all[i].last = all[i].first + (rand() % 4) * HOUR / 4;
        }
}

static void describe(struct rig *g, const struct one *all, struct strbuf *out)
{
        for (size_t i = 0; i < ALERTS; i++) {
                struct quiet_state state = state_of(g, all[i].name);
                char hex[HASH128_HEX_BYTES];

                hash128_hex(&state.muted_by, hex);
                strbuf_addf(out, "%s %s %.8s\n", all[i].name, mute_name(state.how), hex);
        }
}

static int on_risk(void *userdata, const struct hash128 *id, usec first, usec last, uint64_t count, struct str why)
{
        (void)id; /* of one's birth, which comes at another time */
        strbuf_addf(userdata, "%lld %lld %llu " STR_FMT "\n", (long long)first, (long long)last, (unsigned long long)count, STR_ARG(why));
        return 0;
}

Test(quiet_judge, any_order, .timeout = 120)
{
        for (unsigned round = 0; round < ROUNDS; round++) {
                CLEANUP(strbuf_done) struct strbuf want = STRBUF_INIT;
                CLEANUP(strbuf_done) struct strbuf got = STRBUF_INIT;
                char texts[2][ALERTS][8];
                struct one all[ALERTS], mixed[ALERTS];
                struct rig a, b;

                srand(round);
                make_alerts(all, texts);
                memcpy(mixed, all, sizeof all);
                for (size_t i = ALERTS; i-- > 1;) {
                        size_t k = (size_t)rand() % (i + 1);
                        struct one t = mixed[i];

                        mixed[i] = mixed[k];
                        mixed[k] = t;
                }
                rig_open(&a);
                put_all(&a, all, ALERTS);
                rig_open(&b);
                for (size_t i = 0; i < ALERTS;) {
                        size_t n = 1 + (size_t)rand() % 4;

                        n = n < ALERTS - i ? n : ALERTS - i;
                        put_all(&b, mixed + i, n);
                        i += n;
                }
                describe(&a, all, &want);
                describe(&b, all, &got);
                cr_assert_geq(store_each_risk_alert(a.s, STR("mia"), INT64_MIN, on_risk, &want), 0);
                cr_assert_geq(store_each_risk_alert(b.s, STR("mia"), INT64_MIN, on_risk, &got), 0);
                cr_expect_str_eq(got.p, want.p, "round %u", round);
                rig_close(&a);
                rig_close(&b);
        }
}

/* Over two years and a half: most of what is stored is not read again. */
static void make_signs(struct one *all, char (*names)[8])
{
        static const char *const rules_of[] = { "r1", "r2", "r3", "r4" };
        static const char *const records[] = { "a", "b", "c", "d", "e", "f" };
        usec step = (1 + rand() % 60) * USEC_PER_DAY;

        for (size_t i = 0; i < ALERTS; i++) {
                usec at = (usec)(i / 3) * step + (rand() % 48) * HOUR;

                snprintf(names[i], 8, "a%zu", i);
                all[i] = (struct one){ names[i], rules_of[rand() % 4], "mia", (enum level)(2 + rand() % 3), at, at, records[rand() % 6], 9 };
        }
}

Test(quiet_judge, risk_in_any_order, .timeout = 120)
{
        for (unsigned round = 130; round < 160; round++) {
                CLEANUP(strbuf_done) struct strbuf want = STRBUF_INIT;
                CLEANUP(strbuf_done) struct strbuf got = STRBUF_INIT;
                char names[ALERTS][8];
                struct one all[ALERTS];
                struct rig a, b;

                srand(round);
                make_signs(all, names);
                rig_open(&a);
                put_all(&a, all, ALERTS);
                rig_open(&b);
                for (size_t n = 0; n < 3 * ALERTS; n++) { /* they were shorter, lower and somebody else's, and grew */
                        size_t i = n < 2 * ALERTS ? (size_t)rand() % ALERTS : n % ALERTS;
                        struct one one = all[i];

                        if (n < 2 * ALERTS) {
                                one.last -= (rand() % 90) * USEC_PER_DAY;
                                one.first = one.last;
                                one.level = (enum level)(rand() % 5);
                                one.person = rand() % 5 ? one.person : "bo";
                        }
                        put_all(&b, &one, 1);
                }
                cr_assert_geq(store_each_risk_alert(a.s, STR("mia"), INT64_MIN, on_risk, &want), 0);
                cr_assert_geq(store_each_risk_alert(b.s, STR("mia"), INT64_MIN, on_risk, &got), 0);
                strbuf_addz(&want, ""), strbuf_addz(&got, "");
                cr_expect_str_eq(got.p, want.p, "round %u", round);
                rig_close(&a);
                rig_close(&b);
        }
}
