/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_CASES_REMIND_H
#define SHOPBELL_CASES_REMIND_H

/* When a case's clocks are to be heard, and what is said then. Pure: what is told is worked out from the deadlines and the time alone, so
 * that it is the same after a restart, however often it is asked.
 *
 * Each duty has steps: parts of its span, times before its end, its end, and then once a day until it is done; one without a number its
 * start, and then once a day. People bear one bell at a time: steps of one case that come within REMIND_TOGETHER of the one that rang are told
 * with that, unless they are more urgent. So there is at most one alert a case, about all that runs, which the next bell takes the place of. A
 * bell is known by the step that rang it: it stays when other duties are done meanwhile. */

#include "monitor/base/hash.h"
#include "monitor/cases/deadline.h"
#include "monitor/model/class.h"

#define REMIND_RULE "shopbell-clock" /* rule_id of its alerts */
#define REMIND_TITLE "The clock of a case runs"
#define REMIND_TOGETHER USEC_PER_HOUR
#define REMIND_CRITICAL (6 * USEC_PER_HOUR) /* from so near on */
#define REMIND_HIGH (24 * USEC_PER_HOUR) /* laws that nobody knows to have to do with the case are never above that */
enum { REMIND_LINES_MAX = 8 /* duties that are told why; the others are counted */ };

/* To add one: a row. Of a duty with an end: so many quarters of its span behind its start, or so long before its end.
 *    enum            name              quarters  before               what is said */
#define REMIND_STEPS(X) \
        X(BEGINS, "begins",              0,       USEC_NONE,           "") /* of one without a number */ \
        X(HALF, "half",                  2,       USEC_NONE,           "half of its time has gone by") \
        X(THREE_QUARTERS, "three-quarters", 3,    USEC_NONE,           "three quarters of its time have gone by") \
        X(DAY, "24h",                    0,       24 * USEC_PER_HOUR,  "in 24 hours or less") \
        X(SIX_HOURS, "6h",               0,       6 * USEC_PER_HOUR,   "in 6 hours or less") \
        X(HOUR, "1h",                    0,       USEC_PER_HOUR,       "in an hour or less") \
        X(OVER, "over",                  0,       0,                   "") \
        X(DAILY, "daily",                0,       USEC_NONE,           "") /* at the time of day of the case's first end or start without a number */

enum remind_step {
#define X(id, name, quarters, before, text) REMIND_##id,
        REMIND_STEPS(X)
#undef X
        _REMIND_STEP_MAX,
};
const char *remind_step_name(enum remind_step step);

struct reminder {
        bool rings; /* there is an alert to be; else only `next` counts */
        usec at; /* of the bell */
        const struct deadline *by; /* what rang it; it may be done since */
        enum remind_step step; /* of that */
        enum level level; /* of the most urgent that runs */
        const struct deadline **live; /* all that run and apply, or may, the most urgent first */
        size_t n_live;
        usec as_of; /* the last step of those: what is said is as it was then */
        usec next; /* when to look again; USEC_NONE: nothing is to come */
};

/* The deadlines are those of an open case (cases/case.h: casefile_deadlines() at `now`, without others). Lives in the arena. 0 or -ENOMEM. */
int remind_of(const struct deadline *deadlines, size_t n, usec now, struct arena *arena, struct reminder *ret);

/* Of an alert: the same case, duty, end, step and bell give the same. */
struct hash128 remind_id(int64_t case_id, const struct reminder *r);
/* `title`: of the case; absent: none, or sealed. Append. */
void remind_sentence(int64_t case_id, struct str title, const struct reminder *r, struct strbuf *out);
void remind_why(const struct reminder *r, struct strbuf *out); /* a line a duty */
void remind_playbook(int64_t case_id, const struct reminder *r, struct strbuf *out); /* a line a step */

/* "Report to PIPC or KISA (kr-pipa) is due Fri 20 Nov 2026 16:00 KST" or "… was due …", "… is to be done without undue delay". */
void remind_duty(const struct deadline *d, struct strbuf *out);

#endif
