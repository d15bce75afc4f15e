/* SPDX-License-Identifier: Apache-2.0 */

/* shopbell status: the counters, what the store holds, what the running daemon says of itself and of its inputs. One list of
 * figures, whatever the format; Prometheus has it in its text exposition format
 * (https://prometheus.io/docs/instrumenting/exposition_formats/). */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "monitor/base/arena.h"
#include "monitor/base/log.h"
#include "monitor/cli/cli.h"
#include "monitor/cli/table.h"
#include "monitor/control.h"
#include "monitor/store/figures.h"

#define STATUS_WAIT (5 * USEC_PER_SEC)

enum kind { KIND_COUNTER, KIND_GAUGE, KIND_SECONDS /* microseconds that are told as seconds */, KIND_TIME /* the same, of a moment */, KIND_WORD };

struct figure {
        const char *name;
        struct str input; /* whose; absent: it is of the whole */
        enum kind kind;
        struct str value; /* a number, but of KIND_WORD */
        struct str help;
};

struct figures {
        struct arena *arena;
        struct figure *items;
        size_t n, cap;
        struct str daemon; /* what it answered; absent: nothing */
        struct table *table;
        enum cli_format format;
        struct strbuf out;
};

/* ---- Collecting ---- */

static int add(struct figures *f, const char *name, struct str input, enum kind kind, struct str value, struct str help)
{
        if (f->n == f->cap) {
                size_t cap = f->cap ? 2 * f->cap : 128;
                struct figure *items = reallocarray(f->items, cap, sizeof *items);

                if (!items)
                        return -ENOMEM;
                f->items = items;
                f->cap = cap;
        }
        f->items[f->n++] = (struct figure){ name, input, kind, value, help };
        return 0;
}

static int add_number(struct figures *f, const char *name, enum kind kind, uint64_t n, const char *help)
{
        struct str value = arena_printf(f->arena, "%llu", (unsigned long long)n);

        return value.p ? add(f, name, STR_NONE, kind, value, str_of(help)) : -ENOMEM;
}

static int on_store_figure(void *userdata, const struct store_figure *s)
{
        struct figures *f = userdata;
        struct str name;
        int r = add_number(f, s->name, KIND_GAUGE, s->n, s->help);

        if (r < 0 || s->max == 0)
                return r;
        name = arena_printf(f->arena, "%s_max", s->name);
        return name.p ? add_number(f, name.p, KIND_GAUGE, s->max, "how many there are at most") : -ENOMEM;
}

static int on_notices(void *userdata, const char *name, uint64_t n, const char *help)
{
        return add_number(userdata, name, KIND_GAUGE, n, help);
}

static int add_store(struct figures *f, struct query *q)
{
        struct counters c;
        int r = query_counters(q, &c);

        for (size_t i = 0; i < _COUNTER_MAX && r >= 0; i++)
                r = add_number(f, counter_name((enum counter)i), KIND_COUNTER, c.n[i], counter_help((enum counter)i));
        if (r >= 0)
                r = query_figures(q, on_store_figure, f);
        return r < 0 ? r : notices_each_state(q, on_notices, f);
}

/* ---- What the daemon says ---- */

static const struct {
        const char *name;
        enum kind kind;
        const char *help; /* NULL: the value is a word, a colon and what it means */
} rows[] = {
        { "rules", KIND_GAUGE, "rules that the daemon loaded" },
        { "rules_off", KIND_GAUGE, "those of them that are off; shopbell rules list shows them" },
        { "rules_bytes", KIND_GAUGE, "memory that the compiled rules take" },
        { "sources", KIND_GAUGE, "log sources that the daemon knows" },
        { "regimes", KIND_GAUGE, "laws and contracts that ask to be told of breaches, as the daemon knows them" },
        { "groups", KIND_GAUGE, "group keys of correlations that the daemon holds" },
        { "cases_open", KIND_GAUGE, "cases that are open; shopbell case shows them" },
        { "clocks_running", KIND_GAUGE, "duties of open cases that are not done" },
        { "clocks_over", KIND_GAUGE, "those of them whose time is over" },
        { "next_deadline", KIND_TIME, "when the next of them that has an end is due" },
        { "next_duty", KIND_WORD, NULL },
        { "networks", KIND_GAUGE, "networks of the configuration" },
        { "network_lists", KIND_GAUGE, "prefixes and AS numbers of lists of networks" },
        { "people", KIND_GAUGE, "people of the configuration" },
        { "geoip", KIND_WORD, NULL },
        { "load_errors", KIND_GAUGE, "errors in files of rules and sources, which were left out; shopbell rules check names them" },
        { "last_reload", KIND_WORD, "when the daemon was last told to load rules anew" },
        { "last_reload_outcome", KIND_WORD, NULL },
};

