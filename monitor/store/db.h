/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_STORE_DB_H
#define SHOPBELL_STORE_DB_H

/* SQLite behind the room's door; private to store/. */

#include <sqlite3.h>

#include "monitor/base/hash.h"
#include "monitor/base/str.h"
#include "monitor/store/chain.h"
#include "monitor/store/query.h"
#include "monitor/store/store.h"

/* Asked when writing and when reading. */
#define HEARD_SELECT "SELECT source, rhythm, told FROM source_heard ORDER BY source"
#define ENTRIES_SELECT "SELECT " CASE_COLUMNS " FROM case_entry WHERE case_id = ?1 ORDER BY seq"
/* Whether case e.case_id is open. */
#define CASE_IS_OPEN "(SELECT kind FROM case_entry l WHERE l.case_id = e.case_id AND l.kind IN ('opened', 'closed', 'reopened') ORDER BY seq DESC LIMIT 1) <> 'closed'"
/* What open cases keep from going with its age: from, to (event times), and when that was said. */
#define HOLDS_SELECT \
        "SELECT CAST(substr(key, 1, instr(key, ' ') - 1) AS INTEGER), CAST(substr(key, instr(key, ' ') + 1) AS INTEGER), at FROM case_entry e " \
        "WHERE kind = 'hold' AND instr(key, ' ') > 1 AND " CASE_IS_OPEN
#define CASES_SELECT "SELECT case_id FROM case_entry e WHERE kind = 'opened' AND (?1 OR " CASE_IS_OPEN ") ORDER BY case_id DESC"
#define SILENCE_COLUMNS "id, rule, who, source, level, since, until, reason, uid, user, ended_at, ended_uid, ended_user"
/* Whom alert `a` is about: the person of most of its records, of several the first by name. */
#define PERSON_OF_ALERT \
        "ifnull((SELECT value FROM alert_involved i WHERE i.alert = a.id AND kind = 0 AND value <> '' ORDER BY i.count DESC, value LIMIT 1), " \
        "a.person)"
/* The alerts that add risk: told, and by themselves. */
#define RISK_SELECT \
        "SELECT q.person, a.id, a.rule_id, a.rule_title, max(a.level, ifnull(q.level, 0)), a.last_seen " \
        "FROM alert_quiet q JOIN alert a ON a.id = q.alert WHERE a.state = 'open' AND q.person <> '' " \
        "AND a.rule_id <> '" RISK_RULE "' AND ifnull(q.silence, 0) = 0 AND ifnull(q.muted_by, '') = '' " \
        "AND ifnull(q.answer, '') NOT IN " ANSWERS_RISKLESS " "

#define NOTICE_COLUMNS \
        "n.id, n.key, n.channel, n.reason, n.root, n.number, n.is_group, n.made_at, n.due_at, n.state, n.attempts, n.first_at, n.ended_at, n.error, " \
        "(SELECT f.key FROM notice f WHERE f.id = n.root AND f.channel = n.channel AND f.id <> n.id)"
/* The alerts that a notice (n.id = ?1) still has to tell of. One that tells another notice's alerts leaves out those that have a notice of
 * their own over its channel. */
#define NOTICE_TOLD \
        "JOIN notice_alert m ON m.notice = n.root JOIN alert a ON a.id = m.alert JOIN alert_quiet q ON q.alert = a.id " \
        "WHERE n.id = ?1 AND a.state = 'open' AND q.answer NOT IN " ANSWERS_CLOSING " AND (n.reason NOT IN ('repeat', 'escalated') " \
        "OR (q.answer = '' AND q.silence = 0 AND q.muted_by = '')) AND (n.reason <> 'repeat' OR max(a.level, q.level) = 4) " \
        "AND (n.reason NOT IN ('repeat', 'escalated') OR NOT EXISTS (SELECT 1 FROM notice_alert o JOIN notice k ON k.id = o.notice " \
        "WHERE o.alert = a.id AND k.channel = n.channel AND k.state <> 'dropped' AND (n.reason = 'escalated' OR k.id <> n.root)))"

