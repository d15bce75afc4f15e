/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_DETECT_SKETCH_H
#define SHOPBELL_DETECT_SKETCH_H

/* How many distinct values there are, in bounded memory. Private to detect/.
 *
 * Up to SKETCH_EXACT_MAX values their 64-bit hashes are held, and the count is exact (two hashes meet once in 2^64). With
 * one more it becomes the registers of base/loglog.h. The exact set is never larger than these, so it is the sparse form, too.
 * The standard error of their estimate is 1.04 / sqrt(SKETCH_REGISTERS) = 2.3 %.
 *
 * Invariant: which of the two forms it has, its bytes and its count depend on the set of hashes alone, never on their order
 * or on how they were merged; the count never falls when something is added.
 *
 * The hashes have to outlive the process and are therefore not secret: whoever chooses the values himself can search for
 * some that hardly raise the estimate. The first SKETCH_EXACT_MAX count in any case. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
        SKETCH_PRECISION = 11, /* bits of a hash that choose a register */
        SKETCH_REGISTERS = 1 << SKETCH_PRECISION,
        SKETCH_RANK_MAX = 64 - SKETCH_PRECISION + 1, /* the largest value of a register */
        SKETCH_EXACT_MAX = SKETCH_REGISTERS / 8, /* hashes in the bytes of the registers */
};
#define SKETCH_ERROR_PERCENT "2.3"

/* All zeroes: empty. */
struct sketch {
        union {
                uint64_t *hashes; /* n of them, rising */
                uint8_t *registers; /* when n > SKETCH_EXACT_MAX */
        };
        uint16_t n, cap;
};

static inline bool sketch_is_exact(const struct sketch *s)
{
        return s->n <= SKETCH_EXACT_MAX;
}

void sketch_done(struct sketch *s); /* frees; empty afterwards */
size_t sketch_bytes(const struct sketch *s); /* on the heap */
/* 1: something has changed; 0: nothing has; -ENOMEM (then it is as it was). */
int sketch_add(struct sketch *s, uint64_t hash);
/* Adds all that was added to `from`. 0 or -ENOMEM (then part of it may be in). */
int sketch_merge(struct sketch *into, const struct sketch *from);
/* Makes an empty one a copy. 0 or -ENOMEM. */
int sketch_copy(struct sketch *to, const struct sketch *from);
/* Makes an empty one of SKETCH_REGISTERS zeroes, to be filled (state.c). 0 or -ENOMEM. */
int sketch_open(struct sketch *s);
uint64_t sketch_count(const struct sketch *s);

#endif
