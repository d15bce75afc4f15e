/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_INPUT_TAIL_H
#define SHOPBELL_INPUT_TAIL_H

/* Growing files under paths and globs. For this room only: a row of the table in input.c. */

#include "monitor/input/kind.h"

int tail_open(struct input *in, const char *const *globs, size_t n, bool from_end, struct err *reterr);
int tail_read(struct input *in, struct taking *take);
void tail_close(void *state);
int tail_restore(struct input *in, struct str position, struct str blob);
int tail_positions(struct input *in, input_position_fn *fn, void *userdata);
int tail_fd(struct input *in);
int tail_process(struct input *in);

#endif
