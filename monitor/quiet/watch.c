/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/quiet/watch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor/base/arena.h"
#include "monitor/quiet/risk.h"

/* One that is stored. */
struct told {
        struct hash128 id;
        usec first, last;
        uint64_t count;
        struct str why;
        bool is_taken; /* some episode is this one */
};

struct watch {
        struct store *s;
        struct str person;
        usec from; /* no episode that began before goes on here */
        usec now;
        struct ids *changed;
        struct arena *arena;
        struct risk_sign *signs;
        struct risk_alert *alerts; /* of the signs */
        double *parts;
        size_t n, cap;
        struct told *told;
        size_t n_told;
};

static usec before(usec t, usec d)
{
        return t < INT64_MIN + d ? INT64_MIN : t - d;
}

/* ---- Reading ---- */

static int on_sign(void *userdata, const struct risk_alert *a)
{
        struct watch *w = userdata;
        struct str rule = arena_dup(w->arena, a->rule_id);

        if (w->n == w->cap) {
                size_t cap = w->cap ? 2 * w->cap : 64;
                struct risk_sign *signs = reallocarray(w->signs, cap, sizeof *signs);
                struct risk_alert *alerts = signs ? reallocarray(w->alerts, cap, sizeof *alerts) : NULL;

                w->signs = signs ? signs : w->signs;
                w->alerts = alerts ? alerts : w->alerts;
                if (!signs || !alerts)
                        return -ENOMEM;
                w->cap = cap;
        }
        w->alerts[w->n] = *a;
        w->alerts[w->n].rule_id = rule;
        w->alerts[w->n].rule_title = arena_dup(w->arena, a->rule_title);
        w->signs[w->n] = (struct risk_sign){ rule, a->level, a->time };
        return rule.p && w->alerts[w->n++].rule_title.p ? 0 : -ENOMEM;
}

static int on_told(void *userdata, const struct hash128 *id, usec first, usec last, uint64_t count, struct str why)
{
        struct watch *w = userdata;
        struct told *told = reallocarray(w->told, w->n_told + 1, sizeof *told);
        struct str text = arena_dup(w->arena, why);

        if (!told)
                return -ENOMEM;
        w->told = told;
        w->from = first < w->from ? first : w->from;
        told[w->n_told++] = (struct told){ .id = *id, .first = first, .last = last, .count = count, .why = text };
        return text.p ? 0 : -ENOMEM;
}

/* ---- Telling ---- */

/* "50.0 high: Title (3f2a9c11, 2026-03-04T08:10:00Z)", the weightiest first. */
static void add_line(struct strbuf *out, const struct risk_alert *a, double part)
{
        char at[TIME_ISO_BYTES], hex[HASH128_HEX_BYTES];

        time_format_iso(a->time, at);
        hash128_hex(&a->id, hex);
        strbuf_addf(out, "\n%.1f %s: " STR_FMT " (%.8s, %s)", part, level_name(a->level), STR_ARG(a->rule_title), hex, at);
}

static size_t heaviest(const double *parts, size_t n, const bool *is_named)
{
        size_t best = SIZE_MAX;

        for (size_t i = 0; i < n; i++)
                if (!is_named[i] && parts[i] >= 0.5 && (best == SIZE_MAX || parts[i] > parts[best]))
                        best = i;
        return best;
}

/* How many alerts add to the risk at that time; a line on it, and those that name them. */
static int list_parts(struct watch *w, const struct risk_episode *e, struct risk *ret, uint64_t *ret_n, struct strbuf *lines)
{
        bool *is_named = arena_array(w->arena, w->n, sizeof *is_named);
        int r = is_named ? risk_at(w->signs, w->n, e->peak_at, w->parts, ret) : -ENOMEM;

        strbuf_addf(lines, "risk %.0f, the line is %d; it falls by half in 7 days:", r >= 0 ? ret->points : 0, RISK_LINE);
        *ret_n = 0;
        for (size_t i = 0; i < w->n && r >= 0; i++)
                *ret_n += w->parts[i] >= 0.5;
        for (size_t named = 0; named < RISK_NAMED_MAX && r >= 0; named++) {
                size_t i = heaviest(w->parts, w->n, is_named);

                if (i == SIZE_MAX)
                        break;
                is_named[i] = true;
                add_line(lines, &w->alerts[i], w->parts[i]);
        }
        if (r >= 0 && *ret_n > RISK_NAMED_MAX)
                strbuf_addf(lines, "\nand %llu more", (unsigned long long)(*ret_n - RISK_NAMED_MAX));
        return r;
}

static const char playbook[] = "Look at the alerts it is made of together: shopbell alerts --who PERSON\n"
                               "Ask the person, on another channel than mail, which of it was them\n"
                               "Answer those alerts: shopbell answer ALERT me, or not-me\n"
                               "If it was not: end all sessions of the person on every platform, then change password and second factor";

