/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_CLI_CLI_H
#define SHOPBELL_CLI_CLI_H

/* The command line: a table of commands, a table of options, one function a command.
 *
 * To add a command: a function in its own file, its prototype here, a row in `commands` (main.c). Help is printed from
 * the tables. Exit codes are an interface: 0 ok, 1 found or failed a check, 2 usage, 3 something could not be read. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "monitor/base/clock.h"
#include "monitor/cases/event.h"
#include "monitor/cli/screen.h"
#include "monitor/model/class.h"
#include "monitor/report/readiness.h"
#include "monitor/setup.h"
#include "monitor/store/query.h"

enum { CLI_OK = 0, CLI_FOUND = 1, CLI_USAGE = 2, CLI_CANNOT = 3 };

enum cli_format { FORMAT_DEFAULT, FORMAT_TABLE, FORMAT_JSON, FORMAT_NDJSON, FORMAT_CSV, FORMAT_MD, FORMAT_ECS, FORMAT_OCSF, FORMAT_WIDE, FORMAT_PROMETHEUS, FORMAT_HTML, _FORMAT_MAX };
enum cli_report { REPORT_LINES, REPORT_TAP, REPORT_JUNIT, _REPORT_MAX }; /* of tests */

/* Which options a command takes. */
enum {
        OPT_RULES = 1 << 0,
        OPT_SOURCES = 1 << 1,
        OPT_OUTPUT = 1 << 2,
        OPT_SCAN = 1 << 3, /* --hits --fail-on */
        OPT_FILTER = 1 << 4, /* --since --until --level --rule --who --source-filter --limit */
        OPT_STORE = 1 << 5, /* --state */
        OPT_NATIVE = 1 << 6, /* --native */
        OPT_INPUT_SOURCE = 1 << 7, /* --source NAME for files */
        OPT_LANGUAGE = 1 << 8, /* --placeholders --with-deprecated */
        OPT_ENRICH = 1 << 10, /* --geoip --networks --people */
        OPT_TESTS = 1 << 9, /* --threads and --output of tests */
        OPT_LIMIT = 1 << 11, /* --limit */
        OPT_RECORD = 1 << 12, /* --index, and --limit of records */
        OPT_FROM = 1 << 13, /* --from */
        OPT_PAGE = 1 << 14, /* --output of a page: md or json */
        OPT_WHO = 1 << 15, /* --who */
        OPT_BACKTEST = 1 << 16, /* what only backtest takes */
        OPT_READ = 1 << 17, /* --threads --quiet of what reads logs once */
        OPT_RULES_PAGE = 1 << 18, /* --output, with md */
        OPT_STRICT = 1 << 19, /* --strict */
        OPT_SILENCE = 1 << 20, /* --rule --who --source --level --for --until --reason */
        OPT_NOTE = 1 << 21, /* --message */
        OPT_ALL = 1 << 22, /* --all */
        OPT_PERIOD = 1 << 28, /* --since of a report or digest */
        OPT_HTML = 1 << 29, /* --html */
        OPT_REVEAL = 1 << 25, /* --reveal --note */
        OPT_VERIFY = 1 << 23, /* --head --journal */
        OPT_EXPORT = 1 << 24, /* --output of an export, --with-records */
};
/* Behind the bits of an int. */
#define OPT_CLOSE (UINT64_C(1) << 32) /* --as */
#define OPT_SCREEN (UINT64_C(1) << 33) /* --no-pager --color */
#define OPT_ALERTS (UINT64_C(1) << 34) /* further filters and order of alerts */
#define OPT_FOLLOW (UINT64_C(1) << 35) /* --follow --watch */
#define OPT_TAIL (UINT64_C(1) << 36) /* which records, and --config */
#define OPT_STATUS (UINT64_C(1) << 37) /* --output of a status */
#define OPT_REGIMES (UINT64_C(1) << 40) /* --regimes */
#define OPT_CLOCK (UINT64_C(1) << 42) /* events, --fact, --at, --all of a clock */
#define OPT_PACK (UINT64_C(1) << 56) /* --seal --passphrase-file --config */
#define OPT_DRILL (UINT64_C(1) << 58) /* --seller --unattended */
#define OPT_UNPACK (UINT64_C(1) << 57) /* --passphrase-file --extract */
#define OPT_REGIMES_PAGE (UINT64_C(1) << 41) /* --output of the laws */
#define OPT_REACH (UINT64_C(1) << 60) /* who was reached: what only case customers takes */
#define OPT_BY (UINT64_C(1) << 49) /* --by */
#define OPT_BECAUSE (UINT64_C(1) << 50) /* --because */
#define OPT_AT (UINT64_C(1) << 51) /* --at */
#define OPT_CASE_OPEN (UINT64_C(1) << 52) /* --from --signal --title */
#define OPT_CASE_MARK (UINT64_C(1) << 53) /* --undo */
#define OPT_CASE_SET (UINT64_C(1) << 54) /* --estimated --unknown --evidence */
#define OPT_REGIME (UINT64_C(1) << 55) /* --regime */
#define COMMAND_FAMILY (UINT64_C(1) << 63) /* not an option: commands that begin with its name are listed in its help, and nowhere else */
#define OPT_DRAFT (UINT64_C(1) << 61) /* --regime --to --stage --lang --channel --templates, and --output of a draft */
#define OPT_READINESS (UINT64_C(1) << 48) /* --view --config */
#define OPT_ANSWER (UINT64_C(1) << 47) /* --config of an answer to it */

