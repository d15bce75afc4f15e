/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_PARSERS_PATTERN_H
#define SHOPBELL_PARSERS_PATTERN_H

/* Regular expressions of source files whose named groups become native fields: for formats regex and mail. */

#include "parsers/parse.h"

/* Compiles `y` and asks for a field for each named group. 0, negative with the error set. */
int pattern_load(struct loader *l, const struct yaml *y, struct pattern *p);
void pattern_done(struct pattern *p);
/* Whether the text, which is UTF-8, matches; the groups stay until the next match. */
bool pattern_matches(struct parse *x, const struct pattern *p, struct str text);
/* Puts the groups of the last match into the record, but for fields that have a value. 0, -ENOMEM. */
int pattern_set(struct parse *x, struct record *record, const struct pattern *p, struct str text);

#endif
