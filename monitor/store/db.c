/* SPDX-License-Identifier: Apache-2.0 */

/* Opening, statements, and the translation of SQLite's codes (https://sqlite.org/rescode.html). */

#include "monitor/store/db.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "monitor/base/arena.h"
#include "monitor/base/utf8.h"
#include "monitor/store/quiet.h"
#include "monitor/store/schema_sql.h"

static const char *const sql[_SQL_MAX] = {
        [SQL_PUT_RECORD] = "INSERT OR IGNORE INTO record VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        [SQL_PUT_ALERT] = "INSERT INTO alert VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 'open', '', ?12, ?13, ?14, ?15, ?16) "
                          "ON CONFLICT (id) DO UPDATE SET level = ?4, grouped = ?6, sentence = ?7, why = ?8, person = ?10, source = ?11, "
                          "first_seen = ?12, last_seen = ?13, count = ?15, late = ?16, state = 'open', merged_into = ''",
        [SQL_GET_ALERT] = "SELECT count FROM alert WHERE id = ?1",
        [SQL_WITHDRAW_ALERT] = "UPDATE alert SET state = 'withdrawn' WHERE id = ?1",
        [SQL_MERGE_ALERT] = "UPDATE alert SET state = 'merged', merged_into = ?2 WHERE id = ?1",
        [SQL_PUT_HISTORY] = "INSERT INTO alert_history VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        [SQL_GET_HEAD] = "SELECT seq, at, hash FROM alert_history ORDER BY seq DESC LIMIT 1",
#define X(id, kind, columns, table, key) [SQL_COVER_##id] = "SELECT " columns " FROM " table " WHERE " key " = ?1",
        COVERED(X)
