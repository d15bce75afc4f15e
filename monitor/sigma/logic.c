/* SPDX-License-Identifier: Apache-2.0 */

/* A search with propagation, after Davis, Logemann and Loveland, "A machine program for theorem-proving", CACM 5(7), 1962;
 * the condition stays a tree instead of becoming clauses. What follows from what is known for pairs of tests only, which is
 * enough for the mistakes people make. */

#include "monitor/sigma/logic.h"

#include <errno.h>
#include <stdlib.h>

#include "monitor/base/utf8.h"

/* A literal: 2 * atom, plus 1 when it is false. */
struct logic {
        const struct sigma_program *p;
        uint32_t single;
        struct arena *arena;
        uint32_t *pairs; /* literal, what follows from it, … ; later sorted */
        size_t n_pairs, cap_pairs;
        uint32_t *first; /* [literal]: where its followers begin in pairs; one more at the end */
        signed char *value; /* [atom]: 1 true, -1 false, 0 open */
        uint32_t *trail; /* literals in the order they were set */
        size_t n_trail;
        size_t work;
        const struct str *folded; /* [atom]: of a plain pattern, its literal */
        bool failed;
};

/* ---- What follows from what ---- */

static void add_follows(struct logic *l, uint32_t literal, uint32_t follower)
{
        if (l->n_pairs + 2 > l->cap_pairs) {
                size_t cap = 2 * l->cap_pairs + 64;
                uint32_t *pairs = reallocarray(l->pairs, cap, 2 * sizeof *pairs);

                if (!pairs) {
                        l->failed = true;
                        return;
                }
                l->pairs = pairs;
                l->cap_pairs = cap;
        }
        l->pairs[2 * l->n_pairs] = literal;
        l->pairs[2 * l->n_pairs++ + 1] = follower;
        l->pairs[2 * l->n_pairs] = follower ^ 1; /* and the other way round */
        l->pairs[2 * l->n_pairs++ + 1] = literal ^ 1;
}

static bool is_value_test(const struct test *t)
{
        return t->kind != TEST_EXISTS && t->kind != TEST_NULL;
}

static bool is_plain(const struct test *t)
{
        return t->kind == TEST_PATTERN && t->pattern.kind != PATTERN_GLOB;
}

/* A value that meets the plain pattern of the atom `number` meets the pattern `b`. */
static bool pattern_follows(struct logic *l, uint32_t number, const struct test *b)
{
        const struct test *a = l->p->atoms[number].test;
        struct str text;

        if (!is_plain(a) || b->kind != TEST_PATTERN || (b->is_cased && !a->is_cased))
                return false;
        text = b->is_cased ? a->pattern.literal : l->folded[number];
        l->work += text.n / 8; /* bytes that are compared */
        if (a->pattern.kind == PATTERN_EXACT)
                return pattern_match(&b->pattern, text);
        switch (b->pattern.kind) {
        case PATTERN_CONTAINS: return str_find(text, b->pattern.literal) != SIZE_MAX;
        case PATTERN_PREFIX: return a->pattern.kind == PATTERN_PREFIX && str_starts(text, b->pattern.literal);
        case PATTERN_SUFFIX: return a->pattern.kind == PATTERN_SUFFIX && str_ends(text, b->pattern.literal);
        case PATTERN_EXACT:
        case PATTERN_GLOB: break;
        }
        return false;
}

/* No single value meets both. */
static bool patterns_exclude(struct logic *l, uint32_t number, const struct test *b)
{
        const struct test *a = l->p->atoms[number].test;
        struct str x = a->pattern.literal, y = b->pattern.literal;

        if (!is_plain(a) || b->kind != TEST_PATTERN)
                return false;
        if (a->pattern.kind == PATTERN_EXACT)
                return (!b->is_cased || a->is_cased) && !pattern_follows(l, number, b);
        if (a->is_cased || b->is_cased)
                return false;
        if (a->pattern.kind == PATTERN_PREFIX && b->pattern.kind == PATTERN_PREFIX)
                return !str_starts(x, y) && !str_starts(y, x);
        return a->pattern.kind == PATTERN_SUFFIX && b->pattern.kind == PATTERN_SUFFIX && !str_ends(x, y) &&
               !str_ends(y, x);
}

