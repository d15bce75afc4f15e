/* SPDX-License-Identifier: Apache-2.0 */

/* What a group holds: nothing, one hit, a window, or one as the store had it; and how it gets from one to the other. */

#include "monitor/detect/groups_impl.h"

#include <errno.h>
#include <stdlib.h>

#include "monitor/detect/state.h"

void group_empty(struct group *g)
{
        if (g->holds == GROUP_WINDOW) {
                window_done(g->window);
                free(g->window);
        } else if (g->holds == GROUP_PACKED) {
                free(g->packed);
        }
        g->holds = GROUP_NOTHING;
}

static struct str packed_str(const struct group *g)
{
        return str_from(g->packed->bytes, g->packed->n);
}

struct lone lone_of(const struct hit *hit)
{
        return (struct lone){
                .time = hit->time,
                .key = hit->key,
                .base = hit->base,
                .member = hit->member,
                .has_evidence = hit->has_evidence,
                .is_late = hit->is_late,
        };
}

bool lone_is(const struct lone *lone, const struct hit *hit)
{
        return hash128_eq(&lone->key, &hit->key) && lone->base == hit->base && lone->member == hit->member;
}

/* A window that holds the lone hit; `hit` is its room. For looking at, not for window_done(). */
static struct window view_of(const struct lone *lone, struct hit *hit)
{
        struct window w;

        *hit = (struct hit){
                .time = lone->time,
                .key = lone->key,
                .base = lone->base,
                .member = lone->member,
                .has_evidence = lone->has_evidence,
                .is_late = lone->is_late,
        };
        window_init(&w);
        w.hits = (struct hits){ .items = hit, .n = 1, .cap = 1, .gap = 1 };
        w.budget_from = lone->time;
        w.budget_n = lone->has_evidence;
        return w;
}

/* What is damaged is gone. -ENOMEM leaves it packed. */
static int unpack(const struct groups *all, struct group *g, struct window *ret)
{
        int r = state_read(ret, &all->rules->entries[g->rule].window, packed_str(g));

        if (r == -EBADMSG)
                window_init(ret);
        if (r == -ENOMEM)
                return r;
        group_empty(g);
        return 0;
}

static int unfold_lone(const struct lone *lone, struct window *ret)
{
        struct hit hit;
        struct window view = view_of(lone, &hit);
        size_t place;

        ret->budget_from = view.budget_from;
        ret->budget_n = view.budget_n;
        return hits_insert(&ret->hits, &hit, &place);
}

struct window *groups_window(const struct groups *all, struct group *g)
{
        struct window *w;
        int r = 0;

        if (g->holds == GROUP_WINDOW)
                return g->window;
        w = malloc(sizeof *w);
        if (!w)
                return NULL;
        window_init(w);
        if (g->holds == GROUP_LONE)
                r = unfold_lone(&g->lone, w);
        else if (g->holds == GROUP_PACKED)
                r = unpack(all, g, w);
        if (r < 0) {
                free(w);
                return NULL;
        }
        g->window = w;
        g->holds = GROUP_WINDOW;
        return w;
}

static int pack(struct groups *all, struct str key, struct str blob)
{
        struct packed *packed = malloc(sizeof *packed + blob.n);
        struct group *g = packed ? groups_get(all, key) : NULL;

        if (!g) {
                free(packed);
                return -ENOMEM;
        }
        packed->n = (uint32_t)blob.n;
        memcpy(packed->bytes, blob.p, blob.n);
        group_empty(g);
        g->packed = packed;
        g->holds = GROUP_PACKED;
        groups_count(all, g);
        return 0;
}

/* Owns *w. */
static int take_window(struct groups *all, struct str key, struct window *w)
{
        struct group *g = groups_get(all, key);
        struct window *own;

        if (!g)
                return -ENOMEM;
        group_empty(g);
        if (all->rules->entries[g->rule].window.is_countable && w->hits.n == 1 && w->episodes.n == 0) {
                g->lone = lone_of(hits_at(&w->hits, 0));
                g->holds = GROUP_LONE;
                window_done(w);
        } else {
                own = groups_window(all, g);
                if (!own)
                        return -ENOMEM;
                *own = *w;
                window_init(w);
        }
        groups_count(all, g);
        return 0;
}

int groups_load(struct groups *all, struct str key, struct str blob)
{
        struct str values;
        const struct window_rule *rule = &all->rules->entries[groups_rule_of(key, &values)].window;
        struct window w;
        usec newest;
        int r;

        if (!state_newest(blob, &newest))
                return -EBADMSG;
        if (!rule->waits && blob.n >= GROUP_PACKED_MIN && blob.n <= UINT32_MAX)
                return pack(all, key, blob);
        window_init(&w);
        r = state_read(&w, rule, blob);
        if (r >= 0)
                r = take_window(all, key, &w);
        window_done(&w);
        return r;
}

void groups_move(struct groups *to, struct group *into, struct group *g)
{
        into->holds = g->holds;
        if (g->holds == GROUP_LONE)
                into->lone = g->lone;
        else if (g->holds == GROUP_WINDOW)
                into->window = g->window;
        else if (g->holds == GROUP_PACKED)
                into->packed = g->packed;
        g->holds = GROUP_NOTHING;
        if (g->is_dirty)
                groups_set_dirty(to, into);
        groups_count(to, into);
}

void groups_settle(struct groups *all, struct group *g, usec mark)
{
        const struct window_rule *rule = &all->rules->entries[g->rule].window;
        usec newest = USEC_NONE;

        if (g->holds == GROUP_PACKED) {
                if (!rule->by_days && state_newest(packed_str(g), &newest) && newest < mark - 2 * rule->timespan) {
                        groups_drop(all, g);
                        return;
                }
                if (!rule->by_days || !groups_window(all, g))
                        return; /* some of it may be old, but nothing has to go */
                groups_count(all, g); /* a window takes more room than its packed form */
        }
        if (g->key_n == 1 && g->key.inside[0] == GROUP_LOSS) {
                losses_settle(all, g, mark);
        } else if (g->holds == GROUP_LONE) {
                if (g->lone.time < mark - rule->timespan)
                        groups_drop(all, g);
        } else if (g->holds == GROUP_WINDOW && window_settle(g->window, rule, mark)) {
                if (window_is_empty(g->window))
                        groups_drop(all, g);
                else
                        groups_touch(all, g);
        }
}

void group_write(struct groups *all, struct group *g, struct strbuf *blob, unsigned *ret_part)
{
        struct hit hit;

        *ret_part = 0;
        if (g->holds == GROUP_LONE) {
                struct window view = view_of(&g->lone, &hit);

                state_write(&view, blob);
        } else if (g->holds == GROUP_WINDOW) {
                struct window *w = g->window;

                *ret_part = w->stored.n_parts;
                if (!state_write_more(w, &all->rules->entries[g->rule].window, blob)) {
                        *ret_part = 0;
                        strbuf_clear(blob);
                        state_write(w, blob);
                }
        } else if (g->holds == GROUP_PACKED) {
                strbuf_add(blob, packed_str(g));
        }
}