#undef X
        [SQL_COUNT_RECORD] = "SELECT count(*) FROM record WHERE record = ?1",
        /* VALUES and not SELECT: the insert of exactly one row needs no journal of its own. */
        [SQL_LINK] = "INSERT OR IGNORE INTO alert_record VALUES (?1, ?2)",
        [SQL_COUNT_LINKS] = "SELECT count(*) FROM alert_record WHERE alert = ?1",
        [SQL_MOVE_LINKS] = "INSERT INTO alert_record SELECT ?2, record FROM alert_record WHERE alert = ?1 "
                           "AND record NOT IN (SELECT record FROM alert_record WHERE alert = ?2) ORDER BY record "
                           "LIMIT max(0, ?3 - (SELECT count(*) FROM alert_record WHERE alert = ?2))",
        [SQL_COUNT_LEFT] = "SELECT count(*) FROM alert_record WHERE alert = ?1 "
                           "AND record NOT IN (SELECT record FROM alert_record WHERE alert = ?2)",
        [SQL_EACH_LEFT] = "SELECT record, EXISTS (SELECT 1 FROM alert_record o WHERE o.record = a.record AND o.alert <> ?1) FROM alert_record a "
                          "WHERE alert = ?1 AND record NOT IN (SELECT record FROM alert_record WHERE alert = ?2) ORDER BY record",
        [SQL_DROP_LINKS] = "DELETE FROM alert_record WHERE alert = ?1",
        [SQL_INVOLVE_RECORD] =
                "INSERT INTO alert_involved SELECT ?1, f.column1, substr(v.value, 1, ?3), 1 FROM record r, "
                "(VALUES (0, '$.\"shopbell.person\"'), (1, '$.\"source.ip\"'), (2, '$.\"shopbell.object\"')) f, "
                "json_each(json_array(json_extract(clear_fields(r.record, r.fields, r.sealed), f.column2))) one, "
                "json_each(CASE one.type WHEN 'array' THEN one.value ELSE json_array(one.value) END) v "
                "WHERE r.record = ?2 AND v.value IS NOT NULL AND v.value <> '' "
                "ON CONFLICT (alert, kind, value) DO UPDATE SET count = count + 1",
        [SQL_INVOLVE] =
                "INSERT INTO alert_involved VALUES (?1, ?2, CASE WHEN "
                "EXISTS (SELECT 1 FROM alert_involved WHERE alert = ?1 AND kind = ?2 AND value = ?3) OR "
                "(SELECT count(*) FROM alert_involved WHERE alert = ?1 AND kind = ?2) < ?5 THEN ?3 ELSE '' END, ?4) "
                "ON CONFLICT (alert, kind, value) DO UPDATE SET count = count + excluded.count",
        /* Of the values that are new there the most frequent keep their names, while there is room. */
        [SQL_MOVE_INVOLVED] =
                "WITH m AS (SELECT kind, value, count, value = '' OR EXISTS (SELECT 1 FROM alert_involved t "
                "WHERE t.alert = ?2 AND t.kind = s.kind AND t.value = s.value) AS is_there FROM alert_involved s WHERE alert = ?1), "
                "n AS (SELECT kind, count, CASE WHEN is_there OR row_number() OVER (PARTITION BY kind, is_there ORDER BY count DESC, value) "
                "<= ?3 - (SELECT count(*) FROM alert_involved t WHERE t.alert = ?2 AND t.kind = m.kind AND t.value <> '') "
                "THEN value ELSE '' END AS value FROM m) "
                "INSERT INTO alert_involved SELECT ?2, kind, value, sum(count) FROM n GROUP BY kind, value "
                "ON CONFLICT (alert, kind, value) DO UPDATE SET count = count + excluded.count",
        [SQL_DROP_INVOLVED] = "DELETE FROM alert_involved WHERE alert = ?1",
        [SQL_PUT_POSITION] = "INSERT OR REPLACE INTO position VALUES (?1, ?2)",
        [SQL_DROP_POSITION] = "DELETE FROM position WHERE input = ?1",
        [SQL_EACH_POSITION] = "SELECT input, blob FROM position WHERE substr(input, 1, length(?1)) = ?1 ORDER BY input",
        [SQL_PUT_WINDOW] = "INSERT OR REPLACE INTO window VALUES (?1, ?2, ?3, ?4)",
        [SQL_DROP_WINDOW] = "DELETE FROM window WHERE rule = ?1 AND key = ?2 AND part >= ?3",
        [SQL_EACH_WINDOW] = "SELECT rule, key, part, blob FROM window ORDER BY rule, key, part",
        [SQL_PUT_REJECT] = "INSERT INTO reject (at, file, offset, reason, raw) VALUES (?1, ?2, ?3, ?4, ?5)",
        [SQL_TRIM_REJECTS] = "WITH hold (a, b, said) AS MATERIALIZED (" HOLDS_SELECT ") DELETE FROM reject WHERE seq <= (SELECT max(seq) FROM reject) - ?1 "
                             "AND NOT EXISTS (SELECT 1 FROM hold WHERE reject.at >= a AND reject.at < min(b, said))",
        [SQL_PUT_COUNTER] = "INSERT OR REPLACE INTO counter VALUES (?1, ?2)",
        [SQL_EACH_COUNTER] = "SELECT name, value FROM counter",
        [SQL_PUT_HEARD] = "INSERT OR REPLACE INTO source_heard VALUES (?1, ?2, ?3)",
        [SQL_EACH_HEARD] = HEARD_SELECT,
        [SQL_ADD_ACCOUNT] = "INSERT OR IGNORE INTO account VALUES (?1, ?2, ?3, ?4)",
        [SQL_GROW_ACCOUNT] = "UPDATE account SET first_seen = ifnull(min(first_seen, ?3), ?3), last_seen = ifnull(max(last_seen, ?4), ?4) "
                             "WHERE source = ?1 AND account = ?2 AND (first_seen IS NULL OR ?3 < first_seen OR ?4 > last_seen)",
        [SQL_COUNT_ACCOUNTS] = "SELECT count(*) FROM account",
        [SQL_LEAST_ACCOUNT] = "SELECT source, account FROM account ORDER BY last_seen, source, account LIMIT 1",
        [SQL_DROP_ACCOUNT] = "DELETE FROM account WHERE source = ?1 AND account = ?2",
        [SQL_DROP_FACTS] = "DELETE FROM account_fact WHERE source = ?1 AND account = ?2",
        [SQL_ADD_FACT] = "INSERT OR IGNORE INTO account_fact VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        /* As fact_merge() of model/account.h: the text goes with the later time, of two the same the greater. */
        [SQL_GROW_FACT] = "UPDATE account_fact SET first_seen = ifnull(min(first_seen, ?5), ifnull(first_seen, ?5)), "
                          "text = CASE WHEN ?6 > ifnull(last_seen, ?6 - 1) OR (?6 IS last_seen AND ?9 > text) THEN ?9 ELSE text END, "
                          "last_seen = ifnull(max(last_seen, ?6), ifnull(last_seen, ?6)), gone = ifnull(max(gone, ?7), ifnull(gone, ?7)), "
                          "n = max(n, ?8) WHERE source = ?1 AND account = ?2 AND kind = ?3 AND value = ?4 AND ("
                          "?5 < ifnull(first_seen, ?5 + 1) OR ?6 > ifnull(last_seen, ?6 - 1) OR ?7 > ifnull(gone, ?7 - 1) OR ?8 > n "
                          "OR (?6 IS last_seen AND ?9 > text))",
        [SQL_TRIM_FACTS] = "DELETE FROM account_fact WHERE source = ?1 AND account = ?2 AND kind = ?3 AND value IN ("
                           "SELECT value FROM account_fact WHERE source = ?1 AND account = ?2 AND kind = ?3 "
                           "ORDER BY max(ifnull(last_seen, gone), ifnull(gone, last_seen)) DESC, value DESC LIMIT -1 OFFSET ?4)",
        [SQL_PURGE_OLD] = "WITH hold (a, b, said) AS MATERIALIZED (" HOLDS_SELECT ") DELETE FROM record WHERE time < ?1 "
                          "AND NOT EXISTS (SELECT 1 FROM hold WHERE record.time >= a AND record.time < b) AND NOT EXISTS (SELECT 1 FROM alert_record a WHERE a.record = record.record)",
        [SQL_PURGE_MANY] =
                "DELETE FROM record WHERE rowid IN (SELECT rowid FROM record r "
                "WHERE NOT EXISTS (SELECT 1 FROM alert_record a WHERE a.record = r.record) ORDER BY rowid LIMIT max(0, "
                "(SELECT count(*) FROM record r WHERE NOT EXISTS (SELECT 1 FROM alert_record a WHERE a.record = r.record)) - ?1))",
        [SQL_PUT_SILENCE] = "INSERT INTO silence VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, NULL, NULL, NULL)",
        [SQL_COUNT_SILENCES] = "SELECT count(*) FROM silence WHERE ended_at IS NULL AND until > ?1",
        [SQL_COUNT_RINGING] = "SELECT count(*) FROM alert_quiet q JOIN alert a ON a.id = q.alert WHERE a.state = 'open' "
                              "AND q.rang_at IS NOT NULL AND q.answer NOT IN " ANSWERS_CLOSING,
        [SQL_END_SILENCE] = "UPDATE silence SET ended_at = ?2, ended_uid = ?3, ended_user = ?4 WHERE id = ?1",
        [SQL_GET_SILENCE] = "SELECT ended_at IS NULL AND until > ?2 FROM silence WHERE id = ?1",
        [SQL_FIND_SILENCE] = "SELECT s.id FROM silence s JOIN alert a ON a.id = ?1 LEFT JOIN alert_quiet q ON q.alert = a.id "
                             "WHERE s.ended_at IS NULL AND s.since <= ?2 AND s.until > ?2 AND max(a.level, ifnull(q.level, 0)) <= s.level "
                             "AND (s.rule = '' OR fold(s.rule) IN (fold(a.rule_id), fold(a.rule_title))) "
                             "AND (s.source = '' OR s.source = a.source) AND (s.who = '' OR fold(s.who) = fold(" PERSON_OF_ALERT ") "
                             "OR EXISTS (SELECT 1 FROM json_each(a.grouped) g WHERE fold(g.value) = fold(s.who))) ORDER BY s.id LIMIT 1",
        [SQL_GET_QUIET] = "SELECT rule_id, rule_title, max(a.level, ifnull(q.level, 0)), "
                          PERSON_OF_ALERT ", first_seen, last_seen, count, "
                          "state = 'open', (SELECT count(*) FROM alert_record r WHERE r.alert = a.id), q.alert IS NOT NULL, "
                          "ifnull(q.person, ''), ifnull(q.silence, 0), ifnull(q.muted_by, ''), ifnull(q.muted_how, ''), "
                          "q.rang_at, ifnull(q.answer, ''), ifnull(q.level, 0), ifnull(q.seen, a.last_seen) "
                          "FROM alert a LEFT JOIN alert_quiet q ON q.alert = a.id WHERE a.id = ?1",
        [SQL_PUT_QUIET] = "INSERT OR REPLACE INTO alert_quiet VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        [SQL_NEAR] = "SELECT a.id FROM alert_quiet q JOIN alert a ON a.id = q.alert "
                     "WHERE q.person = ?1 AND q.seen >= ?4 AND rule_id = ?2 AND first_seen <= ?3",
        [SQL_MUTED_BY] = "SELECT alert FROM alert_quiet WHERE muted_by = ?1 AND muted_by <> ''",
        [SQL_SHARING] = "SELECT DISTINCT +o.alert FROM alert_record x CROSS JOIN alert_record o ON o.record = x.record "
                        "WHERE x.alert = ?1 AND +o.alert <> ?1",
        [SQL_EACH_ALERT] = "SELECT id FROM alert",
        [SQL_FIND_PARENT] = "SELECT a.id, max(a.level, ifnull(q.level, 0)) AS height, a.first_seen "
                            "FROM alert_quiet q JOIN alert a ON a.id = q.alert "
                            "WHERE q.person = ?2 AND q.seen >= ?5 AND a.rule_id = ?3 AND a.first_seen <= ?4 AND a.id <> ?1 "
                            "AND a.state = 'open' AND max(a.level, ifnull(q.level, 0)) >= ?6 AND ifnull(q.silence, 0) = 0 "
                            "AND ifnull(q.muted_how, '') <> 'known' "
                            "AND ifnull(q.answer, '') NOT IN " ANSWERS_CLOSING " ORDER BY height DESC, a.first_seen, a.id LIMIT 1",
        /* First those that have all its records: few. CROSS and +: by record, not by walking all alerts in their order. */
        [SQL_FIND_LEADER] = "SELECT a.id, max(a.level, ifnull(q.level, 0)) AS height, a.first_seen AS first, "
                            "(SELECT count(*) FROM alert_record r WHERE r.alert = a.id) AS n "
                            "FROM (SELECT l.alert AS id FROM alert_record x CROSS JOIN alert_record l ON l.record = x.record "
                            "WHERE x.alert = ?1 AND +l.alert <> ?1 GROUP BY +l.alert HAVING count(*) = ?3) c "
                            "CROSS JOIN alert a ON a.id = c.id CROSS JOIN alert_quiet q ON q.alert = a.id "
                            "WHERE q.person = ?2 AND a.state = 'open' AND a.rule_id <> '" RISK_RULE "' "
                            "AND q.silence = 0 AND q.muted_how NOT IN ('inhibited', 'known') AND q.answer NOT IN " ANSWERS_CLOSING " "
                            "AND (height, n, -first) >= (?4, ?3, -?5) AND ((height, n, first) <> (?4, ?3, ?5) OR a.id < ?1) "
                            "ORDER BY height DESC, n DESC, first, a.id LIMIT 1",
        /* The values of a record: of each field, hours of the week in three-hour slots of working days and weekends. */
        [SQL_FIND_KNOWN] =
                "WITH k AS (SELECT l.alert, (SELECT CASE count(v) WHEN 0 THEN NULL ELSE json_group_array(v) END FROM (SELECT CASE f.value "
                "WHEN 'hour_of_week' THEN (CASE WHEN strftime('%w', r.time / 1000000, 'unixepoch') IN ('0', '6') THEN 'we' ELSE 'wd' END) || "
                "(strftime('%H', r.time / 1000000, 'unixepoch') / 3) ELSE json_extract(r.fields, '$.\"' || f.value || '\"') END AS v "
                "FROM json_each(?3) f ORDER BY f.key)) AS key FROM alert_record l JOIN record r USING (record) WHERE l.alert = ?1 "
                "OR l.alert IN (SELECT a.id FROM alert a JOIN alert_quiet q ON q.alert = a.id WHERE q.person = ?2 AND q.answer = 'me' "
                "AND a.state = 'open' AND a.id <> ?1 AND a.rule_id IN (SELECT value FROM json_each(?4)))) "
                "SELECT t.alert, a.level, a.first_seen FROM k x JOIN k t ON t.key = x.key AND t.alert <> ?1 JOIN alert a ON a.id = t.alert "
                "WHERE x.alert = ?1 AND NOT EXISTS (SELECT 1 FROM k y WHERE y.alert = ?1 AND (y.key IS NULL OR y.key NOT IN "
                "(SELECT z.key FROM k z WHERE z.alert <> ?1 AND z.key IS NOT NULL))) ORDER BY a.first_seen, a.id LIMIT 1",
        [SQL_EACH_RISK] = RISK_SELECT "AND q.person = ?1 AND q.seen >= ?2 ORDER BY a.last_seen, a.id",
        [SQL_EACH_RISK_ALERT] = "SELECT id, first_seen, last_seen, count, why FROM alert WHERE person = ?1 AND rule_id = '" RISK_RULE "' "
                                "AND last_seen >= ?2 AND state = 'open' ORDER BY first_seen, id",
        [SQL_PUT_ANSWER] = "INSERT INTO alert_answer (alert, at, what, note, uid, user, with_alert) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        [SQL_EACH_ANSWER] = "SELECT at, what, note, uid, user, with_alert FROM alert_answer WHERE alert = ?1 ORDER BY seq",
        [SQL_ANSWERED_WITH] = "SELECT DISTINCT alert FROM alert_answer WHERE with_alert = ?1 AND with_alert <> '' AND at = ?2 AND what <> 'undo'",
        [SQL_FORGET_CHANNELS] = "UPDATE channel SET is_gone = min(is_gone + 1, 2)",
        /* Who listens to more than before is told of what comes from now on. */
        [SQL_PUT_CHANNEL] = "INSERT INTO channel VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0) ON CONFLICT (name) DO UPDATE SET "
                            "since = CASE WHEN is_gone = 2 OR level > ?3 OR kind <> ?2 THEN ?7 ELSE since END, "
                            "kind = ?2, level = ?3, repeat = ?4, escalate_after = ?5, escalate_to = ?6, is_gone = 0",
        [SQL_DROP_OF_CHANNELS] = "UPDATE notice SET state = CASE state WHEN 'committing' THEN 'unknown' ELSE 'dropped' END, ended_at = ?1, "
                                 "error = 'the configuration no longer has this channel' WHERE state IN ('waiting', 'sending', 'committing') "
                                 "AND channel IN (SELECT name FROM channel WHERE is_gone > 0)",
        [SQL_EACH_CHANNEL] = "SELECT name, kind, level, repeat, escalate_after, escalate_to, since FROM channel WHERE is_gone = 0 ORDER BY name",
        [SQL_GET_CHANNEL] = "SELECT name, kind, level, repeat, escalate_after, escalate_to, since FROM channel WHERE is_gone = 0 AND name = ?1",
        [SQL_IS_WANTED] = "SELECT q.rang_at FROM alert a JOIN alert_quiet q ON q.alert = a.id WHERE a.id = ?1 AND a.state = 'open' "
                          "AND q.rang_at >= ?3 AND q.answer NOT IN " ANSWERS_CLOSING " AND max(a.level, q.level) >= ?2 AND NOT EXISTS (SELECT 1 "
                          "FROM notice_alert m JOIN notice n ON n.id = m.notice WHERE m.alert = a.id AND n.channel = ?4)",
        [SQL_COUNT_RECENT] = "SELECT count(*) FROM notice WHERE channel = ?1 AND made_at > ?2 AND reason IN ('rang', 'raised') AND is_group = 0",
        [SQL_FIND_GROUP] = "SELECT id FROM notice n WHERE channel = ?1 AND state = 'waiting' AND is_group = 1 AND attempts = 0 AND root = id "
                           "AND (SELECT count(*) FROM notice_alert m WHERE m.notice = n.id) < ?2 ORDER BY id DESC LIMIT 1",
        [SQL_NEXT_NOTICE] = "SELECT ifnull(max(id), 0) + 1 FROM notice",
        [SQL_PUT_NOTICE] = "INSERT OR IGNORE INTO notice VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'waiting', 0, NULL, NULL, NULL, '')",
        [SQL_PUT_NOTICE_ALERT] = "INSERT OR IGNORE INTO notice_alert VALUES (?1, ?2)",
        [SQL_DUE_NOTICE] = "SELECT " NOTICE_COLUMNS " FROM notice n WHERE channel = ?1 AND state = 'waiting' AND due_at <= ?2 "
                           "ORDER BY due_at, id LIMIT 1",
        [SQL_GET_NOTICE] = "SELECT " NOTICE_COLUMNS " FROM notice n WHERE key = ?1",
        [SQL_EACH_UNDER_WAY] = "SELECT " NOTICE_COLUMNS " FROM notice n WHERE channel = ?1 AND state IN ('sending', 'committing') ORDER BY id LIMIT 1",
        [SQL_COUNT_TOLD] = "SELECT count(*) FROM notice n " NOTICE_TOLD,
        [SQL_COUNT_CRITICAL] = "SELECT count(*) FROM notice n " NOTICE_TOLD " AND q.answer = '' AND q.silence = 0 AND q.muted_by = '' "
                               "AND max(a.level, q.level) = 4",
        [SQL_COUNT_MEMBERS] = "SELECT count(*) FROM notice_alert WHERE notice = ?1",
        [SQL_EACH_TOLD] = "SELECT a.id, max(a.level, q.level) AS height, a.sentence, a.why, a.playbook, "
                          "CASE q.person WHEN '' THEN a.person ELSE q.person END, a.source, a.rule_title, a.first_seen, a.last_seen, a.count "
                          "FROM notice n " NOTICE_TOLD " ORDER BY height DESC, a.first_seen, a.id LIMIT ?2",
        [SQL_DROP_NOTICE] = "UPDATE notice SET state = 'dropped', ended_at = ?2, error = 'no longer needed: answered, told by another alert, or over this "
                            "channel already, before it was due' WHERE id = ?1",
        [SQL_TRY_NOTICE] = "UPDATE notice SET state = 'sending', attempts = attempts + 1, first_at = ifnull(first_at, ?2), tried_at = ?2 WHERE id = ?1",
        [SQL_MARK_NOTICE] = "UPDATE notice SET state = 'committing', error = ?3 WHERE key = ?1 AND attempts = ?2 AND state IN ('sending', 'committing')",
        [SQL_END_NOTICE] = "UPDATE notice SET state = ?3, due_at = ifnull(?4, due_at), ended_at = ?5, error = ?6 WHERE key = ?1 AND attempts = ?2 "
                           "AND (state IN ('sending', 'committing') OR (state = 'unknown' AND ?3 = 'sent'))",
        [SQL_HURRY] = "UPDATE notice SET due_at = min(due_at, ?2) WHERE root = (SELECT root FROM notice WHERE id = ?1) AND reason = 'escalated' "
                      "AND state = 'waiting' AND attempts = 0",
        [SQL_NEWEST_BOX] = "SELECT ifnull((SELECT sealed <> x'' FROM record ORDER BY rowid DESC LIMIT 1), 0) "
                           "OR ifnull((SELECT sealed <> x'' FROM case_entry WHERE kind = 'opened' ORDER BY seq DESC LIMIT 1), 0)",
        [SQL_NEXT_CASE] = "SELECT ifnull(max(case_id), 0) + 1 FROM case_entry",
        [SQL_COUNT_CASES] = "SELECT count(*) FROM case_entry e WHERE kind = 'opened' AND " CASE_IS_OPEN,
        [SQL_NEXT_ENTRY] = "SELECT (SELECT count(*) FROM case_entry WHERE case_id = ?1), (SELECT ifnull(max(seq), 0) + 1 FROM case_entry)",
        [SQL_PUT_ENTRY] = "INSERT INTO case_entry (" CASE_COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        [SQL_CASE_OF] = "SELECT case_id FROM case_entry e WHERE kind = 'alert' AND key = ?1 AND " CASE_IS_OPEN " ORDER BY seq DESC LIMIT 1",
        [SQL_EACH_ENTRY] = ENTRIES_SELECT,
        [SQL_NEXT_DUE] = "SELECT min(due_at) FROM notice n JOIN channel c ON c.name = n.channel WHERE c.is_gone = 0 AND n.state = 'waiting' AND n.due_at > ?1",
};

