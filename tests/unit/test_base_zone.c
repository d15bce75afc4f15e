/* SPDX-License-Identifier: Apache-2.0 */

/* Zones beside the C library's own reading of them, at random instants to the year 2100; hours that are missing or doubled; rules of TZ;
 * files that are not what they should be; moments as people write them. Needs the tz database (package tzdata). */

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "monitor/base/zone.h"
#include "monitor/base/zone_rule.h"

enum { INSTANTS = 400, FILE_MAX = 8192 };

static const char *const zones[] = {
        "Asia/Seoul", "Asia/Tokyo", "Asia/Singapore", "Asia/Kuala_Lumpur", "Asia/Bangkok", "Asia/Manila", "Asia/Jakarta", "Asia/Ho_Chi_Minh",
        "Asia/Taipei", "Asia/Shanghai", "Asia/Hong_Kong", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Dubai", "Asia/Tehran", "Asia/Gaza",
        "Asia/Jerusalem", "Asia/Beirut", "Europe/Berlin", "Europe/Brussels", "Europe/Dublin", "Europe/London", "Europe/Lisbon",
        "Europe/Istanbul", "Europe/Chisinau", "Africa/Cairo", "Africa/Casablanca", "Africa/El_Aaiun", "America/New_York",
        "America/Los_Angeles", "America/Toronto", "America/St_Johns", "America/Sao_Paulo", "America/Santiago", "America/Havana",
        "America/Asuncion", "America/Nuuk", "America/Miquelon", "Antarctica/Troll", "Australia/Sydney", "Australia/Lord_Howe",
        "Australia/Adelaide", "Pacific/Auckland", "Pacific/Chatham", "Pacific/Apia", "Pacific/Easter", "Pacific/Kiritimati", "Etc/UTC",
        "Etc/GMT+12", "EST5EDT",
};

static uint64_t seed_of(void)
{
        const char *text = getenv("SHOPBELL_SEED");
        uint64_t seed = 20261117;

        if (text)
                str_to_u64(str_of(text), &seed);
        return seed;
}

static uint64_t next(uint64_t *state)
{
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        return *state;
}

static struct zone *open_zone(const char *name)
{
        struct zone *z = NULL;
        struct err err = { 0 };

        cr_assert_eq(zone_open(NULL, str_of(name), &z, &err), 0, "%s: %s", name, err.text);
        return z;
}

/* Both ways, at one instant. Times before the first change of a file are the C library's own reading of its types: not here. */
static void compare(const struct zone *z, int64_t at)
{
        time_t t = (time_t)at;
        struct zone_shift shift;
        struct time_parts p;
        struct tm tm;
        char text[ZONE_TEXT_BYTES], want[ZONE_TEXT_BYTES];

        cr_assert(localtime_r(&t, &tm));
        zone_at(z, at * USEC_PER_SEC, &shift);
        zone_split(z, at * USEC_PER_SEC, &p);
        zone_format(z, at * USEC_PER_SEC, text);
        strftime(want, sizeof want, tm.tm_sec ? "%H:%M:%S %Z" : "%H:%M %Z", &tm);
        cr_assert(shift.seconds == tm.tm_gmtoff && shift.is_dst == (tm.tm_isdst > 0) && strcmp(shift.abbreviation, tm.tm_zone) == 0 &&
                          p.year == tm.tm_year + 1900 && p.month == tm.tm_mon + 1 && p.day == tm.tm_mday && p.hour == tm.tm_hour &&
                          p.minute == tm.tm_min && p.second == tm.tm_sec && p.weekday == (tm.tm_wday + 6) % 7 && str_ends(str_of(text), str_of(want)),
                  "%s at %lld: %d %s, want %ld %s (%s, %s)", zone_name(z), (long long)at, shift.seconds, shift.abbreviation, tm.tm_gmtoff,
                  tm.tm_zone, text, want);
        /* back: the same, or the first of an hour that comes twice */
        cr_assert(zone_join(z, &p) == at * USEC_PER_SEC || zone_join(z, &p) < at * USEC_PER_SEC);
        zone_at(z, zone_join(z, &p), &shift);
        zone_split(z, zone_join(z, &p), &p);
        cr_assert(p.hour == tm.tm_hour && p.minute == tm.tm_min && p.day == tm.tm_mday, "%s at %lld", zone_name(z), (long long)at);
}

