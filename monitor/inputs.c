/* SPDX-License-Identifier: Apache-2.0 */

/* From configuration to open inputs: one row a kind. */

#include "monitor/inputs.h"

#include <errno.h>
#include <stdlib.h>

static int open_files(const struct input_options *o, const struct config_input *c, struct input **ret, struct err *err)
{
        return input_open_files(o, c->paths.items, c->paths.n, ret, err);
}

static int open_tail(const struct input_options *o, const struct config_input *c, struct input **ret, struct err *err)
{
        return input_open_tail(o, c->paths.items, c->paths.n, c->from_end, ret, err);
}

static int open_spool(const struct input_options *o, const struct config_input *c, struct input **ret, struct err *err)
{
        return input_open_spool(o, c->paths.items[0], ret, err);
}

static int open_journal(const struct input_options *o, const struct config_input *c, struct input **ret, struct err *err)
{
        return input_open_journal(o, c->paths.items, c->paths.n, c->directory, c->from_end, ret, err);
}

static int open_maildir(const struct input_options *o, const struct config_input *c, struct input **ret, struct err *err)
{
        return input_open_maildir(o, c->paths.items[0], c->from_end, ret, err);
}

static int open_mbox(const struct input_options *o, const struct config_input *c, struct input **ret, struct err *err)
{
        return input_open_mbox(o, c->paths.items, c->paths.n, c->from_end, ret, err);
}

static int (*const openers[_CONFIG_KIND_MAX])(const struct input_options *, const struct config_input *, struct input **,
                                              struct err *) = {
        [CONFIG_FILES] = open_files,
        [CONFIG_TAIL] = open_tail,
        [CONFIG_SPOOL] = open_spool,
        [CONFIG_JOURNAL] = open_journal,
        [CONFIG_MAILDIR] = open_maildir,
        [CONFIG_MBOX] = open_mbox,
};

static void place_error(struct err *err, const struct config_input *ci)
{
        char text[ERR_TEXT_BYTES];

        memcpy(text, err->text, sizeof text);
        err_at(err, err->code, ci->file, ci->line, ci->col, "input %s: %s", ci->name, text);
}

int inputs_open(const struct config *c, const struct input_options *options, struct inputs *ret, struct err *reterr)
{
        struct inputs in = { .items = calloc(c->n_inputs, sizeof *in.items) };

        if (!in.items)
                return err_set(reterr, -ENOMEM, "out of memory");
        for (size_t i = 0; i < c->n_inputs; i++) {
                const struct config_input *ci = &c->inputs[i];
                struct input_options o = *options;
                struct err err = { 0 };

                o.name = ci->name;
                o.source = ci->source;
                o.authserv = ci->authserv;
                if (openers[ci->kind](&o, ci, &in.items[in.n], &err) >= 0) {
                        in.n++;
                        continue;
                }
                if (!err.line)
                        place_error(&err, ci);
                o.note(o.userdata, &err);
        }
        if (in.n == 0) {
                inputs_done(&in);
                return err_at(reterr, -ENOENT, c->path, 1, 1, "none of the inputs can be read");
        }
        *ret = in;
        return 0;
}

void inputs_done(struct inputs *in)
{
        for (size_t i = 0; i < in->n; i++)
                input_close(in->items[i]);
        free(in->items);
        *in = (struct inputs){ 0 };
}
