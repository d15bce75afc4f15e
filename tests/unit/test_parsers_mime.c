/* SPDX-License-Identifier: Apache-2.0 */

/* The MIME reader and its traps. */

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor/base/utf8.h"
#include "parsers/charset.h"
#include "parsers/mail_auth.h"
#include "parsers/mime.h"
#include "parsers/mime_decode.h"

static struct arena *arena;
static struct counters counters;

static void setup(void)
{
        arena = arena_new();
        counters = (struct counters){ 0 };
        cr_assert(arena);
}
static void teardown(void) { arena_free(arena); }
TestSuite(mime, .init = setup, .fini = teardown);

#define HEAD "From: a@example.com\nDate: Mon, 23 Nov 2026 10:00:00 +0000\n"
#define EXPECT_STR(got, want) \
        do { \
                struct str got_ = (got), want_ = (want); \
                cr_expect(str_eq(got_, want_), "\"" STR_FMT "\" instead of \"" STR_FMT "\"", STR_ARG(got_), STR_ARG(want_)); \
        } while (0)

static struct mail read_mail(struct str bytes)
{
        struct mail mail;

        cr_assert_eq(mime_header(arena, bytes, &counters, &mail), 1);
        return mail;
}

static struct str text_of(struct str bytes)
{
        struct mail mail = read_mail(bytes);
        struct str text;

        cr_assert_eq(mime_text(arena, &mail, &counters, &text), 0);
        cr_assert(utf8_is_valid(text));
        return text;
}
#define TEXT(literal) text_of(STR(literal))
#define WORDS(literal) mime_words(arena, STR(literal), &counters)

/* ---- Header ---- */

Test(mime, fields_are_folded_and_found_without_case)
{
        struct mail mail = read_mail(STR("SUBJECT: one\r\n two\r\n\tthree\r\n" HEAD "\r\nbody"));

        EXPECT_STR(mime_words(arena, mime_field(&mail, STR("subject")), &counters), STR("one two three"));
        EXPECT_STR(mail.body, STR("body"));
        cr_expect_eq(mail.n_fields, 3);
}

Test(mime, a_bare_cr_ends_nothing)
{
        struct mail mail = read_mail(STR("Subject: x\rAuthentication-Results: mx; dmarc=pass\r\n" HEAD "\n"));

        cr_expect(!mime_field(&mail, STR("Authentication-Results")).p);
        EXPECT_STR(mime_words(arena, mime_field(&mail, STR("Subject")), &counters), STR("x Authentication-Results: mx; dmarc=pass"));
}

Test(mime, a_header_without_a_blank_line_ends_with_the_first_other_line)
{
        struct mail mail = read_mail(STR(HEAD "this is text\nSubject: not a field\n"));

        cr_expect(!mime_field(&mail, STR("Subject")).p);
        EXPECT_STR(mail.body, STR("this is text\nSubject: not a field\n"));
}

Test(mime, what_is_no_mail)
{
        struct mail mail;

        cr_expect_eq(mime_header(arena, STR("one line"), &counters, &mail), 0);
        cr_expect_eq(mime_header(arena, STR("From: a@example.com\n\n"), &counters, &mail), 0, "no Date, Received …");
        cr_expect_eq(mime_header(arena, STR("Date: x\nSubject: y\n\n"), &counters, &mail), 0, "no From");
        cr_expect_eq(mime_header(arena, STR(""), &counters, &mail), 0);
        cr_expect_eq(mime_header(arena, STR("\n" HEAD), &counters, &mail), 0);
}

Test(mime, an_envelope_and_a_quoted_one)
{
        struct mail mail = read_mail(STR("From b Thu Nov 26 12:00:00 2026\n>From c Thu Nov 26 12:00:00 2026\n" HEAD
                                         "\n>From here\n>>From there\nFrom> no\n"));
        struct str text;

        EXPECT_STR(mail.envelope, STR("From b Thu Nov 26 12:00:00 2026"));
        cr_expect_eq(mail.n_fields, 2);
        cr_expect_eq(mime_text(arena, &mail, &counters, &text), 0);
        EXPECT_STR(text, STR("From here\n>From there\nFrom> no"));
        EXPECT_STR(TEXT(HEAD "\n>From here\n"), STR(">From here"));
}

