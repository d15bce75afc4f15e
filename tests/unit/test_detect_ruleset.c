/* SPDX-License-Identifier: Apache-2.0 */

/* Loading, linking, binding and matching of rules. */

#include <criterion/criterion.h>

#include "tests/unit/detect_record.h"

#define LOGIN \
        "title: Login\nid: aaaaaaaa-0000-0000-0000-000000000001\nname: login\nlevel: low\n" \
        "logsource: {product: shopbell, category: login}\n" \
        "detection: {s: {event.outcome: success}, condition: s}\n"
#define AWS \
        "title: Console\nid: aaaaaaaa-0000-0000-0000-000000000002\nname: console\nlevel: low\n" \
        "logsource: {product: aws, service: cloudtrail}\n" \
        "detection: {s: {eventName: ConsoleLogin}, condition: s}\n"
#define CORRELATION(body) "title: Many\nid: aaaaaaaa-0000-0000-0000-000000000003\nname: many\nlevel: high\ncorrelation: {" body "}\n"
#define GOOD "type: event_count, rules: [login], group-by: [user.name], timespan: 10m, condition: {gte: 5}"

/* ---- Folders ---- */

Test(detect_ruleset, folders_in_sorted_order)
{
        struct bench b;

        bench_open(&b);
        bench_subfolder(&b, "b");
        bench_rules(&b, "c.yml", AWS);
        bench_rules(&b, "b/a.yaml", CORRELATION(GOOD));
        bench_rules(&b, "a.yml", LOGIN);
        bench_rules(&b, "notes.txt", "not: [a rule");
        bench_rules(&b, ".hidden.yml", "not: [a rule");
        cr_assert_eq(bench_load(&b), 0);
        cr_expect_eq(b.errors.n, 0);
        cr_assert_eq(ruleset_count(b.rules), 3);
        cr_expect(str_eqz(ruleset_rule(b.rules, 0)->title, "Login"));
        cr_expect(str_eqz(ruleset_rule(b.rules, 1)->title, "Many"));
        cr_expect(str_eqz(ruleset_rule(b.rules, 2)->title, "Console"));
        bench_close(&b);
}

Test(detect_ruleset, nothing_there)
{
        const char *paths[] = { "/nonexistent/rules" };
        struct err_list errors = ERR_LIST_INIT;
        struct ruleset *rules = NULL;

        cr_expect_eq(ruleset_load(paths, 1, NULL, &rules, &errors, NULL), -ENOENT);
        cr_expect_null(rules);
        cr_expect_eq(errors.n, 1);
        cr_expect_str_eq(errors.items[0].file, "/nonexistent/rules");
        err_list_done(&errors);
}

#define NAMED(name, more) "title: " name "\nid: " name "\nlevel: high\nlogsource: {product: aws}\ndetection: {s: {k: v}, condition: s}\n" more

/* Nobody is told when rules inhibit each other: what closes a circle is left out, the rule is not. */
Test(detect_ruleset, inhibitions_have_no_circles)
{
        struct bench b;
        size_t n = 0;

        bench_open(&b);
        bench_rules(&b, "a.yml", NAMED("a", "shopbell.inhibits: [b, nobody]\n") "---\n" NAMED("b", "shopbell.inhibits: {rules: c, timespan: 2h}\n")
                                 "---\n" NAMED("c", "shopbell.inhibits: [a]\n") "---\n" NAMED("d", "shopbell.inhibits: [d]\n"));
        cr_assert_eq(bench_load(&b), 0);
        cr_expect_eq(ruleset_count(b.rules), 4);
        cr_expect_eq(b.errors.n, 2);
        cr_expect(strstr(b.errors.items[0].text, "inhibits this rule already"), "%s", b.errors.items[0].text);
        cr_expect(strstr(b.errors.items[1].text, "names itself"), "%s", b.errors.items[1].text);
        cr_assert_not_null(ruleset_inhibits(b.rules, &n));
        cr_assert_eq(n, 2);
        cr_expect_eq(ruleset_inhibits(b.rules, &n)[0].timespan, USEC_PER_HOUR);
        cr_expect_eq(ruleset_inhibits(b.rules, &n)[1].timespan, 2 * USEC_PER_HOUR);
        bench_close(&b);
}

