/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_MONITOR_BATCH_H
#define SHOPBELL_MONITOR_BATCH_H

/* Some raws on their way: PARSE and MATCH for all of them, on any thread. Both are pure, so batches can be worked on side
 * by side; the pipeline takes their results in the order they were read. */

#include "monitor/base/arena.h"
#include "monitor/input/input.h"
#include "monitor/model/record.h"
#include "monitor/setup.h"

/* What one thread needs to work on batches. */
struct worker {
        const struct setup *setup;
        struct parser *parser;
        struct sigma_scratch *scratch;
        uint32_t *hits; /* room for every rule */
};

int worker_init(struct worker *w, const struct setup *setup, const struct parser_options *options);
void worker_done(struct worker *w);
/* Adds what the worker has counted so far and starts again from zero. */
void worker_take_counters(struct worker *w, struct counters *to);

struct batch_record {
        struct record *record; /* with all its ECS fields when it hits something */
        uint32_t *hits;
        uint32_t n_hits;
        uint32_t raw; /* which raw it was made of */
};

struct batch_reject {
        uint32_t raw;
        const char *reason; /* static */
};

struct batch {
        struct arena *arena; /* everything below lives here, but for raws.items */
        struct raws raws;
        struct batch_record *records;
        size_t n_records, cap_records;
        struct batch_reject *rejects;
        size_t n_rejects, cap_rejects;
        int error; /* -ENOMEM: the batch is not whole */
};

int batch_init(struct batch *b);
void batch_done(struct batch *b);
void batch_clear(struct batch *b);
/* Parses the raws and, when there are rules, matches the records. */
void batch_work(struct batch *b, struct worker *w);

#endif
