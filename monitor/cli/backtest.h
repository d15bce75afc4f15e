/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_CLI_BACKTEST_H
#define SHOPBELL_CLI_BACKTEST_H

/* shopbell backtest, in parts: backtest_run.c replays logs through the daemon's own pipeline; backtest_tune.c runs engines with
 * other limits beside it; backtest_compare.c holds two packs of rules against each other; backtest_expect.c says what fails;
 * backtest_words.c and backtest_json.c tell it. backtest.c is the command. */

#include "monitor/base/arena.h"
#include "monitor/cli/cli.h"
#include "monitor/cli/rules_report.h"
#include "monitor/model/counter.h"
#include "monitor/model/record.h"

#define BACKTEST_SPAN_DEFAULT (90 * USEC_PER_DAY)

/* ---- What a replay came to ---- */
struct backtest_alert {
        struct str rule, title; /* label (id, else title) and title */
        enum level level;
        struct str group, sentence, person, source; /* group: a JSON object; person may be empty */
        usec first, last;
        uint64_t count;
        bool rings; /* a person would have been disturbed; else it only stands in the list */
        bool is_shared; /* the other pack raises it as well */
};

struct outcome {
        struct arena *arena; /* owns all texts */
        struct backtest_alert *alerts; /* of the days looked at, in order of time; owned */
        size_t n, cap;
        size_t rang;
        size_t earlier; /* alerts before these days: not in `alerts` */
        usec first; /* record of all */
        usec from, to; /* the days looked at; USEC_NONE: there was no record */
        struct counters counters;
        bool is_partial; /* something could not be read to its end */
};
void outcome_done(struct outcome *o);
double outcome_days(const struct outcome *o); /* 0: there was no record */
double outcome_weeks(const struct outcome *o); /* at least 1: two days with one alert are not 3.5 a week */
/* The rule of that id, name or title; SIZE_MAX: none. */
size_t backtest_find_rule(const struct ruleset *rules, struct str word);
/* Who an alert is about, for people: never empty. */
struct str backtest_person(const struct backtest_alert *a);

struct tuning;
/* Replays; what is wrong is printed. `tuning` may be NULL. CLI_OK or CLI_CANNOT. */
int backtest_run(struct cli *cli, const struct setup *setup, struct tuning *tuning, int argc, char **argv, struct outcome *ret);

/* ---- Alerts by rule, by person, by week ---- */
struct heap {
        struct str key, title; /* rule: label and title; person: both the person */
        enum level level; /* highest */
        size_t rang, listed;
        usec from; /* of a week */
};
struct heaps {
        struct heap *items;
        size_t n;
};
/* Owned by the caller (free(items)); texts are the outcome's. The loudest first; weeks in order of time, all of them. 0 or -ENOMEM. */
int heaps_by_rule(const struct outcome *o, struct heaps *ret);
int heaps_by_person(const struct outcome *o, struct str rule, struct heaps *ret); /* rule.p NULL: of all rules */
int heaps_by_week(const struct outcome *o, struct heaps *ret);

/* ---- Other limits ---- */
enum { TUNE_NUMBERS_MAX = 32 }; /* of one rule */

struct tune_try {
        struct str number;
        bool is_now; /* what the rule says */
        struct err refused; /* code 0: the rule can have this number */
        size_t alerts, rang; /* also of what another alert tells of, or is known */
};

struct tuned {
        size_t rule; /* number in the set */
        struct str text; /* "value_count of shopbell.object, gte 50, within 1h" */
        struct tune_try *tries; /* from the lowest number up */
        size_t n;
        size_t left; /* alerts of the rule as it is that nothing muted: those of the outcome */
        const struct tune_try *calmest; /* the lowest number with at most one alert a week; NULL: none, or a low number is a quiet one */
};

/* Prepares what --tune asks for: each word a RULE or RULE=N,N,…. What is wrong is printed; CLI_OK, CLI_USAGE or CLI_CANNOT. */
int tuning_new(struct cli *cli, const struct setup *setup, struct tuning **ret);
struct tuning *tuning_free(struct tuning *t);
DEFINE_FREEP(struct tuning, tuning)
/* The hits of one record, as the pipeline has them. */
int tuning_take(struct tuning *t, const struct record *record, const uint32_t *hits, size_t n, usec arrival);
/* All is read, and the outcome known; `rings` is the lowest level that disturbs anyone. */
int tuning_finish(struct tuning *t, const struct outcome *o, enum level rings);
size_t tuning_count(const struct tuning *t); /* t may be NULL */
const struct tuned *tuning_get(const struct tuning *t, size_t i);

/* ---- Two packs ---- */
struct difference {
        bool is_here; /* only these rules raise it, else only the others */
        struct str rule, title, person;
        enum level level; /* highest */
        size_t alerts;
        const struct backtest_alert *example; /* the first */
};
struct comparison {
        struct difference *items; /* owned */
        size_t n;
        size_t shared, only_here, only_there, other_level; /* alerts; other_level: shared ones */
};
/* The same alert: same rule, same group, at overlapping times. Marks shared alerts in both. 0 or -ENOMEM. */
int backtest_compare(struct outcome *here, struct outcome *there, struct comparison *ret);

/* ---- What fails ---- */
struct expectations;
/* Reads the file of --expect; names of rules are looked up in the set. Printed when wrong: CLI_CANNOT. */
int expectations_load(const char *path, const struct ruleset *rules, struct expectations **ret);
struct expectations *expectations_free(struct expectations *e);
DEFINE_FREEP(struct expectations, expectations)
/* One result for each rule that alerts, one for each of shopbell's own (several signs on a person, state forgotten) that alerted or is
 * expected to, one for each expectation about any rule. `e` may be NULL; max < 0: no limit. */
int backtest_judge(const struct outcome *o, const struct ruleset *rules, const struct expectations *e, double max_per_week,
                   struct test_results *ret);
void backtest_results_done(struct test_results *r);

/* ---- Telling ---- */
struct backtest_report {
        const struct cli *cli;
        const struct setup *setup;
        const struct outcome *outcome;
        const struct tuning *tuning; /* or NULL */
        const struct comparison *comparison; /* or NULL */
        const struct outcome *other; /* of the comparison */
        const struct test_results *results;
};
int backtest_print_words(const struct backtest_report *r);
int backtest_print_json(const struct backtest_report *r);
/* "12.5", "3", "0.1": at most one digit behind the point. */
enum { RATE_BYTES = 32 };
void rate_format(double rate, char ret[RATE_BYTES]);

#endif
