/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_STORE_VERIFY_IMPL_H
#define SHOPBELL_STORE_VERIFY_IMPL_H

/* What verify.c (the rows) and verify_things.c (what they cover) share; private to these two. */

#include "monitor/base/arena.h"
#include "monitor/base/map.h"
#include "monitor/store/db.h"
#include "monitor/store/verify.h"

/* An alert that a record was of. */
struct link {
        struct link *next;
        struct str alert;
        int64_t seq; /* of the row that says so */
        bool is_cut; /* it was merged, and the other one had no room for the record */
};

/* The last that a row says of a row of another table. */
struct thing {
        enum covered kind;
        struct str id, alert; /* alert: that the row is about */
        int64_t seq; /* of the row that says so */
        usec at;
        struct digest digest;
        int64_t count; /* of "told" */
        bool is_seen;
        struct link *links; /* of a record */
};

/* What went with its age. */
enum purged { PURGED_RECORDS, PURGED_ALERTS, _PURGED_MAX };

/* What the rows say became of an alert. */
struct fate {
        int64_t seq; /* of the row that says so; 0: none does */
        struct str state, merged_into;
        int64_t last_seq; /* of the last row about it, or about one that was merged into it */
        usec last;
        int64_t old_at[_PURGED_MAX]; /* the last row by which it was old enough to go; 0: none */
};

struct verify {
        struct query *query;
        const struct verify_options *o;
        struct verify_result *result;
        struct arena *arena;
        struct map things; /* kind and id → struct thing */
        struct map fates; /* alert → struct fate */
        struct {
                int64_t seq; /* of the last row that says so; 0: none */
                usec before; /* alerts to which nothing happened since then */
        } purged[_PURGED_MAX];
};

int verify_found(struct verify *v, const char *fmt, ...) PRINTF_LIKE(2, 3);
int things_learn(struct verify *v, const struct chain_row *row); /* what a row covers, and says of its alert */
int things_check(struct verify *v); /* the tables, when all rows are known */

#endif
