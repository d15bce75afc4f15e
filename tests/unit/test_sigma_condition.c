/* SPDX-License-Identifier: Apache-2.0 */

/* The condition grammar (Sigma digest, Conditions). */

#include "tests/unit/sigma_record.h"

/* Which selections hold is written as a record: {a: 1, sel_1: 1}. */
static const char detection[] = "a: {a: 1}\nb: {b: 1}\nc: {c: 1}\nsel_1: {sel_1: 1}\nsel_2: {sel_2: 1}\n_u: {_u: 1}\n"
                                "odd|endswith: {odd: 1}\nodd_name.conf: {name: 1}\n";

static const struct {
        const char *condition, *event;
        bool matches;
} cases[] = {
        { "a and b", "{a: 1}", false },
        { "a or b", "{b: 1}", true },
        { "not a", "{}", true },
        { "a or b and c", "{a: 1}", true },
        { "(a or b) and c", "{a: 1}", false },
        { "not a and b", "{b: 1}", true },
        { "not (a and b)", "{a: 1}", true },
        { "not not a", "{a: 1}", true },
        { "a AND NOT c OR b", "{a: 1}", true },
        { "1 of sel*", "{sel_2: 1}", true },
        { "1 of sel*", "{a: 1}", false },
        { "all of sel*", "{sel_1: 1}", false },
        { "all of sel*", "{sel_1: 1, sel_2: 1}", true },
        { "1 of *_2", "{sel_2: 1}", true },
        { "1 of them", "{_u: 1}", false },
        { "1 of them", "{c: 1}", true },
        { "all of them", "{a: 1, b: 1, c: 1, sel_1: 1, sel_2: 1, odd: 1, name: 1}", true },
        { "all of them", "{a: 1, b: 1, c: 1, sel_1: 1, sel_2: 1, odd: 1}", false },
        { "1 of _*", "{_u: 1}", true },
        { "any of sel_*", "{sel_2: 1}", true },
        { "ANY OF Them", "{c: 1}", true },
        { "a and not 1 of sel*", "{a: 1}", true },
        { "a and not 1 of sel*", "{a: 1, sel_1: 1}", false },
        { "[a, b]", "{b: 1}", true },
        { "[a, b]", "{c: 1}", false },
        { "_u", "{_u: 1}", true },
        { "all of sel_1", "{sel_1: 1}", true },
        { "1 of odd*", "{odd: 1}", true },
        { "odd_name.conf", "{name: 1}", true },
        { "a or b or c or sel_1 or sel_2 or _u", "{_u: 1}", true },
        { "a and b and c and sel_1 and sel_2", "{a: 1, b: 1, c: 1, sel_1: 1}", false },
        { "'((a))or(b)'", "{b: 1}", true },
        { "a and (b or not (c and sel_1))", "{a: 1, c: 1, sel_1: 1}", false },
        { "\"a\\n  or b\"", "{b: 1}", true },
};

static void write_detection(struct strbuf *out, const char *condition)
{
        strbuf_addf(out, "%scondition: %s\n", detection, condition);
}

Test(sigma_condition, cases)
{
        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                struct strbuf text = STRBUF_INIT;
                struct sigma_bench b;

                sigma_bench_open(&b);
                write_detection(&text, cases[i].condition);
                cr_expect(sigma_bench_compile(&b, text.p, false) >= 0, "%s: %s", cases[i].condition, b.err.text);
                if (b.detection)
                        cr_expect_eq(sigma_bench_match(&b, sigma_bench_yaml(&b, cases[i].event)), cases[i].matches,
                                     "%s on %s", cases[i].condition, cases[i].event);
                strbuf_done(&text);
                sigma_bench_close(&b);
        }
}

