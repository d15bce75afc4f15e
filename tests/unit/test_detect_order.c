/* SPDX-License-Identifier: Apache-2.0 */

/* Alerts depend on the set of records alone: random records, with equal stamps, hits at the edges of windows and repeats,
 * are fed in many orders that keep within the source's lateness, in random batches, with settling and restarts in between.
 * The open alerts must be those of detect_oracle.h, and in all orders have the same level, sentence and reason. A failure prints its seed and the smallest set that still fails.
 *
 * ORDER_ROUNDS (default 12): sets of records for each rule. ORDER_SEED: another seed. */

#define BENCH_ALERTS_MAX 400

#include <criterion/criterion.h>

#include "tests/unit/detect_oracle.h"
#include "tests/unit/detect_record.h"

enum { SHUFFLES = 100, FACTS_MAX = 60, USERS = 3, LATENESS_S = 6 * 3600, GRAIN_S = 1800, SPAN_S = 3 * 3600 };
static const int64_t epoch = 1767571200; /* 2026-01-05, a Monday */

static const struct oracle twice = { .kind = "event_count", .span = SPAN_S, .limit = 2 };

static const struct {
        const char *text; /* of the correlation; of a chain over another, called `twice` */
        struct oracle oracle;
        bool has_logouts;
} rules[] = {
        { "type: event_count, condition: {gte: 4}", { "event_count", SPAN_S, 4, 0, NULL }, false },
        { "type: event_count, condition: {gte: 2, lt: 4}", { "event_count", SPAN_S, 2, 4, NULL }, false },
        { "type: event_count, condition: {gte: 5}", { "event_count", SPAN_S, 5, 0, &twice }, false },
        { "type: temporal", { "temporal", SPAN_S, 2, 0, &twice }, true },
        { "type: value_count, condition: {field: ip, gte: 3}", { "value_count", SPAN_S, 3, 0, NULL }, false },
        { "type: coverage, of: 10, condition: {field: ip, gte: 30}", { "coverage", SPAN_S, 3, 0, NULL }, false },
        { "type: value_sum, condition: {field: rows, gte: 20}", { "value_sum", SPAN_S, 20, 0, NULL }, false },
        { "type: value_sum, condition: {field: rows, gte: 7, lt: 15}", { "value_sum", SPAN_S, 7, 15, NULL }, false },
        { "type: value_avg, condition: {field: rows, gte: 6.5}", { "value_avg", SPAN_S, 6.5, 0, NULL }, false },
        { "type: value_percentile, condition: {field: rows, gte: 7}", { "value_percentile", SPAN_S, 7, 0, NULL }, false },
        { "type: temporal", { "temporal", SPAN_S, 2, 0, NULL }, true },
        { "type: temporal_ordered", { "temporal_ordered", SPAN_S, 2, 0, NULL }, true },
        { "type: absence", { "absence", SPAN_S, 0, 0, NULL }, true },
        { "type: new_value, condition: {field: ip}, learning: 5d", { "new_value", SPAN_S, 0, 0, NULL }, false },
        { "type: dormant, condition: {gte: 2}", { "dormant", SPAN_S, 2, 0, NULL }, false },
        { "type: unusual_time, known: 5, condition: {gte: 2.5}", { "unusual_time", SPAN_S, 2.5, 0, NULL }, false },
        { "type: spike, known: 2, k: 1, condition: {field: rows, gte: 12}", { "spike", SPAN_S, 12, 0, NULL }, false },
        { "type: new_highest, learning: 2d, condition: {field: rows, gte: 3}", { "new_highest", SPAN_S, 3, 0, NULL }, false },
        { "type: travel", { "travel", SPAN_S, 900, 0, NULL }, false },
        { "type: surprise, condition: {field: [ip, country], gte: 6}", { "surprise", SPAN_S, 6, 0, NULL }, false },
};

struct dice {
        uint64_t state;
};

static unsigned roll(struct dice *d, unsigned sides)
{
        d->state ^= d->state << 13;
        d->state ^= d->state >> 7;
        d->state ^= d->state << 17;
        return (unsigned)(d->state % sides);
}

/* ---- Records ---- */

