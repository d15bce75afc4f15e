/* SPDX-License-Identifier: Apache-2.0 */

/* shopbell export: alerts for other programs, and copies that can be verified. */

#include "monitor/cli/export.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor/base/log.h"
#include "monitor/base/map.h"
#include "monitor/detect/ruleset.h"
#include "monitor/store/copy.h"

/* Of the others it is a copy of the store's rows. */
static int (*const formats[_FORMAT_MAX])(const struct exported *x, struct json_writer *w) = {
        [FORMAT_ECS] = export_ecs,
        [FORMAT_OCSF] = export_ocsf,
};

struct export {
        struct cli *cli;
        struct query *q;
        struct ruleset *rules;
        struct map by_id; /* rule's label → struct sigma_rule */
        struct strbuf out;
        uint64_t n;
        struct secret secret; /* of --reveal */
        int code; /* CLI_OK, or what ended it and was said */
};

/* ---- ATT&CK ---- */

/* https://attack.mitre.org/tactics/enterprise/, as of version 17. */
static const struct tactic tactics[] = {
        { "reconnaissance", "TA0043", "Reconnaissance" },
        { "resource-development", "TA0042", "Resource Development" },
        { "initial-access", "TA0001", "Initial Access" },
        { "execution", "TA0002", "Execution" },
        { "persistence", "TA0003", "Persistence" },
        { "privilege-escalation", "TA0004", "Privilege Escalation" },
        { "defense-evasion", "TA0005", "Defense Evasion" },
        { "credential-access", "TA0006", "Credential Access" },
        { "discovery", "TA0007", "Discovery" },
        { "lateral-movement", "TA0008", "Lateral Movement" },
        { "collection", "TA0009", "Collection" },
        { "command-and-control", "TA0011", "Command and Control" },
        { "exfiltration", "TA0010", "Exfiltration" },
        { "impact", "TA0040", "Impact" },
};

/* "t1562.008" in small letters, as tags have them. */
static bool is_technique(struct str s)
{
        bool is_one = s.n >= 5 && (s.p[0] == 't' || s.p[0] == 'T');

        for (size_t i = 1; i < s.n && is_one; i++)
                is_one = isdigit((unsigned char)s.p[i]) || s.p[i] == '.';
        return is_one;
}

/* Older rules have blanks and underscores in them: "attack.initial_access". */
static bool is_tactic(struct str tag, const char *name)
{
        size_t n = strlen(name);

        if (tag.n != n)
                return false;
        for (size_t i = 0; i < n; i++)
                if (tag.p[i] != name[i] && !(name[i] == '-' && tag.p[i] == '_'))
                        return false;
        return true;
}

static void read_tag(struct str tag, struct attack *ret)
{
        if (!str_starts(tag, STR("attack.")))
                return;
        tag = str_from(tag.p + 7, tag.n - 7);
        if (is_technique(tag)) {
                if (ret->n_techniques < ATTACK_MAX)
                        ret->techniques[ret->n_techniques++] = tag;
                return;
        }
        for (size_t i = 0; i < ARRAY_LEN(tactics) && ret->n_tactics < ATTACK_MAX; i++)
                if (is_tactic(tag, tactics[i].tag))
                        ret->tactics[ret->n_tactics++] = &tactics[i];
}

static struct attack attack_of(const struct export *e, struct str rule_id)
{
        const struct sigma_rule *rule = map_get(&e->by_id, rule_id);
        const struct yaml *tags = rule && rule->doc ? yaml_get(rule->doc, "tags") : NULL;
        struct attack attack = { .n_tactics = 0 };

        for (size_t i = 0; tags && tags->kind == YAML_LIST && i < tags->n; i++)
                if (yaml_is_scalar(tags->items[i]))
                        read_tag(tags->items[i]->text, &attack);
        return attack;
}

/* Without them the documents say nothing of ATT&CK: no reason not to write them. */
static int load_rules(struct export *e)
{
        CLEANUP(err_list_done) struct err_list errors = ERR_LIST_INIT;
        const struct sigma_options *language;
        int r = 0;

        e->cli->language.keeps_documents = true;
        language = cli_language(e->cli);
        if (!language)
                return -EINVAL;
        if (ruleset_load(e->cli->rules.items, e->cli->rules.n, language, &e->rules, &errors, NULL) < 0) {
                log_warning("no rules can be read, so no tactics and techniques are written%s%s", errors.n > 0 ? ": " : "",
                            errors.n > 0 ? errors.items[0].text : "");
                return 0;
        }
        for (size_t i = 0; i < ruleset_count(e->rules) && r >= 0; i++) {
                const struct sigma_rule *rule = ruleset_rule(e->rules, i);

                r = map_put(&e->by_id, rule->label, (void *)rule);
        }
        return r;
}

/* ---- Documents ---- */

