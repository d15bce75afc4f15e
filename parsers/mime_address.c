/* SPDX-License-Identifier: Apache-2.0 */

/* Addresses are found in the text as it was sent, before anything in it is decoded: "=?utf-8?q?shop=40example=2Ecom?="
 * in a name is a name. */

#include <errno.h>

#include "parsers/mime.h"

/* One mailbox between commas. */
struct box {
        struct str text; /* without comments */
        struct str angle; /* between < and >; absent: none */
        struct str name; /* in front of < */
};

/* Takes one mailbox off: up to a comma, or a group's colon or semicolon, outside quotes and angles. */
static bool take_box(struct str *rest, struct box *ret)
{
        bool is_quoted = false, in_angle = false;
        size_t i = 0, open = SIZE_MAX, close = SIZE_MAX, from = 0;

        if (rest->n == 0)
                return false;
        for (; i < rest->n; i++) {
                char c = rest->p[i];

                if (c == '\\' && is_quoted) {
                        i++;
                } else if (c == '"') {
                        is_quoted = !is_quoted;
                } else if (!is_quoted && c == '<' && !in_angle) {
                        in_angle = true;
                        open = i;
                        close = SIZE_MAX;
                } else if (!is_quoted && c == '>' && in_angle) {
                        in_angle = false;
                        close = i;
                } else if (!is_quoted && !in_angle && (c == ',' || c == ';')) {
                        break;
                } else if (!is_quoted && !in_angle && c == ':') {
                        from = i + 1; /* a group's name */
                        open = close = SIZE_MAX;
                }
        }
        i = size_min(i, rest->n);
        *ret = (struct box){ .text = str_trim(str_from(rest->p + from, i - from)), .angle = STR_NONE, .name = STR_NONE };
        if (open != SIZE_MAX && close != SIZE_MAX) {
                ret->angle = str_from(rest->p + open + 1, close - open - 1);
                ret->name = str_trim(str_from(rest->p + from, open - from));
        }
        *rest = i < rest->n ? str_from(rest->p + i + 1, rest->n - i - 1) : str_from(rest->p + i, 0);
        return true;
}

/* A name without quotes and the backslashes in them. */
static struct str unquote(struct arena *arena, struct str name)
{
        char *to = arena_bytes(arena, name.n);
        size_t n = 0;

        for (size_t i = 0; to && i < name.n; i++) {
                if (name.p[i] == '"')
                        continue;
                if (name.p[i] == '\\' && i + 1 < name.n)
                        i++;
                to[n++] = name.p[i];
        }
        return to ? str_from(to, n) : STR_NONE;
}

static bool is_domain(struct str s)
{
        for (size_t i = 0; i < s.n; i++) {
                unsigned char c = (unsigned char)s.p[i];

                if (c <= ' ' || c == 127 || strchr("()<>@,;:\\\"[]", c))
                        return false;
        }
        return s.n > 0 && s.p[0] != '.';
}

/* A quoted one may hold anything. */
static bool is_local(struct str s)
{
        if (s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"')
                return true;
        for (size_t i = 0; i < s.n; i++)
                if ((unsigned char)s.p[i] <= ' ' || strchr("()<>,;:\\\"[]", s.p[i]))
                        return false;
        return s.n > 0;
}

/* "local@domain", the domain small. 1, 0: it is none, -ENOMEM. */
static int read_address(struct arena *arena, struct str text, struct mail_address *ret)
{
        struct str s = str_trim(text);
        char *copy;
        size_t at;

        if (s.n > 0 && *s.p == '@') { /* a route in front (RFC 5322, 4.4) */
                struct str route;

                (void)str_cut(&s, ':', &route);
        }
        at = s.n;
        while (at > 0 && s.p[at - 1] != '@')
                at--;
        while (s.n > at && s.p[s.n - 1] == '.')
                s.n--; /* the root's dot */
        if (at < 2 || !is_local(str_from(s.p, at - 1)) || !is_domain(str_from(s.p + at, s.n - at)))
                return 0;
        copy = arena_bytes(arena, s.n);
        if (!copy)
                return -ENOMEM;
        for (size_t i = 0; i < s.n; i++)
                copy[i] = i >= at ? str_lower(s.p[i]) : s.p[i];
        ret->address = str_from(copy, s.n);
        ret->domain = str_from(copy + at, s.n - at);
        return 1;
}

int mime_addresses(struct arena *arena, struct str value, struct counters *counters,
                   struct mail_address ret[MAIL_ADDRESSES_MAX])
{
        struct str rest = mime_structured(arena, value, counters);
        struct box box;
        int n = 0, r;

        if (!rest.p)
                return -ENOMEM;
        while (take_box(&rest, &box)) {
                struct mail_address one = { .name = STR_NONE };

                r = read_address(arena, box.angle.p ? box.angle : box.text, &one);
                if (r < 0)
                        return r;
                if (r == 0)
                        continue;
                if (n == MAIL_ADDRESSES_MAX) {
                        counters->n[COUNTER_MAIL_HEADER_CUT]++;
                        break;
                }
                if (box.name.n > 0) {
                        struct str name = unquote(arena, box.name);

                        one.name = name.p ? mime_words(arena, name, counters) : STR_NONE;
                        if (!one.name.p)
                                return -ENOMEM;
                }
                ret[n++] = one;
        }
        return n;
}