static void make(struct fact *f, size_t n, struct dice *d, bool has_logouts)
{
        int64_t t = epoch;

        for (size_t i = 0; i < n; i++) {
                if (roll(d, 6) == 0)
                        t += (int64_t)roll(d, 5 * 86400 / GRAIN_S) * GRAIN_S;
                f[i] = (struct fact){
                        .time = t + (int64_t)roll(d, 2 * SPAN_S / GRAIN_S + 1) * GRAIN_S,
                        .number = (unsigned)i,
                        .is_logout = has_logouts && roll(d, 3) == 0,
                        .user = roll(d, USERS),
                        .ip = roll(d, 4) ? roll(d, 3) : roll(d, 12),
                        .country = roll(d, 5) ? 0 : roll(d, 3),
                        .rows = (int)roll(d, 10),
                };
        }
}

static void name_of(const struct fact *f, char ret[16])
{
        snprintf(ret, 16, "id%u", f->number);
}

/* The identity that orders equal stamps is the engine's own: taken from the key of the record. */
static int by_time(const void *a, const void *b)
{
        const struct fact *x = a, *y = b;

        return x->time != y->time ? (x->time < y->time ? -1 : 1) : (x->rank > y->rank) - (x->rank < y->rank);
}

static int by_key(const void *a, const void *b)
{
        char x[16], y[16];
        struct hash128 k, l;

        name_of(a, x);
        name_of(b, y);
        k = bench_key(x);
        l = bench_key(y);
        return memcmp(&k, &l, sizeof k);
}

static void rank(struct fact *f, size_t n)
{
        qsort(f, n, sizeof *f, by_key);
        for (size_t i = 0; i < n; i++)
                f[i].rank = (unsigned)i;
        qsort(f, n, sizeof *f, by_time);
}

static void take(struct bench *b, const struct fact *f)
{
        static const char *const countries[] = { "KR", "NG", "zz" }, *const places[] = { "37.57,126.98", "6.45,3.39", NULL };
        char text[16];
        struct record *r;

        name_of(f, text);
        r = bench_record(b, 0, text, f->time * USEC_PER_SEC);
        bench_set(b, r, "event", f->is_logout ? "logout" : "login");
        snprintf(text, sizeof text, "u%u", f->user);
        bench_set(b, r, "user.name", text);
        snprintf(text, sizeof text, "ip%u", f->ip);
        bench_set(b, r, "ip", text);
        snprintf(text, sizeof text, "%d", f->rows);
        bench_set(b, r, "rows", text);
        bench_set(b, r, "country", countries[f->country]);
        if (places[f->country]) {
                bench_set(b, r, "source.geo.country_iso_code", countries[f->country]);
                bench_set(b, r, "source.geo.location", places[f->country]);
        }
        bench_take(b, r);
}

/* ---- One order of arrival ---- */

struct arrival {
        const struct fact *fact;
        int64_t at;
};

static int by_arrival(const void *a, const void *b)
{
        const struct arrival *x = a, *y = b;

        return (x->at > y->at) - (x->at < y->at);
}

static void settle(struct bench *b, int64_t newest)
{
        bench_settle(b, newest * USEC_PER_SEC, USEC_NONE);
}

static void feed(struct bench *b, const struct fact *f, size_t n, uint64_t seed)
{
        struct arrival order[FACTS_MAX];
        struct dice d = { seed };
        int64_t newest = 0;

        for (size_t i = 0; i < n; i++)
                order[i] = (struct arrival){ &f[i], f[i].time + (seed ? roll(&d, LATENESS_S) : 0) };
        qsort(order, n, sizeof *order, by_arrival);
        for (size_t i = 0; i < n; i++) {
                take(b, order[i].fact);
                newest = order[i].fact->time > newest ? order[i].fact->time : newest;
                if (!seed)
                        continue;
                if (roll(&d, 8) == 0) { /* once more, as long as windows are held for it */
                        const struct fact *again = order[i - roll(&d, (unsigned)(i < 4 ? i + 1 : 4))].fact;

                        if (again->time >= newest - LATENESS_S)
                                take(b, again);
                }
                if (roll(&d, 3) == 0)
                        bench_judge(b);
                if (roll(&d, 5) == 0)
                        settle(b, newest);
                if (roll(&d, 12) == 0) {
                        bench_judge(b); /* as the daemon does before it commits */
                        bench_restart(b);
                }
        }
        bench_finish(b);
}

/* ---- What must come of it ---- */

static size_t group_of(const struct fact *all, size_t n, unsigned user, struct fact *ret)
{
        size_t count = 0;

        for (size_t i = 0; i < n; i++)
                if (all[i].user == user)
                        ret[count++] = all[i];
        return count;
}

