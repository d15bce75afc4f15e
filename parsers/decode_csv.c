/* SPDX-License-Identifier: Apache-2.0 */

/* Format csv: tables (RFC 4180), their columns bound by name.
 *
 *     columns: [time, user, action]       # when the files have no header
 *     delimiter: ';'                      # , ; | or tab; without it, what the header shows
 *     json: [details]                     # columns that hold JSON: details.x are fields
 *     above: 10                           # so many lines that are no rows may stand above the header
 *     within: [data.log]                  # the table lies in a text of a JSON document, see within.h
 *     ignore: ["Total", "©"]              # rows that begin so are none: sums, a line about rights
 *     wraps: {column: data, source: x}    # the rows are records of another source, a JSON one, in that column
 *
 * A row comes with the header it stands below (raw.header), so each can be read alone and on any thread; what a header
 * means for a source, its layout, is kept until another one comes. A raw without a header that is no row of fixed columns
 * is a whole table, header first: samples and tests of rules are written so.
 *
 * Native fields: the columns, each present; a cell that is empty says nothing (null). */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor/base/utf8.h"
#include "parsers/csv_layout.h"
#include "parsers/decoder.h"
#include "parsers/within.h"

/* ---- Loading ---- */

static const char *const keys[] = { "columns", "delimiter", "json", "above", "ignore", "within", "wraps", NULL };

static int load_columns(struct loader *l, const struct yaml *y)
{
        struct source *s = l->source;
        int r = load_texts(l, y, "`columns`", &s->columns, &s->n_columns);

        if (r >= 0 && s->n_columns > CSV_COLUMNS_MAX)
                return load_error(l, y, "`columns` has over %d names", CSV_COLUMNS_MAX);
        for (size_t i = 0; i < s->n_columns && r >= 0; i++)
                if (source_want(s, s->columns[i]) == UINT32_MAX)
                        r = -ENOMEM;
        return r;
}

static int load_delimiter(struct loader *l, const struct yaml *y)
{
        struct str t = yaml_is_scalar(y) ? y->text : STR("");

        if (str_eqz(t, "tab"))
                t = STR("\t");
        if (t.n != 1 || !strchr(",;|\t", t.p[0]))
                return load_error(l, y, "`delimiter` is one of ',' ';' '|' and tab, in quotes");
        l->source->delimiter = t.p[0];
        return 0;
}

static int load_above(struct loader *l, const struct yaml *y)
{
        uint64_t n;

        if (!yaml_is_scalar(y) || str_to_u64(y->text, &n) < 0 || n == 0 || n > CSV_ABOVE_MAX)
                return load_error(l, y, "`above` is a number of lines, at most %d", CSV_ABOVE_MAX);
        if (l->source->n_columns > 0)
                return load_error(l, y, "`above` and `columns` do not go together: there is no header to stand above");
        l->source->above = (unsigned)n;
        return 0;
}

static int load_json(struct loader *l, const struct yaml *y)
{
        struct source *s = l->source;
        struct str *names = NULL;
        size_t n = 0;
        int r = load_texts(l, y, "`json`", &names, &n);

        if (r < 0)
                return r;
        s->csv_json = load_alloc(l, n, sizeof *s->csv_json);
        if (!s->csv_json)
                return -ENOMEM;
        for (; s->n_csv_json < n; s->n_csv_json++) {
                struct csv_json *j = &s->csv_json[s->n_csv_json];

                j->column = names[s->n_csv_json];
                j->slot = source_want(s, j->column);
                if (j->slot == UINT32_MAX)
                        return -ENOMEM;
        }
        return 0;
}

static int load_wraps(struct loader *l, const struct yaml *y)
{
        static const char *const wraps_keys[] = { "column", "source", NULL };
        struct source *s = l->source;
        struct str column;
        int r = load_keys(l, y, wraps_keys);

        if (r >= 0 && (!yaml_get(y, "column") || !yaml_get(y, "source")))
                return load_error(l, y, "`wraps` needs `column` and `source`");
        if (r >= 0)
                r = load_text(l, yaml_get(y, "column"), "`column`", &column);
        if (r >= 0)
                r = load_text(l, yaml_get(y, "source"), "`source`", &s->wraps);
        if (r < 0)
                return r;
        s->wraps_slot = source_want(s, column);
        return s->wraps_slot == UINT32_MAX ? -ENOMEM : 0;
}

