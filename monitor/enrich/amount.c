/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/enrich/amount.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>

enum { WHOLE_DIGITS_MAX = 15 };

/* In hundredths; what is less is cut off. */
static bool read_hundredths(struct str text, uint64_t *ret)
{
        size_t i = 0, whole, decimals = 0;
        uint64_t n = 0;

        for (; i < text.n && text.p[i] >= '0' && text.p[i] <= '9' && i < WHOLE_DIGITS_MAX; i++)
                n = n * 10 + (uint64_t)(text.p[i] - '0');
        whole = i;
        if (i < text.n && text.p[i] == '.')
                for (i++; i < text.n && text.p[i] >= '0' && text.p[i] <= '9'; i++)
                        if (decimals < 2) {
                                n = n * 10 + (uint64_t)(text.p[i] - '0');
                                decimals++;
                        }
        for (; decimals < 2; decimals++)
                n *= 10;
        *ret = n;
        return whole > 0 && i == text.n;
}

bool amount_factor(struct str old, struct str new, char ret[static AMOUNT_FACTOR_BYTES])
{
        uint64_t before, after, rest;

        if (!old.p || !new.p || !read_hundredths(old, &before) || !read_hundredths(new, &after) || before == 0)
                return false;
        /* Both are below 10^17, so that a hundred times a rest still fits. */
        rest = after % before;
        (void)snprintf(ret, AMOUNT_FACTOR_BYTES, "%" PRIu64 ".%02" PRIu64, after / before, rest * 100 / before);
        return true;
}
