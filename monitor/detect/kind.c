/* SPDX-License-Identifier: Apache-2.0 */

/* The table of correlation kinds (Sigma specification 2.1, correlation rules), and conditions.
 *
 * To add one: a row. A measure that can be kept while a window slides gives add and remove; one that looks at the hits
 * themselves gives measure alone. Parameters beyond Sigma's own are read from correlation->section in check. */

#include "monitor/detect/kind.h"

#include "monitor/base/number.h"

/* ---- event_count: hits ---- */

static const char *check_count(const struct sigma_correlation *c)
{
        return c->n_limits > 0 ? NULL : "event_count needs a condition, such as  condition: {gte: 5}";
}

/* ---- value_count: distinct values, or distinct tuples of several fields ---- */

static const char *check_values(const struct sigma_correlation *c)
{
        if (c->n_fields == 0)
                return "value_count counts the values of a field: write  condition: {field: user.name, gte: 5}";
        return c->n_limits > 0 ? NULL : "value_count needs a limit, such as  condition: {field: user.name, gte: 5}";
}

static int add_values(struct slide *s, const struct hit *hit)
{
        for (uint32_t i = 0; i < hit->n_values; i++) {
                int r = tally_add(&s->tally, &hit_values(hit)[i]);

                if (r < 0)
                        return r;
        }
        return 0;
}

static void remove_values(struct slide *s, const struct hit *hit)
{
        for (uint32_t i = 0; i < hit->n_values; i++)
                tally_remove(&s->tally, &hit_values(hit)[i]);
}

static uint64_t count_distinct(const struct slide *s, const struct hits *hits, size_t n_members)
{
        (void)hits;
        (void)n_members;
        return s->tally.n;
}

/* ---- temporal: distinct rules ---- */

static struct hash128 member_hash(const struct hit *hit)
{
        return (struct hash128){ { (uint8_t)hit->member, (uint8_t)(hit->member >> 8) } };
}

static int add_member(struct slide *s, const struct hit *hit)
{
        struct hash128 h = member_hash(hit);

        return tally_add(&s->tally, &h);
}

static void remove_member(struct slide *s, const struct hit *hit)
{
        struct hash128 h = member_hash(hit);

        tally_remove(&s->tally, &h);
}

/* ---- temporal_ordered: the longest row of rules in the order listed, by event time; equal stamps count as either
 * order ---- */

static const char *check_ordered(const struct sigma_correlation *c)
{
        return c->n_rules <= KIND_MEMBERS_MAX ? NULL : "temporal_ordered takes at most 64 rules";
}

/* The first time at or after `from` at which the member hits; INT64_MAX: never. */
static usec next_of(const struct slide *s, const struct hits *hits, size_t member, usec from)
{
        for (size_t i = s->from; i < s->to; i++) {
                const struct hit *hit = hits_at(hits, i);

                if (hit->member == member && hit->time >= from)
                        return hit->time;
        }
        return INT64_MAX;
}

/* end[k]: the earliest time at which a row of k of the rules so far can end. */
static uint64_t longest_row(const struct slide *s, const struct hits *hits, size_t n_members)
{
        usec end[KIND_MEMBERS_MAX + 1];
        uint64_t best = 0;

        if (s->tally.n < 2 || n_members > KIND_MEMBERS_MAX)
                return s->tally.n;
        end[0] = INT64_MIN;
        for (size_t k = 1; k <= n_members; k++)
                end[k] = INT64_MAX;
        for (size_t member = 0; member < n_members; member++)
                for (size_t k = best + 1; k > 0; k--) {
                        usec t = next_of(s, hits, member, end[k - 1]);

                        if (t >= end[k])
                                continue;
                        end[k] = t;
                        if (k > best)
                                best = k;
                }
        return best;
}

/* ---- The table ---- */

const struct kind kind_single = {
        .name = "single",
        .help = "hits of one rule by one person",
        .unit = "",
};

static const struct kind kinds[] = {
        {
                .name = "event_count",
                .help = "how many hits there are",
                .check = check_count,
                .unit = "",
        },
        {
                .name = "value_count",
                .help = "how many distinct values of a field there are",
                .check = check_values,
                .counts_field = true,
                .add = add_values,
                .remove = remove_values,
                .measure = count_distinct,
                .unit = "distinct ",
        },
        {
                .name = "temporal",
                .help = "how many of the rules hit",
                .wants_all = true,
                .add = add_member,
                .remove = remove_member,
                .measure = count_distinct,
                .unit = "rules ",
        },
        {
                .name = "temporal_ordered",
                .help = "how many of the rules hit in the order listed",
                .check = check_ordered,
                .wants_all = true,
                .add = add_member,
                .remove = remove_member,
                .measure = longest_row,
                .unit = "rules in order ",
        },
};

const struct kind *kind_find(struct str name)
{
        for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
                if (str_eqz(name, kinds[i].name))
                        return &kinds[i];
        return NULL;
}

void kind_names(struct strbuf *out)
{
        for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
                strbuf_addf(out, "%s%s", i ? ", " : "", kinds[i].name);
}

/* ---- Limits ---- */

static bool holds(const struct sigma_limit *limit, uint64_t measure)
{
        char digits[24];
        size_t at = sizeof digits;
        int order;

        do
                digits[--at] = (char)('0' + measure % 10);
        while ((measure /= 10) > 0);
        order = number_cmp(str_from(digits + at, sizeof digits - at), limit->number);
        switch (limit->op) {
        case SIGMA_GT: return order > 0;
        case SIGMA_GTE: return order >= 0;
        case SIGMA_LT: return order < 0;
        case SIGMA_LTE: return order <= 0;
        case SIGMA_EQ: return order == 0;
        case SIGMA_NEQ: return order != 0;
        }
        return false;
}

/* The smallest measure at which a gt or gte holds. */
static uint64_t least_of(const struct sigma_limit *limit)
{
        uint64_t from = 0, to = UINT64_MAX;

        while (from < to) {
                uint64_t middle = from + (to - from) / 2;

                if (holds(limit, middle))
                        to = middle;
                else
                        from = middle + 1;
        }
        return from;
}

void limits_init(struct limits *l, const struct sigma_limit *items, size_t n)
{
        *l = (struct limits){ .items = items, .n = n, .is_rising = true };
        for (size_t i = 0; i < n; i++)
                l->is_rising &= items[i].op == SIGMA_GT || items[i].op == SIGMA_GTE;
        for (size_t i = 0; i < n && l->is_rising; i++)
                if (least_of(&items[i]) > l->least)
                        l->least = least_of(&items[i]);
}

bool limits_met(const struct limits *l, uint64_t measure)
{
        if (l->is_rising)
                return measure >= l->least && l->least < UINT64_MAX;
        for (size_t i = 0; i < l->n; i++)
                if (!holds(&l->items[i], measure))
                        return false;
        return true;
}
