/* SPDX-License-Identifier: Apache-2.0 */

/* The engine from records to alerts: groups, sentences, evidence, merging, settling, caps, restarts; and random records
 * against the definition, with restarts and reloads at random moments. */

#include <criterion/criterion.h>

#include "tests/unit/detect_record.h"
#include "tests/unit/detect_window.h"

#define S USEC_PER_SEC
#define AT(seconds) (INT64_C(1700000000) * S + (usec)((seconds) * S))

#define RULE(level, extra) \
        "title: Failed\nid: aaaaaaaa-0000-0000-0000-000000000001\nname: failed\nlevel: " level "\nshopbell.class: [login]\n" extra \
        "logsource: {product: shopbell, category: login}\n" \
        "detection: {s: {event.outcome: failure}, condition: s}\n"
#define CORRELATION(body, extra) \
        "---\ntitle: Many\nid: aaaaaaaa-0000-0000-0000-000000000002\nname: many\nlevel: high\n" extra "correlation: {" body "}\n"

static void start(struct bench *b, const char *rules)
{
        bench_open(b);
        bench_rules(b, "rules.yml", rules);
        bench_start(b);
}

/* A failed login. NULL leaves a field out. */
static struct record *failed(struct bench *b, const char *id, usec time, const char *person, const char *address)
{
        struct record *r = bench_record(b, 0, id, time);

        bench_set(b, r, "shopbell.class", "login");
        bench_set(b, r, "event.outcome", "failure");
        if (person)
                bench_set(b, r, "shopbell.person", person);
        if (address)
                bench_set(b, r, "source.ip", address);
        return r;
}

static void take(struct bench *b, const char *id, usec time, const char *person, const char *address)
{
        cr_assert_gt(bench_take(b, failed(b, id, time, person, address)), 0);
}

/* ---- A rule by itself ---- */

Test(detect_engine, single_rule_by_person)
{
        struct bench_alert *a = NULL;
        struct bench b;

        start(&b, RULE("medium", "shopbell.sentence: '{shopbell.person} failed {count} times from {source.ip}'\n"
                                 "shopbell.playbook: [Ask., Look.]\n"));
        take(&b, "1", AT(0), "mia", "192.0.2.1");
        cr_assert_eq(bench_alerts(&b, "Failed", "shopbell.person=mia", &a), 1);
        cr_expect_eq(a->count, 1);
        cr_expect(str_eqz(a->sentence, "mia failed 1 times from 192.0.2.1"), STR_FMT, STR_ARG(a->sentence));
        cr_expect(str_eqz(a->classes, "login"));
        cr_expect(str_eqz(a->playbook, "Ask.\nLook."));
        cr_expect(str_eqz(a->person, "mia") && str_eqz(a->source, "aws") && a->why.n == 0);
        cr_expect_eq(a->level, LEVEL_MEDIUM);
        take(&b, "2", AT(3600), "mia", "192.0.2.2");
        cr_expect_eq(a->count, 2, "within the hour: the same alert");
        cr_expect(str_eqz(a->sentence, "mia failed 2 times from 192.0.2.2"));
        cr_expect_eq(a->n_records, 2);
        take(&b, "3", AT(7201), "mia", "192.0.2.2");
        cr_expect_eq(bench_alerts(&b, "Failed", "shopbell.person=mia", NULL), 2, "an hour and a second later: another");
        take(&b, "4", AT(0), "tom", NULL);
        cr_expect_eq(bench_alerts(&b, "Failed", "shopbell.person=tom", NULL), 1);
        take(&b, "5", AT(0), NULL, "192.0.2.1");
        take(&b, "6", AT(1), "unknown", "192.0.2.1");
        cr_assert_eq(bench_alerts(&b, "Failed", "source.ip=192.0.2.1", &a), 1, "without a person by address");
        cr_expect_eq(a->count, 2);
        take(&b, "7", AT(0), NULL, NULL);
        cr_expect_eq(bench_alerts(&b, "Failed", "", NULL), 1, "without both all together");
        bench_close(&b);
}

Test(detect_engine, title_is_the_sentence_without_one)
{
        struct bench_alert *a = NULL;
        struct bench b;

        start(&b, RULE("medium", ""));
        take(&b, "1", AT(0), "mia", NULL);
        cr_assert_eq(bench_alerts(&b, "Failed", NULL, &a), 1);
        cr_expect(str_eqz(a->sentence, "Failed"));
        bench_close(&b);
}

Test(detect_engine, record_without_time)
{
        struct bench_alert *a = NULL;
        struct bench b;

        start(&b, RULE("medium", "") CORRELATION("type: event_count, rules: [failed], timespan: 1m, generate: true, condition: {gte: 1}", ""));
        bench_take_at(&b, failed(&b, "1", USEC_NONE, "mia", NULL), AT(50));
        cr_assert_eq(bench_alerts(&b, "Failed", NULL, &a), 1);
        cr_expect(a->first == AT(50) && a->last == AT(50));
        cr_expect_eq(bench_alerts(&b, "Many", NULL, NULL), 0, "no time, no correlation");
        bench_close(&b);
}

