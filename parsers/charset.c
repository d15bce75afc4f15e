/* SPDX-License-Identifier: Apache-2.0 */

/* UTF-8 and ASCII are read without iconv(), and so is what iconv() does not know on this machine: as ASCII. Names are those
 * of https://www.iana.org/assignments/character-sets, and what mails write for them. A set that is commonly a larger one in
 * truth (https://encoding.spec.whatwg.org/#names-and-labels) is read as that. */

#include "parsers/charset.h"

#include <errno.h>
#include <iconv.h>

#include "monitor/base/utf8.h"

enum { GROWTH_MAX = 3 }; /* bytes of UTF-8 for one byte of any set below; an escape sequence needs none */

static const struct {
        const char *name, *iconv; /* NULL: UTF-8 */
} charsets[] = {
        { "utf-8", NULL }, { "utf8", NULL }, { "us-ascii", NULL }, { "ascii", NULL }, { "ansi_x3.4-1968", NULL },
        { "unicode-1-1-utf-8", NULL },
        { "iso-8859-1", "CP1252" }, { "latin1", "CP1252" }, { "iso8859-1", "CP1252" }, { "windows-1252", "CP1252" },
        { "cp1252", "CP1252" }, { "iso-8859-2", "ISO-8859-2" }, { "iso-8859-3", "ISO-8859-3" },
        { "iso-8859-4", "ISO-8859-4" }, { "iso-8859-5", "ISO-8859-5" }, { "iso-8859-6", "ISO-8859-6" },
        { "iso-8859-7", "ISO-8859-7" }, { "iso-8859-8", "ISO-8859-8" }, { "iso-8859-8-i", "ISO-8859-8" },
        { "iso-8859-9", "CP1254" }, { "iso-8859-10", "ISO-8859-10" }, { "iso-8859-11", "CP874" },
        { "iso-8859-13", "ISO-8859-13" }, { "iso-8859-14", "ISO-8859-14" }, { "iso-8859-15", "ISO-8859-15" },
        { "iso-8859-16", "ISO-8859-16" }, { "windows-1250", "CP1250" }, { "windows-1251", "CP1251" },
        { "windows-1253", "CP1253" }, { "windows-1254", "CP1254" }, { "windows-1255", "CP1255" },
        { "windows-1256", "CP1256" }, { "windows-1257", "CP1257" }, { "windows-1258", "CP1258" },
        { "windows-874", "CP874" }, { "tis-620", "CP874" }, { "koi8-r", "KOI8-R" }, { "koi8-u", "KOI8-U" },
        { "gb2312", "GB18030" }, { "gbk", "GB18030" }, { "cp936", "GB18030" }, { "gb18030", "GB18030" },
        { "big5", "BIG5-HKSCS" }, { "shift_jis", "CP932" }, { "shift-jis", "CP932" }, { "windows-31j", "CP932" },
        { "euc-jp", "EUC-JP" }, { "iso-2022-jp", "ISO-2022-JP" }, { "euc-kr", "CP949" }, { "ks_c_5601-1987", "CP949" },
        { "windows-949", "CP949" },
};

static const char replacement[] = "\xef\xbf\xbd";
enum { REPLACEMENT_N = sizeof replacement - 1 };

/* Only ASCII means something. */
static struct str read_ascii(struct arena *arena, struct str bytes)
{
        char *to = arena_bytes(arena, bytes.n * REPLACEMENT_N);
        size_t n = 0;

        for (size_t i = 0; to && i < bytes.n; i++) {
                if ((unsigned char)bytes.p[i] < 0x80) {
                        to[n++] = bytes.p[i];
                } else {
                        memcpy(to + n, replacement, REPLACEMENT_N);
                        n += REPLACEMENT_N;
                }
        }
        return to ? str_from(to, n) : STR_NONE;
}

static struct str convert(struct arena *arena, iconv_t cd, struct str bytes)
{
        size_t left = bytes.n, room = bytes.n * GROWTH_MAX + REPLACEMENT_N, all = room;
        char *from = (char *)(uintptr_t)bytes.p, *start = arena_bytes(arena, room), *to = start;

        while (start && left > 0 && room >= REPLACEMENT_N) {
                if (iconv(cd, &from, &left, &to, &room) != (size_t)-1 || errno == E2BIG)
                        break;
                if (left == 0 || room < REPLACEMENT_N)
                        break;
                from++;
                left--;
                memcpy(to, replacement, REPLACEMENT_N);
                to += REPLACEMENT_N;
                room -= REPLACEMENT_N;
        }
        return start ? utf8_clean(arena, str_from(start, all - room)) : STR_NONE;
}

struct str charset_to_utf8(struct arena *arena, struct str name, struct str bytes, bool *ret_is_known)
{
        size_t i = 0;
        iconv_t cd;
        struct str text;

        *ret_is_known = true;
        if (bytes.n == 0)
                return STR("");
        if (name.n == 0)
                return utf8_clean(arena, bytes); /* raw UTF-8 is what senders mean who say nothing (RFC 6532) */
        while (i < ARRAY_LEN(charsets) && !str_eq_nocase(name, str_of(charsets[i].name)))
                i++;
        if (i < ARRAY_LEN(charsets) && !charsets[i].iconv)
                return utf8_clean(arena, bytes);
        cd = i < ARRAY_LEN(charsets) ? iconv_open("UTF-8", charsets[i].iconv) : (iconv_t)-1;
        if (cd == (iconv_t)-1 && i < ARRAY_LEN(charsets) && errno == ENOMEM)
                return STR_NONE;
        if (cd == (iconv_t)-1) {
                *ret_is_known = utf8_is_ascii(bytes);
                return read_ascii(arena, bytes);
        }
        text = convert(arena, cd, bytes);
        iconv_close(cd);
        return text;
}
