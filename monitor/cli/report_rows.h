/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_CLI_REPORT_ROWS_H
#define SHOPBELL_CLI_REPORT_ROWS_H

/* Alerts as rows of a table, of CSV or of Markdown. */

#include "monitor/cli/cli.h"
#include "monitor/store/query.h"

enum {
        ID_SHOWN = 8, /* hex digits of an alert's id in tables */
        QUIET_WORDS_BYTES = 64,
};

struct rows;

/* `with_state`: a column says why an alert does not ring. `q` outlives it. NULL: out of memory. */
struct rows *rows_new(struct query *q, enum cli_format format, bool with_state);
struct rows *rows_free(struct rows *rows); /* NULL is fine; returns NULL */
/* 0, -ENOMEM or of the store. */
int rows_add(struct rows *rows, const struct query_alert *a);
int rows_print(struct rows *rows);

/* Why it does not ring, or did; "" for one that simply rings. */
struct str alert_quiet_words(const struct query_alert *a, char ret[QUIET_WORDS_BYTES]);

#endif