Test(base_zone, as_the_c_library)
{
        const int64_t last = INT64_C(4133980800); /* 2101 */
        uint64_t seed = seed_of(), state = seed;

        cr_log_info("seed %llu", (unsigned long long)seed);
        for (size_t i = 0; i < ARRAY_LEN(zones); i++) {
                CLEANUP(zone_freep) struct zone *z = open_zone(zones[i]);

                setenv("TZ", zones[i], 1);
                tzset();
                for (size_t k = 0; k < INSTANTS; k++) {
                        int64_t at = (int64_t)(next(&state) % (uint64_t)last);

                        compare(z, at);
                        compare(z, at / 3600 * 3600);
                }
                /* the seconds around each change of some years: of the file's own, and of its rule */
                for (int64_t at = INT64_C(1767225600), step = 1800; at < INT64_C(1861920000); at += step) {
                        struct zone_shift a, b;

                        zone_at(z, at * USEC_PER_SEC, &a);
                        zone_at(z, (at + step) * USEC_PER_SEC, &b);
                        if (a.seconds != b.seconds)
                                for (int64_t s = at - 1; s <= at + step + 1; s += s == at + 1 ? step - 2 : 1)
                                        compare(z, s);
                }
        }
}

/* Footers by themselves, as far as the C library reads them right. */
Test(base_zone, footer_alone)
{
        static const struct {
                const char *tz;
        } rules[] = { { "EST5EDT,M3.2.0,M11.1.0" },  { "IST-1GMT0,M10.5.0,M3.5.0/1" }, { "<-02>2<-01>,M3.5.0/-1,M10.5.0/0" },
                      { "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0" }, { "AEST-10AEDT,J60/3,J300" }, { "NZST-12NZDT,59,300/25:30:15" },
                      { "KST-9" }, { "IST-2IDT,M3.4.4/26,M10.5.0" }, { "CET-1CEST,M3.5.0,M10.5.0/3" } };
        uint64_t state = seed_of();

        for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
                struct zone_rule rule;

                cr_assert_eq(zone_rule_parse(str_of(rules[i].tz), &rule), 0, "%s", rules[i].tz);
                setenv("TZ", rules[i].tz, 1);
                tzset();
                for (size_t k = 0; k < 2000; k++) {
                        time_t at = (time_t)(next(&state) % UINT64_C(4100000000));
                        struct zone_shift shift;
                        struct tm tm;

                        cr_assert(localtime_r(&at, &tm));
                        zone_rule_at(&rule, at, &shift);
                        cr_assert(shift.seconds == tm.tm_gmtoff && strcmp(shift.abbreviation, tm.tm_zone) == 0, "%s at %lld: %d, want %ld",
                                  rules[i].tz, (long long)at, shift.seconds, tm.tm_gmtoff);
                }
        }
}

/* RFC 8536's own example; the C library has it wrong in the last hours of years. */
Test(base_zone, summer_time_all_year)
{
        struct zone_rule rule;

        cr_assert_eq(zone_rule_parse(STR("EST5EDT,0/0,J365/25"), &rule), 0);
        for (int64_t at = 1577750400; at < 1577750400 + 3 * 366 * 86400; at += 600) {
                struct zone_shift shift;

                zone_rule_at(&rule, at, &shift);
                cr_assert_eq(shift.seconds, -4 * 3600, "%lld", (long long)at);
        }
}

Test(base_zone, rules_that_are_none)
{
        static const char *const bad[] = { "",         "K-9",          "KST",           "KST-25",       "<KST-9",
                                           "KST-9KDT", "KST-9KDT,M3",  "EST5EDT,M13.1.0,M11.1.0", "EST5EDT,M3.6.0,M11.1.0",
                                           "EST5EDT,M3.2.7,M11.1.0", "EST5EDT,J0,J300", "EST5EDT,J366,J300", "EST5EDT,M3.2.0", "EST5EDT,M3.2.0,M11.1.0x",
                                           "EST5EDT,M3.2.0/168,M11.1.0", "ABCDEFGHIJKLMNOPQ5", "EST99999999999", "<K\033>-9" };
        struct zone_rule rule;

        for (size_t i = 0; i < ARRAY_LEN(bad); i++)
                cr_assert_eq(zone_rule_parse(str_of(bad[i]), &rule), -EBADMSG, "%s", bad[i]);
}

