/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_DETECT_TELL_H
#define SHOPBELL_DETECT_TELL_H

/* An episode in words: the change of an alert that it leads to. Private to detect/. */

#include "monitor/detect/groups.h"
#include "monitor/model/alert.h"

/* What a record makes of the rule's sentence. Counts change after the record is gone, so their places are kept open, and
 * tell_change() fills them in. 0 or -ENOMEM (*ret untouched). */
int tell_words(const struct entry *entry, const struct group *g, const struct record *record, usec at, struct words *ret);

/* The same of an inner correlation's hit, whose record is gone by then: of that record only the person and the log source are known. */
int tell_words_after(const struct entry *entry, const struct group *g, const struct words *inner, struct words *ret);

/* The present state of an episode's alert. `fields` has room for RULES_GROUP_BY_MAX; what is made lives in `arena`.
 * `records` stay empty. */
void tell_change(struct arena *arena, const struct entry *entry, const struct group *g, const struct episode *episode,
                 struct alert_group *fields, struct alert_change *ret);

#endif
