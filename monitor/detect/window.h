/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_DETECT_WINDOW_H
#define SHOPBELL_DETECT_WINDOW_H

/* The hits of one group key on event time, which of them are hot, and the episodes they form (engine.h has the meaning).
 *
 * Invariant after every call: flags and episodes are exactly those of the set of hits taken so far, whatever the order in
 * which they came. Hits in order of time cost amortised constant time (log for the measure's table); a late hit costs at
 * most the hits within one timespan on either side. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "monitor/detect/kind.h"

struct episode {
        usec first, last;
        uint64_t count; /* hot hits, also those no longer held */
        uint64_t peak; /* largest measure of a window in it */
        struct hash128 id; /* of its alert; set by the engine when born */
        uint32_t n_evidence; /* records attached so far */
        usec told_at; /* event time of the record that the text below was made of */
        char *sentence, *person, *source; /* owned, may be NULL */
        bool is_new, is_changed; /* since the engine last told */
        bool is_late;
};

struct window {
        struct hit *hits; /* sorted by time; hits[head, head + n) are held */
        size_t head, n, cap;
        size_t n_waiting; /* hits with evidence that are not hot */
        struct slide slide;
        struct episode *episodes; /* sorted, apart by more than the timespan */
        size_t n_episodes, cap_episodes;
};

/* How a window judges; the same for all keys of a correlation. */
struct window_rule {
        const struct kind *kind;
        const struct limits *limits;
        usec timespan;
        size_t n_members;
};

/* Told while a call changes something. */
struct window_sink {
        /* `hit` has become hot and belongs to `episode` (a borrow that ends with the callback). */
        void (*hot)(void *userdata, struct hit *hit, struct episode *episode);
        /* `from` ends: all of it is in `into` now. */
        int (*merged)(void *userdata, struct episode *from, struct episode *into);
        void *userdata;
};

void window_init(struct window *w, const struct window_rule *rule);
void window_done(struct window *w);
size_t window_bytes(const struct window *w);

/* Takes a hit (its `values` too). 1; 0: that record is held already (the hit is freed); -ENOMEM. */
int window_take(struct window *w, const struct window_rule *rule, struct hit *hit, const struct window_sink *sink);
/* lt, lte, eq, neq: judges hits up to `until`. */
int window_judge(struct window *w, const struct window_rule *rule, usec until, const struct window_sink *sink);
/* Nothing before `mark` will come any more: drops what nothing can touch. True when nothing is left. */
bool window_settle(struct window *w, const struct window_rule *rule, usec mark);
/* Drops the oldest hits beyond `max` (hot ones stay counted in their episode). How many went. */
size_t window_trim(struct window *w, size_t max);
/* The episode that a hit at this time would belong to, or NULL. */
struct episode *window_episode(struct window *w, const struct window_rule *rule, usec time);
void episode_done(struct episode *e);

#endif
