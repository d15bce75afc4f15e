/* SPDX-License-Identifier: Apache-2.0 */

/* One row after the other. What is wrong with several in a line is said once: rows that were moved by a place, rows without a seal. */

#include "monitor/store/verify.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor/store/verify_impl.h"

enum { TRIES_MAX = 4000000, TRY_BYTES = 256 /* hashes of so many bytes that are made to find out where moved rows were: some seconds */ };

enum run_kind { RUN_MISSING, RUN_MOVED, RUN_UNSEALED, _RUN_MAX };
struct run {
        int64_t from, to; /* from 0: none under way */
        int64_t shift; /* RUN_MOVED: a row's own place less the one it stands at */
};

struct walk {
        struct verify *v;
        struct verify_head *heads; /* by row */
        size_t n_heads, next_head, wrong_heads;
        struct run runs[_RUN_MAX];
        struct digest before; /* hash of the row before, as it stands there */
        bool was_wrong; /* something was found at the row before */
        bool is_wrong;
        int64_t max; /* seq of the last row */
        unsigned tries;
        int64_t shift; /* that fitted last */
};

int verify_found(struct verify *v, const char *fmt, ...)
{
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        va_list ap;

        if (++v->result->found > VERIFY_FOUND_MAX || !v->o->found)
                return 0;
        va_start(ap, fmt);
        strbuf_vaddf(&text, fmt, ap);
        va_end(ap);
        return strbuf_failed(&text) ? -ENOMEM : v->o->found(v->o->userdata, strbuf_str(&text));
}

/* ---- Runs ---- */

static int end_run(struct walk *w, enum run_kind kind)
{
        struct run *run = &w->runs[kind];
        char rows[64];
        bool is_one = run->from == run->to;
        long long from = run->from, to = run->to, shift = run->shift, n = llabs(shift);

        if (run->from == 0)
                return 0;
        *run = (struct run){ 0 };
        snprintf(rows, sizeof rows, is_one ? "row %lld" : "rows %lld to %lld", from, to);
        switch (kind) {
        case RUN_MISSING: return verify_found(w->v, "%s %s missing: deleted", rows, is_one ? "is" : "are");
        case RUN_UNSEALED:
                return verify_found(w->v, "%s %s no seal of this store's key: put in, or written anew, by somebody else", rows,
                                    is_one ? "bears" : "bear");
        case RUN_MOVED:
        default:
                if (is_one)
                        return verify_found(w->v, "%s stands at the wrong place: it is row %lld", rows, from + shift);
                return verify_found(w->v, "%s stand at the wrong place: they are rows %lld to %lld; before them %lld %s %s", rows, from + shift,
                                    to + shift, n, n == 1 ? "row was" : "rows were", shift > 0 ? "taken out" : "put in");
        }
}

static int add_to_run(struct walk *w, enum run_kind kind, int64_t from, int64_t to, int64_t shift)
{
        struct run *run = &w->runs[kind];
        int r = 0;

        if (run->from != 0 && (run->to + 1 != from || run->shift != shift))
                r = end_run(w, kind);
        if (run->from == 0)
                *run = (struct run){ .from = from, .shift = shift };
        run->to = to;
        return r;
}

/* Runs that end before `row`, so that findings come in order. */
static int end_runs_before(struct walk *w, int64_t row)
{
        int r = 0;

        for (size_t i = 0; i < _RUN_MAX && r >= 0; i++)
                if (w->runs[i].to + 1 < row)
                        r = end_run(w, (enum run_kind)i);
        return r;
}

/* ---- One row ---- */

static struct str row_name(const struct chain_row *row, char ret[128])
{
        char at[TIME_ISO_BYTES];

        time_format_iso(row->at - row->at % USEC_PER_SEC, at);
        snprintf(ret, 128, "row %lld (" STR_FMT ", %s%s%.8s)", (long long)row->seq, STR_ARG(str_from(row->what.p, size_min(row->what.n, 20))), at,
                 row->alert.n >= 8 ? ", alert " : "", row->alert.n >= 8 ? row->alert.p : "");
        return str_of(ret);
}

static bool fits_at(const struct chain_row *row, const struct digest *hash, int64_t seq)
{
        struct chain_row other = *row;
        struct digest d;

        other.seq = seq;
        return seq > 0 && chain_hash(&other, &d) >= 0 && digest_eq(&d, hash);
}

