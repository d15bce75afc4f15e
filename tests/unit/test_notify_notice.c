/* SPDX-License-Identifier: Apache-2.0 */

/* How a notice looks on each channel, also when a stranger wrote the words of the alert. */

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>

#include "monitor/base/utf8.h"
#include "monitor/notify/notice.h"

static const struct notice_alert calm = {
        .id = { { 0x3f, 0x2a } },
        .level = LEVEL_HIGH,
        .sentence = STR("Ana signed in from a new country"),
        .why = STR("country FR: 12 bits"),
        .playbook = STR("Ask Ana\nEnd her sessions"),
        .person = STR("Ana"),
        .source = STR("aws-cloudtrail"),
        .rule = STR("New country"),
        .first = 1772611200 * USEC_PER_SEC,
        .last = 1772611260 * USEC_PER_SEC,
        .count = 2,
};

#define EVIL "x\r\nBcc: all@example.com\r\n\r\n<script>alert(1)</script>\xe2\x80\xae <!channel> @everyone [a](http://e) \x1b[2J \xff ?= \xc3\xa4"
static const struct notice_alert hostile = {
        .level = LEVEL_CRITICAL,
        .sentence = STR(EVIL),
        .why = STR(EVIL),
        .playbook = STR(EVIL),
        .person = STR("--" EVIL),
        .source = STR(EVIL),
        .rule = STR(EVIL),
        .count = 1,
};

static const char *const to[] = { "owner@example.com", "b@example.com" };
static const struct channel channel = { .name = "c", .to = { (const char **)to, 2 }, .from = "shopbell@shop.example", .chat = "7", .topic = "t" };

static struct notice notice_of(const struct notice_alert *a)
{
        return (struct notice){ .key = STR("0123456789abcdef0123456789abcdef"), .channel = STR("c"), .alerts = a, .n = a ? 1 : 0, .n_all = a ? 1 : 0,
                                .reason = a ? NOTICE_RANG : NOTICE_TEST, .host = STR("shop1"), .now = 1772611300 * USEC_PER_SEC };
}

static int count(const char *text, const char *what)
{
        int n = 0;

        for (const char *p = text; (p = strstr(p, what)); p++)
                n++;
        return n;
}

/* No bytes that steer something: checked on all that people see. */
static void expect_safe(const char *what, const struct strbuf *b, bool has_lines)
{
        cr_assert(!strbuf_failed(b), "%s", what);
        for (size_t i = 0; i < b->n; i++)
                cr_expect((unsigned char)b->p[i] >= 0x20 || (has_lines && b->p[i] == '\n'), "%s: byte %02x at %zu", what, (unsigned char)b->p[i], i);
        cr_expect_null(strstr(b->p, "\xe2\x80\xae"), "%s", what);
        cr_expect_null(strstr(b->p, "\xff"), "%s", what);
}

Test(notify_notice, headline)
{
        struct notice n = notice_of(&calm);
        CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT;

        notice_headline(&n, 0, &b);
        cr_expect_str_eq(b.p, "high: Ana signed in from a new country");
        strbuf_clear(&b);
        n.reason = NOTICE_REPEAT;
        notice_headline(&n, 0, &b);
        cr_expect_str_eq(b.p, "Still without an answer: high: Ana signed in from a new country");
        strbuf_clear(&b);
        n.reason = NOTICE_RANG;
        n.n_all = 200;
        notice_headline(&n, 0, &b);
        cr_expect_str_eq(b.p, "200 alerts, the worst is high: Ana signed in from a new country");
        strbuf_clear(&b);
        n = notice_of(NULL);
        notice_headline(&n, 0, &b);
        cr_expect_str_eq(b.p, "A test of the channel c: shopbell can reach you");
}

Test(notify_notice, text)
{
        struct notice n = notice_of(&calm);
        CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT;

        notice_text(&n, &b);
        cr_expect_not_null(strstr(b.p, "\n  1. Ask Ana\n  2. End her sessions\n"), "%s", b.p);
        cr_expect_not_null(strstr(b.p, "\nshopbell show 3f2a00000000\n"), "%s", b.p);
        cr_expect_not_null(strstr(b.p, ", 2 records\n"), "%s", b.p);
        strbuf_clear(&b);
        n = notice_of(&hostile);
        notice_text(&n, &b);
        expect_safe("text", &b, true);
        cr_expect_eq(count(b.p, "\nBcc"), 1, "the why keeps its lines, the others do not: %s", b.p);
}

Test(notify_notice, html_is_escaped)
{
        struct notice n = notice_of(&hostile);
        CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT;

        notice_html(&n, &b);
        expect_safe("html", &b, true);
        cr_expect_null(strstr(b.p, "<script"), "%s", b.p);
        cr_expect_not_null(strstr(b.p, "&lt;script&gt;alert(1)"), "%s", b.p);
        cr_expect_null(strstr(b.p, "src="));
        cr_expect_null(strstr(b.p, "href="));
}

