/* SPDX-License-Identifier: Apache-2.0 */

/* Every shape of stamp, the guessing of years, zones, and durations. */

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "monitor/base/clock.h"

static const struct {
        const char *text, *want; /* want NULL: refused */
} stamps[] = {
        /* ISO 8601 and its neighbours */
        { "2026-11-17T07:00:00Z", "2026-11-17T07:00:00Z" },
        { "2026-01-15T12:46:18+0000", "2026-01-15T12:46:18Z" },
        { "2022-08-16T09:26:38.000+0000", "2022-08-16T09:26:38Z" },
        { "2026-02-02 04:05", "2026-02-02T04:05:00Z" },
        { "[2015-10-28 02:23:19.139 GMT]", "2015-10-28T02:23:19.139Z" },
        { "2026-03-07T18:53:20.123456+09:00", "2026-03-07T09:53:20.123456Z" },
        { "2026-03-07t18:53:20,5z", "2026-03-07T18:53:20.5Z" },
        { "2026-03-07T18:53:20.123456789Z", "2026-03-07T18:53:20.123456Z" },
        { "2026-03-07T18:53:20.1234567890123Z", "2026-03-07T18:53:20.123456Z" },
        { " 2026-03-07 18:53:20 -0530 ", "2026-03-08T00:23:20Z" },
        { "2026-03-07 18:53:20 UTC", "2026-03-07T18:53:20Z" },
        { "2026-03-07T18:53+09", "2026-03-07T09:53:00Z" },
        { "2026-03-07", "2026-03-07T00:00:00Z" },
        { "2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z" },
        { "2000-02-29", "2000-02-29T00:00:00Z" },
        { "2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z" },
        { "0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z" },
        { "9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z" },
        { "1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.5Z" },
        /* without separators */
        { "20220913052243.429", "2022-09-13T05:22:43.429Z" },
        { "20220913052243", "2022-09-13T05:22:43Z" },
        { "20220913T052243Z", "2022-09-13T05:22:43Z" },
        /* web servers, mail, ctime */
        { "10/Oct/2026:13:55:36 +0000", "2026-10-10T13:55:36Z" },
        { "[10/Oct/2026:13:55:36 -0700]", "2026-10-10T20:55:36Z" },
        { "10-Oct-2026 13:55:36 UTC", "2026-10-10T13:55:36Z" },
        { "Sat, 10 Oct 2026 13:55:36 GMT", "2026-10-10T13:55:36Z" },
        { "Fri Jan 19 12:20:33 2007", "2007-01-19T12:20:33Z" },
        { "Fri Jan 19 12:20:33 UTC 2007", "2007-01-19T12:20:33Z" },
        { "Fri Jan  9 12:20:33 2007", "2007-01-09T12:20:33Z" },
        /* numbers */
        { "0", "1970-01-01T00:00:00Z" },
        { "-1", "1969-12-31T23:59:59Z" },
        { "-0.5", "1969-12-31T23:59:59.5Z" },
        { "1772909600", "2026-03-07T18:53:20Z" },
        { "1772909600.25", "2026-03-07T18:53:20.25Z" },
        { "1772909600123", "2026-03-07T18:53:20.123Z" },
        { "1772909600123.5", "2026-03-07T18:53:20.1235Z" },
        { "1772909600123456", "2026-03-07T18:53:20.123456Z" },
        { "1772909600123456789", "2026-03-07T18:53:20.123456Z" },
        { "1.7729096e9", "2026-03-07T18:53:20Z" },
        { "17729096E2", "2026-03-07T18:53:20Z" },
        { "0.000001", "1970-01-01T00:00:00.000001Z" },
        { "0.0000019", "1970-01-01T00:00:00.000001Z" },
        { "99999999999", "5138-11-16T09:46:39Z" },
        { "100000000000", "1973-03-03T09:46:40Z" },
        /* as the references of the sources have them: ads and shops */
        { "2026-11-22T03:14:02+0000", "2026-11-22T03:14:02Z" }, /* Meta */
        { "2022-09-13T05:22:43.429Z", "2022-09-13T05:22:43.429Z" }, /* Salesforce, TIMESTAMP_DERIVED */
        { "2026-11-22T03:10:44.118+00:00", "2026-11-22T03:10:44.118Z" },
        { "2026-11-22 03:14:02.123456", "2026-11-22T03:14:02.123456Z" }, /* Google Ads */
        { "1771000838.4321", "2026-02-13T16:40:38.4321Z" }, /* WP Activity Log: a double */
        { "1.7710008384321e9", "2026-02-13T16:40:38.4321Z" }, /* the same, as a database may write it */
        { "11/22/2026 3:14:02 AM", "2026-11-22T03:14:02Z" }, /* Microsoft Advertising */
        { "11/22/2026 12:00:00 AM", "2026-11-22T00:00:00Z" },
        { "1/5/2026 12:30 pm", "2026-01-05T12:30:00Z" },
        { "01/05/2026 11:59:59.5 PM +01:00", "2026-01-05T22:59:59.5Z" },
        /* clouds */
        { "2025-03-04T08:15:30.1234567Z", "2025-03-04T08:15:30.123456Z" }, /* Azure: seven digits */
        { "2025-03-04T08:15:31.9Z", "2025-03-04T08:15:31.9Z" },
        { "2025-03-04T08:15:30", "2025-03-04T08:15:30Z" }, /* Microsoft 365: UTC without saying so */
        { "2019-10-18T04:45:48.0729893-05:00", "2019-10-18T09:45:48.072989Z" },
        { "2024-01-19 13:47:19.465856238", "2024-01-19T13:47:19.465856Z" }, /* Google Cloud, from a table */
        { "2020-06-15 12:00:00.000 +0000", "2020-06-15T12:00:00Z" }, /* Snowflake */
        { "2026-01-01 09:00:00 UTC", "2026-01-01T09:00:00Z" }, /* OneLogin */
        { "1621305118553", "2021-05-18T02:31:58.553Z" }, /* GitHub: milliseconds */
        { "2021-07-20T11: 41: 31+00: 00", "2021-07-20T11:41:31Z" }, /* Duo: a published sample has blanks */
        { "1767258000123456", "2026-01-01T09:00:00.123456Z" }, /* the journal: microseconds */
        { "Nov 22 2026 03:10:44", "2026-11-22T03:10:44Z" }, /* CEF */
        { "Nov 22 2026 03:10:44.118 UTC", "2026-11-22T03:10:44.118Z" },
        /* refused */
        { "1/15/2026 at 2:46 PM", NULL }, /* Meta, for display: event_time is beside it */
        { "11/22/2026 3:14:02", NULL }, /* month or day first? */
        { "22/11/2026 3:14:02 AM", NULL },
        { "11/22/2026 13:14:02 PM", NULL },
        { "11/22/2026 0:14:02 AM", NULL },
        { "11/22/2026 3:14:02 XM", NULL },
        { "2021-07-20T11: 41:  31", NULL },
        { "", NULL },
        { "now", NULL },
        { "-", NULL },
        { ".", NULL },
        { "1e", NULL },
        { "0x10", NULL },
        { "2026-02-30", NULL },
        { "2026-02-29", NULL },
        { "1900-02-29", NULL },
        { "2026-04-31T00:00:00Z", NULL },
        { "2026-00-10", NULL },
        { "2026-13-10", NULL },
        { "2026-01-00", NULL },
        { "2026-01-15T24:00:00Z", NULL },
        { "2026-01-15T12:60:00Z", NULL },
        { "2026-01-15T12:00:61Z", NULL },
        { "2026-01-15T12:00:00+2400", NULL },
        { "2026-01-15T12:00:00+0060", NULL },
        { "2026-01-15T12:00:00+000", NULL },
        { "2026-01-15T12:00:00 EST", NULL },
        { "2026-01-15T12:00:00Z and more", NULL },
        { "2026-01-15T12:00:00.", NULL },
        { "2026-01-15T", NULL },
        { "2026-1-15", NULL },
        { "10/Okt/2026:13:55:36 +0000", NULL },
        { "31/Feb/2026:13:55:36 +0000", NULL },
        { "Fry Jan 19 12:20:33 2007", NULL },
        { "Mar  7 18:53:20", NULL }, /* no reference */
        { "2026-01-15T12:46:18+0000 2026-01-15T12:46:18+0000 2026-01-15T12:46", NULL },
};

