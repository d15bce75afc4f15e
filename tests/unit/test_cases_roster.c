/* SPDX-License-Identifier: Apache-2.0 */

/* Counting distinct people, exactly and as an estimate; and lists of customers, honest and hostile. */

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor/cases/nation.h"
#include "monitor/cases/roster.h"

/* ---- Distinct ones ---- */

static int add(struct headcount *h, unsigned n, const char *country)
{
        char value[32];

        snprintf(value, sizeof value, "c-%u", n);
        return headcount_add(h, str_of(value), str_of(country));
}

static uint64_t of(const struct headcount *h, const char *country)
{
        struct str code;
        uint64_t n;

        for (size_t i = 0; headcount_country(h, i, &code, &n); i++)
                if (str_eqz(code, country))
                        return n;
        return 0;
}

Test(cases_headcount, exact_up_to_the_limit)
{
        struct headcount h = { 0 };

        for (unsigned i = 0; i < 5000; i++) {
                cr_assert_eq(add(&h, i, i % 4 ? "kr" : ""), 1);
                cr_assert_eq(add(&h, i / 2, "sg"), 0);
        }
        cr_expect(headcount_is_exact(&h));
        cr_expect_eq(headcount_all(&h), 5000);
        cr_expect_eq(of(&h, "kr"), 3750);
        cr_expect_eq(of(&h, ""), 1250);
        cr_expect_eq(of(&h, "sg"), 0, "they came with another country first");
        headcount_done(&h);
}

Test(cases_headcount, above_it_an_estimate_of_stated_error)
{
        struct headcount h = { .exact_max = 1000 };

        for (unsigned round = 0; round < 2; round++)
                for (unsigned i = 0; i < 200000; i++)
                        cr_assert_geq(add(&h, i, i % 4 ? "kr" : "us-ca"), 0);
        cr_expect(!headcount_is_exact(&h));
        cr_expect(headcount_all(&h) > 200000 * 0.97 && headcount_all(&h) < 200000 * 1.03, "%llu", (unsigned long long)headcount_all(&h));
        cr_expect(of(&h, "us-ca") > 50000 * 0.97 && of(&h, "us-ca") < 50000 * 1.03, "%llu", (unsigned long long)of(&h, "us-ca"));
        cr_expect_lt(headcount_bytes(&h), 200000);
        headcount_done(&h);
}

Test(cases_headcount, countries_are_capped)
{
        struct headcount h = { 0 };

        for (unsigned i = 0; i < 1000; i++) {
                char code[8];

                snprintf(code, sizeof code, "%c%c-%c", (char)('a' + i % 26), (char)('a' + i / 26 % 26), (char)('a' + i / 676));
                cr_assert_eq(add(&h, i, code), 1);
        }
        cr_expect_eq(h.n_misfits, 1000 - HEADCOUNT_COUNTRIES_MAX);
        cr_expect_eq(of(&h, ""), 1000 - HEADCOUNT_COUNTRIES_MAX);
        cr_expect_eq(headcount_all(&h), 1000);
        headcount_done(&h);
}

Test(cases_nation, codes_and_names)
{
        static const char *const good[][2] = { { "KR", "kr" }, { "kor", "kr" }, { "South Korea", "kr" }, { "대한민국", "kr" }, { " singapore ", "sg" },
                                               { "UNITED STATES", "us" }, { "DEUTSCHLAND", "de" }, { "österreich", "at" }, { "Việt Nam", "vn" }, { "台灣", "tw" } };

        for (size_t i = 0; i < ARRAY_LEN(good); i++) {
                const char *code = nation_find(str_of(good[i][0]));

                cr_assert(code && strcmp(code, good[i][1]) == 0, "%s", good[i][0]);
        }
        cr_expect_null(nation_find(STR("Atlantis")));
        cr_expect_null(nation_find(STR("")));
        cr_expect_null(nation_find(STR("|")));
        cr_expect(str_eqz(nation_title(STR("kr")), "Korea (South)"));
        cr_expect_null(nation_title(STR("zz")).p);
}

