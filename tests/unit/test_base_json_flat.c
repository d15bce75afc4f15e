/* SPDX-License-Identifier: Apache-2.0 */

/* Flat objects are read back; what is none, or is cut off anywhere, is told. */

#include <criterion/criterion.h>
#include <errno.h>

#include "monitor/base/json_flat.h"

static const char text[] = "{\"a\":\"x\", \"b.c\":[\"1\",2,true] ,\"d\":-5.5,\"e\":null,\"f\":[],\"g\":\"\\\"q\\\\ \\u00e9\\ud83d\\ude00\\n\",\"h\":{\"i\":[1,\"}\"]},\"j\":[\"one\"]}";

Test(base_json_flat, values)
{
        static const struct {
                const char *key, *value;
        } all[] = { { "a", "x" }, { "b.c", "1, 2, true" }, { "d", "-5.5" }, { "f", "" }, { "g", "\"q\\ \xc3\xa9\xf0\x9f\x98\x80\n" }, { "h", "{\"i\":[1,\"}\"]}" },
                    { "j", "one" } };
        CLEANUP(arena_freep) struct arena *arena = arena_new();

        for (size_t i = 0; i < ARRAY_LEN(all); i++) {
                struct str v = json_flat_get(str_of(text), all[i].key, arena);

                cr_expect(v.p && str_eqz(v, all[i].value), "%s: " STR_FMT, all[i].key, STR_ARG(v));
        }
        cr_expect_null(json_flat_get(str_of(text), "e", arena).p);
        cr_expect_null(json_flat_get(str_of(text), "i", arena).p);
        cr_expect_null(json_flat_get(STR("{}"), "a", arena).p);
}

static int read_all(struct str s, struct arena *arena)
{
        struct str key, value;
        int r;

        while ((r = json_flat_next(&s, arena, &key, &value)) > 0)
                ;
        return r;
}

Test(base_json_flat, every_end)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();

        cr_expect_eq(read_all(str_of(text), arena), 0);
        cr_expect_eq(read_all(STR(" { } "), arena), 0);
        for (size_t n = 0; n < sizeof text - 1; n++) {
                char *cut = malloc(n + 1);

                cr_assert(cut);
                memcpy(cut, text, n);
                cr_expect_eq(read_all(str_from(cut, n), arena), -EBADMSG, "%zu bytes", n);
                free(cut);
        }
}

Test(base_json_flat, no_objects)
{
        static const char *const bad[] = { "[]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{\"a\":\"\\u12\"}", "{\"a\":1}x", "{\"a\":[1}" };
        CLEANUP(arena_freep) struct arena *arena = arena_new();

        for (size_t i = 0; i < ARRAY_LEN(bad); i++)
                cr_expect_eq(read_all(str_of(bad[i]), arena), -EBADMSG, "%s", bad[i]);
}

Test(base_json_flat, a_long_list_takes_no_more_than_its_length)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        CLEANUP(strbuf_done) struct strbuf list = STRBUF_INIT;
        enum { N = 20000 };

        strbuf_addz(&list, "{\"a\":[null");
        for (size_t i = 0; i < N; i++)
                strbuf_addz(&list, ",12");
        strbuf_addz(&list, "]}");
        cr_expect_eq(json_flat_get(strbuf_str(&list), "a", arena).n, 4 * N - 2);
        cr_expect_lt(arena_used(arena), 16 * N);
}
