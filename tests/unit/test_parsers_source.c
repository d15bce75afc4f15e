/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>

#include "monitor/model/class.h"
#include "tests/unit/parsers_util.h"

#define HEAD "name: a\nlogsource: {product: p}\nformat: json\nrecognise: {has: [x]}\n"

static const struct {
        const char *text;
        unsigned line, col;
        const char *says;
} bad[] = {
        { HEAD "fields: {}\nsource: x\n", 6, 1, "known here are" },
        { HEAD "fields: {}\nlatenes: 5m\n", 6, 1, "did you mean `lateness`" },
        { HEAD "fields: {user.nam: x}\n", 5, 10, "did you mean `user.name`" },
        { HEAD "fields: {zzzzzzzzzzzzzz: x}\n", 5, 10, "there is no ECS field" },
        { HEAD "fields: {user.name: x, user.name: y}\n", 5, 0, "user.name" },
        { HEAD "fields: {shopbell.class: x}\n", 5, 10, "comes of `classes`" },
        { HEAD "fields: {user.name: {frm: x}}\n", 5, 22, "did you mean `from`" },
        { HEAD "fields: {user.name: {map: {a: b}}}\n", 5, 21, "needs one of `from`" },
        { HEAD "fields: {user.name: {from: x, unit: s}}\n", 5, 37, "@timestamp only" },
        { HEAD "fields: {\"@timestamp\": {from: x, unit: h}}\n", 5, 40, "one of s, ms, us, ns" },
        { HEAD "fields: {user.name: {from: x, match: 'a(b'}}\n", 5, 38, "does not compile" },
        { HEAD "fields: {user.name: {join: '{x'}}\n", 5, 28, "closing brace" },
        { HEAD "fields: {user.name: {when: [{else: a}, {if: {b: c}, is: d}]}}\n", 5, 29, "must be the last" },
        { HEAD "fields: {user.name: a..b}\n", 5, 21, "single dots" },
        { HEAD "fields: {user.name: []}\n", 5, 21, "empty list" },
        { HEAD "fields: x\n", 5, 9, "a map from ECS fields" },
        { HEAD, 1, 1, "`fields` is missing" },
        { HEAD "fields: {}\nclasses: [{class: logn, when: {a: b}}]\n", 6, 19, "there is no class `logn`" },
        { HEAD "fields: {}\nclasses: [{class: login}]\n", 6, 11, "needs `class` and `when`" },
        { HEAD "fields: {}\nclasses: [{class: login, when: {a|contians: b}}]\n", 6, 0, "contains" },
        { HEAD "fields: {}\nlateness: soon\n", 6, 11, "time span" },
        { HEAD "fields: {}\ntrust: sure\n", 6, 8, "confirmed, third-party or unconfirmed" },
        { HEAD "fields: {}\ncannot: {logn: no such event}\n", 6, 10, "no class or field `logn`" },
        { HEAD "fields: {}\ncannot: {login: }\n", 6, 0, "a reason in `cannot`" },
        { HEAD "fields: {}\naliases: [a]\n", 6, 10, "a map from names that rules use" },
        { HEAD "fields: {}\naliases: {a: {b: c}}\n", 6, 0, "a field in `aliases`" },
        { HEAD "fields: {}\nzone: Berlin\n", 6, 7, "offset in quotes" },
        { HEAD "fields: {}\nzone: '+15:00'\n", 6, 7, "14 hours" },
        { HEAD "fields: {}\nprograms: [x]\n", 6, 1, "goes with format: cef, keyvalue, leef, regex, this" },
        { HEAD "fields: {}\npairs: [{at: x, value: n}]\n", 6, 9, "needs `at` and `name`" },
        { HEAD "fields: {}\nsamples: [{name: x}]\n", 6, 11, "a sample needs" },
        { "name: A\nlogsource: {product: p}\nformat: json\nfields: {}\n", 1, 7, "small letters" },
        { "name: a\nformat: json\nfields: {}\n", 1, 1, "`logsource` is missing" },
        { "name: a\nlogsource: {produkt: p}\nformat: json\nfields: {}\n", 2, 13, "did you mean `product`" },
        { "name: a\nlogsource: {product: p}\nformat: xml\nfields: {}\n", 3, 9, "one of: cef, csv, json, keyvalue, leef, mail, regex" },
        { "name: a\nlogsource: {product: p}\nformat: csv\nfields: {}\n", 1, 1, "told by its header" },
        { "name: a\nlogsource: {product: p}\nformat: csv\nrecognise: {when: {a: b}}\nfields: {}\n", 4, 12, "told by its header" },
        { "name: a\nlogsource: {product: p}\nformat: csv\nrecognise: {has: [a]}\ndelimiter: x\nfields: {}\n", 5, 12, "`delimiter` is one of" },
        { "name: a\nlogsource: {product: p}\nformat: csv\nseparator: ','\nfields: {}\n", 4, 1, "goes with format: keyvalue" },
        { "name: a\nlogsource: {product: p}\nformat: keyvalue\nfields: {}\n", 1, 1, "a keyvalue source needs" },
        { "name: a\nlogsource: {product: p}\nformat: keyvalue\nrecognise: {has: [a]}\nseparator: ab\nfields: {}\n", 5, 12, "`separator` is one of" },
        { "name: a\nlogsource: {product: p}\nformat: keyvalue\nrecognise: {has: [a]}\njournal: {a: b}\nfields: {}\n", 5, 10, "go with `header: syslog`" },
        { "name: a\nlogsource: {product: p}\nformat: json\nfields: {}\n", 1, 1, "`recognise` is missing" },
        { "name: a\nlogsource: {product: p}\nformat: regex\nfields: {}\n", 1, 1, "`patterns` is missing" },
        { "name: a\nlogsource: {product: p}\nformat: regex\npatterns: [{name: x, regex: '('}]\nfields: {}\n", 4, 29,
          "does not compile" },
        { "name: a\nlogsource: {product: p}\nformat: regex\npatterns: [{name: x, regex: a, ignore: 1}]\nfields: {}\n", 4, 40,
          "true or false" },
        { "name: a\nlogsource: {product: p}\nformat: regex\nprograms: [x]\npatterns: [{name: x, regex: a}]\n", 4, 11,
          "header: syslog" },
        { "name: a\n---\nname: b\n", 3, 1, "one document" },
        { "- a\n", 1, 1, "one document" },
        { "name: [\n", 0, 0, "" },
};

