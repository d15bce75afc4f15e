/* SPDX-License-Identifier: Apache-2.0 */

/* Kinds that hold a hit against what its key did before: what each says, and that the order of arrival does not matter. */

#define BENCH_RECORDS_MAX 1024

#include <criterion/criterion.h>

#include "monitor/detect/history.h"
#include "tests/unit/detect_record.h"

#define LOGIN "title: Login\nname: login\nlogsource: {product: aws}\nlevel: low\ndetection: {s: {event: login}, condition: s}\n---\n"
#define LOGOUT \
        "title: Logout\nname: logout\nlogsource: {product: aws}\nlevel: low\ndetection: {s: {event: logout}, condition: s}\n---\n"
#define KIND(text) LOGIN "title: Odd\nlevel: high\ncorrelation: {rules: [login], group-by: [user.name], timespan: 1h, " text "}\n"

enum { DAY = 24 }; /* hours */
static const usec start = INT64_C(1767571200) * USEC_PER_SEC; /* 2026-01-05, a Monday */

static usec at_hour(double hours)
{
        return start + (usec)(hours * (double)USEC_PER_HOUR);
}

static struct record *login(struct bench *b, const char *id, double hours, const char *user)
{
        struct record *r = bench_record(b, 0, id, at_hour(hours));

        bench_set(b, r, "event", "login");
        bench_set(b, r, "user.name", user);
        return r;
}

static void open_with(struct bench *b, const char *rules)
{
        bench_open(b);
        bench_rules(b, "a.yml", rules);
        bench_start(b);
}

/* `n` logins of mia from `from` hours on, one every `step` hours, with a field. */
static void usual(struct bench *b, double from, size_t n, double step, const char *field, const char *value)
{
        for (size_t i = 0; i < n; i++) {
                char id[64];
                struct record *r;

                snprintf(id, sizeof id, "%s%g.%zu", value ? value : "", from, i);
                r = login(b, id, from + (double)i * step, "mia");
                if (value)
                        bench_set(b, r, field, value);
                bench_take(b, r);
        }
        bench_judge(b);
}

/* ---- new_value ---- */

Test(detect_history, a_new_value_is_told_once_after_learning)
{
        struct bench_alert *a = NULL;
        struct record *r;
        struct bench b;

        open_with(&b, KIND("type: new_value, condition: {field: country}, learning: 10d"));
        usual(&b, 0, 5, DAY, "country", "KR");
        r = login(&b, "jp", 6 * DAY, "mia");
        bench_set(&b, r, "country", "JP");
        bench_take(&b, r);
        bench_judge(&b);
        cr_expect_eq(b.n_alerts, 0, "it learns for ten days");
        r = login(&b, "us", 10 * DAY, "mia");
        bench_set(&b, r, "country", "US");
        bench_take(&b, r);
        bench_judge(&b);
        cr_assert_eq(bench_alerts(&b, "Odd", "user.name=mia", &a), 1);
        cr_expect_eq(a->count, 1);
        cr_expect(str_eqz(a->why, "US: never before in 6; 2 others known"), STR_FMT, STR_ARG(a->why));
        usual(&b, 12 * DAY, 3, 1, "country", "US");
        usual(&b, 12 * DAY, 3, 1, "country", "JP");
        cr_expect_eq(b.n_alerts, 1, "known by now");
        r = login(&b, "us again", 10 * DAY + 250 * DAY, "mia");
        bench_set(&b, r, "country", "US");
        bench_take(&b, r);
        bench_judge(&b);
        cr_expect_eq(b.n_alerts, 2, "forgotten after 180 days");
        bench_close(&b);
}

Test(detect_history, a_late_hit_that_explains_an_alert_withdraws_it)
{
        struct bench_alert *a = NULL;
        struct record *r;
        struct bench b;

        open_with(&b, KIND("type: new_value, condition: {field: country}, learning: 1d"));
        usual(&b, 0, 5, DAY, "country", "KR");
        r = login(&b, "second", 8 * DAY, "mia");
        bench_set(&b, r, "country", "US");
        bench_take(&b, r);
        bench_judge(&b);
        cr_assert_eq(bench_alerts(&b, "Odd", NULL, &a), 1);
        r = login(&b, "first", 7 * DAY, "mia");
        bench_set(&b, r, "country", "US");
        bench_take(&b, r);
        bench_judge(&b);
        cr_assert_eq(b.n_alerts, 2);
        cr_assert_eq(bench_alerts(&b, "Odd", NULL, &a), 1, "the one about the second is withdrawn");
        cr_expect_eq(a->first, at_hour(7 * DAY));
        cr_expect_eq(a->count, 1);
        bench_close(&b);
}

