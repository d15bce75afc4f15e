/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_CLI_ALERTS_H
#define SHOPBELL_CLI_ALERTS_H

#include "monitor/cli/cli.h"
#include "monitor/store/query.h"

/* Prints each alert that fits, when it rings; does not return but for a failure. An exit code. */
int alerts_follow(const struct cli *cli, struct query *q, const struct query_filter *filter);
/* Fills the terminal with those that fit until it is interrupted. An exit code. */
int alerts_watch(const struct cli *cli, struct query *q, const struct query_filter *filter);

#endif
