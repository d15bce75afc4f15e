/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/store/retire.h"

#include <errno.h>
#include <stdio.h>

#include "monitor/store/db.h"

/* Alerts to which nothing happened since ?1, nor to those merged into them; of none of which somebody said "not me"; and of which, of those
 * merged into them and of what they are merged into none is one of an open case, or lies in the range of its hold. */
#define OLD \
        "WITH RECURSIVE hold (a, b, said) AS MATERIALIZED (" HOLDS_SELECT "), " \
        "held (id) AS MATERIALIZED (SELECT key FROM case_entry e WHERE kind = 'alert' AND " CASE_IS_OPEN " " \
        "UNION SELECT a.id FROM alert a JOIN hold ON a.first_seen < hold.b AND a.last_seen >= hold.a), " \
        "up (id, root) AS (SELECT id, id FROM alert UNION SELECT up.id, b.id FROM up JOIN alert a ON a.id = up.root " \
        "JOIN alert b ON b.id = a.merged_into WHERE a.state = 'merged'), " \
        "old (id) AS (SELECT up.root FROM up JOIN alert_history h ON h.alert = up.id GROUP BY up.root HAVING max(h.at) < ?1 " \
        "EXCEPT SELECT up.root FROM up JOIN alert_quiet q ON q.alert = up.id WHERE q.answer = 'not-me' " \
        "EXCEPT SELECT up.root FROM up JOIN held ON held.id = up.id EXCEPT SELECT up.id FROM up JOIN held ON held.id = up.root) "

/* Records of old alerts only, and not emptied yet. */
#define TEACHES \
        "EXISTS (SELECT 1 FROM alert_record t JOIN alert_quiet q ON q.alert = t.alert WHERE t.record = r.record AND q.answer = 'me')"
static const char records_sql[] =
        OLD "UPDATE record AS r SET raw = x'', sealed = x'', fields = CASE WHEN " TEACHES " THEN fields ELSE '{}' END WHERE rowid IN ("
            "SELECT r.rowid FROM record r WHERE (raw <> x'' OR sealed <> x'' OR (fields <> '{}' AND NOT " TEACHES ")) "
            "AND EXISTS (SELECT 1 FROM alert_record l WHERE l.record = r.record) "
            "AND NOT EXISTS (SELECT 1 FROM alert_record l WHERE l.record = r.record AND l.alert NOT IN (SELECT id FROM old)) LIMIT ?2)";

/* Notices that ended before ?1 and whose alerts are gone, with all that repeat or escalate them. */
static const char notices_sql[] =
        "DELETE FROM notice WHERE root IN (SELECT root FROM notice GROUP BY root HAVING max(ifnull(ended_at, ?1)) < ?1) "
        "AND NOT EXISTS (SELECT 1 FROM notice_alert l WHERE l.notice = notice.root)";

static int run(struct store *s, const char *sql, usec before, uint64_t *ret)
{
        sqlite3_stmt *q = NULL;
        int r = db_errno(sqlite3_prepare_v2(s->db, sql, -1, &q, NULL));

        if (r < 0)
                return db_fail(s, r);
        if (sqlite3_bind_parameter_count(q) > 0)
                sqlite3_bind_int64(q, 1, before);
        if (sqlite3_bind_parameter_count(q) > 1)
                sqlite3_bind_int64(q, 2, RETIRE_STEP);
        r = db_errno(sqlite3_step(q));
        if (r < 0)
                db_fail(s, r);
        sqlite3_finalize(q);
        if (r >= 0 && ret)
                *ret = (uint64_t)sqlite3_changes64(s->db);
        return r;
}

/* ---- Alerts ---- */

