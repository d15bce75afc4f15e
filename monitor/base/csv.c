/* SPDX-License-Identifier: Apache-2.0 */

/* Rows and cells. Everything is a walk from quote to quote or from delimiter to delimiter. */

#include "monitor/base/csv.h"

#include <errno.h>

#include "monitor/base/utf8.h"

/* memchr() for cells: they are short, and a call costs more than most of them. */
static inline const char *find(const char *p, const char *end, char c)
{
        for (; end - p >= 8; p += 8) {
                uint64_t w, x;

                memcpy(&w, p, sizeof w);
                x = w ^ (UINT64_C(0x0101010101010101) * (unsigned char)c);
                x = (x - UINT64_C(0x0101010101010101)) & ~x & UINT64_C(0x8080808080808080);
                if (x)
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
                        return p + (__builtin_ctzll(x) >> 3);
#else
                        break;
#endif
        }
        for (; p < end; p++)
                if (*p == c)
                        return p;
        return NULL;
}

/* Behind the closing quote of a cell whose text goes on at p; NULL: it is not closed before `end`. */
static const char *close_quote(const char *p, const char *end, bool *has_doubled)
{
        while ((p = find(p, end, '"'))) {
                if (++p == end || *p != '"')
                        return p;
                *has_doubled = true;
                p++;
        }
        return NULL;
}

enum csv_line csv_scan_line(struct str line, char delimiter, bool is_open)
{
        const char *p = line.p, *end = line.p + line.n;
        bool unused;

        if (!is_open && (line.n == 0 || !memchr(p, '"', line.n)))
                return CSV_WHOLE;
        for (;; p++) {
                if (!is_open && (p == end || *p != '"')) {
                        p = find(p, end, delimiter);
                        if (!p)
                                return CSV_WHOLE;
                        continue;
                }
                p = close_quote(is_open ? p : p + 1, end, &unused);
                if (!p)
                        return CSV_OPEN;
                if (p == end)
                        return CSV_WHOLE;
                if (*p != delimiter)
                        return CSV_BAD;
                is_open = false;
        }
}

int csv_next(struct csv_row *row, struct csv_cell *ret)
{
        const char *p = row->p, *end = row->end, *at;

        if (!p)
                return 0;
        ret->has_doubled = false;
        if (p < end && *p == '"') {
                at = close_quote(p + 1, end, &ret->has_doubled);
                if (!at || (at < end && *at != row->delimiter))
                        return -EBADMSG;
                ret->text = str_from(p + 1, (size_t)(at - p) - 2);
        } else {
                at = find(p, end, row->delimiter);
                if (!at)
                        at = end;
                ret->text = str_from(p, (size_t)(at - p));
        }
        row->p = at < end ? at + 1 : NULL;
        return 1;
}

size_t csv_undouble(struct str text, char *to)
{
        size_t n = 0;

        for (size_t i = 0; i < text.n; i++) {
                to[n++] = text.p[i];
                if (text.p[i] == '"')
                        i++;
        }
        return n;
}

/* ---- Writing ---- */

/* What spreadsheets take for a formula, behind blanks and line breaks as well; the wide forms in East Asian editions. */
static bool is_formula_like(struct str text)
{
        static const uint32_t marks[] = { '=', '+', '-', '@', 0xFF1D, 0xFF0B, 0xFF0D, 0xFF20 };
        uint32_t c = ' ';

        if (text.n > 0 && text.p[0] == '\t')
                return true;
        while ((c == ' ' || c == '\n' || c == '\t' || c == 0x3000) && utf8_next(&text, &c))
                ;
        for (size_t i = 0; i < ARRAY_LEN(marks); i++)
                if (c == marks[i])
                        return true;
        return false;
}

void csv_put(struct strbuf *out, struct str cell, bool is_first)
{
        CLEANUP(strbuf_done) struct strbuf safe = STRBUF_INIT;
        bool is_formula, is_quoted;
        struct str text;

        text_display(&safe, cell, TEXT_BLOCK, 0); /* a table of values is looked at on terminals, too */
        if (strbuf_failed(&safe))
                out->failed = true;
        text = strbuf_str(&safe);
        is_formula = is_formula_like(text);
        is_quoted = is_formula;
        strbuf_addz(out, is_first ? "" : ",");
        for (size_t i = 0; i < text.n; i++)
                is_quoted |= strchr("\",\n;\t", text.p[i]) != NULL; /* some editions divide cells at semicolons */
        if (!is_quoted) {
                strbuf_add(out, text);
                return;
        }
        strbuf_addz(out, is_formula ? "\"'" : "\"");
        for (size_t i = 0; i < text.n; i++) {
                strbuf_addz(out, text.p[i] == '"' ? "\"" : "");
                strbuf_addc(out, text.p[i]);
        }
        strbuf_addc(out, '"');
}
