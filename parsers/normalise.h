/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_PARSERS_NORMALISE_H
#define SHOPBELL_PARSERS_NORMALISE_H

/* From native fields to a finished record: classes, ECS fields, what is automatic for all sources, id. Private to
 * parsers/. */

#include "parsers/parse.h"

#define ECS_ALL UINT64_MAX

/* A set of ECS fields (bits) with those that they are made of and those that every record needs. */
uint64_t normalise_needed(uint64_t wanted);
/* Fills the wanted ECS slots (sets from normalise_needed(); those of `wanted_of_class` only when the record has a class;
 * and maybe more), time, source and file of a record whose native slots are filled and whose ECS slots are empty; emptied
 * and filled again with larger sets gives the same as these at once. 0 or -ENOMEM. */
int normalise_record(struct parse *x, struct record *record, uint64_t wanted, uint64_t wanted_of_class);
/* Its id, once. */
int normalise_id(struct parse *x, struct record *record, uint32_t sub, bool is_many);

#endif
