/* SPDX-License-Identifier: Apache-2.0 */

/* Rule files: documents, legacy actions, correlations, shopbell's attributes, errors and remarks with their places. */

#include <criterion/criterion.h>
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "monitor/sigma/sigma.h"

#define RULE "title: A\nlogsource: {product: p}\ndetection: {s: {k: a}, condition: s}\nlevel: low\n"
#define FILTER "title: F\nlogsource: {product: p}\n"
#define CORRELATION "title: C\nlevel: low\ncorrelation:\n  type: event_count\n  rules: [a, b]\n  timespan: 15m\n"

struct loaded {
        struct sigma_file *file;
        struct err_list errors, remarks;
        int result;
};

static void load(struct loaded *l, const char *text)
{
        *l = (struct loaded){ .errors = ERR_LIST_INIT, .remarks = ERR_LIST_INIT };
        l->result = sigma_file_parse(str_of(text), "r.yml", NULL, &l->file, &l->errors, &l->remarks);
        cr_assert_eq(l->result >= 0, l->file != NULL);
}

static void load_done(struct loaded *l)
{
        sigma_file_free(l->file);
        err_list_done(&l->errors);
        err_list_done(&l->remarks);
}

static const char *error_of(const struct loaded *l)
{
        return l->errors.n > 0 ? l->errors.items[0].text : "no error";
}

Test(sigma_document, a_rule)
{
        struct loaded l;
        const struct sigma_rule *r;

        load(&l, "# a comment\ntitle: Someone came in\nid: 5f3c\nname: came_in\nstatus: stable\ndescription: "
                 "d\nauthor: me\n"
                 "date: 2026-11-23\nlogsource: {product: aws, service: cloudtrail, definition: prose}\n"
                 "detection: {s: {k: a}, condition: s}\nlevel: High\ntags: [x]\n");
        cr_assert_eq(l.result, 0, "%s", error_of(&l));
        cr_assert_eq(l.file->n, 1);
        cr_expect_eq(l.remarks.n, 0);
        r = l.file->rules[0];
        cr_expect_eq(r->kind, SIGMA_RULE);
        cr_expect_str_eq(r->file, "r.yml");
        cr_expect_eq(r->line, 2);
        cr_expect(str_eqz(r->id, "5f3c") && str_eqz(r->label, "5f3c") && str_eqz(r->title, "Someone came in"));
        cr_expect(str_eqz(r->name, "came_in") && str_eqz(r->status, "stable") && str_eqz(r->description, "d"));
        cr_expect(str_eqz(r->author, "me") && str_eqz(r->date, "2026-11-23"));
        cr_expect(str_eqz(r->logsource.product, "aws") && str_eqz(r->logsource.service, "cloudtrail"));
        cr_expect_null(r->logsource.category.p);
        cr_expect_eq(r->level, LEVEL_HIGH);
        cr_expect(r->has_level && !r->is_off && r->detection && !r->correlation);
        cr_expect_null(r->sentence.p);
        load_done(&l);
}

