/* SPDX-License-Identifier: Apache-2.0 */

/* Which rules' alerts are told of by another rule's: a graph without circles. */

#include "monitor/detect/inhibit.h"

#include <errno.h>
#include <stdlib.h>

struct walk {
        const struct ruleset *set;
        bool *is_seen; /* [rule] */
};

/* Whether `to` can be reached from `from`. Deep graphs are lists of different rules: no deeper than there are rules. */
static bool reaches(struct walk *w, uint32_t from, uint32_t to)
{
        if (from == to)
                return true;
        if (w->is_seen[from])
                return false;
        w->is_seen[from] = true;
        for (size_t i = 0; i < w->set->n_inhibits; i++)
                if (w->set->inhibits[i].parent == from && reaches(w, w->set->inhibits[i].child, to))
                        return true;
        return false;
}

static int add(struct ruleset *set, const struct rule_inhibit *one)
{
        struct rule_inhibit *items;

        items = reallocarray(set->inhibits, set->n_inhibits + 1, sizeof *items);
        if (!items)
                return -ENOMEM;
        set->inhibits = items;
        items[set->n_inhibits++] = *one;
        return 0;
}

static const struct yaml *place_of(const struct sigma_inhibits *in, size_t i)
{
        return in->rules_at && in->rules_at->kind == YAML_LIST ? in->rules_at->items[i] : in->rules_at;
}

struct finder {
        struct ruleset *set;
        struct err_list *errors, *remarks;
        bool *is_seen;
};

static int link_pair(struct finder *f, uint32_t parent, uint32_t child, const struct yaml *at)
{
        const struct sigma_rule *rule = f->set->entries[parent].rule, *other = f->set->entries[child].rule;
        struct rule_inhibit one = { parent, child, rule->inhibits.timespan };
        struct walk w = { f->set, f->is_seen };

        memset(f->is_seen, 0, f->set->n * sizeof *f->is_seen);
        if (reaches(&w, child, parent)) {
                rule_fail(f->errors, rule, at,
                          parent == child ? "shopbell.inhibits: it names itself"
                                          : "shopbell.inhibits: %s inhibits this rule already: nobody would be told of either",
                          other->label.p);
                return 0;
        }
        if (other->level > rule->level)
                rule_fail(f->remarks, rule, at,
                          "shopbell.inhibits: %s is of a higher level, so its alerts ring all the same", other->label.p);
        return add(f->set, &one);
}

static int link_one(struct finder *f, uint32_t parent, size_t i)
{
        const struct sigma_rule *rule = f->set->entries[parent].rule;
        const struct yaml *at = place_of(&rule->inhibits, i);
        bool is_found = false;
        int r = 0;

        for (size_t k = 0; k < f->set->n && r >= 0; k++)
                if (!f->set->entries[k].rule->is_base && rule_is_called(f->set->entries[k].rule, rule->inhibits.rules[i])) {
                        is_found = true;
                        r = link_pair(f, parent, (uint32_t)k, at);
                }
        if (!is_found)
                rule_fail(f->remarks, rule, at, "shopbell.inhibits: no rule has the id or name " STR_FMT,
                          STR_ARG(rule->inhibits.rules[i]));
        return r;
}

int inhibit_link(struct ruleset *set, struct err_list *errors, struct err_list *remarks)
{
        struct finder f = { set, errors, remarks, calloc(set->n + 1, sizeof(bool)) };
        int r = f.is_seen ? 0 : -ENOMEM;

        for (size_t i = 0; i < set->n && r >= 0; i++)
                for (size_t k = 0; k < set->entries[i].rule->inhibits.n && r >= 0; k++)
                        r = link_one(&f, (uint32_t)i, k);
        free(f.is_seen);
        return r;
}
