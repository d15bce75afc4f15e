/* SPDX-License-Identifier: Apache-2.0 */

/* The outbox: who is told what, once, and what becomes of it. */

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>

#include "monitor/store/notice.h"
#include "monitor/store/retire.h"

#define MINUTE USEC_PER_MINUTE

struct rig {
        struct store *s;
        struct arena *arena;
        usec now;
};

static void channels(struct rig *g, const struct store_channel *items, size_t n)
{
        cr_assert_eq(store_begin(g->s), 0);
        cr_assert_eq(store_put_channels(g->s, items, n, g->now), 0, "%s", store_error(g->s));
        cr_assert_eq(store_commit(g->s), 0);
}

static const struct store_channel usual[] = {
        { .name = STR("boss"), .kind = STR("mail"), .level = LEVEL_HIGH, .repeat = 0, .escalate_to = STR("") },
        { .name = STR("owner"), .kind = STR("mail"), .level = LEVEL_MEDIUM, .repeat = 60 * MINUTE, .escalate_after = 30 * MINUTE, .escalate_to = STR("boss") },
};

static void rig_open(struct rig *g)
{
        struct err err = { 0 };

        *g = (struct rig){ .arena = arena_new(), .now = 1000 * MINUTE };
        cr_assert_eq(store_open(":memory:", &g->s, &err), 0, "%s", err.text);
        channels(g, usual, ARRAY_LEN(usual));
}

static void rig_close(struct rig *g)
{
        arena_free(g->arena);
        store_close(g->s);
}

static struct hash128 id_of(unsigned n)
{
        char text[16];
        struct str part;

        snprintf(text, sizeof text, "%u", n);
        part = str_of(text);
        return hash128_of(&part, 1);
}

static void put_state(struct rig *g, unsigned n, usec rang, const char *answer, enum level level)
{
        struct hash128 id = id_of(n);
        struct quiet_state state = { .person = STR("mia"), .rang_at = rang, .answer = str_of(answer), .level = level };

        cr_assert_geq(store_quiet_put(g->s, &id, &state), 0);
}

/* Alerts `from` … `to` ring now. */
static void ring(struct rig *g, unsigned from, unsigned to, enum level level)
{
        struct ids ids = { 0 };

        cr_assert_eq(store_begin(g->s), 0);
        for (unsigned n = from; n <= to; n++) {
                struct alert_change c = { .kind = CHANGE_RAISE, .id = id_of(n), .rule_id = STR("r"), .rule_title = STR("R"), .level = level,
                                          .sentence = STR("s"), .why = STR(""), .playbook = STR(""), .person = STR("mia"), .source = STR("aws"), .count = 1 };

                cr_assert_geq(store_put_change(g->s, &c, g->now), 0, "%s", store_error(g->s));
                put_state(g, n, g->now, "", LEVEL_INFORMATIONAL);
                cr_assert_eq(ids_add(&ids, &c.id), 0);
        }
        cr_assert_eq(store_notice_ring(g->s, &ids, g->now), 0, "%s", store_error(g->s));
        cr_assert_eq(store_commit(g->s), 0);
        ids_done(&ids);
}

/* What is known of an alert changes, and it is looked at again. */
static void change(struct rig *g, unsigned n, usec rang, const char *answer, enum level level)
{
        struct ids ids = { 0 };
        struct hash128 id = id_of(n);

        cr_assert_eq(store_begin(g->s), 0);
        put_state(g, n, rang, answer, level);
        cr_assert_eq(ids_add(&ids, &id), 0);
        cr_assert_eq(store_notice_ring(g->s, &ids, g->now), 0, "%s", store_error(g->s));
        cr_assert_eq(store_commit(g->s), 0);
        ids_done(&ids);
}