/* Where the row would be right, or 0: nowhere. */
static int64_t find_place(struct walk *w, const struct chain_row *row, const struct digest *hash)
{
        unsigned cost = 2 * (1 + (unsigned)((row->text.n + row->covers.n) / TRY_BYTES));

        if (w->shift != 0 && fits_at(row, hash, row->seq + w->shift))
                return row->seq + w->shift;
        for (int64_t d = 1; d < w->max + 1000 && w->tries < TRIES_MAX; d++, w->tries += cost)
                for (int sign = -1; sign <= 1; sign += 2)
                        if (fits_at(row, hash, row->seq + sign * d)) {
                                w->shift = sign * d;
                                return row->seq + sign * d;
                        }
        return 0;
}

static int check_hash(struct walk *w, const struct chain_row *row, const struct digest *hash)
{
        struct digest d;
        char name[128];
        int64_t place;
        int r = chain_hash(row, &d);

        if (r < 0 || digest_eq(&d, hash))
                return r;
        w->is_wrong = true;
        place = find_place(w, row, hash);
        if (place > 0)
                return add_to_run(w, RUN_MOVED, row->seq, row->seq, place - row->seq);
        return verify_found(w->v, STR_FMT " was edited: its hash is not that of what it says", STR_ARG(row_name(row, name)));
}

/* A row that is missing explains why the next one follows another; so does one that is wrong itself. */
static int check_link(struct walk *w, const struct chain_row *row, bool has_gap)
{
        char name[128];

        if (has_gap || w->is_wrong || w->was_wrong || digest_eq(&row->previous, &w->before))
                return 0;
        if (row->seq > 1 && row->seq == w->v->query->first_row) /* what it follows is not in this copy */
                return 0;
        w->is_wrong = true;
        return verify_found(w->v, STR_FMT " does not follow row %lld as that is now: that one was replaced, or rows were put in or taken out before it",
                            STR_ARG(row_name(row, name)), (long long)row->seq - 1);
}

static int check_seal(struct walk *w, const struct chain_row *row, const struct digest *hash, struct str seal)
{
        struct digest d, is = { { 0 } };

        if (!w->v->o->key)
                return 0;
        w->v->result->sealed++;
        chain_seal(w->v->o->key, hash, &d);
        if (digest_parse(seal, &is) >= 0 && digest_eq(&d, &is))
                return 0;
        return add_to_run(w, RUN_UNSEALED, row->seq, row->seq, 0);
}