/* Words of a line about an input. */
static const struct {
        const char *word, *name;
        enum kind kind;
        const char *help;
} input_rows[] = {
        { "raws", "input_raws", KIND_COUNTER, "raw records read since the daemon started" },
        { "records", "input_records", KIND_COUNTER, "records made of them" },
        { "bytes", "input_bytes", KIND_COUNTER, "bytes read, decompressed" },
        { "rejects", "input_rejects", KIND_COUNTER, "raws that could not be read" },
        { "rate", "input_records_per_minute", KIND_GAUGE, "records of the last 60 seconds" },
        { "read", "input_last_read", KIND_TIME, "when it last brought anything" },
        { "newest", "input_last_record", KIND_TIME, "time of its newest record" },
        { "lag", "input_lag", KIND_SECONDS, "how old the newest record of the last ones was when it was read" },
};

static int add_row(struct figures *f, size_t i, struct str value)
{
        struct str help = str_of(rows[i].help), word = value;

        if (!rows[i].help) {
                str_cut(&value, ':', &word);
                help = str_trim(value);
        }
        return add(f, rows[i].name, STR_NONE, rows[i].kind, word, help);
}

/* The value of "word=" in a line, up to the blank behind it; of the name up to the end. */
static struct str word_of(struct str line, const char *word)
{
        struct str part;

        while (str_cut(&line, ' ', &part)) {
                struct str value = part, name;

                str_cut(&value, '=', &name);
                if (str_eqz(name, "name"))
                        return strcmp(word, "name") != 0 ? STR_NONE : line.p ? str_from(value.p, (size_t)(line.p + line.n - value.p)) : value;
                if (value.p && str_eqz(name, word))
                        return value;
        }
        return STR_NONE;
}

/* Figures of the same name stand one behind the other. */
static int add_inputs(struct figures *f)
{
        int r = 0;

        for (size_t i = 0; i < ARRAY_LEN(input_rows) && r >= 0; i++) {
                struct str rest = f->daemon, line;

                while (r >= 0 && str_cut(&rest, '\n', &line)) {
                        struct str value = word_of(line, input_rows[i].word);

                        if (str_starts(line, STR("input ")) && value.p)
                                r = add(f, input_rows[i].name, word_of(line, "name"), input_rows[i].kind, value, str_of(input_rows[i].help));
                }
        }
        return r;
}

static int add_daemon(struct figures *f, const struct cli *cli, struct strbuf *answer)
{
        const struct str help = STR("whether shopbelld runs on this state folder");
        struct err err = { 0 };
        struct str rest, line, name, why;
        int r = control_ask(cli_state(cli), "status", STATUS_WAIT, answer, &err);

        if (r < 0) {
                why = r == -ENOENT ? STR("stopped") : arena_dup(f->arena, str_of(err.text));
                return why.p ? add(f, "daemon", STR_NONE, KIND_WORD, why, help) : -ENOMEM;
        }
        f->daemon = rest = strbuf_str(answer);
        r = add(f, "daemon", STR_NONE, KIND_WORD, STR("running"), help);
        while (r >= 0 && str_cut(&rest, '\n', &line)) {
                struct str value = line;

                str_cut(&value, ' ', &name);
                for (size_t i = 0; value.p && i < ARRAY_LEN(rows) && r >= 0; i++)
                        if (str_eqz(name, rows[i].name))
                                r = add_row(f, i, value);
        }
        return r < 0 ? r : add_inputs(f);
}

/* ---- Telling ---- */

static usec time_of(struct str value)
{
        int64_t t;

        return str_to_i64(value, &t) < 0 ? USEC_NONE : t;
}

/* As people read it, and as columns and JSON have it. */
static struct str value_of(const struct figure *f, char buf[TIME_ISO_BYTES + 16])
{
        usec t = time_of(f->value);

        if (f->kind == KIND_TIME)
                time_format_iso(t - t % USEC_PER_SEC, buf);
        else if (f->kind == KIND_SECONDS)
                snprintf(buf, TIME_ISO_BYTES + 16, "%lld.%03lld", (long long)(t / USEC_PER_SEC), (long long)(t % USEC_PER_SEC / 1000));
        else
                return f->value;
        return str_of(buf);
}

static const struct table_column columns[] = {
        { .title = "COUNTER" },
        { .title = "VALUE", .is_right = true },
        { .title = "MEANING", .is_wrapped = true },
};

static int print_list(struct figures *f)
{
        CLEANUP(table_freep) struct table *t = table_new(columns, ARRAY_LEN(columns), f->format);

        if (!t)
                return -ENOMEM;
        for (size_t i = 0; i < f->n; i++) {
                const struct figure *one = &f->items[i];
                char buf[TIME_ISO_BYTES + 16];
                struct str name = str_of(one->name);

                if (one->input.p && f->format == FORMAT_TABLE) /* they have a table of their own */
                        continue;
                if (one->input.p)
                        name = arena_printf(f->arena, "%s{input=\"" STR_FMT "\"}", one->name, STR_ARG(one->input));
                if (!name.p || table_add(t, (struct str[]){ name, value_of(one, buf), one->help }) < 0)
                        return -ENOMEM;
        }
        return table_print(t);
}

static const struct table_column input_columns[] = {
        { .title = "INPUT" },           { .title = "RECORDS", .is_right = true }, { .title = "PER_MINUTE", .is_right = true },
        { .title = "LAST_RECORD" },     { .title = "LAG", .is_right = true },     { .title = "LAST_READ" },
        { .title = "REJECTS", .is_right = true },
};

