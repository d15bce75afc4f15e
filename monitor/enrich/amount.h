/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_ENRICH_AMOUNT_H
#define SHOPBELL_ENRICH_AMOUNT_H

/* How many times the old amount of money the new one is: 60 after 20 is 3. Rules can say "three times" only of a number. */

#include "monitor/base/str.h"

enum { AMOUNT_FACTOR_BYTES = 32 };

/* Writes new / old with two decimals, rounded down. False: one of them is no plain number ("12", "12.50") of at most 15 digits
 * before the point, or the old one is nothing. */
bool amount_factor(struct str old, struct str new, char ret[static AMOUNT_FACTOR_BYTES]);

#endif
