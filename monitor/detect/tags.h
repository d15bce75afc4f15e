/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_DETECT_TAGS_H
#define SHOPBELL_DETECT_TAGS_H

/* A set of 64-bit tags, which stand for what hash_key128() made them of. Two things share a tag once in 2^63, and log bytes
 * cannot choose which (base/hash.h), so that nothing else is looked at. 8 bytes a place, at most three quarters taken. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zeroes: empty. */
struct tags {
        uint64_t *slots; /* 0: free */
        size_t cap; /* a power of two, or 0 */
        size_t n;
};

void tags_done(struct tags *t); /* frees; empty afterwards */
int tags_reserve(struct tags *t, size_t n); /* room for so many in all; 0 or -ENOMEM */
int tags_add(struct tags *t, uint64_t tag); /* 0 or -ENOMEM */
void tags_remove(struct tags *t, uint64_t tag); /* no effect when it is not there */
bool tags_has(const struct tags *t, uint64_t tag);
size_t tags_bytes(const struct tags *t);

#endif
