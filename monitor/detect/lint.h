/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_DETECT_LINT_H
#define SHOPBELL_DETECT_LINT_H

/* Mistakes in rules that load, for `shopbell rules check`: those of one rule by itself (sigma/lint.h), and fields that none
 * of the log sources it applies to has. */

#include "monitor/detect/ruleset.h"

/* `check` is the finding's name (static); everything is borrowed for the call. */
typedef void ruleset_lint_fn(void *userdata, const struct sigma_rule *rule, const char *check, unsigned line,
                             unsigned col, const char *text);

/* After ruleset_bind(), with the same kinds. 0 or -ENOMEM. Names: those of sigma_lint(), and unknown-field. */
int ruleset_lint(const struct ruleset *set, const struct log_kind *const *kinds, ruleset_lint_fn *fn, void *userdata);

#endif
