/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_PARSERS_LIST_H
#define SHOPBELL_PARSERS_LIST_H

/* Sources whose files are polled lists: who has access, fetched again and again. Private to parsers/.
 *
 *     list:
 *       key: [customerUserAccess.userId]          # what tells entries apart
 *       watch: [customerUserAccess.accessRole]    # whose changes count; without it only comings and goings do
 *       account: customer.id                      # whose list it is, where one folder gets several
 *       time: fetched_at                          # of the document: when it was polled; without it, the file's mtime
 *       more: nextPageToken                       # of the document: while it says something, pages are missing
 *
 * list_compare.c compares (pure: the list before is handed in) and writes what differs as raws of its own:
 *
 *     {"change": "added|removed|changed", "polled": "2026-11-22T03:00:00Z", "changed": ["accessRole"], "entry": {…}, "old": {…}}
 *     {"refused": "is empty"}
 *
 * list_decode() makes records of these. Native fields are those of the entry, and change, changed, polled, old.*, which an
 * entry's own fields of such names cannot be mistaken for. A raw is only read so when its input says that it was made here
 * (raw.is_change): what a log says of itself counts for nothing. */

#include "parsers/parse.h"

int list_load(struct loader *l, const struct yaml *y);
int list_freeze(struct source *s, struct err *reterr);
void list_done(struct source *s);

/* A raw of a source that is a list. 0; -ENOMSG: it is refused, or a list where none is compared; else as decoder.decode(). */
int list_decode(struct parse *x);

/* What the source wants of one entry, its JSON, goes to a record; *ret is NULL when it is no object. 0, -EBADMSG, -E2BIG, -ENOMEM. */
int list_read_entry(struct parse *x, struct str json, const struct json_plan *plan, struct record **ret);

#endif
