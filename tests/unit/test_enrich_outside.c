/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>

#include "monitor/base/macros.h"
#include "monitor/enrich/enrich.h"
#include "monitor/enrich/outside.h"

#define BIT(field) (UINT64_C(1) << ECS_##field)

Test(enrich_outside, table)
{
        static const struct {
                const char *actor, *target;
                enum outside want;
        } rows[] = {
                { "mia@example.com", "bo@example.com", OUTSIDE_NO },
                { "mia@example.com", "bo@EXAMPLE.com", OUTSIDE_NO },
                { "mia@example.com", "bo@shop.example.com", OUTSIDE_NO },
                { "mia@shop.example.com", "bo@example.com", OUTSIDE_NO },
                { "mia@example.com", "bo@notexample.com", OUTSIDE_YES },
                { "mia@example.com", "bo@example.com.example.net", OUTSIDE_YES },
                { "mia@example.com", "x@gmail.com", OUTSIDE_YES },
                { "mia@gmail.com", "x@example.net", OUTSIDE_UNKNOWN },
                { "mia@gmail.com", "x@gmail.com", OUTSIDE_UNKNOWN },
                { "mia@gmx.de", "x@example.net", OUTSIDE_UNKNOWN },
                { "mia@yahoo.co.jp", "x@example.net", OUTSIDE_UNKNOWN },
                { "mia@web.example.de", "x@example.net", OUTSIDE_YES }, /* a shop's own name, not web.de */
                { "mia@mail.shop.example", "x@example.net", OUTSIDE_YES },
                { "mia@example.com", "\"x@example.com\"@example.net", OUTSIDE_YES },
                { "mia", "x@example.net", OUTSIDE_UNKNOWN },
                { "mia@example.com", "x", OUTSIDE_UNKNOWN },
                { "mia@example.com", "x@", OUTSIDE_UNKNOWN },
                { "@example.com", "x@example.net", OUTSIDE_UNKNOWN },
                { "", "", OUTSIDE_UNKNOWN },
        };

        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                cr_expect_eq(outside_of(str_of(rows[i].actor), str_of(rows[i].target)), rows[i].want, "%s %s", rows[i].actor,
                             rows[i].target);
        cr_expect_eq(outside_of((struct str){ 0 }, STR("x@example.net")), OUTSIDE_UNKNOWN);
        cr_expect_eq(outside_of(STR("mia@example.com"), (struct str){ 0 }), OUTSIDE_UNKNOWN);
}

Test(enrich_outside, what_it_needs)
{
        cr_expect_eq(enrich_needed(NULL, BIT(TARGET_OUTSIDE)),
                     BIT(TARGET_OUTSIDE) | BIT(USER_EMAIL) | BIT(USER_NAME) | BIT(USER_TARGET_EMAIL) | BIT(USER_TARGET_NAME) |
                             BIT(SHARED_WITH));
}
