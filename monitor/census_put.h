/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_MONITOR_CENSUS_PUT_H
#define SHOPBELL_MONITOR_CENSUS_PUT_H

/* From a batch's census to the store. What was put is remembered, so that batches which say the same again cost nothing: most
 * facts show in every act of an account. */

#include "monitor/base/macros.h"
#include "monitor/model/counter.h"
#include "monitor/report/census.h"
#include "monitor/store/store.h"

struct census_memory;

struct census_memory *census_memory_new(void); /* NULL: out of memory */
struct census_memory *census_memory_free(struct census_memory *m);

/* Inside begin … commit; after a failure or rollback the memory is of no use any more. What is cut or evicted is counted in
 * `counters`. 0, or what the store said. */
int census_put(const struct census *c, struct store *store, struct census_memory *memory, struct counters *counters);

#endif
