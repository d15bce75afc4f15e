/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_MONITOR_METER_H
#define SHOPBELL_MONITOR_METER_H

/* How each input of a running daemon does, for `shopbell status`: what it brought since the start, how much of late, and how old
 * the newest of it was when it was read. */

#include "monitor/base/clock.h"
#include "monitor/base/str.h"
#include "monitor/model/counter.h"

enum { METER_SECONDS = 60 }; /* that the rate is of */

/* All zero at first. */
struct meter {
        uint64_t raws, records, bytes, rejects; /* since the start */
        usec read_at; /* when it last brought anything; 0: never */
        usec newest; /* time of the newest record of all; 0: none has one */
        usec lag; /* read_at less the time of the newest record of that batch, not below 0 */
        uint64_t second; /* the second of `recent` that is counted last */
        uint32_t recent[METER_SECONDS]; /* records of each second, in a ring */
};

/* A step of its input took the counters from `before` to `after`; `newest` is the time of the newest record in it (USEC_NONE:
 * none). */
void meter_step(struct meter *m, const struct counters *before, const struct counters *after, usec newest, usec now);
/* Records a minute, over the last METER_SECONDS. */
uint64_t meter_rate(const struct meter *m, usec now);
/* One line "input records=12 … name=NAME"; the name, to the end of the line, comes last. What is not known is left out. */
void meter_line(const struct meter *m, const char *name, usec now, struct strbuf *out);

#endif
