/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_TESTS_DRAFTS_UTIL_H
#define SHOPBELL_TESTS_DRAFTS_UTIL_H

/* Laws, templates and cases for tests of drafts: a case of which everything is known, and one of which nothing is but a sign. */

#include <criterion/criterion.h>
#include <stdlib.h>

#include "monitor/cases/draft.h"

#define NOW (INT64_C(1795500000) * USEC_PER_SEC) /* 2026-11-24 02:00 UTC */

static struct regimes laws;
static struct templates words;
static struct arena *arena;
static struct store_case_entry entries[200];
static size_t n_entries;

static void add(const char *kind, const char *key, const char *value, const char *status)
{
        entries[n_entries] = (struct store_case_entry){ .seq = (int64_t)n_entries + 1, .case_id = 7, .at = NOW - USEC_PER_DAY, .kind = str_of(kind),
                                                        .key = str_of(key), .value = str_of(value), .status = str_of(status), .evidence = STR(""),
                                                        .because = STR(""), .by = STR("") };
        n_entries++;
}

static void set(const char *key, const char *value)
{
        add("set", key, value, "confirmed");
}

static void add_everything(void)
{
        static const char *const rows[][2] = {
                { "organisation", "Hanok Goods Co., Ltd.; 110-81-12345; 1 Jong-ro, Seoul; online shop" },
                { "seller", "kr" },
                { "role", "controller" },
                { "contact", "Kim Mei, manager, privacy@hanok.example, +82 2 555 0100, Mon-Fri 9-18" },
                { "officer", "Park Jun, privacy officer, dpo@hanok.example" },
                { "size-class", "none" },
                { "processors", "Courier K, told us on 17 November" },
                { "others-told", "police, no. 2026-1234, on 18 November" },
                { "started", "1776100000000000 Asia/Seoul" },
                { "ended", "1794200000000000 Asia/Seoul" },
                { "notices-given", "by mail on 18 November, to 1200 people" },
                { "delay-reason", "There was no delay." },
                { "type", "confidentiality" },
                { "narrative", "A key of a former contractor was used to read customer pages." },
                { "cause", "stolen key" },
                { "wrongful-purpose", "yes" },
                { "illegal-access", "yes" },
                { "systems", "Order system, key k-7" },
                { "addresses", "40 addresses in 4 countries" },
                { "recipient", "a former contractor" },
                { "detected", "A customer wrote that somebody knew the address." },
                { "chronology", "17 November: looked into; 18 November: key revoked, judged notifiable" },
                { "data", "name,email,phone,address,entrance-code,order" },
                { "people.kr", "1200" },
                { "people.us-ca", "700" },
                { "people.jp", "1500" },
                { "people.sg", "510" },
                { "people.th", "80" },
                { "people.de", "44" },
                { "people.fr", "31" },
                { "people", "5000" },
                { "records", "9800" },
                { "base", "5000" },
                { "third-parties", "433" },
                { "children", "12" },
                { "sensitive", "no" },
                { "financial", "no" },
                { "credentials", "no" },
                { "encryption", "The pages were not encrypted." },
                { "evidence-of-use", "viewed: the log of pages has each of them" },
                { "copies", "none" },
                { "consequences", "False messages that name real orders." },
                { "risk", "yes" },
                { "high-risk", "yes" },
                { "harm-reason", "Addresses together with entrance codes." },
                { "secondary-damage", "None is known." },
                { "not-notified", "People are told." },
                { "containment", "The key was revoked on 18 November 2026, and all sessions ended." },
                { "mitigation", "We change entrance codes on request." },
                { "remedy", "Keys end when people leave; reads are counted for each key." },
                { "recovered", "no" },
                { "security-before", "Two factors for staff, logs for 14 months." },
                { "preserved", "All logs since 14 April 2026." },
                { "advice", "Ask your building for a new code." },
                { "help-desk", "https://hanok.example/help or +82 2 555 0199, daily 9-21" },
                { "rights", "Claims are answered within 14 days." },
                { "protection-offer", "12 months of a watch on your identity." },
                { "publication", "On the website for 30 days." },
                { "inform-plan", "By mail on 20 November." },
                { "notice-report", "1200 sent, 13 came back." },
                { "refund-options", "A voucher of 10 USD." },
                { "next-update", "1796000000000000 Asia/Seoul" },
                { "form-version", "2026-09" },
                { "sign-off", "Lee Ana" },
                { "register", "no. 3, five years" },
                { "critical-infrastructure", "no" },
                { "loss", "1000000" },
                { "law-enforcement", "Nobody asked for a delay." },
                { "ransom", "None was asked for." },
                { "support-needed", "None so far." },
        };

        add("opened", "", "Key of a former contractor", "");
        add("mark", "signal", "1794888720000000 Asia/Seoul", "");
        add("mark", "aware", "1794898800000000 Asia/Seoul", "");
        add("mark", "told-authority", "1794950000000000 Asia/Seoul", "");
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                set(rows[i][0], rows[i][1]);
        add("reviewed", "", "", "");
}

static void add_nothing(void)
{
        add("opened", "", "A customer wrote", "");
        add("mark", "signal", "1794888720000000 Asia/Seoul", "");
}

static struct casefile fold(void)
{
        struct casefile c;

        cr_assert_eq(casefile_of(entries, n_entries, arena, &c), 0);
        cr_assert_eq(c.n_unread, 0);
        c.id = 7;
        return c;
}

static void report(const struct err_list *errors)
{
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;

        for (size_t i = 0; i < errors->n; i++) {
                err_format(&errors->items[i], &text);
                strbuf_addc(&text, '\n');
        }
        cr_assert_eq(errors->n, 0, "%s", text.p);
}

static void load(void)
{
        CLEANUP(strbuf_done) struct strbuf laws_dir = STRBUF_INIT, words_dir = STRBUF_INIT;
        struct err_list errors = ERR_LIST_INIT;

        strbuf_addf(&laws_dir, "%s/regimes.d", getenv("SHOPBELL_SRCDIR"));
        strbuf_addf(&words_dir, "%s/templates", getenv("SHOPBELL_SRCDIR"));
        arena = arena_new();
        n_entries = 0;
        cr_assert_eq(regimes_load((const char *const[]){ laws_dir.p }, 1, &laws, &errors), 0);
        cr_assert_eq(templates_load((const char *const[]){ words_dir.p }, 1, &words, &errors), 0);
        report(&errors);
        err_list_done(&errors);
}

static void unload(void)
{
        regimes_done(&laws);
        templates_done(&words);
        arena = arena_free(arena);
}

#endif
