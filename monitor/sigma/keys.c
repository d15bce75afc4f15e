/* SPDX-License-Identifier: Apache-2.0 */

/* Choosing keys. A key set of a condition is a set of tests of which at least one holds whenever the condition does: of an
 * AND the best set of a child, of an OR all its children's sets together; a NOT has none. A test that cannot be indexed
 * stands for "its field is there". The best is the one that lets the fewest records through, as far as one can guess from
 * the rules alone: a whole value rather than a word, a long word rather than a short one, a field of which many values are
 * asked (the action) rather than one of few (the service), and a test that few rules make rather than many. */

#include <errno.h>
#include <stdlib.h>

#include "monitor/sigma/program_inside.h"

/* An atom, or N_ATOMS + a place: "the field is there". */
struct choice {
        uint32_t *keys;
        size_t n;
        uint64_t cost;
        bool is_there;
};

struct chooser {
        struct sigma_program *p;
        uint32_t *uses; /* [atom]: members that ask it */
        uint32_t *values; /* [place]: different whole values that are asked of it */
        uint32_t *last; /* [atom]: member + 1 that was counted last */
        struct arena *arena; /* of the choices of one member */
        uint32_t *pairs; /* key, member, key, member … */
        size_t n_pairs, cap_pairs;
        bool failed;
};

/* ---- What a key costs ---- */

enum {
        COST_VALUES = 64 * 1024, /* of a whole value, over the square of how many are asked of its field */
        COST_EXACT_MAX = 640,
        COST_CIDR = 512,
        COST_WORD = 768, /* and more for short ones */
        COST_SHORT_WORD = 4000,
        COST_NUMBER = 12000,
        COST_FIELD = 128000,
        COST_LEAVES = 32000, /* more: every text of the record is read for it */
        COST_USE = 16, /* for every rule that asks the same */
        WORD_IS_SHORT = 4,
};

static uint64_t cost_of_exact(const struct chooser *c, uint32_t number)
{
        uint64_t values = c->values[c->p->atoms[number].place];
        uint64_t cost = (1 + c->uses[number]) * (uint64_t)COST_VALUES / (values * values);

        return 1 + (cost < COST_EXACT_MAX ? cost : COST_EXACT_MAX);
}

static uint64_t cost_of_atom(const struct chooser *c, uint32_t number)
{
        const struct atom *a = &c->p->atoms[number];
        uint64_t cost = 0;

        switch (index_way(a->test)) {
        case INDEX_NONE: break;
        case INDEX_EXACT: cost = cost_of_exact(c, number); break;
        case INDEX_WORD:
        case INDEX_PART:
                cost = index_word_bytes(a->test) == 0              ? COST_FIELD
                       : index_word_bytes(a->test) < WORD_IS_SHORT ? COST_SHORT_WORD
                                                                   : COST_WORD;
                break;
        case INDEX_CIDR: cost = COST_CIDR; break;
        case INDEX_NUMBER: cost = COST_NUMBER; break;
        }
        if (c->p->places[a->place].slot == SLOT_LEAVES)
                cost += COST_LEAVES;
        return cost + COST_USE * c->uses[number];
}

/* ---- Choosing ---- */

static struct choice choose_atom(struct chooser *c, uint32_t asked)
{
        uint32_t necessary = c->p->atoms[asked].necessary, number = necessary == NO_ATOM ? asked : necessary;
        const struct atom *a = &c->p->atoms[number];
        uint32_t slot = c->p->places[a->place].slot;
        struct choice choice = { .n = 1, .is_there = true };
        enum test_kind kind = a->test->kind;

        if (kind == TEST_NULL || (kind == TEST_EXISTS && !a->test->flag) || (slot == SLOT_LEAVES && !a->is_indexed))
                return (struct choice){ 0 };
        choice.keys = arena_alloc(c->arena, sizeof *choice.keys);
        if (!choice.keys) {
                c->failed = true;
                return (struct choice){ 0 };
        }
        choice.keys[0] = a->is_indexed ? number : c->p->n_atoms + a->place;
        choice.cost = a->is_indexed ? cost_of_atom(c, number) : COST_FIELD;
        if (slot == SLOT_NOWHERE)
                choice.n = choice.cost = 0; /* never holds: the best key there is */
        return choice;
}

static struct choice choose(struct chooser *c, uint32_t step);

static struct choice choose_best(struct chooser *c, const struct step *s)
{
        struct choice best = { 0 };

        for (uint32_t i = 0; i < s->n; i++) {
                struct choice one = choose(c, c->p->children[s->first + i]);

                if (one.is_there && (!best.is_there || one.cost < best.cost))
                        best = one;
        }
        return best;
}

static struct choice choose_union(struct chooser *c, const struct step *s)
{
        struct choice *parts = arena_array(c->arena, s->n, sizeof *parts);
        struct choice all = { .is_there = true };

