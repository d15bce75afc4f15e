/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_BASE_STR_H
#define SHOPBELL_BASE_STR_H

/* Borrowed strings and one growing buffer.
 *
 * `struct str` never owns its bytes and promises no NUL at the end; whoever must outlive the owner copies. An absent
 * string has p == NULL, an empty one has n == 0 and p != NULL.
 *
 * `struct strbuf` owns its bytes, keeps a NUL behind them, and remembers the first failed allocation: adding is void,
 * and strbuf_failed() is asked once at the end. Print with STR_FMT and STR_ARG:
 *
 *     struct strbuf b = STRBUF_INIT;
 *     strbuf_addf(&b, "user " STR_FMT, STR_ARG(user));
 *     ...
 *     strbuf_done(&b);
 */

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "monitor/base/macros.h"

struct str {
        const char *p;
        size_t n; /* bytes */
};

#define STR(literal) ((struct str){ (literal), sizeof(literal) - 1 })
#define STR_NONE ((struct str){ NULL, 0 })
#define STR_FMT "%.*s"
#define STR_ARG(s) (int)(s).n, (s).p ? (s).p : ""

static inline struct str str_of(const char *z)
{
        return (struct str){ z, z ? strlen(z) : 0 };
}
static inline struct str str_from(const char *p, size_t n)
{
        return (struct str){ p, n };
}
static inline bool str_eq(struct str a, struct str b)
{
        return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}
static inline bool str_eqz(struct str a, const char *z)
{
        return str_eq(a, str_of(z));
}

/* An ASCII letter made small; all else as it is. */
static inline char str_lower(char c)
{
        return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}
/* Takes this character off the front; false: another one is there. */
static inline bool str_take(struct str *s, char c)
{
        if (s->n == 0 || s->p[0] != c)
                return false;
        *s = str_from(s->p + 1, s->n - 1);
        return true;
}

bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
/* ASCII letters compare without case; nothing else is folded. */
bool str_eq_nocase(struct str a, struct str b);
/* Byte order, shorter first on a tie: <0, 0, >0. */
int str_cmp(struct str a, struct str b);
/* Offset of the first `needle`, or SIZE_MAX. */
size_t str_find(struct str s, struct str needle);
/* Without ASCII white space on both ends. */
struct str str_trim(struct str s);
/* The part before the first `sep`; *rest becomes what follows it (p == NULL when there was no sep). False when *rest
 * is already used up (p == NULL):  while (str_cut(&rest, ',', &word)) ... */
bool str_cut(struct str *rest, char sep, struct str *ret);
/* Of lines that are a key, a blank and a value: the value of the first with that key, trimmed; empty when there is none. */
struct str str_value(struct str lines, const char *key);
/* Decimal digits only (a sign for i64): 0, -EBADMSG or -ERANGE. */
int str_to_u64(struct str s, uint64_t *ret);
int str_to_i64(struct str s, int64_t *ret);
/* A NUL-terminated heap copy; NULL when out of memory. */
char *str_dupz(struct str s);
/* Edit distance, for "did you mean": how many bytes are put in, left out, changed, or swapped with their neighbour (optimal string
 * alignment). Strings longer than 64 bytes give SIZE_MAX. */
size_t str_distance(struct str a, struct str b);

struct strbuf {
        char *p; /* NUL-terminated when not NULL */
        size_t n, cap;
        bool failed;
};

#define STRBUF_INIT \
        { \
                NULL, 0, 0, false \
        }

void strbuf_done(struct strbuf *b); /* frees; the buffer may be used again */
void strbuf_clear(struct strbuf *b); /* empties, keeps the memory */
bool strbuf_failed(const struct strbuf *b);
void strbuf_add(struct strbuf *b, struct str s);
void strbuf_addz(struct strbuf *b, const char *z);
void strbuf_addc(struct strbuf *b, char c);
void strbuf_addf(struct strbuf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void strbuf_vaddf(struct strbuf *b, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);
/* Makes room for `more` bytes behind the present ones and returns where they start; NULL when out of memory. The
 * caller writes and then adds what it wrote to b->n. */
char *strbuf_reserve(struct strbuf *b, size_t more);
static inline struct str strbuf_str(const struct strbuf *b)
{
        return (struct str){ b->p ? b->p : "", b->n };
}
/* Hands the bytes to the caller (free()); NULL when anything failed. The buffer is empty afterwards. */
char *strbuf_take(struct strbuf *b);

#endif
