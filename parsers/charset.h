/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_PARSERS_CHARSET_H
#define SHOPBELL_PARSERS_CHARSET_H

/* Character sets of mails to UTF-8, by iconv() of libc. Whoever writes a mail names the set, so only names of a table are
 * handed to iconv(): those that mails are written in. UTF-7 is not among them, which can hide anything from whoever looks
 * for it, nor are sets that switch between many tables. To add one: a row in charset.c. */

#include <stdbool.h>

#include "monitor/base/arena.h"
#include "monitor/base/str.h"

/* The bytes as well-formed UTF-8; those that mean nothing become U+FFFD. An absent or empty
 * name is US-ASCII. Of an unknown set only the ASCII is kept, the rest is U+FFFD, and *ret_is_known is false. Absent: no
 * memory. */
struct str charset_to_utf8(struct arena *arena, struct str name, struct str bytes, bool *ret_is_known);

#endif
