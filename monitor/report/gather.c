/* SPDX-License-Identifier: Apache-2.0 */

/* Alerts are read in few columns, to count them and to choose; the chosen are then fetched one by one. */

#include "monitor/report/gather.h"

#include <errno.h>
#include <stdlib.h>

#include "monitor/base/map.h"
#include "monitor/report/when.h"
#include "monitor/store/exports.h"
#include "monitor/store/quiet.h"
#include "monitor/store/summary.h"

struct work {
        const struct gather *from;
        struct page *to;
        struct page_alert *latest; /* a ring: event n is at n % PAGE_EVENTS_MAX */
        usec newest; /* act or alert */
};

void page_done(struct page *p)
{
        arena_free(p->arena);
        *p = (struct page){ 0 };
}

/* ---- Counting and choosing ---- */

static bool is_open(const struct query_summary *s)
{
        return s->rang && !answer_closes(s->answer);
}

static bool is_within(const struct page *p, usec t)
{
        return t >= p->since && t < p->until;
}

/* The answers that the store knows, as texts that last. */
static struct str answer_of(struct str answer)
{
        static const char *const known[] = { "", "acknowledged", "me", "not-me", "closed", "closed-true", "closed-false", "closed-benign" };

        for (size_t i = 0; i < ARRAY_LEN(known); i++)
                if (str_eqz(answer, known[i]))
                        return str_of(known[i]);
        return STR("");
}

/* Its texts are fetched later. */
static struct page_alert begin_alert(const struct query_summary *s)
{
        return (struct page_alert){
                .id = s->id,
                .level = s->level,
                .answer = answer_of(s->answer),
                .first = s->first,
                .last = s->last,
                .count = s->count,
                .is_open = is_open(s),
        };
}

/* What is told before what: what waits, then what is worse, then what is newer. */
static int compare(const struct page_alert *a, const struct page_alert *b)
{
        bool x = str_eqz(a->answer, "acknowledged"), y = str_eqz(b->answer, "acknowledged");

        if (x != y)
                return x ? 1 : -1;
        if (a->level != b->level)
                return a->level > b->level ? -1 : 1;
        if (a->first != b->first)
                return a->first > b->first ? -1 : 1;
        return memcmp(&a->id, &b->id, sizeof a->id);
}

/* Into the list of the worst, which is sorted. */
static void choose(struct page *p, const struct query_summary *s)
{
        struct page_alert a = begin_alert(s);
        size_t at = p->n_open;

        p->n_open_all++;
        p->n_waiting[s->level] += !str_eqz(s->answer, "acknowledged");
        while (at > 0 && compare(&a, &p->open[at - 1]) < 0)
                at--;
        if (at == PAGE_OPEN_MAX)
                return;
        if (p->n_open < PAGE_OPEN_MAX)
                p->n_open++;
        memmove(&p->open[at + 1], &p->open[at], (p->n_open - at - 1) * sizeof *p->open);
        p->open[at] = a;
}

static void count_day(struct page *p, const struct query_summary *s)
{
        int64_t day = when_day(s->first);

        if (s->first < p->until && day >= p->first_day && day < p->first_day + (int64_t)p->n_days)
                p->days[day - p->first_day].n[s->level]++;
}

static int on_summary(void *userdata, const struct query_summary *s)
{
        struct work *w = userdata;
        struct page *p = w->to;

        if (is_open(s))
                choose(p, s);
        if (s->is_export && s->last >= p->since && s->first < p->until) {
                p->export_alerts++;
                p->export_hits += s->count;
        }
        if (s->rang)
                count_day(p, s);
        if (!is_within(p, s->first))
                return 0;
        if (!s->rang) {
                p->n_muted += s->is_muted;
                p->n_silenced += !s->is_muted;
                return 0;
        }
        w->latest[p->n_events_all++ % PAGE_EVENTS_MAX] = begin_alert(s);
        p->n_me += str_eqz(s->answer, "me");
        p->n_not_me += str_eqz(s->answer, "not-me");
        p->n_closed += answer_closes(s->answer) && !str_eqz(s->answer, "me");
        return 0;
}

/* ---- Fetching what is told ---- */

struct fetch {
        struct arena *arena;
        struct page_alert *to;
        bool is_full;
};

static int on_text(void *userdata, const struct query_text *t)
{
        struct fetch *f = userdata;
        struct page_alert *a = f->to;

        a->sentence = arena_dup(f->arena, t->sentence);
        a->why = f->is_full ? arena_dup(f->arena, t->why) : STR("");
        a->playbook = f->is_full ? arena_dup(f->arena, t->playbook) : STR("");
        a->source = arena_dup(f->arena, t->source);
        return a->sentence.p && a->why.p && a->playbook.p && a->source.p ? 0 : -ENOMEM;
}

static int fetch(struct work *w, struct page_alert *a, bool is_full)
{
        return query_text(w->from->query, &a->id, on_text, &(struct fetch){ w->to->arena, a, is_full });
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
        struct page *p = w->to;
        int r;

        p->open = arena_array(p->arena, PAGE_OPEN_MAX + 1, sizeof *p->open);
        p->events = arena_array(p->arena, PAGE_EVENTS_MAX, sizeof *p->events);
        w->latest = arena_array(p->arena, PAGE_EVENTS_MAX, sizeof *w->latest);
        if (!p->open || !p->events || !w->latest)
                return -ENOMEM;
        r = query_summaries(w->from->query, on_summary, w);
        for (size_t i = 0; i < p->n_open && r >= 0; i++) {
                r = fetch(w, &p->open[i], true);
                if (r >= 0)
                        r = copy_also(w, &p->open[i]);
        }
        p->n_events = size_min(p->n_events_all, PAGE_EVENTS_MAX);
        for (size_t i = 0; i < p->n_events && r >= 0; i++) {
                p->events[i] = w->latest[(p->n_events_all - p->n_events + i) % PAGE_EVENTS_MAX];
                r = fetch(w, &p->events[i], false);
        }
        return r;
}

/* ---- Period ---- */

static int set_period(struct work *w)
{
        const struct accounts *accounts = w->from->accounts;
        struct page *p = w->to;
        int r = query_summary_span(w->from->query, &p->oldest, &w->newest);

        if (accounts->newest > w->newest)
                w->newest = accounts->newest;
        for (size_t i = 0; i < accounts->n; i++) {
                usec first = accounts->items[i].seen.first;

                if (first != USEC_NONE && (p->oldest == USEC_NONE || first < p->oldest))
                        p->oldest = first;
        }
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
        if (!p->exports)
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
        struct work w = { .from = g, .to = ret, .newest = USEC_NONE };
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
        r = ret->arena ? query_begin(g->query) : -ENOMEM;
        if (r >= 0) {
                r = gather(&w);
                query_end(g->query);
        }
        if (r < 0)
                page_done(ret);
        return r;
}
