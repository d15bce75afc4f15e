/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_PARSERS_CSV_LAYOUT_H
#define SHOPBELL_PARSERS_CSV_LAYOUT_H

/* What the header of a table means for a source: where its columns go, and what its cells are called. For decode_csv.c and
 * explain.c; others find what they need in decoder.h. */

#include "monitor/base/csv.h"
#include "parsers/parse.h"

enum { CSV_NAME_BYTES_MAX = 1024 }; /* of a column's name; longer ones are nobody's */

struct csv_layout {
        char *header; /* as its line was; NULL: fixed columns */
        size_t header_n;
        char delimiter;
        bool is_ours; /* it has all columns that tell the source */
        size_t n;
        uint32_t *slots; /* of each column; UINT32_MAX: nobody asks for it */
};

/* The layout of a header, or of fixed columns when it is absent; kept until another one is asked for. NULL: no memory. */
const struct csv_layout *csv_layout_of(struct parse *x, struct str header);
/* A column's name, of a header's cell. */
struct str csv_cell_name(const struct csv_cell *cell, char buf[CSV_NAME_BYTES_MAX]);

/* The cells of a row, each with the name of its column:
 *
 *     struct csv_named row = csv_named(source, header, text, delimiter);
 *     while ((r = csv_named_next(&row, arena, &name, &value)) > 0) … */
struct csv_named {
        const struct source *source;
        struct csv_row names, cells;
        bool has_header;
        size_t n;
};
/* Fixed columns when `header` is absent. */
struct csv_named csv_named(const struct source *s, struct str header, struct str row, char delimiter);
/* 1, 0: no more, -EBADMSG: more cells than columns, -ENOMEM. Texts are borrowed from header and row, or in the arena. */
int csv_named_next(struct csv_named *row, struct arena *arena, struct str *ret_name, struct str *ret_value);

/* The field's name below a column that holds JSON; absent: it is not below this one. */
struct str csv_name_below(const struct csv_json *j, struct str field);

#endif
