/* SPDX-License-Identifier: Apache-2.0 */

/* What rows of the history say of other tables, held against these. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor/store/verify_impl.h"

/* How each kind is called when something is wrong with it. */
static const char *const names[_COVERED_MAX] = {
        [COVERED_ANSWER] = "answer",       [COVERED_SILENCE] = "silence", [COVERED_ALERT] = "rule of alert",
        [COVERED_TOLD] = "text of alert", [COVERED_RECORD] = "record",  [COVERED_RAW] = "bytes of record", [COVERED_SEALED] = "box of record",
        [COVERED_CASE] = "entry of a case",
};

/* Which rows of its table a kind is about, in what order. */
#define THOSE_ANSWER "ORDER BY seq"
#define THOSE_SILENCE "ORDER BY id"
#define THOSE_ALERT "ORDER BY raised_at, id"
#define THOSE_TOLD THOSE_ALERT
#define THOSE_RECORD "WHERE EXISTS (SELECT 1 FROM alert_record l WHERE l.record = r.record) ORDER BY rowid"
#define THOSE_RAW THOSE_RECORD
#define THOSE_SEALED "WHERE sealed <> x'' AND EXISTS (SELECT 1 FROM alert_record l WHERE l.record = r.record) ORDER BY rowid"
#define THOSE_CASE "ORDER BY seq"
static const char *const rows_of[_COVERED_MAX] = {
#define X(id, kind, columns, table, key) [COVERED_##id] = "SELECT " columns " FROM " table " r " THOSE_##id,
        COVERED(X)
#undef X
};

enum { MERGES_MAX = 1000 }; /* one into the other */

/* ---- Learning ---- */

static struct thing *find_thing(const struct verify *v, enum covered kind, struct str id)
{
        char key[128];
        int n = snprintf(key, sizeof key, "%d " STR_FMT, (int)kind, STR_ARG(id));

        return n > 0 && (size_t)n < sizeof key ? map_get(&v->things, str_from(key, (size_t)n)) : NULL;
}

static int add_link(struct verify *v, struct thing *t)
{
        struct link *link = t->kind == COVERED_RECORD ? arena_alloc(v->arena, sizeof *link) : NULL;

        if (t->kind != COVERED_RECORD)
                return 0;
        if (!link)
                return -ENOMEM;
        *link = (struct link){ .next = t->links, .alert = t->alert, .seq = t->seq };
        t->links = link;
        return 0;
}

static int put_thing(struct verify *v, const struct thing *is)
{
        struct thing *t = find_thing(v, is->kind, is->id);
        char key[128];
        int n;

        if (t) {
                struct str id = t->id, alert = str_eq(t->alert, is->alert) ? t->alert : arena_dup(v->arena, is->alert);
                struct link *links = t->links;

                *t = *is;
                t->id = id;
                t->alert = alert;
                t->links = links;
                return alert.p ? add_link(v, t) : -ENOMEM;
        }
        n = snprintf(key, sizeof key, "%d " STR_FMT, (int)is->kind, STR_ARG(is->id));
        if (n < 0 || (size_t)n >= sizeof key)
                return 0; /* no id is that long: a row that was edited, which is said */
        t = arena_alloc(v->arena, sizeof *t);
        if (!t)
                return -ENOMEM;
        *t = *is;
        t->id = arena_dup(v->arena, is->id);
        t->alert = arena_dup(v->arena, is->alert);
        return t->id.p && t->alert.p && add_link(v, t) >= 0 ? map_put(&v->things, str_from(key, (size_t)n), t) : -ENOMEM;
}

/* By the last rows that said what went, the alert was old enough to: then what rows said of it before may be gone. */
static void settle_age(const struct verify *v, struct fate *f)
{
        for (size_t i = 0; i < _PURGED_MAX; i++)
                if (v->purged[i].seq > f->last_seq && f->last < v->purged[i].before)
                        f->old_at[i] = v->purged[i].seq;
}

static void settle_all(struct verify *v)
{
        for (struct map_iter i = { 0 }; map_next(&v->fates, &i);)
                settle_age(v, i.value);
}

