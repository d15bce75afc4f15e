/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_MONITOR_CENSUS_PUT_H
#define SHOPBELL_MONITOR_CENSUS_PUT_H

/* From a batch's census to the store. */

#include "monitor/model/counter.h"
#include "monitor/report/census.h"
#include "monitor/store/store.h"

/* Inside begin … commit. What is cut or evicted is counted in `counters`. 0 or what the store said. */
int census_put(const struct census *c, struct store *store, struct counters *counters);

#endif
