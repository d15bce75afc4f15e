/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_BASE_FILE_H
#define SHOPBELL_BASE_FILE_H

/* Files read and written whole. */

#include <sys/types.h>

#include "monitor/base/str.h"

/* Appends all of a regular file, pipe or terminal. 0, -E2BIG: it is larger than that, -ENOMEM or -errno. */
int file_read(const char *path, size_t max, struct strbuf *ret);
/* All of it. 0 or -errno. */
int file_write(int fd, struct str bytes);
/* Beside the file, and then in its place: whoever looks sees the old one or the new one, whole, also after a crash. The file
 * has that mode then. 0 or -errno; then the old one is as it was. */
int file_replace(const char *path, mode_t mode, struct str bytes);

#endif
