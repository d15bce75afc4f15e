/* SPDX-License-Identifier: Apache-2.0 */

/* Tables and lines of text: csv, cef, keyvalue; and the syslog header in front of lines. */

#include <errno.h>

#include "parsers/draft_impl.h"
#include "parsers/syslog.h"

enum { PROGRAMS_MAX = 16, PAIRS_MIN = 3, COLUMNS_MIN = 3, NAME_CHARS_MAX = 64 };

/* ---- csv ---- */

static const char delimiters[] = { ',', ';', '\t', '|' };

/* A column's name: begins with a letter and is short. */
static bool is_name(struct str s)
{
        s = str_trim(s);
        return s.n > 0 && s.n <= NAME_CHARS_MAX && ((s.p[0] >= 'a' && s.p[0] <= 'z') || (s.p[0] >= 'A' && s.p[0] <= 'Z') || s.p[0] == '_') &&
               !memchr(s.p, '=', s.n) && !memchr(s.p, '{', s.n) && !(draft_shapes(s) & (SHAPE_TIME | SHAPE_ADDRESS | SHAPE_MAIL));
}

static size_t count_names(struct str line, char delimiter)
{
        struct csv_row row = csv_row(line, delimiter);
        struct csv_cell cell;
        size_t n = 0;
        int r;

        while ((r = csv_next(&row, &cell)) > 0) {
                if (!is_name(cell.text))
                        return 0;
                n++;
        }
        return r < 0 ? 0 : n;
}

bool draft_is_csv(void *unused, const char *source, struct str line, struct csv_shape *ret)
{
        (void)unused;
        (void)source;
        while (line.n > 0 && (line.p[line.n - 1] == '\n' || line.p[line.n - 1] == '\r'))
                line.n--;
        if (str_starts(line, STR("CEF:")) || str_find(line, STR(" CEF:")) != SIZE_MAX)
                return false;
        for (size_t i = 0; i < ARRAY_LEN(delimiters); i++)
                if (count_names(line, delimiters[i]) >= COLUMNS_MIN) {
                        *ret = (struct csv_shape){ .delimiter = delimiters[i], .has_header = true };
                        return true;
                }
        return false;
}

bool draft_csv_fits(const struct draft *d)
{
        return d->request->raws[0].header.p != NULL;
}

static char delimiter_of(struct str header)
{
        struct csv_shape shape = { .delimiter = ',' };

        (void)draft_is_csv(NULL, NULL, header, &shape);
        return shape.delimiter;
}

/* Whether a column holds JSON: one of its first cells does. */
static bool column_is_json(const struct draft *d, size_t column, char delimiter)
{
        for (size_t i = 0; i < d->request->n; i++) {
                struct csv_row row = csv_row(d->request->raws[i].bytes, delimiter);
                struct csv_cell cell = { .text = STR_NONE };
                struct json_tree *tree;
                char *p;

                for (size_t k = 0; k <= column; k++)
                        if (csv_next(&row, &cell) <= 0)
                                return false;
                if (str_eq(d->request->raws[i].bytes, d->header) || cell.text.n < 2 || cell.text.p[0] != '{')
                        continue;
                p = arena_bytes(d->arena, cell.text.n);
                return p && json_tree_read(d->arena, str_from(p, csv_undouble(cell.text, p)), &tree) == 0;
        }
        return false;
}

int draft_csv_head(struct draft *d)
{
        struct str header = d->request->raws[0].header;
        char delimiter = delimiter_of(header);
        struct csv_row row;
        struct csv_cell cell;
        bool has_json = false;

        d->header = header;
        row = csv_row(header, delimiter);
        if (delimiter != ',')
                strbuf_addf(&d->head, "delimiter: %s\n", delimiter == '\t' ? "tab" : delimiter == ';' ? "';'" : "'|'");
        for (size_t i = 0; csv_next(&row, &cell) > 0; i++)
                if (column_is_json(d, i, delimiter)) {
                        strbuf_addz(&d->head, has_json ? ", " : "json: [");
                        draft_scalar(&d->head, str_trim(cell.text));
                        if (d->n_opened < DRAFT_OPENED_MAX)
                                d->opened[d->n_opened++] = str_trim(cell.text);
                        has_json = true;
                }
        strbuf_addz(&d->head, has_json ? "]   # guess: columns that hold JSON\n" : "");
        return 0;
}

/* ---- The syslog header ---- */