static bool take(struct rig *g, const char *channel, struct store_notice *ret)
{
        int r;

        cr_assert_eq(store_begin(g->s), 0);
        r = store_notice_take(g->s, str_of(channel), g->now, g->arena, ret);
        cr_assert(r == 0 || r == -ENOENT, "%d %s", r, store_error(g->s));
        cr_assert_eq(store_commit(g->s), 0);
        return r == 0;
}

static int end(struct rig *g, const struct store_notice *n, enum notice_outcome outcome, usec due)
{
        int r;

        cr_assert_eq(store_begin(g->s), 0);
        r = store_notice_end(g->s, n->key, n->attempts, outcome, STR("because"), due, g->now);
        cr_assert_geq(r, 0, "%s", store_error(g->s));
        cr_assert_eq(store_commit(g->s), 0);
        return r;
}

static int mark(struct rig *g, const struct store_notice *n)
{
        int r;

        cr_assert_eq(store_begin(g->s), 0);
        r = store_notice_mark(g->s, n->key, n->attempts, STR("g1"));
        cr_assert_eq(store_commit(g->s), 0);
        return r;
}

static uint64_t recover_by(struct rig *g, const char *channel, const struct notice_gate *gate)
{
        uint64_t n;

        cr_assert_eq(store_begin(g->s), 0);
        cr_assert_eq(store_notice_recover(g->s, str_of(channel), gate, g->now, &n), 0, "%s", store_error(g->s));
        cr_assert_eq(store_commit(g->s), 0);
        return n;
}

static uint64_t recover(struct rig *g, const char *channel)
{
        static const struct notice_gate none;

        return recover_by(g, channel, &none);
}

static int count_one(void *userdata, const struct store_told *t)
{
        (void)t;
        ++*(unsigned *)userdata;
        return 0;
}

static uint64_t told(struct rig *g, const struct store_notice *n, size_t max, unsigned *ret_named)
{
        uint64_t all = 0;

        *ret_named = 0;
        cr_assert_eq(store_notice_told(g->s, n->id, max, &all, count_one, ret_named), 0);
        return all;
}

static bool has_state(struct rig *g, const struct store_notice *n, const char *state)
{
        struct store_notice now = { 0 };

        cr_assert_eq(store_notice_get(g->s, n->key, g->arena, &now), 0);
        return str_eqz(now.state, state);
}

Test(store_notice, each_channel_is_told_once_from_its_level_on)
{
        struct store_notice n;
        struct rig g;

        rig_open(&g);
        ring(&g, 1, 1, LEVEL_MEDIUM);
        ring(&g, 1, 1, LEVEL_MEDIUM); /* it grows */
        cr_expect(!take(&g, "boss", &n));
        cr_assert(take(&g, "owner", &n));
        cr_expect(str_eqz(n.reason, "rang") && n.key.n == 32 && n.attempts == 1);
        cr_expect(!take(&g, "owner", &n), "one is under way, another there is not");
        rig_close(&g);
}

Test(store_notice, raised_above_the_level)
{
        struct store_notice n;
        struct rig g;

        rig_open(&g);
        ring(&g, 1, 1, LEVEL_MEDIUM);
        g.now += MINUTE;
        change(&g, 1, g.now - MINUTE, "not-me", LEVEL_HIGH);
        cr_assert(take(&g, "boss", &n));
        cr_expect(str_eqz(n.reason, "raised"));
        rig_close(&g);
}

Test(store_notice, who_was_answered_in_time_is_not_told)
{
        struct store_notice n;
        struct rig g;

        rig_open(&g);
        ring(&g, 1, 1, LEVEL_MEDIUM);
        change(&g, 1, g.now, "me", LEVEL_INFORMATIONAL);
        cr_expect(!take(&g, "owner", &n));
        ring(&g, 2, 2, LEVEL_LOW);
        cr_expect(!take(&g, "owner", &n));
        rig_close(&g);
}

