/* SPDX-License-Identifier: Apache-2.0 */

/* One row a form. TAP: https://testanything.org/tap-version-14-specification.html; JUnit: the elements that Jenkins, GitLab
 * and the others read (testsuites, testsuite a file, testcase, failure, skipped). */

#include "monitor/cli/rules_report.h"

#include <errno.h>
#include <stdio.h>

#include "monitor/base/json_write.h"
#include "monitor/base/utf8.h"

static const char no_tests[] = "no tests";

/* As for a terminal; and U+FFFE and U+FFFF, which XML 1.0 has no place for, are shown as U+FFFD too. */
static void add_safe(struct strbuf *out, struct str text)
{
        CLEANUP(strbuf_done) struct strbuf shown = STRBUF_INIT;
        struct str rest;
        uint32_t c;

        text_display(&shown, text, TEXT_TERMINAL, 0);
        rest = strbuf_str(&shown);
        while (utf8_next(&rest, &c))
                utf8_append(out, c == 0xFFFE || c == 0xFFFF ? 0xFFFD : c);
}

/* ---- Lines ---- */

static void print_display(struct str text)
{
        CLEANUP(strbuf_done) struct strbuf safe = STRBUF_INIT;

        add_safe(&safe, text);
        fputs(safe.p ? safe.p : "", stdout);
}

static void print_line(const struct test_result *t)
{
        CLEANUP(strbuf_done) struct strbuf line = STRBUF_INIT;

        if (t->outcome == TEST_PASSED)
                strbuf_addf(&line, "ok " STR_FMT ": %s", STR_ARG(t->title), t->name);
        else
                strbuf_addf(&line, "not ok %s:%u:%u: " STR_FMT ": %s", t->file, t->line, t->col, STR_ARG(t->title),
                            t->why ? t->why : "failed");
        print_display(strbuf_str(&line));
        putchar('\n');
}

static int print_lines(const struct test_results *all, const struct err_list *errors)
{
        size_t n_places = 0;

        for (size_t i = 0; i < all->n; i++)
                if (all->items[i].outcome != TEST_SKIPPED)
                        print_line(&all->items[i]);
                else
                        n_places += all->items[i].name[0] != 0;
        if (n_places > 0)
                printf("%zu tests skipped: they look at places, people or networks, give --geoip, --people, --networks\n", n_places);
        if (all->n_incomplete > 0)
                printf("%zu rules lack a hit, a miss or a look-alike: --strict names them\n", all->n_incomplete);
        if (all->count[TEST_SKIPPED] > n_places)
                printf("%zu rules without tests\n", all->count[TEST_SKIPPED] - n_places);
        printf("%zu passed, %zu failed\n", all->count[TEST_PASSED], all->count[TEST_FAILED] + errors->n + errors->more);
        return 0;
}

/* ---- TAP ---- */

static int print_whole(const struct strbuf *out)
{
        if (strbuf_failed(out))
                return -ENOMEM;
        return fputs(out->p, stdout) < 0 ? -EIO : 0;
}

/* In a description # begins a directive and \ escapes. */
static void add_tap(struct strbuf *out, struct str text)
{
        CLEANUP(strbuf_done) struct strbuf safe = STRBUF_INIT;

        add_safe(&safe, text);
        for (size_t i = 0; i < safe.n; i++) {
                if (safe.p[i] == '#' || safe.p[i] == '\\')
                        strbuf_addc(out, '\\');
                strbuf_addc(out, safe.p[i]);
        }
}

/* A JSON string is a YAML one. */
static void add_yaml(struct strbuf *out, const char *key, struct str value)
{
        CLEANUP(strbuf_done) struct strbuf safe = STRBUF_INIT;
        struct json_writer w = JSON_WRITER(out);

        add_safe(&safe, value);
        strbuf_addf(out, "  %s: ", key);
        json_str(&w, strbuf_str(&safe));
        strbuf_addc(out, '\n');
}

static void add_diagnosis(struct strbuf *out, const char *file, unsigned line, unsigned col, const char *why)
{
        strbuf_addz(out, "  ---\n");
        add_yaml(out, "message", str_of(why ? why : "failed"));
        add_yaml(out, "file", str_of(file));
        strbuf_addf(out, "  line: %u\n  column: %u\n  ...\n", line, col);
}

static void add_tap_result(struct strbuf *out, size_t number, const struct test_result *t)
{
        strbuf_addf(out, "%s %zu - ", t->outcome == TEST_FAILED ? "not ok" : "ok", number);
        add_tap(out, t->title);
        if (t->name[0])
                strbuf_addf(out, ": %s", t->name);
        if (t->outcome == TEST_SKIPPED)
                strbuf_addf(out, " # SKIP %s", t->why ? t->why : no_tests);
        strbuf_addc(out, '\n');
        if (t->outcome == TEST_FAILED)
                add_diagnosis(out, t->file, t->line, t->col, t->why);
}

