/* SPDX-License-Identifier: Apache-2.0 */

/* What mutes alerts, risk and answers, looked up and kept; silences are in silence.c. */

#include "monitor/store/quiet.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor/store/db.h"

static const char *const mutes[_MUTE_MAX] = { "", "inhibited", "same", "known" };

const char *mute_name(enum mute how)
{
        return mutes[how];
}

bool answer_closes(struct str answer)
{
        return str_eqz(answer, "me") || str_eqz(answer, "closed") || str_starts(answer, STR("closed-"));
}

static enum mute mute_of(struct str name)
{
        for (size_t i = 0; i < _MUTE_MAX; i++)
                if (str_eqz(name, mutes[i]))
                        return (enum mute)i;
        return MUTE_NOT;
}

/* ---- Lists of alerts ---- */

int ids_add(struct ids *list, const struct hash128 *id)
{
        if (list->n == list->cap) {
                size_t cap = list->cap ? 2 * list->cap : 64;
                struct hash128 *items = reallocarray(list->items, cap, sizeof *items);

                if (!items)
                        return -ENOMEM;
                list->items = items;
                list->cap = cap;
        }
        list->items[list->n++] = *id;
        return 0;
}

static int compare_ids(const void *a, const void *b)
{
        return memcmp(a, b, sizeof(struct hash128));
}

void ids_sort(struct ids *list)
{
        size_t n = 0;

        if (list->n > 1)
                qsort(list->items, list->n, sizeof *list->items, compare_ids);
        for (size_t i = 0; i < list->n; i++)
                if (n == 0 || !hash128_eq(&list->items[n - 1], &list->items[i]))
                        list->items[n++] = list->items[i];
        list->n = n;
}

void ids_done(struct ids *list)
{
        free(list->items);
        *list = (struct ids){ 0 };
}

static int collect_ids(struct store *s, sqlite3_stmt *q, struct ids *ret)
{
        int code = SQLITE_DONE, r = q ? 0 : db_run(s, q);

        while (r >= 0 && (code = sqlite3_step(q)) == SQLITE_ROW) {
                struct hash128 id;

                r = hash128_parse(db_column(q, 0), &id);
                if (r >= 0)
                        r = ids_add(ret, &id);
        }
        if (q)
                sqlite3_reset(q);
        return r < 0 || db_errno(code) == 0 ? r : db_fail(s, db_errno(code));
}

/* ---- One alert ---- */

static void read_alert(sqlite3_stmt *q, struct arena *arena, struct quiet_alert *a)
{
        *a = (struct quiet_alert){
                .id = a->id,
                .rule_id = arena_dup(arena, db_column(q, 0)),
                .rule_title = arena_dup(arena, db_column(q, 1)),
                .level = (enum level)sqlite3_column_int(q, 2),
                .person = arena_dup(arena, db_column(q, 3)),
                .first = sqlite3_column_int64(q, 4),
                .last = sqlite3_column_int64(q, 5),
                .count = (uint64_t)sqlite3_column_int64(q, 6),
                .is_open = sqlite3_column_int(q, 7),
                .n_records = (uint64_t)sqlite3_column_int64(q, 8),
                .is_known = sqlite3_column_int(q, 9),
                .was = {
                        .person = arena_dup(arena, db_column(q, 10)),
                        .silence = sqlite3_column_int64(q, 11),
                        .how = mute_of(db_column(q, 13)),
                        .rang_at = db_time(q, 14),
                        .answer = arena_dup(arena, db_column(q, 15)),
                        .level = (enum level)sqlite3_column_int(q, 16),
                        .seen = sqlite3_column_int64(q, 17),
                },
        };
        hash128_parse(db_column(q, 12), &a->was.muted_by);
}

int store_quiet_get(struct store *s, const struct hash128 *id, struct arena *arena, struct quiet_alert *ret)
{
        sqlite3_stmt *q = db_statement(s, SQL_GET_QUIET);
        int code;

        if (!q)
                return db_run(s, q);
        *ret = (struct quiet_alert){ .id = *id };
        db_hash(q, 1, id);
        code = sqlite3_step(q);
        if (code == SQLITE_ROW)
                read_alert(q, arena, ret);
        sqlite3_reset(q);
        if (code != SQLITE_ROW)
                return code == SQLITE_DONE ? -ENOENT : db_fail(s, db_errno(code));
        return ret->rule_id.p && ret->rule_title.p && ret->person.p && ret->was.person.p && ret->was.answer.p ? 0 : -ENOMEM;
}

