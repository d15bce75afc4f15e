/* SPDX-License-Identifier: Apache-2.0 */

/* Changes that wait: what is in the store after a flush is what writing each of them would have left there. */

#include <criterion/criterion.h>
#include <stdio.h>

#include "monitor/pending.h"
#include "monitor/store/query.h"

struct seen {
        struct store *store;
        struct pending *pending;
        char text[400]; /* of all alerts: "sentence count records; " */
        char history[200];
};

static struct hash128 id_of(unsigned n)
{
        char text[16];
        struct str part = { text, (size_t)snprintf(text, sizeof text, "%u", n) };

        return hash128_of(&part, 1);
}

static void begin(struct seen *s)
{
        struct err err = { 0 };

        *s = (struct seen){ .pending = pending_new() };
        cr_assert(s->pending);
        cr_assert_eq(store_open(":memory:", &s->store, &err), 0, "%s", err.text);
        cr_assert_eq(store_begin(s->store), 0);
        for (unsigned i = 0; i < 100; i++) {
                struct evidence e = { .key = id_of(1000 + i), .source = STR("s"), .file = STR("f"), .id = STR("i"),
                                      .fields = STR("{}"), .raw = STR("r") };

                cr_assert_eq(store_put_evidence(s->store, &e), 0);
        }
}

/* The texts are gone after the call, as the engine's are. */
static void put(struct seen *s, enum change_kind kind, unsigned alert, uint64_t count, unsigned record)
{
        struct hash128 key = id_of(1000 + record);
        char sentence[32], value[16];
        struct alert_group group = { STR("who"), { value, (size_t)snprintf(value, sizeof value, "w%u", alert) } };
        struct alert_change c = {
                .kind = kind,
                .id = id_of(alert),
                .merged_into = id_of(alert + 1),
                .rule_id = STR("r"),
                .rule_title = STR("R"),
                .level = LEVEL_LOW,
                .group = &group,
                .n_group = 1,
                .sentence = { sentence, (size_t)snprintf(sentence, sizeof sentence, "a%u saw %u", alert, (unsigned)count) },
                .why = STR(""),
                .playbook = STR(""),
                .person = STR("p"),
                .source = STR("s"),
                .first_seen = 1000 * alert,
                .last_seen = (usec)(1000 * alert + count),
                .count = count,
                .records = &key,
                .n_records = record < 100,
        };

        cr_assert_eq(pending_put(s->pending, s->store, &c, (usec)count), 0);
        memset(sentence, 'x', sizeof sentence);
        memset(value, 'x', sizeof value);
        memset(&key, 'x', sizeof key);
}

static int add_alert(void *userdata, const struct query_alert *a)
{
        struct seen *s = userdata;
        size_t n = strlen(s->text);

        snprintf(s->text + n, sizeof s->text - n, STR_FMT " %llu %llu " STR_FMT "; ", STR_ARG(a->sentence),
                 (unsigned long long)a->count, (unsigned long long)a->n_records, STR_ARG(a->group));
        return 0;
}

static int add_history(void *userdata, usec at, struct str what, struct str text)
{
        struct seen *s = userdata;
        size_t n = strlen(s->history);

        snprintf(s->history + n, sizeof s->history - n, "%llu " STR_FMT " " STR_FMT "; ", (unsigned long long)at,
                 STR_ARG(what), STR_ARG(text));
        return 0;
}

static const char *stored(struct seen *s)
{
        struct query_filter all = { .since = USEC_NONE, .until = USEC_NONE };
        struct query *q = NULL;
        struct hash128 one = id_of(1);

        s->text[0] = s->history[0] = '\0';
        cr_assert_eq(query_of(s->store, &q), 0);
        cr_assert_eq(query_alerts(q, &all, add_alert, s), 0);
        cr_assert_eq(query_history(q, &one, add_history, s), 0);
        query_close(q);
        return s->text;
}

static void end(struct seen *s)
{
        pending_free(s->pending);
        store_rollback(s->store);
        store_close(s->store);
}

Test(hall_pending, the_last_change_and_all_evidence)
{
        struct seen s;

        begin(&s);
        put(&s, CHANGE_RAISE, 1, 5, 1);
        cr_expect_str_eq(stored(&s), "a1 saw 5 5 1 {\"who\":\"w1\"}; ", "%s", s.text);
        put(&s, CHANGE_GROW, 1, 6, 2);
        put(&s, CHANGE_RAISE, 2, 1, 3);
        put(&s, CHANGE_GROW, 1, 9, 4);
        put(&s, CHANGE_GROW, 2, 2, 100);
        cr_expect_str_eq(stored(&s), "a1 saw 5 5 1 {\"who\":\"w1\"}; a2 saw 1 1 1 {\"who\":\"w2\"}; ", "%s", s.text);
        cr_assert_eq(pending_flush(s.pending, s.store), 0);
        cr_expect_str_eq(stored(&s), "a1 saw 9 9 3 {\"who\":\"w1\"}; a2 saw 2 2 1 {\"who\":\"w2\"}; ", "%s", s.text);
        cr_expect_str_eq(s.history, "5 raised count 5; 9 grew count 9; ", "%s", s.history);
        cr_assert_eq(pending_flush(s.pending, s.store), 0);
        cr_expect_str_eq(stored(&s), "a1 saw 9 9 3 {\"who\":\"w1\"}; a2 saw 2 2 1 {\"who\":\"w2\"}; ", "%s", s.text);
        end(&s);
}

Test(hall_pending, a_merge_finds_what_grew_before)
{
        struct seen s;

        begin(&s);
        put(&s, CHANGE_RAISE, 1, 5, 1);
        put(&s, CHANGE_RAISE, 2, 5, 2);
        put(&s, CHANGE_GROW, 1, 6, 3);
        put(&s, CHANGE_MERGE, 1, 6, 100);
        cr_expect_str_eq(stored(&s), "a2 saw 5 5 3 {\"who\":\"w2\"}; ", "%s", s.text);
        end(&s);
}

Test(hall_pending, what_is_dropped_is_not_written)
{
        struct seen s;

        begin(&s);
        put(&s, CHANGE_RAISE, 1, 5, 1);
        put(&s, CHANGE_GROW, 1, 6, 2);
        pending_drop(s.pending);
        cr_assert_eq(pending_flush(s.pending, s.store), 0);
        cr_expect_str_eq(stored(&s), "a1 saw 5 5 1 {\"who\":\"w1\"}; ", "%s", s.text);
        put(&s, CHANGE_GROW, 1, 7, 3);
        cr_assert_eq(pending_flush(s.pending, s.store), 0);
        cr_expect_str_eq(stored(&s), "a1 saw 7 7 2 {\"who\":\"w1\"}; ", "%s", s.text);
        end(&s);
}

Test(hall_pending, more_than_may_wait)
{
        struct seen s;

        begin(&s);
        put(&s, CHANGE_RAISE, 1, 1, 1);
        for (uint64_t count = 2; count < 500; count++)
                put(&s, CHANGE_GROW, 1, count, (unsigned)count % 100);
        for (unsigned i = 0; i <= PENDING_ALERTS_MAX; i++)
                put(&s, CHANGE_GROW, 10 + i, 1, 100); /* alerts that a daemon before raised */
        cr_expect(strstr(stored(&s), "a1 saw 499 499 50 "), "flushed when full, evidence up to its limit: %.80s", s.text);
        end(&s);
}
