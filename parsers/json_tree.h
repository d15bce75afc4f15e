/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_PARSERS_JSON_TREE_H
#define SHOPBELL_PARSERS_JSON_TREE_H

/* A whole JSON document as a tree, for people: what is in a record that no source asks for. Records on their way to rules
 * never go through here (parsers/json.h reads those). */

#include "monitor/base/arena.h"
#include "monitor/base/str.h"

enum json_kind { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json_tree {
        enum json_kind kind;
        struct str key; /* in its object; absent in an array */
        struct str text; /* of a scalar: its value; of an array or object: as written */
        struct json_tree *first, *next; /* what is in it; what follows it */
        size_t n; /* how many are in it */
};

enum { JSON_TREE_NODES_MAX = 1000000 };

/* Reads one document, object or array, into the arena. Keys that come twice are both there. -EBADMSG: no JSON; -E2BIG:
 * deeper than JSON_DEPTH_MAX, or over JSON_TREE_NODES_MAX values; -ENOMEM. */
int json_tree_read(struct arena *arena, struct str text, struct json_tree **ret);
/* The value of an object's key, or NULL. */
const struct json_tree *json_tree_get(const struct json_tree *object, struct str key);

#endif
