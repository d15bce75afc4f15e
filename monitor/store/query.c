/* SPDX-License-Identifier: Apache-2.0 */

/* Reading alerts. Filters are bound; an absent one is NULL and lets everything through. */

#include "monitor/store/query.h"

#include <errno.h>
#include <stdlib.h>

#include "monitor/base/sealbox.h"
#include "monitor/store/db.h"
#include "monitor/store/quiet.h"

int query_open(const char *path, struct query **ret, struct err *reterr)
{
        struct query *q = calloc(1, sizeof *q);
        sqlite3_stmt *stmt = NULL;
        int r;

        if (!q)
                return err_set(reterr, -ENOMEM, "out of memory");
        q->is_owned = true;
        r = db_errno(sqlite3_open_v2(path, &q->db, SQLITE_OPEN_READONLY, NULL));
        if (r >= 0)
                r = db_functions(q->db);
        if (r >= 0) {
                sqlite3_busy_timeout(q->db, 5000);
                r = db_errno(sqlite3_prepare_v2(q->db, "SELECT 1 FROM alert LIMIT 1", -1, &stmt, NULL));
                sqlite3_finalize(stmt);
        }
        if (r < 0) {
                err_at(reterr, r, path, 0, 0, "%s (%s)", db_advice(r), q->db ? sqlite3_errmsg(q->db) : "");
                query_close(q);
                return r;
        }
        *ret = q;
        return 0;
}

int query_of(struct store *s, struct query **ret)
{
        struct query *q = calloc(1, sizeof *q);

        if (!q)
                return -ENOMEM;
        q->db = s->db;
        *ret = q;
        return 0;
}

struct query *query_close(struct query *q)
{
        if (q && q->is_owned)
                sqlite3_close(q->db);
        free(q);
        return NULL;
}

int query_begin(struct query *q)
{
        return db_errno(sqlite3_exec(q->db, "BEGIN", NULL, NULL, NULL));
}

void query_end(struct query *q)
{
        sqlite3_exec(q->db, "ROLLBACK", NULL, NULL, NULL);
}

const char *query_error(struct query *q)
{
        return sqlite3_errmsg(q->db);
}

/* The networks of a record, by their names and classes, and of a place of the evidence. */
#define EVIDENCE_HAS(field, condition) \
        "EXISTS (SELECT 1 FROM alert_record l JOIN record r USING (record), json_each(r.fields, '$.\"" field "\"') v " \
        "WHERE l.alert = a.id AND " condition ")"
#define INVOLVED_HAS(condition) "EXISTS (SELECT 1 FROM alert_involved i WHERE i.alert = a.id AND " condition ")"

/* Filters of any version of the store. */
#define FILTERS_SQL \
        "AND (?11 IS NULL OR EXISTS (SELECT 1 FROM json_each(classes) c WHERE c.value IN (SELECT value FROM json_each(?11)))) " \
        "AND (?12 IS NULL OR " EVIDENCE_HAS("source.geo.country_iso_code", "v.value IN (SELECT value FROM json_each(?12))") ") " \
        "AND (?13 IS NULL OR " EVIDENCE_HAS("shopbell.network", "fold(v.value) = fold(?13)") \
        " OR " EVIDENCE_HAS("shopbell.network.class", "v.value = ?13") \
        " OR " EVIDENCE_HAS("source.as.organization.name", "instr(fold(v.value), fold(?13))") \
        " OR " INVOLVED_HAS("kind = 1 AND within(value, ?13)") ") " \
        "AND (?15 IS NULL OR instr(fold(sentence), fold(?15)) OR instr(fold(why), fold(?15)) OR instr(fold(rule_title), fold(?15)) " \
        "OR " INVOLVED_HAS("instr(fold(value), fold(?15))") ") "

