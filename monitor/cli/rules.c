/* SPDX-License-Identifier: Apache-2.0 */

/* shopbell rules list | check. */

#include <stdio.h>

#include "monitor/base/log.h"
#include "monitor/cli/cli.h"
#include "monitor/cli/table.h"

static const struct table_column columns[] = {
        { .title = "LEVEL" }, { .title = "KIND" }, { .title = "STATE" }, { .title = "TITLE" }, { .title = "SOURCES", .is_wrapped = true }, { .title = "ID" },
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

int cmd_rules_list(struct cli *cli, int argc, char **argv)
{
        CLEANUP(table_freep) struct table *t = table_new(columns, ARRAY_LEN(columns), cli->format ? cli->format : FORMAT_TABLE);
        CLEANUP(setup_done) struct setup setup = { 0 };

        (void)argv;
        if (argc > 0)
                return CLI_USAGE;
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

static void print_all(const struct err_list *list, const char *what)
{
        for (size_t i = 0; i < list->n; i++) {
                CLEANUP(strbuf_done) struct strbuf line = STRBUF_INIT;

                err_format(&list->items[i], &line);
                printf(STR_FMT " [%s]\n", STR_ARG(strbuf_str(&line)), what);
        }
        if (list->more)
                printf("and %zu more [%s]\n", list->more, what);
}

int cmd_rules_check(struct cli *cli, int argc, char **argv)
{
        CLEANUP(err_list_done) struct err_list errors = ERR_LIST_INIT;
        CLEANUP(err_list_done) struct err_list remarks = ERR_LIST_INIT;
        CLEANUP(setup_done) struct setup setup = { 0 };
        struct paths given = { .items = (const char **)argv, .n = (size_t)argc };
        struct err err = { 0 };
        size_t n_off = 0;
        const struct sigma_options *language = cli_language(cli);
        int r;

        if (!language)
                return CLI_CANNOT;
        r = setup_load(&cli->sources, argc > 0 ? &given : &cli->rules, language, &setup, &errors, &remarks, &err);
        print_all(&errors, "error");
        print_all(&remarks, "remark");
        if (r < 0) {
                log_err(LOG_LEVEL_ERROR, &err);
                return errors.n ? CLI_FOUND : CLI_CANNOT;
        }
        for (size_t i = 0; i < ruleset_count(setup.rules); i++)
                n_off += ruleset_rule(setup.rules, i)->is_off;
        printf("%zu rules (%zu off), %zu filters, %zu errors, %zu remarks\n", ruleset_count(setup.rules), n_off,
               ruleset_count_filters(setup.rules), errors.n + errors.more, remarks.n + remarks.more);
        return errors.n ? CLI_FOUND : CLI_OK;
}
