/* SPDX-License-Identifier: Apache-2.0 */

/* Format mail: from a mail to a record. */

#include "tests/unit/parsers_util.h"

static const char shop[] = "name: mail-shop\n"
                           "logsource: {product: shop, service: mail}\n"
                           "format: mail\n"
                           "senders: [shop.example]\n"
                           "except: [members.shop.example]\n"
                           "patterns:\n"
                           "  - {name: new-login, sure: confirmed, subject: '(?i)^new sign-in', body: 'from (?<ip>[0-9a-f.:]+)', also: ['Device: (?<device>.+)', 'Place: (?<place>.+)']}\n"
                           "  - {name: chat, sure: confirmed, subject: 'sent you a message', ignore: true}\n"
                           "  - {name: key, sure: unconfirmed, subject: '^API key (?<key>\\S+)'}\n"
                           "fields:\n"
                           "  '@timestamp': time\n"
                           "  event.id: fingerprint\n"
                           "  event.action: {when: [{if: {auth: fail}, is: forged-notice}, {from: pattern}]}\n"
                           "  event.reason: {join: '{auth} {auth.dkim} {auth.server}'}\n"
                           "  event.provider: sure\n"
                           "  source.ip: ip\n"
                           "  user_agent.original: device\n"
                           "  user.email: from\n"
                           "  user.name: from.name\n"
                           "  user.target.email: to\n"
                           "  shopbell.key_id: key\n"
                           "  process.name: header.x-tracking\n"
                           "  message: body\n"
                           "classes: [{class: login, when: {pattern: new-login}}]\n";
static const char other[] = "name: mail-other\nlogsource: {product: other, service: mail}\nformat: mail\nsenders: [other.example]\n"
                            "patterns: [{name: any, sure: confirmed, subject: '.'}]\nfields: {'@timestamp': time, event.action: pattern}\n";
static const char lines[] = "name: lines\nlogsource: {product: t}\nformat: regex\npatterns: [{name: a, regex: '^x (?<u>\\S+)'}]\n"
                            "recognise: {has: [u]}\nfields: {user.name: u}\n";

static struct bench b;

static void setup(void)
{
        const char *const texts[] = { shop, other, lines };

        bench_open(&b, texts, ARRAY_LEN(texts));
}
static void teardown(void) { bench_close(&b); }
TestSuite(mail, .init = setup, .fini = teardown);

#define TOP "Received: from mail.shop.example by mx.example.com; Mon, 23 Nov 2026 10:00:05 +0000 (UTC)\n"
#define AUTH "Authentication-Results: mx.example.com; dkim=pass header.d=shop.example; dmarc=pass header.from=mail.shop.example\n"
#define REST \
        "From: \"The Shop\" <no-reply@mail.shop.example>\nTo: ana@example.com, Bo <bo@example.com>\n" \
        "Date: Mon, 23 Nov 2026 12:00:00 +0200\nMessage-ID: <1@shop.example>\nX-Tracking: =?utf-8?q?t=C3=A9?=\n"

Test(mail, a_notice_becomes_a_record)
{
        cr_assert_eq(bench_parse(&b, TOP AUTH REST "Subject: New sign-in\n\nSomebody came from 203.0.113.9\nDevice: Firefox on Linux\n"), 1);
        assert_field(b.records[0], "@timestamp", "2026-11-23T10:00:00Z");
        assert_field(b.records[0], "event.action", "new-login");
        assert_field(b.records[0], "event.reason", "pass pass mx.example.com");
        assert_field(b.records[0], "event.provider", "confirmed");
        assert_field(b.records[0], "source.ip", "203.0.113.9");
        assert_field(b.records[0], "user_agent.original", "Firefox on Linux");
        assert_field(b.records[0], "user.email", "no-reply@mail.shop.example");
        assert_field(b.records[0], "user.name", "The Shop");
        assert_field(b.records[0], "user.target.email", "ana@example.com,bo@example.com");
        assert_field(b.records[0], "process.name", "té");
        assert_field(b.records[0], "shopbell.class", "login");
        assert_field(b.records[0], "message", "Somebody came from 203.0.113.9\nDevice: Firefox on Linux");
}

Test(mail, groups_of_the_subject)
{
        cr_assert_eq(bench_parse(&b, TOP AUTH REST "Subject: API key abc\n\nx\n"), 1);
        assert_field(b.records[0], "shopbell.key_id", "abc");
        assert_field(b.records[0], "shopbell.class", "(none)");
}

