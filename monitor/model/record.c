/* SPDX-License-Identifier: Apache-2.0 */

/* Values of a record: adding them, and the texts that rules compare. An object's text is its compact JSON, written the
 * way Sigma's other tools write it: no blanks, strings unescaped and escaped again with the fewest escapes, so that
 * `requestParameters|contains: '"userName":"mia"'` means the same whatever the spacing of the log. */

#include "monitor/model/record.h"

#include <errno.h>

#include "monitor/base/utf8.h"

int slot_add(struct slot *slot, struct arena *arena, enum value_kind kind, struct str text)
{
        struct value *v;

        slot->is_present = true;
        if (slot->n >= RECORD_VALUES_MAX)
                return -E2BIG;
        v = arena_alloc(arena, sizeof *v);
        if (!v)
                return -ENOMEM;
        v->kind = kind;
        v->text = text;
        if (slot->last)
                slot->last->next = v;
        else
                slot->first = v;
        slot->last = v;
        slot->n++;
        return 0;
}

/* ---- Compact JSON ---- */

static int hex_digit(char c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        if (c >= 'a' && c <= 'f')
                return c - 'a' + 10;
        if (c >= 'A' && c <= 'F')
                return c - 'A' + 10;
        return -1;
}

static bool read_u16(const char *p, const char *end, uint32_t *ret)
{
        uint32_t cp = 0;

        if (end - p < 4)
                return false;
        for (int i = 0; i < 4; i++) {
                int d = hex_digit(p[i]);

                if (d < 0)
                        return false;
                cp = cp << 4 | (uint32_t)d;
        }
        *ret = cp;
        return true;
}

/* After "\u": the character, surrogate pairs joined, lone surrogates as U+FFFD. Returns the bytes used. */
static size_t read_unicode_escape(const char *p, const char *end, uint32_t *ret)
{
        uint32_t low;

        if (!read_u16(p, end, ret)) {
                *ret = 0xFFFD;
                return 0;
        }
        if (*ret < 0xD800 || *ret > 0xDFFF)
                return 4;
        if (*ret < 0xDC00 && end - p >= 10 && p[4] == '\\' && p[5] == 'u' && read_u16(p + 6, end, &low) &&
            low >= 0xDC00 && low <= 0xDFFF) {
                *ret = 0x10000 + ((*ret - 0xD800) << 10) + (low - 0xDC00);
                return 10;
        }
        *ret = 0xFFFD;
        return 4;
}

struct out {
        char *p;
        size_t n;
};

static void put(struct out *o, char c)
{
        o->p[o->n++] = c;
}

static void put_codepoint(struct out *o, uint32_t cp)
{
        static const char hex[] = "0123456789abcdef";
        static const char shorts[] = "btn\0fr"; /* 8 9 10 - 12 13 */

        if (cp == '"' || cp == '\\') {
                put(o, '\\');
                put(o, (char)cp);
        } else if (cp >= 8 && cp <= 13 && cp != 11) {
                put(o, '\\');
                put(o, shorts[cp - 8]);
        } else if (cp < 0x20) {
                memcpy(o->p + o->n, "\\u00", 4);
                o->n += 4;
                put(o, hex[cp >> 4]);
                put(o, hex[cp & 15]);
        } else if (cp < 0x80) {
                put(o, (char)cp);
        } else if (cp < 0x800) {
                put(o, (char)(0xC0 | cp >> 6));
                put(o, (char)(0x80 | (cp & 0x3F)));
        } else if (cp < 0x10000) {
                put(o, (char)(0xE0 | cp >> 12));
                put(o, (char)(0x80 | (cp >> 6 & 0x3F)));
                put(o, (char)(0x80 | (cp & 0x3F)));
        } else {
                put(o, (char)(0xF0 | cp >> 18));
                put(o, (char)(0x80 | (cp >> 12 & 0x3F)));
                put(o, (char)(0x80 | (cp >> 6 & 0x3F)));
                put(o, (char)(0x80 | (cp & 0x3F)));
        }
}

/* An escape, `p` behind its backslash. Returns the first byte behind it. */
static const char *copy_escape(struct out *o, const char *p, const char *end)
{
        static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
        const char *known;
        uint32_t cp;

        if (p == end)
                return p;
        if (*p == 'u') {
                p += 1 + read_unicode_escape(p + 1, end, &cp);
                put_codepoint(o, cp);
                return p;
        }
        known = strchr(from, *p);
        put_codepoint(o, known && *p ? (uint32_t)to[known - from] : (unsigned char)*p);
        return p + 1;
}

/* Hardly ever longer than the text itself: only a broken "\\u" (2 bytes) becomes U+FFFD (3 bytes). */
static struct str compact_json(struct arena *arena, struct str text)
{
        const char *p = text.p, *end = text.p + text.n;
        struct out o = { arena_alloc(arena, text.n + text.n / 2 + 8), 0 };
        bool in_string = false;

        if (!o.p)
                return STR_NONE;
        while (p < end) {
                if (in_string && *p == '\\') {
                        p = copy_escape(&o, p + 1, end);
                        continue;
                }
                if (*p == '"')
                        in_string = !in_string;
                if (in_string || (*p != ' ' && *p != '\t' && *p != '\n' && *p != '\r'))
                        put(&o, *p);
                p++;
        }
        return str_from(o.p, o.n);
}

struct str value_text(struct value *v, struct arena *arena)
{
        if (v->kind == VALUE_NULL)
                return STR_NONE;
        if (v->kind != VALUE_OBJECT)
                return v->text;
        if (!v->compact.p)
                v->compact = compact_json(arena, v->text);
        return v->compact;
}

struct str value_folded(struct value *v, struct arena *arena)
{
        if (!v->folded.p) {
                struct str text = value_text(v, arena);

                v->folded = text.p ? utf8_fold(arena, text) : text;
        }
        return v->folded;
}

struct str value_scalar(const struct value *v)
{
        return v->kind == VALUE_NULL || v->kind == VALUE_OBJECT ? STR_NONE : v->text;
}

struct str slot_text(const struct slot *slot)
{
        if (!slot->is_present)
                return STR_NONE;
        for (const struct value *v = slot->first; v; v = v->next)
                if (value_scalar(v).p)
                        return value_scalar(v);
        return STR_NONE;
}

bool value_is_placeholder(struct str text)
{
        static const char *const words[] = { "",    "-",   "null",          "(null)",  "none",      "nil",
                                             "n/a", "nan", "not available", "unknown", "undefined", "<unknown>" };

        text = str_trim(text);
        if (text.n > 16)
                return false;
        for (size_t i = 0; i < ARRAY_LEN(words); i++)
                if (str_eq_nocase(text, str_of(words[i])))
                        return true;
        return false;
}
