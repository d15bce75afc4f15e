/* SPDX-License-Identifier: Apache-2.0 */

/* Alerts as a table, CSV, JSON or NDJSON, and one alert in full. */

#include "monitor/cli/report.h"

#include <errno.h>
#include <stdio.h>

#include "monitor/base/json_write.h"
#include "monitor/base/utf8.h"
#include "monitor/cli/report_rows.h"
#include "monitor/cli/table.h"
#include "monitor/store/quiet.h"

struct report {
        struct query *q;
        enum cli_format format;
        struct rows *rows; /* NULL: JSON */
        struct report_sum sum;
        bool is_full; /* records with fields and raw */
        struct strbuf out;
};

/* ---- JSON ---- */

struct record_writer {
        struct json_writer *w;
        bool is_full;
};

static int write_record(void *userdata, const struct evidence *e)
{
        struct record_writer *rw = userdata;
        struct json_writer *w = rw->w;

        json_begin(w, '{');
        json_key(w, "source"), json_str(w, e->source);
        json_key(w, "file"), json_str(w, e->file);
        json_key(w, "index"), json_int(w, (int64_t)e->index);
        json_key(w, "record_id"), json_str(w, e->id);
        json_pair_time(w, "@timestamp", e->time);
        if (rw->is_full) {
                json_key(w, "fields"), json_raw(w, e->fields);
                json_key(w, "raw"), json_str(w, e->sealed.n > 0 ? STR_NONE : e->raw);
                json_key(w, "sealed"), json_bool(w, e->sealed.n > 0);
        }
        json_end(w, '}');
        return 0;
}

/* ---- Who and what ---- */

static const struct {
        const char *label, *key;
} involved_words[_INVOLVED_MAX] = {
#define X(id, field, label_text, key_text) [INVOLVED_##id] = { label_text, key_text },
        INVOLVED(X)
#undef X
};

struct involved_writer {
        struct json_writer *w;
        unsigned next; /* kind whose list is to be begun */
};

static void begin_lists(struct involved_writer *x, unsigned upto)
{
        for (; x->next <= upto && x->next < _INVOLVED_MAX; x->next++) {
                if (x->next > 0)
                        json_end(x->w, ']');
                json_key(x->w, involved_words[x->next].key);
                json_begin(x->w, '[');
        }
}

static int write_one(void *userdata, enum involved kind, struct str value, uint64_t count)
{
        struct involved_writer *x = userdata;

        begin_lists(x, kind);
        json_begin(x->w, '{');
        json_key(x->w, "value"), json_str(x->w, value.n > 0 ? value : STR_NONE);
        json_key(x->w, "records"), json_int(x->w, (int64_t)count);
        json_end(x->w, '}');
        return 0;
}

static int write_involved(struct query *q, struct json_writer *w, const struct hash128 *alert)
{
        struct involved_writer x = { .w = w };
        int k = query_involved(q, alert, write_one, &x);

        begin_lists(&x, _INVOLVED_MAX - 1);
        json_end(w, ']');
        return k;
}

static void write_rule(struct json_writer *w, const struct query_alert *a)
{
        json_key(w, "rule");
        json_begin(w, '{');
        json_key(w, "id"), json_str(w, a->rule_id);
        json_key(w, "title"), json_str(w, a->rule_title);
        json_key(w, "level"), json_strz(w, level_name(a->level));
        json_key(w, "class"), json_raw(w, a->classes.n ? a->classes : STR("[]"));
        json_end(w, '}');
}

/* ---- Whether it rings ---- */

struct told_writer {
        struct json_writer *w;
        enum mute how; /* of these */
};

static int write_told(void *userdata, const struct hash128 *id, struct str rule_id, struct str rule_title, enum mute how)
{
        struct told_writer *x = userdata;
        char hex[HASH128_HEX_BYTES];

        if (how != x->how)
                return 0;
        hash128_hex(id, hex);
        json_begin(x->w, '{');
        json_key(x->w, "alert"), json_strz(x->w, hex);
        json_key(x->w, "rule"), json_str(x->w, rule_id);
        json_key(x->w, "title"), json_str(x->w, rule_title);
        json_end(x->w, '}');
        return 0;
}