static struct str stamp_of(struct str value, char buf[TIME_ISO_BYTES])
{
        usec t = time_of(value);

        if (t == USEC_NONE)
                return STR("-");
        time_format_local(t - t % USEC_PER_SEC, buf);
        return str_of(buf);
}

static int print_inputs(const struct figures *f)
{
        CLEANUP(table_freep) struct table *t = table_new(input_columns, ARRAY_LEN(input_columns), FORMAT_TABLE);
        struct str rest = f->daemon, line;

        if (!t)
                return -ENOMEM;
        while (str_cut(&rest, '\n', &line)) {
                char last[TIME_ISO_BYTES], at[TIME_ISO_BYTES], lag[DURATION_BYTES] = "-";
                struct str late = word_of(line, "lag");

                if (!str_starts(line, STR("input ")))
                        continue;
                if (late.p)
                        duration_format(time_of(late), lag);
                if (table_add(t, (struct str[]){ word_of(line, "name"), word_of(line, "records"), word_of(line, "rate"),
                                                 stamp_of(word_of(line, "newest"), last), str_of(lag), stamp_of(word_of(line, "read"), at),
                                                 word_of(line, "rejects") }) < 0)
                        return -ENOMEM;
        }
        printf("\n");
        return table_print(t);
}

/* ---- Prometheus ---- */

/* Backslash, line feed and, in a label's value, the quote. */
static void put_escaped(struct strbuf *out, struct str text, bool is_label)
{
        for (size_t i = 0; i < text.n; i++) {
                char c = text.p[i];

                if (c == '\n')
                        strbuf_addz(out, "\\n");
                else if (c == '\\' || (is_label && c == '"'))
                        strbuf_addf(out, "\\%c", c);
                else
                        strbuf_addc(out, c);
        }
}

static const char *suffix_of(enum kind kind)
{
        return kind == KIND_COUNTER ? "_total" : kind == KIND_SECONDS ? "_seconds" : kind == KIND_TIME ? "_timestamp_seconds" : "";
}

static void put_sample(struct strbuf *out, const struct figure *f, bool is_first)
{
        bool is_word = f->kind == KIND_WORD;
        const char *name = is_word ? "daemon_up" : f->name, *suffix = suffix_of(f->kind);
        usec t = time_of(f->value);

        if (is_first) {
                strbuf_addf(out, "# HELP shopbell_%s%s ", name, suffix);
                put_escaped(out, f->help, false);
                strbuf_addf(out, "\n# TYPE shopbell_%s%s %s\n", name, suffix, f->kind == KIND_COUNTER ? "counter" : "gauge");
        }
        strbuf_addf(out, "shopbell_%s%s", name, suffix);
        if (f->input.p) {
                strbuf_addz(out, "{input=\"");
                put_escaped(out, f->input, true);
                strbuf_addz(out, "\"}");
        }
        if (f->kind == KIND_TIME || f->kind == KIND_SECONDS)
                strbuf_addf(out, " %lld.%06lld\n", (long long)(t / USEC_PER_SEC), (long long)(t % USEC_PER_SEC));
        else
                strbuf_addf(out, " " STR_FMT "\n", STR_ARG(is_word ? str_eqz(f->value, "running") ? STR("1") : STR("0") : f->value));
}

/* Words are no samples, but for whether the daemon runs. */
static int print_prometheus(struct figures *f)
{
        for (size_t i = 0; i < f->n; i++)
                if (f->items[i].kind != KIND_WORD || strcmp(f->items[i].name, "daemon") == 0)
                        put_sample(&f->out, &f->items[i], i == 0 || strcmp(f->items[i - 1].name, f->items[i].name) != 0);
        if (strbuf_failed(&f->out))
                return -ENOMEM;
        return fwrite(f->out.p, 1, f->out.n, stdout) == f->out.n ? 0 : -EIO;
}

/* ---- All ---- */

static int print(struct figures *f)
{
        int r = f->format == FORMAT_PROMETHEUS ? print_prometheus(f) : print_list(f);

        return r >= 0 && f->format == FORMAT_TABLE && f->daemon.p ? print_inputs(f) : r;
}

int cmd_status(struct cli *cli, int argc, char **argv)
{
        CLEANUP(query_closep) struct query *q = NULL;
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        CLEANUP(strbuf_done) struct strbuf answer = STRBUF_INIT;
        struct figures f = { .arena = arena, .format = cli->format ? cli->format : FORMAT_TABLE };
        int code = cli_query(cli, &q), r;

        (void)argc, (void)argv;
        if (code != CLI_OK)
                return code;
        r = arena ? add_store(&f, q) : -ENOMEM;
        if (r < 0)
                log_error("the counters cannot be read: %s", r == -ENOMEM ? "out of memory" : query_error(q));
        if (r >= 0)
                r = add_daemon(&f, cli, &answer);
        if (r >= 0)
                r = print(&f);
        free(f.items);
        strbuf_done(&f.out);
        return r < 0 ? CLI_CANNOT : CLI_OK;
}