        for (uint32_t i = 0; i < s->n && parts; i++) {
                parts[i] = choose(c, c->p->children[s->first + i]);
                if (!parts[i].is_there)
                        return (struct choice){ 0 };
                all.n += parts[i].n;
                all.cost += parts[i].cost;
        }
        all.keys = arena_array(c->arena, all.n, sizeof *all.keys);
        if (!parts || !all.keys) {
                c->failed = true;
                return (struct choice){ 0 };
        }
        all.n = 0;
        for (uint32_t i = 0; i < s->n; i++) {
                if (parts[i].n > 0)
                        memcpy(all.keys + all.n, parts[i].keys, parts[i].n * sizeof *all.keys);
                all.n += parts[i].n;
        }
        return all;
}

static struct choice choose(struct chooser *c, uint32_t step)
{
        const struct step *s = &c->p->steps[step];

        switch (s->kind) {
        case STEP_ATOM: return choose_atom(c, s->first);
        case STEP_AND: return choose_best(c, s);
        case STEP_OR: return choose_union(c, s);
        case STEP_NOT: break;
        }
        return (struct choice){ 0 };
}

/* ---- Keeping ---- */

static void count_uses(struct chooser *c, uint32_t step, uint32_t member)
{
        const struct step *s = &c->p->steps[step];

        switch (s->kind) {
        case STEP_ATOM:
                c->uses[s->first] += c->last[s->first] != member + 1;
                c->last[s->first] = member + 1;
                break;
        case STEP_NOT: count_uses(c, s->first, member); break;
        case STEP_AND:
        case STEP_OR:
                for (uint32_t i = 0; i < s->n; i++)
                        count_uses(c, c->p->children[s->first + i], member);
                break;
        }
}

static void add_pairs(struct chooser *c, const struct choice *choice, uint32_t member)
{
        if (c->n_pairs + choice->n > c->cap_pairs) {
                size_t cap = 2 * c->cap_pairs + choice->n;
                uint32_t *pairs = reallocarray(c->pairs, cap, 2 * sizeof *pairs);

                if (!pairs) {
                        c->failed = true;
                        return;
                }
                c->pairs = pairs;
                c->cap_pairs = cap;
        }
        for (size_t i = 0; i < choice->n; i++) {
                c->pairs[2 * c->n_pairs] = choice->keys[i];
                c->pairs[2 * c->n_pairs++ + 1] = member;
        }
}

static int by_key(const void *a, const void *b)
{
        const uint32_t *x = a, *y = b;

        if (x[0] != y[0])
                return x[0] < y[0] ? -1 : 1;
        return (x[1] > y[1]) - (x[1] < y[1]);
}

/* Sorted by key: each atom's or place's members lie together. */
static void keep_pairs(struct chooser *c)
{
        struct sigma_program *p = c->p;

        if (c->n_pairs > 0)
                qsort(c->pairs, c->n_pairs, 2 * sizeof *c->pairs, by_key);
        for (size_t i = 0; i < c->n_pairs; i++) {
                uint32_t key = c->pairs[2 * i];
                uint32_t place = key < p->n_atoms ? p->atoms[key].place : key - p->n_atoms;
                uint32_t *first = key < p->n_atoms ? &p->atoms[key].first_key : &p->places[place].first_key;
                uint32_t *n = key < p->n_atoms ? &p->atoms[key].n_keys : &p->places[place].n_keys;

                if (i > 0 && memcmp(&c->pairs[2 * i], &c->pairs[2 * i - 2], 2 * sizeof *c->pairs) == 0)
                        continue; /* one rule may name a test twice */
                if (*n == 0)
                        *first = p->n_keys;
                p->keys[p->n_keys++] = c->pairs[2 * i + 1];
                (*n)++;
                p->places[place].has_keys = true;
        }
        for (uint32_t i = 0; i < p->n_places; i++)
                if (p->places[i].has_keys)
                        p->asked[p->n_asked++] = i;
}

static int choose_all(struct chooser *c)
{
        struct sigma_program *p = c->p;

        for (uint32_t i = 0; i < p->n_members; i++)
                count_uses(c, p->members[i].root, i);
        for (uint32_t i = 0; i < p->n_atoms; i++)
                c->values[p->atoms[i].place] += p->atoms[i].is_indexed && index_way(p->atoms[i].test) == INDEX_EXACT;
        for (uint32_t i = 0; i < p->n_members && !c->failed; i++) {
                struct choice choice = choose(c, p->members[i].root);

                if (choice.is_there)
                        add_pairs(c, &choice, i);
                else
                        p->always[p->n_always++] = i;
                arena_reset(c->arena);
        }
        p->keys = calloc(c->n_pairs + 1, sizeof *p->keys);
        if (c->failed || !p->keys)
                return -ENOMEM;
        keep_pairs(c);
        return 0;
}

int keys_choose(struct sigma_program *p)
{
        struct chooser c = {
                .p = p,
                .uses = calloc(p->n_atoms + 1, sizeof *c.uses),
                .values = calloc(p->n_places + 1, sizeof *c.values),
                .last = calloc(p->n_atoms + 1, sizeof *c.last),
                .arena = arena_new(),
        };
        int r = -ENOMEM;

        p->always = calloc(p->n_members + 1, sizeof *p->always);
        p->asked = calloc(p->n_places + 1, sizeof *p->asked);
        if (c.uses && c.values && c.last && c.arena && p->always && p->asked)
                r = choose_all(&c);
        free(c.uses);
        free(c.values);
        free(c.last);
        free(c.pairs);
        arena_free(c.arena);
        return r;
}
