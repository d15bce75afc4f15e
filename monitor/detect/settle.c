/* SPDX-License-Identifier: Apache-2.0 */

/* What waits is judged, what nothing can touch any more goes: when a batch is over, when the sources have delivered everything up to
 * some time, when time passes, when all input has ended. */

#include "monitor/detect/engine_impl.h"

static bool is_unjudged(const struct group *g)
{
        return !g->is_gone && g->holds == GROUP_WINDOW && g->window->n_unjudged > 0;
}

int engine_judge_group(struct engine *e, struct group *g, usec until)
{
        const struct window_rule *rule = &e->rules->entries[g->rule].window;
        struct episode_sink sink = engine_sink_for(e, g);
        struct window *w = g->window;
        int r;

        if (w->history && rule->kind->has_crowd)
                crowd_lend(e, w->history, g->rule);
        r = window_judge(w, rule, until, &sink);
        if (w->history)
                e->counters.n[COUNTER_HISTORY_CUT] += history_take_cut(w->history);
        groups_touch(&e->groups, g);
        return r < 0 ? r : engine_hand_on(e, g);
}

int engine_judge(struct engine *e, const struct engine_sink *sink)
{
        int r = 0;

        if (!e->has_unjudged)
                return 0;
        e->has_unjudged = false;
        e->sink = sink;
        for (group_id id = e->groups.dirty; id && r >= 0;) {
                struct group *g = groups_at(&e->groups, id);

                id = g->next_dirty;
                if (is_unjudged(g) && e->rules->entries[g->rule].window.kind->judge)
                        r = engine_judge_group(e, g, INT64_MAX);
        }
        return r;
}

usec engine_lateness(const struct engine *e, uint32_t rule)
{
        usec most = 0;

        for (size_t s = 0; s < e->rules->n_kinds; s++)
                if (ruleset_applies(e->rules, rule, s) && e->rules->lateness[s] > most)
                        most = e->rules->lateness[s];
        return most;
}

/* ---- Settling ---- */

/* Until when the sources that feed a rule have delivered everything; USEC_NONE: none of them has spoken. */
static usec mark_of(const struct engine *e, uint32_t rule, const usec *watermark, size_t n)
{
        usec mark = USEC_NONE;

        for (size_t s = 0; s < n; s++) {
                usec t;

                if (watermark[s] == USEC_NONE || !ruleset_applies(e->rules, rule, s))
                        continue;
                t = watermark[s] - e->rules->lateness[s];
                if (mark == USEC_NONE || t < mark)
                        mark = t;
        }
        return mark == USEC_NONE ? mark : mark - e->rules->entries[rule].delay;
}

static int judge_rule(struct engine *e, uint32_t rule, usec until)
{
        int r = 0;

        for (struct group *g = groups_at(&e->groups, e->groups.of_rule[rule].newest), *next; g && r >= 0; g = next) {
                next = groups_at(&e->groups, g->older);
                if (!is_unjudged(g))
                        continue;
                r = engine_judge_group(e, g, until);
                if (next && next->is_gone) /* evicted meanwhile */
                        next = groups_at(&e->groups, e->groups.of_rule[rule].newest);
        }
        return r;
}

/* Inner correlations first: they hand their hits on. With `watermark` NULL everything is judged. */
static int judge_all(struct engine *e, const usec *watermark, size_t n, const struct engine_sink *sink)
{
        unsigned depth = 0, deepest = 0;
        int r = 0;

        e->sink = sink;
        for (; depth <= deepest; depth++)
                for (size_t i = 0; i < e->rules->n && r >= 0; i++) {
                        const struct entry *entry = &e->rules->entries[i];
                        usec until;

                        deepest = entry->depth > deepest ? entry->depth : deepest;
                        if (entry->depth != depth || !entry->window.kind || !entry->window.waits)
                                continue;
                        until = watermark ? mark_of(e, (uint32_t)i, watermark, n) : INT64_MAX;
                        if (until > e->progress[i].judged)
                                r = judge_rule(e, (uint32_t)i, until);
                        if (watermark && until > e->progress[i].judged)
                                e->progress[i].judged = until;
                }
        e->counters.n[COUNTER_WINDOW_KEYS_EVICTED] = e->groups.evicted;
        return r;
}

/* Where a hit is held against what others did: those who were read later had not been heard when it was judged. Before it becomes
 * final, all are (mark_of()), so it is judged once more, and what it leads to depends on the hits alone, however their sources
 * were read. */
