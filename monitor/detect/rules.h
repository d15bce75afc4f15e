/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_DETECT_RULES_H
#define SHOPBELL_DETECT_RULES_H

/* The inside of a rule set; private to detect/. ruleset.c loads, link.c resolves what correlations name, program.c binds to
 * the log sources and matches. */

#include "monitor/detect/ruleset.h"
#include "monitor/detect/window.h"
#include "monitor/sigma/program.h"

enum {
        RULES_GROUP_BY_MAX = 16, /* fields of one group-by */
};
#define RULES_TIMESPAN_MAX (3660 * USEC_PER_DAY)

/* A field of a correlation in the records of one source: its own name first, then the ECS name. */
struct field_ref {
        uint32_t native, ecs; /* record slots; UINT32_MAX: none */
};

/* A correlation that a rule feeds. */
struct feed {
        uint32_t correlation; /* rule number */
        uint16_t member; /* which of its rules this one is */
};

struct entry {
        struct sigma_rule *rule; /* its file's; changed only while loading: filters, what is off */
        struct sigma_rule **filters; /* that were compiled into it */
        size_t n_filters;
        struct str *classes; /* of its alerts */
        size_t n_classes;
        struct str playbook; /* one step a line */
        bool alerts; /* its hits or episodes are told */
        bool is_silent; /* only a correlation that is off uses it */
        bool is_live; /* it alerts, or feeds something that does */
        struct hash128 digest; /* of all that decides about its hits or episodes */
        struct feed *feeds;
        size_t n_feeds;

        /* Rules about single records */
        bool is_generic; /* product: shopbell */
        enum class generic; /* the class that needs; _CLASS_MAX: any */
        uint32_t **slots; /* [source]: binding of the detection's fields; NULL: does not apply */

        /* What keeps windows: correlations, and rules that alert by themselves. window.kind is NULL for all others. */
        struct window_rule window;
        struct str state_label; /* label and digest, see engine_dirty() */
        uint32_t *members; /* rule numbers */
        size_t n_members;
        struct field_ref *groups; /* [source][member][group-by] */
        struct field_ref *values; /* [source][window.parameters.fields] */
        unsigned depth; /* 0: its rules are about single records; else one more than its deepest correlation */
        usec delay; /* how far back in time the hits of the correlations it is made of can come */
        int state; /* link.c */
};

struct ruleset {
        struct sigma_file **files;
        size_t n_files, cap_files;
        struct entry *entries;
        size_t n;
        struct sigma_rule **filters; /* of all files */
        size_t n_filters;
        size_t n_kinds;
        usec *lateness; /* [source] */
        struct rule_inhibit *inhibits;
        size_t n_inhibits;
        struct sigma_program **programs; /* [source] */
        struct arena *arena;
};

static inline const struct field_ref *entry_groups(const struct entry *e, size_t source, size_t member)
{
        return &e->groups[(source * e->n_members + member) * e->rule->correlation->n_group_by];
}
static inline const struct field_ref *entry_values(const struct entry *e, size_t source)
{
        return &e->values[source * e->window.parameters.n_fields];
}

/* Whether a correlation or an alias means this rule. */
bool rule_is_called(const struct sigma_rule *rule, struct str name);
/* Adds an error about a rule; `at` (may be NULL) is the place in its document. Returns -EBADMSG. */
int rule_fail(struct err_list *errors, const struct sigma_rule *rule, const struct yaml *at, const char *fmt, ...)
        PRINTF_LIKE(4, 5);

#endif
