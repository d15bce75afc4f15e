/* SPDX-License-Identifier: Apache-2.0 */

/* From hits to windows to changes of alerts. One struct group for each rule and key holds a window; groups lie in one map, in
 * a list by last use (the least recently hit goes first at the cap) and, when changed, in a list for the store. */

#include "monitor/detect/engine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor/base/map.h"
#include "monitor/detect/rules.h"
#include "monitor/detect/state.h"
#include "monitor/model/render.h"

enum { MARK_COUNT = 1, MARK_PEAK = 2 }; /* bytes that stand for numbers in a kept sentence */

struct group {
        struct window window;
        uint32_t rule;
        char *key; /* rule number, then each value with its length; owned */
        size_t key_n;
        struct group *newer, *older; /* by last use */
        struct group *next_dirty;
        bool is_dirty, is_gone;
};

struct engine {
        const struct ruleset *rules;
        size_t keys_max;
        struct map groups;
        struct group *newest, *oldest, *dirty;
        struct counters counters;
        usec *latest; /* [source]: newest event time */
        usec settled_at;
        /* of the call that is running */
        const struct engine_sink *sink;
        const struct record *record;
        struct group *group;
        struct arena *arena;
        struct hash128 attached[ALERT_EVIDENCE_MAX];
        size_t n_attached;
        struct hit hot[64]; /* hits for outer correlations */
        size_t n_hot;
        bool is_late;
};

struct engine *engine_new(const struct ruleset *rules, const struct engine_options *options)
{
        struct engine *e = calloc(1, sizeof *e);

        if (!e)
                return NULL;
        e->rules = rules;
        e->keys_max = options && options->keys_max ? options->keys_max : ENGINE_KEYS_MAX;
        e->latest = calloc(rules->n_kinds + 1, sizeof *e->latest);
        e->arena = arena_new();
        e->settled_at = USEC_NONE;
        if (!e->latest || !e->arena)
                return engine_free(e);
        for (size_t i = 0; i < rules->n_kinds; i++)
                e->latest[i] = USEC_NONE;
        return e;
}

static void group_free(struct group *g)
{
        window_done(&g->window);
        free(g->key);
        free(g);
}

struct engine *engine_free(struct engine *e)
{
        if (!e)
                return NULL;
        while (e->dirty) {
                struct group *g = e->dirty;

                e->dirty = g->next_dirty;
                if (g->is_gone)
                        group_free(g);
        }
        for (struct group *g = e->newest; g;) {
                struct group *older = g->older;

                group_free(g);
                g = older;
        }
        map_done(&e->groups);
        arena_free(e->arena);
        free(e->latest);
        free(e);
        return NULL;
}

const struct counters *engine_counters(const struct engine *e)
{
        return &e->counters;
}

size_t engine_keys(const struct engine *e)
{
        return map_count(&e->groups);
}

/* ---- Groups ---- */

static void unlink_group(struct engine *e, struct group *g)
{
        *(g->newer ? &g->newer->older : &e->newest) = g->older;
        *(g->older ? &g->older->newer : &e->oldest) = g->newer;
        g->newer = g->older = NULL;
}

static void link_newest(struct engine *e, struct group *g)
{
        g->newer = NULL;
        g->older = e->newest;
        *(e->newest ? &e->newest->newer : &e->oldest) = g;
        e->newest = g;
}

static void set_dirty(struct engine *e, struct group *g)
{
        if (g->is_dirty)
                return;
        g->is_dirty = true;
        g->next_dirty = e->dirty;
        e->dirty = g;
}

static void drop_group(struct engine *e, struct group *g)
{
        map_remove(&e->groups, str_from(g->key, g->key_n));
        unlink_group(e, g);
        g->is_gone = true;
        set_dirty(e, g); /* the store must hear of it */
}

static struct group *add_group(struct engine *e, uint32_t rule, struct str key)
{
        struct group *g = calloc(1, sizeof *g);

        if (!g)
                return NULL;
        g->rule = rule;
        g->key = malloc(key.n + 1);
        g->key_n = key.n;
        window_init(&g->window, &e->rules->entries[rule].window);
        if (g->key)
                memcpy(g->key, key.p, key.n);
        if (!g->key || map_put(&e->groups, key, g) < 0) {
                group_free(g);
                return NULL;
        }
        link_newest(e, g);
        while (map_count(&e->groups) > e->keys_max && e->oldest != g) {
                e->counters.n[COUNTER_WINDOW_KEYS_EVICTED]++;
                drop_group(e, e->oldest);
        }
        return g;
}

