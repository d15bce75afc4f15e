/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/agent/page.h"

#include <string.h>

#include "monitor/base/utf8.h"

static const char head[] =
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>shopbell</title>\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<style>\n"
        ":root { color-scheme: light dark }\n"
        "body { font: 1rem/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem }\n"
        "article { border-left: .3rem solid #888; padding: .1rem 1rem; margin: 1.5rem 0 }\n"
        ".critical { border-color: #c00 } .high { border-color: #d60 } .medium { border-color: #b90 }\n"
        "h2 { font-size: 1.2rem; margin: .5rem 0 } p, ol { margin: .5rem 0 } .small { opacity: .75 } code { overflow-wrap: anywhere }\n"
        "</style></head><body>\n<h1>What rang</h1>\n";

static void add_element(struct strbuf *html, const char *before, const char *text, const char *behind)
{
        strbuf_addz(html, before);
        text_html(html, str_of(text), TEXT_TERMINAL, 0);
        strbuf_addz(html, behind);
}

static void add_steps(struct strbuf *html, const char *playbook)
{
        struct str rest = str_of(playbook), line;

        if (!*playbook)
                return;
        strbuf_addz(html, "<p>What to do:</p>\n<ol>\n");
        while (str_cut(&rest, '\n', &line)) {
                strbuf_addz(html, "<li>");
                text_html(html, line, TEXT_TERMINAL, 0);
                strbuf_addz(html, "</li>\n");
        }
        strbuf_addz(html, "</ol>\n");
}

void page_begin(struct strbuf *html)
{
        strbuf_addz(html, head);
}

void page_add(struct strbuf *html, const struct page_alert *a)
{
        add_element(html, "<article class=\"", a->level, "\">\n");
        add_element(html, "<h2>", a->sentence, "</h2>\n");
        add_element(html, "<p class=\"small\">", a->level, ", ");
        add_element(html, "", a->first_seen, "");
        if (strcmp(a->first_seen, a->last_seen) != 0)
                add_element(html, " to ", a->last_seen, "");
        add_element(html, ", ", a->count, strcmp(a->count, "1") == 0 ? " time" : " times");
        add_element(html, "<br>Rule: ", a->rule, "</p>\n");
        if (*a->why)
                add_element(html, "<p>Why: ", a->why, "</p>\n");
        add_steps(html, a->playbook);
        if (*a->answer)
                add_element(html, "<p>Answered: ", a->answer, "</p>\n");
        add_element(html, "<p class=\"small\">In a terminal: <code>shopbell show ", a->id, "</code>, <code>shopbell answer ");
        add_element(html, "", a->id, " me</code> or <code>not-me</code></p>\n</article>\n");
}

void page_end(struct strbuf *html)
{
        strbuf_addz(html, "</body></html>\n");
}