/* Header lines are short and of ASCII, there are just ours, and nothing of the alert begins one. */
static void expect_headers(const struct strbuf *b)
{
        static const char *const known[] = { "From: ", "To: ", " b@example.com", "Subject: ", " =?utf-8?B?", "Date: ", "Message-ID: ", "In-Reply-To: ",
                                             "Auto-Submitted: ", "X-Shopbell-", "MIME-Version: ", "Content-Type: multipart/alternative; " };
        struct str rest = str_from(b->p, str_find(strbuf_str(b), STR("\r\n\r\n"))), line;

        while (str_cut(&rest, '\n', &line)) {
                bool is_known = false;

                for (size_t i = 0; i < ARRAY_LEN(known); i++)
                        is_known |= str_starts(line, str_of(known[i]));
                cr_expect(is_known, "a strange header: " STR_FMT, STR_ARG(line));
                cr_expect_leq(line.n, 200);
                for (size_t i = 0; i < line.n; i++)
                        cr_expect((line.p[i] >= 0x20 && line.p[i] < 0x7f) || (line.p[i] == '\r' && i + 1 >= line.n), STR_FMT, STR_ARG(line));
        }
}

Test(notify_notice, mail)
{
        struct notice n = notice_of(&calm);
        CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT;

        notice_mail(&n, &channel, &b);
        expect_headers(&b);
        cr_expect(str_starts(strbuf_str(&b), STR("From: shopbell <shopbell@shop.example>\r\nTo: owner@example.com,\r\n b@example.com\r\n"
                                                 "Subject: [shopbell] high: Ana signed in from a new country\r\n"
                                                 "Date: Wed, 4 Mar 2026 08:01:40 +0000\r\n"
                                                 "Message-ID: <0123456789abcdef0123456789abcdef@shop.example>\r\n")),
                  "%s", b.p);
        strbuf_clear(&b);
        n = notice_of(&hostile);
        n.first_key = STR("fedcba9876543210fedcba9876543210");
        notice_mail(&n, &channel, &b);
        expect_headers(&b);
        cr_expect_eq(count(b.p, "\r\nSubject: =?utf-8?B?W3Nob3BiZWxsXSBjcml0aWNhbDog"), 1, "%s", b.p);
        cr_expect_eq(count(b.p, "Bcc"), 0);
        cr_expect_eq(count(b.p, "In-Reply-To: <fedcba9876543210fedcba9876543210@shop.example>"), 1);
        for (char *line = b.p, *end; (end = strstr(line, "\r\n")); line = end + 2)
                cr_expect(end - line <= 200 && *line != '.', "%.*s", (int)(end - line), line);
}

static const enum channel_format all_formats[] = {
#define X(id, name, is_secret) CHANNEL_##id,
        CHANNEL_FORMATS(X)
#undef X
};

ParameterizedTestParameters(notify_notice, json_is_safe)
{
        return cr_make_param_array(enum channel_format, (void *)all_formats, ARRAY_LEN(all_formats));
}
ParameterizedTest(enum channel_format *f, notify_notice, json_is_safe)
{
        struct channel c = channel;
        struct notice n = notice_of(&hostile);
        CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT;

        c.format = *f;
        notice_json(&n, &c, &b);
        expect_safe("json", &b, false);
        switch (*f) {
        case CHANNEL_SLACK:
                cr_expect_eq(count(b.p, "\"type\":\"mrkdwn\""), 0);
                cr_expect(str_starts(strbuf_str(&b), STR("{\"text\":\"critical: x\xef\xbf\xbd Bcc")), "%s", b.p);
                cr_expect_not_null(strstr(b.p, "&lt;!channel&gt;"), "%s", b.p);
                cr_expect_not_null(strstr(b.p, "\"parse\":\"none\",\"link_names\":false"));
                break;
        case CHANNEL_DISCORD:
                cr_expect_null(strstr(b.p, "@everyone"), "%s", b.p);
                cr_expect_not_null(strstr(b.p, "\"allowed_mentions\":{\"parse\":[]}"));
                cr_expect_not_null(strstr(b.p, "\\\\[a\\\\]\\\\(http"), "%s", b.p);
                break;
        case CHANNEL_TEAMS: cr_expect_eq(count(b.p, "\"TextBlock\""), 0); break;
        case CHANNEL_TELEGRAM: cr_expect_null(strstr(b.p, "parse_mode")); break;
        case CHANNEL_NTFY: cr_expect_not_null(strstr(b.p, "\"priority\":5")); break;
        default: cr_expect_not_null(strstr(b.p, "\"reason\":\"rang\",\"level\":\"critical\""), "%s", b.p);
        }
        strbuf_clear(&b);
        n = notice_of(NULL);
        notice_json(&n, &c, &b);
        expect_safe("a test", &b, false);
}

