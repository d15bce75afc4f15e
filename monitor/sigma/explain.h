/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_SIGMA_EXPLAIN_H
#define SHOPBELL_SIGMA_EXPLAIN_H

/* Why a rule hits a record, or does not: its condition as a tree, each part with its answer, each test with what the record
 * holds. */

#include "monitor/sigma/sigma.h"

struct sigma_explanation {
        bool holds;
        double nearness; /* 0 … 1: how much of the condition holds; 1 for a hit */
};

/* Appends lines "yes  …" and "no   …", indented by depth; values of the record are cut and made harmless to a terminal. `out`
 * may be NULL: only the answer. `slots` as for sigma_match(). Values are shown as the rule file has them where the rule's
 * document is still there. */
struct sigma_explanation sigma_explain(const struct sigma_rule *rule, const struct record *record,
                                       const uint32_t *slots, struct sigma_scratch *scratch, struct strbuf *out);

#endif
