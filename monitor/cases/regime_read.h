/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_CASES_REGIME_READ_H
#define SHOPBELL_CASES_REGIME_READ_H

/* One regime file, key by key. Private to cases/regime*.c and holidays.c. Every message has file, line and column and says what to write
 * instead. */

#include "monitor/cases/holidays.h"
#include "monitor/cases/regime.h"

enum { REGIME_TEXT_MAX = 4000, REGIME_ID_MAX = 40, REGIME_SOURCES_MAX = 64, REGIME_CONTENTS_MAX = 64, WITHIN_MAX = 10000 };

struct regime_reader {
        struct arena *arena;
        const char *path;
        struct err *err;
        const struct calendars *calendars;
        struct regimes *to; /* zones are opened into it */
        struct regime *regime;
};

struct regime_key {
        const char *name;
        int (*read)(struct regime_reader *r, const struct yaml *v, void *to);
};

/* All keys of a map; an unknown one is an error that names near ones. */
int regime_read_keys(struct regime_reader *r, const struct yaml *map, const struct regime_key *keys, size_t n, void *to);
int regime_fail(struct regime_reader *r, const struct yaml *at, const char *fmt, ...) PRINTF_LIKE(3, 4);
int regime_no_room(struct regime_reader *r);
/* "; did you mean NAME?" where one is near to a wrong one. Names end with NULL. */
void regime_did_you_mean(struct str wrong, const char *const *names, struct strbuf *out);
/* One line, without what steers a terminal or turns the direction. */
int regime_read_text(struct regime_reader *r, const struct yaml *v, struct str *ret);
int regime_read_note(struct regime_reader *r, const struct yaml *v, struct str *ret); /* of several lines */
int regime_read_id(struct regime_reader *r, const struct yaml *v, struct str *ret);
/* Midnight UTC of "2026-11-23". */
int regime_read_date(struct regime_reader *r, const struct yaml *v, usec *ret);
/* An expression over fields of the case. */
int regime_read_expr(struct regime_reader *r, const struct yaml *v, const struct expr **ret, struct str *ret_text);
int regime_read_duties(struct regime_reader *r, const struct yaml *v, void *to); /* regime_duty.c */
int regime_read_contents(struct regime_reader *r, const struct yaml *v, void *to);
/* The whole file into r->regime. */
int regime_read(struct regime_reader *r, const struct yaml *doc);

#endif
