/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_SIGMA_AST_H
#define SHOPBELL_SIGMA_AST_H

/* The compiled form of a detection; private to sigma/. A tree of and, or, not over items; an item tests one field (or,
 * as a keyword, every leaf) against values; a value is one test or several alternatives. */

#include <stdbool.h>
#include <stdint.h>

#include "monitor/base/map.h"
#include "monitor/sigma/pattern.h"
#include "monitor/sigma/sigma.h"

enum test_kind { TEST_PATTERN, TEST_REGEX, TEST_CIDR, TEST_NUMBER, TEST_TIME, TEST_FIELDREF, TEST_EXISTS, TEST_NULL };

enum affix { AFFIX_NONE, AFFIX_CONTAINS, AFFIX_STARTSWITH, AFFIX_ENDSWITH };

enum compare { COMPARE_EQ, COMPARE_LT, COMPARE_LTE, COMPARE_GT, COMPARE_GTE, _COMPARE_MAX };

enum time_part { PART_MINUTE, PART_HOUR, PART_DAY, PART_WEEK, PART_MONTH, PART_YEAR };

struct expression; /* expression.c */

struct cidr {
        int family; /* AF_INET or AF_INET6 */
        unsigned bits;
        uint8_t address[16]; /* masked */
};

struct test {
        enum test_kind kind;
        unsigned line, col; /* of the value in its file */
        const struct test *or_else; /* another form of the same value (windash, base64offset) */
        bool is_cased;
        bool flag; /* TEST_EXISTS: wanted */
        enum affix affix; /* TEST_FIELDREF */
        enum compare compare; /* TEST_NUMBER, TEST_TIME */
        enum time_part part; /* TEST_TIME */
        uint32_t field; /* TEST_FIELDREF: the other one */
        struct str number; /* TEST_NUMBER, TEST_TIME */
        struct pattern pattern;
        struct expression *expression;
        struct cidr cidr;
};

#define FIELD_LEAVES UINT32_MAX /* keyword search */

struct item {
        uint32_t field;
        unsigned line, col; /* of the key in its file */
        bool is_all; /* every value must match, not any */
        bool is_negated;
        const struct test *tests; /* one a value */
        size_t n;
};

enum node_kind { NODE_AND, NODE_OR, NODE_NOT, NODE_ITEM };

struct sigma_node {
        enum node_kind kind;
        uint32_t selection; /* one more than its number in the detection's selections; 0: not the root of one */
        struct sigma_node **children;
        size_t n;
        const struct item *item;
};

/* What compiling needs. */
struct compiler {
        struct arena *arena;
        struct arena *scratch; /* what is needed for one value; made when first needed */
        const char *file;
        struct sigma_detection *detection;
        const struct sigma_options *options; /* or NULL */
        bool is_filter; /* the section has a key `rules`, and no Sigma 1 */
        struct map fields; /* name → number + 1 */
        const struct yaml *timeframe; /* of Sigma 1, or NULL */
        size_t n_tests, n_parts, cap_fields; /* n_parts: of conditions, see SIGMA_CONDITION_PARTS_MAX */
        struct strbuf expanded, lacking; /* see struct sigma_detection */
        const struct yaml *lacking_at;
        struct err *err;
};

/* The number of a field in the detection's table, added when new; UINT32_MAX: out of memory. */
uint32_t compiler_field(struct compiler *c, struct str name);
int compiler_fail(struct compiler *c, const struct yaml *at, const char *fmt, ...) PRINTF_LIKE(3, 4);
int compiler_oom(struct compiler *c);

/* Frees what the compiler holds outside its arena. */
void compiler_done(struct compiler *c);

/* selection.c: all selections and the condition of a detection or filter → detection->root. */
int detection_compile(struct compiler *c, const struct yaml *detection);
/* A filter's section by itself. */
int filter_compile(struct arena *arena, const struct yaml *filter, const char *file,
                   const struct sigma_options *options, struct sigma_detection **ret, struct err *reterr);

/* item.c: "field|modifiers": value(s) → an item. `key` NULL: a keyword value. */
int item_compile(struct compiler *c, const struct yaml *key, const struct yaml *value, struct sigma_node **ret);
/* selection.c: map, list of maps, list of keywords. */
int selection_compile(struct compiler *c, const struct yaml *body, struct sigma_node **ret);
/* condition.c: the text of one condition over the named selections. */
struct selection {
        struct str name;
        unsigned line, col; /* of the name */
        bool is_used; /* by a condition */
        const struct yaml *doc; /* of a filter that was put into the rule: its section; NULL: the rule's own */
        struct sigma_node *node;
};
int condition_compile(struct compiler *c, const struct yaml *text, struct selection *selections, size_t n,
                      struct sigma_node **ret);

/* pipe.c: what follows the `|` of a Sigma 1 condition → the correlation that says it, or a refusal that holds one. */
int pipe_read(struct compiler *c, const struct yaml *at, struct str rest, struct sigma_correlation **ret);

struct sigma_node *node_new(struct compiler *c, enum node_kind kind, size_t n);

#endif
