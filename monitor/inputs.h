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

/* Opens all with `options`, but for each input's own name and source. An input that cannot be opened is reported through
 * options->note and left out; negative when none is left. */
int inputs_open(const struct config *c, const struct input_options *options, struct inputs *ret, struct err *reterr);
void inputs_done(struct inputs *in);

#endif