Test(mime, too_many_fields_are_cut_and_counted)
{
        CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT;
        struct mail mail;

        strbuf_addz(&b, HEAD);
        for (int i = 0; i < MAIL_FIELDS_MAX + 100; i++)
                strbuf_addf(&b, "X-%d: y\n folded\n", i);
        strbuf_addz(&b, "\nbody\n");
        mail = read_mail(strbuf_str(&b));
        cr_expect_eq(mail.n_fields, MAIL_FIELDS_MAX);
        EXPECT_STR(mail.body, STR("body\n"));
        cr_expect_eq(counters.n[COUNTER_MAIL_HEADER_CUT], 1);
}

Test(mime, overlong_lines_are_cut)
{
        CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT;
        struct mail mail;

        strbuf_addz(&b, HEAD "Subject: ");
        for (int i = 0; i < 100000; i++)
                strbuf_addz(&b, "\xc3\xa9");
        strbuf_addz(&b, "\n\nbody\n");
        mail = read_mail(strbuf_str(&b));
        cr_expect_leq(mime_words(arena, mime_field(&mail, STR("Subject")), &counters).n, MAIL_VALUE_BYTES_MAX + 3);
        cr_expect_eq(counters.n[COUNTER_MAIL_HEADER_CUT], 1);
}

/* ---- Encoded words ---- */

Test(mime, words)
{
        EXPECT_STR(WORDS("=?UTF-8?Q?Neue_Anmeldung_=C3=BCber_Firefox?="), STR("Neue Anmeldung über Firefox"));
        EXPECT_STR(WORDS("a =?utf-8?B?w6k=?= b"), STR("a é b"));
        EXPECT_STR(WORDS("=?utf-8?q?a?=\r\n =?utf-8?q?b?= c"), STR("ab c"));
        EXPECT_STR(WORDS("=?utf-8?b?4pyT4pw=?= =?utf-8?b?kw==?="), STR("✓✓"));
        EXPECT_STR(WORDS("=?iso-8859-1*de?q?=FCber?="), STR("über"));
        EXPECT_STR(WORDS("=?big5?b?tXO0XQ==?="), charset_to_utf8(arena, STR("big5"), STR("\xb5\x73\xb4\x5d"), &(bool){ false }));
        EXPECT_STR(WORDS("=?EUC-KR?B?x9GxuQ==?="), STR("한국"));
        EXPECT_STR(WORDS("=?iso-2022-jp?B?GyRCRnxLXBsoQg==?="), STR("日本"));
}

Test(mime, words_that_are_none)
{
        EXPECT_STR(WORDS("=?utf-8?x?abc?="), STR("=?utf-8?x?abc?="));
        EXPECT_STR(WORDS("=?utf-8?q?abc"), STR("=?utf-8?q?abc"));
        EXPECT_STR(WORDS("=?=?=?="), STR("=?=?=?="));
        EXPECT_STR(WORDS("=??q?x?="), STR("=??q?x?="));
        EXPECT_STR(WORDS("1 =? 2"), STR("1 =? 2"));
}

Test(mime, decoded_words_are_one_line_and_nothing_else)
{
        EXPECT_STR(WORDS("=?utf-8?q?x=0D=0ABcc:_b=40example.com?="), STR("x Bcc: b@example.com"));
        EXPECT_STR(WORDS("=?utf-8?q?a=00b=1B[31m?="), STR("a b [31m"));
        EXPECT_STR(WORDS("=?utf-8?q?=E2=80=AEgnp.exe?="), STR("gnp.exe"));
        EXPECT_STR(WORDS("=?utf-8?q?=3D=3Futf-8=3Fq=3Fx=3F=3D?="), STR("=?utf-8?q?x?="));
}

Test(mime, an_unknown_charset_is_counted)
{
        EXPECT_STR(WORDS("=?x-made-up?q?a=E9b?="), STR("a\xef\xbf\xbd"
                                                       "b"));
        cr_expect_eq(counters.n[COUNTER_MAIL_CHARSET_UNKNOWN], 1);
        EXPECT_STR(WORDS("=?utf-7?q?+ADw-script+AD4-?="), STR("+ADw-script+AD4-"));
        EXPECT_STR(WORDS("=?../../lib/evil?q?x=FF?="), STR("x\xef\xbf\xbd"));
        EXPECT_STR(WORDS("=?iso-2022-cn-ext?q?x=FF?="), STR("x\xef\xbf\xbd"));
        cr_expect_eq(counters.n[COUNTER_MAIL_CHARSET_UNKNOWN], 3);
}

