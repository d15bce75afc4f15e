/* SPDX-License-Identifier: Apache-2.0 */

/* Facts about accounts: their names, and how two of them become one. */

#include "monitor/model/account.h"

static const struct {
        const char *name;
        unsigned kept;
        usec grain;
} rows[_FACT_MAX] = {
#define X(id, fact_word, fact_kept_n, fact_step, fact_text) \
        [FACT_##id] = { fact_word, fact_kept_n, fact_step },
        FACTS(X)
#undef X
};

const char *fact_name(enum fact_kind k)
{
        return rows[k].name;
}

unsigned fact_kept(enum fact_kind k)
{
        return rows[k].kept;
}

usec fact_grain(enum fact_kind k)
{
        return rows[k].grain;
}

enum fact_kind fact_find(struct str name)
{
        for (size_t i = 0; i < _FACT_MAX; i++)
                if (str_eqz(name, rows[i].name))
                        return (enum fact_kind)i;
        return _FACT_MAX;
}

static usec latest(const struct fact *f)
{
        return f->last > f->gone ? f->last : f->gone; /* USEC_NONE is less than all */
}

int fact_cmp(const struct fact *a, const struct fact *b)
{
        usec x = latest(a), y = latest(b);

        return x != y ? (x > y) - (x < y) : str_cmp(a->value, b->value);
}

void fact_merge(struct fact *a, const struct fact *b)
{
        if (b->last > a->last || (b->last == a->last && str_cmp(b->text, a->text) > 0))
                a->text = b->text;
        if (b->first != USEC_NONE && (a->first == USEC_NONE || b->first < a->first))
                a->first = b->first;
        if (b->last > a->last)
                a->last = b->last;
        if (b->gone > a->gone)
                a->gone = b->gone;
        if (b->n > a->n)
                a->n = b->n;
}
