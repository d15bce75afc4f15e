/* SPDX-License-Identifier: Apache-2.0 */

/* Sigma filters find the rules they name and are compiled into them (sigma/filter.c), before anything is linked or bound.
 *
 * A filter concerns a rule when every attribute of its log source equals the rule's, as in pySigma: one for
 * {product: aws} also concerns rules for {product: aws, service: cloudtrail}. */

#include "monitor/detect/filters.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { FILTER_TESTS_MAX = 200 * 1000 }; /* values that filters add to rules, in all: some 50 MB */

struct filterer {
        struct ruleset *set;
        const struct sigma_options *options;
        struct err_list *errors, *remarks;
        size_t n_tests;
};

static bool same(struct str wanted, struct str of_rule)
{
        return !wanted.p || (of_rule.p && str_eq(wanted, of_rule));
}

static bool concerns(const struct logsource *filter, const struct logsource *rule)
{
        return same(filter->product, rule->product) && same(filter->category, rule->category) &&
               same(filter->service, rule->service);
}

/* "product: aws, service: cloudtrail" */
static void add_logsource(const struct logsource *l, struct strbuf *out)
{
        const struct {
                const char *name;
                struct str value;
        } parts[] = { { "product", l->product }, { "category", l->category }, { "service", l->service } };
        const char *comma = "";

        for (size_t i = 0; i < ARRAY_LEN(parts); i++)
                if (parts[i].value.p) {
                        strbuf_addf(out, "%s%s: " STR_FMT, comma, parts[i].name, STR_ARG(parts[i].value));
                        comma = ", ";
                }
}

static int add_filter(struct entry *e, struct sigma_rule *filter)
{
        struct sigma_rule **filters;

        for (size_t i = 0; i < e->n_filters; i++)
                if (e->filters[i] == filter)
                        return 0; /* named by id and by name */
        filters = reallocarray(e->filters, e->n_filters + 1, sizeof *filters);
        if (!filters)
                return -ENOMEM;
        e->filters = filters;
        filters[e->n_filters++] = filter;
        return 0;
}

static int apply(struct filterer *f, struct sigma_rule *filter, struct entry *e)
{
        struct err err = { 0 };
        int r;

        if (f->n_tests > FILTER_TESTS_MAX)
                return 0;
        f->n_tests += filter->detection->n_tests;
        if (f->n_tests > FILTER_TESTS_MAX) {
                rule_fail(
                        f->errors, filter, filter->filter->section,
                        "filter: the filters add more than %d values to all rules together; this one is left out from the "
                        "rule %s on, and those after it: let them name fewer rules",
                        FILTER_TESTS_MAX, e->rule->label.p);
                return 0;
        }
        r = sigma_filter_apply(filter, f->options, e->rule, &err);

        if (r == -ENOMEM)
                return r;
        if (r < 0 && f->errors)
                err_list_add(f->errors, &err);
        return r < 0 ? 0 : add_filter(e, filter);
}

/* ---- One filter ---- */

/* The rule whose records are meant: for a translated condition of Sigma 1 its base. */
static struct entry *records_of(struct ruleset *set, struct entry *e)
{
        const struct sigma_rule *base = e->rule->kind == SIGMA_CORRELATION ? e->rule->correlation->base : NULL;

        for (size_t i = 0; base && i < set->n; i++)
                if (set->entries[i].rule == base)
                        return &set->entries[i];
        return e;
}

static void fail_logsource(struct filterer *f, const struct sigma_rule *filter, const struct yaml *at,
                           const struct entry *e)
{
        CLEANUP(strbuf_done) struct strbuf mine = STRBUF_INIT, theirs = STRBUF_INIT;

        add_logsource(&filter->logsource, &mine);
        add_logsource(&e->rule->logsource, &theirs);
        rule_fail(f->errors, filter, at, "filter: its logsource is {%s}, that of %s is {%s}: they must be the same",
                  mine.p ? mine.p : "", at->text.p, theirs.p ? theirs.p : "");
}

static int apply_to_name(struct filterer *f, struct sigma_rule *filter, size_t i)
{
        const struct yaml *at = filter->filter->rules_at[i];
        size_t n_found = 0;
        int r = 0;

        for (size_t k = 0; k < f->set->n && r >= 0; k++) {
                struct entry *e = &f->set->entries[k];

                if (!rule_is_called(e->rule, filter->filter->rules[i]))
                        continue;
                n_found++;
                e = records_of(f->set, e);
                if (e->rule->kind != SIGMA_RULE)
                        rule_fail(f->errors, filter, at, "filter: %s is a correlation: name the rules that it counts",
                                  at->text.p);
                else if (!concerns(&filter->logsource, &e->rule->logsource))
                        fail_logsource(f, filter, at, e);
                else
                        r = apply(f, filter, e);
        }
        if (n_found == 0)
                rule_fail(f->errors, filter, at, "filter: no rule has the id or name %s", at->text.p);
        return r;
}

static int apply_to_all(struct filterer *f, struct sigma_rule *filter)
{
        size_t n_found = 0;
        int r = 0;

        for (size_t k = 0; k < f->set->n && r >= 0; k++) {
                struct entry *e = &f->set->entries[k];

                if (e->rule->kind != SIGMA_RULE || !concerns(&filter->logsource, &e->rule->logsource))
                        continue;
                n_found++;
                r = apply(f, filter, e);
        }
        if (n_found == 0)
                rule_fail(f->remarks, filter, yaml_get(filter->doc, "logsource"),
                          "filter: no rule has this logsource, so it changes nothing");
        return r;
}

int filters_apply(struct ruleset *set, const struct sigma_options *options, struct err_list *errors,
                  struct err_list *remarks)
{
        struct filterer f = { .set = set, .options = options, .errors = errors, .remarks = remarks };
        int r = 0;

        for (size_t i = 0; i < set->n_filters && r >= 0; i++) {
                struct sigma_rule *filter = set->filters[i];

                if (filter->is_off)
                        continue;
                if (filter->filter->is_any)
                        r = apply_to_all(&f, filter);
                for (size_t k = 0; k < filter->filter->n_rules && r >= 0; k++)
                        r = apply_to_name(&f, filter, k);
        }
        return r;
}

/* Which rules it names is left out: a rule's state outlives a change of that list. */
void filter_add_digest(const struct sigma_rule *filter, struct strbuf *out)
{
        const struct yaml *section = filter->filter->section;

        for (size_t i = 0; i < section->n; i++) {
                if (str_eqz(section->pairs[i].key->text, "rules"))
                        continue;
                strbuf_add(out, section->pairs[i].key->text);
                yaml_to_json(section->pairs[i].value, out);
        }
        strbuf_add(out, filter->detection->expanded);
        strbuf_addc(out, '\n');
}