int db_errno(int code)
{
        switch (code & 0xFF) {
        case SQLITE_OK:
        case SQLITE_DONE:
        case SQLITE_ROW: return 0;
        case SQLITE_NOMEM: return -ENOMEM;
        case SQLITE_READONLY: return -EROFS;
        case SQLITE_BUSY:
        case SQLITE_LOCKED: return -EBUSY;
        case SQLITE_FULL: return -ENOSPC;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB: return -EUCLEAN;
        case SQLITE_CANTOPEN: return -ENOENT;
        case SQLITE_PERM:
        case SQLITE_AUTH: return -EACCES;
        default: return -EIO;
        }
}

static void fold(sqlite3_context *ctx, int n, sqlite3_value **values)
{
        struct arena *arena = arena_new();
        const void *p = sqlite3_value_blob(values[0]);
        struct str text = str_from(p ? p : "", (size_t)sqlite3_value_bytes(values[0])), folded = arena ? utf8_fold(arena, text) : STR_NONE;

        (void)n;
        if (sqlite3_value_type(values[0]) == SQLITE_NULL)
                sqlite3_result_null(ctx);
        else if (folded.p)
                sqlite3_result_text64(ctx, folded.p, folded.n, SQLITE_TRANSIENT, SQLITE_UTF8);
        else
                sqlite3_result_error_nomem(ctx);
        arena_free(arena);
}

