/* SPDX-License-Identifier: Apache-2.0 */

/* shopbell: the command line. */

#include <errno.h>
#include <locale.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "monitor/base/hash.h"
#include "monitor/base/log.h"
#include "monitor/cli/cli.h"
#include "monitor/config.h"
#include "monitor/store/query.h"

enum { HELP_COLUMNS = 80 };
enum { SHORT_HELP_BYTES_MAX = 60 }; /* of a command among the others: 80 columns */
enum { NEAR_CHARS_MIN = 3, NEAR_DISTANCE_MAX = 3, NEAR_NAMES_MAX = 3 }; /* of names that may have been meant */

static const struct cli_command commands[] = {
        { "scan", "FILE|DIR|-…", "read logs once and show the alerts they lead to",
          OPT_RULES | OPT_LANGUAGE | OPT_SOURCES | OPT_OUTPUT | OPT_SCAN | OPT_READ | OPT_INPUT_SOURCE | OPT_ENRICH, cmd_scan },
        { "backtest", "FILE|DIR|-…", "what would have happened in these days: how often it would have rung, and about what",
          OPT_RULES | OPT_LANGUAGE | OPT_SOURCES | OPT_BACKTEST | OPT_READ | OPT_INPUT_SOURCE | OPT_ENRICH, cmd_backtest },
        { "parse", "FILE|DIR|-…", "show the normalised records, one JSON object a line",
          OPT_SOURCES | OPT_OUTPUT | OPT_NATIVE | OPT_INPUT_SOURCE | OPT_ENRICH, cmd_parse },
        { "alerts", "", "alerts that the daemon raised",
          OPT_SCREEN | OPT_FILTER | OPT_ALERTS | OPT_FOLLOW | OPT_STORE, cmd_alerts },
        { "tail", "[FILE…]", "records as they pass, a line each: reads the logs itself, beside the daemon", OPT_TAIL | OPT_NATIVE | OPT_SOURCES | OPT_ENRICH, cmd_tail },
        { "show", "ALERT", "one alert in full: the sentence, the why, the records (ALERT: the first digits of its id)",
          OPT_SCREEN | OPT_STORE | OPT_REVEAL | OPT_OUTPUT, cmd_show },
        { "answer", "ALERT me|not-me|undo", "say of an alert whether it was you: me closes it, not-me raises its level", OPT_STORE | OPT_NOTE, cmd_answer },
        { "ack", "ALERT", "say that an alert has been seen", OPT_STORE | OPT_NOTE, cmd_acknowledge },
        { "acknowledge", "ALERT", "the same as ack", OPT_STORE | OPT_NOTE, cmd_acknowledge },
        { "close", "ALERT", "say that an alert is dealt with, and what it was", OPT_STORE | OPT_NOTE | OPT_CLOSE, cmd_close },
        { "reopen", "ALERT", "take back that an alert is closed", OPT_STORE | OPT_NOTE, cmd_reopen },
        { "note", "ALERT -m TEXT", "add a line to what is known of an alert", OPT_STORE | OPT_NOTE, cmd_note },
        { "silence add", "", "have alerts that fit not ring for a time; they are kept all the same", OPT_STORE | OPT_SILENCE, cmd_silence_add },
        { "silence list", "", "the silences that count, who set them and why", OPT_SCREEN | OPT_STORE | OPT_OUTPUT | OPT_ALL, cmd_silence_list },
        { "silence end", "ID", "end a silence now", OPT_STORE, cmd_silence_end },
        { "risk", "[PERSON]", "people by what their alerts of the last weeks add up to", OPT_SCREEN | OPT_STORE | OPT_OUTPUT, cmd_risk },
        { "notices test", "CHANNEL", "send a test over a channel", OPT_STORE, cmd_notices_test },
        { "notices channels", "", "the channels over which people are told, and how long each has kept somebody waiting", OPT_SCREEN | OPT_STORE | OPT_OUTPUT,
          cmd_notices_channels },
        { "notices", "", "what people were told, over which channel, and what still waits", OPT_SCREEN | OPT_STORE | OPT_OUTPUT | OPT_ALL | OPT_LIMIT, cmd_notices },
        { "case open", "[ALERT…]", "begin a case: from alerts (--from), or from what somebody wrote or said (--signal, --at)",
          OPT_STORE | OPT_REGIMES | OPT_CASE_OPEN | OPT_AT | OPT_BY, cmd_case_open },
        { "case list", "", "open cases with the clocks that run, the soonest first", OPT_SCREEN | OPT_STORE | OPT_REGIMES | OPT_OUTPUT | OPT_ALL | OPT_REVEAL, cmd_case_list },
        { "case show", "CASE", "one case in full: clocks and why they run, marks, fields, the log, what waits for a person",
          OPT_SCREEN | OPT_STORE | OPT_REGIMES | OPT_OUTPUT | OPT_ALL | OPT_REVEAL, cmd_case_show },
        { "case mark", "CASE EVENT[/REGIME]", "say when something was: signal, possible, grounds, aware, assessed, told-authority, told-people, handled",
          OPT_STORE | OPT_REGIMES | OPT_AT | OPT_BY | OPT_BECAUSE | OPT_CASE_MARK, cmd_case_mark },
        { "case done", "CASE REGIME/DUTY", "say when a duty of a law was done",
          OPT_STORE | OPT_REGIMES | OPT_AT | OPT_BY | OPT_BECAUSE | OPT_CASE_MARK, cmd_case_done },
        { "case set", "CASE FIELD=VALUE…", "say what is known: FIELD=VALUE; of lists FIELD+=WORDS and FIELD-=WORDS",
          OPT_STORE | OPT_BY | OPT_BECAUSE | OPT_CASE_SET, cmd_case_set },
        { "case missing", "CASE", "what each notice that a law asks for still lacks; 1: something is missing",
          OPT_SCREEN | OPT_STORE | OPT_REGIMES | OPT_REGIME | OPT_OUTPUT | OPT_REVEAL, cmd_case_missing },
        { "case regime", "CASE REGIME yes|no|open", "say whether a law applies, as a person decides it", OPT_STORE | OPT_REGIMES | OPT_BY | OPT_BECAUSE, cmd_case_regime },
        { "case note", "CASE -m TEXT", "add a line to what is known of a case", OPT_STORE | OPT_NOTE | OPT_BY, cmd_case_note },
        { "case alert", "CASE ALERT", "put one more alert into a case", OPT_STORE | OPT_BY, cmd_case_alert },
        { "case close", "CASE", "say that a case is dealt with, and why", OPT_STORE | OPT_BY | OPT_BECAUSE, cmd_case_close },
        { "case reopen", "CASE", "go on with a case that was closed", OPT_STORE | OPT_BY | OPT_BECAUSE, cmd_case_reopen },
        { "case customers", "CASE [FILE|DIR|-…]", "who was reached: how many customers, by country, from the store and from logs that are named",
          OPT_STORE | OPT_REVEAL | OPT_SOURCES | OPT_INPUT_SOURCE | OPT_ENRICH | OPT_READ | OPT_REACH | OPT_BY | OPT_BECAUSE, cmd_case_customers },
        { "case export", "CASE FILE", "the evidence pack of a case: one file that tar opens and anybody can check",
          OPT_STORE | OPT_PACK | OPT_REVEAL | OPT_RULES | OPT_LANGUAGE | OPT_REGIMES, cmd_case_export },
        { "case verify", "FILE", "whether an evidence pack is what it was; needs nothing of the shop; 1: it is not", OPT_STORE | OPT_UNPACK, cmd_case_verify },
        { "case drill", "[DRILL]", "practise: an incident in a folder of its own, from the first alert to the drafts, and how many minutes each step takes you",
          OPT_STORE | OPT_RULES | OPT_LANGUAGE | OPT_SOURCES | OPT_REGIMES | OPT_OUTPUT | OPT_BY | OPT_DRILL, cmd_case_drill },
        { "case draft", "CASE", "write a notice as the law asks for it, of what is known: a draft, which is not sent to anybody",
          OPT_STORE | OPT_REGIMES | OPT_DRAFT | OPT_BY | OPT_REVEAL, cmd_case_draft },
        { "case fields", "", "what can be said of a case: the fields that laws ask for, in one list", OPT_SCREEN | OPT_OUTPUT, cmd_case_fields },
        { "case", "[CASE]", "the worst day: open cases and the clocks of laws; one case in full",
          COMMAND_FAMILY | OPT_SCREEN | OPT_STORE | OPT_REGIMES | OPT_OUTPUT | OPT_ALL | OPT_REVEAL, cmd_case },
        { "report", "[FILE|DIR|-…]", "a page for the owner: what needs you, what happened, who can reach what, what left",
          OPT_HTML | OPT_PERIOD | OPT_STORE | OPT_RULES | OPT_LANGUAGE | OPT_SOURCES | OPT_READ | OPT_INPUT_SOURCE | OPT_ENRICH, cmd_report },
        { "digest", "[FILE|DIR|-…]", "the same in at most 40 lines of text, for a mail or the journal",
          OPT_PERIOD | OPT_STORE | OPT_RULES | OPT_LANGUAGE | OPT_SOURCES | OPT_READ | OPT_INPUT_SOURCE | OPT_ENRICH, cmd_digest },
        { "status", "", "what was read, refused, cut and evicted; how the inputs, the rules and the store do", OPT_SCREEN | OPT_STORE | OPT_STATUS, cmd_status },
        { "clock", "[REGIME…]", "until when whom to tell of a breach, by which law: without a case; of the laws that these facts ask for",
          OPT_SCREEN | OPT_OUTPUT | OPT_REGIMES | OPT_CLOCK, cmd_clock },
        { "verify", "[FILE]", "whether the history is what it was: of the daemon's store, or of a copy; 1: it is not", OPT_STORE | OPT_VERIFY, cmd_verify },
        { "export", "", "alerts for other programs, or a copy that can be verified, to standard output",
          OPT_FILTER | OPT_STORE | OPT_EXPORT | OPT_REVEAL | OPT_RULES | OPT_LANGUAGE, cmd_export },
        { "people suggest", "[FILE|DIR|-…]", "draft a people.yml from the accounts seen",
          OPT_SOURCES | OPT_STORE | OPT_INPUT_SOURCE | OPT_ENRICH, cmd_people_suggest },
        { "people", "[FILE|DIR|-…]", "who is behind which account, strangers first: from the daemon's store, or from logs",
          OPT_SCREEN | OPT_SOURCES | OPT_STORE | OPT_OUTPUT | OPT_INPUT_SOURCE | OPT_ENRICH | OPT_WHO, cmd_people },
        { "posture", "[FILE|DIR|-…]", "what to put right: second factors missing, leavers' accounts, strange administrators",
          OPT_SCREEN | OPT_SOURCES | OPT_STORE | OPT_OUTPUT | OPT_INPUT_SOURCE | OPT_ENRICH, cmd_posture },
        { "readiness answer", "CHECK yes|no|TEXT", "say what is so with the shop and cannot be seen; remembered, and asked again in time",
          OPT_STORE | OPT_ANSWER | OPT_BY, cmd_readiness_answer },
        { "readiness", "", "whether the shop is ready for the worst day: what was seen, what was answered, what is missing; 1: something is",
          OPT_SCREEN | OPT_STORE | OPT_OUTPUT | OPT_READINESS | OPT_REGIMES, cmd_readiness },
        { "state show", "[RULE [VALUE…]]", "what correlations hold between records: keys, hits, episodes",
          OPT_SCREEN | OPT_RULES | OPT_LANGUAGE | OPT_STORE | OPT_OUTPUT | OPT_LIMIT, cmd_state_show },
        { "state forget", "RULE [VALUE…]", "erase what a correlation holds, or its keys with these values; the daemon must be stopped",
          OPT_RULES | OPT_LANGUAGE | OPT_STORE, cmd_state_forget },
        { "reload", "", "have the daemon load rules and sources anew; 1: refused, the old ones go on", OPT_STORE, cmd_reload },
        { "doctor", "[FILE]", "what is wrong with this installation, and what to do about it; 1: something is", OPT_STORE | OPT_OUTPUT, cmd_doctor },
        { "config check", "[FILE]", "all mistakes in shopbell.yml and its drop-ins, with their places", 0, cmd_config_check },
        { "config show", "[FILE]", "the configuration that counts, and where each value comes from", OPT_OUTPUT, cmd_config_show },
        { "sources list", "", "the log sources that are known", OPT_SCREEN | OPT_SOURCES | OPT_OUTPUT, cmd_sources_list },
        { "sources identify", "FILE…", "which source a file is of, and how sure that is", OPT_SCREEN | OPT_SOURCES | OPT_OUTPUT,
          cmd_sources_identify },
        { "sources explain", "FILE[:INDEX]", "each field of a record as its log has it, and where it went",
          OPT_SCREEN | OPT_SOURCES | OPT_OUTPUT | OPT_INPUT_SOURCE | OPT_RECORD, cmd_sources_explain },
        { "sources new", "NAME --from SAMPLE", "draft a source file from a sample of a log", OPT_SOURCES | OPT_FROM, cmd_sources_new },
        { "sources coverage", "", "what every source can show, and what it cannot", OPT_SOURCES | OPT_PAGE, cmd_sources_coverage },
        { "sources test", "[NAME…]", "run the samples inside the source files", OPT_SOURCES, cmd_sources_test },
        { "rules list", "", "the rules and the sources they apply to", OPT_SCREEN | OPT_RULES | OPT_LANGUAGE | OPT_SOURCES | OPT_RULES_PAGE, cmd_rules_list },
        { "rules check", "[DIR…]", "find mistakes in rules", OPT_RULES | OPT_LANGUAGE | OPT_SOURCES | OPT_OUTPUT, cmd_rules_check },
        { "rules explain", "RULE FILE[:INDEX]", "why a rule hits a record, or does not",
          OPT_RULES | OPT_LANGUAGE | OPT_SOURCES | OPT_INPUT_SOURCE | OPT_ENRICH, cmd_rules_explain },
        { "rules test", "[FILE|DIR…]", "run the tests inside the rules", OPT_RULES | OPT_LANGUAGE | OPT_SOURCES | OPT_TESTS | OPT_STRICT | OPT_ENRICH,
          cmd_rules_test },
        { "regimes list", "", "the laws about telling of breaches: their clocks, how sure each is, and when somebody last looked",
          OPT_SCREEN | OPT_REGIMES | OPT_REGIMES_PAGE, cmd_regimes_list },
        { "regimes check", "[DIR…]", "find mistakes in files of laws", OPT_REGIMES, cmd_regimes_check },
        { "completion", "bash|zsh|fish|alerts|rules|people|sources|silences|regimes|facts|cases|events", "a script that completes these words in a shell; or the values that it asks for",
          OPT_STORE | OPT_RULES | OPT_SOURCES | OPT_REGIMES, cmd_completion },
};