/* Level, person, what is quiet, what rings and what it has come to: with and without the tables of version 5. */
#define ALERTS_SQL(level, person, quiet, rings, standing, join) \
        "SELECT a.id, rule_id, rule_title, " level " AS height, classes, grouped, sentence, why, playbook, " person " AS whom, source, state, merged_into, " \
        "first_seen, last_seen, raised_at, count, late, (SELECT count(*) FROM alert_record r WHERE r.alert = a.id), " quiet \
        " FROM alert a " join " WHERE a.id IN (SELECT a.id FROM alert a " join " WHERE (?1 IS NULL OR last_seen >= ?1) " \
        "AND (?2 IS NULL OR first_seen < ?2) AND " level " >= ?3 " \
        "AND (?4 IS NULL OR rule_id = ?4 OR instr(fold(rule_title), fold(?4))) " \
        "AND (?5 IS NULL OR instr(fold(" person "), fold(?5)) OR instr(fold(grouped), fold(?5))) AND (?6 IS NULL OR source = ?6) " \
        "AND (?10 IS NULL OR a.id = ?10) AND (?7 OR (state NOT IN ('merged', 'withdrawn') AND " rings ")) " \
        FILTERS_SQL "AND (?14 IS NULL OR fold(" person ") = fold(?14)) AND " standing " " \
        "ORDER BY CASE ?9 WHEN 1 THEN -" level " WHEN 2 THEN -count END, CASE WHEN ?9 = 3 THEN fold(" person ") END, " \
        "first_seen DESC, a.id DESC LIMIT ?8) "

static const char alerts_sql[] = ALERTS_SQL(
        "max(a.level, ifnull(q.level, 0))", "ifnull(q.person, a.person)",
        "ifnull(q.silence, 0), ifnull(q.muted_by, ''), ifnull(q.muted_how, ''), ifnull(q.rang_at, CASE WHEN q.alert IS NULL THEN raised_at END), "
        "ifnull(q.answer, '')",
        "(q.alert IS NULL OR (q.rang_at IS NOT NULL AND q.answer NOT IN " ANSWERS_CLOSING "))",
        "(?16 IS NULL OR q.answer IN (SELECT value FROM json_each(?16)) OR CASE WHEN state <> 'open' THEN state WHEN q.alert IS NULL THEN 'open' "
        "WHEN q.answer IN " ANSWERS_CLOSING " THEN 'closed' WHEN q.rang_at IS NULL AND q.muted_how <> '' THEN 'muted' "
        "WHEN q.rang_at IS NULL AND q.silence <> 0 THEN 'silenced' WHEN q.answer <> '' THEN 'answered' ELSE 'open' END "
        "IN (SELECT value FROM json_each(?16)))",
        "LEFT JOIN alert_quiet q ON q.alert = a.id");
static const char old_alerts_sql[] = ALERTS_SQL("a.level", "a.person", "0, '', '', raised_at, ''", "true",
                                                "(?16 IS NULL OR state IN (SELECT value FROM json_each(?16)))", "");

/* In which order they are told. */
static const char order_sql[] = "ORDER BY CASE ?9 WHEN 1 THEN -height WHEN 2 THEN -count END, CASE WHEN ?9 = 3 THEN fold(whom) END, first_seen, a.id";
static const char reverse_sql[] =
        "ORDER BY CASE ?9 WHEN 1 THEN -height WHEN 2 THEN -count END DESC, CASE WHEN ?9 = 3 THEN fold(whom) END DESC, first_seen DESC, a.id DESC";

static int prepare_ordered(struct query *query, const char *sql, const char *order, sqlite3_stmt **ret)
{
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;

        strbuf_addz(&text, sql);
        strbuf_addz(&text, order);
        return strbuf_failed(&text) ? -ENOMEM : db_errno(sqlite3_prepare_v2(query->db, text.p, -1, ret, NULL));
}

static void bind_text(sqlite3_stmt *q, int at, struct str text)
{
        if (text.p)
                db_text(q, at, text);
}

static void bind_filter(sqlite3_stmt *q, const struct query_filter *f)
{
        db_bind_time(q, 1, f->since);
        db_bind_time(q, 2, f->until);
        sqlite3_bind_int(q, 3, (int)f->level_min);
        bind_text(q, 4, f->rule);
        bind_text(q, 5, f->who);
        bind_text(q, 6, f->source);
        sqlite3_bind_int(q, 7, f->with_merged || f->standings.p);
        sqlite3_bind_int64(q, 8, f->limit ? (sqlite3_int64)f->limit : -1);
        sqlite3_bind_int(q, 9, f->sort == SORT_TIME && f->worst_first ? SORT_LEVEL : (int)f->sort);
        if (f->only)
                db_hash(q, 10, f->only);
        bind_text(q, 11, f->classes);
        bind_text(q, 12, f->countries);
        bind_text(q, 13, f->network);
        bind_text(q, 14, f->person);
        bind_text(q, 15, f->text);
        bind_text(q, 16, f->standings);
}

