/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_MONITOR_STATUS_H
#define SHOPBELL_MONITOR_STATUS_H

/* The one line that `systemctl status shopbelld` shows: what came today, what is open, what came of the last reload. */

#include <stdbool.h>

#include "monitor/base/clock.h"
#include "monitor/base/str.h"

/* All zero at first. */
struct status {
        uint64_t before; /* records at `since` */
        uint64_t records; /* as they were last seen */
        usec since; /* the beginning of the day, or when the daemon started on it; 0: nothing was seen yet */
        bool is_day; /* since midnight, not only since the start */
        usec last; /* when records were last seen to have become more; 0: never */
        uint64_t ringing; /* alerts that nobody dealt with */
        size_t inputs;
};

/* At `now` there are `records` in all. */
void status_see(struct status *s, uint64_t records, usec now);
/* "41 records today, the last at 18:03:12; 2 alerts open; 3 inputs" (or "41 records since 09:30, …"), and `reload` behind it when it is not empty. Times are
 * of the machine's zone. */
void status_line(const struct status *s, struct str reload, struct strbuf *out);

#endif
