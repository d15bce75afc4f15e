/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_PARSERS_EXPLAIN_H
#define SHOPBELL_PARSERS_EXPLAIN_H

/* Private to parsers/: all fields of a record, under the names that its source's decoder gives them, asked for or not. */

#include "parsers/flat.h"
#include "parsers/parse.h"

/* Of record number `number` (from 0) of those that the raw makes. 0; -ENOENT: there is no such record; -ENOMEM. */
int record_flat(struct parser *p, const struct raw *raw, const struct source *s, uint32_t number, struct arena *arena,
                struct flat *ret, struct record **ret_record);

#endif
