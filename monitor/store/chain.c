/* SPDX-License-Identifier: Apache-2.0 */

/* Rows of the history, each chained to the one before. */

#include "monitor/store/chain.h"

#include <errno.h>

#include "monitor/store/db.h"

static const struct {
        const char *name;
        enum statement one;
} covered[_COVERED_MAX] = {
#define X(id, kind, columns, table, key) [COVERED_##id] = { kind, SQL_COVER_##id },
        COVERED(X)
#undef X
};

const char *covered_name(enum covered kind)
{
        return covered[kind].name;
}

enum covered covered_find(struct str name)
{
        size_t i = 0;

        while (i < _COVERED_MAX && !str_eqz(name, covered[i].name))
                i++;
        return (enum covered)i;
}

/* ---- Hashes ---- */

int chain_hash(const struct chain_row *row, struct digest *ret)
{
        CLEANUP(strbuf_done) struct strbuf bytes = STRBUF_INIT;

        digest_add_number(&bytes, row->seq);
        digest_add_text(&bytes, row->alert);
        digest_add_number(&bytes, row->at);
        digest_add_text(&bytes, row->what);
        digest_add_text(&bytes, row->text);
        digest_add_text(&bytes, row->covers);
        strbuf_add(&bytes, str_from((const char *)row->previous.b, DIGEST_BYTES));
        if (strbuf_failed(&bytes))
                return -ENOMEM;
        digest_of(CHAIN_PERSON_ROW, NULL, strbuf_str(&bytes), ret);
        return 0;
}

void chain_seal(const struct secret *key, const struct digest *hash, struct digest *ret)
{
        digest_of(CHAIN_PERSON_SEAL, key, str_from((const char *)hash->b, DIGEST_BYTES), ret);
}

int db_digest_row(sqlite3_stmt *q, struct digest *ret)
{
        CLEANUP(strbuf_done) struct strbuf bytes = STRBUF_INIT;

        for (int i = 0; i < sqlite3_column_count(q); i++) {
                switch (sqlite3_column_type(q, i)) {
                case SQLITE_NULL:
                        strbuf_addc(&bytes, 'n');
                        break;
                case SQLITE_INTEGER:
                        strbuf_addc(&bytes, 'i');
                        digest_add_number(&bytes, sqlite3_column_int64(q, i));
                        break;
                case SQLITE_BLOB:
                        strbuf_addc(&bytes, 'b');
                        digest_add_text(&bytes, db_column(q, i));
                        break;
                default:
                        strbuf_addc(&bytes, 't');
                        digest_add_text(&bytes, db_column(q, i));
                }
        }
        if (strbuf_failed(&bytes))
                return -ENOMEM;
        digest_of(CHAIN_PERSON_CONTENT, NULL, strbuf_str(&bytes), ret);
        return 0;
}

/* ---- What rows cover ---- */

/* One line, when the statement has a row. */
static int cover_row(struct store *s, sqlite3_stmt *q, enum covered kind, struct strbuf *to)
{
        char hex[DIGEST_HEX_BYTES];
        struct digest d;
        int code = sqlite3_step(q), r = db_errno(code);

        if (code == SQLITE_ROW && (kind != COVERED_SEALED || sqlite3_column_bytes(q, 1) > 0)) { /* most have no box */
                r = db_digest_row(q, &d);
                digest_hex(&d, hex);
                strbuf_addf(to, "%s " STR_FMT " %s", covered[kind].name, STR_ARG(db_column(q, 0)), hex);
                if (kind == COVERED_TOLD)
                        strbuf_addf(to, " %lld", (long long)sqlite3_column_int64(q, sqlite3_column_count(q) - 1));
                strbuf_addc(to, '\n');
        }
        sqlite3_reset(q);
        return r < 0 ? db_fail(s, r) : strbuf_failed(to) ? -ENOMEM : 0;
}

int chain_cover(struct store *s, enum covered kind, struct str id, struct strbuf *to)
{
        sqlite3_stmt *q = s->chain.is_kept ? db_statement(s, covered[kind].one) : NULL;

        if (!s->chain.is_kept)
                return 0;
        if (!q)
                return db_run(s, q);
        db_text(q, 1, id);
        return cover_row(s, q, kind, to);
}

