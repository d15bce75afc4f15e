/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_DETECT_INHIBIT_H
#define SHOPBELL_DETECT_INHIBIT_H

/* Private to detect/. */

#include "monitor/detect/rules.h"

/* Finds the rules that `shopbell.inhibits` names. A name that is nobody's is a remark: that rule may be installed some day. What
 * would go in a circle, so that nobody is told, is an error and left out; so is a rule that names itself. -ENOMEM. */
int inhibit_link(struct ruleset *set, struct err_list *errors, struct err_list *remarks);

#endif
