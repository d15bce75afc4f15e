/* SPDX-License-Identifier: Apache-2.0 */

/* The laws in regimes.d: each is there, whole, and says what the tables that it was written from say. */

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor/cases/deadline.h"

static struct regimes regimes;
static struct err_list errors;

static void load(void)
{
        static char dir[PATH_MAX];
        const char *dirs[] = { dir };

        snprintf(dir, sizeof dir, "%s/regimes.d", getenv("SHOPBELL_SRCDIR"));
        cr_assert_eq(regimes_load(dirs, 1, &regimes, &errors), 0);
        for (size_t i = 0; i < errors.n; i++)
                cr_log_error("%s:%u:%u: %s", errors.items[i].file, errors.items[i].line, errors.items[i].col, errors.items[i].text);
        cr_assert_eq(errors.n, 0);
}

static void unload(void)
{
        regimes_done(&regimes);
        err_list_done(&errors);
}

TestSuite(cases_laws, .init = load, .fini = unload);

static const struct duty *find_duty(const struct regime *r, const char *id)
{
        for (size_t i = 0; i < r->n_duties; i++)
                if (str_eqz(r->duties[i].id, id))
                        return &r->duties[i];
        return NULL;
}

/* ---- What the tables say ---- */

static const struct row {
        const char *regime, *duty;
        enum duty_to to;
        enum case_event start;
        enum within_unit unit;
        unsigned amount;
} rows[] = {
        { "kr-pipa", "authority", TO_AUTHORITY, EVENT_AWARE, WITHIN_HOURS, 72 },
        { "kr-pipa", "people", TO_PEOPLE, EVENT_AWARE, WITHIN_HOURS, 72 },
        { "kr-pipa", "people-possible", TO_PEOPLE, EVENT_POSSIBLE, WITHIN_AT_ONCE, 0 },
        { "kr-pipa-2025", "authority", TO_AUTHORITY, EVENT_AWARE, WITHIN_HOURS, 72 },
        { "kr-pipa-2025", "people", TO_PEOPLE, EVENT_AWARE, WITHIN_HOURS, 72 },
        { "kr-network", "authority", TO_AUTHORITY, EVENT_AWARE, WITHIN_HOURS, 24 },
        { "kr-network", "new-facts", TO_AUTHORITY, EVENT_TOLD_AUTHORITY, WITHIN_AT_ONCE, 0 },
        { "sg-pdpa", "assessment", TO_ASSESSMENT, EVENT_GROUNDS, WITHIN_CALENDAR_DAYS, 30 },
        { "sg-pdpa", "authority", TO_AUTHORITY, EVENT_ASSESSED, WITHIN_CALENDAR_DAYS, 3 },
        { "sg-pdpa", "people", TO_PEOPLE, EVENT_ASSESSED, WITHIN_AT_ONCE, 0 },
        { "sg-intermediary", "principal", TO_PRINCIPAL, EVENT_GROUNDS, WITHIN_AT_ONCE, 0 },
        { "eu-gdpr", "authority", TO_AUTHORITY, EVENT_AWARE, WITHIN_HOURS, 72 },
        { "eu-gdpr", "people", TO_PEOPLE, EVENT_AWARE, WITHIN_AT_ONCE, 0 },
        { "uk-gdpr", "authority", TO_AUTHORITY, EVENT_AWARE, WITHIN_HOURS, 72 },
        { "uk-gdpr", "people", TO_PEOPLE, EVENT_AWARE, WITHIN_AT_ONCE, 0 },
        { "my-pdpa", "authority", TO_AUTHORITY, EVENT_GROUNDS, WITHIN_HOURS, 72 },
        { "my-pdpa", "details", TO_AUTHORITY, EVENT_TOLD_AUTHORITY, WITHIN_CALENDAR_DAYS, 30 },
        { "my-pdpa", "people", TO_PEOPLE, EVENT_TOLD_AUTHORITY, WITHIN_CALENDAR_DAYS, 7 },
        { "th-pdpa", "authority", TO_AUTHORITY, EVENT_AWARE, WITHIN_HOURS, 72 },
        { "th-pdpa", "authority-latest", TO_AUTHORITY, EVENT_AWARE, WITHIN_CALENDAR_DAYS, 15 },
        { "th-pdpa", "people", TO_PEOPLE, EVENT_AWARE, WITHIN_AT_ONCE, 0 },
        { "ph-dpa", "authority", TO_AUTHORITY, EVENT_GROUNDS, WITHIN_HOURS, 72 },
        { "ph-dpa", "people", TO_PEOPLE, EVENT_GROUNDS, WITHIN_HOURS, 72 },
        { "ph-dpa", "full-report", TO_AUTHORITY, EVENT_GROUNDS, WITHIN_CALENDAR_DAYS, 5 },
        { "id-pdp", "authority", TO_AUTHORITY, EVENT_AWARE, WITHIN_HOURS, 72 },
        { "id-pdp", "people", TO_PEOPLE, EVENT_AWARE, WITHIN_HOURS, 72 },
        { "vn-pdpl", "authority", TO_AUTHORITY, EVENT_AWARE, WITHIN_HOURS, 72 },
        { "jp-appi", "preliminary", TO_AUTHORITY, EVENT_POSSIBLE, WITHIN_CALENDAR_DAYS, 5 },
        { "jp-appi", "final", TO_AUTHORITY, EVENT_POSSIBLE, WITHIN_CALENDAR_DAYS, 30 },
        { "jp-appi", "final-wrongful", TO_AUTHORITY, EVENT_POSSIBLE, WITHIN_CALENDAR_DAYS, 60 },
        { "jp-appi", "people", TO_PEOPLE, EVENT_POSSIBLE, WITHIN_AT_ONCE, 0 },
        { "tw-pdpa", "people", TO_PEOPLE, EVENT_AWARE, WITHIN_AT_ONCE, 0 },
        { "tw-pdpa", "authority-draft", TO_AUTHORITY, EVENT_AWARE, WITHIN_HOURS, 72 },
        { "tw-pdpa", "people-draft", TO_PEOPLE, EVENT_AWARE, WITHIN_HOURS, 72 },
        { "cn-pipl", "authority", TO_AUTHORITY, EVENT_POSSIBLE, WITHIN_AT_ONCE, 0 },
        { "cn-pipl", "people", TO_PEOPLE, EVENT_POSSIBLE, WITHIN_AT_ONCE, 0 },
        { "cn-cac", "authority", TO_AUTHORITY, EVENT_AWARE, WITHIN_HOURS, 4 },
        { "cn-cac", "authority-critical", TO_AUTHORITY, EVENT_AWARE, WITHIN_HOURS, 1 },
        { "cn-cac", "summary", TO_AUTHORITY, EVENT_HANDLED, WITHIN_CALENDAR_DAYS, 30 },
        { "hk-pdpo", "authority", TO_AUTHORITY, EVENT_AWARE, WITHIN_AT_ONCE, 0 },
        { "hk-pdpo", "people", TO_PEOPLE, EVENT_AWARE, WITHIN_AT_ONCE, 0 },
        { "in-certin", "authority", TO_AUTHORITY, EVENT_SIGNAL, WITHIN_HOURS, 6 },
        { "in-dpdp", "authority", TO_AUTHORITY, EVENT_AWARE, WITHIN_AT_ONCE, 0 },
        { "in-dpdp", "detailed", TO_AUTHORITY, EVENT_AWARE, WITHIN_HOURS, 72 },
        { "in-dpdp", "people", TO_PEOPLE, EVENT_AWARE, WITHIN_AT_ONCE, 0 },
        { "au-ndb", "assessment", TO_ASSESSMENT, EVENT_GROUNDS, WITHIN_CALENDAR_DAYS, 30 },
        { "au-ndb", "authority", TO_AUTHORITY, EVENT_AWARE, WITHIN_AT_ONCE, 0 },
        { "au-ndb", "people", TO_PEOPLE, EVENT_AWARE, WITHIN_AT_ONCE, 0 },
        { "nz-privacy", "authority", TO_AUTHORITY, EVENT_ASSESSED, WITHIN_AT_ONCE, 0 },
        { "nz-privacy", "authority-guide", TO_AUTHORITY, EVENT_ASSESSED, WITHIN_HOURS, 72 },
        { "nz-privacy", "people", TO_PEOPLE, EVENT_ASSESSED, WITHIN_AT_ONCE, 0 },
        { "us-ca", "people", TO_PEOPLE, EVENT_AWARE, WITHIN_CALENDAR_DAYS, 30 },
        { "us-ca", "authority", TO_AUTHORITY, EVENT_TOLD_PEOPLE, WITHIN_CALENDAR_DAYS, 15 },
        { "ca-pipeda", "authority", TO_AUTHORITY, EVENT_ASSESSED, WITHIN_AT_ONCE, 0 },
        { "ca-pipeda", "people", TO_PEOPLE, EVENT_ASSESSED, WITHIN_AT_ONCE, 0 },
        { "ca-pipeda", "others", TO_PARTNER, EVENT_ASSESSED, WITHIN_AT_ONCE, 0 },
        { "ae-federal", "authority", TO_AUTHORITY, EVENT_AWARE, WITHIN_AT_ONCE, 0 },
        { "ae-difc", "authority", TO_AUTHORITY, EVENT_AWARE, WITHIN_AT_ONCE, 0 },
        { "ae-adgm", "authority", TO_AUTHORITY, EVENT_AWARE, WITHIN_HOURS, 72 },
        { "br-lgpd", "authority", TO_AUTHORITY, EVENT_AWARE, WITHIN_WORKING_DAYS, 3 },
        { "br-lgpd", "authority-small", TO_AUTHORITY, EVENT_AWARE, WITHIN_WORKING_DAYS, 6 },
        { "br-lgpd", "people", TO_PEOPLE, EVENT_AWARE, WITHIN_WORKING_DAYS, 3 },
        { "br-lgpd", "people-small", TO_PEOPLE, EVENT_AWARE, WITHIN_WORKING_DAYS, 6 },
        { "br-lgpd", "supplement", TO_AUTHORITY, EVENT_TOLD_AUTHORITY, WITHIN_WORKING_DAYS, 20 },
        { "amazon", "partner", TO_PARTNER, EVENT_SIGNAL, WITHIN_HOURS, 24 },
        { "shopify", "partner", TO_PARTNER, EVENT_SIGNAL, WITHIN_HOURS, 24 },
        { "shopee", "partner", TO_PARTNER, EVENT_SIGNAL, WITHIN_HOURS, 24 },
        { "lazada", "partner", TO_PARTNER, EVENT_SIGNAL, WITHIN_HOURS, 48 },
        { "cards", "acquirer", TO_PARTNER, EVENT_SIGNAL, WITHIN_AT_ONCE, 0 },
};

