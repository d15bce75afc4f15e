/* SPDX-License-Identifier: Apache-2.0 */

/* A mail (RFC 5322, RFC 2045-2047): plain text and HTML, both in base64, so that no line of a body is ever too long or a dot alone.
 * The addresses were checked by channel.c; the subject is the only header that holds words of a stranger. */

#include <string.h>

#include "monitor/base/utf8.h"
#include "monitor/notify/notice.h"

enum { LINE_BYTES = 57 /* 76 characters */, WORD_BYTES = 42 /* of an encoded word: 56 characters, 68 with its frame */ };

static void add_base64(struct strbuf *out, struct str s)
{
        static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

        for (size_t i = 0; i < s.n; i += 3) {
                size_t left = s.n - i;
                unsigned a = (unsigned char)s.p[i], b = left > 1 ? (unsigned char)s.p[i + 1] : 0, c = left > 2 ? (unsigned char)s.p[i + 2] : 0;

                strbuf_addc(out, digits[a >> 2]);
                strbuf_addc(out, digits[(a & 3) << 4 | b >> 4]);
                strbuf_addc(out, left > 1 ? digits[(b & 15) << 2 | c >> 6] : '=');
                strbuf_addc(out, left > 2 ? digits[c & 63] : '=');
        }
}

static void add_part(struct strbuf *out, const char *boundary, const char *type, struct str body)
{
        strbuf_addf(out, "--%s\r\nContent-Type: %s; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n", boundary, type);
        for (size_t i = 0; i < body.n; i += LINE_BYTES) {
                add_base64(out, str_from(body.p + i, size_min(LINE_BYTES, body.n - i)));
                strbuf_addz(out, "\r\n");
        }
}

/* Words of whole characters, one a line (RFC 2047, section 5 (3)). Plain where it is plain ASCII. */
static void add_subject(struct strbuf *out, struct str text)
{
        bool is_plain = utf8_is_ascii(text) && str_find(text, STR("=?")) == SIZE_MAX;

        strbuf_addz(out, "Subject: ");
        while (!is_plain && text.n > 0) {
                struct str rest = text, before = text;
                uint32_t c;

                while ((size_t)(rest.p - text.p) <= WORD_BYTES) {
                        before = rest;
                        if (!utf8_next(&rest, &c))
                                break;
                }
                strbuf_addz(out, "=?utf-8?B?");
                add_base64(out, str_from(text.p, (size_t)(before.p - text.p)));
                strbuf_addz(out, before.n > 0 ? "?=\r\n " : "?=");
                text = before;
        }
        if (is_plain)
                strbuf_add(out, text);
        strbuf_addz(out, "\r\n");
}

static void add_date(struct strbuf *out, usec now)
{
        static const char days[] = "MonTueWedThuFriSatSun", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
        struct time_parts t;

        time_split(now, &t);
        strbuf_addf(out, "Date: %.3s, %d %.3s %04d %02d:%02d:%02d +0000\r\n", days + 3 * t.weekday, t.day, months + 3 * (t.month - 1), t.year, t.hour,
                    t.minute, t.second);
}

static void add_headers(struct strbuf *out, const struct notice *n, const struct channel *c)
{
        CLEANUP(strbuf_done) struct strbuf subject = STRBUF_INIT;
        const char *domain = strchr(c->from, '@') + 1;

        strbuf_addf(out, "From: shopbell <%s>\r\nTo: ", c->from);
        for (size_t i = 0; i < c->to.n; i++)
                strbuf_addf(out, "%s%s", i ? ",\r\n " : "", c->to.items[i]);
        strbuf_addz(out, "\r\n");
        strbuf_addz(&subject, "[shopbell] ");
        notice_headline(n, NOTICE_SUBJECT_MAX, &subject);
        add_subject(out, strbuf_str(&subject));
        add_date(out, n->now);
        strbuf_addf(out, "Message-ID: <" STR_FMT "@%s>\r\n", STR_ARG(n->key), domain);
        if (n->first_key.n > 0)
                strbuf_addf(out, "In-Reply-To: <" STR_FMT "@%s>\r\n", STR_ARG(n->first_key), domain);
        strbuf_addf(out, "Auto-Submitted: auto-generated\r\nX-Shopbell-Level: %s\r\nX-Shopbell-Reason: %s\r\n", level_name(notice_level(n)),
                    notice_reason_name(n->reason));
        out->failed |= strbuf_failed(&subject);
}

void notice_mail(const struct notice *n, const struct channel *c, struct strbuf *out)
{
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf html = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf boundary = STRBUF_INIT;

        notice_text(n, &text);
        notice_html(n, &html);
        strbuf_addf(&boundary, "_" STR_FMT, STR_ARG(n->key)); /* not in base64's alphabet */
        if (strbuf_failed(&text) || strbuf_failed(&html) || strbuf_failed(&boundary)) {
                out->failed = true;
                return;
        }
        add_headers(out, n, c);
        strbuf_addf(out, "MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=\"%s\"\r\n\r\n", boundary.p);
        add_part(out, boundary.p, "text/plain", strbuf_str(&text));
        add_part(out, boundary.p, "text/html", strbuf_str(&html));
        strbuf_addf(out, "--%s--\r\n", boundary.p);
}
