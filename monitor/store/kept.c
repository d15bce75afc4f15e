/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/store/kept.h"

#include <errno.h>

#include "monitor/store/db.h"

/* One number; `none` where there is none. */
static int ask(struct query *query, const char *sql, int64_t none, int64_t *ret)
{
        sqlite3_stmt *q = NULL;
        int code = sqlite3_prepare_v2(query->db, sql, -1, &q, NULL);

        *ret = none;
        if (code == SQLITE_ERROR)
                return 0; /* it has no such table or column */
        if (code != SQLITE_OK)
                return db_errno(code);
        code = sqlite3_step(q);
        if (code == SQLITE_ROW && sqlite3_column_type(q, 0) != SQLITE_NULL)
                *ret = sqlite3_column_int64(q, 0);
        sqlite3_finalize(q);
        return db_errno(code);
}

/* "purged records 1789000000000000": the covers of such a row. */
#define LAST_PURGED(kind) "SELECT max(CAST(substr(covers, length('purged " kind " ') + 1) AS INTEGER)) FROM alert_history WHERE what = 'purged' AND covers LIKE 'purged " kind " %'"

int query_kept(struct query *q, struct query_kept *ret)
{
        struct query_kept kept = { 0 };
        const struct {
                const char *sql;
                int64_t *to;
                int64_t none;
        } rows[] = {
                { "SELECT count(*) FROM record", (int64_t *)&kept.records, 0 },
                { "SELECT count(*) FROM record WHERE fields = '{}'", (int64_t *)&kept.emptied, 0 },
                { "SELECT min(time) FROM record WHERE fields <> '{}'", &kept.first, USEC_NONE },
                { LAST_PURGED("records"), &kept.records_before, USEC_NONE },
                { LAST_PURGED("alerts"), &kept.alerts_before, USEC_NONE },
                { "SELECT count(*) FROM reject", (int64_t *)&kept.rejects, 0 },
                { "SELECT max(seq) FROM reject", (int64_t *)&kept.rejects_all, 0 },
        };
        int r = 0;

        for (size_t i = 0; i < ARRAY_LEN(rows) && r >= 0; i++)
                r = ask(q, rows[i].sql, rows[i].none, rows[i].to);
        if (r >= 0)
                *ret = kept;
        return r;
}
