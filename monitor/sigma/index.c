/* SPDX-License-Identifier: Apache-2.0 */

/* The tables of one field. All text in them is folded; a case-sensitive test is found by its folded word and then tried. */

#include "monitor/sigma/index.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "monitor/base/number.h"
#include "monitor/base/utf8.h"
#include "monitor/sigma/automaton.h"
#include "monitor/sigma/cidr_tree.h"
#include "monitor/sigma/test.h"

enum { WORDS_FEW = 2 };

struct exact {
        struct str text; /* absent: free */
        uint32_t hash;
        uint32_t test;
};

/* One order, sorted by number: those that hold for a value are a run at one end. */
struct numbers {
        uint32_t *tests;
        size_t n;
};

struct index {
        uint64_t number; /* that no other index of this process has or had */
        struct index_test *tests;
        size_t n;
        bool *is_tried; /* [test]: found is not enough */
        struct arena *arena; /* borrowed: of folded words */

        struct exact *exact; /* open addressing; some are equal but for case */
        size_t n_exact, exact_mask;
        uint64_t lengths; /* of exact texts: bit min(length, 63) */
        struct automaton *words; /* NULL: there are none, or few */
        struct automaton_word few[WORDS_FEW]; /* these are looked for one by one, which the C library does fast */
        size_t n_few;
        struct cidr_tree *networks;
        struct numbers numbers[_COMPARE_MAX];
        bool has_numbers;
};

/* ---- What a test is found by ---- */

/* The longest run of plain characters in a glob. */
static struct tokens plain_run(const struct pattern *p)
{
        struct tokens best = { NULL, 0 };

        for (size_t i = 0; i < p->n_segments; i++) {
                const struct segment *s = &p->segments[i];
                size_t from = 0;

                for (size_t k = 0; k <= s->n; k++) {
                        if (k < s->n && s->t[k] < TOKEN_ANY)
                                continue;
                        if (k - from > best.n)
                                best = (struct tokens){ (uint32_t *)s->t + from, k - from };
                        from = k + 1;
                }
        }
        return best;
}

enum index_way index_way(const struct test *t)
{
        switch (t->kind) {
        case TEST_PATTERN:
                if (t->pattern.kind == PATTERN_GLOB)
                        return plain_run(&t->pattern).n > 0 ? INDEX_PART : INDEX_NONE;
                return t->pattern.kind == PATTERN_EXACT ? INDEX_EXACT : INDEX_WORD;
        case TEST_CIDR: return INDEX_CIDR;
        case TEST_NUMBER: return INDEX_NUMBER;
        case TEST_REGEX:
        case TEST_TIME:
        case TEST_FIELDREF:
        case TEST_EXISTS:
        case TEST_NULL: break;
        }
        return INDEX_NONE;
}

size_t index_word_bytes(const struct test *t)
{
        return t->pattern.kind == PATTERN_GLOB ? plain_run(&t->pattern).n : t->pattern.literal.n;
}

/* ---- Building ---- */

/* The texts of a table belong to rules, so nobody who writes logs can choose them to collide; a plain hash will do. */
static uint32_t hash_text(struct str s)
{
        uint64_t h = s.n * UINT64_C(0x9E3779B97F4A7C15), word;

        while (s.n >= sizeof word) {
                memcpy(&word, s.p, sizeof word);
                h = (h ^ word) * UINT64_C(0xFF51AFD7ED558CCD);
                h ^= h >> 32;
                s = str_from(s.p + sizeof word, s.n - sizeof word);
        }
        word = 0;
        if (s.n > 0)
                memcpy(&word, s.p, s.n);
        h = (h ^ word) * UINT64_C(0xFF51AFD7ED558CCD);
        return (uint32_t)(h ^ h >> 32);
}

static int build_exact(struct index *x)
{
        size_t cap = 8, n = 0;

        for (size_t i = 0; i < x->n; i++)
                n += index_way(x->tests[i].test) == INDEX_EXACT;
        if (n == 0)
                return 0;
        while (cap < 2 * n)
                cap *= 2;
        x->exact = calloc(cap, sizeof *x->exact);
        if (!x->exact)
                return -ENOMEM;
        x->n_exact = n;
        x->exact_mask = cap - 1;
        for (size_t i = 0; i < x->n; i++) {
                const struct test *t = x->tests[i].test;
                struct exact e = { .test = (uint32_t)i };
                size_t at;

                if (index_way(t) != INDEX_EXACT)
                        continue;
                e.text = utf8_fold(x->arena, t->pattern.literal);
                if (!e.text.p)
                        return -ENOMEM;
                e.hash = hash_text(e.text);
                for (at = e.hash & x->exact_mask; x->exact[at].text.p; at = (at + 1) & x->exact_mask)
                        ;
                x->exact[at] = e;
                x->lengths |= UINT64_C(1) << size_min(e.text.n, 63);
        }
        return 0;
}

static struct str run_text(struct arena *arena, struct tokens run)
{
        CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT;
        struct str text;

        for (size_t i = 0; i < run.n; i++)
                utf8_append(&b, run.t[i]);
        text = strbuf_failed(&b) ? STR_NONE : arena_dup(arena, strbuf_str(&b));
        return text.p ? utf8_fold(arena, text) : text;
}

