/* SPDX-License-Identifier: Apache-2.0 */

/* Distinct values: exact up to the limit, an estimate of known error above it, the same for any order and any merging. And
 * the sets of fingerprints. */

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "monitor/detect/prints.h"
#include "monitor/detect/sketch.h"

/* A different well-mixed number for each n (a bijection: the finaliser of MurmurHash3, 64 bits). */
static uint64_t mixed(uint64_t n)
{
        n ^= n >> 33;
        n *= UINT64_C(0xff51afd7ed558ccd);
        n ^= n >> 33;
        n *= UINT64_C(0xc4ceb9fe1a85ec53);
        return n ^ n >> 33;
}

static uint64_t hash_of(uint64_t seed, uint64_t n)
{
        return mixed(mixed(seed + 1) + n);
}

static void fill(struct sketch *s, uint64_t seed, uint64_t from, uint64_t to)
{
        for (uint64_t i = from; i < to; i++)
                cr_assert_geq(sketch_add(s, hash_of(seed, i)), 0);
}

static void expect_same(const struct sketch *a, const struct sketch *b)
{
        cr_assert_eq(a->n, b->n);
        if (sketch_is_exact(a))
                cr_assert(a->n == 0 || memcmp(a->hashes, b->hashes, a->n * sizeof *a->hashes) == 0);
        else
                cr_assert(memcmp(a->registers, b->registers, SKETCH_REGISTERS) == 0);
        cr_assert_eq(sketch_count(a), sketch_count(b));
}

Test(detect_sketch, exact_while_small)
{
        struct sketch s = { 0 };

        cr_expect_eq(sketch_count(&s), 0);
        for (unsigned i = 0; i < SKETCH_EXACT_MAX; i++) {
                cr_assert_eq(sketch_add(&s, hash_of(1, i)), 1);
                cr_assert_eq(sketch_add(&s, hash_of(1, i / 2)), 0);
                cr_assert_eq(sketch_count(&s), i + 1);
                cr_assert_leq(sketch_bytes(&s), SKETCH_REGISTERS);
        }
        cr_expect(sketch_is_exact(&s));
        cr_expect_eq(sketch_add(&s, hash_of(1, 1000)), 1);
        cr_expect(!sketch_is_exact(&s));
        cr_expect_geq(sketch_count(&s), SKETCH_EXACT_MAX + 1);
        cr_expect_eq(sketch_bytes(&s), SKETCH_REGISTERS);
        sketch_done(&s);
        cr_expect_eq(sketch_count(&s), 0);
}

static const uint64_t sizes[] = { 257, 300, 500, 1000, 2000, 3000, 5000, 7000, 10000, 20000, 50000, 200000 };

/* The standard error over many seeds is the one that the header states, and there is no bias to speak of. */
Test(detect_sketch, error_is_as_stated)
{
        enum { SEEDS = 300 };
        static double squares[sizeof sizes / sizeof *sizes], sums[sizeof sizes / sizeof *sizes];
        const double stated = 1.04 / sqrt(SKETCH_REGISTERS);
        char text[16];

        snprintf(text, sizeof text, "%.1f", 100 * stated);
        cr_expect_str_eq(text, SKETCH_ERROR_PERCENT);
        for (uint64_t seed = 0; seed < SEEDS; seed++) {
                struct sketch s = { 0 };
                uint64_t n = 0;

                for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
                        double error;

                        fill(&s, seed, n, sizes[k]);
                        n = sizes[k];
                        error = (double)sketch_count(&s) / (double)n - 1;
                        cr_assert_lt(fabs(error), 5 * stated, "%llu of seed %llu: %f", (unsigned long long)n,
                                     (unsigned long long)seed, error);
                        squares[k] += error * error;
                        sums[k] += error;
                }
                sketch_done(&s);
        }
        for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
                double rms = sqrt(squares[k] / SEEDS), bias = sums[k] / SEEDS;

                if (getenv("SKETCH_FIGURES"))
                        fprintf(stderr, "%8llu values: standard error %.2f %%, bias %+.2f %%\n",
                                (unsigned long long)sizes[k], 100 * rms, 100 * bias);
                cr_expect_lt(rms, 1.15 * stated, "%llu: %f", (unsigned long long)sizes[k], rms);
                cr_expect_lt(fabs(bias), 4 * stated / sqrt(SEEDS) + 0.001, "%llu: %f", (unsigned long long)sizes[k], bias);
        }
}

/* Any split of a set into parts that overlap, merged in any order. */
Test(detect_sketch, merging_gives_the_union)
{
        static const uint64_t totals[] = { 0, 1, 100, 256, 257, 400, 3000, 30000 };

        for (uint64_t round = 0; round < 200; round++)
                for (size_t t = 0; t < sizeof totals / sizeof *totals; t++) {
                        struct sketch whole = { 0 }, parts[4] = { 0 }, forth = { 0 }, back = { 0 }, copy = { 0 };

                        if (totals[t] > 3000 && round > 3)
                                continue;
                        for (uint64_t i = 0; i < totals[t]; i++) {
                                uint64_t where = mixed(round ^ i << 20);

                                cr_assert_geq(sketch_add(&whole, hash_of(round, totals[t] - 1 - i)), 0);
                                cr_assert_geq(sketch_add(&parts[where % (1 + round % 4)], hash_of(round, i)), 0);
                                cr_assert_geq(sketch_add(&parts[where >> 32 & 1], hash_of(round, i)), 0);
                        }
                        for (unsigned i = 0; i < 4; i++) {
                                cr_assert_eq(sketch_merge(&forth, &parts[i]), 0);
                                cr_assert_eq(sketch_merge(&back, &parts[3 - i]), 0);
                        }
                        cr_assert_eq(sketch_copy(&copy, &back), 0);
                        expect_same(&whole, &forth);
                        expect_same(&whole, &back);
                        expect_same(&whole, &copy);
                        for (unsigned i = 0; i < 4; i++)
                                sketch_done(&parts[i]);
                        sketch_done(&whole);
                        sketch_done(&forth);
                        sketch_done(&back);
                        sketch_done(&copy);
                }
}

