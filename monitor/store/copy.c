/* SPDX-License-Identifier: Apache-2.0 */

/* Rows to lines and back. The tables are rows here; their columns are read off the statements. */

#include "monitor/store/copy.h"

#include <errno.h>
#include <stdlib.h>

#include "monitor/base/escape.h"
#include "monitor/base/json_write.h"
#include "monitor/base/utf8.h"
#include "monitor/store/db.h"

/* `chosen` holds the alerts that are copied. */
#define HISTORY_COLUMNS "seq, alert, at, what, text, covers, previous, hash, seal"
#define OF_CHOSEN "IN (SELECT id FROM temp.chosen)"
static const struct {
        const char *type, *table, *columns, *those;
        bool is_record, is_for_whole; /* only with records; only in a copy of everything */
        const char *those_chosen; /* instead, in one that is not of everything; NULL: the same. `?1`: the case; NULL is of none */
} kinds[] = {
        { "history", "alert_history", HISTORY_COLUMNS, NULL, false, false, NULL },
        { "alert", "alert",
          "id, rule_id, rule_title, level, classes, grouped, sentence, why, playbook, person, source, state, merged_into, first_seen, "
          "last_seen, raised_at, count, late",
          "WHERE id " OF_CHOSEN " ORDER BY raised_at, id", false, false, NULL },
        { "answer", "alert_answer", "seq, alert, at, what, note, uid, user, with_alert", "WHERE alert " OF_CHOSEN " ORDER BY seq", false, false, NULL },
        { "silence", "silence", "id, rule, who, source, level, since, until, reason, uid, user, ended_at, ended_uid, ended_user", "ORDER BY id",
          false, true, NULL },
        { "record", "record", "record, time, source, file, idx, record_id, fields, raw, sealed",
          "WHERE record IN (SELECT record FROM alert_record WHERE alert " OF_CHOSEN ") ORDER BY rowid", true, false, NULL },
        { "link", "alert_record", "alert, record", "WHERE alert " OF_CHOSEN " ORDER BY alert, record", true, false, NULL },
        { "case", "case_entry", CASE_COLUMNS, "ORDER BY seq", false, false, "WHERE case_id = ?1 OR (kind = 'alert' AND key " OF_CHOSEN ") ORDER BY seq" },
};
enum { KIND_HISTORY = 0 };
/* Rows about what is copied; store/case.c writes what those of cases say. */
#define OF_CASE "(what = 'case' AND text GLOB 'case ' || ?1 || ':*')"

/* ---- Writing ---- */

static void write_hex(struct json_writer *w, const char *key, struct str bytes)
{
        static const char digits[] = "0123456789abcdef";

        json_begin(w, '{');
        json_key(w, key);
        strbuf_addc(w->out, '"');
        for (size_t i = 0; i < bytes.n; i++) {
                strbuf_addc(w->out, digits[(unsigned char)bytes.p[i] >> 4]);
                strbuf_addc(w->out, digits[bytes.p[i] & 15]);
        }
        strbuf_addc(w->out, '"');
        w->after_key = false;
        json_end(w, '}');
}

static void write_value(struct json_writer *w, sqlite3_stmt *q, int i)
{
        struct str text;

        switch (sqlite3_column_type(q, i)) {
        case SQLITE_NULL: json_null(w); return;
        case SQLITE_INTEGER: json_int(w, sqlite3_column_int64(q, i)); return;
        case SQLITE_BLOB: write_hex(w, "bytes", db_column(q, i)); return;
        default: break;
        }
        text = db_column(q, i);
        if (utf8_is_valid(text) && (text.n == 0 || !memchr(text.p, '\0', text.n)))
                json_str(w, text);
        else
                write_hex(w, "hex", text);
}

struct copying {
        struct query *q;
        const struct copy_options *o;
        int64_t from; /* the first row of the history */
        struct strbuf line;
};

