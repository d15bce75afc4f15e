/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_INPUT_JOURNAL_FIND_H
#define SHOPBELL_INPUT_JOURNAL_FIND_H

/* Entries that a program wrote to the journal, looked up once. */

#include <stddef.h>

#include "monitor/base/clock.h"
#include "monitor/base/err.h"
#include "monitor/base/str.h"

enum { JOURNAL_FIND_FIELDS_MAX = 8 };

/* Calls fn for each entry that fits all `matches` ("FIELD=value"; those of one field are alternatives), the oldest first, with its time
 * and the values of `fields`, absent where it has none; they live until fn returns. `directory` NULL: the system's own journal.
 * 0, what fn returned, or a negative errno: *reterr says what. */
int journal_find(const char *directory, const char *const *matches, size_t n_matches, const char *const *fields, size_t n_fields,
                 int (*fn)(void *userdata, usec at, const struct str *values), void *userdata, struct err *reterr);

#endif
