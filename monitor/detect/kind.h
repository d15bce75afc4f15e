/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_DETECT_KIND_H
#define SHOPBELL_DETECT_KIND_H

/* The kinds of correlation as rows of a table. A kind is a measure of the hits in one window that never falls when hits are
 * added; it is kept while the window slides: hits are added at its end and taken away at its beginning. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "monitor/base/clock.h"
#include "monitor/base/err.h"
#include "monitor/base/hash.h"
#include "monitor/sigma/sigma.h"

/* A hit of a rule, as a correlation holds it. */
struct hit {
        usec time;
        struct hash128 key; /* of the record */
        uint64_t value; /* value_count: hash of the value, when there is one */
        uint64_t *values; /* of several (owned); NULL: `value` alone */
        uint32_t n_values;
        uint16_t member; /* which of the correlation's rules */
        bool is_hot, is_judged, has_evidence;
};

struct tally; /* value → how often (kind.c) */

/* The measure of hits[from, to). */
struct slide {
        const struct kind *kind;
        size_t from, to; /* absolute places, see window.h */
        struct tally *tally; /* value_count, temporal */
        bool is_valid;
};

struct kind {
        const char *name;
        bool needs_field, takes_field; /* condition.field */
        bool is_default_all; /* no condition means all listed rules */
        /* All three may be NULL: the measure is then the number of hits. */
        int (*add)(struct slide *s, const struct hit *h); /* 0 or -ENOMEM */
        void (*remove)(struct slide *s, const struct hit *h);
        uint64_t (*measure)(const struct slide *s, const struct hit *hits, size_t n, size_t n_members);
        const char *unit; /* for "7 UNIT of at least 5 within 10m" */
        const char *help;
};

const struct kind *kind_find(struct str name); /* NULL: unknown */
void kind_names(struct strbuf *out);
extern const struct kind kind_single; /* the implicit one of alerting rules: event_count */

void slide_init(struct slide *s, const struct kind *kind);
void slide_done(struct slide *s);
void slide_reset(struct slide *s); /* empty, valid */

/* The limits of a condition, ANDed. */
struct limits {
        const struct sigma_limit *items;
        size_t n;
        bool is_rising; /* only gt and gte */
        uint64_t least; /* the smallest measure that can meet them when rising, for messages */
};
void limits_init(struct limits *l, const struct sigma_limit *items, size_t n);
bool limits_met(const struct limits *l, uint64_t measure);

#endif