/* ---- Hours that are missing or doubled ---- */

static const struct {
        const char *zone;
        struct time_parts wall;
        const char *want;
} walls[] = {
        { "Europe/Berlin", { 2026, 3, 29, 2, 30, 0, 0 }, "2026-03-29T03:30:00+02:00" }, /* missing: by the offset before */
        { "Europe/Berlin", { 2026, 10, 25, 2, 30, 0, 0 }, "2026-10-25T02:30:00+02:00" }, /* twice: the first */
        { "Europe/Berlin", { 2026, 10, 25, 3, 0, 0, 0 }, "2026-10-25T03:00:00+01:00" },
        { "America/Los_Angeles", { 2026, 11, 1, 1, 59, 59, 0 }, "2026-11-01T01:59:59-07:00" },
        { "Australia/Lord_Howe", { 2026, 10, 4, 2, 15, 0, 0 }, "2026-10-04T02:45:00+11:00" }, /* half an hour */
        { "Europe/Dublin", { 2026, 3, 29, 1, 30, 0, 0 }, "2026-03-29T02:30:00+01:00" },
        { "Pacific/Apia", { 2011, 12, 30, 12, 0, 0, 0 }, "2011-12-31T12:00:00+14:00" }, /* a day that was left out */
        { "Asia/Seoul", { 2026, 11, 17, 24, 0, 0, 0 }, "2026-11-18T00:00:00+09:00" },
        { "Asia/Seoul", { 2026, 2, 29, 8, 0, 0, 0 }, "2026-03-01T08:00:00+09:00" },
        { "Asia/Kathmandu", { 2099, 12, 31, 23, 59, 0, 0 }, "2099-12-31T23:59:00+05:45" },
        { "+09:00", { 2026, 11, 17, 16, 0, 0, 0 }, "2026-11-17T16:00:00+09:00" },
        { "UTC", { 2026, 11, 17, 16, 0, 0, 0 }, "2026-11-17T16:00:00+00:00" },
        { "-03:30", { 1969, 12, 31, 23, 0, 0, 0 }, "1969-12-31T23:00:00-03:30" },
};

Test(base_zone, walls)
{
        for (size_t i = 0; i < ARRAY_LEN(walls); i++) {
                CLEANUP(zone_freep) struct zone *z = open_zone(walls[i].zone);
                char iso[ZONE_TEXT_BYTES];

                zone_format_iso(z, zone_join(z, &walls[i].wall), iso);
                cr_assert_str_eq(iso, walls[i].want, "%s: %s, want %s", walls[i].zone, iso, walls[i].want);
        }
}

static const struct {
        const char *zone;
        int year, month, day;
        const char *want;
} ends[] = {
        { "Asia/Seoul", 2026, 11, 17, "2026-11-17T23:59:59+09:00" },
        { "Europe/Berlin", 2026, 3, 29, "2026-03-29T23:59:59+02:00" },
        { "Africa/Cairo", 2026, 4, 23, "2026-04-23T23:59:59+02:00" }, /* the next day begins at 01:00 */
        { "Africa/Cairo", 2026, 10, 29, "2026-10-29T23:59:59+02:00" }, /* its last hour comes twice: the second */
        { "America/Havana", 2026, 10, 31, "2026-10-31T23:59:59-04:00" }, /* the first hour of the next day does */
        { "America/Sao_Paulo", 2018, 11, 3, "2018-11-03T23:59:59-03:00" },
        { "UTC", 2028, 2, 29, "2028-02-29T23:59:59+00:00" },
};

Test(base_zone, ends_of_days)
{
        for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
                CLEANUP(zone_freep) struct zone *z = open_zone(ends[i].zone);
                int64_t day = time_day(ends[i].year, ends[i].month, ends[i].day);
                usec end = zone_day_end(z, day);
                char iso[ZONE_TEXT_BYTES];

                zone_format_iso(z, end, iso);
                cr_assert_str_eq(iso, ends[i].want, "%s: %s, want %s", ends[i].zone, iso, ends[i].want);
                cr_assert_eq(zone_day(z, end), day);
                cr_assert_eq(zone_day(z, end + USEC_PER_SEC), day + 1);
        }
}

