/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_CASES_ROSTER_H
#define SHOPBELL_CASES_ROSTER_H

/* A list of customers, as a shop's admin exports it (RFC 4180, also with ; tab or |), counted by country without keeping who is in it.
 * Fed byte by byte as they come:
 *
 *     roster_feed(r, bytes); … roster_end(r);
 *
 * Its first row names the columns; who somebody is comes from the first of these that the row has: a customer's number, a mail address
 * (case ignored), a telephone number (digits), another number ("id"). To add a name of a column: a row in roster.c. Every byte is a
 * stranger's: rows, cells and lines over several lines are bounded, bad rows are counted, and the first of them named. */

#include "monitor/base/err.h"
#include "monitor/cases/headcount.h"

enum {
        ROSTER_ROW_BYTES_MAX = 256 * 1024, /* longer rows are bad; a quote that is open that long is taken for unclosed */
        ROSTER_BAD_SHOWN = 20, /* line numbers of bad rows */
        ROSTER_STRANGE_SHOWN = 10, /* countries that are none */
        ROSTER_STRANGE_BYTES = 40, /* of each the beginning */
        ROSTER_SPELLINGS_MAX = 4096, /* of countries that are remembered */
};

/* Why a row does not count. To add one: a row. */
#define ROSTER_FLAWS(X) \
        X(LONG, "longer than 256 KiB") \
        X(QUOTE, "a quote that is not closed, or text behind a closed one") \
        X(NUL, "a NUL byte") \
        X(CELLS, "more cells than columns") \
        X(NOBODY, "no number, mail address or telephone number")

enum roster_flaw {
#define X(id, text) ROSTER_##id,
        ROSTER_FLAWS(X)
#undef X
                _ROSTER_FLAW_MAX,
};
const char *roster_flaw_text(enum roster_flaw flaw);

struct roster_result {
        const struct headcount *people;
        uint64_t rows; /* below the header, those that are bad too; blank lines are none */
        uint64_t bad[_ROSTER_FLAW_MAX];
        uint64_t bad_all;
        uint64_t duplicates; /* rows of somebody who was there (in an estimate: about) */
        uint64_t without_country, strange_country; /* rows: none is said, or one that nobody knows */
        struct {
                uint64_t line;
                enum roster_flaw flaw;
        } first_bad[ROSTER_BAD_SHOWN];
        size_t n_first_bad;
        char strange[ROSTER_STRANGE_SHOWN][ROSTER_STRANGE_BYTES + 1];
        size_t n_strange;
        const char *who, *country, *state; /* the columns that were used, by kind: "mail address"; NULL: there is none */
};

struct roster;
struct roster *roster_new(void); /* NULL: out of memory */
struct roster *roster_free(struct roster *r);
DEFINE_FREEP(struct roster, roster)
/* 0; -EBADMSG: no header, or no column that says who (*reterr says what was looked for); -ENOMEM. */
int roster_feed(struct roster *r, struct str bytes, struct err *reterr);
int roster_end(struct roster *r, struct err *reterr); /* the file ends; as roster_feed() */
void roster_result(const struct roster *r, struct roster_result *ret); /* borrowed from `r` */

#endif
