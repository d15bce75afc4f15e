/* SPDX-License-Identifier: Apache-2.0 */

/* The door to simdjson On-Demand (https://simdjson.org, 3.0). Everything C++ stays in this file; nothing throws.
 *
 * What is checked: the structure and the UTF-8 of the whole document (simdjson's first stage and the walk over it), and
 * every value that is asked for. What is skipped is not looked into: a wrong word or number there goes unnoticed.
 *
 * A surprise of On-Demand: the document can be read forwards only, so whoever needs something twice (an object's own text
 * and its fields; a pair's name before its value) reads, calls reset() and reads again. */

#include <simdjson.h>

#include <cerrno>
#include <cstdarg>
#include <cstdlib>
#include <cstring>
#include <new>

extern "C" {
#include "monitor/base/number.h"
#include "monitor/base/utf8.h"
#include "parsers/json.h"
#include "parsers/json_plan.h"
}

using namespace simdjson;

/* Codes inside this file, beside negative errnos. */
enum { IS_ENVELOPE = 1, HAS_DUPLICATE = 2 };

struct json_reader {
        ondemand::parser parser;
        ondemand::parser inner[JSON_IN_TEXT_DEPTH_MAX];
        uint32_t serial; /* of the object being read */
        uint32_t *seen; /* a node: serial of the object that had it last */
        uint32_t *last; /* a node: place of its last occurrence in that object (slow mode) */
        uint32_t n_seen;
};

namespace {

struct walk {
        struct json_reader *reader;
        const struct json_plan *plan;
        struct arena *arena;
        struct counters *counters;
        struct record *record;
        struct value **leaves_end;
        bool is_slow; /* duplicates were met: look ahead for the last of each key */
        bool takes_envelope; /* the envelope's key at the top ends the walk */
        bool skips_fan_out;
        unsigned in_text; /* strings entered */
};

int walk_value(struct walk &w, ondemand::value v, const struct json_node *node, unsigned depth) noexcept;

int from_simd(error_code e) noexcept
{
        switch (e) {
        case SUCCESS: return 0;
        case MEMALLOC: return -ENOMEM;
        case DEPTH_ERROR:
        case CAPACITY: return -E2BIG;
        default: return -EBADMSG;
        }
}

struct str trim_end(std::string_view s) noexcept
{
        size_t n = s.size();

        while (n > 0 && (s[n - 1] == ' ' || s[n - 1] == '\n' || s[n - 1] == '\r' || s[n - 1] == '\t'))
                n--;
        return str_from(s.data(), n);
}

/* ---- Emitting ---- */

int add_leaf(struct walk &w, enum value_kind kind, struct str text) noexcept
{
        auto *v = static_cast<struct value *>(arena_alloc(w.arena, sizeof(struct value)));

        if (!v)
                return -ENOMEM;
        v->kind = kind;
        v->text = text;
        *w.leaves_end = v;
        w.leaves_end = &v->next;
        return 0;
}

/* The slot of a node when this value may go there. */
struct slot *open_slot(struct walk &w, const struct json_node *node) noexcept
{
        struct slot *slot;