/* ---- Correlations ---- */

#define FIVE "type: event_count, rules: [failed], group-by: [source.ip], timespan: 10m, condition: {gte: 5}"

Test(detect_engine, event_count)
{
        struct bench_alert *a = NULL;
        struct bench b;

        start(&b, RULE("low", "") CORRELATION(FIVE, "shopbell.sentence: '{count} failed logins from {source.ip} within {timespan}, last as {user.name}'\n"));
        for (int i = 0; i < 4; i++)
                take(&b, (char[]){ (char)('a' + i), 0 }, AT(i), "mia", "192.0.2.1");
        take(&b, "other", AT(4), "mia", "192.0.2.2");
        cr_assert_eq(b.n_changes, 0);
        cr_expect_eq(b.n_evidence, 5, "records are kept before it is known that they matter");
        {
                struct record *r = failed(&b, "e", AT(600), "tom", "192.0.2.1");

                bench_set(&b, r, "user.name", "tom1");
                bench_take(&b, r);
        }
        cr_assert_eq(bench_alerts(&b, "Many", "source.ip=192.0.2.1", &a), 1);
        cr_expect(a->first == AT(0) && a->last == AT(600) && a->count == 5);
        cr_expect(str_eqz(a->why, "5 of at least 5 within 10m"), STR_FMT, STR_ARG(a->why));
        cr_expect(str_eqz(a->sentence, "5 failed logins from 192.0.2.1 within 10m, last as tom1"), STR_FMT, STR_ARG(a->sentence));
        cr_expect(str_eqz(a->person, "tom"));
        cr_expect(str_eqz(a->classes, "login"), "from its rules");
        cr_expect_eq(a->level, LEVEL_HIGH, "its own");
        cr_assert_eq(a->n_records, 5);
        cr_expect(hash128_eq(&a->records[0], &(struct hash128[]){ bench_key("a") }[0]), "oldest first");
        take(&b, "late", AT(2.5), "eve", "192.0.2.1");
        cr_expect_eq(a->count, 6);
        cr_expect_eq(a->n_records, 6, "only what is new");
        cr_expect(str_eqz(a->sentence, "6 failed logins from 192.0.2.1 within 10m, last as tom1"), "a late record's words are not the latest: " STR_FMT, STR_ARG(a->sentence));
        cr_expect(str_eqz(a->person, "tom"));
        cr_expect_eq(bench_alerts(&b, "Failed", NULL, NULL), 0, "used by a correlation");
        bench_close(&b);
}

Test(detect_engine, value_count_of_several_fields)
{
        struct bench_alert *a = NULL;
        struct bench b;
        static const char *const names[] = { "mia", "mia", "tom", "mia" }, *const hosts[] = { "x", "y", "x", "y" };

        start(&b, RULE("low", "") CORRELATION("type: value_count, rules: [failed], timespan: 1h, condition: {field: [user.name, host.name], gte: 3}",
                                             "shopbell.sentence: '{distinct} of {count}'\n"));
        for (int i = 0; i < 4; i++) {
                struct record *r = failed(&b, (char[]){ (char)('a' + i), 0 }, AT(i), NULL, NULL);

                bench_set(&b, r, "user.name", names[i]);
                bench_set(&b, r, "host.name", hosts[i]);
                bench_take(&b, r);
        }
        cr_assert_eq(bench_alerts(&b, "Many", "", &a), 1);
        cr_expect_eq(a->count, 4);
        cr_expect(str_eqz(a->why, "3 distinct user.name, host.name of at least 3 within 1h"), STR_FMT, STR_ARG(a->why));
        cr_expect(str_eqz(a->sentence, "3 of 4"), STR_FMT, STR_ARG(a->sentence));
        bench_close(&b);
}

/* A platform's own field goes before the ECS field of that name; one of ours is never a platform's. */
Test(detect_engine, names_are_looked_for_natively_first)
{
        struct bench b;
        struct record *r;

        start(&b, RULE("low", "") CORRELATION("type: event_count, rules: [failed], group-by: [source.ip, bucket, shopbell.person], timespan: 1m, condition: {gte: 1}", ""));
        r = failed(&b, "1", AT(0), "mia", "192.0.2.1");
        bench_set(&b, r, "bucket", "b");
        bench_take(&b, r);
        cr_expect_eq(bench_alerts(&b, "Many", "source.ip=192.0.2.1 bucket=b shopbell.person=mia", NULL), 1);
        r = failed(&b, "2", AT(0), "mia", "192.0.2.1");
        bench_set(&b, r, "bucket", "b");
        bench_set_native(&b, r, "source.ip", "native");
        bench_set_native(&b, r, "shopbell.person", "forged");
        bench_take(&b, r);
        cr_expect_eq(bench_alerts(&b, "Many", "source.ip=native bucket=b shopbell.person=mia", NULL), 1);
        bench_close(&b);
}

