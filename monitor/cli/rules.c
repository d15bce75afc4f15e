/* SPDX-License-Identifier: Apache-2.0 */

/* shopbell rules list. */

#include <stdio.h>

#include "monitor/base/log.h"
#include "monitor/cli/cli.h"
#include "monitor/cli/rules_page.h"
#include "monitor/cli/table.h"

static const struct table_column columns[] = {
        { .title = "LEVEL", .is_level = true }, { .title = "KIND" }, { .title = "STATE" }, { .title = "TITLE" }, { .title = "SOURCES", .is_wrapped = true }, { .title = "ID" },
};

/* What it does: alerts (on), only feeds correlations, neither (quiet, as informational rules are), or off. */
static struct str state_of(const struct setup *setup, size_t index)
{
        if (ruleset_rule(setup->rules, index)->is_off)
                return STR("off");
        if (ruleset_alerts(setup->rules, index))
                return STR("on");
        return ruleset_feeds(setup->rules, index) ? STR("feeds") : STR("quiet");
}

static int add_filter(struct table *t, const struct sigma_rule *filter)
{
        return table_add(t, (struct str[]){ STR(""), STR("filter"), filter->is_off ? STR("off") : STR("on"), filter->title, STR(""),
                                            filter->label });
}

static int add_rule(struct table *t, const struct setup *setup, size_t index)
{
        CLEANUP(strbuf_done) struct strbuf where = STRBUF_INIT;
        const struct sigma_rule *rule = ruleset_rule(setup->rules, index);
        struct str kind = STR("rule");

        for (size_t i = 0; i < sourceset_count(setup->sources); i++)
                if (ruleset_applies(setup->rules, index, i))
                        strbuf_addf(&where, "%s%s", where.n ? ", " : "", source_name(sourceset_get(setup->sources, i)));
        if (rule->kind == SIGMA_CORRELATION)
                kind = rule->correlation->type;
        return table_add(t, (struct str[]){ str_of(level_name(rule->level)), kind, state_of(setup, index), rule->title,
                                            strbuf_str(&where), rule->label });
}

static int print_page(struct cli *cli)
{
        CLEANUP(strbuf_done) struct strbuf out = STRBUF_INIT;
        CLEANUP(setup_done) struct setup setup = { 0 };

        if (cli_load(cli, true, &setup) != CLI_OK)
                return CLI_CANNOT;
        if (rules_page(&setup, &cli->rules, &out) < 0) {
                log_error("out of memory");
                return CLI_CANNOT;
        }
        return fwrite(out.p, 1, out.n, stdout) == out.n ? CLI_OK : CLI_CANNOT;
}

int cmd_rules_list(struct cli *cli, int argc, char **argv)
{
        CLEANUP(table_freep) struct table *t = NULL;
        CLEANUP(setup_done) struct setup setup = { 0 };

        (void)argc, (void)argv;
        if (cli->format == FORMAT_MD)
                return print_page(cli);
        t = table_new(columns, ARRAY_LEN(columns), cli->format ? cli->format : FORMAT_TABLE);
        if (!t || cli_load(cli, true, &setup) != CLI_OK)
                return CLI_CANNOT;
        for (size_t i = 0; i < ruleset_count(setup.rules); i++)
                if (add_rule(t, &setup, i) < 0)
                        return CLI_CANNOT;
        for (size_t i = 0; i < ruleset_count_filters(setup.rules); i++)
                if (add_filter(t, ruleset_filter(setup.rules, i)) < 0)
                        return CLI_CANNOT;
        return table_print(t) < 0 ? CLI_CANNOT : CLI_OK;
}