static int print_tap(const struct test_results *all, const struct err_list *errors)
{
        CLEANUP(strbuf_done) struct strbuf out = STRBUF_INIT;
        size_t number = 0;

        strbuf_addf(&out, "TAP version 14\n1..%zu\n", all->n + errors->n);
        for (size_t i = 0; i < errors->n; i++) {
                const struct err *e = &errors->items[i];

                strbuf_addf(&out, "not ok %zu - ", ++number);
                add_tap(&out, str_of(e->file[0] ? e->file : "loading"));
                strbuf_addc(&out, '\n');
                add_diagnosis(&out, e->file, e->line, e->col, e->text);
        }
        for (size_t i = 0; i < all->n; i++)
                add_tap_result(&out, ++number, &all->items[i]);
        return print_whole(&out);
}

/* ---- JUnit ---- */

static void add_xml(struct strbuf *out, struct str text)
{
        CLEANUP(strbuf_done) struct strbuf safe = STRBUF_INIT;

        add_safe(&safe, text);
        text_markup(out, strbuf_str(&safe));
        out->failed |= strbuf_failed(&safe);
}

static void add_attribute(struct strbuf *out, const char *name, struct str value)
{
        strbuf_addf(out, " %s=\"", name);
        add_xml(out, value);
        strbuf_addc(out, '"');
}

static void add_case(struct strbuf *out, const struct test_result *t)
{
        strbuf_addz(out, "    <testcase");
        add_attribute(out, "classname", t->title);
        add_attribute(out, "name", str_of(t->name[0] ? t->name : no_tests));
        add_attribute(out, "file", str_of(t->file));
        strbuf_addf(out, " line=\"%u\"", t->line);
        if (t->outcome == TEST_PASSED) {
                strbuf_addz(out, "/>\n");
                return;
        }
        strbuf_addz(out, t->outcome == TEST_FAILED ? ">\n      <failure" : ">\n      <skipped");
        add_attribute(out, "message", str_of(t->why ? t->why : t->outcome == TEST_FAILED ? "failed" : no_tests));
        strbuf_addz(out, "/>\n    </testcase>\n");
}

static void add_suite(struct strbuf *out, const struct test_result *tests, size_t n)
{
        size_t count[_TEST_OUTCOME_MAX] = { 0 };

        for (size_t i = 0; i < n; i++)
                count[tests[i].outcome]++;
        strbuf_addz(out, "  <testsuite");
        add_attribute(out, "name", str_of(tests[0].file));
        strbuf_addf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\">\n", n, count[TEST_FAILED],
                    count[TEST_SKIPPED]);
        for (size_t i = 0; i < n; i++)
                add_case(out, &tests[i]);
        strbuf_addz(out, "  </testsuite>\n");
}

static void add_load_errors(struct strbuf *out, const struct err_list *errors)
{
        if (errors->n == 0)
                return;
        strbuf_addf(out, "  <testsuite name=\"loading\" tests=\"%zu\" failures=\"0\" errors=\"%zu\" skipped=\"0\">\n",
                    errors->n, errors->n);
        for (size_t i = 0; i < errors->n; i++) {
                const struct err *e = &errors->items[i];

                strbuf_addz(out, "    <testcase classname=\"loading\"");
                add_attribute(out, "name", str_of(e->file));
                add_attribute(out, "file", str_of(e->file));
                strbuf_addf(out, " line=\"%u\">\n      <error", e->line);
                add_attribute(out, "message", str_of(e->text));
                strbuf_addz(out, "/>\n    </testcase>\n");
        }
        strbuf_addz(out, "  </testsuite>\n");
}

int rules_report_junit(const char *name, const struct test_results *all, const struct err_list *errors)
{
        CLEANUP(strbuf_done) struct strbuf out = STRBUF_INIT;

        strbuf_addf(
                &out,
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                "<testsuites name=\"%s\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\">\n",
                name, all->n + errors->n, all->count[TEST_FAILED], errors->n, all->count[TEST_SKIPPED]);
        add_load_errors(&out, errors);
        for (size_t i = 0, n; i < all->n; i += n) { /* rules of one file stand together */
                for (n = 1; i + n < all->n && all->items[i + n].file == all->items[i].file; n++)
                        ;
                add_suite(&out, &all->items[i], n);
        }
        strbuf_addz(&out, "</testsuites>\n");
        return print_whole(&out);
}

static int print_junit(const struct test_results *all, const struct err_list *errors)
{
        return rules_report_junit("shopbell rules test", all, errors);
}

int rules_report(enum cli_report form, const struct test_results *results, const struct err_list *errors)
{
        static int (*const forms[_REPORT_MAX])(const struct test_results *, const struct err_list *) = {
                [REPORT_LINES] = print_lines,
                [REPORT_TAP] = print_tap,
                [REPORT_JUNIT] = print_junit,
        };

        return forms[form](results, errors);
}
