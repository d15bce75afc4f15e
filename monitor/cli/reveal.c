/* SPDX-License-Identifier: Apache-2.0 */

/* --reveal: records that are kept under pseudonyms, in the clear. First the history says who wanted that, and when. */

#include "monitor/base/log.h"
#include "monitor/cli/cli.h"
#include "monitor/quiet/order.h"
#include "monitor/sealing.h"
#include "monitor/store/query.h"

int cli_reveal(const struct cli *cli, struct query *q, const char *alert, struct str what, struct secret *secret)
{
        CLEANUP(strbuf_done) struct strbuf order = STRBUF_INIT;
        struct err err = { 0 };
        int code;

        if (sealing_key(cli_state(cli), secret, &err) < 0) { /* no row for what is not shown */
                log_err(LOG_LEVEL_ERROR, &err);
                return CLI_CANNOT;
        }
        strbuf_addz(&order, "reveal\n");
        if (alert)
                order_add(&order, "alert", str_of(alert));
        if (what.n > 0)
                order_add(&order, "what", what);
        if (cli->note)
                order_add(&order, "note", str_of(cli->note));
        code = daemon_order(cli, strbuf_str(&order));
        if (code == CLI_OK)
                query_reveal(q, secret);
        return code;
}

void cli_revealed(const struct query *q)
{
        unsigned long long n = query_closed(q);

        if (n > 0)
                log_warning("%llu %s under pseudonyms: %s with another key, or changed since; run shopbell verify", n,
                            n == 1 ? "record stays" : "records stay", n == 1 ? "its box was sealed" : "their boxes were sealed");
}
