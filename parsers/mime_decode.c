/* SPDX-License-Identifier: Apache-2.0 */

/* Base64 and quoted-printable by hand: mails hold damaged ones, and a strict reader would hide a notice behind one bad
 * byte. No result is longer than its text. */

#include "parsers/mime_decode.h"

#include "monitor/base/escape.h"
#include "monitor/base/utf8.h"

/* ---- Base64 ---- */

static int base64_value(char c)
{
        if (c >= 'A' && c <= 'Z')
                return c - 'A';
        if (c >= 'a' && c <= 'z')
                return c - 'a' + 26;
        if (c >= '0' && c <= '9')
                return c - '0' + 52;
        return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

struct str mime_base64(struct arena *arena, struct str text, size_t max, bool *ret_is_cut, bool *ret_is_bad)
{
        size_t room = size_min(text.n / 4 * 3 + 3, max), n = 0;
        char *to = arena_bytes(arena, room);
        unsigned bits = 0, have = 0, padding = 0;

        for (size_t i = 0; to && i < text.n; i++) {
                int v = base64_value(text.p[i]);

                if (v < 0) {
                        padding += text.p[i] == '=';
                        *ret_is_bad |= text.p[i] != '=' && !is_space(text.p[i]);
                        continue;
                }
                if (padding > 0) { /* texts put together: each begins anew */
                        bits = have = padding = 0;
                }
                bits = bits << 6 | (unsigned)v;
                have += 6;
                if (have < 8)
                        continue;
                have -= 8;
                if (n == room) {
                        *ret_is_cut = true;
                        break;
                }
                to[n++] = (char)(bits >> have & 0xff);
        }
        *ret_is_bad |= have >= 6 && padding == 0;
        return to ? str_from(to, n) : STR_NONE;
}

/* ---- Quoted-printable ---- */

/* How many bytes a soft line break takes that begins at text.p[i] with '='; 0: it is none. */
static size_t soft_break(struct str text, size_t i)
{
        size_t k = i + 1;

        while (k < text.n && (text.p[k] == ' ' || text.p[k] == '\t' || text.p[k] == '\r'))
                k++;
        if (k == text.n)
                return k - i;
        return text.p[k] == '\n' ? k + 1 - i : 0;
}

struct str mime_quoted(struct arena *arena, struct str text, bool is_word, size_t max, bool *ret_is_cut, bool *ret_is_bad)
{
        size_t room = size_min(text.n, max), n = 0;
        char *to = arena_bytes(arena, room);

        for (size_t i = 0; to && i < text.n;) {
                char c = text.p[i];
                int high = -1, low = -1;

                if (c == '=' && i + 2 < text.n) {
                        high = escape_hex_digit(text.p[i + 1]);
                        low = escape_hex_digit(text.p[i + 2]);
                }
                if (c == '=' && !is_word && soft_break(text, i) > 0) {
                        i += soft_break(text, i);
                        continue;
                }
                if (n == room) {
                        *ret_is_cut = true;
                        break;
                }
                if (high >= 0 && low >= 0) {
                        to[n++] = (char)(high << 4 | low);
                        i += 3;
                        continue;
                }
                *ret_is_bad |= c == '=';
                to[n++] = c == '_' && is_word ? ' ' : c;
                i++;
        }
        return to ? str_from(to, n) : STR_NONE;
}

/* ---- Tidying ---- */

static bool is_invisible(uint32_t c)
{
        return c == 0xad || c == 0x34f || c == 0x61c || c == 0x180e || (c >= 0x200b && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) ||
               (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xfe00 && c <= 0xfe0f) || (c >= 0xe0000 && c <= 0xe0fff);
}

static bool is_blank(uint32_t c)
{
        return c <= ' ' || (c >= 0x7f && c <= 0xa0) || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x202f || c == 0x205f ||
               c == 0x3000;
}

struct str mime_tidy(struct arena *arena, struct str text, bool is_line)
{
        char *start = arena_bytes(arena, text.n + 8), *to = start;
        struct str rest = text, before = rest;
        size_t newlines = 2; /* at the end of what is written; the beginning is like an empty line */
        bool has_blank = false;
        uint32_t c;

        for (; start && utf8_next(&rest, &c); before = rest) {
                size_t n = before.n - rest.n;

                if (c == '\n' || c == 0x2028 || c == 0x2029) {
                        has_blank = is_line && to > start;
                        if (!is_line && newlines < 2) {
                                *to++ = '\n';
                                newlines++;
                        }
                        continue;
                }
                if (is_blank(c)) {
                        has_blank = newlines == 0 || (is_line && to > start);
                        continue;
                }
                if (is_invisible(c))
                        continue;
                if (has_blank)
                        *to++ = ' ';
                has_blank = false;
                newlines = 0;
                memcpy(to, before.p, n);
                to += n;
        }
        while (to > start && to[-1] == '\n')
                to--;
        return start ? str_from(start, (size_t)(to - start)) : STR_NONE;
}