/* ---- Lists ---- */

static struct roster *roster;
static struct roster_result result;
static struct err err;

/* In pieces of `step` bytes. */
static int read_text(const char *text, size_t n, size_t step)
{
        int r = 0;

        roster = roster_free(roster);
        roster = roster_new();
        cr_assert_not_null(roster);
        err = (struct err){ 0 };
        for (size_t at = 0; at < n && r >= 0; at += step)
                r = roster_feed(roster, str_from(text + at, size_min(step, n - at)), &err);
        if (r >= 0)
                r = roster_end(roster, &err);
        roster_result(roster, &result);
        return r;
}

static int read_z(const char *text)
{
        return read_text(text, strlen(text), 7);
}

static void end(void)
{
        roster = roster_free(roster);
}

TestSuite(cases_roster, .fini = end);

Test(cases_roster, people_are_counted_once)
{
        cr_assert_eq(read_z("\xef\xbb\xbf\"Email\",First Name,Country Code\r\nmei@example.com,Mei,KR\r\nMEI@Example.com,\"Mei, \"\"K\"\"\nLee\",KR\r\n"
                            "tom@example.net,Tom,SG\r\n\r\n'x@example.org,X,\r\ny@example.org,Y,Atlantis\r\n"),
                     0);
        cr_expect_eq(result.rows, 5);
        cr_expect_eq(result.bad_all, 0);
        cr_expect_eq(result.duplicates, 1);
        cr_expect_eq(headcount_all(result.people), 4);
        cr_expect_eq(of(result.people, "kr"), 1);
        cr_expect_eq(of(result.people, "sg"), 1);
        cr_expect_eq(of(result.people, ""), 2);
        cr_expect_eq(result.without_country, 1);
        cr_expect_eq(result.strange_country, 1);
        cr_expect_str_eq(result.strange[0], "Atlantis");
        cr_expect_str_eq(result.who, "mail address");
}

Test(cases_roster, columns_are_found_by_their_names)
{
        cr_assert_eq(read_z("주문번호;고객번호;국가\n1;A7;한국\n2;A7;한국\n3;B8;일본\n"), 0);
        cr_expect_eq(headcount_all(result.people), 2);
        cr_expect_eq(of(result.people, "jp"), 1);
        cr_assert_eq(read_z("Id\tPhone\tProvince Code\tCountry\n1\t+82 10-1234-5678\t\tKR\n2\t82 (10) 1234 5678\t\tKR\n3\t\tCA\tUnited States\n"), 0);
        cr_expect_eq(headcount_all(result.people), 2, "a number where there is no telephone");
        cr_expect_eq(of(result.people, "us-ca"), 1);
        cr_assert_eq(read_z("Name,Colour\nx,y\n"), -EBADMSG);
        cr_expect(strstr(err.text, "email"), "%s", err.text);
        cr_assert_eq(read_z(""), -EBADMSG);
        cr_assert_eq(read_z("\n\n"), -EBADMSG);
}

Test(cases_roster, bad_rows_are_named)
{
        static const char text[] = "email,country\n"
                                   "a@example.com,KR\n"
                                   "nobody,KR\n" /* 3 */
                                   "\"b@example.com\"x,KR\n" /* 4 */
                                   "c@example.com,KR,more\n" /* 5 */
                                   "d@example\0.com,KR\n" /* 6 */
                                   "\"open@example.com,KR\n" /* 7: never closed */
                                   "e@example.com,KR\n"
                                   "=cmd|' /C calc'!A0@x,KR\n";
        static const uint64_t lines[] = { 3, 4, 5, 6, 7 };

        cr_assert_eq(read_text(text, sizeof text - 1, 1), 0);
        cr_expect_eq(result.rows, 8);
        cr_assert_eq(result.bad_all, 5);
        for (size_t i = 0; i < 5; i++)
                cr_expect_eq(result.first_bad[i].line, lines[i], "%llu", (unsigned long long)result.first_bad[i].line);
        cr_expect_eq(headcount_all(result.people), 3);
}