Test(mime, many_words)
{
        CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT;

        for (int i = 0; i < 20000; i++)
                strbuf_addz(&b, i % 2 ? "=?koi8-r?b?4Q==?= " : "=?euc-jp?b?pKI=?= ");
        cr_expect_gt(mime_words(arena, strbuf_str(&b), &counters).n, 100);
        cr_expect_eq(counters.n[COUNTER_MAIL_HEADER_CUT], 1);
}

Test(mime, eight_bit_headers)
{
        EXPECT_STR(WORDS("caf\xc3\xa9"), STR("café"));
        EXPECT_STR(WORDS("caf\xe9 x"), STR("caf\xef\xbf\xbd x"));
        cr_expect_eq(counters.n[COUNTER_UTF8_REPAIRED], 1);
}

/* ---- Addresses ---- */

static size_t addresses(const char *value, struct mail_address ret[MAIL_ADDRESSES_MAX])
{
        int n = mime_addresses(arena, str_of(value), &counters, ret);

        cr_assert_geq(n, 0);
        return (size_t)n;
}

Test(mime, addresses)
{
        static const struct {
                const char *value, *address, *name;
        } cases[] = {
                { "ana@Example.COM", "ana@example.com", NULL },
                { "Ana <ana@example.com>", "ana@example.com", "Ana" },
                { "\"Shop, Inc.\" <no-reply@example.com>", "no-reply@example.com", "Shop, Inc." },
                { "=?utf-8?q?Caf=C3=A9?= <c@example.com>", "c@example.com", "Café" },
                { "a@example.com (the \\) shop)", "a@example.com", NULL },
                { "<@relay.example,@b.example:a@example.com>", "a@example.com", NULL },
                { "\"a\\\"b\"@example.com", "\"a\\\"b\"@example.com", NULL },
                { "shops: a@example.com;", "a@example.com", NULL },
                { "a@example.com.", "a@example.com", NULL },
                { "=?utf-8?q?help=40example.com?= <x@evil.example>", "x@evil.example", "help@example.com" },
                { "\"help@example.com\" <x@evil.example>", "x@evil.example", "help@example.com" },
                { "help@example.com <x@evil.example>", "x@evil.example", "help@example.com" },
        };
        struct mail_address all[MAIL_ADDRESSES_MAX];

        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                cr_expect_eq(addresses(cases[i].value, all), 1, "%s", cases[i].value);
                EXPECT_STR(all[0].address, str_of(cases[i].address));
                EXPECT_STR(all[0].name, str_of(cases[i].name));
        }
        cr_expect_eq(addresses("a@example.com, B <b@example.com>; c@example.com", all), 3);
        EXPECT_STR(all[1].domain, STR("example.com"));
}

Test(mime, no_addresses)
{
        static const char *const values[] = { "", "ana", "@example.com", "ana@", "<>", "a@b c@d e", "a@exa mple.com", "a@[192.0.2.1]", "<a@example.com" };
        struct mail_address all[MAIL_ADDRESSES_MAX];

        for (size_t i = 0; i < ARRAY_LEN(values); i++)
                cr_expect_eq(addresses(values[i], all), 0, "%s gives " STR_FMT, values[i], STR_ARG(all[0].address));
}

Test(mime, too_many_addresses)
{
        CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT;
        struct mail_address all[MAIL_ADDRESSES_MAX];

        for (int i = 0; i < MAIL_ADDRESSES_MAX + 5; i++)
                strbuf_addf(&b, "a%d@example.com,", i);
        cr_expect_eq(mime_addresses(arena, strbuf_str(&b), &counters, all), MAIL_ADDRESSES_MAX);
        cr_expect_eq(counters.n[COUNTER_MAIL_HEADER_CUT], 1);
}

/* ---- Encodings ---- */

