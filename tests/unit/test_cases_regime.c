/* SPDX-License-Identifier: Apache-2.0 */

/* Regime files: what is taken, what is refused and where it says so; folders over each other; holidays. */

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "monitor/base/file.h"
#include "monitor/cases/holidays.h"
#include "monitor/cases/regime.h"

static char top[64];

static void make_top(void)
{
        snprintf(top, sizeof top, "/tmp/shopbell-regimes-XXXXXX");
        cr_assert(mkdtemp(top));
}

static void put(const char *name, const char *text)
{
        char path[256], *slash;

        snprintf(path, sizeof path, "%s/%s", top, name);
        for (slash = path + strlen(top) + 1; (slash = strchr(slash, '/')); *slash++ = '/') {
                *slash = '\0';
                mkdir(path, 0700);
        }
        cr_assert_eq(file_replace(path, 0600, str_of(text)), 0, "%s", path);
}

static void remove_top(void)
{
        char command[128];
        static const char *const names[] = { "a/holidays/BR.yml", "a/holidays", "a/contract/one.yml", "a/contract", "a/one.yml", "a/two.yml", "a/bad.yml",
                                             "a", "b/one.yml", "b/holidays/BR.yml", "b/holidays", "b" };

        for (size_t i = 0; i < ARRAY_LEN(names); i++) {
                snprintf(command, sizeof command, "%s/%s", top, names[i]);
                if (unlink(command) < 0)
                        rmdir(command);
        }
        cr_assert_eq(rmdir(top), 0);
}

#define HEAD "id: one\ntitle: One\nzone: Asia/Seoul\nlanguages: [ko]\nauthority: {name: A, portal: https://a.example}\nlaw: L 1\nsources: [S]\n" \
             "checked_on: 2026-11-23\nconfidence: high\n"
#define DUTY "duties:\n  - {id: authority, title: T, to: authority, start: aware, within: 72 hours}\n"

static struct regimes load(const char *a, const char *b, struct err_list *errors)
{
        char first[80], second[80];
        const char *dirs[] = { first, second };
        struct regimes r;

        snprintf(first, sizeof first, "%s/%s", top, a);
        snprintf(second, sizeof second, "%s/%s", top, b);
        cr_assert_eq(regimes_load(dirs, 2, &r, errors), 0);
        return r;
}

