/* SPDX-License-Identifier: Apache-2.0 */

/* In this order: silences and what is known, since who does not ring for them mutes nobody; then those are gathered whom that
 * touches; inhibitions, since who is inhibited does not lead; the same act; then it is known who rings. Then the risk of the people
 * concerned, whose alerts may fit a silence as well. Last, what rings is put into the outbox (store/notice.h). */

#include "monitor/quiet/judge.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "monitor/base/map.h"
#include "monitor/quiet/watch.h"
#include "monitor/store/notice.h"

struct quiet {
        struct ids changed;
        struct arena *arena; /* texts of the alerts at work */
};

struct judge {
        struct store *s;
        const struct quiet_rules *rules;
        usec now;
        bool has_silences;
        struct arena *arena;
        struct quiet_counts *counts;
        struct ids all; /* to be looked at: what changed, and what that touches */
        struct ids moved; /* what became known, or no longer is */
        struct map people; /* person → usec of the first alert that changed; freed by let_go() */
        struct map before; /* id → struct past, of those whose state was written */
};

/* What an alert's state was when this began. */
struct past {
        int64_t silence;
        enum mute how;
        struct hash128 muted_by;
};

struct quiet *quiet_new(void)
{
        struct quiet *q = calloc(1, sizeof *q);

        if (q && !(q->arena = arena_new()))
                return quiet_free(q);
        return q;
}

struct quiet *quiet_free(struct quiet *q)
{
        if (!q)
                return NULL;
        ids_done(&q->changed);
        arena_free(q->arena);
        free(q);
        return NULL;
}

int quiet_note(struct quiet *q, const struct hash128 *alert)
{
        return ids_add(&q->changed, alert);
}

int quiet_note_all(struct quiet *q, struct store *s)
{
        return store_quiet_all(s, &q->changed);
}

void quiet_drop(struct quiet *q)
{
        q->changed.n = 0;
}

/* ---- One alert's state ---- */

static bool is_refused(const struct quiet_alert *a)
{
        return str_eqz(a->was.answer, "not-me");
}

static bool is_closed(const struct quiet_alert *a)
{
        return answer_closes(a->was.answer);
}

static bool is_risk(const struct quiet_alert *a)
{
        return str_eqz(a->rule_id, RISK_RULE);
}

/* That person's risk changes from then on. */
static int note_person(struct judge *j, struct str person, usec since)
{
        usec *from = map_get(&j->people, person);
        int r;

        if (person.n == 0 || from) {
                if (from && since < *from)
                        *from = since;
                return 0;
        }
        from = malloc(sizeof *from);
        if (!from)
                return -ENOMEM;
        *from = since;
        r = map_put(&j->people, person, from);
        if (r < 0)
                free(from);
        return r;
}

static int note_people(struct judge *j, const struct quiet_alert *a)
{
        usec since = a->was.seen < a->last ? a->was.seen : a->last;
        int r = note_person(j, a->was.person, since);

        return r < 0 ? r : note_person(j, a->person, since);
}

static void let_go(struct map *m)
{
        for (struct map_iter i = { 0 }; map_next(m, &i);)
                free(i.value);
        map_done(m);
}

static bool is_same(const struct quiet_state *a, const struct quiet_state *b)
{
        return str_eq(a->person, b->person) && a->silence == b->silence && hash128_eq(&a->muted_by, &b->muted_by) && a->how == b->how &&
               a->rang_at == b->rang_at && a->seen == b->seen;
}

static struct past past_of(struct judge *j, const struct quiet_alert *a)
{
        const struct past *past = map_get(&j->before, str_from((const char *)a->id.b, sizeof a->id.b));

        return past ? *past : (struct past){ a->was.silence, a->was.how, a->was.muted_by };
}

static int note_past(struct judge *j, const struct quiet_alert *a)
{
        struct str key = str_from((const char *)a->id.b, sizeof a->id.b);
        struct past *past;
        int r;

        if (map_get(&j->before, key))
                return 0;
        past = malloc(sizeof *past);
        if (!past)
                return -ENOMEM;
        *past = past_of(j, a);
        r = map_put(&j->before, key, past);
        if (r < 0)
                free(past);
        return r;
}

/* An answer and its level are as they were. */
static int put(struct judge *j, const struct quiet_alert *a, const struct quiet_state *state)
{
        struct quiet_state next = *state;
        int r;

        next.person = a->person;
        next.seen = a->last;
        if (a->is_known && is_same(&next, &a->was))
                return 0;
        r = note_people(j, a);
        if (r >= 0)
                r = note_past(j, a);
        return r < 0 ? r : store_quiet_put(j->s, &a->id, &next);
}

