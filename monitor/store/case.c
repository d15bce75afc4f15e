/* SPDX-License-Identifier: Apache-2.0 */

/* Entries of cases, put and read. Texts of an entry that is sealed lie in one box, each with its length, which opens in its own place
 * only: the entry's number, case, kind and key. */

#include "monitor/store/case.h"

#include <errno.h>
#include <stdio.h>

#include "monitor/base/sealbox.h"
#include "monitor/store/db.h"

/* ---- Boxes ---- */

enum { BOXED = 4 }; /* value, evidence, because, by */

static void place_of(const struct store_case_entry *e, struct strbuf *to)
{
        digest_add_text(to, STR("case"));
        digest_add_number(to, e->seq);
        digest_add_number(to, e->case_id);
        digest_add_text(to, e->kind);
        digest_add_text(to, e->key);
}

static int seal_entry(const struct secret *secret, const struct store_case_entry *e, enum case_seal seal, struct strbuf *box)
{
        CLEANUP(strbuf_done) struct strbuf place = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf plain = STRBUF_INIT;

        place_of(e, &place);
        digest_add_text(&plain, seal == CASE_SEAL_ALL ? e->value : STR(""));
        digest_add_text(&plain, e->evidence);
        digest_add_text(&plain, e->because);
        digest_add_text(&plain, e->by);
        if (!strbuf_failed(&place) && !strbuf_failed(&plain))
                box_seal(secret, strbuf_str(&place), strbuf_str(&plain), box);
        if (plain.p)
                explicit_bzero(plain.p, plain.n);
        return strbuf_failed(&place) || strbuf_failed(&plain) || strbuf_failed(box) ? -ENOMEM : 0;
}

/* The next text of the box; false: there is none. */
static bool take_text(struct str *rest, struct str *ret)
{
        uint64_t n = 0;

        if (rest->n < 8)
                return false;
        for (size_t k = 0; k < 8; k++)
                n |= (uint64_t)(unsigned char)rest->p[k] << (8 * k);
        if (n > rest->n - 8)
                return false;
        *ret = str_from(rest->p + 8, n);
        *rest = str_from(rest->p + 8 + n, rest->n - 8 - n);
        return true;
}

/* 0, also when it stays closed; -ENOMEM. */
static int open_entry(const struct secret *secret, struct str box, struct arena *arena, struct store_case_entry *e)
{
        CLEANUP(strbuf_done) struct strbuf place = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf plain = STRBUF_INIT;
        struct str texts[BOXED], rest;
        int r;

        place_of(e, &place);
        if (strbuf_failed(&place))
                return -ENOMEM;
        r = box_open(secret, strbuf_str(&place), box, &plain);
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        rest = strbuf_str(&plain);
        for (size_t i = 0; i < BOXED; i++) {
                if (!take_text(&rest, &texts[i]))
                        return 0;
                texts[i] = arena_dup(arena, texts[i]);
                if (!texts[i].p)
                        return -ENOMEM;
        }
        if (e->is_value_sealed)
                e->value = texts[0];
        e->evidence = texts[1];
        e->because = texts[2];
        e->by = texts[3];
        e->is_sealed = e->is_value_sealed = false;
        return 0;
}

/* ---- Putting ---- */

/* The numbers of the only row. */
static int numbers(struct store *s, sqlite3_stmt *q, int64_t *first, int64_t *second)
{
        int code = q ? sqlite3_step(q) : SQLITE_ROW;

        if (!q)
                return db_run(s, q);
        if (code == SQLITE_ROW) {
                *first = sqlite3_column_int64(q, 0);
                if (second)
                        *second = sqlite3_column_int64(q, 1);
        }
        sqlite3_reset(q);
        return code == SQLITE_ROW ? 0 : db_fail(s, db_errno(code) < 0 ? db_errno(code) : -EIO);
}

static int insert(struct store *s, const struct store_case_entry *e, enum case_seal seal, struct str box)
{
        sqlite3_stmt *q = db_statement(s, SQL_PUT_ENTRY);
        bool is_in = seal != CASE_CLEAR;

        if (!q)
                return db_run(s, q);
        sqlite3_bind_int64(q, 1, e->seq);
        sqlite3_bind_int64(q, 2, e->case_id);
        sqlite3_bind_int64(q, 3, e->at);
        db_text(q, 4, e->kind);
        db_text(q, 5, e->key);
        if (seal == CASE_SEAL_ALL)
                sqlite3_bind_null(q, 6);
        else
                db_text(q, 6, e->value);
        db_text(q, 7, e->status);
        db_text(q, 8, is_in ? STR("") : e->evidence);
        db_text(q, 9, is_in ? STR("") : e->because);
        db_text(q, 10, is_in ? STR("") : e->by);
        db_who(q, 11, &e->who);
        db_blob(q, 13, box);
        return db_run(s, q);
}

