/* SPDX-License-Identifier: Apache-2.0 */

/* Matching a program. The keyed fields of the record are asked first; each key that holds makes members candidates; then
 * the candidates' steps are walked, and whatever they ask is remembered for the next. */

#include <stdlib.h>

#include "monitor/sigma/program_inside.h"
#include "monitor/sigma/scratch.h"
#include "monitor/sigma/test.h"

struct match {
        const struct sigma_program *p;
        const struct record *record;
        struct sigma_scratch *s;
        struct slot leaves;
};

static void add_candidate(struct sigma_scratch *s, uint32_t member)
{
        if (s->members[member] == s->record)
                return;
        s->members[member] = s->record;
        s->candidates[s->n_candidates++] = member;
}

/* ---- Fields ---- */

static const struct slot *slot_of(const struct match *m, uint32_t slot)
{
        if (slot != SLOT_LEAVES)
                return record_slot(m->record, slot);
        return m->leaves.first ? &m->leaves : NULL;
}

static void on_found(void *userdata, uint32_t number)
{
        const struct match *m = userdata;
        const struct atom *a = &m->p->atoms[number];

        m->s->atoms[number] = 2 * m->s->record + 1;
        for (uint32_t i = a->first_key; i < a->first_key + a->n_keys; i++)
                add_candidate(m->s, m->p->keys[i]);
}

/* Asks the tests of a field that are keys. */
static void ask_keys(struct match *m, const struct place *place)
{
        const struct slot *slot = slot_of(m, place->slot);

        if (!slot)
                return;
        for (uint32_t i = place->first_key; i < place->first_key + place->n_keys; i++)
                add_candidate(m->s, m->p->keys[i]);
        if (place->keyed)
                index_find(place->keyed, slot->first, m->record->arena, &m->s->marks, m->s->memo, on_found, m);
}

/* Asks the others; does nothing the second time. */
static void ask_rest(struct match *m, uint32_t number)
{
        const struct slot *slot;

        if (m->s->asked[number] == m->s->record)
                return;
        m->s->asked[number] = m->s->record;
        slot = slot_of(m, m->p->places[number].slot);
        if (slot)
                index_find(m->p->places[number].rest, slot->first, m->record->arena, &m->s->marks, m->s->memo, on_found,
                           m);
}

/* ---- Steps ---- */

static bool atom_holds(struct match *m, uint32_t number)
{
        const struct atom *a = &m->p->atoms[number];
        uint32_t *known = &m->s->atoms[number];
        const struct slot *other;
        bool holds;

        if (*known >> 1 == m->s->record)
                return *known & 1;
        if (a->is_indexed) {
                if (a->n_keys == 0)
                        ask_rest(m, a->place);
                return *known == 2 * m->s->record + 1;
        }
        if (a->necessary != NO_ATOM && !atom_holds(m, a->necessary)) {
                *known = 2 * m->s->record;
                return false;
        }
        other = a->test->kind == TEST_FIELDREF ? record_slot(m->record, a->other) : NULL;
        holds = test_holds(a->test, slot_of(m, m->p->places[a->place].slot), other, m->record->arena, m->s);
        *known = 2 * m->s->record + holds;
        return holds;
}

static bool step_holds(struct match *m, uint32_t number)
{
        const struct step *s = &m->p->steps[number];

        switch (s->kind) {
        case STEP_ATOM: return atom_holds(m, s->first);
        case STEP_NOT: return !step_holds(m, s->first);
        case STEP_AND:
                for (uint32_t i = 0; i < s->n; i++)
                        if (!step_holds(m, m->p->children[s->first + i]))
                                return false;
                return true;
        case STEP_OR:
                for (uint32_t i = 0; i < s->n; i++)
                        if (step_holds(m, m->p->children[s->first + i]))
                                return true;
                return false;
        }
        return false;
}

/* ---- Records ---- */

static int by_number(const void *a, const void *b)
{
        uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

        return (x > y) - (x < y);
}

static void find_candidates(struct match *m)
{
        struct sigma_scratch *s = m->s;

        for (uint32_t i = 0; i < m->p->n_always; i++)
                add_candidate(s, m->p->always[i]);
        for (uint32_t i = 0; i < m->p->n_asked; i++)
                ask_keys(m, &m->p->places[m->p->asked[i]]);
        if (s->n_candidates > 1)
                qsort(s->candidates, s->n_candidates, sizeof *s->candidates, by_number);
}

/* Without memory for the scratch: every member by itself. */
static bool member_holds(const struct member *member, const struct record *record, struct sigma_scratch *scratch)
{
        const struct test gate = { .pattern = { .kind = PATTERN_EXACT, .literal = member->gate_text } };
        const struct slot *slot = record_slot(record, member->gate);

        if (member->gate != UINT32_MAX && !test_holds(&gate, slot, NULL, record->arena, scratch))
                return false;
        return sigma_match(member->detection, record, member->slots, scratch);
}

static size_t match_singly(const struct sigma_program *p, const struct record *record, struct sigma_scratch *scratch,
                           uint32_t *hits, size_t max)
{
        size_t n = 0;

        for (uint32_t i = 0; i < p->n_members; i++) {
                if (!member_holds(&p->members[i], record, scratch))
                        continue;
                if (n < max)
                        hits[n] = p->members[i].number;
                n++;
        }
        return n;
}

size_t sigma_program_match(const struct sigma_program *p, const struct record *record, struct sigma_scratch *scratch,
                           uint32_t *hits, size_t max)
{
        struct match m = { .p = p, .record = record, .s = scratch, .leaves = { .first = record->leaves } };
        size_t n = 0;

        if (p->n_members == 0)
                return 0;
        if (scratch_begin(scratch, p) < 0)
                return match_singly(p, record, scratch, hits, max);
        find_candidates(&m);
        for (size_t i = 0; i < scratch->n_candidates; i++) {
                const struct member *member = &p->members[scratch->candidates[i]];

                if (!step_holds(&m, member->root))
                        continue;
                if (n < max)
                        hits[n] = member->number;
                n++;
        }
        return n;
}
