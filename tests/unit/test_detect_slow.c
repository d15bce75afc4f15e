/* SPDX-License-Identifier: Apache-2.0 */

/* Low and slow, from rule text to alerts: which correlations keep days, and what is told of them (days.h). What a window of
 * days holds is tested in test_detect_days.c. */

#include <criterion/criterion.h>

#include "monitor/detect/rules.h"
#include "monitor/detect/sketch.h"
#include "tests/unit/detect_record.h"

#define DAY USEC_PER_DAY
#define AT(days) (INT64_C(1700006400) * USEC_PER_SEC + (usec)((days) * DAY)) /* a midnight */

#define READ \
        "title: Read\nname: read\nlevel: informational\nlogsource: {product: shopbell, category: login}\n" \
        "detection: {s: {user.name: '*'}, condition: s}\n"
#define SLOW(title, type, timespan, condition) \
        "---\ntitle: " title "\nname: " title "\nlevel: high\ncorrelation: {type: " type \
        ", rules: [read], group-by: [user.name], timespan: " timespan ", condition: {" condition "}}\n"

static void start(struct bench *b, const char *rules)
{
        bench_open(b);
        bench_rules(b, "rules.yml", rules);
        bench_start(b);
}

static void take(struct bench *b, unsigned id, usec time, const char *rows)
{
        char text[24];
        struct record *r;

        snprintf(text, sizeof text, "%u", id);
        r = bench_record(b, 0, text, time);
        bench_set(b, r, "shopbell.class", "login");
        bench_set(b, r, "user.name", "mia");
        bench_set(b, r, "shopbell.export.rows", rows);
        bench_take(b, r);
}

/* ---- Which ones keep days ---- */

static const struct {
        const char *rules;
        bool by_days;
} choices[] = {
        { READ SLOW("A", "event_count", "25h", "gte: 5"), true },
        { READ SLOW("A", "value_count", "30d", "field: shopbell.export.rows, gt: 5"), true },
        { READ SLOW("A", "event_count", "30d", "gte: 1000000"), true },
        { READ SLOW("A", "value_sum", "7d", "field: shopbell.export.rows, gte: 5, gt: 3"), true },
        { READ SLOW("A", "event_count", "1d", "gte: 5"), false },
        { READ SLOW("A", "event_count", "7d", "lt: 5"), false },
        { READ SLOW("A", "event_count", "7d", "gte: 5, lte: 9"), false },
        { READ SLOW("A", "value_avg", "7d", "field: shopbell.export.rows, gte: 5"), false },
        { READ SLOW("A", "temporal", "7d", "gte: 1"), false },
        { READ SLOW("A", "event_count", "7d", "gte: 5") "---\ntitle: B\nlevel: high\ncorrelation: {type: event_count, rules: [A], "
                                                        "group-by: [user.name], timespan: 7d, condition: {gte: 6}}\n",
          false },
};

Test(detect_slow, long_timespans_with_rising_limits_keep_days)
{
        for (size_t i = 0; i < ARRAY_LEN(choices); i++) {
                struct bench b;

                start(&b, choices[i].rules);
                cr_assert_eq(b.errors.n, 0);
                for (size_t k = 0; k < b.rules->n; k++)
                        if (str_eqz(b.rules->entries[k].rule->title, "A"))
                                cr_expect_eq(b.rules->entries[k].window.by_days, choices[i].by_days, "choice %zu", i);
                bench_close(&b);
        }
}

/* ---- Alerts ---- */

