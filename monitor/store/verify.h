/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_STORE_VERIFY_H
#define SHOPBELL_STORE_VERIFY_H

/* Walks the chain of the history (store/chain.h), and holds against it what its rows cover, the heads that were kept elsewhere, and
 * what follows from it: no alert is merged, withdrawn or closed without a row that says so.
 *
 * What it finds is said by row. Without the secret everything is checked but the seals: whoever has no secret either could have made
 * all hashes anew; heads kept elsewhere would still give that away. */

#include "monitor/store/chain.h"
#include "monitor/store/query.h"

enum { VERIFY_FOUND_MAX = 100 /* findings that are told; the others are counted */ };

/* What the head was at some time, says somebody. */
struct verify_head {
        struct chain_head head;
        const char *from; /* "the file of heads", "the journal" */
};

struct verify_options {
        const struct secret *key; /* NULL: seals are not checked */
        const struct verify_head *heads;
        size_t n_heads;
        int (*found)(void *userdata, struct str text); /* one finding, oldest row first; not yet made safe for a terminal */
        void *userdata;
};

struct verify_result {
        uint64_t rows, withheld; /* of the history; of them without their content, in a copy */
        usec first, last; /* USEC_NONE: there are none */
        struct chain_head head;
        uint64_t sealed; /* rows whose seal was checked */
        uint64_t things[_COVERED_MAX]; /* held against what a row says of them */
        uint64_t grown, purged; /* not held: an alert that has grown since; what went with its age */
        bool has_records; /* copies may come without */
        uint64_t found;
};

/* Everything is read as it is at one moment. 0, also when something was found; negative: -ENOMEM, -EPROTONOSUPPORT (of a version
 * without a chain), or the store's. */
int query_verify(struct query *q, const struct verify_options *o, struct verify_result *ret);

#endif