Test(notify_notice, limits_hold)
{
        enum { N = NOTICE_NAMED_MAX, BYTES = 5000 };
        struct notice_alert many[N];
        char long_text[BYTES];
        struct notice n;

        for (size_t i = 0; i < BYTES; i++)
                long_text[i] = "'[@"[i % 3];
        for (size_t i = 0; i < N; i++) {
                many[i] = hostile;
                many[i].sentence = many[i].why = many[i].playbook = many[i].rule = many[i].person = str_from(long_text, BYTES);
        }
        n = notice_of(many);
        for (int is_group = 0; is_group <= 1; is_group++) {
                for (size_t f = 0; f <= _CHANNEL_FORMAT_MAX; f++) {
                        CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT;
                        struct channel c = channel;

                        c.format = f % _CHANNEL_FORMAT_MAX;
                        if (f < _CHANNEL_FORMAT_MAX)
                                notice_json(&n, &c, &b);
                        else
                                notice_mail(&n, &c, &b);
                        cr_expect_lt(b.n, 56 * 1024, "%zu: %zu bytes", f, b.n);
                        if (f == CHANNEL_DISCORD)
                                cr_expect_lt(b.n, 5000, "2000 characters at most");
                }
                n.n = N;
                n.n_all = 1000;
        }
}

/* Bytes count, not characters; none is cut in two, wherever the cut falls. */
Test(notify_notice, ntfy_takes_4096_bytes)
{
        enum { N = NOTICE_NAMED_MAX, BYTES = 4000 };
        static const char sign[] = "\xf0\x9f\x94\x94", before[] = "\"message\":\"";
        struct notice_alert many[N];
        struct channel c = channel;
        char text[BYTES];

        c.format = CHANNEL_NTFY;
        for (size_t shift = 0; shift < 4; shift++) {
                CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT;
                struct notice n = notice_of(many);
                struct str message;
                const char *at;

                for (size_t i = 0; i < BYTES; i++)
                        text[i] = i < shift ? 'x' : sign[(i - shift) % 4];
                for (size_t i = 0; i < N; i++) {
                        many[i] = hostile;
                        many[i].sentence = str_from(text, i == 0 ? BYTES - 4 + shift : BYTES - 4);
                }
                n.n = n.n_all = N;
                notice_json(&n, &c, &b);
                cr_assert_not_null((at = strstr(b.p, before)));
                message = str_of(at + strlen(before));
                message.n = str_find(message, STR("\",\""));
                cr_expect(utf8_is_valid(message), "%zu", shift);
                for (size_t i = 0; i < message.n; i++)
                        cr_assert(message.p[i] != '\\' || message.p[i + 1] == 'n', "nothing else is escaped");
                cr_expect(str_ends(message, STR("\xe2\x80\xa6")));
                cr_expect(message.n - (size_t)count(at, "\\n") <= 4096 && message.n > 4000, "%zu: %zu bytes", shift, message.n);
        }
}

Test(notify_notice, arguments)
{
        struct notice n = notice_of(&calm);
        CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT;

        notice_argument(&n, "--text={level}/{sentence} {unknown} {count}{", &b);
        cr_expect_str_eq(b.p, "--text=high/high: Ana signed in from a new country {unknown} 1{");
        strbuf_clear(&b);
        n = notice_of(&hostile);
        notice_argument(&n, "{person}", &b);
        expect_safe("argument", &b, false);
        cr_expect(str_starts(strbuf_str(&b), STR(" --x")), "no option: %s", b.p);
        strbuf_clear(&b);
        n = notice_of(NULL);
        notice_argument(&n, "{alert}{person}{reason}", &b);
        cr_expect_str_eq(b.p, "test");
}

/* The value is of openssl: printf '5.{}' | openssl dgst -sha256 -hmac key */
Test(notify_notice, signature)
{
        char text[NOTICE_SIGNATURE_BYTES];

        notice_sign(STR("key"), 5, STR("{}"), text);
        cr_expect_str_eq(text, "t=5,v1=9be615aec64f0d044b5ad6854ab1d893ec88617fb728d2149dcd3a3428e8c45d");
}

Test(notify_notice, backoff_grows_to_an_hour_and_is_spread)
{
        usec before = 0;

        for (uint64_t i = 1; i < 100; i++) {
                usec low = notice_backoff(i, 0), middle = notice_backoff(i, UINT32_MAX / 2), high = notice_backoff(i, UINT32_MAX);

                cr_expect(low < middle && middle < high);
                cr_expect_leq(high, NOTICE_BACKOFF_MAX + NOTICE_BACKOFF_MAX / 4);
                cr_expect_geq(low, NOTICE_BACKOFF_MIN * 3 / 4);
                cr_expect(low >= before);
                before = low;
        }
        cr_expect_eq(notice_backoff(1, UINT32_MAX / 2) / USEC_PER_SEC, 14);
        cr_expect_eq(notice_backoff(UINT64_MAX, UINT32_MAX), NOTICE_BACKOFF_MAX * 5 / 4);
}
