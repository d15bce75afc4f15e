/* SPDX-License-Identifier: Apache-2.0 */

/* The table of correlation kinds (Sigma specification 2.1, correlation rules).
 *
 * To add one: a row. A measure that can be kept while a window slides gives add and remove; one that looks at the hits
 * themselves gives measure alone. Parameters beyond Sigma's own are read from correlation->section in check. */

#include "monitor/detect/kind.h"

#include <errno.h>
#include <stdlib.h>

#include "monitor/detect/history_kinds.h"

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

static measure_t count_distinct(const struct slide *s, const struct hits *hits, const struct parameters *p)
{
        (void)hits;
        (void)p;
        return (measure_t)s->tally.n;
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
static measure_t longest_row(const struct slide *s, const struct hits *hits, const struct parameters *p)
{
        usec end[KIND_MEMBERS_MAX + 1];
        size_t best = 0, n_members = p->n_members;

        if (s->tally.n < 2 || n_members > KIND_MEMBERS_MAX)
                return (measure_t)s->tally.n;
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
        return (measure_t)best;
}

/* ---- value_sum, value_avg, value_percentile: numbers of a field ---- */

static const char *check_numbers(const struct sigma_correlation *c)
{
        if (c->n_fields != 1)
                return "it looks at the numbers of one field: write  condition: {field: shopbell.export.rows, gte: 1000}";
        return c->n_limits > 0 ? NULL : "it needs a limit, such as  condition: {field: shopbell.export.rows, gte: 1000}";
}

static int add_numbers(struct slide *s, const struct hit *hit)
{
        for (uint32_t i = 0; i < hit->n_values; i++)
                s->sum += measure_unpack(&hit_values(hit)[i]);
        s->n_numbers += hit->n_values;
        return 0;
}

static void remove_numbers(struct slide *s, const struct hit *hit)
{
        for (uint32_t i = 0; i < hit->n_values; i++)
                s->sum -= measure_unpack(&hit_values(hit)[i]);
        s->n_numbers -= hit->n_values;
}

/* Into the range of a measure that is not MEASURE_NONE. */
static measure_t narrow(__int128 m)
{
        return m > INT64_MAX ? INT64_MAX : m < -INT64_MAX ? -INT64_MAX : (measure_t)m;
}

static measure_t sum(const struct slide *s, const struct hits *hits, const struct parameters *p)
{
        (void)hits;
        (void)p;
        return s->n_numbers > 0 ? narrow(s->sum) : MEASURE_NONE;
}

static measure_t average(const struct slide *s, const struct hits *hits, const struct parameters *p)
{
        (void)hits;
        (void)p;
        return s->n_numbers > 0 ? narrow(s->sum / (__int128)s->n_numbers) : MEASURE_NONE;
}

/* The first place in s->sorted whose number is not below `m`. */
static size_t sorted_place(const struct slide *s, measure_t m)
{
        size_t from = 0, to = s->n_numbers;

        while (from < to) {
                size_t middle = from + (to - from) / 2;

                if (s->sorted[middle] < m)
                        from = middle + 1;
                else
                        to = middle;
        }
        return from;
}

static int add_sorted(struct slide *s, const struct hit *hit)
{
        if (s->n_numbers + hit->n_values > s->cap_sorted) {
                size_t cap = size_max(2 * s->cap_sorted, s->n_numbers + hit->n_values + 8);
                measure_t *sorted = reallocarray(s->sorted, cap, sizeof *sorted);

                if (!sorted)
                        return -ENOMEM;
                s->sorted = sorted;
                s->cap_sorted = cap;
        }
        for (uint32_t i = 0; i < hit->n_values; i++) {
                measure_t m = measure_unpack(&hit_values(hit)[i]);
                size_t place = sorted_place(s, m);

                memmove(s->sorted + place + 1, s->sorted + place, (s->n_numbers - place) * sizeof *s->sorted);
                s->sorted[place] = m;
                s->n_numbers++;
        }
        return 0;
}

static void remove_sorted(struct slide *s, const struct hit *hit)
{
        for (uint32_t i = 0; i < hit->n_values; i++) {
                size_t place = sorted_place(s, measure_unpack(&hit_values(hit)[i]));

                s->n_numbers--;
                memmove(s->sorted + place, s->sorted + place + 1, (s->n_numbers - place) * sizeof *s->sorted);
        }
}

/* Between two neighbours in proportion to the distance (linear interpolation, as the specification's users expect of a
 * percentile: the minimum is the 0th, the maximum the 100th). */
static measure_t percentile(const struct slide *s, const struct hits *hits, const struct parameters *p)
{
        const __int128 whole = (__int128)100 * MEASURE_MICRO;
        __int128 place, low, high;
        size_t i;

        (void)hits;
        if (s->n_numbers == 0)
                return MEASURE_NONE;
        place = (__int128)(s->n_numbers - 1) * p->percentile;
        i = (size_t)(place / whole);
        low = s->sorted[i];
        high = s->sorted[i + 1 < s->n_numbers ? i + 1 : i];
        return narrow(low + (high - low) * (place % whole) / whole);
}

static const char *check_percentile(const struct sigma_correlation *c)
{
        const struct yaml *value = yaml_get(yaml_get(c->section, "condition"), "percentile");
        const char *wrong = check_numbers(c);
        measure_t m;

        if (wrong)
                return wrong;
        return !value || (yaml_is_scalar(value) && measure_parse(value->text, &m) && m >= 0 &&
                          m <= (measure_t)100 * MEASURE_MICRO)
                       ? NULL
                       : "a percentile is a number from 0 to 100, such as  condition: {field: shopbell.export.rows, percentile: 95, gte: 1000}";
}

/* ---- Slides ---- */

void slide_clear(struct slide *s)
{
        tally_clear(&s->tally);
        s->from = s->to = s->n_numbers = 0;
        s->sum = 0;
}

void slide_done(struct slide *s)
{
        tally_done(&s->tally);
        free(s->sorted);
        *s = (struct slide){ 0 };
}

size_t slide_bytes(const struct slide *s)
{
        return tally_bytes(&s->tally) + s->cap_sorted * sizeof *s->sorted;
}

/* ---- absence: the first rule hits and no other does within the timespan ---- */

static const char *check_absence(const struct sigma_correlation *c)
{
        if (c->n_rules < 2)
                return "absence needs two rules: what happens, and what should follow";
        return c->n_limits == 0 ? NULL : "absence takes no condition: nothing of the other rules may follow";
}

static int add_follower(struct slide *s, const struct hit *hit)
{
        s->n_numbers += hit->member > 0;
        return 0;
}

static void remove_follower(struct slide *s, const struct hit *hit)
{
        s->n_numbers -= hit->member > 0;
}

static measure_t count_followers(const struct slide *s, const struct hits *hits, const struct parameters *p)
{
        (void)hits;
        (void)p;
        return (measure_t)s->n_numbers;
}

/* ---- coverage: distinct values or a sum as a share of a whole ---- */

static const char *check_coverage(const struct sigma_correlation *c)
{
        const struct yaml *of = yaml_get(c->section, "of"), *count = yaml_get(c->section, "count");
        measure_t m;

        if (!of || !yaml_is_scalar(of) || !measure_parse(of->text, &m) || m <= 0)
                return "coverage needs the whole: write  of: 800  (customers, say)";
        if (count && !str_eqz(count->text, "distinct") && !str_eqz(count->text, "sum"))
                return "count is distinct or sum";
        if (c->n_fields == 0 || c->n_limits == 0)
                return "coverage needs a field and a share in percent: write  condition: {field: shopbell.object, gte: 20}";
        return NULL;
}

/* ---- Kinds that look at what a key did before: history_kinds.c ---- */

static const char *check_history(const struct sigma_correlation *c)
{
        const struct yaml *team = yaml_get(c->section, "team");

        if (team && !yaml_is_scalar(team))
                return "team names a field, such as  team: user.roles";
        return !parameters_are_right(c) ? "learning and memory are times such as 14d, half_life a time above 0, k and distance "
                                  "numbers from 0 on, known a whole number"
                                : NULL;
}

static const char *check_new_value(const struct sigma_correlation *c)
{
        if (c->n_fields == 0 || c->n_fields > HISTORY_FEATURES_MAX)
                return "new_value looks at one to 8 fields: write  condition: {field: source.geo.country_iso_code}";
        return check_history(c);
}

static const char *check_spike(const struct sigma_correlation *c)
{
        const char *wrong = check_numbers(c);

        return wrong ? wrong : check_history(c);
}

static const char *check_new_highest(const struct sigma_correlation *c)
{
        return c->n_fields == 1 ? check_history(c)
                                : "new_highest looks at the numbers of one field: write  condition: {field: shopbell.amount.new}";
}

static const char *check_surprise(const struct sigma_correlation *c)
{
        bool has_team = yaml_get(c->section, "team");

        return c->n_fields + has_team > HISTORY_FEATURES_MAX ? "surprise looks at up to 8 fields, the team's among them"
                                                             : check_history(c);
}

static const char *check_travel(const struct sigma_correlation *c)
{
        return c->n_fields > 0 ? "travel looks at places: it takes no field" : check_history(c);
}

static const char *const surprise_fields[] = {
        "source.geo.country_iso_code", "source.as.number", "shopbell.device", HOUR_FIELD, "shopbell.source",
        "shopbell.mfa", NULL,
};
static const char *const travel_fields[] = {
        "source.geo.location", "shopbell.geo.radius_km", "source.geo.country_iso_code", "shopbell.network",
        "shopbell.geo.precision", NULL,
};

#define MEMORY (180 * USEC_PER_DAY)

/* ---- The table ---- */

const struct kind kind_single = {
        .name = "single",
        .help = "hits of one rule by one person",
        .scale = 1,
        .unit = "",
};

static const struct kind kinds[] = {
        {
                .name = "event_count",
                .days = DAYS_HITS,
                .help = "how many hits there are",
                .scale = 1,
                .check = check_count,
                .unit = "",
        },
        {
                .name = "value_count",
                .days = DAYS_VALUES,
                .help = "how many distinct values of a field there are",
                .scale = 1,
                .check = check_values,
                .brings = BRINGS_VALUES,
                .add = add_values,
                .remove = remove_values,
                .measure = count_distinct,
                .unit = "distinct ",
        },
        {
                .name = "temporal",
                .help = "how many of the rules hit",
                .scale = 1,
                .wants_all = true,
                .add = add_member,
                .remove = remove_member,
                .measure = count_distinct,
                .unit = "rules ",
        },
        {
                .name = "temporal_ordered",
                .help = "how many of the rules hit in the order listed",
                .scale = 1,
                .check = check_ordered,
                .wants_all = true,
                .add = add_member,
                .remove = remove_member,
                .measure = longest_row,
                .unit = "rules in order ",
        },
        {
                .name = "value_sum",
                .days = DAYS_NUMBERS,
                .help = "the sum of a field's numbers; those below zero count as zero",
                .scale = MEASURE_MICRO,
                .check = check_numbers,
                .brings = BRINGS_NUMBERS,
                .add = add_numbers,
                .remove = remove_numbers,
                .measure = sum,
                .unit = "in all of ",
        },
        {
                .name = "value_avg",
                .help = "the average of a field's numbers",
                .scale = MEASURE_MICRO,
                .check = check_numbers,
                .brings = BRINGS_NUMBERS,
                .can_fall = true,
                .add = add_numbers,
                .remove = remove_numbers,
                .measure = average,
                .unit = "on average of ",
        },
        {
                .name = "value_percentile",
                .help = "a percentile of a field's numbers (condition.percentile, 50 by default)",
                .scale = MEASURE_MICRO,
                .check = check_percentile,
                .brings = BRINGS_NUMBERS,
                .can_fall = true,
                .add = add_sorted,
                .remove = remove_sorted,
                .measure = percentile,
                .unit = "as percentile of ",
        },
        {
                .name = "absence",
                .help = "the first rule hits and none of the others follows within the timespan",
                .scale = 1,
                .check = check_absence,
                .wants_all = true,
                .is_forward = true,
                .add = add_follower,
                .remove = remove_follower,
                .measure = count_followers,
                .unit = "",
        },
        {
                .name = "coverage",
                .help = "distinct values of a field, or (count: sum) their sum, in percent of a whole (of: 800)",
                .scale = 1,
                .check = check_coverage,
                .is_share = true,
                .brings = BRINGS_VALUES,
                .unit = "",
        },
        {
                .name = "new_value",
                .help = "a value that the group never had before (memory 180d, nothing while learning 14d)",
                .scale = 1,
                .check = check_new_value,
                .brings = BRINGS_TEXTS,
                .least = "1",
                .judge = judge_new_value,
                .enter = enter_tuple,
                .may = may_be_new,
                .defaults = { .learning = 14 * USEC_PER_DAY, .memory = MEMORY },
                .unit = "new ",
        },
        {
                .name = "travel",
                .help = "km/h between two places of a group within the timespan (900 by default; distance 500 km)",
                .scale = 1,
                .check = check_travel,
                .brings = BRINGS_PLACE,
                .fields = travel_fields,
                .least = "900",
                .judge = judge_travel,
                .enter = enter_journey,
                .defaults = { .memory = MEMORY, .distance_km = 500 },
                .unit = "km/h ",
        },
        {
                .name = "unusual_time",
                .help = "bits by which the hour is unusual for the group (5 by default; at least 20 hits known)",
                .scale = MEASURE_MICRO,
                .check = check_history,
                .least = "5",
                .judge = judge_unusual_time,
                .enter = enter_hour,
                .defaults = { .memory = MEMORY, .half_life = 60, .known = 20 },
                .unit = "bits ",
        },
        {
                .name = "dormant",
                .help = "days since the group's last hit (90 by default)",
                .scale = 1,
                .check = check_history,
                .least = "90",
                .judge = judge_dormant,
                .may = may_be_back,
                .enter = enter_day,
                .defaults = { .memory = 400 * USEC_PER_DAY },
                .unit = "days ",
        },
        {
                .name = "spike",
                .help = "the day's sum of a field, above the median and k (6) deviations of the group's own days",
                .scale = MEASURE_MICRO,
                .check = check_spike,
                .brings = BRINGS_NUMBERS,
                .judge = judge_spike,
                .enter = enter_sum,
                .defaults = { .memory = 90 * USEC_PER_DAY, .k = 6, .known = 7 },
                .unit = "on one day of ",
        },
        {
                .name = "new_highest",
                .help = "a number of a field, above k (1) times all that the group had before (memory 90d, learning 14d)",
                .scale = MEASURE_MICRO,
                .check = check_new_highest,
                .brings = BRINGS_NUMBERS,
                .least = "0",
                .judge = judge_new_highest,
                .enter = enter_numbers,
                .defaults = { .learning = 14 * USEC_PER_DAY, .memory = 90 * USEC_PER_DAY, .k = 1 },
                .unit = "",
        },
        {
                .name = "surprise",
                .help = "bits by which a hit is unusual for its group, all features together (24 by default)",
                .scale = MEASURE_MICRO,
                .check = check_surprise,
                .brings = BRINGS_TEXTS,
                .fields = surprise_fields,
                .least = "24",
                .judge = judge_surprise,
                .enter = enter_texts,
                .has_crowd = true,
                .defaults = { .memory = 400 * USEC_PER_DAY, .half_life = 60, .known = 5 },
                .unit = "bits ",
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
