/* SPDX-License-Identifier: Apache-2.0 */

/* Compiling: the trees of all members become steps over atoms, equal tests one atom; then each member's keys are chosen
 * and the tests of each field indexed. */

#include "monitor/sigma/program.h"

#include <errno.h>
#include <stdlib.h>

#include "monitor/sigma/expression.h"
#include "monitor/sigma/program_inside.h"
#include "monitor/sigma/rx_literal.h"

struct builder {
        struct sigma_program *p;
        struct map atoms; /* what a test is → its number + 1 */
        struct map places; /* slot → its number + 1 */
        uint32_t cap_atoms, cap_places, cap_steps, cap_children;
        const struct sigma_member *member; /* at work */
        struct strbuf key, word; /* reused */
        bool failed; /* out of memory */
};

#define NOTHING UINT32_MAX

/* `items` with room for `n` more behind the first `used`. False: out of memory, which the builder remembers. */
static bool room(struct builder *b, void *items, uint32_t *cap, uint32_t used, uint32_t n, size_t size)
{
        void **array = items;

        if (b->failed)
                return false;
        if (used + n > *cap) {
                uint32_t more = 2 * *cap + n + 16;
                void *moved = reallocarray(*array, more, size);

                if (!moved) {
                        b->failed = true;
                        return false;
                }
                *array = moved;
                *cap = more;
        }
        return true;
}

/* ---- Places and atoms ---- */

static uint32_t place_of(struct builder *b, uint32_t slot)
{
        struct sigma_program *p = b->p;
        struct str key = str_from((const char *)&slot, sizeof slot);
        uintptr_t known = (uintptr_t)map_get(&b->places, key);

        if (known)
                return (uint32_t)(known - 1);
        if (!room(b, &p->places, &b->cap_places, p->n_places, 1, sizeof *p->places) ||
            map_put(&b->places, key, (void *)((uintptr_t)p->n_places + 1)) < 0) {
                b->failed = true;
                return NOTHING;
        }
        p->places[p->n_places] = (struct place){ .slot = slot };
        return p->n_places++;
}

static void key_number(struct strbuf *key, uint64_t n)
{
        strbuf_add(key, str_from((const char *)&n, sizeof n));
}

static void key_text(struct strbuf *key, struct str s)
{
        key_number(key, s.n);
        strbuf_add(key, s);
}

static void key_pattern(struct strbuf *key, const struct pattern *p)
{
        key_number(key, p->kind);
        if (p->kind != PATTERN_GLOB) {
                key_text(key, p->literal);
                return;
        }
        key_number(key, (uint64_t)(2 * p->any_before + p->any_after));
        for (size_t i = 0; i < p->n_segments; i++)
                key_text(key, str_from((const char *)p->segments[i].t, p->segments[i].n * sizeof *p->segments[i].t));
}

/* Equal keys: the same test of the same field. */
static void make_key(struct strbuf *key, const struct test *t, uint32_t slot, uint32_t other)
{
        strbuf_clear(key);
        key_number(key, (uint64_t)t->kind << 32 | slot);
        key_number(key, t->is_cased);
        switch (t->kind) {
        case TEST_PATTERN: key_pattern(key, &t->pattern); break;
        case TEST_REGEX: expression_key(t->expression, key); break;
        case TEST_CIDR:
                key_number(key, (uint64_t)t->cidr.family << 32 | t->cidr.bits);
                key_text(key, str_from((const char *)t->cidr.address, sizeof t->cidr.address));
                break;
        case TEST_TIME:
                key_number(key, t->part);
                /* fall through */
        case TEST_NUMBER:
                key_number(key, t->compare);
                key_text(key, t->number);
                break;
        case TEST_FIELDREF: key_number(key, (uint64_t)t->affix << 32 | other); break;
        case TEST_EXISTS: key_number(key, t->flag); break;
        case TEST_NULL: break;
        }
}