static void learn_purge(struct verify *v, int64_t seq, struct str of, struct str before)
{
        static const char *const words[_PURGED_MAX] = { "records", "alerts" };
        int64_t at;

        for (size_t i = 0; i < _PURGED_MAX; i++)
                if (str_eqz(of, words[i]) && str_to_i64(before, &at) >= 0) {
                        if (at < v->purged[i].before) /* more is kept now: what is old by the rows so far is settled */
                                settle_all(v);
                        v->purged[i].seq = seq;
                        v->purged[i].before = at;
                }
}

static bool came_to(const struct verify *v, struct str alert, struct str into)
{
        const struct fate *f = map_get(&v->fates, alert);

        for (int i = 0; f && i < MERGES_MAX && !str_eq(alert, into); i++) {
                alert = f->merged_into;
                f = map_get(&v->fates, alert);
        }
        return str_eq(alert, into);
}

/* The record is of `alert` no longer, nor of those merged into it; of no alert at all when that is empty. */
static void learn_cut(struct verify *v, struct str record, struct str alert)
{
        struct thing *t = find_thing(v, COVERED_RECORD, record);

        for (struct link *link = t ? t->links : NULL; link; link = link->next)
                link->is_cut = link->is_cut || alert.n == 0 || came_to(v, link->alert, alert);
}

/* "KIND ID DIGEST[ COUNT]" */
static int learn_line(struct verify *v, const struct chain_row *row, struct str line)
{
        struct thing t = { .seq = row->seq, .alert = row->alert };
        struct str rest = line, kind = STR(""), digest = STR("");

        str_cut(&rest, ' ', &kind);
        t.id = STR("");
        str_cut(&rest, ' ', &t.id);
        str_cut(&rest, ' ', &digest);
        if (str_eqz(kind, "purged")) {
                learn_purge(v, row->seq, t.id, digest);
                return 0;
        }
        if (str_eqz(kind, "left") || str_eqz(kind, "unlinked")) {
                learn_cut(v, t.id, str_eqz(kind, "left") ? STR("") : row->alert);
                return 0;
        }
        t.kind = covered_find(kind);
        if (t.kind == _COVERED_MAX || digest_parse(digest, &t.digest) < 0)
                return 0; /* of a newer version, or edited, which is said */
        if (rest.p)
                str_to_i64(rest, &t.count);
        return put_thing(v, &t);
}

/* An alert is as young as those merged into it. */
static void learn_into(struct verify *v, const struct fate *f)
{
        const struct fate *from = f;

        for (int i = 0; i < MERGES_MAX && from->merged_into.n > 0; i++) {
                struct fate *into = map_get(&v->fates, from->merged_into);

                if (!into)
                        return;
                settle_age(v, into);
                into->last_seq = f->last_seq;
                into->last = f->last > into->last ? f->last : into->last;
                from = into;
        }
}

static int learn_state(struct verify *v, struct fate *f, const struct chain_row *row)
{
        bool is_merged = str_eqz(row->what, "merged");
        struct str state = str_eqz(row->what, "raised") ? STR("open") : is_merged || str_eqz(row->what, "withdrawn") ? row->what : STR("");

        if (state.n == 0)
                return 0;
        f->seq = row->seq;
        f->state = arena_dup(v->arena, state);
        f->merged_into = is_merged ? arena_dup(v->arena, row->text) : STR("");
        return f->state.p && f->merged_into.p ? 0 : -ENOMEM;
}

/* Whether the row opens or ends its alert, and how old that makes it. */
static int learn_fate(struct verify *v, const struct chain_row *row)
{
        struct fate *f = map_get(&v->fates, row->alert);
        int r;

        if (row->alert.n == 0)
                return 0;
        if (!f) {
                f = arena_alloc(v->arena, sizeof *f);
                if (!f || map_put(&v->fates, row->alert, f) < 0)
                        return -ENOMEM;
                f->last = row->at;
        }
        settle_age(v, f);
        f->last_seq = row->seq;
        f->last = row->at > f->last ? row->at : f->last;
        r = learn_state(v, f, row);
        if (r >= 0)
                learn_into(v, f);
        return r;
}

