/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/status.h"

#include "monitor/base/macros.h"

enum { DATE_CHARS = 10, TIME_AT = 11, MINUTE_CHARS = 5 }; /* in "2026-11-17 16:00:00" */

static bool is_same_day(usec a, usec b)
{
        char x[TIME_ISO_BYTES], y[TIME_ISO_BYTES];

        time_format_local(a, x);
        time_format_local(b, y);
        return strncmp(x, y, DATE_CHARS) == 0;
}

void status_see(struct status *s, uint64_t records, usec now)
{
        bool is_first = s->since == 0;

        if (is_first || !is_same_day(s->since, now)) {
                /* What came before the first look of a day belongs to the day before, and is not ours to count at a start. */
                s->before = is_first ? records : s->records;
                s->since = now;
                s->is_day = !is_first;
        }
        if (!is_first && records > s->records)
                s->last = now;
        s->records = records;
}

static void add_count(struct strbuf *out, uint64_t n, const char *one, const char *many)
{
        strbuf_addf(out, "%llu %s", (unsigned long long)n, n == 1 ? one : many);
}

void status_line(const struct status *s, struct str reload, struct strbuf *out)
{
        char at[TIME_ISO_BYTES];

        add_count(out, s->records - s->before, "record", "records");
        time_format_local(s->since, at);
        if (s->is_day)
                strbuf_addz(out, " today");
        else
                strbuf_addf(out, " since %.*s", MINUTE_CHARS, at + TIME_AT);
        if (s->last > 0) {
                time_format_local(s->last, at);
                strbuf_addf(out, ", the last at %s", at + TIME_AT);
        }
        strbuf_addz(out, "; ");
        add_count(out, s->ringing, "alert open; ", "alerts open; ");
        add_count(out, s->inputs, "input", "inputs");
        if (reload.n > 0) {
                strbuf_addz(out, "; reload ");
                strbuf_add(out, reload);
        }
}
