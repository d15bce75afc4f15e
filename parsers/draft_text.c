/* SPDX-License-Identifier: Apache-2.0 */

#include "parsers/draft_text.h"

#include "monitor/base/utf8.h"

/* A word that YAML can take for nothing but text. */
static bool is_plain(struct str s)
{
        static const char *const words[] = { "true", "false", "yes", "no", "on", "off", "null", "y", "n", NULL };

        if (s.n == 0 || s.n > 200 || !((s.p[0] >= 'a' && s.p[0] <= 'z') || (s.p[0] >= 'A' && s.p[0] <= 'Z') || s.p[0] == '_'))
                return false;
        for (size_t i = 0; i < s.n; i++) {
                char c = s.p[i];

                if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c && strchr("_-./@()", c)) ||
                      (c == ' ' && i + 1 < s.n && s.p[i + 1] != ' ')))
                        return false;
        }
        for (size_t i = 0; words[i]; i++)
                if (str_eq_nocase(s, str_of(words[i])))
                        return false;
        return true;
}

static bool is_printable(uint32_t c)
{
        return c < 0xd800 && c != 0xad && !utf8_is_harmful(c);
}

static void add_escape(struct strbuf *out, uint32_t c)
{
        if (c == '"' || c == '\\')
                strbuf_addf(out, "\\%c", (char)c);
        else if (c == '\n')
                strbuf_addz(out, "\\n");
        else if (c == '\t')
                strbuf_addz(out, "\\t");
        else if (is_printable(c))
                utf8_append(out, c);
        else
                strbuf_addf(out, c > 0xffff ? "\\U%08X" : "\\u%04X", c);
}

void draft_scalar(struct strbuf *out, struct str text)
{
        bool is_clean = true;
        struct str rest = text;
        uint32_t c;

        if (is_plain(text)) {
                strbuf_add(out, text);
                return;
        }
        while (utf8_next(&rest, &c))
                is_clean = is_clean && is_printable(c);
        strbuf_addc(out, is_clean ? '\'' : '"');
        for (rest = text; utf8_next(&rest, &c);) {
                if (!is_clean)
                        add_escape(out, c);
                else if (c == '\'')
                        strbuf_addz(out, "''");
                else
                        utf8_append(out, c);
        }
        strbuf_addc(out, is_clean ? '\'' : '"');
}

void draft_regex_literal(struct strbuf *out, struct str text)
{
        for (size_t i = 0; i < text.n; i++) {
                if (text.p[i] && strchr("\\^$.|?*+()[]{}#", text.p[i]))
                        strbuf_addc(out, '\\');
                strbuf_addc(out, text.p[i]);
        }
}
