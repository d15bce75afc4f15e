/* SPDX-License-Identifier: Apache-2.0 */

/* How long an SMS is: 3GPP TS 23.038 (the alphabet of seven bits, and its extension) and 23.040 (a message in several parts has a
 * header of six bytes in each). A character of the extension is two septets; one outside makes all of it UCS-2. */

#include "monitor/base/utf8.h"
#include "monitor/cases/draft.h"
#include "monitor/cases/draft_sms.h"

/* Of the basic alphabet, beside printable ASCII without those below. */
static const uint32_t basic[] = {
        0x00a3, 0x00a5, 0x00e8, 0x00e9, 0x00f9, 0x00ec, 0x00f2, 0x00c7, 0x00d8, 0x00f8, 0x00c5, 0x00e5, 0x0394, 0x03a6, 0x0393, 0x039b, 0x03a9, 0x03a0, 0x03a8,
        0x03a3, 0x0398, 0x039e, 0x00c6, 0x00e6, 0x00df, 0x00c9, 0x00a4, 0x00a1, 0x00c4, 0x00d6, 0x00d1, 0x00dc, 0x00a7, 0x00bf, 0x00e4, 0x00f6, 0x00f1, 0x00fc,
        0x00e0,
};

/* Septets of a character; 0: it is not in the alphabet. */
static size_t septets(uint32_t c)
{
        static const char extension[] = "^{}\\[~]|";

        if (c == '\n' || c == '\r')
                return 1;
        if (c == 0x20ac || (c > 0 && c < 0x80 && strchr(extension, (int)c)))
                return 2;
        if (c >= ' ' && c < 0x7f && c != '`')
                return 1;
        for (size_t i = 0; i < ARRAY_LEN(basic); i++)
                if (basic[i] == c)
                        return 1;
        return 0;
}

/* Neither an escaped character nor a surrogate pair is cut in two: it moves to the next part. */
static size_t count_parts(struct str text, size_t units, bool is_ucs2)
{
        size_t one = is_ucs2 ? SMS_UCS2_ONE : SMS_GSM7_ONE, part = is_ucs2 ? SMS_UCS2_PART : SMS_GSM7_PART;
        size_t parts = 1, used = 0;
        uint32_t c;

        if (units <= one)
                return 1;
        while (utf8_next(&text, &c)) {
                size_t k = !is_ucs2 ? septets(c) : c > 0xffff ? 2 : 1;

                if (used + k > part) {
                        parts++;
                        used = 0;
                }
                used += k;
        }
        return parts;
}

void sms_measure(struct str text, struct sms_size *ret)
{
        struct str rest = text;
        size_t n = 0, wide = 0;
        uint32_t c;

        *ret = (struct sms_size){ 0 };
        while (utf8_next(&rest, &c)) {
                size_t k = septets(c);

                n += k;
                wide += c > 0xffff ? 2 : 1;
                ret->is_ucs2 |= k == 0;
        }
        ret->units = ret->is_ucs2 ? wide : n;
        ret->parts = count_parts(text, ret->units, ret->is_ucs2);
}

/* Typographic characters that would make all of the message UCS-2, and what stands for them. */
struct str sms_fold(struct arena *arena, struct str text)
{
        static const struct {
                uint32_t from;
                const char *to;
        } rows[] = { { 0x2018, "'" }, { 0x2019, "'" }, { 0x201a, "'" }, { 0x201c, "\"" }, { 0x201d, "\"" }, { 0x201e, "\"" }, { 0x2013, "-" },
                     { 0x2014, "-" }, { 0x2026, "..." }, { 0x00a0, " " }, { 0x202f, " " }, { '`', "'" }, { '\t', " " } };
        struct strbuf out = STRBUF_INIT;
        struct str rest = text, copy;
        uint32_t c;

        while (utf8_next(&rest, &c)) {
                size_t i = 0;

                while (i < ARRAY_LEN(rows) && rows[i].from != c)
                        i++;
                if (i < ARRAY_LEN(rows))
                        strbuf_addz(&out, rows[i].to);
                else
                        utf8_append(&out, c);
        }
        copy = strbuf_failed(&out) ? text : arena_dup(arena, strbuf_str(&out));
        strbuf_done(&out);
        return copy.p ? copy : text;
}
