/* SPDX-License-Identifier: Apache-2.0 */

/* shopbell rules test: the tests inside rules. A record that must hit or must not is parsed and matched as the daemon does
 * it; records that must raise go through an engine of their own.
 *
 * The rules are immutable and shared; each thread has a worker and a batch of its own and takes the next rule that nobody
 * has. Results have their places beforehand, so the report does not depend on who was faster. */

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor/base/log.h"
#include "monitor/batch.h"
#include "monitor/cli/cli.h"
#include "monitor/cli/replay.h"
#include "monitor/cli/rules_complete.h"
#include "monitor/cli/rules_report.h"
#include "monitor/detect/engine.h"

enum { TEST_THREADS_MAX = 64 };

/* What all threads share. */
struct bench {
        struct setup setup;
        struct test_results results;
        size_t *first; /* [rule]: place of its first result */
        struct shown *shown; /* [rule] */
        bool is_strict; /* a rule whose tests are not complete fails: a result more for each */
        atomic_size_t next; /* rule that nobody has taken yet */
};

/* One thread. */
struct tester {
        struct bench *bench;
        struct worker worker;
        struct batch batch;
        pthread_t id;
        bool is_started;
};

/* Of a source of polled lists a record is what a comparison writes: change, entry, old. */
static int add_raw(struct batch *b, const struct yaml *record, const struct source *source)
{
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        struct raw *items = reallocarray(b->raws.items, b->raws.n + 1, sizeof *items);
        char *bytes;

        if (!items)
                return -ENOMEM;
        b->raws.items = items;
        if (yaml_is_scalar(record))
                strbuf_add(&text, record->text);
        else
                yaml_to_json(record, &text);
        bytes = arena_alloc(b->arena, text.n + RAW_PADDING);
        if (!bytes || strbuf_failed(&text))
                return -ENOMEM;
        memcpy(bytes, text.p ? text.p : "", text.n);
        items[b->raws.n++] = (struct raw){
                .bytes = str_from(bytes, text.n),
                .file = "(test)",
                .source = source ? source_name(source) : NULL,
                .is_change = source && source_is_list(source),
                .reference = USEC_NONE,
        };
        return 0;
}

static int load_records(struct tester *t, const struct sigma_test *test)
{
        CLEANUP(strbuf_done) struct strbuf name = STRBUF_INIT;
        const struct source *source = NULL;

        batch_clear(&t->batch);
        if (test->source.n > 0 && !(source = sourceset_find(t->bench->setup.sources, test->source)))
                return -ENOENT;
        for (size_t i = 0; i < test->n_records; i++) {
                int r = add_raw(&t->batch, test->records[i], source);

                if (r < 0)
                        return r;
        }
        batch_work(&t->batch, &t->worker);
        return t->batch.error;
}

static bool has_hit(const struct batch_record *br, size_t rule)
{
        for (uint32_t i = 0; i < br->n_hits; i++)
                if (br->hits[i] == rule)
                        return true;
        return false;
}

/* ---- Raising ---- */

struct raised {
        struct str label;
        int64_t n;
};

static int keep_nothing(void *userdata, const struct record *record)
{
        (void)userdata;
        (void)record;
        return 0;
}

static int count_change(void *userdata, const struct alert_change *c)
{
        struct raised *raised = userdata;

        if (str_eq(c->rule_id, raised->label))
                raised->n += c->kind == CHANGE_RAISE ? 1 : c->kind == CHANGE_MERGE || c->kind == CHANGE_WITHDRAW ? -1 : 0;
        return 0;
}

static int count_alerts(struct tester *t, struct str label, int64_t *ret)
{
        CLEANUP(engine_freep) struct engine *e = engine_new(t->bench->setup.rules, &(struct engine_options){ 0 });
        struct raised raised = { .label = label };
        struct engine_sink sink = { .evidence = keep_nothing, .change = count_change, .userdata = &raised };
        int r = e ? 0 : -ENOMEM;

        for (size_t i = 0; i < t->batch.n_records && r >= 0; i++) {
                const struct batch_record *br = &t->batch.records[i];

                r = engine_take(e, br->record, br->hits, br->n_hits, br->record->time, &sink);
        }
        if (r >= 0)
                r = engine_finish(e, &sink);
        *ret = raised.n;
        return r;
}

/* ---- One test ---- */

