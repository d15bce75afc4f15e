/* SPDX-License-Identifier: Apache-2.0 */

/* The walk: keys are looked up in the trie, what is not in it is skipped. It goes forwards once. Only a duplicate key
 * makes it start again, with the dead ones marked, because by then the earlier one's values have been handed in; that
 * is simpler than taking them back, and only an attacker or a broken writer causes it. */

#include "parsers/json_walk.h"

#include <errno.h>

#include "monitor/base/number.h"

static int walk_value(struct json_walk *w, const struct json_node *node, unsigned depth);

/* Stands for every key that is in no plan, when leaves are wanted. */
static const struct json_node nobody = { .slot = JSON_NO_SLOT };

/* ---- Values into slots ---- */

/* At most VALUE_BYTES_MAX, and no half character. */
static struct str cut_text(struct json_walk *w, struct str text)
{
        if (text.n <= VALUE_BYTES_MAX)
                return text;
        w->n_cut++;
        text.n = VALUE_BYTES_MAX;
        while (text.n > 0 && (text.p[text.n] & 0xC0) == 0x80)
                text.n--;
        return text;
}

static int add_leaf(struct json_walk *w, enum value_kind kind, struct str text)
{
        struct value *v;

        if (w->n_leaves == RECORD_VALUES_MAX) {
                w->n_cut++;
                return 0;
        }
        v = arena_alloc(w->arena, sizeof *v);
        if (!v)
                return -ENOMEM;
        v->kind = kind;
        v->text = text;
        *w->leaves_end = v;
        w->leaves_end = &v->next;
        w->n_leaves++;
        return 0;
}

/* Marks the node's slot as present. NULL when there is none, or when the literal key has taken it. */
static struct slot *open_slot(struct json_walk *w, const struct json_node *node)
{
        struct slot *slot;

        if (node->slot >= w->record->n_slots)
                return NULL;
        slot = &w->record->slots[node->slot];
        if (slot->is_literal != node->is_literal) {
                if (slot->is_literal)
                        return NULL;
                *slot = (struct slot){ .is_literal = true }; /* what the path gave is out */
        }
        slot->is_present = true;
        return slot;
}

/* Adds to the node's slot. *ret (may be NULL) is the value, NULL when it was left out. */
static int add_value(struct json_walk *w, const struct json_node *node, enum value_kind kind, struct str text,
                     struct value **ret)
{
        struct slot *slot = open_slot(w, node);
        int r = slot ? slot_add(slot, w->arena, kind, text) : 0;

        if (ret)
                *ret = slot && r >= 0 ? slot->last : NULL;
        if (r != -E2BIG)
                return r;
        w->n_cut++;
        return 0;
}

static int add_scalar(struct json_walk *w, const struct json_node *node, enum value_kind kind, struct str text)
{
        int r;

        text = cut_text(w, text);
        r = add_value(w, node, kind, text, NULL);
        if (r >= 0 && w->leaves_end && (kind == VALUE_STRING || kind == VALUE_NUMBER))
                r = add_leaf(w, kind, text);
        return r;
}

/* ---- JSON in text ---- */

/* The text is checked as a whole first, so what is no JSON gives no fields at all. */
static int index_text(struct json_walk *w, struct str text, struct json_text *ret)
{
        int r;

        if (w->in_text == JSON_IN_TEXT_DEPTH_MAX || text.n > JSON_IN_TEXT_BYTES_MAX)
                return -EBADMSG;
        if (text.p < w->text->p || text.p >= w->text->end) { /* it was unescaped: no padding */
                char *copy = arena_alloc(w->arena, text.n + RAW_PADDING);

                if (!copy)
                        return -ENOMEM;
                memcpy(copy, text.p, text.n);
                text.p = copy;
        }
        r = json_text_init(ret, w->inner[w->in_text], text);
        return r < 0 ? r : json_mark_dead(w->mark, ret, ret->tokens, 1, true, w->arena);
}

static int walk_text(struct json_walk *w, struct str text, const struct json_node *node)
{
        struct json_text inner, *outer = w->text;
        struct json_node inside = *node;
        struct value **leaves_end = w->leaves_end;
        const uint32_t *t = w->t;
        int r = json_text_is_scalar(text) ? 1 : index_text(w, text, &inner);

        if (r > 0) /* JSON, but no fields in it */
                return 0;
        if (r == -EBADMSG || r == -E2BIG) {
                w->n_bad_texts++;
                return 0;
        }
        if (r < 0)
                return r;
        inside.slot = JSON_NO_SLOT; /* the field itself is the string, and so is the leaf */
        inside.is_text = false;
        w->leaves_end = NULL;
        w->text = &inner;
        w->t = inner.tokens;
        w->in_text++;
        r = walk_value(w, &inside, 1);
        w->in_text--;
        w->t = t;
        w->text = outer;
        w->leaves_end = leaves_end;
        return r;
}

/* ---- Scalars ---- */

