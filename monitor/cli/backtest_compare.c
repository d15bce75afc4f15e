/* SPDX-License-Identifier: Apache-2.0 */

/* Two replays of the same logs with different rules. Alerts of one rule and one group never overlap in time within a replay, so
 * sorted by these they are paired in one go. */

#include <errno.h>
#include <stdlib.h>

#include "monitor/cli/backtest.h"

static int by_group(const void *a, const void *b)
{
        const struct backtest_alert *x = *(struct backtest_alert *const *)a, *y = *(struct backtest_alert *const *)b;
        int k = str_cmp(x->rule, y->rule);

        if (k == 0)
                k = str_cmp(x->group, y->group);
        if (k == 0)
                k = str_cmp(x->person, y->person);
        return k ? k : x->first < y->first ? -1 : x->first > y->first;
}

static struct backtest_alert **sorted(struct outcome *o, int (*order)(const void *, const void *))
{
        struct backtest_alert **items = calloc(o->n + 1, sizeof(struct backtest_alert *));

        for (size_t i = 0; items && i < o->n; i++)
                items[i] = &o->alerts[i];
        if (items && o->n > 0)
                qsort(items, o->n, sizeof(struct backtest_alert *), order);
        return items;
}

/* <0: x stands before y and does not touch it; >0: behind; 0: the same alert. */
static int hold_against(const struct backtest_alert *x, const struct backtest_alert *y)
{
        int k = str_cmp(x->rule, y->rule);

        if (k == 0)
                k = str_cmp(x->group, y->group);
        if (k == 0)
                k = str_cmp(x->person, y->person);
        return k ? k : x->last < y->first ? -1 : x->first > y->last ? 1 : 0;
}

static void pair_up(struct backtest_alert **here, size_t n_here, struct backtest_alert **there, size_t n_there, size_t *ret_other_level)
{
        size_t i = 0, k = 0;

        while (i < n_here && k < n_there) {
                int side = hold_against(here[i], there[k]);

                if (side == 0) {
                        *ret_other_level += here[i]->level != there[k]->level && !here[i]->is_shared;
                        here[i]->is_shared = there[k]->is_shared = true;
                        side = here[i]->last < there[k]->last ? -1 : 1; /* which ends first meets nothing more */
                }
                if (side < 0)
                        i++;
                else
                        k++;
        }
}

/* ---- What only one raises ---- */

static int by_rule_and_person(const void *a, const void *b)
{
        const struct backtest_alert *x = *(struct backtest_alert *const *)a, *y = *(struct backtest_alert *const *)b;
        int k = str_cmp(x->rule, y->rule);

        if (k == 0)
                k = str_cmp(backtest_person(x), backtest_person(y));
        return k ? k : x->first < y->first ? -1 : x->first > y->first;
}

static void add_differences(struct comparison *c, struct backtest_alert **items, size_t n, bool is_here)
{
        size_t begun = c->n;

        for (size_t i = 0; i < n; i++) {
                const struct backtest_alert *a = items[i];
                struct difference *d = c->n > begun ? &c->items[c->n - 1] : NULL;

                if (a->is_shared)
                        continue;
                if (!d || !str_eq(d->rule, a->rule) || !str_eq(d->person, backtest_person(a))) {
                        d = &c->items[c->n++];
                        *d = (struct difference){ .is_here = is_here, .rule = a->rule, .title = a->title,
                                                  .person = backtest_person(a), .example = a };
                }
                d->alerts++;
                if (a->level > d->level)
                        d->level = a->level;
        }
}

static size_t count_shared(const struct outcome *o)
{
        size_t n = 0;

        for (size_t i = 0; i < o->n; i++)
                n += o->alerts[i].is_shared;
        return n;
}

int backtest_compare(struct outcome *here, struct outcome *there, struct comparison *ret)
{
        struct backtest_alert **a = sorted(here, by_group), **b = sorted(there, by_group);
        struct comparison c = { .items = calloc(here->n + there->n + 1, sizeof *c.items) };
        bool is_whole = a && b && c.items;

        if (is_whole) {
                pair_up(a, here->n, b, there->n, &c.other_level);
                if (here->n)
                        qsort(a, here->n, sizeof(struct backtest_alert *), by_rule_and_person);
                if (there->n)
                        qsort(b, there->n, sizeof(struct backtest_alert *), by_rule_and_person);
                add_differences(&c, a, here->n, true);
                add_differences(&c, b, there->n, false);
                c.shared = count_shared(here);
                c.only_here = here->n - c.shared;
                c.only_there = there->n - count_shared(there);
        } else {
                free(c.items);
        }
        free(a);
        free(b);
        if (is_whole)
                *ret = c;
        return is_whole ? 0 : -ENOMEM;
}
