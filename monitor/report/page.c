/* SPDX-License-Identifier: Apache-2.0 */

/* The page as a whole, and what its sections share. */

#include "monitor/report/page.h"

#include <stdio.h>

#include "monitor/report/html.h"
#include "monitor/report/page_css.h"
#include "monitor/report/page_write.h"
#include "monitor/report/when.h"

/* ---- What needs the owner ---- */

size_t page_findings_urgent(const struct page *p)
{
        size_t n = 0;

        while (n < p->posture->n && p->posture->items[n].level >= LEVEL_HIGH) /* the worst come first */
                n++;
        return n;
}

size_t page_sources_quiet(const struct page *p)
{
        size_t n = 0;

        for (size_t i = 0; i < p->n_sources; i++)
                n += p->sources[i].is_quiet;
        return n;
}

size_t page_needs(const struct page *p, size_t *ret_critical)
{
        size_t n = page_findings_urgent(p), critical = (size_t)p->n_waiting[LEVEL_CRITICAL];

        for (size_t i = 0; i < n; i++)
                critical += p->posture->items[i].level == LEVEL_CRITICAL;
        for (size_t i = 0; i < _LEVEL_MAX; i++)
                n += (size_t)p->n_waiting[i];
        if (ret_critical)
                *ret_critical = critical;
        return n;
}

bool page_is_empty(const struct page *p)
{
        return p->oldest == USEC_NONE && p->n_sources == 0;
}

void page_headline(const struct page *p, struct strbuf *out)
{
        size_t critical, n = page_needs(p, &critical), quiet = page_sources_quiet(p);

        if (n == 0)
                strbuf_addz(out, page_is_empty(p) ? "Nothing is known yet" : "Nothing needs you");
        else
                strbuf_addf(out, "%zu thing%s you", n, n == 1 ? " needs" : "s need");
        if (n == 1 && critical == 1)
                strbuf_addz(out, ", and it is critical");
        else if (critical > 0)
                strbuf_addf(out, ", %zu of them critical", critical);
        if (n == 0 && quiet > 0)
                strbuf_addf(out, ", but %zu log%s quiet", quiet, quiet == 1 ? " is" : "s are");
        strbuf_addc(out, '.');
}

void page_period(const struct page *p, struct strbuf *out)
{
        char from[WHEN_BYTES], to[WHEN_BYTES];
        size_t n;

        if (page_is_empty(p) && p->is_of_logs) { /* its end is not known either */
                strbuf_addz(out, "no record");
                return;
        }
        when_date(p->since, from);
        when_date(p->until - 1, to);
        n = strlen(from) > 5 ? strlen(from) - 5 : 0;
        if (strlen(to) > 5 && strcmp(from + n, to + strlen(to) - 5) == 0)
                from[n] = '\0'; /* the same year is said once */
        strbuf_addf(out, "%s to %s", from, to);
}

const struct page_source *page_source_of(const struct page *p, struct str name)
{
        for (size_t i = 0; i < p->n_sources; i++)
                if (str_eq(p->sources[i].name, name))
                        return &p->sources[i];
        return NULL;
}

/* ---- Shared ---- */

struct str page_title_of(const struct page *p, struct str source)
{
        const struct page_source *s = page_source_of(p, source);

        return s ? s->title : source;
}

const char *page_level_class(enum level level)
{
        static const char *const classes[_LEVEL_MAX] = { "c0", "c1", "c2", "c3", "c4" };

        return classes[level];
}

void page_put_level(struct strbuf *out, enum level level)
{
        strbuf_addf(out, "<span class=\"level %s\">%s</span>", page_level_class(level), level_name(level));
}

void page_put_more(const struct page *p, struct strbuf *out, size_t shown, size_t all, const char *command)
{
        if (all <= shown)
                return;
        strbuf_addf(out, "<p class=\"more\">and %zu more", all - shown);
        if (!p->is_of_logs && command)
                strbuf_addf(out, ": <code>%s</code>", command);
        strbuf_addz(out, "</p>\n");
}

