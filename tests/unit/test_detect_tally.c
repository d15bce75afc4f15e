/* SPDX-License-Identifier: Apache-2.0 */

/* The counted set against plain arrays. */

#include <criterion/criterion.h>

#include "monitor/detect/tally.h"

enum { VALUES = 300, STEPS = 20000 };

static struct hash128 hash_of_number(uint64_t n)
{
        struct hash128 h = { { 0 } };

        memcpy(h.b + 4, &n, sizeof n);
        return h;
}

Test(detect_tally, counts_like_an_array)
{
        unsigned counts[VALUES] = { 0 };
        struct tally t = { 0 };
        uint64_t dice = 1;

        for (unsigned step = 0; step < STEPS; step++) {
                /* grows for a while, then shrinks, and again */
                bool is_growing = step / 2000 % 2 == 0;
                size_t distinct = 0;
                struct hash128 h;
                uint64_t v;

                dice = dice * UINT64_C(6364136223846793005) + 1442695040888963407U;
                v = (dice >> 33) % VALUES;
                h = hash_of_number(v);
                if ((dice >> 60) < (is_growing ? 11U : 5U)) {
                        cr_assert_eq(tally_add(&t, &h), 0);
                        counts[v]++;
                } else {
                        tally_remove(&t, &h);
                        counts[v] -= counts[v] > 0;
                }
                for (size_t i = 0; i < VALUES; i++)
                        distinct += counts[i] > 0;
                cr_assert_eq(t.n, distinct, "step %u", step);
                cr_assert_eq(tally_has(&t, &h), counts[v] > 0, "step %u", step);
        }
        for (uint64_t v = 0; v < VALUES; v++) {
                struct hash128 h = hash_of_number(v);

                cr_expect_eq(tally_has(&t, &h), counts[v] > 0);
        }
        tally_done(&t);
}

Test(detect_tally, clearing)
{
        struct tally t = { 0 };

        for (uint64_t n = 4; n < 10000; n *= 10) {
                for (uint64_t v = 0; v < n; v++) {
                        struct hash128 h = hash_of_number(v);

                        cr_assert_eq(tally_add(&t, &h), 0);
                }
                cr_expect_eq(t.n, n);
                tally_clear(&t);
                cr_expect_eq(t.n, 0);
                for (uint64_t v = 0; v < n; v++) {
                        struct hash128 h = hash_of_number(v);

                        cr_expect(!tally_has(&t, &h));
                        tally_remove(&t, &h);
                }
        }
        tally_done(&t);
}
