/* SPDX-License-Identifier: Apache-2.0 */

/* A small sorted set that turns into the registers of a HyperLogLog. */

#include "monitor/detect/sketch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "monitor/base/loglog.h"

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

static void raise_all(uint8_t *registers, const uint64_t *hashes, size_t n)
{
        for (size_t i = 0; i < n; i++)
                (void)loglog_raise(registers, SKETCH_PRECISION, hashes[i]);
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
                return loglog_raise(s->registers, SKETCH_PRECISION, hash);
        place = place_of(s, hash);
        if (place < s->n && s->hashes[place] == hash)
                return 0;
        if (s->n == SKETCH_EXACT_MAX) {
                r = open_registers(s);
                return r < 0 ? r : (loglog_raise(s->registers, SKETCH_PRECISION, hash), 1);
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
                if (r >= 0)
                        loglog_merge(into->registers, from->registers, SKETCH_PRECISION);
                return r;
        }
        for (size_t i = 0; i < from->n && r >= 0; i++)
                r = sketch_add(into, from->hashes[i]);
        return r < 0 ? r : 0;
}

uint64_t sketch_count(const struct sketch *s)
{
        uint64_t count;

        if (sketch_is_exact(s))
                return s->n;
        count = loglog_count(s->registers, SKETCH_PRECISION);
        return count < SKETCH_EXACT_MAX + 1 ? SKETCH_EXACT_MAX + 1 : count; /* so many there are */
}
