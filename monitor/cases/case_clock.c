/* SPDX-License-Identifier: Apache-2.0 */

/* From what is known of a case to what its clocks need. */

#include <errno.h>
#include <stdio.h>

#include "monitor/cases/case.h"

/* Numbers that may still grow are told as "at least": an estimate, what was not counted to its end. A range that a person confirmed ends. */
static struct str number_fact(const struct case_value *v, struct arena *arena)
{
        uint64_t least, most;
        bool is_open;

        if (case_number(v->value, &least, &most, &is_open) < 0)
                return STR("");
        is_open = is_open || v->status == FIELD_ESTIMATED;
        if (!is_open && most != least)
                return arena_printf(arena, "%llu-%llu", (unsigned long long)least, (unsigned long long)most);
        return arena_printf(arena, "%s%llu", is_open ? ">=" : "", (unsigned long long)least);
}

static int add_fact(struct arena *arena, const struct case_value *v, struct fact_of_case *to, size_t *n)
{
        struct fact_of_case fact = { .value = v->field->kind == FIELD_NUMBER && v->value.p ? number_fact(v, arena) : v->value };

        if (!v->value.p || v->status == FIELD_UNKNOWN)
                return 0;
        fact.name = v->part.n > 0 ? arena_printf(arena, "%s." STR_FMT, v->field->name, STR_ARG(v->part)) : str_of(v->field->name);
        if (!fact.name.p || !fact.value.p)
                return -ENOMEM;
        if (fact.value.n > 0 && *n < FACTS_MAX)
                to[(*n)++] = fact;
        return 0;
}

static int facts_of(const struct casefile *c, struct arena *arena, struct facts *ret)
{
        struct fact_of_case *facts = arena_array(arena, c->n_values + 1, sizeof *facts);
        size_t n = 0;
        int r = facts ? 0 : -ENOMEM;

        if (r >= 0) {
                facts[n++] = (struct fact_of_case){ STR("alerts"), arena_printf(arena, "%zu", c->n_alerts) };
                r = facts[0].value.p ? 0 : -ENOMEM;
        }
        for (size_t i = 0; i < c->n_values && r >= 0; i++)
                r = add_fact(arena, &c->values[i], facts, &n);
        *ret = (struct facts){ .items = facts, .n = n };
        return r;
}

int casefile_clock(const struct casefile *c, struct arena *arena, struct deadline_case *ret)
{
        struct deadline_mark *marks = arena_array(arena, c->n_marks, sizeof *marks);
        struct deadline_case clock = { .marks = marks };
        int r = marks ? facts_of(c, arena, &clock.facts) : -ENOMEM;

        if (r < 0)
                return r;
        for (int i = 0; i < _EVENT_MAX; i++)
                clock.at[i] = USEC_NONE;
        for (size_t i = 0; i < c->n_marks; i++) {
                const struct case_mark *m = &c->marks[i];

                if (m->event < _EVENT_MAX && m->regime.n == 0)
                        clock.at[m->event] = m->at;
                else
                        marks[clock.n_marks++] = (struct deadline_mark){ .event = m->event, .regime = m->regime, .duty = m->duty, .at = m->at };
        }
        *ret = clock;
        return 0;
}

/* "mei said that it does not apply: nobody lives there" */
static int decide(const struct case_decision *d, struct arena *arena, struct regime *r)
{
        struct str by = d->entry->by.n > 0 ? d->entry->by : d->entry->who.user, because = d->entry->because;

        r->decided_applies = d->applies;
        r->decided = arena_printf(arena, STR_FMT " said that it %s%s" STR_FMT, STR_ARG(by), d->applies ? "applies" : "does not apply",
                                  because.n > 0 ? ": " : "", STR_ARG(because));
        return r->decided.p ? 0 : -ENOMEM;
}

int casefile_deadlines(const struct casefile *c, const struct regimes *regimes, usec now, bool with_others, struct arena *arena,
                       struct deadline **ret, size_t *ret_n, struct err *reterr)
{
        struct regimes *mine = arena_alloc(arena, sizeof *mine);
        struct regime *items = arena_array(arena, regimes->n + 1, sizeof *items);
        struct deadline_case clock;
        int r = mine && items ? casefile_clock(c, arena, &clock) : -ENOMEM;

        if (r >= 0 && regimes->n > 0)
                memcpy(items, regimes->items, regimes->n * sizeof *items);
        for (size_t i = 0; i < regimes->n && r >= 0; i++)
                for (size_t k = 0; k < c->n_decisions && r >= 0; k++)
                        if (str_eq(items[i].id, c->decisions[k].regime))
                                r = decide(&c->decisions[k], arena, &items[i]);
        if (r < 0)
                return err_set(reterr, r, "out of memory");
        *mine = *regimes;
        mine->items = items;
        return deadlines_of(mine, &clock, now, with_others, arena, ret, ret_n, reterr);
}