Test(mime, base64)
{
        bool is_cut = false, is_bad = false;

#define BASE64(literal) mime_base64(arena, STR(literal), 100, &is_cut, &is_bad)
        EXPECT_STR(BASE64("aGVsbG8="), STR("hello"));
        EXPECT_STR(BASE64("aGVs\r\nbG8="), STR("hello"));
        EXPECT_STR(BASE64("aGk=aGk="), STR("hihi"));
        EXPECT_STR(BASE64(""), STR(""));
        cr_expect(!is_bad);
        EXPECT_STR(BASE64("aG*Vs!bG8="), STR("hello"));
        cr_expect(is_bad);
        is_bad = false;
        (void)BASE64("aGVsbG8xx");
        cr_expect(is_bad, "a rest of six bits");
        EXPECT_STR(mime_base64(arena, STR("aGVsbG8="), 3, &is_cut, &is_bad), STR("hel"));
        cr_expect(is_cut);
}

Test(mime, quoted_printable)
{
        bool is_cut = false, is_bad = false;

#define QUOTED(literal) mime_quoted(arena, STR(literal), false, 100, &is_cut, &is_bad)
        EXPECT_STR(QUOTED("a=3Db=\r\nc= \n=C3=A9"), STR("a=bcé"));
        EXPECT_STR(QUOTED("end="), STR("end"));
        cr_expect(!is_bad);
        EXPECT_STR(QUOTED("50=% off=zz"), STR("50=% off=zz"));
        cr_expect(is_bad);
        EXPECT_STR(mime_quoted(arena, STR("abcdef"), false, 3, &is_cut, &is_bad), STR("abc"));
        cr_expect(is_cut);
}

Test(mime, html)
{
#define HTML(literal) mime_tidy(arena, mime_html_text(arena, STR(literal)), false)
        EXPECT_STR(HTML("<html><head><title>T</title><style>p{}</style></head><body><p>One</p><p>two&nbsp;<b>three</b></body>"),
                   STR("One\n\ntwo three"));
        EXPECT_STR(HTML("<tr><td>IP</td><td>203.0.113.9</td></tr><tr><td>Device"), STR("IP 203.0.113.9\n\nDevice"));
        EXPECT_STR(HTML("a &lt; b &amp;&#x41;&#66; &bogus; &#0; &#xD800;"), STR("a < b &AB &bogus; \xef\xbf\xbd \xef\xbf\xbd"));
        EXPECT_STR(HTML("1 < 2 <!-- <p>hidden --> x<script>alert('</p>')</script>y"), STR("1 < 2 xy"));
        EXPECT_STR(HTML("<a title=\"a > b\" href='x'>link</a>"), STR("link"));
        EXPECT_STR(HTML("<style>never closed"), STR(""));
        EXPECT_STR(HTML("<!-- never closed"), STR(""));
        EXPECT_STR(HTML("text<"), STR("text<"));
        EXPECT_STR(HTML("text<b"), STR("text"));
        EXPECT_STR(HTML("&"), STR("&"));
}

Test(mime, tidy)
{
        EXPECT_STR(mime_tidy(arena, STR("  a \t b\r\n\r\n\r\n\r\n c\xc2\xa0 d\xe2\x80\x8b\x65 \n"), false), STR("a b\n\nc de"));
        EXPECT_STR(mime_tidy(arena, STR(" a\n b\n"), true), STR("a b"));
        EXPECT_STR(mime_tidy(arena, STR(""), false), STR(""));
}

/* ---- Parts ---- */

Test(mime, plain_is_preferred)
{
        EXPECT_STR(TEXT(HEAD "Content-Type: multipart/alternative; boundary=\"b b\"\n\npreamble\n--b b\nContent-Type: text/html\n\n<p>html\n"
                             "--b b\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\ncaf=E9\n--b b--\nepilogue"),
                   STR("café"));
        EXPECT_STR(TEXT(HEAD "Content-Type: multipart/alternative; boundary=b\n\n--b\n\n \n--b\nContent-Type: text/html\n\n<p>html</p>\n--b--\n"),
                   STR("html"));
        cr_expect_eq(counters.n[COUNTER_MAIL_PARTS_CUT], 0);
}

