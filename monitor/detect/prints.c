/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/detect/prints.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { CAP_FIRST = 3, CAP_MAX = 1 << 30 };

void prints_done(struct prints *p)
{
        free(p->items);
        *p = (struct prints){ 0 };
}

size_t prints_bytes(const struct prints *p)
{
        return p->cap * sizeof *p->items;
}

bool prints_has(const struct prints *p, uint64_t print)
{
        size_t from = 0, to = p->n_sorted;

        for (size_t i = p->n_sorted; i < p->n; i++)
                if (p->items[i] == print)
                        return true;
        while (from < to) {
                size_t middle = from + (to - from) / 2;

                if (p->items[middle] < print)
                        from = middle + 1;
                else
                        to = middle;
        }
        return from < p->n_sorted && p->items[from] == print;
}

static int compare(const void *a, const void *b)
{
        uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

        return (x > y) - (x < y);
}

void prints_sort(struct prints *p)
{
        size_t n_tail = p->n - p->n_sorted, left = p->n_sorted, to = p->n;
        uint64_t tail[PRINTS_TAIL_MAX];

        if (n_tail == 0)
                return;
        memcpy(tail, p->items + left, n_tail * sizeof *tail);
        qsort(tail, n_tail, sizeof *tail, compare);
        while (n_tail > 0) /* merged from behind */
                p->items[--to] = left > 0 && p->items[left - 1] > tail[n_tail - 1] ? p->items[--left] : tail[--n_tail];
        p->n_sorted = p->n;
}

int prints_add(struct prints *p, uint64_t print)
{
        if (p->n - p->n_sorted == PRINTS_TAIL_MAX)
                prints_sort(p);
        if (p->n == p->cap) {
                size_t cap = p->cap ? 2 * (size_t)p->cap + 1 : CAP_FIRST;
                uint64_t *items = cap <= CAP_MAX ? reallocarray(p->items, cap, sizeof *items) : NULL;

                if (!items)
                        return -ENOMEM;
                p->items = items;
                p->cap = (uint32_t)cap;
        }
        if (p->n == p->n_sorted && (p->n == 0 || p->items[p->n - 1] < print))
                p->n_sorted++;
        p->items[p->n++] = print;
        return 0;
}

size_t prints_drop(struct prints *p, size_t n)
{
        size_t gone = n < p->n ? n : p->n;

        prints_sort(p);
        p->n -= (uint32_t)gone;
        p->n_sorted = p->n;
        if (p->n == 0)
                prints_done(p);
        else
                memmove(p->items, p->items + gone, p->n * sizeof *p->items);
        return gone;
}

/* ---- Many sets at once ---- */

void sieve_done(struct sieve *s)
{
        free(s->words);
        *s = (struct sieve){ 0 };
}

void sieve_make(struct sieve *s, size_t n)
{
        size_t words = 8;

        sieve_done(s);
        while (words * 64 < 2 * n * SIEVE_BITS_MIN)
                words *= 2;
        s->words = calloc(words, sizeof *s->words);
        s->n_words = s->words ? words : 0;
}

static void set(struct sieve *s, uint64_t at)
{
        s->words[at / 64 & (s->n_words - 1)] |= UINT64_C(1) << at % 64;
}

static bool is_set(const struct sieve *s, uint64_t at)
{
        return s->words[at / 64 & (s->n_words - 1)] & UINT64_C(1) << at % 64;
}

void sieve_add(struct sieve *s, uint64_t print)
{
        if (!s->words)
                return;
        if (++s->n * SIEVE_BITS_MIN > s->n_words * 64) {
                sieve_done(s);
                return;
        }
        set(s, print);
        set(s, print >> 32);
}

void sieve_add_all(struct sieve *s, const struct prints *p)
{
        for (size_t i = 0; i < p->n; i++)
                sieve_add(s, p->items[i]);
}

bool sieve_may_have(const struct sieve *s, uint64_t print)
{
        return !s->words || (is_set(s, print) && is_set(s, print >> 32));
}
