/* SPDX-License-Identifier: Apache-2.0 */

/* Patterns: escapes, folding, the quick forms, and globs against a slow matcher that tries everything. */

#include <criterion/criterion.h>

#include "monitor/base/utf8.h"
#include "monitor/sigma/pattern.h"

static const struct {
        const char *pattern, *text;
        enum pattern_kind kind;
        bool matches, is_cased;
} cases[] = {
        { "abc", "ABC", PATTERN_EXACT, true, false },
        { "abc", "ABC", PATTERN_EXACT, false, true },
        { "", "", PATTERN_EXACT, true, false },
        { "", "x", PATTERN_EXACT, false, false },
        { "ab*", "abc", PATTERN_PREFIX, true, false },
        { "ab**", "ab", PATTERN_PREFIX, true, false },
        { "ab*", "xab", PATTERN_PREFIX, false, false },
        { "*bc", "abc", PATTERN_SUFFIX, true, false },
        { "*bc", "abcd", PATTERN_SUFFIX, false, false },
        { "*b*", "abc", PATTERN_CONTAINS, true, false },
        { "*b*", "acd", PATTERN_CONTAINS, false, false },
        { "*", "", PATTERN_SUFFIX, true, false },
        { "***", "any", PATTERN_SUFFIX, true, false },
        { "a*c", "abbc", PATTERN_GLOB, true, false },
        { "a*c", "ac", PATTERN_GLOB, true, false },
        { "a*a", "a", PATTERN_GLOB, false, false }, /* both ends need one of their own */
        { "ab*ba", "aba", PATTERN_GLOB, false, false },
        { "a?c", "a€c", PATTERN_GLOB, true, false }, /* one character, three bytes */
        { "a?c", "a€", PATTERN_GLOB, false, false },
        { "?", "", PATTERN_GLOB, false, false },
        { "?", "😀", PATTERN_GLOB, true, false },
        { "??", "é", PATTERN_GLOB, false, false },
        { "*?", "", PATTERN_GLOB, false, false },
        { "*?", "é", PATTERN_GLOB, true, false },
        { "?*", "é", PATTERN_GLOB, true, false },
        { "*?é", "xyé", PATTERN_GLOB, true, false },
        { "*a?c*d", "xxa1a€c--d", PATTERN_GLOB, true, false },
        { "*a?c*d", "xxa1a€c--", PATTERN_GLOB, false, false },
        { "a*b*c", "abcbd", PATTERN_GLOB, false, false },
        { "a*b*c", "a--b--b--c", PATTERN_GLOB, true, false },
        { "Ä*Ö", "äxö", PATTERN_GLOB, true, false },
        /* escapes: the table of the Sigma digest, Values */
        { "C:\\Windows\\*", "C:\\Windows*", PATTERN_EXACT, true, false },
        { "C:\\Windows\\*", "C:\\Windows\\x", PATTERN_EXACT, false, false },
        { "C:\\Windows\\\\*", "C:\\Windows\\x", PATTERN_PREFIX, true, false },
        { "C:\\Windows\\\\*", "C:\\Windowsx", PATTERN_PREFIX, false, false },
        { "a\\b", "a\\b", PATTERN_EXACT, true, false },
        { "a\\\\b", "a\\b", PATTERN_EXACT, true, false },
        { "\\\\\\\\srv", "\\\\srv", PATTERN_EXACT, true, false },
        { "foo\\", "foo\\", PATTERN_EXACT, true, false },
        { "\\\\\\*", "\\*", PATTERN_EXACT, true, false },
        { "\\?", "?", PATTERN_EXACT, true, false },
        { "\\?", "x", PATTERN_EXACT, false, false },
        /* simple folding, one character for one */
        { "ss", "ß", PATTERN_EXACT, false, false },
        { "ẞ", "ß", PATTERN_EXACT, true, false },
        { "ΣΑΣ", "σας", PATTERN_EXACT, true, false },
        { "İ", "i", PATTERN_EXACT, false, false },
        { "\xE2\x84\xAA", "k", PATTERN_EXACT, true, false }, /* KELVIN SIGN */
};