int chain_cover_number(struct store *s, enum covered kind, int64_t id, struct strbuf *to)
{
        sqlite3_stmt *q = s->chain.is_kept ? db_statement(s, covered[kind].one) : NULL;

        if (!s->chain.is_kept)
                return 0;
        if (!q)
                return db_run(s, q);
        sqlite3_bind_int64(q, 1, id);
        return cover_row(s, q, kind, to);
}

int chain_cover_record(struct store *s, struct str id, struct strbuf *to)
{
        static const enum covered kinds[] = { COVERED_RECORD, COVERED_RAW, COVERED_SEALED };
        int r = 0;

        for (size_t i = 0; i < ARRAY_LEN(kinds) && r >= 0; i++)
                r = chain_cover(s, kinds[i], id, to);
        return r;
}

int chain_cover_hash(struct store *s, enum covered kind, const struct hash128 *id, struct strbuf *to)
{
        char hex[HASH128_HEX_BYTES];

        hash128_hex(id, hex);
        return chain_cover(s, kind, str_of(hex), to);
}

/* ---- Adding ---- */

static int read_head(struct store *s)
{
        sqlite3_stmt *q = db_statement(s, SQL_GET_HEAD);
        int code, r = 0;

        if (!q)
                return db_run(s, q);
        s->chain.head = (struct chain_head){ .at = USEC_NONE };
        code = sqlite3_step(q);
        if (code == SQLITE_ROW) {
                s->chain.head.seq = sqlite3_column_int64(q, 0);
                s->chain.head.at = sqlite3_column_int64(q, 1);
                if (digest_parse(db_column(q, 2), &s->chain.head.hash) < 0) /* verify will say so; the chain goes on behind it */
                        s->chain.head.hash = (struct digest){ { 0 } };
        } else {
                r = db_errno(code);
        }
        sqlite3_reset(q);
        s->chain.is_known = r >= 0;
        return r < 0 ? db_fail(s, r) : 0;
}

int store_head(struct store *s, struct chain_head *ret)
{
        int r = s->chain.is_known ? 0 : read_head(s);

        if (r >= 0)
                *ret = s->chain.head;
        return r;
}

static int put_row(struct store *s, const struct chain_row *row, const struct digest *hash)
{
        sqlite3_stmt *q = db_statement(s, SQL_PUT_HISTORY);
        char previous[DIGEST_HEX_BYTES] = "", own[DIGEST_HEX_BYTES] = "", seal[DIGEST_HEX_BYTES] = "";
        struct digest d;

        if (!q)
                return db_run(s, q);
        if (hash) {
                digest_hex(&row->previous, previous);
                digest_hex(hash, own);
        }
        if (hash && s->chain.has_key) {
                chain_seal(&s->chain.key, hash, &d);
                digest_hex(&d, seal);
        }
        if (hash)
                sqlite3_bind_int64(q, 1, row->seq);
        else
                sqlite3_bind_null(q, 1);
        db_text(q, 2, row->alert);
        sqlite3_bind_int64(q, 3, row->at);
        db_text(q, 4, row->what);
        db_text(q, 5, row->text);
        db_text(q, 6, row->covers);
        db_text(q, 7, str_of(previous));
        db_text(q, 8, str_of(own));
        db_text(q, 9, str_of(seal));
        return db_run(s, q);
}

int db_history_of(struct store *s, struct str alert, usec now, struct str what, struct str text, struct str covers)
{
        struct chain_row row = { .at = now, .alert = alert, .what = what, .text = text, .covers = covers };
        struct digest hash;
        int r;

        if (!s->chain.is_kept)
                return put_row(s, &row, NULL);
        r = s->chain.is_known ? 0 : read_head(s);
        if (r < 0)
                return r;
        row.seq = s->chain.head.seq + 1;
        row.previous = s->chain.head.hash;
        r = chain_hash(&row, &hash);
        if (r >= 0)
                r = put_row(s, &row, &hash);
        if (r < 0) {
                s->chain.is_known = false;
                return r;
        }
        s->chain.head = (struct chain_head){ .seq = row.seq, .hash = hash, .at = now };
        s->chain.has_new = true;
        return 0;
}

