/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_PARSERS_NORMALISE_H
#define SHOPBELL_PARSERS_NORMALISE_H

/* From native fields to a finished record: classes, ECS fields, what is automatic for all sources, id. Private to
 * parsers/. */

#include "parsers/parse.h"

/* Fills the ECS slots, time, source, file and id of a record whose native slots are filled. 0 or -ENOMEM. */
int normalise_record(struct parse *x, struct record *record, uint32_t sub, bool is_many);

#endif
