/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_DETECT_ENGINE_IMPL_H
#define SHOPBELL_DETECT_ENGINE_IMPL_H

/* The inside of an engine; private to detect/. engine.c takes hits, settle.c judges what waits and settles, crowd.c keeps what
 * others did, losses.c tells of what was forgotten at a cap, keep.c carries state over restarts and reloads. */

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
        uint64_t hits_lost, losses_told; /* of all rules, see struct rule_groups */

        /* Of the call that is running */
        const struct engine_sink *sink;
        const struct record *record; /* NULL while hits are judged that came earlier */
        const struct words *inner; /* then, of the hit of an inner correlation that is being handed on; NULL: none, or it has none */
        usec time; /* of the record */
        bool is_late, is_duplicate, is_evidence_told;
        bool has_unjudged; /* some history kind took a hit since engine_judge() */
        struct group *group; /* whose window is at work */
        struct hash128 attached[ALERT_EVIDENCE_MAX]; /* evidence for the next change */
        size_t n_attached;
        struct hot_list hot;
        int error; /* of a callback that cannot return one */
        struct strbuf key; /* of the group that the record's hit goes to */
        struct arena *arena;
        struct extract extract; /* of the record */
};

/* engine.c */
/* Makes the group's window the one at work; what it says becomes changes. */
struct episode_sink engine_sink_for(struct engine *e, struct group *g);
/* Hands what has become hot in a group to the correlations over it. 0, -ENOMEM or what a callback gave. */
int engine_hand_on(struct engine *e, struct group *g);

/* settle.c */
/* Judges what waits in a group and hands on what becomes hot; no hit before `until` will come any more. */
int engine_judge_group(struct engine *e, struct group *g, usec until);
/* The longest of the rule's sources. */
usec engine_lateness(const struct engine *e, uint32_t rule);

/* crowd.c */
/* Enters a hit of a group among those of everyone and of its team, where the rule's kind asks. 0 or -ENOMEM. */
int crowd_enter(struct engine *e, uint32_t rule, const struct hit *hit);
/* Lets a history of the group at work look at these. */
void crowd_lend(struct engine *e, struct history *h, uint32_t rule);

#endif