static struct group *get_group(struct engine *e, uint32_t rule, struct str key)
{
        struct group *g = map_get(&e->groups, key);

        if (!g)
                return add_group(e, rule, key);
        unlink_group(e, g);
        link_newest(e, g);
        return g;
}

/* Keys: "RULE\n" and for each value "LENGTH:VALUE". */
static void begin_key(struct strbuf *key, uint32_t rule)
{
        strbuf_clear(key);
        strbuf_addf(key, "%u\n", rule);
}

static void add_value(struct strbuf *key, struct str value)
{
        strbuf_addf(key, "%zu:", value.n);
        strbuf_add(key, value);
}

static struct str skip_rule(struct str key)
{
        struct str rest = key, rule;

        str_cut(&rest, '\n', &rule);
        return rest;
}

static bool next_value(struct str *rest, struct str *ret)
{
        struct str number;
        uint64_t n;

        if (!rest->p || rest->n == 0 || !str_cut(rest, ':', &number) || !rest->p || str_to_u64(number, &n) < 0 || n > rest->n)
                return false;
        *ret = str_from(rest->p, n);
        *rest = str_from(rest->p + n, rest->n - n);
        return true;
}

/* ---- Telling ---- */

static void note_evidence(struct engine *e, struct episode *ep, const struct hash128 *key)
{
        if (ep->n_evidence >= ALERT_EVIDENCE_MAX || e->n_attached >= ALERT_EVIDENCE_MAX)
                return;
        e->attached[e->n_attached++] = *key;
        ep->n_evidence++;
}

static void on_hot(void *userdata, struct hit *hit, struct episode *ep)
{
        struct engine *e = userdata;
        const struct entry *entry = &e->rules->entries[e->group->rule];

        if (ep->is_new && hash128_is_zero(&ep->id)) {
                struct str parts[] = { entry->rule->label, skip_rule(str_from(e->group->key, e->group->key_n)),
                                       str_from((const char *)&ep->first, sizeof ep->first) };

                ep->id = hash128_of(parts, ARRAY_LEN(parts));
        }
        ep->is_late |= e->is_late;
        if (hit->has_evidence)
                note_evidence(e, ep, &hit->key);
        if (entry->n_feeds == 0)
                return;
        if (e->n_hot < ARRAY_LEN(e->hot))
                e->hot[e->n_hot++] = (struct hit){ .time = hit->time, .key = hit->key, .has_evidence = hit->has_evidence };
        else
                e->counters.n[COUNTER_WINDOW_HITS_EVICTED]++;
}

/* Group fields and values of a key. */
static size_t read_group(const struct engine *e, const struct group *g, struct alert_group *ret, size_t max)
{
        const struct entry *entry = &e->rules->entries[g->rule];
        struct str rest = skip_rule(str_from(g->key, g->key_n)), value;
        size_t n = 0;

        while (n < max && next_value(&rest, &value)) {
                if (entry->kind == &kind_single) { /* field name, then its value */
                        ret[n].field = value;
                        if (!next_value(&rest, &ret[n].value))
                                break;
                } else {
                        ret[n].field = entry->rule->correlation->group_by[n];
                        ret[n].value = value;
                }
                n++;
        }
        return n;
}

/* The kept sentence with its numbers put in. */
static struct str fill_numbers(struct engine *e, const char *sentence, const struct episode *ep)
{
        CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT;

        for (const char *p = sentence ? sentence : ""; *p; p++) {
                if (*p == MARK_COUNT)
                        strbuf_addf(&b, "%llu", (unsigned long long)ep->count);
                else if (*p == MARK_PEAK)
                        strbuf_addf(&b, "%llu", (unsigned long long)ep->peak);
                else
                        strbuf_addc(&b, *p);
        }
        return arena_dup(e->arena, strbuf_str(&b));
}

static struct str make_why(struct engine *e, const struct entry *entry, const struct episode *ep)
{
        char span[DURATION_BYTES];

