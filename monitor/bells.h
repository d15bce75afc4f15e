/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_MONITOR_BELLS_H
#define SHOPBELL_MONITOR_BELLS_H

/* What a rule set says about which alerts ring, as quiet/ asks for it. */

#include "monitor/detect/ruleset.h"
#include "monitor/quiet/judge.h"

struct bells;
/* Names are borrowed from the rule set; NULL: no rules. -ENOMEM. */
int bells_new(const struct ruleset *rules, struct bells **ret);
struct bells *bells_free(struct bells *b);
struct quiet_rules bells_rules(const struct bells *b);

#endif
