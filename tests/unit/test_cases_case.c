/* SPDX-License-Identifier: Apache-2.0 */

/* What entries come to: marks put, moved and taken back, fields and their parts, decisions, holds. */

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>

#include "monitor/cases/case.h"

#pragma GCC diagnostic ignored "-Wmissing-field-initializers" /* rows end where nothing more is said */

enum { ENTRIES_MAX = 64 };

struct said {
        const char *kind, *key, *value, *status;
        bool is_sealed, is_value_sealed;
};

static struct arena *arena;
static struct store_case_entry entries[ENTRIES_MAX];

static void setup(void)
{
        arena = arena_new();
}

static void teardown(void)
{
        arena_free(arena);
}

TestSuite(casefile, .init = setup, .fini = teardown);

static struct casefile read_said(const struct said *said, size_t n)
{
        struct casefile c;

        cr_assert_leq(n, ENTRIES_MAX);
        for (size_t i = 0; i < n; i++)
                entries[i] = (struct store_case_entry){
                        .seq = (int64_t)i + 1,
                        .case_id = 5,
                        .at = 100 + (usec)i,
                        .kind = str_of(said[i].kind),
                        .key = str_of(said[i].key ? said[i].key : ""),
                        .value = str_of(said[i].value ? said[i].value : ""),
                        .status = str_of(said[i].status ? said[i].status : ""),
                        .is_sealed = said[i].is_sealed,
                        .is_value_sealed = said[i].is_value_sealed,
                };
        cr_assert_eq(casefile_of(entries, n, arena, &c), 0);
        return c;
}

#define READ(...)                                                                 \
        read_said((const struct said[]){ { "opened", .value = "T" }, __VA_ARGS__ }, \
                  ARRAY_LEN(((const struct said[]){ { "opened", .value = "T" }, __VA_ARGS__ })))

static void expect_value(const struct casefile *c, const char *field, const char *part, const char *value, enum field_status status)
{
        const struct case_value *v = casefile_value(c, str_of(field), part ? str_of(part) : STR_NONE);

        cr_assert_not_null(v, "%s.%s", field, part);
        cr_expect(str_eqz(v->value, value), "%s.%s is " STR_FMT, field, part, STR_ARG(v->value));
        cr_expect_eq(v->status, status, "%s", field);
}

Test(casefile, kinds_have_names)
{
        for (int i = 0; i < _CASE_KIND_MAX; i++)
                cr_expect_eq(case_kind_find(str_of(case_kind_name((enum case_kind)i))), i);
        cr_expect_eq(case_kind_find(STR("erased")), _CASE_KIND_MAX);
        cr_expect_eq(case_kind_find(STR("")), _CASE_KIND_MAX);
}

Test(casefile, moments)
{
        struct str zone;
        usec at = 0;

        cr_expect_eq(case_moment(STR("1789000000000000 Asia/Seoul"), &at, &zone), 0);
        cr_expect(at == 1789000000000000 && str_eqz(zone, "Asia/Seoul"));
        cr_expect_eq(case_moment(STR("-5"), &at, &zone), 0);
        cr_expect(at == -5 && str_eqz(zone, ""));
        cr_expect_eq(case_moment(STR(""), &at, &zone), -EBADMSG);
        cr_expect_eq(case_moment(STR("soon"), &at, &zone), -EBADMSG);
        cr_expect_eq(case_moment(STR("-9223372036854775808 UTC"), &at, &zone), -EBADMSG, "that is no time");
}

Test(casefile, it_begins_open)
{
        struct casefile c = READ({ "note", .value = "x" });

        cr_expect(c.id == 5 && str_eqz(c.title, "T") && c.opened_at == 100 && casefile_is_open(&c) && c.n_entries == 2);
        cr_expect(c.n_marks + c.n_values + c.n_alerts + c.n_decisions + c.n_unread + c.n_sealed == 0);
        cr_expect(c.hold_from == USEC_NONE && c.hold_to == USEC_NONE && !c.is_reviewed);
        c = READ({ "closed" });
        cr_expect_eq(c.closed_at, 101);
        c = READ({ "closed" }, { "reopened" });
        cr_expect(casefile_is_open(&c));
}

