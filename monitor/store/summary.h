/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_STORE_SUMMARY_H
#define SHOPBELL_STORE_SUMMARY_H

/* All alerts in few columns, for counting and choosing among however many there are; what is told of one is fetched by its id.
 * Alerts that are merged or withdrawn are none. */

#include "monitor/store/query.h"

struct query_summary {
        struct hash128 id;
        enum level level; /* as it counts: told by the rule, or raised by an answer */
        usec first, last;
        uint64_t count;
        bool rang; /* else: */
        bool is_muted; /* another one tells of it; else it fits a silence */
        struct str answer; /* acknowledged, me, not-me, closed, or empty */
        bool is_export; /* of class export */
};

/* The first and the last time of any; USEC_NONE: there is none. */
int query_summary_span(struct query *q, usec *ret_first, usec *ret_last);
/* By first, then id. Texts live until fn returns. */
int query_summaries(struct query *q, int (*fn)(void *userdata, const struct query_summary *s), void *userdata);

struct query_text {
        struct str sentence, why, playbook, source;
};
/* Texts live until fn returns. -ENOENT: there is no such alert. */
int query_text(struct query *q, const struct hash128 *id, int (*fn)(void *userdata, const struct query_text *t), void *userdata);

#endif
