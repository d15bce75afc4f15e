/* SPDX-License-Identifier: Apache-2.0 */

/* A small sorted set that turns into the registers of a HyperLogLog. */

#include "monitor/detect/sketch.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { REGISTERS_MARK = SKETCH_EXACT_MAX + 1, CAP_FIRST = 3 }; /* 24 bytes are the least that malloc() gives */

void sketch_done(struct sketch *s)
{
        free(s->registers);
        *s = (struct sketch){ 0 };
}

size_t sketch_bytes(const struct sketch *s)
{
        return sketch_is_exact(s) ? s->cap * sizeof *s->hashes : SKETCH_REGISTERS;
}

/* ---- Registers ---- */

int sketch_open(struct sketch *s)
{
        s->registers = calloc(SKETCH_REGISTERS, 1);
        if (!s->registers)
                return -ENOMEM;
        s->n = REGISTERS_MARK;
        return 0;
}

/* Whether the register has risen. */
static bool raise_register(uint8_t *registers, uint64_t hash)
{
        size_t i = hash >> (64 - SKETCH_PRECISION);
        uint64_t rest = hash << SKETCH_PRECISION;
        uint8_t rank = rest == 0 ? SKETCH_RANK_MAX : (uint8_t)(__builtin_clzll(rest) + 1);

        if (rank <= registers[i])
                return false;
        registers[i] = rank;
        return true;
}

static void raise_all(uint8_t *registers, const uint64_t *hashes, size_t n)
{
        for (size_t i = 0; i < n; i++)
                (void)raise_register(registers, hashes[i]);
}

static int open_registers(struct sketch *s)
{
        struct sketch open = { 0 };
        int r = sketch_open(&open);

        if (r < 0)
                return r;
        raise_all(open.registers, s->hashes, s->n);
        free(s->hashes);
        *s = open;
        return 0;
}

/* ---- Exact sets ---- */

static size_t place_of(const struct sketch *s, uint64_t hash)
{
        size_t from = 0, to = s->n;

        while (from < to) {
                size_t middle = from + (to - from) / 2;

                if (s->hashes[middle] < hash)
                        from = middle + 1;
                else
                        to = middle;
        }
        return from;
}

static int reserve(struct sketch *s, size_t n)
{
        size_t cap = s->cap ? s->cap : CAP_FIRST;
        uint64_t *hashes;

        if (n <= s->cap)
                return 0;
        while (cap < n)
                cap = 2 * cap + 1;
        if (cap > SKETCH_EXACT_MAX)
                cap = SKETCH_EXACT_MAX;
        hashes = reallocarray(s->hashes, cap, sizeof *hashes);
        if (!hashes)
                return -ENOMEM;
        s->hashes = hashes;
        s->cap = (uint16_t)cap;
        return 0;
}

int sketch_add(struct sketch *s, uint64_t hash)
{
        size_t place;
        int r;

        if (!sketch_is_exact(s))
                return raise_register(s->registers, hash);
        place = place_of(s, hash);
        if (place < s->n && s->hashes[place] == hash)
                return 0;
        if (s->n == SKETCH_EXACT_MAX) {
                r = open_registers(s);
                return r < 0 ? r : (raise_register(s->registers, hash), 1);
        }
        r = reserve(s, (size_t)s->n + 1);
        if (r < 0)
                return r;
        memmove(s->hashes + place + 1, s->hashes + place, (s->n - place) * sizeof *s->hashes);
        s->hashes[place] = hash;
        s->n++;
        return 1;
}

/* ---- Both ---- */

int sketch_copy(struct sketch *to, const struct sketch *from)
{
        int r = sketch_is_exact(from) ? reserve(to, from->n) : sketch_open(to);

        if (r < 0)
                return r;
        to->n = from->n;
        if (!sketch_is_exact(from))
                memcpy(to->registers, from->registers, SKETCH_REGISTERS);
        else if (from->n > 0)
                memcpy(to->hashes, from->hashes, from->n * sizeof *from->hashes);
        return 0;
}

int sketch_merge(struct sketch *into, const struct sketch *from)
{
        int r = 0;

        if (!sketch_is_exact(from)) {
                if (sketch_is_exact(into))
                        r = open_registers(into);
                for (size_t i = 0; i < SKETCH_REGISTERS && r >= 0; i++)
                        into->registers[i] = into->registers[i] > from->registers[i] ? into->registers[i] : from->registers[i];
                return r;
        }
        for (size_t i = 0; i < from->n && r >= 0; i++)
                r = sketch_add(into, from->hashes[i]);
        return r < 0 ? r : 0;
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

static double estimate(const uint8_t *registers)
{
        const double m = SKETCH_REGISTERS, alpha = 0.72134752044448170368; /* 1 / (2 ln 2) */
        unsigned counts[SKETCH_RANK_MAX + 1] = { 0 };
        double z;

        for (size_t i = 0; i < SKETCH_REGISTERS; i++)
                counts[registers[i]]++;
        if (counts[0] == SKETCH_REGISTERS)
                return 0;
        z = m * tau(1 - counts[SKETCH_RANK_MAX] / m);
        for (unsigned k = SKETCH_RANK_MAX - 1; k > 0; k--)
                z = (z + counts[k]) / 2;
        return alpha * m * m / (z + m * sigma(counts[0] / m));
}

uint64_t sketch_count(const struct sketch *s)
{
        double count;

        if (sketch_is_exact(s))
                return s->n;
        count = estimate(s->registers) + 0.5;
        if (count < SKETCH_EXACT_MAX + 1) /* so many there are */
                return SKETCH_EXACT_MAX + 1;
        return count < 0x1p63 ? (uint64_t)count : UINT64_C(1) << 63;
}
