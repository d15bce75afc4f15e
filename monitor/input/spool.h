/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_INPUT_SPOOL_H
#define SHOPBELL_INPUT_SPOOL_H

/* A folder that finished files come into. For this room only: a row of the table in input.c. */

#include "monitor/input/kind.h"

int spool_open(struct input *in, const char *dir, struct err *reterr);
int spool_read(struct input *in, struct taking *t);
void spool_close(void *state);
int spool_restore(struct input *in, struct str position, struct str blob);
int spool_positions(struct input *in, input_position_fn *fn, void *userdata);
int spool_fd(struct input *in);
int spool_process(struct input *in);

#endif
