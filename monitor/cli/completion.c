/* SPDX-License-Identifier: Apache-2.0 */

/* shopbell completion: the scripts, and the values that they ask for: one a line, a tab, what it is. */

#include "monitor/cli/completion.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "monitor/base/log.h"
#include "monitor/base/map.h"
#include "monitor/base/utf8.h"
#include "monitor/cases/case.h"
#include "monitor/cli/report_rows.h"
#include "monitor/store/quiet.h"

enum { ALERTS_ASKED = 200, TEXT_CHARS = 60 };

static const struct completion_value values[] = {
        { "ALERT", COMPLETE_ASKED, "alerts" }, { "RULE", COMPLETE_ASKED, "rules" },      { "RULE[=N,N]", COMPLETE_ASKED, "rules" },
        { "PERSON", COMPLETE_ASKED, "people" }, { "WHO", COMPLETE_ASKED, "people" },      { "NAME", COMPLETE_ASKED, "sources" },
        { "REGIME", COMPLETE_ASKED, "regimes" }, { "NAME=VALUE", COMPLETE_ASKED, "facts" }, { "ID", COMPLETE_ASKED, "silences" },   { "FILE", COMPLETE_FILES, NULL },         { "FILE|DIR", COMPLETE_FILES, NULL },
        { "FILE|DIR|-", COMPLETE_FILES, NULL }, { "FILE[:INDEX]", COMPLETE_FILES, NULL }, { "OUT", COMPLETE_FILES, NULL },
        { "CASE", COMPLETE_ASKED, "cases" },    { "FIELD=VALUE", COMPLETE_ASKED, "facts" }, { "REGIME/DUTY", COMPLETE_ASKED, "regimes" },
        { "EVENT[/REGIME]", COMPLETE_ASKED, "events" }, { "CHECK", COMPLETE_ASKED, "checks" },
        { "SAMPLE", COMPLETE_FILES, NULL },     { "DIR", COMPLETE_FOLDERS, NULL },
};

const struct completion_value *completion_of(const char *arg)
{
        static const struct completion_value nothing = { "", COMPLETE_NOTHING, NULL };
        struct str word = str_of(arg);

        while (word.n > 0 && (word.p[0] == '['))
                word = str_from(word.p + 1, word.n - 1);
        for (size_t i = 0; i < ARRAY_LEN(values); i++) {
                struct str name = str_of(values[i].arg);
                struct str rest = str_starts(word, name) ? str_from(word.p + name.n, word.n - name.n) : STR_NONE;

                if (rest.p && (rest.n == 0 || rest.p[0] == ']' || rest.p[0] == ' ' || str_starts(rest, STR("…"))))
                        return &values[i];
        }
        return &nothing;
}

/* ---- Values ---- */

struct asked {
        struct cli *cli;
        struct map seen;
        struct strbuf out;
};

static int put(struct asked *a, struct str value, struct str text)
{
        if (value.n == 0)
                return 0;
        text_display(&a->out, value, TEXT_TERMINAL, 0);
        strbuf_addc(&a->out, '\t');
        text_display(&a->out, text, TEXT_TERMINAL, TEXT_CHARS);
        strbuf_addc(&a->out, '\n');
        return strbuf_failed(&a->out) ? -ENOMEM : 0;
}

static int put_alert(void *userdata, const struct query_alert *alert)
{
        char hex[HASH128_HEX_BYTES];

        hash128_hex(&alert->id, hex);
        return put(userdata, str_from(hex, ID_SHOWN), alert->sentence);
}

static int put_person(void *userdata, const struct query_alert *alert)
{
        static char once;
        struct asked *a = userdata;
        int r;

        if (map_get(&a->seen, alert->person))
                return 0;
        r = map_put(&a->seen, alert->person, &once);
        return r < 0 ? r : put(a, alert->person, STR(""));
}

static int put_silence(void *userdata, const struct silence *silence)
{
        char id[24];

        if (silence->ended_at != USEC_NONE)
                return 0;
        snprintf(id, sizeof id, "%lld", (long long)silence->id);
        return put(userdata, str_of(id), silence->reason);
}

static int ask_alerts(struct asked *a)
{
        CLEANUP(query_closep) struct query *q = NULL;
        struct query_filter f = { .since = USEC_NONE, .until = USEC_NONE, .limit = ALERTS_ASKED, .is_reversed = true };

        return cli_query(a->cli, &q) == CLI_OK ? query_alerts(q, &f, put_alert, a) : -ENOENT;
}

static int ask_people(struct asked *a)
{
        CLEANUP(query_closep) struct query *q = NULL;
        struct query_filter f = { .since = USEC_NONE, .until = USEC_NONE, .with_merged = true, .sort = SORT_PERSON };

        return cli_query(a->cli, &q) == CLI_OK ? query_alerts(q, &f, put_person, a) : -ENOENT;
}