static uint32_t atom_of(struct builder *b, const struct test *t, uint32_t slot)
{
        struct sigma_program *p = b->p;
        uint32_t other = t->kind == TEST_FIELDREF ? b->member->slots[t->field] : SLOT_NOWHERE;
        uint32_t place = place_of(b, slot);
        uintptr_t known;

        make_key(&b->key, t, slot, other);
        known = (uintptr_t)map_get(&b->atoms, strbuf_str(&b->key));
        if (known)
                return (uint32_t)(known - 1);
        if (strbuf_failed(&b->key) || !room(b, &p->atoms, &b->cap_atoms, p->n_atoms, 1, sizeof *p->atoms) ||
            map_put(&b->atoms, strbuf_str(&b->key), (void *)((uintptr_t)p->n_atoms + 1)) < 0) {
                b->failed = true;
                return NOTHING;
        }
        p->atoms[p->n_atoms] = (struct atom){
                .test = t,
                .place = place,
                .other = other,
                .necessary = NO_ATOM,
                .is_indexed = slot != SLOT_NOWHERE && index_way(t) != INDEX_NONE,
        };
        return p->n_atoms++;
}

/* A word that the texts of a regex must hold, as a test of its own, so that the regex can be found by it. */
static void add_necessary(struct builder *b, uint32_t atom)
{
        struct sigma_program *p = b->p;
        const struct test *regex = p->atoms[atom].test;
        uint32_t slot = p->places[p->atoms[atom].place].slot, word;
        struct test *t;

        if (regex->kind != TEST_REGEX || p->atoms[atom].necessary != NO_ATOM || slot == SLOT_NOWHERE)
                return;
        strbuf_clear(&b->word);
        rx_literal(expression_text(regex->expression), &b->word);
        if (b->word.n == 0)
                return;
        t = arena_alloc(p->arena, sizeof *t);
        if (!t) {
                b->failed = true;
                return;
        }
        *t = (struct test){ .kind = TEST_PATTERN, .pattern = { .kind = PATTERN_CONTAINS } };
        t->pattern.literal = arena_dup(p->arena, strbuf_str(&b->word));
        b->failed |= !t->pattern.literal.p;
        word = b->failed ? NO_ATOM : atom_of(b, t, slot);
        if (!b->failed)
                p->atoms[atom].necessary = word;
}

/* ---- Steps ---- */

static uint32_t add_step(struct builder *b, struct step step)
{
        struct sigma_program *p = b->p;

        if (!room(b, &p->steps, &b->cap_steps, p->n_steps, 1, sizeof *p->steps))
                return NOTHING;
        p->steps[p->n_steps] = step;
        return p->n_steps++;
}

/* What asking costs, the worst of a branch. */
enum { COST_PRESENCE, COST_INDEXED, COST_KEYWORD, COST_SINGLE, COST_REGEX, COST_MAX = COST_REGEX };

static unsigned cost_of(const struct sigma_program *p, uint32_t number)
{
        const struct step *s = &p->steps[number];
        unsigned worst = 0;

        switch (s->kind) {
        case STEP_ATOM: {
                const struct atom *a = &p->atoms[s->first];
                enum test_kind kind = a->test->kind;

                if (kind == TEST_EXISTS || kind == TEST_NULL)
                        return COST_PRESENCE;
                if (a->is_indexed)
                        return p->places[a->place].slot == SLOT_LEAVES ? COST_KEYWORD : COST_INDEXED;
                return kind == TEST_REGEX ? COST_REGEX : COST_SINGLE;
        }
        case STEP_NOT: return cost_of(p, s->first);
        case STEP_AND:
        case STEP_OR:
                for (uint32_t i = 0; i < s->n; i++) {
                        unsigned cost = cost_of(p, p->children[s->first + i]);

                        worst = cost > worst ? cost : worst;
                }
                break;
        }
        return worst;
}