static bool run_test(struct tester *t, size_t rule, const struct sigma_test *test, struct strbuf *why)
{
        const struct sigma_rule *r = ruleset_rule(t->bench->setup.rules, rule);
        size_t hits = 0;
        int64_t alerts = 0;

        if (load_records(t, test) < 0) {
                strbuf_addf(why, "the log source " STR_FMT " is not known", STR_ARG(test->source));
                return false;
        }
        if (t->batch.n_rejects > 0 || t->batch.n_records < test->n_records) {
                strbuf_addf(why, "a record of this test cannot be read: %s",
                            t->batch.n_rejects ? t->batch.rejects[0].reason : "the source ignores it");
                return false;
        }
        for (size_t i = 0; i < t->batch.n_records; i++)
                hits += has_hit(&t->batch.records[i], rule);
        if (test->expect == SIGMA_TEST_RAISE) {
                if (count_alerts(t, r->label, &alerts) < 0)
                        return false;
                strbuf_addf(why, "raised %lld alerts, not %llu", (long long)alerts, (unsigned long long)test->alerts);
                return alerts == (int64_t)test->alerts;
        }
        strbuf_addz(why, hits ? "hit" : "did not hit");
        return (hits > 0) == (test->expect == SIGMA_TEST_HIT);
}

/* ---- All of them ---- */

/* The last result of a rule, where it is asked. */
static void judge_tests(struct bench *b, size_t index, size_t place)
{
        CLEANUP(strbuf_done) struct strbuf why = STRBUF_INIT;
        struct test_result *result = &b->results.items[place];

        snprintf(result->name, sizeof result->name, "complete");
        result->outcome = shown_is_complete(&b->shown[index]) ? TEST_PASSED : TEST_FAILED;
        if (result->outcome == TEST_PASSED)
                return;
        strbuf_addz(&why, "its tests show ");
        shown_lacks(&b->shown[index], &why);
        result->why = strbuf_take(&why);
}

/* What is not given here and the test cannot do without; NULL: nothing. */
static const char *test_lacks(const struct tester *t, const struct sigma_test *test)
{
        const struct enrich *enrich = t->bench->setup.enrich;

        if (test->needs_places && enrich_files(enrich) == 0)
                return "needs --geoip";
        if (test->needs_networks && enrich_networks(enrich) == 0)
                return "needs --networks";
        return test->needs_people && !enrich_people(enrich) ? "needs --people" : NULL;
}

static void do_test(struct tester *t, size_t rule, const struct sigma_test *test, size_t number, struct test_result *result)
{
        static const char *const words[] = {
                [SIGMA_TEST_HIT] = "hit", [SIGMA_TEST_MISS] = "miss", [SIGMA_TEST_RAISE] = "raise"
        };
        CLEANUP(strbuf_done) struct strbuf why = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf all = STRBUF_INIT;
        const char *lacks = test_lacks(t, test);

        snprintf(result->name, sizeof result->name, "%s %zu", words[test->expect], number);
        result->line = test->line;
        result->col = test->col;
        if (!lacks)
                result->outcome = run_test(t, rule, test, &why) ? TEST_PASSED : TEST_FAILED;
        shown_add(&t->bench->shown[rule], t->bench->setup.rules, rule, test, lacks ? NULL : &t->batch, t->worker.scratch);
        if (lacks)
                strbuf_addz(&all, lacks);
        else
                strbuf_addf(&all, "must %s, %s", words[test->expect], why.p ? why.p : "failed");
        if (result->outcome != TEST_PASSED)
                result->why = strbuf_take(&all);
}

static void test_rule(struct tester *t, size_t index)
{
        struct bench *b = t->bench;
        const struct sigma_rule *rule = ruleset_rule(b->setup.rules, index);
        size_t at = b->first[index];

        if (rule->is_off) {
                b->results.items[at].why = strdup("the rule is off");
                return;
        }
        for (size_t i = 0; i < rule->n_tests; i++)
                do_test(t, index, &rule->tests[i], i + 1, &b->results.items[at + i]);
        if (b->is_strict && shown_is_asked(b->setup.rules, index))
                judge_tests(b, index, at + rule->n_tests);
}

static void *run_thread(void *arg)
{
        struct tester *t = arg;
        size_t n = ruleset_count(t->bench->setup.rules), i;

        while ((i = atomic_fetch_add(&t->bench->next, 1)) < n)
                test_rule(t, i);
        return NULL;
}