Test(detect_sketch, never_falls)
{
        for (uint64_t seed = 0; seed < 30; seed++) {
                struct sketch s = { 0 };
                uint64_t before = 0;

                for (uint64_t i = 0; i < 5000; i++) {
                        cr_assert_geq(sketch_add(&s, hash_of(seed, i)), 0);
                        cr_assert_geq(sketch_count(&s), before);
                        before = sketch_count(&s);
                }
                sketch_done(&s);
        }
}

/* Whatever the registers are, there is a number. */
Test(detect_sketch, ends_of_the_range)
{
        struct sketch s = { 0 };
        uint64_t before;

        cr_assert_eq(sketch_open(&s), 0);
        cr_expect_eq(sketch_count(&s), SKETCH_EXACT_MAX + 1);
        before = sketch_count(&s);
        for (unsigned rank = 1; rank <= SKETCH_RANK_MAX; rank++)
                for (size_t i = 0; i < SKETCH_REGISTERS; i++) {
                        s.registers[i] = (uint8_t)rank;
                        if (i % 97 != 0 && i + 1 < SKETCH_REGISTERS)
                                continue;
                        cr_assert_geq(sketch_count(&s), before);
                        before = sketch_count(&s);
                }
        cr_expect_eq(sketch_count(&s), UINT64_C(1) << 63);
        sketch_done(&s);
        cr_assert_eq(sketch_add(&s, 0), 1);
        cr_assert_eq(sketch_add(&s, UINT64_MAX), 1);
        cr_expect_eq(sketch_count(&s), 2);
        sketch_done(&s);
}

/* ---- Fingerprints ---- */

static void expect_prints(const struct prints *p, uint64_t seed, uint64_t from, uint64_t to, uint64_t all)
{
        for (uint64_t i = 0; i < all; i++)
                cr_assert_eq(prints_has(p, hash_of(seed, i)), i >= from && i < to);
}

Test(detect_sketch, prints)
{
        for (uint64_t n = 0; n < 700; n = n * 3 / 2 + 1) {
                struct prints p = { 0 };

                for (uint64_t i = 0; i < n; i++) {
                        cr_assert(!prints_has(&p, hash_of(n, i)));
                        cr_assert_eq(prints_add(&p, hash_of(n, i)), 0);
                        cr_assert(prints_has(&p, hash_of(n, i)));
                        cr_assert(prints_has(&p, hash_of(n, i / 2)));
                        if (i % 50 == 49)
                                prints_sort(&p);
                }
                expect_prints(&p, n, 0, n, n + 50);
                prints_sort(&p);
                for (size_t i = 1; i < p.n; i++)
                        cr_assert_lt(p.items[i - 1], p.items[i]);
                expect_prints(&p, n, 0, n, n + 50);
                cr_assert_eq(prints_drop(&p, n / 3), n / 3);
                cr_assert_eq(p.n, n - n / 3);
                cr_assert_eq(prints_drop(&p, n), n - n / 3);
                cr_assert_eq(prints_bytes(&p), 0);
                prints_done(&p);
        }
}

Test(detect_sketch, prints_in_order)
{
        struct prints p = { 0 };

        for (uint64_t i = 0; i < 1000; i++)
                cr_assert_eq(prints_add(&p, i), 0);
        cr_expect_eq(p.n_sorted, 1000);
        for (uint64_t i = 0; i < 2000; i++)
                cr_assert_eq(prints_has(&p, i), i < 1000);
        prints_done(&p);
}

Test(detect_sketch, a_sieve_forgets_none_and_lets_few_strangers_pass)
{
        struct sieve s = { 0 };
        struct prints p = { 0 };
        unsigned strangers = 0;

        cr_expect(sieve_may_have(&s, 7), "not made: it may have anything");
        for (uint64_t i = 0; i < 1000; i++)
                cr_assert_eq(prints_add(&p, hash_of(1, i)), 0);
        sieve_make(&s, 1000);
        cr_expect(!sieve_may_have(&s, hash_of(1, 0)));
        sieve_add_all(&s, &p);
        for (uint64_t i = 0; i < 1000; i++)
                cr_assert(sieve_may_have(&s, hash_of(1, i)));
        for (uint64_t i = 1000; i < 11000; i++)
                strangers += sieve_may_have(&s, hash_of(1, i));
        cr_expect_lt(strangers, 500, "%u of 10000", strangers);
        for (uint64_t i = 1000; s.words && i < 100000; i++)
                sieve_add(&s, hash_of(1, i));
        cr_expect(!s.words, "full: to be made anew, larger");
        cr_expect(sieve_may_have(&s, hash_of(2, 1)));
        prints_done(&p);
        sieve_done(&s);
}
