/* SPDX-License-Identifier: Apache-2.0 */

/* Rows of cells, shown as a table, CSV, JSON or NDJSON. */

#include "monitor/cli/table.h"

#include <ctype.h>
#include <errno.h>
#include <libsmartcols.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "monitor/base/csv.h"
#include "monitor/base/json_write.h"
#include "monitor/base/utf8.h"
#include "monitor/cli/screen.h"

enum { WORD_COLUMNS_MAX = 24 }; /* longer words are cut in two rather than the column widened */

struct table {
        const struct table_column *columns;
        size_t n, rows;
        enum cli_format format;
        struct libscols_table *scols; /* FORMAT_TABLE */
        struct strbuf out; /* the others */
};

static int add_column(struct table *t, const struct table_column *c)
{
        bool is_folded = c->is_wrapped || c->has_lines;
        int flags = (c->is_right ? SCOLS_FL_RIGHT : 0) | (is_folded ? SCOLS_FL_WRAP : 0);
        struct libscols_column *column = scols_table_new_column(t->scols, c->title, 0, flags);

        if (!column)
                return -ENOMEM;
        if (is_folded) /* where fit() put line breaks, or the cell has some, and nowhere else */
                scols_column_set_wrapfunc(column, scols_wrapnl_chunksize, scols_wrapnl_nextchunk, NULL);
        return is_folded ? scols_column_set_safechars(column, "\n") : 0;
}

static int add_columns(struct table *t)
{
        t->scols = scols_new_table();
        if (!t->scols)
                return -ENOMEM;
        scols_table_enable_colors(t->scols, screen_get()->has_color);
        for (size_t i = 0; i < t->n; i++)
                if (add_column(t, &t->columns[i]) < 0)
                        return -ENOMEM;
        return 0;
}

static void begin_csv(struct table *t)
{
        for (size_t i = 0; i < t->n; i++) {
                strbuf_addz(&t->out, i ? "," : "");
                for (const char *p = t->columns[i].title; *p; p++)
                        strbuf_addc(&t->out, (char)tolower((unsigned char)*p));
        }
        strbuf_addz(&t->out, "\r\n");
}

static void begin_markdown(struct table *t)
{
        for (size_t i = 0; i < t->n; i++)
                strbuf_addf(&t->out, "| %s ", t->columns[i].title);
        strbuf_addz(&t->out, "|\n");
        for (size_t i = 0; i < t->n; i++)
                strbuf_addz(&t->out, t->columns[i].is_right ? "|---:" : "|---");
        strbuf_addz(&t->out, "|\n");
}

struct table *table_new(const struct table_column *columns, size_t n, enum cli_format format)
{
        CLEANUP(table_freep) struct table *t = calloc(1, sizeof *t);

        if (!t)
                return NULL;
        *t = (struct table){ .columns = columns, .n = n, .format = format };
        if (format == FORMAT_TABLE && add_columns(t) < 0)
                return NULL;
        if (format == FORMAT_CSV)
                begin_csv(t);
        if (format == FORMAT_MD)
                begin_markdown(t);
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

static void add_safe(struct strbuf *out, const struct table_column *c, struct str cell)
{
        struct str rest = cell, line;

        if (!c->has_lines) {
                text_display(out, cell, TEXT_TERMINAL, 0);
                return;
        }
        while (str_cut(&rest, '\n', &line)) {
                text_display(out, line, TEXT_TERMINAL, 0);
                strbuf_addz(out, rest.n > 0 ? "\n" : "");
        }
}

static int add_line(struct table *t, const struct str *cells)
{
        struct libscols_line *line = scols_table_new_line(t->scols, NULL);

        if (!line)
                return -ENOMEM;
        for (size_t i = 0; i < t->n; i++) {
                CLEANUP(strbuf_done) struct strbuf safe = STRBUF_INIT;
                char color[16];

                add_safe(&safe, &t->columns[i], cells[i]);
                if (strbuf_failed(&safe) || scols_line_set_data(line, i, safe.p ? safe.p : "") < 0)
                        return -ENOMEM;
                if (!t->columns[i].is_level || !*level_color(level_find(cells[i])))
                        continue;
                snprintf(color, sizeof color, "\033[%sm", level_color(level_find(cells[i])));
                if (scols_cell_set_color(scols_line_get_cell(line, i), color) < 0)
                        return -ENOMEM;
        }
        return 0;
}

static void add_markdown(struct table *t, const struct str *cells)
{
        for (size_t i = 0; i < t->n; i++) {
                strbuf_addz(&t->out, "| ");
                text_markdown(&t->out, cells[i]);
                strbuf_addc(&t->out, ' ');
        }
        strbuf_addz(&t->out, "|\n");
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
                        csv_put(&t->out, cells[i], i == 0);
                strbuf_addz(&t->out, "\r\n");
        } else if (t->format == FORMAT_MD) {
                add_markdown(t, cells);
        } else {
                add_json(t, cells);
        }
        t->rows++;
        return r < 0 || strbuf_failed(&t->out) ? -ENOMEM : 0;
}

