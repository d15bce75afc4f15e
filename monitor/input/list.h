/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_INPUT_LIST_H
#define SHOPBELL_INPUT_LIST_H

/* Files that are polled lists (model/list.h). For this room only. A file whose first raw says so is read to its end at once,
 * its raws are taken back, compared with the list before, and what differs is handed out instead, all in the one batch that
 * the file ends with. The lists before are positions of the input, "list/SOURCE/ACCOUNT", and so commit with the
 * differences that they led to. */

#include "monitor/input/kind.h"
#include "monitor/input/reader.h"

/* Behind reader_read(), which returned r and handed out the raws from `first` on. Returns what reader_read() would: r, or 0 when
 * it was a list. `is_ordered`: as in struct list_poll. */
int list_take(struct input *in, struct reader *rd, struct taking *t, size_t first, int r, bool is_ordered);

int list_restore(struct input *in, struct str name, struct str blob); /* `name` without "list/"; 0 or -ENOMEM */
int list_positions(struct input *in, input_position_fn *fn, void *userdata);
void list_close(struct input *in);

#endif
