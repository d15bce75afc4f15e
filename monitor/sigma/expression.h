/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_SIGMA_EXPRESSION_H
#define SHOPBELL_SIGMA_EXPRESSION_H

/* The regular expressions of the modifier `re`; private to sigma/. */

#include "monitor/sigma/ast.h"
#include "monitor/sigma/rx_lint.h"

/* Compiles one that the detection then owns; sigma_detection_done() frees it. */
int expression_compile(struct compiler *c, const struct yaml *at, struct str text, bool is_caseless, bool is_multiline,
                       bool is_dotall, struct expression **ret);
/* Appends what tells it from others: equal expressions have equal keys. */
void expression_key(const struct expression *e, struct strbuf *out);
struct str expression_text(const struct expression *e); /* as written */
int expression_lint(const struct expression *e, struct rx_finding *ret); /* as rx_lint() */
/* Found anywhere in the text? A match that is stopped at a limit counts as none, and is counted. */
bool expression_match(const struct expression *e, struct str text, struct sigma_scratch *scratch);

#endif