Test(casefile, marks_move_and_are_taken_back)
{
        struct casefile c = READ({ "mark", "aware", "70 Asia/Seoul" }, { "mark", "signal", "50 UTC" }, { "mark", "aware", "60 Asia/Tokyo" },
                                 { "mark", "aware/kr-pipa", "65 Asia/Seoul" }, { "mark", "possible", "55 UTC" }, { "mark", "possible", "" },
                                 { "done", "kr-pipa/authority", "90 UTC" });

        cr_assert_eq(c.n_marks, 4);
        cr_expect_eq(c.marks[0].event, EVENT_SIGNAL);
        cr_expect(c.marks[1].event == EVENT_AWARE && c.marks[1].regime.n == 0 && c.marks[1].at == 60 && str_eqz(c.marks[1].zone, "Asia/Tokyo"));
        cr_expect_eq(c.marks[1].entry, &entries[3], "who moved it");
        cr_expect(c.marks[2].event == EVENT_AWARE && str_eqz(c.marks[2].regime, "kr-pipa") && c.marks[2].at == 65);
        cr_expect(c.marks[3].event == _EVENT_MAX && str_eqz(c.marks[3].duty, "authority"));
        cr_expect_eq(casefile_mark(&c, EVENT_AWARE, STR("kr-pipa"))->at, 65);
        cr_expect_eq(casefile_mark(&c, EVENT_AWARE, STR("sg-pdpa"))->at, 60);
        cr_expect_eq(casefile_mark(&c, EVENT_AWARE, STR_NONE)->at, 60);
        cr_expect_null(casefile_mark(&c, EVENT_POSSIBLE, STR_NONE));
        c = READ({ "mark", "aware", "" }, { "mark", "aware", "8" }, { "done", "a/b", "9" }, { "done", "a/b", "" });
        cr_expect(c.n_marks == 1 && c.marks[0].at == 8 && c.n_unread == 0);
}

Test(casefile, fields_are_set_by_part)
{
        struct casefile c = READ({ "set", "people.kr", "1200", "confirmed" }, { "set", "data", "email", "confirmed" }, { "set", "people", "9", "estimated" },
                                 { "set", "data", "email,address", "estimated" }, { "set", "people.cn", "7", "confirmed" },
                                 { "set", "seller", "kr", "confirmed" }, { "set", "seller", "" }, { "set", "cause", "", "unknown" });

        cr_assert_eq(c.n_values, 5);
        cr_expect_str_eq(c.values[0].field->name, "cause", "in the order of the list");
        cr_expect_str_eq(c.values[1].field->name, "data");
        cr_expect(c.values[2].part.n == 0 && str_eqz(c.values[3].part, "cn") && str_eqz(c.values[4].part, "kr"));
        expect_value(&c, "people", "kr", "1200", FIELD_CONFIRMED);
        expect_value(&c, "people", NULL, "9", FIELD_ESTIMATED);
        expect_value(&c, "data", NULL, "email,address", FIELD_ESTIMATED);
        expect_value(&c, "cause", NULL, "", FIELD_UNKNOWN);
        cr_expect_null(casefile_value(&c, STR("seller"), STR_NONE));
        cr_expect_null(casefile_value(&c, STR("people"), STR("jp")));
        cr_expect_eq(c.n_unread, 0);
}

