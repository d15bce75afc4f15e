/* SPDX-License-Identifier: Apache-2.0 */

/* UTF-8's edges (RFC 3629), case folding, and what reaches a terminal. */

#include <criterion/criterion.h>
#include <stdio.h>

#include "monitor/base/utf8.h"

#define FFFD "\xef\xbf\xbd"

static const struct {
        const char *text, *clean; /* clean NULL: well-formed */
} texts[] = {
        { "", NULL },
        { "plain ASCII that is longer than a word", NULL },
        { "\xc2\x80\xdf\xbf", NULL },
        { "\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf", NULL },
        { "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", NULL },
        { "\x80", FFFD },
        { "a\xc0\xaf", "a" FFFD FFFD }, /* overlong */
        { "\xc1\xbf", FFFD FFFD },
        { "\xe0\x9f\xbf", FFFD FFFD FFFD },
        { "\xf0\x8f\xbf\xbf", FFFD FFFD FFFD FFFD },
        { "\xed\xa0\x80", FFFD FFFD FFFD }, /* a surrogate */
        { "\xf4\x90\x80\x80", FFFD FFFD FFFD FFFD }, /* over U+10FFFF */
        { "\xf5\x80", FFFD FFFD },
        { "\xe2\x82", FFFD FFFD }, /* cut off */
        { "\xe2\x82z", FFFD FFFD "z" },
        { "\xc3\xa9\xff\xc3\xa9", "\xc3\xa9" FFFD "\xc3\xa9" },
        { "twelve bytes\xfe", "twelve bytes" FFFD },
};

Test(base_utf8, checks_and_cleans)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();

        for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
                struct str s = str_of(texts[i].text), clean = utf8_clean(arena, s);

                cr_expect_eq(utf8_is_valid(s), texts[i].clean == NULL, "text %zu", i);
                if (!texts[i].clean)
                        cr_expect_eq(clean.p, s.p, "text %zu needs no copy", i);
                cr_expect(str_eqz(clean, texts[i].clean ? texts[i].clean : texts[i].text), "text %zu", i);
                cr_expect(utf8_is_valid(clean));
        }
        cr_expect(utf8_is_valid(STR_NONE) && utf8_is_ascii(STR_NONE));
        cr_expect(utf8_is_ascii(STR("0123456789\x7f")));
        cr_expect_not(utf8_is_ascii(STR("0123456789\x80")));
}

Test(base_utf8, every_character_goes_there_and_back)
{
        struct strbuf b = STRBUF_INIT;

        for (uint32_t c = 0; c <= 0x10ffff; c++) {
                uint32_t back = 0;
                struct str s;

                if (c == 0xd800)
                        c = 0xe000;
                strbuf_clear(&b);
                utf8_append(&b, c);
                s = strbuf_str(&b);
                cr_assert(utf8_next(&s, &back) && back == c && s.n == 0, "U+%04X", c);
                cr_assert_not(utf8_next(&s, &back));
        }
        strbuf_clear(&b);
        utf8_append(&b, 0xd800);
        utf8_append(&b, 0x110000);
        cr_expect(str_eqz(strbuf_str(&b), FFFD FFFD));
        strbuf_done(&b);
}

static const struct {
        const char *text, *want; /* want NULL: the same bytes */
} folds[] = {
        { "", NULL },
        { "already folded \xc3\xa4\xc3\xb6 1", NULL },
        { "MiXed ASCII [\\]^_`@Z", "mixed ascii [\\]^_`@z" },
        { "M\xc3\x9cLLER", "m\xc3\xbcller" },
        { "\xc3\x9f", NULL }, /* sharp s: simple folding keeps it */
        { "\xe1\xba\x9e", "\xc3\x9f" }, /* capital sharp s, one character for one */
        { "\xce\xa3\xcf\x82\xcf\x83", "\xcf\x83\xcf\x83\xcf\x83" }, /* sigmas */
        { "\xe2\x84\xaa", "k" }, /* the Kelvin sign */
        { "\xc4\xb0", NULL }, /* dotted capital I has no simple folding */
        { "\xc8\xba", "\xe2\xb1\xa5" }, /* grows from 2 bytes to 3 */
        { "\xd0\x96\xd0\xb6", "\xd0\xb6\xd0\xb6" }, /* Cyrillic */
        { "\xea\xad\xb0", "\xe1\x8e\xa0" }, /* Cherokee folds to its capitals */
        { "\xf0\x90\x90\x80", "\xf0\x90\x90\xa8" }, /* Deseret */
        { "\xff"
          "A\xc3",
          "\xff"
          "a\xc3" }, /* ill-formed bytes stay */
};

Test(base_utf8, folds)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();

        for (size_t i = 0; i < ARRAY_LEN(folds); i++) {
                struct str s = str_of(folds[i].text), folded = utf8_fold(arena, s);

                if (!folds[i].want)
                        cr_expect_eq(folded.p, s.p, "text %zu needs no copy", i);
                cr_expect(str_eqz(folded, folds[i].want ? folds[i].want : folds[i].text), "text %zu", i);
        }
}