/* What the history says of it: nothing that may be sealed. */
static int note_entry(struct store *s, const struct store_case_entry *e)
{
        CLEANUP(strbuf_done) struct strbuf covers = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        int r = chain_cover_number(s, COVERED_CASE, e->seq, &covers);

        strbuf_addf(&text, "case %lld: " STR_FMT "%s" STR_FMT " by " STR_FMT, (long long)e->case_id, STR_ARG(e->kind), e->key.n > 0 ? " " : "",
                    STR_ARG(e->key), STR_ARG(e->who.user));
        if (r >= 0 && (strbuf_failed(&covers) || strbuf_failed(&text)))
                r = -ENOMEM;
        return r < 0 ? r : db_history_of(s, str_eqz(e->kind, "alert") ? e->key : STR(""), e->at, STR("case"), strbuf_str(&text), strbuf_str(&covers));
}

static int put(struct store *s, const struct store_case_entry *e, enum case_seal seal)
{
        CLEANUP(strbuf_done) struct strbuf box = STRBUF_INIT;
        int r = 0;

        if (e->key.n > CASE_KEY_MAX || e->value.n > CASE_VALUE_MAX || e->because.n > CASE_TEXT_MAX || e->by.n > CASE_TEXT_MAX ||
            e->evidence.n > CASE_TEXT_MAX || e->kind.n > CASE_KEY_MAX || e->status.n > CASE_KEY_MAX)
                return -E2BIG;
        if (seal != CASE_CLEAR)
                r = s->chain.has_key ? seal_entry(&s->chain.key, e, seal, &box) : -ENOKEY;
        if (r >= 0)
                r = insert(s, e, seal, strbuf_str(&box));
        return r < 0 ? r : note_entry(s, e);
}

int store_case_open(struct store *s, struct store_case_entry *e, enum case_seal seal)
{
        int64_t open = 0, n;
        int r = numbers(s, db_statement(s, SQL_COUNT_CASES), &open, NULL);
        sqlite3_stmt *q = r < 0 ? NULL : db_statement(s, SQL_NEXT_ENTRY);

        if (r < 0 || open >= CASES_OPEN_MAX)
                return r < 0 ? r : -EDQUOT;
        if (q)
                sqlite3_bind_int64(q, 1, 0);
        r = numbers(s, q, &n, &e->seq);
        if (r >= 0)
                r = numbers(s, db_statement(s, SQL_NEXT_CASE), &e->case_id, NULL);
        e->kind = STR("opened");
        return r < 0 ? r : put(s, e, seal);
}

int store_case_put(struct store *s, struct store_case_entry *e, enum case_seal seal)
{
        sqlite3_stmt *q = db_statement(s, SQL_NEXT_ENTRY);
        int64_t n = 0;
        int r;

        if (q)
                sqlite3_bind_int64(q, 1, e->case_id);
        r = numbers(s, q, &n, &e->seq);
        if (r < 0)
                return r;
        return n == 0 && e->case_id != READINESS_CASE ? -ENOENT : n >= CASE_ENTRIES_MAX ? -EDQUOT : put(s, e, seal);
}

/* ---- Reading ---- */

int store_case_last(struct store *s, int64_t *ret)
{
        sqlite3_stmt *q = db_statement(s, SQL_NEXT_ENTRY);
        int64_t n, next = 1;
        int r;

        if (q)
                sqlite3_bind_int64(q, 1, -1); /* no case: nothing is counted */
        r = numbers(s, q, &n, &next);
        *ret = next - 1;
        return r;
}

int store_keeps_boxes(struct store *s)
{
        sqlite3_stmt *q = db_statement(s, SQL_NEWEST_BOX);
        int code, has_box;

        if (!q)
                return db_run(s, q);
        code = sqlite3_step(q);
        has_box = code == SQLITE_ROW && sqlite3_column_int(q, 0);
        sqlite3_reset(q);
        return db_errno(code) < 0 ? db_fail(s, db_errno(code)) : has_box;
}