struct cli {
        struct paths geoip;
        const char *networks, *people;
        struct paths rules, sources, regimes; /* never empty after parsing: the defaults */
        enum cli_format format;
        enum cli_report report;
        bool hits, native, is_quiet, all, is_strict, worst_first;
        unsigned threads;
        enum level fail_on; /* _LEVEL_MAX: not asked */
        enum level level;
        enum level top_level; /* _LEVEL_MAX: not asked */
        const char *source, *rule, *who, *state, *placeholders;
        struct sigma_options language; /* see cli_language() */
        struct yaml_file *placeholders_file;
        usec since, until, now;
        unsigned long limit;
        bool has_sources; /* --sources was given */
        bool has_index;
        uint64_t index; /* of a record in its file, from 0 */
        const char *from; /* a sample */
        struct paths against, tune; /* other rules; RULE or RULE=N,N */
        const char *expect;
        usec span; /* back from the newest record; 0: not asked */
        double max_per_week; /* below 0: not asked */
        enum level rings; /* the lowest level that disturbs anyone */
        const char *reason, *note;
        const char *by, *because, *evidence, *at; /* of a case: who says so, why, on what; a moment, not read yet (of a clock: what counts as now) */
        const char *title, *signal, *regime;
        struct paths from_alerts; /* digits */
        bool is_undone, is_estimated, is_unknown;
        const char *verdict; /* close: the answer that it comes to; NULL: none */
        usec length; /* --for; 0: not given */
        const char *html; /* where the page goes; "-": standard output */
        const char *head, *journal; /* verify: SEQ:HASH; a folder of journal files */
        bool with_records, reveal;
        const struct clock *clock;
        bool no_pager, follow, watch;
        enum color_when color;
        struct strbuf classes, countries, standings; /* of struct query_filter; n == 0: not asked */
        const char *network, *person, *text;
        const char *config; /* shopbell.yml; NULL: the installed one */
        bool seal;
        const char *passphrase_file, *extract; /* of packs; NULL: not given */
        enum query_sort sort;
        const char *seller; /* country; NULL: not said */
        bool is_unattended; /* nobody is asked */
        enum readiness_view view; /* _VIEW_MAX: all checks */
        bool is_silent; /* answers to orders that are carried out are not printed */
        struct paths whos; /* persons, accounts, keys, addresses */
        const char *import; /* a file of customers */
        uint64_t base; /* how many customers there are; 0: not said */
        bool is_reviewed;
        bool is_reversed;
        const char *to, *stage, *lang, *channel; /* of a draft; NULL: as fits */
        struct paths templates; /* beside the default ones */
        const char *moments[_EVENT_MAX]; /* of events, as moment_parse() reads them; NULL: not given */
        struct paths facts; /* NAME=VALUE */
};

struct cli_command {
        const char *name; /* one or two words */
        const char *args; /* for the usage line; empty: it takes none, main.c sees to that */
        const char *help;
        uint64_t options;
        int (*run)(struct cli *cli, int argc, char **argv); /* argv[0]: first argument behind the command */
};

