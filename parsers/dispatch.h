/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_PARSERS_DISPATCH_H
#define SHOPBELL_PARSERS_DISPATCH_H

/* Which rows of `classes` can hold for a record at all. Nearly all of them ask for exact values of one field
 * (eventName, alert_id): one look-up of the record's value leaves the few rows worth matching. Private to parsers/. */

#include "monitor/base/map.h"
#include "monitor/base/yaml.h"
#include "monitor/model/record.h"

enum { DISPATCH_ROWS_MAX = 256, DISPATCH_WORDS = DISPATCH_ROWS_MAX / 64 };

struct source;

struct dispatch_set {
        uint64_t words[DISPATCH_WORDS];
};

struct dispatch {
        uint32_t slot; /* the field; UINT32_MAX: no row can be left out */
        struct map rows; /* folded value to struct dispatch_set, in the source's arena */
        struct dispatch_set always; /* rows that do not ask for exact values of the field */
};

/* For the `when` of each row. 0 or -ENOMEM. */
int dispatch_build(struct source *s, const struct yaml *const *when, size_t n, struct dispatch *ret);
void dispatch_done(struct dispatch *d);

/* The rows that can hold. */
struct dispatch_set dispatch_rows(const struct dispatch *d, const struct record *r, struct arena *arena);

#endif
