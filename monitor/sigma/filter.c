/* SPDX-License-Identifier: Apache-2.0 */

/* Sigma filters (specification 2.1, filters): one tuning for many rules. Reading one, and ANDing it into a rule.
 *
 * The filter's selections are compiled once more for each rule, into that rule's own table of fields: what is bound and
 * matched is one detection, as if its author had written the filter into it. */

#include <errno.h>

#include "monitor/sigma/ast.h"
#include "monitor/sigma/document.h"
#include "monitor/sigma/words.h"

static int read_rules(struct document *d, const struct yaml *section, struct sigma_filter *f)
{
        const struct yaml *value = yaml_get(section, "rules");
        int r;

        if (!value)
                return document_fail(d, section, "filter: no rules; add  rules: [ID or NAME, …]  or  rules: any");
        f->is_any = (value->kind == YAML_TEXT && str_eq_nocase(value->text, STR("any"))) ||
                    (value->kind == YAML_LIST && value->n == 0); /* as pySigma takes an empty list */
        if (f->is_any)
                return 0;
        r = document_texts(d, value, "rules", &f->rules, &f->n_rules);
        if (r < 0)
                return r;
        f->rules_at = arena_array(d->arena, f->n_rules, sizeof *f->rules_at);
        if (!f->rules_at)
                return -ENOMEM;
        for (size_t i = 0; i < f->n_rules; i++)
                f->rules_at[i] = value->kind == YAML_LIST ? value->items[i] : value;
        return 0;
}

/* The specification's own example says `condition: selection` and means the opposite of what pySigma makes of it. */
static void remark_positive(struct document *d, const struct yaml *condition)
{
        struct str rest = condition->text, word;

        while ((word = word_next(&rest)).p)
                if (str_eq_nocase(word, STR("not")))
                        return;
        document_remark(d, condition,
                        "filter: the rules go on hitting only what fits `" STR_FMT
                        "`, since the condition is ANDed with theirs; to "
                        "leave that out instead, write  condition: not (" STR_FMT ")",
                        STR_ARG(condition->text), STR_ARG(condition->text));
}

int filter_read(struct document *d, const struct yaml *section, struct sigma_rule *rule)
{
        struct sigma_filter *f = arena_alloc(d->arena, sizeof *f);
        const struct yaml *condition;
        int r;

        if (!f)
                return -ENOMEM;
        *f = (struct sigma_filter){ .section = section };
        if (section->kind != YAML_MAP)
                return document_fail(d, section, "filter: %s where a map belongs", yaml_kind_name(section));
        condition = yaml_get(section, "condition");
        if (condition && condition->kind == YAML_LIST)
                return document_fail(d, condition, "filter: it has one condition, not a list");
        r = read_rules(d, section, f);
        if (r >= 0)
                r = filter_compile(d->arena, section, d->file, d->options, &rule->detection, d->err);
        if (r < 0)
                return r;
        if (condition) /* else it does not compile */
                remark_positive(d, condition);
        rule->filter = f;
        return 0;
}

/* ---- Into a rule ---- */

/* A compiler that goes on with a finished detection. */
static int reopen(struct compiler *c, struct sigma_detection *d)
{
        c->detection = d;
        c->arena = d->arena;
        c->cap_fields = d->n_fields;
        for (size_t i = 0; i < d->n_fields; i++)
                if (map_put(&c->fields, d->fields[i], (void *)(uintptr_t)(i + 1)) < 0)
                        return compiler_oom(c);
        return 0;
}

static int join(struct compiler *c, struct sigma_node *own)
{
        struct sigma_node *both = node_new(c, NODE_AND, 2);

        if (!both)
                return compiler_oom(c);
        both->children[0] = own;
        both->children[1] = c->detection->root;
        c->detection->root = both;
        return 0;
}

int sigma_filter_apply(const struct sigma_rule *filter, const struct sigma_options *options, struct sigma_rule *rule,
                       struct err *reterr)
{
        struct compiler c = {
                .file = filter->file, .options = options, .is_filter = true, .fields = MAP_INIT, .err = reterr
        };
        struct sigma_detection *d = rule->detection, before = *d;
        int r = reopen(&c, d);

        if (r >= 0)
                r = detection_compile(&c, filter->filter->section);
        if (r >= 0)
                r = join(&c, before.root);
        if (r < 0) { /* regexes that were added stay with the detection, which frees them */
                before.expressions = d->expressions;
                *d = before;
        }
        compiler_done(&c);
        return r;
}
