/* SPDX-License-Identifier: Apache-2.0 */

/* What is forgotten at a cap: whose it is, and that it is told. */

#include <criterion/criterion.h>

#include "tests/unit/detect_record.h"

#define S USEC_PER_SEC
#define AT(seconds) (INT64_C(1700000000) * S + (usec)((seconds) * S))
#define LOSS "State forgotten at a limit"

#define RULES \
        "title: Failed\nname: failed\nlevel: informational\nshopbell.class: [login]\n" \
        "logsource: {product: shopbell, category: login}\ndetection: {s: {event.outcome: failure}, condition: s}\n" \
        "---\ntitle: Opened\nname: opened\nlevel: informational\nshopbell.class: [login]\n" \
        "logsource: {product: shopbell, category: login}\ndetection: {s: {event.outcome: success}, condition: s}\n" \
        "---\ntitle: Many\nid: many\nlevel: high\n" \
        "correlation: {type: event_count, rules: [failed], group-by: [source.ip], timespan: 1h, condition: {gte: 3}}\n" \
        "---\ntitle: Few\nid: few\nlevel: high\n" \
        "correlation: {type: event_count, rules: [opened], group-by: [source.ip], timespan: 1h, condition: {gte: 3}}\n"

static void start(struct bench *b, size_t keys_max)
{
        bench_open(b);
        bench_rules(b, "rules.yml", RULES);
        b->options.keys_max = keys_max;
        bench_start(b);
}

static void take(struct bench *b, const char *outcome, int number, usec time)
{
        char id[32], address[32];
        struct record *r;

        snprintf(id, sizeof id, "%s-%d-%lld", outcome, number, (long long)time);
        snprintf(address, sizeof address, "10.0.%d.%d", number / 256, number % 256);
        r = bench_record(b, 0, id, time);
        bench_set(b, r, "shopbell.class", "login");
        bench_set(b, r, "event.outcome", outcome);
        bench_set(b, r, "source.ip", address);
        cr_assert_gt(bench_take(b, r), 0);
}

static void tell(struct bench *b)
{
        struct engine_sink sink = bench_sink(b);

        cr_assert_eq(engine_tell_losses(b->engine, &sink), 0);
}

Test(detect_losses, a_flood_of_one_rule_makes_no_other_forget)
{
        struct bench b;

        start(&b, 50);
        take(&b, "success", 1, AT(0));
        take(&b, "success", 1, AT(1));
        for (int i = 0; i < 200; i++)
                take(&b, "failure", i, AT(2 + i));
        cr_expect_gt(bench_count(&b, COUNTER_WINDOW_KEYS_EVICTED), 100);
        take(&b, "success", 1, AT(500));
        cr_expect_eq(bench_alerts(&b, "Few", "source.ip=10.0.0.1", NULL), 1, "the quiet rule kept its two hits");
        bench_close(&b);
}

Test(detect_losses, are_told_once_a_stretch_with_their_number)
{
        struct bench_alert *a = NULL;
        struct bench b;

        start(&b, 10);
        for (int i = 0; i < 10; i++)
                take(&b, "failure", i, AT(i));
        tell(&b);
        cr_expect_eq(bench_alerts(&b, LOSS, NULL, NULL), 0, "nothing was lost yet");
        for (int i = 10; i < 14; i++)
                take(&b, "failure", i, AT(i));
        tell(&b);
        cr_assert_eq(bench_alerts(&b, LOSS, NULL, &a), 1);
        cr_expect_eq(a->count, 4);
        cr_expect_eq(a->first, AT(13));
        cr_expect(str_eqz(a->group, "rule=Many"), STR_FMT, STR_ARG(a->group));
        cr_expect(str_find(a->sentence, STR("\"Many\" (4 times)")) != SIZE_MAX, STR_FMT, STR_ARG(a->sentence));
        tell(&b);
        cr_expect_eq(a->count, 5, "the place of the loss itself took one more");
        bench_restart(&b);
        tell(&b);
        take(&b, "failure", 20, AT(3600));
        tell(&b);
        cr_assert_eq(bench_alerts(&b, LOSS, NULL, &a), 1, "the same stretch, over a restart");
        cr_expect_eq(a->count, 6);
        take(&b, "failure", 21, AT(3 * 86400));
        tell(&b);
        cr_expect_eq(bench_alerts(&b, LOSS, NULL, &a), 2, "days later it is another one");
        bench_close(&b);
}

Test(detect_losses, rules_of_one_hit_lose_nothing_that_was_not_told)
{
        struct bench b;

        bench_open(&b);
        bench_rules(&b, "rules.yml",
                    "title: Failed\nlevel: high\nshopbell.class: [login]\n"
                    "logsource: {product: shopbell, category: login}\ndetection: {s: {event.outcome: failure}, condition: s}\n");
        b.options.keys_max = 10;
        bench_start(&b);
        for (int i = 0; i < 40; i++)
                take(&b, "failure", i, AT(i));
        tell(&b);
        cr_expect_gt(bench_count(&b, COUNTER_WINDOW_KEYS_EVICTED), 0);
        cr_expect_eq(bench_alerts(&b, LOSS, NULL, NULL), 0);
        bench_close(&b);
}

Test(detect_losses, are_forgotten_when_their_time_is_over)
{
        struct bench b;

        start(&b, 10);
        for (int i = 0; i < 12; i++)
                take(&b, "failure", i, AT(i));
        tell(&b);
        cr_expect_eq(bench_alerts(&b, LOSS, NULL, NULL), 1);
        bench_settle(&b, AT(5 * 86400), AT(5 * 86400));
        cr_expect_eq(engine_keys(b.engine), 0);
        bench_close(&b);
}
