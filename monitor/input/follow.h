/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_INPUT_FOLLOW_H
#define SHOPBELL_INPUT_FOLLOW_H

/* One growing log under its path, through all its rotations. For this room only; input/tail.c holds many of them. */

#include <stdbool.h>

#include "monitor/input/kind.h"
#include "monitor/input/position.h"
#include "monitor/input/reader.h"

struct follow {
        struct input *in;
        char *path;
        const char *base; /* in path */
        /* What has been handed out; stored. */
        bool has_place, is_changed;
        struct place place;
        struct origin *place_origin; /* counts the records of the place's file; NULL: place.records holds */
        /* The file being read; NULL: to be found from the place. */
        struct reader *reader;
        bool is_main; /* it was found under `path`, not beside it */
        bool is_placed; /* `place` is in it */
        bool is_final; /* it has been replaced: its end is its end */
        bool is_drained; /* the place's file was read to its end in this run */
        /* For the first look. */
        bool from_end, wants_history; /* history: the siblings that lie there are asked for too */
        bool is_dirty; /* something may have happened */
        bool is_forgotten; /* gone for good; its position is to be dropped */
        int folder; /* watch id, or -1 */
        int noted; /* the trouble that was noted last */
};

struct follow *follow_new(struct input *in, const char *path); /* NULL: out of memory */
struct follow *follow_free(struct follow *f);
/* As input_read(), for this log alone. */
int follow_read(struct follow *f, struct taking *t);
/* Gives the descriptor back; what was read and not handed out is read again. */
void follow_rest(struct follow *f);

#endif