/* Statements are prepared once, when first used. To add one: a row in db.c's table and an id here. */
enum statement {
        SQL_PUT_RECORD, SQL_PUT_ALERT, SQL_GET_ALERT, SQL_WITHDRAW_ALERT, SQL_MERGE_ALERT, SQL_PUT_HISTORY, SQL_COUNT_RECORD, SQL_LINK,
        SQL_COUNT_LINKS, SQL_MOVE_LINKS, SQL_COUNT_LEFT, SQL_DROP_LINKS, SQL_INVOLVE_RECORD, SQL_INVOLVE, SQL_MOVE_INVOLVED, SQL_DROP_INVOLVED, SQL_PUT_POSITION, SQL_DROP_POSITION, SQL_EACH_POSITION, SQL_PUT_WINDOW, SQL_DROP_WINDOW,
        SQL_EACH_WINDOW, SQL_PUT_REJECT, SQL_TRIM_REJECTS, SQL_PUT_COUNTER, SQL_EACH_COUNTER, SQL_PURGE_OLD, SQL_PURGE_MANY,
        SQL_PUT_SILENCE, SQL_COUNT_SILENCES, SQL_COUNT_RINGING, SQL_END_SILENCE, SQL_GET_SILENCE, SQL_FIND_SILENCE, SQL_GET_QUIET, SQL_PUT_QUIET, SQL_NEAR,
        SQL_MUTED_BY, SQL_SHARING, SQL_EACH_ALERT, SQL_FIND_PARENT, SQL_FIND_LEADER, SQL_FIND_KNOWN, SQL_EACH_RISK, SQL_EACH_RISK_ALERT, SQL_PUT_ANSWER,
        SQL_EACH_ANSWER, SQL_ANSWERED_WITH,
        SQL_ADD_ACCOUNT, SQL_GROW_ACCOUNT, SQL_COUNT_ACCOUNTS, SQL_LEAST_ACCOUNT, SQL_DROP_ACCOUNT, SQL_DROP_FACTS,
        SQL_ADD_FACT, SQL_GROW_FACT, SQL_TRIM_FACTS, SQL_PUT_HEARD, SQL_EACH_HEARD, SQL_GET_HEAD, SQL_EACH_LEFT,
        SQL_FORGET_CHANNELS, SQL_PUT_CHANNEL, SQL_DROP_OF_CHANNELS, SQL_EACH_CHANNEL, SQL_IS_WANTED, SQL_COUNT_RECENT, SQL_FIND_GROUP,
        SQL_NEXT_NOTICE, SQL_PUT_NOTICE, SQL_PUT_NOTICE_ALERT, SQL_DUE_NOTICE, SQL_COUNT_TOLD, SQL_COUNT_CRITICAL, SQL_COUNT_MEMBERS, SQL_EACH_TOLD, SQL_DROP_NOTICE, SQL_TRY_NOTICE,
        SQL_MARK_NOTICE, SQL_END_NOTICE, SQL_GET_NOTICE, SQL_HURRY, SQL_EACH_UNDER_WAY, SQL_GET_CHANNEL, SQL_NEXT_DUE,
        SQL_NEXT_CASE, SQL_COUNT_CASES, SQL_NEWEST_BOX, SQL_NEXT_ENTRY, SQL_PUT_ENTRY, SQL_CASE_OF, SQL_EACH_ENTRY,
#define X(id, kind, columns, table, key) SQL_COVER_##id,
        COVERED(X)
#undef X
        _SQL_MAX
};

struct store {
        sqlite3 *db;
        sqlite3_stmt *statements[_SQL_MAX];
        uint64_t rejects; /* put since the last trim */
        uint64_t evidence_cut; /* links that merging left out, not asked for yet */
        int64_t accounts; /* of the census; -1: to be counted */
        struct {
                bool is_kept; /* not in memory */
                bool was_made; /* of rows that were there, when the store was opened */
                bool is_known; /* `head` is that of the open transaction, else of the last one */
                bool has_new; /* the open transaction added rows */
                bool owes_head; /* rows were committed that no head was written for */
                bool has_key;
                struct chain_head head;
                struct secret key;
                int heads_fd; /* -1: none */
                off_t heads_end; /* of whole lines */
                int heads_error;
        } chain;
        char error[512];
};

