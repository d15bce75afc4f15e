/* SPDX-License-Identifier: Apache-2.0 */

#include <criterion/criterion.h>
#include <errno.h>

#include "monitor/cases/content.h"
#include "monitor/cases/event.h"

Test(cases_field, names_are_split)
{
        const struct case_field *f;
        struct str part;
        struct err err = { 0 };

        cr_assert_eq(case_field_split(STR("people.us-ca"), &f, &part, &err), 0);
        cr_assert_str_eq(f->name, "people");
        cr_assert(str_eqz(part, "us-ca"));
        cr_assert_eq(case_field_split(STR("data"), &f, &part, &err), 0);
        cr_assert_null(part.p);
        cr_assert_eq(case_field_split(STR("data.kr"), &f, &part, &err), -EBADMSG);
        cr_assert_eq(case_field_split(STR("people.K R"), &f, &part, &err), -EBADMSG);
        cr_assert_eq(case_field_split(STR("peopel"), &f, &part, &err), -ENOENT);
        cr_assert(strstr(err.text, "perhaps people"), "%s", err.text);
}

/* What is counted under a code that no law has would be lost to all of them. */
Test(cases_field, countries_are_those_there_are)
{
        const struct case_field *f;
        struct str part;
        struct err err = { 0 };

        cr_assert_eq(case_field_split(STR("people.uk"), &f, &part, &err), -EBADMSG);
        cr_assert(strstr(err.text, "perhaps gb"), "%s", err.text);
        cr_assert_eq(case_field_split(STR("people.zz-ca"), &f, &part, &err), -EBADMSG);
        cr_assert_eq(case_field_split(STR("risk.uk"), &f, &part, &err), -EBADMSG);
        cr_assert_eq(case_field_split(STR("risk.uk-gdpr"), &f, &part, &err), 0);
        cr_assert_eq(case_field_split(STR("people.gb"), &f, &part, &err), 0);
        cr_assert_eq(case_field_check(case_field_find(STR("seller")), STR("Korea"), &err), -EBADMSG);
        cr_assert(strstr(err.text, "perhaps kr"), "%s", err.text);
        cr_assert_eq(case_country_check(STR("us-ca"), &err), 0);
        cr_assert_eq(case_country_check(STR("xx"), &err), -EBADMSG);
        cr_assert_eq(case_country_check(STR(""), &err), -EBADMSG);
}

Test(cases_field, numbers_may_be_open)
{
        uint64_t least, most;
        bool is_open;

        cr_assert_eq(case_number(STR("33,700,000"), &least, &most, &is_open), 0);
        cr_assert(least == 33700000 && most == least && !is_open);
        cr_assert_eq(case_number(STR("at least 4536"), &least, &most, &is_open), 0);
        cr_assert(least == 4536 && most == UINT64_MAX && is_open);
        cr_assert_eq(case_number(STR(">=12"), &least, &most, &is_open), 0);
        cr_assert(least == 12 && is_open);
        cr_assert_eq(case_number(STR("1000 - 1300"), &least, &most, &is_open), 0);
        cr_assert(least == 1000 && most == 1300 && !is_open);
        for (size_t i = 0; i < 6; i++) {
                const char *bad[] = { "", "many", "-3", "12 or so", "20-10", "99999999999999999999999999" };

                cr_assert_eq(case_number(str_of(bad[i]), &least, &most, &is_open), -EBADMSG, "%s", bad[i]);
        }
}

Test(cases_field, values_are_of_their_kind)
{
        struct err err = { 0 };
        const struct {
                const char *field, *good, *bad;
        } rows[] = { { "people", "12", "a dozen" }, { "sensitive", "no", "maybe" }, { "seller", "kr", "Korea" }, { "data", "email, address", "email,,address" } };

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                const struct case_field *f = case_field_find(str_of(rows[i].field));

                cr_assert_eq(case_field_check(f, str_of(rows[i].good), &err), 0, "%s", rows[i].good);
                cr_assert_eq(case_field_check(f, str_of(rows[i].bad), &err), -EBADMSG, "%s", rows[i].bad);
        }
}

Test(cases_field, contents_name_fields_and_marks)
{
        size_t n, n_fields;
        const struct content *all = contents(&n);

        case_fields(&n_fields);
        for (size_t i = 0; i < n; i++)
                for (size_t j = 0; j < CONTENT_FIELDS_MAX && all[i].fields[j]; j++) {
                        const char *name = all[i].fields[j];

                        if (name[0] == '@')
                                cr_assert_neq(case_event_find(str_of(name + 1)), _EVENT_MAX, "%s: %s", all[i].id, name);
                        else
                                cr_assert_not_null(case_field_find(str_of(name)), "%s: %s", all[i].id, name);
                }
        for (size_t i = 0; i < n; i++)
                cr_assert_eq(content_find(str_of(all[i].id)), &all[i], "%s is there twice", all[i].id);
}

Test(cases_event, what_was_not_said_is_stood_in_for)
{
        usec at[_EVENT_MAX], got;

        for (int i = 0; i < _EVENT_MAX; i++)
                at[i] = USEC_NONE;
        cr_assert_eq(case_event_stand_in(at, EVENT_AWARE, &got), _EVENT_MAX);
        at[EVENT_SIGNAL] = 5;
        cr_assert(case_event_stand_in(at, EVENT_AWARE, &got) == EVENT_SIGNAL && got == 5);
        at[EVENT_GROUNDS] = 7;
        cr_assert(case_event_stand_in(at, EVENT_AWARE, &got) == EVENT_GROUNDS && got == 7);
        cr_assert(case_event_stand_in(at, EVENT_SIGNAL, &got) == EVENT_SIGNAL && got == 5);
        cr_assert_eq(case_event_stand_in(at, EVENT_TOLD_AUTHORITY, &got), _EVENT_MAX);
        cr_assert_eq(got, USEC_NONE);
}

Test(cases_event, what_comes_behind_it_stands_in_where_nothing_was_before)
{
        usec at[_EVENT_MAX], got;

        for (int i = 0; i < _EVENT_MAX; i++)
                at[i] = USEC_NONE;
        at[EVENT_TOLD_AUTHORITY] = 1;
        cr_assert_eq(case_event_stand_in(at, EVENT_SIGNAL, &got), _EVENT_MAX);
        cr_assert_eq(got, USEC_NONE);
        at[EVENT_ASSESSED] = 9;
        at[EVENT_AWARE] = 7;
        cr_assert(case_event_stand_in(at, EVENT_SIGNAL, &got) == EVENT_AWARE && got == 7);
        cr_assert(case_event_stand_in(at, EVENT_GROUNDS, &got) == EVENT_AWARE && got == 7);
        at[EVENT_ASSESSED] = 6;
        cr_assert(case_event_stand_in(at, EVENT_POSSIBLE, &got) == EVENT_ASSESSED && got == 6, "the earliest");
        at[EVENT_SIGNAL] = 5;
        cr_assert(case_event_stand_in(at, EVENT_GROUNDS, &got) == EVENT_SIGNAL && got == 5, "what was before goes first");
}
