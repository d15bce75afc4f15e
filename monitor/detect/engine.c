/* SPDX-License-Identifier: Apache-2.0 */

/* From hits to windows to changes of alerts: for every hit the correlations it feeds, for each of these the groups it
 * joins, for each group its window; what the window says becomes changes.
 *
 * An alert's id is made of what it was at birth: of the rule, the group and first_seen; for a rule that alerts by itself of
 * the rule, the person and the record. The same input gives the same ids after any restart. */

#include "monitor/detect/engine.h"

#include <errno.h>
#include <stdlib.h>

#include "monitor/detect/engine_impl.h"
#include "monitor/detect/tell.h"

/* ---- Life ---- */

static int index_labels(struct engine *e)
{
        for (size_t i = 0; i < e->rules->n; i++)
                if (e->rules->entries[i].window.kind) {
                        int r = map_put(&e->labels, e->rules->entries[i].state_label, (void *)(uintptr_t)(i + 1));

                        if (r < 0)
                                return r;
                }
        return 0;
}

struct engine *engine_new(const struct ruleset *rules, const struct engine_options *options)
{
        CLEANUP(engine_freep) struct engine *e = calloc(1, sizeof *e);
        size_t keys_max = options && options->keys_max ? options->keys_max : ENGINE_KEYS_MAX;
        size_t bytes_max = options && options->bytes_max ? options->bytes_max : ENGINE_BYTES_MAX;

        if (!e || groups_init(&e->groups, rules, keys_max, bytes_max) < 0)
                return NULL;
        e->rules = rules;
        e->time = USEC_NONE;
        e->latest = calloc(rules->n_kinds + 1, sizeof *e->latest);
        e->progress = calloc(rules->n + 1, sizeof *e->progress);
        e->arena = arena_new();
        if (!e->latest || !e->progress || !e->arena || index_labels(e) < 0)
                return NULL;
        for (size_t i = 0; i < rules->n_kinds; i++)
                e->latest[i] = USEC_NONE;
        for (size_t i = 0; i < rules->n; i++)
                e->progress[i] = (struct progress){ USEC_NONE, USEC_NONE };
        return TAKE(e);
}

size_t engine_shrink(struct engine *e)
{
        size_t max = e->groups.bytes / 4 * 3;

        if (e->groups.bytes <= ENGINE_BYTES_LEAST)
                return 0;
        groups_shrink(&e->groups, max > ENGINE_BYTES_LEAST ? max : ENGINE_BYTES_LEAST);
        e->counters.n[COUNTER_WINDOW_KEYS_EVICTED] = e->groups.evicted;
        return e->groups.bytes_max;
}

struct engine *engine_free(struct engine *e)
{
        if (!e)
                return NULL;
        groups_done(&e->groups);
        map_done(&e->labels);
        for (struct stale *s = e->stale, *next; s; s = next) {
                next = s->next;
                free(s);
        }
        free(e->latest);
        free(e->progress);
        free(e->hot.items);
        arena_free(e->arena);
        strbuf_done(&e->key);
        free(e);
        return NULL;
}

const struct counters *engine_counters(const struct engine *e)
{
        return &e->counters;
}

size_t engine_keys(const struct engine *e)
{
        return e->groups.n;
}

/* ---- What windows say ---- */

static int push_hot(struct hot_list *list, const struct hit *hit)
{
        if (list->n == list->cap) {
                size_t cap = list->cap ? 2 * list->cap : 16;
                struct hit *items = reallocarray(list->items, cap, sizeof *items);

                if (!items)
                        return -ENOMEM;
                list->items = items;
                list->cap = cap;
        }
        list->items[list->n++] = *hit;
        return 0;
}

static void on_hot(void *userdata, const struct hit *hit, struct episode *episode)
{
        struct engine *e = userdata;
        const struct entry *entry = &e->rules->entries[e->group->rule];

        episode->is_late |= hit->is_late;
        if (hit->story && entry->alerts && hit->story->words.at >= episode->words.at &&
            words_copy(&episode->words, &hit->story->words) < 0)
                e->error = -ENOMEM;
        if (hit->has_evidence && episode->n_evidence < ALERT_EVIDENCE_MAX && e->n_attached < ALERT_EVIDENCE_MAX) {
                e->attached[e->n_attached++] = hit->key;
                episode->n_evidence++;
        }
        if (entry->rule->kind == SIGMA_CORRELATION && entry->n_feeds > 0 && push_hot(&e->hot, hit) < 0)
                e->error = -ENOMEM;
}