/* ---- Silences ---- */

static int note_silence(struct judge *j, const struct quiet_alert *a, int64_t silence)
{
        char text[32];

        if (silence == 0 || a->was.silence == silence)
                return 0;
        snprintf(text, sizeof text, "silence %lld", (long long)silence);
        j->counts->silenced += a->was.rang_at == USEC_NONE && a->was.silence == 0;
        return store_history(j->s, &a->id, j->now, "silenced", str_of(text));
}

static int silence_one(struct judge *j, const struct hash128 *id)
{
        struct quiet_alert a;
        struct quiet_state state;
        int64_t silence = 0;
        int r = store_quiet_get(j->s, id, j->arena, &a);

        if (r < 0)
                return r == -ENOENT ? 0 : r;
        r = j->has_silences && !is_refused(&a) ? store_find_silence(j->s, id, j->now, &silence) : 0;
        if (r >= 0 || r == -ENOENT)
                r = note_silence(j, &a, silence);
        state = a.was;
        if (!a.is_known)
                state.rang_at = USEC_NONE;
        state.silence = silence;
        if (r >= 0)
                r = note_people(j, &a);
        return r < 0 ? r : put(j, &a, &state);
}

/* ---- What is touched ---- */

static int count_answer(void *userdata, const struct answer *a)
{
        (void)a;
        ++*(size_t *)userdata;
        return 0;
}

/* What was ever answered may have taught, though it be taken back: all of that person that is like it. */
static int add_taught(struct judge *j, const struct quiet_alert *a)
{
        bool teaches = false;
        size_t n = 0;
        int r;

        for (size_t i = 0; i < j->rules->n_features; i++)
                teaches |= str_eq(j->rules->features[i].rule, a->rule_id);
        r = teaches ? store_each_answer(j->s, &a->id, count_answer, &n) : 0;
        for (size_t i = 0; n > 0 && i < j->rules->n_features && r >= 0; i++) {
                struct str rule = j->rules->features[i].rule;

                if (a->person.n > 0)
                        r = store_quiet_near(j->s, a->person, rule, 0, 0, INT64_MAX, &j->all);
                if (r >= 0 && a->was.person.n > 0 && !str_eq(a->was.person, a->person))
                        r = store_quiet_near(j->s, a->was.person, rule, 0, 0, INT64_MAX, &j->all);
        }
        return r;
}

/* Those that may be known by it, or were; and those that it muted. */
static int add_known(struct judge *j, const struct hash128 *id)
{
        struct quiet_alert a;
        int r = store_quiet_get(j->s, id, j->arena, &a);

        if (r >= 0)
                r = ids_add(&j->all, id);
        if (r >= 0)
                r = store_quiet_muted_by(j->s, id, &j->all);
        if (r >= 0)
                r = add_taught(j, &a);
        return r == -ENOENT ? 0 : r;
}

/* Those that it may mute, and those that it did. */
static int add_children(struct judge *j, const struct hash128 *id)
{
        struct quiet_alert a;
        int r = store_quiet_get(j->s, id, j->arena, &a);

        if (r < 0)
                return r == -ENOENT ? 0 : r;
        r = store_quiet_muted_by(j->s, id, &j->all);
        for (size_t i = 0; i < j->rules->n && a.person.n > 0 && r >= 0; i++) {
                const struct quiet_edge *edge = &j->rules->edges[i];

                if (str_eq(edge->parent, a.rule_id))
                        r = store_quiet_near(j->s, a.person, edge->child, a.first, a.last, edge->timespan, &j->all);
        }
        return r;
}

static int add_sharing(struct judge *j, const struct hash128 *id)
{
        return store_quiet_sharing(j->s, id, &j->all);
}

/* ---- Inhibition ---- */

struct choice {
        bool is_there;
        struct hash128 id;
        enum level level;
        usec first;
};

static bool goes_before(const struct choice *a, const struct choice *b)
{
        if (!b->is_there || a->level != b->level)
                return !b->is_there || a->level > b->level;
        return a->first != b->first ? a->first < b->first : memcmp(a->id.b, b->id.b, sizeof a->id.b) < 0;
}

