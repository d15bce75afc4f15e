/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/report/html.h"

#include "monitor/base/utf8.h"

void html_text(struct strbuf *out, struct str text, size_t max)
{
        text_html(out, text, TEXT_TERMINAL, max);
}

void html_prose(struct strbuf *out, struct str text, size_t max)
{
        CLEANUP(strbuf_done) struct strbuf cut = STRBUF_INIT;
        struct str rest, part;

        text_display(&cut, text, TEXT_TERMINAL, max);
        rest = strbuf_str(&cut);
        for (bool is_code = false; str_cut(&rest, '`', &part); is_code = !is_code) {
                bool is_closed = is_code && rest.p;

                strbuf_addz(out, is_closed ? "<code>" : is_code ? "`" : "");
                html_text(out, part, 0);
                strbuf_addz(out, is_closed ? "</code>" : "");
        }
        out->failed |= strbuf_failed(&cut);
}

void html_textz(struct strbuf *out, const char *text)
{
        html_text(out, str_of(text), 0);
}

void html_element(struct strbuf *out, const char *tag, const char *class, struct str text, size_t max)
{
        strbuf_addf(out, "<%s%s%s%s>", tag, class ? " class=\"" : "", class ? class : "", class ? "\"" : "");
        html_text(out, text, max);
        strbuf_addf(out, "</%s>", tag);
}
