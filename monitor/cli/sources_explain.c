/* SPDX-License-Identifier: Apache-2.0 */

/* shopbell sources explain FILE[:INDEX]: each field of a record as its log has it, and where it went. */

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "monitor/base/log.h"
#include "monitor/base/utf8.h"
#include "monitor/cli/cli.h"
#include "monitor/cli/replay.h"
#include "monitor/cli/table.h"

enum { VALUE_CHARS_MAX = 60 /* of a table's cell; longer values end in an ellipsis there */ };

static const struct table_column columns[] = {
        { .title = "FIELD" }, { .title = "VALUE" }, { .title = "USE", .is_wrapped = true },
};
static const struct table_column flat_columns[] = {
        { .title = "RECORD", .is_right = true }, { .title = "SOURCE" }, { .title = "FIELD" }, { .title = "VALUE" }, { .title = "USE" },
};

struct explain {
        struct cli *cli;
        struct setup setup;
        struct parser *parser;
        struct table *table; /* of one record; of all where the output is no table */
        enum cli_format format;
        const char *file;
        bool has_index;
        uint64_t index;
        uint64_t n; /* records to tell about, from the index on */
        uint64_t records, told; /* met so far, told about */
        uint32_t source; /* of the record that parser_parse() made last */
        bool failed, has_lists; /* polled ones */
};

static int on_record(void *userdata, struct record *record)
{
        struct explain *x = userdata;

        x->source = record->source_index;
        return 0;
}

static void note(void *userdata, const struct err *err)
{
        struct explain *x = userdata;

        x->failed |= err->code < 0;
        log_err(err->code < 0 ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO, err);
}

/* ---- One record ---- */

static int on_use(void *userdata, const struct field_use *use)
{
        struct explain *x = userdata;
        struct str how = use->use.n > 0 ? use->use : STR("ignored");
        CLEANUP(strbuf_done) struct strbuf value = STRBUF_INIT;
        char number[24];

        if (x->format == FORMAT_TABLE) {
                text_display(&value, use->value, TEXT_TERMINAL, VALUE_CHARS_MAX);
                return strbuf_failed(&value) ? -ENOMEM : table_add(x->table, (struct str[]){ use->name, strbuf_str(&value), how });
        }
        snprintf(number, sizeof number, "%llu", (unsigned long long)(x->index + x->told));
        return table_add(x->table, (struct str[]){ str_of(number), str_of(source_name(sourceset_get(x->setup.sources, x->source))),
                                                   use->name, use->value, how });
}

static void print_head(const struct explain *x, const struct record *record)
{
        CLEANUP(strbuf_done) struct strbuf safe = STRBUF_INIT;
        const struct slot *classes = record_slot(record, ECS_CLASS);
        char stamp[TIME_ISO_BYTES];

        time_format_iso(record->time, stamp);
        text_display(&safe, str_of(x->file), TEXT_TERMINAL, 0);
        printf("%s%s:%llu, %s, %s, ", x->told ? "\n" : "", safe.p ? safe.p : "", (unsigned long long)(x->index + x->told),
               record->source, record->time == USEC_NONE ? "without a time" : stamp);
        for (const struct value *v = classes ? classes->first : NULL; v; v = v->next)
                printf("%s" STR_FMT, v == classes->first ? "class " : ", ", STR_ARG(v->text));
        puts(classes && classes->first ? "" : "without a class");
}

static int explain_record(struct explain *x, const struct raw *raw, uint32_t number, struct arena *arena)
{
        bool is_table = x->format == FORMAT_TABLE;
        struct record *record = NULL;
        int r;

        if (!x->table)
                x->table = is_table ? table_new(columns, ARRAY_LEN(columns), x->format)
                                    : table_new(flat_columns, ARRAY_LEN(flat_columns), x->format);
        if (!x->table)
                return -ENOMEM;
        r = parser_explain(x->parser, raw, sourceset_get(x->setup.sources, x->source), number, arena, on_use, x, &record);
        if (r < 0)
                return r;
        if (is_table) {
                print_head(x, record);
                r = table_print(x->table);
                x->table = table_free(x->table);
        }
        x->told++;
        return r;
}

/* ---- The file ---- */

static int take_raw(struct explain *x, const struct raw *raw, struct arena *arena)
{
        const char *reason = NULL;
        int n = parser_parse(x->parser, raw, arena, on_record, x, &reason), r = 0;

        if (n == -ENOMEM)
                return n;
        if (n < 0) {
                log_warning("%s: byte %llu: %s, skipping this record", x->file, (unsigned long long)raw->offset,
                            reason ? reason : "cannot be read");
                x->failed = true;
                return 0;
        }
        for (int i = 0; i < n && r >= 0 && x->told < x->n; i++, x->records++)
                if (x->records >= x->index)
                        r = explain_record(x, raw, (uint32_t)i, arena);
        return r;
}

static int read_file(struct explain *x)
{
        struct input_options o = cli_input(x->cli, &x->setup, note, x);
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct input *in = NULL;
        struct raws raws = { 0 };
        struct err err = { 0 };
        int r = arena ? input_open_files(&o, &x->file, 1, &in, &err) : -ENOMEM, more = 1;

        if (r < 0)
                log_err(LOG_LEVEL_ERROR, &err);
        while (r >= 0 && more > 0 && x->told < x->n) {
                more = input_read(in, arena, &raws, INPUT_BATCH_BYTES);
                r = more < 0 ? more : 0;
                for (size_t i = 0; i < raws.n && r >= 0 && x->told < x->n; i++)
                        r = take_raw(x, &raws.items[i], arena);
                raws.n = 0;
                arena_reset(arena);
        }
        x->has_lists = in && input_counters(in)->n[COUNTER_LIST] + input_counters(in)->n[COUNTER_LIST_FIRST] > 0;
        raws_done(&raws);
        input_close(in);
        return r;
}

static int run(struct explain *x)
{
        struct parser_options o = { .hint = { .reference = USEC_NONE, .local = true } };
        int code = cli_load(x->cli, false, &x->setup), r;

        if (code != CLI_OK)
                return code;
        x->parser = parser_new(x->setup.sources, &o);
        r = x->parser ? read_file(x) : -ENOMEM;
        if (r >= 0 && x->table)
                r = table_print(x->table);
        if (r >= 0 && x->told == 0) {
                if (x->has_index && x->records > 0)
                        log_error("%s: there is no record %llu", x->file, (unsigned long long)x->index);
                else if (x->has_lists)
                        log_error("%s: the records of a polled list are what differs from the poll before, and nothing does; name the folder of its polls",
                                  x->file);
                else
                        log_error("%s: no record of a known source; `shopbell sources identify` says what is near, --source names one",
                                  x->file);
                return CLI_CANNOT;
        }
        return r < 0 || x->failed ? CLI_CANNOT : CLI_OK;
}

int cmd_sources_explain(struct cli *cli, int argc, char **argv)
{
        struct explain x = { .cli = cli, .format = cli->format ? cli->format : FORMAT_TABLE, .n = cli->limit ? cli->limit : 1 };
        int code = CLI_USAGE;

        if (argc != 1) {
                log_error("name one file: shopbell sources explain FILE[:INDEX]");
        } else {
                x.file = cli_split_index(argv[0], &x.has_index, &x.index);
                if (cli->has_index) {
                        x.has_index = true;
                        x.index = cli->index;
                }
                code = run(&x);
        }
        table_free(x.table);
        parser_free(x.parser);
        setup_done(&x.setup);
        return code;
}