static int csv_load(struct loader *l, const struct yaml *doc)
{
        const struct yaml *columns = yaml_get(doc, "columns"), *delimiter = yaml_get(doc, "delimiter"),
                          *json = yaml_get(doc, "json"), *recognise = yaml_get(doc, "recognise");
        int r = 0;

        if (columns)
                r = load_columns(l, columns);
        else if (!recognise || recognise->kind != YAML_MAP || !yaml_get(recognise, "has"))
                return load_error(l, recognise ? recognise : doc,
                                  "a csv source is told by its header: `recognise: {has: [column, column]}`, or "
                                  "`columns` when its files have none");
        if (r >= 0 && delimiter)
                r = load_delimiter(l, delimiter);
        else if (columns)
                l->source->delimiter = ',';
        if (r >= 0 && yaml_get(doc, "above"))
                r = load_above(l, yaml_get(doc, "above"));
        if (r >= 0 && yaml_get(doc, "within"))
                r = within_load(l, yaml_get(doc, "within"));
        if (r >= 0 && yaml_get(doc, "ignore"))
                r = load_texts(l, yaml_get(doc, "ignore"), "`ignore`", &l->source->ignore, &l->source->n_ignore);
        if (r >= 0 && yaml_get(doc, "wraps"))
                r = load_wraps(l, yaml_get(doc, "wraps"));
        return r >= 0 && json ? load_json(l, json) : r;
}

static int csv_freeze(struct source *s, struct err *reterr)
{
        int r = within_freeze(s, reterr);

        for (size_t k = 0; k < s->n_csv_json && r >= 0; k++) {
                struct csv_json *j = &s->csv_json[k];

                j->plan = json_plan_new();
                if (!j->plan)
                        r = -ENOMEM;
                for (size_t i = 0; i < s->n_native && r >= 0; i++) {
                        struct str below = csv_name_below(j, s->native[i]);

                        if (below.p)
                                r = json_plan_want(j->plan, below, _ECS_MAX + (uint32_t)i);
                }
                if (r >= 0 && s->wants_leaves)
                        json_plan_want_leaves(j->plan);
        }
        return r < 0 ? err_at(reterr, r, s->file, 0, 0, "cannot plan how to read its records") : 0;
}

static void csv_done(struct source *s)
{
        within_done(s);
        for (size_t i = 0; i < s->n_csv_json; i++)
                s->csv_json[i].plan = json_plan_free(s->csv_json[i].plan);
}

static unsigned csv_tests(const struct source *s)
{
        return s->n_columns > 0; /* the number of columns */
}

/* ---- A row to a record ---- */

struct row {
        const struct csv_layout *layout;
        struct str text;
        struct str header; /* absent: fixed columns */
        bool is_repaired; /* `text` is a copy: nothing may be read behind it */
};

static int set_reason(struct parse *x, const char *what)
{
        uint64_t row = x->raw->row;
        struct str text = row ? arena_printf(x->arena, "row %" PRIu64 " %s", row, what) : arena_printf(x->arena, "its row %s", what);

        if (!text.p)
                return -ENOMEM;
        x->reason = text.p;
        return -EBADMSG;
}

static bool is_ignored(const struct source *s, struct str row)
{
        if (row.n > 0 && row.p[0] == '"')
                row = str_from(row.p + 1, row.n - 1);
        for (size_t i = 0; i < s->n_ignore; i++)
                if (str_starts(row, s->ignore[i]))
                        return true;
        return false;
}

static int refuse_count(struct parse *x, const struct row *row, size_t n)
{
        char what[96];

        if (is_ignored(x->source, row->text)) {
                x->counters->n[COUNTER_NOT_MINE]++;
                return 0;
        }
        if (row->layout->header == NULL && !x->is_sure)
                return -ENOENT;
        snprintf(what, sizeof what, "has %s%zu cells, and its table %zu columns", n > row->layout->n ? "more than " : "",
                 n > row->layout->n ? row->layout->n : n, row->layout->n);
        return set_reason(x, what);
}

/* The cell's text; absent: no memory. */
static struct str cell_text(struct parse *x, const struct row *row, const struct csv_cell *cell)
{
        struct str text = cell->text;
        char *p;

        if (text.n > VALUE_BYTES_MAX) {
                x->counters->n[COUNTER_VALUES_CUT]++;
                for (text.n = VALUE_BYTES_MAX; text.n > 0 && (text.p[text.n] & 0xc0) == 0x80;)
                        text.n--;
        }
        if (!cell->has_doubled && !(row->is_repaired && (x->source->n_csv_json > 0 || x->source->wrapped)))
                return text;
        p = arena_bytes(x->arena, text.n + RAW_PADDING);
        if (!p)
                return STR_NONE;
        if (cell->has_doubled)
                text.n = csv_undouble(text, p);
        else if (text.n > 0)
                memcpy(p, text.p, text.n);
        memset(p + text.n, 0, RAW_PADDING);
        return str_from(p, text.n);
}

static int add_leaf(struct parse *x, struct record *record, struct str text)
{
        struct value *leaf = arena_alloc(x->arena, sizeof *leaf);

        if (!leaf)
                return -ENOMEM;
        leaf->kind = VALUE_STRING;
        leaf->text = text;
        leaf->next = record->leaves;
        record->leaves = leaf;
        return 0;
}