/* Up to what goes further. */
static struct str first_part(struct str help)
{
        size_t n = 0;

        while (n < help.n && help.p[n] != ':' && help.p[n] != ';')
                n++;
        if (n > SHORT_HELP_BYTES_MAX)
                for (n = 0; n < help.n && help.p[n] != ',';)
                        n++;
        return str_from(help.p, n);
}

static bool is_in_family(const struct cli_command *c, const struct cli_command *family)
{
        size_t n = strlen(family->name);

        return (family->options & COMMAND_FAMILY) && strncmp(c->name, family->name, n) == 0 && c->name[n] == ' ';
}

static bool is_listed(const struct cli_command *c)
{
        for (size_t i = 0; i < ARRAY_LEN(commands); i++)
                if (is_in_family(c, &commands[i]))
                        return false;
        return true;
}

static void print_command(FILE *out, const struct cli_command *c)
{
        struct str help = str_of(c->help);

        fprintf(out, "  %-17s " STR_FMT "\n", c->name, STR_ARG(help.n > SHORT_HELP_BYTES_MAX ? first_part(help) : help));
}

static void print_family(const struct cli_command *family)
{
        for (size_t i = 0; i < ARRAY_LEN(commands); i++)
                if (is_in_family(&commands[i], family))
                        print_command(stdout, &commands[i]);
        if (family->options & COMMAND_FAMILY)
                putchar('\n');
}

