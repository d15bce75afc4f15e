/* SPDX-License-Identifier: Apache-2.0 */

/* JSON as a tree, and records as lists of names and values. */

#include <criterion/criterion.h>
#include <errno.h>

#include "parsers/flat.h"
#include "parsers/json.h"

static const struct {
        const char *text;
        int r;
} documents[] = {
        { "{}", 0 },
        { "[]", 0 },
        { "{\"a\":[1,2.5,-3e2,null,true,\"x\"],\"b\":{\"c\":{}}}", 0 },
        { " [ { } , { } ] ", 0 },
        { "", -EBADMSG },
        { "1", -EBADMSG },
        { "{", -EBADMSG },
        { "{}}", -EBADMSG },
        { "[]]", -EBADMSG },
        { "{\"a\"}", -EBADMSG },
        { "{\"a\":}", -EBADMSG },
        { "[{\"a\":}]", -EBADMSG },
        { "{\"a\":{}", -EBADMSG },
        { "{\"a\":1,}", -EBADMSG },
        { "[1 2]", -EBADMSG },
        { "[nul]", -EBADMSG },
        { "[01]", -EBADMSG },
        { "{} {}", -EBADMSG },
        { "{\"a\":1]", -EBADMSG },
        { "[\"\\x\"]", -EBADMSG },
};

Test(parsers_flat, documents_and_what_is_none)
{
        for (size_t i = 0; i < ARRAY_LEN(documents); i++) {
                struct arena *arena = arena_new();
                struct json_tree *tree;
                int r = json_tree_read(arena, str_of(documents[i].text), &tree);

                cr_expect_eq(r, documents[i].r, "%s gave %d", documents[i].text, r);
                arena_free(arena);
        }
}

Test(parsers_flat, too_deep_is_refused)
{
        struct arena *arena = arena_new();
        struct strbuf b = STRBUF_INIT;
        struct json_tree *tree;

        for (int i = 0; i < JSON_DEPTH_MAX + 1; i++)
                strbuf_addc(&b, '[');
        for (int i = 0; i < JSON_DEPTH_MAX + 1; i++)
                strbuf_addc(&b, ']');
        cr_expect_eq(json_tree_read(arena, strbuf_str(&b), &tree), -E2BIG);
        cr_expect_eq(json_tree_read(arena, str_from(b.p + 1, b.n - 2), &tree), 0);
        strbuf_done(&b);
        arena_free(arena);
}

/* "name=text|name=text" */
static void show(const struct flat *f, struct strbuf *out)
{
        for (size_t i = 0; i < f->n; i++)
                strbuf_addf(out, "%s" STR_FMT "=" STR_FMT, i ? "|" : "", STR_ARG(f->items[i].name), STR_ARG(f->items[i].text));
}

static void check(const char *text, const struct flat_shape *shape, const char *want)
{
        struct arena *arena = arena_new();
        struct flat f = { .arena = arena };
        struct strbuf got = STRBUF_INIT;
        struct json_tree *tree;

        cr_assert_eq(json_tree_read(arena, str_of(text), &tree), 0, "%s", text);
        cr_expect_eq(flat_json(&f, tree, shape), 0);
        show(&f, &got);
        cr_expect_str_eq(got.p ? got.p : "", want);
        strbuf_done(&got);
        arena_free(arena);
}

Test(parsers_flat, names_of_leaves)
{
        check("{\"a\":{\"b\":1,\"c\":[{\"d\":\"x\"},{\"d\":\"y\\n\"}]},\"e\":[],\"f\":null}", NULL, "a.b=1|a.c.d=x|a.c.d=y\n|e=[]|f=null");
}

Test(parsers_flat, names_and_values_json_in_text_and_one_element_of_a_list)
{
        static const struct str values[] = { { "value", 5 }, { "intValue", 8 } }, texts[] = { { "extra", 5 } };
        const struct flat_pairs pairs = { STR("events.parameters"), STR("name"), values, 2 };
        const struct flat_shape shape = { .pairs = &pairs, .n_pairs = 1, .texts = texts, .n_texts = 1, .each = STR("events"), .sub = 1 };

        check("{\"id\":7,\"events\":[{\"n\":\"first\"},{\"n\":\"second\",\"parameters\":[{\"name\":\"p\",\"value\":\"x\"},{\"name\":\"q\",\"intValue\":3},{\"other\":1}]}],"
              "\"extra\":\"{\\\"in\\\":{\\\"side\\\":true}}\"}",
              &shape, "id=7|events.n=second|events.parameters.p=x|events.parameters.q=3|events.parameters.other=1|extra={\"in\":{\"side\":true}}|extra.in.side=true");
        check("{\"extra\":\"{broken\"}", &shape, "extra={broken");
}