int db_functions(sqlite3 *db)
{
        int r = db_errno(sqlite3_create_function_v2(db, "fold", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, fold, NULL, NULL, NULL));

        return r < 0 ? r : db_errno(sqlite3_create_function_v2(db, "within", 2, SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, db_within, NULL, NULL, NULL));
}

const char *db_advice(int r)
{
        switch (r) {
        case -EROFS: return "the disk or file is read-only: mount it writable or give another --state folder";
        case -EBUSY: return "another process holds it: is a second shopbelld running?";
        case -ENOSPC: return "the disk is full: make room";
        case -EUCLEAN: return "it is damaged or no store of shopbell: move it away and start again, or restore a copy";
        case -ENOENT: return "it cannot be opened: does the folder exist, and is it the daemon's state folder (--state)?";
        case -EACCES: return "no permission: run as root or as the user shopbell";
        case -ENOMEM: return "out of memory";
        default: return "reading or writing failed: look at the disk";
        }
}

sqlite3_stmt *db_statement(struct store *s, enum statement id)
{
        sqlite3_stmt **stmt = &s->statements[id];

        if (!*stmt && sqlite3_prepare_v3(s->db, sql[id], -1, SQLITE_PREPARE_PERSISTENT, stmt, NULL) != SQLITE_OK)
                return NULL;
        sqlite3_reset(*stmt);
        return *stmt;
}

