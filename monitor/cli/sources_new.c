/* SPDX-License-Identifier: Apache-2.0 */

/* shopbell sources new NAME --from SAMPLE: a draft of a source file on standard output. */

#include <errno.h>
#include <stdio.h>

#include "monitor/base/log.h"
#include "monitor/cli/cli.h"
#include "monitor/input/input.h"
#include "parsers/draft.h"

static void note(void *userdata, const struct err *err)
{
        (void)userdata;
        log_err(LOG_LEVEL_WARNING, err);
}

/* The first raws of the file; their bytes lie in the arena. */
static int read_sample(const char *file, struct arena *arena, struct raws *ret)
{
        struct input_options o = { .name = "new", .note = note, .is_csv = draft_is_csv };
        struct input *in = NULL;
        struct err err = { 0 };
        int r = input_open_files(&o, &file, 1, &in, &err);

        if (r < 0)
                log_err(LOG_LEVEL_ERROR, &err);
        else
                r = 1;
        while (r > 0 && ret->n < DRAFT_RAWS_MAX)
                r = input_read(in, arena, ret, INPUT_BATCH_BYTES);
        if (ret->n > DRAFT_RAWS_MAX)
                ret->n = DRAFT_RAWS_MAX;
        for (size_t i = 0; i < ret->n; i++) /* they outlive the input */
                ret->items[i].header = ret->items[i].header.p ? arena_dup(arena, ret->items[i].header) : STR_NONE;
        input_close(in);
        return r;
}

int cmd_sources_new(struct cli *cli, int argc, char **argv)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        struct raws raws = { 0 };
        struct draft_request q = { 0 };
        struct err err = { 0 };
        int code = CLI_CANNOT, r;

        if (argc != 1 || !cli->from) {
                log_error("a name and a sample are needed: shopbell sources new NAME --from FILE");
                return CLI_USAGE;
        }
        r = arena ? read_sample(cli->from, arena, &raws) : -ENOMEM;
        if (r >= 0) {
                q = (struct draft_request){ .name = argv[0], .raws = raws.items, .n = raws.n, .dirs = cli->sources.items,
                                            .n_dirs = cli->sources.n };
                r = draft_source(&q, &text, &err);
                if (r < 0)
                        log_error("%s: %s", cli->from, err.text);
                code = r == -EEXIST ? CLI_FOUND : CLI_CANNOT;
        }
        if (r >= 0) {
                fwrite(text.p, 1, text.n, stdout);
                code = CLI_OK;
        }
        raws_done(&raws);
        return code;
}
