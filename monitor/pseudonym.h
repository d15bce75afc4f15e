/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_MONITOR_PSEUDONYM_H
#define SHOPBELL_MONITOR_PSEUDONYM_H

/* Records kept as evidence under pseudonyms: fields that name somebody, and free text, hold keyed pseudonyms, and the clear
 * fields and the bytes lie in a box that the key of the state folder opens. To add a field: a row in `personal` of pseudonym.c. */

#include "monitor/base/digest.h"
#include "monitor/model/alert.h"
#include "monitor/model/record.h"

/* Makes e->fields, e->raw and e->sealed of the clear ones; they live in `fields` and `box`, which are cleared first. 0 or -ENOMEM. */
int pseudonym_evidence(const struct secret *secret, const struct record *record, struct evidence *e, struct strbuf *fields, struct strbuf *box);

#endif
