/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>

#include "monitor/sigma/rx_literal.h"

static const struct {
        const char *pattern, *word;
} cases[] = {
        { "abcdef", "abcdef" },
        { "ABC", "abc" },
        { "ab", "" },
        { ".+:assumed-role/aws:.+", ":assumed-role/aws:" },
        { "^C:\\\\Windows\\\\", "c:\\windows\\" },
        { "abc|def", "" },
        { "(abc|def)ghi", "ghi" },
        { "abc(def)?gh", "abc" },
        { "abcd?efg", "abc" },
        { "abcd*efgh", "efgh" },
        { "abcd+efg", "abcd" },
        { "abcd{0,3}efgh", "efgh" },
        { "abcd{2}efgh", "efgh" },
        { "ab.cd[efg]hij", "hij" },
        { "[]abc]def", "def" },
        { "[^]abc]def", "def" },
        { "[\\]abc]def", "def" },
        { "(a[)]bc)def", "def" },
        { "(a\\)bc)def", "def" },
        { "((x)(y))wxyz", "wxyz" },
        { "\\babc\\b", "abc" },
        { "\\d+\\.exe", ".exe" },
        { "(?i)ABC", "abc" },
        { "(?x)a b c", "" },
        { "(?x-i:a b)cdef", "" },
        { "a\\Qb|c\\Edef", "" },
        { "\\x41bcd", "" },
        { "(?:ab)+cde", "cde" },
        { "(?<name>ab)cde", "cde" },
        { "abc\\", "abc" },
        { "äöüabc", "abc" },
        { "[[:alpha:]]abc", "" },
        { "abc$", "abc" },
        { "abc??def", "def" },
        { "a++bcd", "bcd" },
        { "abc{x|def}", "" }, /* a plain brace, and an alternative */
        { "abc{x}def", "abc{x}def" },
        { "abc{1,x}def", "abc{1,x}def" },
        { "abcd{2,}efg", "abc" },
        { "abcd{,2}efg", "" },
        { "abc{", "abc{" },
        { "^x- L{s: x{a|$", "" },
        { "", "" },
};

Test(sigma_rx_literal, words)
{
        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                struct strbuf word = STRBUF_INIT;

                rx_literal(str_of(cases[i].pattern), &word);
                cr_expect_str_eq(word.p ? word.p : "", cases[i].word, "%s: %s", cases[i].pattern, word.p ? word.p : "");
                strbuf_done(&word);
        }
}