static int walk_string(struct json_walk *w, const struct json_node *node)
{
        struct str text;
        int r = json_text_string(w->text, w->t, w->arena, &text);

        w->t++;
        if (r >= 0)
                r = add_scalar(w, node, VALUE_STRING, text);
        if (r >= 0 && node->is_text)
                r = walk_text(w, text, node);
        return r;
}

static int walk_bare(struct json_walk *w, const struct json_node *node)
{
        struct str token = json_text_bare(w->text, w->t++);

        if (json_text_is_number(token)) {
                token = number_canonical(w->arena, token);
                return token.p ? add_scalar(w, node, VALUE_NUMBER, token) : -ENOMEM;
        }
        if (!json_text_is_word(token))
                return -EBADMSG;
        return add_scalar(w, node, *token.p == 'n' ? VALUE_NULL : VALUE_BOOL, token);
}

static int pass(struct json_walk *w, unsigned depth)
{
        const uint32_t *t = json_text_skip(w->text, w->t, depth);

        if (!t)
                return -EBADMSG;
        w->t = t;
        return 0;
}

/* ---- Objects ---- */

/* Whether this object may have had that key before: never false when it had. Keys are the attacker's, but all that he
 * can reach is a `true`. */
static bool may_have_had(struct json_seen *seen, uint32_t object, uint32_t hash)
{
        uint32_t at = (hash ^ object * 0x9E3779B1u) % JSON_SEEN_KEYS;

        for (int i = 0; i < JSON_SEEN_PROBES; i++, at = (at + 1) % JSON_SEEN_KEYS) {
                struct json_seen_key *key = &seen->keys[at];

                if (key->object < seen->record) {
                        *key = (struct json_seen_key){ object, hash };
                        return ++seen->n_keys > JSON_SEEN_KEYS / 2;
                }
                if (key->object == object && key->hash == hash)
                        return true;
        }
        return true;
}

static bool is_duplicate(struct json_walk *w, const struct json_node *child, uint32_t object, uint32_t hash)
{
        if (child == &nobody)
                return may_have_had(w->seen, object, hash);
        if (w->seen->nodes[child->id] == object)
                return true;
        w->seen->nodes[child->id] = object;
        return false;
}

/* Skips the fan-out array; an empty one is all there is to it. */
static int note_fan_out(struct json_walk *w, const struct json_node *node, unsigned depth)
{
        int r = json_walk_note(w->arena, &w->fan_out_end, w->t, depth);

        if (r >= 0 && json_text_at(w->text, w->t) == '[')
                open_slot(w, node);
        return r < 0 ? r : pass(w, depth);
}

/* At a key that a colon follows. */
static int walk_field(struct json_walk *w, const struct json_node *node, uint32_t object, unsigned depth)
{
        struct json_text *x = w->text;
        const uint32_t *t = w->t;
        const struct json_node *child;
        struct json_print print;
        struct str key;
        uint32_t hash;
        int r = json_text_string(x, t, w->arena, &key);

        if (r < 0)
                return r;
        w->t = t + 2;
        print = json_key_print(key);
        hash = json_print_hash(&print);
        child = json_node_child(node, key, &print, hash);
        if (!child && w->leaves_end)
                child = &nobody;
        if (!child || (x->dead && json_mark_is_dead(x, t)))
                return pass(w, depth);
        if (!x->dead && is_duplicate(w, child, object, hash))
                return JSON_WALK_DUPLICATE;
        if (child->is_envelope && w->stops_at_envelope)
                return JSON_WALK_ENVELOPE;
        if (child->is_fan_out && w->skips_fan_out && w->in_text == 0)
                return note_fan_out(w, child, depth);
        return walk_value(w, child, depth);
}

static int walk_fields(struct json_walk *w, const struct json_node *node, unsigned depth)
{
        struct json_text *x = w->text;
        uint32_t object = ++w->seen->object;

        if (depth > JSON_DEPTH_MAX)
                return -E2BIG;
        if (json_text_at(x, ++w->t) == '}') {
                w->t++;
                return 0;
        }
        for (;;) {
                char c;
                int r;

                if (json_text_at(x, w->t) != '"' || json_text_at(x, w->t + 1) != ':')
                        return -EBADMSG;
                r = walk_field(w, node, object, depth + 1);
                if (r != 0)
                        return r;
                if (json_text_is_last(x, w->t - 1))
                        return -EBADMSG;
                c = json_text_at(x, w->t++);
                if (c == '}')
                        return 0;
                if (c != ',')
                        return -EBADMSG;
        }
}

/* ---- Name/value pairs ---- */

struct pair {
        const uint32_t *name, *value; /* tokens, NULL: not there */
        size_t rank; /* of the value among pairs->values */
};

static void take_field(const struct json_pairs *pairs, struct str key, const uint32_t *t, struct pair *pair)
{
        if (str_eq(key, pairs->name))
                pair->name = t;
        for (size_t i = 0; i < pairs->n_values && i <= pair->rank; i++)
                if (str_eq(key, pairs->values[i])) {
                        pair->value = t;
                        pair->rank = i;
                        return;
                }
}