static int find_parent(struct judge *j, const struct quiet_alert *a, struct choice *ret)
{
        int r = 0;

        *ret = (struct choice){ 0 };
        for (size_t i = 0; i < j->rules->n && r >= 0; i++) {
                const struct quiet_edge *edge = &j->rules->edges[i];
                struct choice one = { .is_there = true };

                if (!str_eq(edge->child, a->rule_id))
                        continue;
                r = store_quiet_parent(j->s, a, edge->parent, edge->timespan, &one.id, &one.level, &one.first);
                if (r >= 0 && goes_before(&one, ret))
                        *ret = one;
                r = r == -ENOENT ? 0 : r;
        }
        return r;
}

static bool may_be_muted(const struct quiet_alert *a)
{
        return a->is_open && a->person.n > 0 && !is_risk(a) && !is_refused(a);
}

/* ---- What is known ---- */

static int find_known(struct judge *j, const struct quiet_alert *a, struct hash128 *ret)
{
        if (!may_be_muted(a) || is_closed(a) || a->n_records == 0 || a->count > a->n_records)
                return -ENOENT;
        for (size_t i = 0; i < j->rules->n_features; i++)
                if (str_eq(j->rules->features[i].rule, a->rule_id))
                        return store_quiet_known(j->s, a, j->rules->features[i].fields, j->rules->taught_by, ret);
        return -ENOENT;
}

/* Whether the answer that it is known by is still one: all that can be said without rules. */
static int check_known(struct judge *j, const struct quiet_alert *a)
{
        struct quiet_alert by;
        int r = store_quiet_get(j->s, &a->was.muted_by, j->arena, &by);

        return r < 0 ? r : may_be_muted(a) && by.is_open && str_eqz(by.was.answer, "me") ? 0 : -ENOENT;
}

static int know_one(struct judge *j, const struct hash128 *id)
{
        struct hash128 by = { { 0 } };
        struct quiet_alert a;
        struct quiet_state state;
        int r = store_quiet_get(j->s, id, j->arena, &a);

        if (r < 0 || (a.was.how != MUTE_KNOWN && !j->rules->are_known))
                return r == -ENOENT ? 0 : r;
        state = a.was;
        by = a.was.muted_by;
        r = j->rules->are_known ? find_known(j, &a, &by) : check_known(j, &a);
        if (r >= 0) {
                state.how = MUTE_KNOWN;
                state.muted_by = by;
        } else if (r == -ENOENT && state.how == MUTE_KNOWN) {
                state.how = MUTE_NOT;
                state.muted_by = (struct hash128){ { 0 } };
        }
        if (r < 0 && r != -ENOENT)
                return r;
        r = (state.how == MUTE_KNOWN) != (a.was.how == MUTE_KNOWN) ? ids_add(&j->moved, id) : 0;
        return r < 0 ? r : put(j, &a, &state);
}

/* ---- Inhibited ---- */

static int inhibit_one(struct judge *j, const struct hash128 *id)
{
        struct choice parent = { 0 };
        struct quiet_alert a;
        struct quiet_state state;
        int r = store_quiet_get(j->s, id, j->arena, &a);

        if (r < 0 || a.was.how == MUTE_KNOWN)
                return r == -ENOENT ? 0 : r;
        state = a.was;
        if (!j->rules->are_known && a.was.how == MUTE_INHIBITED && may_be_muted(&a))
                return 0;
        r = may_be_muted(&a) ? find_parent(j, &a, &parent) : 0;
        if (parent.is_there) {
                state.how = MUTE_INHIBITED;
                state.muted_by = parent.id;
        } else if (state.how == MUTE_INHIBITED) {
                state.how = MUTE_NOT;
                state.muted_by = (struct hash128){ { 0 } };
        }
        return r < 0 ? r : put(j, &a, &state);
}

/* ---- The same act ---- */

static int lead_one(struct judge *j, const struct hash128 *id)
{
        struct hash128 leader = { { 0 } };
        struct quiet_alert a;
        struct quiet_state state;
        int r = store_quiet_get(j->s, id, j->arena, &a);

        if (r < 0 || a.was.how == MUTE_INHIBITED || a.was.how == MUTE_KNOWN)
                return r == -ENOENT ? 0 : r;
        state = a.was;
        r = may_be_muted(&a) && a.n_records > 0 && a.count <= a.n_records ? store_quiet_leader(j->s, &a, &leader) : -ENOENT;
        if (r < 0 && r != -ENOENT)
                return r;
        state.how = r < 0 ? MUTE_NOT : MUTE_SAME;
        state.muted_by = leader;
        return put(j, &a, &state);
}

/* ---- Ringing ---- */