static int end_alert(struct engine *e, enum change_kind kind, const struct episode *from, const struct episode *into)
{
        const struct entry *entry = &e->rules->entries[e->group->rule];
        struct alert_group fields[RULES_GROUP_BY_MAX];
        struct alert_change c;

        if (!entry->alerts)
                return 0;
        tell_change(e->arena, entry, e->group, from, fields, &c);
        c.kind = kind;
        if (into)
                c.merged_into = into->id;
        return e->sink->change(e->sink->userdata, &c);
}

static int on_merged(void *userdata, const struct episode *from, struct episode *into)
{
        return end_alert(userdata, CHANGE_MERGE, from, into);
}

static int on_withdrawn(void *userdata, const struct episode *episode)
{
        return end_alert(userdata, CHANGE_WITHDRAW, episode, NULL);
}

static bool is_taken(const struct episodes *all, const struct hash128 *id)
{
        for (size_t i = 0; i < all->n; i++)
                if (all->items[i].is_told && hash128_eq(&all->items[i].id, id))
                        return true;
        return false;
}

/* Where hits can be taken back, an episode may live on without the hit that it was born with, which may then give birth to
 * another: the later one's id is made of the first one's. */
static struct hash128 birth_id(const struct engine *e, const struct entry *entry, const struct episode *episode)
{
        char first[TIME_ISO_BYTES];
        struct hash128 id;
        struct str parts[3] = {
                entry->rule->id.p ? entry->rule->id : entry->state_label,
                group_key_values(e->group),
        };

        if (entry->rule->kind == SIGMA_RULE) {
                parts[2] = str_from((const char *)e->record->key.b, sizeof e->record->key.b);
        } else {
                time_format_iso(episode->first, first);
                parts[2] = str_of(first);
        }
        id = hash128_of(parts, ARRAY_LEN(parts));
        while (entry->window.kind->judge && is_taken(&e->group->window->episodes, &id)) {
                struct hash128 before = id;

                parts[2] = str_from((const char *)before.b, sizeof before.b);
                id = hash128_of(parts, ARRAY_LEN(parts));
        }
        return id;
}

/* An episode's words are those of its latest record. Where hits are judged against the past, each brought its own (on_hot()):
 * the record that is being taken may be anybody's. */
static int set_words(struct engine *e, const struct entry *entry, struct episode *episode)
{
        const struct words *waiting = e->group->window->waiting;

        if (entry->window.kind->judge)
                return 0;
        if (e->record)
                return e->time < episode->words.at ? 0
                                                   : tell_words(entry, e->group, e->record, e->time, &episode->words);
        if (e->inner)
                return e->inner->at < episode->words.at ? 0
                                                        : tell_words_after(entry, e->group, e->inner, &episode->words);
        return !waiting || waiting->at < episode->words.at ? 0 : words_copy(&episode->words, waiting);
}

/* Of the record at hand, when it belongs to the episode and is not kept for it. */
static const struct str *involved(struct engine *e, const struct episode *episode, struct str ret[_INVOLVED_MAX])
{
        static const enum ecs fields[] = {
#define X(id, field, label, key) [INVOLVED_##id] = field,
                INVOLVED(X)
#undef X
        };

        if (!e->record || e->time < episode->first || e->time > episode->last)
                return NULL;
        for (size_t i = 0; i < e->n_attached; i++)
                if (hash128_eq(&e->attached[i], &e->record->key))
                        return NULL;
        for (size_t i = 0; i < _INVOLVED_MAX; i++)
                ret[i] = record_ecs(e->record, fields[i]);
        return ret;
}

