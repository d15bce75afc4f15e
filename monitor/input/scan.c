/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/input/scan.h"

#include <string.h>

#include "monitor/base/macros.h"

static bool in_object(const struct scan *s)
{
        size_t level = s->depth - 1;

        return level < KINDS_DEPTH_MAX && (s->objects[level / 64] >> (level % 64) & 1);
}

static void open_bracket(struct scan *s, char c)
{
        uint64_t bit = UINT64_C(1) << (s->depth % 64);
        size_t word = s->depth / 64;

        if (word < ARRAY_LEN(s->objects))
                s->objects[word] = c == '{' ? s->objects[word] | bit : s->objects[word] & ~bit;
        s->depth++;
        s->previous = c;
}

/* A bracket at a line's beginning, where the document so far has no place for a value. */
static bool is_misplaced(const struct scan *s)
{
        if (s->depth == 0 || !s->is_line_start)
                return false;
        if (s->previous == ',')
                return in_object(s);
        return s->previous != '[' && s->previous != ':';
}

/* Behind the present string's closing quote, or NULL. */
static const char *end_of_string(const char *base, const struct scan *s, const char *p, const char *end)
{
        while (p < end) {
                const char *quote = memchr(p, '"', (size_t)(end - p)), *b;

                if (!quote)
                        return NULL;
                for (b = quote; b > base + s->string && b[-1] == '\\';)
                        b--;
                p = quote + 1;
                if ((quote - b) % 2 == 0)
                        return p;
        }
        return NULL;
}

/* One byte outside strings. */
static enum scan_result scan_byte(struct scan *s, char c, size_t at)
{
        if (is_blank(c))
                return SCAN_OPEN;
        if (c == '{' || c == '[') {
                if (is_misplaced(s))
                        return SCAN_CUT;
                open_bracket(s, c);
        } else {
                s->previous = c;
                if (c == '"') {
                        s->in_string = true;
                        s->string = at + 1;
                } else if ((c == '}' || c == ']') && --s->depth == 0) {
                        return SCAN_CLOSED;
                }
        }
        s->is_line_start = false;
        return SCAN_OPEN;
}

/* From s->at up to `end`, all on one line. */
static enum scan_result scan_line(struct scan *s, const char *base, const char *end)
{
        const char *p = base + s->at;
        enum scan_result r = SCAN_OPEN;

        while (p < end && r == SCAN_OPEN) {
                if (s->in_string) {
                        p = end_of_string(base, s, p, end);
                        if (!p) {
                                p = end;
                                break;
                        }
                        s->in_string = false;
                        continue;
                }
                r = scan_byte(s, *p, (size_t)(p - base));
                p++;
        }
        s->at = (size_t)(p - base);
        return r;
}

enum scan_result scan_document(struct scan *s, const char *base, size_t n)
{
        while (s->at < n) {
                const char *newline = memchr(base + s->at, '\n', n - s->at);
                enum scan_result r = scan_line(s, base, newline ? newline : base + n);

                if (r != SCAN_OPEN || !newline)
                        return r;
                s->at = s->line = (size_t)(newline + 1 - base);
                s->is_line_start = true;
                if (s->in_string)
                        return SCAN_CUT;
        }
        return SCAN_OPEN;
}