int db_fail(struct store *s, int r)
{
        const char *file = sqlite3_db_filename(s->db, "main");

        snprintf(s->error, sizeof s->error, "%s: %s (%s)", file && *file ? file : "the store in memory", db_advice(r),
                 sqlite3_errmsg(s->db));
        return r;
}

int db_run(struct store *s, sqlite3_stmt *stmt)
{
        int code = stmt ? sqlite3_step(stmt) : sqlite3_errcode(s->db);
        int r = db_errno(code);

        if (r < 0)
                db_fail(s, r);
        if (stmt)
                sqlite3_reset(stmt);
        return r;
}

void db_text(sqlite3_stmt *stmt, int at, struct str text)
{
        sqlite3_bind_text64(stmt, at, text.p ? text.p : "", text.n, SQLITE_STATIC, SQLITE_UTF8);
}

void db_blob(sqlite3_stmt *stmt, int at, struct str bytes)
{
        sqlite3_bind_blob64(stmt, at, bytes.p ? bytes.p : "", bytes.n, SQLITE_STATIC);
}

void db_hash(sqlite3_stmt *stmt, int at, const struct hash128 *h)
{
        char hex[HASH128_HEX_BYTES];

        hash128_hex(h, hex);
        sqlite3_bind_text(stmt, at, hash128_is_zero(h) ? "" : hex, -1, SQLITE_TRANSIENT);
}

