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
 * correlation that names no rule, two rules, itself; an unknown correlation type with the known ones). Sigma filters, of
 * whichever file, become part of the rules they name. `options` (may be NULL) need not outlive the call. */
int ruleset_load(const char *const *paths, size_t n_paths, const struct sigma_options *options, struct ruleset **ret,
                 struct err_list *errors, struct err_list *remarks);
struct ruleset *ruleset_free(struct ruleset *set);
DEFINE_FREEP(struct ruleset, ruleset)

size_t ruleset_count(const struct ruleset *set); /* rules and correlations; index = rule number */
const struct sigma_rule *ruleset_rule(const struct ruleset *set, size_t index);
bool ruleset_alerts(const struct ruleset *set, size_t index); /* its hits or episodes become alerts */
bool ruleset_feeds(const struct ruleset *set, size_t index); /* a correlation uses it */
size_t ruleset_count_filters(const struct ruleset *set);
const struct sigma_rule *ruleset_filter(const struct ruleset *set, size_t index); /* in the order of loading */
/* Stands for all that decides about the rule's hits and episodes (engine.h): of two rules with the same, the state is. */
struct str ruleset_state_label(const struct ruleset *set, size_t index);
/* Whether it applies to any of the bound sources, and to which (a bit a source would not do: asks one). */
bool ruleset_applies(const struct ruleset *set, size_t rule, size_t source);

/* How a rule about single records sees the records of a source: the binding of its fields, NULL when it does not apply;
 * *ret_class (may be NULL) is the class that a record must be of, or _CLASS_MAX. */
const uint32_t *ruleset_binding(const struct ruleset *set, size_t rule, size_t source, enum class *ret_class);
/* Alerts of rule `child` do not ring beside one of rule `parent` about the same person within that time; no circles. */
struct rule_inhibit {
        uint32_t parent, child; /* rule numbers */
        usec timespan;
};
const struct rule_inhibit *ruleset_inhibits(const struct ruleset *set, size_t *ret_n);
/* Of a correlation that rings for what is new or rare for somebody (new_value, surprise, travel, unusual_time): the names of the
 * fields that tell such values apart, "hour_of_week" among them; room for RULESET_FEATURES_MAX. 0: another rule. */
enum { RULESET_FEATURES_MAX = 8 };
size_t ruleset_features(const struct ruleset *set, size_t rule, struct str *ret);
/* The rules that a correlation is made of; 0 for others. */
size_t ruleset_members(const struct ruleset *set, size_t rule, const uint32_t **ret);

/* Binds every rule to every source it applies to; fields are asked for from `kinds` (n of them, index = source_index of
 * records). Call once, before the sources are frozen. */
int ruleset_bind(struct ruleset *set, const struct log_kind *const *kinds, size_t n_kinds, struct err *reterr);

/* The ECS fields that matching asks of every record, or of those that have a class (the others cannot hit a rule for a
 * class), as a bit set of enum ecs; after ruleset_bind(). What a rule that hit goes on to ask (groups, sentences) is not
 * among them. */
uint64_t ruleset_ecs(const struct ruleset *set, bool has_class);

/* How large the compiled set is; after ruleset_bind(). */
struct ruleset_size {
        size_t rules, off; /* all; those of them that are not tried */
        size_t programs; /* log sources that rules apply to */
        size_t tests; /* different ones, of all programs */
        size_t bytes; /* memory held: rules and programs */
};
struct ruleset_size ruleset_size(const struct ruleset *set);

/* Appends the numbers of the rules that `record` hits, ascending, to hits[0..max); returns how many there are (more than
 * max: call again with room; max = ruleset_count() always fits). Pure. */
size_t ruleset_match(const struct ruleset *set, const struct record *record, struct sigma_scratch *scratch,
                     uint32_t *hits, size_t max);

#endif