static int add_cell(struct parse *x, const struct row *row, struct record *record, uint32_t slot, const struct csv_cell *cell)
{
        struct str text;
        int r = 0;

        if (slot == UINT32_MAX && !x->source->wants_leaves)
                return 0;
        if (cell->text.n == 0)
                return slot == UINT32_MAX ? 0 : slot_add(&record->slots[slot], x->arena, VALUE_NULL, STR("null"));
        text = cell_text(x, row, cell);
        if (!text.p)
                return -ENOMEM;
        if (slot != UINT32_MAX)
                r = slot_add(&record->slots[slot], x->arena, VALUE_STRING, text);
        if (r >= 0 && x->source->wants_leaves)
                r = add_leaf(x, record, text);
        return r;
}

/* ---- Columns that hold JSON ---- */

struct inside {
        struct parse *parse;
        struct record *record;
};

/* What was found joins the record; the elements of a list come one after the other. */
static int take_inside(void *userdata, struct record *found, uint32_t sub)
{
        struct inside *in = userdata;
        struct value *leaf = found->leaves;

        (void)sub;
        for (uint32_t i = _ECS_MAX; i < found->n_slots; i++) {
                struct slot *from = &found->slots[i], *to = &in->record->slots[i];

                if (!from->is_present)
                        continue;
                to->is_present = true;
                for (const struct value *v = from->first; v; v = v->next)
                        if (slot_add(to, in->parse->arena, v->kind, v->text) == -ENOMEM)
                                return -ENOMEM;
        }
        while (leaf && leaf->next)
                leaf = leaf->next;
        if (leaf) {
                leaf->next = in->record->leaves;
                in->record->leaves = found->leaves;
        }
        return 0;
}

static int open_json(struct parse *x, struct record *record)
{
        struct inside in = { .parse = x, .record = record };

        for (size_t i = 0; i < x->source->n_csv_json; i++) {
                const struct csv_json *j = &x->source->csv_json[i];
                struct str text = slot_text(&record->slots[j->slot]);
                int r;

                if (text.n == 0)
                        continue;
                r = text.n <= JSON_IN_TEXT_BYTES_MAX && parse_is_json(text)
                            ? json_read(x->parser->reader, j->plan, text, x->arena, record->n_slots, x->counters, take_inside, &in)
                            : -EBADMSG;
                if (r == -ENOMEM)
                        return r;
                if (r < 0)
                        x->counters->n[COUNTER_JSON_IN_TEXT_BAD]++;
        }
        return 0;
}

/* ---- Rows ---- */

/* The row is there for the record in one of its cells. */
static int take_wrapped(struct parse *x, const struct record *record)
{
        int r;

        if (!x->source->wrapped)
                return set_reason(x, "is a record of a JSON log source that is not known: `wraps` names it");
        r = decode_json_as(x, x->source->wrapped, slot_text(&record->slots[x->source->wraps_slot]));
        return r == -EBADMSG && !x->stopped ? set_reason(x, "holds no JSON where its log's record should be") : r;
}

static int take_row(struct parse *x, const struct row *row)
{
        const struct csv_layout *l = row->layout;
        struct csv_row cells = csv_row(row->text, l->delimiter);
        struct record *record = parse_record(x);
        struct csv_cell cell;
        size_t n = 0;
        int r;

        if (!record)
                return -ENOMEM;
        while ((r = csv_next(&cells, &cell)) > 0) {
                if (n == l->n)
                        return refuse_count(x, row, n + 1);
                r = add_cell(x, row, record, l->slots[n++], &cell);
                if (r < 0)
                        return r;
        }
        if (r < 0)
                return set_reason(x, "has a quoted cell that is not closed, or goes on behind its closing quote");
        if (n < l->n)
                return refuse_count(x, row, n);
        if (x->source->wraps.p && !x->probe)
                return take_wrapped(x, record);
        r = open_json(x, record);
        if (r < 0)
                return r;
        if (!row->is_repaired || x->on_entry)
                record->raw = row->text;
        record->header = row->header;
        x->held = csv_tests(x->source);
        return parse_take(x, record, 0, false);
}

static bool is_column_names(const struct source *s, struct str row)
{
        struct csv_row cells = csv_row(row, s->delimiter);
        char buf[CSV_NAME_BYTES_MAX];
        struct csv_cell cell;
        size_t n = 0;

        while (n < s->n_columns && csv_next(&cells, &cell) > 0 && str_eq(csv_cell_name(&cell, buf), s->columns[n]))
                n++;
        return n > 0 && n == s->n_columns;
}

/* Cuts the row at the front off *rest. */
static struct str cut_row(struct str *rest, char delimiter)
{
        struct str row = str_from(rest->p, 0), line;
        enum csv_line end = CSV_WHOLE;

