/* SPDX-License-Identifier: Apache-2.0 */

/* The case as one page, which stands for itself: no script, nothing is fetched, and its Content-Security-Policy forbids the rest. Markup is
 * literals of this file; every other byte goes through put(). Each value has a direction of its own (<bdi>), so that one that is written
 * from right to left leaves the rest alone. */

#include <errno.h>

#include "monitor/base/utf8.h"
#include "monitor/cases/pack_impl.h"

enum { TEXT_MAX = 2000 }; /* characters of one value */

static const char style[] =
        ":root{--bg:#f7f6f3;--card:#fff;--ink:#1d2125;--soft:#5a626a;--line:#dcdad4;--late:#a8201a;--due:#84650a;--moment:#24506e;--bell:#6b4c9a}"
        "@media (prefers-color-scheme:dark){:root{--bg:#15181b;--card:#1e2226;--ink:#e7e6e2;--soft:#a3abb2;--line:#343a40;--late:#ff8f86;--due:#e2c15b;"
        "--moment:#93c3e2;--bell:#c3a6ee}}"
        "*{box-sizing:border-box}"
        "body{margin:0;background:var(--bg);color:var(--ink);overflow-wrap:anywhere;"
        "font:16px/1.5 system-ui,\"Segoe UI\",Roboto,\"Noto Sans\",\"Noto Sans CJK KR\",\"Noto Sans Thai\",Arial,sans-serif}"
        "td,th{overflow-wrap:break-word}td.long{overflow-wrap:anywhere;min-width:12rem}"
        "main,footer{max-width:70rem;margin:0 auto;padding:1rem 1.25rem}"
        "h1{font-size:1.9rem;line-height:1.2;margin:.5rem 0}h2{font-size:1.25rem;margin:2rem 0 .5rem;border-top:2px solid var(--ink);padding-top:.5rem}"
        "h3{font-size:1rem;margin:1.3rem 0 .3rem;color:var(--soft)}"
        "p{margin:.3rem 0;max-width:50rem}.soft{color:var(--soft);font-size:.875rem}"
        ".warn{background:var(--card);border-left:.3rem solid var(--late);padding:.6rem .9rem}"
        "table{width:100%;border-collapse:collapse;background:var(--card);font-size:.9375rem}"
        "th,td{text-align:start;vertical-align:top;padding:.45rem .6rem;border:1px solid var(--line)}th{font-size:.8125rem;color:var(--soft)}"
        ".time{white-space:nowrap;font-variant-numeric:tabular-nums;width:1%}"
        "ol{list-style:none;margin:0;padding:0}"
        "li{display:grid;grid-template-columns:11rem 6rem minmax(0,1fr);gap:0 .8rem;padding:.4rem .6rem;background:var(--card);border:1px solid var(--line);"
        "border-inline-start:.3rem solid var(--line);margin-top:-1px}"
        ".l2,.due{border-inline-start-color:var(--due)}.l3,.l4,.late{border-inline-start-color:var(--late)}.moment{border-inline-start-color:var(--moment)}"
        ".bell{border-inline-start-color:var(--bell)}"
        ".late .what,.over{color:var(--late);font-weight:600}.over span{font-weight:400}"
        "time{font-variant-numeric:tabular-nums}td small,li>time small{display:block;color:var(--soft)}small{color:var(--soft)}"
        "details{margin-top:.6rem}summary{cursor:pointer;padding:.3rem 0}.state{min-width:6rem}"
        ".kind{color:var(--soft);font-size:.875rem}.more,.ref{display:block;color:var(--soft);font-size:.875rem}"
        ".ref{font-family:ui-monospace,monospace;font-size:.75rem}"
        "@media(max-width:44rem){li{grid-template-columns:1fr}table,tbody,tr,td,th{display:block}thead{display:none}.time{width:auto}"
        "table{background:none}tr{background:var(--card);border:1px solid var(--line);margin-bottom:.6rem;padding:.35rem 0}td{border:0;padding:.1rem .7rem}"
        "td:first-child{font-weight:600}}"
        "@media print{:root{--bg:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#bbb}body{font-size:9.5pt}li,tr{break-inside:avoid}h2,h3{break-after:avoid}}";

