/* SPDX-License-Identifier: Apache-2.0 */

/* Tokens of a JSON text. Skipping is where most of the time goes, and most of that into objects of scalars: hence one
 * loop that looks at key, colon, value and comma at once, and a call only for what is nested. */

#include "parsers/json_text.h"

#include <errno.h>

#include "monitor/base/escape.h"
#include "monitor/model/record.h"
#include "parsers/json.h"

int json_text_init(struct json_text *x, struct json_simd *simd, struct str bytes)
{
        int r;

        *x = (struct json_text){ .p = bytes.p, .end = bytes.p + bytes.n };
        x->plain = x->escape = x->end;
        r = json_simd_index(simd, bytes.p, bytes.n, &x->tokens, &x->last);
        if (r < 0)
                return r;
        return x->p[x->last] == '}' || x->p[x->last] == ']' ? 0 : -EBADMSG;
}

/* ---- Strings ---- */

/* Makes `p` lie from x->plain to x->escape. Going on every byte is looked at once; going back, only those between. */
void json_text_find_escape(struct json_text *x, const char *p)
{
        bool is_back = p < x->plain;
        const char *stop = is_back ? x->plain : x->end;
        const char *found = memchr(p, '\\', (size_t)(stop - p));

        if (found || !is_back)
                x->escape = found ? found : x->end;
        x->plain = p;
}

/* One escape, `p` behind its backslash. Returns the byte behind it, NULL when it is none. */
static const char *unescape_one(const char *p, const char *end, char **to)
{
        static const char from[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
        const char *known;
        uint32_t cp;
        size_t used;

        if (p == end)
                return NULL;
        if (*p == 'u') {
                used = escape_read_unicode(p + 1, end, &cp);
                if (used == 0)
                        return NULL;
                *to = escape_put_utf8(*to, cp);
                return p + 1 + used;
        }
        known = memchr(from, *p, sizeof from - 1);
        if (!known)
                return NULL;
        *(*to)++ = means[known - from];
        return p + 1;
}

int json_text_unescape(struct arena *arena, struct str raw, struct str *ret)
{
        const char *p = raw.p, *end = raw.p + raw.n;
        char *out = arena_alloc(arena, raw.n + JSON_KEY_PADDING), *to = out; /* no escape is shorter than its meaning */

        if (!out)
                return -ENOMEM;
        while (p < end) {
                const char *next = memchr(p, '\\', (size_t)(end - p));
                size_t plain = (size_t)((next ? next : end) - p);

                memcpy(to, p, plain);
                to += plain;
                if (!next)
                        break;
                p = unescape_one(next + 1, end, &to);
                if (!p)
                        return -EBADMSG;
        }
        *ret = str_from(out, (size_t)(to - out));
        return 0;
}

/* ---- Other scalars ---- */

static bool is_blank(char c)
{
        return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static struct str trim_end(const char *p, const char *end)
{
        while (end > p && is_blank(end[-1]))
                end--;
        return str_from(p, (size_t)(end - p));
}

struct str json_text_bare(const struct json_text *x, const uint32_t *t)
{
        return trim_end(x->p + t[0], x->p + t[1]);
}

static size_t skip_digits(struct str s, size_t i)
{
        while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9')
                i++;
        return i;
}

bool json_text_is_number(struct str s)
{
        size_t i = s.n > 0 && s.p[0] == '-' ? 1 : 0, from = i;

        i = skip_digits(s, i);
        if (i == from || (s.p[from] == '0' && i > from + 1))
                return false;
        if (i < s.n && s.p[i] == '.') {
                from = ++i;
                i = skip_digits(s, i);
                if (i == from)
                        return false;
        }
        if (i < s.n && (s.p[i] | 32) == 'e') {
                i++;
                if (i < s.n && (s.p[i] == '+' || s.p[i] == '-'))
                        i++;
                from = i;
                i = skip_digits(s, i);
                if (i == from)
                        return false;
        }
        return i == s.n;
}

bool json_text_is_word(struct str s)
{
        return str_eq(s, STR("null")) || str_eq(s, STR("true")) || str_eq(s, STR("false"));
}

static bool is_string(struct str s)
{
        const char *p = s.p + 1, *end = s.p + s.n - 1;

        if (s.n < 2 || *s.p != '"' || *end != '"')
                return false;
        while (p && p < end) {
                char four[4], *to = four;

                if (*p == '"' || (unsigned char)*p < ' ')
                        return false;
                p = *p == '\\' ? unescape_one(p + 1, end, &to) : p + 1;
        }
        return p != NULL;
}

bool json_text_is_scalar(struct str s)
{
        while (s.n > 0 && is_blank(*s.p))
                s = str_from(s.p + 1, s.n - 1);
        s = trim_end(s.p, s.p + s.n);
        return json_text_is_number(s) || json_text_is_word(s) || is_string(s);
}

/* ---- Skipping ---- */

static inline bool starts_scalar(char c)
{
        return c == '"' || (c >= '0' && c <= '9') || c == 't' || c == 'f' || c == 'n' || c == '-';
}

/* Brackets only. */
static const uint32_t *skip_deep(const struct json_text *x, const uint32_t *t)
{
        size_t open = 0;

        for (;; t++) {
                char c = json_text_at(x, t);

                if (c == '{' || c == '[') {
                        open++;
                } else if (c == '}' || c == ']') {
                        if (--open == 0)
                                return t + 1;
                        if (json_text_is_last(x, t))
                                return NULL;
                }
        }
}

static const uint32_t *skip_object(const struct json_text *x, const uint32_t *t, unsigned depth);
static const uint32_t *skip_array(const struct json_text *x, const uint32_t *t, unsigned depth);

static const uint32_t *skip_container(const struct json_text *x, const uint32_t *t, unsigned depth)
{
        if (depth > JSON_DEPTH_MAX)
                return skip_deep(x, t);
        return json_text_at(x, t) == '{' ? skip_object(x, t, depth) : skip_array(x, t, depth);
}

/* A value inside a container: something must follow. */
static inline const uint32_t *skip_inner(const struct json_text *x, const uint32_t *t, unsigned depth)
{
        char c = json_text_at(x, t);

        if (starts_scalar(c))
                return t + 1;
        if (c != '{' && c != '[')
                return NULL;
        t = skip_container(x, t, depth);
        return t && !json_text_is_last(x, t - 1) ? t : NULL;
}

static const uint32_t *skip_object(const struct json_text *x, const uint32_t *t, unsigned depth)
{
        if (json_text_at(x, ++t) == '}')
                return t + 1;
        for (;;) {
                char c;

                if (json_text_at(x, t) != '"' || json_text_at(x, t + 1) != ':')
                        return NULL;
                t = skip_inner(x, t + 2, depth + 1);
                if (!t)
                        return NULL;
                c = json_text_at(x, t++);
                if (c == '}')
                        return t;
                if (c != ',')
                        return NULL;
        }
}

static const uint32_t *skip_array(const struct json_text *x, const uint32_t *t, unsigned depth)
{
        if (json_text_at(x, ++t) == ']')
                return t + 1;
        for (;;) {
                char c;

                t = skip_inner(x, t, depth + 1);
                if (!t)
                        return NULL;
                c = json_text_at(x, t++);
                if (c == ']')
                        return t;
                if (c != ',')
                        return NULL;
        }
}

const uint32_t *json_text_skip(const struct json_text *x, const uint32_t *t, unsigned depth)
{
        char c = json_text_at(x, t);

        if (starts_scalar(c))
                return t + 1;
        return c == '{' || c == '[' ? skip_container(x, t, depth) : NULL;
}
