/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_PARSERS_FLAT_H
#define SHOPBELL_PARSERS_FLAT_H

/* Everything that is in a record, under the names that a source file uses: what `shopbell sources explain` shows and
 * `shopbell sources new` guesses from. For people; never on the way of records to rules. */

#include "monitor/base/arena.h"
#include "parsers/json_tree.h"

struct flat_field {
        struct str name; /* path with dots; an array gives one for each element */
        struct str text; /* of a scalar; of an empty object or array as written */
        enum json_kind kind;
};

/* Grows in the arena. */
struct flat {
        struct arena *arena;
        struct flat_field *items;
        size_t n, cap;
};

struct flat_pairs {
        struct str at, name;
        const struct str *values;
        size_t n_values;
};

/* How a source opens records of JSON. All zeroes: as they are. */
struct flat_shape {
        const struct flat_pairs *pairs;
        size_t n_pairs;
        const struct str *texts; /* paths of strings that hold JSON */
        size_t n_texts;
        struct str each; /* of the array there, only element `sub` is looked at; absent: no fan-out */
        uint32_t sub;
};

enum { FLAT_FIELDS_MAX = 100000 };

/* 0, -ENOMEM, -E2BIG (FLAT_FIELDS_MAX). The texts are borrowed. */
int flat_add(struct flat *f, struct str name, enum json_kind kind, struct str text);
/* Adds all leaves of a record. */
int flat_json(struct flat *f, const struct json_tree *record, const struct flat_shape *shape);
/* The first field of that name, or NULL. */
const struct flat_field *flat_find(const struct flat *f, struct str name);

#endif