struct query {
        sqlite3 *db;
        bool is_owned;
        const struct secret *secret; /* of query_reveal(), or NULL */
        int64_t first_row; /* of the history of a copy that has not all of it; 0: it begins with the first */
        uint64_t n_closed; /* boxes that did not open */
        struct hash128 counted; /* the alert whose boxes were counted last */
};

/* Makes known fold(text), which ignores case as base/utf8.h does, and within(address, network), whether the one lies in the
 * other, "192.0.2.0/24"; false where one of them is none. 0 or negative. */
int db_functions(sqlite3 *db);
void db_within(sqlite3_context *ctx, int n, sqlite3_value **values);
int db_errno(int code); /* SQLite's code → negative errno; 0 for OK, DONE, ROW */
int db_fail(struct store *s, int r); /* notes the file and the reason for store_error(); returns r */
/* The statement, reset; NULL when it cannot be prepared. */
sqlite3_stmt *db_statement(struct store *s, enum statement id);
int db_run(struct store *s, sqlite3_stmt *stmt); /* steps to the end */
void db_text(sqlite3_stmt *stmt, int at, struct str text); /* absent: '' */
void db_blob(sqlite3_stmt *stmt, int at, struct str bytes);
void db_hash(sqlite3_stmt *stmt, int at, const struct hash128 *h);
struct who;
void db_who(sqlite3_stmt *stmt, int at, const struct who *who); /* in two columns: uid, user */
struct str db_column(sqlite3_stmt *stmt, int at);
usec db_time(sqlite3_stmt *stmt, int at); /* USEC_NONE for NULL */
void db_bind_time(sqlite3_stmt *stmt, int at, usec t); /* NULL for USEC_NONE */
/* One step of a bound statement, which is reset; of one that could not be prepared (NULL) the reason. 1: *ret is its first column; 0: no row. */
int db_number(struct store *s, sqlite3_stmt *stmt, int64_t *ret);
int db_has_table(sqlite3 *db, const char *name); /* 1, 0, negative */
/* For reading what came with `table`. 1: prepared; 0: the store is older than that. */
int query_prepare(struct query *query, const char *table, const char *sql, sqlite3_stmt **ret);
/* Rows of rule, key, part, blob in that order: calls fn for each key with its parts one behind the other. 0, -ENOMEM, fn's, or of
 * SQLite. */
int db_each_window(sqlite3_stmt *q, int (*fn)(void *userdata, struct str rule, struct str key, struct str blob), void *userdata);
/* The history tells of an alert's growth each time this is more than before: when its count doubles. */
static inline unsigned db_bits(uint64_t count)
{
        return 64 - (unsigned)__builtin_clzll(count | 1);
}
/* Every row of the history goes through these (chain.c). `alert`: its id, or empty; `covers`: lines of chain_cover(). */
int db_history(struct store *s, const struct hash128 *id, usec now, const char *what, struct str text);
int db_history_of(struct store *s, struct str alert, usec now, struct str what, struct str text, struct str covers);
/* Appends the line that vouches for one row, as it is now; nothing when there is none, and in stores without a chain. */
int chain_cover(struct store *s, enum covered kind, struct str id, struct strbuf *to);
int chain_cover_hash(struct store *s, enum covered kind, const struct hash128 *id, struct strbuf *to);
int chain_cover_record(struct store *s, struct str id, struct strbuf *to); /* all that there is of it */
int chain_cover_number(struct store *s, enum covered kind, int64_t id, struct strbuf *to);
int db_digest_row(sqlite3_stmt *q, struct digest *ret); /* of the row it stands on; 0 or -ENOMEM */
int chain_begin_old(struct store *s); /* chains what alert_history_before holds, and adopts what is there */
void chain_committed(struct store *s); /* writes the head */
/* What the box of a record holds: its fields and its bytes. `id`: its key in digits. 0, -EBADMSG, -ENOMEM. */
int db_open_box(const struct secret *secret, struct str id, struct str box, struct strbuf *fields, struct strbuf *raw);
const char *db_advice(int r); /* what to do about it */

#endif