int store_case_of(struct store *s, const struct hash128 *alert, int64_t *ret)
{
        sqlite3_stmt *q = db_statement(s, SQL_CASE_OF);
        int code;

        if (!q)
                return db_run(s, q);
        db_hash(q, 1, alert);
        code = sqlite3_step(q);
        *ret = code == SQLITE_ROW ? sqlite3_column_int64(q, 0) : 0;
        sqlite3_reset(q);
        return db_errno(code) < 0 ? db_fail(s, db_errno(code)) : 0;
}

int query_each_case(struct query *query, bool with_closed, int (*fn)(void *userdata, int64_t id), void *userdata)
{
        sqlite3_stmt *q = NULL;
        int code = SQLITE_DONE, r = query_prepare(query, "case_entry", CASES_SELECT, &q);

        if (r > 0) {
                sqlite3_bind_int(q, 1, with_closed);
                while (r >= 0 && (code = sqlite3_step(q)) == SQLITE_ROW)
                        r = fn(userdata, sqlite3_column_int64(q, 0));
                if (r >= 0)
                        r = db_errno(code);
        }
        sqlite3_finalize(q);
        return r;
}

static int read_entry(sqlite3_stmt *q, const struct secret *secret, struct arena *arena, struct store_case_entry *e)
{
        struct str *const texts[] = { &e->kind, &e->key, &e->value, &e->status, &e->evidence, &e->because, &e->by };
        enum { FIRST_TEXT = 3, UID = 10, USER = 11, SEALED = 12 };

        e->seq = sqlite3_column_int64(q, 0);
        e->case_id = sqlite3_column_int64(q, 1);
        e->at = sqlite3_column_int64(q, 2);
        for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
                *texts[i] = arena_dup(arena, db_column(q, FIRST_TEXT + (int)i));
                if (!texts[i]->p)
                        return -ENOMEM;
        }
        e->who = (struct who){ sqlite3_column_int64(q, UID), arena_dup(arena, db_column(q, USER)) };
        e->is_sealed = sqlite3_column_bytes(q, SEALED) > 0;
        e->is_value_sealed = sqlite3_column_type(q, FIRST_TEXT + 2) == SQLITE_NULL;
        if (!e->who.user.p)
                return -ENOMEM;
        return e->is_sealed && secret ? open_entry(secret, db_column(q, SEALED), arena, e) : 0;
}

static int entries_of(sqlite3_stmt *q, int64_t id, const struct secret *secret, struct arena *arena, struct store_case_entry **ret, size_t *ret_n)
{
        struct store_case_entry *list = NULL;
        size_t n = 0, cap = 0;
        int code = SQLITE_DONE, r = 0;

        sqlite3_bind_int64(q, 1, id);
        while (r >= 0 && (code = sqlite3_step(q)) == SQLITE_ROW) {
                if (n == CASE_ENTRIES_MAX)
                        return -E2BIG; /* somebody else's: what is made of them takes the square of their number */
                if (n == cap) {
                        struct store_case_entry *more = arena_array(arena, cap ? 2 * cap : 64, sizeof *more);

                        if (!more)
                                return -ENOMEM;
                        if (n > 0)
                                memcpy(more, list, n * sizeof *more);
                        list = more;
                        cap = cap ? 2 * cap : 64;
                }
                r = read_entry(q, secret, arena, &list[n++]);
        }
        if (r >= 0)
                r = db_errno(code);
        if (r >= 0 && n == 0)
                r = -ENOENT;
        if (r >= 0) {
                *ret = list;
                *ret_n = n;
        }
        return r;
}

int store_case_entries(struct store *s, int64_t id, struct arena *arena, struct store_case_entry **ret, size_t *ret_n)
{
        sqlite3_stmt *q = db_statement(s, SQL_EACH_ENTRY);
        int r = q ? entries_of(q, id, s->chain.has_key ? &s->chain.key : NULL, arena, ret, ret_n) : db_run(s, q);

        if (q)
                sqlite3_reset(q);
        return r;
}

int query_case_entries(struct query *query, int64_t id, const struct secret *secret, struct arena *arena, struct store_case_entry **ret, size_t *ret_n)
{
        sqlite3_stmt *q = NULL;
        int r = query_prepare(query, "case_entry", ENTRIES_SELECT, &q);

        if (r > 0)
                r = entries_of(q, id, secret, arena, ret, ret_n);
        else if (r == 0)
                r = -ENOENT;
        sqlite3_finalize(q);
        return r;
}