static const struct sigma_bad bad[] = {
        { "{s: {a: 1}}", "no condition" },
        { "{s: {a: 1}, condition: null}", "null where a text belongs" },
        { "{s: {a: 1}, condition: {s: 1}}", "a map where a text belongs" },
        { "{s: {a: 1}, condition: []}", "an empty list" },
        { "{s: {a: 1}, condition: ''}", "it is empty" },
        { "{s: {a: 1}, condition: t}", "no selection is called t; there are s" },
        { "{s: {a: 1}, condition: S}", "no selection is called S" },
        { "{s: {a: 1}, condition: s and}", "something is missing at its end" },
        { "{s: {a: 1}, condition: (s}", "closing parenthesis" },
        { "{s: {a: 1}, condition: s)}", "`)` where" },
        { "{s: {a: 1}, condition: s s}", "`s` where" },
        { "{s: {a: 1}, condition: 1 of t*}", "no selection is called t*" },
        { "{s: {a: 1}, condition: 1 of}", "missing after `of`" },
        { "{s: {a: 1}, condition: 2 of s*}", "`2 of` is not defined" },
        { "{_s: {a: 1}, condition: 1 of them}", "no selection is called *" },
        { "{s: {a: 1}, condition: s | count() > 5}",
          "no timeframe says in what time; give this rule a `name` and write a second document with  correlation: {type: "
          "event_count, rules: [NAME], timespan: 5m, condition: {gt: 5}}" },
        { "{s: {a: 1}, timeframe: 90s, condition: 's | count(user) by src_ip, host < 10'}",
          "correlation: {type: value_count, rules: [NAME], group-by: [src_ip, host], timespan: 90s, condition: {field: user, "
          "lt: 10}}" },
        { "{s: {a: 1}, timeframe: 3M, condition: s | count() > 5}", "its timeframe is no number and s, m, h or d" },
        { "{s: {a: 1}, timeframe: 5m, condition: s | count() = 5}", "condition: {eq: 5}}" },
        { "{s: {a: 1}, timeframe: 5m, condition: s | count() > x}", "no limit follows" },
        { "{s: {a: 1}, timeframe: 5m, condition: s | count() > 5 and t}", "something follows the limit" },
        { "{s: {a: 1}, timeframe: 5m, condition: s | count(a > 5}", "closing parenthesis" },
        { "{s: {a: 1}, timeframe: 5m, condition: s | sum() > 5}", "it names no field" },
        { "{s: {a: 1}, timeframe: 5m, condition: s | avg(b) > 5}", "an average over a sliding span" },
        { "{s: {a: 1}, timeframe: 5m, condition: s | max(b) by c > 5}", "add  b|gt: 5  to the selection" },
        { "{s: {a: 1}, timeframe: 5m, condition: s | min(b) > 5}", "compare single records" },
        { "{s: {a: 1}, timeframe: 5m, condition: s | frob(b) > 5}",
          "`frob` of Sigma 1 is not translated: it is no function" },
        { "{s: {a: 1}, timeframe: 5m, condition: t | count() > 5}", "no selection is called t" },
        { "{s: {a: 1}, timeframe: 5m, condition: [s | count() > 5, s]}", "beside other conditions" },
        { "{s: {a: 1}, timeframe: 5m, condition: '| count() > 5'}", "it is empty" },
        { "{s: {a: 1}, condition: s | near t}", "correlation: {type: temporal, rules: [NAME, t], timespan: 5m}" },
        { "{s: {a: 1}, timeframe: 30s, condition: s | near t and u and not v by host}",
          "what must not come (not …) has no counterpart; give this rule a `name` and write a second document with  correlation: "
          "{type: temporal, rules: [NAME, t, u], group-by: [host], timespan: 30s}" },
        { "{s: {a: 1}, condition: count(b) per c > 5 and s}", "count( … ) is no selection" },
        { "{s: {a: 1}, condition: write b from s}", "`write b …` is no Sigma" },
        { "{s: {a: 1}, condition: s | sum(bytes) by host >1000}", "type: value_sum, rules: [NAME], group-by: [host]" },
        { "{s: {a: 1}, condition: s |}", "type: event_count" },
        { "{s: {a|frob: 1}, condition: s}", "unknown modifier frob" },
        { "[s]", "a list where a map of selections belongs" },
        { "{condition: s}", "no selection is called s; there are none" },
};

Test(sigma_condition, what_does_not_compile)
{
        for (size_t i = 0; i < ARRAY_LEN(bad); i++)
                sigma_bad_check(&bad[i], false);
}

static void add_times(struct strbuf *out, const char *what, size_t n)
{
        for (size_t i = 0; i < n; i++)
                strbuf_addz(out, what);
}

