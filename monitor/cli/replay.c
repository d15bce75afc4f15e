/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/cli/replay.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "monitor/base/log.h"

enum { REJECTS_SHOWN = 5, THREADS_DEFAULT_MAX = 4 };

/* ---- Watchers ---- */

static int watched(struct replay *r, int k)
{
        r->is_unwritten |= k == -EIO;
        return k;
}

static int on_record(void *userdata, const struct record *record)
{
        struct replay *r = userdata;

        return watched(r, r->on_record(r->userdata, record));
}

static int on_hit(void *userdata, const struct record *record, uint32_t rule)
{
        struct replay *r = userdata;

        return watched(r, r->on_hit(r->userdata, record, rule));
}

static int on_hits(void *userdata, const struct record *record, const uint32_t *rules, size_t n)
{
        struct replay *r = userdata;

        return watched(r, r->on_hits(r->userdata, record, rules, n));
}

static void on_reject(void *userdata, const struct raw *raw, const char *reason)
{
        struct replay *r = userdata;

        if (++r->rejects <= REJECTS_SHOWN)
                log_warning("%s: byte %llu: %s, skipping this record", raw->file, (unsigned long long)raw->offset, reason);
}

static void on_note(void *userdata, const struct err *note)
{
        struct replay *r = userdata;

        r->is_partial |= note->code < 0 && note->code != -E2BIG; /* one record too long is as bad as one malformed, no worse */
        if (note->code < 0 || !r->cli->is_quiet)
                log_err(note->code < 0 ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO, note);
}

/* A line on a terminal, redrawn at most a thousand times in all. */
static void on_progress(void *userdata, const struct input *in)
{
        struct replay *r = userdata;
        uint64_t done, all, tenths;
        double seconds = (double)(clock_now(r->cli->clock) - r->started) / (double)USEC_PER_SEC;

        if (!r->shows_progress || !input_progress(in, &done, &all) || all == 0 || seconds < 1)
                return;
        tenths = done * 1000 / all;
        if (tenths == r->last_tenths)
                return;
        r->last_tenths = tenths;
        fprintf(stderr, "\r%5.1f %%  %.0f MB/s  %.0f s left \x1b[K", (double)tenths / 10, (double)done / 1e6 / seconds,
                seconds * (double)(all - done) / (double)(done ? done : 1));
}

/* ---- Reading ---- */

unsigned cli_threads(const struct cli *cli, unsigned max)
{
        long n = sysconf(_SC_NPROCESSORS_ONLN);

        if (cli->threads)
                return cli->threads;
        return n < 1 ? 1 : n > (long)max ? max : (unsigned)n;
}

struct input_options cli_input(const struct cli *cli, const struct setup *setup, input_note_fn *note, void *userdata)
{
        return (struct input_options){
                .name = "logs",
                .source = cli->source,
                .note = note,
                .userdata = userdata,
                .is_csv = sourceset_is_csv,
                .csv_data = setup->sources,
                .lists = { sourceset_list_find, sourceset_list_compare, setup->sources },
        };
}

static int drain(struct replay *r, int argc, char **argv, struct err *err)
{
        struct input_options o = cli_input(r->cli, r->setup, on_note, r);
        struct input *in = NULL;
        int k = input_open_files(&o, (const char *const *)argv, (size_t)argc, &in, err);

        if (k >= 0)
                k = pipeline_drain(r->pipeline, in, err);
        if (k >= 0)
                k = pipeline_finish(r->pipeline, err);
        if (r->last_tenths)
                fputs("\r\x1b[K", stderr);
        input_close(in);
        return k;
}

int replay_run(struct replay *r, int argc, char **argv)
{
        struct pipeline_options o = {
                .setup = r->setup,
                .store = r->store,
                .clock = r->cli->clock,
                .threads = cli_threads(r->cli, THREADS_DEFAULT_MAX),
                .takes_census = r->store && (!r->setup->rules || r->keeps_all),
                .evidence = r->keeps_all ? EVIDENCE_WHOLE : EVIDENCE_NAMES,
                .hint = { .reference = USEC_NONE, .local = true },
                .on_record = r->on_record ? on_record : NULL,
                .on_hit = r->on_hit ? on_hit : NULL,
                .on_hits = r->on_hits ? on_hits : NULL,
                .on_reject = on_reject,
                .on_progress = on_progress,
                .userdata = r,
        };
        struct err err = { 0 };
        int k;

        r->started = clock_now(r->cli->clock);
        r->shows_progress = isatty(STDERR_FILENO) && !r->cli->is_quiet;
        k = pipeline_new(&o, &r->pipeline, &err);
        if (k >= 0)
                k = drain(r, argc, argv, &err);
        if (k < 0 && !r->is_unwritten)
                log_err(LOG_LEVEL_ERROR, &err);
        if (r->rejects > REJECTS_SHOWN)
                log_warning("%zu more records were skipped", r->rejects - REJECTS_SHOWN);
        return k < 0 ? k : 0;
}

void replay_done(struct replay *r)
{
        pipeline_free(r->pipeline);
        *r = (struct replay){ 0 };
}

/* ---- What was left out ---- */

void replay_print_counters(const struct counters *c)
{
        for (size_t i = COUNTER_REJECT_MALFORMED; i < _COUNTER_MAX; i++)
                if (c->n[i] > 0)
                        fprintf(stderr, ", %llu %s", (unsigned long long)c->n[i], counter_name((enum counter)i));
}

uint64_t replay_skipped(const struct counters *c)
{
        uint64_t n = 0;

        for (size_t i = 0; i < _COUNTER_MAX; i++)
                if (i != COUNTER_REJECT_FILE && str_starts(str_of(counter_name((enum counter)i)), STR("rejects_")))
                        n += c->n[i];
        return n;
}
