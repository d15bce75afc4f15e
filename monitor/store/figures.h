/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_STORE_FIGURES_H
#define SHOPBELL_STORE_FIGURES_H

/* How much the store holds, and how much of it at most. */

#include "monitor/store/query.h"

struct store_figure {
        const char *name, *help;
        uint64_t n;
        uint64_t max; /* 0: there is no cap */
};
/* Tables that an older store lacks are left out. Negative: of the store, or of fn. */
int query_figures(struct query *q, int (*fn)(void *userdata, const struct store_figure *f), void *userdata);

#endif