Test(sigma_document, remarks)
{
        static const struct {
                const char *text, *says;
                bool is_off;
        } cases[] = {
                { RULE "status: deprecated\n", "5:9: status deprecated: the rule is loaded, but off", true },
                { RULE "status: unsupported\n", "5:9: status unsupported", true },
                { "title: A\nlevel: low\nlogsource: {product: p}\ndetection:\n  s: {k: a}\n  timeframe: 5m\n  "
                  "condition: s\n",
                  "6:14: timeframe is of Sigma 1 and ignored", false },
                { "title: A\nlevel: low\nlogsource: {product: p}\ndetection:\n  s:\n  - k|contains|all: [a]\n  "
                  "condition: s\n",
                  "6:5: all over a single value", false },
                { "title: A\nlevel: low\nlogsource: {product: p}\ndetection:\n  s:\n    k|expand: 100%\n  condition: s\n",
                  "6:15: expand: a percent sign that begins no %name%", false },
                { "title: A\nlevel: low\nlogsource: {product: p}\ndetection:\n  s:\n    k|expand: [x]\n  condition: s\n",
                  "6:16: expand: there is no %placeholder%", false },
                { "title: A\nlevel: low\nlogsource: {product: p}\ndetection:\n  s:\n    k|expand: '%x%'\n  condition: s\n",
                  "6:15: expand: the rule is off, since no values are given for the placeholder x; write in shopbell.yml  "
                  "placeholders: {x: [VALUE, …]}",
                  true },
                { "title: A\nlevel: low\nlogsource: {product: p}\ndetection:\n  s:\n    k|expand: ['%x%', '%z%']\n  condition: s\n",
                  "placeholders x, z; write in shopbell.yml  placeholders: {x: [VALUE, …], …}", true },
        };

        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                struct strbuf text = STRBUF_INIT;
                struct loaded l;

                load(&l, cases[i].text);
                cr_assert_eq(l.result, 0, "%s", error_of(&l));
                cr_assert_eq(l.remarks.n, 1, "%zu: %zu remarks", i, l.remarks.n);
                err_format(&l.remarks.items[0], &text);
                cr_expect(strstr(text.p, cases[i].says), "%s", text.p);
                cr_expect_eq(l.file->rules[0]->is_off, cases[i].is_off);
                cr_expect_eq(l.file->rules[0]->level, LEVEL_LOW);
                strbuf_done(&text);
                load_done(&l);
        }
}

Test(sigma_document, one_bad_document_does_not_stop_the_others)
{
        struct loaded l;

        load(&l, RULE "---\ntitle: B\nlogsource: {product: p}\ndetection: {s: {k|re: '('}, condition: s}\n---\n" RULE
                      "---\n---\ntitle: D\n");
        cr_assert_eq(l.result, 0);
        cr_expect_eq(l.file->n, 2);
        cr_assert_eq(l.errors.n, 2);
        cr_expect_eq(l.errors.items[0].line, 8);
        cr_expect_str_eq(l.errors.items[0].file, "r.yml");
        cr_expect(strstr(l.errors.items[1].text, "no detection"));
        load_done(&l);
}

/* ---- action ---- */

Test(sigma_document, action_global_and_reset)
{
        struct loaded l;

        load(&l,
             "action: global\ntitle: G\nlevel: low\nlogsource: {product: p}\ndetection: {condition: s, t: {action: "
             "x}}\n"
             "---\nid: 1\ndetection: {s: {k: a}}\n---\nid: 2\ndetection: {s: {action: b, k: c}, condition: s and t}\n"
             "---\naction: reset\n---\nid: 3\n");
        cr_assert_eq(l.result, 0, "%s", error_of(&l));
        cr_assert_eq(l.file->n, 2);
        cr_expect_eq(l.errors.n, 1);
        cr_expect(str_eqz(l.file->rules[0]->id, "1") && str_eqz(l.file->rules[1]->id, "2"));
        cr_expect(str_eqz(l.file->rules[1]->title, "G"));
        cr_expect_eq(l.file->rules[0]->detection->n_fields, 2); /* action and k */
        cr_expect_eq(l.file->rules[1]->line, 10);
        load_done(&l);
}

Test(sigma_document, a_field_called_action_is_merged_like_others)
{
        struct loaded l;

        load(&l, "action: global\ntitle: G\nlevel: low\nlogsource: {product: p}\ndetection: {s: {k: a}, condition: s}\n"
                 "---\nid: 1\ndetection: {s: {action: x}}\n");
        cr_assert_eq(l.result, 0, "%s", error_of(&l));
        cr_expect_eq(l.file->rules[0]->detection->n_fields, 2);
        load_done(&l);
}

Test(sigma_document, action_repeat)
{
        struct loaded l;

        load(&l, RULE "id: 1\n---\naction: repeat\nid: 2\ndetection: {s: {k: b}}\n---\naction: repeat\nid: 3\n");
        cr_assert_eq(l.result, 0, "%s", error_of(&l));
        cr_assert_eq(l.file->n, 3);
        cr_expect(str_eqz(l.file->rules[2]->id, "3") && str_eqz(l.file->rules[2]->title, "A"));
        load_done(&l);
}

/* ---- Correlations ---- */

