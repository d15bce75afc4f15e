/* SPDX-License-Identifier: Apache-2.0 */

/* Options: one table for all commands. To add one: a row, and a place for its value in struct cli. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "monitor/base/log.h"
#include "monitor/cli/cli.h"

enum { TUNE_MAX = 16 }; /* rules at a time: each number of each is an engine of its own */

struct option_row {
        const char *name;
        char letter; /* 0: none */
        const char *arg; /* NULL: a flag */
        unsigned of; /* which commands take it */
        int (*set)(struct cli *cli, const char *value); /* negative: not a good value */
        const char *help;
};

static int set_rules(struct cli *cli, const char *v) { return paths_add(&cli->rules, v); }
static int set_sources(struct cli *cli, const char *v) { return paths_add(&cli->sources, v); }
static int set_source(struct cli *cli, const char *v) { return (cli->source = v) ? 0 : -1; }
static int set_rule(struct cli *cli, const char *v) { return (cli->rule = v) ? 0 : -1; }
static int set_who(struct cli *cli, const char *v) { return (cli->who = v) ? 0 : -1; }
static int set_state(struct cli *cli, const char *v) { return (cli->state = v) ? 0 : -1; }
static int set_placeholders(struct cli *cli, const char *v) { return (cli->placeholders = v) ? 0 : -1; }
static int set_geoip(struct cli *cli, const char *v) { return paths_add(&cli->geoip, v); }
static int set_networks(struct cli *cli, const char *v) { return (cli->networks = v) ? 0 : -1; }
static int set_people(struct cli *cli, const char *v) { return (cli->people = v) ? 0 : -1; }
static int set_with_deprecated(struct cli *cli, const char *v) { return (cli->language.with_deprecated = !v) ? 0 : -1; }
static int set_hits(struct cli *cli, const char *v) { return (cli->hits = !v) ? 0 : -1; }
static int set_native(struct cli *cli, const char *v) { return (cli->native = !v) ? 0 : -1; }
static int set_worst_first(struct cli *cli, const char *v) { return (cli->worst_first = !v) ? 0 : -1; }
static int set_all(struct cli *cli, const char *v) { return (cli->all = !v) ? 0 : -1; }
static int set_strict(struct cli *cli, const char *v) { return (cli->is_strict = !v) ? 0 : -1; }
static int set_quiet(struct cli *cli, const char *v) { return (cli->is_quiet = !v) ? 0 : -1; }

static int set_against(struct cli *cli, const char *v) { return paths_add(&cli->against, v); }
static int set_expect(struct cli *cli, const char *v) { return (cli->expect = v) ? 0 : -1; }

static int set_tune(struct cli *cli, const char *v) { return cli->tune.n < TUNE_MAX ? paths_add(&cli->tune, v) : -1; }

static int set_from(struct cli *cli, const char *v) { return (cli->from = v) ? 0 : -1; }

static int set_index(struct cli *cli, const char *v)
{
        cli->has_index = true;
        return str_to_u64(str_of(v), &cli->index);
}

static int set_page(struct cli *cli, const char *v)
{
        cli->format = strcmp(v, "md") == 0 ? FORMAT_MD : strcmp(v, "json") == 0 ? FORMAT_JSON : FORMAT_DEFAULT;
        return cli->format == FORMAT_DEFAULT ? -1 : 0;
}

/* Of a backtest: words, or one of the other two. */
static int set_backtest_format(struct cli *cli, const char *v)
{
        bool is_json = strcmp(v, "json") == 0, is_junit = strcmp(v, "junit") == 0;

        cli->format = is_json ? FORMAT_JSON : FORMAT_TABLE;
        cli->report = is_junit ? REPORT_JUNIT : REPORT_LINES;
        return is_json || is_junit || strcmp(v, "words") == 0 ? 0 : -1;
}

static int set_format(struct cli *cli, const char *v)
{
        static const char *const names[] = { "", "table", "json", "ndjson", "csv" };

        for (size_t i = 1; i < ARRAY_LEN(names); i++)
                if (strcmp(v, names[i]) == 0) {
                        cli->format = (enum cli_format)i;
                        return 0;
                }
        return -1;
}

static int set_text_format(struct cli *cli, const char *v)
{
        cli->format = strcmp(v, "json") == 0 ? FORMAT_JSON : FORMAT_TABLE;
        return strcmp(v, "json") == 0 || strcmp(v, "text") == 0 ? 0 : -1;
}

static int set_export(struct cli *cli, const char *v)
{
        static const char *const names[_EXPORT_MAX] = { "ndjson", "ecs", "ocsf" };

        for (size_t i = 0; i < _EXPORT_MAX; i++)
                if (strcmp(v, names[i]) == 0) {
                        cli->export_as = (enum cli_export)i;
                        return 0;
                }
        return -1;
}

