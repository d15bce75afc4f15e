/* SPDX-License-Identifier: Apache-2.0 */

/* Clocks of cases become alerts and end by themselves, with a clock that is set and laws that are written here. */

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "monitor/cases/case.h"
#include "monitor/quiet/judge.h"
#include "monitor/reminders.h"
#include "monitor/store/quiet.h"

#define START (INT64_C(1763362800) * USEC_PER_SEC) /* Mon 17 Nov 2025 07:00 UTC */
#define HOURS(n) ((usec)(n) * USEC_PER_HOUR)
#define SOURCE "name: s\ntitle: S\nlogsource: {product: shop}\nformat: json\nrecognise: {has: [n]}\nfields: {'@timestamp': t, event.id: n}\n"
#define RULE "title: T\nlevel: low\nlogsource: {product: shop}\ndetection: {s: {n: never}, condition: s}\n"
#define LAW(id, hours) \
        "id: " id "\ntitle: Law " id "\nzone: Asia/Seoul\nlanguages: [ko]\nauthority: {name: PIPC}\nlaw: Act\nsources: [https://example.com]\n" \
        "checked_on: 2025-11-01\nconfidence: high\nduties:\n  - {id: authority, title: Report, to: authority, start: aware, within: " hours ", law: Art. 1}\n"

struct rig {
        char dir[64], sources[96], source[128], rule[96], laws[96];
        struct setup setup;
        struct regimes regimes;
        struct store *store;
        struct query *query;
        struct pipeline *pipeline;
        struct reminders *reminders;
        struct strbuf text;
};

static usec now;

static usec read_now(void *userdata)
{
        (void)userdata;
        return now;
}
static const struct clock settable = { .now = read_now };

static const struct regimes *regimes_of(void *userdata)
{
        return userdata;
}

static void put_file(const char *path, const char *text)
{
        FILE *f = fopen(path, "w");

        cr_assert(f);
        fputs(text, f);
        fclose(f);
}

static void put_law(struct rig *g, const char *id, const char *text)
{
        char path[160];

        snprintf(path, sizeof path, "%s/%s.yml", g->laws, id);
        put_file(path, text);
}

static void start_reminders(struct rig *g)
{
        struct err err = { 0 };

        g->reminders = reminders_free(g->reminders);
        cr_assert_eq(reminders_new(&(struct reminders_host){ g->pipeline, g->store, &settable, regimes_of, &g->regimes }, &g->reminders, &err), 0);
}

static void rig_open(struct rig *g)
{
        CLEANUP(err_list_done) struct err_list errors = ERR_LIST_INIT;
        struct pipeline_options o = { .clock = &settable, .keeps_state = true };
        const char *paths[] = { g->sources, g->rule }, *laws = g->laws;
        struct paths sources = { .items = &paths[0], .n = 1 }, rules = { .items = &paths[1], .n = 1 };
        struct err err = { 0 };

        *g = (struct rig){ 0 };
        now = START;
        snprintf(g->dir, sizeof g->dir, "/tmp/shopbell-reminders-XXXXXX");
        cr_assert(mkdtemp(g->dir));
        snprintf(g->sources, sizeof g->sources, "%s/sources", g->dir);
        snprintf(g->source, sizeof g->source, "%s/s.yml", g->sources);
        cr_assert_eq(mkdir(g->sources, 0700), 0);
        snprintf(g->rule, sizeof g->rule, "%s/rule.yaml", g->dir);
        snprintf(g->laws, sizeof g->laws, "%s/laws", g->dir);
        cr_assert_eq(mkdir(g->laws, 0700), 0);
        put_file(g->source, SOURCE);
        put_file(g->rule, RULE);
        put_law(g, "one", LAW("one", "72 hours"));
        put_law(g, "two", LAW("two", "24 hours"));
        cr_assert_eq(setup_load(&sources, &rules, NULL, &g->setup, NULL, NULL, &err), 0, "%s", err.text);
        cr_assert_eq(regimes_load(&laws, 1, &g->regimes, &errors), 0);
        cr_assert_eq(errors.n, 0, "%s", errors.n ? errors.items[0].text : "");
        cr_assert_eq(store_open(":memory:", &g->store, &err), 0, "%s", err.text);
        cr_assert_eq(query_of(g->store, &g->query), 0);
        o.setup = &g->setup;
        o.store = g->store;
        cr_assert_eq(pipeline_new(&o, &g->pipeline, &err), 0, "%s", err.text);
        cr_assert_eq(pipeline_restore(g->pipeline, &err), 0, "%s", err.text);
        start_reminders(g);
}

