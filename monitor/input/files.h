/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_INPUT_FILES_H
#define SHOPBELL_INPUT_FILES_H

/* Files and folders read once, and standard input. For this room only: a row of the table in input.c. */

#include "monitor/input/kind.h"

int files_open(struct input *in, const char *const *paths, size_t n, struct err *reterr);
int files_read(struct input *in, struct taking *t);
void files_close(void *state);
bool files_progress(const struct input *in, uint64_t *ret_done, uint64_t *ret_all);
/* Is a file of this name taken from a folder? */
bool files_is_log(const char *name);

#endif
