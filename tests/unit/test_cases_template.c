/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor/base/utf8.h"
#include "monitor/cases/content.h"
#include "monitor/cases/template.h"

static const char *const languages[] = { "de", "en", "id", "ja", "ko", "ms", "th", "vi", "zh-Hans" };

static struct templates ours;

static void load(void)
{
        CLEANUP(strbuf_done) struct strbuf dir = STRBUF_INIT, text = STRBUF_INIT;
        struct err_list errors = ERR_LIST_INIT;

        strbuf_addf(&dir, "%s/templates", getenv("SHOPBELL_SRCDIR"));
        cr_assert_eq(templates_load((const char *const[]){ dir.p, "/nowhere/templates" }, 2, &ours, &errors), 0);
        for (size_t i = 0; i < errors.n; i++) {
                err_format(&errors.items[i], &text);
                strbuf_addc(&text, '\n');
        }
        cr_assert_eq(errors.n, 0, "%s", text.p);
        err_list_done(&errors);
}

static void unload(void)
{
        templates_done(&ours);
}

static int count(void *userdata, const char *path)
{
        (void)path;
        (*(size_t *)userdata)++;
        return 0;
}

Test(cases_template, nine_languages_have_every_text, .init = load, .fini = unload)
{
        size_t n = 0;

        cr_assert_eq(template_each_path(count, &n), 0);
        cr_assert_gt(n, 200);
        cr_assert_eq(ours.n, ARRAY_LEN(languages));
        for (size_t i = 0; i < ARRAY_LEN(languages); i++)
                cr_assert_not_null(template_find(&ours, str_of(languages[i])), "%s", languages[i]);
}

static int compare_places(void *userdata, const char *path)
{
        static const char *const optional[] = { "{law}", "{authority}", "{shop}" };
        const struct template *t = userdata, *en = template_find(&ours, STR("en"));
        struct str text = template_text(t, path), other = template_text(en, path);

        for (size_t i = 0; i < other.n; i++) {
                const char *end = other.p[i] == '{' ? memchr(other.p + i, '}', other.n - i) : NULL;
                struct str place = end ? str_from(other.p + i, (size_t)(end - other.p) - i + 1) : STR_NONE;
                bool is_optional = false;

                if (!end || str_starts(str_of(path), STR("formats.")))
                        continue;
                for (size_t j = 0; j < ARRAY_LEN(optional); j++)
                        is_optional |= str_eqz(place, optional[j]);
                cr_expect(is_optional || str_find(text, place) != SIZE_MAX, STR_FMT ": %s lacks " STR_FMT, STR_ARG(t->lang), path, STR_ARG(place));
        }
        return 0;
}

/* What the English text names, all name. */
Test(cases_template, no_language_lacks_a_value, .init = load, .fini = unload)
{
        size_t n;
        const struct content *all = contents(&n);
        const char *const kinds[] = { "text", "investigating", "confirmed" };

        for (size_t i = 0; i < ours.n; i++) {
                (void)template_each_path(compare_places, &ours.items[i]);
                for (size_t j = 0; j < n; j++)
                        for (size_t k = 0; k < 3; k++) {
                                char path[TEMPLATE_PATH_MAX];

                                (void)snprintf(path, sizeof path, "contents.%s.%s", all[j].id, kinds[k]);
                                (void)compare_places(&ours.items[i], path);
                        }
        }
}

/* "exposed", and "and others", in each language: the template names them, and none of its texts has them. */
Test(cases_template, words_to_avoid_are_avoided, .init = load, .fini = unload)
{
        const struct {
                const char *lang, *word;
        } musts[] = { { "en", "exposed" }, { "en", "etc." }, { "ko", "노출" }, { "ja", "露出" }, { "zh-Hans", "暴露" }, { "ms", "terdedah" }, { "id", "terpapar" },
                      { "th", "ถูกเปิดเผย" }, { "vi", "phơi bày" }, { "de", "offengelegt" }, { "th", "ฯลฯ" }, { "vi", "v.v." }, { "de", "usw." }, { "id", "dll." }, { "ms", "dll." } };

        for (size_t i = 0; i < ARRAY_LEN(musts); i++) {
                const struct template *t = template_find(&ours, str_of(musts[i].lang));

                cr_assert(t && str_find(template_text(t, "avoid"), str_of(musts[i].word)) != SIZE_MAX, "%s: %s", musts[i].lang, musts[i].word);
        }
        for (size_t i = 0; i < ours.n; i++) {
                struct str rest = template_text(&ours.items[i], "avoid"), term;
                CLEANUP(arena_freep) struct arena *arena = arena_new();

                while (str_cut(&rest, '\n', &term))
                        for (size_t j = 0; j < ours.items[i].n; j++) {
                                const struct template_text *x = &ours.items[i].texts[j];
                                struct str folded = utf8_fold(arena, x->text);
                                size_t at = str_find(folded, utf8_fold(arena, term));
                                bool is_part = at != SIZE_MAX && at > 0 && folded.p[at - 1] >= 'a' && folded.p[at - 1] <= 'z';

                                cr_expect(at == SIZE_MAX || is_part || str_eqz(x->path, "avoid"), STR_FMT ": " STR_FMT " has " STR_FMT,
                                          STR_ARG(ours.items[i].lang), STR_ARG(x->path), STR_ARG(term));
                        }
        }
}

