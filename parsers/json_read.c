/* SPDX-License-Identifier: Apache-2.0 */

/* From documents to records: envelopes, arrays, fan-out.
 *
 * What is checked of a document. Always, and before any of its records is handed out: that it is UTF-8 (else it is
 * repaired), that strings end and hold no control characters, and that brackets, colons and commas are where they
 * belong up to its end, so a document that was cut off gives nothing. Wherever the plan leads: every key, string
 * escape, number and word, before that record (for a fan-out, all records of that raw) is handed out; an envelope's
 * earlier records may be out by then. What nobody asks for, and all but the last of equal keys, is skipped: there a
 * scalar is only known by its first byte ("1x" or "\q" go unnoticed), and brackets more than JSON_DEPTH_MAX deep are
 * counted without comparing their kind. JSON in text is checked in full. */

#include "parsers/json_walk.h"

#include <errno.h>
#include <stdlib.h>

#include "monitor/base/utf8.h"

struct json_reader {
        struct json_simd *simd, *wrapped, *inner[JSON_IN_TEXT_DEPTH_MAX]; /* of the document, records in a string, JSON in text */
        struct json_seen seen;
        struct json_mark mark;
};

/* Records of a fan-out wait until the last one is made. */
struct made {
        struct made *next;
        struct record record;
};

struct reading {
        struct json_walk w;
        struct json_text text;
        struct json_simd *wrapped; /* NULL while records in a string are being read */
        const uint32_t *root; /* token of the document's root */
        struct made *made, **made_end;
        uint32_t n_slots;
        size_t memory_max; /* of the arena, for this document */
        struct counters *counters;
        json_record_fn *fn;
        void *userdata;
};

/* ---- One record ---- */

/* 0, -ENOMEM, -E2BIG (JSON_MEMORY_MAX). */
static int new_record(struct reading *r, struct made **ret)
{
        struct made *made;

        if (arena_used(r->w.arena) > r->memory_max)
                return -E2BIG;
        made = arena_alloc(r->w.arena, sizeof *made);
        if (!made)
                return -ENOMEM;
        made->record.slots = arena_array(r->w.arena, r->n_slots, sizeof *made->record.slots);
        if (!made->record.slots)
                return -ENOMEM;
        made->record.n_slots = r->n_slots;
        made->record.time = USEC_NONE;
        made->record.arena = r->w.arena;
        r->w.record = &made->record;
        r->w.leaves_end = r->w.plan->wants_leaves ? &made->record.leaves : NULL;
        r->w.n_leaves = 0;
        *ret = made;
        return 0;
}

/* One element of the fan-out array: the parent's slots and its own. */
static int fan_element(struct reading *r, const struct record *parent, const uint32_t *t, unsigned depth)
{
        struct made *made;
        int k = new_record(r, &made);

        if (k < 0)
                return k;
        memcpy(made->record.slots, parent->slots, r->n_slots * sizeof *parent->slots);
        r->w.t = t;
        k = json_walk_element(&r->w, depth);
        if (k != 0)
                return k;
        if (r->w.leaves_end)
                *r->w.leaves_end = parent->leaves;
        made->record.raw = parent->raw;
        *r->made_end = made;
        r->made_end = &made->next;
        return 0;
}

/* What lies at the fan-out path: elements, or one. The text is known to be whole here. */
static int fan_out(struct reading *r, const struct record *parent, const uint32_t *t, unsigned depth)
{
        int k = 0;

        if (json_text_at(&r->text, t) != '[')
                return fan_element(r, parent, t, depth);
        if (depth > JSON_DEPTH_MAX)
                return -E2BIG;
        if (json_text_at(&r->text, ++t) == ']')
                return 0;
        for (;; t++) {
                const uint32_t *end = json_text_skip(&r->text, t, depth + 1);

                k = fan_out(r, parent, t, depth + 1);
                if (k != 0 || json_text_at(&r->text, end) != ',')
                        return k;
                t = end;
        }
}