Test(detect_engine, groups)
{
        struct bench b;
        struct record *r;

        start(&b, RULE("low", "") CORRELATION("type: event_count, rules: [failed], group-by: [user.name, source.ip], timespan: 1m, condition: {gte: 1}", ""));
        r = failed(&b, "1", AT(0), NULL, "192.0.2.1");
        bench_set(&b, r, "user.name", "a");
        bench_set(&b, r, "user.name", "b");
        bench_set(&b, r, "user.name", "a");
        bench_set(&b, r, "user.name", NULL);
        bench_set(&b, r, "user.name", "-");
        bench_set(&b, r, "source.ip", "192.0.2.2");
        bench_take(&b, r);
        cr_expect_eq(bench_alerts(&b, "Many", NULL, NULL), 4, "each combination");
        cr_expect_eq(bench_alerts(&b, "Many", "user.name=b source.ip=192.0.2.2", NULL), 1);
        cr_expect_eq(bench_count(&b, COUNTER_DUPLICATE), 0);
        cr_expect_eq(bench_count(&b, COUNTER_GROUP_MISSING), 0);
        r = failed(&b, "2", AT(0), NULL, "192.0.2.1");
        bench_take(&b, r);
        r = failed(&b, "3", AT(0), NULL, "192.0.2.1");
        bench_set(&b, r, "user.name", "Not Available");
        bench_take(&b, r);
        r = failed(&b, "4", AT(0), NULL, "192.0.2.1");
        bench_set_kind(&b, r, "user.name", VALUE_OBJECT, "{}");
        bench_take(&b, r);
        cr_expect_eq(bench_count(&b, COUNTER_GROUP_MISSING), 3);
        cr_expect_eq(b.n_alerts, 4);
        r = failed(&b, "5", AT(0), NULL, "192.0.2.1");
        bench_set(&b, r, "user.name", "A");
        bench_take(&b, r);
        cr_expect_eq(bench_alerts(&b, "Many", "user.name=A source.ip=192.0.2.1", NULL), 1, "case matters");
        bench_close(&b);
}

Test(detect_engine, too_many_groups_and_values)
{
        struct bench_alert *a = NULL;
        struct bench b;
        struct record *r;

        start(&b, RULE("low", "")
              CORRELATION("type: event_count, rules: [failed], group-by: [user.name, host.name], timespan: 1m, condition: {gte: 2}", "")
              "---\ntitle: Values\nlevel: high\ncorrelation: {type: value_count, rules: [failed], timespan: 1m, condition: {field: [user.id, user.roles], gte: 900}}\n");
        r = failed(&b, "1", AT(0), NULL, NULL);
        for (int i = 0; i < 30; i++) {
                bench_set(&b, r, "user.name", (char[]){ (char)('a' + i), 0 });
                bench_set(&b, r, "host.name", (char[]){ (char)('a' + i), 0 });
        }
        for (int i = 0; i < 20000; i++) {
                char text[16];

                snprintf(text, sizeof text, "%d", i);
                bench_set(&b, r, "user.id", text);
                bench_set(&b, r, "user.roles", text);
        }
        bench_take(&b, r);
        cr_expect_eq(engine_keys(b.engine), ENGINE_GROUP_VALUES_MAX + 1);
        cr_expect_eq(bench_count(&b, COUNTER_VALUES_CUT), 2, "once for the groups, once for the values");
        cr_assert_eq(bench_alerts(&b, "Values", NULL, &a), 1);
        cr_expect(str_eqz(a->why, "1000 distinct user.id, user.roles of at least 900 within 1m"), STR_FMT, STR_ARG(a->why));
        bench_close(&b);
}

Test(detect_engine, long_group_values)
{
        struct bench_alert *a = NULL;
        char name[5001];
        struct bench b;

        start(&b, RULE("medium", ""));
        memset(name, 'x', sizeof name);
        name[5000] = '\0';
        take(&b, "1", AT(0), name, NULL);
        name[4999] = 'y';
        take(&b, "2", AT(0), name, NULL);
        cr_expect_eq(bench_alerts(&b, "Failed", NULL, &a), 2, "they stay different");
        cr_expect_lt(a->group.n, 400);
        bench_close(&b);
}

Test(detect_engine, aliases)
{
        struct bench b;
        struct record *r;

        start(&b, RULE("low", "")
              "---\ntitle: Got in\nname: got_in\nlevel: low\nlogsource: {product: shopbell, category: login}\n"
              "detection: {s: {event.outcome: success}, condition: s}\n"
              CORRELATION("type: event_count, rules: [failed, got_in], group-by: [who], timespan: 1m, condition: {gte: 2}, "
                          "aliases: {who: {failed: user.target.name, got_in: user.name}}", ""));
        r = failed(&b, "1", AT(0), NULL, NULL);
        bench_set(&b, r, "user.target.name", "mia");
        bench_set(&b, r, "user.name", "root");
        bench_take(&b, r);
        r = bench_record(&b, 1, "2", AT(1));
        bench_set(&b, r, "shopbell.class", "login");
        bench_set(&b, r, "event.outcome", "success");
        bench_set(&b, r, "user.name", "mia");
        bench_take(&b, r);
        cr_expect_eq(bench_alerts(&b, "Many", "who=mia", NULL), 1);
        bench_close(&b);
}

