/* SPDX-License-Identifier: Apache-2.0 */

/* From what was seen and what was answered to checks. */

#include <criterion/criterion.h>
#include <stdlib.h>

#include "monitor/report/readiness.h"

#define DAY(n) ((usec)(20000 + (n)) * USEC_PER_DAY) /* 20000: 2024-10-04 */
#define NOW DAY(200) /* 2025-04-22 */

static const struct log_kind aws = { .name = "aws-cloudtrail", .logsource = { .product = { "aws", 3 } } };
static const struct log_kind *const kinds[] = { &aws };

#define PEOPLE \
        "- {name: Mei, role: owner, accounts: [mei]}\n" \
        "- {name: Lea, role: staff, accounts: [lea], left: 2025-02-01}\n" \
        "- {name: Tom, role: staff, accounts: [tom]}\n"

struct rig {
        struct accounts a;
        struct people *people;
        struct posture p;
        struct readiness_seen seen;
        struct str names[4];
        struct readiness_channel channels[3];
        struct readiness_answer answers[2];
        struct arena *arena;
        struct readiness_item *items;
        size_t n;
};

static void begin(struct rig *g, const char *people)
{
        CLEANUP(yaml_file_freep) struct yaml_file *file = NULL;
        struct err err = { 0 };

        setenv("TZ", "UTC", 1);
        *g = (struct rig){ .arena = arena_new() };
        cr_assert_eq(accounts_init(&g->a), 0);
        g->seen = (struct readiness_seen){ .now = NOW, .accounts = &g->a, .posture = &g->p, .templates_at = USEC_NONE };
        g->seen.channels = g->channels;
        g->seen.answers = g->answers;
        g->seen.owners = g->seen.silent = g->seen.unheard = g->seen.stale_regimes = g->seen.exporters = g->names;
        if (!people)
                return;
        cr_assert_eq(yaml_parse(str_of(people), "people.yml", &file, &err), 0);
        cr_assert_eq(people_read(file->docs[0], "people.yml", &g->people, &err), 0, "%s", err.text);
}

/* One that signed in, with a second factor or without; or the log does not say. */
static void account(struct rig *g, const char *name, usec last, const char *mfa)
{
        struct fact f = { FACT_MFA, str_of(mfa), STR(""), last, last, USEC_NONE, 1 };

        cr_assert_eq(accounts_take(&g->a, &(struct account_seen){ STR("aws-cloudtrail"), str_of(name), last - USEC_PER_DAY, last }), 0);
        cr_assert_eq(accounts_take_fact(&g->a, NULL, &f), 0);
}

static void channel(struct rig *g, const char *name, const char *kind, usec sent)
{
        g->channels[g->seen.n_channels++] = (struct readiness_channel){ .name = str_of(name), .kind = str_of(kind), .escalate_to = STR(""), .sent = sent };
}

static void answer(struct rig *g, const char *check, const char *text, usec at)
{
        g->answers[g->seen.n_answers++] = (struct readiness_answer){ str_of(check), str_of(text), STR("Mei"), at };
}

static const struct readiness_item *look(struct rig *g, const char *check)
{
        if (!g->items) {
                cr_assert_eq(accounts_settle(&g->a, g->people, kinds, ARRAY_LEN(kinds)), 0);
                cr_assert_eq(posture_look(&g->a, NOW, &g->p), 0);
        }
        cr_assert_eq(readiness_look(&g->seen, _VIEW_MAX, g->arena, &g->items, &g->n), 0);
        for (size_t i = 0; i < g->n; i++)
                if (strcmp(g->items[i].check, check) == 0)
                        return &g->items[i];
        cr_assert_fail("no check %s", check);
        abort();
}

static void done(struct rig *g)
{
        posture_done(&g->p);
        accounts_done(&g->a);
        people_free(g->people);
        arena_free(g->arena);
}

#define expect(g, check, is, text) \
        do { \
                const struct readiness_item *item_ = look(g, check); \
                cr_expect_str_eq(readiness_state_name(item_->state), is, "%s: " STR_FMT, check, STR_ARG(item_->sentence)); \
                cr_expect(str_find(item_->sentence, STR(text)) != SIZE_MAX, "%s: " STR_FMT, check, STR_ARG(item_->sentence)); \
                cr_expect((item_->state == READY_OK) == (item_->advice.n == 0), "%s: advice", check); \
        } while (0)

