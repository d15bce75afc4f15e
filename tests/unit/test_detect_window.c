/* SPDX-License-Identifier: Apache-2.0 */

/* Windows against a brute-force reference: random hits, equal stamps, duplicates, any order of arrival. The reference looks
 * at every interval that begins at a hit; episodes must be the same, whatever the order. */

#include <criterion/criterion.h>
#include <stdio.h>

#include "monitor/detect/state.h"
#include "monitor/detect/window.h"

enum { HITS = 40, SPAN = 10, ROUNDS = 400, SHUFFLES = 5 };

static uint64_t seed;

static unsigned roll(unsigned n)
{
        seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        return (unsigned)(seed >> 33) % n;
}

struct point {
        usec time;
        unsigned value, id;
};

static unsigned measure_of(const struct point *p, size_t n, const char *kind, usec from, usec to)
{
        unsigned seen = 0, count = 0;

        for (size_t i = 0; i < n; i++)
                if (p[i].time >= from && p[i].time <= to) {
                        seen |= 1u << p[i].value;
                        count++;
                }
        return kind[0] == 'e' ? count : (unsigned)__builtin_popcount(seen);
}

/* Episodes by definition: first, last, count for each. */
static size_t reference(const struct point *p, size_t n, const char *kind, unsigned least, struct episode *ret)
{
        bool hot[HITS] = { false };
        size_t n_episodes = 0;

        for (size_t s = 0; s < n; s++)
                if (measure_of(p, n, kind, p[s].time, p[s].time + SPAN) >= least)
                        for (size_t i = 0; i < n; i++)
                                hot[i] |= p[i].time >= p[s].time && p[i].time <= p[s].time + SPAN;
        for (usec t = -1; t < 1000; t++)
                for (size_t i = 0; i < n; i++) {
                        struct episode *e = n_episodes ? &ret[n_episodes - 1] : NULL;

                        if (!hot[i] || p[i].time != t)
                                continue;
                        if (!e || t - e->last > SPAN)
                                *(e = &ret[n_episodes++]) = (struct episode){ .first = t };
                        e->last = t;
                        e->count++;
                }
        return n_episodes;
}

static void on_hot(void *userdata, struct hit *hit, struct episode *e)
{
        (void)userdata;
        cr_assert(hit->is_hot && e);
}

static int on_merged(void *userdata, struct episode *from, struct episode *into)
{
        (void)userdata;
        cr_assert_gt(from->first, into->first);
        return 0;
}

/* State written and read back in the middle must change nothing. */
static void reload(struct window *w, const struct window_rule *rule)
{
        struct strbuf blob = STRBUF_INIT;

        state_write(w, &blob);
        window_done(w);
        window_init(w, rule);
        cr_assert_eq(state_read(w, strbuf_str(&blob)), 0);
        strbuf_done(&blob);
}

static void feed(struct window *w, const struct window_rule *rule, const struct point *p, size_t n)
{
        struct window_sink sink = { .hot = on_hot, .merged = on_merged };

        for (size_t i = 0; i < n; i++) {
                struct hit hit = { .time = p[i].time, .value = p[i].value, .n_values = 1 }, again;

                hit.key.b[0] = (uint8_t)(p[i].id + 1);
                again = hit;
                cr_assert_eq(window_take(w, rule, &hit, &sink), 1);
                if (roll(4) == 0)
                        cr_assert_eq(window_take(w, rule, &again, &sink), 0, "a record delivered again counts once");
                if (roll(8) == 0)
                        reload(w, rule);
        }
}

static void check_kind(const char *name, unsigned least)
{
        char number[8];
        struct sigma_limit limit = { .op = SIGMA_GTE };
        struct limits limits;
        struct window_rule rule = { .kind = kind_find(str_of(name)), .limits = &limits, .timespan = SPAN, .n_members = 1 };

        snprintf(number, sizeof number, "%u", least);
        limit.number = str_of(number);
        limits_init(&limits, &limit, 1);
        for (unsigned round = 0; round < ROUNDS; round++) {
                struct point p[HITS];
                struct episode expected[HITS];
                size_t n = 1 + roll(HITS), n_expected;
                unsigned range = 20 + roll(300);

                seed = round * 977 + least;
                for (size_t i = 0; i < n; i++)
                        p[i] = (struct point){ .time = roll(range), .value = roll(6), .id = (unsigned)i };
                n_expected = reference(p, n, name, least, expected);
                for (unsigned s = 0; s < SHUFFLES; s++) {
                        struct window w;

                        window_init(&w, &rule);
                        feed(&w, &rule, p, n);
                        cr_assert_eq(w.n_episodes, n_expected, "%s >= %u, round %u, shuffle %u", name, least, round, s);
                        for (size_t i = 0; i < n_expected; i++) {
                                cr_assert_eq(w.episodes[i].first, expected[i].first);
                                cr_assert_eq(w.episodes[i].last, expected[i].last);
                                cr_assert_eq(w.episodes[i].count, expected[i].count);
                        }
                        window_done(&w);
                        for (size_t i = n; i > 1; i--) {
                                size_t k = roll((unsigned)i);
                                struct point t = p[k];

                                p[k] = p[i - 1];
                                p[i - 1] = t;
                        }
                }
        }
}

Test(detect_window, event_count_is_exact_in_any_order)
{
        for (unsigned least = 1; least <= 6; least++)
                check_kind("event_count", least);
}

Test(detect_window, value_count_is_exact_in_any_order)
{
        for (unsigned least = 1; least <= 5; least++)
                check_kind("value_count", least);
}

Test(detect_window, broken_state_is_refused)
{
        struct window_rule rule = { .kind = kind_find(STR("event_count")), .timespan = SPAN };
        static const char *const bad[] = { "", "\x02", "\x01\x05", "\x01\xff\xff\xff\xff\x0f", "\x01\x00", "\x01\x00\x00x" };

        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
                struct window w;

                window_init(&w, &rule);
                cr_expect_neq(state_read(&w, str_of(bad[i])), 0, "%zu", i);
                window_done(&w);
        }
}