Test(cases_laws, say_what_the_tables_say)
{
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                const struct row *row = &rows[i];
                const struct regime *r = regime_find(&regimes, str_of(row->regime));
                const struct duty *d = r ? find_duty(r, row->duty) : NULL;

                cr_assert_not_null(r, "%s", row->regime);
                cr_assert_not_null(d, "%s/%s", row->regime, row->duty);
                cr_expect_eq(d->to, row->to, "%s/%s", row->regime, row->duty);
                cr_expect_eq(d->start, row->start, "%s/%s", row->regime, row->duty);
                cr_expect_eq(d->unit, row->unit, "%s/%s", row->regime, row->duty);
                cr_expect(row->unit == WITHIN_AT_ONCE || d->amount == row->amount, "%s/%s: %u", row->regime, row->duty, d->amount);
        }
}

/* ---- Each is whole ---- */

Test(cases_laws, each_is_whole)
{
        for (size_t i = 0; i < regimes.n; i++) {
                const struct regime *r = &regimes.items[i];
                const char *id = r->id.p;
                bool is_told[_DUTY_TO_MAX] = { 0 };

                cr_expect(r->title.n > 0 && r->law.n > 0 && r->authority.n > 0 && r->note.n > 0, STR_FMT, STR_ARG(r->id));
                cr_expect(r->n_duties > 0 && r->n_languages > 0 && r->n_sources > 0 && r->zone.n > 0, "%s", id);
                cr_expect(r->checked_on != USEC_NONE, "%s", id);
                cr_expect(r->is_contract || r->n_countries > 0, "%s", id);
                cr_expect(!r->is_contract || (str_eqz(r->confidence, "low") && r->applies), "%s: an example, which applies to who says so", id);
                for (size_t k = 0; k < r->n_sources; k++)
                        cr_expect(str_find(r->sources[k], STR("://")) != SIZE_MAX, "%s: %s", id, r->sources[k].p);
                for (size_t k = 0; k < r->n_duties; k++)
                        is_told[r->duties[k].to] = true;
                for (size_t to = 0; to < _DUTY_TO_MAX; to++)
                        cr_expect(to == TO_ASSESSMENT ? r->n_contents[to] == 0 : is_told[to] == (r->n_contents[to] > 0),
                                  "%s: what a notice must say, for who is told", id);
        }
}

