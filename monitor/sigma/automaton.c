/* SPDX-License-Identifier: Apache-2.0 */

/* The words are sorted; a state is a range of words that begin alike, so the trie comes out level by level, the children
 * of a state side by side and in the order of their bytes. A state is 12 bytes and finds a child among a few labels; the
 * root, where most steps of a text without words begin and end, and other states with many children have a table. */

#include "monitor/sigma/automaton.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { WIDE_FROM = 9 }; /* children from which a state has a table */

#define NONE UINT32_MAX

struct state {
        uint32_t child; /* first child; of a wide state the number of its table */
        uint32_t fail; /* the longest other beginning of words that the text read so far ends with */
        uint32_t output; /* words that end here, or at the nearest state along `fail` where any does; NONE */
};

/* The ids of one word, and the shorter words that end where it does. */
struct output {
        uint32_t first, n; /* in ids */
        uint32_t next; /* output, or NONE */
};

struct automaton {
        struct state *states;
        uint8_t *labels; /* [state]: the byte that leads there */
        uint16_t *n_children; /* [state] */
        uint32_t n_states;
        uint32_t (*tables)[256]; /* wide states: the child for a byte, 0: none */
        uint32_t n_tables, cap_tables;
        struct output *outputs;
        uint32_t n_outputs;
        uint32_t *ids;
};

/* ---- Building ---- */

/* A word is compared and cut with its bounds as bytes. */
static size_t length(const struct automaton_word *w)
{
        return w->text.n + w->at_start + w->at_end;
}

static uint8_t byte_at(const struct automaton_word *w, size_t i)
{
        if (w->at_start && i-- == 0)
                return AUTOMATON_START;
        return i < w->text.n ? (uint8_t)w->text.p[i] : AUTOMATON_END;
}

static int by_bytes(const void *a, const void *b)
{
        const struct automaton_word *x = *(const struct automaton_word *const *)a,
                                    *y = *(const struct automaton_word *const *)b;
        size_t nx = length(x), ny = length(y);

        for (size_t i = 0; i < nx && i < ny; i++)
                if (byte_at(x, i) != byte_at(y, i))
                        return byte_at(x, i) < byte_at(y, i) ? -1 : 1;
        return nx != ny ? (nx < ny ? -1 : 1) : (x->id > y->id) - (x->id < y->id);
}

/* The words below a state that is still to be opened. */
struct range {
        uint32_t from, to, depth;
};

struct builder {
        struct automaton *a;
        const struct automaton_word **words; /* sorted */
        uint32_t n;
        struct range *ranges; /* [state] */
        uint32_t cap;
};

static int add_state(struct builder *b, struct range range, uint8_t label)
{
        struct automaton *a = b->a;

        if (a->n_states == b->cap) {
                uint32_t cap = b->cap ? 2 * b->cap : 64;
                struct state *states = reallocarray(a->states, cap, sizeof *states);
                uint8_t *labels = states ? realloc(a->labels, cap) : NULL;
                uint16_t *n_children = labels ? reallocarray(a->n_children, cap, sizeof *n_children) : NULL;
                struct range *ranges = n_children ? reallocarray(b->ranges, cap, sizeof *ranges) : NULL;

                a->states = states ? states : a->states;
                a->labels = labels ? labels : a->labels;
                a->n_children = n_children ? n_children : a->n_children;
                if (!ranges)
                        return -ENOMEM;
                b->ranges = ranges;
                b->cap = cap;
        }
        a->states[a->n_states] = (struct state){ .output = NONE };
        a->labels[a->n_states] = label;
        a->n_children[a->n_states] = 0;
        b->ranges[a->n_states++] = range;
        return 0;
}

/* The words that end at this state: they stand first in its range. */
static void take_output(struct builder *b, uint32_t s)
{
        struct automaton *a = b->a;
        struct range *r = &b->ranges[s];
        uint32_t first = r->from;

        while (r->from < r->to && length(b->words[r->from]) == r->depth) {
                a->ids[r->from] = b->words[r->from]->id;
                r->from++;
        }
        if (r->from == first)
                return;
        a->outputs[a->n_outputs] = (struct output){ .first = first, .n = r->from - first, .next = NONE };
        a->states[s].output = a->n_outputs++;
}

static int add_children(struct builder *b, uint32_t s)
{
        struct range r = b->ranges[s];

        b->a->states[s].child = b->a->n_states;
        while (r.from < r.to) {
                uint8_t label = byte_at(b->words[r.from], r.depth);
                uint32_t to = r.from;

                while (to < r.to && byte_at(b->words[to], r.depth) == label)
                        to++;
                if (add_state(b, (struct range){ r.from, to, r.depth + 1 }, label) < 0)
                        return -ENOMEM;
                b->a->n_children[s]++;
                r.from = to;
        }
        return 0;
}

static int add_table(struct automaton *a, uint32_t s)
{
        uint32_t first = a->states[s].child;

        if (a->n_tables == a->cap_tables) {
                uint32_t cap = a->cap_tables ? 2 * a->cap_tables : 4;
                uint32_t(*tables)[256] = reallocarray(a->tables, cap, sizeof *tables);

                if (!tables)
                        return -ENOMEM;
                a->tables = tables;
                a->cap_tables = cap;
        }
        memset(a->tables[a->n_tables], 0, sizeof a->tables[0]);
        for (uint32_t i = 0; i < a->n_children[s]; i++)
                a->tables[a->n_tables][a->labels[first + i]] = first + i;
        a->states[s].child = a->n_tables++;
        return 0;
}