/* A place for each test, for each rule without any, and for the judgement about its tests. */
static size_t count_places(const struct bench *b, size_t rule)
{
        const struct sigma_rule *r = ruleset_rule(b->setup.rules, rule);
        size_t n = r->is_off ? 0 : r->n_tests + (b->is_strict && shown_is_asked(b->setup.rules, rule));

        return n ? n : 1;
}

static int make_results(struct bench *b)
{
        size_t rules = ruleset_count(b->setup.rules), n = 0;

        for (size_t i = 0; i < rules; i++)
                n += count_places(b, i);
        b->results.items = calloc(n + 1, sizeof *b->results.items);
        b->first = calloc(rules + 1, sizeof *b->first);
        b->shown = calloc(rules + 1, sizeof *b->shown);
        if (!b->results.items || !b->first || !b->shown)
                return -ENOMEM;
        for (size_t i = 0; i < rules; i++) {
                const struct sigma_rule *rule = ruleset_rule(b->setup.rules, i);
                size_t places = count_places(b, i);

                b->first[i] = b->results.n;
                for (size_t k = 0; k < places; k++)
                        b->results.items[b->results.n++] = (struct test_result){
                                .outcome = TEST_SKIPPED,
                                .file = rule->file,
                                .line = rule->line,
                                .col = 1,
                                .title = rule->title,
                        };
        }
        return 0;
}

static int tester_init(struct tester *t, struct bench *b)
{
        struct parser_options o = { .hint = { .reference = USEC_NONE } };
        int r;

        *t = (struct tester){ .bench = b };
        r = batch_init(&t->batch);
        return r < 0 ? r : worker_init(&t->worker, &b->setup, &o);
}

/* The caller is the first thread. Where a thread cannot be started, the others do its work. */
static int run_all(struct bench *b, unsigned threads)
{
        struct tester *t = calloc(threads, sizeof *t);
        int r = t ? make_results(b) : -ENOMEM;

        for (unsigned i = 0; i < threads && r >= 0; i++)
                r = tester_init(&t[i], b);
        for (unsigned i = 1; i < threads && r >= 0; i++)
                t[i].is_started = pthread_create(&t[i].id, NULL, run_thread, &t[i]) == 0;
        if (r >= 0)
                run_thread(&t[0]);
        for (unsigned i = 0; t && i < threads; i++) {
                if (t[i].is_started)
                        pthread_join(t[i].id, NULL);
                batch_done(&t[i].batch);
                worker_done(&t[i].worker);
        }
        free(t);
        for (size_t i = 0; r >= 0 && i < b->results.n; i++)
                b->results.count[b->results.items[i].outcome]++;
        for (size_t i = 0; r >= 0 && i < ruleset_count(b->setup.rules); i++)
                b->results.n_incomplete += shown_is_asked(b->setup.rules, i) && !shown_is_complete(&b->shown[i]);
        return r;
}

static void bench_done(struct bench *b)
{
        for (size_t i = 0; b->results.items && i < b->results.n; i++)
                free(b->results.items[i].why);
        free(b->results.items);
        free(b->first);
        free(b->shown);
        setup_done(&b->setup);
}

int cmd_rules_test(struct cli *cli, int argc, char **argv)
{
        CLEANUP(err_list_done) struct err_list errors = ERR_LIST_INIT;
        CLEANUP(bench_done) struct bench b = { .is_strict = cli->is_strict };
        struct paths given = { .items = (const char **)argv, .n = (size_t)argc };
        struct err err = { 0 };
        const struct sigma_options *language = cli_language(cli);
        int r;

        if (!language)
                return CLI_CANNOT;
        r = setup_load(&cli->sources, argc > 0 ? &given : &cli->rules, language, &b.setup, &errors, NULL, &err);
        for (size_t i = 0; i < errors.n; i++)
                log_err(LOG_LEVEL_ERROR, &errors.items[i]);
        if (r >= 0 && cli_enrich(cli, &b.setup) != CLI_OK)
                return CLI_CANNOT;
        if (r >= 0)
                r = run_all(&b, cli_threads(cli, TEST_THREADS_MAX));
        else
                log_err(LOG_LEVEL_ERROR, &err);
        if ((r >= 0 || errors.n > 0) && rules_report(cli->report, &b.results, &errors) < 0)
                r = -EIO;
        if (r < 0)
                return errors.n ? CLI_FOUND : CLI_CANNOT;
        return b.results.count[TEST_FAILED] || errors.n ? CLI_FOUND : CLI_OK;
}
