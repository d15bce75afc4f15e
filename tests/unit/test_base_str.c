/* SPDX-License-Identifier: Apache-2.0 */

/* Borrowed strings, numbers in them, and the growing buffer. */

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>

#include "monitor/base/str.h"

Test(base_str, compares)
{
        cr_expect(str_eq(STR("a\0b"), STR("a\0b")));
        cr_expect(str_eq(STR_NONE, STR("")), "absent and empty have the same bytes");
        cr_expect_not(str_eq(STR("a"), STR("ab")));
        cr_expect(str_eq_nocase(STR("Not Available"), STR("NOT aVAILABLE")));
        cr_expect_not(str_eq_nocase(STR("@"), STR("`")), "only letters fold");
        cr_expect_not(str_eq_nocase(STR("\xc3\x84"), STR("\xc3\xa4")));
        cr_expect_lt(str_cmp(STR("a"), STR("ab")), 0);
        cr_expect_gt(str_cmp(STR("b"), STR("ab")), 0);
        cr_expect_gt(str_cmp(STR("\xff"), STR("a")), 0, "bytes have no sign");
        cr_expect_eq(str_cmp(STR_NONE, STR_NONE), 0);
        cr_expect(str_starts(STR("abc"), STR("ab")) && str_starts(STR("abc"), STR_NONE));
        cr_expect_not(str_starts(STR("a"), STR("ab")));
        cr_expect(str_ends(STR("abc"), STR("bc")));
        cr_expect_not(str_ends(STR("c"), STR("bc")));
}

Test(base_str, finds_and_trims)
{
        cr_expect_eq(str_find(STR("a\0bc"), STR("bc")), 2);
        cr_expect_eq(str_find(STR("abc"), STR("")), 0);
        cr_expect_eq(str_find(STR("abc"), STR("abcd")), SIZE_MAX);
        cr_expect_eq(str_find(STR_NONE, STR("a")), SIZE_MAX);
        cr_expect(str_eqz(str_trim(STR(" \t\r\n a b\v\f")), "a b"));
        cr_expect_eq(str_trim(STR("  ")).n, 0);
}

Test(base_str, cuts_at_separators)
{
        static const char *const want[] = { "a", "", "b", "" };
        struct str rest = STR("a,,b,"), word;
        size_t i = 0;

        while (str_cut(&rest, ',', &word)) {
                cr_assert_lt(i, ARRAY_LEN(want));
                cr_expect(str_eqz(word, want[i]), "word %zu is '" STR_FMT "'", i, STR_ARG(word));
                i++;
        }
        cr_expect_eq(i, ARRAY_LEN(want));

        rest = STR("");
        cr_expect(str_cut(&rest, ',', &word) && word.n == 0, "the empty string is one empty word");
        cr_expect_not(str_cut(&rest, ',', &word));
}

static const struct {
        const char *text;
        int r;
        int64_t n;
} integers[] = {
        { "0", 0, 0 },
        { "-0", 0, 0 },
        { "+7", 0, 7 },
        { "007", 0, 7 },
        { "9223372036854775807", 0, INT64_MAX },
        { "-9223372036854775808", 0, INT64_MIN },
        { "9223372036854775808", -ERANGE, 0 },
        { "-9223372036854775809", -ERANGE, 0 },
        { "99999999999999999999999", -ERANGE, 0 },
        { "99999999999999999999999x", -EBADMSG, 0 },
        { "", -EBADMSG, 0 },
        { "-", -EBADMSG, 0 },
        { "--1", -EBADMSG, 0 },
        { " 1", -EBADMSG, 0 },
        { "1.0", -EBADMSG, 0 },
};

Test(base_str, reads_integers)
{
        uint64_t u = 5;

        for (size_t i = 0; i < ARRAY_LEN(integers); i++) {
                int64_t n = 42;

                cr_expect_eq(str_to_i64(str_of(integers[i].text), &n), integers[i].r, "%s", integers[i].text);
                cr_expect_eq(n, integers[i].r < 0 ? 42 : integers[i].n, "%s gave %lld", integers[i].text, (long long)n);
        }
        cr_expect_eq(str_to_u64(STR("18446744073709551615"), &u), 0);
        cr_expect_eq(u, UINT64_MAX);
        cr_expect_eq(str_to_u64(STR("18446744073709551616"), &u), -ERANGE);
        cr_expect_eq(str_to_u64(STR("-1"), &u), -EBADMSG);
}

Test(base_str, copies_and_distances)
{
        char *z = str_dupz(STR_NONE), long_text[65];

        cr_assert_str_eq(z, "");
        free(z);
        z = str_dupz(str_from("abcdef", 3));
        cr_assert_str_eq(z, "abc");
        free(z);
        cr_expect_eq(str_distance(STR("kitten"), STR("sitting")), 3);
        cr_expect_eq(str_distance(STR(""), STR("abc")), 3);
        cr_expect_eq(str_distance(STR("abc"), STR("abc")), 0);
        cr_expect_eq(str_distance(STR("tial"), STR("tail")), 1);
        cr_expect_eq(str_distance(STR("ca"), STR("abc")), 3, "what was swapped is not changed again");
        memset(long_text, 'a', sizeof long_text);
        cr_expect_eq(str_distance(str_from(long_text, 64), STR("a")), 63);
        cr_expect_eq(str_distance(str_from(long_text, 65), STR("a")), SIZE_MAX);
}

Test(base_str, buffer_grows_and_stays_terminated)
{
        struct strbuf b = STRBUF_INIT;
        char *z;

        cr_expect(str_eqz(strbuf_str(&b), ""));
        for (int i = 0; i < 1000; i++)
                strbuf_addf(&b, "%d,", i);
        cr_expect_eq(b.n, 10 * 2 + 90 * 3 + 900 * 4);
        cr_expect_eq(strlen(b.p), b.n);
        strbuf_clear(&b);
        strbuf_addf(&b, "%0500d" STR_FMT, 7, STR_ARG(STR("xyz")));
        cr_expect_eq(b.n, 503);
        cr_expect(str_ends(strbuf_str(&b), STR("07xyz")));
        strbuf_clear(&b);
        strbuf_addc(&b, '\0');
        strbuf_addz(&b, "z");
        strbuf_add(&b, STR_NONE);
        cr_expect(str_eq(strbuf_str(&b), STR("\0z")));

        memcpy(strbuf_reserve(&b, 3), "abcXX", 5 - 2);
        b.n += 3;
        z = strbuf_take(&b);
        cr_assert_not_null(z);
        cr_expect_str_eq(z + 1, "zabc");
        cr_expect(b.p == NULL && b.n == 0);
        free(z);
        z = strbuf_take(&b);
        cr_expect_str_eq(z, "", "nothing added is the empty text");
        free(z);
}

Test(base_str, buffer_remembers_a_failure)
{
        struct strbuf b = STRBUF_INIT;

        strbuf_addz(&b, "kept");
        cr_expect_null(strbuf_reserve(&b, SIZE_MAX - 8));
        cr_expect(strbuf_failed(&b));
        strbuf_addz(&b, "lost");
        strbuf_addf(&b, "%d", 1);
        cr_expect(str_eqz(strbuf_str(&b), "kept"));
        strbuf_clear(&b);
        cr_expect_not(strbuf_failed(&b));
        cr_expect_null(strbuf_reserve(&b, SIZE_MAX));
        cr_expect_null(strbuf_take(&b));
        cr_expect_null(b.p);
}