void page_put_note(struct strbuf *out, const char *fmt, ...)
{
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        va_list ap;

        va_start(ap, fmt);
        strbuf_vaddf(&text, fmt, ap);
        va_end(ap);
        strbuf_addz(out, "<p class=\"note\">");
        html_prose(out, strbuf_str(&text), 0);
        strbuf_addz(out, "</p>\n");
        out->failed |= strbuf_failed(&text);
}

void page_put_number(struct strbuf *out, uint64_t n)
{
        char digits[24];
        int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)n);

        for (int i = 0; i < len; i++) {
                if (i > 0 && (len - i) % 3 == 0)
                        strbuf_addc(out, ',');
                strbuf_addc(out, digits[i]);
        }
}

void page_put_bytes(struct strbuf *out, uint64_t n)
{
        static const char *const units[] = { "bytes", "KB", "MB", "GB", "TB", "PB" };
        double value = (double)n;
        size_t unit = 0;

        while (value >= 1000 && unit + 1 < ARRAY_LEN(units)) {
                value /= 1000;
                unit++;
        }
        strbuf_addf(out, "%.*f %s", unit > 0 && value < 99.95 ? 1 : 0, value, units[unit]);
}

/* The roles say again what the elements say: they lose their meaning where the style shows them as blocks. */
void page_begin_table(struct strbuf *out, const char *class, const char *caption, const struct str *columns, size_t n)
{
        strbuf_addf(out, "<table class=\"%s\" role=\"table\"><caption>%s</caption>\n<thead role=\"rowgroup\"><tr role=\"row\">", class, caption);
        for (size_t i = 0; i < n; i++) {
                strbuf_addz(out, "<th scope=\"col\" role=\"columnheader\">");
                html_text(out, columns[i], PAGE_NAME_MAX);
                strbuf_addz(out, "</th>");
        }
        strbuf_addz(out, "</tr></thead>\n<tbody role=\"rowgroup\">\n");
}

void page_begin_cell(struct strbuf *out, struct str label, const char *class)
{
        strbuf_addf(out, "<td role=\"cell\"%s%s%s data-label=\"", class ? " class=\"" : "", class ? class : "", class ? "\"" : "");
        html_text(out, label, PAGE_NAME_MAX);
        strbuf_addz(out, "\">");
}

/* ---- Sections ---- */

static size_t count_open(const struct page *p)
{
        return p->n_open_all;
}

static size_t count_exports(const struct page *p)
{
        return p->n_exports_all;
}

static size_t count_events(const struct page *p)
{
        return p->n_events_all;
}

static size_t count_people(const struct page *p)
{
        size_t n = 0;

        for (size_t i = 0; i < p->accounts->n; i++)
                n += i == 0 || !str_eq(p->accounts->items[i].who, p->accounts->items[i - 1].who);
        return n;
}

static size_t count_sources(const struct page *p)
{
        return p->n_sources;
}

/* `count` and its words: a tile at the top that leads there; NULL: none. Of these, when there are any, the tile counts those of `urgent`,
 * with its word before. */
static const struct {
        const char *id, *title;
        size_t (*count)(const struct page *p);
        const char *one, *many;
        void (*write)(const struct page *p, struct strbuf *out);
        size_t (*urgent)(const struct page *p);
        const char *urgent_word;
} sections[] = {
        { "alerts", "Open alerts", count_open, "open alert", "open alerts", page_write_alerts, NULL, NULL },
        { "posture", "To put right", page_findings_urgent, "urgent thing to put right", "urgent things to put right", page_write_posture, NULL, NULL },
        { "exports", "Data that left", count_exports, "export that raised an alert", "exports that raised alerts", page_write_exports, NULL, NULL },
        { "happened", "What happened", count_events, "alert rang", "alerts rang", page_write_happened, NULL, NULL },
        { "reach", "Who can reach what", count_people, "person or service", "people and services", page_write_reach, NULL, NULL },
        { "sources", "Are the logs still coming?", count_sources, "log", "logs", page_write_sources, page_sources_quiet, "quiet " },
        { "made", "How this page was made", NULL, NULL, NULL, page_write_made, NULL, NULL },
};