Test(store_notice, a_burst_is_one)
{
        struct store_notice n;
        unsigned named;
        struct rig g;

        rig_open(&g);
        ring(&g, 1, 200, LEVEL_MEDIUM);
        cr_expect(!take(&g, "owner", &n), "more may come");
        ring(&g, 201, 210, LEVEL_MEDIUM);
        g.now += NOTICE_GATHER;
        cr_assert(take(&g, "owner", &n));
        cr_expect(n.is_group);
        cr_expect_eq(told(&g, &n, 15, &named), 210);
        cr_expect_eq(named, 15);
        ring(&g, 211, 220, LEVEL_MEDIUM); /* that one has left */
        g.now += NOTICE_GATHER;
        cr_assert(take(&g, "owner", &n));
        cr_expect_eq(told(&g, &n, 15, &named), 10);
        cr_expect(!take(&g, "owner", &n));
        rig_close(&g);
}

Test(store_notice, one_by_one_and_then_a_burst)
{
        struct store_notice n;
        unsigned named, singles = 0, grouped = 0;
        struct rig g;

        rig_open(&g);
        for (unsigned i = 1; i <= 12; i++)
                ring(&g, i, i, LEVEL_MEDIUM);
        g.now += NOTICE_GATHER;
        while (take(&g, "owner", &n)) {
                singles += !n.is_group;
                grouped += n.is_group ? (unsigned)told(&g, &n, 15, &named) : 0;
        }
        cr_expect_eq(singles, NOTICE_BURST);
        cr_expect_eq(grouped, 12 - NOTICE_BURST);
        g.now += NOTICE_BURST_SPAN;
        ring(&g, 13, 13, LEVEL_MEDIUM);
        cr_expect(take(&g, "owner", &n) && !n.is_group);
        rig_close(&g);
}

Test(store_notice, a_large_burst_is_cut_into_groups)
{
        struct store_notice n;
        unsigned named, notices = 0;
        uint64_t alerts = 0;
        struct rig g;

        rig_open(&g);
        ring(&g, 1, NOTICE_GROUP_MAX + 5, LEVEL_MEDIUM);
        g.now += NOTICE_GATHER;
        for (; take(&g, "owner", &n); notices++)
                alerts += told(&g, &n, 1, &named);
        cr_expect_eq(notices, 2);
        cr_expect_eq(alerts, NOTICE_GROUP_MAX + 5);
        rig_close(&g);
}

static int see_told(void *userdata, usec at, struct str what, struct str text)
{
        (void)at;
        if (str_eqz(what, "told"))
                strbuf_addf(userdata, STR_FMT "\n", STR_ARG(text));
        return 0;
}

Test(store_notice, the_history_of_an_alert_says_who_was_told)
{
        CLEANUP(strbuf_done) struct strbuf told = STRBUF_INIT;
        CLEANUP(query_closep) struct query *q = NULL;
        struct hash128 id = id_of(1);
        struct store_notice n;
        struct rig g;

        rig_open(&g);
        ring(&g, 1, 1, LEVEL_MEDIUM);
        cr_assert(take(&g, "owner", &n));
        end(&g, &n, OUTCOME_AGAIN, g.now);
        cr_assert(take(&g, "owner", &n));
        mark(&g, &n);
        end(&g, &n, OUTCOME_UNKNOWN, 0);
        cr_assert(take(&g, "boss", &n));
        end(&g, &n, OUTCOME_SENT, 0);
        cr_assert_eq(query_of(g.s, &q), 0);
        cr_assert_eq(query_history(q, &id, see_told, &told), 0);
        cr_expect_str_eq(told.p, "unknown over owner (rang)\nsent over boss (escalated)\n");
        rig_close(&g);
}