Test(detect_engine, generate)
{
        struct bench b;

        start(&b, RULE("low", "") CORRELATION("type: event_count, rules: [failed], generate: true, timespan: 1m, condition: {gte: 2}", ""));
        take(&b, "1", AT(0), "mia", NULL);
        take(&b, "2", AT(0), "mia", NULL);
        cr_expect_eq(bench_alerts(&b, "Failed", NULL, NULL), 1);
        cr_expect_eq(bench_alerts(&b, "Many", NULL, NULL), 1);
        bench_close(&b);
}

Test(detect_engine, duplicates_count_once)
{
        struct bench_alert *a = NULL;
        struct bench b;

        start(&b, RULE("low", "") CORRELATION("type: event_count, rules: [failed], generate: true, timespan: 1m, condition: {gte: 2}", ""));
        for (int i = 0; i < 3; i++)
                take(&b, "1", AT(0), "mia", NULL);
        cr_expect_eq(bench_alerts(&b, "Many", NULL, NULL), 0);
        cr_assert_eq(bench_alerts(&b, "Failed", NULL, &a), 1);
        cr_expect_eq(a->count, 1);
        cr_expect_eq(bench_count(&b, COUNTER_DUPLICATE), 2, "records, not windows");
        cr_expect_eq(b.n_changes, 1);
        bench_close(&b);
}

Test(detect_engine, late_hit_merges)
{
        struct bench_alert *a = NULL;
        struct bench b;

        start(&b, RULE("low", "") CORRELATION("type: event_count, rules: [failed], group-by: [source.ip], timespan: 10s, condition: {gte: 2}", ""));
        take(&b, "1", AT(0), NULL, "192.0.2.1");
        take(&b, "2", AT(1), NULL, "192.0.2.1");
        take(&b, "3", AT(12), NULL, "192.0.2.1");
        take(&b, "4", AT(13), NULL, "192.0.2.1");
        cr_assert_eq(bench_alerts(&b, "Many", NULL, NULL), 2);
        cr_expect(!b.alerts[0].is_late && !b.alerts[1].is_late);
        take(&b, "5", AT(6), NULL, "192.0.2.1");
        cr_assert_eq(bench_alerts(&b, "Many", NULL, &a), 1);
        cr_expect(a == &b.alerts[0] && b.alerts[1].is_merged);
        cr_expect(hash128_eq(&b.alerts[1].merged_into, &a->id));
        cr_expect(a->first == AT(0) && a->last == AT(13) && a->count == 5);
        cr_expect(a->is_late, "7 seconds behind, 5 are usual");
        bench_close(&b);
}

/* ---- Evidence ---- */

Test(detect_engine, evidence_has_caps)
{
        struct bench_alert *a = NULL;
        struct bench b;
        char id[16];

        start(&b, RULE("low", "") CORRELATION("type: event_count, rules: [failed], timespan: 1m, condition: {gte: 70}", ""));
        for (int i = 0; i < 100; i++) {
                snprintf(id, sizeof id, "%d", i);
                take(&b, id, AT(0.1 * i), NULL, NULL);
        }
        cr_assert_eq(bench_alerts(&b, "Many", NULL, &a), 1);
        cr_expect_eq(a->count, 100);
        cr_expect_eq(a->n_records, 50);
        cr_expect_eq(b.n_evidence, 50);
        cr_expect_eq(bench_count(&b, COUNTER_EVIDENCE_CUT), 50);
        bench_close(&b);
}

/* Hits that never came to anything do not use up what a later alert needs. */
Test(detect_engine, evidence_of_old_hits_makes_room)
{
        struct bench_alert *a = NULL;
        struct bench b;
        char id[16];

        start(&b, RULE("low", "") CORRELATION("type: event_count, rules: [failed], timespan: 1m, condition: {gte: 5}", ""));
        for (int i = 0; i < 100; i++) {
                snprintf(id, sizeof id, "%d", i);
                take(&b, id, AT(30 * i), NULL, NULL);
        }
        for (int i = 0; i < 5; i++) {
                snprintf(id, sizeof id, "x%d", i);
                take(&b, id, AT(30 * 100 + 100 + i), NULL, NULL);
        }
        cr_assert_eq(bench_alerts(&b, "Many", NULL, &a), 1);
        cr_expect_eq(a->n_records, 5);
        bench_close(&b);
}

