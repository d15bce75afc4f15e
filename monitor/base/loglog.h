/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_BASE_LOGLOG_H
#define SHOPBELL_BASE_LOGLOG_H

/* How many distinct hashes were seen, in 2^precision bytes: a HyperLogLog. Register i holds the largest place of the first 1 bit among
 * the hashes that begin with the bits of i (Flajolet, Fusy, Gandouet, Meunier 2007, "HyperLogLog: the analysis of a near-optimal
 * cardinality estimation algorithm", section 1; 64-bit hashes as in Heule, Nunkesser, Hall 2013, "HyperLogLog in practice", section 5.1).
 *
 * The estimate is Ertl's improved raw estimator (Otmar Ertl 2017, "New cardinality estimation algorithms for HyperLogLog sketches",
 * arXiv:1702.01284, section "Improved raw estimator"). It needs neither tables of biases nor a second formula for few values, and it
 * never falls when a register rises. Its standard error is 1.04 / sqrt(2^precision).
 *
 * `precision`: bits of a hash that choose a register, LOGLOG_PRECISION_MIN … _MAX. Registers begin as zeroes and are the caller's. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LOGLOG_PRECISION_MIN = 4, LOGLOG_PRECISION_MAX = 18 };

/* Whether a register has risen. */
bool loglog_raise(uint8_t *registers, unsigned precision, uint64_t hash);
/* Adds all that was added to `from`. */
void loglog_merge(uint8_t *restrict into, const uint8_t *restrict from, unsigned precision);
uint64_t loglog_count(const uint8_t *registers, unsigned precision);

#endif
