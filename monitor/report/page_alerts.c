/* SPDX-License-Identifier: Apache-2.0 */

/* Open alerts, what happened day by day, and the trend. */

#include <stdlib.h>

#include "monitor/report/html.h"
#include "monitor/report/page_write.h"
#include "monitor/report/svg.h"
#include "monitor/report/when.h"

enum { ID_SHOWN = 8 }; /* hex digits of an alert's id */

static void put_moment(const struct page *p, struct strbuf *out, usec t)
{
        char iso[TIME_ISO_BYTES], words[WHEN_BYTES];

        time_format_iso(t, iso);
        when_moment(t, p->until, words);
        strbuf_addf(out, "<time datetime=\"%s\">%s</time>", iso, words);
}

/* ---- Open ---- */

static void put_meta(const struct page *p, struct strbuf *out, const struct page_alert *a)
{
        strbuf_addz(out, "<p class=\"meta\">");
        page_put_level(out, a->level);
        strbuf_addc(out, ' ');
        put_moment(p, out, a->first);
        if (when_day(a->last) != when_day(a->first)) {
                strbuf_addz(out, " to ");
                put_moment(p, out, a->last);
        }
        if (a->source.n > 0) {
                strbuf_addz(out, " · ");
                html_text(out, page_title_of(p, a->source), PAGE_NAME_MAX);
        }
        if (str_eqz(a->answer, "acknowledged"))
                strbuf_addz(out, " · <span class=\"tag\">seen</span>");
        else if (str_eqz(a->answer, "not-me"))
                strbuf_addz(out, " · <span class=\"tag bad\">“not me”</span>");
        strbuf_addz(out, "</p>\n");
}

/* A paragraph a line. */
static void put_why(struct strbuf *out, struct str why)
{
        struct str rest = why, line;
        size_t n = 0;

        while (why.n > 0 && str_cut(&rest, '\n', &line)) {
                if (n++ >= PAGE_WHY_MAX)
                        continue;
                strbuf_addz(out, n == 1 ? "<p class=\"why\">Why: " : "<p class=\"why\">");
                html_text(out, line, PAGE_TEXT_MAX);
                strbuf_addz(out, "</p>\n");
        }
        if (n > PAGE_WHY_MAX)
                strbuf_addf(out, "<p class=\"why\">and %zu more</p>\n", n - PAGE_WHY_MAX);
}

static void put_also(struct strbuf *out, const struct page_alert *a)
{
        struct str rest = a->also, line;
        size_t n = 0;

        if (a->n_also == 0)
                return;
        strbuf_addz(out, "<p class=\"why\">Told here as well: ");
        while (str_cut(&rest, '\n', &line)) {
                strbuf_addz(out, n++ > 0 ? "; " : "");
                html_text(out, line, PAGE_NAME_MAX);
        }
        if (a->n_also > n)
                strbuf_addf(out, " and %zu more", a->n_also - n);
        strbuf_addz(out, ".</p>\n");
}

static void put_steps(struct strbuf *out, struct str playbook)
{
        struct str rest = playbook, line;
        size_t n = 0;

        strbuf_addz(out, "<ol>\n");
        while (playbook.n > 0 && str_cut(&rest, '\n', &line)) {
                if (str_trim(line).n == 0 || n++ >= PAGE_STEPS_MAX)
                        continue;
                strbuf_addz(out, "<li>");
                html_prose(out, str_trim(line), PAGE_TEXT_MAX);
                strbuf_addz(out, "</li>\n");
        }
        if (n == 0)
                strbuf_addz(out, "<li>Ask the person whether this was them.</li>\n");
        strbuf_addz(out, "</ol>\n");
        if (n > PAGE_STEPS_MAX)
                strbuf_addf(out, "<p class=\"more\">and %zu more step%s</p>\n", n - PAGE_STEPS_MAX, n - PAGE_STEPS_MAX == 1 ? "" : "s");
}