Test(store_notice, only_the_attempt_that_runs_counts)
{
        struct store_notice first, second;
        struct rig g;

        rig_open(&g);
        ring(&g, 1, 1, LEVEL_MEDIUM);
        cr_assert(take(&g, "owner", &first));
        cr_expect_eq(recover(&g, "owner"), 0, "nothing was delivered yet");
        cr_assert(take(&g, "owner", &second));
        cr_expect_eq(second.attempts, 2);
        cr_expect(str_eq(first.key, second.key));
        cr_expect_eq(mark(&g, &first), 0, "too late");
        cr_expect_eq(end(&g, &first, OUTCOME_SENT, 0), 0);
        cr_expect_eq(mark(&g, &second), 1);
        cr_expect_eq(mark(&g, &second), 1, "the answer was lost");
        cr_expect_eq(end(&g, &second, OUTCOME_SENT, 0), 1);
        cr_expect_eq(end(&g, &second, OUTCOME_SENT, 0), 1, "the answer was lost");
        cr_expect_eq(end(&g, &second, OUTCOME_AGAIN, g.now), 0);
        cr_expect(has_state(&g, &second, "sent"));
        rig_close(&g);
}

Test(store_notice, behind_the_mark_nothing_is_tried_again)
{
        struct store_notice n, next;
        struct rig g;

        rig_open(&g);
        ring(&g, 1, 1, LEVEL_MEDIUM);
        cr_assert(take(&g, "owner", &n));
        mark(&g, &n);
        cr_expect_eq(recover(&g, "owner"), 1);
        cr_expect(has_state(&g, &n, "unknown"));
        cr_expect(!take(&g, "owner", &next));
        cr_assert(take(&g, "boss", &next), "at once to the next one");
        cr_expect(str_eqz(next.reason, "escalated"));
        cr_expect_eq(end(&g, &n, OUTCOME_SENT, 0), 1, "the sender was only slow");
        cr_expect(has_state(&g, &n, "sent"));
        rig_close(&g);
}

Test(store_notice, what_no_gate_let_go_is_tried_again)
{
        struct store_notice first, second, n;
        struct notice_gate gate = { .id = STR("g1") }, other = { .id = STR("g2") };
        struct rig g;

        rig_open(&g);
        ring(&g, 1, 1, LEVEL_MEDIUM);
        cr_assert(take(&g, "owner", &first));
        mark(&g, &first);
        cr_expect_eq(recover_by(&g, "owner", &gate), 0, "this gate let nothing go yet");
        cr_assert(take(&g, "owner", &second));
        mark(&g, &second);
        gate.key = first.key;
        gate.attempt = first.attempts;
        cr_expect_eq(recover_by(&g, "owner", &gate), 0, "the attempt before");
        cr_assert(take(&g, "owner", &n));
        mark(&g, &n);
        gate.attempt = n.attempts;
        cr_expect_eq(recover_by(&g, "owner", &gate), 1, "this very one");
        cr_expect(has_state(&g, &n, "unknown"));
        ring(&g, 2, 2, LEVEL_MEDIUM);
        cr_assert(take(&g, "owner", &n));
        mark(&g, &n);
        cr_expect_eq(recover_by(&g, "owner", &other), 1, "another gate knows nothing");
        rig_close(&g);
}

Test(store_notice, failures_wait_for_their_time)
{
        struct store_notice n, other;
        usec due = 0;
        struct rig g;

        rig_open(&g);
        ring(&g, 1, 1, LEVEL_MEDIUM);
        cr_assert(take(&g, "owner", &n));
        end(&g, &n, OUTCOME_AGAIN, g.now + MINUTE);
        cr_expect(!take(&g, "owner", &other));
        cr_assert_eq(store_notice_due(g.s, g.now, &due), 0);
        cr_expect_eq(due, g.now + MINUTE);
        g.now += MINUTE;
        cr_assert(take(&g, "owner", &n));
        cr_expect_eq(n.first_at, g.now - MINUTE);
        end(&g, &n, OUTCOME_FAILED, 0);
        cr_expect(!take(&g, "owner", &other));
        cr_expect(take(&g, "boss", &other), "given up: to the next one");
        rig_close(&g);
}