/* options.c */
/* Takes the options out of argv (what is left is put in front); -1, or the exit code to end with. */
int cli_parse_options(struct cli *cli, const struct cli_command *command, int *argc, char **argv);
void cli_print_options(const struct cli_command *command);

/* What is shown of an option: `command` takes it; `words`: what its value may be, divided by blanks; absent: anything, or there is none. */
struct cli_option {
        const struct cli_command *command;
        const char *name, *arg, *help; /* arg NULL: a flag */
        char letter; /* 0: none */
        struct str words;
};
/* Those of one command, in the order of its help. Words live until fn returns. */
void cli_each_option(const struct cli_command *command, void (*fn)(void *userdata, const struct cli_option *o), void *userdata);

/* main.c: how many there are. */
size_t cli_commands(const struct cli_command **ret);

/* One function a command. */
int cmd_completion(struct cli *cli, int argc, char **argv);
int cmd_scan(struct cli *cli, int argc, char **argv);
int cmd_parse(struct cli *cli, int argc, char **argv);
int cmd_backtest(struct cli *cli, int argc, char **argv);
int cmd_sources_list(struct cli *cli, int argc, char **argv);
int cmd_sources_identify(struct cli *cli, int argc, char **argv);
int cmd_sources_explain(struct cli *cli, int argc, char **argv);
int cmd_sources_new(struct cli *cli, int argc, char **argv);
int cmd_sources_coverage(struct cli *cli, int argc, char **argv);
int cmd_sources_test(struct cli *cli, int argc, char **argv);
int cmd_rules_list(struct cli *cli, int argc, char **argv);
int cmd_rules_check(struct cli *cli, int argc, char **argv);
int cmd_rules_explain(struct cli *cli, int argc, char **argv);
int cmd_rules_test(struct cli *cli, int argc, char **argv);
int cmd_regimes_list(struct cli *cli, int argc, char **argv);
int cmd_regimes_check(struct cli *cli, int argc, char **argv);
int cmd_alerts(struct cli *cli, int argc, char **argv);
int cmd_tail(struct cli *cli, int argc, char **argv);
int cmd_show(struct cli *cli, int argc, char **argv);
int cmd_status(struct cli *cli, int argc, char **argv);
int cmd_state_show(struct cli *cli, int argc, char **argv);
int cmd_state_forget(struct cli *cli, int argc, char **argv);
int cmd_people(struct cli *cli, int argc, char **argv);
int cmd_people_suggest(struct cli *cli, int argc, char **argv);
int cmd_posture(struct cli *cli, int argc, char **argv);
int cmd_readiness(struct cli *cli, int argc, char **argv);
int cmd_readiness_answer(struct cli *cli, int argc, char **argv);
int cmd_config_check(struct cli *cli, int argc, char **argv);
int cmd_config_show(struct cli *cli, int argc, char **argv);
int cmd_doctor(struct cli *cli, int argc, char **argv);
int cmd_reload(struct cli *cli, int argc, char **argv);
int cmd_silence_add(struct cli *cli, int argc, char **argv);
int cmd_silence_list(struct cli *cli, int argc, char **argv);
int cmd_silence_end(struct cli *cli, int argc, char **argv);
int cmd_answer(struct cli *cli, int argc, char **argv);
int cmd_acknowledge(struct cli *cli, int argc, char **argv);
int cmd_close(struct cli *cli, int argc, char **argv);
int cmd_reopen(struct cli *cli, int argc, char **argv);
int cmd_note(struct cli *cli, int argc, char **argv);
int cmd_risk(struct cli *cli, int argc, char **argv);
int cmd_notices(struct cli *cli, int argc, char **argv);
int cmd_notices_test(struct cli *cli, int argc, char **argv);
int cmd_notices_channels(struct cli *cli, int argc, char **argv);
int cmd_report(struct cli *cli, int argc, char **argv);
int cmd_digest(struct cli *cli, int argc, char **argv);
int cmd_clock(struct cli *cli, int argc, char **argv);
int cmd_case_customers(struct cli *cli, int argc, char **argv);
int cmd_case(struct cli *cli, int argc, char **argv);
int cmd_case_alert(struct cli *cli, int argc, char **argv);
int cmd_case_drill(struct cli *cli, int argc, char **argv);
int cmd_case_close(struct cli *cli, int argc, char **argv);
int cmd_case_draft(struct cli *cli, int argc, char **argv);
int cmd_case_done(struct cli *cli, int argc, char **argv);
int cmd_case_fields(struct cli *cli, int argc, char **argv);
int cmd_case_list(struct cli *cli, int argc, char **argv);
int cmd_case_mark(struct cli *cli, int argc, char **argv);
int cmd_case_missing(struct cli *cli, int argc, char **argv);
int cmd_case_note(struct cli *cli, int argc, char **argv);
int cmd_case_open(struct cli *cli, int argc, char **argv);
int cmd_case_regime(struct cli *cli, int argc, char **argv);
int cmd_case_reopen(struct cli *cli, int argc, char **argv);
int cmd_case_set(struct cli *cli, int argc, char **argv);
int cmd_case_show(struct cli *cli, int argc, char **argv);
int cmd_verify(struct cli *cli, int argc, char **argv);
int cmd_export(struct cli *cli, int argc, char **argv);
int cmd_case_export(struct cli *cli, int argc, char **argv);
int cmd_case_verify(struct cli *cli, int argc, char **argv);