int db_history(struct store *s, const struct hash128 *id, usec now, const char *what, struct str text)
{
        char hex[HASH128_HEX_BYTES];

        hash128_hex(id, hex);
        return db_history_of(s, hash128_is_zero(id) ? STR("") : str_of(hex), now, str_of(what), text, STR(""));
}

/* ---- Stores of older versions ---- */

/* Everything that was there before the chain began is chained now, as it is. */
static int chain_old_rows(struct store *s)
{
        sqlite3_stmt *q = NULL;
        int code = SQLITE_DONE;
        int r = db_errno(sqlite3_prepare_v2(s->db, "SELECT alert, at, what, text FROM alert_history_before ORDER BY seq", -1, &q, NULL));

        while (r >= 0 && (code = sqlite3_step(q)) == SQLITE_ROW)
                r = db_history_of(s, db_column(q, 0), sqlite3_column_int64(q, 1), db_column(q, 2), db_column(q, 3), STR(""));
        if (r >= 0)
                r = db_errno(code);
        sqlite3_finalize(q);
        return r;
}

static int cover_records(struct store *s, struct str alert, struct strbuf *to)
{
        sqlite3_stmt *q = NULL;
        int code = SQLITE_DONE;
        int r = db_errno(sqlite3_prepare_v2(s->db, "SELECT record FROM alert_record WHERE alert = ?1 ORDER BY record", -1, &q, NULL));

        if (r >= 0)
                db_text(q, 1, alert);
        while (r >= 0 && (code = sqlite3_step(q)) == SQLITE_ROW) {
                r = chain_cover_record(s, db_column(q, 0), to);
        }
        if (r >= 0)
                r = db_errno(code);
        sqlite3_finalize(q);
        return r;
}

static int cover_old(struct store *s, enum covered kind, struct str id, struct strbuf *to)
{
        int r = chain_cover(s, kind, id, to);

        if (r >= 0 && kind == COVERED_ALERT)
                r = chain_cover(s, COVERED_TOLD, id, to);
        return r >= 0 && kind == COVERED_ALERT ? cover_records(s, id, to) : r;
}

/* A row for each that `sql` gives: its id, when, and its alert or ''. */
static int adopt(struct store *s, enum covered kind, const char *sql)
{
        sqlite3_stmt *q = NULL;
        int code = SQLITE_DONE, r = db_errno(sqlite3_prepare_v2(s->db, sql, -1, &q, NULL));

        while (r >= 0 && (code = sqlite3_step(q)) == SQLITE_ROW) {
                CLEANUP(strbuf_done) struct strbuf covers = STRBUF_INIT;

                r = cover_old(s, kind, db_column(q, 0), &covers);
                if (r >= 0 && strbuf_failed(&covers))
                        r = -ENOMEM;
                if (r >= 0)
                        r = db_history_of(s, db_column(q, 2), sqlite3_column_int64(q, 1), STR("adopted"),
                                          STR("was there before the history was chained"), strbuf_str(&covers));
        }
        if (r >= 0)
                r = db_errno(code);
        sqlite3_finalize(q);
        return r;
}

int chain_begin_old(struct store *s)
{
        int r = chain_old_rows(s);

        s->chain.was_made = true;
        if (r >= 0)
                r = adopt(s, COVERED_ALERT, "SELECT id, raised_at, id FROM alert ORDER BY raised_at, id");
        if (r >= 0)
                r = adopt(s, COVERED_ANSWER, "SELECT seq, at, alert FROM alert_answer ORDER BY seq");
        if (r >= 0)
                r = adopt(s, COVERED_SILENCE, "SELECT id, since, '' FROM silence ORDER BY id");
        return r < 0 ? r : db_errno(sqlite3_exec(s->db, "DROP TABLE alert_history_before", NULL, NULL, NULL));
}