Test(cases_regime, all_keys)
{
        CLEANUP(err_list_done) struct err_list errors = ERR_LIST_INIT;
        const struct regime *g;
        struct regimes r;
        char iso[TIME_ISO_BYTES];

        make_top();
        put("a/one.yml", HEAD "countries: [eea, us-ca]\nrepresentative: R\napplies: people.here > 0 or seller = kr\nvalid_from: 2026-09-11\n"
                              "valid_to: 2027-01-01\nnote: N\nweekdays: [sun, mon, tue]\nholidays: BR\nduties:\n"
                              "  - {id: authority, title: T, to: authority, start: aware, within: 72 hours, when: people.here >= 1000, law: Art. 1}\n"
                              "  - {id: people, title: P, to: people, start: told-authority, within: without undue delay, follow-up: true, guide: true, note: N}\n"
                              "  - {id: a, title: A, to: authority, start: aware, within: 3 x 24 hours}\n"
                              "  - {id: b, title: A, to: partner, start: aware, within: 3 working days}\n"
                              "  - {id: c, title: A, to: principal, start: aware, within: 1 calendar day}\n"
                              "contents:\n  authority: [data, {how: Art. 2}]\n  people: [contact]\n");
        put("a/holidays/BR.yml", "code: BR\ntitle: T\nsource: S\nchecked_on: 2026-11-23\nuntil: 2030-12-31\ndays:\n  - {date: 12-25, name: C}\n"
                                 "  - {easter: -2, name: F}\n  - {date: 2027-02-08, name: K}\n  - {date: 02-29, name: L}\n  - {date: 11-20, name: Z, since: 2024, last: 2026}\n");
        r = load("a", "none", &errors);
        cr_assert_eq(errors.n, 0, "%s:%u: %s", errors.n ? errors.items[0].file : "", errors.n ? errors.items[0].line : 0, errors.n ? errors.items[0].text : "");
        cr_assert_eq(r.n, 1);
        g = regime_find(&r, STR("one"));
        cr_assert(g && !g->is_contract && g->n_countries == 31 && str_eqz(g->countries[0], "at") && str_eqz(g->countries[30], "us-ca"));
        cr_assert(g->weekdays == (1U << 6 | 1U << 0 | 1U << 1) && g->n_duties == 5 && g->applies && str_eqz(g->portal, "https://a.example"));
        time_format_iso(g->valid_from, iso);
        cr_assert_str_eq(iso, "2026-09-10T15:00:00Z"); /* midnight there */
        cr_assert(g->duties[0].unit == WITHIN_HOURS && g->duties[0].amount == 72 && g->duties[0].when);
        cr_assert(g->duties[1].unit == WITHIN_AT_ONCE && g->duties[1].is_follow_up && g->duties[1].is_guide && g->duties[1].start == EVENT_TOLD_AUTHORITY);
        cr_assert(g->duties[2].unit == WITHIN_HOURS && g->duties[2].amount == 72 && str_eqz(g->duties[2].within, "3 x 24 hours"));
        cr_assert(g->duties[3].unit == WITHIN_WORKING_DAYS && g->duties[3].amount == 3);
        cr_assert(g->duties[4].unit == WITHIN_CALENDAR_DAYS && g->duties[4].amount == 1);
        cr_assert(g->n_contents[TO_AUTHORITY] == 2 && str_eqz(g->contents[TO_AUTHORITY][1].law, "Art. 2") && g->n_contents[TO_PEOPLE] == 1);
        /* 11 Christmases, 11 Good Fridays, 1, 3 leap days (2020, 2024, 2028), 3 */
        cr_assert_eq(g->n_holidays, 29, "%zu", g->n_holidays);
        cr_assert_eq(g->holidays_until / USEC_PER_DAY, time_day(2031, 1, 1));
        for (size_t i = 1; i < g->n_holidays; i++)
                cr_assert(g->holidays[i] > g->holidays[i - 1]);
        regimes_done(&r);
        remove_top();
}

