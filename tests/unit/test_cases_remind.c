/* SPDX-License-Identifier: Apache-2.0 */

/* When the clocks of a case are heard, from deadlines and a time that is handed in. */

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor/cases/remind.h"

#define START (INT64_C(1763362800) * USEC_PER_SEC) /* Mon 17 Nov 2025 07:00 UTC, 16:00 in Seoul */
#define HOURS(n) ((usec)(n) * USEC_PER_HOUR)
#define MINUTES(n) ((usec)(n) * USEC_PER_MINUTE)

enum { DUTIES_MAX = 8 };

struct rig {
        struct arena *arena;
        struct zone *zone;
        struct regime regime;
        struct duty duties[DUTIES_MAX];
        struct deadline deadlines[DUTIES_MAX];
        size_t n;
        struct reminder r;
        struct strbuf text;
};

static void begin(struct rig *g, const char *zone)
{
        struct err err = { 0 };

        *g = (struct rig){ .arena = arena_new() };
        cr_assert_eq(zone_open(NULL, str_of(zone), &g->zone, &err), 0, "%s", err.text);
        g->regime = (struct regime){ .id = STR("kr-pipa"), .tz = g->zone };
}

static void done(struct rig *g)
{
        strbuf_done(&g->text);
        zone_free(g->zone);
        arena_free(g->arena);
}

/* `span` 0: without a number. */
static struct deadline *add(struct rig *g, const char *id, const char *title, usec start, usec span)
{
        struct duty *duty = &g->duties[g->n];
        struct deadline *d = &g->deadlines[g->n++];

        *duty = (struct duty){ .id = str_of(id), .title = str_of(title), .to = TO_AUTHORITY, .within = STR("without undue delay"), .law = STR("Art. 34(3)") };
        *d = (struct deadline){ .regime = &g->regime, .duty = duty, .applies = TRUTH_YES, .law_applies = TRUTH_YES, .state = DEADLINE_RUNNING, .start = start,
                                .due = span > 0 ? start + span : USEC_NONE, .done_at = USEC_NONE, .why = STR("because") };
        return d;
}

static void finish_at(struct deadline *d, usec at)
{
        d->state = DEADLINE_DONE;
        d->done_at = at;
}

static const struct reminder *at(struct rig *g, usec now)
{
        for (size_t i = 0; i < g->n; i++)
                if (g->deadlines[i].done_at == USEC_NONE)
                        g->deadlines[i].state = g->deadlines[i].due != USEC_NONE && now >= g->deadlines[i].due ? DEADLINE_OVER : DEADLINE_RUNNING;
        cr_assert_eq(remind_of(g->deadlines, g->n, now, g->arena, &g->r), 0);
        return &g->r;
}

static const char *say(struct rig *g)
{
        strbuf_clear(&g->text);
        remind_sentence(3, STR_NONE, &g->r, &g->text);
        return g->text.p;
}

/* All bells from `from` on, up to `until`, as "hours:minutes step level" behind START; each is asked again a moment later, and in between. */
static char *bells(struct rig *g, usec from, usec until)
{
        struct strbuf out = STRBUF_INIT;
        struct hash128 last = { { 0 } };

        for (usec now = from; now != USEC_NONE && now <= until; now = at(g, now)->next) {
                struct hash128 id;

                if (!at(g, now)->rings)
                        continue;
                id = remind_id(3, &g->r);
                if (!hash128_eq(&id, &last))
                        strbuf_addf(&out, "%lld:%02lld %s %s\n", (long long)((g->r.at - START) / USEC_PER_HOUR),
                                    (long long)((g->r.at - START) / USEC_PER_MINUTE % 60), remind_step_name(g->r.step), level_name(g->r.level));
                last = id;
                say(g);
                cr_assert(g->r.next == USEC_NONE || g->r.next > now);
                if (g->r.next != USEC_NONE && g->r.next - now > 1) {
                        char *before = str_dupz(strbuf_str(&g->text));
                        struct hash128 again;

                        at(g, now + (g->r.next - now) / 2);
                        again = remind_id(3, &g->r);
                        cr_assert(hash128_eq(&again, &id));
                        cr_assert_str_eq(say(g), before);
                        free(before);
                }
        }
        return strbuf_take(&out);
}

#define expect_bells(g, from, until, text) \
        do { \
                char *got_ = bells(g, from, until); \
                cr_expect_str_eq(got_ ? got_ : "", text); \
                free(got_); \
        } while (0)

