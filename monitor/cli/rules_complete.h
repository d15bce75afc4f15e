/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_CLI_RULES_COMPLETE_H
#define SHOPBELL_CLI_RULES_COMPLETE_H

/* Are the tests of a rule complete? Three things must be shown of it: what it tells (a hit, or a raise with alerts), what it is
 * silent about (a miss, or a raise with 0 alerts), and that it is silent about what looks like it. Nobody has to say which test
 * is a look-alike, it is measured: a miss is one when a single item of the condition, decided the other way, would make it a
 * hit; a raise with 0 alerts when a rule that the correlation is made of hits one of its records, or nearly. */

#include "monitor/batch.h"

struct shown {
        bool hit, miss, look_alike;
};

/* Not of rules that are off or the base of a translated condition, nor of correlations that never alert: these are steps of
 * others, whose tests go through them. */
bool shown_is_asked(const struct ruleset *rules, size_t rule);
/* Takes what one test shows. `batch` holds its records, matched; NULL: it could not be run here (needs places, people), and is
 * taken at its word. */
void shown_add(struct shown *s, const struct ruleset *rules, size_t rule, const struct sigma_test *test, const struct batch *batch,
               struct sigma_scratch *scratch);
bool shown_is_complete(const struct shown *s);
void shown_lacks(const struct shown *s, struct strbuf *out); /* "no miss, no look-alike (…)" */

#endif
