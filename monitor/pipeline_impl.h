/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_MONITOR_PIPELINE_IMPL_H
#define SHOPBELL_MONITOR_PIPELINE_IMPL_H

/* The inside of a pipeline; private to pipeline.c, pipeline_retire.c and pipeline_swap.c. */

#include "monitor/bells.h"
#include "monitor/census_put.h"
#include "monitor/heard.h"
#include "monitor/pending.h"
#include "monitor/pipeline.h"
#include "monitor/pool.h"

/* What depends on the sources and rules. */
struct works {
        struct pool *pool;
        struct engine *engine; /* NULL without a store or rules */
        usec *watermark; /* a source */
        usec *limited; /* a source; room for pipeline_turn() */
        usec oldest; /* of the records taken since pipeline_turn() or pipeline_idle() */
        size_t n_sources;
        size_t *heard; /* the place of each source in the pipeline's `heard` */
        struct bells *bells; /* what the rules say of which alerts ring */
};

struct pipeline {
        struct pipeline_options o;
        struct works w;
        struct counters before; /* stored by earlier runs */
        struct counters run; /* of the hall and the workers in this run */
        struct counters inputs; /* of the inputs in this run */
        struct counters stored; /* as the store has them */
        struct strbuf json, hidden, box; /* of a record */
        struct pending *pending; /* changes of the open transaction */
        struct census *seen; /* in the open transaction */
        struct census_memory *census; /* what the store was told before */
        struct quiet *quiet; /* which alerts they are of */
        struct heard *heard; /* when each source was, where state is kept */
        bool is_finishing; /* pipeline_finish(): what rings is worked out now, where no state is kept */
        usec newest; /* of the records of the last step */
        uint64_t n_evidence; /* put since the last purge */
        usec purged; /* when that was */
};

/* pipeline.c */
void works_done(struct works *w);
int works_init(struct works *w, const struct pipeline_options *o, const struct setup *setup, struct err *reterr);
/* Says what the store says; returns `code`. */
int pipeline_fail(struct pipeline *p, int code, struct err *reterr);
/* Ends the open transaction: with `r` negative it is rolled back. `in` (may be NULL): whose positions go with it. */
int pipeline_end(struct pipeline *p, struct input *in, int r, struct err *reterr);
int pipeline_put_window(void *userdata, struct str rule, struct str key, unsigned part, struct str blob);

#endif