/* Other alerts that this one tells of. */
static int write_also(struct query *q, struct json_writer *w, const struct query_alert *a)
{
        static const struct {
                enum mute how;
                const char *key;
        } lists[] = { { MUTE_SAME, "also" }, { MUTE_INHIBITED, "inhibits" }, { MUTE_KNOWN, "explains" } };
        int k = 0;

        for (size_t i = 0; i < ARRAY_LEN(lists) && k >= 0; i++) {
                struct told_writer x = { w, lists[i].how };

                json_key(w, lists[i].key);
                json_begin(w, '[');
                k = query_told_in(q, &a->id, write_told, &x);
                json_end(w, ']');
        }
        return k;
}

static int write_quiet(struct query *q, struct json_writer *w, const struct query_alert *a)
{
        char hex[HASH128_HEX_BYTES];

        hash128_hex(&a->muted_by, hex);
        json_key(w, "silence");
        if (a->silence)
                json_int(w, a->silence);
        else
                json_null(w);
        json_key(w, "muted_by"), json_strz(w, a->muted_how.n > 0 ? hex : NULL);
        json_key(w, "muted"), json_str(w, a->muted_how.n > 0 ? a->muted_how : STR_NONE);
        json_key(w, "rang"), json_bool(w, a->rang_at != USEC_NONE);
        json_key(w, "answer"), json_str(w, a->answer.n > 0 ? a->answer : STR_NONE);
        return write_also(q, w, a);
}

static int write_event(void *userdata, usec at, struct str what, struct str text)
{
        struct json_writer *w = userdata;

        json_begin(w, '{');
        json_pair_time(w, "at", at);
        json_key(w, "what"), json_str(w, what);
        json_key(w, "text"), json_str(w, text);
        json_end(w, '}');
        return 0;
}

static int write_history(struct query *q, struct json_writer *w, const struct hash128 *alert)
{
        int k;

        json_key(w, "history");
        json_begin(w, '[');
        k = query_history(q, alert, write_event, w);
        json_end(w, ']');
        return k;
}

static int write_alert(struct report *r, const struct query_alert *a)
{
        struct json_writer w = JSON_WRITER(&r->out);
        struct record_writer rw = { .w = &w, .is_full = r->is_full };
        char hex[HASH128_HEX_BYTES];
        int k;

        hash128_hex(&a->id, hex);
        json_begin(&w, '{');
        json_key(&w, "id"), json_strz(&w, hex);
        write_rule(&w, a);
        json_key(&w, "sentence"), json_str(&w, a->sentence);
        json_key(&w, "why"), json_str(&w, a->why);
        json_pair_time(&w, "first_seen", a->first_seen);
        json_pair_time(&w, "last_seen", a->last_seen);
        json_key(&w, "count"), json_int(&w, (int64_t)a->count);
        json_key(&w, "group"), json_raw(&w, a->group.n ? a->group : STR("{}"));
        json_key(&w, "person"), json_str(&w, a->person.n ? a->person : STR_NONE);
        json_key(&w, "source"), json_str(&w, a->source);
        json_key(&w, "state"), json_str(&w, a->state);
        json_key(&w, "late"), json_bool(&w, a->is_late);
        json_key(&w, "playbook"), json_str(&w, a->playbook);
        k = write_quiet(r->q, &w, a);
        if (k >= 0)
                k = write_involved(r->q, &w, &a->id);
        if (k >= 0 && r->is_full)
                k = write_history(r->q, &w, &a->id);
        if (k < 0)
                return k;
        json_key(&w, "records");
        json_begin(&w, '[');
        k = query_records(r->q, &a->id, write_record, &rw);
        json_end(&w, ']');
        json_end(&w, '}');
        return k;
}

static int flush(struct report *r)
{
        bool is_written = !strbuf_failed(&r->out) && fwrite(r->out.p ? r->out.p : "", 1, r->out.n, stdout) == r->out.n;

        strbuf_clear(&r->out);
        return is_written ? 0 : -EIO;
}

/* ---- All ---- */

static int on_alert(void *userdata, const struct query_alert *a)
{
        struct report *r = userdata;
        int k;

        r->sum.n++;
        r->sum.by_level[a->level]++;
        if (r->rows)
                return rows_add(r->rows, a);
        if (r->format == FORMAT_JSON)
                strbuf_addz(&r->out, r->sum.n > 1 ? ",\n" : "[\n");
        k = write_alert(r, a);
        if (r->format == FORMAT_NDJSON)
                strbuf_addc(&r->out, '\n');
        return k < 0 ? k : flush(r);
}

