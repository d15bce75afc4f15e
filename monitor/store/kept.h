/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_STORE_KEPT_H
#define SHOPBELL_STORE_KEPT_H

/* What a store does not hold any more, or never did: for whoever counts in it. */

#include "monitor/store/query.h"

struct query_kept {
        uint64_t records; /* kept, with or without what is in them */
        uint64_t emptied; /* of these without: they went with their age */
        usec first; /* event time of the first record that is not empty; USEC_NONE: there is none */
        usec records_before; /* the last time that records went with their age: those of alerts to which nothing happened since then; USEC_NONE: never */
        usec alerts_before; /* the same of alerts */
        uint64_t rejects; /* raws that could not be read, and are kept */
        uint64_t rejects_all; /* that ever were */
};

/* A store of an older version has what it has. 0 or negative. */
int query_kept(struct query *q, struct query_kept *ret);

#endif