int store_quiet_put(struct store *s, const struct hash128 *id, const struct quiet_state *state)
{
        sqlite3_stmt *q = db_statement(s, SQL_PUT_QUIET);

        if (q) {
                db_hash(q, 1, id);
                db_text(q, 2, state->person);
                sqlite3_bind_int64(q, 3, state->silence);
                db_hash(q, 4, &state->muted_by);
                db_text(q, 5, str_of(mutes[state->how]));
                db_bind_time(q, 6, state->rang_at);
                db_text(q, 7, state->answer);
                sqlite3_bind_int(q, 8, (int)state->level);
                sqlite3_bind_int64(q, 9, state->seen);
        }
        return db_run(s, q);
}

int store_history(struct store *s, const struct hash128 *id, usec now, const char *what, struct str text)
{
        return db_history(s, id, now, what, text);
}

/* ---- Others ---- */

static usec minus(usec t, usec d)
{
        return t < INT64_MIN + 1 + d ? INT64_MIN + 1 : t - d;
}

static usec plus(usec t, usec d)
{
        return t > INT64_MAX - d ? INT64_MAX : t + d;
}

int store_quiet_near(struct store *s, struct str person, struct str rule, usec first, usec last, usec timespan, struct ids *ret)
{
        sqlite3_stmt *q = db_statement(s, SQL_NEAR);

        if (q) {
                db_text(q, 1, person);
                db_text(q, 2, rule);
                sqlite3_bind_int64(q, 3, plus(last, timespan));
                sqlite3_bind_int64(q, 4, minus(first, timespan));
        }
        return collect_ids(s, q, ret);
}

static int ids_of(struct store *s, enum statement id, const struct hash128 *of, struct ids *ret)
{
        sqlite3_stmt *q = db_statement(s, id);

        if (q && of)
                db_hash(q, 1, of);
        return collect_ids(s, q, ret);
}

int store_quiet_muted_by(struct store *s, const struct hash128 *id, struct ids *ret)
{
        return ids_of(s, SQL_MUTED_BY, id, ret);
}

int store_quiet_sharing(struct store *s, const struct hash128 *id, struct ids *ret)
{
        return ids_of(s, SQL_SHARING, id, ret);
}

int store_quiet_all(struct store *s, struct ids *ret)
{
        return ids_of(s, SQL_EACH_ALERT, NULL, ret);
}

/* The first row's id, and its level and time. */
static int one_alert(struct store *s, sqlite3_stmt *q, struct hash128 *ret, enum level *ret_level, usec *ret_first)
{
        int code, r;

        if (!q)
                return db_run(s, q);
        code = sqlite3_step(q);
        r = code == SQLITE_DONE ? -ENOENT : db_errno(code);
        if (code == SQLITE_ROW) {
                r = hash128_parse(db_column(q, 0), ret);
                *ret_level = (enum level)sqlite3_column_int(q, 1);
                *ret_first = sqlite3_column_int64(q, 2);
        }
        sqlite3_reset(q);
        return r < 0 && r != -ENOENT ? db_fail(s, r) : r;
}

int store_quiet_parent(struct store *s, const struct quiet_alert *of, struct str rule, usec timespan, struct hash128 *ret,
                       enum level *ret_level, usec *ret_first)
{
        sqlite3_stmt *q = db_statement(s, SQL_FIND_PARENT);

        if (q) {
                db_hash(q, 1, &of->id);
                db_text(q, 2, of->person);
                db_text(q, 3, rule);
                sqlite3_bind_int64(q, 4, plus(of->last, timespan));
                sqlite3_bind_int64(q, 5, minus(of->first, timespan));
                sqlite3_bind_int(q, 6, (int)of->level);
        }
        return one_alert(s, q, ret, ret_level, ret_first);
}

