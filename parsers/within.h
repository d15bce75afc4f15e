/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_PARSERS_WITHIN_H
#define SHOPBELL_PARSERS_WITHIN_H

/* A table that lies in a text of a JSON document. Private to parsers/.
 *
 *     within: [data.changelog, file_data]
 *
 * is the text at data.changelog; in that, which is JSON again or a map as Python prints it ({'file_data': b'…'}), the text at
 * file_data. At the end a text that looks as Python prints bytes or text (b'Time,User\r\n…') is opened: its escapes become the bytes
 * they stand for. TikTok's change log is both. */

#include "parsers/parse.h"

int within_load(struct loader *l, const struct yaml *y);
int within_freeze(struct source *s, struct err *reterr);
void within_done(struct source *s);

/* 1: *ret is the table's text, with RAW_PADDING bytes behind it; 0: the raw has nothing there; -ENOMEM. */
int within_open(struct parse *x, struct str *ret);

#endif
