/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_STORE_EXPORTS_H
#define SHOPBELL_STORE_EXPORTS_H

/* Who took data out, from where, and how much: the records of class export that are kept as evidence of alerts of that class.
 * Alerts count whether or not they rang, unless they are merged or withdrawn. */

#include "monitor/store/query.h"

struct query_export {
        struct str who; /* the person, else mail address, name or id of the account; may be empty */
        struct str country; /* two letters; empty: not known */
        struct str source; /* one of the log sources, the last by name */
        uint64_t n_sources, records;
        uint64_t rows, files, bytes; /* as the records say; 0: none does */
        usec first, last;
};

/* The records of [since, until), those with the most first. Texts live until fn returns. */
int query_exports(struct query *q, usec since, usec until, int (*fn)(void *userdata, const struct query_export *e), void *userdata);

#endif
