/* SPDX-License-Identifier: Apache-2.0 */

/* To add a column: a row in the table, a function that fills its cell, and its place in a layout. */

#include "monitor/cli/report_rows.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor/cli/table.h"
#include "monitor/store/quiet.h"

enum {
        COLUMN_ID, COLUMN_TIME, COLUMN_LAST, COLUMN_LEVEL, COLUMN_COUNT, COLUMN_PERSON, COLUMN_COUNTRY, COLUMN_ADDRESS, COLUMN_SOURCE,
        COLUMN_RULE, COLUMN_ALERT, COLUMN_STATE, _COLUMN_MAX
};

enum { NARROW_COLUMNS = 100 }; /* a terminal that is narrower has the source with the sentence */

struct rows {
        struct query *q;
        enum cli_format format;
        const unsigned *layout;
        size_t n;
        struct table_column columns[_COLUMN_MAX]; /* as the layout has them */
        struct table *table;
        struct strbuf cells[_COLUMN_MAX]; /* of the row at work, by column */
};

struct cell {
        struct rows *rows;
        const struct query_alert *a;
        struct strbuf *out;
        size_t n; /* values so far */
};

/* ---- Cells ---- */

static bool is_for_people(const struct rows *rows)
{
        return rows->format == FORMAT_TABLE || rows->format == FORMAT_WIDE;
}

static int put_id(struct cell *c)
{
        char hex[HASH128_HEX_BYTES];

        hash128_hex(&c->a->id, hex);
        if (is_for_people(c->rows))
                hex[ID_SHOWN] = '\0';
        strbuf_addz(c->out, hex);
        return 0;
}

static void put_stamp(struct cell *c, usec t)
{
        char stamp[TIME_ISO_BYTES];

        if (is_for_people(c->rows))
                time_format_local(t, stamp);
        else
                time_format_iso(t, stamp);
        strbuf_addz(c->out, stamp);
}

static int put_time(struct cell *c)
{
        put_stamp(c, c->a->first_seen);
        return 0;
}

static int put_last(struct cell *c)
{
        put_stamp(c, c->a->last_seen);
        return 0;
}

static int put_level(struct cell *c)
{
        strbuf_addz(c->out, level_name(c->a->level));
        return 0;
}

static int put_count(struct cell *c)
{
        strbuf_addf(c->out, "%llu", (unsigned long long)c->a->count);
        return 0;
}

static int put_person(struct cell *c)
{
        strbuf_add(c->out, c->a->person);
        return 0;
}

static void put_value(struct cell *c, struct str value)
{
        strbuf_addz(c->out, c->n++ > 0 ? ", " : "");
        strbuf_add(c->out, value.n > 0 ? value : STR("others"));
}

static int on_country(void *userdata, struct str value, uint64_t records)
{
        (void)records;
        put_value(userdata, value);
        return 0;
}

static int put_country(struct cell *c)
{
        return query_values(c->rows->q, &c->a->id, STR("source.geo.country_iso_code"), on_country, c);
}

static int on_address(void *userdata, enum involved kind, struct str value, uint64_t records)
{
        (void)records;
        if (kind == INVOLVED_ADDRESS)
                put_value(userdata, value);
        return 0;
}

static int put_address(struct cell *c)
{
        return query_involved(c->rows->q, &c->a->id, on_address, c);
}

static int put_source(struct cell *c)
{
        strbuf_add(c->out, c->a->source);
        return 0;
}

static int put_rule(struct cell *c)
{
        strbuf_add(c->out, c->a->rule_title);
        return 0;
}

static int on_told(void *userdata, const struct hash128 *id, struct str rule_id, struct str rule_title, enum mute how)
{
        struct cell *c = userdata;

        (void)id;
        (void)rule_id;
        if (how != MUTE_SAME)
                return 0;
        strbuf_addz(c->out, c->n++ > 0 ? "; " : " (also: ");
        strbuf_add(c->out, rule_title);
        return 0;
}

/* The sentence, what else it tells of, and its source where no column has that. */
static int put_alert(struct cell *c)
{
        bool has_source = c->a->source.n == 0 || str_find(c->a->sentence, c->a->source) != SIZE_MAX;
        int r;

        for (size_t i = 0; i < c->rows->n; i++)
                has_source |= c->rows->layout[i] == COLUMN_SOURCE;
        strbuf_add(c->out, c->a->sentence);
        r = query_told_in(c->rows->q, &c->a->id, on_told, c);
        strbuf_addz(c->out, c->n > 0 ? ")" : "");
        if (!has_source)
                strbuf_addf(c->out, " [" STR_FMT "]", STR_ARG(c->a->source));
        return r;
}

struct str alert_quiet_words(const struct query_alert *a, char ret[QUIET_WORDS_BYTES])
{
        char hex[HASH128_HEX_BYTES];