static bool is_told(struct bench *b, const char *user, const struct run *run)
{
        for (size_t i = 0; i < b->n_alerts; i++) {
                const struct bench_alert *a = &b->alerts[i];

                if (!a->is_merged && str_eqz(a->rule, "Odd") && str_eqz(a->group, user) &&
                    a->first == run->first * USEC_PER_SEC && a->last == run->last * USEC_PER_SEC && a->count == run->count)
                        return true;
        }
        return false;
}

/* The open alerts are those of the oracle. */
static bool is_right(struct bench *b, const struct oracle *o, const struct fact *f, size_t n)
{
        size_t wanted = 0;

        for (unsigned user = 0; user < USERS; user++) {
                struct fact own[FACTS_MAX];
                struct run runs[FACTS_MAX];
                size_t n_runs = oracle_runs(o, own, group_of(f, n, user, own), f, n, runs);
                char name[32];

                snprintf(name, sizeof name, "user.name=u%u", user);
                for (size_t i = 0; i < n_runs; i++)
                        if (!is_told(b, name, &runs[i]))
                                return false;
                wanted += n_runs;
        }
        return bench_alerts(b, "Odd", NULL, NULL) == wanted;
}

/* ---- What is said of it ---- */

/* The words and the level of each open alert, as the first order of a set of records had them. */
struct said {
        char group[32], why[512], sentence[512];
        usec first;
        enum level level;
};

static struct said said[BENCH_ALERTS_MAX];
static size_t n_said;

static bool is_open(const struct bench_alert *a)
{
        return !a->is_merged && str_eqz(a->rule, "Odd");
}

static void note_words(const struct bench *b)
{
        n_said = 0;
        for (size_t i = 0; i < b->n_alerts; i++) {
                const struct bench_alert *a = &b->alerts[i];
                struct said *to = &said[n_said];

                if (!is_open(a))
                        continue;
                to->first = a->first;
                to->level = a->level;
                snprintf(to->group, sizeof to->group, STR_FMT, STR_ARG(a->group));
                snprintf(to->why, sizeof to->why, STR_FMT, STR_ARG(a->why));
                snprintf(to->sentence, sizeof to->sentence, STR_FMT, STR_ARG(a->sentence));
                n_said++;
        }
}

/* There are as many as there were, by the oracle. */
static bool says_the_same(const struct bench *b)
{
        for (size_t i = 0; i < b->n_alerts; i++) {
                const struct bench_alert *a = &b->alerts[i];
                const struct said *was = said;

                if (!is_open(a))
                        continue;
                while (was < said + n_said && (was->first != a->first || !str_eqz(a->group, was->group)))
                        was++;
                if (was == said + n_said || a->why.n == 0 || a->sentence.n == 0 || was->level != a->level ||
                    !str_eqz(a->why, was->why) || !str_eqz(a->sentence, was->sentence)) {
                        fprintf(stderr, "said: " STR_FMT " (" STR_FMT "), in order: %s (%s)\n", STR_ARG(a->sentence),
                                STR_ARG(a->why), was < said + n_said ? was->sentence : "", was < said + n_said ? was->why : "");
                        return false;
                }
        }
        return true;
}

static struct bench bench;

static bool try_order(size_t rule, const struct fact *f, size_t n, uint64_t seed)
{
        struct bench *b = &bench;

        b->engine = engine_free(b->engine);
        b->engine = engine_new(b->rules, &b->options);
        cr_assert(b->engine);
        b->n_alerts = b->n_evidence = 0;
        b->takes_back = is_history(&rules[rule].oracle);
        map_done(&b->state);
        b->state = (struct map)MAP_INIT;
        feed(b, f, n, seed);
        if (!is_right(b, &rules[rule].oracle, f, n))
                return false;
        if (seed == 0)
                note_words(b);
        return says_the_same(b);
}

/* ---- Failures ---- */