Test(mail, what_no_pattern_fits_is_no_record)
{
        cr_expect_eq(bench_parse(&b, TOP AUTH REST "Subject: Our offers\n\nfrom 203.0.113.9\n"), 0);
        cr_expect_eq(bench_parse(&b, TOP AUTH REST "Subject: New sign-in\n\nfrom nowhere\n"), 0, "the body must fit, too");
        cr_expect_eq(bench_count(&b, COUNTER_NOT_MINE), 2);
        cr_expect_eq(bench_parse(&b, TOP AUTH REST "Subject: API key abc sent you a message\n\nx\n"), 0, "to be ignored");
        cr_expect_eq(bench_parse(&b, TOP "From: a@stranger.example\nSubject: x\n\nx\n"), 0);
        cr_expect_eq(bench_count(&b, COUNTER_NOT_MINE), 4);
        cr_expect_eq(bench_count(&b, COUNTER_REJECT_UNKNOWN), 0, "mails of strangers are no rejects");
}

Test(mail, a_forged_one_is_a_record_whatever_it_says)
{
        cr_assert_eq(bench_parse(&b, TOP "Authentication-Results: mx.example.com; dmarc=fail\n" REST "Subject: Pay now\n\nx\n"), 1);
        assert_field(b.records[0], "event.action", "forged-notice");
        assert_field(b.records[0], "shopbell.class", "(none)");
}

Test(mail, several_senders_are_a_forgery)
{
        cr_assert_eq(bench_parse(&b, TOP AUTH "From: x@evil.example\n" REST "Subject: New sign-in\n\nx\n"), 0, "the topmost From is the sender's");
        cr_assert_eq(bench_parse(&b, TOP AUTH REST "From: x@evil.example\nSubject: New sign-in\n\nx\n"), 1);
        assert_field(b.records[0], "event.action", "forged-notice");
        cr_assert_eq(bench_parse(&b, TOP AUTH "From: x@evil.example, a@shop.example\nDate: x\nSubject: y\n\nx\n"), 1);
        assert_field(b.records[0], "event.action", "forged-notice");
}

Test(mail, senders_are_whole_domains)
{
        static const char *const strangers[] = { "a@notshop.example", "buyer@members.shop.example", "buyer@de.members.shop.example", "a@shop.example.evil.example", "a@example", "shop.example <a@evil.example>", "\"a@shop.example\" <a@evil.example>" };

        for (size_t i = 0; i < ARRAY_LEN(strangers); i++) {
                char text[512];

                snprintf(text, sizeof text, TOP "Authentication-Results: mx; dmarc=fail\nFrom: %s\nSubject: x\n\nx\n", strangers[i]);
                cr_expect_eq(bench_parse(&b, text), 0, "%s", strangers[i]);
        }
        cr_expect_eq(bench_parse(&b, TOP "Authentication-Results: mx; dmarc=fail\nFrom: A@SHOP.Example\nSubject: x\n\nx\n"), 1);
}

Test(mail, the_time_is_the_platforms_unless_it_cannot_be)
{
        cr_assert_eq(bench_parse(&b, TOP AUTH "From: a@shop.example\nDate: Mon, 01 Jan 2029 00:00:00 +0000\nSubject: API key x\n\nx\n"), 1);
        assert_field(b.records[0], "@timestamp", "2026-11-23T10:00:05Z");
        cr_assert_eq(bench_parse(&b, TOP AUTH "From: a@shop.example\nDate: Mon, 01 Jan 2001 00:00:00 +0000\nSubject: API key x\n\nx\n"), 1);
        assert_field(b.records[0], "@timestamp", "2026-11-23T10:00:05Z");
        cr_assert_eq(bench_parse(&b, TOP AUTH "From: a@shop.example\nDate: soon\nSubject: API key x\n\nx\n"), 1);
        assert_field(b.records[0], "@timestamp", "2026-11-23T10:00:05Z");
        cr_assert_eq(bench_parse(&b, AUTH "From: a@shop.example\nDate: 23 Nov 2026 10:00:00 GMT\nSubject: API key x\n\nx\n"), 1);
        assert_field(b.records[0], "@timestamp", "2026-11-23T10:00:00Z");
}