/* Goes through the object at w->t. Of equal keys the last is kept, as everywhere. */
static int find_pair(struct json_walk *w, const struct json_pairs *pairs, unsigned depth, struct pair *pair)
{
        struct json_text *x = w->text;
        bool is_more = json_text_at(x, ++w->t) != '}';

        if (!is_more)
                w->t++;
        while (is_more) {
                struct str key;
                int r;

                if (json_text_at(x, w->t) != '"' || json_text_at(x, w->t + 1) != ':')
                        return -EBADMSG;
                r = json_text_string(x, w->t, w->arena, &key);
                if (r < 0)
                        return r;
                w->t += 2;
                take_field(pairs, key, w->t, pair);
                r = pass(w, depth + 1);
                if (r < 0)
                        return r;
                if (json_text_is_last(x, w->t - 1))
                        return -EBADMSG;
                is_more = json_text_at(x, w->t) == ',';
                if (json_text_at(x, w->t++) != (is_more ? ',' : '}'))
                        return -EBADMSG;
        }
        return 0;
}

/* The node of field "path.NAME"; a name may have dots. */
static const struct json_node *named_node(const struct json_node *node, struct str name)
{
        struct str rest = name, key;

        while (node && str_cut(&rest, '.', &key))
                node = json_node_find(node, key);
        return node;
}

static int walk_pair_value(struct json_walk *w, const struct json_node *node, const struct pair *pair, unsigned depth)
{
        struct value **leaves_end = w->leaves_end;
        struct str name;
        int r;

        if (!pair->name || !pair->value || json_text_at(w->text, pair->name) != '"')
                return 0;
        r = json_text_string(w->text, pair->name, w->arena, &name);
        if (r < 0)
                return r;
        node = named_node(node, name);
        if (!node)
                return 0;
        w->leaves_end = NULL; /* they have been taken */
        w->t = pair->value;
        r = walk_value(w, node, depth);
        w->leaves_end = leaves_end;
        return r;
}

static int walk_pair(struct json_walk *w, const struct json_node *node, unsigned depth)
{
        const uint32_t *from = w->t, *end;
        struct pair pair = { .rank = SIZE_MAX };
        bool is_whole = node->pairs->n_values == 0; /* the element itself is the value, and its fields are fields as ever */
        int r = find_pair(w, node->pairs, depth, &pair);

        end = w->t;
        if (is_whole)
                pair.value = from;
        if (r == 0 && (w->leaves_end || is_whole)) {
                w->t = from;
                r = walk_fields(w, is_whole ? node : &nobody, depth);
        }
        if (r == 0)
                r = walk_pair_value(w, node, &pair, depth + 1);
        w->t = end;
        return r;
}

/* ---- Values ---- */

static int walk_object(struct json_walk *w, const struct json_node *node, unsigned depth, bool is_pair)
{
        const uint32_t *from = w->t;
        struct value *v = NULL;
        int r = 0;

        if (node->slot != JSON_NO_SLOT)
                r = add_value(w, node, VALUE_OBJECT, STR(""), &v);
        if (r == 0 && is_pair)
                r = walk_pair(w, node, depth);
        else if (r == 0 && (node->table || w->leaves_end))
                r = walk_fields(w, node, depth);
        else if (r == 0)
                r = pass(w, depth);
        if (r == 0 && v)
                v->text = cut_text(w, json_text_slice(w->text, from, w->t - 1));
        return r;
}

static int walk_array(struct json_walk *w, const struct json_node *node, unsigned depth)
{
        struct json_text *x = w->text;

        if (depth > JSON_DEPTH_MAX)
                return -E2BIG;
        open_slot(w, node);
        if (json_text_at(x, ++w->t) == ']') {
                w->t++;
                return 0;
        }
        for (;;) {
                char c = json_text_at(x, w->t);
                int r = node->pairs && c == '{' ? walk_object(w, node, depth + 1, true)
                                                : walk_value(w, node, depth + 1);

                if (r != 0)
                        return r;
                if (json_text_is_last(x, w->t - 1))
                        return -EBADMSG;
                c = json_text_at(x, w->t++);
                if (c == ']')
                        return 0;
                if (c != ',')
                        return -EBADMSG;
        }
}

static int walk_value(struct json_walk *w, const struct json_node *node, unsigned depth)
{
        switch (json_text_at(w->text, w->t)) {
        case '"': return walk_string(w, node);
        case '{': return walk_object(w, node, depth, false);
        case '[': return walk_array(w, node, depth);
        case '}':
        case ']': return -EBADMSG; /* maybe the last token */
        default: return walk_bare(w, node);
        }
}

int json_walk_record(struct json_walk *w, unsigned depth)
{
        return walk_fields(w, w->plan->root, depth);
}

int json_walk_element(struct json_walk *w, unsigned depth)
{
        return walk_value(w, w->plan->fan_out, depth);
}

int json_walk_note(struct arena *arena, struct json_spot ***end, const uint32_t *t, unsigned depth)
{
        struct json_spot *spot = arena_alloc(arena, sizeof *spot);

        if (!spot)
                return -ENOMEM;
        spot->t = t;
        spot->depth = depth;
        **end = spot;
        *end = &spot->next;
        return 0;
}