Test(mime, attachments_and_attached_mails_are_left_out)
{
        EXPECT_STR(TEXT(HEAD "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\nContent-Disposition: attachment\n\nfile\n"
                             "--b\nContent-Type: message/rfc822\n\nSubject: x\n\ninner\n--b\n\nouter\n--b--\n"),
                   STR("outer"));
}

Test(mime, nested_parts)
{
        EXPECT_STR(TEXT(HEAD "Content-Type: multipart/mixed; boundary=o\n\n--o\nContent-Type: multipart/related; boundary=oi\n\n--oi\n"
                             "Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: base64\n\nPGI+aGk8L2I+\n--oi--\n--o--\n"),
                   STR("hi"));
        cr_expect_eq(counters.n[COUNTER_MAIL_PARTS_CUT], 0);
}

Test(mime, boundaries_that_are_missing)
{
        EXPECT_STR(TEXT(HEAD "Content-Type: multipart/mixed\n\n--b\n\ntext\n"), STR("--b\n\ntext"));
        cr_expect_eq(counters.n[COUNTER_MAIL_PARTS_CUT], 1);
        EXPECT_STR(TEXT(HEAD "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nno end\n"), STR("no end"));
        cr_expect_eq(counters.n[COUNTER_MAIL_PARTS_CUT], 2);
        EXPECT_STR(TEXT(HEAD "Content-Type: multipart/mixed; boundary=b\n\nnothing\n"), STR(""));
        cr_expect_eq(counters.n[COUNTER_MAIL_PARTS_CUT], 3);
}

Test(mime, an_inner_boundary_that_begins_like_the_outer_one)
{
        EXPECT_STR(TEXT(HEAD "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=b1\n\n--b1\n\none\n--b1--\n--b\n\ntwo\n--b--\n"),
                   STR("one"));
}

Test(mime, depth_and_number_are_bounded)
{
        CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf many = STRBUF_INIT;

        strbuf_addz(&b, HEAD);
        for (int i = 0; i < 1000; i++)
                strbuf_addf(&b, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i);
        strbuf_addz(&b, "\ndeep\n");
        EXPECT_STR(text_of(strbuf_str(&b)), STR(""));
        cr_expect_eq(counters.n[COUNTER_MAIL_PARTS_CUT], 1);
        strbuf_addz(&many, HEAD "Content-Type: multipart/mixed; boundary=b\n\n");
        for (int i = 0; i < 100000; i++)
                strbuf_addz(&many, "--b\n\n");
        strbuf_addz(&many, "--b\n\nlast\n--b--\n");
        EXPECT_STR(text_of(strbuf_str(&many)), STR(""));
        cr_expect_eq(counters.n[COUNTER_MAIL_PARTS_CUT], 2);
}

Test(mime, long_texts_are_cut)
{
        CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT;

        strbuf_addz(&b, HEAD "\n");
        for (int i = 0; i < MAIL_TEXT_BYTES_MAX; i++)
                strbuf_addz(&b, "ab");
        cr_expect_eq(text_of(strbuf_str(&b)).n, MAIL_TEXT_BYTES_MAX);
        cr_expect_eq(counters.n[COUNTER_MAIL_TEXT_CUT], 1);
}

Test(mime, wrong_charsets)
{
        EXPECT_STR(TEXT(HEAD "Content-Type: text/plain; charset=utf-8\n\ncaf\xe9\n"), STR("caf\xef\xbf\xbd"));
        EXPECT_STR(TEXT(HEAD "Content-Type: text/plain; charset=utf-16\n\ncaf\xe9\n"), STR("caf\xef\xbf\xbd"));
        cr_expect_eq(counters.n[COUNTER_MAIL_CHARSET_UNKNOWN], 1);
        EXPECT_STR(TEXT(HEAD "Content-Type: text/plain; charset=euc-kr\n\n\xc7\xd1\xff!\n"), STR("한\xef\xbf\xbd!"));
        EXPECT_STR(TEXT(HEAD "Content-Type: text/plain; charset=gb2312\n\n\xb5\xc7\xc2\xbc\n"), STR("登录"));
        EXPECT_STR(text_of(STR(HEAD "\nnul \0 here\n")), STR("nul here"));
        EXPECT_STR(TEXT(HEAD "Content-Type: (comment) text/plain (x); charset=\"iso-8859-1\"; x\n\n\xfc\n"), STR("ü"));
}

