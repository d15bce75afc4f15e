/* SPDX-License-Identifier: Apache-2.0 */

/* What the entries of a case come to: one function a kind, called with each entry in its order. */

#include "monitor/cases/case.h"

#include <errno.h>
#include <stdlib.h>

static const char *const kind_names[_CASE_KIND_MAX] = {
#define X(id, name) name,
        CASE_KINDS(X)
#undef X
};

const char *case_kind_name(enum case_kind kind)
{
        return kind_names[kind];
}

enum case_kind case_kind_find(struct str name)
{
        for (int i = 0; i < _CASE_KIND_MAX; i++)
                if (str_eqz(name, kind_names[i]))
                        return (enum case_kind)i;
        return _CASE_KIND_MAX;
}

int case_moment(struct str value, usec *ret, struct str *ret_zone)
{
        struct str rest = value, digits = STR("");
        int64_t at;

        str_cut(&rest, ' ', &digits);
        if (str_to_i64(digits, &at) < 0 || at == USEC_NONE)
                return -EBADMSG;
        *ret = at;
        *ret_zone = rest.p ? str_trim(rest) : STR("");
        return 0;
}

/* ---- One entry after the other ---- */

/* What is taken back stays as a row whose entry is NULL until the end. */
typedef int fold(struct casefile *c, const struct store_case_entry *e);

static struct str value_of(const struct store_case_entry *e)
{
        return e->is_value_sealed ? STR_NONE : e->value;
}

static int fold_opened(struct casefile *c, const struct store_case_entry *e)
{
        c->title = value_of(e);
        c->opened_at = e->at;
        return 0;
}

static int fold_alert(struct casefile *c, const struct store_case_entry *e)
{
        struct hash128 id;

        if (hash128_parse(e->key, &id) < 0)
                return -EBADMSG;
        for (size_t i = 0; i < c->n_alerts; i++)
                if (hash128_eq(&c->alerts[i], &id))
                        return 0;
        c->alerts[c->n_alerts++] = id;
        return 0;
}

static int put_mark(struct casefile *c, const struct case_mark *is)
{
        struct case_mark *m = NULL;
        struct str zone;
        usec at = USEC_NONE;

        if (is->entry->is_value_sealed || (is->entry->value.n > 0 && case_moment(is->entry->value, &at, &zone) < 0))
                return -EBADMSG;
        for (size_t i = 0; i < c->n_marks && !m; i++)
                if (c->marks[i].event == is->event && str_eq(c->marks[i].regime, is->regime) && str_eq(c->marks[i].duty, is->duty))
                        m = &c->marks[i];
        if (!m)
                m = &c->marks[c->n_marks++];
        *m = *is;
        if (at == USEC_NONE) {
                m->entry = NULL;
                return 0;
        }
        m->at = at;
        m->zone = zone;
        return 0;
}

static int fold_mark(struct casefile *c, const struct store_case_entry *e)
{
        struct str rest = e->key, event;
        struct case_mark m = { .entry = e };

        str_cut(&rest, '/', &event);
        m.event = case_event_find(event);
        m.regime = rest;
        return m.event == _EVENT_MAX ? -EBADMSG : put_mark(c, &m);
}

static int fold_done(struct casefile *c, const struct store_case_entry *e)
{
        struct case_mark m = { .event = _EVENT_MAX, .entry = e };
        struct str rest = e->key;

        str_cut(&rest, '/', &m.regime);
        m.duty = rest;
        return m.regime.n == 0 || m.duty.n == 0 ? -EBADMSG : put_mark(c, &m);
}

static int fold_set(struct casefile *c, const struct store_case_entry *e)
{
        struct case_value is = { .entry = e, .value = value_of(e), .status = field_status_find(e->status) }, *v = NULL;
        struct str part;

        if (case_field_split(e->key, &is.field, &part, NULL) < 0)
                return -EBADMSG;
        is.part = part;
        if (is.status == _FIELD_STATUS_MAX)
                is.status = FIELD_ESTIMATED;
        for (size_t i = 0; i < c->n_values && !v; i++)
                if (c->values[i].field == is.field && str_eq(c->values[i].part, is.part))
                        v = &c->values[i];
        if (!v)
                v = &c->values[c->n_values++];
        if (!e->is_value_sealed && e->value.n == 0 && is.status != FIELD_UNKNOWN)
                is.entry = NULL;
        *v = is;
        return 0;
}

