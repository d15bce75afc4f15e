/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_MONITOR_WITNESS_H
#define SHOPBELL_MONITOR_WITNESS_H

/* The head of the history to the journal: whoever rewrites the store, and what lies beside it, would have to rewrite the journal as
 * well (which may be sealed, or go to another machine). Each hour in which there was something new, and at the end. */

#include "monitor/base/clock.h"
#include "monitor/base/messages.h"
#include "monitor/store/chain.h"

/* MESSAGE_ID of such an entry; its fields are SHOPBELL_STORE (path of the state folder), SHOPBELL_HISTORY_SEQ and
 * SHOPBELL_HISTORY_HASH. */
#define WITNESS_MESSAGE_ID MESSAGE_HISTORY_HEAD
#define WITNESS_EVERY USEC_PER_HOUR

struct witness {
        const char *state; /* the folder */
        bool has_journal; /* else nothing is told */
        int64_t told; /* row that was told last */
        usec at; /* when; USEC_NONE: not yet */
};

/* Tells the head when that is due; with `is_end` also before. Returns what is wrong: negative, once each time. */
int witness_tell(struct witness *w, struct store *store, usec now, bool is_end);
/* When it is due next; USEC_NONE: there is nothing to tell. */
usec witness_due(const struct witness *w, struct store *store);

#endif
