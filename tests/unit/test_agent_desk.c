/* SPDX-License-Identifier: Apache-2.0 */

/* Which bubbles are on the desk, minute by minute. */

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "monitor/agent/desk.h"

enum { SHOWN_MAX = 16 };

struct rig {
        struct desk *desk;
        struct {
                unsigned handle, buttons;
                char summary[100], body[2000];
                enum desk_urgency urgency;
                bool stays;
        } shown[SHOWN_MAX];
        size_t n;
        char answers[200], opened[400];
        bool is_deaf; /* the server takes nothing */
};

static bool show(void *userdata, const struct desk_bubble *b)
{
        struct rig *g = userdata;

        if (g->is_deaf)
                return false;
        cr_assert_lt(g->n, SHOWN_MAX);
        g->shown[g->n].handle = b->handle;
        g->shown[g->n].buttons = b->buttons;
        g->shown[g->n].urgency = b->urgency;
        g->shown[g->n].stays = b->stays;
        snprintf(g->shown[g->n].summary, sizeof g->shown[g->n].summary, "%s", b->summary);
        snprintf(g->shown[g->n++].body, sizeof g->shown[0].body, "%s", b->body);
        return true;
}

static void take_away(void *userdata, unsigned handle)
{
        struct rig *g = userdata;

        for (size_t i = 0; i < g->n; i++)
                if (g->shown[i].handle == handle) {
                        memmove(&g->shown[i], &g->shown[i + 1], (g->n - i - 1) * sizeof g->shown[0]);
                        g->n--;
                        return;
                }
}

static void answer(void *userdata, const char *id, const char *what)
{
        struct rig *g = userdata;
        size_t n = strlen(g->answers);

        snprintf(g->answers + n, sizeof g->answers - n, "%s %s;", id, what);
}

static void open_page(void *userdata, const char *const *ids, size_t n)
{
        struct rig *g = userdata;

        for (size_t i = 0; i < n; i++) {
                size_t at = strlen(g->opened);

                snprintf(g->opened + at, sizeof g->opened - at, "%s;", ids[i]);
        }
}

static void rig_open(struct rig *g)
{
        const struct desk_host host = { show, take_away, answer, open_page, g };

        *g = (struct rig){ .desk = desk_new(&host) };
        cr_assert(g->desk);
}

static void ring(struct rig *g, const char *id, enum level level, const char *sentence, usec now)
{
        cr_assert_eq(desk_rang(g->desk, &(struct desk_alert){ id, level, str_of(sentence) }, now), 0);
}

static void turn(struct rig *g, usec now)
{
        cr_assert_eq(desk_turn(g->desk, now), 0);
}

#define MINUTE USEC_PER_MINUTE

Test(agent_desk, one_alert)
{
        struct rig g;

        rig_open(&g);
        cr_expect_eq(desk_due(g.desk), USEC_NONE);
        ring(&g, "a", LEVEL_HIGH, "Mei <b>read</b> it\x1b[31m", 0);
        ring(&g, "a", LEVEL_HIGH, "again", 0);
        turn(&g, 0);
        cr_expect_eq(g.n, 0, "it waits for others");
        cr_expect_eq(desk_due(g.desk), DESK_GATHER);
        cr_expect(desk_has_news(g.desk));
        turn(&g, DESK_GATHER);
        cr_assert_eq(g.n, 1);
        cr_expect_str_eq(g.shown[0].summary, "Needs a look today");
        cr_expect_str_eq(g.shown[0].body, "Mei <b>read</b> it\xef\xbf\xbd[31m");
        cr_expect_eq(g.shown[0].urgency, DESK_NORMAL);
        cr_expect_not(g.shown[0].stays);
        cr_expect_eq(g.shown[0].buttons, 15u);
        cr_expect_not(desk_has_news(g.desk));
        desk_closed(g.desk, g.shown[0].handle, MINUTE);
        cr_expect_eq(desk_due(g.desk), USEC_NONE, "closed is done with");
        desk_free(g.desk);
}

Test(agent_desk, buttons)
{
        struct rig g;

        rig_open(&g);
        ring(&g, "a", LEVEL_MEDIUM, "A", 0);
        ring(&g, "b", LEVEL_MEDIUM, "B", 0);
        ring(&g, "c", LEVEL_LOW, "C", 0);
        turn(&g, MINUTE);
        cr_assert_eq(g.n, 3);
        desk_pressed(g.desk, g.shown[0].handle, DESK_ME, MINUTE);
        cr_expect_str_eq(g.answers, "a me;");
        cr_expect_eq(g.n, 2);
        cr_expect_eq(desk_due(g.desk), MINUTE + DESK_AGAIN, "unless the answer is taken");
        desk_answered(g.desk, "a");
        cr_expect_eq(desk_due(g.desk), USEC_NONE);
        desk_pressed(g.desk, g.shown[0].handle, DESK_NOT_ME, MINUTE);
        cr_expect_str_eq(g.answers, "a me;b not-me;");
        desk_refused(g.desk, "b", 2 * MINUTE);
        cr_expect_eq(desk_due(g.desk), 2 * MINUTE + DESK_AGAIN);
        desk_pressed(g.desk, g.shown[0].handle, DESK_PUT_OFF, MINUTE);
        cr_expect_eq(g.n, 0);
        turn(&g, 2 * MINUTE + DESK_AGAIN);
        cr_expect_eq(g.n, 1);
        cr_expect_str_eq(g.shown[0].body, "B");
        turn(&g, MINUTE + DESK_LATER);
        cr_assert_eq(g.n, 2);
        cr_expect_str_eq(g.shown[1].body, "C");
        desk_pressed(g.desk, g.shown[1].handle, DESK_SHOW, MINUTE);
        cr_expect_str_eq(g.opened, "c;");
        desk_pressed(g.desk, 99, DESK_ME, MINUTE);
        desk_pressed(g.desk, 0, DESK_ME, MINUTE);
        cr_expect_str_eq(g.answers, "a me;b not-me;", "no such bubble");
        desk_free(g.desk);
}

