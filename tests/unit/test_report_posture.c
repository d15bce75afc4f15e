/* SPDX-License-Identifier: Apache-2.0 */

/* From accounts and people to findings, drafts and who is behind what. */

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor/report/posture.h"
#include "monitor/report/suggest.h"

#define DAY(n) ((usec)(20000 + (n)) * USEC_PER_DAY) /* 20000: 2024-10-04 */
#define NOW DAY(200)

static const struct log_kind aws = { .name = "aws-cloudtrail", .logsource = { .product = { "aws", 3 } } };
static const struct log_kind shop = { .name = "shop", .logsource = { .product = { "shop", 4 } } };
static const struct log_kind *const kinds[] = { &aws, &shop };

#define PEOPLE \
        "- {name: Mei, role: owner, accounts: [mei@example.com, {aws: mei}]}\n" \
        "- {name: Lea, role: staff, accounts: [lea@example.com, lea], left: 2025-02-01}\n" \
        "- {name: Tom, role: staff, accounts: [tom]}\n"

struct rig {
        struct accounts a;
        struct people *people;
        struct posture p;
};

static void begin(struct rig *g, const char *people)
{
        CLEANUP(yaml_file_freep) struct yaml_file *file = NULL;
        struct err err = { 0 };

        setenv("TZ", "UTC", 1);
        *g = (struct rig){ 0 };
        cr_assert_eq(accounts_init(&g->a), 0);
        if (!people)
                return;
        cr_assert_eq(yaml_parse(str_of(people), "people.yml", &file, &err), 0);
        cr_assert_eq(people_read(file->docs[0], "people.yml", &g->people, &err), 0, "%s", err.text);
}

static void account(struct rig *g, const char *source, const char *name, usec first, usec last)
{
        cr_assert_eq(accounts_take(&g->a, &(struct account_seen){ str_of(source), str_of(name), first, last }), 0);
}

static void fact(struct rig *g, enum fact_kind kind, const char *value, usec first, usec last, usec gone, uint64_t n,
                 const char *text)
{
        struct fact f = { kind, str_of(value), str_of(text), first, last, gone, n };

        cr_assert_eq(accounts_take_fact(&g->a, NULL, &f), 0);
}

static void settle(struct rig *g)
{
        cr_assert_eq(accounts_settle(&g->a, g->people, kinds, ARRAY_LEN(kinds)), 0);
}

static void done(struct rig *g)
{
        posture_done(&g->p);
        accounts_done(&g->a);
        people_free(g->people);
}

/* All findings as "level check: sentence" lines. */
static char *look(struct rig *g)
{
        struct strbuf out = STRBUF_INIT;

        settle(g);
        cr_assert_eq(posture_look(&g->a, NOW, &g->p), 0);
        for (size_t i = 0; i < g->p.n; i++) {
                cr_expect(g->p.items[i].advice.n > 0);
                strbuf_addf(&out, "%s %s: " STR_FMT "\n", level_name(g->p.items[i].level), g->p.items[i].check,
                            STR_ARG(g->p.items[i].sentence));
        }
        for (size_t i = 0; i < g->p.n_cannot; i++)
                strbuf_addf(&out, "? " STR_FMT "\n", STR_ARG(g->p.cannot[i]));
        return strbuf_take(&out);
}

