/* SPDX-License-Identifier: Apache-2.0 */

/* What the signs of one person add up to. */

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "monitor/quiet/risk.h"

#define DAY USEC_PER_DAY
#define SIGN(rule, level, at) { { rule, sizeof rule - 1 }, level, at }

static struct risk risk_of(const struct risk_sign *signs, size_t n, usec at, double *parts)
{
        struct risk risk = { 0 };

        cr_assert_eq(risk_at(signs, n, at, parts, &risk), 0);
        return risk;
}

static bool near(double a, double b)
{
        return fabs(a - b) < 1e-6;
}

Test(quiet_risk, half_after_a_week)
{
        const struct risk_sign signs[] = { SIGN("a", LEVEL_HIGH, 0) };

        cr_expect(near(risk_of(signs, 1, 0, NULL).points, 50));
        cr_expect(near(risk_of(signs, 1, 7 * DAY, NULL).points, 25));
        cr_expect(near(risk_of(signs, 1, 14 * DAY, NULL).points, 12.5));
        cr_expect(near(risk_of(signs, 1, -1, NULL).points, 0), "what is to come does not count");
        cr_expect(near(risk_of(signs, 0, 0, NULL).points, 0));
}

Test(quiet_risk, points_of_levels)
{
        cr_expect_eq(risk_points(LEVEL_INFORMATIONAL), 0);
        cr_expect_eq(risk_points(LEVEL_CRITICAL), RISK_LINE);
        cr_expect_eq(2 * risk_points(LEVEL_HIGH), RISK_LINE);
        cr_expect_eq(5 * risk_points(LEVEL_MEDIUM), RISK_LINE);
}

Test(quiet_risk, one_rule_adds_twice_at_most)
{
        const struct risk_sign signs[] = { SIGN("a", LEVEL_MEDIUM, 0), SIGN("a", LEVEL_MEDIUM, 1), SIGN("a", LEVEL_MEDIUM, 2),
                                           SIGN("b", LEVEL_LOW, 2) };
        double parts[4];
        struct risk risk = risk_of(signs, 4, 2, parts);

        cr_expect(near(risk.points, 45));
        cr_expect(near(risk.weightiest, 40));
        cr_expect_eq(risk.n_rules, 2);
        cr_expect(near(parts[2], 20) && near(parts[1], 20) && near(parts[0], 0) && near(parts[3], 5), "the latest go before");
}

static size_t episodes_of(const struct risk_sign *signs, size_t n, struct risk_episode *first)
{
        struct risk_episode *all;
        size_t k;

        cr_assert_eq(risk_episodes(signs, n, INT64_MIN, &all, &k), 0);
        if (k > 0 && first)
                *first = all[0];
        free(all);
        return k;
}

Test(quiet_risk, signs_meet)
{
        const struct risk_sign alone[] = { SIGN("a", LEVEL_CRITICAL, 0), SIGN("b", LEVEL_LOW, 0) };
        const struct risk_sign meet[] = { SIGN("a", LEVEL_CRITICAL, 0), SIGN("b", LEVEL_MEDIUM, 0) };
        const struct risk_sign same[] = { SIGN("a", LEVEL_HIGH, 0), SIGN("a", LEVEL_HIGH, 1), SIGN("a", LEVEL_HIGH, 2) };
        const struct risk_sign weak[] = { SIGN("a", LEVEL_MEDIUM, 0), SIGN("b", LEVEL_MEDIUM, 0), SIGN("c", LEVEL_MEDIUM, 0),
                                          SIGN("d", LEVEL_MEDIUM, 0), SIGN("e", LEVEL_MEDIUM, 0) };
        const struct risk_sign slow[] = { SIGN("a", LEVEL_MEDIUM, 0), SIGN("b", LEVEL_MEDIUM, 2 * DAY), SIGN("c", LEVEL_MEDIUM, 4 * DAY),
                                          SIGN("d", LEVEL_MEDIUM, 6 * DAY), SIGN("e", LEVEL_MEDIUM, 8 * DAY) };
        struct risk_episode e;

        cr_expect_eq(episodes_of(alone, 2, NULL), 0, "that one has been told");
        cr_expect_eq(episodes_of(meet, 2, &e), 1);
        cr_expect_eq(episodes_of(same, 3, NULL), 0, "the same sign again is no other");
        cr_expect_eq(episodes_of(weak, 5, &e), 1);
        cr_expect(near(e.peak.points, 100));
        cr_expect_eq(episodes_of(weak, 4, NULL), 0);
        cr_expect_eq(episodes_of(slow, 5, NULL), 0, "they are too far apart");
}

Test(quiet_risk, episodes_end)
{
        const struct risk_sign signs[] = { SIGN("a", LEVEL_HIGH, 0), SIGN("b", LEVEL_HIGH, 0), SIGN("a", LEVEL_HIGH, 60 * DAY),
                                           SIGN("b", LEVEL_HIGH, 60 * DAY + 1), SIGN("c", LEVEL_LOW, 66 * DAY) };
        struct risk_episode e;

        cr_expect_eq(episodes_of(signs, 5, &e), 2);
        cr_expect_eq(e.first, 0);
        cr_expect_eq(e.last, 0);
}

Test(quiet_risk, what_is_too_old_says_nothing)
{
        const struct risk_sign signs[] = { SIGN("a", LEVEL_CRITICAL, 0), SIGN("a", LEVEL_LOW, RISK_AGE_MAX), SIGN("a", LEVEL_LOW, RISK_AGE_MAX),
                                           SIGN("a", LEVEL_LOW, RISK_AGE_MAX) };
        double parts[4];

        cr_expect(near(risk_of(signs, 4, RISK_AGE_MAX, NULL).points, 15 + 100.0 / 1024));
        cr_expect(near(risk_of(signs, 4, RISK_AGE_MAX + 1, parts).points, 10), "nor how much the rule may add");
        cr_expect(near(parts[0], 0));
}

/* Every day of a year: told of monthly. */
Test(quiet_risk, episodes_are_not_for_ever)
{
        struct risk_sign signs[2 * 365];
        struct risk_episode *all, *late;
        size_t n, n_late;

        for (size_t i = 0; i < ARRAY_LEN(signs); i++)
                signs[i] = (struct risk_sign){ i % 2 ? STR("a") : STR("b"), LEVEL_HIGH, (usec)(i / 2) * DAY };
        cr_assert_eq(risk_episodes(signs, ARRAY_LEN(signs), INT64_MIN, &all, &n), 0);
        cr_expect_eq(n, 12);
        for (size_t i = 0; i < n; i++)
                cr_expect_leq(all[i].last - all[i].first, RISK_EPISODE_MAX);
        cr_assert_eq(risk_episodes(signs, ARRAY_LEN(signs), all[10].first, &late, &n_late), 0);
        cr_assert_eq(n_late, 2);
        cr_expect(late[0].first == all[10].first && late[0].last == all[10].last && near(late[1].peak.points, all[11].peak.points));
        free(all);
        free(late);
}
