/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_DETECT_LINK_H
#define SHOPBELL_DETECT_LINK_H

/* Private to detect/. */

#include "monitor/detect/rules.h"

/* Resolves what correlations name and decides what alerts. A correlation that cannot work is reported and left out: its
 * window.kind stays NULL. -ENOMEM. */
int link_rules(struct ruleset *set, struct err_list *errors, struct err_list *remarks);

#endif