static int hand_over(struct copying *c)
{
        int r = strbuf_failed(&c->line) ? -ENOMEM : c->o->line(c->o->userdata, strbuf_str(&c->line));

        strbuf_clear(&c->line);
        return r;
}

/* `is_bare`: of the history, without what it says. */
static int write_row(struct copying *c, const char *type, sqlite3_stmt *q, bool is_bare)
{
        struct json_writer w = JSON_WRITER(&c->line);

        json_begin(&w, '{');
        json_key(&w, "type"), json_strz(&w, type);
        for (int i = 0; i < sqlite3_column_count(q); i++) {
                struct str name = str_of(sqlite3_column_name(q, i));

                if (str_eqz(name, "is_bare") || (is_bare && !str_eqz(name, "seq") && !str_eqz(name, "previous") && !str_eqz(name, "hash") &&
                                                 !str_eqz(name, "seal")))
                        continue;
                json_key_str(&w, name);
                write_value(&w, q, i);
        }
        json_end(&w, '}');
        return hand_over(c);
}

static int write_kind(struct copying *c, size_t kind)
{
        CLEANUP(strbuf_done) struct strbuf sql = STRBUF_INIT;
        bool is_history = kind == KIND_HISTORY;
        sqlite3_stmt *q = NULL;
        int code = SQLITE_DONE, r;

        if (is_history)
                strbuf_addf(&sql, "SELECT %s, %s AS is_bare FROM alert_history WHERE seq >= ?2 ORDER BY seq", kinds[kind].columns,
                            c->o->is_whole ? "0"
                                           : "alert NOT " OF_CHOSEN " AND what <> 'purged' AND ifnull(NOT " OF_CASE ", 1)"); /* what went with
                                                                                                          its age is for all to know */
        else
                strbuf_addf(&sql, "SELECT %s FROM %s %s", kinds[kind].columns, kinds[kind].table,
                            !c->o->is_whole && kinds[kind].those_chosen ? kinds[kind].those_chosen : kinds[kind].those);
        if (strbuf_failed(&sql))
                return -ENOMEM;
        r = db_has_table(c->q->db, kinds[kind].table);
        if (r <= 0) /* the store is of before there were any */
                return r;
        r = db_errno(sqlite3_prepare_v2(c->q->db, sql.p, -1, &q, NULL));
        if (r >= 0 && c->o->case_id > 0)
                sqlite3_bind_int64(q, 1, c->o->case_id); /* left out it is NULL */
        if (r >= 0 && is_history)
                sqlite3_bind_int64(q, 2, c->from);
        while (r >= 0 && (code = sqlite3_step(q)) == SQLITE_ROW)
                r = write_row(c, kinds[kind].type, q, is_history && sqlite3_column_int(q, sqlite3_column_count(q) - 1));
        if (r >= 0)
                r = db_errno(code);
        sqlite3_finalize(q);
        return r;
}

/* Of a case, the first row that is about it or its alerts. */
static int find_from(struct copying *c)
{
        sqlite3_stmt *q = NULL;
        int r;

        c->from = 1;
        if (c->o->case_id == 0)
                return 0;
        r = db_errno(sqlite3_prepare_v2(c->q->db, "SELECT min(seq) FROM alert_history WHERE alert " OF_CHOSEN " OR " OF_CASE, -1, &q, NULL));
        if (r >= 0) {
                sqlite3_bind_int64(q, 1, c->o->case_id);
                r = db_errno(sqlite3_step(q));
        }
        if (r >= 0 && sqlite3_column_type(q, 0) != SQLITE_NULL)
                c->from = sqlite3_column_int64(q, 0);
        sqlite3_finalize(q);
        return r;
}

