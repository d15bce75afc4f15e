/* SPDX-License-Identifier: Apache-2.0 */

/* Data that left, the logs themselves, and what this page can and cannot say. */

#include <stdio.h>

#include "monitor/model/alert.h"
#include "monitor/report/html.h"
#include "monitor/report/page_write.h"
#include "monitor/report/svg.h"
#include "monitor/report/when.h"

/* ---- Exports ---- */

static const struct str export_columns[] = { { "Who", 3 }, { "From", 4 }, { "Records", 7 }, { "How much", 8 }, { "Platform", 8 }, { "When", 4 } };

static void put_amount(struct strbuf *out, const struct page_export *e)
{
        size_t n = out->n;

        if (e->rows > 0) {
                page_put_number(out, e->rows);
                strbuf_addz(out, " rows");
        }
        if (e->files > 0) {
                strbuf_addz(out, out->n > n ? ", " : "");
                page_put_number(out, e->files);
                strbuf_addz(out, " files");
        }
        if (e->bytes > 0) {
                strbuf_addz(out, out->n > n ? ", " : "");
                page_put_bytes(out, e->bytes);
        }
        if (out->n == n)
                strbuf_addz(out, "not said");
}

static void put_span(const struct page *p, struct strbuf *out, usec first, usec last)
{
        char from[WHEN_BYTES], to[WHEN_BYTES];

        when_day_short(when_day(first), p->until, from);
        when_day_short(when_day(last), p->until, to);
        if (when_day(first) == when_day(last))
                strbuf_addz(out, from);
        else
                strbuf_addf(out, "%s – %s", from, to);
}

static void put_export(const struct page *p, struct strbuf *out, const struct page_export *e)
{
        strbuf_addz(out, "<tr role=\"row\"><th scope=\"row\" role=\"rowheader\">");
        html_text(out, e->who.n > 0 ? e->who : STR("somebody"), PAGE_NAME_MAX);
        strbuf_addz(out, "</th>");
        page_begin_cell(out, export_columns[1], NULL);
        html_text(out, e->country.n > 0 ? e->country : STR("not known"), PAGE_NAME_MAX);
        strbuf_addz(out, "</td>");
        page_begin_cell(out, export_columns[2], "number");
        page_put_number(out, e->records);
        strbuf_addz(out, "</td>");
        page_begin_cell(out, export_columns[3], NULL);
        put_amount(out, e);
        strbuf_addz(out, "</td>");
        page_begin_cell(out, export_columns[4], NULL);
        html_text(out, page_title_of(p, e->source), PAGE_NAME_MAX);
        if (e->n_sources > 1)
                strbuf_addf(out, " and %llu more", (unsigned long long)(e->n_sources - 1));
        strbuf_addz(out, "</td>");
        page_begin_cell(out, export_columns[5], NULL);
        put_span(p, out, e->first, e->last);
        strbuf_addz(out, "</td></tr>\n");
}

static void put_exports(const struct page *p, struct strbuf *out)
{
        uint64_t records = 0;

        page_begin_table(out, "plain", "Exports that raised an alert, by person and country", export_columns, ARRAY_LEN(export_columns));
        for (size_t i = 0; i < p->n_exports; i++) {
                put_export(p, out, &p->exports[i]);
                records += p->exports[i].records;
        }
        strbuf_addz(out, "</tbody></table>\n");
        page_put_more(p, out, p->n_exports, p->n_exports_all, NULL);
        page_put_note(out, "What these numbers cover: the records kept as evidence (at most %d an alert) of the %llu alerts of class export in this time, "
                           "%llu of about %llu records that these alerts count. Rows, files and bytes are added up where the platform logs them.",
                      ALERT_EVIDENCE_MAX, (unsigned long long)p->export_alerts, (unsigned long long)records, (unsigned long long)p->export_hits);
}

/* The latest export of an account within the period, or NULL. */
static const struct fact *export_of(const struct page *p, const struct account_view *v)
{
        const struct fact *f = account_fact(v, FACT_EXPORT);

        return f && f->last >= p->since && f->last < p->until ? f : NULL;
}