Test(detect_slow, a_sum_over_a_week)
{
        struct bench_alert *a = NULL;
        struct bench b;

        start(&b, READ SLOW("Sum", "value_sum", "7d", "field: shopbell.export.rows, gte: 1000"));
        take(&b, 0, AT(0), "999"); /* the eighth day before the last: in no run with it */
        take(&b, 1, AT(1.5), "400.5");
        take(&b, 2, AT(3.2), "300");
        take(&b, 2, AT(3.2), "300");
        bench_restart(&b);
        take(&b, 2, AT(3.2), "300");
        cr_expect_eq(bench_count(&b, COUNTER_DUPLICATE), 1, "after the restart, whose counters are new");
        cr_expect_eq(bench_alerts(&b, "Sum", NULL, NULL), 1, "999 + 400.5 within four days");
        bench_close(&b);

        start(&b, READ SLOW("Sum", "value_sum", "7d", "field: shopbell.export.rows, gte: 1000"));
        take(&b, 1, AT(1.5), "400.5");
        take(&b, 2, AT(3.2), "300");
        take(&b, 3, AT(8), "900"); /* the first day is no longer one of seven */
        cr_expect_eq(bench_alerts(&b, "Sum", NULL, NULL), 1, "300 + 900");
        a = &b.alerts[0];
        cr_expect_eq(a->count, 2);
        cr_expect_eq(a->first, AT(3.2));
        cr_expect(str_eqz(a->why, "1200 in all of shopbell.export.rows of at least 1000 within 7d"), STR_FMT, STR_ARG(a->why));
        cr_expect_eq(a->n_records, 2, "both are evidence");
        take(&b, 4, AT(7.99), "300");
        cr_expect_eq(a->count, 4, "1000.5 of days 1 to 7, 1500 of days 2 to 8");
        cr_expect(str_starts(a->why, STR("1500 ")), STR_FMT, STR_ARG(a->why));
        cr_expect_eq(a->first, AT(1.5));
        cr_expect_eq(a->last, AT(8));
        cr_expect_eq(a->n_records, 4);
        bench_close(&b);
}

Test(detect_slow, estimates_say_so)
{
        struct bench_alert *a = NULL;
        struct bench b;

        start(&b, READ SLOW("Many", "value_count", "30d", "field: shopbell.export.rows, gte: 200"));
        for (unsigned i = 0; i < 600; i++) {
                char rows[16];

                snprintf(rows, sizeof rows, "%u", i);
                take(&b, i, AT(i / 30) + i, rows);
                if (i + 1 == SKETCH_EXACT_MAX) {
                        cr_assert_eq(bench_alerts(&b, "Many", NULL, &a), 1);
                        cr_expect(str_eqz(a->why, "256 distinct shopbell.export.rows of at least 200 within 30d"), STR_FMT, STR_ARG(a->why));
                }
        }
        cr_assert_eq(bench_alerts(&b, "Many", NULL, &a), 1);
        cr_expect_eq(a->count, 600);
        cr_expect(str_starts(a->why, STR("about 6")) || str_starts(a->why, STR("about 5")), STR_FMT, STR_ARG(a->why));
        cr_expect(str_ends(a->why, STR(" distinct shopbell.export.rows of at least 200 within 30d (an estimate, standard error 2.3 %)")),
                  STR_FMT, STR_ARG(a->why));
        bench_close(&b);
}

/* A correlation that another one comes to name keeps hits from then on: it begins afresh, as a changed rule does. */
Test(detect_slow, from_days_to_hits)
{
        static const char inner[] = READ SLOW("A", "event_count", "7d", "gte: 3");
        static const char both[] = READ SLOW("A", "event_count", "7d", "gte: 3")
                "---\ntitle: B\nlevel: high\ncorrelation: {type: event_count, rules: [A], group-by: [user.name], timespan: 7d, "
                "condition: {gte: 4}}\n";
        struct bench b;

        start(&b, inner);
        take(&b, 1, AT(0), "1");
        take(&b, 2, AT(1), "1");
        bench_rewrite(&b, "rules.yml", both);
        bench_reload(&b, false);
        for (unsigned i = 3; i < 6; i++)
                take(&b, i, AT(i), "1");
        cr_expect_eq(bench_alerts(&b, "B", NULL, NULL), 0, "three since");
        take(&b, 6, AT(6), "1");
        cr_expect_eq(bench_alerts(&b, "B", NULL, NULL), 1);
        bench_rewrite(&b, "rules.yml", inner);
        bench_reload(&b, false);
        take(&b, 7, AT(6), "1");
        take(&b, 8, AT(6), "1");
        cr_expect_eq(bench_alerts(&b, "A", NULL, NULL), 0);
        take(&b, 9, AT(6), "1");
        cr_expect_eq(bench_alerts(&b, "A", NULL, NULL), 1);
        bench_close(&b);
}