Test(cases_laws, the_union_is_whole)
{
        const struct regime *r = regime_find(&regimes, STR("eu-gdpr"));

        cr_assert_eq(r->n_countries, 30);
        for (size_t i = 0; i < r->n_countries; i++)
                for (size_t k = 0; k < i; k++)
                        cr_assert(!str_eq(r->countries[i], r->countries[k]), STR_FMT, STR_ARG(r->countries[i]));
}

/* ---- Moments ---- */

enum { SECONDS = 1000000 };
/* Tue 10 Nov 2026 16:00, Asia/Seoul: a week without a holiday in Brazil */
#define TUESDAY ((usec)1794294000 * SECONDS)
/* Tue 15 Jun 2027 16:00, Asia/Seoul */
#define LATER ((usec)1813042800 * SECONDS)

#define FACT(name, value) { { name, sizeof name - 1 }, { value, sizeof value - 1 } }

/* A shop with customers everywhere, of which all is known. */
static const struct fact_of_case typical[] = {
        FACT("seller", "sg"), FACT("role", "controller"), FACT("size-class", "none"), FACT("critical-infrastructure", "no"),
        FACT("loss", "0"), FACT("sensitive", "no"), FACT("financial", "no"), FACT("credentials", "yes"), FACT("illegal-access", "yes"),
        FACT("wrongful-purpose", "yes"), FACT("risk", "yes"), FACT("high-risk", "yes"), FACT("children", "0"), FACT("records", "2000000"),
        FACT("base", "5000000"), FACT("people.kr", "1200"), FACT("people.sg", "900"), FACT("people.de", "40"), FACT("people.gb", "30"),
        FACT("people.my", "1500"), FACT("people.th", "10"), FACT("people.ph", "120"), FACT("people.id", "5"), FACT("people.vn", "7"),
        FACT("people.jp", "1100"), FACT("people.tw", "200"), FACT("people.cn", "1000000"), FACT("people.hk", "3"), FACT("people.in", "4"),
        FACT("people.au", "6"), FACT("people.nz", "6"), FACT("people.us-ca", "501"), FACT("people.ca", "2"), FACT("people.ae", "1"),
        FACT("people.br", "9"),
};

