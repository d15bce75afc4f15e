/* SPDX-License-Identifier: Apache-2.0 */

/* A source drafted from one mail takes that mail and its like, and no others. */

#include "monitor/base/utf8.h"
#include "parsers/mail_draft.h"
#include "tests/unit/parsers_util.h"

#define HEAD(subject, to, date) \
        "Received: from a by mx.example.com; " date "\nAuthentication-Results: mx.example.com; dmarc=pass\nFrom: Shop <no-reply@news.shop.example>\n" \
        "To: " to "\nSubject: " subject "\nDate: " date "\nMessage-ID: <1@x>\n\n"

static struct strbuf drafted;

static void draft(struct bench *b, const char *mail)
{
        struct err err = { 0 };
        const char *texts[1];

        strbuf_clear(&drafted);
        cr_assert_eq(mail_draft("shop-mail", str_of(mail), &drafted, &err), 0, "%s", err.text);
        texts[0] = drafted.p;
        bench_open(b, texts, 1);
}

static void expect_samples(struct bench *b);

Test(mail_draft, takes_its_mail_and_those_like_it)
{
        struct bench b;

        draft(&b, HEAD("Ana, new sign-in from 203.0.113.9 on Nov 23, 2026", "Ana Example <ana@example.com>", "Mon, 23 Nov 2026 10:00:00 +0000")
                      "Dear Ana,\n\nDevice: Firefox (Linux)\nOrder-No: 17\nhttp://shop.example/x\n");
        cr_expect(strstr(drafted.p, "class: login"), "%s", drafted.p);
        cr_expect(strstr(drafted.p, "senders: [news.shop.example]"));
        expect_samples(&b);
        cr_assert_eq(bench_parse(&b, HEAD("Ana, new sign-in from 203.0.113.9 on Nov 23, 2026", "Ana Example <ana@example.com>", "Mon, 23 Nov 2026 10:00:00 +0000")
                                         "Device: Firefox (Linux)\n"),
                     1);
        assert_field(b.records[0], "source.ip", "203.0.113.9");
        assert_field(b.records[0], "shopbell.class", "login");
        cr_assert_eq(bench_parse(&b, HEAD("Bo, new sign-in from 2001:db8::1 on Dec 1, 2027", "bo@example.com", "Wed, 01 Dec 2027 10:00:00 +0000") "x\n"), 1);
        assert_field(b.records[0], "source.ip", "2001:db8::1");
        cr_expect_eq(bench_parse(&b, HEAD("Ana, new offers from 10 on Nov 23, 2026", "ana@example.com", "Mon, 23 Nov 2026 10:00:00 +0000") "x\n"), 0);
        bench_close(&b);
}

Test(mail_draft, fields_of_the_text)
{
        struct bench b;

        draft(&b, HEAD("=?utf-8?q?Ihr_Bankkonto_wurde_ge=C3=A4ndert_(bank)?=", "ana@example.com", "Mon, 23 Nov 2026 10:00:00 +0000")
                      "IP address: 198.51.100.7\nPlace: Köln\nPlace: again\n");
        expect_samples(&b);
        cr_expect(strstr(drafted.p, "class: payout"));
        cr_assert_eq(bench_parse(&b, HEAD("Ihr Bankkonto wurde geändert (bank)", "ana@example.com", "Mon, 23 Nov 2026 10:00:00 +0000") "from 198.51.100.8\n"), 1);
        assert_field(b.records[0], "source.ip", "198.51.100.8");
        bench_close(&b);
}

Test(mail_draft, what_a_mail_says_stays_text)
{
        static const char *const subjects[] = {
                "It's (?<x>a) [trap] \\Q .* {1,2} | # ^$", "': {a: b}", "- x: 'y'", "\"quoted name\" was added", "\"open", "a@b.example a@c.example 1.2.3.4 1.2.3.5",
                "\"a\"b \"c\"", "=?utf-8?q?a=0D=0Aname:_evil?=", "", "%s%n", "?", "'''", "{{{", "Ana", "ana 12 may",
        };

        for (size_t i = 0; i < ARRAY_LEN(subjects); i++) {
                char mail[1024];
                struct bench b;

                snprintf(mail, sizeof mail, HEAD("%s", "Ana <ana@example.com>", "Mon, 23 Nov 2026 10:00:00 +0000") "a 'b': c\n'x: y\n(z: 1\n--: 3\n# e: f\n- g: h\n\n  i: j\n", subjects[i]);
                if (!*subjects[i]) {
                        struct err err = { 0 };

                        cr_expect_eq(mail_draft("m", str_of(mail), &drafted, &err), -EBADMSG, "a mail without a subject gives no pattern");
                        continue;
                }
                draft(&b, mail);
                expect_samples(&b);
                cr_expect_eq(bench_parse(&b, mail), 1, "%s\n%s", subjects[i], drafted.p);
                bench_close(&b);
        }
}

Test(mail_draft, nothing_in_it_steers_a_terminal_or_yaml)
{
        static const char *const mails[] = {
                "Received: x\nFrom: Shop <a\xc2\x9b" "31m@evil\xe2\x80\xae.example>\nTo: ana@example.com\nSubject: sign-in \xc2\x9b" "31m \xe2\x80\xae b\n"
                "Date: Mon, 23 Nov 2026 10:00:00 +0000\xc2\x9b" "31m\xe2\x80\xae\nMessage-ID: <1@x>\n\nDevice\xe2\x80\xae\xc2\x9b" "1: x\xc2\x9b" "31m\n",
                "Received: x\nFrom: Shop <a@news{x}'.shop.example>\nTo: ana@example.com\nSubject: sign-in\n"
                "Date: Mon, 23 Nov 2026 10:00:00 +0000\nMessage-ID: <1@x>\n\nx\n",
        };

        for (size_t i = 0; i < ARRAY_LEN(mails); i++) {
                struct strbuf shown = STRBUF_INIT;
                struct bench b;

                draft(&b, mails[i]);
                text_display(&shown, strbuf_str(&drafted), TEXT_BLOCK, 0);
                cr_expect(str_eq(strbuf_str(&shown), strbuf_str(&drafted)), "%s", drafted.p);
                cr_expect_eq(bench_parse(&b, mails[i]), i > 0, "%s", drafted.p);
                strbuf_done(&shown);
                bench_close(&b);
        }
}

Test(mail_draft, what_is_no_mail)
{
        struct err err = { 0 };
        struct strbuf out = STRBUF_INIT;

        cr_expect(!mail_draft_fits(STR("{\"a\": 1}\n")));
        cr_expect(!mail_draft_fits(STR("error: x\n")));
        cr_expect(mail_draft_fits(STR("Received: x\nFrom: a@b.example\n\n")));
        cr_expect_eq(mail_draft("m", STR("error: x\n"), &out, &err), -EBADMSG);
        cr_expect_eq(mail_draft("m", STR("From: nobody\nDate: x\nSubject: y\n\n"), &out, &err), -EBADMSG);
        cr_expect_eq(out.n, 0);
        strbuf_done(&out);
}

static void on_sample(void *userdata, const struct source *source, bool ok, const char *what)
{
        (void)userdata;
        (void)source;
        cr_expect(ok, "%s\n%s", what, drafted.p);
}

static void expect_samples(struct bench *b)
{
        cr_expect_eq(source_test(b->set, sourceset_get(b->set, 0), on_sample, NULL), 0, "%s", drafted.p);
}
