/* SPDX-License-Identifier: Apache-2.0 */

/* shopbell rules check: everything that is wrong with rules, or looks wrong, one finding a line in the form editors and CI
 * know, or as rows of a table. */

#include <stdio.h>
#include <stdlib.h>

#include "monitor/base/log.h"
#include "monitor/base/utf8.h"
#include "monitor/cli/cli.h"
#include "monitor/cli/table.h"
#include "monitor/detect/lint.h"

enum severity { SEVERITY_ERROR, SEVERITY_WARNING, SEVERITY_REMARK, _SEVERITY_MAX };

static const char *const severity_names[] = { "error", "warning", "remark" };

static const struct table_column columns[] = {
        { .title = "FILE" },  { .title = "LINE", .is_right = true },     { .title = "COLUMN", .is_right = true },
        { .title = "SEVERITY" }, { .title = "CHECK" }, { .title = "MESSAGE", .is_wrapped = true },
};

struct checker {
        struct table *table; /* NULL: lines */
        size_t n[_SEVERITY_MAX];
        bool failed; /* out of memory */
};

static void add_row(struct checker *c, const struct err *e, enum severity severity, const char *check)
{
        char line[16], col[16];

        snprintf(line, sizeof line, "%u", e->line);
        snprintf(col, sizeof col, "%u", e->col);
        if (table_add(c->table, (struct str[]){ str_of(e->file), str_of(line), str_of(col), str_of(severity_names[severity]),
                                                str_of(check), str_of(e->text) }) < 0)
                c->failed = true;
}

static void add_finding(struct checker *c, const struct err *e, enum severity severity, const char *check)
{
        CLEANUP(strbuf_done) struct strbuf line = STRBUF_INIT;

        c->n[severity]++;
        if (c->table) {
                add_row(c, e, severity, check);
                return;
        }
        err_format(e, &line);
        printf(STR_FMT " [%s: %s]\n", STR_ARG(strbuf_str(&line)), severity_names[severity], check);
}

static void add_all(struct checker *c, const struct err_list *list, enum severity severity)
{
        for (size_t i = 0; i < list->n; i++)
                add_finding(c, &list->items[i], severity, "load");
        c->n[severity] += list->more;
}

static void on_finding(void *userdata, const struct sigma_rule *rule, const char *check, unsigned line, unsigned col,
                       const char *text)
{
        struct err e = { 0 };

        err_at(&e, 0, rule->file, line, col, "%s", text);
        add_finding(userdata, &e, SEVERITY_WARNING, check);
}

static int lint(struct checker *c, const struct setup *setup)
{
        size_t n = sourceset_count(setup->sources);
        CLEANUP(memory_freep) const struct log_kind **kinds = calloc(n + 1, sizeof *kinds);

        if (!kinds)
                return -1;
        for (size_t i = 0; i < n; i++)
                kinds[i] = sourceset_kind(setup->sources, i);
        return ruleset_lint(setup->rules, kinds, on_finding, c);
}

static void print_size(const struct setup *setup)
{
        struct ruleset_size size = ruleset_size(setup->rules);

        printf("%zu rules (%zu off), %zu filters; %zu tests for %zu log sources, %.1f MB\n", size.rules, size.off,
               ruleset_count_filters(setup->rules), size.tests, size.programs, (double)size.bytes / 1e6);
}

int cmd_rules_check(struct cli *cli, int argc, char **argv)
{
        CLEANUP(err_list_done) struct err_list errors = ERR_LIST_INIT;
        CLEANUP(err_list_done) struct err_list remarks = ERR_LIST_INIT;
        CLEANUP(table_freep) struct table *table = NULL;
        CLEANUP(setup_done) struct setup setup = { 0 };
        struct paths given = { .items = (const char **)argv, .n = (size_t)argc };
        struct checker c = { 0 };
        const struct sigma_options *language;
        struct err err = { 0 };
        int r;

        cli->language.keeps_documents = true;
        language = cli_language(cli);
        if (!language)
                return CLI_CANNOT;

        if (cli->format && !(c.table = table = table_new(columns, ARRAY_LEN(columns), cli->format)))
                return CLI_CANNOT;
        r = setup_load(&cli->sources, argc > 0 ? &given : &cli->rules, language, &setup, &errors, &remarks, &err);
        add_all(&c, &errors, SEVERITY_ERROR);
        add_all(&c, &remarks, SEVERITY_REMARK);
        if (r >= 0)
                r = lint(&c, &setup);
        if (table && table_print(table) < 0)
                r = -1;
        if (r < 0 || c.failed) {
                log_err(LOG_LEVEL_ERROR, &err);
                return c.n[SEVERITY_ERROR] ? CLI_FOUND : CLI_CANNOT;
        }
        if (!table) {
                print_size(&setup);
                printf("%zu errors, %zu warnings, %zu remarks\n", c.n[SEVERITY_ERROR], c.n[SEVERITY_WARNING],
                       c.n[SEVERITY_REMARK]);
        }
        return c.n[SEVERITY_ERROR] + c.n[SEVERITY_WARNING] ? CLI_FOUND : CLI_OK;
}