static int set_list_format(struct cli *cli, const char *v)
{
        if (strcmp(v, "md") != 0)
                return set_format(cli, v);
        cli->format = FORMAT_MD;
        return 0;
}

static int set_report(struct cli *cli, const char *v)
{
        static const char *const names[_REPORT_MAX] = { "lines", "tap", "junit" };

        for (size_t i = 0; i < _REPORT_MAX; i++)
                if (strcmp(v, names[i]) == 0) {
                        cli->report = (enum cli_report)i;
                        return 0;
                }
        return -1;
}

static int set_number(const char *v, unsigned long max, unsigned long *ret)
{
        uint64_t n;

        if (str_to_u64(str_of(v), &n) < 0 || n < 1 || n > max)
                return -1;
        *ret = (unsigned long)n;
        return 0;
}

static int set_threads(struct cli *cli, const char *v)
{
        unsigned long n;

        if (set_number(v, 64, &n) < 0)
                return -1;
        cli->threads = (unsigned)n;
        return 0;
}

static int set_limit(struct cli *cli, const char *v) { return set_number(v, 1000000000, &cli->limit); }

static int set_level(struct cli *cli, const char *v)
{
        cli->level = level_find(str_of(v));
        return cli->level == _LEVEL_MAX ? -1 : 0;
}

static int set_fail_on(struct cli *cli, const char *v)
{
        cli->fail_on = level_find(str_of(v));
        return cli->fail_on == _LEVEL_MAX ? -1 : 0;
}

/* "24h" counts back from now; else a date or time. */
static int set_time(struct cli *cli, const char *v, usec *ret)
{
        struct time_hint hint = { .reference = USEC_NONE, .local = true };
        usec d;

        if (duration_parse(str_of(v), &d) == 0) {
                *ret = cli->now - d;
                return 0;
        }
        return time_parse(str_of(v), TIME_UNIT_S, &hint, ret);
}

/* "90d" counts back from the newest record, which is not known yet. */
static int set_back(struct cli *cli, const char *v)
{
        cli->since = USEC_NONE;
        if (duration_parse(str_of(v), &cli->span) == 0)
                return cli->span > 0 ? 0 : -1;
        cli->span = 0;
        return set_time(cli, v, &cli->since);
}

static int set_rings(struct cli *cli, const char *v)
{
        cli->rings = level_find(str_of(v));
        return cli->rings == _LEVEL_MAX ? -1 : 0;
}

static int set_max_per_week(struct cli *cli, const char *v)
{
        char *end;

        cli->max_per_week = strtod(v, &end);
        return *v >= '0' && *v <= '9' && *end == '\0' && cli->max_per_week < 1e9 ? 0 : -1;
}

static int set_since(struct cli *cli, const char *v) { return set_time(cli, v, &cli->since); }
static int set_until(struct cli *cli, const char *v) { return set_time(cli, v, &cli->until); }

static int set_head(struct cli *cli, const char *v) { return (cli->head = v) ? 0 : -1; }
static int set_journal(struct cli *cli, const char *v) { return (cli->journal = v) ? 0 : -1; }
static int set_with_records(struct cli *cli, const char *v) { return (cli->with_records = !v) ? 0 : -1; }
static int set_reason(struct cli *cli, const char *v) { return (cli->reason = v) ? 0 : -1; }
static int set_note(struct cli *cli, const char *v) { return (cli->note = v) ? 0 : -1; }
static int set_length(struct cli *cli, const char *v) { return duration_parse(str_of(v), &cli->length) < 0 || cli->length <= 0 ? -1 : 0; }

/* A date or time to come. */
static int set_end(struct cli *cli, const char *v)
{
        struct time_hint hint = { .reference = USEC_NONE, .local = true };

        return time_parse(str_of(v), TIME_UNIT_S, &hint, &cli->until);
}

static int set_top_level(struct cli *cli, const char *v)
{
        cli->top_level = level_find(str_of(v));
        return cli->top_level == _LEVEL_MAX ? -1 : 0;
}