Test(base_clock, reads_every_shape)
{
        for (size_t i = 0; i < ARRAY_LEN(stamps); i++) {
                char iso[TIME_ISO_BYTES] = "";
                usec t = 42;
                int r = time_parse(str_of(stamps[i].text), TIME_UNIT_AUTO, NULL, &t);

                if (!stamps[i].want) {
                        cr_expect(r == -EBADMSG && t == 42, "'%s' was taken for a time: %d", stamps[i].text, r);
                        continue;
                }
                time_format_iso(t, iso);
                cr_expect(r == 0 && strcmp(iso, stamps[i].want) == 0, "'%s' gave %d, '%s'", stamps[i].text, r, iso);
        }
}

Test(base_clock, stays_within_the_years_1_to_9999)
{
        static const char *const out[] = { "0000-01-01",
                                           "0001-01-01T00:00:00+01:00",
                                           "9999-12-31T23:59:60Z",
                                           "9999-12-31T23:00:00-02:00",
                                           "999999999999999999999999",
                                           "1e300",
                                           "253402300800000" };

        for (size_t i = 0; i < ARRAY_LEN(out); i++) {
                usec t = 42;
                enum time_unit unit = i == 6 ? TIME_UNIT_MS : TIME_UNIT_AUTO;

                cr_expect_eq(time_parse(str_of(out[i]), unit, NULL, &t), -ERANGE, "%s", out[i]);
                cr_expect_eq(t, 42);
        }
}

