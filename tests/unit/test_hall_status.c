/* SPDX-License-Identifier: Apache-2.0 */

/* The line of `systemctl status`: what came since midnight, or since the start on the first day. */

#include <criterion/criterion.h>
#include <stdlib.h>
#include <time.h>

#include "monitor/status.h"

#define AT(day, hour, minute) ((20000 + (day)) * USEC_PER_DAY + (hour) * USEC_PER_HOUR + (minute) * USEC_PER_MINUTE)

static void utc(void)
{
        setenv("TZ", "UTC", 1);
        tzset();
}

static void says(const struct status *s, const char *reload, const char *text)
{
        CLEANUP(strbuf_done) struct strbuf out = STRBUF_INIT;

        status_line(s, str_of(reload), &out);
        cr_assert_str_eq(out.p, text);
}

Test(status, a_day, .init = utc)
{
        struct status s = { .inputs = 2 };

        status_see(&s, 1000, AT(1, 9, 30)); /* those of before the start are not of today */
        says(&s, "", "0 records since 09:30; 0 alerts open; 2 inputs");
        status_see(&s, 1001, AT(1, 10, 0));
        s.ringing = 1;
        s.inputs = 1;
        says(&s, "", "1 record since 09:30, the last at 10:00:00; 1 alert open; 1 input");
        status_see(&s, 1001, AT(1, 11, 0));
        says(&s, "", "1 record since 09:30, the last at 10:00:00; 1 alert open; 1 input");
}

Test(status, the_next_day, .init = utc)
{
        struct status s = { 0 };

        status_see(&s, 5, AT(1, 23, 0));
        status_see(&s, 9, AT(1, 23, 59));
        status_see(&s, 12, AT(2, 0, 1));
        says(&s, "refused: the 3 rules that run stay",
             "3 records today, the last at 00:01:00; 0 alerts open; 0 inputs; reload refused: the 3 rules that run stay");
}