static const struct {
        const char *text; /* behind HEAD, unless it has an id of its own */
        unsigned line;
        const char *part;
} bad[] = {
        { HEAD "dutys: []\n", 10, "did you mean duties?" },
        { HEAD "duties: []\n", 10, "a list of 1" },
        { HEAD, 1, "duties is missing" },
        { "id: one\ntitle: One\n", 1, "zone is missing" },
        { "id: One\n", 1, "small letters" },
        { "id: one\nzone: Asia/Soul\n", 2, "no time zone is called" },
        { "id: one\nzone: ../../etc/passwd\n", 2, "a zone has a name" },
        { HEAD "duties:\n  - {id: a, title: T, to: authority, start: aware, within: 3 days}\n", 11, "say which days" },
        { HEAD "duties:\n  - {id: a, title: T, to: authority, start: aware, within: 3 business days}\n", 11, "working days" },
        { HEAD "duties:\n  - {id: a, title: T, to: authority, start: aware, within: 72}\n", 11, "72 hours" },
        { HEAD "duties:\n  - {id: a, title: T, to: authority, start: aware, within: 0 hours}\n", 11, "within" },
        { HEAD "duties:\n  - {id: a, title: T, to: authority, start: aware, within: 99999999 hours}\n", 11, "within" },
        { HEAD "duties:\n  - {id: a, title: T, to: authority, start: aware, within: 3 x 24 working days}\n", 11, "within" },
        { HEAD "duties:\n  - {id: a, title: T, to: police, start: aware, within: 72 hours}\n", 11, "to: one of authority" },
        { HEAD "duties:\n  - {id: a, title: T, to: people, start: told, within: 72 hours}\n", 11, "start: one of" },
        { HEAD "duties:\n  - {id: a, title: T, to: people, start: aware}\n", 11, "within is missing" },
        { HEAD "duties:\n  - {id: a, title: T, to: people, start: aware, wihtin: 72 hours}\n", 11, "did you mean within?" },
        { HEAD "duties:\n  - {id: a, title: T, to: people, start: aware, within: 1 hour, when: people.her > 1}\n", 11, "no field has this name" },
        { HEAD "duties:\n  - {id: a, title: T, to: people, start: aware, within: 1 hour, when: systems.here}\n", 11, "no field has this name" },
        { HEAD "duties:\n  - {id: a, title: T, to: people, start: aware, within: 1 hour, when: yes}\n", 11, "an expression" },
        { HEAD "duties:\n  - {id: a, title: T, to: people, start: aware, within: 1 hour, guide: maybe}\n", 11, "true or false" },
        { HEAD "duties:\n  - {id: a, title: T, to: people, start: aware, within: 1 hour}\n  - {id: a, title: T, to: people, start: aware, within: 1 hour}\n", 12,
          "the first is in line 11" },
        { HEAD "duties:\n  - {id: a, title: \"T\\e[2J\", to: people, start: aware, within: 1 hour}\n", 11, "cannot be shown" },
        { HEAD "duties:\n  - {id: a, title: \"T\\u202E\", to: people, start: aware, within: 1 hour}\n", 11, "cannot be shown" },
        { HEAD "duties:\n  - {id: a, title: \"T\\nnotices_waiting 0\", to: people, start: aware, within: 1 hour}\n", 11, "line break" },
        { HEAD "duties:\n  - {id: a, title: T, to: people, start: aware, within: \"at\\x9b once\"}\n", 11, "cannot be shown" },
        { HEAD DUTY "note: \"a\\e]0;b\\a\"\n", 12, "cannot be shown" },
        { HEAD DUTY "contents: {authority: [{data: \"Art. 1\\x07\"}]}\n", 12, "cannot be shown" },
        { HEAD DUTY "contents: {authority: [dta]}\n", 12, "did you mean data?" },
        { HEAD DUTY "contents: {police: [data]}\n", 12, "contents are of" },
        { HEAD DUTY "countries: [KR]\n", 12, "small letters" },
        { HEAD DUTY "countries: [uk]\n", 12, "gb" },
        { HEAD DUTY "countries: [se, no]\n", 12, "Norway" },
        { HEAD DUTY "countries: [de, eu]\n", 12, "de stands here twice" },
        { HEAD DUTY "holidays: XX\n", 12, "no good list" },
        { HEAD DUTY "weekdays: [monday]\n", 12, "weekdays" },
        { HEAD DUTY "valid_from: soon\n", 12, "a day belongs here" },
        { HEAD DUTY "valid_from: 2027-01-01\nvalid_to: 2026-01-01\n", 1, "valid_to" },
        { HEAD DUTY "sources: x\n", 12, "" }, /* twice the same key */
        { "id: one\nconfidence: sure\n", 2, "high, medium or low" },
        { "- id: one\n", 1, "keys and values" },
        { HEAD DUTY "---\n" HEAD DUTY, 1, "one document" },
        { "id: [\n", 0, "" },
};

Test(cases_regime, mistakes)
{
        make_top();
        for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
                CLEANUP(err_list_done) struct err_list errors = ERR_LIST_INIT;
                struct regimes r;

                put("a/bad.yml", bad[i].text);
                r = load("a", "none", &errors);
                cr_assert(errors.n == 1 && r.n == 0, "%zu: %zu errors", i, errors.n);
                cr_assert(str_ends(str_of(errors.items[0].file), STR("/a/bad.yml")), "%s", errors.items[0].file);
                cr_assert(strstr(errors.items[0].text, bad[i].part), "%zu: %s", i, errors.items[0].text);
                if (bad[i].line)
                        cr_assert(errors.items[0].line == bad[i].line && errors.items[0].col > 0, "%zu: line %u, %s", i, errors.items[0].line, errors.items[0].text);
                regimes_done(&r);
        }
        remove_top();
}

