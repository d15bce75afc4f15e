/* SPDX-License-Identifier: Apache-2.0 */

/* Records in words and in JSON. */

#include <criterion/criterion.h>

#include "monitor/model/render.h"

struct fixture {
        struct arena *arena;
        struct slot slots[_ECS_MAX + 1];
        struct record record;
};

static void fixture_init(struct fixture *f)
{
        *f = (struct fixture){ .arena = arena_new() };
        f->record = (struct record){ .slots = f->slots, .n_slots = _ECS_MAX, .file = "a.log", .index = 7, .time = 0 };
        slot_add(&f->slots[ECS_USER_NAME], f->arena, VALUE_STRING, STR("mia"));
        for (const char *ip = "1234"; *ip; ip++)
                slot_add(&f->slots[ECS_SOURCE_IP], f->arena, VALUE_STRING, arena_printf(f->arena, "192.0.2.%c", *ip));
}

static const struct {
        const char *pattern, *sentence;
} sentences[] = {
        { "{user.name} signed in", "mia signed in" },
        { "{user.email|user.name} signed in", "mia signed in" },
        { "{user.email} signed in", "someone signed in" },
        { "from {source.ip}", "from 192.0.2.1, 192.0.2.2, 192.0.2.3 and 1 more" },
        { "{count} times", "5 times" },
        { "{{braces} stay {", "{braces} stay {" },
        { "{shopbell.object} of {cloud.account.id}", "something of the account" },
        { "", "" },
};

Test(model_render, sentences_are_filled_in)
{
        struct render_extra extra[] = { { "count", STR("5") } };
        struct fixture f;

        fixture_init(&f);
        for (size_t i = 0; i < ARRAY_LEN(sentences); i++) {
                struct strbuf out = STRBUF_INIT;

                render_sentence(str_of(sentences[i].pattern), &f.record, extra, 1, &out);
                cr_expect(str_eqz(strbuf_str(&out), sentences[i].sentence), "%s gave '" STR_FMT "'", sentences[i].pattern,
                          STR_ARG(strbuf_str(&out)));
                strbuf_done(&out);
        }
        arena_free(f.arena);
}

Test(model_render, wrong_names_are_found_at_load)
{
        static const char *const extra[] = { "count", NULL };
        struct str bad = STR_NONE;

        cr_assert(render_check(STR("{user.name|user.email} {count}"), extra, &bad));
        cr_assert_not(render_check(STR("{user.name} {user.nmae}"), extra, &bad));
        cr_assert(str_eqz(bad, "user.nmae"));
        cr_assert_not(render_check(STR("{count}"), NULL, &bad));
}

Test(model_render, record_as_flat_json)
{
        struct strbuf out = STRBUF_INIT;
        struct str native[] = { STR("userIdentity.type") };
        struct fixture f;

        fixture_init(&f);
        slot_add(&f.slots[_ECS_MAX], f.arena, VALUE_STRING, STR("Ro\"ot\n"));
        f.record.n_slots = _ECS_MAX + 1;
        render_record_json(&f.record, native, &out);
        cr_assert_str_eq(out.p, "{\"@timestamp\":\"1970-01-01T00:00:00Z\",\"user.name\":\"mia\",\"source.ip\":[\"192.0.2.1\","
                                "\"192.0.2.2\",\"192.0.2.3\",\"192.0.2.4\"],\"shopbell.file\":\"a.log\",\"shopbell.index\":7,"
                                "\"userIdentity.type\":\"Ro\\\"ot\\n\"}");
        strbuf_done(&out);
        arena_free(f.arena);
}