static int on_changed(void *userdata, struct episode *episode)
{
        struct engine *e = userdata;
        const struct entry *entry = &e->rules->entries[e->group->rule];
        struct alert_group fields[RULES_GROUP_BY_MAX];
        struct str values[_INVOLVED_MAX];
        struct alert_change c;
        int r = e->error;

        if (!episode->is_told)
                episode->id = birth_id(e, entry, episode);
        if (r >= 0 && entry->alerts)
                r = set_words(e, entry, episode);
        if (r >= 0 && entry->alerts) {
                tell_change(e->arena, entry, e->group, episode, fields, &c);
                c.records = e->attached;
                c.n_records = e->n_attached;
                c.involved = involved(e, episode, values);
                r = c.sentence.p && c.why.p ? e->sink->change(e->sink->userdata, &c) : -ENOMEM;
        }
        e->n_attached = 0;
        arena_reset(e->arena);
        return r;
}

struct episode_sink engine_sink_for(struct engine *e, struct group *g)
{
        e->group = g;
        e->n_attached = 0;
        e->error = 0;
        return (struct episode_sink){
                .hot = on_hot, .merged = on_merged, .withdrawn = on_withdrawn, .changed = on_changed, .userdata = e
        };
}

/* ---- Evidence ---- */

/* Whether the record of a hit is kept: an alert may name it now or later. So many within one timespan: an alert that is
 * born later finds the first ones of its window among them. By days: so many of each day. */
static bool wants_evidence(struct window *w, const struct window_rule *rule, usec time)
{
        const struct episode *episode = window_episode(w, rule, time);

        if (rule->by_days)
                return days_want_evidence(w->days, time) && !(episode && episode->n_evidence >= ALERT_EVIDENCE_MAX);
        if (w->budget_from == USEC_NONE || time > w->budget_from + rule->timespan ||
            time < w->budget_from - rule->timespan) {
                w->budget_from = time;
                w->budget_n = 0;
        }
        return w->budget_n < ENGINE_EVIDENCE_PER_KEY_MAX && !(episode && episode->n_evidence >= ALERT_EVIDENCE_MAX);
}

/* The record of a hit; `wants` says whether it is to be kept. */
static int keep_evidence(struct engine *e, struct hit *hit, bool wants)
{
        if (!wants) {
                e->counters.n[COUNTER_EVIDENCE_CUT]++;
                return 0;
        }
        hit->has_evidence = true;
        if (e->is_evidence_told)
                return 0;
        e->is_evidence_told = true;
        return e->sink->evidence(e->sink->userdata, e->record);
}

/* What comes from an inner correlation was decided there. */
static bool is_decided(const struct engine *e, const struct hit *hit)
{
        return hit->has_evidence || !e->record || !hash128_eq(&hit->key, &e->record->key);
}

static int keep_evidence_in(struct engine *e, struct window *w, uint32_t rule, struct hit *hit)
{
        bool wants;

        if (is_decided(e, hit))
                return 0;
        wants = wants_evidence(w, &e->rules->entries[rule].window, hit->time);
        w->budget_n += wants;
        return keep_evidence(e, hit, wants);
}

/* ---- One hit in one group ---- */

static int feed_outer(struct engine *e, uint32_t rule, struct str values, struct hot_list *hot);

int engine_hand_on(struct engine *e, struct group *g)
{
        const struct group *pinned = e->groups.pinned;
        struct hot_list hot = e->hot;
        int r;

        if (hot.n == 0)
                return 0;
        e->hot = (struct hot_list){ 0 };
        e->groups.pinned = g; /* its hits' words are looked at */
        r = feed_outer(e, g->rule, group_key_values(g), &hot);
        e->groups.pinned = pinned;
        free(hot.items);
        return r;
}

/* Kinds that are judged later keep the latest record's words until then. */
static int keep_words(struct engine *e, const struct entry *entry, struct group *g)
{
        struct window *w = g->window;

        if (!entry->window.waits || entry->window.kind->judge || !entry->alerts || (!e->record && !e->inner))
                return 0;
        if (!w->waiting) {
                w->waiting = malloc(sizeof *w->waiting);
                if (!w->waiting)
                        return -ENOMEM;
                words_init(w->waiting);
        }
        if (!e->record)
                return e->inner->at < w->waiting->at ? 0 : tell_words_after(entry, g, e->inner, w->waiting);
        return e->time < w->waiting->at ? 0 : tell_words(entry, g, e->record, e->time, w->waiting);
}

