/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_CLI_REPORT_H
#define SHOPBELL_CLI_REPORT_H

/* Alerts on screen: the same for `scan` and `alerts`. */

#include "monitor/cli/cli.h"
#include "monitor/store/query.h"

struct report_sum {
        size_t n;
        size_t by_level[_LEVEL_MAX];
};

/* Prints the alerts that fit. JSON objects carry id, rule{id,title,level,class[]}, sentence, why, first_seen, last_seen,
 * count, group{}, person, source, state, records[]. 0 or negative. */
int report_alerts(struct query *q, const struct query_filter *f, enum cli_format format, struct report_sum *ret);
/* One alert in full, as text or JSON. */
int report_alert(struct query *q, const struct hash128 *id, enum cli_format format);

#endif
