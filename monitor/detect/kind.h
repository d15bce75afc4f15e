/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_DETECT_KIND_H
#define SHOPBELL_DETECT_KIND_H

/* The kinds of correlation, rows of one table.
 *
 * A kind is a measure of the hits inside one window, kept while the window slides: a hit that enters is added, one that
 * leaves is removed. With limits gt and gte a window that meets the condition must go on to meet it when a hit is added:
 * window.c relies on that. Kinds that can fall (can_fall) are judged window by window when these are over, other limits hit
 * by hit when no earlier one can come any more. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "monitor/detect/hits.h"
#include "monitor/detect/measure.h"
#include "monitor/detect/tally.h"
#include "monitor/sigma/sigma.h"

/* What hits bring along for a kind, as the values of their record's condition.field. */
enum brings {
        BRINGS_NOTHING,
        BRINGS_VALUES, /* hashes of distinct values or tuples */
        BRINGS_TEXTS, /* of each field the first value, LEDGER_CELLS cells each (ledger.h) */
        BRINGS_PLACE, /* one packed place (history_kinds.h) */
        BRINGS_NUMBERS, /* packed numbers (measure.h), each value one; what is no number is counted and left out */
};

/* What a day keeps of a kind's hits where the timespan is long (days.h). */
enum kind_days {
        DAYS_NOT, /* nothing: hits are kept one by one whatever the timespan is */
        DAYS_HITS, /* how many */
        DAYS_VALUES, /* their distinct values */
        DAYS_NUMBERS, /* the sum of their numbers */
};

/* The hits at places [from, to) of one key, measured. All zeroes: empty. */
struct slide {
        size_t from, to;
        struct tally tally; /* of kinds that count distinct things */
        __int128 sum; /* of kinds that sum; with its number of summands */
        size_t n_numbers;
        measure_t *sorted; /* of value_percentile: all numbers, n_numbers of them */
        size_t cap_sorted;
};

/* What a condition says besides its limits. */
struct parameters {
        size_t n_members; /* rules listed */
        measure_t percentile; /* in millionths of a percent */
        /* History kinds */
        const struct str *fields; /* condition.field, or the kind's own */
        size_t n_fields;
        usec learning; /* from the first hit on: nothing is hot */
        usec memory; /* what is older is forgotten */
        double half_life; /* in days: what is that old counts half */
        double k; /* deviations that are usual */
        double distance_km; /* less is no journey */
        uint64_t known; /* hits, or days, that a judgement needs */
        bool has_team; /* the last field names the team of a hit's group */
        measure_t of; /* coverage: the whole, in millionths; 0: none */
};

struct past;
struct verdict;
struct ledger;
/* Judges the hit at past->i; *ret is zeroed and its measure MEASURE_NONE. */
typedef void history_judge_fn(const struct past *past, struct verdict *ret);
/* Adds a hit to a ledger, or takes it back (sign -1). 0 or -ENOMEM. */
typedef int history_enter_fn(struct ledger *l, const struct past *past, const struct hit *hit, int sign);
struct window;
struct window_rule;
/* Whether a hit that comes in may be told of some time; false only when what is held already rules that out for good. Such a
 * hit needs neither words nor its record. */
typedef bool history_may_fn(const struct window *w, const struct window_rule *rule, const struct hit *hit);

struct kind {
        const char *name, *help;
        /* Looks at the parameters: NULL, or a sentence that says what is wrong. */
        const char *(*check)(const struct sigma_correlation *c);
        enum brings brings;
        bool wants_all; /* without a condition: all rules that are listed */
        const char *least; /* without a condition: at least that much; NULL: a condition must be there */
        const char *const *fields; /* of a kind that looks at certain fields, ended by NULL; else NULL */
        bool can_fall;
        enum kind_days days;
        bool is_forward; /* a hit of the first rule listed is judged by those that follow within the timespan */
        bool is_share; /* limits are percents of a whole: becomes another kind when rules are linked */
        unsigned scale; /* units of a measure in one of the condition's */
        /* NULL when nothing must be kept. 0 or -ENOMEM. */
        int (*add)(struct slide *s, const struct hit *hit);
        void (*remove)(struct slide *s, const struct hit *hit);
        /* NULL: the number of hits. */
        measure_t (*measure)(const struct slide *s, const struct hits *hits, const struct parameters *p);
        /* Of kinds that hold a hit against what its key did before (history.h), instead of the above. */
        history_judge_fn *judge;
        history_enter_fn *enter;
        history_may_fn *may; /* NULL: any may be told of */
        bool has_crowd; /* others' histories count, too */
        struct parameters defaults;
        const char *unit; /* "7 UNITof at least 5 within 10m"; ends with a blank when there is one */
};

const struct kind *kind_find(struct str name); /* NULL: there is none */
void kind_names(struct strbuf *out); /* "event_count, value_count, …" */
extern const struct kind kind_single; /* the implicit one of a rule that alerts by itself */

/* Stands for the hour of the week, in UTC, where kinds look at texts. */
#define HOUR_FIELD "hour_of_week"

enum { RULES_FIELDS_MAX = 8 }; /* fields that one correlation looks at */
enum { KIND_MEMBERS_MAX = 64 }; /* rules of one temporal_ordered correlation */

/* parameters.c: whether the parameters of history kinds, where they are given, are what they should be. */
bool parameters_are_right(const struct sigma_correlation *c);
/* Reads the parameters of a correlation; what is not said is as the kind says. */
void kind_parameters(const struct kind *kind, const struct sigma_correlation *c, struct parameters *ret);
void slide_clear(struct slide *s); /* nothing is in it; keeps some memory */
void slide_done(struct slide *s);
size_t slide_bytes(const struct slide *s);

#endif
