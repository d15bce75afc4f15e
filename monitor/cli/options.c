/* SPDX-License-Identifier: Apache-2.0 */

/* Options: one table for all commands. To add one: a row, and a place for its value in struct cli; mostly its kind is here. */

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "monitor/base/json_write.h"
#include "monitor/base/log.h"
#include "monitor/cases/draft.h"
#include "monitor/cli/cli.h"

enum {
        TUNE_MAX = 16, /* rules at a time: each number of each is an engine of its own */
        THREADS_MAX = 64,
        LIMIT_MAX = 1000000000,
        HELP_COLUMNS = 80 - 27,
};

/* What --output may be, of which rows. */
static const struct form {
        const char *word;
        uint64_t of;
        enum cli_format format;
        enum cli_report report;
} forms[] = {
        { "table", OPT_OUTPUT | OPT_STATUS | OPT_RULES_PAGE | OPT_REGIMES_PAGE | OPT_ALERTS | OPT_TAIL, FORMAT_TABLE, REPORT_LINES },
        { "prometheus", OPT_STATUS, FORMAT_PROMETHEUS, REPORT_LINES },
        { "wide", OPT_ALERTS, FORMAT_WIDE, REPORT_LINES },
        { "markdown", OPT_ALERTS, FORMAT_MD, REPORT_LINES },
        { "json", OPT_OUTPUT | OPT_REACH | OPT_STATUS | OPT_RULES_PAGE | OPT_REGIMES_PAGE | OPT_PAGE | OPT_BACKTEST | OPT_ALERTS | OPT_VERIFY | OPT_UNPACK, FORMAT_JSON, REPORT_LINES },
        { "ndjson", OPT_OUTPUT | OPT_STATUS | OPT_RULES_PAGE | OPT_REGIMES_PAGE | OPT_ALERTS | OPT_TAIL | OPT_EXPORT, FORMAT_NDJSON, REPORT_LINES },
        { "csv", OPT_OUTPUT | OPT_STATUS | OPT_RULES_PAGE | OPT_REGIMES_PAGE | OPT_ALERTS, FORMAT_CSV, REPORT_LINES },
        { "md", OPT_RULES_PAGE | OPT_REGIMES_PAGE | OPT_PAGE, FORMAT_MD, REPORT_LINES },
        { "text", OPT_VERIFY | OPT_UNPACK | OPT_DRAFT, FORMAT_TABLE, REPORT_LINES },
        { "html", OPT_DRAFT, FORMAT_HTML, REPORT_LINES },
        { "ecs", OPT_EXPORT, FORMAT_ECS, REPORT_LINES },
        { "ocsf", OPT_EXPORT, FORMAT_OCSF, REPORT_LINES },
        { "words", OPT_BACKTEST | OPT_REACH, FORMAT_TABLE, REPORT_LINES },
        { "lines", OPT_TESTS, FORMAT_TABLE, REPORT_LINES },
        { "tap", OPT_TESTS, FORMAT_TABLE, REPORT_TAP },
        { "junit", OPT_TESTS | OPT_BACKTEST, FORMAT_TABLE, REPORT_JUNIT },
};

/* How an alert is closed, and the answer of quiet/order.h for it. */
static const struct {
        const char *word, *answer;
} verdicts[] = { { "true", "closed-true" }, { "false", "closed-false" }, { "benign", "closed-benign" } };

struct option_row {
        const char *name;
        char letter; /* 0: none */
        const char *arg; /* NULL: a flag */
        uint64_t of; /* which commands take it */
        int (*set)(struct cli *cli, const struct option_row *row, const char *value); /* negative: not a good value */
        size_t at; /* of the value in struct cli, where `set` is of a kind */
        const char *help; /* NULL: an old name, not shown */
};

#define AT(member) offsetof(struct cli, member)

/* ---- Kinds: what stands at row->at ---- */

static void *place(struct cli *cli, const struct option_row *row)
{
        return (char *)cli + row->at;
}

static int set_flag(struct cli *cli, const struct option_row *row, const char *v)
{
        (void)v;
        *(bool *)place(cli, row) = true;
        return 0;
}

