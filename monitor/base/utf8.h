/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_BASE_UTF8_H
#define SHOPBELL_BASE_UTF8_H

/* UTF-8 as strict as RFC 3629 (no overlong forms, no surrogates, nothing over U+10FFFF), simple case folding, and the
 * one function through which log bytes reach a person. */

#include <stdbool.h>
#include <stdint.h>

#include "monitor/base/arena.h"
#include "monitor/base/str.h"

bool utf8_is_valid(struct str s);
bool utf8_is_ascii(struct str s);
/* Takes one character off the front. An ill-formed byte counts as one U+FFFD. False at the end. */
bool utf8_next(struct str *s, uint32_t *ret);
void utf8_append(struct strbuf *b, uint32_t codepoint);
/* Ill-formed sequences become U+FFFD. Returns `s` itself when it is valid; p == NULL when out of memory. */
struct str utf8_clean(struct arena *arena, struct str s);
/* Simple case folding (CaseFolding.txt of Unicode, status C and S): one character for one. */
uint32_t utf8_fold_char(uint32_t codepoint);
/* Folded text, ill-formed bytes as they are; returns `s` itself when folding changes nothing. p == NULL when out of
 * memory. */
struct str utf8_fold(struct arena *arena, struct str s);

/* Of a character that steers a terminal, turns the reading direction, breaks lines, or cannot be seen. */
bool utf8_is_harmful(uint32_t codepoint);

enum text_for {
        TEXT_TERMINAL, /* one line of a terminal, a table cell, a bubble, a mail line */
        TEXT_BLOCK, /* several lines: newline and tab stay */
};
/* Appends `s` with ill-formed bytes, C0/C1 controls, DEL, line and paragraph separators, bidirectional controls
 * (U+061C, U+200E-F, U+202A-E, U+2066-9), zero-width and tag characters made harmless: shown as U+FFFD, newline and tab
 * as a blank. At most `max` characters when max > 0; then the last shown is an ellipsis. */
void text_display(struct strbuf *out, struct str s, enum text_for target, size_t max);

/* Text that somebody wrote, safe in a Markdown table and as HTML: as text_display() on one line, `|` and `<` escaped, without the blanks
 * around it. */
void text_markdown(struct strbuf *out, struct str text);

/* `&`, `<`, `>`, `"` and `'` as XML and HTML write them; for text whose characters are harmless already. */
void text_markup(struct strbuf *out, struct str text);
/* Text that somebody wrote, as content of an element and inside a quoted attribute: text_display(), then text_markup(). */
void text_html(struct strbuf *out, struct str text, enum text_for target, size_t max);

#endif