Test(parsers_source, mistakes_are_placed)
{
        for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
                struct err_list errors = ERR_LIST_INIT;
                struct sourceset *set = load_sources(&bad[i].text, 1, &errors);

                cr_expect(!set, "%s", bad[i].text);
                cr_assert(errors.n == 1, "%s: %zu errors", bad[i].text, errors.n);
                cr_expect(strstr(errors.items[0].file, "1.yml"), "%s", errors.items[0].file);
                cr_expect(strstr(errors.items[0].text, bad[i].says), "%s: %s", bad[i].text, errors.items[0].text);
                if (bad[i].line)
                        cr_expect(errors.items[0].line == bad[i].line, "%s: line %u", bad[i].text,
                                  errors.items[0].line);
                if (bad[i].col)
                        cr_expect(errors.items[0].col == bad[i].col, "%s: column %u", bad[i].text, errors.items[0].col);
                err_list_done(&errors);
                sourceset_free(set);
        }
}

Test(parsers_source, one_bad_file_leaves_the_others)
{
        static const char *const texts[] = {
                HEAD "fields: {user.name: u}\n", "name: b\nformat: x\n",
                "name: c\nlogsource: {service: s}\nformat: json\nrecognise: {has: y}\nfields: {}\n"
        };
        struct err_list errors = ERR_LIST_INIT;
        struct sourceset *set = load_sources(texts, 3, &errors);

        cr_assert(set && sourceset_count(set) == 2 && errors.n == 1);
        cr_expect(sourceset_find(set, STR("a")) && sourceset_find(set, STR("c")) && !sourceset_find(set, STR("b")));
        cr_expect(str_eqz(source_logsource(sourceset_find(set, STR("c")))->service, "s"));
        err_list_done(&errors);
        sourceset_free(set);
}

Test(parsers_source, later_folder_wins)
{
        struct err_list errors = ERR_LIST_INIT;
        struct sourceset *set = NULL;
        char first[64], second[64];
        const char *dirs[] = { temp_dir(first), temp_dir(second), "/nonexistent/folder" };

        write_file(first, "a.yml", HEAD "title: old\nfields: {}\n");
        write_file(first, "a.txt", "no source");
        write_file(second, "z.yml", HEAD "title: new\nfields: {}\n");
        write_file(second, "z2.yml", HEAD "title: twice\nfields: {}\n");
        cr_assert(sourceset_load(dirs, 3, &set, &errors) == 0);
        cr_expect(sourceset_count(set) == 1);
        cr_expect_str_eq(source_title(sourceset_get(set, 0)), "twice");
        cr_expect(errors.n == 1 && strstr(errors.items[0].file, "nonexistent"));
        sourceset_free(set);
        err_list_done(&errors);
        remove_dir(first);
        remove_dir(second);
}

