/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "monitor/cases/drill.h"
#include "monitor/cases/field.h"

#define WHOLE "title: T\nabout: A\nbegan: 2026-03-10T22:14:00Z\nactors: [lea]\nanswer: not-me\nask: Q\nfacts: {data: email}\n"

static int load(const char *text, bool with_logs, struct arena *arena, struct drill *d, struct err *err)
{
        char folder[] = "/tmp/shopbell-drill-XXXXXX", path[64], logs[64];
        FILE *f;
        int k;

        cr_assert_not_null(mkdtemp(folder));
        snprintf(path, sizeof path, "%s/" DRILL_FILE, folder);
        snprintf(logs, sizeof logs, "%s/logs", folder);
        f = fopen(path, "w");
        cr_assert(f && fputs(text, f) >= 0 && fclose(f) == 0);
        if (with_logs)
                cr_assert_eq(mkdir(logs, 0700), 0);
        k = drill_load(folder, arena, d, err);
        rmdir(logs);
        unlink(path);
        rmdir(folder);
        return k;
}

Test(cases_drill, mistakes_have_a_place)
{
        struct arena *arena = arena_new();
        struct drill d;
        const struct {
                const char *text, *says;
                unsigned line;
        } bad[] = {
                { "titel: T\n", "unknown key titel", 1 },
                { "title: T\nanswer: perhaps\n", "me or not-me", 2 },
                { "title: T\nbegan: soon\n", "a time belongs here", 2 },
                { "title: T\nactors: lea\n", "a list", 2 },
                { "title: T\n", "about is missing", 1 },
                { "- a\n", "keys and values", 1 },
        };

        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
                struct err err = { 0 };

                cr_assert_eq(load(bad[i].text, true, arena, &d, &err), -EBADMSG, "%s", bad[i].text);
                cr_assert(strstr(err.text, bad[i].says) && err.line == bad[i].line, "%s: %u: %s", bad[i].text, err.line, err.text);
        }
        arena_free(arena);
}

Test(cases_drill, a_drill_needs_logs)
{
        struct arena *arena = arena_new();
        struct err err = { 0 };
        struct drill d;

        cr_assert_eq(load(WHOLE, false, arena, &d, &err), -ENOENT);
        cr_assert_eq(load(WHOLE, true, arena, &d, &err), 0, "%s", err.text);
        cr_assert(str_eqz(d.title, "T") && d.n_facts == 1 && str_eqz(d.facts[0].value, "email") && !d.people.p);
        arena_free(arena);
}

Test(cases_drill, actors_are_words)
{
        struct str actors[] = { STR("lea"), STR("198.51.100.7") };
        const struct drill d = { .actors = actors, .n_actors = 2 };

        cr_assert(drill_names_actor(&d, STR("Lea, who left, is active")));
        cr_assert(drill_names_actor(&d, STR("from 198.51.100.7")));
        cr_assert_not(drill_names_actor(&d, STR("from 198.51.100.77")));
        cr_assert_not(drill_names_actor(&d, STR("a leader released it")));
        cr_assert_not(drill_names_actor(&d, STR("")));
}

/* What ships names fields that there are, with values of their kinds. */
Test(cases_drill, those_that_ship_load)
{
        const char *names[] = { "leaver-key", "ads-takeover", "shop-takeover" };
        const char *top = getenv("SHOPBELL_SRCDIR");
        struct arena *arena = arena_new();

        cr_assert_not_null(top);
        for (size_t i = 0; i < 3; i++) {
                struct err err = { 0 };
                struct drill d;
                struct str folder = arena_printf(arena, "%s/drills.d/%s", top, names[i]);

                cr_assert_eq(drill_load(folder.p, arena, &d, &err), 0, "%s: %s", names[i], err.text);
                cr_assert(d.people.p && d.geoip.p);
                for (size_t j = 0; j < d.n_facts; j++) {
                        const struct case_field *f;
                        struct str name = d.facts[j].name, part;

                        if (str_eqz(name, "people." DRILL_SELLER))
                                name = STR("people.kr");
                        cr_assert_eq(case_field_split(name, &f, &part, &err), 0, "%s: %s", names[i], err.text);
                        cr_assert_eq(case_field_check(f, d.facts[j].value, &err), 0, "%s: %s", names[i], err.text);
                }
        }
        arena_free(arena);
}
