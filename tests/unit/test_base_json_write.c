/* SPDX-License-Identifier: Apache-2.0 */

/* Commas, escapes, and JSON that is safe to look at. */

#include <criterion/criterion.h>

#include "monitor/base/json_write.h"

Test(base_json_write, sets_commas)
{
        struct strbuf b = STRBUF_INIT;
        struct json_writer w = JSON_WRITER(&b);

        json_begin(&w, '{');
        json_key(&w, "n");
        json_int(&w, INT64_MIN);
        json_key(&w, "list");
        json_begin(&w, '[');
        json_bool(&w, true);
        json_null(&w);
        json_begin(&w, '{');
        json_end(&w, '}');
        json_begin(&w, '[');
        json_end(&w, ']');
        json_raw(&w, STR("1.50"));
        json_end(&w, ']');
        json_key_str(&w, STR("a\"b"));
        json_str(&w, STR_NONE);
        json_key(&w, "z");
        json_strz(&w, NULL);
        json_key(&w, "e");
        json_strz(&w, "");
        json_end(&w, '}');
        cr_expect_str_eq(b.p, "{\"n\":-9223372036854775808,\"list\":[true,null,{},[],1.50],\"a\\\"b\":null,\"z\":null,"
                              "\"e\":\"\"}");
        strbuf_done(&b);
}

static const struct {
        struct str text;
        const char *want;
} strings[] = {
        { STR("plain / text"), "plain / text" },
        { STR("q\"b\\"), "q\\\"b\\\\" },
        { STR("\b\f\n\r\t"), "\\b\\f\\n\\r\\t" },
        { STR("\0\x01\x1b\x1f"), "\\u0000\\u0001\\u001b\\u001f" },
        { STR("\x7f\xc2\x80\xc2\x9f\xc2\xa0"), "\\u007f\\u0080\\u009f\xc2\xa0" },
        { STR("\xe2\x80\xae\xe2\x81\xa6\xd8\x9c\xe2\x80\x8e"), "\\u202e\\u2066\\u061c\\u200e" },
        { STR("\xe2\x80\x8b\xef\xbb\xbf\xf3\xa0\x81\x81"), "\\u200b\\ufeff\\udb40\\udc41" },
        { STR("\xe2\x80\xa8"), "\\u2028" },
        { STR("\xc3\xa9\xf0\x9f\x98\x80"), "\xc3\xa9\xf0\x9f\x98\x80" },
        { STR("\xff\xe2\x82"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
};

/* Each byte at each place of a text that is else plain. */
Test(base_json_write, escapes_at_every_place)
{
        char text[20];

        for (unsigned byte = 0; byte < 0x80; byte++)
                for (size_t at = 0; at < sizeof text; at++) {
                        bool is_plain = byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
                        struct strbuf b = STRBUF_INIT;
                        struct json_writer w = JSON_WRITER(&b);

                        memset(text, 'x', sizeof text);
                        text[at] = (char)byte;
                        json_str(&w, str_from(text, sizeof text));
                        cr_assert_eq(b.n == sizeof text + 2, is_plain, "%02x at %zu: %s", byte, at, b.p);
                        if (is_plain)
                                cr_assert_eq(memcmp(b.p + 1, text, sizeof text), 0, "%02x at %zu: %s", byte, at, b.p);
                        strbuf_done(&b);
                }
}

Test(base_json_write, escapes)
{
        for (size_t i = 0; i < ARRAY_LEN(strings); i++) {
                struct strbuf b = STRBUF_INIT, want = STRBUF_INIT;
                struct json_writer w = JSON_WRITER(&b);

                strbuf_addf(&want, "\"%s\"", strings[i].want);
                json_str(&w, strings[i].text);
                cr_expect_str_eq(b.p, want.p, "string %zu", i);
                strbuf_done(&b);
                strbuf_done(&want);
        }
}

Test(base_json_write, times)
{
        CLEANUP(strbuf_done) struct strbuf out = STRBUF_INIT;
        struct json_writer w = JSON_WRITER(&out);

        json_begin(&w, '{');
        json_pair_time(&w, "a", 0);
        json_pair_time(&w, "b", 1500000);
        json_pair_time(&w, "c", USEC_NONE);
        json_end(&w, '}');
        cr_expect_str_eq(out.p, "{\"a\":\"1970-01-01T00:00:00Z\",\"b\":\"1970-01-01T00:00:01.5Z\",\"c\":null}");
}

Test(base_json_write, too_deep_fails_the_buffer)
{
        struct strbuf b = STRBUF_INIT;
        struct json_writer w = JSON_WRITER(&b);

        for (int i = 0; i < JSON_WRITER_DEPTH_MAX - 1; i++)
                json_begin(&w, '[');
        cr_expect_not(strbuf_failed(&b));
        json_begin(&w, '[');
        cr_expect(strbuf_failed(&b));
        for (int i = 0; i < 2 * JSON_WRITER_DEPTH_MAX; i++)
                json_end(&w, ']');
        strbuf_done(&b);
}
