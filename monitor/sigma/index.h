/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_SIGMA_INDEX_H
#define SHOPBELL_SIGMA_INDEX_H

/* All tests that many rules make on one field, asked at once: the cost is that of the value, not of the tests. Whole values
 * go through one hash look-up, words at the front, at the end or inside through one automaton, networks through a prefix
 * tree, comparisons through sorted tables. Private to sigma/. */

#include "monitor/sigma/ast.h"
#include "monitor/sigma/memo.h"

struct index;

/* How a test is found. To add one: a row in index_way() and a table in index.c. */
enum index_way {
        INDEX_NONE, /* not here: regexes, other fields, dates, patterns without a plain character */
        INDEX_EXACT,
        INDEX_WORD, /* the word at its place is the whole test */
        INDEX_PART, /* one word of a pattern; the pattern is tried where that is found */
        INDEX_CIDR,
        INDEX_NUMBER,
};
enum index_way index_way(const struct test *t);
/* Bytes of the word that a test of these ways is found by. */
size_t index_word_bytes(const struct test *t);

struct index_test {
        const struct test *test; /* outlives the index; its or_else is not looked at */
        uint32_t id;
};

/* 0, -ENOMEM. Only tests whose way is not INDEX_NONE. `arena` takes the texts and outlives the index. */
int index_build(struct arena *arena, const struct index_test *tests, size_t n, struct index **ret);
struct index *index_free(struct index *index);
DEFINE_FREEP(struct index, index)
size_t index_bytes(const struct index *index); /* memory held, the arena's left out; of NULL none */
size_t index_words(const struct index *index); /* marks that index_find() needs */

struct index_marks {
        uint32_t *seen; /* of at least index_words() entries */
        size_t n;
        uint32_t last; /* mark of the last text */
};

/* Calls `found` with the id of every test that holds for one of the values; maybe more than once. The thread's memo spares
 * it texts that it had before. */
typedef void index_fn(void *userdata, uint32_t id);
void index_find(const struct index *index, struct value *first, struct arena *arena, struct index_marks *marks,
                struct memo *memo, index_fn *found, void *userdata);

#endif
