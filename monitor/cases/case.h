/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_CASES_CASE_H
#define SHOPBELL_CASES_CASE_H

/* A case is what was said of it, one entry behind the other; nothing is ever changed or taken out. What it is now is what its entries
 * come to, in their order. Entries are rows of the store (store/case.h), covered by the history. */

#include "monitor/cases/deadline.h"
#include "monitor/cases/field.h"
#include "monitor/store/case.h"

/* Kinds of entries. To add one: a row here, and its function in the table of case.c. `key`, `value`, as named.
 *    enum        name            key, value */
#define CASE_KINDS(X) \
        X(OPENED, "opened")       /* -, title */ \
        X(ALERT, "alert")         /* id, sentence */ \
        X(MARK, "mark")           /* event, or event/regime: when something was; value: microseconds and zone, "1789000000000000 Asia/Seoul"; empty: taken back */ \
        X(DONE, "done")           /* regime/duty; value as of a mark */ \
        X(SET, "set")             /* field, or field.part ("people.kr"); value, "" is taken back unless the status is unknown; `status` */ \
        X(REGIME, "regime")       /* regime; yes, no, or "" (taken back): whether a person says that it applies */ \
        X(NOTE, "note")           /* -, text */ \
        X(HOLD, "hold")           /* "FROM TO" in microseconds: what retention must leave alone; - */ \
        X(REACH, "reach")         /* what was looked at ("store", or a path); lines KEY VALUE: cases/reach.h */ \
        X(REVIEWED, "reviewed")   /* -, "": a person says that all of the range was looked at */ \
        X(DRAFTED, "drafted")     /* regime/audience/stage/language/channel, digest of the text */ \
        X(EXPORTED, "exported")   /* name of the file, digest of its manifest */ \
        X(CLOSED, "closed")       /* -, why */ \
        X(REOPENED, "reopened")   /* -, why */

enum case_kind {
#define X(id, name) CASE_##id,
        CASE_KINDS(X)
#undef X
                _CASE_KIND_MAX,
};
/* A moment as entries have it: "1789000000000000 Asia/Seoul". The zone may be missing: *ret_zone is empty then. 0 or -EBADMSG. */
int case_moment(struct str value, usec *ret, struct str *ret_zone);
const char *case_kind_name(enum case_kind kind);
enum case_kind case_kind_find(struct str name); /* _CASE_KIND_MAX: none */

/* One thing that is known of the case. */
struct case_value {
        const struct case_field *field;
        struct str part; /* "kr" of people.kr; or absent */
        struct str value; /* absent: it lies in a box */
        enum field_status status;
        const struct store_case_entry *entry; /* that says so: who, when, why, on what evidence */
};

/* A moment that counts now. */
struct case_mark {
        enum case_event event; /* _EVENT_MAX: a duty that is done */
        struct str regime, duty; /* absent: of all */
        usec at;
        struct str zone; /* in which it was told */
        const struct store_case_entry *entry;
};

struct case_decision {
        struct str regime;
        bool applies;
        const struct store_case_entry *entry;
};

struct casefile {
        int64_t id;
        struct str title; /* absent: it lies in a box */
        usec opened_at;
        usec closed_at; /* USEC_NONE: it is open */
        const struct store_case_entry *entries; /* all, the oldest first */
        size_t n_entries;
        struct case_mark *marks; /* those that count, by event */
        size_t n_marks;
        struct case_value *values; /* those that count, in the order of the field list, parts by name */
        size_t n_values;
        struct hash128 *alerts;
        size_t n_alerts;
        struct case_decision *decisions;
        size_t n_decisions;
        usec hold_from, hold_to; /* all holds together; USEC_NONE: none */
        usec reach_from, reach_to; /* what was looked at for who was reached, all together; USEC_NONE: nothing */
        bool is_reviewed; /* no reach entry came behind the last "reviewed" */
        size_t n_unread; /* entries that are not counted in: a value in a box that did not open, or of a later version */
        size_t n_sealed; /* entries with something in a box that did not open: of another secret, or nobody asked to reveal */
};

/* What these entries come to. A field whose value lies in a box that did not open has a value that is absent, and is there. Borrows
 * `entries`. 0 or -ENOMEM. */
int casefile_of(const struct store_case_entry *entries, size_t n, struct arena *arena, struct casefile *ret);
/* Reads it. `secret` NULL: what is sealed stays so. -ENOENT: no such case; -ENOMEM; of the store. */
int casefile_read(struct query *q, int64_t id, const struct secret *secret, struct arena *arena, struct casefile *ret);

bool casefile_is_open(const struct casefile *c);
/* The value of a field, NULL: nobody has said. `part` absent: the field itself. */
const struct case_value *casefile_value(const struct casefile *c, struct str field, struct str part);
const struct case_mark *casefile_mark(const struct casefile *c, enum case_event event, struct str regime); /* of the regime, else of all; or NULL */
/* What the clocks need. Beside the fields, `alerts` is how many it has. Decisions of people are kept out: see casefile_deadlines(). */
int casefile_clock(const struct casefile *c, struct arena *arena, struct deadline_case *ret);
/* deadlines_of() with what people decided: a regime that was said to apply does, one that was said not to does not. */
int casefile_deadlines(const struct casefile *c, const struct regimes *regimes, usec now, bool with_others, struct arena *arena,
                       struct deadline **ret, size_t *ret_n, struct err *reterr);

#endif
