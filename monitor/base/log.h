/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_BASE_LOG_H
#define SHOPBELL_BASE_LOG_H

/* Messages of the hall and the CLI to stderr (rooms below never log). Under systemd each line carries the "<N>" level
 * prefix that sd-daemon(3) describes; on a terminal "shopbell: ". Bytes are made harmless by text_display(). */

#include <stdbool.h>

#include "monitor/base/err.h"
#include "monitor/base/macros.h"

enum log_level { LOG_LEVEL_ERROR = 3, LOG_LEVEL_WARNING = 4, LOG_LEVEL_INFO = 6, LOG_LEVEL_DEBUG = 7 };

void log_setup(const char *program, bool journal_prefix, enum log_level highest);
void log_error(const char *fmt, ...) PRINTF_LIKE(1, 2);
void log_warning(const char *fmt, ...) PRINTF_LIKE(1, 2);
void log_info(const char *fmt, ...) PRINTF_LIKE(1, 2);
void log_debug(const char *fmt, ...) PRINTF_LIKE(1, 2);
/* The same line, but where the journal listens it gets a MESSAGE_ID= (base/messages.h), which the prefix of a line cannot carry. */
void log_message(enum log_level level, const char *id, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* One line "file:line:col: text". */
void log_err(enum log_level level, const struct err *err);

#endif