static int set_text(struct cli *cli, const struct option_row *row, const char *v)
{
        *(const char **)place(cli, row) = v;
        return 0;
}

static int set_paths(struct cli *cli, const struct option_row *row, const char *v)
{
        return paths_add(place(cli, row), v);
}

static int set_level(struct cli *cli, const struct option_row *row, const char *v)
{
        enum level level = level_find(str_of(v));

        *(enum level *)place(cli, row) = level;
        return level == _LEVEL_MAX ? -1 : 0;
}

static int set_span(struct cli *cli, const struct option_row *row, const char *v)
{
        usec *to = place(cli, row);

        return duration_parse(str_of(v), to) < 0 || *to <= 0 ? -1 : 0;
}

/* A date or time. */
static int set_moment(struct cli *cli, const struct option_row *row, const char *v)
{
        struct time_hint hint = { .reference = USEC_NONE, .local = true };

        return time_parse(str_of(v), TIME_UNIT_S, &hint, place(cli, row));
}

/* The same, or "24h": back from now. */
static int set_past(struct cli *cli, const struct option_row *row, const char *v)
{
        usec d;

        if (duration_parse(str_of(v), &d) < 0)
                return set_moment(cli, row, v);
        *(usec *)place(cli, row) = cli->now - d;
        return 0;
}

/* ---- Others ---- */

static int set_form(struct cli *cli, const struct option_row *row, const char *v)
{
        for (size_t i = 0; i < ARRAY_LEN(forms); i++)
                if ((forms[i].of & row->of) && strcmp(v, forms[i].word) == 0) {
                        cli->format = forms[i].format;
                        cli->report = forms[i].report;
                        return 0;
                }
        return -1;
}

static int set_tune(struct cli *cli, const struct option_row *row, const char *v)
{
        return cli->tune.n < TUNE_MAX ? set_paths(cli, row, v) : -1;
}

static int set_index(struct cli *cli, const struct option_row *row, const char *v)
{
        (void)row;
        cli->has_index = true;
        return str_to_u64(str_of(v), &cli->index);
}

static int get_number(const char *v, uint64_t max, uint64_t *ret)
{
        return str_to_u64(str_of(v), ret) < 0 || *ret < 1 || *ret > max ? -1 : 0;
}

static int set_threads(struct cli *cli, const struct option_row *row, const char *v)
{
        uint64_t n;

        (void)row;
        if (get_number(v, THREADS_MAX, &n) < 0)
                return -1;
        cli->threads = (unsigned)n;
        return 0;
}

static int set_limit(struct cli *cli, const struct option_row *row, const char *v)
{
        uint64_t n;

        (void)row;
        if (get_number(v, LIMIT_MAX, &n) < 0)
                return -1;
        cli->limit = (unsigned long)n;
        return 0;
}

static int set_view(struct cli *cli, const struct option_row *row, const char *v)
{
        (void)row;
        cli->view = readiness_view_find(str_of(v));
        return cli->view < _VIEW_MAX ? 0 : -1;
}

static int set_color(struct cli *cli, const struct option_row *row, const char *v)
{
        (void)row;
        for (size_t i = 0; i < _COLOR_MAX; i++)
                if (strcmp(v, color_words[i]) == 0) {
                        cli->color = (enum color_when)i;
                        return 0;
                }
        return -1;
}

static int set_verdict(struct cli *cli, const struct option_row *row, const char *v)
{
        (void)row;
        for (size_t i = 0; i < ARRAY_LEN(verdicts); i++)
                if (strcmp(v, verdicts[i].word) == 0) {
                        cli->verdict = verdicts[i].answer;
                        return 0;
                }
        return -1;
}

/* "90d" counts back from the newest record, which is not known yet; else a time, as set_moment() has it. */
static int set_back(struct cli *cli, const struct option_row *row, const char *v)
{
        cli->since = USEC_NONE;
        if (duration_parse(str_of(v), &cli->span) == 0)
                return cli->span > 0 ? 0 : -1;
        cli->span = 0;
        return set_moment(cli, row, v);
}

static int set_base(struct cli *cli, const struct option_row *row, const char *v)
{
        (void)row;
        return get_number(v, INT64_MAX, &cli->base);
}

