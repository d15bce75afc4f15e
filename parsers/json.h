/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_PARSERS_JSON_H
#define SHOPBELL_PARSERS_JSON_H

/* JSON through simdjson On-Demand, behind C. A document is walked once against a plan: a trie of the paths that sources
 * and rules ask for. What nobody asks for is skipped without being parsed.
 *
 * Meaning of a field name "a.b.c" (Sigma digest, Values): the literal top-level key "a.b.c" first, else the path a, b, c.
 * In "a.b\.c" the second dot is part of a key.
 * Arrays anywhere on the path are entered: the field has one value for each element that has it. Duplicate keys in one
 * object: the last one counts, as in Python and JavaScript. Numbers keep every digit (base/number.h). An object at the
 * end of a path is one VALUE_OBJECT.
 *
 * Defined failures: -EBADMSG not JSON (also truncated); -E2BIG deeper than JSON_DEPTH_MAX or over RAW_BYTES_MAX, or needing more than JSON_MEMORY_MAX (records made until then stand); -ENOMEM.
 * Skipped parts are checked for their structure only, and may be nested deeper. Ill-formed UTF-8 is read with U+FFFD in its place and counted. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "monitor/base/arena.h"
#include "monitor/base/str.h"
#include "monitor/model/counter.h"
#include "monitor/model/record.h"

/* Memory that the records of one document may take: `[{},{},…]` makes a record of two bytes. */
#define JSON_MEMORY_MAX ((size_t)512 * 1024 * 1024)

enum { JSON_DEPTH_MAX = 256, JSON_IN_TEXT_DEPTH_MAX = 2, JSON_IN_TEXT_BYTES_MAX = 4 * 1024 * 1024, JSON_ENVELOPES_MAX = 8 };

/* ---- Plan: built once for a source, then only read ---- */
struct json_plan;

struct json_plan *json_plan_new(void);
struct json_plan *json_plan_free(struct json_plan *plan);
/* Ask for a field; its values go to record slot `slot`. 0 or -ENOMEM. The same field twice keeps the first slot. */
int json_plan_want(struct json_plan *plan, struct str field, uint32_t slot);
/* Every string and number at any depth goes to record.leaves. */
void json_plan_want_leaves(struct json_plan *plan);
/* Where the records lie: "Records" or "a.b" = the array (or one object) at that path; "" = the document itself or, when
 * it is an array, its elements. A document without that path is taken as a bare record. What lies there may be a string that
 * holds JSON; when it is none, COUNTER_JSON_IN_TEXT_BAD. One more place is used when there are no records at those before.
 * -E2BIG: over JSON_ENVELOPES_MAX. */
int json_plan_envelope(struct json_plan *plan, struct str path);
/* One raw record, many records: one for each element of the array at `path` (below the envelope); an object counts as
 * one element, no such path or an empty array as one record without it. Field "path.x" is x of that element. */
int json_plan_fan_out(struct json_plan *plan, struct str path);
/* The string at `path` holds JSON: fields "path.x" lie inside it; field "path" is still the string itself. When it is
 * no JSON, COUNTER_JSON_IN_TEXT_BAD. */
int json_plan_text(struct json_plan *plan, struct str path);
/* The array at `path` (below envelope; may lie below the fan-out path, whole path given) lists name/value pairs: field
 * "path.N" is the value, under the first of `values` that is present, of the element whose `name` is N. Without `values`
 * it is the element itself: "path.N.x" is x of the elements whose `name` is N, and "path.x" that of all, as ever. */
int json_plan_pairs(struct json_plan *plan, struct str path, struct str name, const struct str *values, size_t n_values);

/* ---- Reader: one a thread, reused ---- */
struct json_reader;

struct json_reader *json_reader_new(void);
struct json_reader *json_reader_free(struct json_reader *reader);

/* Called for each record of a document, in order, with slots _ECS_MAX … of `record` filled, `record->raw` the record's
 * own bytes (for a fan-out those of the whole raw record), record->leaves when asked for. `sub` counts the records of
 * one fan-out from 0. ECS slots are zero. 0 or a negative errno that ends the walk. */
typedef int json_record_fn(void *userdata, struct record *record, uint32_t sub);

/* Walks `text`, which must have RAW_PADDING readable bytes behind it and must stay until the batch ends (values borrow
 * from it). Records and values are made in `arena`; each record has n_slots slots. */
int json_read(struct json_reader *reader, const struct json_plan *plan, struct str text, struct arena *arena,
              uint32_t n_slots, struct counters *counters, json_record_fn *fn, void *userdata);

#endif
