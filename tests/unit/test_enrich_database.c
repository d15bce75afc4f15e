/* SPDX-License-Identifier: Apache-2.0 */

/* MaxMind DB files: what the sample says, files that are cut, bent or lie, and values nobody can mean. */

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "monitor/enrich/country.h"
#include "monitor/enrich/database.h"
#include "monitor/enrich/mmdb_value.h"

/* Of a database with damaged metadata libmaxminddb keeps what it had read until then: read by the sanitizer. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
        return "leak:libmaxminddb";
}
const char *__lsan_default_options(void);
const char *__lsan_default_options(void)
{
        return "print_suppressions=0";
}

static char path[] = "/tmp/shopbell-mmdb-XXXXXX";
static uint8_t sample[64 * 1024];
static size_t sample_n;

static void read_sample(void)
{
        const char *top = getenv("SHOPBELL_SRCDIR");
        char name[4096];
        FILE *f;

        snprintf(name, sizeof name, "%s/samples/geoip.mmdb", top ? top : ".");
        f = fopen(name, "rb");
        cr_assert_not_null(f, "%s", name);
        sample_n = fread(sample, 1, sizeof sample, f);
        fclose(f);
        cr_assert(sample_n > 1000 && sample_n < sizeof sample);
        cr_assert_neq(close(mkstemp(path)), -1);
}

static void remove_file(void)
{
        unlink(path);
}

static int open_bytes(const uint8_t *p, size_t n, struct database **ret, struct err *err)
{
        FILE *f = fopen(path, "wb");

        cr_assert(f && fwrite(p, 1, n, f) == n && fclose(f) == 0);
        return database_open(path, ret, err);
}

static bool ask(const struct database *db, const char *text, struct answer *ret)
{
        struct address a;

        cr_assert(address_parse(str_of(text), &a));
        return database_ask(db, &a, ret);
}

Test(enrich_database, the_sample, .init = read_sample, .fini = remove_file)
{
        CLEANUP(database_freep) struct database *db = NULL;
        struct err err = { 0 };
        struct answer a;

        cr_assert_eq(open_bytes(sample, sample_n, &db, &err), 0, "%s", err.text);
        cr_expect(str_eqz(database_type(db), "shopbell-sample"));
        cr_expect_eq(database_built(db), 1772409600);
        cr_assert(ask(db, "198.51.100.77", &a));
        cr_expect_str_eq(a.country, "KR");
        cr_expect(str_eqz(a.city, "Seoul") && str_eqz(a.as_name, "Example Mobile"));
        cr_expect(a.has_location && a.lat == 375665 && a.lon == 1269780 && a.radius_km == 20 && a.as_number == 64502);
        cr_expect_not(a.is_bad);
        cr_assert(ask(db, "::ffff:198.51.100.200", &a));
        cr_expect(a.lon == -740060 && a.lat == 407128);
        cr_assert(ask(db, "2001:db8:1::7", &a));
        cr_expect_str_eq(a.country, "KR");
        cr_assert(ask(db, "203.0.113.9", &a));
        cr_expect(!a.city.p && a.radius_km == 1000);
        cr_expect_not(ask(db, "8.8.8.8", &a));
        cr_expect_not(ask(db, "2001:db8:2::", &a));
        cr_expect_not(a.is_bad);
}

Test(enrich_database, files_that_are_none, .init = read_sample, .fini = remove_file)
{
        struct database *db = NULL;
        struct err err = { 0 };

        cr_expect_eq(database_open("/nonexistent/x.mmdb", &db, &err), -ENOENT);
        cr_expect_str_eq(err.file, "/nonexistent/x.mmdb");
        cr_expect_eq(database_open("/", &db, &err), -EBADMSG);
        cr_expect_eq(open_bytes(sample, 0, &db, &err), -EBADMSG);
        for (size_t n = 1; n < sample_n; n += 7) {
                int r = open_bytes(sample, n, &db, &err);

                if (r >= 0) /* cut inside the metadata, behind what is needed */
                        db = database_free(db);
                cr_expect(r >= 0 || r == -EBADMSG);
        }
        cr_expect_eq(open_bytes(sample + 200, sample_n - 200, &db, &err), 0,
                     "a shorter tree is still inside of the file");
        database_free(db);
}

