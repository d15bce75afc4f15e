/* SPDX-License-Identifier: Apache-2.0 */

/* Limits, against comparing the numbers as they are written. */

#include <criterion/criterion.h>

#include "monitor/base/number.h"
#include "monitor/detect/measure.h"

static bool holds(int op, int order)
{
        return op == SIGMA_GT ? order > 0 : order >= 0;
}

/* All measures near the least one, and the ends of the range. */
static void check(struct str number, int op, unsigned scale)
{
        struct sigma_limit limit = { .op = (unsigned)op, .number = number };
        struct limits l;
        char text[MEASURE_BYTES];

        limits_init(&l, &limit, 1, scale);
        cr_assert(l.is_rising);
        for (int64_t i = -3; i <= 3; i++) {
                const measure_t near[] = { i, l.least > INT64_MAX - 4 || l.least < 4 - INT64_MAX ? i : l.least + i, 1000 * i,
                                           INT64_MAX - 3 + i, 3 - INT64_MAX + i };

                for (size_t k = 0; k < ARRAY_LEN(near); k++) {
                        measure_format(near[k], scale, text);
                        if (near[k] != INT64_MAX)
                                cr_expect_eq(limits_met(&l, near[k]), holds(op, number_cmp(str_of(text), number)),
                                             "%s %s " STR_FMT, text, op == SIGMA_GT ? ">" : ">=", STR_ARG(number));
                }
        }
        cr_expect_not(limits_met(&l, MEASURE_NONE));
}

Test(detect_measure, limits)
{
        static const char *const numbers[] = { "0",      "1",       "-1",       "5",       "0.5",     "-0.5",   "0.000001",
                                               "2.5",    "-2.5",    "1000000",  "1e3",     "1.5e-3",  "-1e3",   "0.0000001",
                                               "007",    "3.999999", "4.0",     "123456789012.345678", "-3.000001",
                                               "99999999999999999", "999999999999999999", "1e30", "-1e30", "1e-30" };
        static const unsigned scales[] = { 1, MEASURE_MICRO };
        static const int ops[] = { SIGMA_GT, SIGMA_GTE };

        for (size_t n = 0; n < ARRAY_LEN(numbers); n++)
                for (size_t s = 0; s < ARRAY_LEN(scales); s++)
                        for (size_t o = 0; o < ARRAY_LEN(ops); o++)
                                check(str_of(numbers[n]), ops[o], scales[s]);
}
