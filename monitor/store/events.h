/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_STORE_EVENTS_H
#define SHOPBELL_STORE_EVENTS_H

/* The history as those follow it who tell people: what rang, and what nobody has to be told of any more. */

#include "monitor/store/query.h"

struct event {
        int64_t seq; /* grows with each row of the history; a place to go on from */
        usec at;
        struct str what; /* rang, answered, merged, withdrawn */
        struct hash128 alert;
        enum level level; /* the rest is the alert as it is now */
        uint64_t count;
        struct str sentence, person, source;
        struct str answer; /* "", acknowledged, me, not-me, closed */
        bool is_open; /* neither merged nor withdrawn */
};

/* Those behind `after`, oldest first, at most `limit`. Texts live until fn returns; a negative result of fn ends it. */
int query_events(struct query *q, int64_t after, size_t limit, int (*fn)(void *userdata, const struct event *e), void *userdata);
/* The newest row of the history, of whatever kind; 0: there is none. */
int query_newest(struct query *q, int64_t *ret);

#endif