static int write_first(struct copying *c, struct chain_head *ret)
{
        struct json_writer w = JSON_WRITER(&c->line);
        char hex[DIGEST_HEX_BYTES];
        sqlite3_stmt *q = NULL;
        int code, r = db_errno(sqlite3_prepare_v2(c->q->db, "SELECT seq, at, hash FROM alert_history ORDER BY seq DESC LIMIT 1", -1, &q, NULL));

        if (r < 0)
                return -EPROTONOSUPPORT;
        *ret = (struct chain_head){ .at = USEC_NONE };
        code = sqlite3_step(q);
        if (code == SQLITE_ROW) {
                ret->seq = sqlite3_column_int64(q, 0);
                ret->at = sqlite3_column_int64(q, 1);
                digest_parse(db_column(q, 2), &ret->hash);
        }
        sqlite3_finalize(q);
        digest_hex(&ret->hash, hex);
        json_begin(&w, '{');
        json_key(&w, "type"), json_strz(&w, "export");
        json_key(&w, "version"), json_int(&w, COPY_VERSION);
        json_key(&w, "at"), json_int(&w, c->o->at);
        json_key(&w, "records"), json_bool(&w, c->o->with_records);
        json_key(&w, "whole"), json_bool(&w, c->o->is_whole);
        if (c->o->case_id > 0) {
                json_key(&w, "case"), json_int(&w, c->o->case_id);
                json_key(&w, "from"), json_int(&w, c->from);
        }
        json_key(&w, "head"), json_begin(&w, '{');
        json_key(&w, "seq"), json_int(&w, ret->seq);
        json_key(&w, "hash"), json_strz(&w, hex);
        json_end(&w, '}');
        json_end(&w, '}');
        return hand_over(c);
}

static int on_alert(void *userdata, const struct query_alert *a)
{
        sqlite3_stmt *put = userdata;

        sqlite3_reset(put);
        db_hash(put, 1, &a->id);
        return db_errno(sqlite3_step(put));
}

/* Those of a case that are there, and what they were merged into: their records went there. */
static int choose_of_case(struct query *q, int64_t case_id)
{
        sqlite3_stmt *put = NULL;
        int r = db_errno(sqlite3_prepare_v2(q->db,
                                            "INSERT OR IGNORE INTO temp.chosen WITH RECURSIVE m (id) AS (SELECT key FROM case_entry "
                                            "WHERE case_id = ?1 AND kind = 'alert' UNION SELECT a.merged_into FROM alert a JOIN m USING (id)) "
                                            "SELECT id FROM m WHERE id IN (SELECT id FROM alert)",
                                            -1, &put, NULL));

        if (r >= 0) {
                sqlite3_bind_int64(put, 1, case_id);
                r = db_errno(sqlite3_step(put));
        }
        sqlite3_finalize(put);
        return r;
}

/* The alerts that are let through, and what was merged into them: their records came with it. */
static int choose(struct query *q, const struct query_filter *f, int64_t case_id)
{
        sqlite3_stmt *put = NULL;
        int r = db_errno(sqlite3_exec(q->db, "DROP TABLE IF EXISTS temp.chosen; CREATE TEMP TABLE chosen (id TEXT PRIMARY KEY)", NULL, NULL, NULL));

        if (r >= 0)
                r = db_errno(sqlite3_prepare_v2(q->db, "INSERT OR IGNORE INTO temp.chosen VALUES (?1)", -1, &put, NULL));
        if (r >= 0)
                r = case_id > 0 ? choose_of_case(q, case_id) : query_alerts(q, f, on_alert, put);
        sqlite3_finalize(put);
        return r < 0 ? r
                     : db_errno(sqlite3_exec(q->db,
                                             "INSERT OR IGNORE INTO temp.chosen WITH RECURSIVE m (id) AS (SELECT id FROM temp.chosen UNION "
                                             "SELECT a.id FROM alert a JOIN m ON a.merged_into = m.id) SELECT id FROM m",
                                             NULL, NULL, NULL));
}