static void ask_all(const struct database *db)
{
        static const char *const addresses[] = { "192.0.2.1",        "198.51.100.77",   "203.0.113.200",
                                                 "2001:db8::1",      "8.8.8.8",         "::",
                                                 "2001:db8:8000::1", "255.255.255.255", "ffff::" };
        struct answer a;

        for (size_t i = 0; i < ARRAY_LEN(addresses); i++) {
                ask(db, addresses[i], &a);
                cr_assert(a.city.n <= PLACE_TEXT_MAX && a.as_name.n <= PLACE_TEXT_MAX &&
                          a.radius_km <= PLACE_RADIUS_MAX);
                cr_assert(abs(a.lat) <= 90 * PLACE_UNITS && abs(a.lon) <= 180 * PLACE_UNITS);
                cr_assert(!a.country[0] || (a.country[0] >= 'A' && a.country[1] <= 'Z' && !a.country[2]));
        }
}

Test(enrich_database, bent_files, .init = read_sample, .fini = remove_file)
{
        static uint8_t bent[sizeof sample];
        uint32_t seed = 1;
        size_t opened = 0;

        for (unsigned round = 0; round < 6000; round++) {
                struct database *db = NULL;
                struct err err = { 0 };

                memcpy(bent, sample, sample_n);
                for (unsigned i = 0; i <= round % 4; i++) {
                        /* Each bit of the last part (metadata, data) is turned more often than those of the tree. */
                        size_t at;

                        seed = seed * 1664525 + 1013904223;
                        at = round & 1 ? sample_n - 1 - (seed >> 8) % 900 : (seed >> 8) % sample_n;
                        bent[at] = round % 3 ? bent[at] ^ (uint8_t)(1 << (seed >> 5 & 7)) : (uint8_t)(seed >> 3);
                }
                if (open_bytes(bent, sample_n, &db, &err) < 0)
                        continue;
                opened++;
                ask_all(db);
                database_free(db);
        }
        cr_expect(opened > 3000, "%zu", opened);
}

static void replace(uint8_t *p, size_t n, const char *from, const char *to, size_t length)
{
        size_t found = 0;

        for (size_t i = 0; i + length <= n; i++)
                if (memcmp(p + i, from, length) == 0) {
                        memcpy(p + i, to, length);
                        found++;
                }
        cr_assert(found > 0);
}

Test(enrich_database, values_that_nobody_can_mean, .init = read_sample, .fini = remove_file)
{
        CLEANUP(database_freep) struct database *db = NULL;
        struct err err = { 0 };
        struct answer a;

        replace(sample, sample_n,
                "Se"
                "oul",
                "Se\x1bul", 5);
        replace(sample, sample_n, "KR", "k!", 2);
        replace(sample, sample_n, "Example Mobile", "Example \xff\xfe\xfd\xfc\xfb\xfa", 14);
        replace(sample, sample_n, "\x68\x40\x42\xc8\x83\x12\x6e\x97\x8d", "\x68\x7f\xf8\0\0\0\0\0\0",
                9); /* 37.5665: NaN */
        cr_assert_eq(open_bytes(sample, sample_n, &db, &err), 0, "%s", err.text);
        cr_assert(ask(db, "198.51.100.77", &a)); /* the AS number is as good as before */
        cr_expect(a.is_bad && !a.country[0] && !a.city.p && !a.as_name.p && !a.has_location && a.as_number == 64502);
}

Test(enrich_database, metadata_that_lies, .init = read_sample, .fini = remove_file)
{
        struct database *db = NULL;
        struct err err = { 0 };

        cr_expect_eq(open_bytes(sample + 1250, sample_n - 1250, &db, &err), -EBADMSG);
        cr_expect_not_null(strstr(err.text, "longer than the file"), "%s", err.text);
        replace(sample, sample_n, "record_size\xa1\x18", "record_size\xa1\x19", 13);
        cr_expect_eq(open_bytes(sample, sample_n, &db, &err), -EBADMSG);
        replace(sample, sample_n, "record_size\xa1\x19", "record_size\xa1\x18", 13);
        replace(sample, sample_n, "ip_version\xa1\x06", "ip_version\xa1\x05", 12);
        cr_expect_eq(open_bytes(sample, sample_n, &db, &err), -EBADMSG);
        cr_expect_not_null(strstr(err.text, "makes no sense"), "%s", err.text);
}

