/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_CASES_EXPR_H
#define SHOPBELL_CASES_EXPR_H

/* What an expression is made of. Private to cases/facts.c and expr.c, which reads it. */

#include "monitor/cases/facts.h"

enum expr_kind { EXPR_NAME, EXPR_COMPARE, EXPR_HAS, EXPR_NOT, EXPR_AND, EXPR_OR };
enum expr_op { OP_EQUAL, OP_UNEQUAL, OP_LESS, OP_LESS_EQUAL, OP_MORE, OP_MORE_EQUAL };

struct expr {
        enum expr_kind kind;
        enum expr_op op; /* of a comparison */
        bool is_number; /* what it compares with */
        uint64_t number;
        struct str name, word;
        const struct expr *left, *right; /* of not: the left */
};

/* From what it is at least to what it can be at most (UINT64_MAX: there is no end). */
struct span {
        uint64_t low, high;
        bool is_known; /* somebody said something of it */
};
struct span facts_span(const struct facts *f, struct str name);
struct str facts_text(const struct facts *f, struct str name);

#endif
