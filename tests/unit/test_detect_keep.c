/* SPDX-License-Identifier: Apache-2.0 */

/* Rules loaded anew while windows are open: what stays goes on, what changed begins afresh, what went is forgotten. (That the
 * alerts of random records do not depend on reloads is tested in test_detect_engine.c.) */

#include <criterion/criterion.h>

#include "tests/unit/detect_record.h"

#define S USEC_PER_SEC
#define AT(seconds) (INT64_C(1700000000) * S + (usec)((seconds) * S))

#define FAILED \
        "title: Failed\nname: failed\nlevel: informational\nlogsource: {product: shopbell, category: login}\n" \
        "detection: {s: {event.outcome: failure}, condition: s}\n"
#define COUNT(title, limit) \
        "---\ntitle: " title "\nlevel: high\ncorrelation: {type: event_count, rules: [failed], group-by: [source.ip], timespan: 10m, " \
        "condition: {gte: " limit "}}\n"
#define ROOT(title) \
        "title: " title "\nlevel: medium\nlogsource: {product: shopbell, category: login}\n" \
        "detection: {s: {user.name: root}, condition: s}\n"

static void start(struct bench *b, const char *rules)
{
        bench_open(b);
        bench_rules(b, "rules.yml", rules);
        bench_start(b);
}

static void reload(struct bench *b, const char *rules)
{
        bench_rewrite(b, "rules.yml", rules);
        bench_reload(b, false);
}

static void take(struct bench *b, const char *id, usec time)
{
        struct record *r = bench_record(b, 0, id, time);

        bench_set(b, r, "shopbell.class", "login");
        bench_set(b, r, "event.outcome", "failure");
        bench_set(b, r, "user.name", "root");
        bench_set(b, r, "source.ip", "192.0.2.1");
        bench_take(b, r);
}

/* How many keys the store holds for labels that begin so. */
static size_t stored(const struct bench *b, const char *label)
{
        size_t n = 0;

        for (struct map_iter i = { 0 }; map_next(&b->state, &i);)
                n += str_starts(i.key, str_of(label));
        return n;
}

Test(detect_keep, unchanged_goes_on_and_changed_begins_afresh)
{
        struct bench_alert *a = NULL;
        struct bench b;

        start(&b, FAILED COUNT("Three", "3") COUNT("Four", "4"));
        take(&b, "1", AT(0));
        take(&b, "2", AT(1));
        reload(&b, FAILED COUNT("Zero", "9") COUNT("Three", "3") COUNT("Four", "5"));
        cr_expect_eq(stored(&b, "Three#"), 1);
        cr_expect_eq(stored(&b, "Four#"), 0, "the store forgets what nobody will ask for");
        take(&b, "3", AT(2));
        cr_assert_eq(bench_alerts(&b, "Three", NULL, &a), 1);
        cr_expect_eq(a->count, 3);
        cr_expect_eq(a->n_records, 3, "evidence from before");
        take(&b, "4", AT(3));
        take(&b, "5", AT(4));
        take(&b, "6", AT(5));
        cr_expect_eq(bench_alerts(&b, "Four", NULL, NULL), 0, "four since the change");
        take(&b, "7", AT(6));
        cr_expect_eq(bench_alerts(&b, "Four", NULL, &a), 1);
        cr_expect_eq(a->count, 5);
        bench_close(&b);
}

Test(detect_keep, episode_goes_on_in_its_alert)
{
        struct bench_alert *a = NULL;
        struct bench b;

        start(&b, FAILED COUNT("Two", "2"));
        take(&b, "1", AT(0));
        take(&b, "2", AT(1));
        bench_reload(&b, true);
        take(&b, "2", AT(1));
        take(&b, "3", AT(2));
        cr_assert_eq(bench_alerts(&b, "Two", NULL, &a), 1);
        cr_expect_eq(a->count, 3);
        cr_expect_eq(bench_count(&b, COUNTER_DUPLICATE), 1, "a record from before is known");
        bench_restart(&b);
        take(&b, "4", AT(3));
        cr_expect_eq(a->count, 4);
        bench_close(&b);
}

/* A correlation is another one when a rule that it names is. */
Test(detect_keep, change_of_an_inner_rule_reaches_the_outer_one)
{
        struct bench b;

        start(&b, FAILED COUNT("Two", "2"));
        take(&b, "1", AT(0));
        reload(&b, "title: Failed\nname: failed\nlevel: informational\nlogsource: {product: shopbell, category: login}\n"
                   "detection: {s: {event.outcome: fail*}, condition: s}\n" COUNT("Two", "2"));
        take(&b, "2", AT(1));
        cr_expect_eq(bench_alerts(&b, "Two", NULL, NULL), 0);
        take(&b, "3", AT(2));
        cr_expect_eq(bench_alerts(&b, "Two", NULL, NULL), 1);
        bench_close(&b);
}

Test(detect_keep, removed_and_brought_back)
{
        struct bench_alert *a = NULL;
        struct bench b;

        start(&b, ROOT("Root") "---\n" FAILED COUNT("Two", "2"));
        take(&b, "1", AT(0));
        reload(&b, FAILED COUNT("Two", "2"));
        cr_expect_eq(engine_keys(b.engine), 1);
        cr_expect_eq(stored(&b, "Root#"), 0);
        take(&b, "2", AT(1));
        cr_expect_eq(bench_alerts(&b, "Two", NULL, NULL), 1);
        cr_expect_eq(bench_alerts(&b, "Root", NULL, NULL), 1, "its alert stays");
        reload(&b, ROOT("Root") "---\n" FAILED COUNT("Two", "2"));
        take(&b, "3", AT(2));
        cr_assert_eq(bench_alerts(&b, "Root", NULL, &a), 2);
        cr_expect_eq(a->count, 1, "afresh");
        bench_close(&b);
}