/* ---- Values ---- */

static int get(const void *bytes, size_t n, const char *value, struct mmdb_value *ret)
{
        struct mmdb_section s = { bytes, n };

        return mmdb_get(&s, 0, value, ret);
}

Test(enrich_database, values_are_read_within_their_bounds)
{
        struct mmdb_value v;

        cr_assert_eq(get("\xe1\x41"
                         "a\xc1\x07",
                         5, "a", &v),
                     0);
        cr_expect(v.kind == MMDB_UINT && v.uint == 7);
        cr_expect_eq(get("\xe1\x41"
                         "a\xc1\x07",
                         5, "b", &v),
                     -ENOENT);
        cr_expect_eq(get("\xe1\x41"
                         "a\xc1\x07",
                         5, "a.b", &v),
                     -ENOENT);
        cr_expect_eq(get("\xe1\x41"
                         "a\xc1",
                         4, "a", &v),
                     -EBADMSG);
        cr_expect_eq(get("\xe2\x41"
                         "a\xc1\x07",
                         5, "b", &v),
                     -EBADMSG);
        cr_expect_eq(get("\xe1\xc1\x07\xc1\x07", 5, "a", &v), -EBADMSG, "a key that is no text");
        cr_expect_eq(get("\x20\x00", 2, "a", &v), -EBADMSG, "a pointer to itself");
        cr_expect_eq(get("\x20\x09", 2, "a", &v), -EBADMSG, "a pointer out of the section");
        cr_expect_eq(get("\x20\x02\x20\x00", 4, "", &v), -EBADMSG, "a pointer to a pointer");
        cr_expect_eq(get("\x5f\xff\xff\xff", 4, "", &v), -EBADMSG, "a text of 16 MB");
        cr_expect_eq(get("\x09\x02\x01\x02\x03", 5, "", &v), -EBADMSG, "9 bytes that are not there");
        cr_expect_eq(get("", 0, "", &v), -EBADMSG);
        cr_assert_eq(get("\x68\xc0\x4f\x00\x00\x00\x00\x00\x00", 9, "", &v), 0);
        cr_expect(v.kind == MMDB_REAL && v.real == -62.0);
        cr_assert_eq(get("\x04\x08\xc2\x78\x00\x00", 6, "", &v), 0);
        cr_expect(v.kind == MMDB_REAL && v.real == -62.0);
        cr_assert_eq(get("\x01\x07", 2, "", &v), 0); /* true */
        cr_expect_eq(v.kind, MMDB_OTHER);
}

/* Arrays in arrays, a million deep: libmaxminddb 1.7.1 would need as much stack. */
Test(enrich_database, nesting_needs_no_stack)
{
        enum { DEPTH = 1000000 };
        uint8_t *p = malloc(2 * DEPTH + 16);
        struct mmdb_value v;
        size_t n = 0;

        cr_assert_not_null(p);
        memcpy(p,
               "\xe2\x41"
               "a",
               3);
        for (n = 3; n < 2 * DEPTH; n += 2)
                memcpy(p + n, "\x01\x04", 2);
        cr_expect_eq(mmdb_get(&(struct mmdb_section){ p, n }, 0, "b", &v), -EBADMSG);
        free(p);
}

/* ---- Countries ---- */

Test(enrich_database, the_table_of_countries)
{
        size_t n;
        const struct country *all = country_table(&n);

        cr_assert_eq(n, 250);
        for (size_t i = 0; i < n; i++) {
                cr_expect_eq(country_find(str_of(all[i].code)), &all[i], "%s: sorted by code", all[i].code);
                cr_expect(abs(all[i].lat) <= 900 && abs(all[i].lon) <= 1800 && all[i].radius_km > 0 &&
                          all[i].radius_km < 5000);
        }
        cr_expect_null(country_find(STR("ZZ")));
        cr_expect_null(country_find(STR("de")));
        cr_expect_null(country_find(STR("")));
}
