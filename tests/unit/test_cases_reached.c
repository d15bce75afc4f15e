/* SPDX-License-Identifier: Apache-2.0 */

/* Which records are in reach, and how many customers they are about. */

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>

#include "monitor/base/macros.h"
#include "monitor/cases/reached.h"

static struct arena *arena;
static struct reached *reached;
static struct reached_sum sum;
static unsigned ids;

static void begin(void)
{
        static const struct str who[] = { { "K-7", 3 }, { "Mia", 3 }, { "203.0.113.9", 11 } };

        arena = arena_new();
        cr_assert_eq(reached_new(who, ARRAY_LEN(who), USEC_NONE, USEC_NONE, &reached), 0);
}

static void end(void)
{
        reached = reached_free(reached);
        arena = arena_free(arena);
}

TestSuite(cases_reached, .init = begin, .fini = end);

/* Pairs of a field and a value, NULL behind the last. */
static int take_as(const char *id, const char *source, usec time, const char *const *pairs)
{
        struct record r = { .source = source, .file = "-", .time = time, .id = arena_dup(arena, str_of(id)), .arena = arena };

        r.slots = arena_array(arena, _ECS_MAX, sizeof *r.slots);
        r.n_slots = _ECS_MAX;
        for (; *pairs; pairs += 2) {
                enum ecs field = ecs_find(str_of(pairs[0]));

                cr_assert_neq(field, _ECS_MAX, "%s", pairs[0]);
                r.slots[field].is_present = true;
                cr_assert_eq(slot_add(&r.slots[field], arena, VALUE_STRING, str_of(pairs[1])), 0);
        }
        return reached_take(reached, &r);
}

static int take_at(usec time, const char *const *pairs)
{
        char id[32];

        snprintf(id, sizeof id, "r%u", ids++);
        return take_as(id, "shop", time, pairs);
}

#define TAKE_RECORD(...) take_at(1000, (const char *const[]){ __VA_ARGS__, NULL })

static void look(void)
{
        reached_sum(reached, &sum);
}

Test(cases_reached, by_person_account_key_and_address)
{
        cr_expect_eq(TAKE_RECORD("shopbell.key_id", "k-7"), 1);
        cr_expect_eq(TAKE_RECORD("shopbell.person", "mia"), 1);
        cr_expect_eq(TAKE_RECORD("user.name", "MIA"), 1);
        cr_expect_eq(TAKE_RECORD("source.ip", "203.0.113.9"), 1);
        cr_expect_eq(TAKE_RECORD("source.ip", "203.0.113.90"), 0);
        cr_expect_eq(TAKE_RECORD("user.target.name", "mia"), 0, "to whom it was done is not who did it");
        cr_expect_eq(TAKE_RECORD("user.name", "-"), 0);
        look();
        cr_expect_eq(sum.looked_at, 7);
        cr_expect_eq(sum.records, 4);
}

Test(cases_reached, customers_once_however_they_are_written)
{
        TAKE_RECORD("shopbell.key_id", "k-7", "shopbell.customer", "4711", "shopbell.customer.country", "KR");
        TAKE_RECORD("shopbell.key_id", "k-7", "shopbell.customer", "4711", "shopbell.object", "/customers/9999");
        TAKE_RECORD("shopbell.key_id", "k-7", "shopbell.object", "/rest/V1/customers/4711/addresses?page=2");
        TAKE_RECORD("shopbell.key_id", "k-7", "shopbell.object", "gid://shopify/Customer/4712");
        TAKE_RECORD("shopbell.key_id", "k-7", "shopbell.object", "4713", "shopbell.object_type", "Contact");
        TAKE_RECORD("shopbell.key_id", "k-7", "shopbell.object", "/customers/search");
        TAKE_RECORD("shopbell.key_id", "k-7", "shopbell.object", "/admin/orders/1001");
        TAKE_RECORD("shopbell.key_id", "k-7", "shopbell.customer", "4714", "event.outcome", "failure");
        TAKE_RECORD("shopbell.key_id", "other", "shopbell.customer", "4715");
        cr_assert_eq(take_as("g", "google-ads-users", 1000, (const char *const[]){ "user.name", "mia", "shopbell.object", "customers/1234567890/x/1", NULL }), 1);
        look();
        cr_expect_eq(headcount_all(sum.customers), 3, "%llu", (unsigned long long)headcount_all(sum.customers));
        cr_expect_eq(headcount_all(sum.orders), 1);
        cr_expect_eq(sum.records, 8);
        cr_expect_eq(sum.refused, 1);
        cr_expect_eq(reached_people(reached), 3);
}

