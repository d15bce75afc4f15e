/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_PARSERS_JSON_WALK_H
#define SHOPBELL_PARSERS_JSON_WALK_H

/* One record of a JSON text against a plan: values go to the record's slots. Private to the JSON reader. */

#include "parsers/json_plan.h"

/* What a walk ends with, beside 0 and negative errnos. */
enum {
        JSON_WALK_ENVELOPE = 1, /* the envelope's first key was met, and stops_at_envelope is set */
        JSON_WALK_DUPLICATE, /* a key may have been met twice in one object: json_mark_dead(), then walk again */
};

enum { JSON_SEEN_KEYS = 1024, JSON_SEEN_PROBES = 8 };

/* Which keys the objects being read have had. Objects are numbered, so nothing is ever cleared. */
struct json_seen {
        uint32_t object; /* the last number given */
        uint32_t record; /* the first number of this record */
        uint32_t *nodes; /* of a plan's node: the object that had its key last; n_nodes of them */
        uint32_t n_nodes;
        uint32_t n_keys; /* of this record in `keys` */
        struct json_seen_key {
                uint32_t object, hash;
        } keys[JSON_SEEN_KEYS]; /* keys without a node, when leaves are wanted */
};

/* A place in the text to come back to. */
struct json_spot {
        struct json_spot *next;
        const uint32_t *t;
        unsigned depth;
};

struct json_walk {
        const struct json_plan *plan;
        struct json_text *text;
        const uint32_t *t; /* the next token */
        struct arena *arena;
        struct record *record; /* the caller's, with empty slots */
        struct value **leaves_end; /* NULL: no leaves */
        uint32_t n_leaves;
        struct json_seen *seen;
        struct json_mark *mark;
        struct json_simd *const *inner; /* for JSON in text, JSON_IN_TEXT_DEPTH_MAX of them */
        unsigned in_text; /* strings entered */
        bool stops_at_envelope;
        bool skips_fan_out; /* and notes where it lies */
        struct json_spot *fan_out, **fan_out_end;
        uint64_t n_cut, n_bad_texts; /* to be counted once the record is whole */
};

/* Walks the fields of a record's own object, which w->t is at, and leaves w->t behind it. 0, -EBADMSG, -E2BIG, -ENOMEM,
 * or one of the above. */
int json_walk_record(struct json_walk *w, unsigned depth);
/* Walks an element of the fan-out array. */
int json_walk_element(struct json_walk *w, unsigned depth);
/* Adds a spot at the end of a list. 0 or -ENOMEM. */
int json_walk_note(struct arena *arena, struct json_spot ***end, const uint32_t *t, unsigned depth);

#endif