static void read_alert(sqlite3_stmt *q, struct query_alert *a)
{
        *a = (struct query_alert){
                .rule_id = db_column(q, 1),
                .rule_title = db_column(q, 2),
                .level = (enum level)sqlite3_column_int(q, 3),
                .classes = db_column(q, 4),
                .group = db_column(q, 5),
                .sentence = db_column(q, 6),
                .why = db_column(q, 7),
                .playbook = db_column(q, 8),
                .person = db_column(q, 9),
                .source = db_column(q, 10),
                .state = db_column(q, 11),
                .first_seen = sqlite3_column_int64(q, 13),
                .last_seen = sqlite3_column_int64(q, 14),
                .raised_at = sqlite3_column_int64(q, 15),
                .count = (uint64_t)sqlite3_column_int64(q, 16),
                .is_late = sqlite3_column_int(q, 17),
                .n_records = (uint64_t)sqlite3_column_int64(q, 18),
                .silence = sqlite3_column_int64(q, 19),
                .muted_how = db_column(q, 21),
                .rang_at = db_time(q, 22),
                .answer = db_column(q, 23),
        };
        hash128_parse(db_column(q, 20), &a->muted_by);
        hash128_parse(db_column(q, 0), &a->id);
        hash128_parse(db_column(q, 12), &a->merged_into);
        if (a->level >= _LEVEL_MAX)
                a->level = LEVEL_CRITICAL;
}

int query_alerts(struct query *query, const struct query_filter *f, int (*fn)(void *userdata, const struct query_alert *a), void *userdata)
{
        const char *order = f->is_reversed ? reverse_sql : order_sql;
        sqlite3_stmt *q = NULL;
        int code = SQLITE_DONE, r = prepare_ordered(query, alerts_sql, order, &q);

        if (r < 0) /* of an older version */
                r = prepare_ordered(query, old_alerts_sql, order, &q);
        if (r < 0)
                return r;
        bind_filter(q, f);
        while (r >= 0 && (code = sqlite3_step(q)) == SQLITE_ROW) {
                struct query_alert a;

                read_alert(q, &a);
                r = fn(userdata, &a);
        }
        if (r >= 0)
                r = db_errno(code);
        sqlite3_finalize(q);
        return r;
}

int query_find(struct query *query, struct str prefix, struct hash128 *ret)
{
        sqlite3_stmt *q = NULL;
        size_t n = 0;
        int code, r;

        if (prefix.n < 4 || prefix.n > 32)
                return -ENOENT;
        /* By range, for the index: g comes behind all hex digits. */
        r = db_errno(sqlite3_prepare_v2(query->db, "SELECT id FROM alert WHERE id >= lower(?1) AND id < lower(?1) || 'g' LIMIT 2", -1, &q, NULL));
        if (r < 0)
                return r;
        db_text(q, 1, prefix);
        while ((code = sqlite3_step(q)) == SQLITE_ROW && n++ == 0)
                r = hash128_parse(db_column(q, 0), ret);
        if (code != SQLITE_ROW)
                r = r < 0 ? r : db_errno(code);
        sqlite3_finalize(q);
        return r < 0 ? r : n == 0 ? -ENOENT : n > 1 ? -ENOTUNIQ : 0;
}

static int each_of(struct query *query, const char *sql, const struct hash128 *alert, int (*fn)(void *ctx, sqlite3_stmt *q), void *ctx)
{
        sqlite3_stmt *q = NULL;
        int code = SQLITE_DONE, r = db_errno(sqlite3_prepare_v2(query->db, sql, -1, &q, NULL));

        if (r < 0)
                return r;
        db_hash(q, 1, alert);
        while (r >= 0 && (code = sqlite3_step(q)) == SQLITE_ROW)
                r = fn(ctx, q);
        if (r >= 0)
                r = db_errno(code);
        sqlite3_finalize(q);
        return r;
}

