/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_BASE_NUMBER_H
#define SHOPBELL_BASE_NUMBER_H

/* Numbers as text, compared exactly: account ids of 20 digits and 0.1 both mean what was written. A number is
 * [+-] digits [. digits] [e [+-] digits] (also ".5" and "5."), ASCII only. Exponents beyond NUMBER_EXPONENT_MAX are not
 * numbers. */

#include <stdbool.h>

#include "monitor/base/arena.h"
#include "monitor/base/str.h"

enum { NUMBER_EXPONENT_MAX = 6000, NUMBER_DIGITS_MAX = 4096 };

bool number_is_valid(struct str s);
/* <0, 0, >0 by value; both must be valid. */
int number_cmp(struct str a, struct str b);
/* The text that stands for a JSON number in string comparisons: integers as written ("-0" is "0"), whole fractions
 * without ".0" ("5.0" is "5", "1e3" is "1000"), other fractions in the shortest form that reads back as the same
 * double. Beyond a double's range: "inf", "-inf". Also takes what YAML adds ("+5", ".5", "5."). Returns `token` itself
 * where it already is that; p == NULL when out of memory. */
struct str number_canonical(struct arena *arena, struct str token);

#endif
