/* SPDX-License-Identifier: Apache-2.0 */

/* What everyone did, and each team, beside what each group did: histories under keys of their own (groups.h), for kinds that
 * hold a group against others. */

#include <errno.h>

#include "monitor/detect/engine_impl.h"

static void crowd_key(uint32_t rule, struct str team, struct strbuf *key)
{
        group_key_begin(key, rule);
        strbuf_addc(key, team.n > 0 ? GROUP_TEAM : GROUP_EVERYONE);
        strbuf_add(key, team);
}

static const struct ledger *find_crowd(void *userdata, struct str team)
{
        CLEANUP(strbuf_done) struct strbuf key = STRBUF_INIT;
        struct engine *e = userdata;
        const struct group *g;

        crowd_key(e->group->rule, team, &key);
        g = strbuf_failed(&key) ? NULL : groups_find(&e->groups, strbuf_str(&key));
        return g && g->holds == GROUP_WINDOW && g->window->history ? &g->window->history->ledger : NULL;
}

static int enter_one(struct engine *e, uint32_t rule, struct str team, const struct hit *hit)
{
        CLEANUP(strbuf_done) struct strbuf key = STRBUF_INIT;
        struct window *w;
        struct group *g;
        int r;

        crowd_key(rule, team, &key);
        g = strbuf_failed(&key) ? NULL : groups_get(&e->groups, strbuf_str(&key));
        w = g ? groups_window(&e->groups, g) : NULL;
        r = w ? window_history(w) : -ENOMEM;
        if (r >= 0) {
                r = history_crowd(w, &e->rules->entries[rule].window, hit);
                e->counters.n[COUNTER_HISTORY_CUT] += history_take_cut(w->history);
        }
        if (g)
                groups_touch(&e->groups, g);
        return r;
}

int crowd_enter(struct engine *e, uint32_t rule, const struct hit *hit)
{
        const struct window_rule *window = &e->rules->entries[rule].window;
        struct str team;
        int r;

        if (!window->kind->has_crowd)
                return 0;
        r = enter_one(e, rule, STR(""), hit);
        if (r < 0 || !window->parameters.has_team || hit->n_values < LEDGER_CELLS)
                return r;
        team = ledger_unpack(&hit_values(hit)[hit->n_values - LEDGER_CELLS]);
        return team.n > 0 ? enter_one(e, rule, team, hit) : 0;
}

/* Days that may still change are not looked at: a record of the day before may come as late as its source's lateness. */
static int32_t crowd_lag(const struct engine *e, uint32_t rule)
{
        return 1 + (int32_t)((engine_lateness(e, rule) + USEC_PER_DAY - 1) / USEC_PER_DAY);
}

void crowd_lend(struct engine *e, struct history *h, uint32_t rule)
{
        h->crowd = find_crowd;
        h->crowd_data = e;
        h->crowd_lag = crowd_lag(e, rule);
}
