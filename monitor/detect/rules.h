/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_DETECT_RULES_H
#define SHOPBELL_DETECT_RULES_H

/* The inside of a rule set; private to detect/. */

#include "monitor/detect/kind.h"
#include "monitor/detect/ruleset.h"
#include "monitor/detect/window.h"

/* A field of a correlation in the records of one source: its own name first, then the ECS name. */
struct field_ref {
        uint32_t native, ecs; /* record slots; UINT32_MAX: none */
};

/* A rule that feeds a correlation. */
struct feed {
        uint32_t correlation; /* rule number */
        uint16_t member;
};

struct entry {
        const struct sigma_rule *rule;
        bool alerts; /* its hits or episodes are told */
        enum class generic; /* product: shopbell: the class it needs; _CLASS_MAX otherwise */
        bool is_generic;
        uint32_t **slots; /* [source]: binding of the detection's fields; NULL: does not apply */
        struct feed *feeds;
        size_t n_feeds;
        /* Correlations, and the implicit one of alerting rules. */
        const struct kind *kind; /* NULL: keeps no windows */
        struct limits limits;
        struct window_rule window;
        uint32_t *members; /* rule numbers */
        size_t n_members;
        struct field_ref *groups; /* [source * n_members + member][group-by] */
        struct field_ref *values; /* [source][condition.field] */
        struct str state_label; /* label and fingerprint, see engine_dirty() */
        struct str *classes; /* of the alert */
        size_t n_classes;
        struct str playbook; /* one step a line */
};

struct ruleset {
        struct sigma_file **files;
        size_t n_files, cap_files;
        struct entry *entries;
        size_t n;
        const struct log_kind *const *kinds;
        size_t n_kinds;
        usec *lateness; /* [source] */
        struct {
                uint32_t *items; /* rules to try, ascending */
                size_t n;
        } *programs; /* [source] */
        struct arena *arena;
};

static inline const struct field_ref *entry_groups(const struct entry *e, size_t source, size_t member)
{
        return &e->groups[(source * e->n_members + member) * e->rule->correlation->n_group_by];
}

/* link.c: resolves what correlations name, drops those that cannot be. */
void ruleset_link(struct ruleset *set, struct err_list *errors);

#endif
