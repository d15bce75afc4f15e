/* SPDX-License-Identifier: Apache-2.0 */

/* Writing JSON. Before every value the writer puts the comma that its place needs; a key is such a place, the value
 * behind it is not. Errors are the buffer's: strbuf_failed(). */

#include "monitor/base/json_write.h"

#include "monitor/base/utf8.h"

static void before_item(struct json_writer *w)
{
        if (w->after_key) {
                w->after_key = false;
                return;
        }
        if (w->has_item[w->depth])
                strbuf_addc(w->out, ',');
        w->has_item[w->depth] = true;
}

void json_begin(struct json_writer *w, char bracket)
{
        before_item(w);
        if (w->depth + 1 >= JSON_WRITER_DEPTH_MAX) {
                w->out->failed = true;
                return;
        }
        strbuf_addc(w->out, bracket);
        w->depth++;
        w->has_item[w->depth] = false;
}

void json_end(struct json_writer *w, char bracket)
{
        strbuf_addc(w->out, bracket);
        if (w->depth > 0)
                w->depth--;
}

static void add_escape(struct strbuf *out, uint32_t c)
{
        static const char short_names[] = { ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r' };

        if (c < sizeof short_names && short_names[c]) {
                strbuf_addc(out, '\\');
                strbuf_addc(out, short_names[c]);
                return;
        }
        if (c > 0xffff) {
                strbuf_addf(out, "\\u%04x", (unsigned)(0xd800 + ((c - 0x10000) >> 10)));
                c = 0xdc00 + (c & 0x3ff);
        }
        strbuf_addf(out, "\\u%04x", (unsigned)c);
}

static bool is_plain(char c)
{
        return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

/* The same for eight bytes: whether all are. Of bytes below 0x80 the high bit is set where one is below 0x20, is 0x7f, or
 * becomes 0 (which is below 1) when it is compared with a sign; a borrow only comes from a byte that is odd itself. */
static bool are_plain(const char *p)
{
        const uint64_t ones = UINT64_C(0x0101010101010101);
        uint64_t w, quote, slash;

        memcpy(&w, p, sizeof w);
        quote = w ^ '"' * ones;
        slash = w ^ '\\' * ones;
        return ((w | (w - 0x20 * ones) | (w + ones) | (quote - ones) | (slash - ones)) & 0x80 * ones) == 0;
}

/* How many bytes from the front are plain. */
static size_t plain_run(struct str s)
{
        size_t n = 0;

        while (n + sizeof(uint64_t) <= s.n && are_plain(s.p + n))
                n += sizeof(uint64_t);
        while (n < s.n && is_plain(s.p[n]))
                n++;
        return n;
}

static void add_quoted(struct strbuf *out, struct str s)
{
        strbuf_addc(out, '"');
        while (s.n > 0) {
                size_t plain = plain_run(s);
                uint32_t c;

                strbuf_add(out, str_from(s.p, plain));
                s = str_from(s.p + plain, s.n - plain);
                if (!utf8_next(&s, &c))
                        break;
                if (c == '"' || c == '\\') {
                        strbuf_addc(out, '\\');
                        strbuf_addc(out, (char)c);
                } else if (utf8_is_harmful(c)) {
                        add_escape(out, c);
                } else {
                        utf8_append(out, c);
                }
        }
        strbuf_addc(out, '"');
}

void json_key(struct json_writer *w, const char *key)
{
        json_key_str(w, str_of(key));
}

void json_key_str(struct json_writer *w, struct str key)
{
        before_item(w);
        add_quoted(w->out, key);
        strbuf_addc(w->out, ':');
        w->after_key = true;
}

void json_str(struct json_writer *w, struct str s)
{
        if (!s.p) {
                json_null(w);
                return;
        }
        before_item(w);
        add_quoted(w->out, s);
}

void json_strz(struct json_writer *w, const char *z)
{
        json_str(w, str_of(z));
}

void json_int(struct json_writer *w, int64_t n)
{
        before_item(w);
        strbuf_addf(w->out, "%lld", (long long)n);
}

void json_bool(struct json_writer *w, bool b)
{
        json_raw(w, b ? STR("true") : STR("false"));
}

void json_null(struct json_writer *w)
{
        json_raw(w, STR("null"));
}

void json_pair_time(struct json_writer *w, const char *key, usec t)
{
        char stamp[TIME_ISO_BYTES];

        json_key(w, key);
        time_format_iso(t, stamp);
        json_strz(w, t == USEC_NONE ? NULL : stamp);
}

void json_raw(struct json_writer *w, struct str token)
{
        before_item(w);
        strbuf_add(w->out, token);
}