static int set_max_per_week(struct cli *cli, const struct option_row *row, const char *v)
{
        char *end;

        (void)row;
        cli->max_per_week = strtod(v, &end);
        return *v >= '0' && *v <= '9' && *end == '\0' && cli->max_per_week < 1e9 ? 0 : -1;
}

/* ---- Lists: "login,mfa" becomes a JSON array ---- */

/* `find` gives the text to put, absent for a word that is none. */
static int set_list(struct cli *cli, const struct option_row *row, const char *v, struct str (*find)(struct str word, char buf[16]))
{
        struct strbuf *list = place(cli, row);
        struct str rest = str_of(v), word, text;
        struct json_writer w = JSON_WRITER(list);
        char buf[16];

        strbuf_clear(list);
        json_begin(&w, '[');
        while (str_cut(&rest, ',', &word)) {
                text = find(str_trim(word), buf);
                if (!text.p)
                        return -1;
                json_str(&w, text);
        }
        json_end(&w, ']');
        return strbuf_failed(list) ? -1 : 0;
}

static struct str find_class(struct str word, char buf[16])
{
        enum class class = class_find(word);

        (void)buf;
        return class == _CLASS_MAX ? STR_NONE : str_of(class_name(class));
}

static int set_classes(struct cli *cli, const struct option_row *row, const char *v)
{
        return set_list(cli, row, v, find_class);
}

static struct str find_country(struct str word, char buf[16])
{
        if (word.n != 2 || !isalpha((unsigned char)word.p[0]) || !isalpha((unsigned char)word.p[1]))
                return STR_NONE;
        buf[0] = (char)toupper((unsigned char)word.p[0]);
        buf[1] = (char)toupper((unsigned char)word.p[1]);
        return str_from(buf, 2);
}

static int set_countries(struct cli *cli, const struct option_row *row, const char *v)
{
        return set_list(cli, row, v, find_country);
}

static const char *const standings[] = {
#define X(id, word, text) word,
        STANDINGS(X)
#undef X
        "acknowledged", "me", "not-me",
};

static struct str find_standing(struct str word, char buf[16])
{
        (void)buf;
        for (size_t i = 0; i < ARRAY_LEN(standings); i++)
                if (str_eqz(word, standings[i]))
                        return word;
        for (size_t i = 0; i < ARRAY_LEN(verdicts); i++)
                if (str_eqz(word, verdicts[i].word))
                        return str_of(verdicts[i].answer);
        return STR_NONE;
}

static int set_standings(struct cli *cli, const struct option_row *row, const char *v)
{
        return set_list(cli, row, v, find_standing);
}

static const char *const sorts[_SORT_MAX] = { "time", "level", "count", "person" };

static int set_sort(struct cli *cli, const struct option_row *row, const char *v)
{
        (void)row;
        for (size_t i = 0; i < _SORT_MAX; i++)
                if (strcmp(v, sorts[i]) == 0) {
                        cli->sort = (enum query_sort)i;
                        return 0;
                }
        return -1;
}

/* ---- The table ---- */

