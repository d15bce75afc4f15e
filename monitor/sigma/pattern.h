/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_SIGMA_PATTERN_H
#define SHOPBELL_SIGMA_PATTERN_H

/* String patterns of Sigma: `*` any text, `?` one character, backslash escapes (Sigma digest, Values).
 *
 * While a value is compiled it is a row of tokens: characters and the three special ones; modifiers work on that. Then
 * it becomes a struct pattern, which is matched on UTF-8 bytes: a plain literal whole, at the front, at the end or
 * inside, or else a general glob, which is a row of segments between its stars. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "monitor/base/arena.h"
#include "monitor/base/str.h"

enum { TOKEN_ANY = 0x110000, TOKEN_ONE, TOKEN_DASH }; /* DASH: one of - / – — ― (windash) */

struct tokens {
        uint32_t *t;
        size_t n;
};

/* Reads wildcards and escapes. t == NULL: out of memory. */
struct tokens tokens_parse(struct arena *arena, struct str text);
struct tokens tokens_around(struct arena *arena, struct tokens in, bool any_before, bool any_after);
bool tokens_has_special(struct tokens t);
bool token_is_dash(uint32_t token); /* one of the five dashes */

enum pattern_kind { PATTERN_EXACT, PATTERN_PREFIX, PATTERN_SUFFIX, PATTERN_CONTAINS, PATTERN_GLOB };

/* What stands between two stars. */
struct segment {
        struct str literal; /* its UTF-8, when it has no special tokens; else absent */
        const uint32_t *t;
        size_t n; /* characters */
};

struct pattern {
        enum pattern_kind kind;
        struct str literal; /* all but GLOB */
        const struct segment *segments; /* GLOB */
        size_t n_segments;
        bool any_before, any_after; /* GLOB: a star before the first, after the last segment */
};

/* `is_cased` false folds the characters (base/utf8.h). What is only needed for a while goes to `scratch`. 0 or -ENOMEM. */
int pattern_make(struct arena *arena, struct arena *scratch, struct tokens t, bool is_cased, struct pattern *ret);
/* Does it cover the whole text? The text is well-formed UTF-8, and folded already when the pattern is. Linear in the
 * text for literals and globs made of literals; with `?` or dashes at most length of text times length of segment. */
bool pattern_match(const struct pattern *p, struct str text);

#endif
