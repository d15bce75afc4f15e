/* SPDX-License-Identifier: Apache-2.0 */

/* Writing, inside one transaction a batch. */

#include "monitor/store/store.h"

#include <errno.h>
#include <stdio.h>

#include "monitor/base/json_write.h"
#include "monitor/store/db.h"

static int execute(struct store *s, const char *text)
{
        int r = db_errno(sqlite3_exec(s->db, text, NULL, NULL, NULL));

        return r < 0 ? db_fail(s, r) : 0;
}

int store_begin(struct store *s)
{
        return execute(s, "BEGIN IMMEDIATE");
}

/* The head is written behind the commit: it never names a row that may yet be lost. */
int store_commit(struct store *s)
{
        int r = execute(s, "COMMIT");

        if (r >= 0)
                chain_committed(s);
        return r;
}

void store_rollback(struct store *s)
{
        s->accounts = -1;
        s->chain.is_known = s->chain.has_new = false;
        sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
}

int store_put_evidence(struct store *s, const struct evidence *e)
{
        sqlite3_stmt *q = db_statement(s, SQL_PUT_RECORD);

        if (!q)
                return db_run(s, q);
        db_hash(q, 1, &e->key);
        db_bind_time(q, 2, e->time);
        db_text(q, 3, e->source);
        db_text(q, 4, e->file);
        sqlite3_bind_int64(q, 5, (sqlite3_int64)e->index);
        db_text(q, 6, e->id);
        db_text(q, 7, e->fields);
        db_blob(q, 8, e->raw);
        db_blob(q, 9, e->sealed);
        return db_run(s, q);
}

/* ---- Changes of alerts ---- */

static void write_classes(const struct alert_change *c, struct strbuf *out)
{
        struct json_writer w = JSON_WRITER(out);

        json_begin(&w, '[');
        for (size_t i = 0; i < c->n_classes; i++)
                json_str(&w, c->classes[i]);
        json_end(&w, ']');
}

static void write_group(const struct alert_change *c, struct strbuf *out)
{
        struct json_writer w = JSON_WRITER(out);

        json_begin(&w, '{');
        for (size_t i = 0; i < c->n_group; i++) {
                json_key_str(&w, c->group[i].field);
                json_str(&w, c->group[i].value);
        }
        json_end(&w, '}');
}

/* -1 where there is no row. */
static int number_of(struct store *s, enum statement id, const struct hash128 *of, int64_t *ret)
{
        sqlite3_stmt *q = db_statement(s, id);
        int r;

        if (q)
                db_hash(q, 1, of);
        *ret = -1;
        r = db_number(s, q, ret);
        return r < 0 ? r : 0;
}

static int put_alert(struct store *s, const struct alert_change *c, usec now)
{
        CLEANUP(strbuf_done) struct strbuf classes = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf group = STRBUF_INIT;
        sqlite3_stmt *q = db_statement(s, SQL_PUT_ALERT);

        write_classes(c, &classes);
        write_group(c, &group);
        if (strbuf_failed(&classes) || strbuf_failed(&group))
                return -ENOMEM;
        if (!q)
                return db_run(s, q);
        db_hash(q, 1, &c->id);
        db_text(q, 2, c->rule_id);
        db_text(q, 3, c->rule_title);
        sqlite3_bind_int(q, 4, (int)c->level);
        db_text(q, 5, strbuf_str(&classes));
        db_text(q, 6, strbuf_str(&group));
        db_text(q, 7, c->sentence);
        db_text(q, 8, c->why);
        db_text(q, 9, c->playbook);
        db_text(q, 10, c->person);
        db_text(q, 11, c->source);
        sqlite3_bind_int64(q, 12, c->first_seen);
        sqlite3_bind_int64(q, 13, c->last_seen);
        sqlite3_bind_int64(q, 14, now);
        sqlite3_bind_int64(q, 15, (sqlite3_int64)c->count);
        sqlite3_bind_int(q, 16, c->is_late);
        return db_run(s, q);
}

/* Links an alert to a record, if that is kept, which the history is to cover then. */
static int put_link(struct store *s, const struct hash128 *alert, const struct hash128 *record, struct strbuf *covers)
{
        char hex[HASH128_HEX_BYTES];
        sqlite3_stmt *q;
        int64_t n = 0;
        int r = number_of(s, SQL_COUNT_RECORD, record, &n);

        if (r < 0 || n == 0)
                return r;
        q = db_statement(s, SQL_LINK);
        if (q) {
                db_hash(q, 1, alert);
                db_hash(q, 2, record);
        }
        r = db_run(s, q);
        if (r < 0 || sqlite3_changes(s->db) == 0) /* it was linked before */
                return r;
        q = db_statement(s, SQL_INVOLVE_RECORD);
        if (q) {
                db_hash(q, 1, alert);
                db_hash(q, 2, record);
                sqlite3_bind_int(q, 3, ALERT_INVOLVED_BYTES_MAX);
        }
        r = db_run(s, q);
        hash128_hex(record, hex);
        return r < 0 ? r : chain_cover_record(s, str_of(hex), covers);
}