static int check_heads(struct walk *w, const struct chain_row *row, const struct digest *hash)
{
        for (; w->next_head < w->n_heads && w->heads[w->next_head].head.seq <= row->seq; w->next_head++) {
                const struct verify_head *h = &w->heads[w->next_head];
                char at[TIME_ISO_BYTES];
                int r;

                if (h->head.seq != row->seq || digest_eq(&h->head.hash, hash))
                        continue;
                w->is_wrong = true;
                if (w->wrong_heads++ > 0)
                        continue;
                time_format_iso(h->head.at, at);
                r = verify_found(w->v, "row %lld is not the one that was the head at %s, says %s: the history up to it was written anew",
                                 (long long)row->seq, *at ? at : "some time", h->from);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int check_place(struct walk *w, int64_t seq, bool *ret_has_gap)
{
        int64_t expected = w->v->result->rows == 0 && w->v->query->first_row > 0 ? w->v->query->first_row : w->v->result->head.seq + 1;

        *ret_has_gap = seq != expected;
        if (seq < expected) /* less than 1: numbers are in order */
                return verify_found(w->v, "row %lld stands before the first: put in", (long long)seq);
        return seq > expected ? add_to_run(w, RUN_MISSING, expected, seq - 1, 0) : 0;
}

static int take_row(struct walk *w, const struct chain_row *row, struct str hash_text, struct str seal, bool is_withheld)
{
        struct verify_result *result = w->v->result;
        struct digest hash;
        bool has_gap = false;
        char name[128];
        int r = end_runs_before(w, row->seq);

        w->is_wrong = false;
        if (r >= 0)
                r = check_place(w, row->seq, &has_gap);
        if (r >= 0 && digest_parse(hash_text, &hash) < 0) {
                hash = (struct digest){ { 0 } };
                w->is_wrong = true;
                r = verify_found(w->v, STR_FMT " has no hash: put in or edited", STR_ARG(row_name(row, name)));
        } else if (r >= 0) {
                r = is_withheld ? 0 : check_hash(w, row, &hash);
                if (r >= 0)
                        r = check_link(w, row, has_gap);
                if (r >= 0)
                        r = check_seal(w, row, &hash, seal);
                if (r >= 0)
                        r = check_heads(w, row, &hash);
        }
        if (r >= 0 && !is_withheld)
                r = things_learn(w->v, row);
        result->rows++;
        result->withheld += is_withheld;
        if (!is_withheld) {
                result->first = result->first == USEC_NONE ? row->at : result->first;
                result->last = row->at;
        }
        result->head = (struct chain_head){ .seq = row->seq > 0 ? row->seq : 0, .hash = hash, .at = row->at };
        w->before = hash;
        w->was_wrong = w->is_wrong;
        return r;
}

/* ---- All rows ---- */

static int walk_rows(struct walk *w)
{
        sqlite3_stmt *q = NULL;
        int code = SQLITE_DONE;
        int r = db_errno(sqlite3_prepare_v2(w->v->query->db,
                                            "SELECT seq, at, alert, what, text, covers, previous, hash, seal FROM alert_history ORDER BY seq", -1,
                                            &q, NULL));

        if (r < 0)
                return sqlite3_errcode(w->v->query->db) == SQLITE_ERROR ? -EPROTONOSUPPORT : r;
        while (r >= 0 && (code = sqlite3_step(q)) == SQLITE_ROW) {
                struct chain_row row = {
                        .seq = sqlite3_column_int64(q, 0),
                        .at = sqlite3_column_int64(q, 1),
                        .alert = db_column(q, 2),
                        .what = db_column(q, 3),
                        .text = db_column(q, 4),
                        .covers = db_column(q, 5),
                };

                digest_parse(db_column(q, 6), &row.previous);
                r = take_row(w, &row, db_column(q, 7), db_column(q, 8), sqlite3_column_type(q, 3) == SQLITE_NULL);
        }
        if (r >= 0)
                r = db_errno(code);
        sqlite3_finalize(q);
        return r;
}

static int check_tail(struct walk *w)
{
        const struct verify_head *last = w->n_heads > 0 ? &w->heads[w->n_heads - 1] : NULL;
        long long end = w->v->result->head.seq;
        char at[TIME_ISO_BYTES];

        if (w->wrong_heads > 1) {
                int r = verify_found(w->v, "so it is with %zu more heads", w->wrong_heads - 1);

                if (r < 0)
                        return r;
        }
        if (!last || last->head.seq <= end)
                return 0;
        time_format_iso(last->head.at, at);
        return verify_found(w->v, "the end is cut off: rows %lld to %lld are missing; the last of them was there at %s, says %s", end + 1,
                            (long long)last->head.seq, *at ? at : "some time", last->from);
}

static int by_row(const void *a, const void *b)
{
        const struct verify_head *x = a, *y = b;

        return x->head.seq < y->head.seq ? -1 : x->head.seq > y->head.seq;
}

static int read_max(struct walk *w)
{
        sqlite3_stmt *q = NULL;
        int r = db_errno(sqlite3_prepare_v2(w->v->query->db, "SELECT ifnull(max(seq), 0) FROM alert_history", -1, &q, NULL));

        if (r >= 0)
                r = db_errno(sqlite3_step(q));
        if (r >= 0)
                w->max = sqlite3_column_int64(q, 0);
        sqlite3_finalize(q);
        return r;
}

static int walk(struct verify *v)
{
        CLEANUP(memory_freep) struct verify_head *heads = calloc(v->o->n_heads + 1, sizeof *heads);
        struct walk w = { .v = v, .heads = heads, .n_heads = v->o->n_heads };
        int r = heads ? read_max(&w) : -ENOMEM;

        if (r >= 0) {
                memcpy(heads, v->o->heads ? v->o->heads : heads, w.n_heads * sizeof *heads);
                qsort(heads, w.n_heads, sizeof *heads, by_row);
                r = walk_rows(&w);
        }
        for (size_t i = 0; i < _RUN_MAX && r >= 0; i++)
                r = end_run(&w, (enum run_kind)i);
        return r < 0 ? r : check_tail(&w);
}

int query_verify(struct query *q, const struct verify_options *o, struct verify_result *ret)
{
        struct verify v = { .query = q, .o = o, .result = ret, .arena = arena_new(), .things = MAP_INIT, .fates = MAP_INIT };
        int r = v.arena ? query_begin(q) : -ENOMEM;

        *ret = (struct verify_result){ .first = USEC_NONE, .last = USEC_NONE };
        if (r >= 0) {
                r = walk(&v);
                if (r >= 0)
                        r = things_check(&v);
                query_end(q);
        }
        map_done(&v.things);
        map_done(&v.fates);
        arena_free(v.arena);
        return r;
}