/* The root is state 0 and nobody's child. */
static inline uint32_t child_of(const struct automaton *a, uint32_t s, uint8_t byte)
{
        uint32_t first = a->states[s].child, n = a->n_children[s];

        if (s == 0 || n >= WIDE_FROM)
                return a->tables[first][byte];
        for (uint32_t i = 0; i < n; i++)
                if (a->labels[first + i] == byte)
                        return first + i;
        return 0;
}

static inline uint32_t step(const struct automaton *a, uint32_t s, uint8_t byte)
{
        uint32_t next;

        while ((next = child_of(a, s, byte)) == 0 && s != 0)
                s = a->states[s].fail;
        return next;
}

/* In the order of the states, so that what lies nearer to the root is done. */
static void set_fails(struct automaton *a, uint32_t s, uint32_t first, uint32_t n)
{
        for (uint32_t c = first; c < first + n; c++) {
                struct state *child = &a->states[c];
                uint32_t below;

                child->fail = s == 0 ? 0 : step(a, a->states[s].fail, a->labels[c]);
                below = a->states[child->fail].output;
                if (child->output == NONE)
                        child->output = below;
                else
                        a->outputs[child->output].next = below;
        }
}

static int build_states(struct builder *b)
{
        struct automaton *a = b->a;
        int r = add_state(b, (struct range){ 0, b->n, 0 }, 0);

        for (uint32_t s = 0; s < a->n_states && r >= 0; s++) {
                take_output(b, s);
                r = add_children(b, s);
        }
        for (uint32_t s = 0; s < a->n_states && r >= 0; s++) {
                uint32_t first = a->states[s].child;

                if (s == 0 || a->n_children[s] >= WIDE_FROM)
                        r = add_table(a, s);
                if (r >= 0)
                        set_fails(a, s, first, a->n_children[s]);
        }
        return r;
}

/* Gives back what growing took too much. */
static void trim(struct automaton *a)
{
        struct state *states = reallocarray(a->states, a->n_states, sizeof *states);
        uint8_t *labels = realloc(a->labels, a->n_states);
        uint16_t *n_children = reallocarray(a->n_children, a->n_states, sizeof *n_children);

        a->states = states ? states : a->states;
        a->labels = labels ? labels : a->labels;
        a->n_children = n_children ? n_children : a->n_children;
}

int automaton_build(const struct automaton_word *words, size_t n, struct automaton **ret)
{
        CLEANUP(automaton_freep) struct automaton *a = calloc(1, sizeof *a);
        struct builder b = { .a = a, .n = (uint32_t)n };
        int r;

        if (!a || n >= NONE)
                return -ENOMEM;
        b.words = calloc(n + 1, sizeof *b.words);
        a->ids = calloc(n + 1, sizeof *a->ids);
        a->outputs = calloc(n + 1, sizeof *a->outputs);
        if (b.words && a->ids && a->outputs) {
                for (size_t i = 0; i < n; i++)
                        b.words[i] = &words[i];
                qsort(b.words, n, sizeof *b.words, by_bytes);
                r = build_states(&b);
        } else {
                r = -ENOMEM;
        }
        free(b.words);
        free(b.ranges);
        if (r < 0)
                return r;
        trim(a);
        *ret = TAKE(a);
        return 0;
}

struct automaton *automaton_free(struct automaton *a)
{
        if (!a)
                return NULL;
        free(a->states);
        free(a->labels);
        free(a->n_children);
        free(a->tables);
        free(a->outputs);
        free(a->ids);
        free(a);
        return NULL;
}

size_t automaton_words(const struct automaton *a)
{
        return a->n_outputs;
}

size_t automaton_bytes(const struct automaton *a)
{
        return sizeof *a + a->n_states * (sizeof *a->states + sizeof *a->labels + sizeof *a->n_children) +
               a->n_tables * sizeof *a->tables + a->n_outputs * (sizeof *a->outputs + sizeof *a->ids);
}

/* ---- Finding ---- */

struct finder {
        const struct automaton *a;
        uint32_t *seen;
        uint32_t mark;
        automaton_fn *found;
        void *userdata;
};

/* Words that end where a seen one ends were told with it: so "aaaa…" does not cost its length for every letter. */
static void tell(const struct finder *f, uint32_t output)
{
        for (; output != NONE && f->seen[output] != f->mark; output = f->a->outputs[output].next) {
                const struct output *o = &f->a->outputs[output];

                f->seen[output] = f->mark;
                for (uint32_t i = o->first; i < o->first + o->n; i++)
                        f->found(f->userdata, f->a->ids[i]);
        }
}

static inline uint32_t advance(const struct finder *f, uint32_t s, uint8_t byte)
{
        s = step(f->a, s, byte);
        if (f->a->states[s].output != NONE)
                tell(f, f->a->states[s].output);
        return s;
}

void automaton_find(const struct automaton *a, struct str text, uint32_t *seen, uint32_t mark, automaton_fn *found,
                    void *userdata)
{
        struct finder f = { a, seen, mark, found, userdata };
        uint32_t s = advance(&f, 0, AUTOMATON_START);

        for (size_t i = 0; i < text.n; i++)
                s = advance(&f, s, (uint8_t)text.p[i]);
        advance(&f, s, AUTOMATON_END);
}
