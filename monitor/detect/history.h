/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_DETECT_HISTORY_H
#define SHOPBELL_DETECT_HISTORY_H

/* Kinds of correlation that hold a hit against what its key has done before: rows of a table in history_kinds.c. Private to
 * detect/.
 *
 * Hits are judged in order of event time (equal stamps in order of their records' keys), each against all earlier ones. Those
 * that a later delivery may still precede are judged again whenever one comes: when the sources have delivered
 * everything up to some time (window_settle), what lies before it is final. So which hits are hot depends on the set of
 * hits alone, as long as each comes within its source's lateness. When a late hit explains one that has been told of
 * already, that one leaves its episode; an episode that loses all of its hits is withdrawn.
 *
 * Kinds that hold a hit against others (surprise) look at complete days of theirs only, and judge once more before a hit
 * becomes final, when all sources have told of those days: one source read long before another makes no difference then.
 *
 * What came before is kept by day (ledger.h), for `memory`. A hit that comes later than its source's lateness is still
 * judged, against the days up to its own. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "monitor/detect/episodes.h"
#include "monitor/detect/kind.h"
#include "monitor/detect/ledger.h"

struct window_rule;

enum {
        HISTORY_FEATURES_MAX = RULES_FIELDS_MAX, /* fields of one correlation that looks at values, a team's included */
        HISTORY_TRAVEL_LOOK_MAX = 1000, /* hits of one person that travel looks back at */
        HISTORY_WHY_BYTES = 1024, /* of one reason; longer ones are cut */
        HISTORY_OPEN_MAX = 20000, /* hits of one key that may be judged again; beyond, the older half becomes final, counted */
};

struct history {
        struct ledger ledger; /* of the hits that are final */
        usec first, last; /* of them; USEC_NONE: none */
        uint64_t n; /* of them */
        uint64_t closed_early; /* of them, those that became final at HISTORY_OPEN_MAX */
        uint64_t counted; /* of these and of ledger.evicted, what history_take_cut() gave */
        /* Others' ledgers: of a team, of everyone (team ""); NULL: there is none. Set before each call. The days up to
         * `crowd_lag` before a hit's are complete. */
        const struct ledger *(*crowd)(void *userdata, struct str team);
        void *crowd_data;
        int32_t crowd_lag;
};

/* What a judge may look at. */
struct past {
        const struct window_rule *rule;
        const struct history *history; /* with all that came before the hit in its ledger */
        const struct hits *hits; /* those before place `i` came before */
        size_t i;
        usec first, last; /* of all that came before; USEC_NONE: none */
        uint64_t n;
};

struct verdict {
        bool is_hot;
        measure_t m;
        uint8_t lowered; /* by how many levels an alert is lowered */
        char why[HISTORY_WHY_BYTES]; /* in words, ended by a NUL; set when hot */
};

void history_init(struct history *h);
void history_done(struct history *h);
/* What was cut at a cap since the last call: values of the ledger, hits that became final too early. */
uint64_t history_take_cut(struct history *h);
size_t history_bytes(const struct history *h);

struct window;
/* Judges what is open and changes flags, episodes and words accordingly. 0, -ENOMEM or what a callback gave. */
int history_judge(struct window *w, const struct window_rule *rule, const struct episode_sink *sink);
/* Whether hits before `mark` may still be judged again: the next history_judge() does so with all that are open. */
bool history_open(struct window *w, usec mark);
/* The first `n` hits are final and may be dropped. 0 or -ENOMEM. */
int history_close(struct window *w, const struct window_rule *rule, size_t n);
/* Enters a hit of one person among those of all, or of a team. 0 or -ENOMEM. */
int history_crowd(struct window *w, const struct window_rule *rule, const struct hit *hit);

#endif
