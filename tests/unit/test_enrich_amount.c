/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>

#include "monitor/base/macros.h"
#include "monitor/enrich/amount.h"
#include "monitor/enrich/enrich.h"

#define BIT(field) (UINT64_C(1) << ECS_##field)

Test(enrich_amount, table)
{
        static const struct {
                const char *old, *new, *want; /* NULL: cannot be said */
        } rows[] = {
                { "20", "60", "3.00" },
                { "20000000", "60000000", "3.00" },
                { "20.00", "59.99", "2.99" },
                { "0.10", "0.30", "3.00" },
                { "3", "1", "0.33" },
                { "5", "0", "0.00" },
                { "0.1", "100", "1000.00" },
                { "0.001", "100", NULL },
                { "999999999999999", "999999999999999.99", "1.00" },
                { "0.01", "999999999999999.99", "99999999999999999.00" },
                { "1", "9999999999999999", NULL },
                { "0", "60", NULL },
                { "0.00", "60", NULL },
                { "", "60", NULL },
                { "20", "", NULL },
                { "20", "-60", NULL },
                { "20", "$60", NULL },
                { "20", "1,000", NULL },
                { ".5", "60", NULL },
                { "20", "60 ", NULL },
                { "20", "6e1", NULL },
        };
        char text[AMOUNT_FACTOR_BYTES];

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                bool is_known = amount_factor(str_of(rows[i].old), str_of(rows[i].new), text);

                cr_expect_eq(is_known, rows[i].want != NULL, "%s %s", rows[i].old, rows[i].new);
                if (is_known && rows[i].want)
                        cr_expect_str_eq(text, rows[i].want);
        }
        cr_expect_not(amount_factor((struct str){ 0 }, STR("60"), text));
        cr_expect_not(amount_factor(STR("20"), (struct str){ 0 }, text));
}

Test(enrich_amount, what_it_needs)
{
        cr_expect_eq(enrich_needed(NULL, BIT(AMOUNT_FACTOR)), BIT(AMOUNT_FACTOR) | BIT(AMOUNT_OLD) | BIT(AMOUNT_NEW));
}
