/* SPDX-License-Identifier: Apache-2.0 */

/* What differs between two setups. */

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "monitor/changes.h"

#define SOURCE "name: s\ntitle: S\nlogsource: {product: shop}\nformat: json\nrecognise: {has: [a]}\nfields:\n  user.name: a\n"
#define RULE(title, level, value) \
        "title: " title "\nlevel: " level "\nlogsource: {product: shop}\ndetection: {s: {a: " value "}, condition: s}\n"

struct side {
        char dir[64], rules[96], source[96];
        struct setup setup;
};

static void write_file(const char *path, const char *text)
{
        FILE *f = fopen(path, "w");

        cr_assert(f && fputs(text, f) >= 0 && fclose(f) == 0);
}

static void side_open(struct side *s, const char *rules, const char *source)
{
        const char *paths[] = { s->dir, s->rules };
        struct paths sources = { .items = &paths[0], .n = 1 }, rule_files = { .items = &paths[1], .n = 1 };
        struct err_list errors = ERR_LIST_INIT;
        struct err err = { 0 };

        snprintf(s->dir, sizeof s->dir, "/tmp/shopbell-changes-XXXXXX");
        cr_assert(mkdtemp(s->dir));
        snprintf(s->source, sizeof s->source, "%s/source.yml", s->dir);
        snprintf(s->rules, sizeof s->rules, "%s/rules.yaml", s->dir); /* no .yml: no source */
        write_file(s->source, source);
        write_file(s->rules, rules);
        cr_assert_eq(setup_load(&sources, &rule_files, NULL, &s->setup, &errors, NULL, &err), 0, "%s", err.text);
        cr_assert_eq(errors.n, 0, "%s", errors.n ? errors.items[0].text : "");
        err_list_done(&errors);
}

static void side_close(struct side *s)
{
        setup_done(&s->setup);
        unlink(s->rules);
        unlink(s->source);
        rmdir(s->dir);
}

static void on_change(void *userdata, enum setup_change change, struct str title, const char *file)
{
        cr_expect(file);
        strbuf_addf(userdata, "%s " STR_FMT "; ", change_name(change), STR_ARG(title));
}

static void expect_changes(const char *old_rules, const char *old_source, const char *rules, const char *source,
                           const char *expected, size_t unchanged)
{
        CLEANUP(strbuf_done) struct strbuf said = STRBUF_INIT;
        struct side was = { 0 }, is = { 0 };
        struct changes c;

        side_open(&was, old_rules, old_source);
        side_open(&is, rules, source);
        cr_assert_eq(changes_of_rules(&was.setup, &is.setup, &c, on_change, &said), 0);
        cr_expect_eq(c.n[SETUP_UNCHANGED], unchanged, "%zu", c.n[SETUP_UNCHANGED]);
        cr_assert_eq(changes_of_sources(&was.setup, &is.setup, &c, on_change, &said), 0);
        cr_expect(str_eqz(strbuf_str(&said), expected), "%s, not %s", said.p, expected);
        side_close(&was);
        side_close(&is);
}

Test(hall_changes, rules)
{
        const char *old = RULE("A", "low", "x") "---\n" RULE("B", "low", "x") "---\n" RULE("C", "low", "x");

        expect_changes(old, SOURCE, old, SOURCE, "", 3);
        expect_changes(old, SOURCE, RULE("C", "low", "x") "---\n" RULE("D", "low", "x") "---\n" RULE("B", "low", "y"), SOURCE,
                       "removed A; changed B; added D; ", 1);
        expect_changes(old, SOURCE, RULE("A", "high", "x") "---\n" RULE("B", "low", "x") "---\n" RULE("C", "low", "x"), SOURCE,
                       "changed A; ", 2);
}

Test(hall_changes, twins_are_told_apart_by_their_order)
{
        expect_changes(RULE("A", "low", "x") "---\n" RULE("A", "low", "y"), SOURCE,
                       RULE("A", "low", "x") "---\n" RULE("A", "low", "y") "---\n" RULE("A", "low", "z"), SOURCE, "added A; ", 2);
        expect_changes(RULE("A", "low", "x") "---\n" RULE("A", "low", "y"), SOURCE, RULE("A", "low", "x"), SOURCE, "removed A; ", 1);
}

/* What a rule does may change without a word of it: an inner rule changes, or begins to be used. */
Test(hall_changes, by_other_rules)
{
#define COUNT "---\ntitle: Many\ncorrelation: {type: event_count, rules: [A], timespan: 1m, condition: {gte: 2}}\n"
#define NAMED(value) RULE("A\nname: A", "low", value)
        expect_changes(NAMED("x") COUNT, SOURCE, NAMED("y") COUNT, SOURCE, "changed A; changed Many; ", 0);
        expect_changes(NAMED("x"), SOURCE, NAMED("x") COUNT, SOURCE, "changed A; added Many; ", 0);
}

Test(hall_changes, sources)
{
        expect_changes(RULE("A", "low", "x"), SOURCE, RULE("A", "low", "x"), SOURCE "  user.id: b\n", "changed s; ", 1);
        expect_changes(RULE("A", "low", "x"), SOURCE, RULE("A", "low", "x"),
                       "name: t\ntitle: S\nlogsource: {product: shop}\nformat: json\nrecognise: {has: [a]}\nfields:\n  user.name: a\n",
                       "removed s; added t; ", 1);
}