Test(detect_ruleset, a_bad_file_stops_no_other)
{
        struct bench b;

        bench_open(&b);
        bench_rules(&b, "a.yml", "title: [\n");
        bench_rules(&b, "b.yml", LOGIN);
        cr_assert_eq(bench_load(&b), 0);
        cr_expect_eq(ruleset_count(b.rules), 1);
        cr_expect_eq(b.errors.n, 1);
        bench_close(&b);
}

/* Enough for several threads: rules, errors and remarks come in the order of the names, whoever reads them. */
Test(detect_ruleset, many_files_in_sorted_order)
{
        enum { FILES = 400 };
        struct bench b;
        size_t n_bad = 0, n_remarks = 0, n_rules = 0;
        char name[32], text[300];

        bench_open(&b);
        for (unsigned i = 0; i < FILES; i++) {
                snprintf(name, sizeof name, "%03u.yml", i);
                snprintf(text, sizeof text,
                         "title: Rule %u\nstatus: deprecated\nlogsource: {product: aws}\ndetection: {s: {a%s: %u}, condition: s}\n", i,
                         i % 7 == 3 ? "|nonsense" : "", i);
                bench_rules(&b, name, i % 50 == 49 ? "title: [\n" : text);
        }
        cr_assert_eq(bench_load(&b), 0);
        for (unsigned i = 0; i < FILES; i++) {
                snprintf(name, sizeof name, "/%03u.yml", i);
                if (i % 50 != 49) {
                        cr_assert_lt(n_remarks, b.remarks.n);
                        cr_assert(str_ends(str_of(b.remarks.items[n_remarks++].file), str_of(name)), "%s", name);
                }
                if (i % 7 == 3 || i % 50 == 49) {
                        cr_assert_lt(n_bad, b.errors.n);
                        cr_assert(str_ends(str_of(b.errors.items[n_bad++].file), str_of(name)), "%s", name);
                        continue;
                }
                cr_assert_lt(n_rules, ruleset_count(b.rules));
                cr_assert(str_ends(str_of(ruleset_rule(b.rules, n_rules++)->file), str_of(name)), "%s", name);
        }
        cr_expect_eq(b.errors.n, n_bad);
        cr_expect_eq(ruleset_count(b.rules), n_rules);
        bench_close(&b);
}

/* ---- Errors ---- */

