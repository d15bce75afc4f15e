/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_SIGMA_MODIFIER_H
#define SHOPBELL_SIGMA_MODIFIER_H

/* The modifiers of Sigma 2.1 as rows of a table, and the set of them that one key carries. To add one: a row in
 * modifier.c (its top says what the columns mean). */

#include "monitor/sigma/ast.h"

/* Bits, so that a row can say with which others it may stand. */
enum modifier_kind {
        MODIFIER_AFFIX = 1, /* puts stars around the value */
        MODIFIER_ENCODING = 2, /* changes the value's characters */
        MODIFIER_REGEX = 4,
        MODIFIER_REGEX_FLAG = 8, /* only with re */
        MODIFIER_CIDR = 16,
        MODIFIER_EXISTS = 32,
        MODIFIER_FIELDREF = 64,
        MODIFIER_PART = 128, /* a part of a date; an order may follow */
        MODIFIER_ORDER = 256, /* compares numbers */
        MODIFIER_CASED = 512,
        MODIFIER_EXPAND = 2048, /* fills placeholders in, before all others */
        MODIFIER_LIST = 1024, /* how the values of the item are joined: goes with everything */
};

enum { FLAG_ALL = 1, FLAG_CASED = 2, FLAG_NEQ = 4, FLAG_EXPAND = 8, FLAG_I = 16, FLAG_M = 32, FLAG_S = 64 };

/* One value on its way through the modifiers: all the forms it may take. */
enum { FORMS_MAX = 2048 };
struct forms {
        struct arena *arena;
        struct tokens *items;
        size_t n;
        bool is_bytes; /* characters stand for bytes (after wide, utf16…) */
        bool is_exact_case; /* base64 tells case apart (Sigma digest, Modifiers) */
};

struct modifier {
        const char *name;
        enum modifier_kind kind;
        unsigned with; /* kinds it may stand beside, in the same key */
        int value; /* enum affix, time_part, compare, or a FLAG_ */
        int (*apply)(struct forms *forms); /* AFFIX, ENCODING: 0, -ENOMEM, -E2BIG, -EINVAL (wildcards or windash in the
                                              value) */
        const char *help;
};

const struct modifier *modifier_at(size_t i); /* row i, in the order of the table; NULL behind the last */
const struct modifier *modifier_find(struct str name); /* NULL: unknown */
const char *modifier_nearest(struct str name); /* NULL: none is near */
void modifier_names(struct strbuf *out); /* "contains, startswith, …" */

/* The modifiers of one key, checked against each other. */
enum { MODIFIERS_MAX = 12 };
struct modifiers {
        const struct modifier *row[MODIFIERS_MAX]; /* as written */
        size_t n;
        unsigned flags;
        const struct modifier *test; /* the regex, cidr, exists or fieldref among them */
        const struct modifier *part, *order, *affix;
};

/* Reads "contains|all" (what follows the field's name). */
int modifiers_parse(struct compiler *c, const struct yaml *key, struct str text, struct modifiers *ret);

#endif
