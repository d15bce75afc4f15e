/* SPDX-License-Identifier: Apache-2.0 */

/* Placeholders: what `expand` fills in, what is lacking, and the lists themselves. */

#include "tests/unit/sigma_record.h"

#define LISTS \
        "{v: ['x*', 'y'], w: [1, 2.0], back: 'C:\\', plain: '\\*', net: [10.0.0.0/8, '2001:db8::/32'], least: 5, " \
        "some-name: z, rx: ['a.c', '^b'], other: [b, c]}"

static const struct sigma_case cases[] = {
        { "a list", "{a|expand: '%v%'}", "{a: 'Y'}", true },
        { "wildcards of a value", "{a|expand: '%v%'}", "{a: xab}", true },
        { "none of it", "{a|expand: '%v%'}", "{a: z}", false },
        { "an escaped star", "{a|expand: '%plain%'}", "{a: '*'}", true },
        { "an escaped star is plain", "{a|expand: '%plain%'}", "{a: b}", false },
        { "text around", "{a|expand: 'p-%w%.q'}", "{a: p-2.q}", true },
        { "text around must be there", "{a|expand: 'p-%w%.q'}", "{a: '2'}", false },
        { "combinations", "{a|expand: '%v%-%w%'}", "{a: y-2}", true },
        { "combinations in order", "{a|expand: '%w%-%v%'}", "{a: y-2}", false },
        { "a name with a dash", "{a|expand: '%some-name%'}", "{a: z}", true },
        { "a backslash ends with its value", "{a|expand: '%back%*'}", "{a: 'C:\\temp'}", true },
        { "contains", "{a|contains|expand: '%w%'}", "{a: a2b}", true },
        { "expand in front", "{a|expand|contains: '%w%'}", "{a: a2b}", true },
        { "base64", "{a|expand|base64: '%other%'}", "{a: 'Yg=='}", true },
        { "base64 in front", "{a|base64|expand: '%other%'}", "{a: 'Yw=='}", true },
        { "an escaped percent sign", "{a|expand: '\\%v%'}", "{a: '%v%'}", true },
        { "one in front of a placeholder", "{a|expand: '\\%plain%v%'}", "{a: '%plainy'}", true },
        { "an escaped backslash", "{a|expand: 'd\\\\%v%'}", "{a: 'd\\y'}", true },
        { "one alone", "{a|expand: '%v'}", "{a: '%v'}", true },
        { "two alone", "{a|expand: '100%%'}", "{a: '100%%'}", true },
        { "without expand", "{a: '%v%'}", "{a: '%v%'}", true },
        { "re", "{a|re|expand: '^%rx%$'}", "{a: abc}", true },
        { "re not", "{a|re|expand: 'x%rx%'}", "{a: abc}", false },
        { "cidr", "{a|cidr|expand: '%net%'}", "{a: '10.1.2.3'}", true },
        { "cidr v6", "{a|cidr|expand: '%net%'}", "{a: '2001:db8::1'}", true },
        { "cidr not", "{a|cidr|expand: '%net%'}", "{a: '11.1.2.3'}", false },
        { "numbers", "{a|gte|expand: '%least%'}", "{a: 7}", true },
        { "numbers not", "{a|gte|expand: '%least%'}", "{a: 4}", false },
        { "fieldref", "{a|fieldref|expand: '%other%'}", "{a: q, c: q}", true },
        { "a number's form", "{a|expand: '%w%'}", "{a: 2}", true },
        { "neq", "{a|neq|expand: '%v%'}", "{a: 'y'}", false },
        { "neq missing", "{a|neq|expand: '%v%'}", "{}", true },
        { "a list of values", "{a|expand: ['%w%', q]}", "{a: q}", true },
        { "all: each value, any of its choices", "{a|contains|all|expand: ['%w%', '%other%']}", "{a: 2c}", true },
        { "all not", "{a|contains|all|expand: ['%w%', '%other%']}", "{a: 12}", false },
        { "all neq", "{a|contains|all|neq|expand: ['%w%', '%other%']}", "{a: 12}", true },
        { "keywords", "{'|expand': '%v%'}", "{q: {r: [1, 'a y b']}}", true },
};

static int compile(struct sigma_bench *b, struct sigma_options *options, const char *lists, const char *selection)
{
        struct strbuf text = STRBUF_INIT;
        int r;

        options->placeholders = lists ? sigma_bench_yaml(b, lists) : NULL;
        b->options = options;
        strbuf_addf(&text, "{s: %s, condition: s}", selection);
        r = sigma_bench_compile(b, text.p, false);
        strbuf_done(&text);
        return r;
}