static const struct option_row rows[] = {
        { "rules", 0, "DIR", OPT_RULES, set_rules, "folder or file of rules (repeatable)" },
        { "sources", 0, "DIR", OPT_SOURCES, set_sources, "folder of source files (repeatable)" },
        { "placeholders", 0, "FILE", OPT_LANGUAGE, set_placeholders,
          "values of %placeholders% in rules: a YAML map of lists, or a shopbell.yml" },
        { "with-deprecated", 0, NULL, OPT_LANGUAGE, set_with_deprecated,
          "also run rules whose status is deprecated or unsupported" },
        { "geoip", 0, "FILE", OPT_ENRICH, set_geoip, "MaxMind database of places or networks of addresses (repeatable)" },
        { "networks", 0, "FILE", OPT_ENRICH, set_networks, "your own networks: a YAML list, or a shopbell.yml" },
        { "people", 0, "FILE", OPT_ENRICH, set_people, "who works here, with which accounts: a people.yml, or a shopbell.yml" },
        { "output", 'o', "FORMAT", OPT_OUTPUT, set_format, "table, json, ndjson or csv" },
        { "output", 'o', "FORMAT", OPT_RULES_PAGE, set_list_format, "table, json, ndjson or csv; md: a page of all rules by class and source" },
        { "output", 'o', "FORMAT", OPT_PAGE, set_page, "md (default) or json" },
        { "from", 0, "FILE", OPT_FROM, set_from, "a sample of the log: a file with its first records, or - for standard input" },
        { "index", 0, "N", OPT_RECORD, set_index, "the record to begin with, the first is 0 (as FILE:N)" },
        { "limit", 'n', "N", OPT_RECORD, set_limit, "so many records (default: 1)" },
        { "output", 'o', "FORMAT", OPT_TESTS, set_report, "lines (default), tap or junit" },
        { "hits", 0, NULL, OPT_SCAN, set_hits, "print every hit of a single-event rule instead of alerts" },
        { "threads", 0, "N", OPT_READ, set_threads, "threads that parse and match (default: one a core, at most 4)" },
        { "threads", 0, "N", OPT_TESTS, set_threads, "threads that run tests (default: one a core)" },
        { "strict", 0, NULL, OPT_STRICT, set_strict, "a rule without a hit, a miss and a look-alike among its tests fails" },
        { "fail-on", 0, "LEVEL", OPT_SCAN, set_fail_on, "exit 1 when there is an alert (or hit) of this level or above" },
        { "quiet", 'q', NULL, OPT_READ, set_quiet, "no summary on stderr" },
        { "quiet", 'q', NULL, OPT_EXPORT, set_quiet, "do not say the head of the history on stderr" },
        { "source", 0, "NAME", OPT_INPUT_SOURCE, set_source, "the log source the files are of, instead of recognising it" },
        { "native", 0, NULL, OPT_NATIVE, set_native, "print the platform's own fields too" },
        { "output", 'o', "FORMAT", OPT_BACKTEST, set_backtest_format, "words (default), json or junit" },
        { "since", 0, "SPAN", OPT_BACKTEST, set_back, "back from the newest record (default: 90d), or a date; what lies before is learned from" },
        { "level", 0, "LEVEL", OPT_BACKTEST, set_rings, "from this level on an alert rings (default: medium)" },
        { "against", 0, "DIR", OPT_BACKTEST, set_against, "compare with other rules: a folder or file (repeatable)" },
        { "tune", 0, "RULE[=N,N]", OPT_BACKTEST, set_tune, "what a correlation would have done with other numbers (up to 16 times)" },
        { "max-per-week", 0, "N", OPT_BACKTEST, set_max_per_week, "exit 1 when a rule rings more often" },
        { "expect", 0, "FILE", OPT_BACKTEST, set_expect, "exit 1 when alerts do not come that must, or come that must not: a YAML list" },
        { "limit", 'n', "N", OPT_BACKTEST, set_limit, "show so many of the alerts that ring (default: 20)" },
        { "since", 0, "TIME", OPT_FILTER, set_since, "alerts since: 24h, 2026-11-01, 2026-11-01T09:00:00" },
        { "until", 0, "TIME", OPT_FILTER, set_until, "alerts that began before" },
        { "level", 0, "LEVEL", OPT_FILTER, set_level, "this level or above" },
        { "rule", 0, "RULE", OPT_FILTER, set_rule, "rule id, or a part of its title" },
        { "who", 0, "WHO", OPT_FILTER, set_who, "a part of the person or of what the alert groups by" },
        { "who", 0, "WHO", OPT_WHO, set_who, "one person, or a part of an account, in full" },
        { "source", 0, "NAME", OPT_FILTER, set_source, "log source" },
        { "limit", 'n', "N", OPT_FILTER, set_limit, "the newest N (with --worst-first, the worst)" },
        { "limit", 'n', "N", OPT_LIMIT, set_limit, "the first N (default: all, of a table 1000)" },
        { "all", 'a', NULL, OPT_FILTER | OPT_SCAN, set_all, "also alerts that do not ring, are closed, merged into an earlier one or withdrawn" },
        { "worst-first", 'w', NULL, OPT_FILTER | OPT_SCAN, set_worst_first, "the highest level first, instead of by time" },
        { "rule", 0, "RULE", OPT_SILENCE, set_rule, "alerts of the rule with this id or title" },
        { "who", 0, "WHO", OPT_SILENCE, set_who, "alerts about this person, or with this value among what they group by" },
        { "source", 0, "NAME", OPT_SILENCE, set_source, "alerts of this log source" },
        { "level", 0, "LEVEL", OPT_SILENCE, set_top_level, "alerts up to this level (default: critical)" },
        { "for", 0, "TIME", OPT_SILENCE, set_length, "how long: 90m, 8h, 2d" },
        { "until", 0, "TIME", OPT_SILENCE, set_end, "or until when: 2026-11-03, 2026-11-03T18:00" },
        { "reason", 0, "TEXT", OPT_SILENCE, set_reason, "why (needed)" },
        { "note", 0, "TEXT", OPT_NOTE, set_note, "what else there is to say" },
        { "all", 'a', NULL, OPT_ALL, set_all, "also those that are over" },
        { "output", 'o', "FORMAT", OPT_VERIFY, set_text_format, "text (default) or json" },
        { "head", 0, "SEQ:HASH", OPT_VERIFY, set_head, "what the head was at some time: the history must still have that row" },
        { "journal", 0, "DIR", OPT_VERIFY, set_journal, "look for heads in the journal files of this folder instead of the system's own" },
        { "output", 'o', "FORMAT", OPT_EXPORT, set_export,
          "ndjson (default; our own, with what vouches for it), ecs (Elastic Common Schema) or ocsf (Detection Findings)" },
        { "with-records", 0, NULL, OPT_EXPORT, set_with_records, "the records as well, as they were logged" },
        { "state", 0, "DIR", OPT_STORE, set_state, "the daemon's state folder" },
};

