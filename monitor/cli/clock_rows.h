/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_CLI_CLOCK_ROWS_H
#define SHOPBELL_CLI_CLOCK_ROWS_H

/* Clocks of laws as rows, for people and for programs. */

#include "monitor/cases/deadline.h"
#include "monitor/cli/cli.h"

/* `list` in its order. For JSON an object with the time that counted as now, and the word that it is no legal advice. 0 or negative. */
int clock_print(const struct deadline *list, size_t n, usec now, enum cli_format format);

#endif