static void put(struct strbuf *out, struct str text)
{
        strbuf_addz(out, "<bdi>");
        text_html(out, text, TEXT_TERMINAL, TEXT_MAX);
        strbuf_addz(out, "</bdi>");
}

static void put_class(struct strbuf *out, const char *tag, const char *class, struct str text)
{
        if (text.n == 0)
                return;
        strbuf_addf(out, "<%s class=\"%s\">", tag, class);
        put(out, text);
        strbuf_addf(out, "</%s>", tag);
}

/* Where it counts, and UTC below it. */
static void put_time(const struct packing *p, usec t, struct strbuf *out)
{
        char utc[TIME_ISO_BYTES], there[ZONE_TEXT_BYTES];

        pack_utc(t, utc);
        zone_format(p->zone, t, there);
        strbuf_addf(out, "<time datetime=\"%s\">%s <small>%s</small></time>", utc, there, utc);
}

static void put_cell(struct strbuf *out, struct str text)
{
        strbuf_addz(out, "<td>");
        put(out, text);
        strbuf_addz(out, "</td>");
}

/* What somebody wrote, perhaps without a blank for a long way. */
static void put_long(struct strbuf *out, struct str text)
{
        strbuf_addz(out, "<td class=\"long\">");
        put(out, text);
        strbuf_addz(out, "</td>");
}

static void put_heads(struct strbuf *out, const char *const *titles, size_t n)
{
        strbuf_addz(out, "<table><thead><tr>");
        for (size_t i = 0; i < n; i++)
                strbuf_addf(out, "<th>%s</th>", titles[i]);
        strbuf_addz(out, "</tr></thead><tbody>");
}

/* ---- Sections ---- */

static void put_top(const struct packing *p, struct strbuf *out)
{
        strbuf_addf(out, "<h1>Case %lld: ", (long long)p->case_id);
        put(out, p->file.title.p ? p->file.title : STR("(title kept under pseudonyms)"));
        strbuf_addz(out, "</h1><p>Opened ");
        put_time(p, p->file.opened_at, out);
        if (p->file.closed_at != USEC_NONE) {
                strbuf_addz(out, ", closed ");
                put_time(p, p->file.closed_at, out);
        }
        strbuf_addz(out, "</p><p class=\"soft\">This page was made ");
        put_time(p, p->now, out);
        strbuf_addf(out, ". %zu alert%s, %zu record%s. Times are those of %s, with UTC below.</p>", p->n_alerts, p->n_alerts == 1 ? "" : "s", p->n_records,
                    p->n_records == 1 ? "" : "s", zone_name(p->zone));
        strbuf_addz(out, "<p class=\"warn\">This is no legal advice. What counts is in the files beside this page; README.txt says how they are checked.");
        if (p->q->secret)
                strbuf_addz(out, " <strong>Names are in the clear here.</strong>");
        else if (p->n_sealed > 0)
                strbuf_addz(out, " Names that the shop keeps under pseudonyms (p:…) stay so here.");
        if (!p->file.is_reviewed)
                strbuf_addz(out, " Numbers are as far as they are known: nobody has closed the review yet.");
        strbuf_addz(out, "</p>");
}

static void put_marks(const struct packing *p, struct strbuf *out)
{
        static const char *const titles[] = { "Event", "When", "Zone it was told in", "Said by", "Because" };

        if (p->file.n_marks == 0)
                return;
        strbuf_addz(out, "<h2>Moments that clocks count from</h2>");
        put_heads(out, titles, ARRAY_LEN(titles));
        for (size_t i = 0; i < p->file.n_marks; i++) {
                const struct case_mark *m = &p->file.marks[i];

                strbuf_addz(out, "<tr><td>");
                if (m->event == _EVENT_MAX)
                        put(out, m->duty);
                else
                        put(out, str_of(case_event_name(m->event)));
                if (m->regime.n > 0)
                        put_class(out, "span", "more", m->regime);
                strbuf_addz(out, "</td><td class=\"time\">");
                put_time(p, m->at, out);
                strbuf_addz(out, "</td>");
                put_cell(out, m->zone);
                put_cell(out, m->entry ? m->entry->by.n > 0 ? m->entry->by : m->entry->who.user : STR(""));
                put_long(out, m->entry ? m->entry->because : STR(""));
                strbuf_addz(out, "</tr>");
        }
        strbuf_addz(out, "</tbody></table>");
}

