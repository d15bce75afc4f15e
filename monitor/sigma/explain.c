/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/sigma/explain.h"

#include "monitor/base/utf8.h"
#include "monitor/sigma/test.h"

enum {
        VALUES_SHOWN = 3, /* of a field */
        TESTS_SHOWN = 8, /* of one key */
        CHARS_SHOWN = 80, /* of one value */
};

struct explainer {
        const struct sigma_rule *rule;
        const struct yaml *doc; /* where the part at work was written */
        const struct record *record;
        const uint32_t *slots;
        struct sigma_scratch *scratch;
        struct strbuf *out; /* NULL: nothing is written */
};

/* ---- What is written ---- */

static void begin_line(struct explainer *x, bool holds, unsigned depth)
{
        strbuf_addz(x->out, holds ? "yes  " : "no   ");
        for (unsigned i = 0; i < depth; i++)
                strbuf_addz(x->out, "  ");
}

static void add_text(struct explainer *x, struct str text)
{
        text_display(x->out, text, TEXT_TERMINAL, CHARS_SHOWN);
}

/* The scalar that stands at a place of the rule's file; NULL: not found. */
static const struct yaml *find_at(const struct yaml *node, unsigned line, unsigned col)
{
        const struct yaml *found = NULL;

        if (!node || (yaml_is_scalar(node) && node->line == line && node->col == col))
                return node;
        for (size_t i = 0; node->kind == YAML_LIST && i < node->n && !found; i++)
                found = find_at(node->items[i], line, col);
        for (size_t i = 0; node->kind == YAML_MAP && i < node->n && !found; i++) {
                found = find_at(node->pairs[i].key, line, col);
                if (!found)
                        found = find_at(node->pairs[i].value, line, col);
        }
        return found && yaml_is_scalar(found) ? found : NULL;
}

static void add_written(struct explainer *x, unsigned line, unsigned col, struct str otherwise)
{
        const struct yaml *at = find_at(x->doc, line, col);

        if (!at) {
                add_text(x, otherwise);
                return;
        }
        if (at->kind == YAML_TEXT)
                strbuf_addc(x->out, '\'');
        add_text(x, at->text);
        if (at->kind == YAML_TEXT)
                strbuf_addc(x->out, '\'');
}

static void add_key(struct explainer *x, const struct item *item)
{
        const struct yaml *at = find_at(x->doc, item->line, item->col);

        if (item->field == FIELD_LEAVES)
                strbuf_addz(x->out, "anywhere");
        else
                add_text(x, at ? at->text : x->rule->detection->fields[item->field]);
}

static const struct slot *slot_of(const struct explainer *x, const struct item *item, struct slot *leaves)
{
        if (item->field != FIELD_LEAVES)
                return record_slot(x->record, x->slots[item->field]);
        *leaves = (struct slot){ .first = x->record->leaves };
        return leaves;
}

/* What the record has in that field. */
static void add_values(struct explainer *x, const struct slot *slot)
{
        size_t n = 0;

        if (!slot) {
                strbuf_addz(x->out, "  (the record has no such field)");
                return;
        }
        strbuf_addz(x->out, slot->first ? "  is " : "  (an empty list)");
        for (struct value *v = slot->first; v; v = v->next, n++) {
                struct str text = value_text(v, x->record->arena);

                if (n == VALUES_SHOWN) {
                        strbuf_addz(x->out, ", …");
                        return;
                }
                strbuf_addz(x->out, n ? ", " : "");
                strbuf_addz(x->out, v->kind == VALUE_STRING ? "\"" : "");
                add_text(x, text.p ? text : STR("null"));
                strbuf_addz(x->out, v->kind == VALUE_STRING ? "\"" : "");
        }
}

/* ---- Items ---- */

static bool holds_any_form(struct explainer *x, const struct test *t, const struct slot *slot)
{
        for (; t; t = t->or_else) {
                const struct slot *other = t->kind == TEST_FIELDREF ? record_slot(x->record, x->slots[t->field]) : NULL;

                if (test_holds(t, slot, other, x->record->arena, x->scratch))
                        return true;
        }
        return false;
}

