/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_PARSERS_EXPLAIN_H
#define SHOPBELL_PARSERS_EXPLAIN_H

/* Private to parsers/: all fields of a record, under the names that its source's decoder gives them, asked for or not. */

#include "parsers/flat.h"
#include "parsers/parse.h"

/* Called for each record that the raw makes. Negative ends the raw. */
typedef int record_flat_fn(void *userdata, struct record *record, const struct flat *flat);
/* 0, -ENOMEM, or what fn returned; a raw that is none of the source's makes no records. */
int record_flats(struct parser *p, const struct raw *raw, const struct source *s, struct arena *arena, record_flat_fn *fn, void *userdata);

#endif