static void put_deadline(const struct packing *p, const struct deadline *d, struct strbuf *out)
{
        bool is_late = d->state == DEADLINE_OVER || d->state == DEADLINE_DONE_LATE;

        strbuf_addz(out, "<tr><td class=\"time\">");
        if (d->due == USEC_NONE)
                put(out, d->duty->within);
        else
                put_time(p, d->due, out);
        strbuf_addf(out, "</td><td class=\"state%s\">", is_late ? " over" : "");
        put(out, str_of(deadline_state_name(d->state)));
        strbuf_addz(out, "</td>");
        put_cell(out, d->duty->title);
        strbuf_addz(out, "<td>");
        put(out, d->regime->title);
        put_class(out, "span", "more", d->duty->law.n > 0 ? d->duty->law : d->regime->law);
        strbuf_addz(out, "</td>");
        put_long(out, d->why);
        strbuf_addz(out, "</tr>");
}

/* Those of which it is known that they apply, then the others, folded up. */
static void put_deadlines(const struct packing *p, struct strbuf *out)
{
        static const char *const titles[] = { "Due", "State", "What", "By", "Why" };
        static const enum truth kinds[] = { TRUTH_YES, TRUTH_UNKNOWN };

        if (p->n_deadlines == 0)
                return;
        strbuf_addz(out, "<h2>Clocks, as of this page</h2>");
        for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
                size_t n = 0;

                for (size_t i = 0; i < p->n_deadlines; i++)
                        n += p->deadlines[i].applies == kinds[k];
                if (n == 0)
                        continue;
                if (kinds[k] == TRUTH_UNKNOWN)
                        strbuf_addf(out, "<details><summary>%zu more, of which it is not known whether they apply</summary>", n);
                put_heads(out, titles, ARRAY_LEN(titles));
                for (size_t i = 0; i < p->n_deadlines; i++)
                        if (p->deadlines[i].applies == kinds[k])
                                put_deadline(p, &p->deadlines[i], out);
                strbuf_addz(out, kinds[k] == TRUTH_UNKNOWN ? "</tbody></table></details>" : "</tbody></table>");
        }
}

static void put_values(const struct packing *p, struct strbuf *out)
{
        static const char *const titles[] = { "No.", "What", "Value", "How sure", "Said by" };
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;

        if (p->file.n_values == 0)
                return;
        strbuf_addz(out, "<h2>What is known</h2>");
        put_heads(out, titles, ARRAY_LEN(titles));
        for (size_t i = 0; i < p->file.n_values; i++) {
                const struct case_value *v = &p->file.values[i];

                strbuf_addz(out, "<tr>");
                put_cell(out, str_of(v->field->number));
                strbuf_addz(out, "<td>");
                put(out, str_of(v->field->title));
                put_class(out, "span", "more", v->part);
                strbuf_addz(out, "</td>");
                strbuf_clear(&text);
                pack_value_text(v->field, v->value, &text);
                put_long(out, v->value.p ? strbuf_str(&text) : STR("(kept under pseudonyms)"));
                put_cell(out, v->status == _FIELD_STATUS_MAX ? STR("") : str_of(field_status_name(v->status)));
                put_cell(out, v->entry ? v->entry->by.n > 0 ? v->entry->by : v->entry->who.user : STR(""));
                strbuf_addz(out, "</tr>");
        }
        strbuf_addz(out, "</tbody></table>");
        out->failed |= strbuf_failed(&text);
}

/* "Tue 17 Nov 2026 16:00 KST" of zone_format(): where the time of day begins. */
static size_t day_length(const char *text)
{
        size_t n = 0, blanks = 0;

        while (text[n] && blanks < 4)
                blanks += text[n++] == ' ';
        return n;
}

