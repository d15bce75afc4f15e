/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_DETECT_KIND_H
#define SHOPBELL_DETECT_KIND_H

/* The kinds of correlation, rows of one table, and the conditions they are held against.
 *
 * A kind is a measure of the hits inside one window. It must never fall when a hit is added: window.c relies on that. It
 * is kept while the window slides: a hit that enters is added, one that leaves is removed. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "monitor/detect/hits.h"
#include "monitor/sigma/sigma.h"

/* The hits at places [from, to) of one key, measured. */
struct slide {
        size_t from, to;
        struct tally tally; /* of kinds that have add and remove */
};

struct kind {
        const char *name, *help;
        /* Looks at the parameters: NULL, or a sentence that says what is wrong. */
        const char *(*check)(const struct sigma_correlation *c);
        bool counts_field; /* hits carry the values of condition.field */
        bool wants_all; /* without a condition: all rules that are listed */
        /* NULL when nothing must be kept. 0 or -ENOMEM. */
        int (*add)(struct slide *s, const struct hit *hit);
        void (*remove)(struct slide *s, const struct hit *hit);
        /* NULL: the number of hits. */
        uint64_t (*measure)(const struct slide *s, const struct hits *hits, size_t n_members);
        const char *unit; /* "7 UNITof at least 5 within 10m"; ends with a blank when there is one */
};

const struct kind *kind_find(struct str name); /* NULL: there is none */
void kind_names(struct strbuf *out); /* "event_count, value_count, …" */
extern const struct kind kind_single; /* the implicit one of a rule that alerts by itself */

enum { KIND_MEMBERS_MAX = 64 }; /* rules of one temporal_ordered correlation */

/* The limits of a condition, all of which must hold. */
struct limits {
        const struct sigma_limit *items;
        size_t n;
        bool is_rising; /* only gt and gte: what holds goes on to hold when hits are added */
        uint64_t least; /* rising: holds from this measure on; UINT64_MAX: never */
};
void limits_init(struct limits *l, const struct sigma_limit *items, size_t n);
bool limits_met(const struct limits *l, uint64_t measure);

#endif