static const struct {
        const char *text;
        enum time_unit unit;
        usec want;
} numbers[] = {
        { "20220913052243", TIME_UNIT_MS, INT64_C(20220913052243000) },
        { "1000", TIME_UNIT_S, 1000 * USEC_PER_SEC },
        { "1000.5", TIME_UNIT_MS, 1000500 },
        { "1000.9", TIME_UNIT_US, 1000 },
        { "1000999", TIME_UNIT_NS, 1000 },
        { "-1999", TIME_UNIT_NS, -1 },
        { "1772909600123", TIME_UNIT_US, INT64_C(1772909600123) },
};

/* "…T…Z" has a reader of its own; with a small t the same stamp is read as any other of ISO 8601. */
Test(base_clock, the_common_shape_is_read_as_all_others)
{
        static const char *const texts[] = {
                "2026-03-07T18:53:20Z", "0001-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z",
                "9999-12-31T23:59:60Z", "2024-02-29T00:00:00Z", "2026-02-29T00:00:00Z", "2026-04-31T00:00:00Z",
                "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-01T24:00:00Z",
                "2026-01-01T23:60:00Z", "2026-01-01T23:59:60Z", "2026-01-01T23:59:61Z", "2026-01-01T23:59:5xZ",
                "2026-01-01T23:59:5:Z", "2026-01-01T23:59:5/Z", "2026/01/01T00:00:00Z", "2026-01-01T00:00:00z",
                "2026-01-01T00.00.00Z", "-026-01-01T00:00:00Z", "2026-01-01T00:00:00Y", "2026-01-01T00:00:000",
        };
        static const struct time_hint hint = { .zone_minutes = 540 };

        for (size_t i = 0; i < ARRAY_LEN(texts); i++)
                for (int unit = TIME_UNIT_AUTO; unit <= TIME_UNIT_NS; unit++) {
                        char slow[32];
                        usec a = -1, b = -1;
                        int r, s;

                        snprintf(slow, sizeof slow, "%s", texts[i]);
                        slow[10] = 't';
                        r = time_parse(str_of(texts[i]), (enum time_unit)unit, &hint, &a);
                        s = time_parse(str_of(slow), (enum time_unit)unit, &hint, &b);
                        cr_expect(r == s && a == b, "%s: %d, not %d", texts[i], r, s);
                }
}

Test(base_clock, a_unit_that_is_given_rules)
{
        for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
                usec t = 42;

                cr_expect_eq(time_parse(str_of(numbers[i].text), numbers[i].unit, NULL, &t), 0, "%s", numbers[i].text);
                cr_expect_eq(t, numbers[i].want, "%s gave %lld", numbers[i].text, (long long)t);
        }
}

static usec at(const char *iso)
{
        usec t = USEC_NONE;

        cr_assert_eq(time_parse(str_of(iso), TIME_UNIT_AUTO, NULL, &t), 0, "%s", iso);
        return t;
}