static void print_usage(FILE *out)
{
        fputs("usage: shopbell COMMAND [OPTION…] [ARGUMENT…]\n\nA bell over the shop's back door.\n\n", out);
        for (size_t i = 0; i < ARRAY_LEN(commands); i++)
                if (is_listed(&commands[i]))
                        print_command(out, &commands[i]);
        fputs("\nshopbell COMMAND --help shows the options of a command, shopbell --version the\n"
              "version. Exit: 0 ok, 1 found something or failed a check, 2 usage, 3 something\n"
              "could not be read.\n",
              out);
}

size_t cli_commands(const struct cli_command **ret)
{
        *ret = commands;
        return ARRAY_LEN(commands);
}

static int print_help(const struct cli_command *c)
{
        CLEANUP(strbuf_done) struct strbuf usage = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf help = STRBUF_INIT;

        strbuf_addf(&usage, "usage: shopbell %s [OPTION…]%s%s", c->name, *c->args ? " " : "", c->args);
        text_wrap(&help, strbuf_str(&usage), HELP_COLUMNS);
        strbuf_addz(&help, "\n\n");
        text_wrap(&help, str_of(c->help), HELP_COLUMNS);
        printf(STR_FMT "\n\n", STR_ARG(strbuf_str(&help)));
        print_family(c);
        cli_print_options(c);
        return CLI_OK;
}