Test(cases_template, a_language_is_found_by_near_names, .init = load, .fini = unload)
{
        const char *const rows[][2] = { { "ko", "ko" }, { "ko-KR", "ko" }, { "zh-CN", "zh-Hans" }, { "zh", "zh-Hans" }, { "EN", "en" }, { "de-AT", "de" }, { "fr", NULL }, { "zh-Hant", NULL } };

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                const struct template *t = template_find(&ours, str_of(rows[i][0]));

                cr_assert(rows[i][1] ? t && str_eqz(t->lang, rows[i][1]) : !t, "%s", rows[i][0]);
        }
}

static void expect_error(const char *yaml, const char *name, const char *text)
{
        struct templates t = { 0 };
        struct err_list errors = ERR_LIST_INIT;
        CLEANUP(strbuf_done) struct strbuf got = STRBUF_INIT;

        cr_assert_eq(templates_add(&t, str_of(yaml), name, &errors), 0);
        cr_assert_eq(errors.n, 1, "%s", yaml);
        err_format(&errors.items[0], &got);
        cr_assert(strstr(got.p, text), "%s", got.p);
        cr_assert_eq(t.n, 0);
        err_list_done(&errors);
        templates_done(&t);
}

Test(cases_template, mistakes_are_told_with_their_place)
{
        expect_error("people:\n  greeting: Dear {costumer},\n", "ko.yml", "ko.yml:2:13: no placeholder is called {costumer}");
        expect_error("sms:\n  confirmed: \"{next-updat}\"\n", "a/ko.yml", "perhaps {next-update}");
        expect_error("phrases: {row: '{label} {day}'}\n", "ko.yml", "there are: label value");
        expect_error("people: {greeting: 'a } b'}\n", "ko.yml", "without a {");
        expect_error("people: {greeting: 'a { b'}\n", "ko.yml", "without a }");
        expect_error("people: {greting: hello}\n", "ko.yml", "no text is called people.greting");
        expect_error("contents: {dta: {title: x}}\n", "ko.yml", "no text is called contents.dta.title");
        expect_error("name: ''\n", "ko.yml", "empty");
        expect_error("name: \"a\\u202eb\"\n", "ko.yml", "cannot be shown");
        expect_error("name: \"a\\x02b\"\n", "ko.yml", "cannot be shown");
        expect_error("- a\n", "ko.yml", "one map of texts");
        expect_error("name: x\n", "../../etc/k o.yml", "named after its language");
        expect_error("name: [a, [b]]\n", "ko.yml", "a list of a template is one of texts");
}

Test(cases_template, a_language_that_lacks_texts_is_left_out)
{
        struct templates t = { 0 };
        struct err_list errors = ERR_LIST_INIT;

        cr_assert_eq(templates_add(&t, STR("name: Frisk\n"), "fy.yml", &errors), 0);
        cr_assert(t.n == 1 && errors.n == 0);
        cr_assert_eq(templates_check(&t, &errors), 0);
        cr_assert_eq(t.n, 0);
        cr_assert_gt(errors.n, 10);
        cr_assert(strstr(errors.items[0].text, "is missing"), "%s", errors.items[0].text);
        err_list_done(&errors);
        templates_done(&t);
}

Test(cases_template, the_owners_texts_go_first, .init = load, .fini = unload)
{
        struct err_list errors = ERR_LIST_INIT;
        const struct template *t;

        cr_assert_eq(templates_add(&ours, STR("people: {greeting: 'Hello {shop} friend,'}\n"), "/etc/own/en.yml", &errors), 0);
        cr_assert_eq(errors.n, 0);
        t = template_find(&ours, STR("en"));
        cr_assert(str_eqz(template_text(t, "people.greeting"), "Hello {shop} friend,"));
        cr_assert(template_text(t, "people.closing").n > 0);
        err_list_done(&errors);
}
