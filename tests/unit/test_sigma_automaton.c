/* SPDX-License-Identifier: Apache-2.0 */

/* The automaton against looking for each word by itself, over random words of few letters, so that they overlap, begin alike
 * and end alike. */

#include <criterion/criterion.h>
#include <stdlib.h>

#include "monitor/sigma/automaton.h"

enum { WORDS_MAX = 60, WORD_BYTES_MAX = 6, TEXT_BYTES_MAX = 40, ROUNDS = 3000 };

static uint64_t state;

static unsigned pick(unsigned n)
{
        state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        return (unsigned)(state >> 33) % n;
}

static size_t random_text(char *to, size_t max, unsigned letters)
{
        size_t n = pick((unsigned)max + 1);

        for (size_t i = 0; i < n; i++)
                to[i] = (char)('a' + pick(letters));
        return n;
}

static bool lies_in(const struct automaton_word *w, struct str text)
{
        if (w->at_start && w->at_end)
                return str_eq(text, w->text);
        if (w->at_start)
                return str_starts(text, w->text);
        return w->at_end ? str_ends(text, w->text) : str_find(text, w->text) != SIZE_MAX;
}

static void count(void *userdata, uint32_t id)
{
        unsigned *counts = userdata;

        counts[id]++;
}

static void check_text(const struct automaton *a, const struct automaton_word *words, size_t n, struct str text,
                       uint32_t *seen, uint32_t mark, uint64_t seed)
{
        unsigned counts[WORDS_MAX] = { 0 };

        automaton_find(a, text, seen, mark, count, counts);
        for (size_t i = 0; i < n; i++)
                cr_assert_eq(counts[i], lies_in(&words[i], text), "seed %llu: word '%.*s'%s%s in '%.*s'",
                             (unsigned long long)seed, (int)words[i].text.n, words[i].text.p,
                             words[i].at_start ? " at start" : "", words[i].at_end ? " at end" : "", (int)text.n,
                             text.p);
}

static void check_round(uint64_t seed)
{
        char letters[WORDS_MAX][WORD_BYTES_MAX], text[TEXT_BYTES_MAX];
        struct automaton_word words[WORDS_MAX];
        struct automaton *a = NULL;
        size_t n = 1 + pick(WORDS_MAX - 1);
        unsigned kinds = pick(4) == 0 ? 26 : 2; /* 26: states with many children */
        uint32_t *seen;

        for (size_t i = 0; i < n; i++) {
                size_t length = random_text(letters[i], WORD_BYTES_MAX, kinds);

                words[i] = (struct automaton_word){ str_from(letters[i], length), pick(4) == 0, pick(4) == 0,
                                                    (uint32_t)i };
                words[i].at_start |= length == 0;
        }
        cr_assert_eq(automaton_build(words, n, &a), 0);
        cr_assert(automaton_words(a) <= n && automaton_bytes(a) > 0);
        seen = calloc(automaton_words(a), sizeof *seen);
        for (uint32_t mark = 1; mark <= 10; mark++)
                check_text(a, words, n, str_from(text, random_text(text, TEXT_BYTES_MAX, kinds)), seen, mark, seed);
        free(seen);
        automaton_free(a);
}

Test(sigma_automaton, finds_what_single_searches_find)
{
        for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
                state = seed;
                check_round(seed);
        }
}

/* Every word of a text of one letter ends everywhere; telling each again and again would take n * n. */
Test(sigma_automaton, a_word_is_told_once)
{
        enum { N = 1000, TEXT = 10 * 1000 * 1000 };
        struct automaton_word *words = calloc(N, sizeof *words);
        struct automaton *a = NULL;
        char *text = malloc(TEXT);
        unsigned *counts = calloc(N, sizeof *counts);
        uint32_t *seen = calloc(N, sizeof *seen);

        memset(text, 'a', TEXT);
        for (uint32_t i = 0; i < N; i++)
                words[i] = (struct automaton_word){ .text = str_from(text, i + 1), .id = i };
        cr_assert_eq(automaton_build(words, N, &a), 0);
        automaton_find(a, str_from(text, TEXT), seen, 1, count, counts);
        for (size_t i = 0; i < N; i++)
                cr_assert_eq(counts[i], 1);
        automaton_free(a);
        free(words);
        free(text);
        free(counts);
        free(seen);
}

Test(sigma_automaton, nothing)
{
        struct automaton *a = NULL;

        cr_assert_eq(automaton_build(NULL, 0, &a), 0);
        automaton_find(a, STR("abc"), NULL, 1, count, NULL);
        automaton_free(a);
}