/* ---- Fitting it to the terminal ---- */

static const char *cell_text(struct libscols_line *line, size_t i)
{
        const char *text = scols_cell_get_data(scols_line_get_cell(line, i));

        return text ? text : "";
}

struct widths {
        unsigned whole, word; /* of the longest text, and of its longest word */
};

static void measure_words(struct str text, struct widths *w)
{
        struct str line, word;

        while (str_cut(&text, '\n', &line)) {
                unsigned n = text_columns(line);

                w->whole = n > w->whole ? n : w->whole;
                while (str_cut(&line, ' ', &word)) {
                        n = text_columns(word);
                        w->word = n > w->word ? n : w->word;
                }
        }
}

static void measure(const struct table *t, struct libscols_iter *iter, size_t column, struct widths *ret)
{
        struct widths w = { .whole = text_columns(str_of(t->columns[column].title)) };
        struct libscols_line *line;

        w.word = w.whole;
        scols_reset_iter(iter, SCOLS_ITER_FORWARD);
        while (scols_table_next_line(t->scols, iter, &line) == 0)
                measure_words(str_of(cell_text(line, column)), &w);
        w.word = w.word > WORD_COLUMNS_MAX ? WORD_COLUMNS_MAX : w.word;
        *ret = w;
}

/* The width of a column of long texts: what is left, shared by length, but no less than its longest word takes. */
static unsigned share_of(const struct widths *w, unsigned left, unsigned long_ones)
{
        unsigned share = long_ones > 0 ? (unsigned)((uint64_t)left * w->whole / long_ones) : left;

        return w->whole <= share ? w->whole : share > w->word ? share : w->word;
}

static int wrap_column(struct table *t, struct libscols_iter *iter, size_t column, unsigned width)
{
        struct libscols_line *line;

        scols_reset_iter(iter, SCOLS_ITER_FORWARD);
        while (scols_table_next_line(t->scols, iter, &line) == 0) {
                CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;

                text_wrap(&text, str_of(cell_text(line, column)), width);
                if (strbuf_failed(&text) || scols_line_set_data(line, column, text.p ? text.p : "") < 0)
                        return -ENOMEM;
        }
        return 0;
}

/* The shorter ones of the long columns first: what they do not need is the others'. */
static int share(struct table *t, struct libscols_iter *iter, struct widths *w, unsigned left, unsigned long_ones)
{
        int r = 0;

        while (long_ones > 0 && r >= 0) {
                size_t least = t->n;
                unsigned width;

                for (size_t i = 0; i < t->n; i++)
                        if (t->columns[i].is_wrapped && w[i].whole > 0 && (least == t->n || w[i].whole < w[least].whole))
                                least = i;
                width = share_of(&w[least], left, long_ones);
                r = wrap_column(t, iter, least, width);
                left = left > width ? left - width : 0;
                long_ones -= w[least].whole;
                w[least].whole = 0;
        }
        return r;
}

static int fit_to(struct table *t, unsigned columns)
{
        struct widths *w = calloc(t->n, sizeof *w);
        struct libscols_iter *iter = scols_new_iter(SCOLS_ITER_FORWARD);
        unsigned left = columns, long_ones = 0;
        int r = w && iter ? 0 : -ENOMEM;

        for (size_t i = 0; i < t->n && r >= 0; i++) {
                unsigned used;

                measure(t, iter, i, &w[i]);
                used = (t->columns[i].is_wrapped ? 0 : w[i].whole) + (i > 0);
                left = left > used ? left - used : 0;
                long_ones += t->columns[i].is_wrapped ? w[i].whole : 0;
        }
        if (r >= 0)
                r = share(t, iter, w, left, long_ones);
        scols_free_iter(iter);
        free(w);
        return r;
}

/* Wider than the terminal where it must be: nothing but what is wrapped is to be cut. */
static int fit(struct table *t)
{
        unsigned columns = screen_get()->columns;
        int r = columns > 0 ? fit_to(t, columns) : 0;

        if (r < 0 || columns == 0)
                return r;
        scols_table_set_termforce(t->scols, SCOLS_TERMFORCE_NEVER);
        return 0;
}

int table_print(struct table *t)
{
        int r = t->format == FORMAT_TABLE && t->rows ? fit(t) : 0;

        if (t->format == FORMAT_TABLE)
                return r < 0 || t->rows == 0 ? r : scols_print_table(t->scols);
        if (t->format == FORMAT_JSON)
                strbuf_addz(&t->out, t->rows ? "\n]\n" : "[]\n");
        if (strbuf_failed(&t->out))
                return -ENOMEM;
        return fwrite(t->out.p ? t->out.p : "", 1, t->out.n, stdout) == t->out.n ? 0 : -EIO;
}
