/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_CLI_COMPLETION_H
#define SHOPBELL_CLI_COMPLETION_H

/* Scripts that complete commands, options and their values in bash, zsh and fish, made from the tables of commands and options. What
 * only the store or the rules know the scripts ask for: `shopbell completion alerts` and the like. */

#include "monitor/cli/cli.h"

/* What stands for a value in help and usage, and how that is completed. To add one: a row in completion.c. */
enum completion_by { COMPLETE_NOTHING, COMPLETE_WORDS, COMPLETE_FILES, COMPLETE_FOLDERS, COMPLETE_ASKED };
struct completion_value {
        const char *arg; /* "RULE" */
        enum completion_by by;
        const char *kind; /* COMPLETE_ASKED: of what, "rules" */
};
/* By what stands there, "RULE", "[FILE|DIR|-…]"; never NULL. */
const struct completion_value *completion_of(const char *arg);

/* The scripts; `out` may have failed. */
void completion_bash(struct strbuf *out);
void completion_zsh(struct strbuf *out);
void completion_fish(struct strbuf *out);

#endif