static void put_alert(const struct page *p, struct strbuf *out, const struct page_alert *a)
{
        char hex[HASH128_HEX_BYTES];

        hash128_hex(&a->id, hex);
        strbuf_addf(out, "<li class=\"item %s\">\n<div class=\"what\">\n", page_level_class(a->level));
        put_meta(p, out, a);
        html_element(out, "h3", NULL, a->sentence, PAGE_TEXT_MAX);
        strbuf_addc(out, '\n');
        put_why(out, a->why);
        put_also(out, a);
        strbuf_addz(out, "</div>\n<div class=\"do\">\n<h4>What to do</h4>\n");
        put_steps(out, a->playbook);
        if (!p->is_of_logs)
                strbuf_addf(out, "<p class=\"command\"><code>shopbell show %.*s</code></p>\n", ID_SHOWN, hex);
        strbuf_addz(out, "</div>\n</li>\n");
}

void page_write_alerts(const struct page *p, struct strbuf *out)
{
        if (p->n_open == 0) {
                strbuf_addz(out, "<p class=\"good\">No alert waits for you.</p>\n");
                return;
        }
        page_put_note(out, "The worst first. Alerts stay here, however old, until somebody says what they were%s.",
                      p->is_of_logs ? "" : ": `shopbell answer ID me`, `not-me`, or `shopbell close ID`");
        strbuf_addz(out, "<ul class=\"items\">\n");
        for (size_t i = 0; i < p->n_open; i++)
                put_alert(p, out, &p->open[i]);
        strbuf_addz(out, "</ul>\n");
        page_put_more(p, out, p->n_open, p->n_open_all, "shopbell alerts --worst-first");
}

/* ---- Trend ---- */

struct trend {
        uint64_t values[_LEVEL_MAX][PAGE_TREND_DAYS];
        size_t n;
        bool is_daily;
        int64_t first; /* day of the first bar */
        uint64_t sum, most;
        size_t most_at;
};

static void reckon(const struct page *p, struct trend *t)
{
        t->is_daily = p->n_days <= PAGE_TREND_DAILY;
        t->first = t->is_daily ? p->first_day : p->first_day - when_weekday(p->first_day); /* weeks begin on Monday */
        for (size_t d = 0; d < p->n_days; d++) {
                size_t bar = t->is_daily ? d : (size_t)(p->first_day + (int64_t)d - t->first) / 7;

                for (size_t l = 0; l < _LEVEL_MAX; l++)
                        t->values[l][bar] += p->days[d].n[l];
                t->n = bar + 1;
        }
        for (size_t i = 0; i < t->n; i++) {
                uint64_t sum = 0;

                for (size_t l = 0; l < _LEVEL_MAX; l++)
                        sum += t->values[l][i];
                t->sum += sum;
                if (sum > t->most) {
                        t->most = sum;
                        t->most_at = i;
                }
        }
}

static void put_legend(struct strbuf *out, const struct trend *t)
{
        strbuf_addz(out, "<ul class=\"legend\">");
        for (size_t l = _LEVEL_MAX; l-- > 0;) {
                uint64_t n = 0;

                for (size_t i = 0; i < t->n; i++)
                        n += t->values[l][i];
                if (n > 0)
                        strbuf_addf(out, "<li><i class=\"%s\"></i>%s %llu</li>", page_level_class((enum level)l), level_name((enum level)l),
                                    (unsigned long long)n);
        }
        strbuf_addz(out, "</ul>");
}