Test(cases_remind, of_72_hours)
{
        struct rig g;

        begin(&g, "Asia/Seoul");
        add(&g, "authority", "Report to PIPC or KISA", START, HOURS(72));
        cr_expect(!at(&g, START)->rings);
        cr_expect_eq(g.r.next, START + HOURS(36));
        expect_bells(&g, START, START + HOURS(121),
                     "36:00 half medium\n48:00 24h high\n54:00 three-quarters high\n66:00 6h critical\n71:00 1h critical\n72:00 over critical\n"
                     "96:00 daily critical\n120:00 daily critical\n");
        at(&g, START + HOURS(36) - 1);
        cr_expect(!g.r.rings);
        at(&g, START + HOURS(36));
        cr_expect_str_eq(say(&g), "Case 3: Report to PIPC or KISA (kr-pipa) is due Thu 20 Nov 2025 16:00 KST, half of its time has gone by");
        at(&g, START + HOURS(66));
        cr_expect_str_eq(say(&g), "Case 3: Report to PIPC or KISA (kr-pipa) is due Thu 20 Nov 2025 16:00 KST, in 6 hours or less");
        at(&g, START + HOURS(72));
        cr_expect_str_eq(say(&g), "Case 3: Report to PIPC or KISA (kr-pipa) was due Thu 20 Nov 2025 16:00 KST, and is not done");
        at(&g, START + HOURS(97));
        cr_expect_str_eq(say(&g), "Case 3: Report to PIPC or KISA (kr-pipa) was due Thu 20 Nov 2025 16:00 KST, 1 day ago, and is not done");
        done(&g);
}

/* Steps that lie before the start are none; those close together are one bell, but the end is heard. */
Test(cases_remind, of_short_spans)
{
        struct rig g;

        begin(&g, "Asia/Seoul");
        add(&g, "a", "A", START, HOURS(1));
        expect_bells(&g, START, START + HOURS(2), "0:30 half critical\n1:00 over critical\n");
        done(&g);
        begin(&g, "Asia/Seoul");
        add(&g, "a", "A", START, HOURS(24));
        expect_bells(&g, START, START + HOURS(25), "12:00 half high\n18:00 6h critical\n23:00 1h critical\n24:00 over critical\n");
        done(&g);
}

/* Who opens a case late hears what counts now, once. */
Test(cases_remind, of_a_case_that_was_opened_late)
{
        struct rig g;

        begin(&g, "Asia/Seoul");
        add(&g, "a", "A", START, HOURS(72));
        expect_bells(&g, START + HOURS(50), START + HOURS(60), "48:00 24h high\n54:00 three-quarters high\n");
        expect_bells(&g, START + HOURS(80), START + HOURS(90), "72:00 over critical\n");
        done(&g);
}

Test(cases_remind, without_a_number_once_a_day)
{
        struct rig g;
        struct deadline *d;

        begin(&g, "Asia/Seoul");
        d = add(&g, "people", "Tell the people affected", START, 0);
        expect_bells(&g, START, START + HOURS(72), "0:00 begins high\n24:00 daily high\n48:00 daily high\n72:00 daily high\n");
        at(&g, START);
        cr_expect_str_eq(say(&g), "Case 3: Tell the people affected (kr-pipa) is to be done without undue delay");
        at(&g, START + HOURS(49));
        cr_expect_str_eq(say(&g), "Case 3: Tell the people affected (kr-pipa) is to be done without undue delay, and has been for 2 days");
        finish_at(d, START + HOURS(50));
        cr_expect(!at(&g, START + HOURS(51))->rings);
        cr_expect_eq(g.r.next, USEC_NONE);
        done(&g);
        begin(&g, "Asia/Seoul"); /* after a year as on the first day */
        add(&g, "people", "Tell the people affected", START, 0);
        expect_bells(&g, START + HOURS(24 * 365), START + HOURS(24 * 367), "8760:00 daily high\n8784:00 daily high\n8808:00 daily high\n");
        done(&g);
}

