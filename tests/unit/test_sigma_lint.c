/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>

#include "monitor/sigma/lint.h"

#define HEAD "title: A\nlogsource: {product: p}\nlevel: low\ndetection:\n"

static const struct {
        const char *body; /* behind HEAD, so it begins in line 5 */
        const char *found; /* "check line:col …" of all findings */
} cases[] = {
        { "  s: {a: x}\n  condition: s\n", "" },
        { "  s: {a: x}\n  t: {b: y}\n  condition: s\n", "unused-selection 6:3 " },
        { "  s1: {a: x}\n  s2: {b: y}\n  condition: 1 of s*\n", "" },
        { "  s: {a: x}\n  _t: {b: y}\n  condition: all of them\n", "unused-selection 6:3 " },
        { "  s: {a: x}\n  condition: s and not s\n", "never-true 6:14 " },
        { "  s: {a: x}\n  condition: s or not s\n", "always-true 6:14 " },
        { "  s: {a: x}\n  t: {a|contains: X}\n  condition: s and not t\n", "never-true 7:14 " },
        { "  s: {a|cased: x}\n  t: {a: X}\n  condition: s and not t\n", "never-true 7:14 " },
        { "  s: {a: x}\n  t: {a|cased: X}\n  condition: s and not t\n", "" },
        { "  s: {a|startswith: abc}\n  t: {a|contains: b}\n  condition: not s or t\n", "always-true 7:14 " },
        { "  s: {a|startswith: abc}\n  t: {a|startswith: b}\n  condition: s and t\n",
          "never-true-for-one-value 7:14 " },
        { "  s: {a|startswith: abc}\n  t: {a|endswith: b}\n  condition: s and t\n", "" },
        { "  s: {a: x}\n  t: {a: y}\n  condition: s and t\n", "never-true-for-one-value 7:14 " },
        { "  s: {a: x}\n  t: {a: y}\n  condition: s or t\n", "" },
        { "  s: {a|all: [x, y]}\n  condition: s\n", "" },
        { "  s: {a: x}\n  t: {a: [y, z, '*x*']}\n  condition: s and t\n", "" },
        { "  s: {a: x}\n  t: {a|exists: false}\n  condition: s and t\n", "never-true 7:14 " },
        { "  s: {a|re: x}\n  t: {a|exists: true}\n  condition: s and not t\n", "never-true 7:14 " },
        { "  s: {a: null}\n  t: {a|exists: true}\n  condition: s or t\n", "always-true 7:14 " },
        { "  s: {a: null}\n  t: {a|exists: true}\n  condition: s and t\n", "" }, /* null that is written */
        { "  s: {a|exists: false}\n  t: {a|exists: true}\n  condition: s or t\n", "always-true 7:14 " },
        { "  s: {a: null}\n  t: {a: x}\n  condition: s and t\n", "never-true-for-one-value 7:14 " },
        { "  s: {a|re: 'x^y'}\n  condition: s\n", "regex-never-matches 5:13 " },
        { "  s: {a|re: ['ok', '(a+)+$']}\n  condition: s\n", "regex-explodes 5:20 " },
        { "  s: [word, other]\n  t: [word]\n  condition: s and t\n", "" },
        { "  s: [word]\n  t: [other]\n  condition: s and t\n", "" }, /* keywords: many values */
        { "  s: {a|gt: 5}\n  t: {a|gt: 5}\n  condition: s and not t\n", "never-true 7:14 " },
        { "  s: {a|cidr: 192.0.2.0/24}\n  t: {a: 198.51.100.1}\n  condition: s and t\n", "" }, /* not looked into */
};

static void add(void *userdata, const char *check, unsigned line, unsigned col, const char *text)
{
        strbuf_addf(userdata, "%s %u:%u ", check, line, col);
        cr_expect(strlen(text) > 10);
}

static void lint(const char *text, struct strbuf *found)
{
        struct err_list errors = ERR_LIST_INIT;
        struct sigma_file *file = NULL;

        cr_assert_eq(sigma_file_parse(str_of(text), "t.yml", NULL, &file, &errors, NULL), 0, "%s: %s", text,
                     errors.n ? errors.items[0].text : "");
        cr_assert_eq(sigma_lint(file->rules[0], add, found), 0);
        sigma_file_free(file);
        err_list_done(&errors);
}

Test(sigma_lint, findings)
{
        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                struct strbuf text = STRBUF_INIT, found = STRBUF_INIT;

                strbuf_addf(&text, HEAD "%s", cases[i].body);
                lint(text.p, &found);
                cr_expect_str_eq(found.p ? found.p : "", cases[i].found, "%s", cases[i].body);
                strbuf_done(&text);
                strbuf_done(&found);
        }
}

Test(sigma_lint, missing_level)
{
        struct strbuf found = STRBUF_INIT;

        lint("---\ntitle: A\nlogsource: {product: p}\ndetection: {s: {a: x}, condition: s}\n", &found);
        cr_expect_str_eq(found.p, "missing-level 2:1 ");
        strbuf_done(&found);
}

/* A condition that no search can settle in time is not judged, and does not hang: the pigeonhole principle, 9 in 8 holes. */
Test(sigma_lint, hard_conditions_end)
{
        enum { PIGEONS = 9, HOLES = 8 };
        struct strbuf text = STRBUF_INIT, found = STRBUF_INIT;

        strbuf_addz(&text, HEAD);
        for (int p = 0; p < PIGEONS; p++)
                for (int h = 0; h < HOLES; h++)
                        strbuf_addf(&text, "  p%d_%d: {f%d_%d: x}\n", p, h, p, h);
        strbuf_addz(&text, "  condition: ");
        for (int p = 0; p < PIGEONS; p++)
                strbuf_addf(&text, "%s1 of p%d_*", p ? " and " : "", p);
        for (int h = 0; h < HOLES; h++)
                for (int p = 0; p < PIGEONS; p++)
                        for (int q = 0; q < p; q++)
                                strbuf_addf(&text, " and not (p%d_%d and p%d_%d)", p, h, q, h);
        strbuf_addc(&text, '\n');
        lint(text.p, &found);
        cr_expect(!found.p || !strstr(found.p, "always"), "%s", found.p);
        strbuf_done(&text);
        strbuf_done(&found);
}