/* More than may stay open come at once, as from a file: the oldest are judged all the same. */
Test(detect_history, none_of_many_goes_unjudged)
{
        struct bench_alert *a = NULL;
        struct bench b;
        char id[32];

        open_with(&b, KIND("type: new_value, condition: {field: country}, learning: 1m"));
        for (int i = 0; i < HISTORY_OPEN_MAX + 5000; i++) {
                struct record *r;

                snprintf(id, sizeof id, "%d", i);
                r = login(&b, id, i * 0.0005, "mia");
                bench_set(&b, r, "country", i == 1000 || i == HISTORY_OPEN_MAX + 4000 ? id : "KR");
                bench_take(&b, r);
        }
        bench_finish(&b);
        cr_assert_eq(bench_alerts(&b, "Odd", NULL, &a), 2);
        /* Judged while another record was being taken: the words are those of the odd one, not of that. */
        cr_expect(strstr(a->why.p, ": never before in "), STR_FMT, STR_ARG(a->why));
        cr_expect(bench_count(&b, COUNTER_HISTORY_CUT) > 0, "that some cannot be judged again is counted");
        bench_close(&b);
}

/* ---- dormant ---- */

Test(detect_history, who_was_away_for_long)
{
        struct bench_alert *a = NULL;
        struct bench b;

        open_with(&b, KIND("type: dormant, condition: {gte: 30}"));
        usual(&b, 0, 5, DAY, NULL, NULL);
        usual(&b, 33.5 * DAY, 1, 1, NULL, NULL);
        cr_expect_eq(b.n_alerts, 0, "29 days and a half");
        usual(&b, 64 * DAY, 3, 1, NULL, NULL);
        cr_assert_eq(bench_alerts(&b, "Odd", NULL, &a), 1);
        cr_expect_eq(a->count, 1);
        cr_expect(str_eqz(a->why, "last seen 2026-02-07T12:00:00Z, 30 days before"), STR_FMT, STR_ARG(a->why));
        bench_close(&b);
}

/* The outer rule's alert speaks of the person, though the record is gone when its turn comes. */
Test(detect_history, a_chain_names_the_person)
{
        struct bench_alert *a = NULL;
        struct bench b;

        open_with(&b, LOGIN "title: New\nname: new\nlevel: informational\n"
                            "correlation: {type: new_value, rules: [login], group-by: [shopbell.person], timespan: 1h, learning: 1d, "
                            "condition: {field: country}}\n---\n"
                            "title: Odd\nlevel: high\nshopbell.sentence: '{shopbell.person} came from {count} new countries ({shopbell.source})'\n"
                            "correlation: {type: event_count, rules: [new], group-by: [shopbell.person], timespan: 1d, condition: {gte: 2}}\n");
        for (int i = 0; i < 3; i++) {
                struct record *r = login(&b, i == 0 ? "0" : i == 1 ? "1" : "2", i == 0 ? 0 : 48 + i, "mia");

                bench_set(&b, r, "shopbell.person", "Mia Song");
                bench_set(&b, r, "country", i == 0 ? "KR" : i == 1 ? "US" : "NG");
                bench_take(&b, r);
        }
        bench_judge(&b);
        cr_assert_eq(bench_alerts(&b, "Odd", NULL, &a), 1);
        cr_expect(str_eqz(a->person, "Mia Song"), STR_FMT, STR_ARG(a->person));
        cr_expect(str_starts(a->sentence, STR("Mia Song came from 2 new countries (")), STR_FMT, STR_ARG(a->sentence));
        bench_close(&b);
}

/* ---- unusual_time ---- */