static void rig_close(struct rig *g)
{
        CLEANUP(strbuf_done) struct strbuf command = STRBUF_INIT;
        static const char *const files[] = { "laws/one.yml", "laws/two.yml", "laws", "sources/s.yml", "sources", "rule.yaml" };

        strbuf_done(&g->text);
        reminders_free(g->reminders);
        pipeline_free(g->pipeline);
        query_close(g->query);
        store_close(g->store);
        regimes_done(&g->regimes);
        setup_done(&g->setup);
        for (size_t i = 0; i < ARRAY_LEN(files); i++) {
                strbuf_clear(&command);
                strbuf_addf(&command, "%s/%s", g->dir, files[i]);
                (void)remove(command.p);
        }
        rmdir(g->dir);
}

/* What a person says of a case; 0 opens one. Returns its id. */
static int64_t say(struct rig *g, int64_t id, const char *kind, const char *key, const char *value)
{
        struct store_case_entry e = { .case_id = id, .at = now, .kind = str_of(kind), .key = str_of(key), .value = str_of(value), .status = STR(""),
                                      .evidence = STR(""), .because = STR(""), .by = STR("Mei"), .who = { 0, STR("mei") } };

        cr_assert_eq(store_begin(g->store), 0);
        cr_assert_eq(id == 0 ? store_case_open(g->store, &e, CASE_CLEAR) : store_case_put(g->store, &e, CASE_CLEAR), 0);
        cr_assert_eq(store_commit(g->store), 0);
        return e.case_id;
}

static void mark(struct rig *g, int64_t id, const char *key, usec at)
{
        char value[64];

        snprintf(value, sizeof value, "%lld Asia/Seoul", (long long)at);
        say(g, id, strchr(key, '/') ? "done" : "mark", key, value);
}

static void tend(struct rig *g, usec at)
{
        struct err err = { 0 };

        now = at;
        cr_assert_eq(reminders_tend(g->reminders, now, &err), 0, "%s", err.text);
}

static int add_line(void *userdata, const struct query_alert *a)
{
        struct rig *g = userdata;

        if (str_eqz(a->state, "open"))
                strbuf_addf(&g->text, "%s %s: " STR_FMT "\n", level_name(a->level), a->rang_at != USEC_NONE ? "rang" : "quiet", STR_ARG(a->sentence));
        return 0;
}

/* All that are open. */
static const char *open_alerts(struct rig *g)
{
        const struct query_filter all = { .since = USEC_NONE, .until = USEC_NONE, .with_merged = true };

        strbuf_clear(&g->text);
        strbuf_addz(&g->text, "");
        cr_assert_eq(query_alerts(g->query, &all, add_line, g), 0);
        return g->text.n ? g->text.p : "";
}

struct ends {
        struct rig *rig;
        size_t n_rows; /* of the history of alerts */
        struct strbuf text;
};

static int add_end(void *userdata, usec at, struct str what, struct str text)
{
        struct ends *e = userdata;

        (void)at;
        e->n_rows++;
        if (str_eqz(what, "withdrawn"))
                strbuf_addf(&e->text, STR_FMT "\n", STR_ARG(text));
        return 0;
}

static int add_ends(void *userdata, const struct query_alert *a)
{
        struct ends *e = userdata;

        return query_history(e->rig->query, &a->id, add_end, e);
}

/* Why those that are gone went, in the order in which they began. */
static char *ends_of(struct rig *g)
{
        const struct query_filter all = { .since = USEC_NONE, .until = USEC_NONE, .with_merged = true };
        struct ends e = { .rig = g, .text = STRBUF_INIT };

        strbuf_addz(&e.text, "");
        cr_assert_eq(query_alerts(g->query, &all, add_ends, &e), 0);
        return strbuf_take(&e.text);
}

static size_t rows_of_history(struct rig *g)
{
        const struct query_filter all = { .since = USEC_NONE, .until = USEC_NONE, .with_merged = true };
        struct ends e = { .rig = g, .text = STRBUF_INIT };

        cr_assert_eq(query_alerts(g->query, &all, add_ends, &e), 0);
        strbuf_done(&e.text);
        return e.n_rows;
}

#define expect_ends(g, expected) \
        do { \
                char *ends_ = ends_of(g); \
                cr_expect_str_eq(ends_ ? ends_ : "", expected); \
                free(ends_); \
        } while (0)

Test(hall_reminders, without_a_case_nothing_wakes)
{
        struct rig g;

        rig_open(&g);
        tend(&g, START);
        cr_expect_eq(reminders_due(g.reminders), USEC_NONE);
        cr_expect_str_eq(open_alerts(&g), "");
        rig_close(&g);
}