        while (str_cut(rest, '\n', &line)) {
                if (line.n > 0 && line.p[line.n - 1] == '\r')
                        line.n--;
                end = csv_scan_line(line, delimiter, end == CSV_OPEN);
                row.n = (size_t)(line.p + line.n - row.p);
                if (end != CSV_OPEN)
                        break;
        }
        return row;
}

/* The header, and lines above it, cut off *rest. */
static struct str cut_header(const struct source *s, struct str *rest)
{
        struct str from = *rest, first = cut_row(rest, ','), line = first;
        char delimiter;

        for (unsigned above = 0; above <= s->above && line.p; above++) {
                if (decode_csv_is_header(s, line, &delimiter) && (above == 0 || decode_csv_is_clean(s, line, delimiter)))
                        return line;
                if (!rest->p)
                        break;
                line = cut_row(rest, ',');
        }
        *rest = from;
        return cut_row(rest, ',');
}

/* For a probe: a record of a header says which columns that tell the source are there. */
static void look_at_header(struct parse *x, const struct csv_layout *l)
{
        struct record *record = x->look ? parse_record(x) : NULL;

        for (size_t i = 0; record && l->header && i < l->n; i++)
                if (l->slots[i] != UINT32_MAX)
                        record->slots[l->slots[i]].is_present = true;
        if (record)
                x->look(x, record);
}

/* A header means the source as much as its rows do. */
static int meet_header(struct parse *x, const struct csv_layout *l)
{
        if (x->probe) {
                x->probe->held = x->probe->of;
                look_at_header(x, l);
        }
        return 0;
}

/* A line that has only some of the columns; that of a document is none. */
static int refuse_header(struct parse *x, const struct csv_layout *l)
{
        unsigned n = 0;

        for (size_t i = 0; x->probe && i < x->source->recognition.n_has; i++)
                for (size_t k = 0; k < l->n; k++)
                        if (l->slots[k] == x->source->has[i]) {
                                n++;
                                break;
                        }
        if (n > 0) {
                x->probe->held = n;
                look_at_header(x, l);
        }
        x->reason = "stands below no header that has the columns of its log source";
        return x->is_sure ? -EBADMSG : -ENOENT;
}

/* Rows without a header of their own: all of one raw. */
static int decode_table(struct parse *x, struct row row, struct str rest)
{
        const struct source *s = x->source;
        bool has_header = s->n_columns == 0;
        int r = 0;

        row.header = has_header ? cut_header(s, &rest) : STR_NONE;
        row.layout = csv_layout_of(x, row.header);
        if (!row.layout)
                return -ENOMEM;
        if (!row.layout->is_ours)
                return refuse_header(x, row.layout);
        if (!rest.p)
                return meet_header(x, row.layout);
        while (rest.p && r >= 0) {
                row.text = cut_row(&rest, row.layout->delimiter);
                if (str_trim(row.text).n == 0)
                        continue;
                r = !has_header && is_column_names(s, row.text) ? meet_header(x, row.layout) : take_row(x, &row);
        }
        return r;
}

static int decode_row(struct parse *x, struct row *row)
{
        row->header = x->raw->header;
        row->layout = csv_layout_of(x, row->header);
        if (!row->layout)
                return -ENOMEM;
        if (!row->layout->is_ours)
                return refuse_header(x, row->layout);
        if (str_eq(x->raw->bytes, x->raw->header))
                return meet_header(x, row->layout);
        if (x->probe)
                (void)meet_header(x, row->layout);
        return take_row(x, row);
}

static int csv_decode(struct parse *x)
{
        struct row row = { .text = x->raw->bytes };
        bool is_inside = x->source->n_within > 0 && parse_is_json(row.text);
        int r;

        if (str_trim(row.text).n == 0)
                return x->is_sure ? 0 : -ENOENT;
        if (is_inside) {
                r = within_open(x, &row.text);
                if (r < 0)
                        return r;
                x->reason = "holds no table where its log source has one";
                if (r == 0)
                        return x->is_sure ? -EBADMSG : -ENOENT;
        }
        if (!utf8_is_valid(row.text)) {
                row.text = utf8_clean(x->arena, row.text);
                row.is_repaired = true;
                if (!row.text.p)
                        return -ENOMEM;
        }
        r = x->raw->header.p && x->source->n_columns == 0 && !is_inside ? decode_row(x, &row) : decode_table(x, row, row.text);
        if (row.is_repaired && r != -ENOENT)
                x->counters->n[COUNTER_UTF8_REPAIRED]++;
        return r >= 0 && x->n == 0 && x->refused > 0 ? -ENOENT : r;
}

const struct decoder decoder_csv = {
        .name = "csv",
        .keys = keys,
        .load = csv_load,
        .freeze = csv_freeze,
        .done = csv_done,
        .tests = csv_tests,
        .decode = csv_decode,
};