static const struct {
        const char *text, *reference, *want;
} yearless[] = {
        { "Mar  7 18:53:20", "2026-03-08T00:00:00Z", "2026-03-07T18:53:20Z" },
        { "Mar 07 18:53:20", "2026-03-07T18:53:20Z", "2026-03-07T18:53:20Z" },
        { "Mar  7 18:53:20", "2026-03-06T18:53:20Z", "2026-03-07T18:53:20Z" }, /* a day of grace, to the second */
        { "Mar  7 18:53:20", "2026-03-06T18:53:19Z", "2025-03-07T18:53:20Z" },
        { "Dec 31 23:59:59", "2026-01-01T00:00:10Z", "2025-12-31T23:59:59Z" },
        { "Jan  1 00:00:05", "2025-12-31T23:59:58Z", "2026-01-01T00:00:05Z" },
        { "Feb 29 12:00:00", "2026-05-01T00:00:00Z", "2024-02-29T12:00:00Z" },
        { "Feb 29 12:00:00", "1904-02-01T00:00:00Z", "1896-02-29T12:00:00Z" },
        { "Sat Mar  7 18:53:20", "2026-03-08T00:00:00Z", "2026-03-07T18:53:20Z" },
        { "Mar  7 18:53:20.25", "2026-03-08T00:00:00Z", "2026-03-07T18:53:20.25Z" },
};

Test(base_clock, guesses_the_year)
{
        struct time_hint none = { .reference = USEC_NONE };
        usec t = 42;

        for (size_t i = 0; i < ARRAY_LEN(yearless); i++) {
                struct time_hint hint = { .reference = at(yearless[i].reference) };

                cr_expect_eq(time_parse(str_of(yearless[i].text), TIME_UNIT_AUTO, &hint, &t), 0);
                cr_expect_eq(t, at(yearless[i].want), "%zu gave %lld", i, (long long)t);
        }
        t = 42;
        cr_expect_eq(time_parse(STR("Mar  7 18:53:20"), TIME_UNIT_AUTO, &none, &t), -EBADMSG);
        none.reference = 0;
        cr_expect_eq(time_parse(STR("Feb 30 18:53:20"), TIME_UNIT_AUTO, &none, &t), -EBADMSG);
        cr_expect_eq(t, 42);
}

Test(base_clock, zones_of_the_hint)
{
        struct time_hint east = { .reference = at("2026-03-08"), .zone_minutes = 540 };
        usec t;

        cr_expect_eq(time_parse(STR("2026-03-07 18:53:20"), TIME_UNIT_AUTO, &east, &t), 0);
        cr_expect_eq(t, at("2026-03-07T09:53:20Z"));
        cr_expect_eq(time_parse(STR("Mar  7 18:53:20"), TIME_UNIT_AUTO, &east, &t), 0);
        cr_expect_eq(t, at("2026-03-07T09:53:20Z"));
        cr_expect_eq(time_parse(STR("2026-03-07 18:53:20Z"), TIME_UNIT_AUTO, &east, &t), 0);
        cr_expect_eq(t, at("2026-03-07T18:53:20Z"), "a zone that is written wins");
        cr_expect_eq(time_parse(STR("1772909600"), TIME_UNIT_AUTO, &east, &t), 0);
        cr_expect_eq(t, at("2026-03-07T18:53:20Z"), "numbers have no zone");
}

static const struct {
        const char *wall, *want;
} central[] = {
        { "2026-01-15 12:00:00", "2026-01-15T11:00:00Z" }, { "2026-07-15 12:00:00", "2026-07-15T10:00:00Z" },
        { "2026-03-29 01:59:59", "2026-03-29T00:59:59Z" }, { "2026-03-29 03:00:00", "2026-03-29T01:00:00Z" },
        { "2026-03-29 02:30:00", "2026-03-29T01:30:00Z" }, /* left out that night */
        { "2026-10-25 02:30:00", "2026-10-25T00:30:00Z" }, /* comes twice */
        { "2026-10-25 03:00:00", "2026-10-25T02:00:00Z" },
};

