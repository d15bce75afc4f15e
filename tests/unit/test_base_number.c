/* SPDX-License-Identifier: Apache-2.0 */

/* Numbers as text: which are numbers, how they compare, and the text that stands for them (as Python's str(int) and
 * repr(float) would print them). */

#include <criterion/criterion.h>
#include <locale.h>
#include <stdlib.h>

#include "monitor/base/number.h"

Test(base_number, knows_numbers)
{
        static const char *const good[] = { "0",       "-0",    "+5",     "007",     "5.",
                                            ".5",      "-.5e3", "1e6000", "1E-6000", "12345678901234567890123",
                                            "1.5e+007" };
        static const char *const bad[] = { "",     "-",     "+",       ".",      "-.",      "e5",
                                           ".e5",  "1e",    "1e+",     "1.2.3",  "1 ",      " 1",
                                           "0x10", "inf",   "nan",     "1e6001", "1e-6001", "1e99999999999999999999",
                                           "--1",  "1_000", "\xd9\xa1" };
        char *digits = malloc(NUMBER_DIGITS_MAX + 1);

        for (size_t i = 0; i < ARRAY_LEN(good); i++)
                cr_expect(number_is_valid(str_of(good[i])), "%s", good[i]);
        for (size_t i = 0; i < ARRAY_LEN(bad); i++)
                cr_expect_not(number_is_valid(str_of(bad[i])), "%s", bad[i]);
        memset(digits, '1', NUMBER_DIGITS_MAX + 1);
        cr_expect(number_is_valid(str_from(digits, NUMBER_DIGITS_MAX)));
        cr_expect_not(number_is_valid(str_from(digits, NUMBER_DIGITS_MAX + 1)));
        cr_expect_not(number_is_valid(STR_NONE));
        free(digits);
}

static const struct {
        const char *a, *b;
        int want;
} pairs[] = {
        { "5", "5.0", 0 },
        { "5", "05", 0 },
        { "-0", "0.000e9", 0 },
        { "1e3", "1000", 0 },
        { "0.001", "1e-3", 0 },
        { "123.45e1", "1234.5", 0 },
        { "12345678901234567890", "12345678901234567891", -1 },
        { "0.1", "0.10000000000000000000001", -1 },
        { "9", "10", -1 },
        { "-9", "-10", 1 },
        { "-1", "0", -1 },
        { "0", "0.0001", -1 },
        { "0", "-0.0001", 1 },
        { "-1", "1", -1 },
        { "1e6000", "9e5999", 1 },
        { ".5", "0.25", 1 },
        { "100", "99.999", 1 },
        { "1.05", "1.5", -1 },
};

Test(base_number, compares_exactly)
{
        for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
                int c = number_cmp(str_of(pairs[i].a), str_of(pairs[i].b));
                int d = number_cmp(str_of(pairs[i].b), str_of(pairs[i].a));

                cr_expect_eq((c > 0) - (c < 0), pairs[i].want, "%s ? %s", pairs[i].a, pairs[i].b);
                cr_expect_eq((d > 0) - (d < 0), -pairs[i].want, "%s ? %s", pairs[i].b, pairs[i].a);
        }
}

static const struct {
        const char *token, *want;
} canonical[] = {
        { "0", "0" },
        { "-0", "0" },
        { "-17", "-17" },
        { "12345678901234567890123", "12345678901234567890123" },
        { "5.0", "5" },
        { "-5.00", "-5" },
        { "10.0", "10" },
        { "0.0", "0" },
        { "-0.0", "0" },
        { "-0e5", "0" },
        { "1.50", "1.5" },
        { "0.1", "0.1" },
        { "0.30000000000000004", "0.30000000000000004" },
        { "0.1000000000000000055511151231257827", "0.1" },
        { "1e3", "1000" },
        { "1.5e3", "1500" },
        { "1.5E-3", "0.0015" },
        { "1e22", "10000000000000000000000" },
        { "1e23", "99999999999999991611392" },
        { "0.0001", "0.0001" },
        { "0.00001", "1e-05" },
        { "0.000012345", "1.2345e-05" },
        { "1e-7", "1e-07" },
        { "1e-100", "1e-100" },
        { "5e-324", "5e-324" },
        { "1e-400", "0" },
        { "1e400", "inf" },
        { "-1e400", "-inf" },
        { "1e99999999999999999999", "inf" },
        { "1e-99999999999999999999", "0" },
        { "123456789012345.67", "123456789012345.67" },
        { "2251799813685248.5", "2251799813685248.5" },
        { "5.684341886080801e-14", "5.684341886080801e-14" },
        { "5.684341886080801486968994140625e-14", "5.684341886080802e-14" }, /* 2^-44: the next, not the nearest */
        { "2.2250738585072014e-308", "2.2250738585072014e-308" },
        { "1.7976931348623157e-300", "1.7976931348623157e-300" },
        /* not JSON, but YAML has them */
        { "+5", "5" },
        { "+5.50", "5.5" },
        { ".5", "0.5" },
        { "5.", "5" },
        { "-007", "-7" },
        { "00", "0" },
        { "007.50", "7.5" },
};

static void expect_canonical(void)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();

        for (size_t i = 0; i < ARRAY_LEN(canonical); i++) {
                struct str token = str_of(canonical[i].token), text = number_canonical(arena, token);

                cr_expect(str_eqz(text, canonical[i].want), "%s gave " STR_FMT, canonical[i].token, STR_ARG(text));
        }
}

Test(base_number, has_one_text)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct str token = STR("123456.25");

        expect_canonical();
        cr_expect_eq(number_canonical(arena, token).p, token.p, "no copy where none is needed");
        cr_expect_eq(arena_used(arena), 0);
}

Test(base_number, whatever_the_locale)
{
        if (!setlocale(LC_ALL, "de_DE.UTF-8"))
                cr_skip_test("no locale with a decimal comma here");
        expect_canonical();
}

/* The digits of a hostile token are walked once, not once for each. */
Test(base_number, long_tokens_are_cheap, .timeout = 20)
{
        enum { DIGITS = 8 * 1024 * 1024 };
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        char *p = malloc(DIGITS);

        memset(p, '0', DIGITS);
        p[0] = '1';
        p[DIGITS / 2] = '.';
        cr_expect(str_eqz(number_canonical(arena, str_from(p, DIGITS)), "inf"));
        cr_expect_eq(number_cmp(str_from(p, DIGITS), str_from(p, DIGITS / 2)), 0);
        p[1] = '.';
        p[DIGITS / 2] = '0';
        cr_expect(str_eqz(number_canonical(arena, str_from(p, DIGITS)), "1"));
        free(p);
}