/* The words of a hit that is judged later, maybe more than once. */
static int add_story(struct engine *e, const struct entry *entry, const struct group *g, struct hit *hit)
{
        hit->story = malloc(sizeof *hit->story);
        if (!hit->story)
                return -ENOMEM;
        hit->story->measure = MEASURE_NONE;
        words_init(&hit->story->words);
        if (!entry->alerts && entry->n_feeds == 0)
                return 0;
        if (e->record)
                return tell_words(entry, g, e->record, e->time, &hit->story->words);
        return e->inner ? tell_words_after(entry, g, e->inner, &hit->story->words) : 0;
}

/* The first hit of a group that needs more than one. */
static int take_lone(struct engine *e, struct group *g, struct hit *hit)
{
        int r = is_decided(e, hit) ? 0 : keep_evidence(e, hit, true);

        g->lone = lone_of(hit);
        g->holds = GROUP_LONE;
        groups_touch(&e->groups, g);
        return r;
}

/* Prints of days are only there to know repeats by. */
static void trim(struct engine *e, const struct group *g, struct window *w)
{
        const struct window_rule *rule = &e->rules->entries[g->rule].window;
        size_t n = window_trim(w, rule, ENGINE_HITS_PER_KEY_MAX);

        e->counters.n[rule->by_days ? COUNTER_WINDOW_PRINTS_EVICTED : COUNTER_WINDOW_HITS_EVICTED] += n;
        if (!rule->by_days && !rule->kind->judge) {
                e->groups.of_rule[g->rule].hits_lost += n;
                e->hits_lost += n;
        }
}

/* Owns what the hit owns. */
static int take_in_window(struct engine *e, struct group *g, struct window *w, struct hit *hit)
{
        const struct entry *entry = &e->rules->entries[g->rule];
        bool may_be_told = !entry->window.kind->may || entry->window.kind->may(w, &entry->window, hit);
        const struct group *pinned;
        struct episode_sink sink;
        int r = may_be_told ? keep_evidence_in(e, w, g->rule, hit) : 0;

        if (r >= 0 && entry->window.kind->judge && may_be_told)
                r = add_story(e, entry, g, hit);
        pinned = e->groups.pinned;
        e->groups.pinned = g;
        if (r >= 0)
                r = crowd_enter(e, g->rule, hit);
        e->groups.pinned = pinned;
        if (r < 0) {
                hit_done(hit);
                return r;
        }
        sink = engine_sink_for(e, g);
        r = window_add(w, &entry->window, hit, &sink);
        if (r < 0)
                return r;
        e->has_unjudged |= entry->window.kind->judge != NULL;
        trim(e, g, w);
        r = keep_words(e, entry, g);
        if (r >= 0 && entry->window.kind->judge && w->n_unjudged >= HISTORY_OPEN_MAX)
                return engine_judge_group(e, g, INT64_MAX); /* much comes at once: none goes unjudged */
        groups_touch(&e->groups, g);
        return r < 0 ? r : engine_hand_on(e, g);
}

/* Owns what the hit owns. */
static int take_hit(struct engine *e, struct str key, struct hit *hit)
{
        struct group *g = groups_get(&e->groups, key);
        struct window *w;

        if (g && g->holds == GROUP_NOTHING && e->rules->entries[g->rule].window.is_countable)
                return take_lone(e, g, hit);
        if (g && g->holds == GROUP_LONE && lone_is(&g->lone, hit)) {
                e->is_duplicate = true;
                return 0;
        }
        w = g ? groups_window(&e->groups, g) : NULL;
        if (!w) {
                hit_done(hit);
                return -ENOMEM;
        }
        if (window_has(w, hit)) {
                e->is_duplicate = true;
                hit_done(hit);
                return 0;
        }
        return take_in_window(e, g, w, hit);
}

static int feed_outer(struct engine *e, uint32_t rule, struct str values, struct hot_list *hot)
{
        const struct entry *entry = &e->rules->entries[rule];
        CLEANUP(strbuf_done) struct strbuf key = STRBUF_INIT;
        int r = 0;

        for (size_t f = 0; f < entry->n_feeds; f++) {
                const struct feed *feed = &entry->feeds[f];

                if (!e->rules->entries[feed->correlation].is_live)
                        continue;
                group_key_begin(&key, feed->correlation);
                strbuf_add(&key, values);
                if (strbuf_failed(&key))
                        return -ENOMEM;
                for (size_t i = 0; i < hot->n && r >= 0; i++) {
                        const struct words *before = e->inner;
                        struct hit hit = hot->items[i];

                        e->inner = hit.story && hit.story->words.at != USEC_NONE ? &hit.story->words : NULL;
                        hit.member = feed->member;
                        hit.is_hot = hit.is_judged = false;
                        hit.values = NULL;
                        hit.story = NULL;
                        hit.n_values = 0;
                        hit.is_final = hit.was_hot = false;
                        hit.lowered = 0;
                        r = take_hit(e, strbuf_str(&key), &hit);
                        e->inner = before;
                }
        }
        return r;
}