/* "log.json:12" becomes the file's name and the record's index; a file of that very name goes first. Changes the text. */
const char *cli_split_index(char *text, bool *ret_has_index, uint64_t *ret_index);
/* Reads the file of --placeholders, once; what is wrong with it is printed. The options for rules, or NULL. */
const struct sigma_options *cli_language(struct cli *cli);
/* Opens what --geoip, --networks and --people name; what is wrong is printed. CLI_OK or CLI_CANNOT. */
int cli_enrich(const struct cli *cli, struct setup *setup);
/* The source of that name; where there is none NULL, and it is printed which names are near. */
const struct source *cli_find_source(const struct sourceset *set, const char *name);
/* The names of sources that are near to a wrong one, "a, b"; none may be. */
void cli_near_sources(const struct sourceset *set, const char *name, struct strbuf *ret);
/* Loads sources and rules, with cli_enrich(), printing what is wrong with files that were left out. CLI_OK, CLI_CANNOT, or
 * CLI_USAGE: --source names none of the sources. */
int cli_load(struct cli *cli, bool with_rules, struct setup *ret);
/* Reads logs into the census of a store, for a setup without rules; what is wrong is printed. CLI_OK or CLI_CANNOT. */
struct store;
int cli_read_census(struct cli *cli, const struct setup *setup, struct store *store, int argc, char **argv);
/* The accounts of these logs, or, without any, of the daemon's store, with the people of --people or of the installed
 * configuration. *ret and *ret_setup (which it points into) are the caller's to end; CLI_OK or CLI_CANNOT. */
struct accounts;
int cli_accounts(struct cli *cli, int argc, char **argv, struct setup *ret_setup, struct accounts *ret);
/* The accounts of an open store. *ret is the caller's to end, also after a failure: -ENOMEM or what the store said. */
struct query;
int cli_accounts_of(const struct setup *setup, struct query *q, struct accounts *ret);
/* Without --people: those of the installed configuration, where it has any. */
void cli_default_people(struct cli *cli);
/* The daemon's state folder: --state, $SHOPBELL_STATE or the installed one. */
const char *cli_state(const struct cli *cli);
/* Path of the store in it. */
const char *cli_store_path(const struct cli *cli);
/* Opens it for reading; what is wrong is printed. CLI_OK or CLI_CANNOT. */
struct query;
int cli_query(const struct cli *cli, struct query **ret);
/* How many notices are in which state, for `shopbell status`. 0, or negative as of the store or fn. */
int notices_each_state(struct query *q, int (*fn)(void *userdata, const char *name, uint64_t n, const char *help), void *userdata);
/* Has the running daemon carry out an order (orders.h); where none runs, does so itself under the lock. Prints what came of
 * it. CLI_OK, CLI_FOUND: refused, or another exit code. */
int daemon_order(const struct cli *cli, struct str order);
/* --reveal: has the history say that the records of that alert, or of `what`, are read in the clear, and `q` read them so. `secret` must
 * outlive it, and is the caller's to wipe. CLI_OK, or the exit code. */
struct secret;
struct query;
int cli_reveal(const struct cli *cli, struct query *q, const char *alert, struct str what, struct secret *secret);
void cli_revealed(const struct query *q); /* in the end: warns when records stayed under pseudonyms */

#endif
