/* SPDX-License-Identifier: Apache-2.0 */

/* shopbell regimes list, shopbell regimes check: the laws that clocks of cases run by, and mistakes in their files. */

#include <errno.h>
#include <stdio.h>

#include "monitor/base/log.h"
#include "monitor/cli/cli.h"
#include "monitor/cli/regimes_page.h"
#include "monitor/cli/table.h"

static const struct table_column columns[] = {
        { .title = "ID" },
        { .title = "CONFIDENCE" },
        { .title = "CHECKED_ON" },
        { .title = "STALE" },
        { .title = "IN_FORCE" },
        { .title = "COUNTRIES", .is_wrapped = true },
        { .title = "CLOCKS", .is_wrapped = true },
        { .title = "TITLE", .is_wrapped = true },
};

static int add_row(struct table *t, const struct regime *r, usec now)
{
        CLEANUP(strbuf_done) struct strbuf day = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf countries = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf clocks = STRBUF_INIT;

        regime_add_day(&day, r->checked_on);
        regime_add_countries(&countries, r);
        regime_add_clocks(&clocks, r);
        if (strbuf_failed(&day) || strbuf_failed(&countries) || strbuf_failed(&clocks))
                return -ENOMEM;
        return table_add(t, (struct str[]){ r->id, r->confidence, strbuf_str(&day), regime_is_stale(r, now) ? STR("yes") : STR("no"),
                                            regime_is_in_force(r, now) ? STR("yes") : STR("no"), strbuf_str(&countries), strbuf_str(&clocks),
                                            r->title });
}

static int print_table(const struct cli *cli, const struct regimes *regimes)
{
        CLEANUP(table_freep) struct table *t = table_new(columns, ARRAY_LEN(columns), cli->format ? cli->format : FORMAT_TABLE);

        if (!t)
                return -ENOMEM;
        for (size_t i = 0; i < regimes->n; i++)
                if (add_row(t, &regimes->items[i], cli->now) < 0)
                        return -ENOMEM;
        return table_print(t);
}

static int print_page(const struct regimes *regimes)
{
        CLEANUP(strbuf_done) struct strbuf out = STRBUF_INIT;

        if (regimes_page(regimes, &out) < 0)
                return -ENOMEM;
        return fwrite(out.p, 1, out.n, stdout) == out.n ? 0 : -EIO;
}

/* A folder that is missing is no mistake, but nothing at all is. */
static int none(const char *dir)
{
        log_error("no laws in %s: name their folder with --regimes", dir);
        return CLI_CANNOT;
}

int cmd_regimes_list(struct cli *cli, int argc, char **argv)
{
        CLEANUP(err_list_done) struct err_list errors = ERR_LIST_INIT;
        CLEANUP(regimes_done) struct regimes regimes = { 0 };
        int r;

        (void)argc, (void)argv;
        r = regimes_load(cli->regimes.items, cli->regimes.n, &regimes, &errors);
        for (size_t i = 0; i < errors.n; i++)
                log_err(LOG_LEVEL_WARNING, &errors.items[i]);
        if (r >= 0 && regimes.n == 0 && errors.n == 0)
                return none(cli->regimes.items[0]);
        if (r >= 0)
                r = cli->format == FORMAT_MD ? print_page(&regimes) : print_table(cli, &regimes);
        if (r == -ENOMEM)
                log_error("out of memory");
        return r < 0 || errors.n > 0 ? CLI_CANNOT : CLI_OK;
}

int cmd_regimes_check(struct cli *cli, int argc, char **argv)
{
        CLEANUP(err_list_done) struct err_list errors = ERR_LIST_INIT;
        CLEANUP(regimes_done) struct regimes regimes = { 0 };
        const char *const *dirs = argc > 0 ? (const char *const *)argv : cli->regimes.items;
        size_t n_contracts = 0, n_stale = 0, n_low = 0;

        if (regimes_load(dirs, argc > 0 ? (size_t)argc : cli->regimes.n, &regimes, &errors) < 0) {
                log_error("out of memory");
                return CLI_CANNOT;
        }
        if (regimes.n == 0 && errors.n == 0)
                return none(dirs[0]);
        for (size_t i = 0; i < errors.n; i++) {
                CLEANUP(strbuf_done) struct strbuf line = STRBUF_INIT;

                err_format(&errors.items[i], &line);
                printf(STR_FMT "\n", STR_ARG(strbuf_str(&line)));
        }
        for (size_t i = 0; i < regimes.n; i++) {
                n_contracts += regimes.items[i].is_contract;
                n_stale += regime_is_stale(&regimes.items[i], cli->now);
                n_low += str_eqz(regimes.items[i].confidence, "low");
        }
        printf("%zu laws, %zu contracts; looked at more than half a year ago: %zu; of low confidence: %zu; errors: %zu\n", regimes.n - n_contracts,
               n_contracts, n_stale, n_low, errors.n + errors.more);
        return errors.n > 0 ? CLI_FOUND : CLI_OK;
}