        if (entry->kind == &kind_single)
                return STR("");
        duration_format(entry->window.timespan, span);
        if (!entry->limits.is_rising)
                return arena_printf(e->arena, "%llu %swithin %s", (unsigned long long)ep->peak, entry->kind->unit, span);
        if (entry->kind->takes_field && entry->rule->correlation->n_fields > 0)
                return arena_printf(e->arena, "%llu distinct " STR_FMT " of at least %llu within %s", (unsigned long long)ep->peak,
                                    STR_ARG(entry->rule->correlation->fields[0]), (unsigned long long)entry->limits.least, span);
        return arena_printf(e->arena, "%llu %sof at least %llu within %s", (unsigned long long)ep->peak, entry->kind->unit,
                            (unsigned long long)entry->limits.least, span);
}

static void describe(struct engine *e, const struct group *g, const struct episode *ep, struct alert_change *c, struct alert_group *groups,
                     size_t max)
{
        const struct entry *entry = &e->rules->entries[g->rule];

        *c = (struct alert_change){
                .kind = ep->is_new ? CHANGE_RAISE : CHANGE_GROW,
                .id = ep->id,
                .rule_id = entry->rule->label,
                .rule_title = entry->rule->title,
                .level = entry->rule->level,
                .classes = entry->classes,
                .n_classes = entry->n_classes,
                .group = groups,
                .n_group = read_group(e, g, groups, max),
                .sentence = fill_numbers(e, ep->sentence, ep),
                .why = make_why(e, entry, ep),
                .playbook = entry->playbook,
                .person = str_of(ep->person),
                .source = str_of(ep->source),
                .first_seen = ep->first,
                .last_seen = ep->last,
                .count = ep->count,
                .is_late = ep->is_late,
        };
}

static int on_merged(void *userdata, struct episode *from, struct episode *into)
{
        struct engine *e = userdata;
        struct alert_group groups[16];
        struct alert_change c;
        int r = 0;

        if (!e->rules->entries[e->group->rule].alerts || from->is_new)
                return 0; /* nobody has heard of it */
        if (into->is_new && hash128_is_zero(&into->id))
                into->id = from->id;
        if (into->is_new) { /* tell the earlier one first, so that the other can point to it */
                describe(e, e->group, into, &c, groups, ARRAY_LEN(groups));
                r = e->sink->change(e->sink->userdata, &c);
                into->is_new = false;
        }
        if (r < 0)
                return r;
        describe(e, e->group, from, &c, groups, ARRAY_LEN(groups));
        c.kind = CHANGE_MERGE;
        c.merged_into = into->id;
        return e->sink->change(e->sink->userdata, &c);
}

static char *render(const struct engine *e, const struct entry *entry)
{
        static const char marks[] = { MARK_COUNT, MARK_PEAK };
        struct strbuf b = STRBUF_INIT;
        char span[DURATION_BYTES];
        struct render_extra extra[] = {
                { "count", str_from(marks, 1) }, { "distinct", str_from(marks + 1, 1) }, { "timespan", STR_NONE },
                { "rule.title", entry->rule->title },
        };

        duration_format(entry->window.timespan, span);
        extra[2].value = str_of(span);
        render_sentence(entry->rule->sentence.p ? entry->rule->sentence : entry->rule->title, e->record, extra, ARRAY_LEN(extra), &b);
        return strbuf_take(&b);
}

/* The words of an episode are those of its latest record. */
static void reword(struct engine *e, const struct entry *entry, struct episode *ep, usec time)
{
        if (!e->record || time < ep->told_at || time > ep->last)
                return;
        episode_done(ep);
        ep->sentence = render(e, entry);
        ep->person = str_dupz(record_ecs(e->record, ECS_PERSON).p ? record_ecs(e->record, ECS_PERSON) : STR(""));
        ep->source = str_dupz(str_of(e->record->source));
        ep->told_at = time;
}

static int tell_changes(struct engine *e, struct group *g, usec time)
{
        const struct entry *entry = &e->rules->entries[g->rule];
        int r = 0;

        for (size_t i = 0; i < g->window.n_episodes && r >= 0; i++) {
                struct episode *ep = &g->window.episodes[i];
                struct alert_group groups[16];
                struct alert_change c;

                if (!ep->is_changed)
                        continue;
                ep->is_changed = false;
                if (entry->alerts) {
                        reword(e, entry, ep, time);
                        describe(e, g, ep, &c, groups, ARRAY_LEN(groups));
                        c.records = e->attached;
                        c.n_records = e->n_attached;
                        r = e->sink->change(e->sink->userdata, &c);
                }
                ep->is_new = false;
        }
        e->n_attached = 0;
        arena_reset(e->arena);
        return r;
}

