/* SPDX-License-Identifier: Apache-2.0 */

#include "parsers/csv_layout.h"

#include <errno.h>
#include <stdlib.h>

#include "monitor/base/json_write.h"
#include "parsers/decoder.h"

struct str csv_name_below(const struct csv_json *j, struct str field)
{
        size_t n = j->column.n;

        return field.n > n && str_starts(field, j->column) && field.p[n] == '.' ? str_from(field.p + n + 1, field.n - n - 1)
                                                                                 : STR_NONE;
}

void decode_csv_layout_free(struct csv_layout *l)
{
        if (!l)
                return;
        free(l->header);
        free(l->slots);
        free(l);
}

struct str csv_cell_name(const struct csv_cell *cell, char buf[CSV_NAME_BYTES_MAX])
{
        if (cell->text.n > CSV_NAME_BYTES_MAX)
                return STR("");
        return str_trim(cell->has_doubled ? str_from(buf, csv_undouble(cell->text, buf)) : cell->text);
}

/* The slots of a header's columns, as many as there is room for; returns how many columns it has, or 0: it is none. */
static size_t read_header(const struct source *s, struct str header, char delimiter, uint32_t slots[CSV_COLUMNS_MAX])
{
        struct csv_row row = csv_row(header, delimiter);
        char buf[CSV_NAME_BYTES_MAX];
        struct csv_cell cell;
        size_t n = 0;
        int r;

        while ((r = csv_next(&row, &cell)) > 0) {
                if (n == CSV_COLUMNS_MAX)
                        return 0;
                slots[n++] = (uint32_t)(uintptr_t)map_get(&s->slots, csv_cell_name(&cell, buf)) - 1;
        }
        return r < 0 ? 0 : n;
}

static bool is_in_json(const struct source *s, struct str field)
{
        for (size_t i = 0; i < s->n_csv_json; i++)
                if (csv_name_below(&s->csv_json[i], field).p)
                        return true;
        return false;
}

/* Whether all columns are there that tell the source. */
static bool tells_source(const struct source *s, const uint32_t *slots, size_t n)
{
        for (size_t i = 0; i < s->recognition.n_has; i++) {
                size_t k = 0;

                while (k < n && slots[k] != s->has[i])
                        k++;
                if (k == n && !is_in_json(s, s->recognition.has[i]))
                        return false;
        }
        return n > 0;
}

/* Number of columns; *ret_delimiter is the source's, or the first with which the header has its columns. */
static size_t split_header(const struct source *s, struct str header, uint32_t slots[CSV_COLUMNS_MAX], char *ret_delimiter,
                           bool *ret_is_ours)
{
        static const char delimiters[] = { ',', ';', '\t', '|' };
        size_t n;

        for (size_t i = 0; i < ARRAY_LEN(delimiters) && !s->delimiter; i++) {
                n = read_header(s, header, delimiters[i], slots);
                *ret_delimiter = delimiters[i];
                *ret_is_ours = tells_source(s, slots, n);
                if (*ret_is_ours)
                        return n;
        }
        *ret_delimiter = s->delimiter ? s->delimiter : ',';
        n = read_header(s, header, *ret_delimiter, slots);
        *ret_is_ours = tells_source(s, slots, n);
        return n;
}

bool decode_csv_is_header(const struct source *s, struct str line, char *ret_delimiter)
{
        uint32_t slots[CSV_COLUMNS_MAX];
        bool is_ours;

        return line.n <= CSV_HEADER_BYTES_MAX && split_header(s, line, slots, ret_delimiter, &is_ours) > 0 && is_ours;
}

bool decode_csv_is_clean(const struct source *s, struct str header, char delimiter)
{
        struct csv_row row = csv_row(header, delimiter);
        char buf[CSV_NAME_BYTES_MAX];
        struct csv_cell cell;

        return csv_next(&row, &cell) > 0 && map_get(&s->slots, csv_cell_name(&cell, buf)) != NULL;
}

/* Fixed columns when `header` is absent. NULL: no memory. */
static struct csv_layout *new_layout(const struct source *s, struct str header)
{
        struct csv_layout *l = calloc(1, sizeof *l);
        uint32_t slots[CSV_COLUMNS_MAX];

        if (!l)
                return NULL;
        l->is_ours = true;
        l->delimiter = s->delimiter;
        if (header.p) {
                l->n = split_header(s, header, slots, &l->delimiter, &l->is_ours);
                l->header = str_dupz(header);
                l->header_n = header.n;
        } else {
                for (; l->n < s->n_columns; l->n++)
                        slots[l->n] = (uint32_t)(uintptr_t)map_get(&s->slots, s->columns[l->n]) - 1;
        }
        l->slots = malloc((l->n + 1) * sizeof *l->slots);
        if (!l->slots || (header.p && !l->header)) {
                decode_csv_layout_free(l);
                return NULL;
        }
        memcpy(l->slots, slots, l->n * sizeof *l->slots);
        return l;
}

const struct csv_layout *csv_layout_of(struct parse *x, struct str header)
{
        struct csv_layout **l = &x->parser->layouts[x->source->index];

        if (*l && ((*l)->header ? str_eq(str_from((*l)->header, (*l)->header_n), header) : !header.p))
                return *l;
        decode_csv_layout_free(*l);
        *l = new_layout(x->source, header);
        return *l;
}

struct csv_named csv_named(const struct source *s, struct str header, struct str row, char delimiter)
{
        return (struct csv_named){ .source = s, .names = csv_row(header, delimiter), .cells = csv_row(row, delimiter),
                                   .has_header = header.p != NULL };
}

/* The name of a header's cell, not in a buffer. Absent: no memory. */
static struct str keep_name(struct arena *arena, const struct csv_cell *cell)
{
        char buf[CSV_NAME_BYTES_MAX];
        struct str name = csv_cell_name(cell, buf);

        return cell->has_doubled ? arena_dup(arena, name) : name;
}

int csv_named_next(struct csv_named *row, struct arena *arena, struct str *ret_name, struct str *ret_value)
{
        struct csv_cell cell, name;
        char *plain;

        if (csv_next(&row->cells, &cell) <= 0)
                return 0;
        if (row->has_header ? csv_next(&row->names, &name) <= 0 : row->n == row->source->n_columns)
                return -EBADMSG;
        *ret_name = row->has_header ? keep_name(arena, &name) : row->source->columns[row->n];
        *ret_value = cell.text;
        row->n++;
        if (cell.has_doubled) {
                plain = arena_bytes(arena, cell.text.n);
                *ret_value = plain ? str_from(plain, csv_undouble(cell.text, plain)) : STR_NONE;
        }
        return ret_name->p && ret_value->p ? 1 : -ENOMEM;
}

int decode_csv_to_json(struct parse *x, struct str header, struct str text, struct strbuf *out)
{
        const struct csv_layout *l = csv_layout_of(x, header);
        struct json_writer w = JSON_WRITER(out);
        struct csv_named row;
        struct str name, value;
        int r;

        if (!l)
                return -ENOMEM;
        row = csv_named(x->source, header, text, l->delimiter);
        json_begin(&w, '{');
        while ((r = csv_named_next(&row, x->arena, &name, &value)) > 0) {
                json_key_str(&w, name);
                json_str(&w, value.n > 0 ? value : STR_NONE);
        }
        if (r < 0)
                return r;
        json_end(&w, '}');
        return strbuf_failed(out) ? -ENOMEM : 0;
}
