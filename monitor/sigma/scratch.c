/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/sigma/scratch.h"

#include <errno.h>
#include <stdlib.h>

#include "monitor/sigma/program_inside.h"

struct sigma_scratch *sigma_scratch_new(void)
{
        struct sigma_scratch *s = calloc(1, sizeof *s);

        if (!s)
                return NULL;
        s->rx = rx_scratch_new();
        s->memo = memo_new();
        return s->rx && s->memo ? s : sigma_scratch_free(s);
}

struct sigma_scratch *sigma_scratch_free(struct sigma_scratch *s)
{
        if (!s)
                return NULL;
        rx_scratch_free(s->rx);
        memo_free(s->memo);
        free(s->atoms);
        free(s->asked);
        free(s->members);
        free(s->candidates);
        free(s->marks.seen);
        free(s);
        return NULL;
}

struct counters *sigma_scratch_counters(struct sigma_scratch *s)
{
        return &s->counters;
}

/* Zeroed room for `n`; a number of a record is never 0. */
static int grow(uint32_t **items, size_t *cap, size_t n)
{
        uint32_t *more;

        if (n <= *cap)
                return 0;
        more = calloc(n, sizeof *more);
        if (!more)
                return -ENOMEM;
        free(*items);
        *items = more;
        *cap = n;
        return 0;
}

static int grow_all(struct sigma_scratch *s, const struct sigma_program *p)
{
        size_t cap = s->cap_members;
        int r = grow(&s->atoms, &s->cap_atoms, p->n_atoms);

        if (r >= 0)
                r = grow(&s->asked, &s->cap_asked, p->n_places);
        if (r >= 0)
                r = grow(&s->marks.seen, &s->marks.n, p->n_words);
        if (r >= 0)
                r = grow(&s->candidates, &cap, p->n_members);
        if (r >= 0)
                r = grow(&s->members, &s->cap_members, p->n_members);
        return r;
}

int scratch_begin(struct sigma_scratch *s, const struct sigma_program *p)
{
        int r = grow_all(s, p);

        if (r < 0)
                return r;
        if (++s->record > INT32_MAX) { /* all numbers are used: forget what they were */
                memset(s->atoms, 0, s->cap_atoms * sizeof *s->atoms);
                memset(s->asked, 0, s->cap_asked * sizeof *s->asked);
                memset(s->members, 0, s->cap_members * sizeof *s->members);
                s->record = 1;
        }
        s->n_candidates = 0;
        return 0;
}