Test(detect_history, an_hour_that_is_rare)
{
        struct bench_alert *a = NULL;
        struct bench b;

        open_with(&b, KIND("type: unusual_time"));
        usual(&b, 9, 4, DAY, NULL, NULL); /* nine o'clock on working days */
        usual(&b, 3 + 4 * DAY, 1, DAY, NULL, NULL);
        cr_expect_eq(b.n_alerts, 0, "too little is known");
        for (int week = 1; week < 8; week++)
                usual(&b, 9 + week * 7 * DAY, 5, DAY, NULL, NULL);
        usual(&b, 10 + 8 * 7 * DAY, 1, DAY, NULL, NULL);
        cr_expect_eq(b.n_alerts, 0, "an hour later is near");
        usual(&b, 9 + 8 * 7 * DAY + 5 * DAY, 1, DAY, NULL, NULL);
        cr_assert_eq(bench_alerts(&b, "Odd", NULL, &a), 1, "never at the weekend");
        cr_expect(str_starts(a->why, STR("Sat 09:00 UTC: 0 of 41 before at such an hour, ")), STR_FMT, STR_ARG(a->why));
        bench_close(&b);
}

/* ---- spike ---- */

static void sell(struct bench *b, const char *id, double hours, const char *rows)
{
        struct record *r = login(b, id, hours, "mia");

        bench_set(b, r, "rows", rows);
        bench_take(b, r);
        bench_judge(b);
}

Test(detect_history, a_day_above_the_usual)
{
        static const char *const amounts[] = { "90", "110", "100", "95", "105", "100", "98", "102", "100", "100" };
        struct bench_alert *a = NULL;
        struct bench b;
        char id[16];

        open_with(&b, KIND("type: spike, condition: {field: rows, gte: 120}"));
        for (size_t i = 0; i < ARRAY_LEN(amounts); i++) {
                snprintf(id, sizeof id, "%zu", i);
                sell(&b, id, (double)i * DAY, amounts[i]);
        }
        sell(&b, "a", 10 * DAY, "115");
        cr_expect_eq(b.n_alerts, 0, "below the floor");
        sell(&b, "b", 11 * DAY, "90");
        sell(&b, "c", 11 * DAY + 5, "60.5");
        cr_assert_eq(bench_alerts(&b, "Odd", NULL, &a), 1, "the sum of the day counts");
        cr_expect_eq(a->first, at_hour(11 * DAY + 5));
        cr_expect(str_starts(a->why, STR("150.5 on this day; of the 11 days before the median is 100 ")), STR_FMT, STR_ARG(a->why));
        bench_close(&b);
}

/* ---- new_highest ---- */

Test(detect_history, more_than_ever)
{
        struct bench_alert *a = NULL;
        struct bench b;

        open_with(&b, KIND("type: new_highest, learning: 10d, memory: 30d, k: 1.5, condition: {field: rows, gte: 20}"));
        sell(&b, "1", 0, "4");
        sell(&b, "2", 9 * DAY, "40");
        sell(&b, "3", 12 * DAY, "60");
        cr_expect_eq(b.n_alerts, 0, "while learning, and not above 1.5 times");
        sell(&b, "4", 14 * DAY, "90.25");
        cr_assert_eq(bench_alerts(&b, "Odd", NULL, &a), 1);
        cr_expect_eq(a->first, at_hour(14 * DAY));
        cr_expect(str_eqz(a->why, "90.25; the highest of the 30 days before is 60"), STR_FMT, STR_ARG(a->why));
        sell(&b, "5", 60 * DAY, "19");
        sell(&b, "6", 61 * DAY, "30");
        cr_assert_eq(bench_alerts(&b, "Odd", NULL, &a), 2, "what lies before the memory does not count, below the floor nothing is told");
        bench_close(&b);
}

/* ---- travel ---- */

static void fly(struct bench *b, const char *id, double hours, const char *country, const char *location, const char *network)
{
        struct record *r = login(b, id, hours, "mia");

        bench_set(b, r, "source.geo.country_iso_code", country);
        bench_set(b, r, "source.geo.location", location);
        bench_set(b, r, "shopbell.geo.radius_km", "20");
        if (network)
                bench_set(b, r, "shopbell.network", network);
        bench_take(b, r);
        bench_judge(b);
}

