/* SPDX-License-Identifier: Apache-2.0 */

/* Silences, looked up and kept. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor/store/db.h"
#include "monitor/store/quiet.h"

/* Of the only row; -ENOENT: there is none. */
static int only_number(struct store *s, sqlite3_stmt *q, int64_t *ret)
{
        int r = db_number(s, q, ret);

        return r == 0 ? -ENOENT : r < 0 ? r : 0;
}

static int count_silences(struct store *s, usec now, int64_t *ret)
{
        sqlite3_stmt *q = db_statement(s, SQL_COUNT_SILENCES);

        if (!q)
                return db_run(s, q);
        sqlite3_bind_int64(q, 1, now);
        return only_number(s, q, ret);
}

/* By its number: what the history says of it. */
static int note_silence(struct store *s, int64_t id, usec now, const char *what, const struct who *by, struct str reason)
{
        CLEANUP(strbuf_done) struct strbuf covers = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        int r = chain_cover_number(s, COVERED_SILENCE, id, &covers);

        strbuf_addf(&text, "silence %lld by " STR_FMT "%s" STR_FMT, (long long)id, STR_ARG(by->user), reason.n > 0 ? ": " : "", STR_ARG(reason));
        if (r >= 0 && (strbuf_failed(&covers) || strbuf_failed(&text)))
                r = -ENOMEM;
        return r < 0 ? r : db_history_of(s, STR(""), now, str_of(what), strbuf_str(&text), strbuf_str(&covers));
}

int store_put_silence(struct store *s, const struct silence *silence, int64_t *ret)
{
        int64_t n = 0;
        sqlite3_stmt *q;
        int r = count_silences(s, silence->since, &n);

        if (r < 0 || n >= SILENCES_MAX)
                return r < 0 ? r : -EDQUOT;
        q = db_statement(s, SQL_PUT_SILENCE);
        if (q) {
                db_text(q, 1, silence->rule);
                db_text(q, 2, silence->who);
                db_text(q, 3, silence->source);
                sqlite3_bind_int(q, 4, (int)silence->level);
                sqlite3_bind_int64(q, 5, silence->since);
                sqlite3_bind_int64(q, 6, silence->until);
                db_text(q, 7, silence->reason);
                db_who(q, 8, &silence->by);
        }
        r = db_run(s, q);
        if (r < 0)
                return r;
        *ret = sqlite3_last_insert_rowid(s->db);
        return note_silence(s, *ret, silence->since, "silence-set", &silence->by, silence->reason);
}

/* 0: it counts. */
static int check_silence(struct store *s, int64_t id, usec now)
{
        sqlite3_stmt *q = db_statement(s, SQL_GET_SILENCE);
        int64_t counts = 0;
        int r;

        if (!q)
                return db_run(s, q);
        sqlite3_bind_int64(q, 1, id);
        sqlite3_bind_int64(q, 2, now);
        r = only_number(s, q, &counts);
        return r < 0 ? r : counts ? 0 : -EALREADY;
}

int store_end_silence(struct store *s, int64_t id, usec now, const struct who *by)
{
        int r = check_silence(s, id, now);
        sqlite3_stmt *q = r < 0 ? NULL : db_statement(s, SQL_END_SILENCE);

        if (r < 0)
                return r;
        if (q) {
                sqlite3_bind_int64(q, 1, id);
                sqlite3_bind_int64(q, 2, now);
                db_who(q, 3, by);
        }
        r = db_run(s, q);
        return r < 0 ? r : note_silence(s, id, now, "silence-ended", by, STR(""));
}

int store_find_silence(struct store *s, const struct hash128 *alert, usec now, int64_t *ret)
{
        sqlite3_stmt *q = db_statement(s, SQL_FIND_SILENCE);

        if (!q)
                return db_run(s, q);
        db_hash(q, 1, alert);
        sqlite3_bind_int64(q, 2, now);
        return only_number(s, q, ret);
}

int store_has_silences(struct store *s, usec now)
{
        int64_t n = 0;
        int r = count_silences(s, now, &n);

        return r < 0 ? r : n > 0;
}

static int each_silence(sqlite3_stmt *q, int (*fn)(void *userdata, const struct silence *silence), void *userdata)
{
        int code = SQLITE_DONE, r = 0;

        while (r >= 0 && (code = sqlite3_step(q)) == SQLITE_ROW) {
                struct silence one = {
                        .id = sqlite3_column_int64(q, 0),
                        .rule = db_column(q, 1),
                        .who = db_column(q, 2),
                        .source = db_column(q, 3),
                        .level = (enum level)sqlite3_column_int(q, 4),
                        .since = sqlite3_column_int64(q, 5),
                        .until = sqlite3_column_int64(q, 6),
                        .reason = db_column(q, 7),
                        .by = { sqlite3_column_int64(q, 8), db_column(q, 9) },
                        .ended_at = db_time(q, 10),
                        .ended_by = { sqlite3_column_int64(q, 11), db_column(q, 12) },
                        .n = (uint64_t)sqlite3_column_int64(q, 13),
                };

                if (one.level >= _LEVEL_MAX)
                        one.level = LEVEL_CRITICAL;
                r = fn(userdata, &one);
        }
        return r < 0 ? r : db_errno(code);
}

int query_silences(struct query *query, int (*fn)(void *userdata, const struct silence *silence), void *userdata)
{
        sqlite3_stmt *q = NULL;
        int r = query_prepare(query, "alert_quiet",
                        "SELECT " SILENCE_COLUMNS ", (SELECT count(*) FROM alert_quiet q WHERE q.silence = s.id AND q.silence <> 0) "
                        "FROM silence s ORDER BY id",
                        &q);

        if (r > 0)
                r = each_silence(q, fn, userdata);
        sqlite3_finalize(q);
        return r;
}