        if (node->slot == JSON_NO_SLOT)
                return nullptr;
        slot = &w.record->slots[node->slot];
        if (slot->is_literal && !node->is_literal)
                return nullptr;
        if (node->is_literal && !slot->is_literal) {
                *slot = {};
                slot->is_literal = true;
        }
        slot->is_present = true;
        return slot;
}

int emit(struct walk &w, const struct json_node *node, enum value_kind kind, struct str text) noexcept
{
        struct slot *slot = open_slot(w, node);
        int r = 0;

        if (text.n > VALUE_BYTES_MAX) {
                text.n = VALUE_BYTES_MAX;
                w.counters->n[COUNTER_VALUES_CUT]++;
        }
        if (slot)
                r = slot_add(slot, w.arena, kind, text);
        if (r == -E2BIG) {
                w.counters->n[COUNTER_VALUES_CUT]++;
                r = 0;
        }
        if (r >= 0 && w.plan->wants_leaves && (kind == VALUE_STRING || kind == VALUE_NUMBER))
                r = add_leaf(w, kind, text);
        return r;
}

/* ---- Scalars ---- */

/* A string token with its quotes → its text. */
int string_text(struct walk &w, struct str token, struct str *ret) noexcept
{
        bool is_oom;

        if (token.n < 2 || token.p[token.n - 1] != '"')
                return -EBADMSG;
        *ret = json_unescape(w.arena, str_from(token.p + 1, token.n - 2), &is_oom);
        if (ret->p)
                return 0;
        return is_oom ? -ENOMEM : -EBADMSG;
}

int walk_text(struct walk &w, struct str text, const struct json_node *node, unsigned depth) noexcept
{
        ondemand::document doc;
        ondemand::value v;
        char *copy;
        int r;

        if (w.in_text == JSON_IN_TEXT_DEPTH_MAX || text.n > JSON_IN_TEXT_BYTES_MAX || text.n == 0)
                return text.n ? -EBADMSG : 0;
        copy = static_cast<char *>(arena_alloc(w.arena, text.n + RAW_PADDING));
        if (!copy)
                return -ENOMEM;
        memcpy(copy, text.p, text.n);
        r = from_simd(w.reader->inner[w.in_text].iterate(copy, text.n, text.n + RAW_PADDING).get(doc));
        if (r >= 0)
                r = from_simd(doc.get_value().get(v));
        if (r < 0)
                return r;
        w.in_text++;
        r = walk_value(w, v, node, depth + 1);
        w.in_text--;
        return r;
}

int walk_string(struct walk &w, struct str token, const struct json_node *node, unsigned depth) noexcept
{
        struct json_node inside = *node;
        struct str text;
        int r = string_text(w, token, &text);

        if (r >= 0)
                r = emit(w, node, VALUE_STRING, text);
        if (r < 0 || !node->is_text || !node->table)
                return r;
        inside.slot = JSON_NO_SLOT; /* the string itself is the value of the node's own field */
        inside.is_text = false;
        r = walk_text(w, text, &inside, depth);
        if (r == -EBADMSG || r == -E2BIG) {
                w.counters->n[COUNTER_JSON_IN_TEXT_BAD]++;
                r = 0;
        }
        return r;
}

int walk_number(struct walk &w, struct str token, const struct json_node *node) noexcept
{
        struct str text;

        if (!json_number_is_valid(token))
                return -EBADMSG;
        text = number_canonical(w.arena, token);
        return text.p ? emit(w, node, VALUE_NUMBER, text) : -ENOMEM;
}

int walk_word(struct walk &w, struct str token, const struct json_node *node) noexcept
{
        if (str_eq(token, STR("null")))
                return emit(w, node, VALUE_NULL, token);
        if (str_eq(token, STR("true")) || str_eq(token, STR("false")))
                return emit(w, node, VALUE_BOOL, token);
        return -EBADMSG;
}

/* ---- Objects ---- */

/* The text of a key. Keys hardly ever have escapes: simdjson hands out where they begin, the end is the next quote. */
int key_text(struct walk &w, ondemand::field &field, struct str *ret) noexcept
{
        const char *p = field.key().raw();
        const char *end = p;
        bool is_oom;

        while (*end != '"')
                end += *end == '\\' ? 2 : 1;
        *ret = json_unescape(w.arena, str_from(p, static_cast<size_t>(end - p)), &is_oom);
        if (ret->p)
                return 0;
        return is_oom ? -ENOMEM : -EBADMSG;
}

const struct json_node nobody = { nullptr, 0, 0, JSON_NO_SLOT, false, false, false, false, nullptr, nullptr, 0, 0, nullptr, 0 };

/* Slow mode: notes the place of the last occurrence of every wanted key. */
int find_last(struct walk &w, ondemand::object &object, const struct json_node *node, uint32_t serial) noexcept
{
        uint32_t place = 0;
        int r;

        for (auto result : object) {
                ondemand::field field;
                const struct json_node *child;
                struct str key;

                r = from_simd(std::move(result).get(field));
                if (r >= 0)
                        r = key_text(w, field, &key);
                if (r < 0)
                        return r;
                child = json_node_child(node, key.p, key.n);
                if (child) {
                        w.reader->seen[child->id] = serial;
                        w.reader->last[child->id] = place;
                }
                place++;
        }
        bool is_empty;
        return from_simd(object.reset().get(is_empty));
}

/* One field of an object. */
int walk_field(struct walk &w, ondemand::field &field, const struct json_node *node, uint32_t serial, uint32_t place,
               unsigned depth) noexcept
{
        const struct json_node *child;
        struct str key;
        int r = key_text(w, field, &key);

        if (r < 0)
                return r;
        child = json_node_child(node, key.p, key.n);
        if (!child)
                return w.plan->wants_leaves ? walk_value(w, field.value(), &nobody, depth + 1) : 0;
        if (w.is_slow && w.reader->last[child->id] != place)
                return 0;
        if (!w.is_slow) {
                if (w.reader->seen[child->id] == serial)
                        return HAS_DUPLICATE;
                w.reader->seen[child->id] = serial;
        }
        if (child->is_envelope && w.takes_envelope && node == w.plan->root)
                return IS_ENVELOPE;
        if (child->is_fan_out && w.skips_fan_out)
                return 0;
        return walk_value(w, field.value(), child, depth + 1);
}

int walk_object(struct walk &w, ondemand::object object, const struct json_node *node, unsigned depth) noexcept
{
        uint32_t serial = ++w.reader->serial, place = 0;
        int r = 0;

        if (w.is_slow)
                r = find_last(w, object, node, serial);
        if (r < 0)
                return r;
        for (auto result : object) {
                ondemand::field field;

                r = from_simd(std::move(result).get(field));
                if (r == 0)
                        r = walk_field(w, field, node, serial, place++, depth);
                if (r != 0)
                        return r;
        }
        return 0;
}

/* ---- Name/value pairs ---- */

int walk_pair(struct walk &w, ondemand::object object, const struct json_node *node, unsigned depth) noexcept
{
        const struct json_pairs *pairs = node->pairs;
        const struct json_node *child;
        ondemand::value v;
        struct str name;
        bool is_empty;
        int r;

        if (object.find_field_unordered(pairs->name).get(v))
                return 0;
        r = string_text(w, trim_end(v.raw_json_token()), &name);
        if (r < 0)
                return r;
        child = json_node_child(node, name.p, name.n);
        if (!child)
                child = w.plan->wants_leaves ? &nobody : nullptr;
        for (size_t i = 0; child && i < pairs->n_values; i++) {
                r = from_simd(object.reset().get(is_empty));
                if (r < 0)
                        return r;
                if (!object.find_field_unordered(pairs->values[i]).get(v))
                        return walk_value(w, v, child, depth + 1);
        }
        return 0;
}

/* ---- Values ---- */

int walk_array(struct walk &w, ondemand::array array, const struct json_node *node, unsigned depth) noexcept
{
        open_slot(w, node);
        for (auto result : array) {
                ondemand::value v;
                ondemand::object object;
                ondemand::json_type type;
                int r = from_simd(std::move(result).get(v));

                if (r == 0)
                        r = from_simd(v.type().get(type));
                if (r == 0 && node->pairs && type == ondemand::json_type::object) {
                        r = from_simd(v.get_object().get(object));
                        if (r == 0)
                                r = walk_pair(w, object, node, depth + 1);
                } else if (r == 0) {
                        r = walk_value(w, v, node, depth + 1);
                }
                if (r != 0)
                        return r;
        }
        return 0;
}

int walk_object_value(struct walk &w, ondemand::value v, const struct json_node *node, unsigned depth) noexcept
{
        ondemand::object object;
        std::string_view text;
        bool is_empty;
        int r = from_simd(v.get_object().get(object));

        if (r == 0 && node->slot != JSON_NO_SLOT) {
                r = from_simd(object.raw_json().get(text));
                if (r == 0)
                        r = emit(w, node, VALUE_OBJECT, trim_end(text));
                if (r == 0)
                        r = from_simd(object.reset().get(is_empty));
        }
        if (r != 0 || (!node->table && !w.plan->wants_leaves))
                return r;
        return walk_object(w, object, node, depth);
}

int walk_value(struct walk &w, ondemand::value v, const struct json_node *node, unsigned depth) noexcept
{
        ondemand::json_type type;
        ondemand::array array;
        int r = from_simd(v.type().get(type));

        if (r < 0)
                return r;
        if (depth > JSON_DEPTH_MAX)
                return -E2BIG;
        switch (type) {
        case ondemand::json_type::object:
                return walk_object_value(w, v, node, depth);
        case ondemand::json_type::array:
                r = from_simd(v.get_array().get(array));
                return r < 0 ? r : walk_array(w, array, node, depth);
        case ondemand::json_type::string:
                return walk_string(w, trim_end(v.raw_json_token()), node, depth);
        case ondemand::json_type::number:
                return walk_number(w, trim_end(v.raw_json_token()), node);
        default:
                return walk_word(w, trim_end(v.raw_json_token()), node);
        }
}

/* ---- Records ---- */

struct read {
        struct walk w;
        uint32_t n_slots;
        json_record_fn *fn;
        void *userdata;
        ondemand::document *whole; /* the document, when it may be one bare record */
};

int begin_record(struct read &r, struct str raw) noexcept
{
        auto *record = static_cast<struct record *>(arena_alloc(r.w.arena, sizeof(struct record)));

        if (!record)
                return -ENOMEM;
        record->slots = static_cast<struct slot *>(arena_array(r.w.arena, r.n_slots, sizeof(struct slot)));
        record->n_slots = r.n_slots;
        record->raw = raw;
        record->time = USEC_NONE;
        record->arena = r.w.arena;
        r.w.record = record;
        r.w.leaves_end = &record->leaves;
        return record->slots ? 0 : -ENOMEM;
}

/* Walks a record's own object, again in slow mode when it has duplicate keys. */
int walk_record(struct read &r, ondemand::object &object, struct str raw) noexcept
{
        bool is_empty;
        int k = begin_record(r, raw);

        r.w.is_slow = false;
        if (k == 0)
                k = walk_object(r.w, object, r.w.plan->root, 1);
        if (k != HAS_DUPLICATE)
                return k;
        k = from_simd(object.reset().get(is_empty));
        if (k == 0)
                k = begin_record(r, raw);
        r.w.is_slow = true;
        return k < 0 ? k : walk_object(r.w, object, r.w.plan->root, 1);
}

/* Follows a path of keys from an object; false: it is not there. */
bool follow(ondemand::object &object, char **path, size_t n, ondemand::value &ret) noexcept
{
        ondemand::object at = object;

        for (size_t i = 0; i < n; i++) {
                if (at.find_field_unordered(path[i]).get(ret))
                        return false;
                if (i + 1 < n && ret.get_object().get(at))
                        return false;
        }
        return n > 0;
}

const struct json_node *fan_node(const struct json_plan *plan) noexcept
{
        const struct json_node *node = plan->root;

        for (size_t i = 0; i < plan->n_fan_out; i++)
                node = json_node_child(node, plan->fan_out[i], strlen(plan->fan_out[i]));
        return node;
}

/* A record for one element: the parent's slots and the element's. */
int fan_element(struct read &r, const struct record *parent, ondemand::value v, uint32_t sub) noexcept
{
        struct json_node node = *fan_node(r.w.plan);
        int k = begin_record(r, parent->raw);

        if (k < 0)
                return k;
        memcpy(r.w.record->slots, parent->slots, r.n_slots * sizeof(struct slot));
        node.is_fan_out = false;
        k = walk_value(r.w, v, &node, 2);
        if (k == HAS_DUPLICATE) /* inside an element the first of two equal keys counts as malformed */
                return -EBADMSG;
        if (k < 0)
                return k;
        *r.w.leaves_end = parent->leaves;
        return r.fn(r.userdata, r.w.record, sub);
}

int fan_out(struct read &r, ondemand::object &object) noexcept
{
        const struct record *parent = r.w.record;
        ondemand::json_type type;
        ondemand::value v;
        ondemand::array array;
        uint32_t sub = 0;
        bool is_empty;
        int k = from_simd(object.reset().get(is_empty));

        if (k < 0)
                return k;
        r.w.skips_fan_out = false;
        if (!follow(object, r.w.plan->fan_out, r.w.plan->n_fan_out, v))
                return r.fn(r.userdata, r.w.record, 0);
        k = from_simd(v.type().get(type));
        if (k == 0 && type != ondemand::json_type::array)
                return fan_element(r, parent, v, 0);
        if (k == 0)
                k = from_simd(v.get_array().get(array));
        if (k < 0)
                return k;
        for (auto result : array) {
                k = from_simd(std::move(result).get(v));
                if (k == 0)
                        k = fan_element(r, parent, v, sub++);
                if (k < 0)
                        return k;
        }
        return sub > 0 ? 0 : r.fn(r.userdata, const_cast<struct record *>(parent), 0);
}

/* One bare record. */
int read_bare(struct read &r, ondemand::object &object, struct str raw) noexcept
{
        int k;

        r.w.skips_fan_out = r.w.plan->n_fan_out > 0;
        k = walk_record(r, object, raw);
        if (k != 0)
                return k;
        if (r.whole && r.whole->current_location().error() == SUCCESS) /* something stands behind it */
                return -EBADMSG;
        return r.w.plan->n_fan_out > 0 ? fan_out(r, object) : r.fn(r.userdata, r.w.record, 0);
}

int read_item(struct read &r, ondemand::object &object, struct str raw, bool may_be_envelope) noexcept;

/* The elements of an envelope's array, or of a document that is an array. */
int read_array(struct read &r, ondemand::array array, bool may_be_envelope) noexcept
{
        for (auto result : array) {
                ondemand::value v;
                ondemand::object object;
                std::string_view text;
                bool is_empty;
                int k = from_simd(std::move(result).get(v));

                if (k < 0)
                        return k;
                if (v.get_object().get(object)) { /* a number among the records */
                        r.w.counters->n[COUNTER_REJECT_MALFORMED]++;
                        continue;
                }
                k = from_simd(object.raw_json().get(text));
                if (k == 0)
                        k = from_simd(object.reset().get(is_empty));
                if (k == 0)
                        k = read_item(r, object, trim_end(text), may_be_envelope);
                if (k < 0)
                        return k;
        }
        return 0;
}

/* The object has the first key of the envelope's path: what does it hold? 1: it was no envelope after all. */
int read_envelope(struct read &r, ondemand::object &object) noexcept
{
        ondemand::json_type type;
        ondemand::object inner;
        ondemand::array array;
        ondemand::value v;
        std::string_view text;
        bool is_empty;
        int k = from_simd(object.reset().get(is_empty));

        if (k < 0)
                return k;
        if (!follow(object, r.w.plan->envelope, r.w.plan->n_envelope, v) || v.type().get(type))
                return 1;
        if (type == ondemand::json_type::array) {
                r.whole = nullptr;
                k = from_simd(v.get_array().get(array));
                return k < 0 ? k : read_array(r, array, false);
        }
        if (type != ondemand::json_type::object)
                return 1;
        r.whole = nullptr;
        k = from_simd(v.get_object().get(inner));
        if (k == 0)
                k = from_simd(inner.raw_json().get(text));
        if (k == 0)
                k = from_simd(inner.reset().get(is_empty));
        return k < 0 ? k : read_item(r, inner, trim_end(text), false);
}

int read_item(struct read &r, ondemand::object &object, struct str raw, bool may_be_envelope) noexcept
{
        bool is_empty;
        int k;

        r.w.takes_envelope = may_be_envelope && r.w.plan->n_envelope > 0;
        k = read_bare(r, object, raw);
        if (k != IS_ENVELOPE)
                return k;
        r.w.takes_envelope = false;
        k = read_envelope(r, object);
        if (k != 1)
                return k;
        k = from_simd(object.reset().get(is_empty));
        return k < 0 ? k : read_bare(r, object, raw);
}

int read_document(struct read &r, ondemand::document &doc, struct str text) noexcept
{
        ondemand::json_type type;
        ondemand::object object;
        ondemand::array array;
        int k = from_simd(doc.type().get(type));

        if (k < 0)
                return k;
        if (type == ondemand::json_type::array) {
                r.whole = nullptr;
                k = from_simd(doc.get_array().get(array));
                return k < 0 ? k : read_array(r, array, true);
        }
        if (type != ondemand::json_type::object)
                return -EBADMSG;
        r.whole = &doc;
        k = from_simd(doc.get_object().get(object));
        return k < 0 ? k : read_item(r, object, str_trim(text), true);
}

int prepare(struct json_reader *reader, const struct json_plan *plan) noexcept
{
        uint32_t *seen;

        if (reader->n_seen >= plan->n_nodes) {
                if (reader->serial > UINT32_MAX / 2) {
                        memset(reader->seen, 0, reader->n_seen * sizeof *seen);
                        reader->serial = 0;
                }
                return 0;
        }
        seen = static_cast<uint32_t *>(calloc(plan->n_nodes, 2 * sizeof *seen));
        if (!seen)
                return -ENOMEM;
        free(reader->seen);
        reader->seen = seen;
        reader->last = seen + plan->n_nodes;
        reader->n_seen = plan->n_nodes;
        reader->serial = 0;
        return 0;
}

/* A copy with replacement characters and padding. */
int repair(struct read &r, struct str *text) noexcept
{
        struct str clean = utf8_clean(r.w.arena, *text);
        char *copy = clean.p ? static_cast<char *>(arena_alloc(r.w.arena, clean.n + RAW_PADDING)) : nullptr;

        if (!copy)
                return -ENOMEM;
        memcpy(copy, clean.p, clean.n);
        *text = str_from(copy, clean.n);
        r.w.counters->n[COUNTER_UTF8_REPAIRED]++;
        return 0;
}

} // namespace