#define SEOUL "KR", "37.57,126.98"
#define LAGOS "NG", "6.45,3.39"
#define BUSAN "KR", "35.18,129.08"

Test(detect_history, nobody_flies_that_fast)
{
        struct bench_alert *a = NULL;
        struct bench b;

        open_with(&b, LOGIN "title: Odd\nlevel: high\ncorrelation: {type: travel, rules: [login], group-by: [user.name], timespan: 1d}\n");
        fly(&b, "1", 0, SEOUL, NULL);
        fly(&b, "2", 1, BUSAN, NULL);
        fly(&b, "3", 20, LAGOS, NULL);
        cr_expect_eq(b.n_alerts, 0, "Busan is near, Lagos a flight away");
        fly(&b, "4", 20.5, SEOUL, NULL);
        cr_assert_eq(bench_alerts(&b, "Odd", "user.name=mia", &a), 1);
        cr_expect_eq(a->level, LEVEL_HIGH);
        cr_expect(str_starts(a->why, STR("NG to KR: at least 12")), STR_FMT, STR_ARG(a->why));
        fly(&b, "5", 100, LAGOS, NULL);
        fly(&b, "6", 100, SEOUL, "vpn");
        cr_assert_eq(bench_alerts(&b, "Odd", "user.name=mia", &a), 2, "the same instant counts, too");
        cr_expect_eq(a->level, LEVEL_MEDIUM, "a known network lowers it: %d " STR_FMT, a->level, STR_ARG(a->why));
        bench_close(&b);
}

/* ---- surprise ---- */

static void enter(struct bench *b, const char *id, double hours, const char *user, const char *country, const char *device)
{
        struct record *r = login(b, id, hours, user);

        bench_set(b, r, "country", country);
        bench_set(b, r, "device", device);
        bench_take(b, r);
}

Test(detect_history, bits_are_counted_and_named)
{
        struct bench_alert *a = NULL;
        struct bench b;
        char id[64];

        open_with(&b, LOGIN "title: Odd\nlevel: high\ncorrelation: {type: surprise, rules: [login], group-by: [user.name], timespan: 1d, "
                            "condition: {field: [country, device], gte: 10}}\n");
        for (int day = 0; day < 40; day++)
                for (int who = 0; who < 3; who++) {
                        snprintf(id, sizeof id, "%d.%d", day, who);
                        enter(&b, id, day * DAY + who, who == 0 ? "mia" : who == 1 ? "ben" : "eve", who == 2 ? "JP" : "KR", "Chrome");
                }
        bench_judge(&b);
        cr_expect_eq(b.n_alerts, 0);
        enter(&b, "a", 40 * DAY, "mia", "JP", "Chrome");
        bench_judge(&b);
        cr_expect_eq(b.n_alerts, 0, "a colleague is there");
        enter(&b, "b", 40 * DAY + 1, "mia", "NG", "curl");
        bench_judge(&b);
        cr_assert_eq(bench_alerts(&b, "Odd", "user.name=mia", &a), 1);
        cr_expect(memmem(a->why.p, a->why.n, " bits: country NG ", 18), STR_FMT, STR_ARG(a->why));
        cr_expect(memmem(a->why.p, a->why.n, "(0 of 41 times by this person, 0 of 117 by everyone); device curl ", strlen("(0 of 41 times by this person, 0 of 117 by everyone); device curl ")), STR_FMT, STR_ARG(a->why));
        bench_close(&b);
}

static void enter_days(struct bench *b, const char *user, const char *country, double hour)
{
        char id[64];

        for (int day = 0; day < 40; day++) {
                snprintf(id, sizeof id, "%s.%d", user, day);
                enter(b, id, day * DAY + hour, user, country, "Chrome");
        }
        bench_judge(b);
}

