/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_DETECT_FILTERS_H
#define SHOPBELL_DETECT_FILTERS_H

/* Private to detect/. */

#include "monitor/detect/rules.h"

/* Compiles the filters of the set into the rules they concern, which keep them in entry->filters. A name that is no rule's,
 * and a rule of another log source, is an error; the filter works on the others. -ENOMEM. */
int filters_apply(struct ruleset *set, const struct sigma_options *options, struct err_list *errors,
                  struct err_list *remarks);
/* What of a filter decides about a rule's hits. */
void filter_add_digest(const struct sigma_rule *filter, struct strbuf *out);

#endif
