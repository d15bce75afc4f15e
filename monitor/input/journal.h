/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_INPUT_JOURNAL_H
#define SHOPBELL_INPUT_JOURNAL_H

/* The journal. For this room only: a row of the table in input.c. */

#include "monitor/input/kind.h"

int journal_open(struct input *in, const char *const *matches, size_t n, const char *directory, bool from_end,
                 struct err *reterr);
int journal_read(struct input *in, struct taking *t);
void journal_close(void *state);
int journal_restore(struct input *in, struct str position, struct str blob);
int journal_positions(struct input *in, input_position_fn *fn, void *userdata);
int journal_fd(struct input *in);
int journal_process(struct input *in);

#endif
