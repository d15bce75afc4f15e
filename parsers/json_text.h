/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_PARSERS_JSON_TEXT_H
#define SHOPBELL_PARSERS_JSON_TEXT_H

/* A JSON text as a list of tokens (json_simd.h), and what can be said of them without a plan: strings, other scalars,
 * skipping. Private to the JSON reader.
 *
 * Why nothing is read behind the last token: json_text_init() sees to it that it is a closing bracket. So behind every
 * other token there is one more, and only who has passed a closing bracket must ask json_text_is_last() to go on. */

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "monitor/base/arena.h"
#include "monitor/base/str.h"
#include "parsers/json_simd.h"

enum { JSON_KEY_PADDING = 8 }; /* readable bytes behind a key, for its hash */

struct json_text {
        const char *p, *end;
        const uint32_t *tokens; /* offset of each one's first byte */
        uint32_t last; /* offset of the last one */
        /* What is known of backslashes, moving on with the reader: there is none from `plain` to `escape`, where there
         * is one (or the end of the text). */
        const char *plain, *escape;
        const uint8_t *dead; /* json_mark_dead(); NULL: not asked */
        uint32_t dead_from;
};

/* Indexes `bytes`, whose root must be an object or array; errors are those of json_simd_index(). */
int json_text_init(struct json_text *x, struct json_simd *simd, struct str bytes);

static inline char json_text_at(const struct json_text *x, const uint32_t *t)
{
        return x->p[*t];
}
static inline bool json_text_is_last(const struct json_text *x, const uint32_t *t)
{
        return *t >= x->last;
}
/* From a token to the closing bracket `t`. */
static inline struct str json_text_slice(const struct json_text *x, const uint32_t *from, const uint32_t *t)
{
        return str_from(x->p + *from, *t - *from + 1);
}

/* ---- Strings ---- */

void json_text_find_escape(struct json_text *x, const char *p);
static inline bool json_text_has_escape(struct json_text *x, struct str s)
{
        if (s.p < x->plain || s.p > x->escape)
                json_text_find_escape(x, s.p);
        return x->escape < s.p + s.n;
}
/* Between the quotes of a string token, as written. Behind its end there are only blanks up to the next token. */
static inline struct str json_text_raw(const struct json_text *x, const uint32_t *t)
{
        const char *p = x->p + t[0] + 1, *end = x->p + t[1] - 1;

        while (*end != '"')
                end--;
        return str_from(p, (size_t)(end - p));
}
/* `raw` without its escapes, in `arena`; lone surrogates become U+FFFD. 0, -EBADMSG (a bad escape), -ENOMEM. */
int json_text_unescape(struct arena *arena, struct str raw, struct str *ret);
/* What a string token stands for: borrowed where it has no escapes. JSON_KEY_PADDING bytes can be read behind it. */
static inline int json_text_string(struct json_text *x, const uint32_t *t, struct arena *arena, struct str *ret)
{
        struct str raw = json_text_raw(x, t);

        if (json_text_has_escape(x, raw))
                return json_text_unescape(arena, raw, ret);
        *ret = raw;
        return 0;
}

/* ---- Other scalars ---- */

/* As written, whatever it is; not of the last token. */
struct str json_text_bare(const struct json_text *x, const uint32_t *t);
bool json_text_is_number(struct str token); /* by the grammar of RFC 8259 */
bool json_text_is_word(struct str token); /* true, false, null */
/* Is a whole text one scalar? Such a one needs no list of tokens. */
bool json_text_is_scalar(struct str bytes);

/* ---- Values ---- */

/* The token behind a value, or NULL when it is malformed. Checked are brackets, colons, commas, and the first bytes
 * of keys and scalars. Brackets more than JSON_DEPTH_MAX deep are counted, not matched. `depth` is that of the value
 * itself if it is a container; that of a document's root is 1. */
const uint32_t *json_text_skip(const struct json_text *x, const uint32_t *t, unsigned depth);

/* ---- Duplicate keys (json_mark.c) ---- */

/* The keys of all open objects, the innermost's last; kept from one use to the next. */
struct json_mark {
        struct json_mark_key {
                struct str text;
                uint32_t at; /* offset of its token */
        } * keys;
        size_t n, cap;
};

/* Looks for duplicate keys in a value, at any depth; then json_mark_is_dead() tells which are followed by an equal
 * one in the same object. With is_strict the value must be the whole text, and everything in it is checked, scalars
 * and depth included; without, what is deeper than JSON_DEPTH_MAX is passed over, for the walk to find. 0, -EBADMSG,
 * -ENOMEM; strict also -E2BIG. */
int json_mark_dead(struct json_mark *mark, struct json_text *x, const uint32_t *t, unsigned depth, bool is_strict,
                   struct arena *arena);
void json_mark_done(struct json_mark *mark);
static inline bool json_mark_is_dead(const struct json_text *x, const uint32_t *key)
{
        uint32_t at = *key - x->dead_from;

        return x->dead[at / 8] >> at % 8 & 1;
}

#endif
