/* SPDX-License-Identifier: Apache-2.0 */

/* Errors with a place. The text is made in a buffer of its own first, so that an error may be reworded from itself:
 * err_set(e, code, "rule %s: %s", name, e->text). */

#include "monitor/base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static void set_text(struct err *err, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);

static void set_text(struct err *err, const char *fmt, va_list ap)
{
        char text[ERR_TEXT_BYTES] = "";

        vsnprintf(text, sizeof text, fmt, ap);
        memcpy(err->text, text, sizeof text);
}

int err_set(struct err *err, int code, const char *fmt, ...)
{
        va_list ap;

        if (!err)
                return code;
        err->code = code;
        va_start(ap, fmt);
        set_text(err, fmt, ap);
        va_end(ap);
        return code;
}

int err_at(struct err *err, int code, const char *file, unsigned line, unsigned col, const char *fmt, ...)
{
        char place[ERR_FILE_BYTES];
        va_list ap;

        if (!err)
                return code;
        snprintf(place, sizeof place, "%s", file ? file : "");
        err->code = code;
        err->line = line;
        err->col = col;
        va_start(ap, fmt);
        set_text(err, fmt, ap);
        va_end(ap);
        memcpy(err->file, place, sizeof place);
        return code;
}

void err_format(const struct err *err, struct strbuf *out)
{
        if (err->file[0])
                strbuf_addf(out, "%s:", err->file);
        if (err->line > 0)
                strbuf_addf(out, "%s%u:", err->file[0] ? "" : "line ", err->line);
        if (err->line > 0 && err->col > 0)
                strbuf_addf(out, "%u:", err->col);
        if (err->file[0] || err->line > 0)
                strbuf_addc(out, ' ');
        strbuf_addz(out, err->text);
}

void err_list_add(struct err_list *list, const struct err *err)
{
        if (list->n >= ERR_LIST_MAX) {
                list->more++;
                return;
        }
        if (list->n == list->cap) {
                size_t cap = list->cap ? list->cap * 2 : 8;
                struct err *items = realloc(list->items, cap * sizeof *items);

                if (!items) {
                        list->more++;
                        return;
                }
                list->items = items;
                list->cap = cap;
        }
        list->items[list->n++] = *err;
}

void err_list_done(struct err_list *list)
{
        free(list->items);
        *list = (struct err_list)ERR_LIST_INIT;
}
