/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_DETECT_LEDGER_H
#define SHOPBELL_DETECT_LEDGER_H

/* What a key has done, day by day: for each value of each feature, how often (or how much) on which UTC day. Whole numbers
 * only, so that a ledger depends on what was added, never on the order, and what was added can be taken back exactly.
 * Weights decay by half in a half-life of days and are computed when asked. Private to detect/. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "monitor/base/clock.h"
#include "monitor/base/hash.h"
#include "monitor/base/str.h"

enum {
        LEDGER_TEXT_MAX = 31, /* bytes of a value */
        LEDGER_ROWS_MAX = 5000, /* values of one key; the one that was seen longest ago goes first, counted */
        LEDGER_CELLS = 2, /* hash128 that hold one value (ledger_pack) */
};

struct ledger_day {
        int32_t day; /* since 1970-01-01 */
        int64_t amount; /* never 0 */
};

struct ledger_row {
        uint8_t feature;
        uint8_t text_n;
        char text[LEDGER_TEXT_MAX];
        uint32_t n, cap;
        struct ledger_day *days; /* sorted */
};

/* All zeroes: empty. */
struct ledger {
        struct ledger_row *rows; /* sorted by feature, then text */
        size_t n, cap, n_days; /* n_days: in all rows */
        uint64_t evicted; /* rows that went at LEDGER_ROWS_MAX */
};

static inline int32_t ledger_day_of(usec t)
{
        return (int32_t)(t >= 0 ? t / USEC_PER_DAY : -((-t + USEC_PER_DAY - 1) / USEC_PER_DAY));
}

void ledger_done(struct ledger *l);
size_t ledger_bytes(const struct ledger *l);
/* Adds to a day; `amount` below zero takes back. 0 or -ENOMEM. */
int ledger_add(struct ledger *l, uint8_t feature, struct str text, int32_t day, int64_t amount);
/* The row of a value, or NULL. */
const struct ledger_row *ledger_find(const struct ledger *l, uint8_t feature, struct str text);
/* The rows of a feature: *ret of them from the returned one on. */
const struct ledger_row *ledger_feature(const struct ledger *l, uint8_t feature, size_t *ret);
/* What lies on days from … to; of NULL nothing. */
int64_t ledger_amount(const struct ledger_row *row, int32_t from, int32_t to);
/* The same, day d counted with 2^-((to - d) / half_life_days). */
double ledger_weight(const struct ledger_row *row, int32_t from, int32_t to, double half_life_days);
/* Forgets days before `day`. True when something went. */
bool ledger_forget(struct ledger *l, int32_t day);

/* A value as LEDGER_CELLS cells of a hit: of long texts the beginning and a hash are kept. Absent ones are all zeroes. */
void ledger_pack(struct str text, struct hash128 *cells);
struct str ledger_unpack(const struct hash128 *cells); /* borrowed; n == 0: absent */

#endif
