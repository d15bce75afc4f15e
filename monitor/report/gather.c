/* SPDX-License-Identifier: Apache-2.0 */

/* Alerts are read twice: once to count them and to choose, once to copy the chosen. */

#include "monitor/report/gather.h"

#include <errno.h>
#include <stdlib.h>

#include "monitor/base/map.h"
#include "monitor/report/when.h"
#include "monitor/store/exports.h"
#include "monitor/store/quiet.h"

/* An open alert that may be told in full. */
struct choice {
        struct hash128 id;
        enum level level;
        bool is_seen; /* acknowledged */
        usec first;
};

struct work {
        const struct gather *from;
        struct page *to;
        struct choice *open; /* the PAGE_OPEN_MAX best so far, sorted */
        size_t n_open;
        size_t skipped; /* events before those that are copied */
        usec newest, oldest; /* of alerts */
};

void page_done(struct page *p)
{
        arena_free(p->arena);
        *p = (struct page){ 0 };
}

/* ---- Counting and choosing ---- */

static bool is_ended(const struct query_alert *a)
{
        return str_eqz(a->state, "merged") || str_eqz(a->state, "withdrawn");
}

static bool is_open(const struct query_alert *a)
{
        return !is_ended(a) && a->rang_at != USEC_NONE && !str_eqz(a->answer, "me") && !str_eqz(a->answer, "closed");
}

static bool is_within(const struct page *p, usec t)
{
        return t >= p->since && t < p->until;
}

/* What is told before what: what waits, then what is worse, then what is newer. */
static int compare(const struct choice *a, const struct choice *b)
{
        if (a->is_seen != b->is_seen)
                return a->is_seen ? 1 : -1;
        if (a->level != b->level)
                return a->level > b->level ? -1 : 1;
        if (a->first != b->first)
                return a->first > b->first ? -1 : 1;
        return memcmp(&a->id, &b->id, sizeof a->id);
}

static void choose(struct work *w, const struct query_alert *a)
{
        struct choice c = { a->id, a->level, str_eqz(a->answer, "acknowledged"), a->first_seen };
        size_t at = w->n_open;

        w->to->n_open_all++;
        w->to->n_waiting[a->level] += !c.is_seen;
        while (at > 0 && compare(&c, &w->open[at - 1]) < 0)
                at--;
        if (at == PAGE_OPEN_MAX)
                return;
        if (w->n_open < PAGE_OPEN_MAX)
                w->n_open++;
        memmove(&w->open[at + 1], &w->open[at], (w->n_open - at - 1) * sizeof *w->open);
        w->open[at] = c;
}

static void count_day(struct page *p, const struct query_alert *a)
{
        int64_t day = when_day(a->first_seen);

        if (a->first_seen < p->until && day >= p->first_day && day < p->first_day + (int64_t)p->n_days)
                p->days[day - p->first_day].n[a->level]++;
}

static int on_count(void *userdata, const struct query_alert *a)
{
        struct work *w = userdata;
        struct page *p = w->to;

        if (is_ended(a))
                return 0;
        if (is_open(a))
                choose(w, a);
        if (a->last_seen >= p->since && a->first_seen < p->until && str_find(a->classes, STR("\"export\"")) != SIZE_MAX) {
                p->export_alerts++;
                p->export_hits += a->count;
        }
        if (a->rang_at != USEC_NONE)
                count_day(p, a);
        if (!is_within(p, a->first_seen))
                return 0;
        if (a->rang_at == USEC_NONE) {
                p->n_silenced += a->muted_how.n == 0;
                p->n_muted += a->muted_how.n > 0;
                return 0;
        }
        p->n_events_all++;
        p->n_me += str_eqz(a->answer, "me");
        p->n_not_me += str_eqz(a->answer, "not-me");
        p->n_closed += str_eqz(a->answer, "closed");
        return 0;
}

/* ---- Copying ---- */

static int copy(struct page *p, const struct query_alert *a, struct page_alert *ret)
{
        *ret = (struct page_alert){
                .id = a->id,
                .level = a->level,
                .sentence = arena_dup(p->arena, a->sentence),
                .why = arena_dup(p->arena, a->why),
                .playbook = arena_dup(p->arena, a->playbook),
                .source = arena_dup(p->arena, a->source),
                .answer = arena_dup(p->arena, a->answer),
                .first = a->first_seen,
                .last = a->last_seen,
                .count = a->count,
                .is_open = is_open(a),
        };
        return ret->sentence.p && ret->why.p && ret->playbook.p && ret->source.p && ret->answer.p ? 0 : -ENOMEM;
}

