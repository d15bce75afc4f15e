/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_MONITOR_POOL_H
#define SHOPBELL_MONITOR_POOL_H

/* Threads that work on batches. Batches come back in the order they were given, whatever thread was faster:
 *
 *     while ((b = pool_take_free(pool)) …)     fill b; pool_give(pool, b);
 *     while ((b = pool_next(pool)) …)          use b; pool_done_with(pool, b);
 *
 * The caller counts among the threads: what nobody has begun when it asks for the next result, it works on itself. */

#include <stdbool.h>

#include "monitor/batch.h"

enum { POOL_THREADS_MAX = 64, POOL_BATCHES_PER_THREAD = 3 };

struct pool;

/* With `drops_misses` records that hit nothing are not kept (struct worker); with `takes_census` each batch has one. */
int pool_new(const struct setup *setup, const struct parser_options *options, unsigned threads, bool drops_misses,
             bool takes_census, struct pool **ret);
struct pool *pool_free(struct pool *pool); /* ends the threads; NULL is fine */
/* An empty batch to fill, or NULL: all are under way, take results first. */
struct batch *pool_take_free(struct pool *pool);
void pool_give(struct pool *pool, struct batch *batch);
/* The oldest batch given, waiting for it; NULL: none is under way. */
struct batch *pool_next(struct pool *pool);
void pool_done_with(struct pool *pool, struct batch *batch);
/* Adds what all workers counted. Only while no batch is under way. */
void pool_take_counters(struct pool *pool, struct counters *to);

#endif