static struct deadline_case all_at(usec when)
{
        struct deadline_case c = { .facts = { .items = typical, .n = ARRAY_LEN(typical) } };

        for (int i = 0; i < _EVENT_MAX; i++)
                c.at[i] = i <= EVENT_ASSESSED ? when : USEC_NONE;
        return c;
}

static size_t place(const struct deadline *list, size_t n, const char *regime, const char *duty)
{
        for (size_t i = 0; i < n; i++)
                if (str_eqz(list[i].regime->id, regime) && str_eqz(list[i].duty->id, duty))
                        return i;
        return SIZE_MAX;
}

static struct deadline *deadlines(usec when, struct arena *arena, size_t *ret_n)
{
        struct deadline_case c = all_at(when);
        struct deadline *list = NULL;
        struct err err = { 0 };

        cr_assert_eq(deadlines_of(&regimes, &c, when, false, arena, &list, ret_n, &err), 0, "%s", err.text);
        return list;
}

/* The strict order for a typical seller: China, India, Korea's network law, all with 72 hours, Singapore, Brazil, Japan, California. */
Test(cases_laws, come_in_the_strict_order)
{
        static const struct {
                const char *regime, *duty;
                int group;
        } order[] = {
                { "cn-cac", "authority", 0 },    { "in-certin", "authority", 1 }, { "kr-network", "authority", 2 }, { "kr-pipa", "authority", 3 },
                { "kr-pipa", "people", 3 },      { "eu-gdpr", "authority", 3 },   { "uk-gdpr", "authority", 3 },    { "my-pdpa", "authority", 3 },
                { "th-pdpa", "authority", 3 },   { "ph-dpa", "authority", 3 },    { "ph-dpa", "people", 3 },        { "id-pdp", "authority", 3 },
                { "id-pdp", "people", 3 },       { "vn-pdpl", "authority", 3 },   { "sg-pdpa", "authority", 4 },    { "br-lgpd", "authority", 5 },
                { "br-lgpd", "people", 5 },      { "jp-appi", "preliminary", 6 }, { "us-ca", "people", 7 },
        };
        struct arena *arena = arena_new();
        size_t n, at, before = 0;
        struct deadline *list = deadlines(TUESDAY, arena, &n);

        for (size_t i = 0; i < ARRAY_LEN(order); i++) {
                at = place(list, n, order[i].regime, order[i].duty);
                cr_assert_neq(at, SIZE_MAX, "%s/%s does not run", order[i].regime, order[i].duty);
                cr_expect_eq(list[at].applies, TRUTH_YES, "%s/%s", order[i].regime, order[i].duty);
                for (size_t k = 0; k < i; k++) {
                        before = place(list, n, order[k].regime, order[k].duty);
                        if (order[k].group < order[i].group)
                                cr_expect(before < at && list[before].due < list[at].due, "%s/%s is due before %s/%s", order[k].regime,
                                          order[k].duty, order[i].regime, order[i].duty);
                        else
                                cr_expect_eq(list[before].due, list[at].due, "%s/%s with %s/%s", order[k].regime, order[k].duty,
                                             order[i].regime, order[i].duty);
                }
        }
        cr_assert_eq(place(list, n, "in-dpdp", "detailed"), SIZE_MAX, "not the law yet");
        cr_assert_eq(place(list, n, "kr-pipa-2025", "people"), SIZE_MAX, "no longer the law");
        cr_assert_eq(place(list, n, "sg-intermediary", "principal"), SIZE_MAX, "the shop is no intermediary");
        cr_assert_eq(place(list, n, "ae-difc", "authority"), SIZE_MAX, "it is in no free zone");
        cr_assert_eq(place(list, n, "amazon", "partner"), SIZE_MAX, "nobody said that there is such a contract");
        arena_free(arena);
}