/* One account, its facts, and all that is to be said of it. */
static const struct {
        const char *what, *source, *name;
        int first, last; /* days; -1: never */
        struct {
                enum fact_kind kind;
                const char *value;
                int first, last, gone;
                uint64_t n;
                const char *text;
        } facts[3];
        const char *says;
} rows[] = {
        { "nothing wrong", "aws-cloudtrail", "mei", 100, 199, { { FACT_MFA, "used", 100, 199, -1, 0, "" } }, "" },
        { "a leaver acts",
          "aws-cloudtrail",
          "lea",
          100,
          199,
          { { FACT_DAY, "2025-04-21", 199, 199, -1, 0, "" } },
          "critical leaver-acts: Lea left on 2025-02-01, and the account lea (aws-cloudtrail) acted on 2025-04-21.\n" },
        { "a leaver's account stays",
          "shop",
          "lea",
          90,
          110,
          { { FACT_DAY, "2025-01-22", 110, 110, -1, 0, "" } },
          "medium leaver-stays: Lea left on 2025-02-01, and no record shows that the account lea (shop) was removed.\n" },
        { "a leaver's account went",
          "shop",
          "lea",
          90,
          110,
          { { FACT_EXISTS, "account", -1, -1, 121, 0, "mei" } },
          "" },
        { "a leaver's key stays",
          "shop",
          "lea",
          90,
          110,
          { { FACT_EXISTS, "account", -1, -1, 121, 0, "mei" },
            { FACT_KEY, "K1", 100, 100, -1, 0, "MakeKey" },
            { FACT_KEY, "K2", 100, 100, 101, 0, "" } },
          "high leaver-key: Lea left on 2025-02-01, and the key K1 of the account lea (shop), made on 2025-01-12, was never deleted.\n" },
        { "no second factor",
          "shop",
          "tom",
          100,
          199,
          { { FACT_MFA, "not_used", 150, 199, -1, 0, "" } },
          "high mfa-missing: The account tom (shop) of Tom signs in without a second factor, for 50 days that are known (since 2025-03-03).\n" },
        { "a second factor that was there",
          "shop",
          "tom",
          100,
          199,
          { { FACT_MFA, "not_used", 100, 199, -1, 0, "" }, { FACT_MFA, "used", 90, 150, -1, 0, "" } },
          "high mfa-missing: The account tom (shop) of Tom has been used without a second factor since 2025-04-21; it had one until 2025-03-03.\n" },
        { "used again",
          "shop",
          "tom",
          100,
          199,
          { { FACT_MFA, "not_used", 100, 150, -1, 0, "" }, { FACT_MFA, "used", 90, 199, -1, 0, "" } },
          "" },
        { "set up since",
          "shop",
          "tom",
          100,
          199,
          { { FACT_MFA, "not_used", 100, 150, -1, 0, "" }, { FACT_FACTOR, "f", 160, 160, -1, 0, "" } },
          "" },
        { "never said",
          "shop",
          "tom",
          100,
          199,
          { { FACT_MFA, "unknown", 100, 150, -1, 0, "" } },
          "? The log of shop does not say whether a second factor was used (tom): look into its settings.\n" },
        { "dormant",
          "shop",
          "tom",
          50,
          100,
          { { FACT_DAY, "2025-01-12", 100, 100, -1, 0, "" } },
          "low dormant: The account tom (shop) of Tom has done nothing for 100 days (since 2025-01-12).\n" },
        { "a strange administrator that never acted",
          "shop",
          "eve",
          -1,
          -1,
          { { FACT_GRANT, "Owner", 180, 180, -1, 1, "tom" } },
          "high admin-unknown: eve is an administrator (Owner of shop, given by tom on 2025-04-02) and is nobody of the people file.\n" },
        { "no longer one", "shop", "eve", -1, -1, { { FACT_GRANT, "Owner", 180, 180, 181, 1, "tom" } }, "" },
        { "by role",
          "shop",
          "eve",
          199,
          199,
          { { FACT_ROLE, "Super Admin", 199, 199, -1, 0, "" } },
          "high admin-unknown: eve acts as an administrator (Super Admin of shop, since 2025-04-21) and is nobody of the people file.\n"
          "low unknown: The account eve (shop) is that of nobody of the people file; it was seen from 2025-04-21 to 2025-04-21.\n" },
        { "an export",
          "shop",
          "tom",
          199,
          199,
          { { FACT_EXPORT, "csv", 199, 199, -1, 9, "orders" } },
          "medium export-forbidden: Tom, who may not export, took data out with the account tom (shop): csv orders on 2025-04-21.\n" },
        { "an export of the owner",
          "shop",
          "mei@example.com",
          199,
          199,
          { { FACT_EXPORT, "csv", 199, 199, -1, 9, "orders" } },
          "" },
        { "a wide app",
          "shop",
          "tom",
          199,
          199,
          { { FACT_APP, "Mailer", 199, 199, -1, 0, "read_customers" } },
          "medium app-wide: The app Mailer, let in by Tom (shop) on 2025-04-21, may do much: read_customers.\n" },
        { "a small app", "shop", "tom", 199, 199, { { FACT_APP, "Mailer", 199, 199, -1, 0, "read_products" } }, "" },
        { "an app that went",
          "shop",
          "tom",
          199,
          199,
          { { FACT_APP, "Mailer", 150, 150, 199, 0, "read_customers" } },
          "" },
};

static usec at(int day)
{
        return day < 0 ? USEC_NONE : DAY(day);
}

