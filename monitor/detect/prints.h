/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_DETECT_PRINTS_H
#define SHOPBELL_DETECT_PRINTS_H

/* A set of 64-bit fingerprints in eight bytes each: sorted, with a short tail of newcomers. Looking up takes logarithmic
 * time and adding hardly more, whatever the numbers are. Private to detect/. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PRINTS_TAIL_MAX = 64 };

/* All zeroes: empty. */
struct prints {
        uint64_t *items; /* [0, n_sorted) rising, then the tail */
        uint32_t n, n_sorted, cap;
};

void prints_done(struct prints *p); /* frees; empty afterwards */
bool prints_has(const struct prints *p, uint64_t print);
/* Adds one that is not in it. 0 or -ENOMEM. */
int prints_add(struct prints *p, uint64_t print);
/* Sorts all: items[0 … n) rise afterwards. */
void prints_sort(struct prints *p);
/* Drops so many of them, the smallest, at most all. How many went. */
size_t prints_drop(struct prints *p, size_t n);
size_t prints_bytes(const struct prints *p);

#endif
