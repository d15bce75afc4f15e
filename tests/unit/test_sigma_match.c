/* SPDX-License-Identifier: Apache-2.0 */

/* What a selection matches: values, fields, arrays, keywords (Sigma digest, Values and Detection items). */

#include "tests/unit/sigma_record.h"

static const struct sigma_case cases[] = {
        { "equal", "{a: x}", "{a: x}", true },
        { "case", "{a: Foo}", "{a: fOO}", true },
        { "case unicode", "{a: 'ÄÖ'}", "{a: 'äö'}", true },
        { "simple fold keeps sharp s", "{a: ss}", "{a: 'ß'}", false },
        { "simple fold capital sharp s", "{a: 'ẞ'}", "{a: 'ß'}", true },
        { "simple fold sigma", "{a: 'ΣΑΣ'}", "{a: 'σας'}", true },
        { "whole string", "{a: x}", "{a: xy}", false },
        { "map is and", "{a: x, b: 'y'}", "{a: x, b: z}", false },
        { "map is and 2", "{a: x, b: 'y'}", "{a: x, b: 'y'}", true },
        { "list of maps is or", "[{a: x}, {b: 'y'}]", "{b: 'y'}", true },
        { "values are or", "{a: [x, 'y']}", "{a: 'y'}", true },
        { "values none", "{a: [x, 'y']}", "{a: z}", false },
        { "missing", "{a: x}", "{}", false },
        { "dotted", "{a.b: x}", "{a: {b: x}}", true },
        { "literal key first", "{a.b: x}", "{a.b: 'y', a: {b: x}}", false },
        { "literal key", "{a.b: x}", "{a.b: x}", true },
        { "array", "{a: x}", "{a: ['y', x]}", true },
        { "array in path", "{a.b: x}", "{a: [{b: 'y'}, {c: 1}, {b: [x]}]}", true },
        { "array of arrays", "{a: x}", "{a: [[x], []]}", true },
        { "object as compact JSON", "{a|contains: '\"b\":1'}", "{a: {b: 1, c: 2}}", true },
        { "object as compact JSON, other value", "{a|contains: '\"b\":2'}", "{a: {b: 1}}", false },
        { "object in an array as compact JSON", "{a|contains: x y}", "{a: [{b: 1}, {b: x y}]}", true },
        { "object is no number", "{a|gt: 0}", "{a: {b: 1}}", false },
        { "number = number", "{a: 5}", "{a: 5}", true },
        { "number = string", "{a: 5}", "{a: '5'}", true },
        { "string = number", "{a: '5'}", "{a: 5}", true },
        { "whole float", "{a: 5}", "{a: 5.0}", true },
        { "other form", "{a: 5}", "{a: '5.0'}", false },
        { "float", "{a: 0.5}", "{a: 0.5}", true },
        { "number with wildcard", "{a: '4*'}", "{a: 404}", true },
        { "bool", "{a: true}", "{a: true}", true },
        { "bool = text", "{a: true}", "{a: 'True'}", true },
        { "text = bool", "{a: 'false'}", "{a: false}", true },
        { "bool is not 1", "{a: 1}", "{a: true}", false },
        { "null missing", "{a: null}", "{}", true },
        { "null null", "{a: null}", "{a: null}", true },
        { "null value", "{a: null}", "{a: ''}", false },
        { "null empty array", "{a: null}", "{a: []}", false },
        { "null in array", "{a: null}", "{a: [x, null]}", true },
        { "null nested", "{a.b: null}", "{a: {}}", true },
        { "empty", "{a: ''}", "{a: ''}", true },
        { "empty not null", "{a: ''}", "{a: null}", false },
        { "empty not missing", "{a: ''}", "{}", false },
        { "empty not text", "{a: ''}", "{a: x}", false },
        { "star", "{a: 'x*z'}", "{a: \"x\\nyz\"}", true },
        { "star empty", "{a: 'x*'}", "{a: x}", true },
        { "question", "{a: 'x?z'}", "{a: xyz}", true },
        { "question one", "{a: 'x?z'}", "{a: xz}", false },
        { "escaped star", "{a: 'x\\*'}", "{a: 'x*'}", true },
        { "escaped star 2", "{a: 'x\\*'}", "{a: xy}", false },
        { "escaped question", "{a: 'x\\?'}", "{a: xy}", false },
        { "backslash star", "{a: 'x\\\\*'}", "{a: 'x\\yz'}", true },
        { "three backslashes", "{a: 'x\\\\\\*'}", "{a: 'x\\*'}", true },
        { "single backslash", "{a: 'c:\\d'}", "{a: 'c:\\d'}", true },
        { "double backslash", "{a: 'c:\\\\d'}", "{a: 'c:\\d'}", true },
        { "four backslashes", "{a: '\\\\\\\\d'}", "{a: '\\\\d'}", true },
        { "three plain", "{a: '\\\\\\d'}", "{a: '\\\\d'}", true },
        { "trailing backslash", "{a: 'x\\'}", "{a: 'x\\'}", true },
        { "keyword", "[evil]", "{a: {b: [very EVIL thing]}}", true },
        { "keyword not", "[evil]", "{evil: x}", false },
        { "keyword number", "[1234]", "{a: 991234}", true },
        { "keyword all", "{'|all': [x, 'y']}", "{a: x, b: 'y'}", true },
        { "keyword all not", "{'|all': [x, 'y']}", "{a: x}", false },
        { "keyword re", "{'|re': '^e.il$'}", "{a: evil}", true },
        { "keyword wildcard", "['a*c']", "{a: xabcx}", true },
        { "keywords and maps", "[kw, {a: 1}]", "{a: 1}", true },
        { "several fields of one element are asked for apart", "{a.b: 1, a.c: 2}", "{a: [{b: 1, c: 9}, {b: 9, c: 2}]}",
          true },
        { "an empty array fits nothing", "{a: '*'}", "{a: []}", false },
        { "an empty array is no missing field", "{a: null}", "{a: [[], []]}", false },
        { "null is no text", "{a: 'null'}", "{a: null}", false },
        { "null is not fit by a star", "{a: '*'}", "{a: null}", false },
        { "empty is fit by a star", "{a: '*'}", "{a: ''}", true },
        { "number as written in hex", "{a: 0x10}", "{a: 16}", true },
        { "20 digits", "{a: 12345678901234567890}", "{a: 12345678901234567890}", true },
        { "20 digits, the last is another", "{a: 12345678901234567890}", "{a: 12345678901234567891}", false },
        { "a date stays text", "{a: 2026-03-04}", "{a: '2026-03-04'}", true },
        { "quoted yes is text", "{a: 'yes'}", "{a: true}", false },
        { "bare yes is true", "{a: yes}", "{a: true}", true },
        { "no wildcards in names", "{a*: x}", "{ab: x}", false },
        { "keyword in no boolean", "['true']", "{a: true}", false },
        { "keyword with a number", "[5]", "{a: {b: [15.5]}}", true },
        { "keyword and", "[[x, y], z]", "{a: y}", true },
        { "object in upper case", "{a|contains: '\"B\":1'}", "{a: {b: 1}}", true },
        { "star in the middle of an object", "{a: '{*\"b\":1*}'}", "{a: {c: 2, b: 1}}", true },
};