static int on_alert(void *userdata, const struct query_alert *a)
{
        struct export *e = userdata;
        struct json_writer w = JSON_WRITER(&e->out);
        char id[HASH128_HEX_BYTES];
        struct exported x = { .q = e->q, .alert = a, .id = id, .attack = attack_of(e, a->rule_id), .with_records = e->cli->with_records,
                              .now = e->cli->now };
        int r;

        hash128_hex(&a->id, id);
        r = formats[e->cli->format](&x, &w);
        strbuf_addc(&e->out, '\n');
        if (r >= 0 && strbuf_failed(&e->out))
                r = -ENOMEM;
        if (r >= 0 && fwrite(e->out.p, 1, e->out.n, stdout) != e->out.n)
                r = -EIO;
        strbuf_clear(&e->out);
        e->n++;
        return r;
}

/* ---- Copies ---- */

static int on_line(void *userdata, struct str line)
{
        (void)userdata;
        return fwrite(line.p, 1, line.n, stdout) == line.n && putchar('\n') != EOF ? 0 : -EIO;
}

static bool is_whole(const struct cli *cli)
{
        return cli->since == USEC_NONE && cli->until == USEC_NONE && cli->level == LEVEL_INFORMATIONAL && !cli->rule && !cli->who && !cli->source &&
               cli->limit == 0;
}

static int write_copy(struct export *e, const struct query_filter *f)
{
        struct copy_options o = { .is_whole = is_whole(e->cli), .with_records = e->cli->with_records, .at = e->cli->now, .line = on_line };
        char hash[DIGEST_HEX_BYTES];
        struct chain_head head;
        int r = query_copy(e->q, f, &o, &head);

        if (r >= 0 && !e->cli->is_quiet) {
                digest_hex(&head.hash, hash);
                log_info("the head of the history is %lld:%s; keep that apart from the copy, for shopbell verify --head", (long long)head.seq, hash);
        }
        return r;
}

/* What for the history: all that chose the alerts. */
static int reveal(struct export *e)
{
        CLEANUP(strbuf_done) struct strbuf what = STRBUF_INIT;
        const struct cli *cli = e->cli;
        const struct {
                const char *name, *value;
        } texts[] = { { "rule", cli->rule }, { "who", cli->who }, { "source", cli->source },
                      { "level", cli->level > LEVEL_INFORMATIONAL ? level_name(cli->level) : NULL } };
        const struct {
                const char *name;
                usec at;
        } times[] = { { "since", cli->since }, { "until", cli->until } };

        strbuf_addz(&what, "an export of alerts");
        for (size_t i = 0; i < ARRAY_LEN(texts); i++)
                if (texts[i].value)
                        strbuf_addf(&what, ", %s %s", texts[i].name, texts[i].value);
        for (size_t i = 0; i < ARRAY_LEN(times); i++)
                if (times[i].at != USEC_NONE) {
                        char at[TIME_ISO_BYTES];

                        time_format_iso(times[i].at, at);
                        strbuf_addf(&what, ", %s %s", times[i].name, at);
                }
        return strbuf_failed(&what) ? CLI_CANNOT : cli_reveal(cli, e->q, NULL, strbuf_str(&what), &e->secret);
}

static int run(struct export *e)
{
        struct cli *cli = e->cli;
        struct query_filter f = {
                .since = cli->since,
                .until = cli->until,
                .level_min = cli->level,
                .rule = str_of(cli->rule),
                .who = str_of(cli->who),
                .source = str_of(cli->source),
                .with_merged = cli->all || (!formats[cli->format] && is_whole(cli)),
                .worst_first = cli->worst_first,
                .limit = cli->limit,
        };
        int r;

        if (!formats[cli->format])
                return write_copy(e, &f);
        r = load_rules(e);
        if (r >= 0 && cli->reveal)
                e->code = reveal(e);
        return r < 0 || e->code != CLI_OK ? r : query_alerts(e->q, &f, on_alert, e);
}

int cmd_export(struct cli *cli, int argc, char **argv)
{
        struct export e = { .cli = cli, .by_id = MAP_INIT, .out = STRBUF_INIT };
        struct err err = { 0 };
        int r;

        if (argc > 0) {
                log_error("%s: say which alerts with --since, --until, --level, --rule, --who, --source", argv[0]);
                return CLI_USAGE;
        }
        if (cli->reveal && !formats[cli->format]) {
                log_error("a copy is exact, or it could not be verified: --reveal goes with -o ecs and -o ocsf");
                return CLI_USAGE;
        }
        r = query_open(cli_store_path(cli), &e.q, &err);
        if (r < 0) {
                log_err(LOG_LEVEL_ERROR, &err);
                return CLI_CANNOT;
        }
        r = run(&e);
        if (r == -EPROTONOSUPPORT)
                log_error("this store is of an older version, without a chain: start shopbelld once");
        else if (r == -EIO)
                log_error("the output could not be written, or the store not read: %s", query_error(e.q));
        else if (r < 0 && r != -EINVAL)
                log_error("the alerts cannot be read: %s", r == -ENOMEM ? "out of memory" : query_error(e.q));
        cli_revealed(e.q);
        map_done(&e.by_id);
        ruleset_free(e.rules);
        strbuf_done(&e.out);
        query_close(e.q);
        secret_wipe(&e.secret);
        return r < 0 ? CLI_CANNOT : e.code;
}