void db_who(sqlite3_stmt *q, int at, const struct who *who)
{
        sqlite3_bind_int64(q, at, who->uid);
        db_text(q, at + 1, who->user);
}

usec db_time(sqlite3_stmt *q, int at)
{
        return sqlite3_column_type(q, at) == SQLITE_NULL ? USEC_NONE : sqlite3_column_int64(q, at);
}

void db_bind_time(sqlite3_stmt *q, int at, usec t)
{
        if (t == USEC_NONE)
                sqlite3_bind_null(q, at);
        else
                sqlite3_bind_int64(q, at, t);
}

int db_number(struct store *s, sqlite3_stmt *q, int64_t *ret)
{
        int code = q ? sqlite3_step(q) : SQLITE_ERROR;
        int r = code == SQLITE_ROW ? 1 : code == SQLITE_DONE ? 0 : db_fail(s, db_errno(q ? code : sqlite3_errcode(s->db)));

        if (r > 0)
                *ret = sqlite3_column_int64(q, 0);
        if (q)
                sqlite3_reset(q);
        return r;
}

int db_has_table(sqlite3 *db, const char *name)
{
        sqlite3_stmt *q = NULL;
        int code = sqlite3_prepare_v2(db, "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1", -1, &q, NULL);

        if (code == SQLITE_OK) {
                sqlite3_bind_text(q, 1, name, -1, SQLITE_STATIC);
                code = sqlite3_step(q);
        }
        sqlite3_finalize(q);
        return code == SQLITE_ROW ? 1 : db_errno(code);
}