int things_learn(struct verify *v, const struct chain_row *row)
{
        struct str rest = row->covers, line;
        int r = learn_fate(v, row);

        while (r >= 0 && rest.n > 0 && str_cut(&rest, '\n', &line))
                r = line.n > 0 ? learn_line(v, row, line) : 0;
        return r;
}

/* ---- Checking ---- */

static bool is_of_record(enum covered kind)
{
        return kind == COVERED_RECORD || kind == COVERED_RAW || kind == COVERED_SEALED;
}

/* The alert was old when something went, and nothing was said of the thing since. A record goes along when its alert is merged: what that
 * was merged into was old, too, and after that. What goes with alerts goes when the alert does. */
static bool was_old(const struct verify *v, struct str alert, int64_t seq, enum purged by, bool goes_along)
{
        struct fate *f = map_get(&v->fates, alert);

        for (int i = 0; f && i < MERGES_MAX; i++) {
                settle_age(v, f);
                if (f->old_at[by] <= seq)
                        return false;
                if (f->merged_into.n == 0 || !goes_along) {
                        const struct thing *t = find_thing(v, COVERED_ALERT, alert);

                        return by != PURGED_ALERTS || !t || !t->is_seen;
                }
                seq = f->seq > seq ? f->seq : seq;
                alert = f->merged_into;
                f = map_get(&v->fates, alert);
        }
        return false;
}

/* It may be gone: of a record, by every alert that it was of. */
static bool is_old(const struct verify *v, const struct thing *t, enum purged by)
{
        const struct thing *record;

        if (t->kind == COVERED_CASE) /* these stay */
                return false;
        if (!is_of_record(t->kind))
                return was_old(v, t->alert, t->seq, by, false);
        record = find_thing(v, COVERED_RECORD, t->id);
        for (const struct link *link = record ? record->links : NULL; link; link = link->next)
                if (!link->is_cut && !was_old(v, link->alert, link->seq, by, true) && !was_old(v, link->alert, link->seq, PURGED_ALERTS, true))
                        return false;
        return record;
}

/* A body that went with its age leaves '{}', or nothing, behind. */
static bool is_emptied(const struct verify *v, const struct thing *t, sqlite3_stmt *q)
{
        struct str left = db_column(q, sqlite3_column_count(q) - 1);

        return is_old(v, t, PURGED_RECORDS) && ((t->kind == COVERED_RECORD && str_eqz(left, "{}")) || (t->kind == COVERED_RAW && left.n == 0));
}

static int check_row(struct verify *v, enum covered kind, sqlite3_stmt *q)
{
        struct str id = db_column(q, 0);
        struct thing *t = find_thing(v, kind, id);
        int64_t count = sqlite3_column_int64(q, sqlite3_column_count(q) - 1);
        struct digest d;
        int r;

        if (!t)
                return verify_found(v, "%s " STR_FMT ": no row of the history speaks of it: put in", names[kind], STR_ARG(id));
        t->is_seen = true;
        r = db_digest_row(q, &d);
        if (r < 0)
                return r;
        if (digest_eq(&d, &t->digest)) {
                v->result->things[kind]++;
                return 0;
        }
        if (kind == COVERED_TOLD && count > t->count && db_bits((uint64_t)count) == db_bits((uint64_t)t->count)) { /* else a row would say so */
                v->result->grown++;
                return 0;
        }
        if (is_emptied(v, t, q)) {
                v->result->purged++;
                return 0;
        }
        return verify_found(v, "%s " STR_FMT " was edited: it is not what row %lld says of it", names[kind], STR_ARG(id), (long long)t->seq);
}

