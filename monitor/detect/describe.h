/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_DETECT_DESCRIBE_H
#define SHOPBELL_DETECT_DESCRIBE_H

/* What stored state (engine_dirty) holds, for people who look at it. Needs no engine, and no rules. */

#include <stddef.h>
#include <stdint.h>

#include "monitor/base/clock.h"
#include "monitor/base/str.h"
#include "monitor/model/alert.h"
#include "monitor/sigma/sigma.h"

enum { STATE_KEY_VALUES_MAX = 32 }; /* in one key, with the names of fields that some keys hold */

struct state_summary {
        uint64_t hits; /* held, with all there is to know about them */
        uint64_t known; /* hits that a history kind remembers only by day */
        uint64_t episodes; /* each one an alert */
        usec first, last; /* of all these; USEC_NONE: there are none */
};

/* Sums up one blob. -EBADMSG: not our bytes, or another version's; -ENOMEM. */
int state_describe(struct str blob, struct state_summary *ret);

/* The values of a key, at most `max`, with the fields that `rule` groups by; without a rule (NULL) their names are absent.
 * How many; all borrowed. */
size_t state_describe_key(const struct sigma_rule *rule, struct str key, struct alert_group *ret, size_t max);

#endif