        hash128_hex(&a->muted_by, hex);
        ret[0] = '\0';
        if (!str_eqz(a->state, "open"))
                snprintf(ret, QUIET_WORDS_BYTES, STR_FMT, STR_ARG(a->state));
        else if (a->answer.n > 0)
                snprintf(ret, QUIET_WORDS_BYTES, STR_FMT, STR_ARG(a->answer));
        else if (a->muted_how.n > 0)
                snprintf(ret, QUIET_WORDS_BYTES, "%s%s %.*s", a->rang_at == USEC_NONE ? "" : "rang, ",
                         str_eqz(a->muted_how, "same")    ? "same as"
                         : str_eqz(a->muted_how, "known") ? "known by"
                                                          : "inhibited by",
                         ID_SHOWN, hex);
        else if (a->silence)
                snprintf(ret, QUIET_WORDS_BYTES, "%ssilence %lld", a->rang_at == USEC_NONE ? "" : "rang, ", (long long)a->silence);
        return str_of(ret);
}

static int put_state(struct cell *c)
{
        char words[QUIET_WORDS_BYTES];

        strbuf_add(c->out, alert_quiet_words(c->a, words));
        return 0;
}

/* ---- Columns ---- */

static const struct {
        struct table_column head;
        int (*put)(struct cell *c);
} all[_COLUMN_MAX] = {
        [COLUMN_ID] = { { .title = "ID" }, put_id },
        [COLUMN_TIME] = { { .title = "TIME" }, put_time },
        [COLUMN_LAST] = { { .title = "LAST" }, put_last },
        [COLUMN_LEVEL] = { { .title = "LEVEL", .is_level = true }, put_level },
        [COLUMN_COUNT] = { { .title = "COUNT", .is_right = true }, put_count },
        [COLUMN_PERSON] = { { .title = "PERSON" }, put_person },
        [COLUMN_COUNTRY] = { { .title = "COUNTRY" }, put_country },
        [COLUMN_ADDRESS] = { { .title = "ADDRESS", .is_wrapped = true }, put_address },
        [COLUMN_SOURCE] = { { .title = "SOURCE" }, put_source },
        [COLUMN_RULE] = { { .title = "RULE", .is_wrapped = true }, put_rule },
        [COLUMN_ALERT] = { { .title = "ALERT", .is_wrapped = true }, put_alert },
        [COLUMN_STATE] = { { .title = "STATE", .is_wrapped = true }, put_state },
};

/* The last is left out where all of them ring. */
static const unsigned narrow[] = { COLUMN_ID, COLUMN_TIME, COLUMN_LEVEL, COLUMN_COUNT, COLUMN_ALERT, COLUMN_STATE };
static const unsigned plain[] = { COLUMN_ID, COLUMN_TIME, COLUMN_LEVEL, COLUMN_COUNT, COLUMN_SOURCE, COLUMN_ALERT, COLUMN_STATE };
static const unsigned wide[] = { COLUMN_ID,      COLUMN_TIME,    COLUMN_LAST,   COLUMN_LEVEL, COLUMN_COUNT, COLUMN_PERSON,
                                 COLUMN_COUNTRY, COLUMN_ADDRESS, COLUMN_SOURCE, COLUMN_RULE,  COLUMN_ALERT, COLUMN_STATE };

static void lay_out(struct rows *rows, bool with_state)
{
        const struct screen *screen = screen_get();
        bool is_narrow = rows->format == FORMAT_TABLE && screen->columns > 0 && screen->columns < NARROW_COLUMNS;

        rows->layout = rows->format == FORMAT_WIDE ? wide : is_narrow ? narrow : plain;
        rows->n = rows->format == FORMAT_WIDE ? ARRAY_LEN(wide) : is_narrow ? ARRAY_LEN(narrow) : ARRAY_LEN(plain);
        rows->n -= !with_state && rows->format != FORMAT_WIDE;
        for (size_t i = 0; i < rows->n; i++)
                rows->columns[i] = all[rows->layout[i]].head;
}

struct rows *rows_new(struct query *q, enum cli_format format, bool with_state)
{
        struct rows *rows = calloc(1, sizeof *rows);

        if (!rows)
                return NULL;
        rows->q = q;
        rows->format = format;
        lay_out(rows, with_state);
        rows->table = table_new(rows->columns, rows->n, format == FORMAT_WIDE ? FORMAT_TABLE : format);
        return rows->table ? rows : rows_free(rows);
}

struct rows *rows_free(struct rows *rows)
{
        if (!rows)
                return NULL;
        table_free(rows->table);
        for (size_t i = 0; i < _COLUMN_MAX; i++)
                strbuf_done(&rows->cells[i]);
        free(rows);
        return NULL;
}

int rows_add(struct rows *rows, const struct query_alert *a)
{
        struct str cells[_COLUMN_MAX];

        for (size_t i = 0; i < rows->n; i++) {
                struct cell c = { .rows = rows, .a = a, .out = &rows->cells[i] };
                int r;

                strbuf_clear(c.out);
                r = all[rows->layout[i]].put(&c);
                if (r < 0 || strbuf_failed(c.out))
                        return r < 0 ? r : -ENOMEM;
                cells[i] = strbuf_str(c.out);
        }
        return table_add(rows->table, cells);
}

int rows_print(struct rows *rows)
{
        return table_print(rows->table);
}