/* Walks a record's object and its fan-out. Leaves w.t behind the object. */
static int walk_record(struct reading *r, const uint32_t *t, unsigned depth)
{
        struct json_walk *w = &r->w;
        struct made *parent;
        const uint32_t *end;
        int k = new_record(r, &parent);

        if (k < 0)
                return k;
        r->made = NULL;
        r->made_end = &r->made;
        w->fan_out = NULL;
        w->fan_out_end = &w->fan_out;
        w->n_cut = w->n_bad_texts = 0;
        w->seen->record = w->seen->object + 1;
        w->seen->n_keys = 0;
        w->skips_fan_out = true;
        w->t = t;
        k = json_walk_record(w, depth);
        if (k != 0)
                return k;
        end = w->t;
        parent->record.raw = json_text_slice(&r->text, t, end - 1);
        w->skips_fan_out = false;
        for (struct json_spot *spot = w->fan_out; spot && k == 0; spot = spot->next)
                k = fan_out(r, &parent->record, spot->t, spot->depth);
        if (!r->made)
                r->made = parent;
        w->t = end;
        return k;
}

/* 0, JSON_WALK_ENVELOPE, or a negative errno. */
static int read_record(struct reading *r, const uint32_t *t, unsigned depth, bool stops_at_envelope)
{
        struct json_walk *w = &r->w;
        uint32_t sub = 0;
        int k;

        w->stops_at_envelope = stops_at_envelope;
        k = walk_record(r, t, depth);
        if (k == JSON_WALK_DUPLICATE) {
                k = json_mark_dead(w->mark, &r->text, t, depth, false, w->arena);
                if (k == 0)
                        k = walk_record(r, t, depth);
                r->text.dead = NULL;
        }
        if (k != 0)
                return k;
        if (t == r->root && !json_text_is_last(&r->text, w->t - 1))
                return -EBADMSG;
        r->counters->n[COUNTER_VALUES_CUT] += w->n_cut;
        r->counters->n[COUNTER_JSON_IN_TEXT_BAD] += w->n_bad_texts;
        for (struct made *made = r->made; made && k >= 0; made = made->next)
                k = r->fn(r->userdata, &made->record, sub++);
        return k < 0 ? k : 0;
}

/* ---- Envelopes and arrays ---- */

/* The value of the last key `key` of an object, NULL when there is none, and the token behind the object. */
static int find_member(struct reading *r, const uint32_t *t, unsigned depth, struct str key, const uint32_t **ret,
                       const uint32_t **ret_end)
{
        struct json_text *x = &r->text;
        bool is_more = json_text_at(x, ++t) != '}';

        *ret = NULL;
        if (!is_more)
                t++;
        while (is_more) {
                struct str text;
                int k;

                if (json_text_at(x, t) != '"' || json_text_at(x, t + 1) != ':')
                        return -EBADMSG;
                k = json_text_string(x, t, r->w.arena, &text);
                if (k < 0)
                        return k;
                t += 2;
                if (str_eq(text, key))
                        *ret = t;
                t = json_text_skip(x, t, depth + 1);
                if (!t || json_text_is_last(x, t - 1))
                        return -EBADMSG;
                is_more = json_text_at(x, t) == ',';
                if (json_text_at(x, t++) != (is_more ? ',' : '}'))
                        return -EBADMSG;
        }
        *ret_end = t;
        return 0;
}

/* Whether a string may be one that holds records. */
static bool is_wrapped(const struct reading *r, const uint32_t *t)
{
        struct str text;

        if (!r->wrapped || json_text_at(&r->text, t) != '"')
                return false;
        text = str_trim(json_text_raw(&r->text, t));
        return text.n > 0 && (text.p[0] == '{' || text.p[0] == '[');
}

/* Notes what lies at the rest of an envelope's path, from its i-th key on. The text is known to be whole here. */
static int find_spots(struct reading *r, const struct json_envelope *e, const uint32_t *t, unsigned depth, size_t i,
                      struct json_spot ***end)
{
        struct json_text *x = &r->text;
        const uint32_t *value, *behind;
        char c = json_text_at(x, t);
        int k = 0;

        if (c != '{' && c != '[' && !(i == e->n && is_wrapped(r, t)))
                return 0;
        if (depth > JSON_DEPTH_MAX)
                return -E2BIG;
        if (i == e->n)
                return json_walk_note(r->w.arena, end, t, depth);
        if (c == '{') {
                k = find_member(r, t, depth, e->keys[i], &value, &behind);
                return k < 0 || !value ? k : find_spots(r, e, value, depth + 1, i + 1, end);
        }
        for (t++; json_text_at(x, t) != ']'; t += json_text_at(x, t) == ',') {
                k = find_spots(r, e, t, depth + 1, i, end);
                if (k < 0)
                        return k;
                t = json_text_skip(x, t, depth + 1);
        }
        return 0;
}