static int judge_again(struct engine *e, uint32_t rule, usec mark)
{
        int r = 0;

        if (!e->rules->entries[rule].window.kind->has_crowd)
                return 0;
        for (struct group *g = groups_at(&e->groups, e->groups.of_rule[rule].newest), *next; g && r >= 0; g = next) {
                next = groups_at(&e->groups, g->older);
                if (g->holds == GROUP_WINDOW && history_open(g->window, mark))
                        r = engine_judge_group(e, g, INT64_MAX);
                if (next && next->is_gone)
                        next = groups_at(&e->groups, e->groups.of_rule[rule].newest);
        }
        return r;
}

static void settle_rule(struct engine *e, uint32_t rule, usec mark)
{
        for (struct group *g = groups_at(&e->groups, e->groups.of_rule[rule].newest), *next; g; g = next) {
                next = groups_at(&e->groups, g->older);
                groups_settle(&e->groups, g, mark);
                if (next && next->is_gone)
                        next = groups_at(&e->groups, e->groups.of_rule[rule].newest);
        }
}

int engine_settle(struct engine *e, const usec *watermark, size_t n, const struct engine_sink *sink)
{
        int r = judge_all(e, watermark, n, sink);

        for (size_t i = 0; i < e->rules->n && r >= 0; i++) {
                const struct window_rule *window = &e->rules->entries[i].window;
                usec mark = window->kind ? mark_of(e, (uint32_t)i, watermark, n) : USEC_NONE;
                usec before = e->progress[i].settled;

                /* Walking all keys only pays when enough of a timespan has gone by. */
                if (mark == USEC_NONE || (before != USEC_NONE && mark - before < window->timespan / 8))
                        continue;
                r = judge_again(e, (uint32_t)i, mark);
                if (r < 0)
                        break;
                settle_rule(e, (uint32_t)i, mark);
                e->progress[i].settled = mark;
        }
        return r;
}

usec engine_needs_from(const struct engine *e)
{
        usec from = INT64_MAX;

        for (size_t i = 0; i < e->rules->n; i++) {
                const struct window_rule *window = &e->rules->entries[i].window;
                usec settled = e->progress[i].settled;

                if (!window->kind || e->groups.of_rule[i].n == 0)
                        continue;
                if (settled == USEC_NONE)
                        return INT64_MIN;
                settled -= 2 * window->timespan + USEC_PER_DAY; /* whole days are kept where days are counted */
                from = settled < from ? settled : from;
        }
        return from == INT64_MAX ? INT64_MIN : from;
}

bool engine_is_crowded(const struct engine *e)
{
        const struct groups *g = &e->groups;

        return g->n > g->keys_max / ENGINE_CROWDED_PART || g->bytes > g->bytes_max / ENGINE_CROWDED_PART;
}

/* ---- The clock ---- */

static bool waits_for_clock(const struct engine *e, size_t rule)
{
        const struct kind *kind = e->rules->entries[rule].window.kind;

        return kind && kind->is_forward;
}

/* From a hit to when it is clear that nothing follows. */
static usec patience(const struct engine *e, uint32_t rule)
{
        return e->rules->entries[rule].window.timespan + engine_lateness(e, rule) + e->rules->entries[rule].delay;
}

usec engine_due(const struct engine *e)
{
        usec due = USEC_NONE;

        for (size_t i = 0; i < e->rules->n; i++)
                for (group_id id = waits_for_clock(e, i) ? e->groups.of_rule[i].newest : 0; id;) {
                        const struct group *g = groups_at(&e->groups, id);
                        usec t = g->holds == GROUP_WINDOW ? window_waiting(g->window) : USEC_NONE;

                        if (t != USEC_NONE && (due == USEC_NONE || t + patience(e, (uint32_t)i) < due))
                                due = t + patience(e, (uint32_t)i);
                        id = g->older;
                }
        return due == USEC_NONE ? due : due + 1; /* then it is over */
}

int engine_tick(struct engine *e, usec now, const struct engine_sink *sink)
{
        int r = 0;

        e->sink = sink;
        for (size_t i = 0; i < e->rules->n && r >= 0; i++)
                if (waits_for_clock(e, i))
                        r = judge_rule(e, (uint32_t)i, now - patience(e, (uint32_t)i) + e->rules->entries[i].window.timespan);
        return r;
}

int engine_finish(struct engine *e, const struct engine_sink *sink)
{
        int r = 0;

        e->sink = sink;
        for (size_t i = 0; i < e->rules->n && r >= 0; i++)
                if (e->rules->entries[i].window.kind)
                        r = judge_again(e, (uint32_t)i, INT64_MAX);
        return r < 0 ? r : judge_all(e, NULL, 0, sink);
}
