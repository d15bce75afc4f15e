/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_QUIET_RISK_H
#define SHOPBELL_QUIET_RISK_H

/* Risk of a person, at a time: the points of all alerts that count (store/quiet.h), each decayed by half in RISK_HALF_LIFE
 * since its last record, in event time, and none older than RISK_AGE_MAX; of one rule at most RISK_RULE_TIMES times the points of
 * its highest alert among them, however often it repeats itself: the same sign again is not another sign.
 *
 * Points: a critical alert alone is as much as the line, two high ones at a time as well, or five medium ones. Beside them (Datadog
 * counts critical 100, high 50, medium 5 within two weeks) a medium one weighs more here: shops are small, and four different
 * medium signs of one person in a week are a story. Informational ones say nothing.
 *
 * Signs meet on a person at a time when one of his alerts comes, his risk is at or above RISK_LINE then, and what other rules
 * than the weightiest one add is at least RISK_OTHERS: one alert that reaches the line by itself has been told already. Such times, each
 * within RISK_HALF_LIFE of the next, are one episode, and one alert. After RISK_EPISODE_MAX the next one begins.
 *
 * What does not count: alerts that are merged or withdrawn; that fit a silence; that another one tells of (it counts); that
 * somebody answered with "me", or closed as false or benign; that have no person; and these alerts themselves. All of it follows from the alerts that are
 * stored, so their order of arrival decides nothing. */

#include <stddef.h>

#include "monitor/base/clock.h"
#include "monitor/model/class.h"

#define RISK_HALF_LIFE (7 * USEC_PER_DAY)
#define RISK_AGE_MAX (10 * RISK_HALF_LIFE) /* a thousandth is left then: an alert so old says nothing */
#define RISK_EPISODE_MAX (30 * USEC_PER_DAY) /* whoever is at risk all year is told of monthly */

enum {
        RISK_LINE = 100, /* points */
        RISK_OTHERS = 20,
        RISK_RULE_TIMES = 2,
};

/* Of an alert at its time. */
unsigned risk_points(enum level level);

struct risk_sign {
        struct str rule; /* id */
        enum level level;
        usec time;
};

struct risk {
        double points;
        double weightiest; /* of them, the most that one rule adds */
        size_t n_rules; /* that add at least half a point */
};

/* At `at`, of what came until then. `signs` are ordered by time. `parts` (NULL: not wanted) becomes what each of them adds: where a
 * rule adds no more, the latest ones go before. 0 or -ENOMEM. */
int risk_at(const struct risk_sign *signs, size_t n, usec at, double *parts, struct risk *ret);

struct risk_episode {
        usec first, last; /* times at which signs met */
        usec peak_at; /* the first of them at which the risk was highest */
        struct risk peak;
};
/* All episodes from `from` on, in order: none goes on there that began before. *ret is the caller's to free. 0 or -ENOMEM. */
int risk_episodes(const struct risk_sign *signs, size_t n, usec from, struct risk_episode **ret, size_t *ret_n);

#endif