static int read_object(struct reading *r, const uint32_t *t, unsigned depth, bool may_be_envelope);
static int read_array(struct reading *r, const uint32_t *t, unsigned depth, bool may_be_envelope);

/* The records in a string's JSON, which is checked as a whole first. Only the document itself may hold such strings. */
static int read_wrapped(struct reading *r, const uint32_t *t)
{
        struct json_text outer = r->text;
        const uint32_t *root = r->root;
        struct json_simd *simd = TAKE(r->wrapped);
        struct str text = STR_NONE;
        char *copy;
        int k = json_text_string(&outer, t, r->w.arena, &text);

        copy = k >= 0 ? arena_alloc(r->w.arena, text.n + RAW_PADDING) : NULL;
        if (copy) {
                memcpy(copy, text.p, text.n);
                k = json_text_init(&r->text, simd, str_from(copy, text.n));
        } else if (k >= 0) {
                k = -ENOMEM;
        }
        if (k >= 0) {
                const uint32_t *end = json_text_skip(&r->text, r->text.tokens, 1);

                r->root = r->text.tokens;
                k = !end || !json_text_is_last(&r->text, end - 1) ? -EBADMSG
                    : json_text_at(&r->text, r->root) == '['      ? read_array(r, r->root, 1, false)
                                                                  : read_object(r, r->root, 1, false);
        }
        if (k == -EBADMSG || k == -EILSEQ) { /* an error of this one string, not of the document */
                r->counters->n[COUNTER_JSON_IN_TEXT_BAD]++;
                k = 0;
        }
        r->text = outer;
        r->root = root;
        r->wrapped = simd;
        return k;
}

static int read_spot(struct reading *r, const struct json_spot *spot)
{
        switch (json_text_at(&r->text, spot->t)) {
        case '[': return read_array(r, spot->t, spot->depth, false);
        case '"': return read_wrapped(r, spot->t);
        default: return read_record(r, spot->t, spot->depth, false);
        }
}

/* An object that has the first key of an envelope's path. When no path leads anywhere it is a bare record. */
static int read_envelope(struct reading *r, const uint32_t *t, unsigned depth)
{
        const struct json_plan *plan = r->w.plan;
        struct json_spot *spots = NULL, **end = &spots;
        const uint32_t *behind = t;
        int k = 0;

        for (size_t i = 0; i < plan->n_envelopes && k >= 0 && !spots; i++) {
                const struct json_envelope *e = &plan->envelopes[i];
                const uint32_t *value;

                k = find_member(r, t, depth, e->keys[0], &value, &behind);
                if (k >= 0 && t == r->root && !json_text_is_last(&r->text, behind - 1))
                        k = -EBADMSG;
                if (k >= 0 && value)
                        k = find_spots(r, e, value, depth + 1, 1, &end);
        }
        if (k >= 0 && !spots)
                return read_record(r, t, depth, false);
        for (struct json_spot *spot = spots; spot && k >= 0; spot = spot->next)
                k = read_spot(r, spot);
        r->w.t = behind;
        return k;
}

static int read_object(struct reading *r, const uint32_t *t, unsigned depth, bool may_be_envelope)
{
        int k = read_record(r, t, depth, may_be_envelope);

        return k == JSON_WALK_ENVELOPE ? read_envelope(r, t, depth) : k;
}

/* Records in an array, and in arrays in it. The text is known to be whole here. Leaves w.t behind the array. */
static int read_array(struct reading *r, const uint32_t *t, unsigned depth, bool may_be_envelope)
{
        struct json_text *x = &r->text;
        int k = 0;

        if (depth > JSON_DEPTH_MAX)
                return -E2BIG;
        for (t++; json_text_at(x, t) != ']'; t += json_text_at(x, t) == ',') {
                if (json_text_at(x, t) == '{') {
                        k = read_object(r, t, depth + 1, may_be_envelope);
                } else if (json_text_at(x, t) == '[') {
                        k = read_array(r, t, depth + 1, may_be_envelope);
                } else {
                        r->counters->n[COUNTER_REJECT_MALFORMED]++; /* a scalar among the records */
                        r->w.t = t + 1;
                }
                if (k < 0)
                        return k;
                t = r->w.t;
        }
        r->w.t = t + 1;
        return 0;
}