static const struct option_row rows[] = {
        { "rules", 0, "DIR", OPT_RULES, set_paths, AT(rules), "folder or file of rules (repeatable)" },
        { "sources", 0, "DIR", OPT_SOURCES, set_paths, AT(sources), "folder of source files (repeatable)" },
        { "regimes", 0, "DIR", OPT_REGIMES, set_paths, AT(regimes), "folder of laws (repeatable)" },
        { "signal", 0, "TIME", OPT_CLOCK, set_text, AT(moments[EVENT_SIGNAL]), "the first alert, complaint or question: \"2026-11-17 16:00 Asia/Seoul\", 2026-11-17T16:00+09:00, 2h ago" },
        { "possible", 0, "TIME", OPT_CLOCK, set_text, AT(moments[EVENT_POSSIBLE]), "when a leak was possible, but not confirmed" },
        { "grounds", 0, "TIME", OPT_CLOCK, set_text, AT(moments[EVENT_GROUNDS]), "when there were credible grounds to suspect that data was reached" },
        { "aware", 0, "TIME", OPT_CLOCK, set_text, AT(moments[EVENT_AWARE]), "when it was reasonably certain that personal data was compromised" },
        { "assessed", 0, "TIME", OPT_CLOCK, set_text, AT(moments[EVENT_ASSESSED]), "when it was judged to be one that must be notified" },
        { "told-authority", 0, "TIME", OPT_CLOCK, set_text, AT(moments[EVENT_TOLD_AUTHORITY]), "when the authority was told" },
        { "told-people", 0, "TIME", OPT_CLOCK, set_text, AT(moments[EVENT_TOLD_PEOPLE]), "when the people affected were told" },
        { "handled", 0, "TIME", OPT_CLOCK, set_text, AT(moments[EVENT_HANDLED]), "when the incident was dealt with" },
        { "fact", 0, "NAME=VALUE", OPT_CLOCK, set_paths, AT(facts), "what is known: people.kr=1200, people.us-ca=\"at least 40\", sensitive=no, data=email,password (repeatable)" },
        { "at", 0, "TIME", OPT_CLOCK, set_text, AT(at), "what counts as now" },
        { "all", 'a', NULL, OPT_CLOCK, set_flag, AT(all), "also clocks that do not run, and why" },
        { "placeholders", 0, "FILE", OPT_LANGUAGE, set_text, AT(placeholders),
          "values of %placeholders% in rules: a YAML map of lists, or a shopbell.yml" },
        { "with-deprecated", 0, NULL, OPT_LANGUAGE, set_flag, AT(language.with_deprecated),
          "also run rules whose status is deprecated or unsupported" },
        { "geoip", 0, "FILE", OPT_ENRICH, set_paths, AT(geoip), "MaxMind database of places or networks of addresses (repeatable)" },
        { "networks", 0, "FILE", OPT_ENRICH, set_text, AT(networks), "your own networks: a YAML list, or a shopbell.yml" },
        { "people", 0, "FILE", OPT_ENRICH, set_text, AT(people), "who works here, with which accounts: a people.yml, or a shopbell.yml" },
        { "output", 'o', "FORMAT", OPT_OUTPUT, set_form, 0, "table, json, ndjson or csv" },
        { "output", 'o', "FORMAT", OPT_STATUS, set_form, 0, "table, json, ndjson, csv or prometheus" },
        { "output", 'o', "FORMAT", OPT_ALERTS, set_form, 0, "table, wide, json, ndjson, csv or markdown" },
        { "output", 'o', "FORMAT", OPT_RULES_PAGE, set_form, 0, "table, json, ndjson or csv; md: a page of all rules by class and source" },
        { "output", 'o', "FORMAT", OPT_REGIMES_PAGE, set_form, 0, "table, json, ndjson or csv; md: a page of all laws with what their notices say" },
        { "output", 'o', "FORMAT", OPT_PAGE, set_form, 0, "md (default) or json" },
        { "from", 0, "FILE", OPT_FROM, set_text, AT(from), "a sample of the log: a file with its first records, or - for standard input" },
        { "index", 0, "N", OPT_RECORD, set_index, 0, "the record to begin with, the first is 0 (as FILE:N)" },
        { "limit", 'n', "N", OPT_RECORD, set_limit, 0, "so many records (default: 1)" },
        { "output", 'o', "FORMAT", OPT_TESTS, set_form, 0, "lines (default), tap or junit" },
        { "hits", 0, NULL, OPT_SCAN, set_flag, AT(hits), "print every hit of a single-event rule instead of alerts" },
        { "threads", 0, "N", OPT_READ, set_threads, 0, "threads that parse and match (default: one a core, at most 4)" },
        { "threads", 0, "N", OPT_TESTS, set_threads, 0, "threads that run tests (default: one a core)" },
        { "strict", 0, NULL, OPT_STRICT, set_flag, AT(is_strict), "a rule without a hit, a miss and a look-alike among its tests fails" },
        { "fail-on", 0, "LEVEL", OPT_SCAN, set_level, AT(fail_on), "exit 1 when there is an alert (or hit) of this level or above" },
        { "quiet", 'q', NULL, OPT_READ, set_flag, AT(is_quiet), "no summary on stderr" },
        { "source", 0, "NAME", OPT_INPUT_SOURCE, set_text, AT(source), "the log source the files are of, instead of recognising it" },
        { "native", 0, NULL, OPT_NATIVE, set_flag, AT(native), "print the platform's own fields too" },
        { "output", 'o', "FORMAT", OPT_BACKTEST, set_form, 0, "words (default), json or junit" },
        { "since", 0, "SPAN", OPT_BACKTEST, set_back, AT(since), "back from the newest record (default: 90d), or a date; what lies before is learned from" },
        { "level", 0, "LEVEL", OPT_BACKTEST, set_level, AT(rings), "from this level on an alert rings (default: medium)" },
        { "against", 0, "DIR", OPT_BACKTEST, set_paths, AT(against), "compare with other rules: a folder or file (repeatable)" },
        { "tune", 0, "RULE[=N,N]", OPT_BACKTEST, set_tune, AT(tune), "what a correlation would have done with other numbers (up to 16 times)" },
        { "max-per-week", 0, "N", OPT_BACKTEST, set_max_per_week, 0, "exit 1 when a rule rings more often" },
        { "expect", 0, "FILE", OPT_BACKTEST, set_text, AT(expect), "exit 1 when alerts do not come that must, or come that must not: a YAML list" },
        { "limit", 'n', "N", OPT_BACKTEST, set_limit, 0, "show so many of the alerts that ring (default: 20)" },
        { "since", 0, "TIME", OPT_FILTER, set_past, AT(since), "alerts since: 24h, 2026-11-01, 2026-11-01T09:00:00" },
        { "until", 0, "TIME", OPT_FILTER, set_past, AT(until), "alerts that began before" },
        { "level", 0, "LEVEL", OPT_FILTER, set_level, AT(level), "this level or above" },
        { "rule", 0, "RULE", OPT_FILTER, set_text, AT(rule), "rule id, or a part of its title" },
        { "who", 0, "WHO", OPT_FILTER, set_text, AT(who), "a part of the person or of what the alert groups by" },
        { "who", 0, "WHO", OPT_WHO, set_text, AT(who), "one person, or a part of an account, in full" },
        { "source", 0, "NAME", OPT_FILTER | OPT_TAIL, set_text, AT(source), "log source" },
        { "limit", 'n', "N", OPT_FILTER, set_limit, 0, "the newest N (with --worst-first, the worst)" },
        { "limit", 'n', "N", OPT_LIMIT, set_limit, 0, "the first N (default: all, of a table 1000)" },
        { "all", 'a', NULL, OPT_FILTER | OPT_SCAN, set_flag, AT(all), "also alerts that do not ring, are closed, merged into an earlier one or withdrawn" },
        { "worst-first", 'w', NULL, OPT_FILTER | OPT_SCAN, set_flag, AT(worst_first), "the highest level first, instead of by time" },
        { "class", 0, "CLASS", OPT_ALERTS | OPT_TAIL, set_classes, AT(classes), "of these classes: login,mfa" },
        { "country", 0, "COUNTRY", OPT_ALERTS | OPT_TAIL, set_countries, AT(countries), "from one of these countries: NG,RU" },
        { "network", 0, "NETWORK", OPT_ALERTS, set_text, AT(network),
          "with a record from there: name, class (vpn, tor, …) or operator of a network, address, or 192.0.2.0/24" },
        { "person", 0, "PERSON", OPT_ALERTS | OPT_TAIL, set_text, AT(person), "about this person: the name in full" },
        { "text", 0, "TEXT", OPT_ALERTS, set_text, AT(text), "with this text in the sentence, the why, the rule's title, or who and what is involved" },
        { "text", 0, "TEXT", OPT_TAIL, set_text, AT(text), "with this text anywhere in the record" },
        { "seal", 0, NULL, OPT_PACK, set_flag, AT(seal), "so that it opens with a passphrase only, which is asked for" },
        { "passphrase-file", 0, "FILE", OPT_PACK | OPT_UNPACK, set_text, AT(passphrase_file), "the passphrase is its first line: nobody is asked" },
        { "extract", 0, "DIR", OPT_UNPACK, set_text, AT(extract), "unpack it into this new folder, if it is sound" },
        { "config", 0, "FILE", OPT_PACK, set_text, AT(config), "the shopbell.yml that goes into it, without secrets (default: the installed one)" },
        { "config", 0, "FILE", OPT_TAIL, set_text, AT(config), "the shopbell.yml that says which logs (default: the installed one)" },
        { "output", 'o', "FORMAT", OPT_TAIL, set_form, 0, "table (default) or ndjson: whole records" },
        { "is", 0, "STATE", OPT_ALERTS, set_standings, AT(standings),
          "open, answered, closed, muted, silenced, merged or withdrawn; or an answer: acknowledged, me, not-me, true, false, benign" },
        { "sort", 0, "ORDER", OPT_ALERTS, set_sort, 0, "time (default), level, count or person" },
        { "reverse", 'r', NULL, OPT_ALERTS, set_flag, AT(is_reversed), "the other way round" },
        { "follow", 'f', NULL, OPT_FOLLOW, set_flag, AT(follow), "go on with each alert that rings, a line each; ends with Ctrl-C" },
        { "watch", 0, NULL, OPT_FOLLOW, set_flag, AT(watch), "the newest on the whole screen, shown anew when something changes" },
        { "rule", 0, "RULE", OPT_SILENCE, set_text, AT(rule), "alerts of the rule with this id or title" },
        { "who", 0, "WHO", OPT_SILENCE, set_text, AT(who), "alerts about this person, or with this value among what they group by" },
        { "source", 0, "NAME", OPT_SILENCE, set_text, AT(source), "alerts of this log source" },
        { "level", 0, "LEVEL", OPT_SILENCE, set_level, AT(top_level), "alerts up to this level (default: critical)" },
        { "for", 0, "TIME", OPT_SILENCE, set_span, AT(length), "how long: 90m, 8h, 2d" },
        { "until", 0, "TIME", OPT_SILENCE, set_moment, AT(until), "or until when: 2026-11-03, 2026-11-03T18:00" },
        { "reason", 0, "TEXT", OPT_SILENCE, set_text, AT(reason), "why (needed)" },
        { "who", 0, "WHO", OPT_REACH, set_paths, AT(whos), "a person, an account, a key or an address, beside those of the alerts (repeatable)" },
        { "since", 0, "TIME", OPT_REACH, set_past, AT(since), "what they did since: 2026-11-01, 2026-11-01T09:00:00, 90d" },
        { "until", 0, "TIME", OPT_REACH, set_past, AT(until), "and before" },
        { "import", 0, "FILE", OPT_REACH, set_text, AT(import), "count the customers of this CSV file instead, by country; nothing of it is kept" },
        { "base", 0, "N", OPT_REACH, set_base, 0, "how many customers the shop has in all" },
        { "reviewed", 0, NULL, OPT_REACH, set_flag, AT(is_reviewed), "say that all there is was looked at: the numbers stand" },
        { "output", 'o', "FORMAT", OPT_REACH, set_form, 0, "words (default) or json" },
        { "html", 0, "OUT", OPT_HTML, set_text, AT(html), "the file that the page goes to, or - for standard output (needed)" },
        { "since", 0, "SPAN", OPT_PERIOD, set_back, AT(since),
          "back from now, or of logs from their newest record: 30d; or a date (default: a report 30d, a digest 7d)" },
        { "as", 0, "VERDICT", OPT_CLOSE, set_verdict, 0, "true: it was bad; false: a false alarm; benign: it was so, and meant to be" },
        { "message", 'm', "TEXT", OPT_NOTE, set_text, AT(note), "what there is to say, in one line" },
        { "note", 0, "TEXT", OPT_NOTE, set_text, AT(note), NULL }, /* as older versions call it */
        { "from", 0, "ALERT", OPT_CASE_OPEN, set_paths, AT(from_alerts), "the alerts that it begins with (repeatable)" },
        { "signal", 0, "TEXT", OPT_CASE_OPEN, set_text, AT(signal), "what somebody wrote or said that it begins with; --at says when" },
        { "config", 0, "FILE", OPT_CASE_OPEN, set_text, AT(config), "the shopbell.yml whose shop: goes into the case (default: the installed one)" },
        { "title", 0, "TEXT", OPT_CASE_OPEN, set_text, AT(title), "what the case is called (default: the first alert, or the signal)" },
        { "at", 0, "TIME", OPT_AT, set_text, AT(at), "when: \"2026-11-17 16:00\" where the shop is, or \"2026-11-17 16:00 Asia/Seoul\"" },
        { "undo", 0, NULL, OPT_CASE_MARK, set_flag, AT(is_undone), "take it back" },
        { "estimated", 0, NULL, OPT_CASE_SET, set_flag, AT(is_estimated), "as far as is known; of numbers it may become more" },
        { "unknown", 0, NULL, OPT_CASE_SET, set_flag, AT(is_unknown), "that it is not known: FIELD=" },
        { "evidence", 0, "TEXT", OPT_CASE_SET, set_text, AT(evidence), "what it rests on: an alert, a record, a file" },
        { "because", 0, "TEXT", OPT_BECAUSE | OPT_CASE_SET, set_text, AT(because), "why" },
        { "seller", 0, "COUNTRY", OPT_DRILL, set_text, AT(seller), "where the shop and the people of the drill are: kr, sg, us-ca (default: nl)" },
        { "unattended", 0, NULL, OPT_DRILL, set_flag, AT(is_unattended), "ask nothing: take what the drill says, and count the minutes of the machine" },
        { "by", 0, "NAME", OPT_BY, set_text, AT(by), "who says so (default: you)" },
        { "regime", 0, "REGIME", OPT_DRAFT, set_text, AT(regime), "the law that the notice is by (needed)" },
        { "to", 0, "AUDIENCE", OPT_DRAFT, set_text, AT(to), "people (default), authority, press, support, principal or partner" },
        { "stage", 0, "STAGE", OPT_DRAFT, set_text, AT(stage), "investigating, or confirmed (default: that, once aware is marked)" },
        { "lang", 0, "LANG", OPT_DRAFT, set_text, AT(lang), "ko, ja, zh-Hans, ms, id, th, vi, de, en, … (default: the law's own)" },
        { "channel", 0, "CHANNEL", OPT_DRAFT, set_text, AT(channel), "to people email (default), in-app or sms; to all others a sheet" },
        { "templates", 0, "DIR", OPT_DRAFT, set_paths, AT(templates), "folder of wording that goes before the installed one (repeatable)" },
        { "output", 'o', "FORMAT", OPT_DRAFT, set_form, 0, "text (default) or html" },
        { "regime", 0, "REGIME", OPT_REGIME, set_text, AT(regime), "only what this law asks for" },
        { "all", 'a', NULL, OPT_ALL, set_flag, AT(all), "also those that are over" },
        { "output", 'o', "FORMAT", OPT_VERIFY | OPT_UNPACK, set_form, 0, "text (default) or json" },
        { "head", 0, "SEQ:HASH", OPT_VERIFY, set_text, AT(head), "what the head was at some time: the history must still have that row" },
        { "journal", 0, "DIR", OPT_VERIFY, set_text, AT(journal), "look for heads in the journal files of this folder, not in the system's own" },
        { "output", 'o', "FORMAT", OPT_EXPORT, set_form, 0,
          "ndjson (default; our own, with what vouches for it), ecs (Elastic Common Schema) or ocsf (Detection Findings)" },
        { "reveal", 0, NULL, OPT_REVEAL, set_flag, AT(reveal), "records that are kept under pseudonyms in the clear; the history has who saw them" },
        { "note", 0, "TEXT", OPT_REVEAL, set_text, AT(note), "with --reveal: why" },
        { "with-records", 0, NULL, OPT_EXPORT, set_flag, AT(with_records), "the records as well, as they were logged" },
        { "quiet", 'q', NULL, OPT_EXPORT, set_flag, AT(is_quiet), "do not say the head of the history on stderr" },
        { "view", 0, "VIEW", OPT_READINESS, set_view, 0, "only what is to be gone through weekly, monthly, or before an expansion" },
        { "config", 0, "FILE", OPT_READINESS | OPT_ANSWER, set_text, AT(config), "the shopbell.yml that counts (default: the installed one)" },
        { "color", 0, "WHEN", OPT_SCREEN | OPT_TAIL, set_color, 0, "auto (default), always or never" },
        { "no-pager", 0, NULL, OPT_SCREEN, set_flag, AT(no_pager), "do not show what is longer than the screen by $PAGER or less" },
        { "state", 0, "DIR", OPT_STORE, set_text, AT(state), "the daemon's state folder" },
};

