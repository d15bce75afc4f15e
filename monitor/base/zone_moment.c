/* SPDX-License-Identifier: Apache-2.0 */

/* Moments: times as people write them, with the zone that they mean. What is ambiguous is refused rather than guessed: a clock of a law hangs
 * on it. */

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "monitor/base/stamp.h"
#include "monitor/base/zone.h"

enum { MOMENT_BYTES_MAX = 64 + ZONE_NAME_BYTES };

/* ---- The machine's zone ---- */

/* The end of a path that lies in a folder of zones. */
static bool name_of_path(struct str path, char ret[ZONE_NAME_BYTES])
{
        size_t at = str_find(path, STR("zoneinfo/"));
        struct str name;

        if (at == SIZE_MAX)
                return false;
        name = str_from(path.p + at + 9, path.n - at - 9);
        if (name.n == 0 || name.n >= ZONE_NAME_BYTES)
                return false;
        memcpy(ret, name.p, name.n);
        ret[name.n] = '\0';
        return true;
}

void zone_local_name(char ret[ZONE_NAME_BYTES])
{
        const char *tz = getenv("TZ");
        char target[PATH_MAX];
        ssize_t n;

        ret[0] = '\0';
        if (tz && *tz == ':')
                tz++;
        if (tz && *tz == '/') {
                name_of_path(str_of(tz), ret);
        } else if (tz) { /* empty is UTC; a rule has no name, and is no file either */
                snprintf(ret, ZONE_NAME_BYTES, "%s", strlen(tz) < ZONE_NAME_BYTES ? (*tz ? tz : "UTC") : "");
        } else {
                n = readlink("/etc/localtime", target, sizeof target);
                if (n > 0 && (size_t)n < sizeof target)
                        name_of_path(str_from(target, (size_t)n), ret);
        }
}

static void offset_name(int minutes, char ret[ZONE_NAME_BYTES])
{
        int east = minutes < 0 ? -minutes : minutes;

        snprintf(ret, ZONE_NAME_BYTES, "%c%02d:%02d", minutes < 0 ? '-' : '+', east / 60 % 100, east % 60);
}

/* Its name where the machine's zone has one that can be opened, else the offset that counts there at `at`. */
static void local_zone(usec at, const char *dir, char ret[ZONE_NAME_BYTES])
{
        CLEANUP(zone_freep) struct zone *z = NULL;
        const struct time_hint utc = { .reference = USEC_NONE };
        char wall[TIME_ISO_BYTES];
        usec as_utc;

        zone_local_name(ret);
        if (*ret && zone_open(dir, str_of(ret), &z, NULL) == 0)
                return;
        time_format_local(at, wall);
        if (time_parse(str_of(wall), TIME_UNIT_AUTO, &utc, &as_utc) < 0)
                as_utc = at;
        offset_name((int)((as_utc - at + 30 * USEC_PER_SEC) / USEC_PER_MINUTE), ret);
}

/* ---- Reading ---- */

static int not_understood(struct str text, struct err *reterr)
{
        return err_set(reterr, -EBADMSG,
                       "\"" STR_FMT "\" is no moment: write \"2026-11-17 16:00 Asia/Seoul\", 2026-11-17T16:00+09:00, now, or 2h ago",
                       STR_ARG(text.n > MOMENT_BYTES_MAX ? str_from(text.p, MOMENT_BYTES_MAX) : text));
}

/* The last word where that is a zone of the database; what stands before it stays in *text. */
static struct str take_zone(struct str *text)
{
        size_t n = text->n;
        struct str word;
        bool is_long;

        while (n > 0 && text->p[n - 1] != ' ')
                n--;
        word = str_from(text->p + n, text->n - n);
        /* "GMT", "PM", "Nov", "2007" end stamps of other shapes: a name has a / in it, or is long and not in capitals ("Japan"), or is UTC */
        is_long = word.n >= 4 && word.p[0] >= 'A' && word.p[0] <= 'Z' && word.p[1] >= 'a' && word.p[1] <= 'z';
        if (n == 0 || (str_find(word, STR("/")) == SIZE_MAX && !str_eqz(word, "UTC") && !is_long) || (word.p[0] >= '0' && word.p[0] <= '9'))
                return STR_NONE;
        *text = str_trim(str_from(text->p, n));
        return word;
}