/* One odd byte at every place of texts of every length up to some words, against folding byte by byte. */
Test(base_utf8, folds_at_every_place)
{
        static const char *const odd[] = { "", "A", "Z", "@", "[", "z", "\x7f", "\0", "\x80", "\xc3\x84", "\xc3\xa4" };
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        char text[48], want[48];

        for (size_t n = 0; n <= 40; n++)
                for (size_t at = 0; at < n; at++)
                        for (size_t o = 0; o < ARRAY_LEN(odd); o++) {
                                size_t width = odd[o][0] ? strlen(odd[o]) : 1;
                                struct str folded;

                                memset(text, "abcdefgh"[n % 8], sizeof text);
                                memcpy(text + at, odd[o], width);
                                memcpy(want, text, sizeof want);
                                if (text[at] == 'A' || text[at] == 'Z')
                                        want[at] = (char)(text[at] + 0x20);
                                if (width == 2 && n - at >= 2)
                                        want[at + 1] = '\xa4';
                                folded = utf8_fold(arena, str_from(text, n));
                                cr_assert(str_eq(folded, str_from(want, n)), "%zu, %zu, %zu", n, at, o);
                                if (memcmp(text, want, n) == 0)
                                        cr_assert_eq(folded.p, text, "%zu, %zu, %zu: no copy", n, at, o);
                        }
}

/* Every line of Unicode's own table, where the package unicode-data is installed. */
Test(base_utf8, folds_as_case_folding_txt)
{
        FILE *f = fopen("/usr/share/unicode/CaseFolding.txt", "re");
        static uint32_t want[0x110000];
        char line[512], status;
        unsigned from, to;

        if (!f)
                cr_skip_test("no CaseFolding.txt here");
        for (uint32_t c = 0; c < ARRAY_LEN(want); c++)
                want[c] = c;
        while (fgets(line, sizeof line, f))
                if (sscanf(line, "%x; %c; %x;", &from, &status, &to) == 3 && (status == 'C' || status == 'S'))
                        want[from] = to;
        fclose(f);
        for (uint32_t c = 0; c < ARRAY_LEN(want); c++)
                cr_assert_eq(utf8_fold_char(c), want[c], "U+%04X", c);
}

static const struct {
        const char *text;
        enum text_for target;
        size_t max;
        const char *want;
} shown[] = {
        { "two\nlines\tand a tab", TEXT_TERMINAL, 0, "two lines and a tab" },
        { "two\nlines\tand a tab", TEXT_BLOCK, 0, "two\nlines\tand a tab" },
        { "\x1b[31mred\x7f\r", TEXT_BLOCK, 0, FFFD "[31mred" FFFD FFFD },
        { "\xc2\x9b"
          "31m\xff",
          TEXT_TERMINAL, 0, FFFD "31m" FFFD },
        { "a\xe2\x80\xaetxt.exe\xe2\x81\xa6\xd8\x9c", TEXT_TERMINAL, 0, "a" FFFD "txt.exe" FFFD FFFD },
        { "a\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\x8b\xef\xbb\xbf", TEXT_BLOCK, 0, "a" FFFD FFFD FFFD FFFD },
        { "\xf3\xa0\x81\x81", TEXT_TERMINAL, 0, FFFD }, /* a tag letter */
        { "\xc3\xa9\xe6\x97\xa5\xf0\x9f\x98\x80", TEXT_TERMINAL, 0, "\xc3\xa9\xe6\x97\xa5\xf0\x9f\x98\x80" },
        { "abcde", TEXT_TERMINAL, 5, "abcde" },
        { "abcdef", TEXT_TERMINAL, 5, "abcd\xe2\x80\xa6" },
        { "\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5", TEXT_TERMINAL, 2, "\xe6\x97\xa5\xe2\x80\xa6" },
        { "ab", TEXT_TERMINAL, 1, "\xe2\x80\xa6" },
        { "", TEXT_TERMINAL, 1, "" },
};

Test(base_utf8, shows_nothing_harmful)
{
        for (size_t i = 0; i < ARRAY_LEN(shown); i++) {
                struct strbuf b = STRBUF_INIT;

                strbuf_addz(&b, "> ");
                text_display(&b, str_of(shown[i].text), shown[i].target, shown[i].max);
                cr_expect(str_starts(strbuf_str(&b), STR("> ")) && strcmp(b.p + 2, shown[i].want) == 0,
                          "text %zu gave '%s'", i, b.p);
                strbuf_done(&b);
        }
}

Test(base_utf8, markdown)
{
        struct strbuf out = STRBUF_INIT;

        text_markdown(&out, STR("  a|b <script>\nnext\x1b[31m  "));
        cr_expect_str_eq(out.p, "a\\|b &lt;script> next\xef\xbf\xbd[31m", "%s", out.p);
        strbuf_done(&out);
}
