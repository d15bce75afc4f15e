/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_MONITOR_BATCH_H
#define SHOPBELL_MONITOR_BATCH_H

/* Some raws on their way: PARSE, ENRICH and MATCH for all of them, on any thread. They are pure, so batches can be worked on side
 * by side; the pipeline takes their results in the order they were read. */

#include "monitor/base/arena.h"
#include "monitor/enrich/enrich.h"
#include "monitor/input/input.h"
#include "monitor/model/record.h"
#include "monitor/report/census.h"
#include "monitor/setup.h"

#define ENRICH_ALL UINT64_MAX

/* What one thread needs to work on batches. */
struct worker {
        const struct setup *setup;
        struct parser *parser;
        struct enricher *enricher;
        uint64_t enrich_wanted, enrich_of_class; /* as in struct parser_options; all: ENRICH_ALL */
        struct sigma_scratch *scratch;
        uint32_t *hits; /* room for every rule */
        bool drops_misses; /* records that hit nothing are not kept: set after worker_init() */
};

int worker_init(struct worker *w, const struct setup *setup, const struct parser_options *options);
void worker_done(struct worker *w);
/* Adds what the worker has counted so far and starts again from zero. */
void worker_take_counters(struct worker *w, struct counters *to);

struct batch_record {
        struct record *record; /* with all its ECS fields when it hits something; NULL: it did not and was dropped */
        usec time; /* the record's, like source_index */
        uint32_t source_index;
        uint32_t raw; /* which raw it was made of */
        uint32_t *hits;
        uint32_t n_hits;
};

enum { REASON_BYTES_MAX = 256 };

struct batch_reject {
        uint32_t raw;
        const char *reason; /* in the arena, at most REASON_BYTES_MAX - 1 bytes */
};

struct batch {
        struct arena *arena; /* what the items of the lists below point to */
        struct raws raws;
        usec now; /* when they were read; USEC_NONE: unknown */
        struct batch_record *records; /* heap, kept from one use to the next, like `rejects` */
        size_t n_records, cap_records;
        struct batch_reject *rejects;
        size_t n_rejects, cap_rejects;
        struct census *census; /* of the records; NULL: none is taken (set after batch_init()) */
        int error; /* -ENOMEM: the batch is not whole */
};

int batch_init(struct batch *b);
void batch_done(struct batch *b);
void batch_clear(struct batch *b);
/* Parses the raws and, when there are rules, matches the records. */
void batch_work(struct batch *b, struct worker *w);

#endif
