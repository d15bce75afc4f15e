/* SPDX-License-Identifier: Apache-2.0 */

/* What changes rules after they are read: filters, placeholders without a list, conditions of Sigma 1. */

#include <criterion/criterion.h>

#include "monitor/detect/rules.h"
#include "tests/unit/detect_record.h"

#define HEAD "level: low\nlogsource: {product: aws, service: cloudtrail}\n"
#define READ "title: Read\nid: r1\nname: read\n" HEAD "detection: {s: {eventName: Get}, condition: s}\n"
#define WRITE \
        "title: Write\nid: w1\n" HEAD "detection: {s: {eventName: Put}, t: {eventName: Post}, condition: s or t}\n"
#define FILTER(rules, body) \
        "title: F\nid: f1\nlogsource: {product: aws, service: cloudtrail}\nfilter: {rules: " rules ", " body "}\n"
#define NOT_ROBOT "robot: {userName: robot}, condition: not robot"

static size_t hits_of(struct bench *b, const char *event, const char *user)
{
        struct record *r = bench_record(b, 0, "1", 0);
        uint32_t hits[8];

        bench_set(b, r, "eventName", event);
        bench_set(b, r, "userName", user);
        return ruleset_match(b->rules, r, b->scratch, hits, ARRAY_LEN(hits));
}

static void open_with(struct bench *b, const char *first, const char *second)
{
        bench_open(b);
        bench_rules(b, "a.yml", first);
        if (second)
                bench_rules(b, "b.yml", second);
        cr_assert_eq(bench_load(b), 0);
}

static const struct {
        const char *what, *first, *second;
        size_t get_by_robot, put_by_robot, post_by_mia;
} filters[] = {
        { "none", READ "---\n" WRITE, NULL, 1, 1, 1 },
        { "by name, in another file before", FILTER("[read]", NOT_ROBOT), READ "---\n" WRITE, 0, 1, 1 },
        { "by id, behind", READ "---\n" WRITE, FILTER("w1", NOT_ROBOT), 1, 0, 1 },
        { "several", READ "---\n" WRITE, FILTER("[r1, w1]", NOT_ROBOT), 0, 0, 1 },
        { "any", READ "---\n" WRITE, FILTER("any", NOT_ROBOT), 0, 0, 1 },
        { "a bare selection, ANDed", READ "---\n" WRITE, FILTER("any", "r: {userName: robot}, condition: r"), 1, 1, 0 },
        { "names of selections do not meet", READ "---\n" WRITE,
          FILTER("any", "s: {userName: robot}, condition: not 1 of them"), 0, 0, 1 },
        { "two filters", READ "---\n" WRITE "---\n" FILTER("[read]", NOT_ROBOT),
          "title: G\nlogsource: {product: aws}\nfilter: {rules: any, m: {userName|re: '^mi'}, condition: not m}\n", 0,
          1, 0 },
        { "of another log source", READ "---\n" WRITE,
          "title: G\nlogsource: {product: gcp}\nfilter: {rules: any, " NOT_ROBOT "}\n", 1, 1, 1 },
        { "off by status", READ "---\n" WRITE, "status: deprecated\n" FILTER("any", NOT_ROBOT), 1, 1, 1 },
        { "without its list", READ "---\n" WRITE, FILTER("any", "r: {userName|expand: '%no%'}, condition: not r"), 1, 1,
          1 },
};

Test(detect_filters, filters_are_anded)
{
        for (size_t i = 0; i < ARRAY_LEN(filters); i++) {
                struct bench b;

                open_with(&b, filters[i].first, filters[i].second);
                cr_expect_eq(b.errors.n, 0, "%s: %s", filters[i].what, b.errors.n ? b.errors.items[0].text : "");
                cr_expect_eq(ruleset_count(b.rules), 2, "filters are no rules");
                bench_bind(&b);
                cr_expect_eq(hits_of(&b, "Get", "robot"), filters[i].get_by_robot, "%s: Get", filters[i].what);
                cr_expect_eq(hits_of(&b, "Put", "robot"), filters[i].put_by_robot, "%s: Put", filters[i].what);
                cr_expect_eq(hits_of(&b, "Post", "mia"), filters[i].post_by_mia, "%s: Post", filters[i].what);
                bench_close(&b);
        }
}

Test(detect_filters, filters_of_all_platforms)
{
        struct record *r;
        struct bench b;
        uint32_t hit;

        open_with(
                &b,
                "title: T\nlevel: low\nlogsource: {product: shopbell, category: login}\ndetection: {s: {event.outcome: success}, "
                "condition: s}\n",
                "title: F\nlogsource: {product: shopbell}\nfilter: {rules: any, s: {user.name: mia}, condition: not s}\n");
        cr_assert_eq(b.errors.n, 0);
        bench_bind(&b);
        r = bench_record(&b, 1, "1", 0);
        bench_set(&b, r, "shopbell.class", "login");
        bench_set(&b, r, "event.outcome", "success");
        cr_expect_eq(ruleset_match(b.rules, r, b.scratch, &hit, 1), 1);
        bench_set(&b, r, "user.name", "mia");
        cr_expect_eq(ruleset_match(b.rules, r, b.scratch, &hit, 1), 0);
        bench_close(&b);
}