void cli_print_options(const struct cli_command *command)
{
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                char left[64], letter[8] = "    ";

                if (!(rows[i].of & command->options))
                        continue;
                if (rows[i].letter)
                        snprintf(letter, sizeof letter, "-%c, ", rows[i].letter);
                snprintf(left, sizeof left, "%s--%s%s%s", letter, rows[i].name, rows[i].arg ? " " : "",
                         rows[i].arg ? rows[i].arg : "");
                printf("  %-24s %s\n", left, rows[i].help);
        }
}

static const struct option_row *find_row(const struct cli_command *command, const char *word, const char **ret_value)
{
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                size_t n = strlen(rows[i].name);

                if (!(rows[i].of & command->options))
                        continue;
                *ret_value = NULL;
                if (word[1] != '-') {
                        if (!rows[i].letter || word[1] != rows[i].letter)
                                continue;
                        *ret_value = word[2] ? word + 2 : NULL;
                        return &rows[i];
                }
                if (strncmp(word + 2, rows[i].name, n) != 0 || (word[2 + n] && word[2 + n] != '='))
                        continue;
                *ret_value = word[2 + n] ? word + 2 + n + 1 : NULL;
                return &rows[i];
        }
        return NULL;
}

static int fail(const struct cli_command *command, const char *text, const char *word)
{
        log_error("%s: %s; see shopbell %s --help", word, text, command->name);
        return CLI_USAGE;
}

/* One option word; *i moves on when its value is the next word. */
static int take_option(struct cli *cli, const struct cli_command *command, char **argv, int argc, int *i)
{
        const char *value, *word = argv[*i];
        const struct option_row *row = find_row(command, word, &value);

        if (!row)
                return fail(command, "unknown option", word);
        if (!row->arg && value)
                return fail(command, "takes no value", word);
        if (row->arg && !value && *i + 1 >= argc)
                return fail(command, "a value is missing", word);
        if (row->arg && !value)
                value = argv[++*i];
        if (row->set(cli, value) < 0)
                return fail(command, row->help, word);
        return -1;
}

int cli_parse_options(struct cli *cli, const struct cli_command *command, int *argc, char **argv)
{
        int kept = 0;

        for (int i = 0; i < *argc; i++) {
                if (strcmp(argv[i], "--") == 0) {
                        while (++i < *argc)
                                argv[kept++] = argv[i];
                        break;
                }
                if (argv[i][0] == '-' && argv[i][1]) {
                        int code = take_option(cli, command, argv, *argc, &i);

                        if (code >= 0)
                                return code;
                        continue;
                }
                argv[kept++] = argv[i];
        }
        *argc = kept;
        if (cli->rules.n == 0)
                paths_add(&cli->rules, setup_default_rules());
        if (cli->sources.n == 0)
                setup_add_default_sources(&cli->sources);
        return -1;
}
