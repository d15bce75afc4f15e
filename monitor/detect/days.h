/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_DETECT_DAYS_H
#define SHOPBELL_DETECT_DAYS_H

/* One group key of a correlation that looks at more than a day: not its hits, but its UTC days. Private to detect/; window.c
 * hands over to it where window_rule.by_days is set (link.c says when).
 *
 * Let N be the timespan in days, rounded up. A run is any N UTC days, one after the other; its measure is that of all hits
 * on them. A day is hot when it lies in a run whose measure meets the condition, and a hit when its day is. An episode is a
 * maximal run of hot days in which each is within N days of the next: its count is that of its hits, it begins with the
 * first and ends with the last of them, its peak is the largest measure of a run in it.
 *
 * Limits are gt and gte, and no measure falls when a hit is added. So after every call flags and episodes are exactly those
 * of the set of hits taken so far, whatever the order in which they came, as long as their days are held. Distinct values
 * beyond SKETCH_EXACT_MAX are an estimate (sketch.h), which depends on the set of values alone.
 *
 * A record that comes again is known by a fingerprint of eight bytes. A day that lies wholly before the settle mark, on
 * which nothing new is expected, gives its fingerprints up: what comes again after that counts as another hit. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "monitor/detect/episodes.h"
#include "monitor/detect/prints.h"
#include "monitor/detect/sketch.h"

struct window;
struct window_rule;

#define WINDOW_EXACT_MAX USEC_PER_DAY /* up to this timespan hits are kept one by one */
enum {
        DAYS_MAX = 8192, /* days of one key, more than twice the longest timespan; the oldest go first, counted */
        DAYS_FINGERPRINTS_MAX = 100000, /* of one key; those of the oldest days go first, counted */
        DAYS_EVIDENCE_MAX = 8, /* records of one day that are kept as evidence: the first to arrive */
};

struct day {
        usec first, last; /* hits */
        uint64_t n; /* hits, never 0 */
        measure_t sum; /* of numbers; stays at the end of the range */
        struct sketch values;
        struct prints prints;
        struct prints fresh; /* of these, those that the store has not, once it has the window */
        struct hash128 *evidence; /* owned, n_evidence of them; NULL when the day is hot: they are with the alert */
        int32_t day; /* since 1970-01-01 */
        uint8_t n_evidence;
        bool is_hot : 1, is_late : 1, has_numbers : 1;
        bool is_stored : 1; /* the store has it as it is */
};

struct days {
        struct day *items; /* rising */
        size_t n, cap;
        size_t bytes; /* of what the days own */
        size_t n_prints; /* of all days */
        struct sieve sieve; /* of their prints; made when asked for */
};

void days_done(struct days *all);
void day_done(struct day *day);
size_t days_bytes(const struct days *all);
/* Counts anew what state.c has filled in. */
void days_filled(struct days *all);
static inline usec day_start(int32_t day)
{
        return day * USEC_PER_DAY;
}

/* As the calls of window.h, for windows that have days; days_take() makes room for them, and leaves the hit to the caller. */
bool days_has(struct days *all, const struct hit *hit);
bool days_want_evidence(const struct days *all, usec time); /* NULL: no days yet */
int days_take(struct window *w, const struct window_rule *rule, const struct hit *hit, const struct episode_sink *sink);
bool days_settle(struct window *w, const struct window_rule *rule, usec mark);
size_t days_trim(struct days *all); /* how many hits or fingerprints went */
struct episode *days_episode(const struct window *w, const struct window_rule *rule, usec time);

#endif
