/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_DETECT_RHYTHM_H
#define SHOPBELL_DETECT_RHYTHM_H

/* In which hours a log source was heard, and so how long it is usually quiet. Only the set of hours counts, never the order in
 * which records came. Blob: the struct's fields, little endian (rhythm_pack). */

#include <stdbool.h>
#include <stdint.h>

#include "monitor/base/clock.h"
#include "monitor/base/str.h"

enum {
        RHYTHM_HOURS = 90 * 24, /* what is older is forgotten */
        RHYTHM_WORDS = (RHYTHM_HOURS + 63) / 64,
        RHYTHM_BLOB_BYTES = 8 * (2 + RHYTHM_WORDS),
        RHYTHM_HEARD_MIN = 20, /* hours in which a source must have been heard before anything is said of it */
        RHYTHM_KNOWN_HOURS = 14 * 24, /* from the first to the latest, where its file does not say how long it may be silent */
        RHYTHM_LEAST_HOURS = 24, /* no shorter silence is told, unless the file says so */
        RHYTHM_MOST_HOURS = 30 * 24, /* a source that is usually quiet for half as long is not watched */
};

struct rhythm {
        int64_t first, newest; /* hours since 1970-01-01 UTC; first > newest: never heard */
        uint64_t heard[RHYTHM_WORDS]; /* a ring: bit (hour mod RHYTHM_HOURS) */
};

void rhythm_init(struct rhythm *r);
/* A record of that time came. True: that is news. */
bool rhythm_hear(struct rhythm *r, usec time);

/* How many hours without a record are too many: the least that its source's file says (0: it does not), or twice its usual
 * longest pause if that is more. The usual longest is the second longest of the last 90 days, so that one silence does not
 * make the next usual. 0: not known yet, or it is not watched. *ret_usual (hours) is set when it is not 0. */
int64_t rhythm_limit(const struct rhythm *r, usec least, int64_t *ret_usual);

/* The beginning of the first hour at or after `time` in which it was heard; USEC_NONE: there is none in the last 90 days of the rhythm. */
usec rhythm_next(const struct rhythm *r, usec time);

void rhythm_pack(const struct rhythm *r, char ret[static RHYTHM_BLOB_BYTES]);
/* False: damaged; then *ret is as after rhythm_init(). */
bool rhythm_unpack(struct str blob, struct rhythm *ret);

static inline bool rhythm_is_empty(const struct rhythm *r)
{
        return r->first > r->newest;
}

/* The end of the latest hour in which it was heard. */
static inline usec rhythm_end(const struct rhythm *r)
{
        return (r->newest + 1) * USEC_PER_HOUR;
}

#endif