Test(sigma_document, a_correlation)
{
        const struct sigma_correlation *c;
        struct loaded l;

        load(&l, CORRELATION "  group-by: [user.name, who]\n  generate: true\n  aliases: {who: {a: x, b: y.z}}\n"
                             "  condition: {gte: 5, lt: 10.5, field: [f, g]}\n");
        cr_assert_eq(l.result, 0, "%s", error_of(&l));
        cr_expect_eq(l.file->rules[0]->kind, SIGMA_CORRELATION);
        c = l.file->rules[0]->correlation;
        cr_expect(str_eqz(c->type, "event_count") && c->type_at->line == 4);
        cr_assert_eq(c->n_rules, 2);
        cr_expect(str_eqz(c->rules[1], "b") && c->rules_at[1]->col == 14);
        cr_expect_eq(c->timespan, 15 * USEC_PER_MINUTE);
        cr_assert_eq(c->n_group_by, 2);
        cr_expect(str_eqz(c->group_by[1], "who") && c->generate);
        cr_assert_eq(c->n_limits, 2);
        cr_expect(c->limits[0].op == SIGMA_GTE && str_eqz(c->limits[0].number, "5"));
        cr_expect(c->limits[1].op == SIGMA_LT && str_eqz(c->limits[1].number, "10.5"));
        cr_assert_eq(c->n_fields, 2);
        cr_assert_eq(c->n_aliases, 2);
        cr_expect(str_eqz(c->aliases[1].name, "who") && str_eqz(c->aliases[1].rule, "b") &&
                  str_eqz(c->aliases[1].field, "y.z"));
        cr_expect(yaml_get(c->section, "aliases"));
        load_done(&l);
}

/* ---- What shopbell adds ---- */

Test(sigma_document, attributes)
{
        const struct sigma_rule *r;
        struct loaded l;

        load(&l, RULE
             "shopbell.class: [login, mfa]\nshopbell.sentence: '{user.name} came in, {count} times'\n"
             "shopbell.playbook:\n  - Look.\n  - Ask.\nshopbell.tests:\n  - hit: {k: a}\n    source: aws-cloudtrail\n"
             "  - miss: 'a raw line'\n  - raise: [{k: a}, 'a raw line']\n    alerts: 2\n  - raise: [{k: b}]\n");
        cr_assert_eq(l.result, 0, "%s", error_of(&l));
        r = l.file->rules[0];
        cr_assert_eq(r->n_classes, 2);
        cr_expect(str_eqz(r->classes[1], "mfa") && str_eqz(r->sentence, "{user.name} came in, {count} times"));
        cr_assert_eq(r->n_playbook, 2);
        cr_expect(str_eqz(r->playbook[1], "Ask."));
        cr_assert_eq(r->n_tests, 4);
        cr_expect(r->tests[0].expect == SIGMA_TEST_HIT && str_eqz(r->tests[0].source, "aws-cloudtrail"));
        cr_expect(r->tests[0].n_records == 1 && r->tests[0].records[0]->kind == YAML_MAP && r->tests[0].line == 11);
        cr_expect(r->tests[1].expect == SIGMA_TEST_MISS && r->tests[1].records[0]->kind == YAML_TEXT &&
                  r->tests[1].source.n == 0);
        cr_expect(r->tests[2].expect == SIGMA_TEST_RAISE && r->tests[2].n_records == 2 && r->tests[2].alerts == 2);
        cr_expect(r->tests[3].alerts == 1);
        load_done(&l);
}

