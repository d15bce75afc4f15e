/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_REPORT_WHEN_H
#define SHOPBELL_REPORT_WHEN_H

/* Times in words, in the machine's zone; days as numbers, to count with. */

#include "monitor/base/clock.h"

enum { WHEN_BYTES = 40 };

/* The calendar day it is at that time where this machine is: days since 1970-01-01. */
int64_t when_day(usec t);
/* All of them "" for USEC_NONE. */
void when_time(usec t, char ret[WHEN_BYTES]); /* "22:14" */
/* "10 March, 22:14"; with its year where that is another one than that of `near`. */
void when_moment(usec t, usec near, char ret[WHEN_BYTES]);
void when_date(usec t, char ret[WHEN_BYTES]); /* "10 March 2026" */
/* Of days. */
void when_day_full(int64_t day, char ret[WHEN_BYTES]); /* "Tuesday, 10 March 2026" */
void when_day_short(int64_t day, usec near, char ret[WHEN_BYTES]); /* "10 Mar", "10 Mar 2024" */
int when_weekday(int64_t day); /* 0 is Monday */

#endif