/* The values that decided: those that held, or of `all` those that did not. */
static void add_tests(struct explainer *x, const struct item *item, const struct slot *slot, unsigned depth)
{
        size_t shown = 0;

        for (size_t i = 0; i < item->n && shown <= TESTS_SHOWN; i++) {
                bool holds = holds_any_form(x, &item->tests[i], slot);

                if (holds == item->is_all)
                        continue;
                begin_line(x, holds, depth);
                if (++shown > TESTS_SHOWN)
                        strbuf_addz(x->out, "…");
                else
                        add_written(x, item->tests[i].line, item->tests[i].col, item->tests[i].pattern.literal);
                strbuf_addc(x->out, '\n');
        }
}

static struct sigma_explanation explain_item(struct explainer *x, const struct item *item, unsigned depth)
{
        struct slot leaves;
        const struct slot *slot = slot_of(x, item, &leaves);
        bool holds = item->is_all;
        size_t n = 0;

        for (size_t i = 0; i < item->n; i++)
                n += holds_any_form(x, &item->tests[i], slot);
        holds = (item->is_all ? n == item->n : n > 0) != item->is_negated;
        if (x->out) {
                begin_line(x, holds, depth);
                add_key(x, item);
                strbuf_addz(x->out, ": ");
                if (item->n == 1)
                        add_written(x, item->tests[0].line, item->tests[0].col, item->tests[0].pattern.literal);
                else
                        strbuf_addf(x->out, "%s of %zu values", item->is_all ? "all" : "one", item->n);
                if (item->field != FIELD_LEAVES)
                        add_values(x, slot);
                strbuf_addc(x->out, '\n');
                if (item->n > 1)
                        add_tests(x, item, slot, depth + 1);
        }
        return (struct sigma_explanation){ holds, holds };
}

/* ---- The tree ---- */

static struct sigma_explanation explain_node(struct explainer *x, const struct sigma_node *node, unsigned depth);

/* Only the answer. */
static struct sigma_explanation judge(struct explainer *x, const struct sigma_node *node)
{
        struct explainer silent = *x;

        silent.out = NULL;
        return explain_node(&silent, node, 0);
}

static void add_name(struct explainer *x, const struct sigma_node *node)
{
        static const char *const words[] = {
                [NODE_AND] = "all of", [NODE_OR] = "one of", [NODE_NOT] = "not", [NODE_ITEM] = ""
        };

        if (node->selection)
                strbuf_add(x->out, x->rule->detection->selections[node->selection - 1].name);
        else
                strbuf_addz(x->out, words[node->kind]);
        strbuf_addz(x->out, ":\n");
}

static struct sigma_explanation explain_children(struct explainer *x, const struct sigma_node *node, unsigned depth)
{
        struct sigma_explanation all = { .holds = node->kind == NODE_AND };

        for (size_t i = 0; i < node->n; i++) {
                struct sigma_explanation one = explain_node(x, node->children[i], depth);

                if (node->kind == NODE_AND) {
                        all.holds &= one.holds;
                        all.nearness += one.nearness;
                } else {
                        all.holds |= one.holds;
                        all.nearness = one.nearness > all.nearness ? one.nearness : all.nearness;
                }
        }
        if (node->kind == NODE_AND && node->n > 0)
                all.nearness /= (double)node->n; /* at the end: nine ninths are not one */
        if (node->kind == NODE_NOT) {
                all.holds = !all.holds;
                all.nearness = all.holds;
        }
        return all;
}

static struct sigma_explanation explain_node(struct explainer *x, const struct sigma_node *node, unsigned depth)
{
        /* A group of one is not worth a line, unless it has a name. */
        bool is_told = x->out && (node->selection || node->kind == NODE_NOT || node->n > 1);

        if (node->selection && x->rule->detection->selections[node->selection - 1].doc)
                x->doc = x->rule->detection->selections[node->selection - 1].doc; /* filters come last */
        if (node->kind == NODE_ITEM)
                return explain_item(x, node->item, depth);
        if (is_told) {
                begin_line(x, judge(x, node).holds, depth);
                add_name(x, node);
        }
        return explain_children(x, node, depth + is_told);
}

struct sigma_explanation sigma_explain(const struct sigma_rule *rule, const struct record *record,
                                       const uint32_t *slots, struct sigma_scratch *scratch, struct strbuf *out)
{
        struct explainer x = { rule, rule->doc, record, slots, scratch, out };

        return explain_node(&x, rule->detection->root, 0);
}