static int fold_regime(struct casefile *c, const struct store_case_entry *e)
{
        struct case_decision *d = NULL;
        bool is_yes = str_eqz(e->value, "yes");

        if (e->key.n == 0 || e->is_value_sealed || (!is_yes && !str_eqz(e->value, "no") && e->value.n > 0))
                return -EBADMSG;
        for (size_t i = 0; i < c->n_decisions && !d; i++)
                if (str_eq(c->decisions[i].regime, e->key))
                        d = &c->decisions[i];
        if (!d)
                d = &c->decisions[c->n_decisions++];
        *d = (struct case_decision){ .regime = e->key, .applies = is_yes, .entry = e->value.n > 0 ? e : NULL };
        return 0;
}

static void widen(usec from, usec to, usec *ret_from, usec *ret_to)
{
        if (*ret_from == USEC_NONE || from < *ret_from)
                *ret_from = from;
        if (*ret_to == USEC_NONE || to > *ret_to)
                *ret_to = to;
}

static int fold_hold(struct casefile *c, const struct store_case_entry *e)
{
        struct str rest = e->key, first = STR("");
        int64_t from, to;

        str_cut(&rest, ' ', &first);
        if (str_to_i64(first, &from) < 0 || !rest.p || str_to_i64(rest, &to) < 0)
                return -EBADMSG;
        widen(from, to, &c->hold_from, &c->hold_to);
        return 0;
}

/* "FROM TO", each a moment or "-". */
static void read_ends(struct str text, usec ends[2])
{
        struct str rest = text, one;
        int64_t t;

        for (int i = 0; i < 2 && str_cut(&rest, ' ', &one); i++)
                if (str_to_i64(one, &t) >= 0)
                        ends[i] = t;
}

/* The range that was asked for; where that has no end, that of the records that were seen. A list of customers has neither. */
static int fold_reach(struct casefile *c, const struct store_case_entry *e)
{
        usec range[2] = { USEC_NONE, USEC_NONE }, seen[2] = { USEC_NONE, USEC_NONE };
        struct str rest = e->is_value_sealed ? STR_NONE : e->value, line, word;

        while (rest.n > 0 && str_cut(&rest, '\n', &line)) {
                str_cut(&line, ' ', &word);
                if (str_eqz(word, "range"))
                        read_ends(line, range);
                else if (str_eqz(word, "seen"))
                        read_ends(line, seen);
        }
        for (int i = 0; i < 2; i++)
                range[i] = range[i] != USEC_NONE ? range[i] : seen[i];
        if (range[0] != USEC_NONE && range[1] != USEC_NONE && range[0] <= range[1])
                widen(range[0], range[1], &c->reach_from, &c->reach_to);
        c->is_reviewed = false;
        return 0;
}

static int fold_reviewed(struct casefile *c, const struct store_case_entry *e)
{
        (void)e;
        c->is_reviewed = true;
        return 0;
}

static int fold_closed(struct casefile *c, const struct store_case_entry *e)
{
        c->closed_at = e->at;
        return 0;
}

static int fold_reopened(struct casefile *c, const struct store_case_entry *e)
{
        (void)e;
        c->closed_at = USEC_NONE;
        return 0;
}

/* Entries that are read as they are, and change nothing here. */
static int fold_nothing(struct casefile *c, const struct store_case_entry *e)
{
        (void)c;
        (void)e;
        return 0;
}

static fold *const folds[_CASE_KIND_MAX] = {
        [CASE_OPENED] = fold_opened,     [CASE_ALERT] = fold_alert,       [CASE_MARK] = fold_mark,         [CASE_DONE] = fold_done,
        [CASE_SET] = fold_set,           [CASE_REGIME] = fold_regime,     [CASE_NOTE] = fold_nothing,      [CASE_HOLD] = fold_hold,
        [CASE_REACH] = fold_reach,       [CASE_REVIEWED] = fold_reviewed, [CASE_DRAFTED] = fold_nothing,   [CASE_EXPORTED] = fold_nothing,
        [CASE_CLOSED] = fold_closed,     [CASE_REOPENED] = fold_reopened,
};