/* ---- Reader ---- */

struct json_reader *json_reader_new(void)
{
        struct json_reader *reader = calloc(1, sizeof *reader);
        bool failed;

        if (!reader)
                return NULL;
        reader->simd = json_simd_new();
        reader->wrapped = json_simd_new();
        failed = !reader->simd || !reader->wrapped;
        for (size_t i = 0; i < JSON_IN_TEXT_DEPTH_MAX; i++) {
                reader->inner[i] = json_simd_new();
                failed |= !reader->inner[i];
        }
        return failed ? json_reader_free(reader) : reader;
}

struct json_reader *json_reader_free(struct json_reader *reader)
{
        if (!reader)
                return NULL;
        for (size_t i = 0; i < JSON_IN_TEXT_DEPTH_MAX; i++)
                json_simd_free(reader->inner[i]);
        json_simd_free(reader->simd);
        json_simd_free(reader->wrapped);
        json_mark_done(&reader->mark);
        free(reader->seen.nodes);
        free(reader);
        return NULL;
}

/* Room for the plan's nodes; one reader serves many plans. Numbers of objects must not come round. */
static int prepare(struct json_seen *seen, const struct json_plan *plan)
{
        uint32_t *nodes;

        if (seen->n_nodes < plan->n_nodes) {
                nodes = calloc(plan->n_nodes, sizeof *nodes);
                if (!nodes)
                        return -ENOMEM;
                free(seen->nodes);
                seen->nodes = nodes;
                seen->n_nodes = plan->n_nodes;
        }
        if (seen->object > UINT32_MAX - 2 * RAW_BYTES_MAX) {
                memset(seen->nodes, 0, seen->n_nodes * sizeof *seen->nodes);
                memset(seen->keys, 0, sizeof seen->keys);
                seen->object = 0;
        }
        return 0;
}

/* A copy with replacement characters, and with padding. */
static int repair(struct arena *arena, struct str *text)
{
        struct str clean = utf8_clean(arena, *text);
        char *copy = clean.p ? arena_alloc(arena, clean.n + RAW_PADDING) : NULL;

        if (!copy)
                return -ENOMEM;
        memcpy(copy, clean.p, clean.n);
        *text = str_from(copy, clean.n);
        return 0;
}

static int index_document(struct reading *r, struct json_reader *reader, struct str text)
{
        int k = json_text_init(&r->text, reader->simd, text);

        if (k != -EILSEQ)
                return k;
        k = repair(r->w.arena, &text);
        if (k < 0)
                return k;
        r->counters->n[COUNTER_UTF8_REPAIRED]++;
        return json_text_init(&r->text, reader->simd, text);
}

static int read_document(struct reading *r)
{
        const uint32_t *end;

        r->w.text = &r->text;
        r->root = r->text.tokens;
        if (json_text_at(&r->text, r->root) == '{')
                return read_object(r, r->root, 1, r->w.plan->n_envelopes > 0);
        if (json_text_at(&r->text, r->root) != '[')
                return -EBADMSG;
        end = json_text_skip(&r->text, r->root, 1);
        if (!end || !json_text_is_last(&r->text, end - 1))
                return -EBADMSG;
        return read_array(r, r->root, 1, r->w.plan->n_envelopes > 0);
}

int json_read(struct json_reader *reader, const struct json_plan *plan, struct str text, struct arena *arena,
              uint32_t n_slots, struct counters *counters, json_record_fn *fn, void *userdata)
{
        struct reading r = {
                .w = { .plan = plan,
                       .arena = arena,
                       .seen = &reader->seen,
                       .mark = &reader->mark,
                       .inner = reader->inner },
                .wrapped = reader->wrapped,
                .n_slots = n_slots,
                .memory_max = arena_used(arena) + JSON_MEMORY_MAX,
                .counters = counters,
                .fn = fn,
                .userdata = userdata,
        };
        int k;

        if (text.n > RAW_BYTES_MAX)
                return -E2BIG;
        k = prepare(&reader->seen, plan);
        if (k >= 0)
                k = index_document(&r, reader, text);
        if (k >= 0)
                k = read_document(&r);
        json_simd_trim(reader->simd);
        json_simd_trim(reader->wrapped);
        for (size_t i = 0; i < JSON_IN_TEXT_DEPTH_MAX; i++)
                json_simd_trim(reader->inner[i]);
        return k;
}
