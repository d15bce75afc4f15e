/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_DETECT_GROUPS_IMPL_H
#define SHOPBELL_DETECT_GROUPS_IMPL_H

/* What groups.c, the table and its lists, and group_hold.c, what lies in a group, know of each other. */

#include "monitor/detect/groups.h"

/* groups.c: its size is counted anew, which may evict others. */
void groups_count(struct groups *all, struct group *g);
/* groups.c: it is to be stored. */
void groups_set_dirty(struct groups *all, struct group *g);
/* groups.c: a key's rule, and the part behind it. */
uint32_t groups_rule_of(struct str key, struct str *ret_values);

/* group_hold.c: holds nothing any more. */
void group_empty(struct group *g);
/* group_hold.c: what it holds, or, where the rest is stored already, what is new; *ret_part is the row of that. */
void group_write(struct groups *all, struct group *g, struct strbuf *blob, unsigned *ret_part);

#endif
