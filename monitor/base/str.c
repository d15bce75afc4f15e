/* SPDX-License-Identifier: Apache-2.0 */

/* Borrowed strings and the growing buffer. Nothing here looks at the locale: white space, case and digits are ASCII's.
 * A buffer that once failed to grow takes nothing more until it is cleared: no text with a hole in it leaves. */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem() */
#endif

#include "monitor/base/str.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { STRBUF_BYTES_MIN = 64, DISTANCE_BYTES_MAX = 64 };

/* ---- Borrowed strings ---- */

static bool is_blank(char c)
{
        return c == ' ' || (c >= '\t' && c <= '\r');
}

bool str_starts(struct str s, struct str prefix)
{
        return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

bool str_ends(struct str s, struct str suffix)
{
        return s.n >= suffix.n && (suffix.n == 0 || memcmp(s.p + (s.n - suffix.n), suffix.p, suffix.n) == 0);
}

bool str_eq_nocase(struct str a, struct str b)
{
        if (a.n != b.n)
                return false;
        for (size_t i = 0; i < a.n; i++)
                if (str_lower(a.p[i]) != str_lower(b.p[i]))
                        return false;
        return true;
}

int str_cmp(struct str a, struct str b)
{
        size_t n = size_min(a.n, b.n);
        int c = n > 0 ? memcmp(a.p, b.p, n) : 0;

        return c ? c : (a.n > b.n) - (a.n < b.n);
}

size_t str_find(struct str s, struct str needle)
{
        const char *at;

        if (needle.n == 0)
                return 0;
        if (needle.n > s.n)
                return SIZE_MAX;
        at = memmem(s.p, s.n, needle.p, needle.n);
        return at ? (size_t)(at - s.p) : SIZE_MAX;
}

struct str str_trim(struct str s)
{
        while (s.n > 0 && is_blank(s.p[0])) {
                s.p++;
                s.n--;
        }
        while (s.n > 0 && is_blank(s.p[s.n - 1]))
                s.n--;
        return s;
}

bool str_cut(struct str *rest, char sep, struct str *ret)
{
        const char *at;

        if (!rest->p)
                return false;
        at = rest->n > 0 ? memchr(rest->p, sep, rest->n) : NULL;
        if (!at) {
                *ret = *rest;
                *rest = STR_NONE;
                return true;
        }
        *ret = str_from(rest->p, (size_t)(at - rest->p));
        *rest = str_from(at + 1, rest->n - ret->n - 1);
        return true;
}

struct str str_value(struct str lines, const char *key)
{
        struct str line;

        while (str_cut(&lines, '\n', &line)) {
                struct str value = line, name;

                str_cut(&value, ' ', &name);
                if (str_eqz(name, key))
                        return str_trim(value.p ? value : STR(""));
        }
        return STR("");
}

int str_to_u64(struct str s, uint64_t *ret)
{
        uint64_t n = 0;
        bool too_big = false;

        if (s.n == 0)
                return -EBADMSG;
        for (size_t i = 0; i < s.n; i++) {
                if (s.p[i] < '0' || s.p[i] > '9')
                        return -EBADMSG;
                if (__builtin_mul_overflow(n, UINT64_C(10), &n) ||
                    __builtin_add_overflow(n, (uint64_t)(s.p[i] - '0'), &n))
                        too_big = true;
        }
        if (too_big)
                return -ERANGE;
        *ret = n;
        return 0;
}

int str_to_i64(struct str s, int64_t *ret)
{
        bool minus = s.n > 0 && s.p[0] == '-';
        uint64_t n;
        int r;

        if (s.n > 0 && (minus || s.p[0] == '+'))
                s = str_from(s.p + 1, s.n - 1);
        r = str_to_u64(s, &n);
        if (r < 0)
                return r;
        if (n > (uint64_t)INT64_MAX + (minus ? 1 : 0))
                return -ERANGE;
        *ret = minus ? (n > INT64_MAX ? INT64_MIN : -(int64_t)n) : (int64_t)n;
        return 0;
}

char *str_dupz(struct str s)
{
        char *z = malloc(s.n + 1);

        if (!z)
                return NULL;
        if (s.n > 0)
                memcpy(z, s.p, s.n);
        z[s.n] = '\0';
        return z;
}

size_t str_distance(struct str a, struct str b)
{
        size_t rows[3][DISTANCE_BYTES_MAX + 1]; /* of i - 2, i - 1 and i, each in its turn */

        if (a.n > DISTANCE_BYTES_MAX || b.n > DISTANCE_BYTES_MAX)
                return SIZE_MAX;
        for (size_t j = 0; j <= b.n; j++)
                rows[0][j] = j;
        for (size_t i = 1; i <= a.n; i++) {
                const size_t *before = rows[(i - 1) % 3], *swapped = rows[(i + 1) % 3];
                size_t *row = rows[i % 3];

                row[0] = i;
                for (size_t j = 1; j <= b.n; j++) {
                        row[j] = size_min(before[j - 1] + (a.p[i - 1] != b.p[j - 1]), size_min(before[j], row[j - 1]) + 1);
                        if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1])
                                row[j] = size_min(row[j], swapped[j - 2] + 1);
                }
        }
        return rows[a.n % 3][b.n];
}

