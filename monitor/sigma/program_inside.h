/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_SIGMA_PROGRAM_INSIDE_H
#define SHOPBELL_SIGMA_PROGRAM_INSIDE_H

/* The inside of a program; private to sigma/. program.c compiles, keys.c chooses keys, program_match.c matches. */

#include "monitor/base/map.h"
#include "monitor/sigma/index.h"
#include "monitor/sigma/program.h"

#define SLOT_LEAVES UINT32_MAX /* of a keyword; a field that the source does not have has SLOT_NOWHERE */
#define SLOT_NOWHERE (UINT32_MAX - 1)
#define NO_ATOM UINT32_MAX

/* A test of one field, in whichever detections it stands. */
struct atom {
        const struct test *test;
        uint32_t place; /* of its field, in program.places */
        uint32_t other; /* slot of the field a TEST_FIELDREF names */
        uint32_t necessary; /* TEST_REGEX: an atom that must hold for it to hold; NO_ATOM: none is known */
        uint32_t first_key, n_keys; /* in program.keys: the members that this is a key of */
        bool is_indexed;
};

/* A field that tests ask for. */
struct place {
        uint32_t slot; /* or SLOT_LEAVES, SLOT_NOWHERE */
        /* Its indexed tests: those that are keys, asked with every record, and the rest. NULL: none. */
        struct index *keyed, *rest;
        uint32_t first_key, n_keys; /* in program.keys: members that must be looked at whenever the field is there */
        bool has_keys;
};

enum step_kind { STEP_AND, STEP_OR, STEP_NOT, STEP_ATOM };

/* A node of a member's condition. Children are numbers in program.children, the cheapest first. */
struct step {
        enum step_kind kind;
        uint32_t n; /* AND, OR: children */
        uint32_t first; /* AND, OR: in program.children; NOT: step; ATOM: atom */
};

struct member {
        uint32_t root; /* step */
        uint32_t number;
        /* For when there is no memory to match the program as a whole */
        const struct sigma_detection *detection;
        const uint32_t *slots;
        struct str gate_text;
        uint32_t gate;
};

struct sigma_program {
        struct arena *arena;
        struct atom *atoms;
        uint32_t n_atoms;
        struct place *places;
        uint32_t n_places;
        struct step *steps;
        uint32_t *children;
        uint32_t n_steps, n_children;
        struct member *members;
        uint32_t n_members;
        uint32_t *keys; /* member numbers, see atom */
        uint32_t n_keys;
        uint32_t *always; /* members without a key */
        uint32_t n_always;
        uint32_t *asked; /* places with keys */
        uint32_t n_asked;
        size_t n_words; /* marks that the greatest index needs */
};

/* keys.c: chooses the keys of all members and fills keys, always, asked, atom.first_key, place.presence. 0 or -ENOMEM. */
int keys_choose(struct sigma_program *p);

#endif