int query_copy(struct query *q, const struct query_filter *f, const struct copy_options *o, struct chain_head *ret)
{
        struct copying c = { .q = q, .o = o, .line = STRBUF_INIT };
        int r = query_begin(q);

        if (r < 0)
                return r;
        r = choose(q, f, o->case_id);
        if (r >= 0)
                r = find_from(&c);
        if (r >= 0)
                r = write_first(&c, ret);
        for (size_t i = 0; i < ARRAY_LEN(kinds) && r >= 0; i++)
                if ((o->with_records || !kinds[i].is_record) && (o->is_whole || !kinds[i].is_for_whole))
                        r = write_kind(&c, i);
        query_end(q);
        sqlite3_exec(q->db, "DROP TABLE IF EXISTS temp.chosen", NULL, NULL, NULL);
        strbuf_done(&c.line);
        return r;
}

/* ---- Reading ---- */

enum { COLUMNS_MAX = 24 };

struct reading {
        sqlite3 *db;
        const char *path;
        unsigned line;
        sqlite3_stmt *each; /* the members of an object */
        sqlite3_stmt *put[ARRAY_LEN(kinds)];
        struct str columns[ARRAY_LEN(kinds)][COLUMNS_MAX]; /* names */
        size_t n_columns[ARRAY_LEN(kinds)];
        bool has_first, has_records;
        int64_t first_row;
        struct verify_head *head;
        struct err *err;
};

static int fail(struct reading *r, const char *text)
{
        return err_at(r->err, -EBADMSG, r->path, r->line, 0, "%s", text);
}

static int fail_db(struct reading *r, int code)
{
        return err_at(r->err, db_errno(code) < 0 ? db_errno(code) : -EIO, r->path, r->line, 0, "it cannot be read: %s", sqlite3_errmsg(r->db));
}

/* A table without rules: what is wrong with a copy is for verify to say. */
static int make_table(struct reading *r, size_t kind)
{
        CLEANUP(strbuf_done) struct strbuf sql = STRBUF_INIT;
        struct str rest = str_of(kinds[kind].columns), word;

        while (str_cut(&rest, ',', &word) && r->n_columns[kind] < COLUMNS_MAX)
                r->columns[kind][r->n_columns[kind]++] = str_trim(word);
        strbuf_addf(&sql, "CREATE TABLE %s (%s)", kinds[kind].table, kinds[kind].columns);
        if (strbuf_failed(&sql))
                return -ENOMEM;
        if (sqlite3_exec(r->db, sql.p, NULL, NULL, NULL) != SQLITE_OK)
                return fail_db(r, sqlite3_errcode(r->db));
        strbuf_clear(&sql);
        strbuf_addf(&sql, "INSERT INTO %s VALUES (?", kinds[kind].table);
        for (size_t i = 1; i < r->n_columns[kind]; i++)
                strbuf_addz(&sql, ", ?");
        strbuf_addz(&sql, ")");
        if (strbuf_failed(&sql))
                return -ENOMEM;
        return sqlite3_prepare_v2(r->db, sql.p, -1, &r->put[kind], NULL) == SQLITE_OK ? 0 : fail_db(r, sqlite3_errcode(r->db));
}

/* {"hex":"…"} or {"bytes":"…"} */
static int bind_hex(sqlite3_stmt *put, int at, struct str object)
{
        CLEANUP(strbuf_done) struct strbuf bytes = STRBUF_INIT;
        bool is_text = str_starts(object, STR("{\"hex\":\"")), is_bytes = str_starts(object, STR("{\"bytes\":\""));
        size_t from = is_text ? 8 : 10;

        if ((!is_text && !is_bytes) || !str_ends(object, STR("\"}")) || object.n < from + 2)
                return -EBADMSG;
        for (size_t i = from; i + 1 < object.n - 2; i += 2) {
                int high = escape_hex_digit(object.p[i]), low = escape_hex_digit(object.p[i + 1]);

                if (high < 0 || low < 0)
                        return -EBADMSG;
                strbuf_addc(&bytes, (char)(high << 4 | low));
        }
        if (strbuf_failed(&bytes))
                return -ENOMEM;
        return db_errno(is_text ? sqlite3_bind_text64(put, at, bytes.p ? bytes.p : "", bytes.n, SQLITE_TRANSIENT, SQLITE_UTF8)
                                : sqlite3_bind_blob64(put, at, bytes.p ? bytes.p : "", bytes.n, SQLITE_TRANSIENT));
}