int store_quiet_leader(struct store *s, const struct quiet_alert *of, struct hash128 *ret)
{
        sqlite3_stmt *q = db_statement(s, SQL_FIND_LEADER);
        enum level level;
        usec first;

        if (q) {
                db_hash(q, 1, &of->id);
                db_text(q, 2, of->person);
                sqlite3_bind_int64(q, 3, (sqlite3_int64)of->n_records);
                sqlite3_bind_int(q, 4, (int)of->level);
                sqlite3_bind_int64(q, 5, of->first);
        }
        return one_alert(s, q, ret, &level, &first);
}

int store_quiet_known(struct store *s, const struct quiet_alert *of, struct str fields, struct str rules, struct hash128 *ret)
{
        sqlite3_stmt *q = db_statement(s, SQL_FIND_KNOWN);
        enum level level;
        usec first;

        if (q) {
                db_hash(q, 1, &of->id);
                db_text(q, 2, of->person);
                db_text(q, 3, fields);
                db_text(q, 4, rules);
        }
        return one_alert(s, q, ret, &level, &first);
}

/* ---- Risk ---- */

static void read_risk(sqlite3_stmt *q, struct risk_alert *ret)
{
        *ret = (struct risk_alert){
                .rule_id = db_column(q, 2),
                .rule_title = db_column(q, 3),
                .level = (enum level)sqlite3_column_int(q, 4),
                .time = sqlite3_column_int64(q, 5),
        };
        hash128_parse(db_column(q, 1), &ret->id);
        if (ret->level >= _LEVEL_MAX)
                ret->level = LEVEL_CRITICAL;
}

int store_each_risk(struct store *s, struct str person, usec since, int (*fn)(void *userdata, const struct risk_alert *a),
                    void *userdata)
{
        sqlite3_stmt *q = db_statement(s, SQL_EACH_RISK);
        int code = SQLITE_DONE, r = 0;

        if (!q)
                return db_run(s, q);
        db_text(q, 1, person);
        sqlite3_bind_int64(q, 2, since);
        while (r >= 0 && (code = sqlite3_step(q)) == SQLITE_ROW) {
                struct risk_alert a;

                read_risk(q, &a);
                r = fn(userdata, &a);
        }
        sqlite3_reset(q);
        return r < 0 || db_errno(code) == 0 ? r : db_fail(s, db_errno(code));
}

int store_each_risk_alert(struct store *s, struct str person, usec since,
                          int (*fn)(void *userdata, const struct hash128 *id, usec first, usec last, uint64_t count, struct str why),
                          void *userdata)
{
        sqlite3_stmt *q = db_statement(s, SQL_EACH_RISK_ALERT);
        int code = SQLITE_DONE, r = 0;

        if (!q)
                return db_run(s, q);
        db_text(q, 1, person);
        sqlite3_bind_int64(q, 2, since);
        while (r >= 0 && (code = sqlite3_step(q)) == SQLITE_ROW) {
                struct hash128 id;

                r = hash128_parse(db_column(q, 0), &id);
                if (r >= 0)
                        r = fn(userdata, &id, sqlite3_column_int64(q, 1), sqlite3_column_int64(q, 2),
                               (uint64_t)sqlite3_column_int64(q, 3), db_column(q, 4));
        }
        sqlite3_reset(q);
        return r < 0 || db_errno(code) == 0 ? r : db_fail(s, db_errno(code));
}

int query_risk(struct query *query, usec since, int (*fn)(void *userdata, struct str person, const struct risk_alert *a), void *userdata)
{
        sqlite3_stmt *q = NULL;
        int code = SQLITE_DONE, r = query_prepare(query, "alert_quiet", RISK_SELECT "AND a.last_seen >= ?1 ORDER BY q.person, a.last_seen, a.id", &q);

        if (r <= 0)
                return r;
        sqlite3_bind_int64(q, 1, since);
        while (r >= 0 && (code = sqlite3_step(q)) == SQLITE_ROW) {
                struct risk_alert a;

                read_risk(q, &a);
                r = fn(userdata, db_column(q, 0), &a);
        }
        if (r >= 0)
                r = db_errno(code);
        sqlite3_finalize(q);
        return r;
}

/* ---- Answers ---- */