static int each_row(struct verify *v, const char *sql, int (*fn)(struct verify *v, enum covered kind, sqlite3_stmt *q), enum covered kind)
{
        sqlite3_stmt *q = NULL;
        int code = SQLITE_DONE, r = db_errno(sqlite3_prepare_v2(v->query->db, sql, -1, &q, NULL));

        if (r == -EIO && sqlite3_errcode(v->query->db) == SQLITE_ERROR)
                return -EPROTONOSUPPORT; /* a column is missing */
        while (r >= 0 && (code = sqlite3_step(q)) == SQLITE_ROW)
                r = fn(v, kind, q);
        if (r >= 0)
                r = db_errno(code);
        sqlite3_finalize(q);
        return r;
}

static int by_seq(const void *a, const void *b)
{
        const struct thing *x = *(struct thing *const *)a, *y = *(struct thing *const *)b;

        return x->seq != y->seq ? (x->seq < y->seq ? -1 : 1) : x->kind != y->kind ? (int)x->kind - (int)y->kind : str_cmp(x->id, y->id);
}

/* What rows speak of and is not there. */
static int check_gone(struct verify *v)
{
        CLEANUP(memory_freep) struct thing **gone = calloc(map_count(&v->things) + 1, sizeof(struct thing *));
        size_t n = 0;
        int r = gone ? 0 : -ENOMEM;

        for (struct map_iter i = { 0 }; r >= 0 && map_next(&v->things, &i);) {
                struct thing *t = i.value;

                if (t->is_seen || (is_of_record(t->kind) && !v->result->has_records))
                        continue;
                if (is_old(v, t, PURGED_ALERTS) || (t->kind == COVERED_SEALED && is_old(v, t, PURGED_RECORDS)))
                        v->result->purged++;
                else
                        gone[n++] = t;
        }
        if (n > 0)
                qsort(gone, n, sizeof *gone, by_seq);
        for (size_t i = 0; i < n && r >= 0; i++)
                r = verify_found(v, "%s " STR_FMT " is gone: row %lld speaks of it", names[gone[i]->kind], STR_ARG(gone[i]->id),
                                 (long long)gone[i]->seq);
        return r;
}

/* Columns: id, state, merged_into. */
static int check_fate(struct verify *v, enum covered kind, sqlite3_stmt *q)
{
        struct str id = db_column(q, 0), state = db_column(q, 1);
        const struct fate *f = map_get(&v->fates, id);

        (void)kind;
        if (!f || f->seq == 0 || (str_eq(state, f->state) && str_eq(db_column(q, 2), f->merged_into)))
                return 0;
        return verify_found(v, "alert " STR_FMT " says that it is " STR_FMT "; row %lld says " STR_FMT, STR_ARG(id), STR_ARG(state),
                            (long long)f->seq, STR_ARG(f->state));
}

/* Columns: alert, answer. */
static int found_answer(struct verify *v, enum covered kind, sqlite3_stmt *q)
{
        (void)kind;
        return verify_found(v, "alert " STR_FMT " says that somebody answered " STR_FMT "; nobody did", STR_ARG(db_column(q, 0)),
                            STR_ARG(db_column(q, 1)));
}

int things_check(struct verify *v)
{
        int r = 0;

        v->result->has_records = db_has_table(v->query->db, "record") > 0;
        for (size_t i = 0; i < _COVERED_MAX && r >= 0; i++)
                if ((v->result->has_records || !is_of_record((enum covered)i)) && (i != COVERED_CASE || db_has_table(v->query->db, "case_entry") > 0))
                        r = each_row(v, rows_of[i], check_row, (enum covered)i);
        if (r >= 0)
                r = check_gone(v);
        if (r >= 0)
                r = each_row(v, "SELECT id, state, merged_into FROM alert ORDER BY raised_at, id", check_fate, COVERED_ALERT);
        if (r >= 0 && db_has_table(v->query->db, "alert_quiet") > 0) /* a copy has none */
                r = each_row(v,
                             "SELECT alert, answer FROM alert_quiet q WHERE answer <> '' AND NOT EXISTS (SELECT 1 FROM alert_answer a "
                             "WHERE a.alert = q.alert AND a.what = q.answer) ORDER BY alert",
                             found_answer, COVERED_ALERT);
        return r;
}