/* Stable, so that what costs the same is asked in the order written. */
static void sort_children(struct builder *b, uint32_t first, uint32_t n)
{
        uint32_t *children = &b->p->children[first], *sorted;
        bool is_sorted = true;
        size_t to = 0;

        for (uint32_t i = 1; i < n && is_sorted; i++)
                is_sorted = cost_of(b->p, children[i - 1]) <= cost_of(b->p, children[i]);
        if (is_sorted)
                return;
        sorted = calloc(n, sizeof *sorted);
        if (!sorted) {
                b->failed = true;
                return;
        }
        for (unsigned cost = 0; cost <= COST_MAX; cost++)
                for (uint32_t i = 0; i < n; i++)
                        if (cost_of(b->p, children[i]) == cost)
                                sorted[to++] = children[i];
        memcpy(children, sorted, n * sizeof *sorted);
        free(sorted);
}

/* AND or OR over steps that `make` gives for 0 … n-1; over one step that step. */
typedef uint32_t make_fn(struct builder *b, void *of, size_t i);
static uint32_t add_group(struct builder *b, enum step_kind kind, size_t n, make_fn *make, void *of)
{
        struct sigma_program *p = b->p;
        uint32_t first = p->n_children;

        if (n == 1)
                return make(b, of, 0);
        if (!room(b, &p->children, &b->cap_children, first, (uint32_t)n, sizeof *p->children))
                return NOTHING;
        p->n_children += (uint32_t)n;
        for (size_t i = 0; i < n && !b->failed; i++) {
                uint32_t child = make(b, of, i);

                p->children[first + i] = child;
        }
        if (b->failed)
                return NOTHING;
        sort_children(b, first, (uint32_t)n);
        return add_step(b, (struct step){ .kind = kind, .n = (uint32_t)n, .first = first });
}

struct forms_left {
        const struct test *test;
        uint32_t slot;
};

static uint32_t make_form(struct builder *b, void *of, size_t i)
{
        struct forms_left *left = of;
        const struct test *t = left->test;
        uint32_t atom;

        (void)i;
        left->test = t->or_else;
        atom = atom_of(b, t, left->slot);
        if (!b->failed)
                add_necessary(b, atom);
        return add_step(b, (struct step){ .kind = STEP_ATOM, .first = atom });
}

static uint32_t make_test(struct builder *b, void *of, size_t i)
{
        const struct item *item = of;
        struct forms_left f = { &item->tests[i], SLOT_LEAVES };
        size_t n = 0;

        if (item->field != FIELD_LEAVES)
                f.slot = b->member->slots[item->field] == UINT32_MAX ? SLOT_NOWHERE : b->member->slots[item->field];
        for (const struct test *t = f.test; t; t = t->or_else)
                n++;
        return add_group(b, STEP_OR, n, make_form, &f);
}

static uint32_t negated(struct builder *b, uint32_t step)
{
        return add_step(b, (struct step){ .kind = STEP_NOT, .first = step });
}

static uint32_t make_node(struct builder *b, const struct sigma_node *node);

static uint32_t make_child(struct builder *b, void *of, size_t i)
{
        const struct sigma_node *node = of;

        return make_node(b, node->children[i]);
}

static uint32_t make_node(struct builder *b, const struct sigma_node *node)
{
        const struct item *item = node->item;
        uint32_t step;

        switch (node->kind) {
        case NODE_ITEM:
                step = add_group(b, item->is_all ? STEP_AND : STEP_OR, item->n, make_test, (void *)item);
                return item->is_negated ? negated(b, step) : step;
        case NODE_NOT: return negated(b, make_node(b, node->children[0]));
        case NODE_AND: return add_group(b, STEP_AND, node->n, make_child, (void *)node);
        case NODE_OR: return add_group(b, STEP_OR, node->n, make_child, (void *)node);
        }
        return NOTHING;
}

/* ---- Members ---- */

/* The gate and the condition of one member, as the two children of an AND. */
static uint32_t make_member(struct builder *b, void *of, size_t i)
{
        const struct sigma_member *m = of;
        struct test *t;

        if (i == 1 || m->gate == UINT32_MAX)
                return make_node(b, m->detection->root);
        t = arena_alloc(b->p->arena, sizeof *t);
        if (!t) {
                b->failed = true;
                return NOTHING;
        }
        *t = (struct test){ .kind = TEST_PATTERN, .pattern = { .kind = PATTERN_EXACT, .literal = m->gate_text } };
        return add_step(b, (struct step){ .kind = STEP_ATOM, .first = atom_of(b, t, m->gate) });
}

