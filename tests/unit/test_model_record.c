/* SPDX-License-Identifier: Apache-2.0 */

/* Values of a record: their texts, their caches, and what counts as "no value". */

#include <criterion/criterion.h>
#include <errno.h>

#include "monitor/model/record.h"

static const struct {
        const char *json, *compact;
} objects[] = {
        { "{ \"a\" : 1 ,\n \"b\" : [ true , null ] }", "{\"a\":1,\"b\":[true,null]}" },
        { "{\"a\": \"x y\"}", "{\"a\":\"x y\"}" },
        { "{\"a\": \"\\u0041\\/\\n\\u001f\\\"\"}", "{\"a\":\"A/\\n\\u001f\\\"\"}" },
        { "{\"a\": \"\\u00e9\\ud83d\\ude00\"}", "{\"a\":\"\xc3\xa9\xf0\x9f\x98\x80\"}" },
        { "{\"a\": \"\\ud83d\"}", "{\"a\":\"\xef\xbf\xbd\"}" },
        { "{\"a\": \"\\\\\"}", "{\"a\":\"\\\\\"}" },
        { "\"\\u\\u\\u\"", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
};

Test(model_record, object_text_is_compact_json)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();

        for (size_t i = 0; i < ARRAY_LEN(objects); i++) {
                struct value v = { .kind = VALUE_OBJECT, .text = str_of(objects[i].json) };
                struct str text = value_text(&v, arena);

                cr_expect(str_eqz(text, objects[i].compact), "%s gave " STR_FMT, objects[i].json, STR_ARG(text));
                cr_expect_eq(value_text(&v, arena).p, text.p, "made once");
        }
}

Test(model_record, texts_by_kind)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct value null = { .kind = VALUE_NULL, .text = STR("null") };
        struct value text = { .kind = VALUE_STRING, .text = STR("M\xc3\x9cLLER") };
        struct value object = { .kind = VALUE_OBJECT, .text = STR("{}") };

        cr_assert_null(value_text(&null, arena).p);
        cr_assert_null(value_scalar(&null).p);
        cr_assert_null(value_scalar(&object).p);
        cr_assert(str_eqz(value_folded(&text, arena), "m\xc3\xbcller"));
        cr_assert(str_eqz(value_scalar(&text), "M\xc3\x9cLLER"));
}

Test(model_record, slot_takes_values_in_order_up_to_its_cap)
{
        CLEANUP(arena_freep) struct arena *arena = arena_new();
        struct slot slot = { 0 };

        cr_assert_null(slot_text(&slot).p);
        cr_assert_eq(slot_add(&slot, arena, VALUE_NULL, STR("null")), 0);
        cr_assert_eq(slot_add(&slot, arena, VALUE_STRING, STR("a")), 0);
        cr_assert_eq(slot_add(&slot, arena, VALUE_NUMBER, STR("7")), 0);
        cr_assert_eq(slot.n, 3);
        cr_assert(str_eqz(slot_text(&slot), "a"));
        cr_assert(str_eqz(slot.last->text, "7"));
        slot.n = RECORD_VALUES_MAX;
        cr_assert_eq(slot_add(&slot, arena, VALUE_STRING, STR("b")), -E2BIG);
        cr_assert(str_eqz(slot.last->text, "7"));
}

Test(model_record, unknown_slots_are_absent)
{
        struct slot slots[_ECS_MAX] = { [ECS_USER_NAME] = { .is_present = true } };
        struct record r = { .slots = slots, .n_slots = _ECS_MAX };

        cr_assert_null(record_slot(&r, UINT32_MAX));
        cr_assert_null(record_slot(&r, ECS_USER_EMAIL));
        cr_assert_eq(record_slot(&r, ECS_USER_NAME), &slots[ECS_USER_NAME]);
}

Test(model_record, placeholders)
{
        static const char *const yes[] = { "", " ", "-", "NULL", "None", "n/a", "Not Available", "unknown", "Undefined" };
        static const char *const no[] = { "root", "0", "nullable", "unknown@example.com", "--" };

        for (size_t i = 0; i < ARRAY_LEN(yes); i++)
                cr_expect(value_is_placeholder(str_of(yes[i])), "'%s'", yes[i]);
        for (size_t i = 0; i < ARRAY_LEN(no); i++)
                cr_expect_not(value_is_placeholder(str_of(no[i])), "'%s'", no[i]);
}