static int on_copy(void *userdata, const struct query_alert *a)
{
        struct work *w = userdata;
        struct page *p = w->to;
        int r = 0;

        if (is_ended(a) || a->rang_at == USEC_NONE)
                return 0;
        for (size_t i = 0; i < w->n_open && r >= 0; i++)
                if (hash128_eq(&w->open[i].id, &a->id))
                        r = copy(p, a, &p->open[i]);
        if (r < 0 || !is_within(p, a->first_seen))
                return r;
        if (w->skipped > 0 || p->n_events == PAGE_EVENTS_MAX) { /* the latter: the store has changed meanwhile */
                w->skipped -= w->skipped > 0;
                return 0;
        }
        return copy(p, a, &p->events[p->n_events++]);
}

struct also {
        struct page *page;
        struct page_alert *of;
        struct strbuf titles;
};

static int on_also(void *userdata, const struct hash128 *id, struct str rule_id, struct str rule_title, enum mute how)
{
        struct also *x = userdata;

        (void)id;
        (void)rule_id;
        if (how != MUTE_SAME || x->of->n_also++ >= PAGE_ALSO_MAX)
                return 0;
        strbuf_addz(&x->titles, x->titles.n ? "\n" : "");
        strbuf_add(&x->titles, rule_title);
        return 0;
}

static int copy_also(struct work *w, struct page_alert *a)
{
        struct also x = { .page = w->to, .of = a };
        int r = query_told_in(w->from->query, &a->id, on_also, &x);

        a->also = arena_dup(w->to->arena, strbuf_str(&x.titles));
        if (r >= 0 && (strbuf_failed(&x.titles) || !a->also.p))
                r = -ENOMEM;
        strbuf_done(&x.titles);
        return r;
}

static int gather_alerts(struct work *w)
{
        const struct query_filter all = { .since = USEC_NONE, .until = USEC_NONE, .with_merged = true };
        struct page *p = w->to;
        int r = query_alerts(w->from->query, &all, on_count, w);

        if (r < 0)
                return r;
        p->open = arena_array(p->arena, w->n_open, sizeof *p->open);
        p->events = arena_array(p->arena, size_min(p->n_events_all, PAGE_EVENTS_MAX), sizeof *p->events);
        if (!p->open || !p->events)
                return -ENOMEM;
        w->skipped = p->n_events_all > PAGE_EVENTS_MAX ? p->n_events_all - PAGE_EVENTS_MAX : 0;
        r = query_alerts(w->from->query, &all, on_copy, w);
        for (size_t i = 0; i < w->n_open && r >= 0; i++) {
                if (!p->open[i].sentence.p) /* gone meanwhile: those before it are whole */
                        break;
                p->n_open++;
                r = copy_also(w, &p->open[i]);
        }
        return r;
}

/* ---- Period ---- */

static int on_span(void *userdata, const struct query_alert *a)
{
        struct work *w = userdata;

        if (a->last_seen > w->newest)
                w->newest = a->last_seen;
        if (w->oldest == USEC_NONE || a->first_seen < w->oldest)
                w->oldest = a->first_seen;
        return 0;
}

static int set_period(struct work *w)
{
        const struct query_filter all = { .since = USEC_NONE, .until = USEC_NONE, .with_merged = true };
        const struct accounts *accounts = w->from->accounts;
        struct page *p = w->to;
        int r = query_alerts(w->from->query, &all, on_span, w);

        if (accounts->newest > w->newest)
                w->newest = accounts->newest;
        for (size_t i = 0; i < accounts->n; i++) {
                usec first = accounts->items[i].seen.first;

                if (first != USEC_NONE && (w->oldest == USEC_NONE || first < w->oldest))
                        w->oldest = first;
        }
        p->oldest = w->oldest;
        p->until = w->from->until != USEC_NONE ? w->from->until : w->newest != USEC_NONE ? w->newest + 1 : 0;
        p->since = w->from->since != USEC_NONE ? w->from->since : p->until - w->from->span;
        return r;
}

/* From the first day of the period, or some weeks back, but not from before anything was known, and no longer than is kept. */
static int begin_trend(struct page *p)
{
        int64_t last = when_day(p->until - 1), first = when_day(p->since);

        first = first > last - 7 * PAGE_TREND_WEEKS + 1 ? last - 7 * PAGE_TREND_WEEKS + 1 : first;
        if (p->oldest != USEC_NONE && when_day(p->oldest) > first)
                first = when_day(p->oldest);
        first = first < last - PAGE_TREND_DAYS + 1 ? last - PAGE_TREND_DAYS + 1 : first > last ? last : first;
        p->first_day = first;
        p->n_days = (size_t)(last - first + 1);
        p->days = arena_array(p->arena, p->n_days, sizeof *p->days);
        return p->days ? 0 : -ENOMEM;
}

/* ---- Exports, silences ---- */

static int on_export(void *userdata, const struct query_export *e)
{
        struct page *p = userdata;
        struct page_export *own = &p->exports[p->n_exports];

        if (p->n_exports_all++ >= PAGE_EXPORTS_MAX)
                return 0;
        *own = (struct page_export){ arena_dup(p->arena, e->who), arena_dup(p->arena, e->country), arena_dup(p->arena, e->source), e->n_sources,
                                     e->records, e->rows, e->files, e->bytes, e->first, e->last };
        p->n_exports++;
        return own->who.p && own->country.p && own->source.p ? 0 : -ENOMEM;
}

