/* SPDX-License-Identifier: Apache-2.0 */

/* The hash table against a plain array, with putting, replacing and removing mixed. */

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>

#include "monitor/base/map.h"

enum { KEYS = 3000, STEPS = 60000 };

static struct str key_of(unsigned i, char buf[16])
{
        int n = snprintf(buf, 16, "key-%u", i);

        return str_from(buf, (size_t)n);
}

/* Every key there once, and no other. */
static void expect_same(const struct map *m, int *const *want, const int *values)
{
        size_t n = 0, seen = 0, key_bytes = 0;

        for (unsigned i = 0; i < KEYS; i++) {
                char buf[16];
                struct str key = key_of(i, buf);

                cr_assert_eq(map_get(m, key), want[i], "%s", buf);
                n += want[i] != NULL;
                key_bytes += want[i] ? key.n + 1 : 0;
        }
        cr_assert_eq(map_count(m), n);
        cr_assert_geq(map_bytes(m), key_bytes + n * sizeof(void *));
        for (struct map_iter i = { 0 }; map_next(m, &i); seen++)
                cr_assert(i.value >= (const void *)values && i.key.n >= 5);
        cr_assert_eq(seen, n);
}

Test(base_map, does_what_an_array_does)
{
        static int values[KEYS];
        static int *want[KEYS];
        struct map m = MAP_INIT;
        unsigned random = 1;

        for (unsigned step = 0; step < STEPS; step++) {
                char buf[16];
                unsigned k;

                random = random * 1664525U + 1013904223U;
                k = (random >> 16) % KEYS;
                if (random >> 30 == 0 || (step > STEPS / 2 && random >> 31)) {
                        cr_assert_eq(map_remove(&m, key_of(k, buf)), want[k]);
                        want[k] = NULL;
                } else {
                        want[k] = &values[random % KEYS];
                        cr_assert_eq(map_put(&m, key_of(k, buf), want[k]), 0);
                }
                if (step % 10000 == 0)
                        expect_same(&m, want, values);
        }
        expect_same(&m, want, values);
        for (unsigned k = 0; k < KEYS; k++) {
                char buf[16];

                cr_assert_eq(map_remove(&m, key_of(k, buf)), want[k]);
                want[k] = NULL;
        }
        expect_same(&m, want, values);
        map_done(&m);
}

Test(base_map, copies_its_keys)
{
        struct map m = MAP_INIT;
        char key[] = "abc";
        int a = 1, b = 2;

        cr_expect_null(map_get(&m, STR("x")));
        cr_expect_null(map_remove(&m, STR("x")));
        cr_expect_eq(map_bytes(&m), 0);
        cr_expect_eq(map_put(&m, STR("x"), NULL), -EINVAL);
        cr_assert_eq(map_put(&m, str_of(key), &a), 0);
        cr_assert_eq(map_put(&m, STR(""), &b), 0);
        key[0] = 'X';
        cr_expect_eq(map_get(&m, STR("abc")), &a);
        cr_expect_null(map_get(&m, STR("Xbc")));
        cr_expect_eq(map_get(&m, STR_NONE), &b, "the empty key is a key");
        cr_expect_null(map_get(&m, STR("abc\0")));
        map_done(&m);
        cr_expect_eq(map_count(&m), 0);
        cr_expect_null(map_get(&m, STR("abc")));
}
