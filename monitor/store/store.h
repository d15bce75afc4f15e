/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_STORE_STORE_H
#define SHOPBELL_STORE_STORE_H

/* What must survive: alerts with their evidence and history, positions of the inputs, window state, rejects, counters. One
 * batch is one transaction: positions move only together with the alerts and the state they paid for. After kill -9 at
 * any instant the store holds the last committed batch, whole. A store belongs to one thread at a time.
 *
 * SQLite in WAL mode, STRICT tables; monitor/store/schema.sql is the schema and its documentation. Foreign codes stop here:
 * -EROFS read-only disk, -EBUSY locked by another writer, -EPROTONOSUPPORT made by a newer version, -EUCLEAN corrupted,
 * -ENOSPC, -EACCES, -EIO; store_error() gives a sentence that says what to do. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "monitor/base/clock.h"
#include "monitor/base/err.h"
#include "monitor/base/hash.h"
#include "monitor/base/str.h"
#include "monitor/model/alert.h"
#include "monitor/model/counter.h"

#define STORE_SCHEMA 12 /* what schema.sql is; a number, for SQL */

enum {
        STORE_SCHEMA_VERSION = STORE_SCHEMA,
        STORE_REJECTS_MAX = 10000, /* rejected raws kept, newest; older ones are counted and dropped */
        STORE_REJECT_BYTES_MAX = 4096, /* of each */
};

struct store;

/* `path` of the database file, or ":memory:". Creates it (mode 0640) with its schema, or upgrades an older one. */
int store_open(const char *path, struct store **ret, struct err *reterr);
struct store *store_close(struct store *s); /* NULL is fine; returns NULL */
static inline void store_closep(struct store **s)
{
        *s = store_close(*s);
}
const char *store_error(struct store *s);

int store_begin(struct store *s);
int store_commit(struct store *s);
void store_rollback(struct store *s);

/* All of these only inside begin … commit. Values are bound, never printed into SQL. */
int store_put_evidence(struct store *s, const struct evidence *e); /* once a key; again: no change */
int store_put_change(struct store *s, const struct alert_change *c, usec now); /* alert + history row, which covers it + evidence links */
/* How many records merged alerts had to leave behind for ALERT_EVIDENCE_MAX, since this was last asked. */
uint64_t store_evidence_cut(struct store *s);
/* `count` more records of the alert have that value. Those kept as evidence are counted when they are linked. */
int store_put_involved(struct store *s, const struct hash128 *alert, enum involved kind, struct str value, uint64_t count);
int store_put_position(struct store *s, struct str input, struct str blob); /* blob.n == 0: forget it */
/* Part 0 replaces all parts, others are kept behind it; blob.n == 0: forget all of them. */
int store_put_window(struct store *s, struct str rule, struct str key, unsigned part, struct str blob);
int store_put_reject(struct store *s, struct str file, uint64_t offset, struct str reason, struct str raw, usec now);
int store_put_counters(struct store *s, const struct counters *totals); /* replaces */
/* Drops records that no alert refers to: those older than `before` (event time), and then the first stored of them until only
 * `max` are left. *ret (may be NULL): how many of the latter. */
int store_purge_evidence(struct store *s, usec before, uint64_t max, uint64_t *ret);

/* Reading back at start. fn returns 0 to go on. */
int store_each_position(struct store *s, struct str prefix, int (*fn)(void *userdata, struct str input, struct str blob),
                        void *userdata);
/* `blob`: the parts one behind the other. */
int store_each_window(struct store *s, int (*fn)(void *userdata, struct str rule, struct str key, struct str blob),
                      void *userdata);
int store_get_counters(struct store *s, struct counters *ret);
/* How many alerts `shopbell alerts` shows: they rang, and nobody has dealt with them. */
int store_count_ringing(struct store *s, uint64_t *ret);

#endif