#define MANY \
        "title: Many\nname: many\nlevel: high\ncorrelation: {type: event_count, rules: [read], timespan: 1m, condition: {gt: 1}}\n"

static const struct {
        const char *filter, *says;
        unsigned line, col;
} wrong[] = {
        { FILTER("[read, nobody]", NOT_ROBOT), "filter: no rule has the id or name nobody", 4, 24 },
        { FILTER("many", NOT_ROBOT), "filter: many is a correlation: name the rules that it counts", 4, 17 },
        { "title: F\nlogsource: {product: gcp, service: audit}\nfilter: {rules: [read], " NOT_ROBOT "}\n",
          "filter: its logsource is {product: gcp, service: audit}, that of read is {product: aws, service: cloudtrail}",
          3, 18 },
        { "title: F\nid: r1\nlogsource: {product: aws}\nfilter: {rules: any, " NOT_ROBOT "}\n", "the id r1 is that of",
          2, 5 },
        { "title: F\nlogsource: {product: shopbell}\nfilter: {rules: any, s: {user.nam: x}, condition: not s}\n",
          "there is no field user.nam for product shopbell: did you mean user.name?", 3, 26 },
};

Test(detect_filters, mistakes)
{
        for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
                struct bench b;

                open_with(&b, READ "---\n" MANY, wrong[i].filter);
                cr_assert_eq(b.errors.n, 1, "%s: %zu", wrong[i].says, b.errors.n);
                cr_expect(strstr(b.errors.items[0].text, wrong[i].says), "%s", b.errors.items[0].text);
                cr_expect_str_eq(b.errors.items[0].file, b.files[1]);
                cr_expect(b.errors.items[0].line == wrong[i].line && b.errors.items[0].col == wrong[i].col, "%s: %u:%u",
                          wrong[i].says, b.errors.items[0].line, b.errors.items[0].col);
                bench_bind(&b);
                cr_expect_eq(hits_of(&b, "Get", "robot"), i > 0, "%s: the other name still works", wrong[i].says);
                bench_close(&b);
        }
}

/* ---- Digests ---- */

static struct hash128 digest_of(const char *first, const char *second, struct sigma_options *options)
{
        struct hash128 digest;
        struct bench b;

        bench_open(&b);
        b.language = options;
        bench_rules(&b, "a.yml", first);
        if (second)
                bench_rules(&b, "b.yml", second);
        cr_assert_eq(bench_load(&b), 0);
        digest = b.rules->entries[0].digest;
        bench_close(&b);
        return digest;
}

Test(detect_filters, state_is_not_taken_over_when_hits_would_differ)
{
        struct hash128 bare = digest_of(READ, NULL, NULL), with = digest_of(READ, FILTER("[read]", NOT_ROBOT), NULL);
        struct hash128 other = digest_of(READ, FILTER("[read]", "robot: {userName: mia}, condition: not robot"), NULL);
        struct hash128 more = digest_of(READ "---\n" WRITE, FILTER("[w1, read]", NOT_ROBOT), NULL);
        struct sigma_options options = { 0 };
        struct yaml_file *lists[2];
        struct hash128 filled[2];

        cr_expect(!hash128_eq(&bare, &with) && !hash128_eq(&with, &other) && !hash128_eq(&bare, &other));
        cr_expect(hash128_eq(&with, &more), "which other rules it names is no matter");
        for (size_t i = 0; i < 2; i++) {
                cr_assert_eq(yaml_parse(str_of(i ? "{v: [a, b]}" : "{v: [a]}"), "lists", &lists[i], NULL), 0);
                options.placeholders = lists[i]->docs[0];
                filled[i] = digest_of("title: R\nname: read\n" HEAD "detection: {s: {x|expand: '%v%'}, condition: s}\n",
                                      NULL, &options);
                yaml_file_free(lists[i]);
        }
        cr_expect(!hash128_eq(&filled[0], &filled[1]), "a changed list is another rule");
}

/* ---- What is off ---- */

#define LACKING "title: L\nname: lacking\n" HEAD "detection: {s: {x|expand: '%v%'}, condition: s}\n"
#define BOTH(type, rest) \
        "title: C\nlevel: high\ncorrelation: {type: " type ", rules: [read, lacking], timespan: 1m" rest "}\n"

