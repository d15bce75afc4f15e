/* SPDX-License-Identifier: Apache-2.0 */

/* State that outlives an engine: to the store and back at a restart, from one engine to the next at a reload.
 *
 * A reload is done in two steps. The first makes room for everything in the new engine and may fail: then the new one is
 * thrown away and nothing has happened. The second only moves, and cannot fail. */

#include <errno.h>
#include <stdlib.h>

#include "monitor/detect/engine_impl.h"

/* ---- The store ---- */

int engine_dirty(struct engine *e, engine_state_fn *fn, void *userdata)
{
        while (e->stale) {
                struct stale *s = e->stale;
                int r = fn(userdata, str_from(s->text, s->rule_n), str_from(s->text + s->rule_n, s->key_n), 0, STR(""));

                if (r < 0)
                        return r;
                e->stale = s->next;
                free(s);
        }
        return groups_each_dirty(&e->groups, fn, userdata);
}

/* Remembers a stored key that cannot be taken back, to have it dropped. */
static int add_stale(struct engine *e, struct str rule, struct str key)
{
        struct stale *s = malloc(sizeof *s + rule.n + key.n + 1);

        if (!s)
                return -ENOMEM;
        *s = (struct stale){ .next = e->stale, .rule_n = rule.n, .key_n = key.n };
        memcpy(s->text, rule.p, rule.n);
        memcpy(s->text + rule.n, key.p, key.n);
        e->stale = s;
        return 0;
}

int engine_load(struct engine *e, struct str rule, struct str key, struct str blob)
{
        CLEANUP(strbuf_done) struct strbuf full = STRBUF_INIT;
        size_t number = (size_t)(uintptr_t)map_get(&e->labels, rule);
        int r;

        if (number == 0)
                return add_stale(e, rule, key) < 0 ? -ENOMEM : -ENOENT;
        group_key_begin(&full, (uint32_t)(number - 1));
        strbuf_add(&full, key);
        if (strbuf_failed(&full))
                return -ENOMEM;
        r = groups_load(&e->groups, strbuf_str(&full), blob);
        return r == -EBADMSG && add_stale(e, rule, key) < 0 ? -ENOMEM : r;
}

/* ---- The next engine ---- */

enum { NO_RULE = UINT32_MAX };

/* From behind, so that `first` ends with the first rule of each label (plus one), and next[] leads on from there. */
static int note_label(struct map *first, const struct ruleset *set, uint32_t *next, size_t rule)
{
        struct str label = set->entries[rule].state_label;

        next[rule] = (uint32_t)(uintptr_t)map_get(first, label);
        return map_put(first, label, (void *)(uintptr_t)(rule + 1));
}

/* ret[old rule]: its number in the new set, or NO_RULE. Rules of one label (no id, one title, one body) are told apart by
 * their order. */
static int match_rules(const struct ruleset *old, const struct ruleset *fresh, uint32_t *ret)
{
        CLEANUP(map_done) struct map first = MAP_INIT;
        uint32_t *next = calloc(fresh->n + 1, sizeof *next);
        int r = next ? 0 : -ENOMEM;

        for (size_t i = fresh->n; i > 0 && r >= 0; i--)
                if (fresh->entries[i - 1].window.kind)
                        r = note_label(&first, fresh, next, i - 1);
        for (size_t i = 0; i < old->n && r >= 0; i++) {
                const struct entry *e = &old->entries[i];
                size_t found = e->window.kind ? (size_t)(uintptr_t)map_get(&first, e->state_label) : 0;

                ret[i] = found > 0 ? (uint32_t)(found - 1) : NO_RULE;
                if (found > 0 && next[found - 1] > 0)
                        r = map_put(&first, e->state_label, (void *)(uintptr_t)next[found - 1]);
                else if (found > 0)
                        map_remove(&first, e->state_label);
        }
        free(next);
        return r;
}

/* An empty group in `to` for each one of a rule that stays, the least recently hit first; the others' keys are to be
 * forgotten by the store. */
static int make_room_for(struct engine *to, const struct engine *from, const struct group *g, uint32_t rule)
{
        CLEANUP(strbuf_done) struct strbuf key = STRBUF_INIT;
        struct str label = from->rules->entries[g->rule].state_label;

        if (rule == NO_RULE) /* unless it is another rule's now */
                return map_get(&to->labels, label) ? 0 : add_stale(to, label, group_key_values(g));
        group_key_begin(&key, rule);
        strbuf_add(&key, group_key_values(g));
        return strbuf_failed(&key) || !groups_get(&to->groups, strbuf_str(&key)) ? -ENOMEM : 0;
}

static int make_room(struct engine *to, const struct engine *from, const uint32_t *rule_of)
{
        int r = 0;

        for (size_t i = 0; i < from->rules->n; i++)
                for (group_id id = from->groups.of_rule[i].oldest; id && r >= 0; id = groups_at(&from->groups, id)->newer)
                        r = make_room_for(to, from, groups_at(&from->groups, id), rule_of[i]);
        return r;
}

static void move_windows(struct engine *to, struct engine *from, const uint32_t *rule_of)
{
        for (size_t i = 0; i < from->rules->n; i++) {
                group_id into = rule_of[i] == NO_RULE ? 0 : to->groups.of_rule[rule_of[i]].oldest;

                for (group_id id = into ? from->groups.of_rule[i].oldest : 0; id; id = groups_at(&from->groups, id)->newer) {
                        groups_move(&to->groups, groups_at(&to->groups, into), groups_at(&from->groups, id));
                        into = groups_at(&to->groups, into)->newer;
                }
        }
        to->has_unjudged |= from->has_unjudged;
}

static void move_progress(struct engine *to, struct engine *from, const uint32_t *rule_of, const size_t *source_of)
{
        for (size_t i = 0; i < from->rules->n; i++)
                if (rule_of[i] != NO_RULE)
                        to->progress[rule_of[i]] = from->progress[i];
        for (size_t s = 0; s < from->rules->n_kinds; s++)
                if (source_of[s] != SIZE_MAX)
                        to->latest[source_of[s]] = from->latest[s];
        for (struct stale **end = &from->stale; *end; end = &(*end)->next)
                if (!(*end)->next) {
                        (*end)->next = to->stale;
                        to->stale = from->stale;
                        from->stale = NULL;
                        break;
                }
        to->counters = from->counters;
        to->groups.evicted += from->groups.evicted;
        to->losses_told = to->groups.evicted; /* told by the old one */
        to->counters.n[COUNTER_WINDOW_KEYS_EVICTED] = to->groups.evicted;
}

int engine_adopt(struct engine *to, struct engine *from, const size_t *source_of)
{
        uint32_t *rule_of = calloc(from->rules->n + 1, sizeof *rule_of);
        int r = rule_of ? match_rules(from->rules, to->rules, rule_of) : -ENOMEM;

        if (r >= 0)
                r = make_room(to, from, rule_of);
        if (r >= 0) {
                move_windows(to, from, rule_of);
                move_progress(to, from, rule_of, source_of);
        }
        free(rule_of);
        return r;
}
