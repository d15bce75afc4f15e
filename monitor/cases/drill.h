/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_CASES_DRILL_H
#define SHOPBELL_CASES_DRILL_H

/* An incident to practise with: a folder with logs, the people of that shop, and drill.yml, which says what happened in them and what
 * somebody finds out who looks. shopbell-case(1) has its keys. */

#include "monitor/base/arena.h"
#include "monitor/base/clock.h"
#include "monitor/base/err.h"

enum { DRILL_ACTORS_MAX = 32, DRILL_FACTS_MAX = 64, DRILL_TEXT_MAX = 2000 /* bytes of any text */ };
#define DRILL_FILE "drill.yml"
#define DRILL_SELLER "SELLER" /* in the names of facts: the country of whoever practises */

struct drill_fact {
        struct str name, value; /* "people.SELLER", "at least 64"; status confirmed or estimated by the value */
};

struct drill {
        struct str title, about, ask; /* ask: what is asked of the owner when it has rung */
        struct str answer; /* the right one: me, not-me */
        usec began; /* the first bad act */
        struct str *actors; /* what an alert about it names */
        size_t n_actors;
        struct drill_fact *facts;
        size_t n_facts;
        struct str logs, people, geoip; /* paths; the last two absent where the folder has none */
};

/* Reads FOLDER/drill.yml; all lives in the arena. -ENOENT: no such drill; -EBADMSG with the place. */
int drill_load(const char *folder, struct arena *arena, struct drill *ret, struct err *reterr);
/* Whether a text speaks of one of the actors, as a word of its own, case ignored. */
bool drill_names_actor(const struct drill *d, struct str text);

#endif
