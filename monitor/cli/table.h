/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_CLI_TABLE_H
#define SHOPBELL_CLI_TABLE_H

/* Tables for people, by libsmartcols (what lsblk and findmnt use): columns as wide as they need on a pipe, fitted to the
 * terminal otherwise. Cells are made safe by text_display(). Output that is no table (csv, ndjson) is cut from the same
 * cells. */

#include <stdbool.h>
#include <stddef.h>

#include "monitor/base/str.h"
#include "monitor/cli/cli.h"

struct table_column {
        const char *title; /* in the table; in lower case the CSV header and JSON key */
        bool is_right; /* numbers; in JSON text when a cell is none */
        bool is_wrapped; /* long text: on a terminal it takes the width that the others leave, folded between words */
        bool has_lines; /* cells may hold line breaks, which are kept; only in tables for people */
        bool is_level; /* coloured by the level that it names */
        bool is_json; /* in JSON cells are finished values */
};

struct table;

/* `format`: table, csv, ndjson, json or md. NULL: out of memory. */
struct table *table_new(const struct table_column *columns, size_t n, enum cli_format format);
/* One row of n cells. */
int table_add(struct table *t, const struct str *cells);
int table_print(struct table *t); /* to stdout */
struct table *table_free(struct table *t);
DEFINE_FREEP(struct table, table)

#endif
