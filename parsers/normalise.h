/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_PARSERS_NORMALISE_H
#define SHOPBELL_PARSERS_NORMALISE_H

/* From native fields to a finished record: classes, ECS fields, what is automatic for all sources, id. Private to
 * parsers/. */

#include "parsers/parse.h"

#define ECS_ALL UINT64_MAX

/* Fills the wanted ECS slots (bit set; and maybe more), time, source and file of a record whose native slots are filled;
 * again with a larger set gives the same as that set at once. 0 or -ENOMEM. */
int normalise_record(struct parse *x, struct record *record, uint64_t wanted);
/* Its index and id, once. */
int normalise_id(struct parse *x, struct record *record, uint32_t sub, bool is_many);

#endif
