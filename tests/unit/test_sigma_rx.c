/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>

#include "monitor/sigma/rx.h"

Test(sigma_rx, groups)
{
        struct rx_scratch *s = rx_scratch_new();
        struct counters c = { 0 };
        struct rx *re = NULL;
        struct str text = STR("user ana from 192.0.2.1"), name;
        uint32_t group;

        cr_assert(rx_compile(STR("^user (?<user>\\S+) from (?<ip>\\S+)(?: port (?<port>\\d+))?"), 0, &re, NULL) == 0);
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

Test(sigma_rx, refused)
{
        struct err err = { 0 };
        struct rx *re = NULL;
        char *many = calloc(1, 3 * (RX_GROUPS_MAX + 1) + 1);

        cr_expect(rx_compile(STR("a(b"), 0, &re, &err) == -EBADMSG && !re);
        cr_expect(strstr(err.text, "byte"), "%s", err.text);
        for (size_t i = 0; i <= RX_GROUPS_MAX; i++)
                memcpy(many + 3 * i, "(a)", 3);
        cr_expect(rx_compile(str_of(many), 0, &re, &err) == -E2BIG && !re);
        free(many);
}

Test(sigma_rx, hostile_text_is_bounded)
{
        struct rx_scratch *s = rx_scratch_new();
        struct counters c = { 0 };
        struct rx *re = NULL;
        char text[5000];

        memset(text, 'a', sizeof text);
        cr_assert(rx_compile(STR("^(a+)+$"), 0, &re, NULL) == 0);
        text[sizeof text - 1] = 'b';
        cr_expect(!rx_match(re, str_from(text, sizeof text), true, s, &c));
        cr_expect(c.n[COUNTER_REGEX_LIMIT] == 1);
        rx_free(re);
        rx_scratch_free(s);
}

/* PCRE2's own limit is for each beginning: here each stays far below it, and all together would take minutes. */
Test(sigma_rx, all_beginnings_together_are_bounded)
{
        static const char *const patterns[] = { ".{0,300}.{0,300}[yz]", "a.{0,1000}[yz]", "(?:a|aa){1,12}[yz]" };
        enum { N = 1024 * 1024 };
        struct rx_scratch *s = rx_scratch_new();
        struct counters c = { 0 };
        char *text = malloc(N);
        struct rx *re = NULL;

        memset(text, 'a', N);
        for (size_t i = 0; i < ARRAY_LEN(patterns); i++) {
                cr_assert(rx_compile(str_of(patterns[i]), RX_SEARCH, &re, NULL) == 0);
                cr_expect(!rx_match(re, str_from(text, N), true, s, &c) && c.n[COUNTER_REGEX_LIMIT] == i + 1, "%s",
                          patterns[i]);
                rx_free(re);
        }
        text[N - 1] = 'z'; /* what is counted finds what there is */
        cr_assert(rx_compile(STR("^(?<all>a+)(?<last>z)$"), 0, &re, NULL) == 0);
        cr_expect(rx_match(re, str_from(text, N), true, s, &c) && c.n[COUNTER_REGEX_LIMIT] == ARRAY_LEN(patterns));
        cr_expect(rx_group(s, str_from(text, N), 1).n == N - 1 && str_eqz(rx_group(s, str_from(text, N), 2), "z"));
        rx_free(re);
        rx_scratch_free(s);
        free(text);
}

Test(sigma_rx, ill_formed_utf8_never_matches)
{
        struct rx_scratch *s = rx_scratch_new();
        struct counters c = { 0 };
        struct rx *re = NULL;

        cr_assert(rx_compile(STR("a"), 0, &re, NULL) == 0);
        cr_expect(!rx_match(re, STR("a\xff"), false, s, &c));
        cr_expect(rx_match(re, STR("a\xc3\xa9"), false, s, &c));
        rx_free(re);
        rx_scratch_free(s);
}

Test(sigma_rx, a_search_takes_any_number_of_groups_and_ill_formed_text)
{
        CLEANUP(strbuf_done) struct strbuf many = STRBUF_INIT;
        struct rx_scratch *s = rx_scratch_new();
        struct counters c = { 0 };
        struct rx *re = NULL;

        for (size_t i = 0; i <= RX_GROUPS_MAX; i++)
                strbuf_addz(&many, "(A)");
        cr_assert(rx_compile(strbuf_str(&many), RX_SEARCH | RX_CASELESS, &re, NULL) == 0);
        strbuf_clear(&many);
        for (size_t i = 0; i <= RX_GROUPS_MAX; i++)
                strbuf_addc(&many, 'a');
        strbuf_addc(&many, '\xff');
        cr_expect(rx_match(re, strbuf_str(&many), false, s, &c));
        cr_expect(!rx_match(re, STR("aaa"), false, s, &c));
        rx_free(re);
        rx_scratch_free(s);
}