static int word_of(struct index *x, size_t i, struct automaton_word *ret)
{
        const struct pattern *p = &x->tests[i].test->pattern;

        *ret = (struct automaton_word){ .id = (uint32_t)i };
        if (p->kind == PATTERN_GLOB) {
                ret->text = run_text(x->arena, plain_run(p));
        } else {
                ret->text = utf8_fold(x->arena, p->literal);
                /* Nothing at all lies in every text, so also at its start. */
                ret->at_start = p->kind == PATTERN_PREFIX || ret->text.n == 0;
                ret->at_end = p->kind == PATTERN_SUFFIX && ret->text.n > 0;
        }
        return ret->text.p ? 0 : -ENOMEM;
}

static int build_words(struct index *x)
{
        struct automaton_word *words = calloc(x->n + 1, sizeof *words);
        size_t n = 0;
        int r = words ? 0 : -ENOMEM;

        for (size_t i = 0; i < x->n && r >= 0; i++) {
                enum index_way way = index_way(x->tests[i].test);

                if (way == INDEX_WORD || way == INDEX_PART)
                        r = word_of(x, i, &words[n++]);
        }
        if (r >= 0 && n > WORDS_FEW)
                r = automaton_build(words, n, &x->words);
        if (r >= 0 && n <= WORDS_FEW) {
                memcpy(x->few, words, n * sizeof *words);
                x->n_few = n;
        }
        free(words);
        return r;
}

static int build_networks(struct index *x)
{
        int r = 0;

        for (size_t i = 0; i < x->n && r >= 0; i++) {
                if (index_way(x->tests[i].test) != INDEX_CIDR)
                        continue;
                if (!x->networks && !(x->networks = cidr_tree_new()))
                        return -ENOMEM;
                r = cidr_tree_add(x->networks, &x->tests[i].test->cidr, (uint32_t)i);
        }
        return r;
}

static int by_number(const void *a, const void *b, void *userdata)
{
        const struct index *x = userdata;

        return number_cmp(x->tests[*(const uint32_t *)a].test->number, x->tests[*(const uint32_t *)b].test->number);
}

static int build_numbers(struct index *x)
{
        for (size_t i = 0; i < x->n; i++) {
                const struct test *t = x->tests[i].test;
                struct numbers *numbers = &x->numbers[t->compare];

                if (index_way(t) != INDEX_NUMBER)
                        continue;
                if (!numbers->tests && !(numbers->tests = calloc(x->n, sizeof *numbers->tests)))
                        return -ENOMEM;
                numbers->tests[numbers->n++] = (uint32_t)i;
                x->has_numbers = true;
        }
        for (size_t c = 0; c < _COMPARE_MAX; c++)
                if (x->numbers[c].n > 1)
                        qsort_r(x->numbers[c].tests, x->numbers[c].n, sizeof(uint32_t), by_number, x);
        return 0;
}

static uint64_t next_number(void)
{
        static _Atomic uint64_t last;

        return atomic_fetch_add(&last, 1) + 1;
}

int index_build(struct arena *arena, const struct index_test *tests, size_t n, struct index **ret)
{
        CLEANUP(index_freep) struct index *x = calloc(1, sizeof *x);
        int r;

        if (!x)
                return -ENOMEM;
        x->number = next_number();
        x->arena = arena;
        x->tests = calloc(n + 1, sizeof *x->tests);
        x->is_tried = calloc(n + 1, sizeof *x->is_tried);
        if (!x->tests || !x->is_tried)
                return -ENOMEM;
        memcpy(x->tests, tests, n * sizeof *tests);
        x->n = n;
        for (size_t i = 0; i < n; i++)
                x->is_tried[i] = tests[i].test->kind == TEST_PATTERN &&
                                 (tests[i].test->is_cased || tests[i].test->pattern.kind == PATTERN_GLOB);
        r = build_exact(x);
        if (r >= 0)
                r = build_words(x);
        if (r >= 0)
                r = build_networks(x);
        if (r >= 0)
                r = build_numbers(x);
        if (r < 0)
                return r;
        *ret = TAKE(x);
        return 0;
}

struct index *index_free(struct index *x)
{
        if (!x)
                return NULL;
        for (size_t c = 0; c < _COMPARE_MAX; c++)
                free(x->numbers[c].tests);
        automaton_free(x->words);
        cidr_tree_free(x->networks);
        free(x->exact);
        free(x->is_tried);
        free(x->tests);
        free(x);
        return NULL;
}

size_t index_bytes(const struct index *x)
{
        size_t n = 0;

        if (!x)
                return 0;
        n = sizeof *x + x->n * (sizeof *x->tests + sizeof *x->is_tried);

        if (x->exact)
                n += (x->exact_mask + 1) * sizeof *x->exact;
        for (size_t c = 0; c < _COMPARE_MAX; c++)
                n += x->numbers[c].n * sizeof(uint32_t);
        return n + (x->words ? automaton_bytes(x->words) : 0) + (x->networks ? cidr_tree_bytes(x->networks) : 0);
}