Test(report_readiness, of_a_shop_that_nobody_set_up)
{
        struct rig g;

        begin(&g, NULL);
        expect(&g, "data-map", "missing", "no people file");
        expect(&g, "leavers", "missing", "no people file");
        expect(&g, "mfa", "unknown", "do not say");
        expect(&g, "alerts-on", "missing", "No rule runs");
        expect(&g, "sources-heard", "missing", "No log was ever read");
        expect(&g, "channels", "missing", "No channel is set");
        expect(&g, "channel-test", "missing", "no channel to try");
        expect(&g, "escalation", "missing", "nobody else");
        expect(&g, "canaries", "missing", "No made-up customer");
        expect(&g, "regimes", "missing", "No law is known");
        expect(&g, "discovery-standard", "unknown", "Nobody has said");
        expect(&g, "logs-kept", "unknown", "cannot be seen");
        done(&g);
}

Test(report_readiness, accounts_and_people)
{
        struct rig g;

        begin(&g, PEOPLE);
        account(&g, "mei", NOW - USEC_PER_DAY, "used");
        account(&g, "tom", NOW - USEC_PER_DAY, "not_used");
        account(&g, "lea", NOW - USEC_PER_DAY, "used"); /* after she left */
        account(&g, "backup", NOW - USEC_PER_DAY, "unknown");
        g.seen.n_people = 3;
        expect(&g, "data-map", "missing", "1 account is of nobody in the people file: backup.");
        expect(&g, "mfa", "missing", "1 account signs in without a second factor: tom.");
        cr_expect_null(look(&g, "mfa")->question, "what is seen is not asked");
        expect(&g, "leavers", "missing", "1 account of people who left still lives: lea.");
        done(&g);

        begin(&g, PEOPLE);
        account(&g, "mei", NOW - USEC_PER_DAY, "used");
        g.seen.n_people = 3;
        g.seen.n_left = 1;
        expect(&g, "data-map", "ok", "1 account, each of somebody");
        expect(&g, "mfa", "ok", "All 1 account that were");
        expect(&g, "leavers", "ok", "of the 1 who left");
        expect(&g, "export-rights", "ok", "0 of 3 people may export; nobody else");
        g.seen.now = NOW + READINESS_FRESH;
        expect(&g, "data-map", "stale", "The last act that was seen is of 2025-04-21");
        done(&g);
}

/* What the logs leave open is asked; what they show goes before any answer. */
Test(report_readiness, an_answer_stands_for_what_cannot_be_seen)
{
        struct rig g;

        begin(&g, PEOPLE);
        account(&g, "mei", NOW - USEC_PER_DAY, "unknown");
        expect(&g, "mfa", "unknown", "Of 1 account the logs do not say");
        cr_expect_not_null(look(&g, "mfa")->question);
        answer(&g, "mfa", "yes", NOW);
        expect(&g, "mfa", "ok", "Mei said on 2025-04-22: yes.");
        cr_expect_null(look(&g, "mfa")->question);
        cr_expect_eq(look(&g, "mfa")->asks_again_at, NOW + 90 * USEC_PER_DAY);
        done(&g);

        begin(&g, PEOPLE);
        account(&g, "tom", NOW - USEC_PER_DAY, "not_used");
        answer(&g, "mfa", "yes", NOW);
        expect(&g, "mfa", "missing", "without a second factor: tom");
        cr_expect_eq(look(&g, "mfa")->answered_at, USEC_NONE);
        done(&g);
}

/* To the microsecond. */
Test(report_readiness, answers_age)
{
        struct rig g;

        begin(&g, NULL);
        answer(&g, "discovery-standard", "in the binder", NOW);
        answer(&g, "drill", "no", NOW);
        expect(&g, "discovery-standard", "ok", "Mei said on 2025-04-22: in the binder.");
        expect(&g, "drill", "missing", "Mei said no");
        cr_expect_null(look(&g, "drill")->question, "asked once");
        g.seen.now = NOW + 365 * USEC_PER_DAY - 1;
        expect(&g, "discovery-standard", "ok", "in the binder");
        g.seen.now++;
        expect(&g, "discovery-standard", "stale", "in the binder");
        cr_expect_not_null(look(&g, "discovery-standard")->question);
        cr_expect(str_find(look(&g, "discovery-standard")->advice, STR("shopbell readiness answer discovery-standard yes")) != SIZE_MAX);
        g.seen.now = NOW + 90 * USEC_PER_DAY;
        expect(&g, "drill", "missing", "Mei said no"); /* a no that is old is one still, and is asked again */
        cr_expect_not_null(look(&g, "drill")->question);
        done(&g);
}

