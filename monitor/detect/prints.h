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

/* Whether one of many such sets may have a print, from one to two bytes a print: a Bloom filter of two bits each (Bloom 1970,
 * Space/time trade-offs in hash coding with allowable errors; prints are hashes already). Says yes of about one in twenty or fewer
 * that none has. */
enum { SIEVE_BITS_MIN = 8 }; /* a print */

/* All zeroes: not made, which may have anything. */
struct sieve {
        uint64_t *words;
        size_t n_words; /* a power of two */
        size_t n; /* prints that were added */
};

void sieve_done(struct sieve *s); /* not made afterwards */
/* Makes room for `n` prints, none added yet. Without memory it stays unmade. */
void sieve_make(struct sieve *s, size_t n);
void sieve_add_all(struct sieve *s, const struct prints *p);
/* When it is full it is no longer made. */
void sieve_add(struct sieve *s, uint64_t print);
bool sieve_may_have(const struct sieve *s, uint64_t print);

#endif