/* How many words of argv name the command; 0: none. */
static int match_words(const struct cli_command *c, int argc, char **argv)
{
        const char *blank = strchr(c->name, ' ');

        if (!blank)
                return strcmp(argv[0], c->name) == 0 ? 1 : 0;
        if (argc < 2 || strlen(argv[0]) != (size_t)(blank - c->name) || !str_starts(str_of(c->name), str_of(argv[0])))
                return 0;
        return strcmp(argv[1], blank + 1) == 0 ? 2 : 0;
}

/* What is longer than the screen goes to a pager, but not what never ends. */
static int run_on_screen(const struct cli_command *c, struct cli *cli, int argc, char **argv)
{
        int code;

        screen_setup(cli->color);
        if ((c->options & OPT_SCREEN) && !cli->no_pager && !cli->follow && !cli->watch)
                screen_hold();
        code = c->run(cli, argc, argv);
        if (screen_release() < 0)
                log_error("the output could not be shown: %m");
        return code;
}

static int run(const struct cli_command *c, int argc, char **argv)
{
        struct cli cli = {
                .fail_on = _LEVEL_MAX,
                .rings = LEVEL_MEDIUM,
                .max_per_week = -1,
                .top_level = _LEVEL_MAX,
                .view = _VIEW_MAX,
                .since = USEC_NONE,
                .until = USEC_NONE,
                .clock = &clock_system,
                .now = clock_now(&clock_system),
        };
        int code;

        for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
                if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
                        return print_help(c);
        code = cli_parse_options(&cli, c, &argc, argv);
        if (code < 0 && argc > 0 && !*c->args) {
                log_error("%s: shopbell %s takes no arguments; see shopbell %s --help", argv[0], c->name, c->name);
                code = CLI_USAGE;
        }
        if (code < 0)
                code = run_on_screen(c, &cli, argc, argv);
        paths_done(&cli.rules);
        paths_done(&cli.sources);
        paths_done(&cli.regimes);
        paths_done(&cli.templates);
        paths_done(&cli.from_alerts);
        paths_done(&cli.facts);
        paths_done(&cli.geoip);
        paths_done(&cli.against);
        paths_done(&cli.tune);
        paths_done(&cli.whos);
        strbuf_done(&cli.classes);
        strbuf_done(&cli.countries);
        strbuf_done(&cli.standings);
        yaml_file_free(cli.placeholders_file);
        if (fflush(stdout) != 0 || ferror(stdout)) {
                log_error("the output could not be written: %m");
                return code ? code : CLI_CANNOT;
        }
        return code;
}

