/* SPDX-License-Identifier: Apache-2.0 */

/* Judging again from the last final hit on: the ledger takes each open hit in turn and gives all of them back at the end, so
 * nothing needs to be copied. */

#include "monitor/detect/history.h"

#include <errno.h>
#include <stdlib.h>

#include "monitor/detect/window.h"

void history_init(struct history *h)
{
        *h = (struct history){ .first = USEC_NONE, .last = USEC_NONE };
}

void history_done(struct history *h)
{
        ledger_done(&h->ledger);
        history_init(h);
}

uint64_t history_take_cut(struct history *h)
{
        uint64_t all = h->ledger.evicted + h->closed_early, cut = all - h->counted;

        h->counted = all;
        return cut;
}

size_t history_bytes(const struct history *h)
{
        return sizeof *h + ledger_bytes(&h->ledger);
}

static void pass(struct past *past, const struct hit *hit)
{
        if (past->first == USEC_NONE || hit->time < past->first)
                past->first = hit->time;
        if (past->last == USEC_NONE || hit->time > past->last)
                past->last = hit->time;
        past->n++;
}

static struct past past_of(const struct window *w, const struct window_rule *rule)
{
        const struct history *h = w->history;

        return (struct past){
                .rule = rule, .history = h, .hits = &w->hits, .first = h->first, .last = h->last, .n = h->n
        };
}

/* One that was cut ends with a whole character. */
static struct str whole(const char *why)
{
        struct str s = str_of(why);

        if (s.n < HISTORY_WHY_BYTES - 1)
                return s;
        while (s.n > 0 && ((unsigned char)s.p[s.n - 1] & 0xC0) == 0x80)
                s.n--;
        s.n -= s.n > 0;
        return s;
}

/* 1: it has become another; 0; -ENOMEM. */
static int set_why(struct hit *hit, const char *why)
{
        char *text;

        if (!hit->story || str_eq(hit->story->words.why, whole(why)))
                return 0;
        text = str_dupz(whole(why));
        if (!text)
                return -ENOMEM;
        free((char *)hit->story->words.why.p);
        hit->story->words.why = str_of(text);
        return 1;
}

/* ---- Judging ---- */

struct flags {
        size_t n_new, n_cold; /* hits that have become hot, and that are no longer */
        size_t n_other; /* of which something else is to be told, because one came before them */
};

/* Judges the hit at past->i anew; what changes is marked in the hit: is_hot as it is now, was_hot as it was told. */
static int judge_one(struct past *past, struct hit *hit, struct verdict *v, struct flags *flags)
{
        bool is_other;
        int r;

        *v = (struct verdict){ .m = MEASURE_NONE };
        past->rule->kind->judge(past, v);
        hit->is_hot = v->is_hot;
        is_other = hit->lowered != v->lowered;
        hit->lowered = v->lowered;
        if (hit->story)
                hit->story->measure = v->m;
        flags->n_new += hit->is_hot && !hit->was_hot;
        flags->n_cold += hit->was_hot && !hit->is_hot;
        r = v->is_hot ? set_why(hit, v->why) : 0;
        flags->n_other += hit->is_hot && hit->was_hot && (is_other || r > 0);
        return r < 0 ? r : 0;
}

/* From the first one on that is new: nothing has come before those that lie before it. */
static int judge_open(struct window *w, const struct window_rule *rule, struct flags *flags)
{
        struct past past = past_of(w, rule);
        bool has_new = false;
        struct verdict v;
        size_t end = 0;
        int r = 0;

        for (past.i = 0; past.i < w->hits.n && r >= 0; past.i++) {
                struct hit *hit = hits_at(&w->hits, past.i);

                end = past.i + 1;
                if (hit->is_final)
                        continue;
                has_new |= !hit->is_judged;
                hit->is_judged = true;
                if (has_new)
                        r = judge_one(&past, hit, &v, flags);
                if (r >= 0)
                        r = rule->kind->enter(&w->history->ledger, &past, hit, 1);
                pass(&past, hit);
        }
        while (end > 0) { /* given back in the opposite order */
                struct hit *hit = hits_at(&w->hits, --end);

                past.i = end;
                if (!hit->is_final)
                        (void)rule->kind->enter(&w->history->ledger, &past, hit, -1);
        }
        return r;
}