/* ---- Taking ---- */

static int feed(struct engine *e, uint32_t rule, struct str group, const struct hit *hits, size_t n);

/* Should this hit's record be kept? It may join an alert now or later. */
static bool wants_evidence(struct engine *e, struct group *g, usec time)
{
        const struct entry *entry = &e->rules->entries[g->rule];
        struct episode *ep = window_episode(&g->window, &entry->window, time);

        if ((ep && ep->n_evidence >= ALERT_EVIDENCE_MAX) || g->window.n_waiting >= ENGINE_EVIDENCE_PER_KEY_MAX) {
                e->counters.n[COUNTER_EVIDENCE_CUT]++;
                return false;
        }
        return true;
}

static int take_hit(struct engine *e, uint32_t rule, struct str key, struct hit *hit)
{
        const struct entry *entry = &e->rules->entries[rule];
        struct window_sink sink = { .hot = on_hot, .merged = on_merged, .userdata = e };
        struct group *g = get_group(e, rule, key);
        struct hit hot[ARRAY_LEN(e->hot)];
        size_t n_hot;
        int r = 0;

        if (!g) {
                free(hit->values);
                return -ENOMEM;
        }
        e->group = g;
        e->n_hot = 0;
        if (e->record && !hit->has_evidence && wants_evidence(e, g, hit->time)) {
                hit->has_evidence = true;
                r = e->sink->evidence(e->sink->userdata, e->record);
        }
        if (r >= 0)
                r = window_take(&g->window, &entry->window, hit, &sink);
        if (r == 0)
                e->counters.n[COUNTER_DUPLICATE]++;
        if (r <= 0)
                return r;
        e->counters.n[COUNTER_WINDOW_HITS_EVICTED] += window_trim(&g->window, ENGINE_HITS_PER_KEY_MAX);
        set_dirty(e, g);
        n_hot = e->n_hot;
        memcpy(hot, e->hot, n_hot * sizeof *hot);
        r = tell_changes(e, g, hit->time);
        return r < 0 || n_hot == 0 ? r : feed(e, rule, skip_rule(str_from(g->key, g->key_n)), hot, n_hot);
}

/* Hot hits of an inner correlation go to the outer ones, under the same group. */
static int feed(struct engine *e, uint32_t rule, struct str group, const struct hit *hits, size_t n)
{
        const struct entry *entry = &e->rules->entries[rule];
        CLEANUP(strbuf_done) struct strbuf key = STRBUF_INIT;
        int r = 0;

        for (size_t f = 0; f < entry->n_feeds; f++)
                for (size_t i = 0; i < n && r >= 0; i++) {
                        struct hit hit = { .time = hits[i].time, .key = hits[i].key, .member = entry->feeds[f].member,
                                           .has_evidence = hits[i].has_evidence };

                        begin_key(&key, entry->feeds[f].correlation);
                        strbuf_add(&key, group);
                        r = strbuf_failed(&key) ? -ENOMEM : take_hit(e, entry->feeds[f].correlation, strbuf_str(&key), &hit);
                }
        return r;
}

static struct slot *find_slot(const struct record *r, struct field_ref ref)
{
        struct slot *s = record_slot(r, ref.native);

        return s ? s : record_slot(r, ref.ecs);
}

static uint64_t hash_value(const struct str *parts, size_t n)
{
        struct hash128 h = hash128_of(parts, n);
        uint64_t v;

        memcpy(&v, h.b, sizeof v);
        return v;
}

/* Distinct tuples of the fields of value_count; one value mostly. */
static int set_values(struct engine *e, const struct entry *entry, struct hit *hit)
{
        const struct sigma_correlation *c = entry->rule->correlation;
        const struct field_ref *refs = entry->values + e->record->source_index * c->n_fields;
        struct str parts[8];
        struct slot *first = c->n_fields ? find_slot(e->record, refs[0]) : NULL;

        if (!entry->kind->takes_field || !first)
                return 0;
        for (size_t i = 1; i < c->n_fields && i < ARRAY_LEN(parts); i++) {
                struct slot *s = find_slot(e->record, refs[i]);

                parts[i] = s ? slot_text(s) : STR_NONE;
                if (!parts[i].p)
                        return 0;
        }
        hit->values = first->n > 1 ? calloc(first->n, sizeof *hit->values) : NULL;
        if (first->n > 1 && !hit->values)
                return -ENOMEM;
        for (const struct value *v = first->first; v; v = v->next) {
                parts[0] = value_scalar(v);
                if (!parts[0].p)
                        continue;
                *(hit->values ? &hit->values[hit->n_values] : &hit->value) = hash_value(parts, size_min(c->n_fields, ARRAY_LEN(parts)));
                hit->n_values++;
        }
        return 0;
}

