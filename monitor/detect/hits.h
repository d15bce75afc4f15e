/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_DETECT_HITS_H
#define SHOPBELL_DETECT_HITS_H

/* The hits that one key of a correlation holds, in order of event time; equal stamps in order of arrival.
 *
 * A gap buffer: hits mostly arrive in order, or in the opposite order (newest first, as many consoles export), or as a
 * second file whose time runs beside the first. In all of these the next hit goes where the last one went, and inserting
 * costs constant time.
 *
 *     for (size_t i = hits_lower(h, from); i < h->n && hits_at(h, i)->time <= to; i++)
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "monitor/base/clock.h"
#include "monitor/base/hash.h"
#include "monitor/detect/measure.h"
#include "monitor/detect/tags.h"
#include "monitor/detect/words.h"

/* What a hit of a history kind carries until it is dropped. */
struct story {
        measure_t measure; /* as it was judged last */
        struct words words;
};

struct hit {
        usec time;
        struct hash128 key; /* of the record */
        struct hash128 value; /* of the value that value_count counts, when n_values == 1 */
        struct hash128 *values; /* of several (owned); else NULL */
        struct story *story; /* owned; NULL: none */
        uint32_t n_values;
        uint32_t base; /* stands for the rule about single records that hit */
        uint16_t member; /* which of the correlation's rules */
        bool is_hot : 1, is_judged : 1, has_evidence : 1, is_late : 1;
        bool is_final : 1, was_hot : 1; /* history kinds: not judged any more; told as hot */
        uint8_t lowered : 2; /* history kinds: by how many levels its alert is lowered */
        bool is_stored : 1; /* the store has it as it is, see state_write_more() */
};

/* All zeroes: empty. */
struct hits {
        struct hit *items; /* [0, gap), then a hole, then the rest up to cap */
        size_t n, cap, gap;
        size_t n_values; /* in all `values` */
        struct tags held; /* identities; built when many hits are first asked for one */
};

static inline struct hit *hits_at(const struct hits *h, size_t i)
{
        return &h->items[i < h->gap ? i : i + (h->cap - h->n)];
}

static inline const struct hash128 *hit_values(const struct hit *hit)
{
        return hit->values ? hit->values : &hit->value;
}

void hit_done(struct hit *hit); /* frees what it owns */
void hits_done(struct hits *h);
/* Whether a hit of the same record, rule and member is held, whatever its time. */
bool hits_has(struct hits *h, const struct hit *hit);
/* Puts it behind those of the same time and owns what it owns; its place goes to *ret. 0 or -ENOMEM (nothing taken). */
int hits_insert(struct hits *h, const struct hit *hit, size_t *ret);
/* The same, those of the same time in order of their records' keys, then of rule and member. */
int hits_insert_ordered(struct hits *h, const struct hit *hit, size_t *ret);
/* Makes room for so many more at the end (state.c). */
int hits_reserve(struct hits *h, size_t more);
void hits_drop_front(struct hits *h, size_t n);
/* The first place whose time is >= t, or > t. */
size_t hits_lower(const struct hits *h, usec t);
size_t hits_upper(const struct hits *h, usec t);
size_t hits_bytes(const struct hits *h);

#endif