Test(sigma_match, cases)
{
        for (size_t i = 0; i < ARRAY_LEN(cases); i++)
                sigma_case_check(&cases[i]);
}

Test(sigma_match, a_field_the_source_does_not_have_is_missing)
{
        static const uint32_t nowhere[] = { UINT32_MAX, UINT32_MAX };
        static const struct {
                const char *selection;
                bool matches;
        } missing[] = {
                { "{a: x}", false }, { "{a|neq: x}", true }, { "{a: null}", true }, { "{a|exists: false}", true },
                { "{a|re: '.*'}", false }, { "{a|gte: 0}", false }, { "{a|fieldref: b}", false },
        };

        for (size_t i = 0; i < ARRAY_LEN(missing); i++) {
                struct sigma_bench b;
                struct record record = { 0 };

                sigma_bench_open(&b);
                record.arena = b.arena;
                cr_assert(sigma_bench_compile(&b, missing[i].selection, true) >= 0, "%s", b.err.text);
                cr_expect_eq(sigma_match(b.detection, &record, nowhere, b.scratch), missing[i].matches, "%s",
                             missing[i].selection);
                sigma_bench_close(&b);
        }
}

Test(sigma_match, fields_are_listed_once)
{
        struct sigma_bench b;

        sigma_bench_open(&b);
        cr_assert(sigma_bench_compile(&b, "[{a: 1, b.c|contains: x}, {a|re: y, d|fieldref: e}]", true) >= 0);
        cr_expect_eq(b.detection->n_fields, 4);
        cr_expect(!b.detection->wants_leaves);
        cr_expect(str_eqz(b.detection->fields[1], "b.c"));
        sigma_bench_close(&b);
        sigma_bench_open(&b);
        cr_assert(sigma_bench_compile(&b, "[kw, {a: 1}]", true) >= 0);
        cr_expect(b.detection->wants_leaves);
        sigma_bench_close(&b);
}

