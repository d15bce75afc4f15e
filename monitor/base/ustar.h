/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_BASE_USTAR_H
#define SHOPBELL_BASE_USTAR_H

/* Archives as tar(1) reads them: the ustar format of POSIX.1-1988 (pax(1), "ustar Interchange Format"), cut down to what leaves no doubt.
 * Only regular files, of mode 0644, owned by nobody in particular, all of one time; names are short and plain. What ustar_add() writes is
 * the one way to write it, and ustar_next() takes no other: a bit that is wrong anywhere outside of the files' bytes is found. The same
 * files in the same order give the same archive. */

#include "monitor/base/clock.h"
#include "monitor/base/err.h"
#include "monitor/base/str.h"

enum {
        USTAR_BLOCK = 512,
        USTAR_NAME_MAX = 99,
        USTAR_DEPTH_MAX = 4, /* parts of a name */
        USTAR_FILES_MAX = 100000,
};
#define USTAR_FILE_BYTES_MAX (UINT64_C(1) << 32) /* of one file */

/* Parts of letters, digits and "._-" that do not begin with a dot or a dash, divided by '/'. Nothing else can get out of its folder, hide,
 * or be taken for an option. */
bool ustar_is_name(struct str name);

/* ---- Writing: what to put in front of a file's bytes, and behind ---- */

/* `at`: of all files the same, not before 1970; the fraction of a second goes. -EINVAL: the name is none; -EFBIG; -ENOMEM. */
int ustar_add(struct strbuf *to, struct str name, struct str bytes, usec at);
/* The end: two blocks of zeroes. */
void ustar_end(struct strbuf *to);

/* ---- Reading ----
 *
 *     struct ustar u = ustar_read(bytes);
 *     while ((r = ustar_next(&u, &file, &err)) > 0) … */

struct ustar_file {
        struct str name, bytes; /* borrowed from the archive */
        uint64_t offset; /* of its head in the archive */
        usec at;
};
struct ustar {
        struct str all;
        size_t at;
        size_t n; /* files so far */
        usec time; /* of all files; USEC_NONE: none was read */
};
static inline struct ustar ustar_read(struct str bytes)
{
        return (struct ustar){ .all = bytes, .time = USEC_NONE };
}
/* 1; 0: that was the end, and nothing is behind it; -EBADMSG: *reterr says what is wrong where, and with which file. Whether a name comes
 * twice is for the caller to see. */
int ustar_next(struct ustar *u, struct ustar_file *ret, struct err *reterr);

#endif
