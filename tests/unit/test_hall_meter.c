/* SPDX-License-Identifier: Apache-2.0 */

/* Rates and lags of an input, by a clock that is told. */

#include <criterion/criterion.h>

#include "monitor/meter.h"

static void step(struct meter *m, uint64_t records, usec newest, usec now)
{
        struct counters before = { { 0 } }, after = { { 0 } };

        before.n[COUNTER_RECORDS] = 7;
        after.n[COUNTER_RECORDS] = 7 + records;
        after.n[COUNTER_RAWS] = records;
        after.n[COUNTER_REJECT_UNKNOWN] = 1;
        meter_step(m, &before, &after, newest, now);
}

Test(hall_meter, rate_of_a_minute)
{
        struct meter m = { 0 };
        usec t = 1000 * USEC_PER_SEC;

        cr_expect_eq(meter_rate(&m, t), 0);
        step(&m, 5, USEC_NONE, t);
        step(&m, 3, USEC_NONE, t + 500000);
        step(&m, 2, USEC_NONE, t + 30 * USEC_PER_SEC);
        cr_expect_eq(meter_rate(&m, t + 30 * USEC_PER_SEC), 10);
        cr_expect_eq(meter_rate(&m, t + 59 * USEC_PER_SEC), 10);
        cr_expect_eq(meter_rate(&m, t + 60 * USEC_PER_SEC), 2, "a minute ago is over");
        cr_expect_eq(meter_rate(&m, t + 1000 * USEC_PER_SEC), 0);
        step(&m, 1, USEC_NONE, t + 1000 * USEC_PER_SEC);
        cr_expect_eq(meter_rate(&m, t + 1000 * USEC_PER_SEC), 1, "what lay in the ring is gone");
        step(&m, 1, USEC_NONE, t);
        cr_expect_eq(m.records, 12, "a clock that goes back loses nothing of the sum");
        cr_expect_eq(m.rejects, 5);
}

Test(hall_meter, lag_and_line)
{
        CLEANUP(strbuf_done) struct strbuf line = STRBUF_INIT;
        struct meter m = { 0 };
        usec t = 1000 * USEC_PER_SEC;

        step(&m, 1, t - 90 * USEC_PER_SEC, t);
        cr_expect_eq(m.lag, 90 * USEC_PER_SEC);
        step(&m, 1, t + USEC_PER_SEC, t);
        cr_expect_eq(m.lag, 0, "of the future");
        step(&m, 1, t - USEC_PER_SEC, t);
        cr_expect_eq(m.newest, t + USEC_PER_SEC);
        meter_line(&m, "a b", t, &line);
        cr_expect_str_eq(line.p, "input raws=3 records=3 bytes=0 rejects=3 rate=3 read=1000000000 newest=1001000000 lag=1000000 name=a b\n");
}