/* Not through a character. */
static struct str cut(struct str s, size_t max)
{
        if (s.n <= max)
                return s;
        while (max > 0 && ((unsigned char)s.p[max] & 0xC0) == 0x80)
                max--;
        return str_from(s.p, max);
}

int store_put_involved(struct store *s, const struct hash128 *alert, enum involved kind, struct str value, uint64_t count)
{
        sqlite3_stmt *q = db_statement(s, SQL_INVOLVE);

        if (q) {
                db_hash(q, 1, alert);
                sqlite3_bind_int(q, 2, (int)kind);
                db_text(q, 3, cut(value, ALERT_INVOLVED_BYTES_MAX));
                sqlite3_bind_int64(q, 4, (sqlite3_int64)count);
                sqlite3_bind_int(q, 5, ALERT_INVOLVED_MAX);
        }
        return db_run(s, q);
}

static int put_involved(struct store *s, const struct alert_change *c)
{
        int r = 0;

        for (size_t i = 0; c->involved && i < _INVOLVED_MAX && r >= 0; i++)
                if (c->involved[i].n > 0)
                        r = store_put_involved(s, &c->id, (enum involved)i, c->involved[i], 1);
        return r;
}

static int put_links(struct store *s, const struct alert_change *c, struct strbuf *covers)
{
        int64_t n = 0;
        int r = c->n_records ? number_of(s, SQL_COUNT_LINKS, &c->id, &n) : 0;

        for (size_t i = 0; i < c->n_records && r >= 0 && n < ALERT_EVIDENCE_MAX; i++, n++)
                r = put_link(s, &c->id, &c->records[i], covers);
        return r;
}

static int withdraw(struct store *s, const struct alert_change *c, usec now)
{
        sqlite3_stmt *q = db_statement(s, SQL_WITHDRAW_ALERT);
        int r;

        if (q)
                db_hash(q, 1, &c->id);
        r = db_run(s, q);
        return r < 0 ? r : db_history(s, &c->id, now, "withdrawn", c->reason.p ? c->reason : STR("a record that came late explains it"));
}

/* What the other one has no room for. */
static int count_left(struct store *s, const struct alert_change *c)
{
        sqlite3_stmt *q = db_statement(s, SQL_COUNT_LEFT);
        int64_t n = 0;
        int r;

        if (q) {
                db_hash(q, 1, &c->id);
                db_hash(q, 2, &c->merged_into);
        }
        r = db_number(s, q, &n);
        s->evidence_cut += (uint64_t)n;
        return r < 0 ? r : 0;
}

uint64_t store_evidence_cut(struct store *s)
{
        uint64_t n = s->evidence_cut;

        s->evidence_cut = 0;
        return n;
}

/* Lines for those records that the other one has no room for. */
static int cover_left(struct store *s, const struct alert_change *c, struct strbuf *covers)
{
        sqlite3_stmt *q = db_statement(s, SQL_EACH_LEFT);
        int code = SQLITE_DONE;

        if (!q)
                return db_run(s, q);
        db_hash(q, 1, &c->id);
        db_hash(q, 2, &c->merged_into);
        while (s->chain.is_kept && (code = sqlite3_step(q)) == SQLITE_ROW)
                strbuf_addf(covers, "%s " STR_FMT " -\n", sqlite3_column_int(q, 1) ? "unlinked" : "left", STR_ARG(db_column(q, 0)));
        sqlite3_reset(q);
        return code != SQLITE_DONE ? db_fail(s, db_errno(code)) : strbuf_failed(covers) ? -ENOMEM : 0;
}