Test(store_notice, without_an_answer_it_goes_on)
{
        struct store_notice n;
        struct rig g;

        rig_open(&g);
        ring(&g, 1, 2, LEVEL_MEDIUM);
        while (take(&g, "owner", &n))
                end(&g, &n, OUTCOME_SENT, 0);
        change(&g, 2, g.now, "acknowledged", LEVEL_INFORMATIONAL);
        g.now += 29 * MINUTE;
        cr_expect(!take(&g, "boss", &n));
        g.now += MINUTE;
        cr_assert(take(&g, "boss", &n));
        cr_expect(str_eqz(n.reason, "escalated"));
        cr_expect(!take(&g, "boss", &n), "the other one has an answer");
        rig_close(&g);
}

Test(store_notice, critical_ones_come_again_until_they_are_answered)
{
        struct store_notice first, n;
        struct rig g;

        rig_open(&g);
        ring(&g, 1, 1, LEVEL_CRITICAL);
        cr_assert(take(&g, "owner", &first));
        end(&g, &first, OUTCOME_SENT, 0);
        for (unsigned i = 1; i <= 3; i++) {
                cr_expect(!take(&g, "owner", &n));
                g.now += 60 * MINUTE;
                cr_assert(take(&g, "owner", &n));
                cr_expect(str_eqz(n.reason, "repeat") && n.number == i && str_eq(n.first_key, first.key) && !str_eq(n.key, first.key));
                end(&g, &n, OUTCOME_SENT, 0);
        }
        change(&g, 1, 1000 * MINUTE, "not-me", LEVEL_CRITICAL);
        g.now += 60 * MINUTE;
        cr_expect(!take(&g, "owner", &n));
        ring(&g, 2, 2, LEVEL_HIGH);
        cr_assert(take(&g, "owner", &n));
        end(&g, &n, OUTCOME_SENT, 0);
        g.now += 60 * MINUTE;
        cr_expect(!take(&g, "owner", &n), "high is told once");
        rig_close(&g);
}

static const struct store_channel both[] = {
        { .name = STR("boss"), .kind = STR("mail"), .level = LEVEL_CRITICAL, .repeat = 60 * MINUTE, .escalate_after = 10 * MINUTE, .escalate_to = STR("owner") },
        { .name = STR("owner"), .kind = STR("mail"), .level = LEVEL_HIGH, .repeat = 60 * MINUTE, .escalate_after = 30 * MINUTE, .escalate_to = STR("boss") },
};

/* Takes and sends all that is due over the channel; how many. */
static unsigned send_due(struct rig *g, const char *channel)
{
        struct store_notice n;
        unsigned sent = 0;

        for (; take(g, channel, &n); sent++)
                end(g, &n, OUTCOME_SENT, 0);
        return sent;
}

Test(store_notice, what_a_channel_tells_by_itself_is_not_told_a_second_time)
{
        struct rig g;

        rig_open(&g);
        channels(&g, both, ARRAY_LEN(both));
        ring(&g, 1, 1, LEVEL_CRITICAL);
        cr_expect_eq(send_due(&g, "owner"), 1);
        cr_expect_eq(send_due(&g, "boss"), 1);
        g.now += 30 * MINUTE;
        cr_expect_eq(send_due(&g, "boss"), 0, "it was told when it rang");
        cr_expect_eq(send_due(&g, "owner"), 0, "and so was the one it came from");
        for (unsigned i = 0; i < 3; i++) {
                g.now += 60 * MINUTE;
                cr_expect_eq(send_due(&g, "boss"), 1, "one an hour");
                cr_expect_eq(send_due(&g, "owner"), 1);
        }
        rig_close(&g);
}