static int compile_condition(const char *condition)
{
        struct strbuf text = STRBUF_INIT;
        struct sigma_bench b;
        int r;

        sigma_bench_open(&b);
        write_detection(&text, condition);
        r = sigma_bench_compile(&b, text.p, false);
        if (r >= 0)
                cr_expect(sigma_bench_match(&b, sigma_bench_yaml(&b, "{a: 1}")));
        strbuf_done(&text);
        sigma_bench_close(&b);
        return r;
}

static const struct {
        const char *condition, *translation;
} pipes[] = {
        { "s | count() > 5", "correlation: {type: event_count, rules: [NAME], timespan: 10m, condition: {gt: 5}}" },
        { "s|count()>=5", "correlation: {type: event_count, rules: [NAME], timespan: 10m, condition: {gte: 5}}" },
        { "s and not t | COUNT(*) BY a.b,c , d > 5",
          "correlation: {type: event_count, rules: [NAME], group-by: [a.b, c, d], timespan: 10m, condition: {gt: 5}}" },
        { "s | count(user) by src_ip >= 10",
          "correlation: {type: value_count, rules: [NAME], group-by: [src_ip], timespan: 10m, condition: {field: user, gte: 10}}" },
        { "s | sum( bytes ) > 1e6",
          "correlation: {type: value_sum, rules: [NAME], timespan: 10m, condition: {field: bytes, gt: 1e6}}" },
};

Test(sigma_condition, what_sigma_1_counted)
{
        for (size_t i = 0; i < ARRAY_LEN(pipes); i++) {
                struct strbuf text = STRBUF_INIT;
                struct sigma_bench b;

                sigma_bench_open(&b);
                strbuf_addf(&text, "{s: {a: 1}, t: {b: 1}, timeframe: 10m, condition: ['%s']}", pipes[i].condition);
                cr_assert(sigma_bench_compile(&b, text.p, false) >= 0, "%s: %s", pipes[i].condition, b.err.text);
                cr_assert(b.detection->pipe, "%s", pipes[i].condition);
                cr_expect_str_eq(b.detection->pipe->translation.p, pipes[i].translation);
                cr_expect_eq(b.detection->pipe->timespan, 10 * USEC_PER_MINUTE);
                cr_expect(sigma_bench_match(&b, sigma_bench_yaml(&b, "{a: 1}")),
                          "the records are those of its left side");
                strbuf_done(&text);
                sigma_bench_close(&b);
        }
}

Test(sigma_condition, depth_and_length_are_bounded)
{
        struct strbuf deep = STRBUF_INIT, chain = STRBUF_INIT;

        add_times(&deep, "(", SIGMA_CONDITION_DEPTH_MAX - 1);
        strbuf_addz(&deep, "a");
        add_times(&deep, ")", SIGMA_CONDITION_DEPTH_MAX - 1);
        cr_expect_eq(compile_condition(deep.p), 0);
        strbuf_clear(&deep);
        add_times(&deep, "(", SIGMA_CONDITION_DEPTH_MAX);
        strbuf_addz(&deep, "a");
        add_times(&deep, ")", SIGMA_CONDITION_DEPTH_MAX);
        cr_expect(compile_condition(deep.p) < 0);
        strbuf_clear(&deep);
        add_times(&deep, "not ", 20000);
        strbuf_addz(&deep, "a");
        cr_expect(compile_condition(deep.p) < 0);

        add_times(&chain, "b or ", 12000);
        strbuf_addz(&chain, "a");
        cr_expect_eq(compile_condition(chain.p), 0);
        add_times(&chain, " or b", 4000);
        cr_expect(compile_condition(chain.p) < 0);
        strbuf_done(&deep);
        strbuf_done(&chain);
}

Test(sigma_condition, too_many_selections)
{
        struct strbuf text = STRBUF_INIT;
        struct sigma_bench b;

        for (int i = 0; i <= SIGMA_SELECTIONS_MAX; i++)
                strbuf_addf(&text, "s%d: {a: 1}\n", i);
        strbuf_addz(&text, "condition: 1 of them\n");
        sigma_bench_open(&b);
        cr_expect(sigma_bench_compile(&b, text.p, false) < 0);
        cr_expect(strstr(b.err.text, "more than 1000 selections"), "%s", b.err.text);
        strbuf_done(&text);
        sigma_bench_close(&b);
}
