/* SPDX-License-Identifier: Apache-2.0 */

/* The alerts of a replay put together: by rule, by person, by week. */

#include <errno.h>
#include <stdlib.h>

#include "monitor/base/map.h"
#include "monitor/cli/backtest.h"

static void put_in(struct heap *h, const struct backtest_alert *a)
{
        h->rang += a->rings;
        h->listed += !a->rings;
        if (a->level > h->level)
                h->level = a->level;
}

static int by_loudness(const void *a, const void *b)
{
        const struct heap *x = a, *y = b;

        if (x->rang != y->rang)
                return x->rang < y->rang ? 1 : -1;
        if (x->level != y->level)
                return x->level < y->level ? 1 : -1;
        if (x->listed != y->listed)
                return x->listed < y->listed ? 1 : -1;
        return str_cmp(x->title, y->title);
}

struct heap_name {
        struct str key, title;
};

static struct heap_name of_rule(const struct backtest_alert *a)
{
        return (struct heap_name){ a->rule, a->title };
}

static struct heap_name of_person(const struct backtest_alert *a)
{
        return (struct heap_name){ backtest_person(a), backtest_person(a) };
}

/* One heap for each name. `rule`: only its alerts. */
static int heap_up(const struct outcome *o, struct str rule, struct heap_name (*name_of)(const struct backtest_alert *a), struct heaps *ret)
{
        struct heaps h = { .items = calloc(o->n + 1, sizeof *h.items) };
        struct map places = MAP_INIT; /* name → place + 1 */
        int r = h.items ? 0 : -ENOMEM;

        for (size_t i = 0; i < o->n && r >= 0; i++) {
                struct heap_name name = name_of(&o->alerts[i]);
                uintptr_t at;

                if (rule.p && !str_eq(rule, o->alerts[i].rule))
                        continue;
                at = (uintptr_t)map_get(&places, name.key);
                if (at == 0) {
                        h.items[h.n] = (struct heap){ .key = name.key, .title = name.title };
                        at = ++h.n;
                        r = map_put(&places, name.key, (void *)at);
                }
                put_in(&h.items[at - 1], &o->alerts[i]);
        }
        map_done(&places);
        if (r < 0) {
                free(h.items);
                return r;
        }
        qsort(h.items, h.n, sizeof *h.items, by_loudness);
        *ret = h;
        return 0;
}

int heaps_by_rule(const struct outcome *o, struct heaps *ret)
{
        return heap_up(o, STR_NONE, of_rule, ret);
}

int heaps_by_person(const struct outcome *o, struct str rule, struct heaps *ret)
{
        return heap_up(o, rule, of_person, ret);
}

/* Weeks of seven days that end with the last record; the first may be shorter. */
int heaps_by_week(const struct outcome *o, struct heaps *ret)
{
        const usec week = 7 * USEC_PER_DAY;
        struct heaps h = { 0 };

        h.n = o->to == USEC_NONE ? 0 : (size_t)((o->to - o->from) / week) + 1;
        h.items = calloc(h.n + 1, sizeof *h.items);
        if (!h.items)
                return -ENOMEM;
        for (size_t i = 0; i < h.n; i++) {
                usec from = o->to - (usec)(h.n - i) * week;

                h.items[i].from = from < o->from ? o->from : from;
        }
        for (size_t i = 0; i < o->n && h.n > 0; i++) {
                usec ago = o->alerts[i].first < o->to ? o->to - o->alerts[i].first : 0;
                size_t back = (size_t)(ago / week);

                put_in(&h.items[h.n - 1 - size_min(back, h.n - 1)], &o->alerts[i]);
        }
        *ret = h;
        return 0;
}