Test(report_posture, each_check)
{
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct rig g;
                char *got;

                begin(&g, PEOPLE);
                account(&g, rows[i].source, rows[i].name, at(rows[i].first), at(rows[i].last));
                for (size_t k = 0; k < ARRAY_LEN(rows[i].facts) && rows[i].facts[k].value; k++)
                        fact(&g, rows[i].facts[k].kind, rows[i].facts[k].value, at(rows[i].facts[k].first),
                             at(rows[i].facts[k].last), at(rows[i].facts[k].gone), rows[i].facts[k].n,
                             rows[i].facts[k].text);
                got = look(&g);
                cr_expect_str_eq(got ? got : "", rows[i].says, "%s: %s", rows[i].what, got);
                free(got);
                done(&g);
        }
}

Test(report_posture, without_people_it_says_what_it_cannot_say)
{
        struct rig g;
        char *got;

        begin(&g, NULL);
        account(&g, "shop", "eve", DAY(199), DAY(199));
        fact(&g, FACT_ROLE, "administrator", DAY(199), DAY(199), USEC_NONE, 0, "");
        fact(&g, FACT_EXPORT, "csv", DAY(199), DAY(199), USEC_NONE, 0, "");
        fact(&g, FACT_MFA, "not_used", DAY(199), DAY(199), USEC_NONE, 0, "");
        got = look(&g);
        cr_expect(strstr(got, "high mfa-missing") == got && strstr(got, "? Without a people file") &&
                          !strstr(got, "admin-unknown") && !strstr(got, "export-forbidden"),
                  "%s", got);
        free(got);
        done(&g);
}

Test(report_posture, strangers_come_first)
{
        struct rig g;

        begin(&g, PEOPLE);
        account(&g, "aws-cloudtrail", "mei", DAY(1), DAY(2));
        account(&g, "shop", "mei", DAY(1), DAY(2)); /* only on AWS is that her */
        account(&g, "shop", "x", DAY(1), DAY(2));
        fact(&g, FACT_MAIL, "Lea@example.com", DAY(1), DAY(2), USEC_NONE, 0, "");
        settle(&g);
        cr_expect_eq(g.a.newest, DAY(2));
        cr_expect(!g.a.items[0].person && str_eqz(g.a.items[0].seen.source, "shop") &&
                  str_eqz(g.a.items[0].who, "mei"));
        cr_expect_str_eq(g.a.items[1].who.p, "Lea");
        cr_expect_str_eq(g.a.items[2].who.p, "Mei");
        done(&g);
}

Test(report_posture, a_draft_of_people)
{
        CLEANUP(strbuf_done) struct strbuf out = STRBUF_INIT;
        CLEANUP(yaml_file_freep) struct yaml_file *file = NULL;
        CLEANUP(people_freep) struct people *people = NULL;
        struct err err = { 0 };
        struct rig g;

        begin(&g, PEOPLE);
        account(&g, "aws-cloudtrail", "ana", DAY(1), DAY(150));
        fact(&g, FACT_COUNTRY, "KR", DAY(149), DAY(150), USEC_NONE, 0, "");
        fact(&g, FACT_COUNTRY, "NO", DAY(1), DAY(149), USEC_NONE, 0, "");
        account(&g, "aws-cloudtrail", "lea", DAY(1), DAY(2));
        account(&g, "aws-cloudtrail", "root", DAY(1), DAY(2));
        account(&g, "shop", "ana@example.com", DAY(1), DAY(2));
        account(&g, "shop", "build-bot", DAY(1), DAY(2));
        account(&g, "shop", "never", USEC_NONE, USEC_NONE);
        account(&g, "shop", "no", DAY(1), DAY(2));
        account(&g, "shop", "root", DAY(1), DAY(2));
        account(&g, "shop", "x: {y}\n\"", DAY(1), DAY(2));
        account(&g, "site", "ana@example.com", DAY(1), DAY(2));
        settle(&g);
        cr_expect_eq(suggest_people(&g.a, &out), 6);
        cr_expect(strstr(out.p,
                         "- {name: Ana, role: staff, accounts: [ana@example.com, {aws-cloudtrail: ana}], home: \"NO\"} "
                         "# last seen 2025-03-03; by the name alone: ana of aws-cloudtrail\n"),
                  "%s", out.p);
        cr_expect(strstr(out.p, "- {name: Build-bot, role: service,") && !strstr(out.p, "lea") &&
                          !strstr(out.p, "never"),
                  "%s", out.p);
        cr_assert_eq(yaml_parse(strbuf_str(&out), "draft", &file, &err), 0, "%s\n%s", err.text, out.p);
        cr_expect_eq(people_read(file->docs[0], "draft", &people, &err), 0, "%u:%u %s\n%s", err.line, err.col, err.text,
                     out.p);
        done(&g);
}