static const struct {
        const char *what, *text, *wanted;
        unsigned line, col; /* of the error; it lies in rule.yml */
        size_t n_rules;
} wrong[] = {
        { "an id twice", LOGIN "---\n" LOGIN, "the id aaaaaaaa-0000-0000-0000-000000000001 is that of", 9, 5, 1 },
        { "an unknown type", LOGIN "---\n" CORRELATION("type: voyage, rules: [login], timespan: 1m, condition: {gte: 2}"),
          "unknown type voyage: write one of event_count, value_count", 12, 21, 2 },
        { "places are no choice", LOGIN "---\n" CORRELATION("type: travel, rules: [login], timespan: 1d, condition: {field: user.name}"),
          "travel looks at places: it takes no field", 12, 14, 2 },
        { "a team is a field, too", LOGIN "---\n" CORRELATION("type: surprise, rules: [login], timespan: 1d, team: t, condition: {field: [a, b, c, d, e, f, g, h]}"),
          "surprise looks at up to 8 fields, the team's among them", 12, 14, 2 },
        { "an unknown rule", LOGIN "---\n" CORRELATION("type: event_count, rules: [login, logout], timespan: 1m, condition: {gte: 2}"),
          "no rule has the id or name logout", 12, 49, 2 },
        { "two rules of one name", LOGIN "---\n" AWS "---\n" CORRELATION("type: event_count, rules: [x], timespan: 1m, condition: {gte: 2}")
          "---\ntitle: X\nname: x\nlevel: low\nlogsource: {product: aws}\ndetection: {s: {a: b}, condition: s}\n"
          "---\ntitle: Y\nname: x\nlevel: low\nlogsource: {product: aws}\ndetection: {s: {a: b}, condition: s}\n",
          "more than one rule has the id or name x", 19, 42, 5 },
        { "itself", LOGIN "---\n" CORRELATION("type: event_count, rules: [many], timespan: 1m, condition: {gte: 2}"),
          "it names itself", 12, 42, 2 },
        { "no condition", LOGIN "---\n" CORRELATION("type: event_count, rules: [login], timespan: 1m"), "needs a condition", 12, 14, 2 },
        { "no field", LOGIN "---\n" CORRELATION("type: value_count, rules: [login], timespan: 1m, condition: {gte: 2}"),
          "counts the values of a field", 12, 14, 2 },
        { "a limit beyond all memory", LOGIN "---\n" CORRELATION("type: event_count, rules: [login], timespan: 1m, condition: {gte: 1000000}"),
          "the limit is too high", 12, 75, 2 },
        { "a limit beyond all memory in a chain",
          LOGIN "---\n" CORRELATION("type: event_count, rules: [login], timespan: 30d, condition: {gte: 1000000}")
          "---\ntitle: Outer\nlevel: low\ncorrelation: {type: event_count, rules: [many], timespan: 30d, condition: {gte: 2}}\n",
          "the limit of many is too high", 16, 42, 3 },
        { "a timespan beyond all logs", LOGIN "---\n" CORRELATION("type: event_count, rules: [login], timespan: 9999d, condition: {gte: 2}"),
          "at most 3660d", 12, 60, 2 },
        { "an unknown ECS name",
          "title: T\nlevel: low\nlogsource: {product: shopbell, category: login}\ndetection:\n  s:\n    user.nane|contains: x\n  condition: s\n---\n" LOGIN,
          "there is no field user.nane for product shopbell: did you mean user.name?", 6, 5, 1 },
        { "an unknown class",
          "title: T\nlevel: low\nlogsource: {product: shopbell, category: logins}\ndetection: {s: {user.name: x}, condition: s}\n---\n" LOGIN,
          "no class is called logins: write one of login, mfa", 3, 42, 1 },
        { "a service for every platform",
          "title: T\nlevel: low\nlogsource: {product: shopbell, service: cloudtrail}\ndetection: {s: {user.name: x}, condition: s}\n---\n" LOGIN,
          "leave service out", 3, 41, 1 },
};

Test(detect_ruleset, errors_say_where_and_what)
{
        for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
                struct bench b;

                bench_open(&b);
                bench_rules(&b, "rule.yml", wrong[i].text);
                cr_assert_eq(bench_load(&b), 0, "%s", wrong[i].what);
                cr_assert_eq(b.errors.n, 1, "%s: %zu errors", wrong[i].what, b.errors.n);
                cr_expect(strstr(b.errors.items[0].text, wrong[i].wanted), "%s: %s", wrong[i].what, b.errors.items[0].text);
                cr_expect_str_eq(b.errors.items[0].file, b.files[0], "%s", wrong[i].what);
                cr_expect_eq(b.errors.items[0].line, wrong[i].line, "%s: line %u", wrong[i].what, b.errors.items[0].line);
                cr_expect_eq(b.errors.items[0].col, wrong[i].col, "%s: column %u", wrong[i].what, b.errors.items[0].col);
                cr_expect_eq(ruleset_count(b.rules), wrong[i].n_rules, "%s", wrong[i].what);
                bench_bind(&b); /* what is left works */
                bench_close(&b);
        }
}

Test(detect_ruleset, duplicate_ids_name_both_files)
{
        struct bench b;

        bench_open(&b);
        bench_rules(&b, "a.yml", LOGIN);
        bench_rules(&b, "b.yml", LOGIN);
        cr_assert_eq(bench_load(&b), 0);
        cr_assert_eq(b.errors.n, 1);
        cr_expect(strstr(b.errors.items[0].text, b.files[0]), "%s", b.errors.items[0].text);
        cr_expect_str_eq(b.errors.items[0].file, b.files[1]);
        bench_close(&b);
}

