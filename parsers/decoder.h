/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_PARSERS_DECODER_H
#define SHOPBELL_PARSERS_DECODER_H

/* Decoders: how the bytes of a raw become native fields. `format:` of a source file names one.
 *
 * To add a decoder (one of text lines: parsers/lines.h helps): (1) parsers/decode_x.c with `const struct decoder decoder_x`; (2) a row in decoder.c; (3) a line in
 * parsers/local.mk; (4) a source with samples that uses it.
 *
 * A decoder makes a struct record with the source's slots filled (parse_record() gives an empty one) and hands it to
 * parse_take(). It knows nothing of ECS, classes or ids. */

#include "parsers/source_impl.h"

struct parse; /* parsers/parse.h: one raw on its way */
struct line_format;

struct decoder {
        const char *name;
        const char *const *keys; /* keys of a source file that it knows, NULL-ended; several decoders may share one */
        const struct line_format *lines; /* of formats of text lines (parsers/lines.h), else NULL */
        /* Reads those keys, before `recognise`, `fields` and `classes` are read; names its own native fields first. */
        int (*load)(struct loader *l, const struct yaml *doc);
        /* No more wishes: builds what depends on all fields. */
        int (*freeze)(struct source *s, struct err *reterr);
        void (*done)(struct source *s);
        /* Tests that decide whether a raw is of the source, besides `recognise`. */
        unsigned (*tests)(const struct source *s);
        /* 0; -ENOENT: not of this source (nothing was taken); -EBADMSG, -E2BIG: cannot be read, parse->reason says why;
         * -ENOMEM; what parse_take() returned. */
        int (*decode)(struct parse *x);
};

const struct decoder *decoder_find(struct str name); /* NULL: none */
const struct decoder *decoder_get(size_t i); /* by number; NULL behind the last */

extern const struct decoder decoder_cef, decoder_csv, decoder_json, decoder_keyvalue, decoder_leef, decoder_mail, decoder_regex;

/* Of decode_csv.c: where a table's columns go. */
struct csv_layout;
void decode_csv_layout_free(struct csv_layout *l); /* NULL is fine */
/* Whether the line is the header of a table of this source. */
bool decode_csv_is_header(const struct source *s, struct str line, char *ret_delimiter);
/* Whether the header's first column is one that the source knows. Below other lines that is asked for, lest a text inside a log's
 * line passes for a header. */
bool decode_csv_is_clean(const struct source *s, struct str header, char delimiter);

/* A row of the source of x as a JSON object of its columns, an empty cell as null; `header` absent: the source's columns.
 * 0, -EBADMSG, -ENOMEM. */
int decode_csv_to_json(struct parse *x, struct str header, struct str row, struct strbuf *out);

/* Of decode_json.c, for plans that several sources share: how the source opens a document, and what lies in a record. */
int decode_json_shape(const struct source *s, struct json_plan *plan);
int decode_json_inside(const struct source *s, struct json_plan *plan);
const char *decode_json_reason(int r);
/* Takes the records in `text`, which has RAW_PADDING readable bytes behind it, for those of source `s` when they are; 0, or
 * what json_read() returns. */
int decode_json_as(struct parse *x, const struct source *s, struct str text);

#endif