Test(sigma_match, a_regex_that_runs_away_is_stopped_and_counted)
{
        struct sigma_bench b;
        struct strbuf event = STRBUF_INIT;

        sigma_bench_open(&b);
        cr_assert(sigma_bench_compile(&b, "{a|re: '^(([a-z])+.)+[A-Z]([a-z])+$'}", true) >= 0);
        strbuf_addz(&event, "{a: ");
        for (int i = 0; i < 5000; i++)
                strbuf_addc(&event, 'a');
        strbuf_addz(&event, "}");
        cr_expect(!sigma_bench_match(&b, sigma_bench_yaml(&b, event.p)));
        cr_expect_eq(sigma_scratch_counters(b.scratch)->n[COUNTER_REGEX_LIMIT], 1);
        cr_expect(!sigma_bench_match(&b, sigma_bench_yaml(&b, "{a: short}")));
        cr_expect_eq(sigma_scratch_counters(b.scratch)->n[COUNTER_REGEX_LIMIT], 1);
        strbuf_done(&event);
        sigma_bench_close(&b);
}

static const struct sigma_bad bad[] = {
        { "{a: []}", "empty list" },
        { "{a: {b: 1}}", "a map where a single value belongs" },
        { "{a: [[b]]}", "a list where a single value belongs" },
        { "[null]", "null is no keyword" },
        { "{}", "empty selection" },
        { "[]", "empty selection" },
        { "[{}]", "empty selection" },
        { "{a: [x, null]}", "null inside a list" },
        { "{'|all': null}", "null is no keyword" },
};

Test(sigma_match, what_does_not_compile)
{
        for (size_t i = 0; i < ARRAY_LEN(bad); i++)
                sigma_bad_check(&bad[i], true);
}

Test(sigma_match, too_many_values)
{
        struct strbuf text = STRBUF_INIT;
        struct sigma_bench b;

        strbuf_addz(&text, "{a: [");
        for (int i = 0; i <= SIGMA_TESTS_MAX; i++)
                strbuf_addz(&text, "x,");
        strbuf_addz(&text, "]}");
        sigma_bench_open(&b);
        cr_expect(sigma_bench_compile(&b, text.p, true) < 0);
        cr_expect(strstr(b.err.text, "more than 20000 values"), "%s", b.err.text);
        strbuf_done(&text);
        sigma_bench_close(&b);
}

static const struct {
        const char *detection, *event;
        size_t steps;
} distances[] = {
        { "{s: {a: 1, b: 2}, condition: s}", "{a: 1, b: 2}", 0 },
        { "{s: {a: 1, b: 2}, condition: s}", "{a: 1, b: 3}", 1 },
        { "{s: {a: 1, b: 2}, condition: s}", "{a: 2, b: 1}", 2 },
        { "{s: {a: 1, b: 2}, condition: s}", "{}", 2 },
        { "{s: [{a: 1, b: 2}, {c: 1}], condition: s}", "{}", 1 }, /* the shorter of two ways */
        { "{s: {a|contains|all: [x, y]}, condition: s}", "{a: z}", 1 }, /* an item is one thing, however many values */
        { "{s: {a: 1}, f: {b: 1}, condition: s and not f}", "{a: 1, b: 1}", 1 },
        { "{s: {a: 1}, f: {b: 1, c: 1}, condition: s and not f}", "{a: 1, b: 1, c: 1}", 1 }, /* one of the two is enough */
        { "{s: {a: 1}, f: [{b: 1}, {c: 1}], condition: s and not f}", "{a: 1, b: 1, c: 1}", 2 }, /* both must go */
        { "{s: {a: 1}, f: {b: 1}, condition: s and not f}", "{a: 2, b: 1}", 2 },
        { "{s1: {a: 1}, s2: {b: 1}, condition: 1 of s*}", "{}", 1 },
        { "{s1: {a: 1}, s2: {b: 1}, condition: all of s*}", "{}", 2 },
        { "{s: {a|neq: 1}, condition: s}", "{a: 1}", 1 },
        { "{s: {a: 1}, condition: not not s}", "{a: 2}", 1 },
};

Test(sigma_match, steps_to_a_hit)
{
        for (size_t i = 0; i < ARRAY_LEN(distances); i++) {
                struct sigma_bench b;
                size_t steps;

                sigma_bench_open(&b);
                cr_assert(sigma_bench_compile(&b, distances[i].detection, false) >= 0, "%s: %s", distances[i].detection, b.err.text);
                steps = sigma_bench_steps(&b, sigma_bench_yaml(&b, distances[i].event));
                cr_expect_eq(steps, distances[i].steps, "%s on %s: %zu, not %zu", distances[i].detection, distances[i].event, steps,
                             distances[i].steps);
                cr_expect_eq(sigma_bench_match(&b, sigma_bench_yaml(&b, distances[i].event)), steps == 0);
                sigma_bench_close(&b);
        }
}
