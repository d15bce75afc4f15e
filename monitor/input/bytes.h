/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_INPUT_BYTES_H
#define SHOPBELL_INPUT_BYTES_H

/* The bytes of a file, decompressed, and as UTF-8 where it begins with the mark of UTF-16. Gzip (several members too) and zstd (several frames too) are told by their first
 * bytes, whatever the name; everything else is plain. Of a damaged or truncated file everything that could be read is
 * handed out before the error. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "monitor/base/macros.h"

struct bytes;

/* Takes `fd` (closed on failure too). 0, -ENOMEM or what read() said. A descriptor that is no regular file (standard
 * input) is read until four bytes are there. */
int bytes_open(int fd, struct bytes **ret);
struct bytes *bytes_free(struct bytes *b); /* closes; NULL is fine; returns NULL */
DEFINE_FREEP(struct bytes, bytes)
/* Up to n > 0 bytes: their number; 0 at the end (a plain file may have more later); -EBADMSG: damaged, or bytes behind
 * the end that are not compressed; -ENODATA: ends in the middle; other negative: read() failed. */
ssize_t bytes_read(struct bytes *b, char *buf, size_t n);
/* Exactly n bytes: 0, -ENODATA when there are fewer, or as bytes_read(). */
int bytes_read_all(struct bytes *b, char *buf, size_t n);
/* Moves forward by n bytes: as bytes_read_all(). */
int bytes_skip(struct bytes *b, uint64_t n);
uint64_t bytes_offset(const struct bytes *b); /* decompressed bytes handed out or skipped */
uint64_t bytes_consumed(const struct bytes *b); /* bytes of the file itself */
bool bytes_is_compressed(const struct bytes *b); /* or UTF-16: its bytes are not the file's own */
int bytes_fd(const struct bytes *b); /* borrowed; its file offset belongs to `b` */

#endif
