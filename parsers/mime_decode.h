/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_PARSERS_MIME_DECODE_H
#define SHOPBELL_PARSERS_MIME_DECODE_H

/* The encodings of mail (RFC 2045, section 6) and what a text needs to be read by patterns. Lenient, as mail programs are:
 * what makes no sense is passed over, and said. Results are made in the arena, or are the argument itself; absent: no
 * memory. */

#include <stdbool.h>

#include "monitor/base/arena.h"
#include "monitor/base/str.h"

/* At most `max` bytes of the result; *ret_is_cut is set (never cleared) when there would be more, *ret_is_bad when the
 * encoding is damaged. */
struct str mime_base64(struct arena *arena, struct str text, size_t max, bool *ret_is_cut, bool *ret_is_bad);
/* With `is_word` that of encoded words (RFC 2047, 4.2), where '_' is a blank and there are no lines. */
struct str mime_quoted(struct arena *arena, struct str text, bool is_word, size_t max, bool *ret_is_cut, bool *ret_is_bad);

/* The text that a person would read of HTML: tags, comments, scripts, styles and the head are gone, blocks are lines,
 * character references are characters. Nothing is fetched, nothing is run, and what is only made invisible stays. */
struct str mime_html_text(struct arena *arena, struct str html);

/* UTF-8 as patterns like it: lines end with '\n', runs of blanks (no-break and wide ones too) are one blank, none at the ends
 * of lines, at most one empty line together, other controls are blanks, and characters that cannot be seen are gone. With
 * `is_line` newlines are blanks. */
struct str mime_tidy(struct arena *arena, struct str text, bool is_line);

#endif