int report_alerts(struct query *q, const struct query_filter *f, enum cli_format format, struct report_sum *ret)
{
        struct report r = { .q = q, .format = format };
        int k;

        if (format != FORMAT_JSON && format != FORMAT_NDJSON && !(r.rows = rows_new(q, format, f->with_merged || f->standings.p)))
                return -ENOMEM;
        k = query_alerts(q, f, on_alert, &r);
        if (k >= 0 && r.rows)
                k = rows_print(r.rows);
        if (k >= 0 && format == FORMAT_JSON) {
                strbuf_addz(&r.out, r.sum.n ? "\n]\n" : "[]\n");
                k = flush(&r);
        }
        rows_free(r.rows);
        strbuf_done(&r.out);
        if (k >= 0)
                *ret = r.sum;
        return k;
}

/* ---- One in full ---- */

static void put_line(const char *label, struct str text)
{
        CLEANUP(strbuf_done) struct strbuf safe = STRBUF_INIT;
        struct str rest = text, line;

        while (text.n > 0 && str_cut(&rest, '\n', &line)) {
                strbuf_clear(&safe);
                text_display(&safe, line, TEXT_TERMINAL, 0);
                printf("%-10s %s\n", label, safe.p ? safe.p : "");
                label = "";
        }
}

static const struct table_column record_columns[] = {
        { .title = "TIME" }, { .title = "SOURCE" }, { .title = "FILE" },
        { .title = "INDEX", .is_right = true }, { .title = "RECORD" },
};

static int add_record_row(void *userdata, const struct evidence *e)
{
        char stamp[TIME_ISO_BYTES], index[24];

        time_format_local(e->time, stamp);
        snprintf(index, sizeof index, "%llu", (unsigned long long)e->index);
        return table_add(userdata, (struct str[]){ str_of(stamp), e->source, e->file, str_of(index), e->id });
}

/* Further lines are set in, lest one passes for the next record. */
static int print_raw(void *userdata, const struct evidence *e)
{
        CLEANUP(strbuf_done) struct strbuf safe = STRBUF_INIT;
        struct str rest, line;

        (void)userdata;
        if (e->sealed.n > 0 || e->raw.n == 0) {
                puts(e->sealed.n > 0 ? "(kept under pseudonyms: --reveal shows it, and the history says so)" : "(gone with its age)");
                return 0;
        }
        text_display(&safe, e->raw, TEXT_BLOCK, 0);
        rest = strbuf_str(&safe);
        for (const char *before = ""; str_cut(&rest, '\n', &line); before = "  ")
                printf("%s" STR_FMT "\n", before, STR_ARG(line));
        return 0;
}

static int print_history(void *userdata, usec at, struct str what, struct str text)
{
        CLEANUP(strbuf_done) struct strbuf safe = STRBUF_INIT;
        char stamp[TIME_ISO_BYTES];

        (void)userdata;
        if (str_eqz(what, "evidence")) /* its records are listed below */
                return 0;
        time_format_local(at, stamp);
        text_display(&safe, text, TEXT_TERMINAL, 0);
        printf("           %s  " STR_FMT "%s%s\n", stamp, STR_ARG(what), safe.n > 0 ? "  " : "", safe.p ? safe.p : "");
        return 0;
}

static int print_records(struct query *q, const struct query_alert *a)
{
        CLEANUP(table_freep) struct table *t = table_new(record_columns, ARRAY_LEN(record_columns), FORMAT_TABLE);
        int k;

        if (!t)
                return -ENOMEM;
        printf("\nRecords (%llu of %llu)\n", (unsigned long long)a->n_records, (unsigned long long)a->count);
        k = query_records(q, &a->id, add_record_row, t);
        if (k >= 0)
                k = table_print(t);
        if (k >= 0) {
                printf("\nAs they were logged\n");
                k = query_records(q, &a->id, print_raw, NULL);
        }
        return k;
}

struct involved_lines {
        struct strbuf of[_INVOLVED_MAX];
};