Test(store_notice, a_group_is_escalated_without_those)
{
        struct store_notice n;
        unsigned named;
        struct rig g;

        rig_open(&g);
        channels(&g, both, ARRAY_LEN(both));
        ring(&g, 1, 13, LEVEL_HIGH);
        for (unsigned i = 11; i <= 13; i++)
                change(&g, i, g.now, "", LEVEL_CRITICAL);
        cr_expect_eq(send_due(&g, "boss"), 3);
        g.now += NOTICE_GATHER;
        cr_assert(take(&g, "owner", &n));
        cr_expect_eq(told(&g, &n, 1, &named), 13);
        end(&g, &n, OUTCOME_SENT, 0);
        g.now += 30 * MINUTE;
        cr_assert(take(&g, "boss", &n));
        cr_expect(str_eqz(n.reason, "escalated"));
        cr_expect_eq(told(&g, &n, 1, &named), 10);
        end(&g, &n, OUTCOME_SENT, 0);
        g.now += 60 * MINUTE;
        cr_expect_eq(send_due(&g, "boss"), 3, "each critical one by itself");
        rig_close(&g);
}

Test(store_notice, channels_come_and_go)
{
        struct store_notice n;
        struct store_channel lower = usual[0];
        struct rig g;

        rig_open(&g);
        ring(&g, 1, 1, LEVEL_MEDIUM);
        g.now += MINUTE;
        lower.level = LEVEL_LOW;
        channels(&g, &lower, 1);
        cr_expect(!take(&g, "owner", &n));
        change(&g, 1, g.now - MINUTE, "", LEVEL_INFORMATIONAL);
        cr_expect(!take(&g, "boss", &n), "what rang before is not told over a channel that listens only now");
        ring(&g, 2, 2, LEVEL_LOW);
        cr_expect(take(&g, "boss", &n));
        g.now += MINUTE;
        channels(&g, usual, ARRAY_LEN(usual));
        cr_expect(!take(&g, "owner", &n));
        cr_assert_eq(store_begin(g.s), 0);
        cr_expect_eq(store_notice_test(g.s, STR("owner"), g.now), 0);
        cr_expect_eq(store_notice_test(g.s, STR("nobody"), g.now), -ENOENT);
        cr_assert_eq(store_commit(g.s), 0);
        cr_assert(take(&g, "owner", &n));
        cr_expect(str_eqz(n.reason, "test"));
        rig_close(&g);
}

static int add_up(void *userdata, struct str state, uint64_t n)
{
        (void)state;
        *(uint64_t *)userdata += n;
        return 0;
}

static uint64_t notices_of(struct rig *g)
{
        struct query *q = NULL;
        uint64_t n = 0;

        cr_assert_eq(query_of(g->s, &q), 0);
        cr_assert_eq(query_notice_counts(q, add_up, &n), 0);
        query_close(q);
        return n;
}

/* Notices of alerts that went with their age tell nothing any more, hold nothing back, and go some time later. */
Test(store_notice, alerts_go_with_their_age)
{
        const struct retention keep = { .records = USEC_PER_DAY, .alerts = 2 * USEC_PER_DAY };
        struct retired gone = { 0 };
        struct store_notice n;
        struct rig g;

        rig_open(&g);
        ring(&g, 1, 2, LEVEL_CRITICAL);
        cr_assert(take(&g, "owner", &n));
        end(&g, &n, OUTCOME_SENT, 0);
        g.now += 3 * USEC_PER_DAY;
        cr_assert_eq(store_begin(g.s), 0);
        cr_assert_eq(store_retire(g.s, &keep, g.now, &gone), 0, "%s", store_error(g.s));
        cr_assert_eq(store_commit(g.s), 0);
        cr_expect_eq(gone.alerts, 2);
        cr_expect(!take(&g, "owner", &n));
        cr_expect(!take(&g, "boss", &n));
        cr_expect_gt(notices_of(&g), 0, "one of them waited until just now");
        g.now += 3 * USEC_PER_DAY;
        cr_assert_eq(store_begin(g.s), 0);
        cr_assert_eq(store_retire(g.s, &keep, g.now, &gone), 0, "%s", store_error(g.s));
        cr_assert_eq(store_commit(g.s), 0);
        cr_expect_eq(notices_of(&g), 0);
        rig_close(&g);
}