static const struct {
        const char *text, *part;
} bad_lists[] = {
        { "code: BR\n", "a list of holidays has" },
        { "code: BR\ntitle: T\nsource: S\nchecked_on: 2026-11-23\nuntil: 2030-12-31\ndays:\n  - {date: 13-01}\n", "month first" },
        { "code: BR\ntitle: T\nsource: S\nchecked_on: 2026-11-23\nuntil: 2030-12-31\ndays:\n  - {date: 02-30}\n", "month first" },
        { "code: BR\ntitle: T\nsource: S\nchecked_on: 2026-11-23\nuntil: 2030-12-31\ndays:\n  - {date: 2027-02-29}\n", "month first" },
        { "code: BR\ntitle: T\nsource: S\nchecked_on: 2026-11-23\nuntil: 2030-12-31\ndays:\n  - {name: x}\n", "either date" },
        { "code: BR\ntitle: T\nsource: S\nchecked_on: 2026-11-23\nuntil: 2030-12-31\ndays:\n  - {date: 12-25, easter: 1}\n", "either date" },
        { "code: BR\ntitle: T\nsource: S\nchecked_on: 2026-11-23\nuntil: 2030-12-31\ndays:\n  - {easter: 1000}\n", "from -200 to 200" },
        { "code: BR\ntitle: T\nsource: S\nchecked_on: 2026-11-23\nuntil: 9999-12-31\ndays:\n  - {date: 12-25}\n", "until" },
        { "code: BR\ntitle: T\nsource: S\nchecked_on: 2026-11-23\nuntil: 2030-12-31\ndays:\n  - {dat: 12-25}\n", "did you mean date?" },
};

Test(cases_regime, mistakes_in_holidays)
{
        make_top();
        put("a/one.yml", HEAD DUTY "holidays: BR\n");
        for (size_t i = 0; i < ARRAY_LEN(bad_lists); i++) {
                CLEANUP(err_list_done) struct err_list errors = ERR_LIST_INIT;
                struct regimes r;

                put("a/holidays/BR.yml", bad_lists[i].text);
                r = load("a", "none", &errors);
                cr_assert(errors.n == 2 && r.n == 0, "%zu: %zu errors", i, errors.n); /* and the regime that needs it */
                cr_assert(strstr(errors.items[0].text, bad_lists[i].part), "%zu: %s", i, errors.items[0].text);
                regimes_done(&r);
        }
        remove_top();
}

Test(cases_regime, folders_over_each_other)
{
        CLEANUP(err_list_done) struct err_list errors = ERR_LIST_INIT;
        CLEANUP(err_list_done) struct err_list twice = ERR_LIST_INIT;
        CLEANUP(strbuf_done) struct strbuf near = STRBUF_INIT;
        struct regimes r;

        make_top();
        put("a/one.yml", HEAD DUTY);
        put("a/contract/one.yml", "id: market\ntitle: M\nzone: UTC\nauthority: {name: M}\nchecked_on: 2026-11-23\nconfidence: low\n" DUTY);
        put("b/one.yml", HEAD DUTY "note: own\n");
        r = load("a", "b", &errors);
        cr_assert(errors.n == 0 && r.n == 2, "%s", errors.n ? errors.items[0].text : "");
        cr_assert(str_eqz(regime_find(&r, STR("one"))->note, "own"));
        cr_assert(regime_find(&r, STR("market"))->is_contract);
        regimes_near(&r, STR("oen"), &near);
        cr_assert_str_eq(near.p, "one");
        cr_assert(!regime_is_stale(regime_find(&r, STR("one")), (usec)time_day(2027, 5, 25) * USEC_PER_DAY));
        cr_assert(regime_is_stale(regime_find(&r, STR("one")), (usec)time_day(2027, 5, 26) * USEC_PER_DAY));
        regimes_done(&r);
        put("a/two.yml", HEAD DUTY);
        r = load("a", "none", &twice);
        cr_assert(twice.n == 1 && strstr(twice.items[0].text, "a second one"));
        regimes_done(&r);
        remove_top();
}

/* Sundays of the years that tables of the church give. */
Test(cases_regime, easter)
{
        static const int sundays[][3] = { { 2020, 4, 12 }, { 2023, 4, 9 },  { 2024, 3, 31 }, { 2025, 4, 20 }, { 2026, 4, 5 }, { 2027, 3, 28 },
                                          { 2028, 4, 16 }, { 2030, 4, 21 }, { 2035, 3, 25 }, { 2038, 4, 25 }, { 2049, 4, 18 }, { 2076, 4, 19 } };

        for (size_t i = 0; i < ARRAY_LEN(sundays); i++)
                cr_assert_eq(easter_sunday(sundays[i][0]), time_day(sundays[i][0], sundays[i][1], sundays[i][2]), "%d", sundays[i][0]);
}
