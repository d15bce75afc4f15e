/* SPDX-License-Identifier: Apache-2.0 */

/* HTML to text: no parser of HTML, but a reader of tags, which is enough for mails and cannot be led astray: each byte is
 * looked at once, and an end that is missing ends with the text. */

#include "monitor/base/escape.h"
#include "monitor/base/utf8.h"
#include "parsers/mime_decode.h"

enum { TAG_NAME_MAX = 12, ENTITY_MAX = 10 };

/* Their contents are nothing that is read. */
static const char *const hidden[] = { "script", "style", "head", "title", "template", "noscript" };
/* They begin and end lines. */
static const char *const blocks[] = { "p", "br", "div", "tr", "table", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6",
                                      "hr", "blockquote", "pre", "section", "article", "header", "footer", "dt", "dd" };
static const char *const cells[] = { "td", "th" };

static const struct {
        const char *name;
        uint32_t codepoint;
} entities[] = {
        { "amp", '&' },       { "lt", '<' },         { "gt", '>' },        { "quot", '"' },     { "apos", '\'' },
        { "nbsp", 0xa0 },     { "copy", 0xa9 },      { "reg", 0xae },      { "trade", 0x2122 }, { "hellip", 0x2026 },
        { "ndash", 0x2013 },  { "mdash", 0x2014 },   { "lsquo", 0x2018 },  { "rsquo", 0x2019 }, { "ldquo", 0x201c },
        { "rdquo", 0x201d },  { "laquo", 0xab },     { "raquo", 0xbb },    { "bull", 0x2022 },  { "middot", 0xb7 },
        { "euro", 0x20ac },   { "iexcl", 0xa1 },     { "iquest", 0xbf },   { "zwnj", 0x200c },  { "zwj", 0x200d },
        { "shy", 0xad },      { "aacute", 0xe1 },    { "eacute", 0xe9 },   { "iacute", 0xed },  { "oacute", 0xf3 },
        { "uacute", 0xfa },   { "ntilde", 0xf1 },    { "atilde", 0xe3 },   { "otilde", 0xf5 },  { "ccedil", 0xe7 },
        { "acirc", 0xe2 },    { "ecirc", 0xea },     { "ocirc", 0xf4 },    { "agrave", 0xe0 },  { "egrave", 0xe8 },
        { "uuml", 0xfc },     { "ouml", 0xf6 },      { "auml", 0xe4 },     { "Uuml", 0xdc },    { "Ouml", 0xd6 },
        { "Auml", 0xc4 },     { "szlig", 0xdf },     { "Aacute", 0xc1 },   { "Eacute", 0xc9 },  { "Iacute", 0xcd },
        { "Oacute", 0xd3 },   { "Uacute", 0xda },    { "Ntilde", 0xd1 },   { "deg", 0xb0 },
};

static bool is_name(struct str name, const char *const *names, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (str_eq_nocase(name, str_of(names[i])))
                        return true;
        return false;
}

static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

static struct str tag_name(struct str tag)
{
        size_t n = 0;

        if (tag.n > 0 && *tag.p == '/')
                tag = str_from(tag.p + 1, tag.n - 1);
        while (n < tag.n && n < TAG_NAME_MAX && is_letter(tag.p[n]))
                n++;
        return str_from(tag.p, n);
}

/* Behind the '>' that ends the tag at s, which begins behind its '<'; quoted values may hold one. */
static const char *tag_end(const char *p, const char *end)
{
        char quote = '\0';

        for (; p < end; p++) {
                if (quote)
                        quote = *p == quote ? '\0' : quote;
                else if (*p == '>')
                        return p + 1;
                else if ((*p == '"' || *p == '\'') && p[-1] == '=')
                        quote = *p;
        }
        return end;
}

/* Behind </name …>. */
static const char *closing_end(struct str name, const char *p, const char *end)
{
        while (p < end) {
                const char *at = memchr(p, '<', (size_t)(end - p));

                if (!at)
                        return end;
                p = at + 1;
                if (p < end && *p == '/' && str_eq_nocase(tag_name(str_from(p, (size_t)(end - p))), name))
                        return tag_end(p, end);
        }
        return end;
}

/* The character of "&…;" at p; bytes used, 0: it is none. */
static size_t read_entity(const char *p, const char *end, uint32_t *ret)
{
        size_t n = 1, left = size_min((size_t)(end - p), ENTITY_MAX + 2);
        uint64_t number = 0;
        bool is_hex;

        while (n < left && (is_letter(p[n]) || (n == 1 && p[n] == '#')))
                n++;
        if (n < 3 || n == left || p[n] != ';')
                return 0;
        if (p[1] != '#') {
                for (size_t i = 0; i < ARRAY_LEN(entities); i++)
                        if (str_eqz(str_from(p + 1, n - 1), entities[i].name)) {
                                *ret = entities[i].codepoint;
                                return n + 1;
                        }
                return 0;
        }
        is_hex = p[2] == 'x' || p[2] == 'X';
        for (size_t i = 2 + is_hex; i < n; i++) {
                int digit = escape_hex_digit(p[i]);

                if (digit < 0 || (!is_hex && digit > 9))
                        return 0;
                number = number * (is_hex ? 16 : 10) + (unsigned)digit;
        }
        *ret = number == 0 || number > 0x10ffff || (number >= 0xd800 && number < 0xe000) ? 0xfffd : (uint32_t)number;
        return n + 1;
}

/* A tag or comment that begins with the '<' at p; writes what it means and goes behind it. */
static const char *read_tag(const char *p, const char *end, char **to)
{
        struct str name = tag_name(str_from(p + 1, (size_t)(end - p - 1)));
        bool is_closing = p + 1 < end && p[1] == '/';
        const char *behind;

        if (end - p >= 4 && memcmp(p, "<!--", 4) == 0) {
                size_t at = str_find(str_from(p + 4, (size_t)(end - p - 4)), STR("-->"));

                return at == SIZE_MAX ? end : p + 4 + at + 3;
        }
        if (name.n == 0 && !(p + 1 < end && (p[1] == '!' || p[1] == '?'))) {
                *(*to)++ = '<'; /* no tag: "a < b" */
                return p + 1;
        }
        behind = tag_end(p + 1, end);
        if (is_name(name, blocks, ARRAY_LEN(blocks)))
                *(*to)++ = '\n';
        else if (is_name(name, cells, ARRAY_LEN(cells)))
                *(*to)++ = ' ';
        if (!is_closing && is_name(name, hidden, ARRAY_LEN(hidden)))
                return closing_end(name, behind, end);
        return behind;
}

struct str mime_html_text(struct arena *arena, struct str html)
{
        const char *p = html.p, *end = html.p + html.n;
        char *start = arena_bytes(arena, html.n + 1), *to = start;

        while (start && p < end) {
                uint32_t c;
                size_t n;

                if (*p == '<') {
                        p = read_tag(p, end, &to);
                } else if (*p == '&' && (n = read_entity(p, end, &c)) > 0) {
                        to = escape_put_utf8(to, c); /* never longer than what stands for it */
                        p += n;
                } else {
                        *to++ = *p == '\n' || *p == '\r' ? ' ' : *p; /* lines of HTML mean nothing */
                        p++;
                }
        }
        return start ? str_from(start, (size_t)(to - start)) : STR_NONE;
}