struct record_call {
        const struct secret *secret;
        uint64_t n_closed;
        int (*fn)(void *userdata, const struct evidence *e);
        void *userdata;
};

void query_reveal(struct query *q, const struct secret *secret)
{
        q->secret = secret;
}

uint64_t query_closed(const struct query *q)
{
        return q->n_closed;
}

int db_open_box(const struct secret *secret, struct str id, struct str box, struct strbuf *fields, struct strbuf *raw)
{
        CLEANUP(strbuf_done) struct strbuf clear = STRBUF_INIT;
        struct strbuf *const parts[] = { fields, raw };
        struct hash128 key;
        struct str rest;
        int r = hash128_parse(id, &key);

        if (r >= 0)
                r = box_open(secret, str_from((const char *)key.b, sizeof key.b), box, &clear);
        rest = strbuf_str(&clear);
        for (size_t i = 0; i < ARRAY_LEN(parts) && r >= 0; i++) {
                uint64_t n = 0;

                for (size_t k = 0; k < 8 && rest.n >= 8; k++)
                        n |= (uint64_t)(unsigned char)rest.p[k] << (8 * k);
                if (rest.n < 8 || n > rest.n - 8)
                        return -EBADMSG;
                strbuf_add(parts[i], str_from(rest.p + 8, n));
                rest = str_from(rest.p + 8 + n, rest.n - 8 - n);
        }
        return r < 0 ? r : strbuf_failed(fields) || strbuf_failed(raw) ? -ENOMEM : 0;
}

static int on_record(void *ctx, sqlite3_stmt *q)
{
        CLEANUP(strbuf_done) struct strbuf fields = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf raw = STRBUF_INIT;
        struct record_call *call = ctx;
        struct evidence e = {
                .time = db_time(q, 1),
                .source = db_column(q, 2),
                .file = db_column(q, 3),
                .index = (uint64_t)sqlite3_column_int64(q, 4),
                .id = db_column(q, 5),
                .fields = db_column(q, 6),
                .raw = db_column(q, 7),
                .sealed = db_column(q, 8),
        };
        int r;

        hash128_parse(db_column(q, 0), &e.key);
        if (e.sealed.n > 0 && call->secret) {
                r = db_open_box(call->secret, db_column(q, 0), e.sealed, &fields, &raw);
                if (r == -ENOMEM)
                        return r;
                if (r < 0) { /* the pseudonyms are there still */
                        call->n_closed++;
                } else {
                        e.fields = strbuf_str(&fields);
                        e.raw = strbuf_str(&raw);
                        e.sealed = STR("");
                }
        }
        return call->fn(call->userdata, &e);
}

int query_records(struct query *query, const struct hash128 *alert, int (*fn)(void *userdata, const struct evidence *e), void *userdata)
{
        struct record_call call = { .secret = query->secret, .fn = fn, .userdata = userdata };

#define RECORDS_SQL(sealed) \
        "SELECT record, time, source, file, idx, record_id, fields, raw, " sealed " FROM alert_record JOIN record USING (record) " \
        "WHERE alert = ?1 ORDER BY time, file, idx"
        bool is_older = sqlite3_exec(query->db, "SELECT sealed FROM record LIMIT 0", NULL, NULL, NULL) != SQLITE_OK;
        int r = each_of(query, is_older ? RECORDS_SQL("x''") : RECORDS_SQL("sealed"), alert, on_record, &call);

        if (!hash128_eq(alert, &query->counted)) /* its table and its texts are two readings */
                query->n_closed += call.n_closed;
        query->counted = *alert;
        return r;
}

