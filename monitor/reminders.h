/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_MONITOR_REMINDERS_H
#define SHOPBELL_MONITOR_REMINDERS_H

/* The clocks of open cases, heard: cases/remind.h says when and what, here it becomes alerts, which ring, are told over the channels and
 * escalate as all do. At most one is open a case; it is withdrawn, with the reason, when what it tells of is done, the case is closed, a
 * mark was moved, or the next one takes its place. What is to be is worked out anew each time, from the store and the clock, so nothing is
 * lost or told twice by a restart. Nothing is looked at before a step is due, unless something was said of a case, or laws were loaded anew.
 *
 * Titles of cases that lie in boxes stay there. */

#include "monitor/cases/remind.h"
#include "monitor/pipeline.h"

struct reminders;

struct reminders_host {
        struct pipeline *pipeline;
        struct store *store; /* the pipeline's */
        const struct clock *clock;
        const struct regimes *(*regimes)(void *userdata); /* those that count now */
        void *userdata;
};

/* All that is handed in must outlive it. -ENOMEM or 0. */
int reminders_new(const struct reminders_host *host, struct reminders **ret, struct err *reterr);
struct reminders *reminders_free(struct reminders *r);
DEFINE_FREEP(struct reminders, reminders)

/* Raises, changes and withdraws what is due by `now`. 0; negative: the store's (*reterr). */
int reminders_tend(struct reminders *r, usec now, struct err *reterr);
/* When to look again though nobody says anything, behind the last reminders_tend(); USEC_NONE: no clock runs. */
usec reminders_due(const struct reminders *r);
/* Lines "name value" for `shopbell status`, as of the last reminders_tend(): cases_open, clocks_running, clocks_over, and
 * next_deadline (microseconds) and next_duty ("case N", a colon, and what is due) where one is to come. */
void reminders_status(const struct reminders *r, struct strbuf *out);

#endif