struct group_walk {
        uint32_t rule;
        uint16_t member;
        size_t made;
};

static int take_group(struct engine *e, const struct group_walk *walk, struct str key)
{
        struct hit hit = { .time = e->record->time, .key = e->record->key, .member = walk->member };
        int r = set_values(e, &e->rules->entries[walk->rule], &hit);

        return r < 0 ? r : take_hit(e, walk->rule, key, &hit);
}

/* Every combination of the group-by fields' values from `at` on. */
static int walk_groups(struct engine *e, struct group_walk *walk, const struct field_ref *refs, size_t at, struct strbuf *key)
{
        size_t n_fields = e->rules->entries[walk->rule].rule->correlation->n_group_by, length = key->n;
        struct slot *slot;
        int r = 0;

        if (at == n_fields) {
                if (walk->made++ >= ENGINE_GROUP_VALUES_MAX) {
                        e->counters.n[COUNTER_VALUES_CUT]++;
                        return 0;
                }
                return strbuf_failed(key) ? -ENOMEM : take_group(e, walk, strbuf_str(key));
        }
        slot = find_slot(e->record, refs[at]);
        for (const struct value *v = slot ? slot->first : NULL; v && r >= 0; v = v->next) {
                struct str text = value_scalar(v);

                if (!text.p || value_is_placeholder(text))
                        continue;
                add_value(key, text);
                r = walk_groups(e, walk, refs, at + 1, key);
                key->n = length;
        }
        return r;
}

static int take_feed(struct engine *e, const struct feed *f)
{
        CLEANUP(strbuf_done) struct strbuf key = STRBUF_INIT;
        const struct entry *entry = &e->rules->entries[f->correlation];
        struct group_walk walk = { .rule = f->correlation, .member = f->member };
        int r;

        if (e->record->time == USEC_NONE)
                return 0;
        begin_key(&key, f->correlation);
        r = walk_groups(e, &walk, entry_groups(entry, e->record->source_index, f->member), 0, &key);
        if (r >= 0 && walk.made == 0)
                e->counters.n[COUNTER_GROUP_MISSING]++;
        return r;
}

/* An alerting rule by itself: by person, else by address, else all together. */
static int take_single(struct engine *e, uint32_t rule, usec arrival)
{
        static const enum ecs fields[] = { ECS_PERSON, ECS_SOURCE_IP };
        CLEANUP(strbuf_done) struct strbuf key = STRBUF_INIT;
        struct hit hit = { .time = e->record->time == USEC_NONE ? arrival : e->record->time, .key = e->record->key };

        begin_key(&key, rule);
        for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
                struct str value = record_ecs(e->record, fields[i]);

                if (!value.p || value_is_placeholder(value))
                        continue;
                add_value(&key, str_of(ecs_field(fields[i])->name));
                add_value(&key, value);
                break;
        }
        return strbuf_failed(&key) ? -ENOMEM : take_hit(e, rule, strbuf_str(&key), &hit);
}

int engine_take(struct engine *e, const struct record *record, const uint32_t *hits, size_t n_hits, usec arrival,
                const struct engine_sink *sink)
{
        usec *latest = &e->latest[record->source_index];
        int r = 0;

        e->sink = sink;
        e->record = record;
        e->is_late = record->time != USEC_NONE && *latest != USEC_NONE &&
                     record->time + e->rules->lateness[record->source_index] < *latest;
        if (record->time != USEC_NONE && record->time > *latest && record->time <= arrival + USEC_PER_DAY)
                *latest = record->time;
        for (size_t i = 0; i < n_hits && r >= 0; i++) {
                const struct entry *entry = &e->rules->entries[hits[i]];

                if (entry->kind == &kind_single)
                        r = take_single(e, hits[i], arrival);
                for (size_t f = 0; f < entry->n_feeds && r >= 0; f++)
                        if (e->rules->entries[entry->feeds[f].correlation].kind)
                                r = take_feed(e, &entry->feeds[f]);
        }
        e->record = NULL;
        return r < 0 ? r : 0;
}

