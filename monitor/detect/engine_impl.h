/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_DETECT_ENGINE_IMPL_H
#define SHOPBELL_DETECT_ENGINE_IMPL_H

/* The inside of an engine; private to detect/. engine.c takes hits and settles, keep.c carries state over restarts and
 * reloads. */

#include "monitor/base/map.h"
#include "monitor/detect/engine.h"
#include "monitor/detect/extract.h"
#include "monitor/detect/groups.h"

/* Stored keys that belong to no rule any more; the store hears of them with the next engine_dirty(). */
struct stale {
        struct stale *next;
        size_t rule_n, key_n;
        char text[]; /* rule, then key */
};

/* How far a rule's sources have come when it was last looked at. */
struct progress {
        usec judged, settled;
};

/* Hot hits of an inner correlation on their way to the outer ones. */
struct hot_list {
        struct hit *items;
        size_t n, cap;
};

struct engine {
        const struct ruleset *rules;
        struct groups groups;
        struct counters counters;
        usec *latest; /* [source]: newest event time */
        struct progress *progress; /* [rule] */
        struct map labels; /* state label → number of the rule plus one */
        struct stale *stale;

        /* Of the call that is running */
        const struct engine_sink *sink;
        const struct record *record; /* NULL while hits are judged that came earlier */
        usec time; /* of the record */
        bool is_late, is_duplicate, is_evidence_told;
        bool has_unjudged; /* some history kind took a hit since engine_judge() */
        struct group *group; /* whose window is at work */
        struct hash128 attached[ALERT_EVIDENCE_MAX]; /* evidence for the next change */
        size_t n_attached;
        struct hot_list hot;
        int error; /* of a callback that cannot return one */
        struct arena *arena;
        struct extract extract; /* of the record */
};

#endif