static void add_member(struct builder *b, const struct sigma_member *m)
{
        struct member *to = &b->p->members[b->p->n_members];

        b->member = m;
        *to = (struct member){
                .number = m->number,
                .detection = m->detection,
                .slots = m->slots,
                .gate = m->gate,
                .gate_text = m->gate_text,
                .root = add_group(b, STEP_AND, m->gate == UINT32_MAX ? 1 : 2, make_member, (void *)m),
        };
        b->p->n_members++;
}

static int index_place(struct sigma_program *p, uint32_t place, bool is_keyed, struct index_test *tests)
{
        struct index **ret = is_keyed ? &p->places[place].keyed : &p->places[place].rest;
        size_t n = 0;
        int r;

        for (uint32_t i = 0; i < p->n_atoms; i++)
                if (p->atoms[i].place == place && p->atoms[i].is_indexed && is_keyed == (p->atoms[i].n_keys > 0))
                        tests[n++] = (struct index_test){ p->atoms[i].test, i };
        if (n == 0)
                return 0;
        r = index_build(p->arena, tests, n, ret);
        if (r >= 0 && index_words(*ret) > p->n_words)
                p->n_words = index_words(*ret);
        return r;
}

static int index_places(struct sigma_program *p)
{
        struct index_test *tests = calloc(p->n_atoms + 1, sizeof *tests);
        int r = tests ? 0 : -ENOMEM;

        for (uint32_t i = 0; i < 2 * p->n_places && r >= 0; i++)
                r = index_place(p, i / 2, i % 2, tests);
        free(tests);
        return r;
}

int sigma_program_new(const struct sigma_member *members, size_t n, struct sigma_program **ret)
{
        CLEANUP(sigma_program_freep) struct sigma_program *p = calloc(1, sizeof *p);
        struct builder b = { .p = p, .atoms = MAP_INIT, .places = MAP_INIT, .key = STRBUF_INIT, .word = STRBUF_INIT };
        int r;

        if (!p)
                return -ENOMEM;
        p->arena = arena_new();
        p->members = calloc(n + 1, sizeof *p->members);
        b.failed = !p->arena || !p->members;
        for (size_t i = 0; i < n && !b.failed; i++)
                add_member(&b, &members[i]);
        map_done(&b.atoms);
        map_done(&b.places);
        strbuf_done(&b.key);
        strbuf_done(&b.word);
        r = b.failed ? -ENOMEM : keys_choose(p);
        if (r >= 0)
                r = index_places(p);
        if (r < 0)
                return r;
        *ret = TAKE(p);
        return 0;
}

struct sigma_program *sigma_program_free(struct sigma_program *p)
{
        if (!p)
                return NULL;
        for (uint32_t i = 0; i < p->n_places; i++) {
                index_free(p->places[i].keyed);
                index_free(p->places[i].rest);
        }
        arena_free(p->arena);
        free(p->atoms);
        free(p->places);
        free(p->steps);
        free(p->children);
        free(p->members);
        free(p->keys);
        free(p->always);
        free(p->asked);
        free(p);
        return NULL;
}

struct sigma_program_size sigma_program_size(const struct sigma_program *p)
{
        struct sigma_program_size size = { .detections = p->n_members, .tests = p->n_atoms, .always = p->n_always };

        size.bytes = sizeof *p + arena_held(p->arena) + p->n_atoms * sizeof *p->atoms + p->n_places * sizeof *p->places +
                     p->n_steps * sizeof *p->steps + p->n_children * sizeof *p->children +
                     p->n_members * sizeof *p->members + p->n_keys * sizeof *p->keys + p->n_always * sizeof *p->always +
                     p->n_asked * sizeof *p->asked;
        for (uint32_t i = 0; i < p->n_places; i++)
                size.bytes += index_bytes(p->places[i].keyed) + index_bytes(p->places[i].rest);
        return size;
}
