/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_TESTS_UNIT_DETECT_ORACLE_H
#define SHOPBELL_TESTS_UNIT_DETECT_ORACLE_H

/* What each kind of correlation should say about a few records of one group, computed slowly from the definitions in
 * shopbell.rule(5): every window, every hit against all earlier ones. Knows nothing of the engine. */

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ORACLE_MAX = 96 };

struct fact {
        int64_t time; /* seconds */
        unsigned number; /* its identity; those of equal time are judged in the order of `rank` */
        unsigned rank;
        bool is_logout;
        unsigned user, ip, country; /* country: 0 Korea, 1 Nigeria, 2 none known */
        int rows;
};

struct run {
        int64_t first, last;
        unsigned count;
};

struct oracle {
        const char *kind;
        int64_t span; /* seconds */
        double limit;
        double below; /* and less than that; 0: no such limit */
        const struct oracle *inner; /* of a chain: what counts are the hot hits of that one, and logouts */
};

/* ---- Windows ---- */

static inline int oracle_by_double(const void *a, const void *b)
{
        double x = *(const double *)a, y = *(const double *)b;

        return (x > y) - (x < y);
}

static inline bool is_kind(const struct oracle *o, const char *name)
{
        return strcmp(o->kind, name) == 0;
}

/* NAN: nothing to measure. */
static inline double oracle_measure(const struct oracle *o, const struct fact *const *w, size_t n)
{
        double numbers[ORACLE_MAX], sum = 0, place;
        unsigned ips = 0, logins = 0, logouts = 0, row = 0;

        for (size_t i = 0; i < n; i++) {
                ips |= w[i]->is_logout ? 0 : 1U << w[i]->ip;
                logouts += w[i]->is_logout;
                if (w[i]->is_logout)
                        continue;
                numbers[logins++] = w[i]->rows;
                sum += w[i]->rows;
                for (size_t k = 0; k < n; k++)
                        row |= w[k]->is_logout && w[k]->time >= w[i]->time;
        }
        if (is_kind(o, "value_count") || is_kind(o, "coverage"))
                return __builtin_popcount(ips);
        if (is_kind(o, "temporal"))
                return (logins > 0) + (logouts > 0);
        if (is_kind(o, "temporal_ordered"))
                return row ? 2 : logins + logouts > 0;
        if (is_kind(o, "event_count"))
                return logins;
        if (logins == 0)
                return NAN;
        if (is_kind(o, "value_sum"))
                return sum;
        if (is_kind(o, "value_avg"))
                return sum / logins;
        qsort(numbers, logins, sizeof *numbers, oracle_by_double);
        place = (logins - 1) * 0.5;
        return numbers[(size_t)place] +
               (numbers[(size_t)ceil(place)] - numbers[(size_t)place]) * (place - floor(place));
}

static inline bool oracle_met(const struct oracle *o, double m)
{
        return !isnan(m) && m >= o->limit - 1e-9 && (o->below == 0 || m < o->below);
}

static inline void oracle_windows(const struct oracle *o, const struct fact *f, size_t n, bool *hot)
{
        bool trails = o->below != 0;

        for (size_t s = 0; s < n; s++) {
                const struct fact *w[ORACLE_MAX];
                size_t of[ORACLE_MAX], count = 0;

                for (size_t i = 0; i < n; i++)
                        if (trails ? f[i].time > f[s].time - o->span && f[i].time <= f[s].time
                                   : f[i].time >= f[s].time && f[i].time <= f[s].time + o->span) {
                                of[count] = i;
                                w[count++] = &f[i];
                        }
                if (!oracle_met(o, oracle_measure(o, w, count)))
                        continue;
                for (size_t i = 0; i < count; i++)
                        if (!trails || of[i] == s)
                                hot[of[i]] = true;
        }
}

static inline void oracle_absence(const struct oracle *o, const struct fact *f, size_t n, bool *hot)
{
        for (size_t s = 0; s < n; s++) {
                bool follows = false;

                for (size_t i = 0; i < n; i++)
                        follows |= f[i].is_logout && f[i].time >= f[s].time && f[i].time <= f[s].time + o->span;
                hot[s] = !f[s].is_logout && !follows;
        }
}

/* ---- Histories; facts are sorted by time, then rank ---- */

static inline int64_t oracle_day(int64_t t)
{
        return t / 86400; /* none before 1970 */
}

static inline bool oracle_new_value(const struct fact *f, size_t i)
{
        if (f[i].time < f[0].time + 5 * 86400)
                return false;
        for (size_t k = 0; k < i; k++)
                if (f[k].ip == f[i].ip)
                        return false;
        return true;
}

static inline bool oracle_dormant(const struct oracle *o, const struct fact *f, size_t i)
{
        return i > 0 && f[i].time > f[i - 1].time && (double)((f[i].time - f[i - 1].time) / 86400) >= o->limit;
}

static inline bool oracle_unusual(const struct oracle *o, const struct fact *f, size_t i)
{
        double near = 0, all = 0;
        int64_t hour = f[i].time / 3600 % 24;
        bool weekend = (oracle_day(f[i].time) + 3) % 7 >= 5;

        for (size_t k = 0; k < i; k++) {
                double weight = exp2(-(double)(oracle_day(f[i].time) - oracle_day(f[k].time)) / 60);
                int64_t apart = llabs(f[k].time / 3600 % 24 - hour);

                all += weight;
                if ((apart <= 1 || apart >= 23) && ((oracle_day(f[k].time) + 3) % 7 >= 5) == weekend)
                        near += weight;
        }
        return i >= 5 && -log2((near + 0.5) / (all + 1)) >= o->limit;
}