Test(report_readiness, channels_and_escalation)
{
        struct rig g;

        begin(&g, NULL);
        channel(&g, "log", "journal", NOW);
        expect(&g, "channels", "missing", "No channel is set");
        channel(&g, "owner", "mail", NOW - READINESS_FRESH);
        expect(&g, "channels", "ok", "1 channel: owner.");
        expect(&g, "channel-test", "ok", "the channel something went since 2025-03-23");
        g.seen.now++;
        expect(&g, "channel-test", "stale", "Over owner nothing went since 2025-03-23");
        channel(&g, "phone", "command", USEC_NONE);
        expect(&g, "channel-test", "missing", "Nothing ever went over phone");
        expect(&g, "escalation", "missing", "goes to nobody else");
        g.channels[1].escalate_after = 15 * USEC_PER_MINUTE;
        g.channels[1].escalate_to = STR("phone");
        expect(&g, "escalation", "ok", "owner to phone after 15m.");
        done(&g);
}

/* One field, what it leads to. */
Test(report_readiness, what_else_is_seen)
{
        struct rig g;

        begin(&g, NULL);
        g.names[0] = STR("a"), g.names[1] = STR("b"), g.names[2] = STR("c"), g.names[3] = STR("d");
        g.seen.n_rules = 5;
        expect(&g, "alerts-on", "missing", "no shopbelld runs");
        g.seen.is_running = g.seen.has_read = true;
        expect(&g, "alerts-on", "ok", "5 rules run.");
        g.seen.n_heard = 1;
        expect(&g, "sources-heard", "ok", "1 log source was heard.");
        g.seen.n_unheard = 1;
        expect(&g, "sources-heard", "missing", "Nothing was ever read of a.");
        g.seen.n_silent = 4;
        expect(&g, "sources-heard", "missing", "4 log sources are silent for longer than usual: a, b, c and 1 more.");
        g.seen.records_kept = 180 * USEC_PER_DAY;
        expect(&g, "logs-kept", "missing", "after 180 days");
        g.seen.records_kept = 365 * USEC_PER_DAY;
        expect(&g, "logs-kept", "unknown", "cannot be seen");
        g.seen.n_regimes = 22;
        expect(&g, "regimes", "ok", "All 22 laws");
        g.seen.n_stale_regimes = 2;
        expect(&g, "regimes", "stale", "2 of 22 laws were last looked at more than half a year ago: a, b.");
        expect(&g, "decider", "unknown", "names no owner");
        g.seen.n_owners = 2;
        expect(&g, "decider", "unknown", "2 owners: a, b.");
        g.seen.n_owners = 1;
        expect(&g, "decider", "ok", "a decides");
        g.seen.n_canaries = 3;
        expect(&g, "canaries", "unknown", "3 made-up customers are watched");
        expect(&g, "contracts", "unknown", "Nobody has said");
        g.seen.n_contracts = 1;
        expect(&g, "contracts", "ok", "1 contract is among the clocks");
        done(&g);
}

/* Who read them read other ones. */
Test(report_readiness, a_template_that_changed_since_is_to_be_read_again)
{
        struct rig g;

        begin(&g, NULL);
        expect(&g, "templates", "unknown", "Nobody has said");
        answer(&g, "templates", "yes", NOW - USEC_PER_DAY);
        expect(&g, "templates", "ok", "Mei said");
        g.seen.templates_at = NOW - 2 * USEC_PER_DAY;
        expect(&g, "templates", "ok", "Mei said");
        g.seen.templates_at = NOW;
        expect(&g, "templates", "stale", "was changed on 2025-04-22");
        cr_expect_not_null(look(&g, "templates")->question);
        done(&g);
}

Test(report_readiness, the_table)
{
        struct readiness_item *items;
        struct rig g;
        size_t n_all, n;

        begin(&g, NULL);
        look(&g, "drill");
        n_all = g.n;
        for (size_t i = 0; i < g.n; i++) {
                const char *question;

                cr_expect(g.items[i].views != 0 && g.items[i].views < 1U << _VIEW_MAX);
                cr_expect(readiness_check_find(str_of(g.items[i].check), &question));
                cr_expect_str_eq(readiness_check_name(i), g.items[i].check);
                cr_expect(g.items[i].state != READY_UNKNOWN || question, "%s: cannot be known at all", g.items[i].check);
        }
        cr_expect_null(readiness_check_name(n_all));
        cr_expect(!readiness_check_find(STR("weather"), NULL));
        for (unsigned v = 0; v < _VIEW_MAX; v++) {
                cr_expect_eq(readiness_view_find(str_of(readiness_view_name((enum readiness_view)v))), v);
                cr_assert_eq(readiness_look(&g.seen, (enum readiness_view)v, g.arena, &items, &n), 0);
                cr_expect(n > 0 && n < n_all);
                for (size_t i = 0; i < n; i++)
                        cr_expect(items[i].views & 1U << v);
        }
        done(&g);
}
