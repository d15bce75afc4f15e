/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_CASES_HEADCOUNT_H
#define SHOPBELL_CASES_HEADCOUNT_H

/* How many distinct ones, in all and by country, in bounded memory, without keeping who they are: of each value a hash keyed with a
 * secret of this process (base/hash.h), which is worth nothing outside of it.
 *
 * Up to HEADCOUNT_EXACT_MAX it is exact (two values meet in one hash once in 2^64 pairs), above an estimate whose standard error is
 * HEADCOUNT_ERROR_PERCENT. Somebody who comes with two countries counts for the one that he came with first, while it is exact; in
 * an estimate for both. At most about HEADCOUNT_BYTES_MAX of memory, and half as much more while it grows. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "monitor/base/str.h"

enum {
        HEADCOUNT_EXACT_MAX = 6 * 1024 * 1024, /* hashes: three quarters of 2^23 places of 8 bytes */
        HEADCOUNT_COUNTRIES_MAX = 400, /* codes of countries and states; people of more are of none */
        HEADCOUNT_PRECISION = 14,
        HEADCOUNT_BYTES_MAX = 80 * 1024 * 1024,
};
#define HEADCOUNT_ERROR_PERCENT "0.8"

struct headcount_country {
        char code[8]; /* "kr", "us-ca"; "": not known */
        uint64_t n; /* new ones, while it was exact */
        uint8_t *registers; /* of 2^HEADCOUNT_PRECISION; NULL: none came yet */
};

/* All zeroes: empty. */
struct headcount {
        uint64_t *places; /* 0: free; a hash of 0 is kept as 1 */
        size_t n, cap;
        uint64_t exact_max; /* 0: HEADCOUNT_EXACT_MAX */
        uint8_t *registers; /* NULL: it is exact still */
        struct headcount_country *countries; /* [0]: of those whose country is not known */
        size_t n_countries;
        uint64_t n_misfits; /* countries that found no room */
};

void headcount_done(struct headcount *h);
/* `country`: a code in small letters, of at most 7 bytes; empty: not known. 1: a new one; 0: it was there (or, in an estimate, may have been); -ENOMEM. */
int headcount_add(struct headcount *h, struct str value, struct str country);
bool headcount_is_exact(const struct headcount *h);
uint64_t headcount_all(const struct headcount *h);
/* What `n` of these is at the least: itself while they are counted exactly, else three standard errors less. */
uint64_t headcount_least(const struct headcount *h, uint64_t n);
/* Of the i-th country, in the order in which they came; false: there are no more. [0] are those without. */
bool headcount_country(const struct headcount *h, size_t i, struct str *ret_code, uint64_t *ret_n);
size_t headcount_bytes(const struct headcount *h);

#endif
