/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_MONITOR_INPUTS_H
#define SHOPBELL_MONITOR_INPUTS_H

/* The inputs that a configuration names, opened. */

#include "monitor/config.h"
#include "monitor/input/input.h"

struct inputs {
        struct input **items;
        size_t n;
};

/* Opens all; userdata is for both functions (input/input.h). An input that cannot be opened is reported through `note` and left out; negative when none is left. */
int inputs_open(const struct config *c, input_note_fn *note, csv_test_fn *is_csv, void *userdata, struct inputs *ret,
                struct err *reterr);
void inputs_done(struct inputs *in);

#endif
