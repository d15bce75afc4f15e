/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_DETECT_RULESET_H
#define SHOPBELL_DETECT_RULESET_H

/* All rules of some folders, linked (correlations to the rules they name) and bound to the log sources. Immutable after
 * ruleset_bind(); matched from several threads.
 *
 * Which field a rule sees: a rule for a platform sees that source's own names; a rule with product: shopbell sees ECS names
 * (model/ecs.h). Correlations (group-by, field, aliases) look for the name among the native fields of the hit's source
 * first, then among the ECS names. Sentences use ECS names. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "monitor/base/err.h"
#include "monitor/model/logsource.h"
#include "monitor/model/record.h"
#include "monitor/sigma/sigma.h"

struct ruleset;

/* Reads *.yml / *.yaml below the folders or the files named. Bad files are reported in `errors` and left out (also a
 * correlation that names no rule, two rules, itself; an unknown correlation type with the known ones). */
int ruleset_load(const char *const *paths, size_t n_paths, struct ruleset **ret, struct err_list *errors,
                 struct err_list *remarks);
struct ruleset *ruleset_free(struct ruleset *set);
DEFINE_FREEP(struct ruleset, ruleset)

size_t ruleset_count(const struct ruleset *set); /* rules and correlations; index = rule number */
const struct sigma_rule *ruleset_rule(const struct ruleset *set, size_t index);
bool ruleset_alerts(const struct ruleset *set, size_t index); /* its hits or episodes become alerts */
/* Stands for all that decides about the rule's hits and episodes (engine.h): of two rules with the same, the state is. */
struct str ruleset_state_label(const struct ruleset *set, size_t index);
/* Whether it applies to any of the bound sources, and to which (a bit a source would not do: asks one). */
bool ruleset_applies(const struct ruleset *set, size_t rule, size_t source);

/* Binds every rule to every source it applies to; fields are asked for from `kinds` (n of them, index = source_index of
 * records). Call once, before the sources are frozen. */
int ruleset_bind(struct ruleset *set, const struct log_kind *const *kinds, size_t n_kinds, struct err *reterr);

/* Appends the numbers of the rules that `record` hits, ascending, to hits[0..max); returns how many there are (more than
 * max: call again with room; max = ruleset_count() always fits). Pure. */
size_t ruleset_match(const struct ruleset *set, const struct record *record, struct sigma_scratch *scratch,
                     uint32_t *hits, size_t max);

#endif
