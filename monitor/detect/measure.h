/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_DETECT_MEASURE_H
#define SHOPBELL_DETECT_MEASURE_H

/* Measures of windows, the limits they are held against, and numbers of records. Private to detect/.
 *
 * A measure is a whole number of units of 1/scale: 1 where things are counted, MEASURE_MICRO where numbers of records are
 * summed, so that sums do not depend on the order in which they are made. Beyond the range of 63 bits it stays at the end
 * of the range. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "monitor/base/hash.h"
#include "monitor/base/str.h"
#include "monitor/sigma/sigma.h"

typedef int64_t measure_t;

#define MEASURE_NONE INT64_MIN /* there is nothing to measure; meets no limit */
enum { MEASURE_MICRO = 1000000, MEASURE_BYTES = 32 };

/* "1234.5", without zeroes at the end; `ret` has MEASURE_BYTES. */
void measure_format(measure_t m, unsigned scale, char *ret);
/* The number that a text stands for (base/number.h), in millionths, rounded down; false: it is none. */
bool measure_parse(struct str text, measure_t *ret);

/* A number in the place of a counted value of a hit, and back. */
struct hash128 measure_pack(measure_t m);
measure_t measure_unpack(const struct hash128 *packed);

/* The limits of a condition, all of which must hold. */
struct limits {
        const struct sigma_limit *items;
        size_t n;
        unsigned scale;
        bool is_rising; /* only gt and gte: a measure that holds goes on to hold when it rises */
        measure_t least; /* rising: holds from this measure on; INT64_MAX: never */
};
void limits_init(struct limits *l, const struct sigma_limit *items, size_t n, unsigned scale);
bool limits_met(const struct limits *l, measure_t m);

#endif