static int add_involved(void *userdata, enum involved kind, struct str value, uint64_t count)
{
        struct involved_lines *lines = userdata;
        struct strbuf *b = &lines->of[kind];

        strbuf_addz(b, b->n ? ", " : "");
        if (value.n > 0)
                strbuf_addf(b, STR_FMT " (%llu)", STR_ARG(value), (unsigned long long)count);
        else
                strbuf_addf(b, "others (%llu)", (unsigned long long)count);
        return 0;
}

/* The number of records that each is in. */
static int print_involved(struct query *q, const struct hash128 *alert)
{
        struct involved_lines lines = { 0 };
        int k = query_involved(q, alert, add_involved, &lines);

        for (size_t i = 0; i < _INVOLVED_MAX; i++) {
                if (k >= 0)
                        put_line(involved_words[i].label, strbuf_str(&lines.of[i]));
                strbuf_done(&lines.of[i]);
        }
        return k;
}

static int add_told(void *userdata, const struct hash128 *id, struct str rule_id, struct str rule_title, enum mute how)
{
        struct strbuf *of = userdata;
        struct strbuf *b = &of[how];
        char hex[HASH128_HEX_BYTES];

        (void)rule_id;
        hash128_hex(id, hex);
        strbuf_addf(b, "%s" STR_FMT " (%.*s)", b->n ? "\n" : "", STR_ARG(rule_title), ID_SHOWN, hex);
        return 0;
}

static int print_quiet(struct query *q, const struct query_alert *a)
{
        struct strbuf told[_MUTE_MAX] = { 0 };
        char words[QUIET_WORDS_BYTES];
        int k = query_told_in(q, &a->id, add_told, told);

        put_line("Quiet", alert_quiet_words(a, words));
        put_line("Also", strbuf_str(&told[MUTE_SAME]));
        put_line("Inhibits", strbuf_str(&told[MUTE_INHIBITED]));
        put_line("Explains", strbuf_str(&told[MUTE_KNOWN]));
        for (size_t i = 0; i < _MUTE_MAX; i++)
                strbuf_done(&told[i]);
        return k;
}

static int print_full(struct report *r, const struct query_alert *a)
{
        CLEANUP(strbuf_done) struct strbuf line = STRBUF_INIT;
        char hex[HASH128_HEX_BYTES], first[TIME_ISO_BYTES], last[TIME_ISO_BYTES];

        hash128_hex(&a->id, hex);
        time_format_local(a->first_seen, first);
        time_format_local(a->last_seen, last);
        put_line("Alert", str_of(hex));
        put_line("", a->sentence);
        put_line("Level", str_of(level_name(a->level)));
        strbuf_addf(&line, "%s to %s, %llu time%s%s", first, last, (unsigned long long)a->count, a->count == 1 ? "" : "s",
                    a->is_late ? ", some records came late" : "");
        put_line("When", strbuf_str(&line));
        put_line("Why", a->why);
        put_line("Who", a->person);
        if (print_involved(r->q, &a->id) < 0)
                return -EIO;
        put_line("Group", str_eqz(a->group, "{}") ? STR_NONE : a->group);
        put_line("Source", a->source);
        strbuf_clear(&line);
        strbuf_addf(&line, STR_FMT " (" STR_FMT ")", STR_ARG(a->rule_title), STR_ARG(a->rule_id));
        put_line("Rule", strbuf_str(&line));
        if (print_quiet(r->q, a) < 0)
                return -EIO;
        put_line("To do", a->playbook);
        printf("History\n");
        if (query_history(r->q, &a->id, print_history, NULL) < 0)
                return -EIO;
        return print_records(r->q, a);
}

static int on_full(void *userdata, const struct query_alert *a)
{
        struct report *r = userdata;
        int k;

        r->sum.n++;
        if (r->format == FORMAT_TABLE)
                return print_full(r, a);
        k = write_alert(r, a);
        strbuf_addc(&r->out, '\n');
        return k < 0 ? k : flush(r);
}

int report_alert(struct query *q, const struct hash128 *id, enum cli_format format)
{
        struct query_filter one = { .since = USEC_NONE, .until = USEC_NONE, .with_merged = true, .only = id };
        struct report r = { .q = q, .format = format, .is_full = true };
        int k = query_alerts(q, &one, on_full, &r);

        strbuf_done(&r.out);
        return k < 0 ? k : r.sum.n == 1 ? 0 : -ENOENT;
}
