/* SPDX-License-Identifier: Apache-2.0 */

/* shopbell scan and parse: logs read once. Scan runs the daemon's own pipeline on a store in memory, so its alerts are the
 * ones the daemon would raise; of the records behind them only what is printed is stored. */

#include <errno.h>
#include <stdio.h>

#include "monitor/base/json_write.h"
#include "monitor/base/log.h"
#include "monitor/cli/cli.h"
#include "monitor/cli/replay.h"
#include "monitor/cli/report.h"
#include "monitor/model/render.h"

enum { OUT_FLUSH_BYTES = 256 * 1024 };

struct scan {
        struct cli *cli;
        struct setup setup;
        struct strbuf out;
        enum level highest; /* of the hits; _LEVEL_MAX: none */
        struct replay replay;
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

static void print_summary(const struct scan *s, const struct report_sum *sum)
{
        struct counters c;

        if (s->cli->is_quiet)
                return;
        pipeline_counters(s->replay.pipeline, &c);
        fprintf(stderr, "%llu records", (unsigned long long)c.n[COUNTER_RECORDS]);
        if (sum)
                fprintf(stderr, ", %zu alert%s", sum->n, sum->n == 1 ? "" : "s");
        else
                fprintf(stderr, ", %llu hits", (unsigned long long)c.n[COUNTER_HITS]);
        replay_print_counters(&c);
        fputc('\n', stderr);
}

/* A file that could not be read to its end is worth an exit code; a bad record in it is not. */
static int exit_code(const struct scan *s, enum level highest)
{
        if (s->replay.is_partial)
                return CLI_CANNOT;
        return s->cli->fail_on != _LEVEL_MAX && highest != _LEVEL_MAX && highest >= s->cli->fail_on ? CLI_FOUND : CLI_OK;
}

static int read_logs(struct scan *s, int argc, char **argv)
{
        return replay_run(&s->replay, argc, argv) < 0 || flush(s, 0) < 0 ? CLI_CANNOT : CLI_OK;
}

static int scan_hits(struct scan *s, int argc, char **argv)
{
        s->replay.on_hit = on_hit;
        if (read_logs(s, argc, argv) != CLI_OK)
                return CLI_CANNOT;
        print_summary(s, NULL);
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
        struct query_filter all = { .since = USEC_NONE, .until = USEC_NONE, .with_merged = s->cli->all,
                                    .worst_first = s->cli->worst_first };
        struct report_sum sum = { 0 };
        struct err err = { 0 };

        if (store_open(":memory:", &store, &err) < 0 || query_of(store, &q) < 0) {
                log_err(LOG_LEVEL_ERROR, &err);
                return CLI_CANNOT;
        }
        s->replay.store = store;
        if (read_logs(s, argc, argv) != CLI_OK)
                return CLI_CANNOT;
        if (report_alerts(q, &all, s->cli->format ? s->cli->format : FORMAT_TABLE, &sum) < 0)
                return CLI_CANNOT;
        print_summary(s, &sum);
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
                .replay = { .cli = cli, .setup = &s->setup, .userdata = s },
        };
        return cli_load(cli, with_rules, &s->setup);
}

static void scan_done(struct scan *s)
{
        replay_done(&s->replay);
        strbuf_done(&s->out);
        setup_done(&s->setup);
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
        scan_done(&s);
        return code;
}

int cli_read_census(struct cli *cli, const struct setup *setup, struct store *store, int argc, char **argv)
{
        CLEANUP(replay_done) struct replay r = { .cli = cli, .setup = setup, .store = store };

        return replay_run(&r, argc, argv) < 0 || r.is_partial ? CLI_CANNOT : CLI_OK;
}

int cmd_parse(struct cli *cli, int argc, char **argv)
{
        struct scan s;
        int code;

        if (cli->format && cli->format != FORMAT_NDJSON) {
                log_error("records are printed with -o ndjson only");
                return CLI_USAGE;
        }
        code = begin(&s, cli, false, argc);
        if (code != CLI_OK)
                return code;
        s.replay.on_record = on_record;
        code = read_logs(&s, argc, argv);
        if (code == CLI_OK)
                code = exit_code(&s, _LEVEL_MAX);
        scan_done(&s);
        return code;
}