static void put_taker(const struct page *p, struct strbuf *out, const struct account_view *v, const struct fact *f)
{
        size_t n = account_count(v, FACT_EXPORT);
        char day[WHEN_BYTES];

        when_day_short(when_day(f->last), p->until, day);
        strbuf_addz(out, "<li>");
        html_element(out, "b", NULL, v->who, PAGE_NAME_MAX);
        strbuf_addz(out, " on ");
        html_text(out, page_title_of(p, v->seen.source), PAGE_NAME_MAX);
        strbuf_addz(out, ": ");
        html_text(out, f->value, PAGE_NAME_MAX);
        strbuf_addz(out, f->text.n > 0 ? " " : "");
        html_text(out, f->text, PAGE_NAME_MAX);
        if (f->n > 0) {
                strbuf_addz(out, ", up to ");
                page_put_number(out, f->n);
                strbuf_addz(out, " rows at once");
        }
        strbuf_addf(out, ", last on %s", day);
        if (n > 1)
                strbuf_addf(out, ", and %zu other kind%s of export", n - 1, n > 2 ? "s" : "");
        if (p->accounts->people && !(v->person && v->person->may_export))
                strbuf_addz(out, " <span class=\"tag bad\">not allowed to</span>");
        strbuf_addz(out, "</li>\n");
}

static void put_takers(const struct page *p, struct strbuf *out)
{
        size_t n = 0;

        for (size_t i = 0; i < p->accounts->n; i++) {
                const struct fact *f = export_of(p, &p->accounts->items[i]);

                if (!f || n++ >= PAGE_EXPORTS_MAX)
                        continue;
                strbuf_addz(out, n == 1 ? "<h3>Everybody who was seen to take data out, alert or not</h3>\n<ul class=\"list\">\n" : "");
                put_taker(p, out, &p->accounts->items[i], f);
        }
        strbuf_addz(out, n > 0 ? "</ul>\n" : "");
        page_put_more(p, out, size_min(n, PAGE_EXPORTS_MAX), n, "shopbell people");
}

void page_write_exports(const struct page *p, struct strbuf *out)
{
        if (p->n_exports > 0)
                put_exports(p, out);
        else
                strbuf_addz(out, "<p class=\"good\">No export raised an alert in this time.</p>\n");
        put_takers(p, out);
}

/* ---- Sources ---- */

static const struct str source_columns[] = { { "Log", 3 }, { "Last heard", 10 }, { "Accounts", 8 }, { "Day by day", 10 } };

static size_t strip_days(const struct page *p)
{
        int64_t n = when_day(p->until - 1) - when_day(p->since) + 1;

        return n > PAGE_STRIP_DAYS ? PAGE_STRIP_DAYS : n < 7 ? 7 : (size_t)n;
}

static void put_source(const struct page *p, struct strbuf *out, const struct page_source *s)
{
        size_t n = strip_days(p), on = 0;
        char last[WHEN_BYTES], label[80];

        for (size_t i = 0; i < n; i++)
                on += s->days >> i & 1;
        snprintf(label, sizeof label, "on %zu of the last %zu days", on, n);
        when_moment(s->last, p->until, last);
        strbuf_addz(out, "<tr role=\"row\"><th scope=\"row\" role=\"rowheader\">");
        html_text(out, s->title, PAGE_NAME_MAX);
        strbuf_addz(out, "</th>");
        page_begin_cell(out, source_columns[1], NULL);
        strbuf_addz(out, *last ? last : "never");
        if (s->is_quiet)
                strbuf_addz(out, " <span class=\"tag bad\">quiet</span>");
        if (s->is_quiet && s->usual_hours > 0)
                strbuf_addf(out, " <span class=\"seen\">usually at most %lld hours</span>", (long long)s->usual_hours);
        strbuf_addz(out, "</td>");
        page_begin_cell(out, source_columns[2], "number");
        page_put_number(out, s->n_accounts);
        strbuf_addz(out, "</td>");
        page_begin_cell(out, source_columns[3], "wide");
        svg_strip(out, str_of(label), s->days, n);
        strbuf_addz(out, "</td></tr>\n");
}

void page_write_sources(const struct page *p, struct strbuf *out)
{
        size_t shown = size_min(p->n_sources, PAGE_SOURCES_MAX), quiet = page_sources_quiet(p);

        if (p->n_sources == 0) {
                strbuf_addz(out, "<p>No log was heard of.</p>\n");
                return;
        }
        if (quiet > 0)
                page_put_note(out, "%zu log%s quiet for longer than usual: somebody switched it off, or what brings it here stopped.", quiet,
                              quiet == 1 ? " is" : "s are");
        page_begin_table(out, "plain", "Logs, and when they were last heard", source_columns, ARRAY_LEN(source_columns));
        for (size_t i = 0; i < shown; i++)
                put_source(p, out, &p->sources[i]);
        strbuf_addz(out, "</tbody></table>\n");
        page_put_more(p, out, shown, p->n_sources, NULL);
        page_put_note(out, "A field is a day (UTC), the last one the end of the time told of. It is filled when %s.%s",
                      p->knows_rhythm ? "a record came" : "some account did something",
                      p->knows_rhythm ? " A log counts as quiet when it has not been heard for twice as long as is usual." : "");
}