Test(agent_desk, critical_comes_again)
{
        struct rig g;

        rig_open(&g);
        ring(&g, "a", LEVEL_CRITICAL, "A", 0);
        turn(&g, MINUTE);
        cr_assert_eq(g.n, 1);
        cr_expect(g.shown[0].stays);
        cr_expect_eq(g.shown[0].urgency, DESK_CRITICAL);
        for (int i = 1; i < 4; i++) {
                usec now = i * 20 * MINUTE;
                unsigned handle = g.shown[0].handle;

                take_away(&g, handle);
                desk_closed(g.desk, handle, now);
                cr_expect_eq(desk_due(g.desk), now + DESK_AGAIN);
                turn(&g, now + DESK_AGAIN);
                cr_assert_eq(g.n, 1);
        }
        desk_answered(g.desk, "a");
        cr_expect_eq(g.n, 0, "answered elsewhere: the bubble goes");
        cr_expect_eq(desk_due(g.desk), USEC_NONE);
        desk_free(g.desk);
}

Test(agent_desk, many_are_one)
{
        struct rig g;
        char id[16];

        rig_open(&g);
        for (int i = 0; i < 200; i++) {
                snprintf(id, sizeof id, "m%d", i);
                ring(&g, id, i == 150 ? LEVEL_CRITICAL : i % 50 == 7 ? LEVEL_HIGH : LEVEL_MEDIUM, i == 150 ? "The worst" : i % 2 ? "odd" : "even", i);
        }
        turn(&g, DESK_GATHER);
        cr_assert_eq(g.n, 1);
        cr_expect_str_eq(g.shown[0].summary, "200 alerts, 1 of them critical");
        cr_expect_str_eq(g.shown[0].body, "The worst\nodd\neven\nand more");
        cr_expect_eq(g.shown[0].buttons, 1u << DESK_PUT_OFF | 1u << DESK_SHOW);
        cr_expect(g.shown[0].stays);
        desk_answered(g.desk, "m3");
        cr_expect_eq(g.n, 1);
        desk_pressed(g.desk, g.shown[0].handle, DESK_SHOW, MINUTE);
        cr_expect_eq(strncmp(g.opened, "m150;m7;m57;", 12), 0, "%s", g.opened);
        cr_expect_eq(desk_due(g.desk), MINUTE + DESK_AGAIN, "only the critical one comes again");
        turn(&g, MINUTE + DESK_AGAIN);
        cr_assert_eq(g.n, 1);
        cr_expect_str_eq(g.shown[0].body, "The worst");
        desk_free(g.desk);
}

Test(agent_desk, limits)
{
        struct rig g;
        char id[16];

        rig_open(&g);
        for (int i = 0; i < DESK_ALERTS_MAX + 5; i++) {
                snprintf(id, sizeof id, "m%d", i);
                ring(&g, id, LEVEL_LOW, "x", 0);
        }
        ring(&g, "an id that is longer than any id is", LEVEL_LOW, "x", 0);
        turn(&g, DESK_GATHER);
        cr_assert_eq(g.n, 1);
        cr_expect_str_eq(g.shown[0].summary, "1005 alerts, 1000 of them low");
        desk_free(g.desk);
}

Test(agent_desk, without_a_server)
{
        struct rig g;

        rig_open(&g);
        g.is_deaf = true;
        ring(&g, "a", LEVEL_MEDIUM, "A", 0);
        turn(&g, MINUTE);
        cr_expect(desk_has_news(g.desk));
        g.is_deaf = false;
        turn(&g, 2 * MINUTE);
        cr_assert_eq(g.n, 1);
        g.n = 0;
        desk_cleared(g.desk, 3 * MINUTE);
        turn(&g, 3 * MINUTE);
        cr_expect_eq(g.n, 1, "the next server has it again");
        desk_free(g.desk);
}

static void note_again(void *userdata, const char *id, usec at)
{
        char *text = userdata;
        size_t n = strlen(text);

        snprintf(text + n, 100 - n, "%s %lld;", id, (long long)(at / MINUTE));
}

Test(agent_desk, across_a_logout)
{
        char again[100] = "";
        struct rig g;

        rig_open(&g);
        ring(&g, "a", LEVEL_CRITICAL, "A", 0);
        ring(&g, "b", LEVEL_MEDIUM, "B", 0);
        ring(&g, "c", LEVEL_MEDIUM, "C", 0);
        turn(&g, MINUTE);
        desk_pressed(g.desk, 3, DESK_PUT_OFF, MINUTE);
        ring(&g, "d", LEVEL_CRITICAL, "D", MINUTE);
        desk_each_again(g.desk, note_again, again);
        cr_expect_str_eq(again, "a 0;c 61;", "b was told; d is news, and asked for again");
        desk_free(g.desk);
        rig_open(&g);
        cr_assert_eq(desk_restore(g.desk, &(struct desk_alert){ "c", LEVEL_MEDIUM, STR("C") }, 61 * MINUTE), 0);
        cr_expect_not(desk_has_news(g.desk));
        turn(&g, 60 * MINUTE);
        cr_expect_eq(g.n, 0);
        turn(&g, 61 * MINUTE);
        cr_expect_eq(g.n, 1);
        desk_free(g.desk);
}
