/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/cli/rules_complete.h"

enum { CHAIN_MAX = 64 }; /* correlations over correlations that are followed */

bool shown_is_asked(const struct ruleset *rules, size_t rule)
{
        const struct sigma_rule *r = ruleset_rule(rules, rule);

        return !r->is_off && !r->is_base && (r->kind == SIGMA_RULE || ruleset_alerts(rules, rule));
}

static bool has_class(const struct record *record, enum class c)
{
        const struct slot *slot = record_slot(record, ECS_CLASS);

        for (const struct value *v = slot ? slot->first : NULL; v; v = v->next)
                if (class_find(v->text) == c)
                        return true;
        return c == _CLASS_MAX;
}

/* The class that a rule for all platforms is about counts as one more item. */
static bool is_near(const struct ruleset *rules, size_t rule, const struct batch_record *br, struct sigma_scratch *scratch)
{
        enum class c;
        const uint32_t *slots = ruleset_binding(rules, rule, br->source_index, &c);

        return slots && br->record &&
               sigma_steps(ruleset_rule(rules, rule)->detection, br->record, slots, scratch) + !has_class(br->record, c) <= 1;
}

/* Is it a hit of one of the rules that the correlation is made of, or nearly? */
static bool is_counted(const struct ruleset *rules, size_t rule, const struct batch_record *br, struct sigma_scratch *scratch, unsigned depth)
{
        const uint32_t *members;
        size_t n = ruleset_members(rules, rule, &members);

        if (ruleset_rule(rules, rule)->kind == SIGMA_RULE)
                return is_near(rules, rule, br, scratch);
        for (size_t i = 0; i < n && depth < CHAIN_MAX; i++)
                if (is_counted(rules, members[i], br, scratch, depth + 1))
                        return true;
        return false;
}

void shown_add(struct shown *s, const struct ruleset *rules, size_t rule, const struct sigma_test *test, const struct batch *batch,
               struct sigma_scratch *scratch)
{
        if (test->expect == SIGMA_TEST_HIT || (test->expect == SIGMA_TEST_RAISE && test->alerts > 0)) {
                s->hit = true;
                return;
        }
        s->miss = true;
        s->look_alike |= !batch;
        for (size_t i = 0; batch && i < batch->n_records && !s->look_alike; i++)
                s->look_alike = is_counted(rules, rule, &batch->records[i], scratch, 0);
}

bool shown_is_complete(const struct shown *s)
{
        return s->hit && s->miss && s->look_alike;
}

void shown_lacks(const struct shown *s, struct strbuf *out)
{
        const struct {
                bool is_there;
                const char *text;
        } kinds[] = {
                { s->hit, "no hit" },
                { s->miss, "no miss" },
                { s->look_alike || !s->miss, "no look-alike: a miss that differs from a hit in one thing" },
        };
        const char *before = "";

        for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
                if (!kinds[i].is_there) {
                        strbuf_addf(out, "%s%s", before, kinds[i].text);
                        before = ", ";
                }
}
