/* SPDX-License-Identifier: Apache-2.0 */

/* The page in a few lines of text. Caps are such that everything fits into DIGEST_LINES_MAX lines, whatever there is. */

#include <stdio.h>

#include "monitor/base/utf8.h"
#include "monitor/report/page.h"
#include "monitor/report/when.h"

enum { ALERTS = 8, FINDINGS = 5, EXPORTS = 4, QUIET = 4, ID_SHOWN = 8 };
/* Head 5; alerts 1 + 8 + 1 + 1; findings 1 + 5 + 1 + 1; exports 1 + 4 + 1 + 1; quiet 1 + 4 + 1; foot 2. */
_Static_assert(5 + (3 + ALERTS) + (3 + FINDINGS) + (3 + EXPORTS) + (2 + QUIET) + 2 <= DIGEST_LINES_MAX, "a digest is short");

/* One line: what is ours, then a text of the logs, cut. */
static void put_line(struct strbuf *out, const char *before, struct str text)
{
        strbuf_addz(out, before);
        text_display(out, text, TEXT_TERMINAL, DIGEST_LINE_MAX - size_min(strlen(before), DIGEST_LINE_MAX / 2));
        strbuf_addc(out, '\n');
}

/* `command` reads the store: of logs it would tell something else. */
static void put_more(const struct page *p, struct strbuf *out, size_t shown, size_t all, const char *command)
{
        if (all > shown)
                strbuf_addf(out, "  and %zu more%s%s\n", all - shown, p->is_of_logs ? "" : ": ", p->is_of_logs ? "" : command);
}

static void put_alerts(const struct page *p, struct strbuf *out)
{
        size_t shown = size_min(p->n_open, ALERTS);

        if (p->n_open == 0)
                return;
        strbuf_addf(out, "Open alerts (%zu), the worst first:\n", p->n_open_all);
        for (size_t i = 0; i < shown; i++) {
                const struct page_alert *a = &p->open[i];
                char before[96], day[WHEN_BYTES], time[WHEN_BYTES], hex[HASH128_HEX_BYTES];

                hash128_hex(&a->id, hex);
                when_day_short(when_day(a->first), p->until, day);
                when_time(a->first, time);
                snprintf(before, sizeof before, "  %-8s %6s %s %s%.*s%s", level_name(a->level), day, time, p->is_of_logs ? "" : "[",
                         p->is_of_logs ? 0 : ID_SHOWN, hex, p->is_of_logs ? "" : "] ");
                put_line(out, before, a->sentence);
        }
        put_more(p, out, shown, p->n_open_all, "shopbell alerts --worst-first");
        strbuf_addc(out, '\n');
}

static void put_findings(const struct page *p, struct strbuf *out)
{
        size_t shown = size_min(p->posture->n, FINDINGS);

        if (shown == 0)
                return;
        strbuf_addf(out, "To put right (%zu):\n", p->posture->n);
        for (size_t i = 0; i < shown; i++) {
                char before[32];

                snprintf(before, sizeof before, "  %-8s ", level_name(p->posture->items[i].level));
                put_line(out, before, p->posture->items[i].sentence);
        }
        put_more(p, out, shown, p->posture->n, "shopbell posture");
        strbuf_addc(out, '\n');
}

static void put_exports(const struct page *p, struct strbuf *out)
{
        size_t shown = size_min(p->n_exports, EXPORTS);

        if (shown == 0)
                return;
        strbuf_addz(out, "Data that left, in records kept of exports that raised alerts:\n");
        for (size_t i = 0; i < shown; i++) {
                const struct page_export *e = &p->exports[i];
                char before[32];

                snprintf(before, sizeof before, "  %llu by ", (unsigned long long)e->records);
                strbuf_addz(out, before);
                text_display(out, e->who.n > 0 ? e->who : STR("somebody"), TEXT_TERMINAL, PAGE_NAME_MAX);
                put_line(out, " from ", e->country.n > 0 ? e->country : STR("a place not known"));
        }
        put_more(p, out, shown, p->n_exports_all, "shopbell report --html FILE");
        strbuf_addc(out, '\n');
}

static void put_quiet(const struct page *p, struct strbuf *out)
{
        size_t n = 0;

        for (size_t i = 0; i < p->n_sources; i++) {
                const struct page_source *s = &p->sources[i];
                char before[64], last[WHEN_BYTES];

                if (!s->is_quiet || n++ >= QUIET)
                        continue;
                strbuf_addz(out, n == 1 ? "Logs that fell silent:\n" : "");
                when_moment(s->last, p->until, last);
                snprintf(before, sizeof before, "  last heard %s: ", *last ? last : "never");
                put_line(out, before, s->title);
        }
        put_more(p, out, QUIET, n, "shopbell report --html FILE");
        strbuf_addz(out, n > 0 ? "\n" : "");
}

void page_digest(const struct page *p, struct strbuf *out)
{
        char oldest[WHEN_BYTES];

        page_headline(p, out);
        strbuf_addz(out, "\n\n");
        page_period(p, out);
        strbuf_addf(out, ": %zu alert%s rang, %llu did not.\n", p->n_events_all, p->n_events_all == 1 ? "" : "s",
                    (unsigned long long)(p->n_muted + p->n_silenced));
        when_date(p->oldest, oldest);
        if (page_is_empty(p))
                strbuf_addz(out, "Nothing has been read yet.\n");
        else if (p->oldest > p->since)
                strbuf_addf(out, "Nothing is known from before %s.\n", oldest);
        strbuf_addc(out, '\n');
        put_alerts(p, out);
        put_findings(p, out);
        put_exports(p, out);
        put_quiet(p, out);
        if (p->posture->n_cannot > 0)
                strbuf_addf(out, "%zu thing%s cannot be said%s.\n", p->posture->n_cannot, p->posture->n_cannot == 1 ? "" : "s",
                            p->is_of_logs ? "" : ": shopbell posture tells which and why");
        strbuf_addz(out, "All of it as a page: shopbell report --html FILE\n");
}