Test(cases_roster, hostile_sizes_are_bounded)
{
        enum { N = 3 * ROSTER_ROW_BYTES_MAX };
        char *text = malloc(N + 200);
        size_t n = 0;

        n += (size_t)snprintf(text, N, "email\n");
        memset(text + n, 'x', N), n += N; /* one line */
        n += (size_t)snprintf(text + n, 100, "\na@example.com\n");
        cr_assert_eq(read_text(text, n, 4096), 0);
        cr_expect_eq(result.bad[ROSTER_LONG], 1);
        cr_expect_eq(result.first_bad[0].line, 2);
        cr_expect_eq(headcount_all(result.people), 1);
        /* A quote that is never closed, over many lines. */
        n = (size_t)snprintf(text, N, "email\n\"");
        while (n < N) {
                memcpy(text + n, "b@example.com\n", 14);
                n += 14;
        }
        cr_assert_eq(read_text(text, n, 65536), 0);
        cr_expect_eq(result.bad_all, 1);
        cr_expect_eq(headcount_all(result.people), 1);
        /* Nothing but quotes. */
        n = (size_t)snprintf(text, N, "email\n");
        for (; n + 3 < N; n += 3)
                memcpy(text + n, n % 2 ? "\"\"\n" : "x\"\n", 3);
        cr_assert_eq(read_text(text, n, 65536), 0);
        cr_expect_eq(headcount_all(result.people), 0);
        cr_expect_eq(result.n_first_bad, ROSTER_BAD_SHOWN);
        /* No header at all, but a megabyte. */
        memset(text, 'y', N);
        cr_assert_eq(read_text(text, N, 4096), -EBADMSG);
        free(text);
}

/* Each line opens a cell, and leaves one open that began before it. */
Test(cases_roster, no_line_is_looked_at_many_times, .timeout = 10)
{
        enum { N = 200000, LINE = 5 };
        char *text = malloc(6 + LINE * N);
        size_t n = 6;

        memcpy(text, "email\n", 6);
        for (; n < 6 + LINE * N; n += LINE)
                memcpy(text + n, "a\",\"\n", LINE);
        cr_assert_eq(read_text(text, n, 65536), 0);
        cr_expect_eq(result.bad[ROSTER_QUOTE], N);
        cr_expect_eq(result.rows, N);
        free(text);
}

/* What a cell that never was one took with it comes back, whatever opens behind it. */
Test(cases_roster, no_line_is_lost)
{
        char text[200 * 20] = "email\n";
        size_t n = strlen(text), rows = 0;

        for (; rows < 100; rows++)
                n += (size_t)snprintf(text + n, sizeof text - n, "%s\n", rows < 5 ? "a\",\"" : "b@example.com\",\"");
        n += (size_t)snprintf(text + n, sizeof text - n, "c\"d@example.com\ne@example.com\n");
        cr_assert_eq(read_text(text, n, 64), 0);
        cr_expect_eq(result.rows, rows + 2);
        cr_expect_eq(headcount_all(result.people), 2);
}

/* However the bytes come, they mean the same. */
Test(cases_roster, any_bytes_in_any_pieces)
{
        static const char alphabet[] = "\",\n\r;aA1@.\0\xff =";
        unsigned seed = 1;

        for (unsigned round = 0; round < 2000; round++) {
                char text[200] = "email,country\n";
                size_t n = strlen(text);
                struct roster_result first;
                uint64_t people;

                while (n < sizeof text) {
                        seed = seed * 1103515245 + 12345;
                        text[n++] = alphabet[(seed >> 16) % (sizeof alphabet - 1)];
                }
                cr_assert_eq(read_text(text, n, sizeof text), 0);
                first = result;
                people = headcount_all(result.people);
                cr_assert_eq(read_text(text, n, 1 + seed % 11), 0);
                cr_assert(first.rows == result.rows && first.bad_all == result.bad_all && people == headcount_all(result.people));
                cr_assert_eq(result.rows, result.bad_all + result.duplicates + people);
        }
}
