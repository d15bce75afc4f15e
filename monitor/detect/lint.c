/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/detect/lint.h"

#include <stdio.h>

#include "monitor/detect/rules.h"
#include "monitor/sigma/lint.h"

struct linter {
        const struct ruleset *set;
        const struct log_kind *const *kinds;
        const struct sigma_rule *rule; /* at work */
        ruleset_lint_fn *fn;
        void *userdata;
};

static void on_finding(void *userdata, const char *check, unsigned line, unsigned col, const char *text)
{
        const struct linter *l = userdata;

        l->fn(l->userdata, l->rule, check, line, col, text);
}

/* A field is unknown when every source of the rule says so. */
static bool is_unknown(const struct linter *l, const struct entry *e, struct str field, const char **ret_source,
                       const char **ret_near)
{
        *ret_source = *ret_near = NULL;
        for (size_t s = 0; s < l->set->n_kinds; s++) {
                const struct log_kind *kind = l->kinds[s];
                const char *near = NULL;

                if (!e->slots[s])
                        continue;
                if (!kind->knows || kind->knows(kind->userdata, field, &near) != KNOWN_NO)
                        return false;
                *ret_source = *ret_source ? *ret_source : kind->name;
                *ret_near = *ret_near ? *ret_near : near;
        }
        return *ret_source != NULL;
}

/* Names of rules for all platforms were checked when they were loaded. */
static void lint_fields(const struct linter *l, const struct entry *e)
{
        const struct sigma_detection *d = e->rule->detection;

        for (uint32_t i = 0; i < d->n_fields && !e->is_generic; i++) {
                char text[ERR_TEXT_BYTES];
                const char *source, *near;
                unsigned line, col;

                if (!is_unknown(l, e, d->fields[i], &source, &near))
                        continue;
                sigma_field_place(d, i, &line, &col);
                snprintf(text, sizeof text, "%s has no field %s%s%s%s", source, d->fields[i].p,
                         near ? ": did you mean " : "", near ? near : "", near ? "?" : "");
                on_finding((void *)l, "unknown-field", line, col, text);
        }
}

int ruleset_lint(const struct ruleset *set, const struct log_kind *const *kinds, ruleset_lint_fn *fn, void *userdata)
{
        struct linter l = { .set = set, .kinds = kinds, .fn = fn, .userdata = userdata };
        int r = 0;

        for (size_t i = 0; i < set->n && r >= 0; i++) {
                const struct entry *e = &set->entries[i];

                l.rule = e->rule;
                if (e->rule->kind == SIGMA_RULE)
                        lint_fields(&l, e);
                r = sigma_lint(e->rule, on_finding, &l);
        }
        return r;
}
