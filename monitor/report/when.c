/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/report/when.h"

#include <stdio.h>

static const char *const months[] = { "January", "February", "March",     "April",   "May",      "June",
                                      "July",    "August",   "September", "October", "November", "December" };
static const char *const weekdays[] = { "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday" };

/* What a clock on the wall shows, as if that were UTC. */
static usec wall(usec t)
{
        char text[TIME_ISO_BYTES];
        usec ret;

        time_format_local(t, text);
        return time_parse(str_of(text), TIME_UNIT_AUTO, NULL, &ret) < 0 ? t : ret;
}

int64_t when_day(usec t)
{
        usec w = wall(t);

        return (w - (w < 0 ? USEC_PER_DAY - 1 : 0)) / USEC_PER_DAY;
}

static int year_of(usec t)
{
        struct time_parts p;

        time_split(wall(t), &p);
        return p.year;
}

void when_time(usec t, char ret[WHEN_BYTES])
{
        struct time_parts p;

        ret[0] = '\0';
        if (t == USEC_NONE)
                return;
        time_split(wall(t), &p);
        snprintf(ret, WHEN_BYTES, "%02d:%02d", p.hour, p.minute);
}

void when_moment(usec t, usec near, char ret[WHEN_BYTES])
{
        struct time_parts p;
        char year[16] = "";

        ret[0] = '\0';
        if (t == USEC_NONE)
                return;
        time_split(wall(t), &p);
        if (p.year != year_of(near))
                snprintf(year, sizeof year, " %d", p.year);
        snprintf(ret, WHEN_BYTES, "%d %s%s, %02d:%02d", p.day, months[p.month - 1], year, p.hour, p.minute);
}

void when_date(usec t, char ret[WHEN_BYTES])
{
        struct time_parts p;

        ret[0] = '\0';
        if (t == USEC_NONE)
                return;
        time_split(wall(t), &p);
        snprintf(ret, WHEN_BYTES, "%d %s %d", p.day, months[p.month - 1], p.year);
}

int when_weekday(int64_t day)
{
        return (int)(((day + 3) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
}

void when_day_full(int64_t day, char ret[WHEN_BYTES])
{
        struct time_parts p;

        time_split(day * USEC_PER_DAY, &p);
        snprintf(ret, WHEN_BYTES, "%s, %d %s %d", weekdays[when_weekday(day)], p.day, months[p.month - 1], p.year);
}

void when_day_short(int64_t day, usec near, char ret[WHEN_BYTES])
{
        struct time_parts p;
        char year[16] = "";

        time_split(day * USEC_PER_DAY, &p);
        if (p.year != year_of(near))
                snprintf(year, sizeof year, " %d", p.year);
        snprintf(ret, WHEN_BYTES, "%d %.3s%s", p.day, months[p.month - 1], year);
}
