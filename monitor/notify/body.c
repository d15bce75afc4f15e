/* SPDX-License-Identifier: Apache-2.0 */

/* The bodies for people, and the one argument of a command. Every text of an alert goes through add_safe() first. */

#include <string.h>

#include "monitor/base/utf8.h"
#include "monitor/notify/notice.h"

enum { SHORT_ID_DIGITS = 12 }; /* enough for `shopbell show` */

static const char *const colours[_LEVEL_MAX] = { "#5f6b7a", "#2f6f4f", "#8a6100", "#b3400e", "#a3001b" };

/* ---- Text ---- */

static void add_line(struct strbuf *out, const char *title, struct str text, size_t max)
{
        if (text.n == 0)
                return;
        strbuf_addf(out, "%s: ", title);
        text_display(out, text, TEXT_TERMINAL, max);
        strbuf_addc(out, '\n');
}

static void add_times(struct strbuf *out, const struct notice_alert *a)
{
        char first[TIME_ISO_BYTES], last[TIME_ISO_BYTES];

        time_format_local(a->first - a->first % USEC_PER_SEC, first);
        time_format_local(a->last - a->last % USEC_PER_SEC, last);
        strbuf_addf(out, "When: %s", first);
        if (strcmp(first, last) != 0)
                strbuf_addf(out, " to %s", last);
        strbuf_addf(out, ", %llu record%s\n", (unsigned long long)a->count, a->count == 1 ? "" : "s");
}

static void add_steps(struct strbuf *out, struct str playbook)
{
        CLEANUP(strbuf_done) struct strbuf safe = STRBUF_INIT;
        struct str rest, step;
        unsigned n = 0;

        if (playbook.n == 0)
                return;
        text_display(&safe, playbook, TEXT_BLOCK, NOTICE_PLAYBOOK_MAX);
        strbuf_addz(out, "\nWhat to do:\n");
        rest = strbuf_str(&safe);
        while (str_cut(&rest, '\n', &step))
                if (str_trim(step).n > 0)
                        strbuf_addf(out, "  %u. " STR_FMT "\n", ++n, STR_ARG(str_trim(step)));
        out->failed |= strbuf_failed(&safe);
}

static void add_single(struct strbuf *out, const struct notice_alert *a)
{
        CLEANUP(strbuf_done) struct strbuf why = STRBUF_INIT;
        char hex[HASH128_HEX_BYTES];

        hash128_hex(&a->id, hex);
        strbuf_addc(out, '\n');
        if (a->why.n > 0) {
                strbuf_addz(out, "Why: ");
                text_display(out, a->why, TEXT_BLOCK, NOTICE_WHY_MAX);
                strbuf_addc(out, '\n');
        }
        add_line(out, "Who", a->person, NOTICE_NAME_MAX);
        add_times(out, a);
        add_line(out, "Log", a->source, NOTICE_NAME_MAX);
        add_line(out, "Rule", a->rule, NOTICE_NAME_MAX);
        add_steps(out, a->playbook);
        strbuf_addf(out, "\nshopbell show %.*s\nshopbell answer %.*s me       (it was you)\nshopbell answer %.*s not-me   (it was not)\n",
                    SHORT_ID_DIGITS, hex, SHORT_ID_DIGITS, hex, SHORT_ID_DIGITS, hex);
}

static void add_many(struct strbuf *out, const struct notice *n)
{
        strbuf_addc(out, '\n');
        for (size_t i = 0; i < n->n; i++) {
                char hex[HASH128_HEX_BYTES];

                hash128_hex(&n->alerts[i].id, hex);
                strbuf_addf(out, "- %s: ", level_name(n->alerts[i].level));
                text_display(out, n->alerts[i].sentence, TEXT_TERMINAL, NOTICE_SENTENCE_MAX);
                strbuf_addf(out, " (%.*s)\n", SHORT_ID_DIGITS, hex);
        }
        if (n->n_all > n->n)
                strbuf_addf(out, "- and %llu more\n", (unsigned long long)(n->n_all - n->n));
        strbuf_addz(out, "\nshopbell alerts --worst-first\n");
}