size_t index_words(const struct index *x)
{
        return x->words ? automaton_words(x->words) : 0;
}

/* ---- Finding ---- */

struct finder {
        const struct index *x;
        struct value *value;
        struct arena *arena;
        index_fn *found;
        void *userdata;
        uint32_t ids[MEMO_IDS]; /* those found for the value, */
        size_t n_ids; /* as many as there is room for; more: too many to keep */
};

static void tell(void *userdata, uint32_t test)
{
        struct finder *f = userdata;
        const struct index_test *t = &f->x->tests[test];

        if (f->x->is_tried[test] && !test_pattern(t->test, f->value, f->arena))
                return;
        if (f->n_ids < MEMO_IDS)
                f->ids[f->n_ids] = t->id;
        f->n_ids++;
        f->found(f->userdata, t->id);
}

static void find_few(struct finder *f, struct str text)
{
        for (size_t i = 0; i < f->x->n_few; i++) {
                const struct automaton_word *w = &f->x->few[i];

                if (w->at_start ? str_starts(text, w->text)
                    : w->at_end ? str_ends(text, w->text)
                                : str_find(text, w->text) != SIZE_MAX)
                        tell(f, w->id);
        }
}

static void find_exact(struct finder *f, struct str text)
{
        const struct index *x = f->x;
        uint32_t hash;

        if (!(x->lengths >> size_min(text.n, 63) & 1))
                return;
        hash = hash_text(text);
        for (size_t at = hash & x->exact_mask; x->exact[at].text.p; at = (at + 1) & x->exact_mask)
                if (x->exact[at].hash == hash && str_eq(x->exact[at].text, text))
                        tell(f, x->exact[at].test);
}

/* How many of the sorted numbers are less than the value, or with `or_equal` at most as great. */
static size_t count_below(const struct index *x, const struct numbers *numbers, struct str value, bool or_equal)
{
        size_t from = 0, to = numbers->n;

        while (from < to) {
                size_t middle = from + (to - from) / 2;
                int order = number_cmp(x->tests[numbers->tests[middle]].test->number, value);

                if (order < 0 || (order == 0 && or_equal))
                        from = middle + 1;
                else
                        to = middle;
        }
        return from;
}

static void find_numbers(struct finder *f)
{
        struct str value = test_number(f->value);

        if (!value.p)
                return;
        for (int c = 0; c < _COMPARE_MAX; c++) {
                const struct numbers *numbers = &f->x->numbers[c];
                size_t from = 0, to = numbers->n;

                if (numbers->n == 0)
                        continue;
                if (c == COMPARE_LT || c == COMPARE_LTE || c == COMPARE_EQ) /* the value is less: those above it */
                        from = count_below(f->x, numbers, value, c == COMPARE_LT);
                if (c == COMPARE_GT || c == COMPARE_GTE || c == COMPARE_EQ)
                        to = count_below(f->x, numbers, value, c != COMPARE_GT);
                for (; from < to; from++)
                        tell(f, numbers->tests[from]);
        }
}

/* A new mark; when they run out, all begin again. */
static uint32_t next_mark(struct index_marks *marks)
{
        if (++marks->last == 0) {
                memset(marks->seen, 0, marks->n * sizeof *marks->seen);
                marks->last = 1;
        }
        return marks->last;
}

/* False: out of memory, so that tests may be missing. */
static bool find_value(struct finder *f, struct index_marks *marks)
{
        const struct index *x = f->x;
        struct str text;
        bool is_whole = true;

        if (x->n_exact > 0 || x->words || x->n_few > 0) {
                text = value_folded(f->value, f->arena);
                is_whole = text.p != NULL;
                if (text.p && x->n_exact > 0)
                        find_exact(f, text);
                if (text.p && x->n_few > 0)
                        find_few(f, text);
                if (text.p && x->words)
                        automaton_find(x->words, text, marks->seen, next_mark(marks), tell, f);
        }
        if (x->networks)
                cidr_tree_find(x->networks, value_scalar(f->value), tell, f);
        if (x->has_numbers)
                find_numbers(f);
        return is_whole;
}

/* Of a string the tests that hold depend on its text alone. */
static void find_string(struct finder *f, struct index_marks *marks, struct memo *memo)
{
        struct str text = f->value->text;
        struct memo_ids known;

        if (memo_get(memo, f->x->number, text, &known)) {
                for (size_t i = 0; i < known.n; i++)
                        f->found(f->userdata, known.ids[i]);
                return;
        }
        f->n_ids = 0;
        if (find_value(f, marks))
                memo_put(memo, f->x->number, text, f->ids, f->n_ids);
}

void index_find(const struct index *x, struct value *first, struct arena *arena, struct index_marks *marks,
                struct memo *memo, index_fn *found, void *userdata)
{
        struct finder f; /* its ids are not cleared: that would be most of the work */

        f.x = x;
        f.arena = arena;
        f.found = found;
        f.userdata = userdata;
        f.n_ids = 0;
        for (f.value = first; f.value; f.value = f.value->next)
                if (f.value->kind == VALUE_STRING)
                        find_string(&f, marks, memo);
                else
                        find_value(&f, marks);
}