/* ---- Names and files ---- */

Test(base_zone, names)
{
        static const char *const bad[] = { "",          "../etc/passwd", "Asia/../../etc/passwd", "/etc/passwd", "Asia//Seoul", "Asia/Seoul/",
                                           "Asia/Se\noul", "Asia/S\x80ul", "Asia Seoul",            ".",           "Asia/*",      "+9:00",
                                           "America/Argentina/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" };
        struct zone *z = NULL;
        struct err err;

        for (size_t i = 0; i < ARRAY_LEN(bad); i++)
                cr_assert_eq(zone_open(NULL, str_of(bad[i]), &z, &err), -EINVAL, "%s", bad[i]);
        cr_assert_eq(zone_open(NULL, str_from("UTC\0x", 5), &z, &err), -EINVAL);
        cr_assert_eq(zone_open(NULL, STR("Asia/Soul"), &z, &err), -ENOENT);
        cr_assert_eq(zone_open(NULL, STR("Asia"), &z, &err), -ENOENT);
        cr_assert_eq(zone_open("/nonexistent", STR("Asia/Seoul"), &z, &err), -ENOENT);
        cr_assert(strstr(err.text, "tzdata"), "%s", err.text);
        cr_assert_eq(zone_open("/usr/share/zoneinfo", STR("tzdata"), &z, &err), -ENOENT);
        cr_assert_null(z);
}

static size_t read_zone(const char *name, char buf[FILE_MAX])
{
        char path[128];
        FILE *f;
        size_t n;

        snprintf(path, sizeof path, "%s/%s", ZONE_DIR, name);
        f = fopen(path, "re");
        cr_assert(f, "%s", path);
        n = fread(buf, 1, FILE_MAX, f);
        fclose(f);
        cr_assert(n > 0 && n < FILE_MAX);
        return n;
}

/* Cut anywhere, and each byte turned about: refused, or a zone that can be asked. */
Test(base_zone, broken_files)
{
        char bytes[FILE_MAX];
        size_t n = read_zone("America/Sao_Paulo", bytes);
        struct zone *z = NULL;

        cr_assert_eq(zone_parse(STR("X"), str_from(bytes, n), &z, NULL), 0);
        z = zone_free(z);
        for (size_t i = 0; i < n; i++) {
                CLEANUP(memory_freep) char *cut = malloc(i + 1); /* its very size, for sanitizers */

                memcpy(cut, bytes, i);
                cr_assert_eq(zone_parse(STR("X"), str_from(cut, i), &z, NULL), -EBADMSG, "%zu", i);
        }
        for (size_t i = 0; i < n; i++)
                for (int k = 0; k < 4; k++) {
                        const char was = bytes[i], with[] = { (char)~was, (char)(was ^ 1), (char)0xff, 0 };
                        struct time_parts p = { 2026, 10, 25, 2, 30, 0, 0 };
                        char text[ZONE_TEXT_BYTES];

                        bytes[i] = with[k];
                        if (zone_parse(STR("X"), str_from(bytes, n), &z, NULL) == 0) {
                                zone_format(z, zone_join(z, &p), text);
                                zone_format_iso(z, zone_day_end(z, 20000), text);
                                z = zone_free(z);
                        }
                        bytes[i] = was;
                }
        n = read_zone("Asia/Seoul", bytes);
        bytes[4] = '\0';
        cr_assert_eq(zone_parse(STR("X"), str_from(bytes, n), &z, NULL), -EBADMSG);
}

/* ---- Moments ---- */