/* What stands for the second word, as "add, list, end"; empty: no command begins with `word`. */
static void second_words(const char *word, char *ret, size_t n_ret)
{
        size_t n = strlen(word), at = 0;

        *ret = '\0';
        for (size_t i = 0; i < ARRAY_LEN(commands); i++)
                if (strncmp(commands[i].name, word, n) == 0 && commands[i].name[n] == ' ' && at < n_ret)
                        at += (size_t)snprintf(ret + at, n_ret - at, "%s%s", at > 0 ? ", " : "",
                                               commands[i].name + n + 1);
}

int main(int argc, char **argv)
{
        uint8_t seed[HASH_SEED_BYTES];
        char words[256];

        setlocale(LC_CTYPE, ""); /* which characters a table can show */
        log_setup("shopbell", false, LOG_LEVEL_INFO);
        if (sodium_init() < 0)
                return CLI_CANNOT;
        randombytes_buf(seed, sizeof seed);
        hash_seed(seed);
        if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
                print_usage(argc < 2 ? stderr : stdout);
                return argc < 2 ? CLI_USAGE : CLI_OK;
        }
        if (strcmp(argv[1], "--version") == 0) {
                puts("shopbell " PACKAGE_VERSION);
                return CLI_OK;
        }
        for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
                int n = match_words(&commands[i], argc - 1, argv + 1);

                if (n > 0)
                        return run(&commands[i], argc - 1 - n, argv + 1 + n);
        }
        second_words(argv[1], words, sizeof words);
        if (*words)
                log_error("%s needs one of these words behind it: %s; see shopbell --help", argv[1], words);
        else
                log_error("%s is no command of shopbell; see shopbell --help", argv[1]);
        return CLI_USAGE;
}

