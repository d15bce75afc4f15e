/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>

#include "tests/unit/parsers_util.h"

/* A source with one rule for shopbell.object, and one record: what does it become? */
static const struct {
        const char *rule, *record, *want;
} cases[] = {
        { "a", "'a': 'x'", "x" },
        { "a", "'b': 'x'", "(none)" },
        { "a.b", "'a': {'b': 5}", "5" },
        { "a[].b", "'a': [{'b': 1}, {'b': 2}, {'c': 3}]", "1,2" },
        { "a", "'a': ['x', null, {'y': 1}, true]", "x,true" },
        { "a", "'a': null", "(none)" },
        { "a", "'a': {'y': 1}", "(none)" },
        { "a", "'a': []", "(none)" },
        { "a", "'a': '-'", "-" },
        { "[a, b]", "'b': 'x'", "x" },
        { "[a, b]", "'a': 'y', 'b': 'x'", "y" },
        { "[a, b]", "'a': '-', 'b': 'x'", "x" },
        { "[a, b]", "'a': {'z': 1}, 'b': 'x'", "x" },
        { "[a, b]", "'a': ['-', 'k'], 'b': 'x'", "k" },
        { "{is: hello}", "'a': 1", "hello" },
        { "{is: 7}", "'a': 1", "7" },
        { "{is: null}", "'a': 1", "(none)" },
        { "{is: [one, two]}", "'a': 1", "one,two" },
        { "{from: a, map: {Success: success, Failure: failure}}", "'a': 'SUCCESS'", "success" },
        { "{from: a, map: {Success: success}}", "'a': 'other'", "(none)" },
        { "{from: a, map: {Success: success}, else: unknown}", "'a': 'other'", "unknown" },
        { "{from: a, map: {Success: success}, else: unknown}", "'b': 1", "unknown" },
        { "{from: a, map: {1: one, true: yes}}", "'a': [1, true, 2]", "one,true" },
        { "{from: [a, b], match: '/([^/@]+@[^/]+)$'}", "'b': 'arn:x/Admin/mia@example.com'", "mia@example.com" },
        { "{from: a, match: '\\d+'}", "'a': 'abc 123 def'", "123" },
        { "{from: a, match: '\\d+'}", "'a': 'abc'", "(none)" },
        { "{from: a, match: '(x)?y'}", "'a': 'y'", "(none)" },
        { "{from: a, match: '\\d+', map: {12: twelve}}", "'a': 'no 12'", "twelve" },
        { "{from: a, else: none such}", "'b': 1", "none such" },
        { "{join: '{a}/{b.c}'}", "'a': 'x', 'b': {'c': 2}", "x/2" },
        { "{join: '{a}/{b}'}", "'a': 'x'", "(none)" },
        { "{join: '{{{a}}'}", "'a': 'x'", "{x}" },
        { "{join: 'plain'}", "'a': 'x'", "plain" },
        { "{when: [{if: {a: x}, is: one}, {else: two}]}", "'a': 'X'", "one" },
        { "{when: [{if: {a: x}, is: one}, {else: two}]}", "'a': 'z'", "two" },
        { "{when: [{if: {a: x}, is: one}]}", "'a': 'z'", "(none)" },
        { "{when: [{if: {a: x}, from: b}, {from: c}]}", "'a': 'x', 'b': 'B', 'c': 'C'", "B" },
        { "{when: [{if: {a: x}, from: b}, {from: c}]}", "'a': 'y', 'b': 'B', 'c': 'C'", "C" },
        { "{when: [{if: {a|exists: true}, join: '{a}!'}, {else: null}]}", "'a': 'y'", "y!" },
        { "{when: [{if: {a|exists: true}, join: '{a}!'}, {else: null}]}", "'b': 'y'", "(none)" },
};

/* JSON with single quotes, for legibility. */
static void quote(char *p)
{
        for (; *p; p++)
                if (*p == '\'')
                        *p = '"';
}

Test(parsers_derive, rules)
{
        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                char yaml[1024], json[1024];
                const char *texts[] = { yaml };
                struct bench b;

                snprintf(yaml, sizeof yaml,
                         "name: t\nlogsource: {product: p}\nformat: json\nrecognise: {has: [k]}\n"
                         "fields:\n  shopbell.object: %s\n",
                         cases[i].rule);
                snprintf(json, sizeof json, "{'k': 1, %s}", cases[i].record);
                quote(json);
                bench_open(&b, texts, 1);
                cr_assert(bench_parse(&b, json) == 1, "%s: %s", json, b.reason ? b.reason : "");
                cr_expect_str_eq(field_text(b.records[0], "shopbell.object"), cases[i].want, "%s of %s is %s",
                                 cases[i].rule, cases[i].record, field_text(b.records[0], "shopbell.object"));
                bench_close(&b);
        }
}

Test(parsers_derive, times)
{
        static const struct {
                const char *rule, *json, *want;
        } times[] = {
                { "t", "{\"k\":1,\"t\":\"2026-11-17T07:00:00Z\"}", "2026-11-17T07:00:00Z" },
                { "t", "{\"k\":1,\"t\":\"2026-11-17 07:00:00.500\"}", "2026-11-17T05:00:00.5Z" },
                { "t", "{\"k\":1,\"t\":1763362800}", "2025-11-17T07:00:00Z" },
                { "{from: t, unit: ms}", "{\"k\":1,\"t\":\"1763362800\"}", "1970-01-21T09:49:22.8Z" },
                { "[u, t]", "{\"k\":1,\"t\":\"2026-11-17T07:00:00+01:00\"}", "2026-11-17T06:00:00Z" },
                { "t", "{\"k\":1,\"t\":\"soon\"}", "(none)" },
                { "t", "{\"k\":1,\"t\":\"2026-11-17T24:00:00Z\"}", NULL },
                { "t", "{\"k\":1}", "(none)" },
        };

        for (size_t i = 0; i < ARRAY_LEN(times); i++) {
                char yaml[1024];
                const char *texts[] = { yaml };
                struct bench b;

                snprintf(yaml, sizeof yaml,
                         "name: t\nlogsource: {product: p}\nformat: json\nrecognise: {has: [k]}\nzone: '+02:00'\n"
                         "fields:\n  '@timestamp': %s\n",
                         times[i].rule);
                bench_open(&b, texts, 1);
                cr_assert(bench_parse(&b, times[i].json) == 1);
                if (times[i].want)
                        assert_field(b.records[0], "@timestamp", times[i].want);
                if (times[i].want && strcmp(times[i].want, "(none)") == 0) {
                        cr_expect(b.records[0]->time == USEC_NONE);
                        cr_expect(bench_count(&b, COUNTER_REJECT_NO_TIME) == 1);
                }
                bench_close(&b);
        }
}

Test(parsers_derive, nothing_is_left_out_for_want_of_memory)
{
        const char *texts[] = { "name: t\nlogsource: {product: p}\nformat: json\nrecognise: {has: [k]}\n"
                                "fields:\n  source.ip: {from: n, number: ipv4}\n  shopbell.object: {from: m, number: micros}\n"
                                "  source.address: {join: '{n}/{m}'}\n" };
        struct bench b;

        bench_open(&b, texts, 1);
        b.source = "t";
        bench_starve(&b, "{\"k\":1,\"n\":3405803777,\"m\":12500000}");
        bench_starve(&b, "{\"k\":1,\"n\":\"[2001:DB8::1]:443\",\"m\":1}");
        bench_close(&b);
}
