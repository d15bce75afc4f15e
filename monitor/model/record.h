/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_MODEL_RECORD_H
#define SHOPBELL_MODEL_RECORD_H

/* Raw bytes of one log record, and the record made of them.
 *
 * A record is an array of slots. Slots 0 … _ECS_MAX-1 are the ECS fields (model/ecs.h), the same for every source. Behind
 * them lie the native fields of the record's source: the paths that its source file and the rules ask for, in the
 * platform's own names; nothing else of the raw is kept. A slot is absent, or present with a list of zero or more
 * values: an array anywhere on a field's path gives many, an empty array none.
 *
 * Values are text plus a kind. Everything a record points to lives in the batch's arena or in the raw's bytes and dies
 * with the batch. The fold cache inside a value makes a record usable by one thread at a time. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "monitor/base/arena.h"
#include "monitor/base/clock.h"
#include "monitor/base/hash.h"
#include "monitor/base/str.h"
#include "monitor/model/ecs.h"

/* ---- Limits ---- */
enum {
        RAW_BYTES_MAX = 64 * 1024 * 1024, /* one line or JSON document; longer ones are rejected and counted */
        RECORD_VALUES_MAX = 100000, /* values of one record; more are left out and counted */
        RECORD_NATIVE_MAX = 60000, /* native slots of one source */
        VALUE_BYTES_MAX = 16 * 1024 * 1024, /* text of one value; longer ones are cut and counted */
};

/* ---- Raw ---- */
struct raw {
        struct str bytes; /* RAW_PADDING readable bytes follow */
        const char *file; /* where from: path, "-", or "journald"; outlives the batch */
        uint64_t offset; /* byte offset of the raw in its (decompressed) file, for messages */
        uint64_t index; /* records of that file before this raw (set by the hall just before CORRELATE sees them) */
        uint64_t *records; /* the input's count of that file's records, which the hall adds to; may be NULL */
        usec reference; /* when it came to this host (the file's mtime, the journal's stamp): the latest time a stamp without a
                           year can mean, and the time of a record that has none; USEC_NONE: unknown */
        const char *source; /* source name the input was configured with, or NULL: recognise it */
        const char *authserv; /* of mails: the authserv-id that the input is configured to trust, or NULL; as long-lived as `file` */
        uint64_t repeat; /* how many byte-identical raws came directly before it in the same file */
        struct str header; /* of a row of a table: the line that names its columns, as long-lived as `file`; else absent */
        uint64_t row; /* and its number in its file, from 1 (the header); 0: not known */
        bool is_change; /* what differs between two polled lists, written by parsers/list_compare.c: never a file's own bytes */
};

enum { RAW_PADDING = 64 }; /* simdjson's SIMDJSON_PADDING; input/ and tests keep to it */

/* ---- Values and slots ---- */
enum value_kind { VALUE_NULL, VALUE_STRING, VALUE_NUMBER, VALUE_BOOL, VALUE_OBJECT };

struct value {
        struct value *next;
        struct str text; /* STRING: unescaped UTF-8; NUMBER: number_canonical(); BOOL: "true"/"false"; NULL: "null";
                            OBJECT: its JSON as written (value_text() gives the compact form) */
        struct str folded; /* cache of value_folded(); p == NULL: not made yet */
        struct str compact; /* cache of value_text() of an OBJECT */
        enum value_kind kind;
};

struct slot {
        struct value *first, *last;
        uint32_t n;
        bool is_present;
        bool is_literal; /* came from a top-level key that is the whole field name: dotted paths no longer add */
};

/* Text for string tests and `re`: of an OBJECT its compact JSON (Sigma digest, Values); absent for VALUE_NULL. */
struct str value_text(struct value *v, struct arena *arena);
/* The same, case-folded (base/utf8.h), cached. */
struct str value_folded(struct value *v, struct arena *arena);
/* Text for keys, counts and output: of scalars only (p == NULL for null and objects). */
struct str value_scalar(const struct value *v);

struct record {
        const char *source; /* name; outlives the batch */
        uint32_t source_index; /* in the source set */
        struct str raw; /* the part of the raw bytes this record was made of */
        struct str header; /* of a row of a table: the line that names its columns; else absent */
        const char *file;
        uint64_t index; /* in that file, from 0, in the order records lie there */
        usec time; /* @timestamp; USEC_NONE when the record has none */
        struct str id; /* the platform's record id, else the hex of a hash of the raw */
        struct hash128 key; /* of source, tenant (cloud.account.id) and id: tells re-delivered records. Set by
                               record_set_key(), for those that hit something */
        struct slot *slots;
        uint32_t n_slots; /* _ECS_MAX + native slots of the source */
        struct value *leaves; /* every string and number at any depth (only when a keyword rule asks), linked by
                                 `next`; else NULL */
        struct arena *arena; /* the batch's */
};

void record_set_key(struct record *r);
/* Its raw bytes; of a table's row below the line that names its columns. p == NULL: out of memory. */
struct str record_whole(const struct record *r);

/* A slot by number; NULL when absent. UINT32_MAX (field unknown to this source) is absent. */
static inline struct slot *record_slot(const struct record *r, uint32_t slot)
{
        return slot < r->n_slots && r->slots[slot].is_present ? &r->slots[slot] : NULL;
}

/* Append a value; the text is borrowed. 0, -ENOMEM, -E2BIG (RECORD_VALUES_MAX; nothing added). */
int slot_add(struct slot *slot, struct arena *arena, enum value_kind kind, struct str text);
/* First scalar text of a slot, absent when there is none. */
struct str slot_text(const struct slot *slot);
static inline struct str record_ecs(const struct record *r, enum ecs field) { return slot_text(&r->slots[field]); }

/* Values that platforms write where there is none: "", "-", "null", "none", "n/a", "Not Available", "unknown",
 * "undefined" (ASCII case ignored). Absent as identity, never a group key. */
bool value_is_placeholder(struct str text);

#endif
