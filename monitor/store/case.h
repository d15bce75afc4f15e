/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_STORE_CASE_H
#define SHOPBELL_STORE_CASE_H

/* Cases in the store: entries, only ever added, each covered by a row of the history. What they come to is worked out in
 * cases/case.h. */

#include "monitor/base/arena.h"
#include "monitor/base/digest.h"
#include "monitor/store/quiet.h"

enum {
        READINESS_CASE = 0, /* no case: what was answered of the shop's readiness, entries of kind READINESS_KIND, check and answer as key, value */
        CASES_OPEN_MAX = 100,
        CASE_ENTRIES_MAX = 10000, /* of one case */
        CASE_KEY_MAX = 200, /* bytes, as all that follow */
        CASE_VALUE_MAX = 8000,
        CASE_TEXT_MAX = 2000, /* because, by, evidence */
};

#define READINESS_KIND "readiness"

struct store_case_entry {
        int64_t seq; /* of all entries of all cases; set by the store */
        int64_t case_id; /* from 1; 0: of no case, which is not opened and not listed (readiness) */
        usec at; /* when it was said */
        struct str kind, key, value; /* cases/case.h: CASE_KINDS */
        struct str status; /* confirmed, estimated, unknown; of kind "set" */
        struct str evidence; /* id of an alert, a record, a file; or empty */
        struct str because, by; /* why, and the person who says so; each may be empty */
        struct who who; /* as the kernel says */
        bool is_sealed; /* evidence, because and by lie in a box that was not opened, and are empty */
        bool is_value_sealed; /* and so does the value */
};

/* What goes into a box that the secret of the store opens. Clocks are read without it: what they need stays outside, cases/order.c. */
enum case_seal {
        CASE_CLEAR, /* nothing */
        CASE_SEAL_ALL, /* value, evidence, because, by */
        CASE_SEAL_SAID, /* evidence, because, by */
};

/* Inside begin … commit. Begins a case with an entry "opened"; its id in e->case_id, and `seq` as with the other. -EDQUOT: CASES_OPEN_MAX are
 * open; as the other one. */
int store_case_open(struct store *s, struct store_case_entry *e, enum case_seal seal);
/* READINESS_CASE is always there. -ENOENT: no such case; -EDQUOT: CASE_ENTRIES_MAX; -E2BIG: a text is longer than above; -ENOKEY: to be sealed, and the store has no secret. */
int store_case_put(struct store *s, struct store_case_entry *e, enum case_seal seal);
/* Whether the record that was kept last, or the case that was opened last, is kept under pseudonyms: 1, 0, negative. */
int store_keeps_boxes(struct store *s);
/* The number of the newest entry of all cases; 0: there is none. */
int store_case_last(struct store *s, int64_t *ret);
/* The open case that an alert is of: its id; 0: none; negative. */
int store_case_of(struct store *s, const struct hash128 *alert, int64_t *ret);
/* Ids of cases, the newest first. */
int query_each_case(struct query *q, bool with_closed, int (*fn)(void *userdata, int64_t id), void *userdata);
/* Entries of a case, the oldest first, copied into the arena. `secret` NULL: boxes stay closed, as those of another secret do. -ENOENT: no
 * such case, or the store is of an older version; -E2BIG: more than CASE_ENTRIES_MAX, which no order made. */
int store_case_entries(struct store *s, int64_t id, struct arena *arena, struct store_case_entry **ret, size_t *ret_n); /* with its own secret */
int query_case_entries(struct query *q, int64_t id, const struct secret *secret, struct arena *arena, struct store_case_entry **ret, size_t *ret_n);

#endif
