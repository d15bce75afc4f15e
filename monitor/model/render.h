/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_MODEL_RENDER_H
#define SHOPBELL_MODEL_RENDER_H

/* A record in words and in JSON. */

#include "monitor/base/str.h"
#include "monitor/model/record.h"

/* The record as one flat JSON object of its ECS fields ("user.name": …; several values: an array; "shopbell.source",
 * "shopbell.file" and "shopbell.index" included), in the order of the table. With `native` (may be NULL) the names of
 * the native slots, native[i] for slot _ECS_MAX + i: these follow. No newline at the end. */
void render_record_json(const struct record *r, const struct str *native, struct strbuf *out);

/* Fills "{user.name} signed in from {source.ip}": a name in braces is an ECS field or one of `extra` (pairs name, value);
 * the first value that is present of a list {user.email|user.name}. What is missing becomes words ("someone", "an
 * unknown address", else "unknown"); more than 3 values: "a, b and 5 more". "{{" is a plain brace. */
struct render_extra {
        const char *name;
        struct str value;
};
void render_sentence(struct str pattern, const struct record *r, const struct render_extra *extra, size_t n_extra,
                     struct strbuf *out);
/* Checks the field names of a pattern at load: true when all are ECS fields or in the NULL-ended `extra_names` (may be
 * NULL); else false with the first wrong one, borrowed from the pattern. */
bool render_check(struct str pattern, const char *const *extra_names, struct str *ret_bad);

#endif
