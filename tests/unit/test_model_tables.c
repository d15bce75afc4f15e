/* SPDX-License-Identifier: Apache-2.0 */

/* The tables of fields, classes, levels and counters: every row is whole and found by its name. */

#include <criterion/criterion.h>

#include "monitor/model/class.h"
#include "monitor/model/counter.h"
#include "monitor/model/ecs.h"
#include "monitor/model/logsource.h"

Test(model_tables, every_field_is_found_by_its_name)
{
        for (size_t i = 0; i < _ECS_MAX; i++) {
                const struct ecs_field *f = ecs_field((enum ecs)i);

                cr_assert(f->name && f->help);
                cr_expect_eq(ecs_find(str_of(f->name)), i, "%s", f->name);
        }
        cr_assert_eq(ecs_find(STR("user.nam")), _ECS_MAX);
        cr_assert_str_eq(ecs_nearest(STR("user.nmae")), "user.name");
        cr_assert_null(ecs_nearest(STR("something.else.entirely")));
}

Test(model_tables, classes_levels_counters)
{
        for (size_t i = 0; i < _CLASS_MAX; i++)
                cr_expect_eq(class_find(str_of(class_name((enum class)i))), i);
        cr_assert_eq(class_find(STR("logins")), _CLASS_MAX);
        for (size_t i = 0; i < _LEVEL_MAX; i++)
                cr_expect_eq(level_find(str_of(level_name((enum level)i))), i);
        cr_assert_eq(level_find(STR("High")), LEVEL_HIGH);
        for (size_t i = 0; i < _COUNTER_MAX; i++)
                cr_expect(counter_name((enum counter)i) && counter_help((enum counter)i));
}

static const struct {
        struct logsource rule, source;
        bool applies;
} pairs[] = {
        { { .product = STR("aws") }, { .product = STR("aws"), .service = STR("cloudtrail") }, true },
        { { .product = STR("aws"), .service = STR("CloudTrail") }, { .product = STR("aws"), .service = STR("cloudtrail") }, true },
        { { .product = STR("aws"), .category = STR("x") }, { .product = STR("aws"), .service = STR("cloudtrail") }, false },
        { { .product = STR("linux") }, { .product = STR("aws") }, false },
        { { 0 }, { .product = STR("aws") }, true },
};

Test(model_tables, a_rule_applies_when_all_it_names_is_equal)
{
        for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
                cr_expect_eq(logsource_applies(&pairs[i].rule, &pairs[i].source), pairs[i].applies, "%zu", i);
}