static void print_case(size_t rule, const struct fact *f, size_t n, uint64_t seed)
{
        struct bench *b = &bench;

        fprintf(stderr, "%s; order %llu\n", rules[rule].text, (unsigned long long)seed);
        for (size_t i = 0; i < n; i++)
                fprintf(stderr, "  id%u %+lld s u%u %s ip%u country %u rows %d\n", f[i].number, (long long)(f[i].time - epoch),
                        f[i].user, f[i].is_logout ? "logout" : "login", f[i].ip, f[i].country, f[i].rows);
        for (unsigned user = 0; user < USERS; user++) {
                struct fact own[FACTS_MAX];
                struct run runs[FACTS_MAX];
                size_t n_runs = oracle_runs(&rules[rule].oracle, own, group_of(f, n, user, own), f, n, runs);

                for (size_t i = 0; i < n_runs; i++)
                        fprintf(stderr, "  wanted: u%u %+lld to %+lld, %u\n", user, (long long)(runs[i].first - epoch),
                                (long long)(runs[i].last - epoch), runs[i].count);
        }
        for (size_t i = 0; i < b->n_alerts; i++)
                if (!b->alerts[i].is_merged)
                        fprintf(stderr, "  got: " STR_FMT " %+lld to %+lld, %llu: " STR_FMT "\n", STR_ARG(b->alerts[i].group),
                                (long long)(b->alerts[i].first / USEC_PER_SEC - epoch),
                                (long long)(b->alerts[i].last / USEC_PER_SEC - epoch),
                                (unsigned long long)b->alerts[i].count, STR_ARG(b->alerts[i].why));
}

/* Leaves out records while it still fails. */
static size_t shrink(size_t rule, struct fact *f, size_t n, uint64_t seed)
{
        for (size_t i = 0; i < n;) {
                struct fact fewer[FACTS_MAX];

                memcpy(fewer, f, i * sizeof *f);
                memcpy(fewer + i, f + i + 1, (n - i - 1) * sizeof *f);
                if (try_order(rule, fewer, n - 1, 0) && try_order(rule, fewer, n - 1, seed)) {
                        i++;
                        continue;
                }
                memcpy(f, fewer, --n * sizeof *f);
                i = 0;
        }
        (void)try_order(rule, f, n, 0);
        (void)try_order(rule, f, n, seed);
        return n;
}

static uint64_t setting(const char *name, uint64_t otherwise)
{
        uint64_t v;

        return getenv(name) && str_to_u64(str_of(getenv(name)), &v) >= 0 ? v : otherwise;
}

static void try_rule(size_t rule, struct dice *d, unsigned rounds)
{
        for (unsigned round = 0; round < rounds; round++) {
                struct fact f[FACTS_MAX];
                size_t n = 5 + roll(d, FACTS_MAX - 5);

                make(f, n, d, rules[rule].has_logouts);
                rank(f, n);
                for (unsigned shuffle = 0; shuffle <= SHUFFLES; shuffle++) {
                        uint64_t seed = shuffle == 0 ? 0 : d->state + shuffle;

                        if (try_order(rule, f, n, seed))
                                continue;
                        n = shrink(rule, f, n, seed);
                        print_case(rule, f, n, seed);
                        cr_assert_fail("%s: other alerts than by definition", rules[rule].text);
                }
        }
}

static void try_all(size_t from, size_t to)
{
        unsigned rounds = (unsigned)setting("ORDER_ROUNDS", 12);
        struct dice d = { setting("ORDER_SEED", 20261124) };

        for (size_t i = from; i < to; i++) {
                char text[2048];

                snprintf(text, sizeof text,
                         "title: Login\nname: login\nlogsource: {product: aws}\nlevel: low\n"
                         "detection: {s: {event: login}, condition: s}\n---\n"
                         "title: Logout\nname: logout\nlogsource: {product: aws}\nlevel: low\n"
                         "detection: {s: {event: logout}, condition: s}\n---\n"
                         "title: Twice\nname: twice\nlevel: low\n"
                         "correlation: {rules: [login], group-by: [user.name], timespan: 3h, type: event_count, condition: {gte: 2}}\n---\n"
                         "title: Odd\nlevel: high\nshopbell.sentence: '{count} by {user.name}'\n"
                         "correlation: {rules: [%s%s], group-by: [user.name], timespan: 3h, %s}\n",
                         rules[i].oracle.inner ? "twice" : "login", rules[i].has_logouts ? ", logout" : "", rules[i].text);
                bench_open(&bench);
                bench.sources[0].kind.lateness = LATENESS_S * USEC_PER_SEC;
                bench_rules(&bench, "a.yml", text);
                bench_start(&bench);
                try_rule(i, &d, rounds);
                bench_close(&bench);
        }
}

Test(detect_order, kinds_of_windows)
{
        try_all(0, 8);
}

Test(detect_order, kinds_that_wait)
{
        try_all(8, 13);
}

Test(detect_order, kinds_with_a_history)
{
        try_all(13, ARRAY_LEN(rules));
}
