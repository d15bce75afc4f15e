/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_BASE_JSON_FLAT_H
#define SHOPBELL_BASE_JSON_FLAT_H

/* Reads back what this program wrote itself: one JSON object of names and values on a line, such as the fields of a record. No reader of
 * JSON at large (that is parsers/json.h): what is nested is given as it stands there. */

#include "monitor/base/arena.h"
#include "monitor/base/str.h"

enum { JSON_FLAT_DEPTH_MAX = 64 };

/*     struct str rest = text, key, value;
 *     while ((r = json_flat_next(&rest, arena, &key, &value)) > 0) …
 *
 * A string is given without its escapes, of an array of plain values each, ", " between them; null is absent, anything else as it stands
 * there. Lives in the arena, or in the text. 1; 0: that was all; -EBADMSG: no such object; -ENOMEM. */
int json_flat_next(struct str *rest, struct arena *arena, struct str *ret_key, struct str *ret_value);
/* The value of one name, absent where there is none or the text is no such object. */
struct str json_flat_get(struct str text, const char *key, struct arena *arena);

#endif
