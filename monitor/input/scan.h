/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_INPUT_SCAN_H
#define SHOPBELL_INPUT_SCAN_H

/* Where a JSON document ends that may lie over several lines and may grow: brackets and strings, nothing else. Private to
 * input/. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
        KINDS_DEPTH_MAX = 1024, /* levels whose bracket is remembered; below, fewer cut-off documents are noticed */
};

/* How far a document has been scanned. Offsets count from its beginning. All zeroes: not begun. */
struct scan {
        size_t at;
        size_t string; /* where the present string begins */
        size_t line; /* where the present line begins */
        size_t depth;
        bool in_string;
        bool is_line_start; /* nothing but blanks so far on this line */
        char previous; /* last byte that is no blank, outside strings */
        uint64_t objects[KINDS_DEPTH_MAX / 64]; /* bit n: the bracket of level n is '{' */
};

enum scan_result { SCAN_OPEN, SCAN_CLOSED, SCAN_CUT };

static inline bool is_blank(char c)
{
        return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\0';
}

/* Goes on from s->at; `base` is the document's beginning, of which n bytes are there. Closed: behind its last bracket, at s->at. Cut:
 * another begins before it has ended, on the line at s->line. */
enum scan_result scan_document(struct scan *s, const char *base, size_t n);

#endif
