/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_MONITOR_HEARD_H
#define SHOPBELL_MONITOR_HEARD_H

/* A log source that falls silent is an alert of its own: who switches a log off wants nothing to be seen, and a job that brings
 * it and stopped makes us blind. One alert for each silence, raised when it is longer than usual (detect/rhythm.h) and the
 * source's lateness is over, grown once when the source is heard again. */

#include "monitor/model/alert.h"
#include "monitor/store/store.h"
#include "parsers/source.h"

#define HEARD_RULE "shopbell-source-silent"
#define HEARD_GRACE USEC_PER_HOUR /* from the first heard_judge() on nothing is told for so long and the source's lateness */

struct heard;

struct heard *heard_new(void); /* NULL: out of memory */
struct heard *heard_free(struct heard *h);

/* Takes back what the store knows, whatever sources there are now. 0, -ENOMEM or what the store said. */
int heard_restore(struct heard *h, struct store *store);
/* The place of each source here, to be freed; NULL: out of memory. */
size_t *heard_places(struct heard *h, const struct sourceset *sources);
/* These sources are watched from now on, no others. */
void heard_watch(struct heard *h, const struct sourceset *sources, const size_t *places);

/* A record of that time; what lies in the future is the caller's to keep away. */
void heard_record(struct heard *h, size_t place, usec time);
/* Tells of silences that began or ended. 0, -ENOMEM or what `change` gave. */
int heard_judge(struct heard *h, usec now, int (*change)(void *userdata, const struct alert_change *c), void *userdata);
/* Inside begin … commit: what changed. */
int heard_put(struct heard *h, struct store *store);
/* When heard_judge() is to be called though nothing comes; USEC_NONE: there is no need. */
usec heard_due(const struct heard *h);

#endif