/* Columns of `each`: key, type, atom, value. */
static int bind_member(struct reading *r, size_t kind)
{
        struct str key = db_column(r->each, 0), type = db_column(r->each, 1);
        size_t i = 0;

        while (i < r->n_columns[kind] && !str_eq(key, r->columns[kind][i]))
                i++;
        if (i == r->n_columns[kind])
                return str_eqz(key, "type") ? 0 : fail(r, "a member that is no column");
        if (str_eqz(type, "object")) {
                int k = bind_hex(r->put[kind], (int)i + 1, db_column(r->each, 3));

                return k == -EBADMSG ? fail(r, "an object that is no bytes") : k;
        }
        return db_errno(sqlite3_bind_value(r->put[kind], (int)i + 1, sqlite3_column_value(r->each, 2)));
}

static int take_row(struct reading *r, size_t kind)
{
        int code, k = 0;

        sqlite3_reset(r->put[kind]);
        sqlite3_clear_bindings(r->put[kind]);
        sqlite3_reset(r->each);
        while (k >= 0 && (code = sqlite3_step(r->each)) == SQLITE_ROW)
                k = bind_member(r, kind);
        if (k < 0)
                return k;
        code = sqlite3_step(r->put[kind]);
        return code == SQLITE_DONE ? 0 : fail_db(r, code);
}

/* What the first line says, and the tables for the others. */
static int take_first(struct reading *r, struct str line)
{
        sqlite3_stmt *q = NULL;
        int k = db_errno(sqlite3_prepare_v2(r->db, "SELECT json_extract(?1, '$.version'), json_extract(?1, '$.records'), json_extract(?1, '$.head.seq'), json_extract(?1, '$.head.hash'), json_extract(?1, '$.at'), json_extract(?1, '$.from')",
                                            -1, &q, NULL));

        if (k >= 0) {
                db_text(q, 1, line);
                k = db_errno(sqlite3_step(q));
        }
        if (k >= 0 && sqlite3_column_int(q, 0) != COPY_VERSION)
                k = fail(r, "of another version of shopbell");
        if (k >= 0) {
                r->has_records = sqlite3_column_int(q, 1);
                r->first_row = sqlite3_column_int64(q, 5);
                *r->head = (struct verify_head){ .head = { .seq = sqlite3_column_int64(q, 2), .at = sqlite3_column_int64(q, 4) },
                                                 .from = "the copy's first line" };
                if (digest_parse(db_column(q, 3), &r->head->head.hash) < 0)
                        k = fail(r, "a head without a hash");
        }
        sqlite3_finalize(q);
        for (size_t i = 0; i < ARRAY_LEN(kinds) && k >= 0; i++)
                if (r->has_records || !kinds[i].is_record)
                        k = make_table(r, i);
        if (k >= 0) /* what a copy has not, and query_alerts() asks for */
                k = db_errno(sqlite3_exec(r->db, "CREATE TABLE alert_involved (alert, kind, value, count)", NULL, NULL, NULL));
        r->has_first = k >= 0;
        return k;
}

static int take_line(struct reading *r, struct str line)
{
        struct str type = STR("");
        int code, k = 0;
        size_t kind = 0;

        sqlite3_reset(r->each);
        db_text(r->each, 1, line);
        while ((code = sqlite3_step(r->each)) == SQLITE_ROW)
                if (str_eqz(db_column(r->each, 0), "type")) {
                        type = db_column(r->each, 2);
                        break;
                }
        if (code != SQLITE_ROW)
                return fail(r, "no line of a copy, or a damaged one");
        while (kind < ARRAY_LEN(kinds) && !str_eqz(type, kinds[kind].type))
                kind++;
        if (str_eqz(type, "export") && !r->has_first)
                k = take_first(r, line);
        else if (!r->has_first)
                k = fail(r, "the first line of a copy says \"type\":\"export\": was this made by shopbell export -o ndjson?");
        else if (kind == ARRAY_LEN(kinds) || !r->put[kind])
                k = fail(r, "a line of a type that does not belong here");
        else
                k = take_row(r, kind);
        sqlite3_reset(r->each);
        return k;
}