struct str draft_message(const struct draft *d, const struct raw *raw, bool has_header)
{
        struct syslog_line line;
        struct str text = str_trim(raw->bytes);

        (void)d;
        return has_header && syslog_parse(text, &line) && line.message.p ? line.message : text;
}

static bool is_headed(struct str text, struct syslog_line *line)
{
        return syslog_parse(text, line) && line->timestamp.p && line->program.p && line->message.p;
}

bool draft_syslog_head(struct draft *d)
{
        struct str programs[PROGRAMS_MAX];
        size_t n = 0, headed = 0;

        for (size_t i = 0; i < d->request->n; i++) {
                struct syslog_line line;
                size_t k = 0;

                if (!is_headed(str_trim(d->request->raws[i].bytes), &line))
                        continue;
                headed++;
                while (k < n && !str_eq(programs[k], line.program))
                        k++;
                if (k == n && n < PROGRAMS_MAX)
                        programs[n++] = line.program;
        }
        if (2 * headed < d->request->n || headed == 0)
                return false;
        d->has_header = true;
        strbuf_addz(&d->head, "header: syslog\nprograms: [");
        for (size_t i = 0; i < n; i++) {
                strbuf_addz(&d->head, i ? ", " : "");
                draft_scalar(&d->head, programs[i]);
        }
        strbuf_addz(&d->head, "]   # those of the sample\n");
        return true;
}

/* ---- cef ---- */

static size_t find_cef(struct str line)
{
        return str_starts(line, STR("CEF:")) ? 0 : str_find(line, STR(" CEF:"));
}

bool draft_cef_fits(const struct draft *d)
{
        return find_cef(d->request->raws[0].bytes) != SIZE_MAX;
}

/* Vendor and product tell a source of CEF. */
int draft_cef_head(struct draft *d)
{
        struct str line = d->request->raws[0].bytes, part[3];
        struct str rest = str_from(line.p + find_cef(line), line.n - find_cef(line));

        for (size_t i = 0; i < ARRAY_LEN(part); i++)
                if (!str_cut(&rest, '|', &part[i]))
                        return -EBADMSG;
        strbuf_addz(&d->recognise, "  when:\n    DeviceVendor: ");
        draft_scalar(&d->recognise, part[1]);
        strbuf_addz(&d->recognise, "\n    DeviceProduct: ");
        draft_scalar(&d->recognise, part[2]);
        strbuf_addc(&d->recognise, '\n');
        return 0;
}

/* ---- keyvalue ---- */

static bool is_key(char c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
}

/* How many key=value pairs begin behind that byte or at the beginning; text in double quotes is passed over. */
static size_t count_pairs(struct str s, char separator)
{
        bool is_begin = true, in_quotes = false;
        size_t n = 0;

        for (size_t i = 0; i < s.n; i++) {
                size_t k = i;

                in_quotes ^= s.p[i] == '"';
                if (is_begin && !in_quotes && is_key(s.p[i])) {
                        while (k < s.n && is_key(s.p[k]))
                                k++;
                        n += k < s.n && s.p[k] == '=';
                }
                is_begin = s.p[i] == separator || (is_begin && s.p[i] == ' ');
        }
        return n;
}

static size_t pairs_of(const struct draft *d, char separator)
{
        struct syslog_line line;
        size_t n = 0;

        for (size_t i = 0; i < d->request->n; i++) {
                bool has_header = is_headed(str_trim(d->request->raws[i].bytes), &line);

                n += count_pairs(draft_message(d, &d->request->raws[i], has_header), separator);
        }
        return n / d->request->n;
}

static char best_separator(const struct draft *d, size_t *ret_n)
{
        static const char separators[] = { ' ', ',', ';', '|', '\t' };
        char best = ' ';

        *ret_n = 0;
        for (size_t i = 0; i < ARRAY_LEN(separators); i++) {
                size_t n = pairs_of(d, separators[i]);

                if (n > *ret_n) {
                        *ret_n = n;
                        best = separators[i];
                }
        }
        return best;
}

bool draft_keyvalue_fits(const struct draft *d)
{
        size_t n;

        (void)best_separator(d, &n);
        return n >= PAIRS_MIN;
}

int draft_keyvalue_head(struct draft *d)
{
        size_t n;
        char separator = best_separator(d, &n);

        if (separator != ' ')
                strbuf_addf(&d->head, "separator: %s\n", separator == '\t' ? "tab" : separator == ',' ? "','" : separator == ';' ? "';'" : "'|'");
        (void)draft_syslog_head(d);
        return 0;
}