Test(cases_laws, india_counts_from_may_2027)
{
        struct arena *arena = arena_new();
        size_t n, at;
        struct deadline *list = deadlines(LATER, arena, &n);

        at = place(list, n, "in-dpdp", "detailed");
        cr_assert_neq(at, SIZE_MAX);
        cr_assert_eq(list[at].due, LATER + 72 * USEC_PER_HOUR);
        arena_free(arena);
}

/* What is not known counts as met; but 30 customers in China do not put a shop from elsewhere under four hours. */
Test(cases_laws, a_few_customers_in_china_are_no_major_incident)
{
        static const struct fact_of_case few[] = { FACT("seller", "sg"), FACT("people.cn", "30") };
        static const struct fact_of_case there[] = { FACT("seller", "cn"), FACT("people.cn", "30") };
        struct deadline_case c = all_at(TUESDAY);
        struct arena *arena = arena_new();
        struct deadline *list;
        struct err err = { 0 };
        size_t n;

        c.facts = (struct facts){ .items = few, .n = ARRAY_LEN(few) };
        cr_assert_eq(deadlines_of(&regimes, &c, TUESDAY, false, arena, &list, &n, &err), 0);
        cr_expect_eq(place(list, n, "cn-cac", "authority"), SIZE_MAX);
        cr_expect_eq(place(list, n, "cn-cac", "authority-critical"), SIZE_MAX);
        cr_expect_neq(place(list, n, "cn-pipl", "authority"), SIZE_MAX);
        c.facts = (struct facts){ .items = there, .n = ARRAY_LEN(there) };
        cr_assert_eq(deadlines_of(&regimes, &c, TUESDAY, false, arena, &list, &n, &err), 0);
        cr_expect_neq(place(list, n, "cn-cac", "authority"), SIZE_MAX);
        arena_free(arena);
}