Test(parsers_source, a_name_twice_in_one_folder)
{
        static const char *const texts[] = { HEAD "fields: {}\n", HEAD "fields: {}\n" };
        struct err_list errors = ERR_LIST_INIT;
        struct sourceset *set = load_sources(texts, 2, &errors);

        cr_assert(set && sourceset_count(set) == 1 && errors.n == 1);
        cr_expect(strstr(errors.items[0].text, "already in"));
        err_list_done(&errors);
        sourceset_free(set);
}

Test(parsers_source, wishes)
{
        static const char *const texts[] = { HEAD "lateness: 15m\ntitle: A\nfields: {user.name: u.n}\n"
                                                  "classes: [{class: [login, mfa], when: {k: v}}]\n" };
        struct err_list errors = ERR_LIST_INIT;
        struct sourceset *set = load_sources(texts, 1, &errors);
        const struct log_kind *kind;
        const struct str *native;
        struct err err = { 0 };
        uint32_t slot;
        size_t n;

        cr_assert(set);
        kind = sourceset_kind(set, 0);
        cr_expect(kind->lateness == 15 * USEC_PER_MINUTE && strcmp(kind->name, "a") == 0);
        slot = kind->want(kind->userdata, STR("x.y"));
        cr_expect(slot >= _ECS_MAX && kind->want(kind->userdata, STR("x.y")) == slot);
        native = source_native(sourceset_get(set, 0), &n);
        cr_expect(n == 4 && str_eqz(native[slot - _ECS_MAX], "x.y"));
        cr_expect(source_classes(sourceset_get(set, 0)) == (1u << CLASS_LOGIN | 1u << CLASS_MFA));
        cr_assert(sourceset_freeze(set, &err) == 0);
        cr_expect(kind->want(kind->userdata, STR("x.y")) == slot);
        cr_expect(kind->want(kind->userdata, STR("new")) == UINT32_MAX);
        sourceset_free(set);
        err_list_done(&errors);
}

Test(parsers_source, aliases)
{
        char top[64];
        struct err_list errors = ERR_LIST_INIT;
        struct sourceset *set = NULL;
        const struct log_kind *kind;
        const char *dirs[] = { temp_dir(top) }, *near = NULL;

        write_file(top, "a.yml", HEAD "fields: {event.action: eventType}\nnative: [x, eventType]\naliases: {eventtype: eventType}\n");
        cr_assert(sourceset_load(dirs, 1, &set, &errors) == 0 && errors.n == 0);
        kind = sourceset_kind(set, 0);
        cr_expect(kind->want(kind->userdata, STR("eventtype")) == kind->want(kind->userdata, STR("eventType")));
        cr_expect(kind->want(kind->userdata, STR("EventType")) != kind->want(kind->userdata, STR("eventType")));
        cr_expect(kind->knows(kind->userdata, STR("eventtype"), NULL) == KNOWN_YES);
        cr_expect(kind->knows(kind->userdata, STR("EventType"), &near) == KNOWN_NO && near && strcmp(near, "eventType") == 0);
        sourceset_free(set);
        err_list_done(&errors);
        remove_dir(top);
}

static void on_sample(void *userdata, const struct source *s, bool is_ok, const char *what)
{
        (void)userdata;
        cr_expect(is_ok, "%s: %s", source_name(s), what);
}

#define ROWS "name: rows\ntitle: Rows\nlogsource: {product: p}\nformat: json\nrecognise: {has: [id, who]}\nlateness: 5m\n" \
             "trust: third-party\nfields: {user.name: who, event.id: id}\nclasses: [{class: login, when: {id: '*'}}]\n"

