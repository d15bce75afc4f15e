/* SPDX-License-Identifier: Apache-2.0 */

/* shopbell backtest: what would have happened in these days with these rules, before they are switched on. */

#include <stdio.h>
#include <stdlib.h>

#include "monitor/base/log.h"
#include "monitor/cli/backtest.h"
#include "monitor/cli/replay.h"

struct backtest {
        struct setup setup, others; /* others: of --against */
        struct outcome outcome, other;
        struct tuning *tuning;
        struct comparison comparison;
        struct expectations *expectations;
        struct test_results results;
};

static void backtest_done(struct backtest *b)
{
        tuning_free(b->tuning);
        expectations_free(b->expectations);
        backtest_results_done(&b->results);
        free(b->comparison.items);
        outcome_done(&b->outcome);
        outcome_done(&b->other);
        setup_done(&b->setup);
        setup_done(&b->others);
}

static int load(struct backtest *b, struct cli *cli)
{
        int code = cli_load(cli, true, &b->setup);

        if (code == CLI_OK && cli->expect)
                code = expectations_load(cli->expect, b->setup.rules, &b->expectations);
        if (code == CLI_OK && cli->tune.n > 0)
                code = tuning_new(cli, &b->setup, &b->tuning);
        return code;
}

/* The same logs once more, with the other rules. */
static int run_others(struct backtest *b, struct cli *cli, int argc, char **argv)
{
        struct paths own = cli->rules;
        int code;

        cli->rules = cli->against;
        code = cli_load(cli, true, &b->others);
        cli->rules = own;
        if (code == CLI_OK)
                code = backtest_run(cli, &b->others, NULL, argc, argv, &b->other);
        if (code == CLI_OK && backtest_compare(&b->outcome, &b->other, &b->comparison) < 0) {
                log_error("out of memory");
                code = CLI_CANNOT;
        }
        return code;
}

static int print(const struct backtest *b, const struct cli *cli)
{
        const struct backtest_report r = {
                .cli = cli,
                .setup = &b->setup,
                .outcome = &b->outcome,
                .tuning = b->tuning,
                .comparison = cli->against.n ? &b->comparison : NULL,
                .other = &b->other,
                .results = &b->results,
        };
        const struct err_list no_errors = ERR_LIST_INIT;

        if (cli->report == REPORT_JUNIT)
                return rules_report_junit("shopbell backtest", &b->results, &no_errors);
        return cli->format == FORMAT_JSON ? backtest_print_json(&r) : backtest_print_words(&r);
}

static void print_summary(const struct backtest *b)
{
        const struct counters *c = &b->outcome.counters;

        fprintf(stderr, "%llu records", (unsigned long long)c->n[COUNTER_RECORDS]);
        replay_print_counters(c);
        fputc('\n', stderr);
}

static int run(struct backtest *b, struct cli *cli, int argc, char **argv)
{
        int code = load(b, cli);

        if (code == CLI_OK)
                code = backtest_run(cli, &b->setup, b->tuning, argc, argv, &b->outcome);
        if (code == CLI_OK && cli->against.n > 0)
                code = run_others(b, cli, argc, argv);
        if (code != CLI_OK)
                return code;
        if (backtest_judge(&b->outcome, b->setup.rules, b->expectations, cli->max_per_week, &b->results) < 0 || print(b, cli) < 0) {
                log_error("the report could not be written");
                return CLI_CANNOT;
        }
        if (!cli->is_quiet)
                print_summary(b);
        if (b->outcome.is_partial || b->other.is_partial)
                return CLI_CANNOT;
        return b->results.count[TEST_FAILED] ? CLI_FOUND : CLI_OK;
}

static bool has_stdin(int argc, char **argv)
{
        for (int i = 0; i < argc; i++)
                if (strcmp(argv[i], "-") == 0)
                        return true;
        return false;
}

int cmd_backtest(struct cli *cli, int argc, char **argv)
{
        struct backtest b = { 0 };
        int code;

        if (argc == 0) {
                log_error("name a file or folder of logs to replay");
                return CLI_USAGE;
        }
        if (cli->against.n > 0 && has_stdin(argc, argv)) {
                log_error("--against reads the logs twice: name files or folders, not standard input");
                return CLI_USAGE;
        }
        code = run(&b, cli, argc, argv);
        backtest_done(&b);
        return code;
}
