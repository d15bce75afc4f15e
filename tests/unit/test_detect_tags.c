/* SPDX-License-Identifier: Apache-2.0 */

/* The set of tags against a plain array; tags of few bits, so that they crowd. */

#include <criterion/criterion.h>

#include "monitor/detect/tags.h"

enum { TAGS = 300, STEPS = 20000 };

Test(detect_tags, has_what_was_added)
{
        bool held[TAGS] = { false };
        struct tags t = { 0 };
        uint64_t dice = 1;
        size_t n = 0;

        cr_expect(!tags_has(&t, 7));
        tags_remove(&t, 7);
        for (unsigned step = 0; step < STEPS; step++) {
                bool is_growing = step / 2000 % 2 == 0;
                size_t i;
                uint64_t tag;

                dice = dice * UINT64_C(6364136223846793005) + 1442695040888963407U;
                i = (size_t)(dice >> 33) % TAGS;
                tag = (uint64_t)i << (i % 3 * 20);
                if ((dice >> 60) < (is_growing ? 11U : 5U)) {
                        cr_assert_eq(tags_add(&t, tag), 0);
                        n += !held[i];
                        held[i] = true;
                } else {
                        tags_remove(&t, tag);
                        n -= held[i];
                        held[i] = false;
                }
                if (i > 0)
                        cr_assert_eq(tags_has(&t, tag), held[i], "step %u", step);
        }
        cr_expect_geq(t.n, n - 1);
        tags_done(&t);
        cr_expect_eq(tags_bytes(&t), 0);
}
