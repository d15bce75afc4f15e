/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/quiet/risk.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "monitor/base/map.h"

static const unsigned points[_LEVEL_MAX] = {
        [LEVEL_INFORMATIONAL] = 0, [LEVEL_LOW] = 5, [LEVEL_MEDIUM] = 20, [LEVEL_HIGH] = 50, [LEVEL_CRITICAL] = 100,
};

unsigned risk_points(enum level level)
{
        return points[level];
}

static double decay(usec age)
{
        return exp2(-(double)age / (double)RISK_HALF_LIFE);
}

/* Sums that differ by less are the same: adding and taking off again leaves a trace. */
#define GRAIN 1e-6

/* What one rule adds. */
struct rule_sum {
        double sum; /* at `at`, without the cap */
        usec at;
        size_t n[_LEVEL_MAX]; /* signs */
};

struct sums {
        struct map places; /* rule → place + 1 */
        struct rule_sum *items;
        size_t n, cap;
};

static void sums_done(struct sums *s)
{
        map_done(&s->places);
        free(s->items);
}

static struct rule_sum *sum_of(struct sums *s, struct str rule)
{
        size_t place = (size_t)(uintptr_t)map_get(&s->places, rule);

        if (place > 0)
                return &s->items[place - 1];
        if (s->n == s->cap) {
                size_t cap = s->cap ? 2 * s->cap : 16;
                struct rule_sum *items = reallocarray(s->items, cap, sizeof *items);

                if (!items)
                        return NULL;
                s->items = items;
                s->cap = cap;
        }
        if (map_put(&s->places, rule, (void *)(uintptr_t)(s->n + 1)) < 0)
                return NULL;
        s->items[s->n] = (struct rule_sum){ .at = USEC_NONE };
        return &s->items[s->n++];
}

static int sums_add(struct sums *s, const struct risk_sign *sign)
{
        struct rule_sum *of = sum_of(s, sign->rule);

        if (!of)
                return -ENOMEM;
        of->sum = (of->at == USEC_NONE ? 0 : of->sum * decay(sign->time - of->at)) + risk_points(sign->level);
        of->at = sign->time;
        of->n[sign->level]++;
        return 0;
}

static unsigned most_of(const struct rule_sum *of)
{
        for (size_t i = _LEVEL_MAX; i-- > 0;)
                if (of->n[i] > 0)
                        return points[i];
        return 0;
}

/* One that was added. */
static int sums_drop(struct sums *s, const struct risk_sign *sign)
{
        struct rule_sum *of = sum_of(s, sign->rule);
        size_t left = 0;

        if (!of)
                return -ENOMEM;
        of->n[sign->level]--;
        for (size_t i = 0; i < _LEVEL_MAX; i++)
                left += of->n[i];
        of->sum = left > 0 ? fmax(0, of->sum - risk_points(sign->level) * decay(of->at - sign->time)) : 0;
        return 0;
}

static bool is_too_old(const struct risk_sign *sign, usec at)
{
        return at - sign->time > RISK_AGE_MAX;
}

static double capped(const struct rule_sum *of, usec at)
{
        double sum = of->sum * decay(at - of->at);

        return fmin(sum, (double)RISK_RULE_TIMES * most_of(of));
}

static struct risk total(const struct sums *s, usec at)
{
        struct risk risk = { 0 };

        for (size_t i = 0; i < s->n; i++) {
                double n = capped(&s->items[i], at);

                risk.points += n;
                risk.weightiest = fmax(risk.weightiest, n);
                risk.n_rules += n >= 0.5;
        }
        return risk;
}

/* Of those from `first` to before `n`: from the latest one back, until the rule adds no more. */
static void share_out(struct sums *s, const struct risk_sign *signs, size_t first, size_t n, usec at, double *parts)
{
        for (size_t i = 0; i < s->n; i++)
                s->items[i].sum = capped(&s->items[i], at);
        for (size_t i = n; i-- > first;) {
                struct rule_sum *of = sum_of(s, signs[i].rule);
                double want = risk_points(signs[i].level) * decay(at - signs[i].time);

                parts[i] = of ? fmin(want, of->sum) : 0;
                if (of)
                        of->sum -= parts[i];
        }
}

int risk_at(const struct risk_sign *signs, size_t n, usec at, double *parts, struct risk *ret)
{
        struct sums s = { .places = MAP_INIT };
        size_t first = 0, i;
        int r = 0;

        while (first < n && is_too_old(&signs[first], at))
                first++;
        for (i = first; i < n && signs[i].time <= at && r >= 0; i++)
                r = sums_add(&s, &signs[i]);
        for (size_t k = 0; parts && k < n; k++)
                parts[k] = 0;
        if (r >= 0) {
                *ret = total(&s, at);
                if (parts)
                        share_out(&s, signs, first, i, at, parts);
        }
        sums_done(&s);
        return r;
}

static bool meets(const struct risk *risk)
{
        return risk->points >= RISK_LINE - GRAIN && risk->points - risk->weightiest >= RISK_OTHERS - GRAIN;
}

static int add_time(struct risk_episode **all, size_t *n, usec at, const struct risk *risk)
{
        struct risk_episode *last = *n > 0 ? &(*all)[*n - 1] : NULL, *more;

        if (!last || at - last->last > RISK_HALF_LIFE || at - last->first > RISK_EPISODE_MAX) {
                more = reallocarray(*all, *n + 1, sizeof **all);
                if (!more)
                        return -ENOMEM;
                *all = more;
                last = &more[(*n)++];
                *last = (struct risk_episode){ .first = at, .peak_at = at, .peak = *risk };
        }
        last->last = at;
        if (risk->points > last->peak.points + GRAIN) {
                last->peak = *risk;
                last->peak_at = at;
        }
        return 0;
}

int risk_episodes(const struct risk_sign *signs, size_t n, usec from, struct risk_episode **ret, size_t *ret_n)
{
        struct sums s = { .places = MAP_INIT };
        size_t old = 0;
        int r = 0;

        *ret = NULL;
        *ret_n = 0;
        for (size_t i = 0; i < n && r >= 0; i++) {
                struct risk risk;

                r = sums_add(&s, &signs[i]);
                while (r >= 0 && is_too_old(&signs[old], signs[i].time))
                        r = sums_drop(&s, &signs[old++]);
                if (r < 0 || signs[i].time < from || (i + 1 < n && signs[i + 1].time == signs[i].time)) /* of one time: together */
                        continue;
                risk = total(&s, signs[i].time);
                if (meets(&risk))
                        r = add_time(ret, ret_n, signs[i].time, &risk);
        }
        sums_done(&s);
        if (r < 0) {
                free(*ret);
                *ret = NULL;
                *ret_n = 0;
        }
        return r;
}
