/* SPDX-License-Identifier: Apache-2.0 */

/* shopbell scan and parse: logs read once. Scan runs the daemon's own pipeline on a store in memory, so its alerts are the
 * ones the daemon would raise; of the records behind them only what is printed is stored. */

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "monitor/base/json_write.h"
#include "monitor/base/log.h"
#include "monitor/cli/cli.h"
#include "monitor/cli/report.h"
#include "monitor/model/render.h"
#include "monitor/pipeline.h"

enum { REJECTS_SHOWN = 5, THREADS_DEFAULT_MAX = 4, OUT_FLUSH_BYTES = 256 * 1024 };

struct scan {
        struct cli *cli;
        struct setup setup;
        struct strbuf out;
        enum level highest; /* of the hits; _LEVEL_MAX: none */
        size_t notes, rejects;
        usec started;
        bool shows_progress;
        uint64_t last_tenths;
};

static int flush(struct scan *s, size_t above)
{
        bool is_written;

        if (strbuf_failed(&s->out))
                return -ENOMEM;
        if (s->out.n <= above)
                return 0;
        is_written = fwrite(s->out.p, 1, s->out.n, stdout) == s->out.n;
        strbuf_clear(&s->out);
        return is_written ? 0 : -EIO;
}

static int on_record(void *userdata, const struct record *record)
{
        struct scan *s = userdata;
        const struct str *native = NULL;
        size_t n;

        if (s->cli->native)
                native = source_native(sourceset_get(s->setup.sources, record->source_index), &n);
        render_record_json(record, native, &s->out);
        strbuf_addc(&s->out, '\n');
        return flush(s, OUT_FLUSH_BYTES);
}

static void write_hit(struct strbuf *out, const struct record *record, const struct sigma_rule *rule)
{
        struct json_writer w = JSON_WRITER(out);
        char stamp[TIME_ISO_BYTES];

        json_begin(&w, '{');
        json_key(&w, "rule");
        json_begin(&w, '{');
        json_key(&w, "id"), json_str(&w, rule->label);
        json_key(&w, "title"), json_str(&w, rule->title);
        json_key(&w, "level"), json_strz(&w, level_name(rule->level));
        json_key(&w, "class");
        json_begin(&w, '[');
        for (size_t i = 0; i < rule->n_classes; i++)
                json_str(&w, rule->classes[i]);
        json_end(&w, ']');
        json_end(&w, '}');
        json_key(&w, "source"), json_strz(&w, record->source);
        json_key(&w, "file"), json_strz(&w, record->file);
        json_key(&w, "index"), json_int(&w, (int64_t)record->index);
        json_key(&w, "record_id"), json_str(&w, record->id);
        time_format_iso(record->time, stamp);
        json_key(&w, "@timestamp"), json_strz(&w, record->time == USEC_NONE ? NULL : stamp);
        json_end(&w, '}');
        strbuf_addc(out, '\n');
}

static int on_hit(void *userdata, const struct record *record, uint32_t rule)
{
        struct scan *s = userdata;
        const struct sigma_rule *r = ruleset_rule(s->setup.rules, rule);

        if (s->highest == _LEVEL_MAX || r->level > s->highest)
                s->highest = r->level;
        write_hit(&s->out, record, r);
        return flush(s, OUT_FLUSH_BYTES);
}

static void on_reject(void *userdata, const struct raw *raw, const char *reason)
{
        struct scan *s = userdata;

        if (++s->rejects <= REJECTS_SHOWN)
                log_warning("%s: byte %llu: %s, skipping this record", raw->file, (unsigned long long)raw->offset, reason);
}

static void on_note(void *userdata, const struct err *note)
{
        struct scan *s = userdata;

        s->notes += note->code < 0 && note->code != -E2BIG; /* one record too long is as bad as one malformed, no worse */
        if (note->code < 0 || !s->cli->is_quiet)
                log_err(note->code < 0 ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO, note);
}

/* A line on a terminal, redrawn at most a thousand times in all. */
static void on_progress(void *userdata, const struct input *in)
{
        struct scan *s = userdata;
        uint64_t done, all, tenths;
        double seconds = (double)(clock_now(s->cli->clock) - s->started) / (double)USEC_PER_SEC;

        if (!s->shows_progress || !input_progress(in, &done, &all) || all == 0 || seconds < 1)
                return;
        tenths = done * 1000 / all;
        if (tenths == s->last_tenths)
                return;
        s->last_tenths = tenths;
        fprintf(stderr, "\r%5.1f %%  %.0f MB/s  %.0f s left \x1b[K", (double)tenths / 10,
                (double)done / 1e6 / seconds, seconds * (double)(all - done) / (double)(done ? done : 1));
}