Test(sigma_pattern, cases)
{
        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                struct arena *arena = arena_new();
                struct str text = str_of(cases[i].text);
                struct pattern p;

                cr_assert_eq(pattern_make(arena, arena, tokens_parse(arena, str_of(cases[i].pattern)), cases[i].is_cased, &p),
                             0);
                if (!cases[i].is_cased)
                        text = utf8_fold(arena, text);
                cr_expect_eq(p.kind, cases[i].kind, "%s", cases[i].pattern);
                cr_expect_eq(pattern_match(&p, text), cases[i].matches, "%s on %s", cases[i].pattern, cases[i].text);
                arena_free(arena);
        }
}

Test(sigma_pattern, a_zero_byte_is_a_character_like_any_other)
{
        struct arena *arena = arena_new();
        struct pattern p;
        struct tokens t = tokens_parse(arena, str_from("\\\0x", 3));

        cr_assert_eq(t.n, 3);
        cr_assert_eq(pattern_make(arena, arena, tokens_around(arena, t, true, true), false, &p), 0);
        cr_expect(pattern_match(&p, str_from("a\\\0xb", 5)));
        cr_expect(!pattern_match(&p, str_from("a\\xb", 4)));
        arena_free(arena);
}

/* Tries every way a star can go. */
static bool slow_match(struct tokens t, size_t k, struct str text)
{
        struct str rest = text;
        uint32_t cp;

        if (k == t.n)
                return text.n == 0;
        if (t.t[k] == TOKEN_ANY && slow_match(t, k + 1, text))
                return true;
        if (!utf8_next(&rest, &cp))
                return false;
        if (t.t[k] == TOKEN_ANY)
                return slow_match(t, k, rest);
        if (t.t[k] == TOKEN_DASH ? !token_is_dash(cp) : t.t[k] != TOKEN_ONE && t.t[k] != cp)
                return false;
        return slow_match(t, k + 1, rest);
}

enum { TOKENS_MAX = 5 };

static struct str nth_text(struct arena *arena, size_t n)
{
        static const char *const letters[] = { "", "a", "b", "–", "-" };
        struct strbuf b = STRBUF_INIT;
        struct str out;

        for (; n > 0; n /= ARRAY_LEN(letters))
                strbuf_addz(&b, letters[n % ARRAY_LEN(letters)]);
        out = arena_dup(arena, strbuf_str(&b));
        strbuf_done(&b);
        return out;
}

static struct tokens nth_tokens(struct arena *arena, size_t n)
{
        static const uint32_t kinds[] = { 'a', 'b', TOKEN_ANY, TOKEN_ONE, TOKEN_DASH };
        struct tokens out = { arena_array(arena, TOKENS_MAX, sizeof *out.t), 0 };

        for (; n > 0; n /= ARRAY_LEN(kinds) + 1)
                if (n % (ARRAY_LEN(kinds) + 1) > 0)
                        out.t[out.n++] = kinds[n % (ARRAY_LEN(kinds) + 1) - 1];
        return out;
}

/* Every pattern of up to 5 tokens on texts of up to 5 characters, in steps that share no factor with their number. */
Test(sigma_pattern, agrees_with_trying_everything)
{
        struct arena *arena = arena_new();
        size_t n_hits = 0;

        for (size_t i = 0; i < 7776; i += 5) {
                struct tokens t = nth_tokens(arena, i);
                struct pattern p;

                cr_assert_eq(pattern_make(arena, arena, t, true, &p), 0);
                for (size_t k = i % 17; k < 3125; k += 17) {
                        struct str text = nth_text(arena, k);
                        bool expected = slow_match(t, 0, text);

                        n_hits += expected;
                        if (pattern_match(&p, text) != expected)
                                cr_expect(false, "pattern %zu on \"" STR_FMT "\": not %d", i, STR_ARG(text), expected);
                }
        }
        cr_expect(n_hits > 10000, "%zu", n_hits);
        arena_free(arena);
}

/* Trying every way, as above, would not end. */
Test(sigma_pattern, no_text_makes_a_glob_slow, .timeout = 20)
{
        struct arena *arena = arena_new();
        struct strbuf b = STRBUF_INIT;
        struct pattern p;

        for (size_t i = 0; i < 1000000; i++)
                strbuf_addc(&b, 'a');
        cr_assert_eq(pattern_make(arena, arena, tokens_parse(arena, STR("*a*aa*aa?*aaa*b*a?b")), true, &p), 0);
        cr_expect(!pattern_match(&p, strbuf_str(&b)));
        strbuf_done(&b);
        arena_free(arena);
}