/* ---- Changes ---- */

static bool is_new(const struct hit *hit)
{
        return hit->is_hot && !hit->was_hot;
}

/* Whether the next new one belongs to another episode: then this one's is told of, with its own records. */
static bool is_last_of_episode(const struct window *w, const struct window_rule *rule, size_t i)
{
        usec t = hits_at(&w->hits, i)->time;

        while (++i < w->hits.n && hits_at(&w->hits, i)->time <= t + rule->timespan)
                if (is_new(hits_at(&w->hits, i)))
                        return false;
        return true;
}

static int put_new(struct window *w, const struct window_rule *rule, const struct episode_sink *sink)
{
        int r = 0;

        for (size_t i = 0; i < w->hits.n && r >= 0; i++) {
                struct hit *hit = hits_at(&w->hits, i);

                if (!is_new(hit))
                        continue;
                hit->was_hot = true;
                r = episodes_put(&w->episodes, rule->timespan, hit, sink);
                if (r >= 0 && hit->story)
                        episodes_peak(&w->episodes, rule->timespan, hit->time, hit->story->measure);
                if (r < 0 || !is_last_of_episode(w, rule, i))
                        continue;
                r = episodes_retell(&w->episodes, rule->timespan, hit->time, &w->hits);
                if (r >= 0)
                        r = episodes_tell(&w->episodes, rule->timespan, hit->time, sink);
        }
        return r;
}

/* Only so many stay open, however much comes at once; the oldest are judged by now. */
static int close_oldest(struct window *w, const struct window_rule *rule)
{
        size_t n_final = 0, n_open;

        while (n_final < w->hits.n && hits_at(&w->hits, n_final)->is_final)
                n_final++;
        n_open = w->hits.n - n_final;
        if (n_open <= HISTORY_OPEN_MAX)
                return 0;
        w->history->closed_early += n_open - HISTORY_OPEN_MAX / 2;
        return history_close(w, rule, w->hits.n - HISTORY_OPEN_MAX / 2);
}

int history_judge(struct window *w, const struct window_rule *rule, const struct episode_sink *sink)
{
        struct flags flags = { 0 };
        int r;

        if (w->n_unjudged == 0)
                return 0;
        r = judge_open(w, rule, &flags);
        w->n_unjudged = 0;
        if (r >= 0 && flags.n_cold + flags.n_other > 0)
                r = episodes_rebuild(&w->episodes, rule->timespan, &w->hits, sink);
        if (r >= 0 && flags.n_new > 0)
                r = put_new(w, rule, sink);
        if (r >= 0)
                r = episodes_tell_all(&w->episodes, sink);
        return r < 0 ? r : close_oldest(w, rule);
}

/* ---- Becoming final ---- */

bool history_open(struct window *w, usec mark)
{
        size_t i = 0;

        while (i < w->hits.n && hits_at(&w->hits, i)->is_final)
                i++;
        if (!w->history || i == w->hits.n || hits_at(&w->hits, i)->time >= mark)
                return false;
        hits_at(&w->hits, i)->is_judged = false; /* it and all behind it */
        w->n_unjudged += w->n_unjudged == 0;
        return true;
}

int history_close(struct window *w, const struct window_rule *rule, size_t n)
{
        struct past past = past_of(w, rule);
        int r = 0;

        for (past.i = 0; past.i < n && r >= 0; past.i++) {
                struct hit *hit = hits_at(&w->hits, past.i);

                if (hit->is_final)
                        continue;
                r = rule->kind->enter(&w->history->ledger, &past, hit, 1);
                if (r < 0)
                        break;
                hit->is_final = true;
                pass(&past, hit);
        }
        w->history->first = past.first;
        w->history->last = past.last;
        w->history->n = past.n;
        return r;
}

int history_crowd(struct window *w, const struct window_rule *rule, const struct hit *hit)
{
        struct past past = past_of(w, rule);
        int r = rule->kind->enter(&w->history->ledger, &past, hit, 1);

        pass(&past, hit);
        w->history->first = past.first;
        w->history->last = past.last;
        w->history->n = past.n;
        return r;
}
