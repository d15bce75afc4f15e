/* SPDX-License-Identifier: Apache-2.0 */

/* IPv4 is judged by hand, because nearly every record has one and it needs no copy; IPv6 goes through libc. */

#include "parsers/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>

enum { PORT_MAX = 65535 };

static bool is_digit(char c)
{
        return c >= '0' && c <= '9';
}

static bool is_port(struct str s)
{
        uint64_t n;

        return s.n > 0 && s.n <= 5 && str_to_u64(s, &n) == 0 && n <= PORT_MAX;
}

/* Bytes of four decimal numbers 0-255 without leading zeroes at the beginning of `s`; 0: none, or all of them zero. */
static size_t ipv4_bytes(struct str s)
{
        size_t i = 0;
        unsigned any = 0;

        for (int part = 0; part < 4; part++) {
                size_t from;
                unsigned n = 0;

                if (part > 0 && (i >= s.n || s.p[i++] != '.'))
                        return 0;
                from = i;
                while (i < s.n && is_digit(s.p[i]) && i - from < 3)
                        n = n * 10 + (unsigned)(s.p[i++] - '0');
                if (i == from || n > 255 || (s.p[from] == '0' && i - from > 1))
                        return 0;
                any |= n;
        }
        return any ? i : 0;
}

static int clean_ipv6(struct arena *arena, struct str s, struct str *ret)
{
        char text[INET6_ADDRSTRLEN];
        struct in6_addr a;
        struct in_addr mapped;

        if (s.n < 2 || s.n >= sizeof text)
                return 0;
        memcpy(text, s.p, s.n);
        text[s.n] = '\0';
        if (inet_pton(AF_INET6, text, &a) != 1 || IN6_IS_ADDR_UNSPECIFIED(&a))
                return 0;
        if (IN6_IS_ADDR_V4MAPPED(&a)) {
                memcpy(&mapped, a.s6_addr + 12, sizeof mapped);
                if (mapped.s_addr == 0 || !inet_ntop(AF_INET, &mapped, text, sizeof text))
                        return 0;
        } else if (!inet_ntop(AF_INET6, &a, text, sizeof text)) {
                return 0;
        }
        *ret = str_eqz(s, text) ? s : arena_dup(arena, str_of(text));
        return ret->p ? 1 : -ENOMEM;
}

/* "[2001:db8::1]:443": what is in the brackets; absent when what follows is no port. */
static struct str open_brackets(struct str s)
{
        const char *end = memchr(s.p, ']', s.n);
        struct str rest;

        if (!end)
                return STR_NONE;
        rest = str_from(end + 1, (size_t)(s.p + s.n - end) - 1);
        if (rest.n > 0 && (*rest.p != ':' || !is_port(str_from(rest.p + 1, rest.n - 1))))
                return STR_NONE;
        return str_from(s.p + 1, (size_t)(end - s.p) - 1);
}

/* Cuts "#443" and "%eth0" off. */
static struct str cut_suffixes(struct str s)
{
        const char *at = memchr(s.p, '#', s.n);

        if (at && is_port(str_from(at + 1, (size_t)(s.p + s.n - at) - 1)))
                s.n = (size_t)(at - s.p);
        at = memchr(s.p, '%', s.n);
        if (at)
                s.n = (size_t)(at - s.p);
        return s;
}

int address_clean(struct arena *arena, struct str text, struct str *ret)
{
        struct str s = str_trim(text);
        size_t n;

        *ret = STR_NONE;
        if (s.n == 0)
                return 0;
        n = ipv4_bytes(s);
        if (n > 0 && n < s.n && (s.p[n] == ':' || s.p[n] == '#')) {
                if (!is_port(str_from(s.p + n + 1, s.n - n - 1)))
                        return 0;
                s.n = n;
        }
        if (*s.p == '[')
                s = open_brackets(s);
        if (s.n == 0)
                return 0;
        s = cut_suffixes(s);
        n = ipv4_bytes(s);
        if (n == 0 || n < s.n)
                return clean_ipv6(arena, s, ret);
        *ret = s;
        return 1;
}
