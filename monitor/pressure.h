/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_MONITOR_PRESSURE_H
#define SHOPBELL_MONITOR_PRESSURE_H

/* Whether memory runs short: the kernel counts in memory.events of the control group how often the group was over its memory.high
 * (systemd: MemoryHigh=), and the file changes with that. (Documentation/admin-guide/cgroup-v2.rst, Memory Interface Files) */

#include <stdint.h>

#include "monitor/base/err.h"

struct pressure;

/* `path` of a memory.events; NULL: that of the process's own group. -ENOENT: there is none here (no cgroup v2, or no memory
 * controller in it). */
int pressure_open(const char *path, struct pressure **ret, struct err *reterr);
struct pressure *pressure_close(struct pressure *p); /* NULL is fine; returns NULL */
static inline void pressure_closep(struct pressure **p)
{
        *p = pressure_close(*p);
}
/* Readable when pressure_take() may have something to say. */
int pressure_fd(const struct pressure *p);
/* How often memory was over its mark since the last call, or since it was opened. */
uint64_t pressure_take(struct pressure *p);

#endif
