/* SPDX-License-Identifier: Apache-2.0 */

/* What was forgotten at a cap may have been the beginning of an alert, so forgetting is told as an alert of its own: one for
 * each rule and each stretch of time in which no day goes by without. It lives in a group of the rule, under a key of its own
 * (groups.h), as an episode, so that it outlives restarts and reloads as all others do. */

#include <errno.h>

#include "monitor/detect/engine_impl.h"

/* Losses that are no further apart are one alert. */
#define LOSS_TIMESPAN USEC_PER_DAY

static const char playbook[] =
        "Look at who floods this rule: shopbell state show RULE, and the alerts of the same time\n"
        "Raise memory: (or keys:) in shopbell.yml if there is memory to spare, then restart shopbelld\n"
        "Let the rule look at less: a filter, or a shorter timespan\n"
        "Once mended, read the logs of that time again with shopbell scan: what was missed is found there";

/* Rules that need one hit have told of it by then. */
static bool may_hide(const struct entry *entry)
{
        return entry->rule->kind == SIGMA_CORRELATION && entry->is_live;
}

static struct group *loss_group(struct engine *e, uint32_t rule)
{
        CLEANUP(strbuf_done) struct strbuf key = STRBUF_INIT;

        group_key_begin(&key, rule);
        strbuf_addc(&key, GROUP_LOSS);
        return strbuf_failed(&key) ? NULL : groups_get(&e->groups, strbuf_str(&key));
}

static int tell_loss(struct engine *e, const struct entry *entry, struct episode *episode)
{
        struct alert_group field = { STR("rule"), entry->rule->title };
        char first[TIME_ISO_BYTES];
        struct str parts[] = { STR("loss"), entry->state_label, STR_NONE };
        struct alert_change c;
        int r;

        time_format_iso(episode->first, first);
        parts[2] = str_of(first);
        if (!episode->is_told)
                episode->id = hash128_of(parts, ARRAY_LEN(parts));
        c = (struct alert_change){
                .kind = episode->is_told ? CHANGE_GROW : CHANGE_RAISE,
                .id = episode->id,
                .rule_id = STR(ENGINE_LOSS_RULE),
                .rule_title = STR(ENGINE_LOSS_TITLE),
                .level = LEVEL_MEDIUM,
                .group = &field,
                .n_group = 1,
                .sentence = arena_printf(e->arena,
                                         "shopbell had to forget what it held for the rule \"" STR_FMT
                                         "\" (%llu times) at its memory limit: an alert of this rule may be missing",
                                         STR_ARG(entry->rule->title), (unsigned long long)episode->count),
                .why = arena_printf(e->arena, "limits: %zu keys, %zu MB for all rules, %d hits a key; this rule held most",
                                    e->groups.keys_max, e->groups.bytes_max >> 20, ENGINE_HITS_PER_KEY_MAX),
                .playbook = STR(playbook),
                .person = STR(""),
                .source = STR(""),
                .first_seen = episode->first,
                .last_seen = episode->last,
                .count = episode->count,
        };
        r = c.sentence.p && c.why.p ? e->sink->change(e->sink->userdata, &c) : -ENOMEM;
        arena_reset(e->arena);
        episode->is_told = true;
        episode->is_changed = false;
        return r;
}

static int changed(void *userdata, struct episode *episode)
{
        struct engine *e = userdata;

        return tell_loss(e, &e->rules->entries[e->group->rule], episode);
}

static void hot(void *userdata, const struct hit *hit, struct episode *episode)
{
        (void)userdata;
        (void)hit;
        (void)episode;
}

/* Two losses never come to touch late: their time only grows, or they are counted in the one that is there. */
static int merged(void *userdata, const struct episode *from, struct episode *into)
{
        (void)userdata;
        (void)from;
        (void)into;
        return 0;
}

static int note_loss(struct engine *e, uint32_t rule, uint64_t n)
{
        const struct episode_sink sink = { .hot = hot, .merged = merged, .changed = changed, .userdata = e };
        struct group *g = loss_group(e, rule);
        struct window *w = g ? groups_window(&e->groups, g) : NULL;
        struct episode *last = w && w->episodes.n > 0 ? &w->episodes.items[w->episodes.n - 1] : NULL;
        struct hit hit = { .time = e->time };
        int r;

        if (!w)
                return -ENOMEM;
        if (last && hit.time < last->last) /* records come in any order, losses one after the other */
                hit.time = last->last;
        e->group = g;
        r = episodes_put(&w->episodes, LOSS_TIMESPAN, &hit, &sink);
        if (r >= 0)
                w->episodes.items[w->episodes.n - 1].count += n - 1;
        if (r >= 0)
                r = episodes_tell(&w->episodes, LOSS_TIMESPAN, hit.time, &sink);
        groups_touch(&e->groups, g);
        return r;
}

int engine_tell_losses(struct engine *e, const struct engine_sink *sink)
{
        uint64_t all = e->groups.evicted + e->hits_lost;
        int r = 0;

        if (all == e->losses_told || e->time == USEC_NONE) /* lost while loading: told at the time of the first record */
                return 0;
        e->sink = sink;
        for (size_t i = 0; i < e->rules->n && r >= 0; i++) {
                struct rule_groups *of = &e->groups.of_rule[i];
                uint64_t n = of->evicted + of->hits_lost - of->told;

                of->told += n;
                if (n > 0 && may_hide(&e->rules->entries[i]))
                        r = note_loss(e, (uint32_t)i, n);
        }
        e->losses_told = all;
        e->counters.n[COUNTER_WINDOW_KEYS_EVICTED] = e->groups.evicted;
        return r;
}

void losses_settle(struct groups *all, struct group *g, usec mark)
{
        if (groups_window(all, g) && episodes_forget(&g->window->episodes, mark - LOSS_TIMESPAN) > 0)
                groups_touch(all, g);
        if (g->holds == GROUP_WINDOW && g->window->episodes.n == 0)
                groups_drop(all, g);
}
