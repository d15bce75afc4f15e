/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/store/heard.h"

#include <errno.h>

#include "monitor/store/db.h"

int store_put_heard(struct store *s, const struct source_heard *h)
{
        sqlite3_stmt *q = db_statement(s, SQL_PUT_HEARD);

        if (q) {
                db_text(q, 1, h->source);
                db_blob(q, 2, h->rhythm);
                db_bind_time(q, 3, h->told);
        }
        return db_run(s, q);
}

/* To the end of the rows; 0, fn's, or of SQLite. */
static int each(sqlite3_stmt *q, int (*fn)(void *userdata, const struct source_heard *h), void *userdata)
{
        int code = SQLITE_DONE, r = 0;

        while (r >= 0 && (code = sqlite3_step(q)) == SQLITE_ROW) {
                struct source_heard h = {
                        .source = db_column(q, 0),
                        .rhythm = db_column(q, 1),
                        .told = db_time(q, 2),
                };

                r = fn(userdata, &h);
        }
        return r < 0 ? r : db_errno(code);
}

int store_each_heard(struct store *s, int (*fn)(void *userdata, const struct source_heard *h), void *userdata)
{
        sqlite3_stmt *q = db_statement(s, SQL_EACH_HEARD);
        int r;

        if (!q)
                return db_run(s, q);
        r = each(q, fn, userdata);
        sqlite3_reset(q);
        return r == 0 || r == -ENOMEM ? r : db_fail(s, r);
}

int query_heard(struct query *query, int (*fn)(void *userdata, const struct source_heard *h), void *userdata)
{
        sqlite3_stmt *q = NULL;
        int r = db_errno(sqlite3_prepare_v2(query->db, HEARD_SELECT, -1, &q, NULL));

        if (r < 0) /* of an older version */
                return 0;
        r = each(q, fn, userdata);
        sqlite3_finalize(q);
        return r;
}
