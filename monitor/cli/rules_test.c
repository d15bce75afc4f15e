/* SPDX-License-Identifier: Apache-2.0 */

/* shopbell rules test: the tests inside rules. A record that must hit or must not is parsed and matched as the daemon does
 * it; records that must raise go through an engine of their own. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor/base/log.h"
#include "monitor/batch.h"
#include "monitor/cli/cli.h"
#include "monitor/detect/engine.h"

struct tester {
        struct setup setup;
        struct worker worker;
        struct batch batch;
        size_t passed, failed, without, off;
};

static int add_raw(struct batch *b, const struct yaml *record, const char *source)
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
                .source = source,
                .reference = USEC_NONE,
        };
        return 0;
}

static int load_records(struct tester *t, const struct sigma_test *test)
{
        CLEANUP(strbuf_done) struct strbuf name = STRBUF_INIT;
        const struct source *source = NULL;

        batch_clear(&t->batch);
        if (test->source.n > 0 && !(source = sourceset_find(t->setup.sources, test->source)))
                return -ENOENT;
        for (size_t i = 0; i < test->n_records; i++) {
                int r = add_raw(&t->batch, test->records[i], source ? source_name(source) : NULL);

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
                raised->n += c->kind == CHANGE_RAISE ? 1 : c->kind == CHANGE_MERGE ? -1 : 0;
        return 0;
}

static int count_alerts(struct tester *t, struct str label, int64_t *ret)
{
        CLEANUP(engine_freep) struct engine *e = engine_new(t->setup.rules, &(struct engine_options){ 0 });
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
        const struct sigma_rule *r = ruleset_rule(t->setup.rules, rule);
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

static void test_rule(struct tester *t, size_t index)
{
        static const char *const words[] = { [SIGMA_TEST_HIT] = "hit", [SIGMA_TEST_MISS] = "miss", [SIGMA_TEST_RAISE] = "raise" };
        const struct sigma_rule *rule = ruleset_rule(t->setup.rules, index);

        if (rule->is_off) {
                t->off += rule->n_tests > 0;
                return;
        }
        t->without += rule->n_tests == 0;
        for (size_t i = 0; i < rule->n_tests; i++) {
                CLEANUP(strbuf_done) struct strbuf why = STRBUF_INIT;
                const struct sigma_test *test = &rule->tests[i];
                bool is_ok = run_test(t, index, test, &why);

                t->passed += is_ok;
                t->failed += !is_ok;
                if (is_ok)
                        printf("ok " STR_FMT ": %s %zu\n", STR_ARG(rule->title), words[test->expect], i + 1);
                else
                        printf("not ok %s:%u:%u: " STR_FMT ": must %s, %s\n", rule->file, test->line, test->col,
                               STR_ARG(rule->title), words[test->expect], why.p ? why.p : "failed");
        }
}

static int run_all(struct tester *t)
{
        struct parser_options o = { .hint = { .reference = USEC_NONE } };
        int r = worker_init(&t->worker, &t->setup, &o);

        if (r >= 0)
                r = batch_init(&t->batch);
        for (size_t i = 0; r >= 0 && i < ruleset_count(t->setup.rules); i++)
                test_rule(t, i);
        batch_done(&t->batch);
        worker_done(&t->worker);
        return r;
}

int cmd_rules_test(struct cli *cli, int argc, char **argv)
{
        CLEANUP(err_list_done) struct err_list errors = ERR_LIST_INIT;
        struct paths given = { .items = (const char **)argv, .n = (size_t)argc };
        struct tester t = { 0 };
        struct err err = { 0 };
        const struct sigma_options *language = cli_language(cli);
        int r;

        if (!language)
                return CLI_CANNOT;
        r = setup_load(&cli->sources, argc > 0 ? &given : &cli->rules, language, &t.setup, &errors, NULL, &err);
        for (size_t i = 0; i < errors.n; i++)
                log_err(LOG_LEVEL_ERROR, &errors.items[i]);
        if (r >= 0)
                r = run_all(&t);
        else
                log_err(LOG_LEVEL_ERROR, &err);
        setup_done(&t.setup);
        if (r < 0)
                return CLI_CANNOT;
        t.failed += errors.n;
        if (t.off)
                printf("%zu rules are off and were not tested\n", t.off);
        if (t.without)
                printf("%zu rules without tests\n", t.without);
        printf("%zu passed, %zu failed\n", t.passed, t.failed);
        return t.failed ? CLI_FOUND : CLI_OK;
}
