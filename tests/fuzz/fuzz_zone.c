/* SPDX-License-Identifier: Apache-2.0 */

/* Fuzz target of time zones: the first byte says whether the rest is a TZif file, a rule of TZ, or a moment as a person writes it. Of a zone
 * that is taken, an instant and the reading of the wall clock there lead to each other. */

#include <stdint.h>
#include <stdlib.h>

#include "monitor/base/zone.h"
#include "monitor/base/zone_rule.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check(bool is_so)
{
        if (!is_so)
                abort();
}

static const int64_t instants[] = { -2208988800, -1, 0, 951782400, 1774746000, 1793062800, 2147483647, 2147483648, 4107542400 };

static bool is_same(const struct time_parts *a, const struct time_parts *b)
{
        return a->year == b->year && a->month == b->month && a->day == b->day && a->hour == b->hour && a->minute == b->minute && a->second == b->second;
}

static void try_file(struct str bytes)
{
        struct zone *z;
        struct err err = { 0 };
        int r = zone_parse(STR("Fuzz/Zone"), bytes, &z, &err);

        if (r < 0) {
                check(err.text[0] != '\0');
                return;
        }
        for (size_t i = 0; i < ARRAY_LEN(instants); i++) {
                usec t = instants[i] * USEC_PER_SEC, back;
                struct time_parts p, again;
                struct zone_shift shift;
                char text[ZONE_TEXT_BYTES];

                zone_at(z, t, &shift);
                check(shift.seconds >= -ZONE_SHIFT_MAX && shift.seconds <= ZONE_SHIFT_MAX && shift.abbreviation[0]);
                zone_split(z, t, &p);
                back = zone_join(z, &p);
                check(back <= t); /* the first, where there are several */
                zone_split(z, back, &again);
                check(is_same(&p, &again));
                zone_format(z, t, text);
                zone_format_iso(z, zone_day_end(z, zone_day(z, t)), text);
        }
        zone_free(z);
}

static void try_rule(struct str text)
{
        struct zone_rule rule;
        struct zone_shift shift;

        if (zone_rule_parse(text, &rule) < 0)
                return;
        for (size_t i = 0; i < ARRAY_LEN(instants); i++) {
                zone_rule_at(&rule, instants[i], &shift);
                check(shift.seconds == rule.standard.seconds || (rule.has_summer && shift.seconds == rule.summer.seconds));
        }
}

static void try_moment(struct str text)
{
        CLEANUP(strbuf_done) struct strbuf out = STRBUF_INIT;
        struct moment m;
        struct err err = { 0 };
        struct zone *z;

        if (moment_parse(text, INT64_C(1793062800) * USEC_PER_SEC, NULL, &m, &err) < 0) {
                check(err.text[0] != '\0');
                return;
        }
        check(m.at >= INT64_C(-62135700000) * USEC_PER_SEC && m.at <= INT64_C(253402400000) * USEC_PER_SEC);
        check(zone_open(NULL, str_of(m.zone), &z, NULL) == 0);
        zone_free(z);
        moment_format(&m, NULL, &out);
        check(out.n > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
        struct str rest = str_from(n > 0 ? (const char *)data + 1 : "", n > 0 ? n - 1 : 0);
        char *own;

        if (n == 0)
                return 0;
        own = malloc(rest.n + 1); /* its very size, for sanitizers */
        check(own);
        memcpy(own, rest.p, rest.n);
        rest.p = own;
        if (data[0] == 'r')
                try_rule(rest);
        else if (data[0] == 'm')
                try_moment(rest);
        else
                try_file(rest);
        free(own);
        return 0;
}