Test(casefile, numbers_as_clocks_have_them)
{
        struct casefile c = READ({ "set", "people.kr", "900", "confirmed" }, { "set", "people.sg", "400-499", "confirmed" }, { "set", "people.jp", "900", "estimated" },
                                 { "set", "people.th", "400-499", "estimated" }, { "set", "people.my", "at least 5", "confirmed" });
        struct deadline_case clock;

        cr_assert_eq(casefile_clock(&c, arena, &clock), 0);
        cr_expect(str_eqz(facts_get(&clock.facts, STR("people.kr")), "900"));
        cr_expect(str_eqz(facts_get(&clock.facts, STR("people.sg")), "400-499"), "a range that is confirmed has an end");
        cr_expect(str_eqz(facts_get(&clock.facts, STR("people.jp")), ">=900"));
        cr_expect(str_eqz(facts_get(&clock.facts, STR("people.th")), ">=400"));
        cr_expect(str_eqz(facts_get(&clock.facts, STR("people.my")), ">=5"));
}

Test(casefile, what_people_decided)
{
        struct casefile c = READ({ "regime", "kr-pipa", "yes" }, { "regime", "sg-pdpa", "no" }, { "regime", "my-pdpa", "yes" }, { "regime", "my-pdpa", "" },
                                 { "regime", "sg-pdpa", "yes" });

        cr_assert_eq(c.n_decisions, 2);
        cr_expect(str_eqz(c.decisions[0].regime, "kr-pipa") && c.decisions[0].applies);
        cr_expect(str_eqz(c.decisions[1].regime, "sg-pdpa") && c.decisions[1].applies && c.decisions[1].entry == &entries[5]);
}

Test(casefile, alerts_holds_and_reviews)
{
        struct casefile c = READ({ "alert", "0123456789abcdef0123456789abcdef" }, { "alert", "0123456789abcdef0123456789abcdef" },
                                 { "alert", "ffff6789abcdef0123456789abcdefff" }, { "hold", "40 60" }, { "hold", "20 50" }, { "reach", "store" },
                                 { "reviewed" });

        cr_expect(c.n_alerts == 2 && c.hold_from == 20 && c.hold_to == 60 && c.is_reviewed && c.n_unread == 0);
        c = READ({ "reviewed" }, { "reach", "/var/log/a" });
        cr_expect(!c.is_reviewed, "there is more since");
        cr_expect(c.reach_from == USEC_NONE && c.reach_to == USEC_NONE);
        c = READ({ "reach", "store", "people 3\nrange - -\nseen 30 50\nacts 31 32" }, { "reach", "store, logs", "range 20 -\nseen 25 40" },
                 { "reach", "import", "people 9\nrows 9" }, { "reach", "store", "range - -\nseen - -" }, { "reach", "store", "range x 5 7\nseen 9" });
        cr_expect(c.reach_from == 20 && c.reach_to == 50, "%lld %lld", (long long)c.reach_from, (long long)c.reach_to);
}

Test(casefile, what_is_not_known_is_counted)
{
        struct casefile c = READ({ "erased" }, { "alert", "zz" }, { "mark", "wondered", "5 UTC" }, { "mark", "aware", "noon" }, { "set", "horoscope", "x" },
                                 { "set", "data.kr", "x" }, { "regime", "kr-pipa", "maybe" }, { "hold", "5" }, { "done", "kr-pipa", "5" },
                                 { "regime", "", "yes" });

        cr_expect_eq(c.n_unread, 10);
        cr_expect_eq(c.n_marks + c.n_values + c.n_alerts + c.n_decisions, 0);
}

Test(casefile, what_lies_in_a_box)
{
        struct casefile c = READ({ "mark", "aware", "5 UTC", .is_sealed = true }, { "set", "narrative", "", "confirmed", true, true },
                                 { "note", .is_sealed = true, .is_value_sealed = true });
        const struct case_value *v = casefile_value(&c, STR("narrative"), STR_NONE);

        cr_assert_not_null(v, "it is said, only not what");
        cr_expect_null(v->value.p);
        cr_expect_eq(c.n_marks, 1);
        cr_expect_eq(c.n_unread, 2);
        cr_expect_eq(c.n_sealed, 3);
}