/* What being there, being null and having a value say of each other. */
static void relate_presence(struct logic *l, uint32_t a, uint32_t b)
{
        const struct test *x = l->p->atoms[a].test, *y = l->p->atoms[b].test;
        bool is_single = l->p->atoms[a].place == l->single;

        if (x->kind == TEST_EXISTS && y->kind == TEST_EXISTS && x->flag && !y->flag) {
                add_follows(l, 2 * a, 2 * b + 1);
                add_follows(l, 2 * a + 1, 2 * b);
        }
        if (x->kind == TEST_EXISTS && y->kind == TEST_NULL)
                add_follows(l, 2 * a + x->flag, 2 * b); /* what is missing is null */
        if (is_value_test(x) && y->kind == TEST_EXISTS)
                add_follows(l, 2 * a, 2 * b + !y->flag);
        if (is_single && is_value_test(x) && y->kind == TEST_NULL)
                add_follows(l, 2 * a, 2 * b + 1);
}

static void relate(struct logic *l, uint32_t a, uint32_t b)
{
        const struct test *y = l->p->atoms[b].test;

        if (pattern_follows(l, a, y))
                add_follows(l, 2 * a, 2 * b);
        if (l->p->atoms[a].place == l->single && patterns_exclude(l, a, y))
                add_follows(l, 2 * a, 2 * b + 1);
        relate_presence(l, a, b);
}

static int by_literal(const void *a, const void *b)
{
        uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

        return (x > y) - (x < y);
}

static void fold_all(struct logic *l)
{
        struct str *folded = arena_array(l->arena, l->p->n_atoms, sizeof *folded);

        l->folded = folded;
        l->failed |= !folded;
        for (uint32_t a = 0; folded && a < l->p->n_atoms; a++)
                if (is_plain(l->p->atoms[a].test)) {
                        folded[a] = utf8_fold(l->arena, l->p->atoms[a].test->pattern.literal);
                        l->failed |= !folded[a].p;
                }
}

/* Ends early when that is too much work: nothing must be concluded then. */
static void relate_all(struct logic *l)
{
        const struct sigma_program *p = l->p;
        size_t at = 0;

        for (uint32_t a = 0; a < p->n_atoms && l->work < LOGIC_WORK_MAX; a++)
                for (uint32_t b = 0; b < p->n_atoms; b++)
                        if (a != b && p->atoms[a].place == p->atoms[b].place &&
                            p->places[p->atoms[a].place].slot != SLOT_LEAVES)
                                relate(l, a, b);
        if (l->n_pairs > 0)
                qsort(l->pairs, l->n_pairs, 2 * sizeof *l->pairs, by_literal);
        for (uint32_t literal = 0; literal <= 2 * p->n_atoms; literal++) {
                while (at < l->n_pairs && l->pairs[2 * at] < literal)
                        at++;
                l->first[literal] = (uint32_t)at;
        }
}

/* ---- Searching ---- */

/* 1, -1, 0: not decided yet. */
static int value_of(struct logic *l, uint32_t number)
{
        const struct step *s = &l->p->steps[number];
        bool is_and = s->kind == STEP_AND;
        int all;

        l->work++;
        if (s->kind == STEP_ATOM)
                return l->value[s->first];
        if (s->kind == STEP_NOT)
                return -value_of(l, s->first);
        all = is_and ? 1 : -1;
        for (uint32_t i = 0; i < s->n; i++) {
                int one = value_of(l, l->p->children[s->first + i]);

                if (one == (is_and ? -1 : 1))
                        return one;
                if (one == 0)
                        all = 0;
        }
        return all;
}