void notice_text(const struct notice *n, struct strbuf *out)
{
        notice_headline(n, 0, out);
        strbuf_addc(out, '\n');
        if (n->n_all > 1)
                add_many(out, n);
        else if (n->n == 1)
                add_single(out, &n->alerts[0]);
        strbuf_addf(out, "\nshopbell on " STR_FMT "\n", STR_ARG(n->host));
}

/* ---- HTML ---- */

/* The lines of the plain text, but for the first. */
static void add_rest(struct strbuf *out, const struct notice *n)
{
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        struct str rest, line;

        notice_text(n, &text);
        rest = strbuf_str(&text);
        str_cut(&rest, '\n', &line);
        strbuf_addz(out, "<pre style=\"font:14px/1.5 sans-serif;white-space:pre-wrap;overflow-wrap:anywhere;margin:0\">");
        text_html(out, rest, TEXT_BLOCK, 0);
        strbuf_addz(out, "</pre>");
        out->failed |= strbuf_failed(&text);
}

void notice_html(const struct notice *n, struct strbuf *out)
{
        CLEANUP(strbuf_done) struct strbuf headline = STRBUF_INIT;

        notice_headline(n, 0, &headline);
        strbuf_addz(out, "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>shopbell</title></head>\n"
                         "<body style=\"margin:0;padding:16px;background:#ffffff;color:#1b1f24\">\n");
        strbuf_addf(out, "<p style=\"font:bold 18px/1.4 sans-serif;margin:0 0 12px;padding-left:12px;border-left:6px solid %s\">",
                    colours[notice_level(n)]);
        text_html(out, strbuf_str(&headline), TEXT_TERMINAL, 0);
        strbuf_addz(out, "</p>\n");
        add_rest(out, n);
        strbuf_addz(out, "\n</body></html>\n");
        out->failed |= strbuf_failed(&headline);
}

/* ---- A command's argument ---- */

static void add_value(const struct notice *n, struct str name, struct strbuf *out)
{
        const struct notice_alert none = { .sentence = STR("A test of this channel"), .why = STR(""), .person = STR(""), .rule = STR("") };
        const struct notice_alert *a = n->n > 0 ? &n->alerts[0] : &none;
        char hex[HASH128_HEX_BYTES] = "";

        if (n->n > 0)
                hash128_hex(&a->id, hex);
        if (str_eq(name, STR("level")))
                strbuf_addz(out, level_name(notice_level(n)));
        else if (str_eq(name, STR("sentence")))
                notice_headline(n, NOTICE_SENTENCE_MAX, out);
        else if (str_eq(name, STR("alert")))
                strbuf_addz(out, hex);
        else if (str_eq(name, STR("person")))
                text_display(out, a->person, TEXT_TERMINAL, NOTICE_NAME_MAX);
        else if (str_eq(name, STR("rule")))
                text_display(out, a->rule, TEXT_TERMINAL, NOTICE_NAME_MAX);
        else if (str_eq(name, STR("why")))
                text_display(out, a->why, TEXT_TERMINAL, NOTICE_WHY_MAX);
        else if (str_eq(name, STR("reason")))
                strbuf_addz(out, notice_reason_name(n->reason));
        else if (str_eq(name, STR("count")))
                strbuf_addf(out, "%llu", (unsigned long long)n->n_all);
        else if (str_eq(name, STR("key")))
                strbuf_add(out, n->key);
        else
                strbuf_addf(out, "{" STR_FMT "}", STR_ARG(name));
}

void notice_argument(const struct notice *n, const char *pattern, struct strbuf *out)
{
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        struct str rest = str_of(pattern);

        while (rest.n > 0) {
                size_t open = str_find(rest, STR("{"));
                size_t close = open == SIZE_MAX ? SIZE_MAX : str_find(str_from(rest.p + open, rest.n - open), STR("}"));

                if (close == SIZE_MAX)
                        break;
                strbuf_add(&text, str_from(rest.p, open));
                add_value(n, str_from(rest.p + open + 1, close - 1), &text);
                rest = str_from(rest.p + open + close + 1, rest.n - open - close - 1);
        }
        strbuf_add(&text, rest);
        if (text.n > 0 && text.p[0] == '-' && pattern[0] != '-')
                strbuf_addc(out, ' ');
        strbuf_add(out, strbuf_str(&text));
        out->failed |= strbuf_failed(&text);
}