const char *cli_split_index(char *text, bool *ret_has_index, uint64_t *ret_index)
{
        char *colon = strrchr(text, ':');

        if (!colon || access(text, F_OK) == 0 || str_to_u64(str_of(colon + 1), ret_index) < 0)
                return text;
        *colon = '\0';
        *ret_has_index = true;
        return text;
}

/* A map of its own, or the `placeholders` of a shopbell.yml. */
static int read_placeholders(struct cli *cli, struct err *reterr)
{
        const struct yaml *map, *inner;
        int r = yaml_load(cli->placeholders, &cli->placeholders_file, reterr);

        if (r < 0)
                return r;
        if (cli->placeholders_file->n != 1)
                return err_at(reterr, -EBADMSG, cli->placeholders, 1, 1, "one map is expected here, such as  admins: [root, backup-*]");
        map = cli->placeholders_file->docs[0];
        inner = yaml_get(map, "placeholders");
        cli->language.placeholders = inner && inner->kind == YAML_MAP ? inner : map;
        return sigma_placeholders_check(cli->language.placeholders, cli->placeholders, reterr);
}

const struct sigma_options *cli_language(struct cli *cli)
{
        struct err err = { 0 };

        if (cli->placeholders && !cli->placeholders_file && read_placeholders(cli, &err) < 0) {
                log_err(LOG_LEVEL_ERROR, &err);
                return NULL;
        }
        return &cli->language;
}