/* One log is read to its end before the other is begun: what everyone did is known in the end all the same. */
Test(detect_history, others_who_are_read_later_count)
{
        struct bench b;

        open_with(&b, LOGIN "title: Odd\nlevel: high\ncorrelation: {type: surprise, rules: [login], group-by: [user.name], timespan: 1d, "
                            "condition: {field: [country, device], gte: 6.5}}\n");
        b.takes_back = true;
        enter_days(&b, "mia", "KR", 0);
        enter(&b, "a", 40 * DAY, "mia", "JP", "Chrome");
        enter(&b, "b", 40 * DAY + 1, "mia", "NG", "Chrome");
        bench_judge(&b);
        cr_expect_eq(bench_alerts(&b, "Odd", "user.name=mia", NULL), 1);
        cr_expect_eq(b.alerts[0].count, 2, "nobody else is known yet");
        enter_days(&b, "eve", "JP", 2);
        bench_settle(&b, at_hour(20 * DAY), USEC_NONE);
        cr_expect_eq(b.alerts[0].count, 1, "a colleague works in JP");
        bench_finish(&b);
        cr_assert_eq(bench_alerts(&b, "Odd", "user.name=mia", NULL), 1);
        cr_expect_eq(b.alerts[0].count, 1);
        cr_expect_eq(b.alerts[0].first, at_hour(40 * DAY + 1));
        bench_close(&b);
}

/* ---- absence ---- */

Test(detect_history, what_did_not_follow)
{
        struct bench_alert *a = NULL;
        struct record *r;
        struct bench b;

        open_with(&b, LOGIN LOGOUT "title: Odd\nlevel: high\ncorrelation: {type: absence, rules: [login, logout], group-by: [user.name], timespan: 1h}\n");
        bench_take(&b, login(&b, "1", 0, "mia"));
        r = bench_record(&b, 0, "2", at_hour(1));
        bench_set(&b, r, "event", "logout");
        bench_set(&b, r, "user.name", "mia");
        bench_take(&b, login(&b, "3", 5, "mia"));
        bench_settle(&b, at_hour(1), USEC_NONE);
        cr_expect_eq(b.n_alerts, 0, "it may still come");
        bench_take(&b, r);
        bench_settle(&b, at_hour(6), USEC_NONE);
        cr_expect_eq(b.n_alerts, 0, "an hour after the second one is not over");
        bench_settle(&b, at_hour(7), USEC_NONE);
        cr_assert_eq(bench_alerts(&b, "Odd", NULL, &a), 1);
        cr_expect_eq(a->first, at_hour(5));
        cr_expect(str_eqz(a->why, "nothing followed within 1h"), STR_FMT, STR_ARG(a->why));
        bench_close(&b);
}

/* Nothing comes any more, but time passes. */
Test(detect_history, the_clock_tells_what_did_not_follow)
{
        struct engine_sink sink;
        struct bench b;

        open_with(&b, LOGIN LOGOUT "title: Odd\nlevel: high\ncorrelation: {type: absence, rules: [login, logout], group-by: [user.name], timespan: 1h}\n");
        sink = bench_sink(&b);
        cr_expect_eq(engine_due(b.engine), USEC_NONE);
        bench_take(&b, login(&b, "1", 0, "mia"));
        cr_expect_eq(engine_due(b.engine), at_hour(1) + 5 * USEC_PER_SEC + 1, "with the source's lateness");
        cr_assert_eq(engine_tick(b.engine, engine_due(b.engine) - 1, &sink), 0);
        cr_expect_eq(b.n_alerts, 0);
        cr_assert_eq(engine_tick(b.engine, engine_due(b.engine), &sink), 0);
        cr_expect_eq(b.n_alerts, 1);
        cr_expect_eq(engine_due(b.engine), USEC_NONE);
        bench_close(&b);
}

/* ---- coverage ---- */

Test(detect_history, a_share_of_all_customers)
{
        struct bench_alert *a = NULL;
        struct bench b;
        char id[16];

        open_with(&b, KIND("type: coverage, of: 50, condition: {field: customer, gte: 20}"));
        for (int i = 0; i < 10; i++) {
                struct record *r;

                cr_expect_eq(b.n_alerts, 0, "%d of 50", i);
                snprintf(id, sizeof id, "%d", i);
                r = login(&b, id, i * 0.0005, "mia");
                bench_set(&b, r, "customer", id);
                bench_take(&b, r);
        }
        cr_assert_eq(bench_alerts(&b, "Odd", NULL, &a), 1);
        cr_expect(str_eqz(a->why, "10 distinct customer of at least 10 within 1h (20 % of 50)"), STR_FMT, STR_ARG(a->why));
        bench_close(&b);
}