Test(parsers_source, like)
{
        static const char *const texts[] = {
                ROWS, "name: rows-csv\nlike: 1\nformat: csv\nlateness: 1h\nsamples:\n"
                      "  - {name: s, raw: \"id,who\\n7,mia\\n\", expect: {user.name: mia, event.id: '7', shopbell.class: [login]}}\n"
        };
        struct err_list errors = ERR_LIST_INIT;
        struct sourceset *set = load_sources(texts, 2, &errors);
        struct source_coverage coverage;
        struct source *s;
        struct err err = { 0 };

        cr_assert(set && errors.n == 0, "%s", errors.n ? errors.items[0].text : "no set");
        s = sourceset_find(set, STR("rows-csv"));
        cr_assert(s);
        cr_expect_str_eq(source_format(s), "csv");
        cr_expect_str_eq(source_title(s), "rows-csv"); /* its own, or its name */
        cr_expect(str_eqz(source_logsource(s)->product, "p"));
        cr_expect(source_lateness(s) == 60 * USEC_PER_MINUTE); /* said by itself */
        cr_expect(source_classes(s) == 1u << CLASS_LOGIN);
        cr_expect(yaml_get(source_doc(s), "trust") && yaml_get(source_doc(s), "samples"));
        source_coverage(s, &coverage);
        cr_expect(coverage.rows[CLASS_LOGIN] == 1 && coverage.rows[CLASS_MFA] == 0);
        cr_assert(sourceset_freeze(set, &err) == 0);
        cr_expect(source_test(set, s, on_sample, NULL) == 0);
        sourceset_free(set);
        err_list_done(&errors);
}

/* The second file is wrong; the place may be in what it takes from the first. */
Test(parsers_source, like_mistakes)
{
        static const struct {
                const char *first, *second, *file, *says;
                unsigned line;
        } cases[] = {
                { ROWS, "name: b\nlike: 2\nformat: csv\n", "2.yml", "names the file itself", 2 },
                { ROWS, "name: b\nlike: nobody\nformat: csv\n", "2.yml", "nobody.yml", 2 },
                { ROWS, "name: b\nlike: ../1\nformat: csv\n", "2.yml", "in the same folder", 2 },
                { ROWS, "name: b\nlike: [1]\nformat: csv\n", "2.yml", "must be text", 2 },
                { ROWS, "name: b\nlike: 1\nformat: csv\nfields: {user.nam: x}\n", "2.yml", "did you mean", 4 },
                { ROWS "setup: x\n", "name: b\nlike: 1\nformat: regex\nrecognise: {has: [id]}\n", "2.yml", "`patterns` is missing", 1 },
                { ROWS, "name: b\nformat: csv\nrecognise: {has: [id]}\nlike: 1\nclasses: [{class: login, when: {a|contians: b}}]\n", "2.yml", "contians", 5 },
        };

        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                const char *texts[] = { cases[i].first, cases[i].second };
                struct err_list errors = ERR_LIST_INIT;
                struct sourceset *set = load_sources(texts, 2, &errors);

                cr_assert(set && sourceset_count(set) == 1 && errors.n == 1, "%zu: %zu errors", i, errors.n);
                cr_expect(strstr(errors.items[0].file, cases[i].file), "%zu: %s", i, errors.items[0].file);
                cr_expect(strstr(errors.items[0].text, cases[i].says), "%zu: %s", i, errors.items[0].text);
                cr_expect(errors.items[0].line == cases[i].line, "%zu: line %u", i, errors.items[0].line);
                sourceset_free(set);
                err_list_done(&errors);
        }
}

/* A mistake in what is taken over is placed in the file where it is written; that file has it, too. */
Test(parsers_source, like_places_what_it_takes)
{
        static const char *const texts[] = { ROWS "zone: Berlin\n", "name: b\nlike: 1\nformat: csv\n" };
        struct err_list errors = ERR_LIST_INIT;
        struct sourceset *set = load_sources(texts, 2, &errors);

        cr_assert(!set && errors.n == 2);
        for (size_t i = 0; i < errors.n; i++)
                cr_expect(strstr(errors.items[i].file, "1.yml") && errors.items[i].line == 10, "%s:%u", errors.items[i].file,
                          errors.items[i].line);
        err_list_done(&errors);
        sourceset_free(set);
}

/* The sources that come with the tree are good, and so are their samples. */
Test(parsers_source, ours)
{
        const char *top = getenv("SHOPBELL_SRCDIR");
        struct err_list errors = ERR_LIST_INIT;
        struct sourceset *set = NULL;
        struct err err = { 0 };
        char dir[4096];
        const char *dirs[] = { dir };

        snprintf(dir, sizeof dir, "%s/parsers/sources", top ? top : ".");
        cr_assert(sourceset_load(dirs, 1, &set, &errors) == 0);
        cr_expect(errors.n == 0, "%s", errors.n ? errors.items[0].text : "");
        cr_assert(sourceset_freeze(set, &err) == 0, "%s", err.text);
        for (size_t i = 0; i < sourceset_count(set); i++)
                cr_expect(source_test(set, sourceset_get(set, i), on_sample, NULL) == 0);
        sourceset_free(set);
        err_list_done(&errors);
}
