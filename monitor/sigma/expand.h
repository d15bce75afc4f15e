/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_SIGMA_EXPAND_H
#define SHOPBELL_SIGMA_EXPAND_H

/* The modifier `expand`: %name% in a value stands for the values of a configured list; private to sigma/.
 *
 * - The values of a list are alternatives, also under `all` (specification 2.1, rules, Placeholders: "or-linked values or
 *   patterns"); several placeholders in one value give every combination.
 * - A configured value is a Sigma value itself: * and ? are wildcards and a backslash takes that away (pySigma's
 *   ValueListPlaceholderTransformation makes a SigmaString of each). It is read by itself: a backslash at its end does not
 *   reach into the text behind the placeholder. With `re` it is a part of the expression, as written.
 * - \% is a plain percent sign. One that begins no placeholder is plain too, as in pySigma, with a remark.
 * - Placeholders are filled before all other modifiers, wherever `expand` stands. */

#include "monitor/sigma/ast.h"
#include "monitor/sigma/document.h"

/* A value cut at its placeholders. */
struct expand_piece {
        struct str text; /* a text between placeholders, \% made plain */
        const struct yaml *values; /* else: the list or the single value of a placeholder */
};
struct expansion {
        struct expand_piece *pieces;
        size_t n;
        size_t total; /* how many texts it stands for; capped just above SIGMA_TESTS_MAX */
        bool is_lacking; /* a list is missing: the compiler has noted it, the placeholder is left as it is */
};

/* Cuts a scalar, and notes in the compiler what it is filled with and what is lacking. */
int expansion_read(struct compiler *c, const struct yaml *value, struct expansion *ret);
/* The text of choice number 0 … total - 1. p == NULL: out of memory. */
struct str expansion_text(struct arena *arena, const struct expansion *e, size_t choice);
struct tokens expansion_tokens(struct arena *arena, const struct expansion *e, size_t choice);

/* Remarks on percent signs that begin no placeholder, below keys with `expand`. */
void expand_remark(struct document *d, const struct yaml *value);

#endif