static void write_head(const struct page *p, struct strbuf *out)
{
        strbuf_addz(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
                         "form-action 'none'\">\n"
                         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                         "<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n"
                         "<meta name=\"robots\" content=\"noindex\">\n<title>Shop report, ");
        page_period(p, out);
        strbuf_addz(out, "</title>\n<style>\n");
        strbuf_addz(out, page_css);
        strbuf_addz(out, "</style>\n</head>\n<body>\n");
}

/* The worst thing, in one sentence. */
static void write_lead(const struct page *p, struct strbuf *out)
{
        struct str worst = p->n_open > 0 ? p->open[0].sentence : p->posture->n > 0 ? p->posture->items[0].sentence : STR_NONE;

        if (page_is_empty(p)) {
                strbuf_addz(out, "<p class=\"lead\">No record of any log that shopbell knows has been read, so nothing can be said.</p>\n");
        } else if (page_needs(p, NULL) == 0) {
                strbuf_addf(out, "<p class=\"lead\">No alert waits, and no door stands open that the logs show%s.</p>\n",
                            page_sources_quiet(p) > 0 ? "; what the quiet ones would say is not known" : "");
        } else if (worst.n > 0) {
                strbuf_addz(out, "<p class=\"lead\">Begin here: ");
                html_text(out, worst, PAGE_TEXT_MAX);
                strbuf_addz(out, "</p>\n");
        }
}

static void write_top(const struct page *p, struct strbuf *out)
{
        bool is_calm = page_needs(p, NULL) == 0 && page_sources_quiet(p) == 0 && !page_is_empty(p);

        strbuf_addf(out, "<header class=\"top %s\">\n<p class=\"brand\">", is_calm ? "calm" : "needed");
        strbuf_addz(out, "<svg viewBox=\"0 0 24 24\" aria-hidden=\"true\"><path d=\"M12 2.5a1.6 1.6 0 0 0-1.6 1.6v.6A6.2 6.2 0 0 0 5.8 10.7V15L4 "
                         "17.4v.9h16v-.9L18.2 15v-4.3a6.2 6.2 0 0 0-4.6-6v-.6A1.6 1.6 0 0 0 12 2.5zM9.8 19.6a2.2 2.2 0 0 0 4.4 0z\"/></svg>"
                         "shopbell <span>");
        page_period(p, out);
        strbuf_addz(out, "</span></p>\n<h1>");
        page_headline(p, out);
        strbuf_addz(out, "</h1>\n");
        write_lead(p, out);
        strbuf_addz(out, "<nav aria-label=\"On this page\"><ul>\n");
        for (size_t i = 0; i < ARRAY_LEN(sections); i++) {
                size_t urgent = sections[i].urgent ? sections[i].urgent(p) : 0;
                size_t count = urgent > 0 ? urgent : sections[i].count ? sections[i].count(p) : 0;

                if (sections[i].count)
                        strbuf_addf(out, "<li><a href=\"#%s\"><b>%zu</b> %s%s</a></li>\n", sections[i].id, count,
                                    urgent > 0 ? sections[i].urgent_word : "", count == 1 ? sections[i].one : sections[i].many);
        }
        strbuf_addz(out, "</ul></nav>\n</header>\n");
}

void page_html(const struct page *p, struct strbuf *out)
{
        write_head(p, out);
        write_top(p, out);
        strbuf_addz(out, "<main>\n");
        for (size_t i = 0; i < ARRAY_LEN(sections); i++) {
                strbuf_addf(out, "<section id=\"%s\" aria-labelledby=\"%s-title\">\n<h2 id=\"%s-title\">%s</h2>\n", sections[i].id, sections[i].id,
                            sections[i].id, sections[i].title);
                sections[i].write(p, out);
                strbuf_addz(out, "</section>\n");
        }
        strbuf_addf(out, "</main>\n<footer><p>shopbell %s. This page stands for itself: nothing in it is fetched, nothing is sent. It names people and "
                         "what they did: keep it where you keep your books.</p></footer>\n</body>\n</html>\n",
                    p->version);
}