/* What the history says of it. */
static int note_answer(struct store *s, const struct answer *a, int64_t seq)
{
        CLEANUP(strbuf_done) struct strbuf covers = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        char hex[HASH128_HEX_BYTES];
        int r = chain_cover_number(s, COVERED_ANSWER, seq, &covers);

        hash128_hex(&a->alert, hex);
        strbuf_addf(&text, STR_FMT " by " STR_FMT "%s" STR_FMT, STR_ARG(a->what), STR_ARG(a->by.user), a->note.n > 0 ? ": " : "",
                    STR_ARG(a->note));
        if (r >= 0 && (strbuf_failed(&covers) || strbuf_failed(&text)))
                r = -ENOMEM;
        return r < 0 ? r : db_history_of(s, str_of(hex), a->at, STR("answered"), strbuf_str(&text), strbuf_str(&covers));
}

int store_put_answer(struct store *s, const struct answer *a)
{
        sqlite3_stmt *q = db_statement(s, SQL_PUT_ANSWER);
        int r;

        if (q) {
                db_hash(q, 1, &a->alert);
                sqlite3_bind_int64(q, 2, a->at);
                db_text(q, 3, a->what);
                db_text(q, 4, a->note);
                db_who(q, 5, &a->by);
                db_hash(q, 7, &a->with);
        }
        r = db_run(s, q);
        return r < 0 ? r : note_answer(s, a, sqlite3_last_insert_rowid(s->db));
}

static int each_answer(sqlite3_stmt *q, const struct hash128 *alert, int (*fn)(void *userdata, const struct answer *a), void *userdata)
{
        int code = SQLITE_DONE, r = 0;

        db_hash(q, 1, alert);
        while (r >= 0 && (code = sqlite3_step(q)) == SQLITE_ROW) {
                struct answer a = {
                        .alert = *alert,
                        .at = sqlite3_column_int64(q, 0),
                        .what = db_column(q, 1),
                        .note = db_column(q, 2),
                        .by = { sqlite3_column_int64(q, 3), db_column(q, 4) },
                };

                hash128_parse(db_column(q, 5), &a.with);
                r = fn(userdata, &a);
        }
        return r < 0 ? r : db_errno(code);
}

int store_each_answer(struct store *s, const struct hash128 *alert, int (*fn)(void *userdata, const struct answer *a), void *userdata)
{
        sqlite3_stmt *q = db_statement(s, SQL_EACH_ANSWER);
        int r = q ? each_answer(q, alert, fn, userdata) : db_run(s, q);

        if (q)
                sqlite3_reset(q);
        return r;
}

int store_answered_with(struct store *s, const struct hash128 *with, usec at, struct ids *ret)
{
        sqlite3_stmt *q = db_statement(s, SQL_ANSWERED_WITH);

        if (q) {
                db_hash(q, 1, with);
                sqlite3_bind_int64(q, 2, at);
        }
        return collect_ids(s, q, ret);
}

int store_find_alert(struct store *s, struct str id_prefix, struct hash128 *ret)
{
        struct query query = { .db = s->db };

        return query_find(&query, id_prefix, ret);
}

int query_told_in(struct query *query, const struct hash128 *alert,
                  int (*fn)(void *userdata, const struct hash128 *id, struct str rule_id, struct str rule_title, enum mute how),
                  void *userdata)
{
        sqlite3_stmt *q = NULL;
        int code = SQLITE_DONE;
        int r = query_prepare(query, "alert_quiet",
                        "SELECT a.id, a.rule_id, a.rule_title, q.muted_how FROM alert_quiet q JOIN alert a ON a.id = q.alert "
                        "WHERE q.muted_by = ?1 AND q.muted_by <> '' ORDER BY q.muted_how DESC, a.first_seen, a.id",
                        &q);

        if (r <= 0)
                return r;
        db_hash(q, 1, alert);
        while (r >= 0 && (code = sqlite3_step(q)) == SQLITE_ROW) {
                struct hash128 id;

                r = hash128_parse(db_column(q, 0), &id);
                if (r >= 0)
                        r = fn(userdata, &id, db_column(q, 1), db_column(q, 2), mute_of(db_column(q, 3)));
        }
        if (r >= 0)
                r = db_errno(code);
        sqlite3_finalize(q);
        return r;
}
