/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_DETECT_WINDOW_H
#define SHOPBELL_DETECT_WINDOW_H

/* One group key on event time: its hits, which of them are hot, and the episodes these form (engine.h says what the words
 * mean).
 *
 * Invariant after every call, with gt and gte: flags and episodes are exactly those of the set of hits taken so far,
 * whatever the order in which they came. Hits that come in order of time, or newest first, cost amortised constant time;
 * a hit between others at most as much as there are hits within one timespan of it. Rules of long timespans keep days
 * instead of hits (days.h). */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "monitor/detect/days.h"
#include "monitor/detect/episodes.h"
#include "monitor/detect/history.h"
#include "monitor/detect/kind.h"

/* What the store has of a window. */
struct stored {
        size_t whole, more; /* bytes: of all of it as it was once, and of what was added to that; whole 0: nothing */
        unsigned n_parts; /* rows: one for the whole, one for each addition */
        bool is_stale; /* what changed since cannot be told as an addition */
};

struct window {
        struct hits hits;
        struct slide slide;
        struct episodes episodes;
        struct history *history; /* of history kinds; owned, else NULL */
        struct days *days; /* of rules by days: all that is known of the hits; owned, else NULL */
        size_t n_unjudged; /* hits that wait for window_judge() */
        struct words *waiting; /* the latest hit's, for kinds that are judged later; owned, may be NULL */
        usec budget_from; /* records kept as evidence are counted from here on for one timespan; the engine's */
        uint32_t budget_n;
        struct stored stored;
};

/* How a window judges; the same for all keys of a correlation. */
struct window_rule {
        const struct kind *kind;
        struct limits limits;
        usec timespan;
        struct parameters parameters;
        bool is_countable; /* one hit alone can say nothing: hits are only counted, and more than one is needed */
        bool by_days; /* days are kept instead of hits, and judged as days.h says */
        bool waits; /* hits are judged one by one, each once no earlier one can come any more (window_judge) */
};

void window_init(struct window *w);
void window_done(struct window *w);
size_t window_bytes(const struct window *w);

/* Makes room for what a history kind keeps. 0 or -ENOMEM. */
int window_history(struct window *w);

/* Whether that hit is held already. */
bool window_has(struct window *w, const struct hit *hit);
/* Takes a hit and owns what it owns, also on failure. 1; 0: that hit is held already; -ENOMEM or what a callback gave. */
int window_take(struct window *w, const struct window_rule *rule, const struct hit *hit, const struct episode_sink *sink);
/* The same for a hit that is not held (window_has()). */
int window_add(struct window *w, const struct window_rule *rule, const struct hit *hit, const struct episode_sink *sink);
/* Rules that wait: no hit before `until` will come any more. */
int window_judge(struct window *w, const struct window_rule *rule, usec until, const struct episode_sink *sink);
/* No hit before `mark` will come any more: drops what nothing can touch. True when something went. */
bool window_settle(struct window *w, const struct window_rule *rule, usec mark);
/* The time of the earliest hit that waits to be judged; USEC_NONE: none does. */
usec window_waiting(const struct window *w);
bool window_is_empty(const struct window *w);
/* Drops the oldest hits when there are more than `max`; hot ones stay counted in their episode. How many went. By days: what
 * is beyond the limits of days.h. */
size_t window_trim(struct window *w, const struct window_rule *rule, size_t max);
/* The episode that a hit at this time would belong to if it were hot, or NULL. */
struct episode *window_episode(const struct window *w, const struct window_rule *rule, usec time);

#endif
