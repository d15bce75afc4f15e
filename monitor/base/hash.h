/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_BASE_HASH_H
#define SHOPBELL_BASE_HASH_H

/* hash_key() is SipHash-2-4 under a secret of this process, for hash tables whose keys an attacker writes. hash128 is
 * BLAKE2b cut to 16 bytes, for ids that outlive the process (records, alerts). Both are libsodium's. hash_key128() is for
 * tables of such ids. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "monitor/base/str.h"

enum { HASH_SEED_BYTES = 16, HASH128_BYTES = 16, HASH128_HEX_BYTES = 33 };

/* Sets the secret of hash_key(). Called once, before any table is built; programs pass random bytes, tests fixed ones.
 * Without it the secret is all zeroes. */
void hash_seed(const uint8_t seed[HASH_SEED_BYTES]);
uint64_t hash_key(struct str s);

struct hash128 {
        uint8_t b[HASH128_BYTES];
};

/* NH of UMAC (RFC 4418, section 5.2.2; 64-bit words) over the two halves, its two result words added: two different ids
 * collide once in about 2^64 for those who do not know the secret. A tenth of SipHash's cost. */
uint64_t hash_key128(const struct hash128 *h);

/* Over the parts, each with its length in front, so that ("ab","c") differs from ("a","bc"). */
struct hash128 hash128_of(const struct str *parts, size_t n);
static inline bool hash128_eq(const struct hash128 *a, const struct hash128 *b)
{
        return memcmp(a, b, sizeof *a) == 0;
}
static inline bool hash128_is_zero(const struct hash128 *a)
{
        static const struct hash128 zero = { { 0 } };

        return hash128_eq(a, &zero);
}
/* 32 lower-case hex digits and a NUL. */
void hash128_hex(const struct hash128 *h, char ret[HASH128_HEX_BYTES]);
int hash128_parse(struct str hex, struct hash128 *ret); /* 0 or -EBADMSG */

#endif
