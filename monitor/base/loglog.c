/* SPDX-License-Identifier: Apache-2.0 */

/* The registers of a HyperLogLog and what they come to. */

#include "monitor/base/loglog.h"

#include <math.h>

bool loglog_raise(uint8_t *registers, unsigned precision, uint64_t hash)
{
        size_t i = hash >> (64 - precision);
        uint64_t rest = hash << precision;
        uint8_t rank = rest == 0 ? (uint8_t)(64 - precision + 1) : (uint8_t)(__builtin_clzll(rest) + 1);

        if (rank <= registers[i])
                return false;
        registers[i] = rank;
        return true;
}

/* Simple, so that compilers do it sixteen registers at a time. */
void loglog_merge(uint8_t *restrict into, const uint8_t *restrict from, unsigned precision)
{
        for (size_t i = 0; i < (size_t)1 << precision; i++)
                into[i] = into[i] > from[i] ? into[i] : from[i];
}

/* ---- The estimate: names as in Ertl's paper ---- */

/* x + sum over k >= 1 of x^(2^k) 2^(k-1), for 0 <= x < 1 */
static double sigma(double x)
{
        double sum = x, before, weight = 1;

        do {
                before = sum;
                x *= x;
                sum += x * weight;
                weight *= 2;
        } while (sum > before);
        return sum;
}

/* (1 - x - sum over k >= 1 of (1 - x^(2^-k))^2 2^-k) / 3, for 0 <= x <= 1 */
static double tau(double x)
{
        double sum = 1 - x, before, weight = 1;

        if (x <= 0 || x >= 1)
                return 0;
        do {
                before = sum;
                x = sqrt(x);
                weight /= 2;
                sum -= (1 - x) * (1 - x) * weight;
        } while (sum < before);
        return sum / 3;
}

static double estimate(const uint8_t *registers, unsigned precision)
{
        const double m = (double)((size_t)1 << precision), alpha = 0.72134752044448170368; /* 1 / (2 ln 2) */
        const unsigned rank_max = 64 - precision + 1;
        unsigned counts[64] = { 0 };
        double z;

        for (size_t i = 0; i < (size_t)1 << precision; i++)
                counts[registers[i]]++;
        if (counts[0] == (size_t)1 << precision)
                return 0;
        z = m * tau(1 - counts[rank_max] / m);
        for (unsigned k = rank_max - 1; k > 0; k--)
                z = (z + counts[k]) / 2;
        return alpha * m * m / (z + m * sigma(counts[0] / m));
}

uint64_t loglog_count(const uint8_t *registers, unsigned precision)
{
        double count = estimate(registers, precision) + 0.5;

        return count < 0x1p63 ? (uint64_t)count : UINT64_C(1) << 63;
}
