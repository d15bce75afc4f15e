/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_INPUT_MAILDIR_H
#define SHOPBELL_INPUT_MAILDIR_H

/* A Maildir. For this room only: a row of the table in input.c. */

#include "monitor/input/kind.h"

int maildir_open(struct input *in, const char *dir, bool from_end, struct err *reterr);
int maildir_read(struct input *in, struct taking *t);
void maildir_close(void *state);
int maildir_restore(struct input *in, struct str position, struct str blob);
int maildir_positions(struct input *in, input_position_fn *fn, void *userdata);
int maildir_fd(struct input *in);
int maildir_process(struct input *in);

#endif
