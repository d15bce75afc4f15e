/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_BASE_CLOCK_H
#define SHOPBELL_BASE_CLOCK_H

/* Time. Event time and durations are `usec`: microseconds, times since 1970-01-01 UTC. Nothing below the hall reads the
 * machine's clock: a `struct clock` is handed in. */

#include <stdbool.h>
#include <stdint.h>

#include "monitor/base/str.h"

typedef int64_t usec;

#define USEC_NONE INT64_MIN /* no time known */
#define USEC_PER_SEC INT64_C(1000000)
#define USEC_PER_MINUTE (60 * USEC_PER_SEC)
#define USEC_PER_HOUR (60 * USEC_PER_MINUTE)
#define USEC_PER_DAY (24 * USEC_PER_HOUR)

struct clock {
        usec (*now)(void *userdata);
        void *userdata;
};

usec clock_now(const struct clock *clock);
extern const struct clock clock_system; /* CLOCK_REALTIME */

/* What is needed to read stamps that leave something out. */
struct time_hint {
        usec reference; /* for stamps without a year: the latest time they can mean, give or take a day; USEC_NONE: such
                           stamps are refused */
        bool local; /* stamps without a zone are in the machine's zone (TZ) */
        int zone_minutes; /* otherwise: minutes east of UTC */
};

enum time_unit { TIME_UNIT_AUTO, TIME_UNIT_S, TIME_UNIT_MS, TIME_UNIT_US, TIME_UNIT_NS };

/* Reads every shape of stamp that the sources use: ISO 8601 / RFC 3339 with 0-9 digits of fraction, blank or T, offset
 * Z, +hh:mm, +hhmm, +hh or none ("2026-02-02 04:05", "20220913052243.429" too); RFC 3164 "Mar  7 18:53:20"; combined
 * log "10/Oct/2026:13:55:36 +0000" (brackets allowed); mail "Sat, 10 Oct 2026 13:55:36 GMT"; ctime "Fri Jan 19 12:20:33
 * 2007", CEF's "Nov 22 2026 03:10:44.118"; the American "11/22/2026 3:14:02 AM" (the month first; only with AM or PM); a number of seconds, milli-, micro- or nanoseconds (fraction allowed), the unit given or judged by size
 * (< 1e11 s, < 1e14 ms, < 1e17 us; but 14 digits that are a date from 1900 on are that date). Finer than a microsecond
 * is cut off; a second 60 is the one that follows. Without a zone a doubled local hour is the first of the two.
 * 0; -EBADMSG: no time; -ERANGE: outside the years 1 to 9999. `hint` NULL: UTC, no reference. */
int time_parse(struct str text, enum time_unit unit, const struct time_hint *hint, usec *ret);

enum { TIME_ISO_BYTES = 40 };
/* "2026-11-17T07:00:00Z", with a fraction only where there is one, no zeroes at its end. "" for USEC_NONE. */
void time_format_iso(usec t, char ret[TIME_ISO_BYTES]);
/* The same instant in the machine's zone for people: "2026-11-17 16:00:00". */
void time_format_local(usec t, char ret[TIME_ISO_BYTES]);
/* Midnight-based parts of a UTC time; `weekday` 0 is Monday. */
struct time_parts {
        int year, month, day, hour, minute, second, weekday;
};
void time_split(usec t, struct time_parts *ret);
/* Days since 1970-01-01 of a day of the (proleptic Gregorian) calendar, its month from 1 to 12; `day` may lie outside the month. */
int64_t time_day(int64_t year, int month, int day);
int time_days_in_month(int64_t year, int month);

/* "90s", "15m", "24h", "7d" (Sigma's timespan). -EBADMSG: not a duration; -ERANGE: too long to hold. */
int duration_parse(struct str text, usec *ret);
enum { DURATION_BYTES = 24 };
/* The largest unit that is exact: "15m", "90s", "1500ms". */
void duration_format(usec d, char ret[DURATION_BYTES]);

#endif
