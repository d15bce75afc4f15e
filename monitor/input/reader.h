/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_INPUT_READER_H
#define SHOPBELL_INPUT_READER_H

/* One file on its way to raws: bytes, framer, and what a place must remember. For this room only. */

#include <stdbool.h>

#include "monitor/base/clock.h"
#include "monitor/base/macros.h"
#include "monitor/input/bytes.h"
#include "monitor/input/frame.h"
#include "monitor/input/kind.h"
#include "monitor/input/position.h"

/* Asked after each read, before its bytes are believed: negative gives them up and ends reader_read() with that. */
typedef int reader_check_fn(void *userdata);

/* Asked at the end of an mbox that grows: has nobody begun to write there? */
typedef bool reader_settled_fn(void *userdata);

struct reader {
        struct bytes *bytes;
        struct framer *framer;
        struct origin *origin; /* to be set before reading */
        struct input *in; /* whose files these are: reader_read() sets it */
        usec reference; /* for raw.reference */
        reader_check_fn *check; /* may be NULL */
        reader_settled_fn *is_settled; /* may be NULL: never */
        void *userdata;
        bool is_fresh; /* nothing has been handed out, from the file's beginning on */
        bool is_stream; /* hand out what came instead of waiting for a full batch */
        int error; /* the file cannot be read beyond what came: handed back when all of that is handed out */
        struct repeat repeat;
        struct sample head, mark;
        size_t start_n; /* bytes in `start` */
        char start[INPUT_FINGERPRINT_BYTES]; /* the file's beginning, as far as it was read */
};

/* Takes fd. 0 or negative. */
int reader_open(int fd, struct reader **ret);
struct reader *reader_free(struct reader *rd);
DEFINE_FREEP(struct reader, reader)
/* The file grows: what is not whole yet waits for its rest. */
void reader_set_growing(struct reader *rd);
/* A fresh reader's file is mail of that kind, whatever it begins with. */
void reader_set_mail(struct reader *rd, enum frame_mode mode);
/* Moves a fresh reader to a place. -ESTALE: these are not the bytes the place was in. With `head_only` the beginning is
 * compared and nothing moved. */
int reader_resume(struct reader *rd, const struct place *place, bool head_only);
/* 1: the batch is full; 0: all there is has been handed out (with is_final also what is not complete); -ENOMEM; what
 * `check` said; other negative: so has all that can be read, the file is damaged behind it. */
int reader_read(struct reader *rd, struct input *in, struct taking *t, bool is_final);
/* Where it is now: offset, samples, mode, repeat; the rest of *ret is not touched. */
void reader_place(struct reader *rd, struct place *ret);

#endif
