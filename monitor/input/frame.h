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
 * CSV: when the first line is one that the framer's test takes for the header of a table (or for its first row). A row
 * is one raw, over as many lines as its quoted cells take (base/csv.h), the header too; each comes with the header it stands below
 * and its number. Where the test lets them, lines that are no rows may stand above the header: those that are there when the first
 * one is looked at are passed over (framer_ignored()). A header that comes again (files put together) counts from there on. A row whose quotes do not close,
 * or close in the middle of a cell, is taken for cut off: its first line is handed out, and the search starts again behind
 * it.
 *
 * Mail: when the first line is an mbox's "From " line, the messages of an mbox: each begins with such a line, which is
 * handed out with it, behind an empty line. What belongs to no message is skipped (-EBADMSG). When the first line is a
 * header field of a mail, all up to the end is one message (not in files that grow: see framer_set_growing()). Of a message
 * over MAIL_BYTES_MAX (base/mail.h) the beginning is handed out, and the rest never held.
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
        FRAME_CSV, /* rows of a table */
        FRAME_MAIL, /* one message, up to the end */
        FRAME_MBOX, /* messages, each behind a "From " line */
        _FRAME_MODE_MAX,
};

#define FRAME_ROW_UNKNOWN UINT64_MAX

/* Where in a table the stream is. */
struct frame_table {
        struct str header; /* the line that names the columns, absent when there is none; outlives the framer */
        uint64_t row; /* number of the last row handed out, the first one of the stream is 1; or FRAME_ROW_UNKNOWN */
        char delimiter;
        unsigned above; /* lines that may stand above the header, as a test says */
};

struct frame {
        struct str bytes; /* borrowed from the framer until bytes are added; RAW_PADDING readable bytes follow */
        uint64_t offset; /* of its first byte in the stream */
        const struct frame_table *table; /* it is a row of this one, until the next call; NULL: of none */
        bool is_cut; /* the beginning of a longer message, of which the rest is skipped */
};

/* Whether the line is a table's first; fills header and delimiter. */
typedef bool frame_test_fn(void *userdata, struct str line, struct frame_table *ret);

struct framer;
struct framer *framer_new(void); /* NULL: out of memory */
/* Without a test there are no tables. */
void framer_set_test(struct framer *f, frame_test_fn *test, void *userdata);
/* The table that the stream is in; with mode FRAME_CSV, for framer_start(), or, for a stream that goes on with another
 * one's rows, behind it: then it counts when the stream does not begin with a header or JSON. */
void framer_set_table(struct framer *f, const struct frame_table *table);
const struct frame_table *framer_table(const struct framer *f); /* NULL: none */
/* The stream has no end, or not yet: nothing in it is a message up to the end. */
void framer_set_growing(struct framer *f);
/* Whether what is left is a message of an mbox that looks whole, as it ends with an empty line: with `at_end` it is
 * handed out. */
bool framer_is_between(const struct framer *f);
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
 * where it began, its bytes are absent), or -EBADMSG (the same for a stretch of an mbox that belongs to no message). With `at_end` what is left counts as whole. */
int framer_next(struct framer *f, bool at_end, struct frame *ret);
/* How many lines were passed over since the last call. */
uint64_t framer_ignored(struct framer *f);
/* Offset behind the last raw handed out or skipped: where to begin again after a restart. */
uint64_t framer_position(const struct framer *f);

#endif
