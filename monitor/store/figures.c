/* SPDX-License-Identifier: Apache-2.0 */

/* To add a figure: a row. */

#include "monitor/store/figures.h"

#include <errno.h>

#include "monitor/model/account.h"
#include "monitor/store/db.h"
#include "monitor/store/quiet.h"

static const struct {
        struct store_figure f;
        const char *sql;
} rows[] = {
        { { .name = "store_bytes", .help = "size of the store, without what is not yet written back" },
          "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size" },
        { { .name = "store_alerts", .help = "alerts in the store, whatever became of them" }, "SELECT count(*) FROM alert" },
        { { .name = "alerts_ringing", .help = "alerts that rang, and that nobody has dealt with" },
          "SELECT count(*) FROM alert_quiet q JOIN alert a ON a.id = q.alert WHERE a.state = 'open' AND q.rang_at IS NOT NULL "
          "AND q.answer NOT IN " ANSWERS_CLOSING },
        { { .name = "alerts_false", .help = "alerts that were closed as a false alarm" },
          "SELECT count(*) FROM alert_quiet WHERE answer = 'closed-false'" },
        { { .name = "store_history", .help = "rows of the history" }, "SELECT count(*) FROM alert_history" },
        { { .name = "store_records", .help = "records kept as evidence, or in case they become it" }, "SELECT count(*) FROM record" },
        { { .name = "store_groups", .help = "group keys of correlations in the store" }, "SELECT count(*) FROM (SELECT DISTINCT rule, key FROM window)" },
        { { .name = "store_accounts", .help = "accounts in the census", .max = CENSUS_ACCOUNTS_MAX }, "SELECT count(*) FROM account" },
        { { .name = "store_rejects", .help = "raws kept that could not be read", .max = STORE_REJECTS_MAX }, "SELECT count(*) FROM reject" },
        { { .name = "store_holds", .help = "spans of time that open cases keep from going with their age" }, "SELECT count(*) FROM (" HOLDS_SELECT ")" },
        { { .name = "store_held", .help = "alerts in them" },
          "WITH hold (a, b, said) AS (" HOLDS_SELECT ") SELECT count(*) FROM alert WHERE EXISTS (SELECT 1 FROM hold WHERE first_seen < b AND last_seen >= a)" },
};

static int ask(struct query *query, const char *sql, uint64_t *ret)
{
        sqlite3_stmt *q = NULL;
        int code = sqlite3_prepare_v2(query->db, sql, -1, &q, NULL);

        if (code != SQLITE_OK)
                return code == SQLITE_ERROR ? -ENOENT : db_errno(code); /* of an older store: it has no such table */
        code = sqlite3_step(q);
        if (code == SQLITE_ROW)
                *ret = (uint64_t)sqlite3_column_int64(q, 0);
        sqlite3_finalize(q);
        return db_errno(code);
}

int query_figures(struct query *q, int (*fn)(void *userdata, const struct store_figure *f), void *userdata)
{
        int r = 0;

        for (size_t i = 0; i < ARRAY_LEN(rows) && r >= 0; i++) {
                struct store_figure f = rows[i].f;

                r = ask(q, rows[i].sql, &f.n);
                if (r == -ENOENT)
                        r = 0;
                else if (r >= 0)
                        r = fn(userdata, &f);
        }
        return r;
}