static const struct {
        const char *text, *says;
} bad[] = {
        { "a: [", "" },
        { "- 1\n", "a list where a rule belongs" },
        { "title: t\ntitle: u\n", "twice" },
        { "title: t\n", "no detection, correlation or filter" },
        { "", "there is no rule in this file" },
        { "action: global\ntitle: G\n", "there is no rule in this file" },
        { "action: frob\n" RULE, "unknown action: write global" },
        { "title: t\nfilter: {rules: any}\n", "no logsource; add" },
        { FILTER "filter: [x]\n", "a list where a map belongs" },
        { FILTER "filter: {s: {a: 1}, condition: not s}\n", "filter: no rules; add" },
        { FILTER "filter: {rules: {a: b}, s: {a: 1}, condition: not s}\n", "a map where a text belongs" },
        { FILTER "filter: {rules: any, s: {a: 1}}\n", "filter: no condition; add  condition: not NAME" },
        { FILTER "filter: {rules: any, s: {a: 1}, condition: [not s]}\n", "one condition, not a list" },
        { FILTER "filter: {rules: any, s: {a: 1}, condition: not t}\n", "no selection is called t" },
        { FILTER "filter: {rules: any, s: {a: 1}, condition: s | count() > 5}\n", "a filter cannot count" },
        { "title: t\ndetection: {s: {a: 1}, condition: s}\n", "no logsource; add" },
        { "title: t\nlogsource: {definition: x}\ndetection: {s: {a: 1}, condition: s}\n", "names no product" },
        { "logsource: {product: p}\ndetection: {s: {a: 1}, condition: s}\n", "no title" },
        { "title: t\nlevel: bad\nlogsource: {product: p}\ndetection: {s: {a: 1}, condition: s}\n",
          "unknown level: write informational" },
        { "title: t\nlogsource: {product: p}\ndetection: [a]\n", "a list where a map of selections belongs" },
        { RULE "shopbell.class: [logins]\n", "unknown class logins: write one of login, mfa" },
        { RULE "shopbell.klass: [login]\n", "unknown attribute shopbell.klass" },
        { RULE "shopbell.sentence: '{user.nam} came'\n", "did you mean {user.name}" },
        { RULE "shopbell.sentence: [x]\n", "takes one text" },
        { RULE "shopbell.playbook: []\n", "an empty list" },
        { RULE "shopbell.inhibits: []\n", "an empty list" },
        { RULE "shopbell.inhibits: {timespan: 1h}\n", "rules is missing" },
        { RULE "shopbell.inhibits: {rules: [a], timespan: soon}\n", "a time up to 30d" },
        { RULE "shopbell.inhibits: {rules: [a], span: 1h}\n", "unknown key span" },
        { RULE "shopbell.playbook: [{a: b}]\n", "a map where a text belongs" },
        { RULE "shopbell.tests: {hit: {}}\n", "is a list of tests" },
        { RULE "shopbell.tests: [{hit: 5}]\n", "a number where a record belongs" },
        { RULE "shopbell.tests: [{hit: {}, miss: {}}]\n", "exactly one of" },
        { RULE "shopbell.tests: [{source: x}]\n", "exactly one of" },
        { RULE "shopbell.tests: [x]\n", "exactly one of" },
        { RULE "shopbell.tests: [{raise: {a: 1}}]\n", "raise takes a list" },
        { RULE "shopbell.tests: [{raise: []}]\n", "raise takes a list" },
        { RULE "shopbell.tests: [{raise: [{a: 1}], alerts: many}]\n", "alerts takes a number" },
        { RULE "shopbell.tests: [{hit: {a: 1}, alerts: 1}]\n", "alerts goes with raise only" },
        { RULE "shopbell.tests: [{hit: {a: 1}, sauce: x}]\n", "unknown key sauce" },
        { "title: C\ncorrelation: [x]\n", "a list where a map belongs" },
        { "title: C\ncorrelation: {rules: a, timespan: 1m}\n", "type is missing; add  type: event_count" },
        { "title: C\ncorrelation: {type: event_count, timespan: 1m}\n", "rules is missing" },
        { "title: C\ncorrelation: {type: event_count, rules: [], timespan: 1m}\n", "rules: an empty list" },
        { "title: C\ncorrelation: {type: event_count, rules: a}\n", "timespan is missing" },
        { "title: C\ncorrelation: {type: event_count, rules: a, timespan: 1w}\n", "a timespan is a number and" },
        { "title: C\ncorrelation: {type: event_count, rules: a, timespan: 0s}\n", "a timespan is a number and" },
        { "title: C\ncorrelation: {type: event_count, rules: a, timespan: 99999999999999d}\n",
          "a timespan is a number and" },
        { "title: C\ncorrelation: {type: [x], rules: a, timespan: 1m}\n", "a type is one word" },
        { CORRELATION "  condition: 5\n", "a condition is a map" },
        { CORRELATION "  condition: {gte: x}\n", "gte needs a number" },
        { CORRELATION "  condition: {gte: true}\n", "gte needs a number" },
        { CORRELATION "  condition: {get: 5}\n", "unknown condition get: write gt" },
        { CORRELATION "  generate: maybe\n", "generate is true or false" },
        { CORRELATION "  aliases: {a: b}\n", "an alias is a map" },
        { CORRELATION "  aliases: [a]\n", "aliases are a map" },
        { CORRELATION "  group-by: [[a]]\n", "a list where a text belongs" },
};

