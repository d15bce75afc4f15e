/* SPDX-License-Identifier: Apache-2.0 */

/* Escapes of JSON strings, for whoever reads strings (parsers/) and whoever writes them anew (model/record). */

#include "monitor/base/escape.h"

#include <stdbool.h>

int escape_hex_digit(char c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        if ((c | 32) >= 'a' && (c | 32) <= 'f')
                return (c | 32) - 'a' + 10;
        return -1;
}

static bool read_hex4(const char *p, const char *end, uint32_t *ret)
{
        uint32_t cp = 0;

        if (end - p < 4)
                return false;
        for (int i = 0; i < 4; i++) {
                int digit = escape_hex_digit(p[i]);

                if (digit < 0)
                        return false;
                cp = cp << 4 | (uint32_t)digit;
        }
        *ret = cp;
        return true;
}

size_t escape_read_unicode(const char *p, const char *end, uint32_t *ret)
{
        uint32_t low;

        if (!read_hex4(p, end, ret))
                return 0;
        if (*ret < 0xD800 || *ret > 0xDFFF)
                return 4;
        if (*ret < 0xDC00 && end - p >= 10 && p[4] == '\\' && p[5] == 'u' && read_hex4(p + 6, end, &low) &&
            low >= 0xDC00 && low <= 0xDFFF) {
                *ret = 0x10000 + ((*ret - 0xD800) << 10) + (low - 0xDC00);
                return 10;
        }
        *ret = 0xFFFD;
        return 4;
}

char *escape_put_utf8(char *to, uint32_t codepoint)
{
        uint32_t cp = codepoint;

        if (cp < 0x80) {
                *to++ = (char)cp;
                return to;
        }
        if (cp < 0x800) {
                *to++ = (char)(0xC0 | cp >> 6);
        } else {
                if (cp < 0x10000) {
                        *to++ = (char)(0xE0 | cp >> 12);
                } else {
                        *to++ = (char)(0xF0 | cp >> 18);
                        *to++ = (char)(0x80 | (cp >> 12 & 0x3F));
                }
                *to++ = (char)(0x80 | (cp >> 6 & 0x3F));
        }
        *to++ = (char)(0x80 | (cp & 0x3F));
        return to;
}
