/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_CASES_CONTENT_H
#define SHOPBELL_CASES_CONTENT_H

/* What laws say that a notice must have, in one vocabulary: regime files name these, templates have a paragraph for each, and each is
 * made of fields of the case. */

#include "monitor/cases/field.h"

enum { CONTENT_FIELDS_MAX = 6 };

struct content {
        const char *id; /* "data" */
        const char *title; /* "Items of data involved" */
        const char *fields[CONTENT_FIELDS_MAX]; /* names of field.c, the chief one first, then "@aware" for a mark; NULL behind the last */
};

const struct content *contents(size_t *ret_n);
const struct content *content_find(struct str id); /* or NULL */

#endif