int query_records_between(struct query *query, usec since, usec until, int (*fn)(void *userdata, const struct evidence *e), void *userdata)
{
        struct record_call call = { .secret = query->secret, .fn = fn, .userdata = userdata };
#define BETWEEN_SQL(sealed) \
        "SELECT record, time, source, file, idx, record_id, fields, raw, " sealed " FROM record WHERE time IS NULL OR (time >= ?1 AND time < ?2) " \
        "ORDER BY time, file, idx"
        bool is_older = sqlite3_exec(query->db, "SELECT sealed FROM record LIMIT 0", NULL, NULL, NULL) != SQLITE_OK;
        sqlite3_stmt *q = NULL;
        int code = SQLITE_DONE, r = db_errno(sqlite3_prepare_v2(query->db, is_older ? BETWEEN_SQL("x''") : BETWEEN_SQL("sealed"), -1, &q, NULL));

        if (r < 0)
                return r;
        sqlite3_bind_int64(q, 1, since == USEC_NONE ? INT64_MIN : since);
        sqlite3_bind_int64(q, 2, until == USEC_NONE ? INT64_MAX : until);
        while (r >= 0 && (code = sqlite3_step(q)) == SQLITE_ROW)
                r = on_record(&call, q);
        if (r >= 0)
                r = db_errno(code);
        sqlite3_finalize(q);
        return r;
}

struct involved_call {
        int (*fn)(void *userdata, enum involved kind, struct str value, uint64_t count);
        void *userdata;
};

static int on_involved(void *ctx, sqlite3_stmt *q)
{
        struct involved_call *call = ctx;
        int kind = sqlite3_column_int(q, 0);

        return kind < 0 || kind >= _INVOLVED_MAX ? 0
                                                 : call->fn(call->userdata, (enum involved)kind, db_column(q, 1),
                                                            (uint64_t)sqlite3_column_int64(q, 2));
}

int query_involved(struct query *query, const struct hash128 *alert,
                   int (*fn)(void *userdata, enum involved kind, struct str value, uint64_t count), void *userdata)
{
        struct involved_call call = { .fn = fn, .userdata = userdata };

        return each_of(query,
                       "SELECT kind, value, count FROM alert_involved WHERE alert = ?1 "
                       "ORDER BY kind, value = '', count DESC, value",
                       alert, on_involved, &call);
}

struct history_call {
        int (*fn)(void *userdata, usec at, struct str what, struct str text);
        void *userdata;
};

static int on_history(void *ctx, sqlite3_stmt *q)
{
        struct history_call *call = ctx;

        return call->fn(call->userdata, sqlite3_column_int64(q, 0), db_column(q, 1), db_column(q, 2));
}

int query_history(struct query *query, const struct hash128 *alert, int (*fn)(void *userdata, usec at, struct str what, struct str text),
                  void *userdata)
{
        struct history_call call = { .fn = fn, .userdata = userdata };

        return each_of(query, "SELECT at, what, text FROM alert_history WHERE alert = ?1 ORDER BY seq", alert, on_history, &call);
}

int query_values(struct query *query, const struct hash128 *alert, struct str field,
                 int (*fn)(void *userdata, struct str value, uint64_t records), void *userdata)
{
        sqlite3_stmt *q = NULL;
        int code = SQLITE_DONE;
        int r = db_errno(sqlite3_prepare_v2(query->db,
                                            "SELECT v.value, count(*) FROM alert_record l JOIN record r USING (record), "
                                            "json_each(r.fields, '$.\"' || ?2 || '\"') v WHERE l.alert = ?1 GROUP BY v.value ORDER BY 2 DESC, 1",
                                            -1, &q, NULL));

        if (r < 0)
                return r;
        db_hash(q, 1, alert);
        db_text(q, 2, field);
        while (r >= 0 && (code = sqlite3_step(q)) == SQLITE_ROW)
                r = fn(userdata, db_column(q, 0), (uint64_t)sqlite3_column_int64(q, 1));
        if (r >= 0)
                r = db_errno(code);
        sqlite3_finalize(q);
        return r;
}

int query_windows(struct query *query, int (*fn)(void *userdata, struct str rule, struct str key, struct str blob),
                  void *userdata)
{
        sqlite3_stmt *q = NULL;
        int r = db_errno(sqlite3_prepare_v2(query->db, "SELECT rule, key, part, blob FROM window ORDER BY rule, key, part", -1, &q, NULL));

        if (r >= 0)
                r = db_each_window(q, fn, userdata);
        sqlite3_finalize(q);
        return r;
}

int query_prepare(struct query *query, const char *table, const char *sql, sqlite3_stmt **ret)
{
        int r = db_has_table(query->db, table);

        if (r <= 0)
                return r;
        r = db_errno(sqlite3_prepare_v2(query->db, sql, -1, ret, NULL));
        return r < 0 ? r : 1;
}