static unsigned default_threads(void)
{
        long n = sysconf(_SC_NPROCESSORS_ONLN);

        return n < 1 ? 1 : n > THREADS_DEFAULT_MAX ? THREADS_DEFAULT_MAX : (unsigned)n;
}

static int open_pipeline(struct scan *s, struct store *store, bool is_parse, struct pipeline **ret)
{
        struct cli *cli = s->cli;
        struct pipeline_options o = {
                .setup = &s->setup,
                .store = store,
                .clock = cli->clock,
                .threads = cli->threads ? cli->threads : default_threads(),
                .takes_census = store && (!s->setup.rules || cli->keeps_all),
                .evidence = cli->keeps_all ? EVIDENCE_WHOLE : EVIDENCE_NAMES,
                .hint = { .reference = USEC_NONE, .local = true },
                .on_record = is_parse ? on_record : NULL,
                .on_hit = cli->hits ? on_hit : NULL,
                .on_reject = on_reject,
                .on_progress = on_progress,
                .userdata = s,
        };
        struct err err = { 0 };
        int r = pipeline_new(&o, ret, &err);

        if (r < 0)
                log_err(LOG_LEVEL_ERROR, &err);
        return r;
}

static int drain(struct scan *s, struct pipeline *p, int argc, char **argv)
{
        struct input_options o = { .name = "scan", .source = s->cli->source, .note = on_note, .userdata = s,
                                   .is_csv = sourceset_is_csv, .csv_data = s->setup.sources,
                                   .lists = { sourceset_list_find, sourceset_list_compare, s->setup.sources } };
        struct input *in = NULL;
        struct err err = { 0 };
        int r = input_open_files(&o, (const char *const *)argv, (size_t)argc, &in, &err);

        if (r >= 0)
                r = pipeline_drain(p, in, &err);
        if (r >= 0)
                r = pipeline_finish(p, &err);
        if (s->last_tenths)
                fputs("\r\x1b[K", stderr);
        if (r >= 0)
                r = flush(s, 0);
        if (r < 0 && r != -EIO)
                log_err(LOG_LEVEL_ERROR, &err);
        input_close(in);
        return r;
}

static void print_summary(const struct scan *s, const struct pipeline *p, const struct report_sum *sum)
{
        struct counters c;

        pipeline_counters(p, &c);
        if (s->rejects > REJECTS_SHOWN)
                log_warning("%zu more records were skipped", s->rejects - REJECTS_SHOWN);
        if (s->cli->is_quiet)
                return;
        fprintf(stderr, "%llu records", (unsigned long long)c.n[COUNTER_RECORDS]);
        if (sum)
                fprintf(stderr, ", %zu alert%s", sum->n, sum->n == 1 ? "" : "s");
        else
                fprintf(stderr, ", %llu hits", (unsigned long long)c.n[COUNTER_HITS]);
        for (size_t i = COUNTER_REJECT_MALFORMED; i < _COUNTER_MAX; i++)
                if (c.n[i] > 0)
                        fprintf(stderr, ", %llu %s", (unsigned long long)c.n[i], counter_name((enum counter)i));
        fputc('\n', stderr);
}

/* A file that could not be read to its end is worth an exit code; a bad record in it is not. */
static int exit_code(const struct scan *s, enum level highest)
{
        if (s->notes > 0)
                return CLI_CANNOT;
        return s->cli->fail_on != _LEVEL_MAX && highest != _LEVEL_MAX && highest >= s->cli->fail_on ? CLI_FOUND : CLI_OK;
}

static int scan_hits(struct scan *s, int argc, char **argv)
{
        CLEANUP(pipeline_freep) struct pipeline *p = NULL;

        if (open_pipeline(s, NULL, false, &p) < 0 || drain(s, p, argc, argv) < 0)
                return CLI_CANNOT;
        print_summary(s, p, NULL);
        return exit_code(s, s->highest);
}

