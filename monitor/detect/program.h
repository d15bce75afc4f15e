/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_DETECT_PROGRAM_H
#define SHOPBELL_DETECT_PROGRAM_H

/* For every log source the rules that apply to it, bound to the slots of its records. Private to detect/; ruleset_bind() and
 * ruleset_match() are the doors. */

#include "monitor/detect/rules.h"

int program_bind(struct ruleset *set, const struct log_kind *const *kinds, size_t n_kinds); /* 0 or -ENOMEM */
void program_done(struct ruleset *set);
size_t program_match(const struct ruleset *set, const struct record *record, struct sigma_scratch *scratch,
                     uint32_t *hits, size_t max);

#endif
