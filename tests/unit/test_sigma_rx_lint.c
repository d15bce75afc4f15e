/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>

#include "monitor/sigma/rx_lint.h"

static const struct {
        const char *pattern;
        enum rx_verdict verdict;
        unsigned flags;
} cases[] = {
        { "abc", RX_FINE, 0 },
        { "^abc$", RX_FINE, 0 },
        { "a^b", RX_NEVER_MATCHES, 0 },
        { "a^b", RX_FINE, RX_MULTILINE },
        { "(?m)a^b", RX_FINE, 0 },
        { "a?^b", RX_FINE, 0 },
        { "(a|^b)c", RX_FINE, 0 },
        { "x(a|^b)c", RX_FINE, 0 }, /* the other way is alive */
        { "x(^a|^b)c", RX_NEVER_MATCHES, 0 },
        { "x(^a|^b)?c", RX_FINE, 0 },
        { "abc$d", RX_NEVER_MATCHES, 0 },
        { "abc$\\n", RX_FINE, 0 },
        { "abc$d*", RX_FINE, 0 },
        { "(a$|b)c", RX_FINE, 0 },
        { "(a$|b$)c", RX_NEVER_MATCHES, 0 },
        { "\\^a\\$b", RX_FINE, 0 },
        { "[$^]a[^$]b", RX_FINE, 0 },
        { "^(a+)+$", RX_EXPLODES, 0 },
        { "(\\w+\\s?)+$", RX_EXPLODES, 0 },
        { "^(?:.*,)*x$", RX_EXPLODES, 0 },
        { "^([a-z]|[a-y])*$", RX_EXPLODES, 0 },
        { "^(a*)*b", RX_EXPLODES, 0 },
        { "(\\w+\\s)+", RX_FINE, 0 },
        { "\\.exe.*\\.dll.*\\.sys", RX_FINE, 0 },
        { "(foo|bar){2,3}baz", RX_FINE, 0 },
        { "a{2}b{1,}c{0,1}", RX_FINE, 0 },
        { "a{b", RX_FINE, 0 },
        { "(?<name>a+)\\k<name>", RX_FINE, 0 },
        { "(?=a^)b", RX_FINE, 0 }, /* what looks ahead is not judged */
        { "(a", RX_FINE, 0 },
        { "", RX_FINE, 0 },
        { "(?(1)a|b)", RX_FINE, 0 },
        { "[[:alpha:]]+^x", RX_FINE, 0 }, /* not understood: nothing is said */
};

Test(sigma_rx_lint, verdicts)
{
        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                struct rx_finding f;

                cr_assert_eq(rx_lint(str_of(cases[i].pattern), RX_SEARCH | cases[i].flags, &f), 0);
                cr_expect_eq(f.verdict, cases[i].verdict, "%s: %d (%s)", cases[i].pattern, f.verdict, f.text);
        }
}

Test(sigma_rx_lint, deep_groups_end)
{
        struct rx_finding f;
        char deep[2001];

        memset(deep, '(', 1000);
        memset(deep + 1000, ')', 1000);
        deep[2000] = '\0';
        cr_assert_eq(rx_lint(str_of(deep), RX_SEARCH, &f), 0);
        cr_expect_eq(f.verdict, RX_FINE);
}