#define CHAIN(name, rules, group) \
        "---\ntitle: " name "\nname: " name "\nlevel: high\ncorrelation: {type: event_count, rules: [" rules \
        "], group-by: [" group "], timespan: 1m, condition: {gte: 2}}\n"

static const struct {
        const char *what, *text, *wanted;
        size_t n_errors;
} chains[] = {
        { "two levels", LOGIN CHAIN("a", "login", "user.name") CHAIN("b", "a", "user.name"), "", 0 },
        { "a circle", LOGIN CHAIN("a", "b", "user.name") CHAIN("b", "a", "user.name"), "leads back to this rule", 2 },
        { "other groups", LOGIN CHAIN("a", "login", "user.name") CHAIN("b", "a", "source.ip"), "groups by other fields", 1 },
        { "an inner one that is wrong", LOGIN CHAIN("a", "nobody", "user.name") CHAIN("b", "a", "user.name"), "no rule has", 2 },
};

Test(detect_ruleset, chains)
{
        for (size_t i = 0; i < ARRAY_LEN(chains); i++) {
                struct bench b;

                bench_open(&b);
                bench_rules(&b, "rule.yml", chains[i].text);
                cr_assert_eq(bench_load(&b), 0);
                cr_expect_eq(b.errors.n, chains[i].n_errors, "%s: %zu", chains[i].what, b.errors.n);
                if (b.errors.n > 0)
                        cr_expect(strstr(b.errors.items[0].text, chains[i].wanted), "%s: %s", chains[i].what,
                                  b.errors.items[0].text);
                bench_bind(&b);
                bench_close(&b);
        }
}

/* ---- What alerts ---- */

static const struct {
        const char *what, *text;
        bool alerts[3];
} alerting[] = {
        { "a rule by itself", LOGIN, { true } },
        { "an informational one", "title: T\nlevel: informational\nlogsource: {product: aws}\ndetection: {s: {a: b}, condition: s}\n", { false } },
        { "one that is off", "title: T\nstatus: deprecated\nlevel: high\nlogsource: {product: aws}\ndetection: {s: {a: b}, condition: s}\n", { false } },
        { "one that a correlation uses", LOGIN "---\n" CORRELATION(GOOD), { false, true } },
        { "one that it generates", LOGIN "---\n" CORRELATION(GOOD ", generate: true"), { true, true } },
        { "a correlation that is wrong uses nothing", LOGIN "---\n" CORRELATION("type: voyage, rules: [login], timespan: 1m"), { true, false } },
};

Test(detect_ruleset, what_alerts)
{
        for (size_t i = 0; i < ARRAY_LEN(alerting); i++) {
                struct bench b;

                bench_open(&b);
                bench_rules(&b, "rule.yml", alerting[i].text);
                cr_assert_eq(bench_load(&b), 0);
                for (size_t r = 0; r < ruleset_count(b.rules); r++)
                        cr_expect_eq(ruleset_alerts(b.rules, r), alerting[i].alerts[r], "%s: rule %zu", alerting[i].what, r);
                bench_close(&b);
        }
}

/* ---- Binding and matching ---- */

Test(detect_ruleset, rules_see_the_fields_of_their_kind)
{
        struct bench b;
        struct record *r;
        uint32_t hits[2];

        bench_open(&b);
        bench_rules(&b, "a.yml", LOGIN "---\n" AWS);
        cr_assert_eq(bench_load(&b), 0);
        bench_bind(&b);
        cr_expect(ruleset_applies(b.rules, 0, 0) && ruleset_applies(b.rules, 0, 1), "generic rules apply everywhere");
        cr_expect(ruleset_applies(b.rules, 1, 0) && !ruleset_applies(b.rules, 1, 1));
        cr_assert_eq(b.sources[0].n_fields, 1, "only what is needed is asked for");
        cr_expect(str_eqz(b.sources[0].fields[0], "eventName"));
        cr_expect_eq(b.sources[1].n_fields, 0);

        r = bench_record(&b, 0, "1", 0);
        bench_set(&b, r, "eventName", "ConsoleLogin");
        bench_set(&b, r, "event.outcome", "success");
        cr_expect_eq(ruleset_match(b.rules, r, b.scratch, hits, 2), 1, "not of class login");
        cr_expect_eq(hits[0], 1);
        bench_set(&b, r, "shopbell.class", "config");
        bench_set(&b, r, "shopbell.class", "login");
        cr_expect_eq(ruleset_match(b.rules, r, b.scratch, hits, 2), 2);
        cr_expect(hits[0] == 0 && hits[1] == 1, "ascending");
        hits[0] = hits[1] = 77;
        cr_expect_eq(ruleset_match(b.rules, r, b.scratch, hits, 1), 2, "tells how much room is needed");
        cr_expect(hits[0] == 0 && hits[1] == 77);

        r = bench_record(&b, 1, "2", 0);
        bench_set(&b, r, "event.outcome", "success");
        bench_set(&b, r, "shopbell.class", "login");
        cr_expect_eq(ruleset_match(b.rules, r, b.scratch, hits, 2), 1);
        bench_close(&b);
}