/* ---- How it was made ---- */

static void put_counter(const struct page *p, struct strbuf *out, enum counter c)
{
        if (p->counters.n[c] == 0)
                return;
        strbuf_addz(out, "<li>");
        page_put_number(out, p->counters.n[c]);
        strbuf_addc(out, ' ');
        html_textz(out, counter_help(c));
        strbuf_addz(out, ".</li>\n");
}

/* What was refused, cut or forgotten, since the state began: the reader may miss it. */
static void put_losses(const struct page *p, struct strbuf *out)
{
        static const enum counter losses[] = { COUNTER_REJECT_MALFORMED, COUNTER_REJECT_UNKNOWN,   COUNTER_REJECT_TOO_LONG, COUNTER_REJECT_TOO_DEEP,
                                               COUNTER_REJECT_NO_TIME,   COUNTER_REJECT_LIST,      COUNTER_REJECT_FILE,     COUNTER_WINDOW_KEYS_EVICTED,
                                               COUNTER_WINDOW_HITS_EVICTED, COUNTER_HISTORY_CUT,   COUNTER_CENSUS_CUT,      COUNTER_EVIDENCE_CUT,
                                               COUNTER_EVIDENCE_PURGED,  COUNTER_FILE_GAP,         COUNTER_JOURNAL_GAP };

        for (size_t i = 0; i < ARRAY_LEN(losses); i++)
                put_counter(p, out, losses[i]);
}

static void put_facts(const struct page *p, struct strbuf *out)
{
        char since[WHEN_BYTES], until[WHEN_BYTES], made[WHEN_BYTES];

        when_moment(p->since, p->until, since);
        when_moment(p->until - 1, p->until, until);
        when_moment(p->made, p->until, made);
        strbuf_addz(out, "<dl>\n");
        if (!page_is_empty(p))
                strbuf_addf(out, "<dt>Time told of</dt><dd>%s to %s, by the clock of this machine (%s)</dd>\n", since, until, p->zone);
        if (p->is_of_logs)
                strbuf_addz(out, "<dt>Made from</dt><dd>logs that were read once; the time ends with their newest record</dd>\n");
        else
                strbuf_addf(out, "<dt>Made</dt><dd>%s, from the daemon’s store</dd>\n", made);
        strbuf_addz(out, "<dt>Read</dt><dd>");
        page_put_number(out, p->counters.n[COUNTER_RECORDS]);
        strbuf_addz(out, p->is_of_logs ? " records</dd>\n" : " records since the store began</dd>\n<dt>Silences</dt><dd>");
        if (!p->is_of_logs)
                strbuf_addf(out, "%llu in force</dd>\n", (unsigned long long)p->n_silences);
        strbuf_addf(out, "<dt>People</dt><dd>%zu in the people file</dd>\n</dl>\n", people_count(p->accounts->people));
}

void page_write_made(const struct page *p, struct strbuf *out)
{
        size_t shown = size_min(p->posture->n_cannot, PAGE_CANNOT_MAX);
        char oldest[WHEN_BYTES];

        put_facts(p, out);
        strbuf_addz(out, "<h3>What is not covered</h3>\n<ul class=\"list\">\n");
        when_date(p->oldest, oldest);
        if (page_is_empty(p))
                strbuf_addz(out, "<li>Nothing has been read yet.</li>\n");
        else if (p->oldest > p->since)
                strbuf_addf(out, "<li>Nothing is known from before %s.</li>\n", oldest);
        for (size_t i = 0; i < shown; i++) {
                strbuf_addz(out, "<li>");
                html_prose(out, p->posture->cannot[i], PAGE_TEXT_MAX);
                strbuf_addz(out, "</li>\n");
        }
        if (shown < p->posture->n_cannot)
                strbuf_addf(out, "<li>and %zu more that cannot be said: <code>shopbell posture</code></li>\n", p->posture->n_cannot - shown);
        put_losses(p, out);
        strbuf_addz(out, "<li>Platforms whose logs shopbell does not read, and what a platform does not log: <code>shopbell sources coverage</code> tells "
                         "what each log can show.</li>\n<li>An empty list says that no record shows anything, not that nothing happened.</li>\n</ul>\n");
}