static const struct {
        const char *what, *correlation, *says;
        bool is_off, read_alerts;
} off[] = {
        { "all are needed", BOTH("temporal", ""), "correlation: it is off, since L is", true, false },
        { "one is enough", BOTH("event_count", ", condition: {gt: 5}"),
          "correlation: L is off, so its hits are not counted", false, false },
        { "it generates", BOTH("temporal", ", generate: true"), "it is off", true, true },
        { "none is left",
          "title: C\nlevel: high\ncorrelation: {type: event_count, rules: [lacking], timespan: 1m, condition: {gt: 5}}\n",
          "it is off", true, true },
};

Test(detect_filters, correlations_go_off_with_their_rules)
{
        for (size_t i = 0; i < ARRAY_LEN(off); i++) {
                struct bench b;

                open_with(&b, READ "---\n" LACKING, off[i].correlation);
                cr_expect_eq(b.errors.n, 0, "%s: no mistake", off[i].what);
                cr_assert_eq(b.remarks.n, 2, "%s: %zu remarks", off[i].what, b.remarks.n);
                cr_expect(strstr(b.remarks.items[1].text, off[i].says), "%s: %s", off[i].what, b.remarks.items[1].text);
                cr_expect_eq(ruleset_rule(b.rules, 2)->is_off, off[i].is_off, "%s", off[i].what);
                cr_expect_eq(ruleset_alerts(b.rules, 2), !off[i].is_off, "%s", off[i].what);
                cr_expect_eq(ruleset_alerts(b.rules, 0), off[i].read_alerts, "%s: read", off[i].what);
                cr_expect(ruleset_rule(b.rules, 1)->is_off && !ruleset_alerts(b.rules, 1), "%s", off[i].what);
                bench_bind(&b);
                cr_expect_eq(hits_of(&b, "Get", "x"), 1, "%s", off[i].what);
                bench_close(&b);
        }
}

/* ---- Sigma 1 ---- */

#define OLD(more) \
        "title: Old\nid: o1\nlevel: high\nlogsource: {product: aws, service: cloudtrail}\nshopbell.class: [export]\n" \
        "shopbell.sentence: '{count} reads'\ndetection:\n  s: {eventName: Get}\n  timeframe: 1m\n  condition: s | count() by userName > 2\n" more

static void take_gets(struct bench *b, const char *user, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                char id[32];
                struct record *r;

                snprintf(id, sizeof id, "%s-%zu", user, i);
                r = bench_record(b, 0, id, (usec)i * USEC_PER_SEC);
                bench_set(b, r, "eventName", "Get");
                bench_set(b, r, "userName", user);
                bench_take(b, r);
        }
}

Test(detect_filters, a_condition_of_sigma_1_counts)
{
        struct bench_alert *a = NULL;
        struct bench b;

        bench_open(&b);
        bench_rules(&b, "a.yml", OLD(""));
        bench_rules(&b, "b.yml", FILTER("[o1]", NOT_ROBOT));
        bench_start(&b);
        cr_assert_eq(ruleset_count(b.rules), 2);
        cr_expect(!ruleset_alerts(b.rules, 0) && ruleset_feeds(b.rules, 0) && ruleset_alerts(b.rules, 1));
        take_gets(&b, "mia", 3);
        take_gets(&b, "jun", 2);
        take_gets(&b, "robot", 5);
        bench_finish(&b);
        cr_assert_eq(b.n_alerts, 1);
        cr_assert_eq(bench_alerts(&b, "Old", "userName=mia", &a), 1);
        cr_expect_eq(a->count, 3);
        cr_expect_eq(a->level, LEVEL_HIGH);
        cr_expect(str_eqz(a->sentence, "3 reads") && str_eqz(a->classes, "export"));
        bench_close(&b);
}

Test(detect_filters, a_condition_of_sigma_1_that_cannot_be_counted)
{
        struct bench b;

        open_with(
                &b,
                "title: Old\nlevel: high\nlogsource: {product: aws}\ndetection:\n  s: {a: b}\n  timeframe: 1m\n  condition: s | count("
                "c) > 99999999\n",
                NULL);
        cr_assert_eq(b.errors.n, 1);
        cr_expect(strstr(b.errors.items[0].text, "the limit is too high"), "%s", b.errors.items[0].text);
        cr_expect_eq(b.errors.items[0].line, 7);
        for (size_t i = 0; i < ruleset_count(b.rules); i++)
                cr_expect(!ruleset_alerts(b.rules, i), "its records do not alert instead");
        bench_bind(&b);
        bench_close(&b);
}

Test(detect_filters, ids_from_a_global_document)
{
        struct bench b;

        open_with(
                &b,
                "action: global\nid: g\ntitle: G\nlevel: low\nlogsource: {product: aws}\n---\ndetection: {s: {a: b}, condition: s}\n---\n"
                "detection: {s: {a: c}, condition: s}\n",
                NULL);
        cr_assert_eq(b.errors.n, 1);
        cr_expect(strstr(b.errors.items[0].text, "comes from the document `action: global`"), "%s",
                  b.errors.items[0].text);
        cr_expect_eq(b.errors.items[0].line, 9);
        bench_close(&b);
}
