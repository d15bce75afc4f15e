/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_MONITOR_PENDING_H
#define SHOPBELL_MONITOR_PENDING_H

/* Changes of alerts on their way to the store. An alert that grows with every record of a batch is written once: of its
 * changes the last one says all (model/alert.h), only the evidence adds up. An alert's birth, and a merge, go to the store at
 * once. Everything pending belongs to the open transaction: it is flushed before the commit and dropped by a rollback. */

#include "monitor/store/store.h"

enum {
        PENDING_ALERTS_MAX = 4096, /* then all are flushed */
        PENDING_BYTES_MAX = 8 * 1024 * 1024, /* of texts that are kept; the same */
};

struct pending;
struct pending *pending_new(void); /* NULL: out of memory */
struct pending *pending_free(struct pending *p);
DEFINE_FREEP(struct pending, pending)

/* Takes a change made at `now`. Its classes, rule's texts and playbook are borrowed until the flush, the rest is copied.
 * 0, -ENOMEM, or what the store said. */
int pending_put(struct pending *p, struct store *store, const struct alert_change *change, usec now);
int pending_flush(struct pending *p, struct store *store); /* in the order in which the alerts began to wait */
void pending_drop(struct pending *p);

#endif