Test(cases_reached, exports_by_their_rows)
{
        TAKE_RECORD("user.name", "mia", "shopbell.class", "export", "shopbell.export.rows", "4200", "shopbell.object_type", "Customer");
        TAKE_RECORD("user.name", "mia", "shopbell.class", "export", "shopbell.export.rows", "9000", "shopbell.object", "products.csv");
        TAKE_RECORD("user.name", "mia", "shopbell.class", "export", "shopbell.object", "customers.csv");
        TAKE_RECORD("user.name", "mia", "shopbell.customer", "1");
        look();
        cr_expect_eq(sum.exports, 3);
        cr_expect_eq(sum.exports_unsaid, 1);
        cr_expect_eq(sum.rows, 13200);
        cr_expect_eq(reached_people(reached), 4200);
}

Test(cases_reached, the_same_record_counts_once)
{
        const char *const pairs[] = { "user.name", "mia", "shopbell.customer", "1", NULL };

        cr_expect_eq(take_as("a", "shop", 1000, pairs), 1);
        cr_expect_eq(take_as("a", "shop", 1000, pairs), 1);
        cr_expect_eq(take_as("a", "another", 1000, pairs), 1);
        look();
        cr_expect_eq(sum.records, 2);
        cr_expect_eq(sum.again, 1);
}

static int on_gap(void *userdata, usec from, usec to)
{
        strbuf_addf(userdata, "%lld-%lld ", (long long)(from / USEC_PER_DAY), (long long)(to / USEC_PER_DAY));
        return 0;
}

Test(cases_reached, times_ranges_and_gaps)
{
        CLEANUP(strbuf_done) struct strbuf gaps = STRBUF_INIT;
        static const char *const pairs[] = { "user.name", "mia", NULL }, *const others[] = { "user.name", "bo", NULL };
        const struct str who = STR("mia");

        reached = reached_free(reached);
        cr_assert_eq(reached_new(&who, 1, 10 * USEC_PER_DAY, 100 * USEC_PER_DAY, &reached), 0);
        take_at(9 * USEC_PER_DAY, pairs);
        take_at(20 * USEC_PER_DAY + 5, pairs);
        take_at(12 * USEC_PER_DAY, others);
        take_at(21 * USEC_PER_DAY, others);
        take_at(30 * USEC_PER_DAY, pairs);
        take_at(100 * USEC_PER_DAY, pairs);
        take_at(USEC_NONE, pairs);
        look();
        cr_expect_eq(sum.outside, 2);
        cr_expect_eq(sum.timeless, 1);
        cr_expect_eq(sum.seen_from, 12 * USEC_PER_DAY);
        cr_expect_eq(sum.first, 20 * USEC_PER_DAY + 5);
        cr_expect_eq(sum.last, 30 * USEC_PER_DAY);
        cr_assert_eq(reached_gaps(reached, on_gap, &gaps), 0);
        cr_expect_str_eq(gaps.p, "13-20 22-30 ");
}

Test(cases_reached, names_are_capped_and_counted)
{
        struct reached_value *names;
        size_t n, all;

        for (unsigned i = 0; i < REACHED_NAMED_MAX + 7; i++) {
                char text[32];

                snprintf(text, sizeof text, "o%u", i);
                TAKE_RECORD("user.name", "mia", "shopbell.object", text);
        }
        TAKE_RECORD("user.name", "mia", "shopbell.object", "o3");
        cr_assert_eq(reached_names(reached, REACHED_OBJECT, 2, arena, &names, &n, &all), 0);
        cr_assert_eq(n, 2);
        cr_expect_eq(all, REACHED_NAMED_MAX);
        cr_expect(str_eqz(names[0].text, "o3") && names[0].n == 2);
        look();
        cr_expect_eq(sum.named_cut[REACHED_OBJECT], 7);
        cr_expect_eq(headcount_all(sum.objects), REACHED_NAMED_MAX + 7);
}

Test(cases_reached, who_is_bounded)
{
        struct str who[REACHED_WHO_MAX + 1];
        struct reached *none = NULL;

        for (size_t i = 0; i < ARRAY_LEN(who); i++)
                who[i] = arena_printf(arena, "w%zu", i);
        cr_expect_eq(reached_new(who, ARRAY_LEN(who), USEC_NONE, USEC_NONE, &none), -E2BIG);
}
