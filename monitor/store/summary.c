/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/store/summary.h"

#include <errno.h>

#include "monitor/store/db.h"

#define ENDED "state IN ('merged', 'withdrawn')"
#define SUMMARIES(level, rang, muted, answer, join) \
        "SELECT a.id, " level ", first_seen, last_seen, count, " rang ", " muted ", " answer ", instr(classes, '\"export\"') " \
        "FROM alert a " join " WHERE NOT " ENDED " ORDER BY first_seen, a.id"

/* With and without the tables of version 5. */
static const char summaries_sql[] = SUMMARIES("max(a.level, ifnull(q.level, 0))", "(q.alert IS NULL OR q.rang_at IS NOT NULL)",
                                              "ifnull(q.muted_how, '') <> ''", "ifnull(q.answer, '')", "LEFT JOIN alert_quiet q ON q.alert = a.id");
static const char old_summaries_sql[] = SUMMARIES("a.level", "1", "0", "''", "");

int query_summary_span(struct query *query, usec *ret_first, usec *ret_last)
{
        sqlite3_stmt *q = NULL;
        int code, r = db_errno(sqlite3_prepare_v2(query->db, "SELECT min(first_seen), max(last_seen) FROM alert WHERE NOT " ENDED, -1, &q, NULL));

        if (r < 0)
                return r;
        *ret_first = *ret_last = USEC_NONE;
        code = sqlite3_step(q);
        if (code == SQLITE_ROW && sqlite3_column_type(q, 0) != SQLITE_NULL) {
                *ret_first = sqlite3_column_int64(q, 0);
                *ret_last = sqlite3_column_int64(q, 1);
        }
        sqlite3_finalize(q);
        return db_errno(code);
}

int query_summaries(struct query *query, int (*fn)(void *userdata, const struct query_summary *s), void *userdata)
{
        sqlite3_stmt *q = NULL;
        int code = SQLITE_DONE, r = db_errno(sqlite3_prepare_v2(query->db, summaries_sql, -1, &q, NULL));

        if (r < 0)
                r = db_errno(sqlite3_prepare_v2(query->db, old_summaries_sql, -1, &q, NULL));
        while (r >= 0 && (code = sqlite3_step(q)) == SQLITE_ROW) {
                int level = sqlite3_column_int(q, 1);
                struct query_summary s = {
                        .level = level < 0 || level >= _LEVEL_MAX ? LEVEL_CRITICAL : (enum level)level,
                        .first = sqlite3_column_int64(q, 2),
                        .last = sqlite3_column_int64(q, 3),
                        .count = (uint64_t)sqlite3_column_int64(q, 4),
                        .rang = sqlite3_column_int(q, 5),
                        .is_muted = sqlite3_column_int(q, 6),
                        .answer = db_column(q, 7),
                        .is_export = sqlite3_column_int(q, 8),
                };

                hash128_parse(db_column(q, 0), &s.id);
                r = fn(userdata, &s);
        }
        if (r >= 0)
                r = db_errno(code);
        sqlite3_finalize(q);
        return r;
}

int query_text(struct query *query, const struct hash128 *id, int (*fn)(void *userdata, const struct query_text *t), void *userdata)
{
        sqlite3_stmt *q = NULL;
        int code, r = db_errno(sqlite3_prepare_v2(query->db, "SELECT sentence, why, playbook, source FROM alert WHERE id = ?1", -1, &q, NULL));

        if (r < 0)
                return r;
        db_hash(q, 1, id);
        code = sqlite3_step(q);
        if (code == SQLITE_ROW)
                r = fn(userdata, &(struct query_text){ db_column(q, 0), db_column(q, 1), db_column(q, 2), db_column(q, 3) });
        else
                r = code == SQLITE_DONE ? -ENOENT : db_errno(code);
        sqlite3_finalize(q);
        return r;
}
