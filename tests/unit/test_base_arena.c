/* SPDX-License-Identifier: Apache-2.0 */

/* The arena: alignment, zeroes, what a reset keeps, and every allocation failing once. */

#include <criterion/criterion.h>
#include <string.h>
#include <stdint.h>
#include <stdlib.h>

#include "monitor/base/arena.h"

static const size_t sizes[] = { 0,
                                1,
                                15,
                                16,
                                17,
                                1000,
                                ARENA_BLOCK_BYTES / 4 - 1,
                                ARENA_BLOCK_BYTES / 4,
                                ARENA_BLOCK_BYTES,
                                ARENA_BLOCK_BYTES + 1,
                                1000000,
                                3 };

Test(base_arena, pieces_are_zeroed_aligned_and_apart)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        unsigned char *pieces[ARRAY_LEN(sizes) * 20];

        for (size_t round = 0; round < 2; round++) {
                for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
                        size_t n = sizes[i % ARRAY_LEN(sizes)];

                        pieces[i] = arena_alloc(arena, n);
                        cr_assert_not_null(pieces[i]);
                        cr_assert_eq((uintptr_t)pieces[i] % ARENA_ALIGN, 0);
                        for (size_t k = 0; k < n; k++)
                                cr_assert_eq(pieces[i][k], 0);
                        memset(pieces[i], (int)(i % 251 + 1), n);
                }
                for (size_t i = 0; i < ARRAY_LEN(pieces); i++)
                        for (size_t k = 0; k < sizes[i % ARRAY_LEN(sizes)]; k++)
                                cr_assert_eq(pieces[i][k], i % 251 + 1, "piece %zu was overwritten", i);
                arena_reset(arena);
        }
}

Test(base_arena, a_reset_keeps_ordinary_blocks_up_to_a_cap)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        size_t held;

        arena_alloc(arena, 2 * ARENA_SPARE_LARGE_BYTES_MAX); /* a very large piece is given back */
        for (int i = 0; i < 10000; i++)
                arena_alloc(arena, 100);
        cr_expect_geq(arena_held(arena), arena_used(arena));
        arena_reset(arena);
        held = arena_held(arena);
        cr_expect_eq(arena_used(arena), 0);
        cr_expect(held >= 10000 * 100 && held < 2000000, "%zu", held);
        for (int i = 0; i < 10000; i++) {
                const char *p = arena_alloc(arena, 100);

                cr_assert(p[0] == 0 && p[99] == 0, "what was written before must not show");
                memset((char *)p, 'x', 100);
        }
        cr_expect_eq(arena_held(arena), held, "nothing new was needed");
        for (size_t i = 0; i < 2 * ARENA_SPARE_MAX; i++)
                for (size_t k = 0; k < 8; k++)
                        arena_alloc(arena, ARENA_BLOCK_BYTES / 8);
        arena_reset(arena);
        cr_expect_leq(arena_held(arena), ARENA_SPARE_MAX * (ARENA_BLOCK_BYTES + 64));
}

Test(base_arena, a_reset_keeps_some_large_blocks)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        const size_t n = 5 * ARENA_BLOCK_BYTES;
        char *first = arena_alloc(arena, n);
        size_t held;

        memset(first, 'x', n);
        held = arena_held(arena);
        for (size_t i = 1; i < 2 * ARENA_SPARE_LARGE_MAX; i++)
                arena_alloc(arena, n);
        arena_reset(arena);
        cr_expect_leq(arena_held(arena), ARENA_SPARE_LARGE_MAX * (n + 64));
        cr_expect_geq(arena_held(arena), held);
        held = arena_held(arena);
        for (size_t i = 0; i < ARENA_SPARE_LARGE_MAX; i++) {
                const char *p = arena_alloc(arena, n - 100 * i);

                for (size_t k = 0; k < n - 100 * i; k += 1000)
                        cr_assert_eq(p[k], 0, "what was written before must not show");
        }
        cr_expect_eq(arena_held(arena), held, "nothing new was needed");
        arena_alloc(arena, ARENA_BLOCK_BYTES + 1);
        cr_expect_gt(arena_held(arena), held);
}

Test(base_arena, arrays_do_not_overflow)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();

        cr_expect_null(arena_array(arena, SIZE_MAX / 2, 3));
        cr_expect_null(arena_alloc(arena, SIZE_MAX));
        cr_expect_null(arena_alloc(arena, SIZE_MAX - 31));
        cr_expect_null(arena_dup(arena, str_from("", SIZE_MAX)).p);
        cr_expect_not_null(arena_array(arena, 0, 3));
        cr_expect_not_null(arena_array(arena, 7, 3));
}

Test(base_arena, copies_text)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct str s = arena_dup(arena, str_from("a\0bcd", 4));

        cr_expect(str_eq(s, STR("a\0bc")));
        cr_expect_eq(s.p[4], '\0');
        cr_expect_null(arena_dup(arena, STR_NONE).p);
        cr_expect_not_null(arena_dup(arena, STR("")).p);
        s = arena_printf(arena, "%s-%05d", "x", 42);
        cr_expect(str_eqz(s, "x-00042"));
        cr_expect_eq(s.p[s.n], '\0');
}

/* Fails the allocation after `left` more, and counts what is held. */
struct failing {
        long left, held;
};

static void *failing_alloc(size_t n, void *userdata)
{
        struct failing *f = userdata;

        if (f->left-- <= 0)
                return NULL;
        f->held++;
        return malloc(n);
}

static void failing_release(void *p, void *userdata)
{
        struct failing *f = userdata;

        f->held--;
        free(p);
}

static bool use_arena(struct arena *arena)
{
        bool ok = true;

        for (int i = 0; i < 3; i++) {
                ok = arena_alloc(arena, ARENA_BLOCK_BYTES - 64) && ok;
                ok = arena_dup(arena, STR("text")).p && ok;
                ok = arena_printf(arena, "%070000d", 1).p && ok;
                arena_reset(arena);
        }
        return ok;
}

Test(base_arena, survives_each_allocation_failing)
{
        bool done = false;

        for (long n = 0; !done; n++) {
                struct failing f = { .left = n };
                struct arena_alloc alloc = { failing_alloc, failing_release, &f };
                struct arena *arena = arena_new_with(&alloc);

                cr_assert_lt(n, 100);
                cr_expect_eq(arena == NULL, n == 0);
                done = arena && use_arena(arena) && f.left >= 0;
                cr_expect_null(arena_free(arena));
                cr_expect_eq(f.held, 0, "leaked when allocation %ld failed", n);
        }
}