/* One bell, one sentence; the daily ones of a case come at one time of day. */
Test(cases_remind, several_duties)
{
        struct rig g;
        struct deadline *a;
        struct hash128 id, other;

        begin(&g, "Asia/Seoul");
        a = add(&g, "a", "A", START, HOURS(72));
        add(&g, "b", "B", START + MINUTES(20), HOURS(72));
        add(&g, "c", "C", START + MINUTES(40), 0);
        add(&g, "d", "D", START, 0);
        expect_bells(&g, START, START + HOURS(75),
                     "0:00 begins high\n24:00 daily high\n36:00 half high\n48:00 24h high\n54:00 three-quarters high\n66:00 6h critical\n71:00 1h critical\n"
                     "72:00 over critical\n");
        at(&g, START + HOURS(66));
        cr_expect_str_eq(say(&g), "Case 3: A (kr-pipa) is due Thu 20 Nov 2025 16:00 KST, in 6 hours or less; 3 more to do");
        at(&g, START + HOURS(73)); /* the other one has joined it */
        cr_expect_str_eq(say(&g), "Case 3: A (kr-pipa) was due Thu 20 Nov 2025 16:00 KST, and is not done; 3 more to do, 1 of them over");

        /* The one that rang is done: the bell stays, for the others. */
        at(&g, START + HOURS(66) + MINUTES(30));
        id = remind_id(3, &g.r);
        finish_at(a, START + HOURS(66) + MINUTES(31));
        cr_expect(at(&g, START + HOURS(67))->rings);
        other = remind_id(3, &g.r);
        cr_expect(hash128_eq(&id, &other));
        cr_expect_str_eq(say(&g), "Case 3: B (kr-pipa) is due Thu 20 Nov 2025 16:20 KST, in 6 hours or less; 2 more to do");
        done(&g);
}

/* What is done is heard no more, and what can wait waits for its next step; what cannot does not go unheard. */
Test(cases_remind, when_the_last_bell_was_of_what_is_done)
{
        struct rig g;
        struct deadline *a, *b;

        begin(&g, "Asia/Seoul");
        a = add(&g, "a", "A", START, HOURS(24));
        b = add(&g, "b", "B", START, HOURS(36));
        cr_expect(at(&g, START + HOURS(18))->rings); /* of both: b's half, a's six hours */
        finish_at(a, START + HOURS(19));
        cr_expect(at(&g, START + HOURS(20))->rings);
        done(&g);
        begin(&g, "Asia/Seoul");
        a = add(&g, "a", "A", START, HOURS(24));
        b = add(&g, "b", "B", START, HOURS(200));
        cr_expect(at(&g, START + HOURS(23))->rings);
        finish_at(a, START + HOURS(23) + 1);
        cr_expect(!at(&g, START + HOURS(24))->rings);
        cr_expect_eq(g.r.next, START + HOURS(100));
        done(&g);
        begin(&g, "Asia/Seoul");
        a = add(&g, "a", "A", START, HOURS(26));
        b = add(&g, "b", "B", START, HOURS(24));
        cr_expect(at(&g, START + HOURS(26))->rings);
        cr_expect_eq(g.r.by, a);
        finish_at(a, START + HOURS(26) + 1);
        cr_expect(at(&g, START + HOURS(27))->rings, "b is over, and is not done");
        cr_expect_eq(g.r.live[0], b);
        done(&g);
}

Test(cases_remind, a_mark_that_moved)
{
        struct rig g;
        struct deadline *a;
        struct hash128 id, other;

        begin(&g, "Asia/Seoul");
        a = add(&g, "a", "A", START, HOURS(72));
        at(&g, START + HOURS(50));
        id = remind_id(3, &g.r);
        a->start += HOURS(30);
        a->due += HOURS(30);
        cr_expect(!at(&g, START + HOURS(50))->rings);
        cr_expect_eq(g.r.next, START + HOURS(66));
        a->start -= HOURS(30);
        a->due -= HOURS(30);
        at(&g, START + HOURS(50));
        other = remind_id(3, &g.r);
        cr_expect(hash128_eq(&id, &other));
        other = remind_id(4, &g.r);
        cr_expect(!hash128_eq(&id, &other));
        done(&g);
}

Test(cases_remind, what_does_not_run)
{
        struct rig g;

        begin(&g, "Asia/Seoul");
        cr_expect(!at(&g, START)->rings);
        cr_expect_eq(g.r.next, USEC_NONE);
        add(&g, "a", "A", START, HOURS(72))->applies = TRUTH_NO;
        cr_expect(!at(&g, START + HOURS(80))->rings);
        cr_expect_eq(g.r.next, USEC_NONE);
        g.deadlines[0].applies = TRUTH_UNKNOWN;
        cr_expect(at(&g, START + HOURS(80))->rings);
        cr_expect(str_find(str_of(say(&g)), STR("if that law applies: it is not known")) != SIZE_MAX);
        done(&g);
}