static int on_silence(void *userdata, const struct silence *s)
{
        struct page *p = userdata;

        p->n_silences += s->since < p->until && s->until >= p->until && s->ended_at == USEC_NONE;
        return 0;
}

/* ---- Sources ---- */

static struct str platform_of(struct str title)
{
        size_t bracket = str_find(title, STR(" (")), comma = str_find(title, STR(", "));
        size_t n = size_min(size_min(bracket, comma), title.n);

        return n > 0 ? str_from(title.p, n) : title;
}

/* The days on which it acted, as the census keeps them (UTC). */
static void note_days(const struct page *p, struct page_source *s, const struct account_view *v)
{
        int64_t last = (p->until - 1) / USEC_PER_DAY;

        for (size_t i = 0; i < v->n_facts; i++) {
                usec t;

                if (v->facts[i]->kind != FACT_DAY || time_parse(v->facts[i]->value, TIME_UNIT_AUTO, NULL, &t) < 0)
                        continue;
                if (last - t / USEC_PER_DAY >= 0 && last - t / USEC_PER_DAY < 64)
                        s->days |= UINT64_C(1) << (last - t / USEC_PER_DAY);
        }
}

static int by_platform(const void *x, const void *y)
{
        const struct page_source *a = x, *b = y;
        int order = str_cmp(a->platform, b->platform);

        return order ? order : str_cmp(a->name, b->name);
}

/* That of this name, made when there is none; NULL: out of memory. */
static struct page_source *source_of(struct page *p, const struct gather *g, struct map *seen, struct str name)
{
        struct page_source *s = map_get(seen, name);
        const char *title = s || !g->title ? NULL : g->title(g->userdata, name);

        if (s)
                return s;
        s = &p->sources[p->n_sources++];
        *s = (struct page_source){ .name = name, .title = title ? str_of(title) : name, .last = USEC_NONE };
        s->platform = platform_of(s->title);
        return map_put(seen, name, s) < 0 ? NULL : s;
}

static int gather_sources(struct page *p, const struct gather *g)
{
        CLEANUP(map_done) struct map seen = MAP_INIT;
        struct page_source *s;

        p->knows_rhythm = g->n_heard > 0;
        p->sources = arena_array(p->arena, g->accounts->n + g->n_heard, sizeof *p->sources);
        if (!p->sources)
                return -ENOMEM;
        for (size_t i = 0; i < g->accounts->n; i++) {
                const struct account_view *v = &g->accounts->items[i];

                s = source_of(p, g, &seen, v->seen.source);
                if (!s)
                        return -ENOMEM;
                s->n_accounts++;
                s->last = v->seen.last > s->last ? v->seen.last : s->last;
                note_days(p, s, v);
        }
        for (size_t i = 0; i < g->n_heard; i++) {
                const struct gather_heard *h = &g->heard[i];

                s = source_of(p, g, &seen, h->source);
                if (!s)
                        return -ENOMEM;
                s->last = h->last > s->last ? h->last : s->last;
                s->days |= h->days;
                s->is_quiet = h->is_quiet;
                s->usual_hours = h->usual_hours;
        }
        if (p->n_sources > 1)
                qsort(p->sources, p->n_sources, sizeof *p->sources, by_platform);
        return 0;
}

/* ---- All of it ---- */

static int gather(struct work *w)
{
        struct page *p = w->to;
        int r = set_period(w);

        if (r >= 0)
                r = begin_trend(p);
        p->exports = arena_array(p->arena, PAGE_EXPORTS_MAX, sizeof *p->exports);
        w->open = arena_array(p->arena, PAGE_OPEN_MAX + 1, sizeof *w->open);
        if (!p->exports || !w->open)
                return -ENOMEM;
        if (r >= 0)
                r = gather_alerts(w);
        if (r >= 0)
                r = query_exports(w->from->query, p->since, p->until, on_export, p);
        if (r >= 0)
                r = query_silences(w->from->query, on_silence, p);
        if (r >= 0)
                r = query_counters(w->from->query, &p->counters);
        return r < 0 ? r : gather_sources(p, w->from);
}

int page_gather(const struct gather *g, struct page *ret)
{
        struct work w = { .from = g, .to = ret, .newest = USEC_NONE, .oldest = USEC_NONE };
        int r;

        *ret = (struct page){
                .arena = arena_new(),
                .made = g->made,
                .is_of_logs = g->is_of_logs,
                .version = g->version,
                .zone = g->zone,
                .accounts = g->accounts,
                .posture = g->posture,
        };
        r = ret->arena ? gather(&w) : -ENOMEM;
        if (r < 0)
                page_done(ret);
        return r;
}