/* ---- One record ---- */

static struct hit hit_of(const struct engine *e, const struct entry *rule, uint16_t member)
{
        struct hit hit = { .time = e->time, .key = e->record->key, .member = member, .is_late = e->is_late };

        memcpy(&hit.base, rule->digest.b, sizeof hit.base);
        return hit;
}

static int take_feed(struct engine *e, uint32_t rule, const struct feed *feed)
{
        const struct entry *entry = &e->rules->entries[feed->correlation];
        struct strbuf *key = &e->key; /* take_hit() is done with it before it feeds others */
        size_t n = extract_groups(&e->extract, entry, feed->member, e->record);
        int r = 0;

        e->counters.n[COUNTER_VALUES_CUT] += e->extract.is_cut;
        e->counters.n[COUNTER_GROUP_MISSING] += n == 0;
        if (n > 0) {
                extract_values(&e->extract, entry, e->record);
                e->counters.n[COUNTER_VALUES_CUT] += e->extract.is_cut;
                e->counters.n[COUNTER_VALUES_REFUSED] += e->extract.n_refused;
        }
        for (size_t i = 0; i < n && r >= 0; i++) {
                struct hit hit = hit_of(e, &e->rules->entries[rule], feed->member);

                extract_key(&e->extract, feed->correlation, i, key);
                r = strbuf_failed(key) ? -ENOMEM : extract_set_values(&e->extract, &hit);
                if (r >= 0)
                        r = take_hit(e, strbuf_str(key), &hit);
        }
        return r;
}

/* An alerting rule by itself: by person, else by address, else all together. */
static int take_single(struct engine *e, uint32_t rule)
{
        struct hit hit = hit_of(e, &e->rules->entries[rule], 0);

        extract_key_single(e->record, rule, &e->key);
        return strbuf_failed(&e->key) ? -ENOMEM : take_hit(e, strbuf_str(&e->key), &hit);
}

/* ---- Taking ---- */

/* Late is what comes behind newer records of its source by more than the source's lateness; a clock that is far ahead of
 * the arrival does not make all others late. */
static void note_time(struct engine *e, const struct record *record, usec arrival)
{
        usec *latest = &e->latest[record->source_index];

        e->is_late = record->time != USEC_NONE && *latest != USEC_NONE &&
                     record->time < *latest - e->rules->lateness[record->source_index];
        if (record->time != USEC_NONE && record->time > *latest && record->time <= arrival + USEC_PER_DAY)
                *latest = record->time;
}

static int take_rule(struct engine *e, uint32_t rule)
{
        const struct entry *entry = &e->rules->entries[rule];
        int r = 0;

        if (entry->window.kind)
                r = take_single(e, rule);
        for (size_t i = 0; i < entry->n_feeds && e->record->time != USEC_NONE && r >= 0; i++)
                if (e->rules->entries[entry->feeds[i].correlation].is_live)
                        r = take_feed(e, rule, &entry->feeds[i]);
        return r;
}

int engine_take(struct engine *e, const struct record *record, const uint32_t *hits, size_t n_hits, usec arrival,
                const struct engine_sink *sink)
{
        int r = 0;

        if (n_hits == 0)
                return 0;
        note_time(e, record, arrival);
        e->sink = sink;
        e->record = record;
        e->time = record->time == USEC_NONE ? arrival : record->time;
        e->is_duplicate = e->is_evidence_told = false;
        for (size_t i = 0; i < n_hits && r >= 0; i++)
                r = take_rule(e, hits[i]);
        e->counters.n[COUNTER_DUPLICATE] += e->is_duplicate;
        e->counters.n[COUNTER_WINDOW_KEYS_EVICTED] = e->groups.evicted;
        e->record = NULL;
        return r;
}