/* What can never be told is not kept. */
Test(detect_engine, informational_correlation_keeps_nothing)
{
        struct bench b;

        start(&b, RULE("low", "") "---\ntitle: Quiet\nlevel: informational\ncorrelation: {" FIVE "}\n");
        for (int i = 0; i < 10; i++)
                take(&b, (char[]){ (char)('a' + i), 0 }, AT(i), "mia", "192.0.2.1");
        cr_expect_eq(b.n_changes, 0);
        cr_expect_eq(engine_keys(b.engine), 0);
        cr_expect_eq(b.n_evidence, 0);
        bench_close(&b);
}

/* ---- Conditions that are judged later ---- */

Test(detect_engine, less_than_is_judged_when_all_has_come)
{
        struct bench_alert *a = NULL;
        struct bench b;

        start(&b, RULE("low", "") CORRELATION("type: event_count, rules: [failed], group-by: [source.ip], timespan: 10s, condition: {lt: 2}", ""));
        take(&b, "1", AT(0), "mia", "192.0.2.1");
        take(&b, "2", AT(1), "tom", "192.0.2.1");
        cr_expect_eq(b.n_changes, 0);
        bench_settle(&b, AT(5), USEC_NONE); /* five seconds of lateness: the hit at 0 may still get company of its time */
        cr_expect_eq(b.n_changes, 0);
        bench_settle(&b, AT(5.5), USEC_NONE);
        cr_assert_eq(bench_alerts(&b, "Many", "source.ip=192.0.2.1", &a), 1);
        cr_expect(a->first == AT(0) && a->count == 1);
        cr_expect(str_eqz(a->why, "1 of less than 2 within 10s"), STR_FMT, STR_ARG(a->why));
        cr_expect(str_eqz(a->person, "tom"), "the key's latest words");
        cr_expect_eq(a->n_records, 1);
        bench_restart(&b);
        take(&b, "3", AT(30), "eve", "192.0.2.1");
        bench_restart(&b);
        bench_finish(&b);
        cr_assert_eq(bench_alerts(&b, "Many", "source.ip=192.0.2.1", &a), 2);
        cr_expect(str_eqz(a->person, "eve"));
        bench_close(&b);
}

/* ---- Chains ---- */

#define BURST \
        "---\ntitle: Burst\nname: burst\nlevel: informational\ncorrelation: {type: event_count, rules: [failed], group-by: [source.ip], " \
        "timespan: 10s, condition: {gte: 3}}\n"
#define GOT_IN \
        "---\ntitle: Got in\nname: got_in\nlevel: informational\nlogsource: {product: shopbell, category: login}\n" \
        "detection: {s: {event.outcome: success}, condition: s}\n"

static void got_in(struct bench *b, const char *id, usec time, const char *person)
{
        struct record *r = bench_record(b, 0, id, time);

        bench_set(b, r, "shopbell.class", "login");
        bench_set(b, r, "event.outcome", "success");
        bench_set(b, r, "source.ip", "192.0.2.1");
        bench_set(b, r, "shopbell.person", person);
        cr_assert_eq(bench_take(b, r), 1);
}

Test(detect_engine, chain)
{
        struct bench_alert *a = NULL;
        struct bench b;

        start(&b, RULE("informational", "") GOT_IN BURST
              CORRELATION("type: temporal_ordered, rules: [burst, got_in], group-by: [source.ip], timespan: 20s",
                          "shopbell.sentence: '{shopbell.person} got in'\n"));
        got_in(&b, "0", AT(-1), "eve");
        take(&b, "1", AT(0), "mia", "192.0.2.1");
        take(&b, "2", AT(1), "mia", "192.0.2.1");
        got_in(&b, "3", AT(2), "mia");
        cr_expect_eq(b.n_changes, 0, "two failures are no burst");
        bench_restart(&b);
        take(&b, "4", AT(1.5), "mia", "192.0.2.1");
        cr_assert_eq(bench_alerts(&b, "Many", "source.ip=192.0.2.1", &a), 1);
        cr_expect_eq(b.n_alerts, 1);
        cr_expect(str_eqz(a->why, "2 rules in order of at least 2 within 20s"), STR_FMT, STR_ARG(a->why));
        cr_expect_eq(a->count, 5, "all hits of the window");
        cr_expect_eq(a->n_records, 5);
        cr_expect(a->first == AT(-1) && a->last == AT(2));
        bench_close(&b);
}

/* State of the outer one is held until the inner one's hits can no longer come. */
Test(detect_engine, chain_settles_late_enough)
{
        struct bench b;

        start(&b, RULE("informational", "") GOT_IN BURST
              CORRELATION("type: temporal, rules: [burst, got_in], group-by: [source.ip], timespan: 4s", ""));
        got_in(&b, "0", AT(-4), "mia");
        take(&b, "1", AT(0), "mia", "192.0.2.1");
        take(&b, "2", AT(5), "mia", "192.0.2.1");
        bench_settle(&b, AT(10 + 5), USEC_NONE);
        take(&b, "3", AT(10), "mia", "192.0.2.1");
        cr_expect_eq(bench_alerts(&b, "Many", NULL, NULL), 1, "the first failure became hot ten seconds after it");
        bench_close(&b);
}

