/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_DETECT_EPISODES_H
#define SHOPBELL_DETECT_EPISODES_H

/* The episodes of one group key: maximal runs of hot hits in which each is within one timespan of the next. Whatever judges
 * the hits (window.c) reports the hot ones here, in any order; episodes that come to touch become one. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "monitor/detect/hits.h"
#include "monitor/detect/measure.h"

struct episode {
        usec first, last;
        uint64_t count; /* hot hits, also those that are no longer held */
        measure_t peak; /* the largest measure of a window in it */
        struct hash128 id; /* of its alert; the engine's */
        uint32_t n_evidence; /* records attached so far; the engine's */
        struct words words; /* the engine's */
        uint64_t n_gone; /* of `count`, those that are no longer held; kept by kinds that take hits back */
        usec gone_last; /* the last of them */
        uint8_t lowered; /* by how many levels its alert is lowered: the least of its hits' */
        bool is_late; /* the engine's */
        bool is_told; /* somebody has heard of it: cleared when born, set when `changed` returns */
        bool is_changed;
};

/* All zeroes: none. */
struct episodes {
        struct episode *items; /* sorted, apart by more than the timespan */
        size_t n, cap;
};

/* Told while a call changes something. Episodes are borrowed for the callback. */
struct episode_sink {
        /* `hit` has become hot and belongs to `episode`. */
        void (*hot)(void *userdata, const struct hit *hit, struct episode *episode);
        /* Two that were told of are one: `from`, the later one, ends, and `into` takes it over. */
        int (*merged)(void *userdata, const struct episode *from, struct episode *into);
        /* One that was told of has lost all its hits and ends. */
        int (*withdrawn)(void *userdata, const struct episode *episode);
        /* Once for each hit that changed something, at the end: how the episode is now. */
        int (*changed)(void *userdata, struct episode *episode);
        void *userdata;
};

void episodes_done(struct episodes *all);
size_t episodes_bytes(const struct episodes *all);
/* The episode that a hit at this time would belong to if it were hot, or NULL. */
struct episode *episodes_at(const struct episodes *all, usec timespan, usec time);
/* The first episode of which something lies in [from, to], or NULL. */
struct episode *episodes_touching(const struct episodes *all, usec from, usec to);
/* The hit has become hot; it may begin an episode, or join two. 0, -ENOMEM or what a callback gave. */
int episodes_put(struct episodes *all, usec timespan, const struct hit *hit, const struct episode_sink *sink);
/* Hot hits that are not held one by one. */
struct stretch {
        usec first, last;
        uint64_t count;
        usec from, to; /* they belong to what lies in here */
        bool is_late; /* one of them is */
};
/* All of them have become hot; those of them that are known are told as such. */
int episodes_put_many(struct episodes *all, const struct stretch *s, const struct hit *known, size_t n_known,
                      const struct episode_sink *sink);
/* There is a window of measure `m` around `time`. */
void episodes_peak(struct episodes *all, usec timespan, usec time, measure_t m);
/* Tells of the episode around `time` when it has changed. */
int episodes_tell(struct episodes *all, usec timespan, usec time, const struct episode_sink *sink);
int episodes_tell_all(struct episodes *all, const struct episode_sink *sink);
/* Of hits with stories: the words of the episode at `time` become those of its latest hit, whatever the order in which they
 * were put. 0 or -ENOMEM. */
int episodes_retell(struct episodes *all, usec timespan, usec time, const struct hits *hits);
/* Some hits that were put are not hot any more, or of some something else is to be told: makes the episodes anew of the held ones that still are (is_hot and
 * was_hot) and of what is gone. */
int episodes_rebuild(struct episodes *all, usec timespan, struct hits *hits, const struct episode_sink *sink);
/* A hot hit that was put is about to be dropped from the held ones, which are sorted. */
void episodes_gone(struct episodes *all, usec timespan, const struct hit *hit);
/* Forgets those that ended before `bound`. How many. */
size_t episodes_forget(struct episodes *all, usec bound);

#endif