static enum level highest_of(const struct report_sum *sum)
{
        for (size_t i = _LEVEL_MAX; i-- > 0;)
                if (sum->by_level[i] > 0)
                        return (enum level)i;
        return _LEVEL_MAX;
}

static int scan_alerts(struct scan *s, int argc, char **argv)
{
        CLEANUP(store_closep) struct store *store = NULL;
        CLEANUP(query_closep) struct query *q = NULL;
        CLEANUP(pipeline_freep) struct pipeline *p = NULL;
        struct query_filter all = { .since = USEC_NONE, .until = USEC_NONE, .with_merged = s->cli->all,
                                    .worst_first = s->cli->worst_first };
        struct report_sum sum = { 0 };
        struct err err = { 0 };

        if (store_open(":memory:", &store, &err) < 0 || query_of(store, &q) < 0) {
                log_err(LOG_LEVEL_ERROR, &err);
                return CLI_CANNOT;
        }
        if (open_pipeline(s, store, false, &p) < 0 || drain(s, p, argc, argv) < 0)
                return CLI_CANNOT;
        if (report_alerts(q, &all, s->cli->format ? s->cli->format : FORMAT_TABLE, &sum) < 0)
                return CLI_CANNOT;
        print_summary(s, p, &sum);
        return exit_code(s, highest_of(&sum));
}

static int begin(struct scan *s, struct cli *cli, bool with_rules, int argc)
{
        if (argc == 0) {
                log_error("name a file or folder to read, or - for standard input");
                return CLI_USAGE;
        }
        *s = (struct scan){
                .cli = cli,
                .highest = _LEVEL_MAX,
                .started = clock_now(cli->clock),
                .shows_progress = isatty(STDERR_FILENO) && !cli->is_quiet,
        };
        if (cli_load(cli, with_rules, &s->setup) != CLI_OK)
                return CLI_CANNOT;
        if (cli->source && !sourceset_find(s->setup.sources, str_of(cli->source))) {
                log_error("%s: no such log source; `shopbell sources list` shows them", cli->source);
                setup_done(&s->setup);
                return CLI_USAGE;
        }
        return CLI_OK;
}

int cmd_scan(struct cli *cli, int argc, char **argv)
{
        struct scan s;
        int code = begin(&s, cli, true, argc);

        if (code != CLI_OK)
                return code;
        if (cli->hits && cli->format && cli->format != FORMAT_NDJSON) {
                log_error("hits are printed with -o ndjson only");
                code = CLI_USAGE;
        } else {
                code = cli->hits ? scan_hits(&s, argc, argv) : scan_alerts(&s, argc, argv);
        }
        strbuf_done(&s.out);
        setup_done(&s.setup);
        return code;
}

int cli_read_census(struct cli *cli, const struct setup *setup, struct store *store, int argc, char **argv)
{
        struct scan s = {
                .cli = cli,
                .setup = *setup, /* borrowed */
                .started = clock_now(cli->clock),
                .shows_progress = isatty(STDERR_FILENO) && !cli->is_quiet,
        };
        struct pipeline *p = NULL;
        int code = open_pipeline(&s, store, false, &p) < 0 || drain(&s, p, argc, argv) < 0 ? CLI_CANNOT : exit_code(&s, _LEVEL_MAX);

        if (s.rejects > REJECTS_SHOWN)
                log_warning("%zu more records were skipped", s.rejects - REJECTS_SHOWN);
        if (p)
                pipeline_counters(p, &cli->counters);
        pipeline_free(p);
        strbuf_done(&s.out);
        return code;
}

int cmd_parse(struct cli *cli, int argc, char **argv)
{
        struct pipeline *p = NULL;
        struct scan s;
        int code;

        if (cli->format && cli->format != FORMAT_NDJSON) {
                log_error("records are printed with -o ndjson only");
                return CLI_USAGE;
        }
        code = begin(&s, cli, false, argc);
        if (code != CLI_OK)
                return code;
        code = open_pipeline(&s, NULL, true, &p) < 0 || drain(&s, p, argc, argv) < 0 ? CLI_CANNOT : exit_code(&s, _LEVEL_MAX);
        if (code == CLI_OK && s.rejects > REJECTS_SHOWN)
                log_warning("%zu more records were skipped", s.rejects - REJECTS_SHOWN);
        pipeline_free(p);
        strbuf_done(&s.out);
        setup_done(&s.setup);
        return code;
}