static int read_lines(struct reading *r, FILE *file)
{
        CLEANUP(memory_freep) char *line = NULL;
        size_t cap = 0;
        ssize_t n;
        int k = 0;

        while (k >= 0 && (n = getline(&line, &cap, file)) >= 0) {
                struct str text = str_from(line, (size_t)n);

                r->line++;
                if (text.n > COPY_LINE_BYTES_MAX)
                        return fail(r, "a line that is too long");
                if (text.n > 0 && text.p[text.n - 1] == '\n')
                        text.n--;
                k = take_line(r, text);
        }
        if (k >= 0 && ferror(file))
                return err_at(r->err, -errno, r->path, 0, 0, "it cannot be read: %s", strerror(errno));
        return k >= 0 && !r->has_first ? fail(r, "this is no copy: it is empty") : k;
}

static int open_copy(const char *path, FILE *file, struct query **ret, struct verify_head *ret_head, struct err *reterr)
{
        struct query *q = calloc(1, sizeof *q);
        struct reading r = { .path = path, .head = ret_head, .err = reterr };
        int k = q ? 0 : -ENOMEM;

        if (k >= 0)
                k = db_errno(sqlite3_open(":memory:", &r.db));
        if (k >= 0)
                k = db_functions(r.db);
        if (q)
                q->db = r.db;
        if (k >= 0)
                k = db_errno(sqlite3_prepare_v2(r.db, "SELECT key, type, atom, value FROM json_each(?1)", -1, &r.each, NULL));
        if (k >= 0)
                k = db_errno(sqlite3_exec(r.db, "BEGIN", NULL, NULL, NULL));
        if (k >= 0)
                k = read_lines(&r, file);
        if (k >= 0 && r.has_records)
                k = db_errno(sqlite3_exec(r.db,
                                          "CREATE INDEX links ON alert_record (record); CREATE INDEX linked ON alert_record (alert); "
                                          "CREATE INDEX records ON record (record)",
                                          NULL, NULL, NULL));
        if (k >= 0)
                k = db_errno(sqlite3_exec(r.db, "COMMIT", NULL, NULL, NULL));
        sqlite3_finalize(r.each);
        for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
                sqlite3_finalize(r.put[i]);
        if (k < 0) {
                sqlite3_close(r.db);
                free(q);
                return reterr->code < 0 ? k : err_set(reterr, k, "%s: it cannot be read: %s", path, strerror(-k));
        }
        q->is_owned = true;
        q->first_row = r.first_row;
        *ret = q;
        return 0;
}

int query_open_copy(const char *path, struct query **ret, struct verify_head *ret_head, struct err *reterr)
{
        FILE *file = fopen(path, "re");
        int r;

        if (!file)
                return err_at(reterr, -errno, path, 0, 0, "it cannot be opened: %s", strerror(errno));
        r = open_copy(path, file, ret, ret_head, reterr);
        fclose(file);
        return r;
}

int query_open_copy_bytes(const char *name, struct str bytes, struct query **ret, struct verify_head *ret_head, struct err *reterr)
{
        FILE *file = bytes.n > 0 ? fmemopen((void *)(uintptr_t)bytes.p, bytes.n, "r") : NULL; /* it is only read */
        int r;

        if (!file)
                return err_at(reterr, bytes.n > 0 ? -ENOMEM : -EBADMSG, name, 0, 0, bytes.n > 0 ? "out of memory" : "this is no copy: it is empty");
        r = open_copy(name, file, ret, ret_head, reterr);
        fclose(file);
        return r;
}
