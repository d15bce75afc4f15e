/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_CLI_PASSPHRASE_H
#define SHOPBELL_CLI_PASSPHRASE_H

#include <stdbool.h>

#include "monitor/base/str.h"

/* A passphrase: the first line of a file, or typed at the terminal, where nothing of it shows. With `is_new` it is asked for twice, and one
 * that is too short is refused. What is wrong is printed. CLI_OK, or the exit code. The buffer is the caller's to end with
 * passphrase_wipe(). */
int passphrase_ask(const char *file, bool is_new, struct strbuf *ret);
void passphrase_wipe(struct strbuf *b);

#endif
