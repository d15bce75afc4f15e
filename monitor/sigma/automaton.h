/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_SIGMA_AUTOMATON_H
#define SHOPBELL_SIGMA_AUTOMATON_H

/* Many words looked for in one text in one pass: Aho and Corasick, "Efficient string matching: an aid to bibliographic
 * search", CACM 18(6), 1975. Linear in the text whatever the words are, which matters because the text is an attacker's.
 *
 * A word may be bound to the start of the text, to its end, or to both: the text is read with AUTOMATON_START before it and
 * AUTOMATON_END behind it, two bytes that well-formed UTF-8 never holds. Private to sigma/.
 *
 * Hyperscan 5.4.0 was measured in its place, with the 8,868 words that published rules look for in command lines: building
 * takes 299 ms against 7, as much as loading all published rules; memory is the same (1.2 and 1.3 MB); a short value (80
 * bytes) takes 0.4 us against 0.8, a command line of 140 bytes full of words 2.9 us or more against 2.0. Nothing that
 * would pay for another library that is there for few processors. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "monitor/base/macros.h"
#include "monitor/base/str.h"

enum { AUTOMATON_END = 0xFE, AUTOMATON_START = 0xFF };

struct automaton_word {
        struct str text; /* borrowed while building; not empty unless bound */
        bool at_start, at_end;
        uint32_t id;
};

struct automaton;

/* 0 or -ENOMEM. Words may be equal. */
int automaton_build(const struct automaton_word *words, size_t n, struct automaton **ret);
struct automaton *automaton_free(struct automaton *a);
DEFINE_FREEP(struct automaton, automaton)

/* How many different words there are: the length of `seen` below. */
size_t automaton_words(const struct automaton *a);
size_t automaton_bytes(const struct automaton *a); /* memory held */

/* Calls `found` for every id whose word lies in the text, once. `seen` remembers that: a word is skipped when its mark
 * equals `mark`, so the caller needs a new mark for each text, and never has to clear. */
typedef void automaton_fn(void *userdata, uint32_t id);
void automaton_find(const struct automaton *a, struct str text, uint32_t *seen, uint32_t mark, automaton_fn *found,
                    void *userdata);

#endif
