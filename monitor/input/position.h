/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_INPUT_POSITION_H
#define SHOPBELL_INPUT_POSITION_H

/* Positions as text that a person can read: blank-separated words "key=value", the first of them the version:
 *
 *     v=1 file=2049:131 size=0 mtime=1767225600000000000 offset=5120 head=0:1024:9f… mark=4096:1024:04… records=17
 *     mode=lines repeat=0:210:77…
 *
 * of a table also  table=44:17 header=Time,User%20name  (the delimiter's code, the last row's number, the header's text)
 *
 * A place says how far a file has been read, and enough about its bytes to know it again under another name, copied or
 * compressed: samples of its beginning and of the end of what was read. Offsets count decompressed bytes. */

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "monitor/base/hash.h"
#include "monitor/base/str.h"
#include "monitor/input/frame.h"

enum { POSITION_VERSION = 1 };

/* The value of `key`; p == NULL when there is none. */
struct str position_get(struct str blob, const char *key);
/* 0, -EBADMSG when it is missing or no number. */
int position_get_u64(struct str blob, const char *key, uint64_t *ret);

/* Bytes [offset, offset + n) of a file; n == 0: no sample. */
struct sample {
        uint64_t offset, n;
        struct hash128 hash;
};
struct sample sample_of(uint64_t offset, struct str bytes);
bool sample_matches(const struct sample *s, struct str bytes); /* bytes.n == s->n */

/* The last raw handed out, and how many like it came directly before it. n == 0: none yet. */
struct repeat {
        uint64_t run, n;
        struct hash128 hash;
};

struct place {
        bool is_none; /* of a log of which nothing existed yet: whatever appears is new */
        bool is_done; /* nothing of this file remains to be read: go on with the one after it */
        uint64_t device, inode, size;
        int64_t mtime; /* nanoseconds, when it was last read */
        uint64_t offset; /* behind the last raw handed out */
        struct sample head, mark; /* its first bytes; the last ones handed out */
        uint64_t records; /* made of it so far */
        enum frame_mode mode;
        struct repeat repeat;
        struct frame_table table; /* the one it is or was in; delimiter 0: none */
};

void place_set_file(struct place *p, const struct stat *st); /* device, inode, size, mtime */
bool place_is_file(const struct place *p, const struct stat *st); /* by device and inode */
void place_write(const struct place *p, struct strbuf *out);
/* 0 or -EBADMSG. A table's header is still as written: position_unescape() makes it readable. */
int place_parse(struct str blob, struct place *ret);
/* The text of a value in which blanks, '%', and what is not printable ASCII are %XX. 0, -EBADMSG, -ENOMEM. */
int position_unescape(struct str value, struct strbuf *out);
int64_t place_mtime(const struct stat *st);

#endif
