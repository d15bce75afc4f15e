/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_DETECT_TALLY_H
#define SHOPBELL_DETECT_TALLY_H

/* How often each of many hashes occurs. Used for the distinct values inside a sliding window, and as the set of records
 * that a window holds. Adding and removing take constant time; places depend on the secret of base/hash.h, so that log
 * bytes cannot choose collisions. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "monitor/base/hash.h"

struct tally_slot {
        struct hash128 hash;
        uint32_t n; /* 0: free */
};

/* All zeroes: empty. */
struct tally {
        struct tally_slot *slots;
        size_t cap; /* a power of two, or 0 */
        size_t n; /* distinct hashes */
};

void tally_done(struct tally *t); /* frees; empty afterwards */
void tally_clear(struct tally *t); /* empties; keeps the memory unless it is large */
int tally_add(struct tally *t, const struct hash128 *hash); /* 0 or -ENOMEM */
void tally_remove(struct tally *t, const struct hash128 *hash); /* once; no effect when it is not there */
bool tally_has(const struct tally *t, const struct hash128 *hash);
size_t tally_bytes(const struct tally *t);

#endif