Test(sigma_expand, fills_in)
{
        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                const struct sigma_case *c = &cases[i];
                struct sigma_options options = { 0 };
                struct sigma_bench b;
                int r;

                sigma_bench_open(&b);
                r = compile(&b, &options, LISTS, c->selection);
                cr_assert(r >= 0, "%s: %s", c->name, b.err.text);
                cr_expect_eq(b.detection->lacking.n, 0, "%s: %s", c->name, b.detection->lacking.p);
                cr_expect_eq(sigma_bench_match(&b, sigma_bench_yaml(&b, c->event)), c->matches, "%s: %s on %s", c->name,
                             c->selection, c->event);
                sigma_bench_close(&b);
        }
}

Test(sigma_expand, says_what_it_was_filled_with)
{
        struct sigma_options options = { 0 };
        struct sigma_bench b;

        sigma_bench_open(&b);
        cr_assert_eq(compile(&b, &options, LISTS, "{a|expand: '%w%'}"), 0);
        cr_expect_str_eq(b.detection->expanded.p, "w=[1,2.0]\n");
        sigma_bench_close(&b);
}

Test(sigma_expand, what_is_lacking)
{
        struct sigma_options options = { 0 };
        struct sigma_bench b;

        sigma_bench_open(&b);
        cr_assert_eq(compile(&b, &options, LISTS, "{a|expand: ['%v%', '%no%-%none%'], b|cidr|expand: '%no%'}"), 0, "%s",
                     b.err.text);
        cr_expect_str_eq(b.detection->lacking.p, "no, none");
        cr_expect_eq(b.detection->lacking_at->col, 24);
        sigma_bench_close(&b);

        sigma_bench_open(&b);
        cr_assert_eq(compile(&b, &options, NULL, "{a|expand: '%v%'}"), 0);
        cr_expect_str_eq(b.detection->lacking.p, "v");
        sigma_bench_close(&b);
}

static const struct sigma_bad bad[] = {
        { "{a|cidr|expand: '%v%'}", "cidr: no network" },
        { "{a|gt|expand: '%v%'}", "gt needs a number" },
        { "{a|re|expand: '%v%('}", "re: " },
        { "{a|base64|expand: '%v%'}", "base64 cannot encode wildcards" },
        { "{a|exists|expand: true}", "exclude each other" },
        { "{a|expand: []}", "an empty list" },
        { "{a|expand: [x, null]}", "null inside a list" },
        { "{a|expand: {b: c}}", "a map where a single value" },
        { "{a|expand: '%m%%m%%m%%m%%m%%m%%m%%m%%m%'}", "more than 20000 values" },
};

Test(sigma_expand, what_does_not_compile)
{
        for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
                struct sigma_options options = { 0 };
                struct sigma_bench b;

                sigma_bench_open(&b);
                cr_expect(compile(&b, &options, "{v: ['x*', y], m: [1, 2, 3, 4, 5, 6, 7, 8, 9]}", bad[i].text) < 0,
                          "%s", bad[i].text);
                cr_expect(strstr(b.err.text, bad[i].says), "%s: %s", bad[i].text, b.err.text);
                cr_expect(b.err.line == 1 && b.err.col > 1, "%s: no place", bad[i].text);
                sigma_bench_close(&b);
        }
}

static const struct {
        const char *lists, *says; /* NULL: it is good */
        unsigned line, col;
} lists[] = {
        { "a: b\nc: [d, 5, 1.5]\nDC-MACHINE-NAME: x$\n", NULL, 0, 0 },
        { "[a]\n", "a list where a map of lists belongs", 1, 1 },
        { "a: b\nb: []\n", "an empty list", 2, 4 },
        { "countries: [de, no]\n", "put yes, no, on, off, true and false in quotes", 1, 17 },
        { "a: [b, {c: d}]\n", "a map where a value", 1, 8 },
        { "a: {b: c}\n", "a map where a value", 1, 4 },
        { "a:\n", "null where a value", 1, 3 },
        { "'%a%': b\n", "has no percent signs around it here", 1, 1 },
        { "'a b ': b\n'a*': b\n", "a name is made of", 2, 1 },
};

Test(sigma_expand, lists)
{
        for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
                struct sigma_bench b;
                struct err err = { 0 };
                int r;

                sigma_bench_open(&b);
                r = sigma_placeholders_check(sigma_bench_yaml(&b, lists[i].lists), "shopbell.yml", &err);
                cr_expect_eq(r < 0, lists[i].says != NULL, "%s: %s", lists[i].lists, err.text);
                if (lists[i].says)
                        cr_expect(strstr(err.text, lists[i].says) && err.line == lists[i].line &&
                                          err.col == lists[i].col,
                                  "%s: %u:%u: %s", lists[i].lists, err.line, err.col, err.text);
                sigma_bench_close(&b);
        }
}