int cli_enrich(const struct cli *cli, struct setup *setup)
{
        CLEANUP(err_list_done) struct err_list errors = ERR_LIST_INIT;
        CLEANUP(err_list_done) struct err_list remarks = ERR_LIST_INIT;
        struct setup_enrich from = { .geoip = &cli->geoip, .networks_file = cli->networks, .people_file = cli->people };
        int r = setup_enrich(setup, &from, &errors, &remarks);

        for (size_t i = 0; i < remarks.n; i++)
                log_err(LOG_LEVEL_WARNING, &remarks.items[i]);
        for (size_t i = 0; i < errors.n; i++)
                log_err(LOG_LEVEL_ERROR, &errors.items[i]);
        if (r < 0)
                log_error("out of memory");
        return r < 0 || errors.n > 0 ? CLI_CANNOT : CLI_OK;
}

/* Of source names: 0 where one lies in the other, else how many characters differ. */
static size_t distance(struct str word, struct str name)
{
        bool is_part = word.n >= NEAR_CHARS_MIN && (str_find(name, word) != SIZE_MAX || str_find(word, name) != SIZE_MAX);

        return is_part ? 0 : str_distance(word, name);
}

void cli_near_sources(const struct sourceset *set, const char *name, struct strbuf *ret)
{
        size_t n = 0, d_max = size_min(strlen(name) / 2, NEAR_DISTANCE_MAX);

        for (size_t d = 0; d <= d_max; d++)
                for (size_t i = 0; i < sourceset_count(set) && n < NEAR_NAMES_MAX; i++) {
                        const char *other = source_name(sourceset_get(set, i));

                        if (distance(str_of(name), str_of(other)) == d)
                                strbuf_addf(ret, "%s%s", n++ > 0 ? ", " : "", other);
                }
}

const struct source *cli_find_source(const struct sourceset *set, const char *name)
{
        CLEANUP(strbuf_done) struct strbuf near = STRBUF_INIT;
        const struct source *found = sourceset_find(set, str_of(name));

        if (found)
                return found;
        cli_near_sources(set, name, &near);
        log_error("%s: no such log source%s%s; `shopbell sources list` shows them", name, near.n > 0 ? ", did you mean " : "",
                  near.n > 0 && near.p ? near.p : "");
        return NULL;
}

int cli_load(struct cli *cli, bool with_rules, struct setup *ret)
{
        const struct sigma_options *language = cli_language(cli);
        CLEANUP(err_list_done) struct err_list errors = ERR_LIST_INIT;
        struct err err = { 0 };
        int r;

        if (!language)
                return CLI_CANNOT;
        r = setup_load(&cli->sources, with_rules ? &cli->rules : NULL, language, ret, &errors, NULL, &err);
        for (size_t i = 0; i < errors.n; i++)
                log_err(LOG_LEVEL_WARNING, &errors.items[i]);
        if (r < 0) {
                log_err(LOG_LEVEL_ERROR, &err);
                return CLI_CANNOT;
        }
        r = CLI_USAGE;
        if (!cli->source || cli_find_source(ret->sources, cli->source))
                r = cli_enrich(cli, ret);
        if (r != CLI_OK)
                setup_done(ret);
        return r;
}

const char *cli_state(const struct cli *cli)
{
        const char *dir = cli->state ? cli->state : getenv("SHOPBELL_STATE");

        return dir && *dir ? dir : SHOPBELL_STATE_DIR;
}

const char *cli_store_path(const struct cli *cli)
{
        static char path[4096];

        snprintf(path, sizeof path, "%s/" CONFIG_STORE_FILE, cli_state(cli));
        return path;
}

int cli_query(const struct cli *cli, struct query **ret)
{
        struct err err = { 0 };
        int r = query_open(cli_store_path(cli), ret, &err);

        if (r < 0)
                log_err(LOG_LEVEL_ERROR, &err);
        return r < 0 ? CLI_CANNOT : CLI_OK;
}
