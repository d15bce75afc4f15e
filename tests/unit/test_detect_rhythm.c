/* SPDX-License-Identifier: Apache-2.0 */

/* When a source is silent for too long, and that only the set of hours counts. */

#include <criterion/criterion.h>
#include <string.h>

#include "monitor/detect/rhythm.h"

enum { DAY = 24, START = 20784 * 24 }; /* hours */

static usec at(int64_t hour)
{
        return (START + hour) * USEC_PER_HOUR + 1;
}

/* Heard once each day of `days`, at nine. */
static struct rhythm daily(int64_t days)
{
        struct rhythm r;

        rhythm_init(&r);
        for (int64_t day = 0; day < days; day++)
                rhythm_hear(&r, at(day * DAY + 9));
        return r;
}

Test(detect_rhythm, too_little_is_known)
{
        struct rhythm r;
        int64_t usual = -1;

        rhythm_init(&r);
        cr_expect(rhythm_is_empty(&r));
        cr_expect_eq(rhythm_limit(&r, 0, &usual), 0);
        for (int64_t i = 0; i < RHYTHM_HEARD_MIN - 1; i++)
                cr_expect(rhythm_hear(&r, at(i)));
        cr_expect_eq(rhythm_limit(&r, 2 * USEC_PER_HOUR, &usual), 0, "19 hours");
        cr_expect(rhythm_hear(&r, at(RHYTHM_HEARD_MIN)));
        cr_expect_eq(rhythm_limit(&r, 2 * USEC_PER_HOUR, &usual), 2, "its file speaks of two hours");
        cr_expect_eq(usual, 0);
        cr_expect_eq(rhythm_limit(&r, 0, &usual), 0, "two weeks are needed where the file says nothing");
        r = daily(20);
        cr_expect_eq(rhythm_limit(&r, 0, &usual), 2 * 23);
}

Test(detect_rhythm, one_silence_is_no_habit)
{
        struct rhythm r = daily(30);
        int64_t usual = -1;

        cr_expect_eq(rhythm_limit(&r, 0, &usual), 2 * 23);
        cr_expect_eq(usual, 23);
        rhythm_hear(&r, at(37 * DAY));
        cr_expect_eq(rhythm_limit(&r, 0, &usual), 2 * 23, "a week off");
        rhythm_hear(&r, at(42 * DAY));
        cr_expect_eq(usual, 23);
        cr_expect_eq(rhythm_limit(&r, 0, &usual), 2 * (5 * DAY - 1), "and a holiday: of two, the shorter");
        cr_expect_eq(rhythm_limit(&r, 20 * DAY * USEC_PER_HOUR, &usual), 20 * DAY, "its file allows more");
        rhythm_hear(&r, at(42 * DAY + 17 * DAY));
        rhythm_hear(&r, at(42 * DAY + 34 * DAY));
        cr_expect_eq(rhythm_limit(&r, 0, &usual), 0, "usually quiet for half a month: not watched");
}

Test(detect_rhythm, old_hours_are_forgotten)
{
        struct rhythm r = daily(1);
        int64_t usual = -1;

        cr_expect(!rhythm_hear(&r, at(9)), "the same hour is no news");
        for (int64_t hour = 0; hour < RHYTHM_HOURS + 100; hour++)
                rhythm_hear(&r, at(30 * DAY + hour));
        cr_expect_eq(rhythm_limit(&r, 0, &usual), RHYTHM_LEAST_HOURS);
        cr_expect_eq(usual, 0, "the gap is more than 90 days ago");
        cr_expect(!rhythm_hear(&r, at(10)), "too old, and not the first");
        cr_expect(rhythm_hear(&r, at(8)), "but this is");
        cr_expect_eq(r.first, START + 8);
        cr_expect_eq(rhythm_next(&r, at(0)), (r.newest - RHYTHM_HOURS + 1) * USEC_PER_HOUR);
        cr_expect_eq(rhythm_next(&r, rhythm_end(&r)), USEC_NONE);
}

static uint64_t dice(uint64_t *state)
{
        *state = *state * 6364136223846793005u + 1442695040888963407u;
        return *state >> 33;
}

Test(detect_rhythm, order_is_nothing_to_it)
{
        enum { N = 400, SPAN = RHYTHM_HOURS - 1 };
        uint64_t state = 7;

        for (int round = 0; round < 50; round++) {
                int64_t hours[N], usual[2] = { -1, -1 };
                struct rhythm a, b;

                rhythm_init(&a), rhythm_init(&b);
                for (size_t i = 0; i < N; i++)
                        rhythm_hear(&a, at(hours[i] = (int64_t)(dice(&state) % SPAN)));
                for (size_t i = N; i > 1; i--) {
                        size_t k = dice(&state) % i;
                        int64_t swapped = hours[k];

                        hours[k] = hours[i - 1];
                        hours[i - 1] = swapped;
                }
                for (size_t i = 0; i < N; i++)
                        rhythm_hear(&b, at(hours[i]));
                cr_assert_eq(memcmp(&a, &b, sizeof a), 0, "round %d", round);
                cr_assert_eq(rhythm_limit(&a, 0, &usual[0]), rhythm_limit(&b, 0, &usual[1]));
                cr_assert_eq(usual[0], usual[1]);
        }
}

Test(detect_rhythm, as_bytes)
{
        struct rhythm r = daily(40), back;
        char blob[RHYTHM_BLOB_BYTES];

        rhythm_pack(&r, blob);
        cr_assert(rhythm_unpack(str_from(blob, sizeof blob), &back));
        cr_expect_eq(memcmp(&r, &back, sizeof r), 0);
        cr_expect(!rhythm_unpack(str_from(blob, sizeof blob - 1), &back));
        cr_expect(rhythm_is_empty(&back));
        memset(blob, 0xff, 8);
        memset(blob + 7, 0x7f, 1);
        cr_expect(!rhythm_unpack(str_from(blob, sizeof blob), &back), "first after newest, and beyond all time");
        cr_expect(rhythm_is_empty(&back));
}
