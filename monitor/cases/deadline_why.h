/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_CASES_DEADLINE_WHY_H
#define SHOPBELL_CASES_DEADLINE_WHY_H

/* Why a clock runs, for people. Private to cases/deadline.c. */

#include "monitor/cases/deadline.h"

/* Whether the regime is about this case, by its own expression or its countries. */
enum truth deadline_applies(const struct regime *r, const struct facts *f);
/* "72 hours from when the shop was aware (Tue 17 Nov 2026 16:00 KST); people.kr is 1200, which is 1000 or more" */
void deadline_why(const struct deadline *d, bool is_in_force, const struct facts *f, struct strbuf *out);

#endif