struct str db_column(sqlite3_stmt *stmt, int at)
{
        const void *p = sqlite3_column_blob(stmt, at);

        return str_from(p ? p : "", (size_t)sqlite3_column_bytes(stmt, at));
}

/* The key whose parts are being put together. */
struct gathering {
        struct strbuf rule, key, blob;
        bool has_one;
};

static bool is_same(const struct gathering *g, sqlite3_stmt *q)
{
        return g->has_one && str_eq(strbuf_str(&g->rule), db_column(q, 0)) && str_eq(strbuf_str(&g->key), db_column(q, 1));
}

static int hand_over(struct gathering *g, int (*fn)(void *userdata, struct str rule, struct str key, struct str blob), void *userdata)
{
        if (!g->has_one)
                return 0;
        if (strbuf_failed(&g->rule) || strbuf_failed(&g->key) || strbuf_failed(&g->blob))
                return -ENOMEM;
        return fn(userdata, strbuf_str(&g->rule), strbuf_str(&g->key), strbuf_str(&g->blob));
}

int db_each_window(sqlite3_stmt *q, int (*fn)(void *userdata, struct str rule, struct str key, struct str blob), void *userdata)
{
        struct gathering g = { STRBUF_INIT, STRBUF_INIT, STRBUF_INIT, false };
        int code = SQLITE_DONE, r = 0;

        while (r >= 0 && (code = sqlite3_step(q)) == SQLITE_ROW) {
                if (!is_same(&g, q)) {
                        r = hand_over(&g, fn, userdata);
                        strbuf_clear(&g.rule), strbuf_clear(&g.key), strbuf_clear(&g.blob);
                        strbuf_add(&g.rule, db_column(q, 0));
                        strbuf_add(&g.key, db_column(q, 1));
                        g.has_one = true;
                }
                strbuf_add(&g.blob, db_column(q, 3));
        }
        if (r >= 0)
                r = db_errno(code);
        if (r >= 0)
                r = hand_over(&g, fn, userdata);
        strbuf_done(&g.rule), strbuf_done(&g.key), strbuf_done(&g.blob);
        return r;
}

const char *store_error(struct store *s)
{
        return s->error[0] ? s->error : "store: no error";
}

/* ---- Opening ---- */

static int fail(struct store *s, const char *path, int r, struct err *reterr)
{
        return err_at(reterr, r, path, 0, 0, "%s (%s)", db_advice(r), s->db ? sqlite3_errmsg(s->db) : "");
}

static int execute(struct store *s, const char *text)
{
        return db_errno(sqlite3_exec(s->db, text, NULL, NULL, NULL));
}

static int read_version(struct store *s, int *ret)
{
        sqlite3_stmt *stmt = NULL;
        int code = sqlite3_prepare_v2(s->db, "PRAGMA user_version", -1, &stmt, NULL);

        if (code == SQLITE_OK)
                code = sqlite3_step(stmt);
        if (code == SQLITE_ROW)
                *ret = sqlite3_column_int(stmt, 0);
        sqlite3_finalize(stmt);
        return db_errno(code);
}

/* Version 5 noted what an answer came along with in words only, at the same time. */
static const char answers_sql[] =
        "UPDATE alert_answer SET with_alert = ifnull((SELECT o.alert FROM alert_answer o WHERE o.at = alert_answer.at "
        "AND o.what = alert_answer.what AND alert_answer.note = 'with ' || substr(o.alert, 1, 8)), '') WHERE note LIKE 'with ________'";

static bool has_column(struct store *s, const char *table, const char *column)
{
        sqlite3_stmt *q = NULL;
        bool has_it;

        if (sqlite3_prepare_v2(s->db, "SELECT 1 FROM pragma_table_info(?1) WHERE name = ?2", -1, &q, NULL) != SQLITE_OK)
                return false;
        sqlite3_bind_text(q, 1, table, -1, SQLITE_STATIC);
        sqlite3_bind_text(q, 2, column, -1, SQLITE_STATIC);
        has_it = sqlite3_step(q) == SQLITE_ROW;
        sqlite3_finalize(q);
        return has_it;
}