static bool is_whole(const struct stamp *st)
{
        return st->year >= 1 && st->year <= 9999 && st->day <= time_days_in_month(st->year, st->month);
}

static int with_zone(struct str text, const struct stamp *st, struct str name, const char *dir, struct moment *ret, struct err *reterr)
{
        CLEANUP(zone_freep) struct zone *z = NULL;
        const struct time_parts parts = { st->year, st->month, st->day, st->hour, st->minute, st->second, 0 };
        struct zone_shift shift;
        int r = zone_open(dir, name, &z, reterr);

        if (r < 0)
                return r;
        ret->at = zone_join(z, &parts) + st->micros;
        if (st->has_zone) {
                struct time_parts wall;

                ret->at = (time_day(st->year, st->month, st->day) * 86400 + st->hour * 3600 + st->minute * 60 + st->second -
                           (int64_t)st->zone_minutes * 60) *
                                  USEC_PER_SEC +
                          st->micros;
                zone_at(z, ret->at, &shift);
                zone_split(z, ret->at, &wall);
                if (shift.seconds != st->zone_minutes * 60)
                        return err_set(reterr, -EBADMSG,
                                       "\"" STR_FMT "\" has an offset that is not that of " STR_FMT " then: leave one of them out",
                                       STR_ARG(text), STR_ARG(name));
        }
        snprintf(ret->zone, sizeof ret->zone, "%s", zone_name(z));
        return 0;
}

static int at_once(struct str text, usec now, const char *dir, struct moment *ret)
{
        struct str ago = text;
        usec back = 0;

        if (!str_eqz(text, "now")) {
                if (!str_ends(text, STR(" ago")))
                        return 0;
                ago.n -= 4;
                if (duration_parse(str_trim(ago), &back) < 0 || back > now)
                        return -EBADMSG;
        }
        ret->at = now - back;
        local_zone(ret->at, dir, ret->zone);
        return 1;
}

int moment_parse(struct str text, usec now, const char *dir, struct moment *ret, struct err *reterr)
{
        const struct time_hint local = { .reference = USEC_NONE, .local = true };
        struct str whole = str_trim(text), rest = whole, name;
        struct stamp st = { 0 };
        struct moment m = { 0 };
        int r;

        if (whole.n == 0 || whole.n > MOMENT_BYTES_MAX)
                return not_understood(whole, reterr);
        r = at_once(whole, now, dir, &m);
        if (r == 0) {
                name = take_zone(&rest);
                if (!stamp_read(rest, &st) || st.year == STAMP_NO_YEAR)
                        return not_understood(whole, reterr);
                if (!is_whole(&st))
                        return err_set(reterr, -EBADMSG, "\"" STR_FMT "\": the calendar has no such day", STR_ARG(whole));
                if (name.p) {
                        r = with_zone(whole, &st, name, dir, &m, reterr);
                        if (r < 0)
                                return r;
                } else if (time_parse(rest, TIME_UNIT_AUTO, &local, &m.at) < 0) {
                        return not_understood(whole, reterr);
                } else if (st.has_zone) {
                        offset_name(st.zone_minutes, m.zone);
                } else {
                        local_zone(m.at, dir, m.zone);
                }
        }
        if (r < 0)
                return not_understood(whole, reterr);
        *ret = m;
        return 0;
}

void moment_format(const struct moment *m, const char *dir, struct strbuf *out)
{
        CLEANUP(zone_freep) struct zone *z = NULL;
        char text[ZONE_TEXT_BYTES], iso[TIME_ISO_BYTES];

        if (m->at == USEC_NONE)
                return;
        if (zone_open(dir, str_of(m->zone), &z, NULL) == 0) {
                zone_format(z, m->at, text);
                strbuf_addz(out, text);
                if (str_find(str_of(m->zone), STR("/")) != SIZE_MAX)
                        strbuf_addf(out, " (%s)", m->zone);
                return;
        }
        time_format_iso(m->at, iso);
        strbuf_addf(out, "%s (%s)", iso, m->zone);
}
