/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_CLI_REPLAY_H
#define SHOPBELL_CLI_REPLAY_H

/* Logs read once, through the daemon's own pipeline: what scan, parse, backtest and the census have in common. What is wrong with
 * files and records is printed here, the first records of each replay; -q keeps back only what is no trouble. */

#include "monitor/cli/cli.h"
#include "monitor/input/input.h"
#include "monitor/pipeline.h"

struct replay {
        /* Filled by the caller */
        const struct cli *cli;
        const struct setup *setup;
        struct store *store; /* in memory; NULL: alerts are not asked for. It may be closed before replay_done() */
        bool keeps_all; /* with the alerts also the census, and the records behind them whole */
        /* As in pipeline_options. -EIO says that the output could not be written: main.c says so. */
        int (*on_record)(void *userdata, const struct record *record);
        int (*on_hit)(void *userdata, const struct record *record, uint32_t rule);
        int (*on_hits)(void *userdata, const struct record *record, const uint32_t *rules, size_t n);
        void *userdata;
        /* What came of it */
        struct pipeline *pipeline; /* for counters and the span */
        bool is_partial; /* something could not be read to its end; a bad record does not count */
        /* Private */
        size_t rejects;
        usec started;
        bool shows_progress, is_unwritten;
        uint64_t last_tenths;
};

/* Reads all of it; what is wrong is printed. 0 or negative. */
int replay_run(struct replay *r, int argc, char **argv);
void replay_done(struct replay *r);

/* ", 3 rejects_malformed": counters of what was left out, to stderr. */
void replay_print_counters(const struct counters *c);
/* Records, lines and lists that nothing could come of. */
uint64_t replay_skipped(const struct counters *c);

/* --threads, else one a core, at most `max`. */
unsigned cli_threads(const struct cli *cli, unsigned max);
/* Files to be read as logs of this setup, with its tables and polled lists. */
struct input_options cli_input(const struct cli *cli, const struct setup *setup, input_note_fn *note, void *userdata);

#endif
