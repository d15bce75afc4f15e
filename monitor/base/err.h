/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_BASE_ERR_H
#define SHOPBELL_BASE_ERR_H

/* What went wrong, for a person: where, and one sentence that says what to do. Libraries fill it and return the code;
 * only the hall and the CLI print it, once. `file` may be empty and line 0 when the place is unknown. */

#include <stddef.h>

#include "monitor/base/macros.h"
#include "monitor/base/str.h"

enum { ERR_FILE_BYTES = 256, ERR_TEXT_BYTES = 384 };

struct err {
        int code; /* negative errno */
        unsigned line, col; /* from 1; 0: unknown */
        char file[ERR_FILE_BYTES];
        char text[ERR_TEXT_BYTES];
};

/* Fill `err` (NULL is fine) and return `code`. err_set() leaves file, line and column as they are. */
int err_set(struct err *err, int code, const char *fmt, ...) PRINTF_LIKE(3, 4);
int err_at(struct err *err, int code, const char *file, unsigned line, unsigned col, const char *fmt, ...)
        PRINTF_LIKE(6, 7);
/* "file:line:col: text", leaving out what is unknown. */
void err_format(const struct err *err, struct strbuf *out);

/* A list, for loaders that go on after a bad file. Capped: what does not fit is counted in `more`. */
enum { ERR_LIST_MAX = 1000 };
struct err_list {
        struct err *items;
        size_t n, cap, more;
};
#define ERR_LIST_INIT \
        { \
                NULL, 0, 0, 0 \
        }
void err_list_add(struct err_list *list, const struct err *err);
void err_list_done(struct err_list *list);

#endif
