/* SPDX-License-Identifier: Apache-2.0 */

/* Rules of TZ as POSIX has them, with what RFC 8536 adds. Daylight saving may be the winter's and negative (Dublin), may last all year
 * ("EST5EDT,0/0,J365/25"), may start in one year and end in the next: so the changes of three years are looked at, and the latest one that
 * has come counts. */

#include "monitor/base/zone_rule.h"

#include <errno.h>

enum { HOUR = 3600, DAY = 24 * HOUR, OFFSET_HOURS_MAX = 24, CHANGE_HOURS_MAX = 167, CHANGE_DEFAULT = 2 * HOUR, NAME_MIN = 3 };

/* ---- Reading ---- */

static bool take_int(struct str *s, int max, int *ret)
{
        int n = 0;
        size_t i = 0;

        for (; i < s->n && s->p[i] >= '0' && s->p[i] <= '9'; i++) {
                n = n * 10 + (s->p[i] - '0');
                if (n > max)
                        return false;
        }
        *s = str_from(s->p + i, s->n - i);
        *ret = n;
        return i > 0;
}

/* [+-]hh[:mm[:ss]] */
static bool take_time(struct str *s, int hours_max, int *ret)
{
        bool is_minus = str_take(s, '-');
        int h, m = 0, sec = 0;

        if (!is_minus)
                str_take(s, '+');
        if (!take_int(s, hours_max, &h) || (str_take(s, ':') && (!take_int(s, 59, &m) || (str_take(s, ':') && !take_int(s, 59, &sec)))))
                return false;
        *ret = (h * HOUR + m * 60 + sec) * (is_minus ? -1 : 1);
        return true;
}

static bool is_letter(char c)
{
        return str_lower(c) >= 'a' && str_lower(c) <= 'z';
}

/* "KST", or "<+03>" */
static bool take_name(struct str *s, char ret[ZONE_SHORT_BYTES])
{
        bool is_quoted = str_take(s, '<');
        size_t n = 0;

        while (n < s->n && (is_letter(s->p[n]) || (is_quoted && (s->p[n] == '+' || s->p[n] == '-' || (s->p[n] >= '0' && s->p[n] <= '9')))))
                n++;
        if (n < NAME_MIN || n >= ZONE_SHORT_BYTES)
                return false;
        memcpy(ret, s->p, n);
        ret[n] = '\0';
        *s = str_from(s->p + n, s->n - n);
        return !is_quoted || str_take(s, '>');
}

/* "M3.2.0/2", "J60", "59/24" */
static bool take_change(struct str *s, struct rule_change *ret)
{
        *ret = (struct rule_change){ .seconds = CHANGE_DEFAULT };
        if (str_take(s, 'M')) {
                ret->kind = RULE_OF_MONTH;
                if (!take_int(s, 12, &ret->month) || ret->month < 1 || !str_take(s, '.') || !take_int(s, 5, &ret->week) || ret->week < 1 ||
                    !str_take(s, '.') || !take_int(s, 6, &ret->day))
                        return false;
        } else if (str_take(s, 'J')) {
                ret->kind = RULE_JULIAN;
                if (!take_int(s, 365, &ret->day) || ret->day < 1)
                        return false;
        } else {
                ret->kind = RULE_OF_YEAR;
                if (!take_int(s, 365, &ret->day))
                        return false;
        }
        return !str_take(s, '/') || take_time(s, CHANGE_HOURS_MAX, &ret->seconds);
}

int zone_rule_parse(struct str text, struct zone_rule *ret)
{
        struct zone_rule r = { 0 };
        int west;

        if (!take_name(&text, r.standard.abbreviation) || !take_time(&text, OFFSET_HOURS_MAX, &west))
                return -EBADMSG;
        r.standard.seconds = -west;
        if (text.n == 0) {
                *ret = r;
                return 0;
        }
        if (!take_name(&text, r.summer.abbreviation))
                return -EBADMSG;
        r.has_summer = r.summer.is_dst = true;
        r.summer.seconds = r.standard.seconds + HOUR;
        if (text.n > 0 && text.p[0] != ',') {
                if (!take_time(&text, OFFSET_HOURS_MAX, &west))
                        return -EBADMSG;
                r.summer.seconds = -west;
        }
        if (!str_take(&text, ',') || !take_change(&text, &r.start) || !str_take(&text, ',') || !take_change(&text, &r.end) || text.n > 0)
                return -EBADMSG;
        *ret = r;
        return 0;
}

/* ---- Using ---- */

static int64_t week_day(int64_t day) /* 0: Sunday */
{
        int64_t d = (day + 4) % 7; /* 1970-01-01 was a Thursday */

        return d < 0 ? d + 7 : d;
}

/* Its instant in a year, before which `shift` counts. */
static int64_t change_at(const struct rule_change *c, int64_t year, int shift)
{
        int64_t first = time_day(year, 1, 1), day = 0;

        switch (c->kind) {
        case RULE_JULIAN:
                day = first + c->day - 1 + (c->day >= 60 && time_days_in_month(year, 2) == 29);
                break;
        case RULE_OF_YEAR:
                day = first + c->day;
                break;
        case RULE_OF_MONTH:
                first = time_day(year, c->month, 1);
                day = first + (c->day - week_day(first) + 7) % 7 + (c->week - 1) * 7;
                if (day >= first + time_days_in_month(year, c->month))
                        day -= 7;
                break;
        }
        return day * DAY + c->seconds - shift;
}

void zone_rule_at(const struct zone_rule *r, int64_t seconds, struct zone_shift *ret)
{
        int64_t latest = INT64_MIN, at;
        struct time_parts parts;

        *ret = r->standard;
        if (!r->has_summer)
                return;
        time_split(seconds * USEC_PER_SEC, &parts);
        for (int64_t year = parts.year - 1; year <= parts.year + 1; year++) {
                at = change_at(&r->end, year, r->summer.seconds);
                if (at <= seconds && at > latest) {
                        latest = at;
                        *ret = r->standard;
                }
                at = change_at(&r->start, year, r->standard.seconds);
                if (at <= seconds && at >= latest) { /* at once with an end: it lasts on */
                        latest = at;
                        *ret = r->summer;
                }
        }
}
