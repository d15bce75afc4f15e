/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_INPUT_MBOX_H
#define SHOPBELL_INPUT_MBOX_H

/* Where the messages of an mbox begin and end (RFC 4155): a "From " line behind an empty one. Writers put a '>' in front of
 * such lines in texts (mboxo, mboxrd); mboxcl's Content-Length is not believed, as it is the sender's. Private to the framer. */

#include <stdbool.h>
#include <stddef.h>

enum { MBOX_BEFORE = 2 }; /* bytes in front of where a search goes on that must still be there */

/* Do these bytes begin with a "From " line? 1, 0, or -EAGAIN: not before the line is whole. */
int mbox_begins(const char *p, size_t n, bool at_end);
/* The next message's first byte behind p + from, of n bytes that begin a message. False: there is none yet, and *ret is where
 * to search on when more has come. */
bool mbox_find(const char *p, size_t n, size_t from, bool at_end, size_t *ret);
/* Whether the bytes end with an empty line, as a message that was written to its end does. */
bool mbox_ends(const char *p, size_t n);

#endif