/* Of the person and the time, and a number if an open one that has moved since was born with that. */
static int birth_id(const struct watch *w, const struct risk_episode *e, struct hash128 *ret)
{
        char first[TIME_ISO_BYTES], number[16];
        struct str parts[] = { STR(RISK_RULE), w->person, STR_NONE, STR_NONE };

        time_format_iso(e->first, first);
        parts[2] = str_of(first);
        for (unsigned n = 0;; n++) {
                struct quiet_alert a;
                int r;

                snprintf(number, sizeof number, "%u", n);
                parts[3] = str_of(number);
                *ret = hash128_of(parts, n > 0 ? 4 : 3);
                r = store_quiet_get(w->s, ret, w->arena, &a);
                if (r < 0 || !a.is_open)
                        return r == -ENOENT ? 0 : r;
        }
}

/* `told`: it is this one already; NULL: it is new. */
static int tell(struct watch *w, const struct risk_episode *e, struct told *told)
{
        CLEANUP(strbuf_done) struct strbuf why = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf sentence = STRBUF_INIT;
        struct alert_group group = { STR("shopbell.person"), w->person };
        struct alert_change c = {
                .kind = told ? CHANGE_GROW : CHANGE_RAISE,
                .id = told ? told->id : (struct hash128){ { 0 } },
                .rule_id = STR(RISK_RULE),
                .rule_title = STR(RISK_TITLE),
                .level = LEVEL_HIGH,
                .group = &group,
                .n_group = 1,
                .playbook = STR(playbook),
                .person = w->person,
                .source = STR(""),
                .first_seen = e->first,
                .last_seen = e->last,
        };
        struct risk risk = { 0 };
        int r = told ? 0 : birth_id(w, e, &c.id);

        if (r >= 0)
                r = list_parts(w, e, &risk, &c.count, &why);
        strbuf_addf(&sentence, "Several signs meet on " STR_FMT ": %llu alerts of %zu rules within days", STR_ARG(w->person),
                    (unsigned long long)c.count, risk.n_rules);
        if (r >= 0 && (strbuf_failed(&why) || strbuf_failed(&sentence)))
                r = -ENOMEM;
        c.why = strbuf_str(&why);
        c.sentence = strbuf_str(&sentence);
        if (r < 0 || (told && told->first == e->first && told->last == e->last && str_eq(told->why, c.why)))
                return r;
        r = store_put_change(w->s, &c, w->now);
        return r < 0 ? r : ids_add(w->changed, &c.id);
}

static int end(struct watch *w, const struct told *told, const struct told *into)
{
        struct alert_change c = { .kind = into ? CHANGE_MERGE : CHANGE_WITHDRAW, .id = told->id,
                                  .reason = STR("the alerts it was made of no longer add up") };
        int r;

        if (into)
                c.merged_into = into->id;
        r = store_put_change(w->s, &c, w->now);
        return r < 0 ? r : ids_add(w->changed, &told->id);
}

static bool touches(const struct told *t, const struct risk_episode *e)
{
        return t->first <= e->last + RISK_HALF_LIFE && t->last >= e->first - RISK_HALF_LIFE;
}

/* Told ones that touch an episode are of it: the first stays, the others are merged into it, but for those that are rather of the
 * next (NULL: there is none). */
static int match(struct watch *w, const struct risk_episode *e, const struct risk_episode *next)
{
        struct told *own = NULL;
        int r = 0;

        for (size_t i = 0; i < w->n_told && r >= 0; i++) {
                struct told *t = &w->told[i];

                if (t->is_taken || !touches(t, e) || (next && touches(t, next) && (own || t->first > e->last)))
                        continue;
                t->is_taken = true;
                if (own)
                        r = end(w, t, own);
                else
                        own = t;
        }
        return r < 0 ? r : tell(w, e, own);
}

static int compare(struct watch *w)
{
        CLEANUP(memory_freep) struct risk_episode *episodes = NULL;
        size_t n;
        int r = risk_episodes(w->signs, w->n, w->from, &episodes, &n);

        w->parts = arena_array(w->arena, w->n, sizeof *w->parts);
        if (!w->parts)
                return -ENOMEM;
        for (size_t i = 0; i < n && r >= 0; i++)
                r = match(w, &episodes[i], i + 1 < n ? &episodes[i + 1] : NULL);
        for (size_t i = 0; i < w->n_told && r >= 0; i++)
                if (!w->told[i].is_taken)
                        r = end(w, &w->told[i], NULL);
        return r;
}

int watch_person(struct store *s, struct str person, usec since, usec now, struct ids *ret)
{
        struct watch w = { .s = s, .person = person, .from = since, .now = now, .changed = ret, .arena = arena_new() };
        int r = w.arena ? store_each_risk_alert(s, person, before(since, RISK_HALF_LIFE), on_told, &w) : -ENOMEM;

        if (r >= 0)
                r = store_each_risk(s, person, before(w.from, RISK_AGE_MAX), on_sign, &w);
        if (r >= 0 && w.n + w.n_told > 0)
                r = compare(&w);
        free(w.signs);
        free(w.alerts);
        free(w.told);
        arena_free(w.arena);
        return r;
}