static int ask_silences(struct asked *a)
{
        CLEANUP(query_closep) struct query *q = NULL;

        return cli_query(a->cli, &q) == CLI_OK ? query_silences(q, put_silence, a) : -ENOENT;
}

static int ask_rules(struct asked *a)
{
        CLEANUP(setup_done) struct setup setup = { 0 };
        int r = cli_load(a->cli, true, &setup) == CLI_OK ? 0 : -ENOENT;

        for (size_t i = 0; r >= 0 && i < ruleset_count(setup.rules); i++)
                r = put(a, ruleset_rule(setup.rules, i)->label, ruleset_rule(setup.rules, i)->title);
        return r;
}

static int ask_sources(struct asked *a)
{
        CLEANUP(setup_done) struct setup setup = { 0 };
        int r = cli_load(a->cli, false, &setup) == CLI_OK ? 0 : -ENOENT;

        for (size_t i = 0; r >= 0 && i < sourceset_count(setup.sources); i++)
                r = put(a, str_of(source_name(sourceset_get(setup.sources, i))), str_of(source_title(sourceset_get(setup.sources, i))));
        return r;
}

static int put_case(void *userdata, int64_t id)
{
        char text[24];

        snprintf(text, sizeof text, "%lld", (long long)id);
        return put(userdata, str_of(text), STR(""));
}

static int ask_cases(struct asked *a)
{
        CLEANUP(query_closep) struct query *q = NULL;

        return cli_query(a->cli, &q) == CLI_OK ? query_each_case(q, false, put_case, a) : -ENOENT;
}

static int ask_regimes(struct asked *a)
{
        CLEANUP(err_list_done) struct err_list errors = ERR_LIST_INIT;
        CLEANUP(regimes_done) struct regimes regimes = { 0 };
        int r = regimes_load(a->cli->regimes.items, a->cli->regimes.n, &regimes, &errors);

        for (size_t i = 0; r >= 0 && i < regimes.n; i++)
                r = put(a, regimes.items[i].id, regimes.items[i].title);
        return r;
}

/* "sensitive=", to go on with a value. */
static int ask_facts(struct asked *a)
{
        size_t n;
        const struct case_field *fields = case_fields(&n);
        char name[64];
        int r = 0;

        for (size_t i = 0; r >= 0 && i < n; i++) {
                snprintf(name, sizeof name, "%s%s", fields[i].name, fields[i].has_parts ? "" : "=");
                r = put(a, str_of(name), str_of(fields[i].title));
        }
        return r;
}

static int ask_events(struct asked *a)
{
        int r = 0;

        for (int i = 0; r >= 0 && i < _EVENT_MAX; i++)
                r = put(a, str_of(case_event_name((enum case_event)i)), str_of(case_event_help((enum case_event)i)));
        return r;
}

/* What readiness asks, since it cannot be seen. */
static int ask_checks(struct asked *a)
{
        const char *name, *question;
        int r = 0;

        for (size_t i = 0; r >= 0 && (name = readiness_check_name(i)); i++) {
                question = NULL;
                r = readiness_check_find(str_of(name), &question) && question ? put(a, str_of(name), str_of(question)) : 0;
        }
        return r;
}

/* ---- The command ---- */

static const struct {
        const char *word;
        void (*script)(struct strbuf *out); /* or: */
        int (*ask)(struct asked *a);
} words[] = {
        { "bash", completion_bash, NULL },  { "zsh", completion_zsh, NULL },    { "fish", completion_fish, NULL },   { "alerts", NULL, ask_alerts },
        { "rules", NULL, ask_rules },       { "people", NULL, ask_people },     { "sources", NULL, ask_sources },    { "silences", NULL, ask_silences },
        { "regimes", NULL, ask_regimes },   { "facts", NULL, ask_facts },
        { "cases", NULL, ask_cases },       { "events", NULL, ask_events },
        { "checks", NULL, ask_checks },
};

int cmd_completion(struct cli *cli, int argc, char **argv)
{
        struct asked a = { .cli = cli, .seen = MAP_INIT, .out = STRBUF_INIT };
        size_t i = 0;
        int r = 0;

        while (argc == 1 && i < ARRAY_LEN(words) && strcmp(argv[0], words[i].word) != 0)
                i++;
        if (argc != 1 || i == ARRAY_LEN(words)) {
                log_error("shopbell completion takes bash, zsh or fish, or what these scripts ask for: alerts, rules, people, sources, silences, regimes, facts, cases, events or checks");
                return CLI_USAGE;
        }
        if (words[i].script)
                words[i].script(&a.out);
        else
                r = words[i].ask(&a);
        if (r >= 0 && (strbuf_failed(&a.out) || fwrite(a.out.p ? a.out.p : "", 1, a.out.n, stdout) != a.out.n))
                r = -EIO;
        map_done(&a.seen);
        strbuf_done(&a.out);
        return r < 0 ? CLI_CANNOT : CLI_OK;
}