static inline double oracle_median(double *v, size_t n)
{
        qsort(v, n, sizeof *v, oracle_by_double);
        return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

static inline bool oracle_spike(const struct oracle *o, const struct fact *f, size_t i)
{
        double days[400] = { 0 }, sum = 0, middle;
        int64_t today = oracle_day(f[i].time), first = oracle_day(f[0].time);
        size_t n = (size_t)(today - first);

        for (size_t k = 0; k <= i; k++) {
                if (oracle_day(f[k].time) == today)
                        sum += f[k].rows;
                else
                        days[oracle_day(f[k].time) - first] += f[k].rows;
        }
        if (n < 2)
                return false;
        middle = oracle_median(days, n);
        for (size_t k = 0; k < n; k++)
                days[k] = fabs(days[k] - middle);
        return sum >= o->limit && sum > middle + 1 * 1.4826 * oracle_median(days, n);
}

static inline bool oracle_highest(const struct oracle *o, const struct fact *f, size_t i)
{
        int top = -1;

        for (size_t k = 0; k < i; k++)
                if (f[k].rows > top)
                        top = f[k].rows;
        return top >= 0 && f[i].time - f[0].time >= 2 * 86400 && f[i].rows >= o->limit && f[i].rows > top;
}

/* Seoul and Lagos are some 12,400 km apart: too far for anything below half a day. */
static inline bool oracle_travel(const struct oracle *o, const struct fact *f, size_t i)
{
        for (size_t k = 0; k < i && f[i].country < 2; k++)
                if (f[k].country < 2 && f[k].country != f[i].country && f[i].time - f[k].time <= o->span)
                        return true;
        return false;
}

struct oracle_weight {
        double value, all;
        unsigned distinct;
};

/* Of the facts before `i` (own) or of whole days up to `day` (everyone). */
static inline struct oracle_weight oracle_weigh(const struct fact *f, size_t n, const struct fact *x, int feature, int64_t day)
{
        struct oracle_weight w = { 0 };
        unsigned seen = 0;

        for (size_t k = 0; k < n; k++) {
                double weight = exp2(-(double)(day - oracle_day(f[k].time)) / 60);
                unsigned value = feature ? f[k].country : f[k].ip;

                if (oracle_day(f[k].time) > day)
                        continue;
                w.all += weight;
                seen |= 1U << value;
                if (value == (feature ? x->country : x->ip))
                        w.value += weight;
        }
        w.distinct = (unsigned)__builtin_popcount(seen);
        return w;
}

static inline bool oracle_surprise(const struct oracle *o, const struct fact *f, size_t i, const struct fact *all, size_t n_all)
{
        double bits = 0;

        for (int feature = 0; feature < 2; feature++) {
                struct oracle_weight own = oracle_weigh(f, i, &f[i], feature, oracle_day(f[i].time));
                struct oracle_weight crowd = oracle_weigh(all, n_all, &f[i], feature, oracle_day(f[i].time) - 2);
                double guess = 1.0 / (1 + (own.distinct > crowd.distinct ? own.distinct : crowd.distinct));
                double p = (crowd.value + guess) / (crowd.all + 1);

                bits -= log2((own.value + 2 * p) / (own.all + 2));
        }
        return bits >= o->limit;
}

static inline void oracle_histories(const struct oracle *o, const struct fact *f, size_t n, const struct fact *all, size_t n_all,
                                    bool *hot)
{
        for (size_t i = 0; i < n; i++)
                hot[i] = is_kind(o, "new_value")      ? oracle_new_value(f, i)
                         : is_kind(o, "dormant")      ? oracle_dormant(o, f, i)
                         : is_kind(o, "unusual_time") ? oracle_unusual(o, f, i)
                         : is_kind(o, "spike")        ? oracle_spike(o, f, i)
                         : is_kind(o, "new_highest")  ? oracle_highest(o, f, i)
                         : is_kind(o, "travel")       ? oracle_travel(o, f, i)
                                                      : oracle_surprise(o, f, i, all, n_all);
}

static inline bool is_history(const struct oracle *o)
{
        static const char *const names[] = { "new_value", "dormant", "unusual_time", "spike", "new_highest", "travel", "surprise" };

        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
                if (is_kind(o, names[i]))
                        return true;
        return false;
}

static inline void oracle_hot(const struct oracle *o, const struct fact *f, size_t n, const struct fact *all, size_t n_all, bool *hot)
{
        if (is_kind(o, "absence"))
                oracle_absence(o, f, n, hot);
        else if (is_history(o))
                oracle_histories(o, f, n, all, n_all, hot);
        else
                oracle_windows(o, f, n, hot);
}

/* The episodes of one group whose facts are sorted; `all`: logins of all groups. How many. */
static inline size_t oracle_runs(const struct oracle *o, const struct fact *facts, size_t n_facts, const struct fact *all,
                                 size_t n_all, struct run *ret)
{
        bool hot[ORACLE_MAX] = { false }, is_hit[ORACLE_MAX] = { false };
        struct fact f[ORACLE_MAX];
        size_t n_runs = 0, n = 0;

        if (o->inner)
                oracle_hot(o->inner, facts, n_facts, all, n_all, is_hit);
        for (size_t i = 0; i < n_facts; i++)
                if (!o->inner || facts[i].is_logout || is_hit[i])
                        f[n++] = facts[i];
        oracle_hot(o, f, n, all, n_all, hot);
        for (size_t i = 0; i < n; i++) {
                struct run *r = n_runs > 0 ? &ret[n_runs - 1] : NULL;

                if (!hot[i])
                        continue;
                if (!r || f[i].time - r->last > o->span) {
                        r = &ret[n_runs++];
                        *r = (struct run){ .first = f[i].time };
                }
                r->last = f[i].time;
                r->count++;
        }
        return n_runs;
}

#endif