Test(base_clock, the_machines_zone)
{
        struct time_hint hint = { .reference = USEC_NONE, .local = true };
        char text[TIME_ISO_BYTES];

        setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
        tzset();
        for (int round = 0; round < 2; round++)
                for (size_t i = 0; i < ARRAY_LEN(central); i++) {
                        usec t = 42;

                        cr_expect_eq(time_parse(str_of(central[i].wall), TIME_UNIT_AUTO, &hint, &t), 0);
                        cr_expect_eq(t, at(central[i].want), "%s gave %lld", central[i].wall, (long long)t);
                }
        time_format_local(at("2026-07-15T10:00:00.75Z"), text);
        cr_expect_str_eq(text, "2026-07-15 12:00:00");
        time_format_local(USEC_NONE, text);
        cr_expect_str_eq(text, "");
}

Test(base_clock, splits_and_formats)
{
        struct time_parts p;
        char text[TIME_ISO_BYTES];

        time_split(at("2026-03-07T18:53:20.9Z"), &p);
        cr_expect(p.year == 2026 && p.month == 3 && p.day == 7);
        cr_expect(p.hour == 18 && p.minute == 53 && p.second == 20);
        cr_expect_eq(p.weekday, 5, "a Saturday");
        time_split(-1, &p);
        cr_expect(p.year == 1969 && p.month == 12 && p.day == 31 && p.second == 59 && p.weekday == 2);
        for (int64_t day = -800000; day < 2900000; day += 37) { /* -220 to 9909, against libc */
                time_t seconds = (time_t)(day * 86400);
                struct tm tm;

                time_split(day * USEC_PER_DAY, &p);
                cr_assert_not_null(gmtime_r(&seconds, &tm));
                cr_assert(p.year == tm.tm_year + 1900 && p.month == tm.tm_mon + 1 && p.day == tm.tm_mday);
                cr_assert_eq(p.weekday, (tm.tm_wday + 6) % 7);
        }
        time_format_iso(USEC_NONE, text);
        cr_expect_str_eq(text, "");
        time_format_iso(INT64_MIN + 1, text);
        cr_expect_lt(strlen(text), TIME_ISO_BYTES);
        time_format_iso(INT64_MAX, text);
        cr_expect_str_eq(text, "294247-01-10T04:00:54.775807Z");
}

static const struct {
        const char *text;
        int r;
        usec d;
        const char *shown;
} durations[] = {
        { "90s", 0, 90 * USEC_PER_SEC, "90s" },
        { "60s", 0, USEC_PER_MINUTE, "1m" },
        { "15m", 0, 15 * USEC_PER_MINUTE, "15m" },
        { "24h", 0, USEC_PER_DAY, "1d" },
        { "7d", 0, 7 * USEC_PER_DAY, "7d" },
        { "0s", 0, 0, "0s" },
        { "106751991d", 0, 106751991 * USEC_PER_DAY, "106751991d" },
        { "106751992d", -ERANGE, 0, NULL },
        { "99999999999999999999s", -ERANGE, 0, NULL },
        { "99999999999999999999x", -EBADMSG, 0, NULL },
        { "", -EBADMSG, 0, NULL },
        { "m", -EBADMSG, 0, NULL },
        { "5", -EBADMSG, 0, NULL },
        { "5M", -EBADMSG, 0, NULL },
        { "5 m", -EBADMSG, 0, NULL },
        { "-5m", -EBADMSG, 0, NULL },
        { "1.5h", -EBADMSG, 0, NULL },
        { "1h30m", -EBADMSG, 0, NULL },
};

Test(base_clock, durations)
{
        char text[DURATION_BYTES];

        for (size_t i = 0; i < ARRAY_LEN(durations); i++) {
                usec d = 42;

                cr_expect_eq(duration_parse(str_of(durations[i].text), &d), durations[i].r, "%s", durations[i].text);
                cr_expect_eq(d, durations[i].r < 0 ? 42 : durations[i].d, "%s", durations[i].text);
                if (durations[i].r < 0)
                        continue;
                duration_format(d, text);
                cr_expect_str_eq(text, durations[i].shown);
        }
        duration_format(1500000, text);
        cr_expect_str_eq(text, "1500ms");
        duration_format(-7, text);
        cr_expect_str_eq(text, "-7us");
}

static usec fixed_now(void *userdata)
{
        return *(usec *)userdata;
}

Test(base_clock, is_asked_through_the_struct)
{
        usec t = 7;
        struct clock clock = { fixed_now, &t };

        cr_expect_eq(clock_now(&clock), 7);
        cr_expect_gt(clock_now(&clock_system), at("2020-01-01"));
}
