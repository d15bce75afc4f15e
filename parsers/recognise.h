/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_PARSERS_RECOGNISE_H
#define SHOPBELL_PARSERS_RECOGNISE_H

/* Which source a raw is of. Private to parsers/. */

#include "parsers/parse.h"

enum { RECOGNISE_RECORDS_MAX = 16 }; /* records of one document that are looked at */

/* All tests of a source: its decoder's and `recognise`. */
unsigned recognise_tests(const struct source *s);
/* How many entries of `recognise` hold for a record of this source. */
unsigned recognise_count(const struct source *s, const struct record *r, const struct derive_env *env);
bool recognise_holds(const struct source *s, const struct record *r, const struct derive_env *env);

/* Builds the combined plans of a set. */
int recognise_freeze(struct sourceset *set, struct err *reterr);

struct recognised {
        bool has_header; /* a syslog line or journal entry */
        bool is_empty; /* an envelope of some source without records */
        int error; /* why it cannot be read: 0, -EBADMSG, -E2BIG, -ENOMEM */
        const char *reason;
};

/* Fills p->guesses, best first, and returns how many have at least one test that held. */
size_t recognise_raw(struct parser *p, const struct raw *raw, struct recognised *ret);
static inline bool guess_is_whole(const struct source_guess *g)
{
        return g->held == g->of && g->of > 0;
}

#endif