/* ---- Authentication-Results ---- */

static bool is_shop(const void *userdata, struct str domain)
{
        (void)userdata;
        return str_eqz(domain, "shop.example") || str_ends(domain, STR(".shop.example"));
}

static const char *verdict(const char *fields, const char *authserv)
{
        static struct mail_auth auth;
        CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT;
        struct mail mail;
        struct str copy;

        strbuf_addf(&b, "%s" HEAD "\n", fields);
        copy = arena_dup(arena, strbuf_str(&b));
        mail = read_mail(copy);
        cr_assert_eq(mail_auth_read(arena, &mail, str_of(authserv), STR("mail.shop.example"), is_shop, NULL, &counters, &auth), 0);
        return auth.verdict;
}

Test(mime, verdicts)
{
        static const struct {
                const char *results, *want;
        } cases[] = {
                { "mx; dmarc=pass header.from=mail.shop.example", "pass" },
                { "mx; dmarc=pass", "pass" },
                { "mx 1; dmarc=pass (p=REJECT dis=NONE) header.from=mail.shop.example; spf=fail smtp.mailfrom=x@y.example", "pass" },
                { "mx; dmarc=fail header.from=mail.shop.example; dkim=pass header.d=shop.example", "fail" },
                { "mx; dmarc=pass header.from=evil.example", "fail" },
                { "mx; dkim=pass header.d=shop.example header.s=x", "pass" },
                { "mx; dkim=pass header.i=@bounce.shop.example", "pass" },
                { "mx; dkim=pass header.d=evil.example", "none" },
                { "mx; dkim=pass header.d=notshop.example; spf=fail smtp.mailfrom=a@b.example", "fail" },
                { "mx; dkim=fail header.d=shop.example; spf=pass smtp.mailfrom=b@shop.example", "pass" },
                { "mx; spf=softfail smtp.mailfrom=b@shop.example", "none" },
                { "mx; spf=fail smtp.mailfrom=b@shop.example", "fail" },
                { "mx; none", "none" },
                { "mx", "none" },
                { "", "none" },
                { "spf=pass smtp.mailfrom=x.example; dmarc=pass action=none header.from=mail.shop.example;compauth=pass", "pass" },
                { "mx; dkim=pass (dmarc=pass) header.d=evil.example; dmarc=fail (; dmarc=pass) header.from=mail.shop.example", "fail" },
                { "mx; spf=fail smtp.mailfrom=\"x; dmarc=pass\"@evil.example", "fail" },
                { "mx; spf=fail reason=\"\\\"; dmarc=pass\" smtp.mailfrom=evil.example", "fail" },
                { "mx; DKIM = pass header.d=shop.example", "none" },
                { "mx; Dkim/1=PASS Header.D=\"SHOP.example\"", "pass" },
        };

        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                char field[512];

                snprintf(field, sizeof field, "Authentication-Results: %s\n", cases[i].results);
                cr_expect_str_eq(verdict(field, NULL), cases[i].want, "%s: %s", cases[i].results, verdict(field, NULL));
        }
        cr_expect_str_eq(verdict("", NULL), "none");
}

Test(mime, whose_results_count)
{
        static const char own[] = "Authentication-Results: mx.example.com; dmarc=fail\n", forged[] = "Authentication-Results: evil.example; dmarc=pass\n",
                          same[] = "Authentication-Results: mx.example.com; dmarc=pass\n";
        char both[512];

        snprintf(both, sizeof both, "%s%s", own, forged);
        cr_expect_str_eq(verdict(both, NULL), "fail", "the topmost one");
        snprintf(both, sizeof both, "%s%s", forged, own);
        cr_expect_str_eq(verdict(both, NULL), "pass", "without a name the topmost one, whose ever it is");
        cr_expect_str_eq(verdict(both, "MX.example.com"), "fail");
        snprintf(both, sizeof both, "%s%s", own, same);
        cr_expect_str_eq(verdict(both, "mx.example.com"), "fail", "the topmost of that name");
        cr_expect_str_eq(verdict(forged, "mx.example.com"), "none");
}