static void put_trend(const struct page *p, struct strbuf *out)
{
        CLEANUP(memory_freep) struct trend *t = calloc(1, sizeof *t);
        CLEANUP(strbuf_done) struct strbuf label = STRBUF_INIT;
        struct svg_series series[_LEVEL_MAX];
        char day[WHEN_BYTES];
        uint64_t top;
        int step;

        if (!t) {
                out->failed = true;
                return;
        }
        reckon(p, t);
        if (t->sum == 0)
                return;
        step = t->is_daily ? 1 : 7;
        top = svg_round_up(t->most);
        for (size_t l = 0; l < _LEVEL_MAX; l++)
                series[l] = (struct svg_series){ page_level_class((enum level)l), t->values[l] };
        when_day_short(t->first + (int64_t)t->most_at * step, p->until, day);
        strbuf_addf(&label, "Alerts a %s: %llu in all, most of them %s %s (%llu)", t->is_daily ? "day" : "week", (unsigned long long)t->sum,
                    t->is_daily ? "on" : "in the week of", day, (unsigned long long)t->most);
        strbuf_addf(out, "<figure>\n<figcaption>Alerts that rang, a %s", t->is_daily ? "day" : "week");
        put_legend(out, t);
        strbuf_addf(out, "</figcaption>\n<div class=\"plot\"><span class=\"top\">%llu</span>", (unsigned long long)top);
        svg_bars(out, strbuf_str(&label), series, _LEVEL_MAX, t->n, top);
        strbuf_addz(out, "</div>\n<p class=\"axis\" aria-hidden=\"true\">");
        for (size_t i = 0, before = SIZE_MAX; i < 3; i++) { /* first, middle and last, each once */
                size_t at = (t->n - 1) * i / 2;

                when_day_short(t->first + (int64_t)at * step, p->until, day);
                if (at != before)
                        strbuf_addf(out, "<span>%s</span>", day);
                before = at;
        }
        strbuf_addz(out, "</p>\n</figure>\n");
        out->failed |= strbuf_failed(&label);
}

/* ---- Day by day ---- */

static void put_event(struct strbuf *out, const struct page_alert *a)
{
        char iso[TIME_ISO_BYTES], time[WHEN_BYTES];

        time_format_iso(a->first, iso);
        when_time(a->first, time);
        strbuf_addf(out, "<li><time datetime=\"%s\">%s</time>", iso, time);
        page_put_level(out, a->level);
        strbuf_addz(out, "<span>");
        html_text(out, a->sentence, PAGE_TEXT_MAX);
        if (str_eqz(a->answer, "me"))
                strbuf_addz(out, " <span class=\"tag ok\">“it was me”</span>");
        else if (!a->is_open)
                strbuf_addz(out, " <span class=\"tag ok\">closed</span>");
        strbuf_addz(out, "</span></li>\n");
}

static void put_days(const struct page *p, struct strbuf *out)
{
        for (size_t i = 0, next; i < p->n_events; i = next) {
                int64_t day = when_day(p->events[i].first);
                char title[WHEN_BYTES];

                for (next = i; next < p->n_events && when_day(p->events[next].first) == day;)
                        next++;
                when_day_full(day, title);
                strbuf_addf(out, "<h3>%s</h3>\n<ul class=\"day\">\n", title);
                for (size_t k = i; k < next && k < i + PAGE_DAY_MAX; k++)
                        put_event(out, &p->events[k]);
                strbuf_addz(out, "</ul>\n");
                page_put_more(p, out, size_min(next - i, PAGE_DAY_MAX), next - i, "shopbell alerts");
        }
}

void page_write_happened(const struct page *p, struct strbuf *out)
{
        put_trend(p, out);
        if (p->n_events == 0)
                strbuf_addz(out, "<p class=\"good\">No alert rang in this time.</p>\n");
        if (p->n_events < p->n_events_all)
                page_put_note(out, "%zu earlier alerts of this time are left out here: `shopbell alerts` shows them.", p->n_events_all - p->n_events);
        put_days(p, out);
        if (p->n_muted + p->n_silenced > 0)
                page_put_note(out, "Beside these, %llu alerts did not ring: %llu that another one tells of, %llu that fit a silence.",
                              (unsigned long long)(p->n_muted + p->n_silenced), (unsigned long long)p->n_muted, (unsigned long long)p->n_silenced);
        if (p->n_me + p->n_not_me + p->n_closed > 0)
                page_put_note(out, "Answers: %llu “it was me”, %llu “not me”, %llu closed.", (unsigned long long)p->n_me,
                              (unsigned long long)p->n_not_me, (unsigned long long)p->n_closed);
}
