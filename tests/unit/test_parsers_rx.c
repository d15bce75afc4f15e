/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>

#include "parsers/rx.h"

Test(parsers_rx, groups)
{
        struct rx_scratch *s = rx_scratch_new();
        struct counters c = { 0 };
        struct rx *re = NULL;
        struct str text = STR("user ana from 192.0.2.1"), name;
        uint32_t group;

        cr_assert(rx_compile(STR("^user (?<user>\\S+) from (?<ip>\\S+)(?: port (?<port>\\d+))?"), &re, NULL) == 0);
        cr_assert(rx_groups(re) == 3 && rx_named(re) == 3);
        cr_assert(rx_match(re, text, true, s, &c));
        for (size_t i = 0; i < rx_named(re); i++) {
                name = rx_name(re, i, &group);
                if (str_eqz(name, "user"))
                        cr_expect(str_eqz(rx_group(s, text, group), "ana"));
                if (str_eqz(name, "ip"))
                        cr_expect(str_eqz(rx_group(s, text, group), "192.0.2.1"));
                if (str_eqz(name, "port"))
                        cr_expect(!rx_group(s, text, group).p);
        }
        cr_expect(!rx_match(re, STR("user"), true, s, &c));
        cr_expect(!rx_match(re, STR_NONE, false, s, &c));
        rx_free(re);
        rx_scratch_free(s);
}

Test(parsers_rx, refused)
{
        struct err err = { 0 };
        struct rx *re = NULL;
        char *many = calloc(1, 3 * (REGEX_GROUPS_MAX + 1) + 1);

        cr_expect(rx_compile(STR("a(b"), &re, &err) == -EBADMSG && !re);
        cr_expect(strstr(err.text, "byte"), "%s", err.text);
        for (size_t i = 0; i <= REGEX_GROUPS_MAX; i++)
                memcpy(many + 3 * i, "(a)", 3);
        cr_expect(rx_compile(str_of(many), &re, &err) == -E2BIG && !re);
        free(many);
}

Test(parsers_rx, hostile_text_is_bounded)
{
        struct rx_scratch *s = rx_scratch_new();
        struct counters c = { 0 };
        struct rx *re = NULL;
        char text[5000];

        memset(text, 'a', sizeof text);
        cr_assert(rx_compile(STR("^(a+)+$"), &re, NULL) == 0);
        text[sizeof text - 1] = 'b';
        cr_expect(!rx_match(re, str_from(text, sizeof text), true, s, &c));
        cr_expect(c.n[COUNTER_REGEX_LIMIT] == 1);
        rx_free(re);
        rx_scratch_free(s);
}

Test(parsers_rx, ill_formed_utf8_never_matches)
{
        struct rx_scratch *s = rx_scratch_new();
        struct counters c = { 0 };
        struct rx *re = NULL;

        cr_assert(rx_compile(STR("a"), &re, NULL) == 0);
        cr_expect(!rx_match(re, STR("a\xff"), false, s, &c));
        cr_expect(rx_match(re, STR("a\xc3\xa9"), false, s, &c));
        rx_free(re);
        rx_scratch_free(s);
}
