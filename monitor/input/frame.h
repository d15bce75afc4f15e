/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_INPUT_FRAME_H
#define SHOPBELL_INPUT_FRAME_H

/* Cuts a stream of bytes into raws. The first byte that is no blank decides: '{' or '[' means JSON, anything else lines.
 *
 * JSON: when the first line is a whole document by itself, every line is one (NDJSON); a line that is no whole document is
 * handed out as it is and will be rejected as malformed, alone. Otherwise documents are found by counting brackets
 * outside strings, over as many lines as they take; a newline inside a string means that the document was cut off: its
 * first line is handed out (and rejected) and the search starts again behind it.
 * Lines: LF or CRLF, empty ones left out. A line or document over RAW_BYTES_MAX is skipped up to the next newline,
 * counted as REJECT_TOO_LONG and noted.
 *
 * What is not complete yet stays in the framer: half a record at the end of a growing file waits for its rest. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "monitor/base/str.h"

struct frame {
        struct str bytes; /* borrowed from the framer until the next frame_put() */
        uint64_t offset; /* of its first byte in the stream */
};

struct framer;
struct framer *framer_new(void);
struct framer *framer_free(struct framer *f);
/* Start of a stream whose first byte has this offset; forgets everything. `is_ndjson` as framer_is_ndjson() said. */
void framer_start(struct framer *f, uint64_t offset, bool is_ndjson);
bool framer_is_ndjson(const struct framer *f);
/* Adds bytes. 0 or -ENOMEM. */
int framer_put(struct framer *f, struct str bytes);
/* The next whole raw: 1 and *ret, or 0 (needs more bytes), or -E2BIG (one too long was skipped: call again; *ret says
 * where it began). With `at_end` what is left counts as whole. */
int framer_next(struct framer *f, bool at_end, struct frame *ret);
/* Offset behind the last raw handed out: where to begin again after a restart. */
uint64_t framer_position(const struct framer *f);

#endif
