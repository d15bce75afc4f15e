/* SPDX-License-Identifier: Apache-2.0 */

/* shopbell alerts, show, status: what the daemon's store holds. */

#include <errno.h>
#include <stdio.h>

#include "monitor/base/digest.h"
#include "monitor/base/log.h"
#include "monitor/cli/cli.h"
#include "monitor/cli/report.h"
#include "monitor/cli/table.h"
#include "monitor/store/query.h"

int cmd_alerts(struct cli *cli, int argc, char **argv)
{
        CLEANUP(query_closep) struct query *q = NULL;
        struct query_filter f = {
                .since = cli->since,
                .until = cli->until,
                .level_min = cli->level,
                .rule = str_of(cli->rule),
                .who = str_of(cli->who),
                .source = str_of(cli->source),
                .with_merged = cli->all,
                .worst_first = cli->worst_first,
                .limit = cli->limit,
        };
        enum cli_format format = cli->format ? cli->format : FORMAT_TABLE;
        struct report_sum sum;
        int code = cli_query(cli, &q);

        (void)argc, (void)argv;
        if (code != CLI_OK)
                return code;
        if (report_alerts(q, &f, format, &sum) < 0) {
                log_error("the alerts cannot be read: %s", query_error(q));
                return CLI_CANNOT;
        }
        if (sum.n == 0 && format == FORMAT_TABLE)
                puts("No alerts.");
        return CLI_OK;
}

int cmd_show(struct cli *cli, int argc, char **argv)
{
        CLEANUP(query_closep) struct query *q = NULL;
        CLEANUP(secret_wipe) struct secret secret = { { 0 } };
        struct hash128 id;
        int r, code = CLI_OK;

        if (argc != 1) {
                log_error("shopbell show takes one alert: the first digits of its id, as `shopbell alerts` prints them");
                return CLI_USAGE;
        }
        if (cli->format == FORMAT_CSV) {
                log_error("one alert is shown as table, json or ndjson");
                return CLI_USAGE;
        }
        if (cli_query(cli, &q) != CLI_OK)
                return CLI_CANNOT;
        r = query_find(q, str_of(argv[0]), &id);
        if (r == -ENOTUNIQ)
                log_error("%s: several alerts begin so; give more digits", argv[0]);
        else if (r < 0)
                log_error("%s: no such alert (at least 4 digits of its id are needed)", argv[0]);
        else if (cli->reveal)
                code = cli_reveal(cli, q, argv[0], STR(""), &secret);
        if (r >= 0 && code == CLI_OK)
                r = report_alert(q, &id, cli->format ? cli->format : FORMAT_TABLE);
        return r < 0 ? CLI_CANNOT : code;
}

static const struct table_column columns[] = {
        { .title = "COUNTER" },
        { .title = "VALUE", .is_right = true },
        { .title = "MEANING", .is_wrapped = true },
};

int cmd_status(struct cli *cli, int argc, char **argv)
{
        CLEANUP(query_closep) struct query *q = NULL;
        CLEANUP(table_freep) struct table *t = table_new(columns, ARRAY_LEN(columns), cli->format ? cli->format : FORMAT_TABLE);
        struct counters c;
        int code = cli_query(cli, &q);

        (void)argc, (void)argv;
        if (code != CLI_OK)
                return code;
        if (!t || query_counters(q, &c) < 0) {
                log_error("the counters cannot be read: %s", query_error(q));
                return CLI_CANNOT;
        }
        for (size_t i = 0; i < _COUNTER_MAX; i++) {
                char value[24];

                snprintf(value, sizeof value, "%llu", (unsigned long long)c.n[i]);
                if (table_add(t, (struct str[]){ str_of(counter_name((enum counter)i)), str_of(value),
                                                 str_of(counter_help((enum counter)i)) }) < 0)
                        return CLI_CANNOT;
        }
        if (notices_add_status(q, t) < 0 || daemon_add_status(cli, t) < 0)
                return CLI_CANNOT;
        return table_print(t) < 0 ? CLI_CANNOT : CLI_OK;
}