/* ---- Caps ---- */

Test(detect_engine, least_recently_hit_key_goes_first)
{
        struct bench b;
        struct bench_alert *a = NULL;

        bench_open(&b);
        bench_rules(&b, "rules.yml", RULE("medium", ""));
        b.options.keys_max = 3;
        bench_start(&b);
        take(&b, "1", AT(0), "a", NULL);
        take(&b, "2", AT(0), "b", NULL);
        take(&b, "3", AT(0), "c", NULL);
        bench_save(&b);
        cr_expect_eq(map_count(&b.state), 3);
        take(&b, "4", AT(1), "a", NULL);
        take(&b, "5", AT(1), "d", NULL);
        cr_expect_eq(engine_keys(b.engine), 3);
        cr_expect_eq(bench_count(&b, COUNTER_WINDOW_KEYS_EVICTED), 1);
        bench_save(&b);
        cr_expect_eq(map_count(&b.state), 3, "the store hears of it");
        take(&b, "6", AT(2), "a", NULL);
        cr_assert_eq(bench_alerts(&b, "Failed", "shopbell.person=a", &a), 1);
        cr_expect_eq(a->count, 3);
        take(&b, "7", AT(2), "b", NULL);
        take(&b, "8", AT(2), "c", NULL); /* comes back before the store was told that it went */
        bench_save(&b);
        cr_expect_eq(map_count(&b.state), 3);
        bench_restart(&b);
        cr_expect_eq(engine_keys(b.engine), 3);
        take(&b, "9", AT(3), "c", NULL);
        cr_assert_gt(bench_alerts(&b, "Failed", "shopbell.person=c", &a), 0);
        cr_expect_eq(a->count, 2);
        bench_close(&b);
}

Test(detect_engine, bytes_are_capped)
{
        struct bench b;
        char id[16], person[16];

        bench_open(&b);
        bench_rules(&b, "rules.yml", RULE("low", "") CORRELATION("type: event_count, rules: [failed], group-by: [shopbell.person], timespan: 1m, condition: {gte: 50000}", ""));
        b.options.bytes_max = 100000;
        bench_start(&b);
        for (int i = 0; i < 200 * 20; i++) {
                uint32_t hit = 0;
                struct engine_sink sink = bench_sink(&b);
                struct record *r;

                snprintf(id, sizeof id, "%d", i);
                snprintf(person, sizeof person, "p%d", i / 20);
                r = failed(&b, id, AT(i), person, NULL);
                sink.evidence = bench_on_evidence;
                b.n_evidence = 0; /* too many for this bench */
                cr_assert_eq(engine_take(b.engine, r, &hit, 1, r->time, &sink), 0);
        }
        cr_expect_lt(engine_keys(b.engine), 60);
        cr_expect_gt(engine_keys(b.engine), 10);
        cr_expect_eq(bench_count(&b, COUNTER_WINDOW_KEYS_EVICTED) + engine_keys(b.engine), 200);
        bench_close(&b);
}

Test(detect_engine, settled_keys_go)
{
        struct bench b;

        start(&b, RULE("low", "") CORRELATION("type: event_count, rules: [failed], group-by: [source.ip], timespan: 10s, condition: {gte: 2}", ""));
        take(&b, "1", AT(0), NULL, "192.0.2.1");
        take(&b, "2", AT(0), NULL, "192.0.2.2");
        take(&b, "3", AT(1), NULL, "192.0.2.2");
        bench_save(&b);
        cr_expect_eq(map_count(&b.state), 2);
        bench_settle(&b, USEC_NONE, USEC_NONE);
        bench_settle(&b, AT(100), AT(10));
        cr_expect_eq(engine_keys(b.engine), 2, "the second source is behind");
        bench_settle(&b, AT(100), AT(0 + 5 + 10 + 2));
        cr_expect_eq(engine_keys(b.engine), 1, "a hit that nothing can touch");
        bench_settle(&b, AT(100), AT(1 + 5 + 10 + 10 + 2));
        cr_expect_eq(engine_keys(b.engine), 0, "an episode that nothing can join");
        bench_save(&b);
        cr_expect_eq(map_count(&b.state), 0);
        bench_close(&b);
}

/* ---- State ---- */

static int count_gone(void *userdata, struct str rule, struct str key, unsigned part, struct str blob)
{
        cr_expect(rule.n > 0 && key.p && part == 0 && blob.n == 0);
        ++*(unsigned *)userdata;
        return 0;
}

Test(detect_engine, foreign_state_is_refused_and_dropped)
{
        unsigned gone = 0;
        struct str rule = STR_NONE;
        struct bench b;

        start(&b, RULE("medium", ""));
        take(&b, "1", AT(0), "mia", NULL);
        bench_save(&b);
        cr_assert_eq(map_count(&b.state), 1);
        for (struct map_iter i = { 0 }; map_next(&b.state, &i);) {
                struct str rest = i.key;

                str_cut(&rest, '\n', &rule);
        }
        cr_expect_eq(engine_load(b.engine, STR("nobody#0"), STR("3:abc"), STR("x")), -ENOENT);
        cr_expect_eq(engine_load(b.engine, rule, STR("3:abc"), STR("x")), -EBADMSG);
        cr_expect_eq(engine_keys(b.engine), 1);
        cr_expect_eq(engine_dirty(b.engine, count_gone, &gone), 0);
        cr_expect_eq(gone, 2);
        bench_close(&b);
}