/* An open atom that brings an undecided step nearer to `wanted`, as the literal to try. */
static uint32_t pick(struct logic *l, uint32_t number, bool wanted)
{
        const struct step *s = &l->p->steps[number];

        if (s->kind == STEP_ATOM)
                return 2 * s->first + !wanted;
        if (s->kind == STEP_NOT)
                return pick(l, s->first, !wanted);
        for (uint32_t i = 0; i < s->n; i++)
                if (value_of(l, l->p->children[s->first + i]) == 0)
                        return pick(l, l->p->children[s->first + i], wanted);
        return UINT32_MAX; /* not reached: the step was undecided */
}

/* Sets a literal and all that follows. False: a contradiction. */
static bool set(struct logic *l, uint32_t literal)
{
        size_t at = l->n_trail;

        l->value[literal / 2] = literal & 1 ? -1 : 1;
        l->trail[l->n_trail++] = literal;
        for (; at < l->n_trail; at++) {
                uint32_t one = l->trail[at];

                for (uint32_t i = l->first[one]; i < l->first[one + 1]; i++) {
                        uint32_t follower = l->pairs[2 * i + 1];
                        int wanted = follower & 1 ? -1 : 1;

                        l->work++;
                        if (l->value[follower / 2] == -wanted)
                                return false;
                        if (l->value[follower / 2] == wanted)
                                continue;
                        l->value[follower / 2] = (signed char)wanted;
                        l->trail[l->n_trail++] = follower;
                }
        }
        return true;
}

static void undo(struct logic *l, size_t n_trail)
{
        while (l->n_trail > n_trail)
                l->value[l->trail[--l->n_trail] / 2] = 0;
}

/* A decision that may still be turned round. */
struct decision {
        size_t n_trail;
        uint32_t literal;
        bool is_turned;
};

/* Takes back decisions until one can be turned round. False: none is left. */
static bool turn_back(struct logic *l, struct decision *decisions, size_t *n)
{
        while (*n > 0) {
                struct decision *d = &decisions[*n - 1];

                undo(l, d->n_trail);
                if (!d->is_turned) {
                        d->is_turned = true;
                        if (set(l, d->literal ^ 1))
                                return true;
                        continue;
                }
                (*n)--;
        }
        return false;
}

static enum logic_answer search(struct logic *l, bool wanted, struct decision *decisions)
{
        uint32_t root = l->p->members[0].root;
        size_t n = 0;

        while (l->work < LOGIC_WORK_MAX) {
                int value = value_of(l, root);

                if (value == (wanted ? 1 : -1))
                        return LOGIC_POSSIBLE;
                if (value == 0) {
                        decisions[n] = (struct decision){ l->n_trail, pick(l, root, wanted), false };
                        if (set(l, decisions[n++].literal))
                                continue;
                }
                if (!turn_back(l, decisions, &n))
                        return LOGIC_IMPOSSIBLE;
        }
        return LOGIC_UNKNOWN;
}

/* Fields that the source does not have are not known here: lint speaks of rules without a source. */
int logic_can_be(const struct sigma_program *p, bool wanted, uint32_t single, enum logic_answer *ret)
{
        struct logic l = { .p = p, .single = single, .arena = arena_new() };
        struct decision *decisions = calloc(p->n_atoms + 1, sizeof *decisions);
        int r = -ENOMEM;

        l.first = calloc(2 * (size_t)p->n_atoms + 2, sizeof *l.first);
        l.value = calloc(p->n_atoms + 1, sizeof *l.value);
        l.trail = calloc(p->n_atoms + 1, sizeof *l.trail);
        if (p->n_atoms > LOGIC_ATOMS_MAX) {
                *ret = LOGIC_UNKNOWN;
                r = 0;
        } else if (l.arena && decisions && l.first && l.value && l.trail) {
                fold_all(&l);
                if (!l.failed)
                        relate_all(&l);
                *ret = l.failed ? LOGIC_UNKNOWN : search(&l, wanted, decisions);
                r = l.failed ? -ENOMEM : 0;
        }
        arena_free(l.arena);
        free(l.pairs);
        free(l.first);
        free(l.value);
        free(l.trail);
        free(decisions);
        return r;
}
