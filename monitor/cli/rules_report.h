/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_CLI_RULES_REPORT_H
#define SHOPBELL_CLI_RULES_REPORT_H

/* What came of the tests inside rules, as lines for people, as TAP 14 or as JUnit XML. Titles, names of files and reasons come
 * from files that others wrote: whatever they hold, the form stays whole and no control character gets through. */

#include <stdbool.h>

#include "monitor/base/err.h"
#include "monitor/cli/cli.h"
#include "monitor/sigma/sigma.h"

enum test_outcome { TEST_PASSED, TEST_FAILED, TEST_SKIPPED, _TEST_OUTCOME_MAX };

struct test_result {
        enum test_outcome outcome;
        const char *file; /* borrowed */
        unsigned line, col;
        struct str title; /* of the rule, borrowed */
        char name[32]; /* "hit 1"; empty: the rule as a whole */
        char *why; /* of a failure or a skip; owned, may be NULL */
};

struct test_results {
        struct test_result *items;
        size_t n;
        size_t count[_TEST_OUTCOME_MAX];
        size_t n_incomplete; /* rules of which a hit, a miss or a look-alike is not shown (rules_complete.h) */
};

/* Everything to stdout. `errors` of loading are failures as well. 0, -ENOMEM, -EIO. */
int rules_report(enum cli_report form, const struct test_results *results, const struct err_list *errors);
/* As JUnit XML of another name, which is taken as it is. */
int rules_report_junit(const char *name, const struct test_results *results, const struct err_list *errors);

#endif