/* ---- Settling ---- */

static int judge(struct engine *e, struct group *g, usec until, const struct engine_sink *sink)
{
        const struct entry *entry = &e->rules->entries[g->rule];
        struct window_sink ws = { .hot = on_hot, .merged = on_merged, .userdata = e };
        int r;

        if (entry->limits.is_rising)
                return 0;
        e->sink = sink;
        e->group = g;
        e->n_hot = 0;
        r = window_judge(&g->window, &entry->window, until, &ws);
        set_dirty(e, g);
        return r < 0 ? r : tell_changes(e, g, until);
}

/* Until when the sources that feed a rule have delivered everything; USEC_NONE: none has spoken. */
static usec rule_mark(const struct engine *e, uint32_t rule, const usec *watermark, size_t n)
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
        return mark;
}

static usec newest_of(const usec *watermark, size_t n)
{
        usec newest = USEC_NONE;

        for (size_t i = 0; i < n; i++)
                if (watermark[i] > newest)
                        newest = watermark[i];
        return newest;
}

int engine_settle(struct engine *e, const usec *watermark, size_t n, const struct engine_sink *sink)
{
        usec newest = newest_of(watermark, n);
        int r = 0;

        if (newest == USEC_NONE || (e->settled_at != USEC_NONE && newest < e->settled_at + USEC_PER_MINUTE))
                return 0; /* nothing to gain from walking all keys again */
        e->settled_at = newest;
        e->record = NULL;
        for (struct group *g = e->newest, *older; g && r >= 0; g = older) {
                const struct entry *entry = &e->rules->entries[g->rule];
                usec mark = rule_mark(e, g->rule, watermark, n);
                size_t before = g->window.n + g->window.n_episodes;

                older = g->older;
                if (mark == USEC_NONE)
                        continue;
                r = judge(e, g, mark, sink);
                if (window_settle(&g->window, &entry->window, mark))
                        drop_group(e, g);
                else if (g->window.n + g->window.n_episodes != before)
                        set_dirty(e, g);
        }
        return r;
}

int engine_finish(struct engine *e, const struct engine_sink *sink)
{
        int r = 0;

        e->record = NULL;
        for (struct group *g = e->newest; g && r >= 0; g = g->older)
                r = judge(e, g, INT64_MAX, sink);
        return r;
}

/* ---- State ---- */

int engine_dirty(struct engine *e, engine_state_fn *fn, void *userdata)
{
        CLEANUP(strbuf_done) struct strbuf blob = STRBUF_INIT;
        int r = 0;

        while (e->dirty && r >= 0) {
                struct group *g = e->dirty;
                struct str key = skip_rule(str_from(g->key, g->key_n));

                strbuf_clear(&blob);
                if (!g->is_gone)
                        state_write(&g->window, &blob);
                /* A key that was dropped and came back is in the list twice: the living one has the last word. */
                if (strbuf_failed(&blob))
                        r = -ENOMEM;
                else if (!g->is_gone || !map_get(&e->groups, str_from(g->key, g->key_n)))
                        r = fn(userdata, e->rules->entries[g->rule].state_label, key, strbuf_str(&blob));
                if (r < 0)
                        break;
                e->dirty = g->next_dirty;
                g->is_dirty = false;
                if (g->is_gone)
                        group_free(g);
        }
        return r;
}

int engine_load(struct engine *e, struct str rule, struct str key, struct str blob)
{
        CLEANUP(strbuf_done) struct strbuf full = STRBUF_INIT;
        struct group *g;
        size_t i = 0;
        int r;

        while (i < e->rules->n && !(e->rules->entries[i].kind && str_eq(e->rules->entries[i].state_label, rule)))
                i++;
        if (i == e->rules->n)
                return -ENOENT;
        begin_key(&full, (uint32_t)i);
        strbuf_add(&full, key);
        g = strbuf_failed(&full) ? NULL : get_group(e, (uint32_t)i, strbuf_str(&full));
        if (!g)
                return -ENOMEM;
        window_done(&g->window);
        window_init(&g->window, &e->rules->entries[i].window);
        r = state_read(&g->window, blob);
        if (r < 0)
                drop_group(e, g);
        return r;
}