static int merge(struct store *s, const struct alert_change *c, usec now)
{
        CLEANUP(strbuf_done) struct strbuf covers = STRBUF_INIT;
        static const struct {
                enum statement id;
                bool has_other;
                int max; /* 0: none */
        } steps[] = { { SQL_MERGE_ALERT, true, 0 }, { SQL_MOVE_LINKS, true, ALERT_EVIDENCE_MAX },
                      { SQL_DROP_LINKS, false, 0 }, { SQL_MOVE_INVOLVED, true, ALERT_INVOLVED_MAX }, { SQL_DROP_INVOLVED, false, 0 } };
        char hex[HASH128_HEX_BYTES], into[HASH128_HEX_BYTES];
        int r = 0;

        for (size_t i = 0; i < ARRAY_LEN(steps) && r >= 0; i++) {
                sqlite3_stmt *q = db_statement(s, steps[i].id);

                if (q) {
                        db_hash(q, 1, &c->id);
                        if (steps[i].has_other)
                                db_hash(q, 2, &c->merged_into);
                        if (steps[i].max > 0)
                                sqlite3_bind_int(q, 3, steps[i].max);
                }
                r = db_run(s, q);
                if (r >= 0 && steps[i].id == SQL_MOVE_LINKS)
                        r = count_left(s, c);
                if (r >= 0 && steps[i].id == SQL_MOVE_LINKS)
                        r = cover_left(s, c, &covers);
        }
        hash128_hex(&c->id, hex);
        hash128_hex(&c->merged_into, into);
        return r < 0 ? r : db_history_of(s, str_of(hex), now, STR("merged"), str_of(into), strbuf_str(&covers));
}

/* The row that tells of the change, if one is due: `before` is the count that the alert had, -1: it is new. */
static int note_change(struct store *s, const struct alert_change *c, usec now, int64_t before, struct strbuf *covers)
{
        char text[48], hex[HASH128_HEX_BYTES];
        const char *what = before < 0 || c->kind == CHANGE_RAISE           ? "raised"
                           : db_bits(c->count) > db_bits((uint64_t)before) ? "grew"
                           : c->count <= (uint64_t)before                  ? "changed"
                           : covers->n > 0                                 ? "evidence"
                                                                           : NULL;
        int r = 0;

        if (!what || (str_eqz(str_of(what), "evidence") && !s->chain.is_kept))
                return 0;
        hash128_hex(&c->id, hex);
        snprintf(text, sizeof text, "count %llu", (unsigned long long)c->count);
        if (str_eqz(str_of(what), "raised"))
                r = chain_cover_hash(s, COVERED_ALERT, &c->id, covers);
        if (r >= 0)
                r = chain_cover_hash(s, COVERED_TOLD, &c->id, covers);
        if (r >= 0 && strbuf_failed(covers))
                r = -ENOMEM;
        return r < 0 ? r : db_history_of(s, str_of(hex), now, str_of(what), str_of(text), strbuf_str(covers));
}

int store_put_change(struct store *s, const struct alert_change *c, usec now)
{
        CLEANUP(strbuf_done) struct strbuf covers = STRBUF_INIT;
        int64_t before = -1;
        int r;

        if (c->kind == CHANGE_MERGE)
                return merge(s, c, now);
        if (c->kind == CHANGE_WITHDRAW)
                return withdraw(s, c, now);
        r = number_of(s, SQL_GET_ALERT, &c->id, &before);
        if (r >= 0)
                r = put_alert(s, c, now);
        if (r >= 0)
                r = put_links(s, c, &covers);
        if (r >= 0)
                r = put_involved(s, c);
        return r < 0 ? r : note_change(s, c, now, before, &covers);
}

/* ---- Positions, windows, rejects, counters ---- */

int store_put_position(struct store *s, struct str input, struct str blob)
{
        sqlite3_stmt *q = db_statement(s, blob.n ? SQL_PUT_POSITION : SQL_DROP_POSITION);

        if (q) {
                db_text(q, 1, input);
                if (blob.n)
                        db_blob(q, 2, blob);
        }
        return db_run(s, q);
}

/* Parts from `from` on go. */
static int drop_parts(struct store *s, struct str rule, struct str key, unsigned from)
{
        sqlite3_stmt *q = db_statement(s, SQL_DROP_WINDOW);

        if (q) {
                db_text(q, 1, rule);
                db_blob(q, 2, key);
                sqlite3_bind_int64(q, 3, from);
        }
        return db_run(s, q);
}

int store_put_window(struct store *s, struct str rule, struct str key, unsigned part, struct str blob)
{
        sqlite3_stmt *q;
        int r = part == 0 ? drop_parts(s, rule, key, blob.n > 0) : 0;

        if (r < 0 || blob.n == 0)
                return r;
        q = db_statement(s, SQL_PUT_WINDOW);
        if (q) {
                db_text(q, 1, rule);
                db_blob(q, 2, key);
                sqlite3_bind_int64(q, 3, part);
                db_blob(q, 4, blob);
        }
        return db_run(s, q);
}

