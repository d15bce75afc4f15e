/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/store/events.h"

#include "monitor/store/db.h"

static const char events_sql[] =
        "SELECT h.seq, h.at, h.what, a.id, max(a.level, ifnull(q.level, 0)), a.count, a.sentence, ifnull(q.person, a.person), a.source, "
        "ifnull(q.answer, ''), a.state = 'open' "
        "FROM alert_history h JOIN alert a ON a.id = h.alert LEFT JOIN alert_quiet q ON q.alert = a.id "
        "WHERE h.seq > ?1 AND h.what IN ('rang', 'answered', 'merged', 'withdrawn') ORDER BY h.seq LIMIT ?2";

static void read_event(sqlite3_stmt *q, struct event *e)
{
        *e = (struct event){
                .seq = sqlite3_column_int64(q, 0),
                .at = sqlite3_column_int64(q, 1),
                .what = db_column(q, 2),
                .level = (enum level)sqlite3_column_int(q, 4),
                .count = (uint64_t)sqlite3_column_int64(q, 5),
                .sentence = db_column(q, 6),
                .person = db_column(q, 7),
                .source = db_column(q, 8),
                .answer = db_column(q, 9),
                .is_open = sqlite3_column_int(q, 10),
        };
        hash128_parse(db_column(q, 3), &e->alert);
        if (e->level >= _LEVEL_MAX)
                e->level = LEVEL_CRITICAL;
}

int query_events(struct query *query, int64_t after, size_t limit, int (*fn)(void *userdata, const struct event *e), void *userdata)
{
        sqlite3_stmt *q = NULL;
        int code = SQLITE_DONE, r = db_errno(sqlite3_prepare_v2(query->db, events_sql, -1, &q, NULL));

        if (r < 0)
                return r;
        sqlite3_bind_int64(q, 1, after);
        sqlite3_bind_int64(q, 2, (sqlite3_int64)limit);
        while (r >= 0 && (code = sqlite3_step(q)) == SQLITE_ROW) {
                struct event e;

                read_event(q, &e);
                r = fn(userdata, &e);
        }
        if (r >= 0)
                r = db_errno(code);
        sqlite3_finalize(q);
        return r;
}

int query_newest(struct query *query, int64_t *ret)
{
        sqlite3_stmt *q = NULL;
        int code, r = db_errno(sqlite3_prepare_v2(query->db, "SELECT ifnull(max(seq), 0) FROM alert_history", -1, &q, NULL));

        if (r < 0)
                return r;
        code = sqlite3_step(q);
        if (code == SQLITE_ROW)
                *ret = sqlite3_column_int64(q, 0);
        sqlite3_finalize(q);
        return code == SQLITE_ROW ? 0 : db_errno(code);
}