/* State is taken over by the same rule, not by one that was changed. */
Test(detect_engine, state_belongs_to_a_rule_as_it_is)
{
        static const struct {
                const char *rules;
                size_t n_keys;
        } later[] = {
                { RULE("low", "") CORRELATION(FIVE, ""), 1 },
                { RULE("low", "") CORRELATION(FIVE, "description: other words\nshopbell.sentence: 'Hello'\n"), 1 },
                { RULE("low", "") CORRELATION("type: event_count, rules: [failed], group-by: [source.ip], timespan: 11m, condition: {gte: 5}", ""), 0 },
                { "title: Failed\nid: aaaaaaaa-0000-0000-0000-000000000001\nname: failed\nlevel: low\nlogsource: {product: shopbell, category: login}\n"
                  "detection: {s: {event.outcome: broken}, condition: s}\n" CORRELATION(FIVE, ""), 0 },
        };

        for (size_t i = 0; i < ARRAY_LEN(later); i++) {
                struct bench b, c;

                start(&b, RULE("low", "") CORRELATION(FIVE, ""));
                take(&b, "1", AT(0), NULL, "192.0.2.1");
                bench_save(&b);
                start(&c, later[i].rules);
                for (struct map_iter k = { 0 }; map_next(&b.state, &k);) {
                        struct str rest = k.key, rule;

                        str_cut(&rest, '\n', &rule);
                        cr_expect_eq(engine_load(c.engine, rule, rest, *(struct str *)k.value), later[i].n_keys ? 0 : -ENOENT);
                }
                cr_expect_eq(engine_keys(c.engine), later[i].n_keys, "%zu", i);
                bench_close(&b);
                bench_close(&c);
        }
}

/* ---- Random records ---- */

enum { N_RECORDS = 45, N_ADDRESSES = 4 };

static const char *const addresses[N_ADDRESSES] = { "192.0.2.1", "192.0.2.2", "192.0.2.3", "unknown" };

struct random_record {
        bool has_address[N_ADDRESSES];
        struct planned hit; /* of the groups it joins */
};

static const struct {
        const char *condition;
        struct plan_rule rule;
} conditions[] = {
        { "type: event_count, rules: [failed], group-by: [source.ip], timespan: 10s, condition: {gte: 3}", { "event_count", { LIMIT(GTE, "3") }, 1, 1 } },
        { "type: event_count, rules: [failed], group-by: [source.ip], timespan: 10s, condition: {gt: 1}", { "event_count", { LIMIT(GT, "1") }, 1, 1 } },
        { "type: value_count, rules: [failed], group-by: [source.ip], timespan: 10s, condition: {field: user.name, gte: 3}", { "value_count", { LIMIT(GTE, "3") }, 1, 1 } },
        { "type: event_count, rules: [failed], group-by: [source.ip], timespan: 10s, condition: {lt: 3}", { "event_count", { LIMIT(LT, "3") }, 1, 1 } },
        { "type: value_count, rules: [failed], group-by: [source.ip], timespan: 10s, condition: {field: user.name, neq: 2}", { "value_count", { LIMIT(NEQ, "2") }, 1, 1 } },
};

static void make_records(struct random_record *records, struct plan *p, struct dice *d)
{
        for (size_t i = 0; i < p->n; i++) {
                struct planned *h = &p->hits[i];

                records[i] = (struct random_record){ .hit = *h };
                for (size_t a = 0; a < N_ADDRESSES; a++)
                        records[i].has_address[a] = dice_roll(d, 3) == 0;
        }
}

static void take_random(struct bench *b, const struct random_record *random)
{
        char id[16];
        struct record *r;

        snprintf(id, sizeof id, "%u", random->hit.record);
        r = failed(b, id, AT(0) + random->hit.time * S, NULL, NULL);
        for (size_t a = 0; a < N_ADDRESSES; a++)
                if (random->has_address[a])
                        bench_set(b, r, "source.ip", addresses[a]);
        for (unsigned v = 0; v < random->hit.n_values; v++)
                bench_set(b, r, "user.name", (char[]){ (char)('a' + random->hit.values[v]), 0 });
        bench_take(b, r);
}

