/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_INPUT_FRAME_H
#define SHOPBELL_INPUT_FRAME_H

/* Cuts a stream of bytes into raws. The first byte that is no blank decides: '{' or '[' means JSON, anything else lines.
 * ('[' or '{' that no JSON could follow, as in "[Mon Oct 12 …] error", is a line as well.)
 *
 * JSON: when the first line is a whole document by itself, every line is one (NDJSON); a line that is no whole document is
 * handed out as it is and will be rejected as malformed, alone. Otherwise documents are found by counting brackets
 * outside strings, over as many lines as they take; a newline inside a string, or a line that begins with a bracket where
 * no value can stand, means that the document was cut off: its first line is handed out (and rejected) and the search
 * starts again behind it.
 * Lines: LF or CRLF, empty ones left out, and so are NUL bytes at a line's beginning (the hole that a writer leaves in a
 * file that was truncated under it). A byte order mark at the very beginning is skipped. A line or document over
 * RAW_BYTES_MAX is skipped up to the next newline, counted as REJECT_TOO_LONG and noted (by the caller).
 *
 * What is not complete yet stays in the framer: half a record at the end of a growing file waits for its rest.
 *
 *     framer_start(f, 0, FRAME_UNDECIDED);
 *     while (read(...) > 0) {
 *             framer_put(f, bytes);                       // or framer_reserve(), read(), framer_added()
 *             while ((r = framer_next(f, false, &frame)) != 0)
 *                     r > 0 ? use(frame.bytes) : complain(frame.offset);
 *     } */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "monitor/base/macros.h"
#include "monitor/base/str.h"

enum frame_mode {
        FRAME_UNDECIDED, /* nothing but blanks so far */
        FRAME_LINES, /* each line is one: text, or NDJSON */
        FRAME_JSON, /* documents over several lines */
        _FRAME_MODE_MAX,
};

struct frame {
        struct str bytes; /* borrowed from the framer until bytes are added; RAW_PADDING readable bytes follow */
        uint64_t offset; /* of its first byte in the stream */
};

struct framer;
struct framer *framer_new(void); /* NULL: out of memory */
struct framer *framer_free(struct framer *f);
DEFINE_FREEP(struct framer, framer)
/* Start of a stream whose first byte has this offset; forgets everything. To go on at framer_position(), give the
 * framer_mode() of that moment. */
void framer_start(struct framer *f, uint64_t offset, enum frame_mode mode);
enum frame_mode framer_mode(const struct framer *f);
/* Adds bytes. 0 or -ENOMEM. */
int framer_put(struct framer *f, struct str bytes);
/* The same without a copy: room for n bytes (NULL: out of memory), and how many of them were then filled. */
char *framer_reserve(struct framer *f, size_t n);
void framer_added(struct framer *f, size_t n);
/* The next whole raw: 1 and *ret, or 0 (needs more bytes), or -E2BIG (one too long was skipped: call again; *ret says
 * where it began, its bytes are absent). With `at_end` what is left counts as whole. */
int framer_next(struct framer *f, bool at_end, struct frame *ret);
/* Offset behind the last raw handed out or skipped: where to begin again after a restart. */
uint64_t framer_position(const struct framer *f);

#endif