/* ---- The buffer ---- */

void strbuf_done(struct strbuf *b)
{
        free(b->p);
        *b = (struct strbuf)STRBUF_INIT;
}

void strbuf_clear(struct strbuf *b)
{
        b->n = 0;
        b->failed = false;
        if (b->p)
                b->p[0] = '\0';
}

bool strbuf_failed(const struct strbuf *b)
{
        return b->failed;
}

char *strbuf_reserve(struct strbuf *b, size_t more)
{
        size_t need, cap;
        char *p;

        if (b->failed)
                return NULL;
        if (__builtin_add_overflow(b->n, more, &need) || need >= SIZE_MAX / 2) {
                b->failed = true;
                return NULL;
        }
        need++; /* the NUL */
        if (need <= b->cap)
                return b->p + b->n;

        cap = size_max(size_max(b->cap * 2, need), STRBUF_BYTES_MIN);
        p = realloc(b->p, cap);
        if (!p) {
                b->failed = true;
                return NULL;
        }
        b->p = p;
        b->cap = cap;
        return b->p + b->n;
}

void strbuf_add(struct strbuf *b, struct str s)
{
        char *at = strbuf_reserve(b, s.n);

        if (!at)
                return;
        if (s.n > 0)
                memcpy(at, s.p, s.n);
        at[s.n] = '\0';
        b->n += s.n;
}

void strbuf_addz(struct strbuf *b, const char *z)
{
        strbuf_add(b, str_of(z));
}

void strbuf_addc(struct strbuf *b, char c)
{
        char *p = strbuf_reserve(b, 1);

        if (!p)
                return;
        p[0] = c;
        p[1] = '\0';
        b->n++;
}

void strbuf_addf(struct strbuf *b, const char *fmt, ...)
{
        va_list ap;

        va_start(ap, fmt);
        strbuf_vaddf(b, fmt, ap);
        va_end(ap);
}

void strbuf_vaddf(struct strbuf *b, const char *fmt, va_list ap)
{
        va_list again;
        char *at = strbuf_reserve(b, STRBUF_BYTES_MIN);
        int n;

        if (!at)
                return;
        va_copy(again, ap);
        n = vsnprintf(at, b->cap - b->n, fmt, ap);
        if (n >= 0 && (size_t)n >= b->cap - b->n) {
                at[0] = '\0';
                at = strbuf_reserve(b, (size_t)n);
                if (at)
                        n = vsnprintf(at, b->cap - b->n, fmt, again);
        }
        va_end(again);
        if (n < 0)
                b->failed = true;
        if (!b->failed)
                b->n += (size_t)n;
        else if (b->p)
                b->p[b->n] = '\0';
}

char *strbuf_take(struct strbuf *b)
{
        char *p = strbuf_reserve(b, 0) ? b->p : NULL;

        if (!p) {
                strbuf_done(b);
                return NULL;
        }
        p[b->n] = '\0'; /* strbuf_reserve()'s callers need not keep it */
        *b = (struct strbuf)STRBUF_INIT;
        return p;
}
