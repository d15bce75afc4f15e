/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_BASE_CSV_H
#define SHOPBELL_BASE_CSV_H

/* Rows of comma separated values (RFC 4180): where a row ends, and its cells.
 *
 * A cell in double quotes may hold delimiters, line breaks and quotes, each of those doubled. A quote anywhere but at a cell's
 * beginning is an ordinary byte. Behind a closing quote only a delimiter or the row's end may stand: else the row is bad,
 * and where it was one with several lines, most likely a quote before it is missing. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "monitor/base/str.h"

enum {
        CSV_HEADER_BYTES_MAX = 64 * 1024, /* a longer first line is no header */
        CSV_ROW_BYTES_MAX = 4 * 1024 * 1024, /* of a row over several lines; beyond, a quote is taken for unclosed */
        CSV_ROW_LINES_MAX = 10000,
        CSV_COLUMNS_MAX = 4096,
        CSV_ABOVE_MAX = 64, /* lines above a header */
};

/* How one table is written. */
struct csv_shape {
        char delimiter;
        bool has_header; /* its first row names the columns */
        unsigned above; /* so many lines that are no rows may stand above it */
};

/* Whether a file that begins with this line is a table, and how it is written. `source` is the log source that the file's
 * input is configured with, or NULL. */
typedef bool csv_test_fn(void *userdata, const char *source, struct str line, struct csv_shape *ret);

enum csv_line {
        CSV_WHOLE, /* the row ends with this line */
        CSV_OPEN, /* a quoted cell goes on in the next line */
        CSV_BAD, /* something stands behind a closing quote */
};
/* One line without its line end; with `is_open` it begins inside a quoted cell. */
enum csv_line csv_scan_line(struct str line, char delimiter, bool is_open);

/* The cells of a row, one after the other:
 *
 *     struct csv_row row = csv_row(text, ',');
 *     while ((r = csv_next(&row, &cell)) > 0) … */
struct csv_row {
        const char *p, *end; /* p == NULL: used up */
        char delimiter;
};
struct csv_cell {
        struct str text; /* without the quotes around it; borrowed */
        bool has_doubled; /* it holds doubled quotes: see csv_undouble() */
};
static inline struct csv_row csv_row(struct str text, char delimiter)
{
        return (struct csv_row){ text.p, text.n > 0 ? text.p + text.n : text.p, delimiter };
}
/* 1, 0: no more, -EBADMSG: an unclosed quote, or something behind a closed one. */
int csv_next(struct csv_row *row, struct csv_cell *ret);
/* Writes the cell's text with single quotes to `to` (room for text.n bytes) and returns its length. */
size_t csv_undouble(struct str text, char *to);

/* Appends one cell, quoted when it must be; a cell that a spreadsheet would take for a formula gets a leading apostrophe (OWASP: CSV
 * injection), and what steers a terminal or turns the reading direction is shown as U+FFFD. */
void csv_put(struct strbuf *out, struct str cell, bool is_first);

#endif