static int make_schema(struct store *s, int version)
{
        bool is_unchained = version > 0 && !has_column(s, "alert_history", "hash");
        int r = execute(s, "BEGIN IMMEDIATE");

        if (r >= 0 && version > 0 && !has_column(s, "record", "sealed"))
                r = execute(s, "ALTER TABLE record ADD COLUMN sealed BLOB NOT NULL DEFAULT x''");
        if (r >= 0 && version > 0 && version < 3) /* without parts */
                r = execute(s, "DROP TABLE IF EXISTS window");
        if (r >= 0 && is_unchained)
                r = execute(s, "ALTER TABLE alert_history RENAME TO alert_history_before; DROP INDEX alert_history_alert");
        if (r >= 0 && version == 5)
                r = execute(s, "ALTER TABLE alert_answer ADD COLUMN with_alert TEXT NOT NULL DEFAULT ''");
        if (r >= 0 && version >= 5 && version < 8 && !has_column(s, "alert_quiet", "seen"))
                r = execute(s, "ALTER TABLE alert_quiet ADD COLUMN seen INTEGER NOT NULL DEFAULT 0; DROP INDEX IF EXISTS alert_quiet_person");
        if (r >= 0)
                r = execute(s, schema_sql);
        if (r >= 0 && version == 5)
                r = execute(s, answers_sql);
        if (r >= 0 && version >= 5 && version < 8)
                r = execute(s, "UPDATE alert_quiet SET seen = (SELECT last_seen FROM alert WHERE id = alert_quiet.alert)");
        if (r >= 0 && version > 0 && version < 5) /* what was told before rang */
                r = execute(s, "INSERT OR IGNORE INTO alert_quiet (alert, person, rang_at, seen) "
                               "SELECT id, person, raised_at, last_seen FROM alert");
        if (r >= 0 && is_unchained)
                r = chain_begin_old(s);
        if (r >= 0)
                r = execute(s, "PRAGMA user_version = " STRINGIFY(STORE_SCHEMA) "; COMMIT");
        return r;
}

static int prepare(struct store *s, const char *path, struct err *reterr)
{
        int version = 0, r = read_version(s, &version);

        if (r < 0)
                return fail(s, path, r, reterr);
        if (version > STORE_SCHEMA_VERSION)
                return err_at(reterr, -EPROTONOSUPPORT, path, 0, 0,
                              "made by a newer version of shopbell (schema %d, this one knows %d): install that version again", version,
                              STORE_SCHEMA_VERSION);
        r = execute(s, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON");
        if (r >= 0 && version < STORE_SCHEMA_VERSION)
                r = make_schema(s, version);
        return r < 0 ? fail(s, path, r, reterr) : 0;
}

static bool is_on_read_only_disk(const char *path)
{
        const char *slash = strrchr(path, '/');
        char *folder = slash ? str_dupz(str_from(path, (size_t)(slash - path) + 1)) : NULL;
        bool is_so = folder && access(folder, W_OK) < 0 && errno == EROFS;

        free(folder);
        return is_so;
}

static void clear_fields(sqlite3_context *context, int n, sqlite3_value **values)
{
        CLEANUP(strbuf_done) struct strbuf fields = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf raw = STRBUF_INIT;
        struct store *s = sqlite3_user_data(context);
        struct str id = str_from((const char *)sqlite3_value_text(values[0]), (size_t)sqlite3_value_bytes(values[0]));
        struct str box = str_from(sqlite3_value_blob(values[2]), (size_t)sqlite3_value_bytes(values[2]));

        (void)n;
        if (box.n == 0 || !s->chain.has_key || db_open_box(&s->chain.key, id, box, &fields, &raw) < 0)
                sqlite3_result_value(context, values[1]);
        else
                sqlite3_result_text64(context, fields.p, fields.n, SQLITE_TRANSIENT, SQLITE_UTF8);
}

int store_open(const char *path, struct store **ret, struct err *reterr)
{
        struct store *s = calloc(1, sizeof *s);
        int r;

        if (!s)
                return err_set(reterr, -ENOMEM, "out of memory");
        s->accounts = -1;
        s->chain.is_kept = strcmp(path, ":memory:") != 0;
        s->chain.heads_fd = -1;
        /* NOMUTEX: a store belongs to one thread at a time (store.h). */
        r = db_errno(sqlite3_open_v2(path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOFOLLOW |
                                     SQLITE_OPEN_NOMUTEX, NULL));
        if (r >= 0)
                sqlite3_busy_timeout(s->db, 5000);
        if (r >= 0) /* the fields of a record, in the clear when the store has the key */
                r = db_errno(sqlite3_create_function_v2(s->db, "clear_fields", 3, SQLITE_UTF8, s, clear_fields, NULL, NULL, NULL));
        if (r == -ENOENT && is_on_read_only_disk(path))
                r = -EROFS;
        if (r >= 0)
                r = db_functions(s->db);
        r = r < 0 ? fail(s, path, r, reterr) : prepare(s, path, reterr);
        if (r < 0) {
                store_close(s);
                return r;
        }
        *ret = s;
        return 0;
}

struct store *store_close(struct store *s)
{
        if (!s)
                return NULL;
        for (size_t i = 0; i < _SQL_MAX; i++)
                sqlite3_finalize(s->statements[i]);
        sqlite3_close(s->db);
        if (s->chain.heads_fd >= 0)
                close(s->chain.heads_fd);
        secret_wipe(&s->chain.key);
        free(s);
        return NULL;
}
