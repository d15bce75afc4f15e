/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_CASES_HOLIDAYS_H
#define SHOPBELL_CASES_HOLIDAYS_H

/* Days on which an authority does not work: holidays/CODE.yml beside the regimes. Private to cases/regime*.c.
 *
 *     code: BR
 *     title: National holidays of Brazil
 *     source: Lei 662/1949
 *     checked_on: 2026-11-23
 *     until: 2035-12-31                              # nobody has looked at what comes behind that day
 *     days:
 *       - {date: 11-20, name: Zumbi, since: 2024}    # each year; since and last are years, and may be left out
 *       - {easter: -2, name: Good Friday}            # days from Easter Sunday (of the Gregorian calendar)
 *       - {date: 2027-02-08, name: a day that moves} # once
 */

#include "monitor/base/arena.h"
#include "monitor/base/clock.h"
#include "monitor/base/yaml.h"

enum { CALENDARS_MAX = 300, HOLIDAYS_FROM = 2020 /* first year that is worked out */, HOLIDAYS_YEARS_MAX = 100 };

struct calendar {
        struct str code;
        usec until; /* midnight UTC of the day behind the last one that it speaks of */
        int64_t *days; /* since 1970-01-01, ascending, each once */
        size_t n_days;
};

struct calendars {
        struct calendar items[CALENDARS_MAX];
        size_t n;
};

struct regime_reader;
/* Adds it, or puts it in the place of the one with its code. */
int calendar_read(struct regime_reader *r, const struct yaml *doc, struct calendars *to);
const struct calendar *calendar_find(const struct calendars *c, struct str code); /* or NULL */
int64_t easter_sunday(int year); /* days since 1970-01-01 */

#endif
