/* SPDX-License-Identifier: Apache-2.0 */

/* Rows of cells, shown as a table, CSV, JSON or NDJSON. */

#include "monitor/cli/table.h"

#include <ctype.h>
#include <errno.h>
#include <libsmartcols.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "monitor/base/json_write.h"
#include "monitor/base/utf8.h"

struct table {
        const struct table_column *columns;
        size_t n, rows;
        enum cli_format format;
        struct libscols_table *scols; /* FORMAT_TABLE */
        struct strbuf out; /* the others */
};

static int add_column(struct table *t, const struct table_column *c)
{
        int flags = (c->is_right ? SCOLS_FL_RIGHT : 0) | (c->is_wrapped ? SCOLS_FL_WRAP : 0);

        return scols_table_new_column(t->scols, c->title, c->is_wrapped ? 0.5 : 0, flags) ? 0 : -ENOMEM;
}

struct table *table_new(const struct table_column *columns, size_t n, enum cli_format format)
{
        CLEANUP(table_freep) struct table *t = calloc(1, sizeof *t);

        if (!t)
                return NULL;
        *t = (struct table){ .columns = columns, .n = n, .format = format };
        if (format == FORMAT_TABLE) {
                t->scols = scols_new_table();
                if (!t->scols)
                        return NULL;
                for (size_t i = 0; i < n; i++)
                        if (add_column(t, &columns[i]) < 0)
                                return NULL;
        } else if (format == FORMAT_CSV) {
                for (size_t i = 0; i < n; i++) {
                        strbuf_addz(&t->out, i ? "," : "");
                        for (const char *p = columns[i].title; *p; p++)
                                strbuf_addc(&t->out, (char)tolower((unsigned char)*p));
                }
                strbuf_addz(&t->out, "\r\n");
        }
        return TAKE(t);
}

struct table *table_free(struct table *t)
{
        if (!t)
                return NULL;
        scols_unref_table(t->scols);
        strbuf_done(&t->out);
        free(t);
        return NULL;
}

void csv_cell(struct strbuf *out, struct str cell, bool is_first)
{
        CLEANUP(strbuf_done) struct strbuf safe = STRBUF_INIT;
        bool is_formula, is_quoted;
        struct str text;

        text_display(&safe, cell, TEXT_BLOCK, 0); /* a table of values is looked at on terminals, too */
        if (strbuf_failed(&safe))
                out->failed = true;
        text = strbuf_str(&safe);
        is_formula = text.n > 0 && strchr("=+-@\t", text.p[0]) != NULL;
        is_quoted = is_formula;
        strbuf_addz(out, is_first ? "" : ",");
        for (size_t i = 0; i < text.n; i++)
                is_quoted |= strchr("\",\n", text.p[i]) != NULL;
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

static int add_line(struct table *t, const struct str *cells)
{
        struct libscols_line *line = scols_table_new_line(t->scols, NULL);

        if (!line)
                return -ENOMEM;
        for (size_t i = 0; i < t->n; i++) {
                CLEANUP(strbuf_done) struct strbuf safe = STRBUF_INIT;

                text_display(&safe, cells[i], TEXT_TERMINAL, 0);
                if (strbuf_failed(&safe) || scols_line_set_data(line, i, safe.p ? safe.p : "") < 0)
                        return -ENOMEM;
        }
        return 0;
}

static void add_json(struct table *t, const struct str *cells)
{
        struct json_writer w = JSON_WRITER(&t->out);

        if (t->format == FORMAT_JSON)
                strbuf_addz(&t->out, t->rows ? ",\n" : "[\n");
        json_begin(&w, '{');
        for (size_t i = 0; i < t->n; i++) {
                char key[32];
                size_t k = 0;
                int64_t number;

                for (; k < sizeof key - 1 && t->columns[i].title[k]; k++)
                        key[k] = (char)tolower((unsigned char)t->columns[i].title[k]);
                key[k] = '\0';
                json_key(&w, key);
                if (t->columns[i].is_json || (t->columns[i].is_right && str_to_i64(cells[i], &number) == 0))
                        json_raw(&w, cells[i]);
                else
                        json_str(&w, cells[i]);
        }
        json_end(&w, '}');
        if (t->format == FORMAT_NDJSON)
                strbuf_addc(&t->out, '\n');
}

int table_add(struct table *t, const struct str *cells)
{
        int r = 0;

        if (t->format == FORMAT_TABLE) {
                r = add_line(t, cells);
        } else if (t->format == FORMAT_CSV) {
                for (size_t i = 0; i < t->n; i++)
                        csv_cell(&t->out, cells[i], i == 0);
                strbuf_addz(&t->out, "\r\n");
        } else {
                add_json(t, cells);
        }
        t->rows++;
        return r < 0 || strbuf_failed(&t->out) ? -ENOMEM : 0;
}

int table_print(struct table *t)
{
        if (t->format == FORMAT_TABLE)
                return t->rows ? scols_print_table(t->scols) : 0;
        if (t->format == FORMAT_JSON)
                strbuf_addz(&t->out, t->rows ? "\n]\n" : "[]\n");
        if (strbuf_failed(&t->out))
                return -ENOMEM;
        return fwrite(t->out.p ? t->out.p : "", 1, t->out.n, stdout) == t->out.n ? 0 : -EIO;
}