Test(sigma_document, what_does_not_load)
{
        for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
                struct loaded l;

                load(&l, bad[i].text);
                cr_expect_eq(l.result, -EBADMSG, "%s", bad[i].text);
                cr_assert_eq(l.errors.n, 1, "%s: %zu errors", bad[i].text, l.errors.n);
                cr_expect(strstr(error_of(&l), bad[i].says), "%s: %s", bad[i].text, error_of(&l));
                cr_expect_str_eq(l.errors.items[0].file, "r.yml");
                cr_expect(l.errors.items[0].line > 0 || strstr(error_of(&l), "no rule in this"), "%s: no place",
                          bad[i].text);
                load_done(&l);
        }
}

Test(sigma_document, lists_of_errors_may_be_left_out)
{
        struct sigma_file *file = NULL;

        cr_expect_eq(sigma_file_parse(STR("title: t\n"), "r.yml", NULL, &file, NULL, NULL), -EBADMSG);
        cr_expect_null(file);
        cr_assert_eq(sigma_file_parse(STR(RULE "status: deprecated\n"), "r.yml", NULL, &file, NULL, NULL), 0);
        sigma_file_free(file);
        cr_expect_null(sigma_file_free(NULL));
}

Test(sigma_document, files)
{
        const char *tmp = getenv("TMPDIR");
        struct err_list errors = ERR_LIST_INIT;
        struct strbuf path = STRBUF_INIT;
        struct sigma_file *file = NULL;
        FILE *out;

        strbuf_addf(&path, "%s/sigma-XXXXXX", tmp ? tmp : "/tmp");
        cr_assert(mkdtemp(path.p));
        strbuf_addz(&path, "/r.yml");
        cr_expect_eq(sigma_file_load(path.p, NULL, &file, &errors, NULL), -ENOENT);
        cr_assert_eq(errors.n, 1);
        cr_expect_str_eq(errors.items[0].file, path.p);
        out = fopen(path.p, "w");
        cr_assert(out);
        fputs("\xEF\xBB\xBF" RULE, out);
        fclose(out);
        cr_expect_eq(sigma_file_load(path.p, NULL, &file, &errors, NULL), 0);
        cr_expect_eq(file->n, 1);
        sigma_file_free(file);
        unlink(path.p);
        path.p[path.n - strlen("/r.yml")] = '\0';
        rmdir(path.p);
        err_list_done(&errors);
        strbuf_done(&path);
}

/* ---- Filters, and what Sigma 1 counted ---- */

Test(sigma_document, a_filter)
{
        struct loaded l;
        const struct sigma_rule *r;

        load(&l,
             "title: F\nid: f1\nlogsource: {product: p}\nfilter:\n  rules: [a, b-c]\n  s: {k: a}\n  condition: not s\n");
        cr_assert_eq(l.result, 0, "%s", error_of(&l));
        cr_expect_eq(l.remarks.n, 0, "a filter has no level");
        r = l.file->rules[0];
        cr_expect(r->kind == SIGMA_FILTER && r->filter && r->detection && !r->correlation);
        cr_expect(str_eqz(r->label, "f1") && str_eqz(r->logsource.product, "p") && !r->filter->is_any);
        cr_expect_eq(r->filter->n_rules, 2);
        cr_expect(str_eqz(r->filter->rules[1], "b-c") && r->filter->rules_at[1]->col == 14);
        load_done(&l);

        load(&l, FILTER "filter: {rules: ANY, s: {k: a}, condition: 1 of them}\n");
        cr_assert_eq(l.result, 0, "%s", error_of(&l));
        cr_expect(l.file->rules[0]->filter->is_any);
        cr_assert_eq(l.remarks.n, 1);
        cr_expect(strstr(l.remarks.items[0].text, "go on hitting only what fits `1 of them`") &&
                          strstr(l.remarks.items[0].text, "condition: not (1 of them)"),
                  "%s", l.remarks.items[0].text);
        load_done(&l);

        load(&l, FILTER "filter: {rules: any, s: {k|expand: '%x%'}, condition: not s}\n");
        cr_assert_eq(l.result, 0, "%s", error_of(&l));
        cr_expect(l.file->rules[0]->is_off);
        cr_expect(strstr(l.remarks.items[0].text, "the filter is off"), "%s", l.remarks.items[0].text);
        load_done(&l);
}