Test(detect_ruleset, no_category_is_every_class)
{
        struct bench b;
        struct record *r;
        uint32_t hit;

        bench_open(&b);
        bench_rules(&b, "a.yml", "title: T\nlevel: low\nlogsource: {product: shopbell}\ndetection: {s: {user.name: mia}, condition: s}\n");
        cr_assert_eq(bench_load(&b), 0);
        bench_bind(&b);
        r = bench_record(&b, 1, "1", 0);
        bench_set(&b, r, "user.name", "mia");
        cr_expect_eq(ruleset_match(b.rules, r, b.scratch, &hit, 1), 1);
        bench_close(&b);
}

Test(detect_ruleset, ecs_fields_of_all_records_and_of_those_with_a_class)
{
        const uint64_t class = UINT64_C(1) << ECS_CLASS, user = UINT64_C(1) << ECS_USER_NAME,
                       reason = UINT64_C(1) << ECS_EVENT_REASON;
        struct bench b;

        bench_open(&b);
        bench_rules(
                &b, "a.yml",
                "title: T\nlevel: low\nlogsource: {product: shopbell}\ndetection: {s: {user.name: mia}, condition: s}\n");
        bench_rules(&b, "b.yml",
                    "title: U\nlevel: low\nlogsource: {product: shopbell, category: login}\n"
                    "detection: {s: {event.reason: x}, condition: s}\n");
        cr_assert_eq(bench_load(&b), 0);
        bench_bind(&b);
        cr_expect_eq(ruleset_ecs(b.rules, false), class | user);
        cr_expect_eq(ruleset_ecs(b.rules, true), class | user | reason);
        bench_close(&b);
}

Test(detect_ruleset, keywords_ask_for_leaves)
{
        struct bench b;

        bench_open(&b);
        bench_rules(&b, "a.yml", "title: T\nlevel: low\nlogsource: {product: aws}\ndetection: {keywords: [evil], condition: keywords}\n");
        cr_assert_eq(bench_load(&b), 0);
        bench_bind(&b);
        cr_expect(b.sources[0].wants_leaves);
        cr_expect(!b.sources[1].wants_leaves);
        bench_close(&b);
}

/* Names of ours are not looked for among the platform's fields; all others are, in the sources that can hit. */
Test(detect_ruleset, correlations_ask_for_their_fields)
{
        struct bench b;

        bench_open(&b);
        bench_rules(&b, "a.yml", AWS "---\n" CORRELATION("type: value_count, rules: [console], group-by: [shopbell.person, awsRegion], "
                                                        "timespan: 1m, condition: {field: bucket, gte: 2}"));
        cr_assert_eq(bench_load(&b), 0);
        cr_assert_eq(b.errors.n, 0);
        bench_bind(&b);
        cr_expect_eq(b.sources[0].n_fields, 3);
        for (size_t i = 0; i < b.sources[0].n_fields; i++)
                cr_expect(!str_eqz(b.sources[0].fields[i], "shopbell.person"));
        cr_expect_eq(b.sources[1].n_fields, 0);
        cr_expect(ruleset_applies(b.rules, 1, 0) && !ruleset_applies(b.rules, 1, 1));
        bench_close(&b);
}
