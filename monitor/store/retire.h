/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_STORE_RETIRE_H
#define SHOPBELL_STORE_RETIRE_H

/* What goes with its age. An alert's age counts from the last row of its history, or of that of an alert merged into it.
 *
 *   records   what was read of the records of old alerts, and their bytes; that they were there stays. The fields of those of an
 *             alert that somebody answered with "me" stay while the alert does: the same does not ring again for them.
 *   alerts    alerts, with all that refers to them. Their history stays.
 *
 * Of an alert that was answered with "not-me", and is not closed, nothing goes, also when it was merged: then of the other one neither.
 *
 * A case that is open holds what its HOLD entries say (cases/case.h): alerts of that time and their records, and those that are its own,
 * stay whole, whatever their age, until it is closed; so do raws that could not be read (of before the hold was put), and records that wait
 * to become evidence, as far as there is room for these.
 *
 * The history has a row that says how much went, and of before when: store/verify.h takes nothing else for gone with its age. */

#include "monitor/store/store.h"

struct retention {
        usec records, alerts; /* 0: kept for ever */
};

enum { RETIRE_STEP = 2000 }; /* so many of each in one transaction */

struct retired {
        uint64_t records, alerts;
        bool has_more; /* there may be: once again, in another transaction */
};

/* Inside begin … commit. What goes is overwritten in the file. */
int store_retire(struct store *s, const struct retention *keep, usec now, struct retired *ret);
/* Behind the last commit: nothing of it stays in the log beside the store either, as far as nobody reads there. */
int store_retired(struct store *s);

#endif
