/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_MONITOR_LOOP_H
#define SHOPBELL_MONITOR_LOOP_H

/* The daemon's life: wait for an input to have something, take it, commit, sleep. No wake-up without a reason. */

#include "monitor/base/err.h"
#include "monitor/control.h"
#include "monitor/input/input.h"
#include "monitor/notices.h"
#include "monitor/pipeline.h"
#include "monitor/pressure.h"
#include "monitor/reload.h"
#include "monitor/reminders.h"
#include "monitor/witness.h"

/* Reads all inputs until they have nothing more now, again and again until none has. Negative: the store failed, or an
 * input as a whole did; *reterr says what. */
int loop_once(struct pipeline *p, struct input *const *inputs, size_t n, struct err *reterr);
/* What a daemon lives on. */
struct life {
        struct pipeline *pipeline;
        struct store *store; /* the pipeline's */
        const struct clock *clock;
        struct input *const *inputs;
        size_t n;
        struct reload *reload;
        struct control *control;
        struct notices *notices;
        struct reminders *reminders;
        const char *state; /* the folder it lies in */
        gid_t group; /* who may read it */
        struct pressure *pressure; /* NULL: nothing tells when memory runs short */
        struct witness *witness;
        const struct retention *retention;
};
/* Has the journal know the head of the history, when that is due or at the end. */
void loop_witness(const struct life *life, bool is_end);

/* Lets go what is too old, all of it. */
int loop_retire(const struct life *life, struct err *reterr);

/* loop_once(), then waits for more until SIGTERM or SIGINT (0) or a failure (negative). SIGHUP and `shopbell reload` load
 * sources and rules anew between two batches. Tells systemd: READY=1 when all that was there is taken, RELOADING=1, STATUS=,
 * and the watchdog. */
int loop_run(const struct life *life, struct err *reterr);

#endif