/* ---- What is left ---- */

static int by_event(const void *a, const void *b)
{
        const struct case_mark *x = a, *y = b;
        int r = x->event != y->event ? (int)x->event - (int)y->event : str_cmp(x->regime, y->regime);

        return r != 0 ? r : str_cmp(x->duty, y->duty);
}

static int by_field(const void *a, const void *b)
{
        const struct case_value *x = a, *y = b;

        return x->field != y->field ? (x->field < y->field ? -1 : 1) : str_cmp(x->part, y->part);
}

/* Takes out what was taken back. */
#define LEAVE_STANDING(list, n_list)                                     \
        do {                                                             \
                size_t n_ = 0;                                           \
                for (size_t i_ = 0; i_ < (n_list); i_++)                 \
                        if ((list)[i_].entry)                            \
                                (list)[n_++] = (list)[i_];               \
                (n_list) = n_;                                           \
        } while (0)

int casefile_of(const struct store_case_entry *entries, size_t n, struct arena *arena, struct casefile *ret)
{
        struct casefile c = {
                .id = n > 0 ? entries[0].case_id : 0,
                .title = STR(""),
                .opened_at = n > 0 ? entries[0].at : USEC_NONE,
                .closed_at = USEC_NONE,
                .entries = entries,
                .n_entries = n,
                .marks = arena_array(arena, n, sizeof *c.marks),
                .values = arena_array(arena, n, sizeof *c.values),
                .alerts = arena_array(arena, n, sizeof *c.alerts),
                .decisions = arena_array(arena, n, sizeof *c.decisions),
                .hold_from = USEC_NONE,
                .hold_to = USEC_NONE,
                .reach_from = USEC_NONE,
                .reach_to = USEC_NONE,
        };

        if (!c.marks || !c.values || !c.alerts || !c.decisions)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++) {
                enum case_kind kind = case_kind_find(entries[i].kind);

                c.n_sealed += entries[i].is_sealed;
                if (kind == _CASE_KIND_MAX || folds[kind](&c, &entries[i]) < 0 || entries[i].is_value_sealed)
                        c.n_unread++;
        }
        LEAVE_STANDING(c.marks, c.n_marks);
        LEAVE_STANDING(c.values, c.n_values);
        LEAVE_STANDING(c.decisions, c.n_decisions);
        if (c.n_marks > 1)
                qsort(c.marks, c.n_marks, sizeof *c.marks, by_event);
        if (c.n_values > 1)
                qsort(c.values, c.n_values, sizeof *c.values, by_field);
        *ret = c;
        return 0;
}

int casefile_read(struct query *q, int64_t id, const struct secret *secret, struct arena *arena, struct casefile *ret)
{
        struct store_case_entry *entries;
        size_t n;
        int r = query_case_entries(q, id, secret, arena, &entries, &n);

        return r < 0 ? r : casefile_of(entries, n, arena, ret);
}

bool casefile_is_open(const struct casefile *c)
{
        return c->closed_at == USEC_NONE;
}

const struct case_value *casefile_value(const struct casefile *c, struct str field, struct str part)
{
        for (size_t i = 0; i < c->n_values; i++)
                if (str_eqz(field, c->values[i].field->name) && str_eq(c->values[i].part, part))
                        return &c->values[i];
        return NULL;
}

const struct case_mark *casefile_mark(const struct casefile *c, enum case_event event, struct str regime)
{
        const struct case_mark *of_all = NULL;

        for (size_t i = 0; i < c->n_marks; i++) {
                const struct case_mark *m = &c->marks[i];

                if (m->event != event)
                        continue;
                if (m->regime.n == 0)
                        of_all = m;
                else if (str_eq(m->regime, regime))
                        return m;
        }
        return of_all;
}
