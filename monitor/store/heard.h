/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_STORE_HEARD_H
#define SHOPBELL_STORE_HEARD_H

/* When each log source was heard (detect/rhythm.h), so that its silence is noticed across restarts. */

#include "monitor/store/query.h"
#include "monitor/store/store.h"

struct source_heard {
        struct str source;
        struct str rhythm; /* rhythm_pack() */
        usec told; /* the end of the last hour in which it was heard before the silence that an alert tells of; USEC_NONE: there is none */
};

/* Only inside begin … commit. 0, or what the store said. */
int store_put_heard(struct store *s, const struct source_heard *h);
/* Texts live until fn returns; a negative result of fn ends it. */
int store_each_heard(struct store *s, int (*fn)(void *userdata, const struct source_heard *h), void *userdata);
/* The same, for reading only; of an older store, nothing. */
int query_heard(struct query *q, int (*fn)(void *userdata, const struct source_heard *h), void *userdata);

#endif