int store_put_reject(struct store *s, struct str file, uint64_t offset, struct str reason, struct str raw, usec now)
{
        sqlite3_stmt *q = db_statement(s, SQL_PUT_REJECT);
        int r;

        if (q) {
                sqlite3_bind_int64(q, 1, now);
                db_text(q, 2, file);
                sqlite3_bind_int64(q, 3, (sqlite3_int64)offset);
                db_text(q, 4, reason);
                db_blob(q, 5, str_from(raw.p, size_min(raw.n, STORE_REJECT_BYTES_MAX)));
        }
        r = db_run(s, q);
        if (r < 0 || ++s->rejects % 1000 != 0)
                return r;
        q = db_statement(s, SQL_TRIM_REJECTS);
        if (q)
                sqlite3_bind_int64(q, 1, STORE_REJECTS_MAX);
        return db_run(s, q);
}

int store_put_counters(struct store *s, const struct counters *totals)
{
        int r = 0;

        for (size_t i = 0; i < _COUNTER_MAX && r >= 0; i++) {
                sqlite3_stmt *q = db_statement(s, SQL_PUT_COUNTER);

                if (q) {
                        db_text(q, 1, str_of(counter_name((enum counter)i)));
                        sqlite3_bind_int64(q, 2, (sqlite3_int64)totals->n[i]);
                }
                r = db_run(s, q);
        }
        return r;
}

static int purge(struct store *s, enum statement which, int64_t limit, uint64_t *ret)
{
        sqlite3_stmt *q = db_statement(s, which);
        int r;

        if (q)
                sqlite3_bind_int64(q, 1, limit);
        r = db_run(s, q);
        if (r >= 0 && ret)
                *ret = (uint64_t)sqlite3_changes64(s->db);
        return r;
}

int store_purge_evidence(struct store *s, usec before, uint64_t max, uint64_t *ret)
{
        int r = purge(s, SQL_PURGE_OLD, before, NULL);

        return r < 0 ? r : purge(s, SQL_PURGE_MANY, (int64_t)(max < INT64_MAX ? max : INT64_MAX), ret);
}

/* ---- Reading back ---- */

int store_each_position(struct store *s, struct str prefix, int (*fn)(void *userdata, struct str input, struct str blob), void *userdata)
{
        sqlite3_stmt *q = db_statement(s, SQL_EACH_POSITION);
        int code, r = 0;

        if (!q)
                return db_run(s, q);
        db_text(q, 1, prefix);
        while (r >= 0 && (code = sqlite3_step(q)) == SQLITE_ROW)
                r = fn(userdata, db_column(q, 0), db_column(q, 1));
        sqlite3_reset(q);
        return r < 0 || db_errno(code) == 0 ? r : db_fail(s, db_errno(code));
}

int store_each_window(struct store *s, int (*fn)(void *userdata, struct str rule, struct str key, struct str blob), void *userdata)
{
        sqlite3_stmt *q = db_statement(s, SQL_EACH_WINDOW);
        int r = q ? db_each_window(q, fn, userdata) : db_run(s, q);

        if (q)
                sqlite3_reset(q);
        return r < 0 && sqlite3_errcode(s->db) != SQLITE_OK ? db_fail(s, r) : r;
}

static int read_counters(sqlite3_stmt *q, struct counters *ret)
{
        int code;

        *ret = (struct counters){ 0 };
        while ((code = sqlite3_step(q)) == SQLITE_ROW)
                for (size_t i = 0; i < _COUNTER_MAX; i++)
                        if (str_eqz(db_column(q, 0), counter_name((enum counter)i)))
                                ret->n[i] = (uint64_t)sqlite3_column_int64(q, 1);
        return db_errno(code);
}

int store_get_counters(struct store *s, struct counters *ret)
{
        sqlite3_stmt *q = db_statement(s, SQL_EACH_COUNTER);
        int r = q ? read_counters(q, ret) : db_run(s, q);

        if (q && r < 0)
                db_fail(s, r);
        if (q)
                sqlite3_reset(q);
        return r;
}

int query_counters(struct query *query, struct counters *ret)
{
        sqlite3_stmt *q = NULL;
        int r = db_errno(sqlite3_prepare_v2(query->db, "SELECT name, value FROM counter", -1, &q, NULL));

        if (r >= 0)
                r = read_counters(q, ret);
        sqlite3_finalize(q);
        return r;
}

int store_count_ringing(struct store *s, uint64_t *ret)
{
        int64_t n = 0;
        int r = db_number(s, db_statement(s, SQL_COUNT_RINGING), &n);

        if (r > 0)
                *ret = (uint64_t)n;
        return r < 0 ? r : 0;
}