static const struct {
        const char *text, *iso, *zone; /* iso NULL: refused */
} moments[] = {
        { "2026-11-17 16:00 Asia/Seoul", "2026-11-17T07:00:00Z", "Asia/Seoul" },
        { "  2026-11-17  16:00:30   Asia/Seoul ", "2026-11-17T07:00:30Z", "Asia/Seoul" },
        { "2026-11-17T16:00+09:00", "2026-11-17T07:00:00Z", "+09:00" },
        { "2026-11-17T16:00:00Z", "2026-11-17T16:00:00Z", "+00:00" },
        { "2026-11-17 16:00 UTC", "2026-11-17T16:00:00Z", "UTC" },
        { "2026-11-17T16:00+09:00 Asia/Seoul", "2026-11-17T07:00:00Z", "Asia/Seoul" },
        { "2026-11-17T16:00+08:00 Asia/Seoul", NULL, NULL },
        { "2026-11-17T16:00-03:30", "2026-11-17T19:30:00Z", "-03:30" },
        { "2026-11-17 16:00", "2026-11-17T15:00:00Z", "Europe/Berlin" }, /* the machine's */
        { "2026-07-17 16:00", "2026-07-17T14:00:00Z", "Europe/Berlin" },
        { "2026-11-17", "2026-11-16T23:00:00Z", "Europe/Berlin" },
        { "2026-11-17 Asia/Seoul", "2026-11-16T15:00:00Z", "Asia/Seoul" },
        { "2026-10-25 02:30 Europe/Berlin", "2026-10-25T00:30:00Z", "Europe/Berlin" },
        { "2026-11-17 16:00 Singapore", "2026-11-17T08:00:00Z", "Singapore" },
        { "Sat, 10 Oct 2026 13:55:36 GMT", "2026-10-10T13:55:36Z", "+00:00" },
        { "10/Oct/2026:13:55:36 -0700", "2026-10-10T20:55:36Z", "-07:00" },
        { "11/22/2026 3:14:02 PM Asia/Seoul", "2026-11-22T06:14:02Z", "Asia/Seoul" },
        { "now", "2026-11-17T09:00:00Z", "Europe/Berlin" },
        { "2h ago", "2026-11-17T07:00:00Z", "Europe/Berlin" },
        { "2h", NULL, NULL },
        { "x ago", NULL, NULL },
        { "", NULL, NULL },
        { "1789000000", NULL, NULL },
        { "2026", NULL, NULL },
        { "Nov 17 16:00:00", NULL, NULL },
        { "2026-02-29 16:00 Asia/Seoul", NULL, NULL },
        { "2028-02-29 16:00 Asia/Seoul", "2028-02-29T07:00:00Z", "Asia/Seoul" },
        { "2026-11-17 16:00 Asia/Soul", NULL, NULL },
        { "2026-11-17 16:00 ../../etc/passwd", NULL, NULL },
        { "2026-11-17 25:00 Asia/Seoul", NULL, NULL },
        { "16:00 Asia/Seoul", NULL, NULL },
        { "yesterday", NULL, NULL },
};

Test(base_zone, moments)
{
        usec now;

        setenv("TZ", "Europe/Berlin", 1);
        tzset();
        cr_assert_eq(time_parse(STR("2026-11-17T09:00:00Z"), TIME_UNIT_S, NULL, &now), 0);
        for (size_t i = 0; i < ARRAY_LEN(moments); i++) {
                struct moment m = { 0 };
                struct err err = { 0 };
                char iso[TIME_ISO_BYTES];
                int r = moment_parse(str_of(moments[i].text), now, NULL, &m, &err);

                if (!moments[i].iso) {
                        cr_assert(r < 0 && err.text[0], "%s", moments[i].text);
                        continue;
                }
                cr_assert_eq(r, 0, "%s: %s", moments[i].text, err.text);
                time_format_iso(m.at, iso);
                cr_assert_str_eq(iso, moments[i].iso, "%s: %s", moments[i].text, iso);
                cr_assert_str_eq(m.zone, moments[i].zone, "%s: %s", moments[i].text, m.zone);
        }
}

Test(base_zone, moments_for_people)
{
        static const struct {
                const char *zone, *want;
        } rows[] = { { "Asia/Seoul", "Tue 17 Nov 2026 16:00 KST (Asia/Seoul)" }, { "+09:00", "Tue 17 Nov 2026 16:00 +09:00" },
                     { "UTC", "Tue 17 Nov 2026 07:00 UTC" }, { "No/Where", "2026-11-17T07:00:00Z (No/Where)" } };

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(strbuf_done) struct strbuf out = STRBUF_INIT;
                struct moment m = { 0 };

                cr_assert_eq(time_parse(STR("2026-11-17T07:00:00Z"), TIME_UNIT_S, NULL, &m.at), 0);
                snprintf(m.zone, sizeof m.zone, "%s", rows[i].zone);
                moment_format(&m, NULL, &out);
                cr_assert_str_eq(out.p, rows[i].want);
        }
}