Test(mail, an_id_is_of_what_the_mail_says)
{
        char first[64];

        cr_assert_eq(bench_parse(&b, TOP AUTH REST "Subject: API key x\n\nx\n"), 1);
        snprintf(first, sizeof first, STR_FMT, STR_ARG(b.records[0]->id));
        cr_assert_eq(bench_parse(&b, "From x Mon Nov 23 10:00:05 2026\nX-Status: RO\n" TOP AUTH REST "X-Keywords: seen\nSubject: API key x\n\nx\n"), 1);
        cr_expect(str_eqz(b.records[0]->id, first), "a copy with other flags is the same mail");
        cr_assert_eq(bench_parse(&b, TOP AUTH REST "Subject: API key y\n\nx\n"), 1);
        cr_expect(!str_eqz(b.records[0]->id, first), "the same Message-ID, but another text");
}

Test(mail, the_input_says_whom_to_believe)
{
        struct raw raw = { .file = "x", .reference = USEC_NONE, .authserv = "mx.example.com" };
        static const char text[] = "Authentication-Results: evil.example; dmarc=pass\nAuthentication-Results: mx.example.com; dmarc=fail\n" REST "Subject: API key x\n\nx\n";
        char *bytes = arena_alloc(b.arena, sizeof text + RAW_PADDING);

        memcpy(bytes, text, sizeof text);
        raw.bytes = str_from(bytes, sizeof text - 1);
        b.n = 0;
        cr_assert_eq(parser_parse(b.parser, &raw, b.arena, bench_keep, &b, &b.reason), 1);
        assert_field(b.records[0], "event.action", "forged-notice");
}

Test(mail, configured_source)
{
        b.source = "mail-shop";
        cr_expect_eq(bench_parse(&b, TOP AUTH REST "Subject: API key x\n\nx\n"), 1);
        cr_expect_eq(bench_parse(&b, TOP "From: a@other.example\nSubject: x\n\nx\n"), 0);
        cr_expect_eq(bench_parse(&b, "no mail\n"), -EBADMSG);
        cr_expect(strstr(b.reason, "no mail"));
}

Test(mail, other_texts_are_no_mails)
{
        cr_expect_eq(bench_parse(&b, "x ana"), 1);
        cr_expect_eq(bench_parse(&b, "From: a@shop.example"), -ENOENT);
        cr_expect_eq(bench_parse(&b, "{\"From\": \"a@shop.example\"}"), -ENOENT);
        cr_expect_eq(bench_parse(&b, TOP "From: a@other.example\nSubject: x\n\nx\n"), 1);
        assert_field(b.records[0], "event.action", "any");
}

Test(mail, mistakes_have_a_place)
{
        static const struct {
                const char *from, *to, *want;
        } cases[] = {
                { "senders: [shop.example]\n", "", "`senders` is missing" },
                { "senders: [shop.example]", "senders: ['*.shop.example']", "`senders` are domains" },
                { "senders: [shop.example]", "senders: [Shop.example]", "`senders` are domains" },
                { "sure: confirmed", "sure: quite", "`sure` is confirmed" },
                { "sure: confirmed, ", "", "needs `name`, `sure`" },
                { "(?i)^new", "(?i^new", "does not compile" },
                { "format: mail\n", "format: mail\nprograms: [x]\n", "goes with format" },
        };

        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                struct err_list errors = ERR_LIST_INIT;
                CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
                const char *at = strstr(shop, cases[i].from), *all[1];

                cr_assert(at);
                strbuf_add(&text, str_from(shop, (size_t)(at - shop)));
                strbuf_addf(&text, "%s%s", cases[i].to, at + strlen(cases[i].from));
                all[0] = text.p;
                sourceset_free(load_sources(all, 1, &errors));
                cr_assert_eq(errors.n, 1, "%s", cases[i].want);
                cr_expect(strstr(errors.items[0].text, cases[i].want), "%s", errors.items[0].text);
                cr_expect_gt(errors.items[0].line, 0);
                err_list_done(&errors);
        }
}

/* ---- Short of memory ---- */

Test(mail, nothing_is_left_out_for_want_of_memory)
{
        b.source = "mail-shop";
        bench_starve(&b, TOP AUTH REST "Subject: =?utf-8?b?TmV3IHNpZ24taW4=?= =?iso-8859-15?q?_=A4?=\n\n"
                                       "Somebody came from 2001:DB8::1\nDevice: Firefox on Linux\n");
        bench_starve(&b, TOP "Authentication-Results: mx.example.com; dkim=pass header.d=shop.example; dmarc=fail header.from=shop.example\n" REST
                             "Subject: New sign-in\n\nSomebody came from 203.0.113.9\n");
}
