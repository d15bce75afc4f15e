/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_CASES_DRAFT_HEAD_H
#define SHOPBELL_CASES_DRAFT_HEAD_H

/* What stands above the notice, for the seller alone: the same in text and in a page. Private to the files draft*.c. */

#include "monitor/cases/draft.h"

#define DRAFT_WARNING \
        "DRAFT. Not legal advice; to be reviewed by a native speaker and a lawyer before it is used. Nothing was sent. " \
        "What stands above the notice is for you, and is no part of it."

const char *draft_gap_title(enum draft_gap_kind kind);
void draft_gap_line(const struct draft *d, const struct draft_gap *g, struct strbuf *out);
void draft_head_lines(const struct draft *d, void (*fn)(void *userdata, struct str line), void *userdata);

#endif