/* The incident of 2025 by the law as it was then. */
Test(cases_laws, korea_of_2025_is_replayed_by_the_law_of_2025)
{
        const usec aware = (usec)1763362800 * SECONDS; /* Mon 17 Nov 2025 16:00, Asia/Seoul */
        struct arena *arena = arena_new();
        size_t n, at;
        struct deadline *list = deadlines(aware, arena, &n);

        at = place(list, n, "kr-pipa-2025", "people");
        cr_assert_neq(at, SIZE_MAX);
        cr_assert_eq(list[at].due, aware + 72 * USEC_PER_HOUR);
        at = place(list, n, "kr-network", "authority");
        cr_assert_neq(at, SIZE_MAX);
        cr_assert_eq(list[at].due, aware + 24 * USEC_PER_HOUR);
        cr_assert_eq(place(list, n, "kr-pipa", "people"), SIZE_MAX);
        arena_free(arena);
}

/* ---- Holidays ---- */

static bool is_holiday(const struct regime *r, int64_t day)
{
        for (size_t i = 0; i < r->n_holidays; i++)
                if (r->holidays[i] == day)
                        return true;
        return false;
}

Test(cases_laws, brazil_rests_on_its_holidays)
{
        static const struct {
                int64_t day; /* since 1970-01-01 */
                bool is_free;
                const char *why;
        } days[] = {
                { 20546, true, "3 April 2026, Good Friday" },
                { 20903, true, "26 March 2027, Good Friday" },
                { 23822, true, "23 March 2035, Good Friday" },
                { 20812, true, "25 December 2026" },
                { 20047, true, "20 November 2024" },
                { 19681, false, "20 November 2023: a holiday of the country only since 2024" },
                { 20501, false, "17 February 2026, Carnival: optional" },
                { 20608, false, "4 June 2026, Corpus Christi: optional" },
        };
        const struct regime *r = regime_find(&regimes, STR("br-lgpd"));
        const struct duty *d = find_duty(r, "authority");
        struct err err = { 0 };
        bool is_uncertain;
        usec due;

        for (size_t i = 0; i < ARRAY_LEN(days); i++)
                cr_expect_eq(is_holiday(r, days[i].day), days[i].is_free, "%s", days[i].why);
        /* Tue 17 Nov 2026 16:00 in Seoul; Fri 20 is a holiday: Wed, Thu, and Mon 23, which ends at 03:00 UTC. */
        cr_assert_eq(deadline_due(r, d, (usec)1794898800 * SECONDS, &due, &is_uncertain, &err), 0);
        cr_expect(due / SECONDS == 1795489199 || due / SECONDS == 1795489200, "%lld", (long long)(due / SECONDS));
        cr_expect(!is_uncertain);
}