/* The alerts of one address are the episodes of the records that have it. */
static void check_address(struct bench *b, size_t address, const struct random_record *records, size_t n,
                          const struct window_rule *rule, const char *what)
{
        struct expectation x;
        struct plan p = { .n = 0 };
        char group[32];

        for (size_t i = 0; i < n; i++)
                if (records[i].has_address[address])
                        p.hits[p.n++] = records[i].hit;
        expect(&x, &p, p.n, rule);
        snprintf(group, sizeof group, "source.ip=%s", addresses[address]);
        cr_assert_eq(bench_alerts(b, "Many", group, NULL), address == 3 ? 0 : x.n_episodes, "%s", what);
        for (size_t i = 0; i < x.n_episodes && address != 3; i++) {
                const struct expected *e = &x.episodes[i];
                size_t found = 0;

                for (size_t k = 0; k < b->n_alerts; k++) {
                        const struct bench_alert *a = &b->alerts[k];

                        found += !a->is_merged && str_eqz(a->group, group) && a->first == AT(0) + e->first * S &&
                                 a->last == AT(0) + e->last * S && a->count == e->count;
                }
                cr_assert_eq(found, 1, "%s: %s, %lld to %lld, %llu", what, group, (long long)e->first, (long long)e->last,
                             (unsigned long long)e->count);
        }
}

/* A rule before all others in number, for reloads. */
#define ANOTHER \
        "title: Another\nlevel: high\nlogsource: {product: shopbell}\ndetection: {s: {event.outcome: never}, condition: s}\n"

static void try_condition(size_t c, struct dice *d, unsigned round)
{
        static struct bench b, quiet;
        struct random_record records[N_RECORDS];
        struct window_rule rule = plan_rule_make(&conditions[c].rule, 10);
        struct strbuf text = STRBUF_INIT;
        struct plan p;
        bool has_more = false;
        char what[64];

        snprintf(what, sizeof what, "condition %zu, round %u", c, round);
        strbuf_addf(&text, "%s---\ntitle: Many\nname: many\nlevel: high\ncorrelation: {%s}\n", RULE("low", ""), conditions[c].condition);
        start(&b, text.p);
        start(&quiet, text.p);
        plan_make(&p, d, N_RECORDS, 10, 1);
        plan_order(&p, d, (enum plan_order)dice_roll(d, _PLAN_ORDER_MAX));
        make_records(records, &p, d);
        for (size_t i = 0; i < N_RECORDS; i++) {
                take_random(&b, &records[i]);
                take_random(&quiet, &records[i]);
                if (dice_roll(d, 4) == 0)
                        take_random(&b, &records[dice_roll(d, i + 1)]);
                if (dice_roll(d, 5) == 0)
                        bench_restart(&b);
                if (dice_roll(d, 5) == 0) {
                        has_more = !has_more;
                        bench_rewrite(&b, "another.yml", has_more ? ANOTHER : NULL);
                        bench_reload(&b, dice_roll(d, 2));
                }
        }
        bench_finish(&b);
        bench_finish(&quiet);
        for (size_t a = 0; a < N_ADDRESSES; a++)
                check_address(&b, a, records, N_RECORDS, &rule, what);
        cr_assert_eq(b.n_alerts, quiet.n_alerts, "%s", what);
        for (size_t i = 0; i < quiet.n_alerts; i++) { /* ids, words and evidence do not depend on restarts and reloads */
                const struct bench_alert *x = &quiet.alerts[i], *y = bench_find(&b, &x->id);

                cr_assert(y, "%s", what);
                cr_assert(str_eq(x->sentence, y->sentence) && str_eq(x->why, y->why) && str_eq(x->person, y->person));
                cr_assert_eq(x->is_merged, y->is_merged);
                cr_assert_eq(x->n_records, y->n_records);
                cr_assert_eq(x->is_late, y->is_late || x->is_late);
                for (size_t k = 0; k < x->n_records; k++)
                        cr_assert(hash128_eq(&x->records[k], &y->records[k]));
        }
        bench_close(&b);
        bench_close(&quiet);
        strbuf_done(&text);
}

Test(detect_engine, random_records_follow_the_definition, .timeout = 120)
{
        struct dice d = { 1234567 };

        for (size_t c = 0; c < ARRAY_LEN(conditions); c++)
                for (unsigned round = 0; round < 40; round++)
                        try_condition(c, &d, round);
}

/* ---- Failing sinks ---- */

static int fail_change(void *userdata, const struct alert_change *c)
{
        (void)userdata;
        (void)c;
        return -EIO;
}

static int fail_evidence(void *userdata, const struct record *r)
{
        (void)userdata;
        (void)r;
        return -ENOSPC;
}

Test(detect_engine, errors_of_the_sink_come_back)
{
        struct bench b;
        struct engine_sink sink;
        uint32_t hit = 0;

        start(&b, RULE("medium", ""));
        sink = bench_sink(&b);
        sink.change = fail_change;
        cr_expect_eq(engine_take(b.engine, failed(&b, "1", AT(0), "mia", NULL), &hit, 1, AT(0), &sink), -EIO);
        sink.evidence = fail_evidence;
        cr_expect_eq(engine_take(b.engine, failed(&b, "2", AT(0), "mia", NULL), &hit, 1, AT(0), &sink), -ENOSPC);
        bench_close(&b);
}