/* Hours are hours whatever the clocks on the wall do; what is said is what they show. */
Test(cases_remind, over_a_change_of_the_clocks)
{
        const usec start = INT64_C(1774609200) * USEC_PER_SEC; /* Fri 27 Mar 2026 12:00 CET; the clocks go on on the 29th */
        struct rig g;

        begin(&g, "Europe/Berlin");
        add(&g, "a", "A", start, HOURS(72));
        cr_expect(at(&g, start + HOURS(48))->rings);
        cr_expect_eq(g.r.at, start + HOURS(48));
        cr_expect_eq(g.r.step, REMIND_DAY);
        cr_expect_str_eq(say(&g), "Case 3: A (kr-pipa) is due Mon 30 Mar 2026 13:00 CEST, in 24 hours or less");
        done(&g);
}

/* What to write when it is late is said, and what the law has of it. */
Test(cases_remind, what_is_over)
{
        static const struct content reason = { .id = "delay-reason" };
        struct regime_content contents[] = { { &reason, STR("Art. 33(1)") } };
        struct rig g;
        struct strbuf text = STRBUF_INIT;

        begin(&g, "Europe/Dublin");
        add(&g, "authority", "Report", START, HOURS(72));
        at(&g, START + HOURS(73));
        remind_playbook(3, &g.r, &text);
        cr_expect(str_find(strbuf_str(&text), STR("shopbell case set 3 delay-reason=\"...\" (kr-pipa does not ask for it by name")) != SIZE_MAX, "%s", text.p);
        g.regime.contents[TO_AUTHORITY] = contents;
        g.regime.n_contents[TO_AUTHORITY] = 1;
        strbuf_clear(&text);
        remind_playbook(3, &g.r, &text);
        cr_expect(str_find(strbuf_str(&text), STR("(the notice must say so: Art. 33(1))")) != SIZE_MAX, "%s", text.p);
        cr_expect(str_find(strbuf_str(&text), STR("shopbell case done 3 kr-pipa/authority")) != SIZE_MAX, "%s", text.p);
        cr_expect(str_find(strbuf_str(&text), STR("no legal advice")) != SIZE_MAX, "%s", text.p);
        strbuf_clear(&text);
        remind_why(&g.r, &text);
        cr_expect_str_eq(text.p, "Report (kr-pipa) was due Thu 20 Nov 2025 07:00 GMT: because");
        strbuf_done(&text);
        done(&g);
}

/* Who has said nothing yet is asked for that, and not called by the law of each country. */
Test(cases_remind, laws_that_nobody_knows_of_are_no_alarm)
{
        struct strbuf playbook = STRBUF_INIT;
        struct rig g;
        struct deadline *guess;

        begin(&g, "Asia/Seoul");
        guess = add(&g, "authority", "A", START, HOURS(1));
        guess->applies = guess->law_applies = TRUTH_UNKNOWN;
        add(&g, "people", "P", START, HOURS(72))->law_applies = TRUTH_UNKNOWN;
        cr_assert(at(&g, START + MINUTES(31))->rings);
        cr_assert_eq(g.r.level, LEVEL_HIGH);
        cr_assert_str_eq(say(&g), "Case 3: nobody has said enough of where the shop is and whose data was reached: 2 clocks of laws may run, the first until "
                                  "Mon 17 Nov 2025 17:00 KST (kr-pipa)");
        remind_playbook(3, &g.r, &playbook);
        cr_assert(str_starts(strbuf_str(&playbook), STR("Say it, and the clocks of other laws go: shopbell case set 3 seller=COUNTRY")), "%s", playbook.p);
        cr_assert_eq(at(&g, START + HOURS(2))->level, LEVEL_HIGH);
        cr_assert(strstr(say(&g), "the first was until Mon 17 Nov 2025 17:00 KST"), "%s", say(&g));
        /* What is known of goes before it. */
        g.deadlines[1].law_applies = TRUTH_YES;
        cr_assert(at(&g, START + HOURS(67))->rings);
        cr_assert_eq(g.r.level, LEVEL_CRITICAL);
        cr_assert(str_starts(str_of(say(&g)), STR("Case 3: P (kr-pipa) is due Thu 20 Nov 2025 16:00 KST")), "%s", say(&g));
        strbuf_done(&playbook);
        done(&g);
}