/* A rule that other ones now use alerts no more by itself. */
Test(detect_keep, rule_that_alerts_no_more)
{
        struct bench b;

        start(&b, ROOT("Root\nname: failed"));
        take(&b, "1", AT(0));
        bench_save(&b);
        cr_expect_eq(stored(&b, "Root#"), 1);
        reload(&b, ROOT("Root\nname: failed") COUNT("Two", "2"));
        cr_expect_eq(stored(&b, "Root#"), 0);
        take(&b, "2", AT(1));
        take(&b, "3", AT(2));
        cr_expect_eq(bench_alerts(&b, "Root", NULL, NULL), 1);
        cr_expect_eq(bench_alerts(&b, "Two", NULL, NULL), 1);
        bench_close(&b);
}

/* Two rules that nothing tells apart: each keeps its window, and one of them may go. */
Test(detect_keep, twins)
{
        struct bench b;

        start(&b, FAILED COUNT("Three", "3") COUNT("Three", "3"));
        take(&b, "1", AT(0));
        take(&b, "2", AT(1));
        bench_reload(&b, false);
        cr_expect_eq(engine_keys(b.engine), 2);
        reload(&b, FAILED COUNT("Three", "3"));
        cr_expect_eq(engine_keys(b.engine), 1);
        cr_expect_eq(stored(&b, "Three#"), 1, "the row is that of the other");
        take(&b, "3", AT(2));
        cr_expect_eq(bench_alerts(&b, "Three", NULL, NULL), 1);
        bench_close(&b);
}

/* The order of eviction and what was evicted so far are kept. */
Test(detect_keep, least_recently_hit_goes_first_afterwards_too)
{
        static const char *const hosts[] = { "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5" };
        struct bench_alert *a = NULL;
        struct bench b;

        bench_open(&b);
        bench_rules(&b, "rules.yml", ROOT("Root"));
        b.options.keys_max = 3;
        bench_start(&b);
        for (size_t i = 0; i < ARRAY_LEN(hosts); i++) {
                struct record *r = bench_record(&b, 0, hosts[i], AT(i));

                bench_set(&b, r, "shopbell.class", "login");
                bench_set(&b, r, "user.name", "root");
                bench_set(&b, r, "source.ip", hosts[i]);
                if (i == 4)
                        bench_reload(&b, false);
                bench_take(&b, r);
        }
        bench_save(&b);
        cr_expect_eq(bench_count(&b, COUNTER_WINDOW_KEYS_EVICTED), 2);
        cr_expect_eq(stored(&b, "Root#"), 3);
        {
                struct record *r = bench_record(&b, 0, "again", AT(9));

                bench_set(&b, r, "shopbell.class", "login");
                bench_set(&b, r, "user.name", "root");
                bench_set(&b, r, "source.ip", hosts[2]);
                bench_take(&b, r);
        }
        cr_assert_eq(bench_alerts(&b, "Root", "source.ip=192.0.2.3", &a), 1);
        cr_expect_eq(a->count, 2, "it was held");
        bench_close(&b);
}

/* Windows lie as they were stored until somebody needs them. */
Test(detect_keep, what_is_not_hit_again_is_not_unpacked)
{
        struct bench_alert *a = NULL;
        struct bench b;

        bench_open(&b);
        bench_rules(&b, "rules.yml", FAILED COUNT("Twenty", "20"));
        bench_start(&b);
        for (int i = 0; i < 19; i++) {
                char id[16];

                snprintf(id, sizeof id, "%d", i);
                take(&b, id, AT(i));
        }
        bench_restart(&b);
        bench_reload(&b, false);
        bench_restart(&b);
        cr_expect_eq(engine_keys(b.engine), 1);
        take(&b, "3", AT(3));
        cr_expect_eq(bench_count(&b, COUNTER_DUPLICATE), 1);
        cr_expect_eq(bench_alerts(&b, "Twenty", NULL, NULL), 0);
        take(&b, "19", AT(19));
        cr_assert_eq(bench_alerts(&b, "Twenty", NULL, &a), 1);
        cr_expect_eq(a->count, 20);
        bench_restart(&b);
        bench_settle(&b, AT(0), AT(0));
        cr_expect_eq(engine_keys(b.engine), 1);
        bench_settle(&b, AT(30 * 86400), AT(30 * 86400));
        cr_expect_eq(engine_keys(b.engine), 0, "forgotten without a look inside");
        bench_save(&b);
        cr_expect_eq(map_count(&b.state), 0);
        bench_close(&b);
}

/* How far the sources have come is known by their names. */
Test(detect_keep, lateness_goes_with_the_source)
{
        struct bench_alert *a = NULL;
        struct bench b;

        start(&b, ROOT("Root"));
        take(&b, "1", AT(100));
        bench_reload(&b, true);
        take(&b, "2", AT(50));
        cr_assert_eq(bench_alerts(&b, "Root", NULL, &a), 1);
        cr_expect_eq(a->count, 2);
        cr_expect(a->is_late, "the source had come further");
        bench_close(&b);
}