/* The help beside the option, folded to 80 columns. */
static void print_row(const char *left, const char *help)
{
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        struct str rest, line;

        text_wrap(&text, str_of(help), HELP_COLUMNS);
        rest = strbuf_str(&text);
        while (str_cut(&rest, '\n', &line)) {
                printf("  %-24s " STR_FMT "\n", left, STR_ARG(line));
                left = "";
        }
}

void cli_print_options(const struct cli_command *command)
{
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                char left[64], letter[8] = "    ";

                if (!(rows[i].of & command->options) || !rows[i].help)
                        continue;
                if (rows[i].letter)
                        snprintf(letter, sizeof letter, "-%c, ", rows[i].letter);
                snprintf(left, sizeof left, "%s--%s%s%s", letter, rows[i].name, rows[i].arg ? " " : "",
                         rows[i].arg ? rows[i].arg : "");
                print_row(left, rows[i].help);
        }
}

/* ---- For completion ---- */

static void put_word(struct strbuf *out, const char *word)
{
        strbuf_addf(out, "%s%s", out->n > 0 ? " " : "", word);
}

/* What the value of that option may be; nothing: anything. */
static void put_words(const struct option_row *row, struct strbuf *out)
{
        for (size_t i = 0; row->set == set_form && i < ARRAY_LEN(forms); i++)
                if (forms[i].of & row->of)
                        put_word(out, forms[i].word);
        for (size_t i = 0; row->set == set_level && i < _LEVEL_MAX; i++)
                put_word(out, level_name((enum level)i));
        for (size_t i = 0; row->set == set_classes && i < _CLASS_MAX; i++)
                put_word(out, class_name((enum class)i));
        for (size_t i = 0; row->set == set_standings && i < ARRAY_LEN(standings); i++)
                put_word(out, standings[i]);
        for (size_t i = 0; (row->set == set_standings || row->set == set_verdict) && i < ARRAY_LEN(verdicts); i++)
                put_word(out, verdicts[i].word);
        for (size_t i = 0; row->set == set_sort && i < _SORT_MAX; i++)
                put_word(out, sorts[i]);
        for (size_t i = 0; row->set == set_view && i < _VIEW_MAX; i++)
                put_word(out, readiness_view_name((enum readiness_view)i));
        for (int i = 0; row->of == OPT_DRAFT && strcmp(row->name, "to") == 0 && i < _DRAFT_AUDIENCE_MAX; i++)
                put_word(out, draft_audience_name((enum draft_audience)i));
        for (int i = 0; row->of == OPT_DRAFT && strcmp(row->name, "stage") == 0 && i < _DRAFT_STAGE_MAX; i++)
                put_word(out, draft_stage_name((enum draft_stage)i));
        for (int i = 0; row->of == OPT_DRAFT && strcmp(row->name, "channel") == 0 && i < _DRAFT_CHANNEL_MAX; i++)
                put_word(out, draft_channel_name((enum draft_channel)i));
        for (size_t i = 0; row->set == set_color && i < _COLOR_MAX; i++)
                put_word(out, color_words[i]);
}

void cli_each_option(const struct cli_command *command, void (*fn)(void *userdata, const struct cli_option *o), void *userdata)
{
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(strbuf_done) struct strbuf words = STRBUF_INIT;

                if (!(rows[i].of & command->options) || !rows[i].help)
                        continue;
                put_words(&rows[i], &words);
                fn(userdata, &(struct cli_option){ command, rows[i].name, rows[i].arg, rows[i].help, rows[i].letter,
                                                   words.n > 0 ? strbuf_str(&words) : STR_NONE });
        }
}

/* ---- Parsing ---- */

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
        if (row->set(cli, row, value) < 0)
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
        if (cli->regimes.n == 0)
                setup_add_default_regimes(&cli->regimes);
        cli->has_sources = cli->sources.n > 0;
        if (!cli->has_sources)
                setup_add_default_sources(&cli->sources);
        return -1;
}
