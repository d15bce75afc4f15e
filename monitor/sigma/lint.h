/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_SIGMA_LINT_H
#define SHOPBELL_SIGMA_LINT_H

/* Mistakes in rules that compile: what is written, but cannot have been meant. Of one rule by itself; whether its fields
 * exist is asked in detect/lint.h. */

#include "monitor/sigma/sigma.h"

/* A finding. `check` is its name (static), `text` says what is wrong and what to write; both are borrowed for the call. */
typedef void sigma_lint_fn(void *userdata, const char *check, unsigned line, unsigned col, const char *text);

/* Names: missing-level, unused-selection, never-true, never-true-for-one-value, always-true, regex-never-matches,
 * regex-explodes. 0 or -ENOMEM. */
int sigma_lint(const struct sigma_rule *rule, sigma_lint_fn *fn, void *userdata);

/* Where a detection first asks for a field (a number in its table). */
void sigma_field_place(const struct sigma_detection *d, uint32_t field, unsigned *ret_line, unsigned *ret_col);

#endif
