/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/sigma/lint.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor/sigma/expression.h"
#include "monitor/sigma/logic.h"

struct linter {
        const struct sigma_rule *rule;
        sigma_lint_fn *fn;
        void *userdata;
};

static void find(struct linter *l, const char *check, unsigned line, unsigned col, const char *fmt, ...)
        PRINTF_LIKE(5, 6);
static void find(struct linter *l, const char *check, unsigned line, unsigned col, const char *fmt, ...)
{
        char text[ERR_TEXT_BYTES];
        va_list ap;

        va_start(ap, fmt);
        vsnprintf(text, sizeof text, fmt, ap);
        va_end(ap);
        l->fn(l->userdata, check, line, col, text);
}

/* ---- Walking ---- */

typedef void item_fn(void *userdata, const struct item *item);

/* Every item of the selections, used or not. */
static void each_item(const struct sigma_node *node, item_fn *fn, void *userdata)
{
        if (node->kind == NODE_ITEM)
                fn(userdata, node->item);
        for (size_t i = 0; i < node->n; i++)
                each_item(node->children[i], fn, userdata);
}

static void each_item_of(const struct sigma_detection *d, item_fn *fn, void *userdata)
{
        for (size_t i = 0; i < d->n_selections; i++)
                each_item(d->selections[i].node, fn, userdata);
}

struct place_search {
        uint32_t field;
        unsigned *line, *col;
};

static void take_place(void *userdata, const struct item *item)
{
        const struct place_search *s = userdata;

        if (item->field != s->field || *s->line != 0)
                return;
        *s->line = item->line;
        *s->col = item->col;
}

void sigma_field_place(const struct sigma_detection *d, uint32_t field, unsigned *ret_line, unsigned *ret_col)
{
        struct place_search s = { field, ret_line, ret_col };

        *ret_line = *ret_col = 0;
        each_item_of(d, take_place, &s);
}

/* ---- Regexes ---- */

static void lint_regexes(void *userdata, const struct item *item)
{
        struct linter *l = userdata;

        for (size_t i = 0; i < item->n; i++) {
                const struct test *t = &item->tests[i];
                struct rx_finding f;

                if (t->kind != TEST_REGEX || expression_lint(t->expression, &f) < 0)
                        continue;
                if (f.verdict == RX_NEVER_MATCHES)
                        find(l, "regex-never-matches", t->line, t->col,
                             "this regular expression can never match: something must stand before its ^ or behind its $; "
                             "move them to its ends, or write \\^ and \\$ for the characters");
                if (f.verdict == RX_EXPLODES)
                        find(l, "regex-explodes", t->line, t->col,
                             "this regular expression runs into the match limit on a text like '%s' repeated %d times; "
                             "let what is repeated begin or end with a character of its own, or repeat it possessively: (…)++",
                             f.text, 40);
        }
}

/* ---- Conditions ---- */

static void find_all_items(void *userdata, const struct item *item)
{
        bool *is_list = userdata;

        if (item->is_all && item->field != FIELD_LEAVES)
                is_list[item->field] = true;
}

/* A condition that wants one field to be several things at once. */
static int lint_single(struct linter *l, const struct sigma_program *p)
{
        const struct sigma_detection *d = l->rule->detection;
        CLEANUP(memory_freep) bool *is_list = calloc(d->n_fields + 1, sizeof *is_list);
        enum logic_answer answer = LOGIC_POSSIBLE;
        int r = is_list ? 0 : -ENOMEM;

        for (size_t i = 0; r >= 0 && i < d->n_selections; i++)
                each_item(d->selections[i].node, find_all_items, is_list);
        for (uint32_t i = 0; r >= 0 && i < p->n_places && answer != LOGIC_IMPOSSIBLE; i++) {
                uint32_t field = p->places[i].slot;

                if (field >= d->n_fields || is_list[field])
                        continue;
                r = logic_can_be(p, true, i, &answer);
                if (r >= 0 && answer == LOGIC_IMPOSSIBLE)
                        find(l, "never-true-for-one-value", d->line, d->col,
                             "condition: it can only be true where %s is a list, for it must be several things at once; did you "
                             "mean `or`, or one selection with a list of values?",
                             d->fields[field].p);
        }
        return r;
}

static int lint_condition(struct linter *l, const struct sigma_program *p)
{
        const struct sigma_detection *d = l->rule->detection;
        enum logic_answer yes, no;
        int r = logic_can_be(p, true, LOGIC_NO_PLACE, &yes);

        if (r >= 0)
                r = logic_can_be(p, false, LOGIC_NO_PLACE, &no);
        if (r < 0)
                return r;
        if (yes == LOGIC_IMPOSSIBLE)
                find(l, "never-true", d->line, d->col,
                     "condition: no record can ever meet it: it asks for something and for its opposite");
        if (no == LOGIC_IMPOSSIBLE)
                find(l, "always-true", d->line, d->col,
                     "condition: every record meets it: it asks for something or its opposite");
        return yes == LOGIC_POSSIBLE ? lint_single(l, p) : 0;
}

static int lint_logic(struct linter *l)
{
        const struct sigma_detection *d = l->rule->detection;
        CLEANUP(memory_freep) uint32_t *slots = calloc(d->n_fields + 1, sizeof *slots);
        CLEANUP(sigma_program_freep) struct sigma_program *p = NULL;
        struct sigma_member member = { .detection = d, .slots = slots, .gate = UINT32_MAX };
        int r;

        if (!slots)
                return -ENOMEM;
        for (size_t i = 0; i < d->n_fields; i++) /* each field is its own slot */
                slots[i] = (uint32_t)i;
        r = sigma_program_new(&member, 1, &p);
        return r < 0 ? r : lint_condition(l, p);
}

static void lint_selections(struct linter *l)
{
        const struct sigma_detection *d = l->rule->detection;

        for (size_t i = 0; i < d->n_selections; i++)
                if (!d->selections[i].is_used && (!d->selections[i].doc || l->rule->kind == SIGMA_FILTER))
                        find(l, "unused-selection", d->selections[i].line, d->selections[i].col,
                             "no condition asks for the selection %s: use it or delete it", d->selections[i].name.p);
}

int sigma_lint(const struct sigma_rule *rule, sigma_lint_fn *fn, void *userdata)
{
        struct linter l = { rule, fn, userdata };

        if (!rule->has_level && rule->kind != SIGMA_CORRELATION)
                find(&l, "missing-level", rule->line, 1, "no level: medium is taken; add  level: medium");
        if (!rule->detection)
                return 0;
        lint_selections(&l);
        each_item_of(rule->detection, lint_regexes, &l);
        return rule->detection->lacking.n > 0 ? 0 : lint_logic(&l); /* without its values it says nothing */
}
