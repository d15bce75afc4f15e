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