extern "C" struct json_reader *json_reader_new(void)
{
        return new (std::nothrow) json_reader{};
}

extern "C" struct json_reader *json_reader_free(struct json_reader *reader)
{
        if (reader)
                free(reader->seen);
        delete reader;
        return nullptr;
}

extern "C" int json_read(struct json_reader *reader, const struct json_plan *plan, struct str text, struct arena *arena,
                         uint32_t n_slots, struct counters *counters, json_record_fn *fn, void *userdata)
{
        struct read r = {};
        ondemand::document doc;
        error_code e;
        int k;

        if (text.n > RAW_BYTES_MAX)
                return -E2BIG;
        r.w.reader = reader;
        r.w.plan = plan;
        r.w.arena = arena;
        r.w.counters = counters;
        r.n_slots = n_slots;
        r.fn = fn;
        r.userdata = userdata;
        k = prepare(reader, plan);
        if (k < 0)
                return k;
        e = reader->parser.iterate(text.p, text.n, text.n + RAW_PADDING).get(doc);
        if (e == UTF8_ERROR) {
                k = repair(r, &text);
                if (k < 0)
                        return k;
                e = reader->parser.iterate(text.p, text.n, text.n + RAW_PADDING).get(doc);
        }
        k = from_simd(e);
        return k < 0 ? k : read_document(r, doc, text);
}
