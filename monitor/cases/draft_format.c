/* SPDX-License-Identifier: Apache-2.0 */

/* Numbers and moments as a language writes them: formats of its template. */

#include <stdio.h>
#include <stdlib.h>

#include "monitor/cases/draft_make.h"

static struct str pair_value(const struct pair *pairs, size_t n, struct str name)
{
        for (size_t i = 0; i < n; i++)
                if (str_eqz(name, pairs[i].name))
                        return pairs[i].value;
        return STR_NONE;
}

void format_phrase(const struct template *t, const char *path, const struct pair *pairs, size_t n, struct strbuf *out)
{
        struct str text = template_text(t, path);

        for (size_t i = 0; i < text.n; i++) {
                const char *end = text.p[i] == '{' ? memchr(text.p + i, '}', text.n - i) : NULL;

                if (!end) {
                        strbuf_addc(out, text.p[i]);
                        continue;
                }
                strbuf_add(out, pair_value(pairs, n, str_from(text.p + i + 1, (size_t)(end - text.p) - i - 1)));
                i = (size_t)(end - text.p);
        }
}

void format_number(const struct maker *m, uint64_t n, struct strbuf *out)
{
        char digits[24];
        int length = snprintf(digits, sizeof digits, "%llu", (unsigned long long)n);

        for (int i = 0; i < length; i++) {
                strbuf_addc(out, digits[i]);
                if (i + 1 < length && (length - i - 1) % 3 == 0)
                        strbuf_add(out, template_text(m->t, "formats.thousands"));
        }
}

static struct str month_name(const struct maker *m, int month)
{
        struct str rest = template_text(m->t, "formats.months"), line = STR_NONE;

        for (int i = 0; i < month && str_cut(&rest, '\n', &line); i++)
                ;
        return line;
}

static int year_offset(const struct maker *m)
{
        int64_t n = 0;
        struct str text = template_text(m->t, "formats.year-offset");

        return text.p && str_to_i64(text, &n) == 0 && n > -10000 && n < 10000 ? (int)n : 0;
}

void format_date(const struct maker *m, usec t, struct strbuf *out)
{
        struct time_parts p;
        char year[16], month[16], day[16];

        zone_split(m->zone, t, &p);
        (void)snprintf(year, sizeof year, "%d", p.year + year_offset(m));
        (void)snprintf(month, sizeof month, "%d", p.month);
        (void)snprintf(day, sizeof day, "%d", p.day);
        format_phrase(m->t, "formats.date",
                      (struct pair[]){ { "year", str_of(year) }, { "month", str_of(month) }, { "month-name", month_name(m, p.month) }, { "day", str_of(day) } },
                      4, out);
}

static void add_zone(const struct maker *m, usec t, struct strbuf *out)
{
        struct str name = template_textf(m->t, "zones.%s", zone_name(m->zone));
        struct zone_shift shift;
        int minutes;

        if (name.p) {
                strbuf_add(out, name);
                return;
        }
        zone_at(m->zone, t, &shift);
        minutes = shift.seconds / 60;
        strbuf_addz(out, "UTC");
        if (minutes == 0)
                return;
        strbuf_addf(out, "%c%d", minutes < 0 ? '-' : '+', abs(minutes) / 60);
        if (minutes % 60 != 0)
                strbuf_addf(out, ":%02d", abs(minutes) % 60);
}

void format_time(const struct maker *m, usec t, struct strbuf *out)
{
        CLEANUP(strbuf_done) struct strbuf date = STRBUF_INIT, zone = STRBUF_INIT;
        struct time_parts p;
        char hour[16], minute[16];

        zone_split(m->zone, t, &p);
        (void)snprintf(hour, sizeof hour, "%02d", p.hour);
        (void)snprintf(minute, sizeof minute, "%02d", p.minute);
        format_date(m, t, &date);
        add_zone(m, t, &zone);
        format_phrase(m->t, "formats.time",
                      (struct pair[]){ { "date", strbuf_str(&date) }, { "hour", str_of(hour) }, { "minute", str_of(minute) }, { "zone", strbuf_str(&zone) } }, 4,
                      out);
        out->failed |= strbuf_failed(&date) || strbuf_failed(&zone);
}

void format_divide(const struct maker *m, size_t i, size_t n, struct strbuf *out)
{
        if (i > 0)
                strbuf_add(out, template_text(m->t, i + 1 == n ? "formats.list-last" : "formats.list"));
}

void format_estimate(const struct maker *m, bool is_estimate, struct str text, struct strbuf *out)
{
        if (is_estimate)
                format_phrase(m->t, "phrases.estimated", (struct pair[]){ { "value", text } }, 1, out);
        else
                strbuf_add(out, text);
}
