/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_MONITOR_PIPELINE_H
#define SHOPBELL_MONITOR_PIPELINE_H

/* One record's way: INPUT, PARSE, MATCH, CORRELATE, STORE, batch by batch. The only place that calls the rooms in their
 * order. Everything a batch leads to (alerts, evidence, window state, positions, counters) is one transaction. */

#include <stdbool.h>

#include "monitor/base/clock.h"
#include "monitor/detect/engine.h"
#include "monitor/input/input.h"
#include "monitor/setup.h"
#include "monitor/store/retire.h"
#include "monitor/store/store.h"

struct pipeline;

/* How much of the records behind an alert is stored. The alerts, and which of them ring, are the same. */
enum evidence_kept {
        EVIDENCE_WHOLE,
        EVIDENCE_NAMES, /* without raw and most fields */
};

struct pipeline_options {
        const struct setup *setup;
        struct store *store; /* NULL, or a setup without rules: no correlation, no alerts; records and hits are only shown to the callbacks */
        const struct clock *clock;
        unsigned threads; /* 0 counts as 1; more than 1 only pays when reading much at once */
        bool keeps_state; /* positions and window state are stored too (the daemon) */
        bool tells_silence; /* a source from which nothing comes any more is an alert, by the clock (needs keeps_state) */
        bool takes_census; /* who is behind what, put into the store with each batch */
        enum evidence_kept evidence;
        const struct secret *pseudonyms; /* records are kept under pseudonyms, by that secret; NULL: in the clear */
        struct engine_options budget;
        struct time_hint hint;
        /* Watchers; each may be NULL; negative ends the work. Called in the order in which records lie in the input. */
        int (*on_record)(void *userdata, const struct record *record);
        int (*on_hit)(void *userdata, const struct record *record, uint32_t rule);
        int (*on_hits)(void *userdata, const struct record *record, const uint32_t *rules, size_t n); /* all of a record */
        void (*on_reject)(void *userdata, const struct raw *raw, const char *reason);
        void (*on_progress)(void *userdata, const struct input *in);
        void *userdata;
};

int pipeline_new(const struct pipeline_options *options, struct pipeline **ret, struct err *reterr);
struct pipeline *pipeline_free(struct pipeline *p);
DEFINE_FREEP(struct pipeline, pipeline)

/* Takes window state and counters back from the store; then, for each input, its positions. */
int pipeline_restore(struct pipeline *p, struct err *reterr);
int pipeline_restore_input(struct pipeline *p, struct input *in, struct err *reterr);

/* For pipelines that keep no state: reads until the input has nothing more. Negative only when the store or the input as a
 * whole failed. */
int pipeline_drain(struct pipeline *p, struct input *in, struct err *reterr);
/* One batch, or some when there is much to read, committed with their positions: 1 there may be more, 0 nothing more now; negative as above: nothing of the
 * batch counts then. */
int pipeline_step(struct pipeline *p, struct input *in, struct err *reterr);
/* Every input had its step, and some have more: when memory is crowded, settles what is older than all records of these
 * steps, however far the sources have come. */
int pipeline_turn(struct pipeline *p, struct err *reterr);
/* All inputs have nothing more for now: settles what the watermarks and the clock allow. */
int pipeline_idle(struct pipeline *p, struct err *reterr);
/* When pipeline_idle() is to be called again though nothing comes; USEC_NONE: there is no need. */
usec pipeline_due(const struct pipeline *p);
/* The input has ended for good (scan): judges all that waits. */
int pipeline_finish(struct pipeline *p, struct err *reterr);

/* Goes on with other sources and rules, between two batches, with state kept: windows and episodes of rules that mean the
 * same, how far sources have come (matched by name), counters. For pipelines that keep state. 0: the old setup is not used
 * any more. Negative: nothing has happened and the old setup goes on; or, when *ret_is_fatal, the store failed as in
 * pipeline_step(), and both setups must outlive the pipeline. */
int pipeline_swap(struct pipeline *p, const struct setup *setup, bool *ret_is_fatal, struct err *reterr);

/* Memory runs short: correlations hold less from now on, as a transaction of its own. 1: *ret_bytes is their new cap; 0: they hold too
 * little for that to help. Negative as in pipeline_step(). */
int pipeline_shrink(struct pipeline *p, size_t *ret_bytes, struct err *reterr);

/* Carries out what a person orders (orders.h), as a transaction of its own, between two batches. 1: done, 0: refused; the
 * answer says what or why. Negative as in pipeline_step(). */
struct who;
int pipeline_order(struct pipeline *p, struct str order, const struct who *by, struct strbuf *answer, struct err *reterr);

/* Does something with the store as a transaction of its own, between two batches; alerts that it changes are noted in `q`, and whether they
 * ring is worked out in the same transaction. Negative, from fn, too: as in pipeline_step(). */
struct quiet;
typedef int pipeline_fn(void *userdata, struct store *s, struct quiet *q, usec now);
int pipeline_run(struct pipeline *p, pipeline_fn *fn, void *userdata, struct err *reterr);

/* Time of the newest record that the last pipeline_step() took; USEC_NONE: it took none that has one. */
usec pipeline_newest(const struct pipeline *p);
/* Totals since the state began. */
void pipeline_counters(const struct pipeline *p, struct counters *ret);
size_t pipeline_keys(const struct pipeline *p); /* live group keys */
/* Times of the first and the last record that was read since the pipeline was new, pipeline_turn() or pipeline_idle(); of the
 * last without those that lie in the future. USEC_NONE: there is none. */
void pipeline_span(const struct pipeline *p, usec *ret_first, usec *ret_last);

/* Lets go what is too old (store/retire.h), some of it: 1, there may be more; 0; negative as pipeline_step(). */
int pipeline_retire(struct pipeline *p, const struct retention *keep, struct err *reterr);

#endif
