/* SPDX-License-Identifier: Apache-2.0 */

/* What all kinds of input share towards the hall. A kind is a struct kind in its own file (files.c, follow.c, journal.c) that
 * its input_open_…() puts into the input; to add one: such a file, its opener in input.h, a line in local.mk. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "monitor/input/kind.h"

void raws_done(struct raws *raws)
{
        free(raws->items);
        *raws = (struct raws){ 0 };
}

struct input *kind_input(const struct kind *kind, const struct input_options *o, void *state)
{
        struct input *in = calloc(1, sizeof *in);

        if (!in)
                return NULL;
        *in = (struct input){ .kind = kind, .state = state, .note = o->note, .userdata = o->userdata };
        in->name = strdup(o->name);
        in->source = o->source ? strdup(o->source) : NULL;
        if (in->name && (in->source || !o->source))
                return in;
        in->state = NULL;
        return input_close(in);
}

struct input *input_close(struct input *in)
{
        if (!in)
                return NULL;
        if (in->state)
                in->kind->close(in->state);
        while (in->origins) {
                struct origin *o = in->origins;

                in->origins = o->next;
                free(o);
        }
        free(in->name);
        free(in->source);
        free(in);
        return NULL;
}

const char *input_name(const struct input *in)
{
        return in->name;
}

struct counters *input_counters(struct input *in)
{
        return &in->counters;
}

int input_restore(struct input *in, struct str position, struct str blob)
{
        size_t n = strlen(in->name);

        if (!in->kind->restore || position.n <= n || position.p[n] != '/')
                return -ENOENT;
        return in->kind->restore(in, str_from(position.p + n + 1, position.n - n - 1), blob);
}

int input_read(struct input *in, struct arena *arena, struct raws *raws, size_t max_bytes)
{
        struct taking t = { .arena = arena, .raws = raws, .bytes_left = max_bytes, .raws_left = INPUT_BATCH_RAWS };

        return in->kind->read(in, &t);
}

int input_positions(struct input *in, input_position_fn *fn, void *userdata)
{
        return in->kind->positions ? in->kind->positions(in, fn, userdata) : 0;
}

int input_fd(struct input *in)
{
        return in->kind->fd ? in->kind->fd(in) : -1;
}

int input_process(struct input *in)
{
        return in->kind->process ? in->kind->process(in) : 0;
}

bool input_progress(const struct input *in, uint64_t *ret_done, uint64_t *ret_all)
{
        return in->kind->progress && in->kind->progress(in, ret_done, ret_all);
}
