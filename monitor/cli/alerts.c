/* SPDX-License-Identifier: Apache-2.0 */

/* shopbell alerts, show: what the daemon's store holds. */

#include <errno.h>
#include <stdio.h>

#include "monitor/base/digest.h"
#include "monitor/base/log.h"
#include "monitor/cli/alerts.h"
#include "monitor/cli/cli.h"
#include "monitor/cli/report.h"
#include "monitor/store/query.h"

static struct str list_of(const struct strbuf *list)
{
        return list->n > 0 ? strbuf_str(list) : STR_NONE;
}

static struct query_filter filter_of(const struct cli *cli)
{
        return (struct query_filter){
                .since = cli->since,
                .until = cli->until,
                .level_min = cli->level,
                .rule = str_of(cli->rule),
                .who = str_of(cli->who),
                .source = str_of(cli->source),
                .with_merged = cli->all,
                .worst_first = cli->worst_first,
                .limit = cli->limit,
                .classes = list_of(&cli->classes),
                .countries = list_of(&cli->countries),
                .standings = list_of(&cli->standings),
                .network = str_of(cli->network),
                .person = str_of(cli->person),
                .text = str_of(cli->text),
                .sort = cli->sort,
                .is_reversed = cli->is_reversed,
        };
}

int cmd_alerts(struct cli *cli, int argc, char **argv)
{
        CLEANUP(query_closep) struct query *q = NULL;
        struct query_filter f = filter_of(cli);
        enum cli_format format = cli->format ? cli->format : FORMAT_TABLE;
        struct report_sum sum;
        int code = cli_query(cli, &q);

        (void)argc, (void)argv;
        if (code != CLI_OK)
                return code;
        if (cli->watch)
                return alerts_watch(cli, q, &f);
        if (cli->follow)
                return alerts_follow(cli, q, &f);
        if (report_alerts(q, &f, format, &sum) < 0) {
                log_error("the alerts cannot be read: %s", query_error(q));
                return CLI_CANNOT;
        }
        if (sum.n == 0 && (format == FORMAT_TABLE || format == FORMAT_WIDE))
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
        if (r >= 0 && code == CLI_OK) {
                r = report_alert(q, &id, cli->format ? cli->format : FORMAT_TABLE);
                if (r < 0)
                        log_error("the alert cannot be read: %s", r == -ENOMEM ? "out of memory" : query_error(q));
                cli_revealed(q);
        }
        return r < 0 ? CLI_CANNOT : code;
}