Test(sigma_document, a_condition_of_sigma_1_becomes_two_rules)
{
        const struct sigma_rule *base, *r;
        struct loaded l;

        load(&l,
             "title: Many\nid: m1\nlevel: high\nlogsource: {product: p}\ndetection:\n  s: {k: a}\n  timeframe: 10m\n  condition: "
             "s | count(u) by h > 5\nshopbell.tests: [{hit: {k: a}}, {raise: [{k: a}], alerts: 0}, {miss: {k: b}}]\n");
        cr_assert_eq(l.result, 0, "%s", error_of(&l));
        cr_assert_eq(l.file->n, 2);
        base = l.file->rules[0];
        r = l.file->rules[1];
        cr_expect(base->kind == SIGMA_RULE && base->is_base && base->detection && !base->id.p && !base->name.p);
        cr_expect(str_eqz(base->label, "m1/records") && str_eqz(base->title, "Many (the records it counts)"));
        cr_expect(r->kind == SIGMA_CORRELATION && !r->is_base && !r->detection && r->correlation->base == base);
        cr_expect(str_eqz(r->label, "m1") && str_eqz(r->title, "Many") && r->level == LEVEL_HIGH);
        cr_expect(str_eqz(r->correlation->type, "value_count") && str_eqz(r->correlation->group_by[0], "h") &&
                  str_eqz(r->correlation->fields[0], "u"));
        cr_expect_eq(base->n_tests, 2);
        cr_expect_eq(r->n_tests, 1);
        cr_assert_eq(l.remarks.n, 1);
        cr_expect(strstr(l.remarks.items[0].text, "translated to  correlation: {type: value_count"), "%s",
                  l.remarks.items[0].text);
        load_done(&l);
}

Test(sigma_document, deprecated_rules_run_when_asked_for)
{
        struct sigma_options options = { .with_deprecated = true };
        struct err_list remarks = ERR_LIST_INIT;
        struct sigma_file *file = NULL;

        cr_assert_eq(sigma_file_parse(STR(RULE "status: deprecated\n"), "r.yml", &options, &file, NULL, &remarks), 0);
        cr_expect(!file->rules[0]->is_off);
        cr_expect(strstr(remarks.items[0].text, "is on because it was asked for"), "%s", remarks.items[0].text);
        err_list_done(&remarks);
        sigma_file_free(file);
}

/* ---- The starter pack ---- */

Test(sigma_document, every_rule_of_the_house_loads)
{
        const char *top = getenv("SHOPBELL_SRCDIR");
        struct strbuf pattern = STRBUF_INIT;
        glob_t found;

        strbuf_addf(&pattern, "%s/rules.d/*/*.yml", top ? top : ".");
        if (glob(pattern.p, 0, NULL, &found) != 0)
                cr_skip_test("no rules at %s: set SHOPBELL_SRCDIR", pattern.p);
        for (size_t i = 0; i < found.gl_pathc; i++) {
                struct err_list errors = ERR_LIST_INIT, remarks = ERR_LIST_INIT;
                struct sigma_file *file = NULL;
                int r = sigma_file_load(found.gl_pathv[i], NULL, &file, &errors, &remarks);

                cr_expect_eq(r, 0, "%s: %s", found.gl_pathv[i], errors.n ? errors.items[0].text : "");
                for (size_t k = 0; k < remarks.n; k++) /* what only the owner knows is off until they say it */
                        cr_expect(strstr(remarks.items[k].text, "no values are given for the placeholder"), "%s: %s",
                                  found.gl_pathv[i], remarks.items[k].text);
                sigma_file_free(file);
                err_list_done(&errors);
                err_list_done(&remarks);
        }
        globfree(&found);
        strbuf_done(&pattern);
}