/* `n` that follow each other and say the same, the last of them at `until`. The day stands above. */
static void put_event(const struct packing *p, const struct pack_event *e, size_t n, usec until, struct strbuf *out)
{
        char utc[TIME_ISO_BYTES], there[ZONE_TEXT_BYTES];

        pack_utc(e->at, utc);
        zone_format(p->zone, e->at, there);
        strbuf_addf(out, "<li class=\"%s %s\"><time datetime=\"%s\">%s <small>%s</small></time>", e->kind, e->mark ? e->mark : "", utc,
                    there + day_length(there), utc);
        strbuf_addf(out, "<span class=\"kind\">%s</span><div>", e->kind);
        if (e->who.n > 0) {
                strbuf_addz(out, "<b>");
                put(out, e->who);
                strbuf_addz(out, "</b> ");
        }
        put_class(out, "span", "what", e->what);
        put_class(out, "span", "more", e->more);
        if (n > 1) {
                strbuf_addf(out, "<span class=\"more\">%zu times like this, the last ", n);
                put_time(p, until, out);
                strbuf_addz(out, "; timeline.csv has each</span>");
        } else {
                put_class(out, "span", "ref", e->ref);
        }
        strbuf_addz(out, "</div></li>\n");
}

static bool is_act(const struct pack_event *e)
{
        return strcmp(e->kind, "act") == 0;
}

static bool is_same(const struct packing *p, const struct pack_event *a, const struct pack_event *b)
{
        return is_act(a) && is_act(b) && str_eq(a->who, b->who) && str_eq(a->what, b->what) && str_eq(a->more, b->more) &&
               zone_day(p->zone, a->at) == zone_day(p->zone, b->at);
}

/* How many events from `i` on are acts that say the same on the same day: failed logins come by the dozen. */
static size_t alike(const struct packing *p, size_t i)
{
        size_t n = 1;

        while (i + n < p->n_events && is_same(p, &p->events[i], &p->events[i + n]))
                n++;
        return n;
}

/* Of too many, records go before what people or shopbell said. */
static void put_events(const struct packing *p, struct strbuf *out)
{
        size_t room[2] = { PACK_PAGE_EVENTS_MAX, PACK_PAGE_EVENTS_MAX }; /* for acts, and for others */
        size_t left = 0, n;
        int64_t day = INT64_MIN;

        for (size_t i = 0; i < p->n_events; i++)
                room[0] -= !is_act(&p->events[i]) && room[0] > 0;
        strbuf_addz(out, "<h2>Time line</h2><p class=\"soft\">act: what a record says was done; alert: what shopbell told of it; bell: when it rang and "
                         "what came of it; moment: when something was, as people say; case: when that was said; deadline: when it was due.</p>");
        for (size_t i = 0; i < p->n_events; i += n) {
                const struct pack_event *e = &p->events[i];
                size_t *of = &room[!is_act(e)];

                n = alike(p, i);
                if (*of == 0) {
                        left += n;
                        continue;
                }
                --*of;
                if (zone_day(p->zone, e->at) != day) {
                        char text[ZONE_TEXT_BYTES];

                        strbuf_addz(out, day == INT64_MIN ? "" : "</ol>");
                        day = zone_day(p->zone, e->at);
                        zone_format(p->zone, e->at, text);
                        strbuf_addf(out, "<h3>%.*s</h3><ol>\n", (int)day_length(text), text);
                }
                put_event(p, e, n, p->events[i + n - 1].at, out);
        }
        strbuf_addz(out, day == INT64_MIN ? "<p>Nothing yet.</p>" : "</ol>");
        if (left > 0)
                strbuf_addf(out, "<p>%zu more are in timeline.csv.</p>", left);
}

int pack_page(struct packing *p)
{
        static void (*const sections[])(const struct packing *p, struct strbuf *out) = { put_top, put_marks, put_deadlines, put_values, put_events };
        CLEANUP(strbuf_done) struct strbuf out = STRBUF_INIT;

        strbuf_addz(&out, "<!DOCTYPE html>\n<html lang=\"en\" dir=\"ltr\"><head><meta charset=\"utf-8\">"
                          "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
                          "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><meta name=\"referrer\" content=\"no-referrer\">");
        strbuf_addf(&out, "<title>Case %lld</title><style>%s</style></head><body><main>\n", (long long)p->case_id, style);
        for (size_t i = 0; i < ARRAY_LEN(sections); i++)
                sections[i](p, &out);
        strbuf_addf(&out, "</main><footer class=\"soft\">shopbell %s. No legal advice.</footer></body></html>\n", p->q->version);
        return strbuf_failed(&out) ? -ENOMEM : p->emit(p, STR("index.html"), strbuf_str(&out));
}
