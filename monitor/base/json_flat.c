/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/base/json_flat.h"

#include <errno.h>

#include "monitor/base/escape.h"

static struct str behind(struct str s, size_t n)
{
        return str_from(s.p + n, s.n - n);
}

static void skip_blanks(struct str *s)
{
        while (s->n > 0 && strchr(" \t\r\n", *s->p) && *s->p)
                *s = behind(*s, 1);
}

/* A string, its first quote still there. What is not escaped is given where it stands. */
static int read_string(struct str *s, struct arena *arena, struct str *ret)
{
        const char *p = s->p + 1, *end = s->p + s->n;
        bool has_escape = false;
        char *to, *start;

        while (p < end && *p != '"') {
                has_escape |= *p == '\\';
                p += *p == '\\' ? 2 : 1;
        }
        if (p >= end)
                return -EBADMSG;
        *ret = str_from(s->p + 1, (size_t)(p - s->p - 1));
        *s = str_from(p + 1, (size_t)(end - p - 1));
        if (!has_escape)
                return 0;
        start = to = arena_bytes(arena, ret->n + 1);
        if (!start)
                return -ENOMEM;
        for (p = ret->p, end = ret->p + ret->n; p < end; p++) {
                static const char letters[] = "bfnrt", means[] = "\b\f\n\r\t";
                const char *letter;

                if (*p != '\\') {
                        *to++ = *p;
                        continue;
                }
                p++;
                letter = *p ? strchr(letters, *p) : NULL;
                if (*p == 'u') {
                        uint32_t cp;
                        size_t n = escape_read_unicode(p + 1, end, &cp);

                        if (n == 0)
                                return -EBADMSG;
                        to = escape_put_utf8(to, cp);
                        p += n;
                } else {
                        *to++ = letter ? means[letter - letters] : *p;
                }
        }
        *ret = str_from(start, (size_t)(to - start));
        return 0;
}

/* The length of a value that is nested. */
static int read_nested(struct str *s, struct str *ret)
{
        size_t depth = 0;
        bool in_string = false;

        for (size_t i = 0; i < s->n; i++) {
                char c = s->p[i];

                if (in_string && c == '\\')
                        i++;
                else if (c == '"')
                        in_string = !in_string;
                else if (!in_string && (c == '{' || c == '[') && ++depth > JSON_FLAT_DEPTH_MAX)
                        return -EBADMSG;
                else if (!in_string && (c == '}' || c == ']') && --depth == 0) {
                        *ret = str_from(s->p, i + 1);
                        *s = behind(*s, i + 1);
                        return 0;
                }
        }
        return -EBADMSG;
}

static int read_plain(struct str *s, struct arena *arena, struct str *ret)
{
        size_t n = 0;

        if (s->n == 0)
                return -EBADMSG;
        if (*s->p == '"')
                return read_string(s, arena, ret);
        if (*s->p == '{' || *s->p == '[')
                return read_nested(s, ret);
        while (n < s->n && s->p[n] && !strchr(",]} \t\r\n", s->p[n]))
                n++;
        *ret = str_from(s->p, n);
        *s = behind(*s, n);
        if (str_eqz(*ret, "null"))
                *ret = STR_NONE;
        return n > 0 ? 0 : -EBADMSG;
}

static int read_items(struct str *s, struct arena *arena, struct strbuf *out)
{
        struct str one;
        int r;

        do {
                skip_blanks(s);
                r = read_plain(s, arena, &one);
                if (r < 0)
                        return r;
                strbuf_addz(out, out->n > 0 ? ", " : "");
                strbuf_add(out, one);
                skip_blanks(s);
        } while (str_take(s, ','));
        return str_take(s, ']') ? 0 : -EBADMSG;
}

static int read_list(struct str *s, struct arena *arena, struct str *ret)
{
        CLEANUP(strbuf_done) struct strbuf all = STRBUF_INIT;
        int r;

        *s = behind(*s, 1);
        skip_blanks(s);
        if (str_take(s, ']')) {
                *ret = STR("");
                return 0;
        }
        r = read_items(s, arena, &all);
        if (r < 0)
                return r;
        *ret = strbuf_failed(&all) ? STR_NONE : arena_dup(arena, all.n > 0 ? strbuf_str(&all) : STR(""));
        return ret->p ? 0 : -ENOMEM;
}

int json_flat_next(struct str *rest, struct arena *arena, struct str *ret_key, struct str *ret_value)
{
        bool is_first;
        int r;

        skip_blanks(rest);
        is_first = str_take(rest, '{');
        skip_blanks(rest);
        if (str_take(rest, '}')) {
                skip_blanks(rest);
                return rest->n > 0 ? -EBADMSG : 0;
        }
        if (!is_first && !str_take(rest, ','))
                return -EBADMSG;
        skip_blanks(rest);
        if (rest->n == 0 || *rest->p != '"')
                return -EBADMSG;
        r = read_string(rest, arena, ret_key);
        if (r < 0)
                return r;
        skip_blanks(rest);
        if (!str_take(rest, ':'))
                return -EBADMSG;
        skip_blanks(rest);
        r = rest->n > 0 && *rest->p == '[' ? read_list(rest, arena, ret_value) : read_plain(rest, arena, ret_value);
        return r < 0 ? r : 1;
}

struct str json_flat_get(struct str text, const char *key, struct arena *arena)
{
        struct str rest = text, name, value;

        while (json_flat_next(&rest, arena, &name, &value) > 0)
                if (str_eqz(name, key))
                        return value;
        return STR_NONE;
}