Test(hall_reminders, one_alert_a_case_which_ends_by_itself)
{
        struct rig g;
        int64_t id;

        rig_open(&g);
        tend(&g, START);
        id = say(&g, 0, "opened", "", "a key leaked");
        mark(&g, id, "aware", START);
        tend(&g, START); /* what was said is seen, though nothing was due */
        cr_expect_eq(reminders_due(g.reminders), START + HOURS(12));
        cr_expect_str_eq(open_alerts(&g), "");
        tend(&g, START + HOURS(12));
        cr_expect_str_eq(open_alerts(&g), "high rang: Case 1 (a key leaked): Report (two) is due Tue 18 Nov 2025 16:00 KST, half of its time has gone by; 1 more to do\n");
        tend(&g, START + HOURS(12) + 1);
        tend(&g, START + HOURS(18));
        cr_expect_str_eq(open_alerts(&g), "critical rang: Case 1 (a key leaked): Report (two) is due Tue 18 Nov 2025 16:00 KST, in 6 hours or less; 1 more to do\n");
        expect_ends(&g, "the next reminder takes its place\n");
        mark(&g, id, "two/authority", START + HOURS(19));
        tend(&g, START + HOURS(19));
        cr_expect_str_eq(open_alerts(&g), "");
        expect_ends(&g, "the next reminder takes its place\nit is done\n");
        cr_expect_eq(reminders_due(g.reminders), START + HOURS(36));
        tend(&g, START + HOURS(73));
        cr_expect_str_eq(open_alerts(&g), "critical rang: Case 1 (a key leaked): Report (one) was due Thu 20 Nov 2025 16:00 KST, and is not done\n");
        say(&g, id, "closed", "", "handled");
        tend(&g, START + HOURS(74));
        cr_expect_str_eq(open_alerts(&g), "");
        expect_ends(&g, "the next reminder takes its place\nit is done\nthe case is closed\n");
        cr_expect_eq(reminders_due(g.reminders), USEC_NONE);
        rig_close(&g);
}

Test(hall_reminders, a_mark_that_moves_takes_its_alert_away)
{
        struct rig g;
        int64_t id;

        rig_open(&g);
        id = say(&g, 0, "opened", "", "");
        mark(&g, id, "aware", START);
        tend(&g, START + HOURS(50));
        cr_expect_str_eq(open_alerts(&g), "critical rang: Case 1: Report (two) was due Tue 18 Nov 2025 16:00 KST, 1 day ago, and is not done; 1 more to do\n");
        mark(&g, id, "aware", START + HOURS(49));
        tend(&g, START + HOURS(50));
        cr_expect_str_eq(open_alerts(&g), "");
        expect_ends(&g, "a mark was moved, and its clock with it\n");
        cr_expect_eq(reminders_due(g.reminders), START + HOURS(61));
        rig_close(&g);
}

/* A restart finds what is there, and writes nothing. */
Test(hall_reminders, again_is_the_same)
{
        struct rig g;
        size_t n_rows;
        char *first;
        int64_t id;

        rig_open(&g);
        id = say(&g, 0, "opened", "", "");
        mark(&g, id, "aware", START);
        tend(&g, START + HOURS(13));
        first = str_dupz(str_of(open_alerts(&g)));
        n_rows = rows_of_history(&g);
        cr_expect_eq(n_rows, 2, "raised, rang");
        for (int i = 1; i <= 4; i++) {
                start_reminders(&g);
                tend(&g, START + HOURS(13 + i));
                cr_expect_str_eq(open_alerts(&g), first);
        }
        expect_ends(&g, "");
        tend(&g, START + HOURS(12)); /* the clock was set back: nothing is taken away */
        cr_expect_str_eq(open_alerts(&g), first);
        cr_expect_eq(rows_of_history(&g), n_rows);
        free(first);
        rig_close(&g);
}

/* What a person closed stays closed until the next step. */
Test(hall_reminders, an_answer_holds_until_the_next_step)
{
        struct rig g;
        int64_t id;

        rig_open(&g);
        id = say(&g, 0, "opened", "", "");
        mark(&g, id, "aware", START);
        say(&g, id, "regime", "one", "no");
        tend(&g, START + HOURS(12));
        cr_expect(str_find(str_of(open_alerts(&g)), STR("high rang: Case 1: Report (two)")) == 0, "%s", g.text.p);
        cr_expect(str_find(str_of(g.text.p), STR("more to do")) == SIZE_MAX);
        say(&g, id, "regime", "two", "no");
        tend(&g, START + HOURS(13));
        expect_ends(&g, "that law does not apply, as the case is now\n");
        say(&g, id, "regime", "two", "");
        tend(&g, START + HOURS(14));
        cr_expect(str_find(str_of(open_alerts(&g)), STR("Case 1: Report (two)")) != SIZE_MAX, "it is back");
        rig_close(&g);
}

Test(hall_reminders, what_status_is_told)
{
        CLEANUP(strbuf_done) struct strbuf out = STRBUF_INIT;
        struct rig g;
        int64_t id;

        rig_open(&g);
        id = say(&g, 0, "opened", "", "");
        mark(&g, id, "aware", START);
        tend(&g, START + HOURS(25));
        reminders_status(g.reminders, &out);
        cr_expect_str_eq(out.p, "cases_open 1\nclocks_running 2\nclocks_over 1\nnext_deadline 1763622000000000\n"
                                "next_duty case 1: Report (one) is due Thu 20 Nov 2025 16:00 KST\n");
        rig_close(&g);
}