/* What is to be told of how it was before this transaction. */
static int note_mute(struct judge *j, const struct quiet_alert *a, const struct past *before)
{
        char text[HASH128_HEX_BYTES + 16], hex[HASH128_HEX_BYTES];

        if (a->was.how == MUTE_NOT || (before->how == a->was.how && hash128_eq(&before->muted_by, &a->was.muted_by)))
                return 0;
        hash128_hex(&a->was.muted_by, hex);
        snprintf(text, sizeof text, "%s %s", mute_name(a->was.how), hex);
        j->counts->muted += a->was.rang_at == USEC_NONE && before->how == MUTE_NOT;
        return store_history(j->s, &a->id, j->now, "muted", str_of(text));
}

static int ring_one(struct judge *j, const struct hash128 *id)
{
        struct quiet_alert a;
        struct quiet_state state;
        struct past before;
        bool rings;
        int r = store_quiet_get(j->s, id, j->arena, &a);

        if (r < 0)
                return r == -ENOENT ? 0 : r;
        before = past_of(j, &a);
        r = note_mute(j, &a, &before);
        state = a.was;
        rings = a.is_open && !is_closed(&a) && state.silence == 0 && state.how == MUTE_NOT && state.rang_at == USEC_NONE;
        if (r < 0 || !rings)
                return r;
        state.rang_at = j->now;
        r = store_history(j->s, id, j->now, "rang", before.silence != 0 || before.how != MUTE_NOT ? STR("what kept it quiet is over") : STR(""));
        return r < 0 ? r : put(j, &a, &state);
}

/* ---- All of it ---- */

/* The list may grow meanwhile: of those that it has now. */
static int each(struct judge *j, const struct ids *list, int (*fn)(struct judge *j, const struct hash128 *id))
{
        size_t n = list->n;
        int r = 0;

        for (size_t i = 0; i < n && r >= 0; i++) {
                struct hash128 id = list->items[i];

                r = fn(j, &id);
                arena_reset(j->arena);
        }
        return r;
}

/* The steps, each of which needs the ones before to be done with all. */
static int judge_changed(struct judge *j, const struct ids *changed)
{
        int r = each(j, changed, add_known);

        ids_sort(&j->all);
        if (r >= 0)
                r = each(j, changed, silence_one);
        if (r >= 0)
                r = each(j, &j->all, know_one);
        if (r >= 0)
                r = each(j, changed, add_children);
        if (r >= 0)
                r = each(j, &j->moved, add_children);
        ids_sort(&j->all);
        if (r >= 0)
                r = each(j, &j->all, add_sharing);
        ids_sort(&j->all);
        if (r >= 0)
                r = each(j, &j->all, inhibit_one);
        if (r >= 0)
                r = each(j, &j->all, lead_one);
        return r < 0 ? r : each(j, &j->all, ring_one);
}

/* Alerts about people's risk only meet silences. */
static int judge_risk(struct judge *j)
{
        struct ids raised = { 0 };
        int r = 0;

        for (struct map_iter i = { 0 }; r >= 0 && map_next(&j->people, &i);)
                r = watch_person(j->s, i.key, *(usec *)i.value, j->now, &raised);
        ids_sort(&raised);
        let_go(&j->people);
        if (r >= 0)
                r = each(j, &raised, silence_one);
        if (r >= 0)
                r = each(j, &raised, ring_one);
        for (size_t i = 0; i < raised.n && r >= 0; i++)
                r = ids_add(&j->all, &raised.items[i]);
        ids_done(&raised);
        return r;
}

static void judge_done(struct judge *j)
{
        ids_done(&j->all);
        ids_done(&j->moved);
        let_go(&j->people);
        let_go(&j->before);
}

int quiet_judge(struct quiet *q, struct store *s, const struct quiet_rules *rules, usec now, struct quiet_counts *ret)
{
        struct judge j = { .s = s, .rules = rules, .now = now, .arena = q->arena, .counts = ret, .people = MAP_INIT, .before = MAP_INIT };
        int r;

        if (q->changed.n == 0)
                return 0;
        ids_sort(&q->changed);
        r = store_has_silences(s, now);
        j.has_silences = r > 0;
        if (r >= 0)
                r = judge_changed(&j, &q->changed);
        if (r >= 0)
                r = judge_risk(&j);
        ids_sort(&j.all);
        if (r >= 0)
                r = store_notice_ring(s, &j.all, now);
        judge_done(&j);
        quiet_drop(q);
        return r;
}
