/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>

#include "parsers/address.h"

Test(parsers_address, clean)
{
        static const struct {
                const char *text, *want; /* NULL: no address */
        } cases[] = {
                { "192.0.2.1", "192.0.2.1" },
                { " 192.0.2.1 ", "192.0.2.1" },
                { "192.0.2.1:443", "192.0.2.1" },
                { "192.0.2.1#53", "192.0.2.1" },
                { "255.255.255.255", "255.255.255.255" },
                { "192.0.2.1:99999", NULL },
                { "192.0.2.1:", NULL },
                { "192.0.2.1.5", NULL },
                { "192.0.2", NULL },
                { "192.0.2.256", NULL },
                { "192.0.2.01", NULL },
                { "192.0.2.1, 198.51.100.2", NULL },
                { "192.0.2.0/24", NULL },
                { "0.0.0.0", NULL },
                { "::", NULL },
                { "::ffff:0.0.0.0", NULL },
                { "2001:DB8:0:0::1", "2001:db8::1" },
                { "2001:db8::1", "2001:db8::1" },
                { "[2001:db8::1]", "2001:db8::1" },
                { "[2001:db8::1]:443", "2001:db8::1" },
                { "[2001:db8::1]:", NULL },
                { "[2001:db8::1]x", NULL },
                { "[2001:db8::1", NULL },
                { "[]", NULL },
                { "[192.0.2.1]:22", "192.0.2.1" },
                { "2001:db8::1#5000", "2001:db8::1" },
                { "fe80::1%eth0", "fe80::1" },
                { "[fe80::1%25eth0]:443", "fe80::1" },
                { "::ffff:192.0.2.1", "192.0.2.1" },
                { "::FFFF:c000:0201", "192.0.2.1" },
                { "[::ffff:192.0.2.1]:80", "192.0.2.1" },
                { "cloudtrail.amazonaws.com", NULL },
                { "AWS Internal", NULL },
                { "gce-internal-ip", NULL },
                { "private", NULL },
                { "-", NULL },
                { "", NULL },
                { "1", NULL },
                { "3221225985", NULL },
                { "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc", NULL },
        };
        struct arena *arena = arena_new();

        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                struct str got;

                cr_expect_eq(address_clean(arena, str_of(cases[i].text), &got), cases[i].want != NULL);
                if (cases[i].want)
                        cr_expect(got.p && str_eqz(got, cases[i].want), "'%s' gave '" STR_FMT "'", cases[i].text,
                                  STR_ARG(got));
                else
                        cr_expect(!got.p, "'%s' gave '" STR_FMT "'", cases[i].text, STR_ARG(got));
        }
        arena_free(arena);
}

Test(parsers_address, nothing_is_copied_without_need)
{
        struct arena *arena = arena_new();
        struct str got;

        address_clean(arena, STR("192.0.2.1"), &got);
        address_clean(arena, STR("192.0.2.1:443"), &got);
        address_clean(arena, STR("[2001:db8::1]:443"), &got);
        cr_expect(arena_used(arena) == 0);
        arena_free(arena);
}