/* Rows of every table that refers to an alert, whoever made it. */
static int drop_referring(struct store *s)
{
        static const char tables[] = "SELECT DISTINCT m.name, f.\"from\" FROM sqlite_schema m JOIN pragma_foreign_key_list(m.name) f "
                                     "WHERE m.type = 'table' AND f.\"table\" = 'alert' ORDER BY m.name";
        sqlite3_stmt *q = NULL;
        int code = SQLITE_DONE, r = db_errno(sqlite3_prepare_v2(s->db, tables, -1, &q, NULL));

        while (r >= 0 && (code = sqlite3_step(q)) == SQLITE_ROW) {
                char *sql = sqlite3_mprintf("DELETE FROM \"%w\" WHERE \"%w\" IN (SELECT id FROM temp.doomed)", sqlite3_column_text(q, 0),
                                            sqlite3_column_text(q, 1));

                r = sql ? run(s, sql, 0, NULL) : -ENOMEM;
                sqlite3_free(sql);
        }
        if (r >= 0)
                r = db_errno(code);
        sqlite3_finalize(q);
        return r;
}

static int drop_alerts(struct store *s, usec before, uint64_t *ret)
{
        uint64_t n = 0;
        int r = run(s, "CREATE TEMP TABLE IF NOT EXISTS doomed (id TEXT PRIMARY KEY)", 0, NULL);

        if (r >= 0)
                r = run(s, "DELETE FROM temp.doomed", 0, NULL);
        if (r >= 0)
                r = run(s, "INSERT INTO temp.doomed " OLD "SELECT id FROM old LIMIT ?2", before, &n);
        *ret = n;
        if (r < 0 || n == 0)
                return r;
        r = run(s,
                "CREATE TEMP TABLE doomed_record AS SELECT DISTINCT record FROM alert_record l WHERE alert IN (SELECT id FROM temp.doomed) "
                "AND NOT EXISTS (SELECT 1 FROM alert_record o WHERE o.record = l.record AND o.alert NOT IN (SELECT id FROM temp.doomed))",
                0, NULL);
        if (r >= 0)
                r = drop_referring(s);
        if (r >= 0)
                r = run(s, "DELETE FROM record WHERE record IN (SELECT record FROM temp.doomed_record)", 0, NULL);
        if (r >= 0)
                r = run(s, "DELETE FROM alert WHERE id IN (SELECT id FROM temp.doomed)", 0, NULL);
        return r < 0 ? r : run(s, "DROP TABLE temp.doomed_record", 0, NULL);
}

/* ---- Both ---- */

static int note(struct store *s, const char *what, const char *words, uint64_t n, usec before, usec now)
{
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf covers = STRBUF_INIT;
        char at[TIME_ISO_BYTES];

        if (n == 0)
                return 0;
        time_format_iso(before - before % USEC_PER_SEC, at);
        strbuf_addf(&text, "%llu %s, of alerts to which nothing happened since %s", (unsigned long long)n, words, at);
        strbuf_addf(&covers, "purged %s %lld\n", what, (long long)before);
        if (strbuf_failed(&text) || strbuf_failed(&covers))
                return -ENOMEM;
        return db_history_of(s, STR(""), now, STR("purged"), strbuf_str(&text), strbuf_str(&covers));
}

int store_retire(struct store *s, const struct retention *keep, usec now, struct retired *ret)
{
        struct retired gone = { 0 };
        int r = run(s, "PRAGMA secure_delete = ON", 0, NULL);

        if (r >= 0 && keep->records > 0)
                r = run(s, records_sql, now - keep->records, &gone.records);
        if (r >= 0 && keep->alerts > 0)
                r = drop_alerts(s, now - keep->alerts, &gone.alerts);
        if (r >= 0 && keep->alerts > 0)
                r = run(s, notices_sql, now - keep->alerts, NULL);
        if (r >= 0)
                r = note(s, "records", "bodies of records", gone.records, now - keep->records, now);
        if (r >= 0)
                r = note(s, "alerts", "alerts", gone.alerts, now - keep->alerts, now);
        run(s, "PRAGMA secure_delete = OFF", 0, NULL);
        gone.has_more = gone.records == RETIRE_STEP || gone.alerts == RETIRE_STEP;
        if (r >= 0)
                *ret = gone;
        return r;
}

int store_retired(struct store *s)
{
        return run(s, "PRAGMA wal_checkpoint(TRUNCATE)", 0, NULL);
}
