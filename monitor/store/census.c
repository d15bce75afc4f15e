/* SPDX-License-Identifier: Apache-2.0 */

/* Rows that only grow: times are made earlier or later, never set. A row that says nothing new is not written. */

#include "monitor/store/census.h"

#include <errno.h>

#include "monitor/store/db.h"

/* Runs it; 1: it changed rows, 0: none, negative as db_run(). */
static int run(struct store *s, sqlite3_stmt *q)
{
        int r = db_run(s, q);

        return r < 0 ? r : sqlite3_changes(s->db) > 0;
}

/* ---- Accounts ---- */

static sqlite3_stmt *bind_account(struct store *s, enum statement id, const struct account_seen *a)
{
        sqlite3_stmt *q = db_statement(s, id);

        if (!q)
                return NULL;
        db_text(q, 1, a->source);
        db_text(q, 2, a->account);
        if (id == SQL_ADD_ACCOUNT || id == SQL_GROW_ACCOUNT) {
                db_bind_time(q, 3, a->first);
                db_bind_time(q, 4, a->last);
        }
        return q;
}

static int count_accounts(struct store *s)
{
        sqlite3_stmt *q = s->accounts < 0 ? db_statement(s, SQL_COUNT_ACCOUNTS) : NULL;
        int r = s->accounts < 0 ? db_number(s, q, &s->accounts) : 0;

        return r < 0 ? r : 0;
}

/* The one seen least lately goes, with what is known of it. 1: that is `fresh`. */
static int evict_account(struct store *s, const struct account_seen *fresh)
{
        static const enum statement drops[] = { SQL_DROP_ACCOUNT, SQL_DROP_FACTS };
        CLEANUP(strbuf_done) struct strbuf source = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf account = STRBUF_INIT;
        sqlite3_stmt *q = db_statement(s, SQL_LEAST_ACCOUNT);
        int r = q ? db_errno(sqlite3_step(q)) : db_run(s, q);

        if (r < 0)
                return q ? db_fail(s, r) : r;
        strbuf_add(&source, db_column(q, 0));
        strbuf_add(&account, db_column(q, 1));
        sqlite3_reset(q);
        if (strbuf_failed(&source) || strbuf_failed(&account))
                return -ENOMEM;
        for (size_t i = 0; i < ARRAY_LEN(drops) && r >= 0; i++)
                r = run(s, bind_account(s, drops[i],
                                        &(struct account_seen){ strbuf_str(&source), strbuf_str(&account), 0, 0 }));
        s->accounts--;
        return r < 0 ? r : str_eq(strbuf_str(&source), fresh->source) && str_eq(strbuf_str(&account), fresh->account);
}

int store_put_account(struct store *s, const struct account_seen *a, uint64_t *ret_cut)
{
        int r = run(s, bind_account(s, SQL_ADD_ACCOUNT, a));

        if (r > 0) {
                s->accounts += s->accounts >= 0;
                r = count_accounts(s);
                if (r < 0 || s->accounts <= CENSUS_ACCOUNTS_MAX)
                        return r;
                ++*ret_cut;
                return evict_account(s, a);
        }
        if (r < 0)
                return r;
        r = a->last == USEC_NONE ? 0 : run(s, bind_account(s, SQL_GROW_ACCOUNT, a));
        return r < 0 ? r : 0;
}

/* ---- Facts ---- */

static sqlite3_stmt *bind_fact(struct store *s, enum statement id, const struct account_seen *of, const struct fact *f)
{
        sqlite3_stmt *q = db_statement(s, id);

        if (!q)
                return NULL;
        db_text(q, 1, of->source);
        db_text(q, 2, of->account);
        db_text(q, 3, str_of(fact_name(f->kind)));
        if (id == SQL_TRIM_FACTS) {
                sqlite3_bind_int(q, 4, (int)fact_kept(f->kind));
                return q;
        }
        db_text(q, 4, f->value);
        db_bind_time(q, 5, f->first);
        db_bind_time(q, 6, f->last);
        db_bind_time(q, 7, f->gone);
        sqlite3_bind_int64(q, 8, (sqlite3_int64)(f->n <= INT64_MAX ? f->n : INT64_MAX));
        db_text(q, 9, f->text);
        return q;
}

int store_put_fact(struct store *s, const struct account_seen *of, const struct fact *f, uint64_t *ret_cut)
{
        int r = run(s, bind_fact(s, SQL_ADD_FACT, of, f));

        if (r < 0)
                return r;
        if (r == 0) {
                r = run(s, bind_fact(s, SQL_GROW_FACT, of, f));
                return r < 0 ? r : 0;
        }
        r = run(s, bind_fact(s, SQL_TRIM_FACTS, of, f));
        *ret_cut += r > 0;
        return r < 0 ? r : 0;
}

/* ---- Reading back ---- */

static bool has_census(struct query *query)
{
        sqlite3_stmt *q = NULL;
        int code = sqlite3_prepare_v2(query->db, "SELECT 1 FROM account_fact LIMIT 1", -1, &q, NULL);

        sqlite3_finalize(q);
        return code == SQLITE_OK;
}

static int each_fact(sqlite3_stmt *q, const struct account_seen *of, const struct query_census *to)
{
        int code = SQLITE_DONE, r = 0;

        sqlite3_reset(q);
        db_text(q, 1, of->source);
        db_text(q, 2, of->account);
        while (r >= 0 && (code = sqlite3_step(q)) == SQLITE_ROW) {
                struct fact f = {
                        .kind = fact_find(db_column(q, 0)),
                        .value = db_column(q, 1),
                        .first = db_time(q, 2),
                        .last = db_time(q, 3),
                        .gone = db_time(q, 4),
                        .n = (uint64_t)sqlite3_column_int64(q, 5),
                        .text = db_column(q, 6),
                };

                if (f.kind < _FACT_MAX)
                        r = to->fact(to->userdata, of, &f);
        }
        return r < 0 ? r : db_errno(code);
}

int query_census(struct query *query, const struct query_census *to)
{
        sqlite3_stmt *accounts = NULL, *facts = NULL;
        int code = SQLITE_DONE, r;

        if (!has_census(query))
                return 0;
        r = db_errno(sqlite3_prepare_v2(
                query->db, "SELECT source, account, first_seen, last_seen FROM account ORDER BY source, account", -1,
                &accounts, NULL));
        if (r >= 0)
                r = db_errno(sqlite3_prepare_v2(
                        query->db,
                        "SELECT kind, value, first_seen, last_seen, gone, n, text FROM account_fact "
                        "WHERE source = ?1 AND account = ?2 "
                        "ORDER BY kind, max(ifnull(last_seen, gone), ifnull(gone, last_seen)) DESC, value DESC",
                        -1, &facts, NULL));
        while (r >= 0 && (code = sqlite3_step(accounts)) == SQLITE_ROW) {
                struct account_seen a = { db_column(accounts, 0), db_column(accounts, 1), db_time(accounts, 2),
                                          db_time(accounts, 3) };

                r = to->account(to->userdata, &a);
                if (r >= 0)
                        r = each_fact(facts, &a, to);
        }
        if (r >= 0)
                r = db_errno(code);
        sqlite3_finalize(accounts);
        sqlite3_finalize(facts);
        return r;
}
