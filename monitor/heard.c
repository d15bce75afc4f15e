/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/heard.h"

#include <errno.h>
#include <stdlib.h>

#include "monitor/base/arena.h"
#include "monitor/detect/rhythm.h"
#include "monitor/store/heard.h"

struct one {
        char *name;
        struct rhythm rhythm;
        usec told; /* as in store/heard.h */
        usec lateness, silence; /* as its file says; only of sources that are there */
        int64_t limit, usual; /* hours; of the rhythm as it is unless is_stale */
        bool is_there; /* among the sources of now */
        bool is_stale, is_dirty;
};

struct heard {
        struct one *items;
        size_t n;
        usec watching; /* since when; USEC_NONE: heard_judge() was not called yet */
        struct arena *arena; /* for what is told */
};

/* Whom a change is told. */
struct sink {
        int (*change)(void *userdata, const struct alert_change *c);
        void *userdata;
        usec now;
        struct arena *arena;
};

struct heard *heard_new(void)
{
        struct heard *h = calloc(1, sizeof *h);

        if (h)
                h->watching = USEC_NONE;
        return h && !(h->arena = arena_new()) ? heard_free(h) : h;
}

struct heard *heard_free(struct heard *h)
{
        for (size_t i = 0; h && i < h->n; i++)
                free(h->items[i].name);
        if (h) {
                free(h->items);
                arena_free(h->arena);
        }
        free(h);
        return NULL;
}

/* The item of that name, made when there is none; SIZE_MAX: out of memory. */
static size_t find(struct heard *h, struct str name)
{
        struct one *items;
        size_t i = 0;

        while (i < h->n && !str_eqz(name, h->items[i].name))
                i++;
        if (i < h->n)
                return i;
        items = reallocarray(h->items, h->n + 1, sizeof *items);
        if (!items)
                return SIZE_MAX;
        h->items = items;
        items[i] = (struct one){ .name = str_dupz(name), .told = USEC_NONE, .is_stale = true };
        rhythm_init(&items[i].rhythm);
        if (!items[i].name)
                return SIZE_MAX;
        h->n++;
        return i;
}

static int restore(void *userdata, const struct source_heard *stored)
{
        struct heard *h = userdata;
        size_t i = find(h, stored->source);

        if (i == SIZE_MAX)
                return -ENOMEM;
        if (rhythm_unpack(stored->rhythm, &h->items[i].rhythm)) /* else it is learned anew */
                h->items[i].told = stored->told;
        h->items[i].is_stale = true;
        return 0;
}

int heard_restore(struct heard *h, struct store *store)
{
        return store_each_heard(store, restore, h);
}

size_t *heard_places(struct heard *h, const struct sourceset *sources)
{
        size_t n = sourceset_count(sources), *places = calloc(n + 1, sizeof *places);

        for (size_t i = 0; places && i < n; i++) {
                places[i] = find(h, str_of(source_name(sourceset_get(sources, i))));
                if (places[i] == SIZE_MAX) {
                        free(places);
                        places = NULL;
                }
        }
        return places;
}

void heard_watch(struct heard *h, const struct sourceset *sources, const size_t *places)
{
        for (size_t i = 0; i < h->n; i++)
                h->items[i].is_there = false;
        for (size_t i = 0; i < sourceset_count(sources); i++) {
                struct one *o = &h->items[places[i]];

                o->is_there = o->is_stale = true;
                o->lateness = source_lateness(sourceset_get(sources, i));
                o->silence = source_silence(sourceset_get(sources, i));
        }
}

void heard_record(struct heard *h, size_t place, usec time)
{
        if (rhythm_hear(&h->items[place].rhythm, time))
                h->items[place].is_stale = h->items[place].is_dirty = true;
}

/* ---- Judging ---- */

/* Whoever was off himself gives the jobs that bring logs time to catch up. */
static usec due_of(const struct heard *h, const struct one *o)
{
        usec due = rhythm_end(&o->rhythm) + o->lateness + o->limit * USEC_PER_HOUR, ready = h->watching + HEARD_GRACE + o->lateness;

        if (!o->is_there || o->limit == 0 || o->told != USEC_NONE || h->watching == USEC_NONE)
                return USEC_NONE;
        return due > ready ? due : ready;
}

static struct str hours_in_words(struct arena *arena, int64_t hours)
{
        return hours < 48 ? arena_printf(arena, "%lld hour%s", (long long)hours, hours == 1 ? "" : "s")
                          : arena_printf(arena, "%lld days", (long long)(hours / 24));
}

static struct hash128 birth_id(const struct one *o, usec from)
{
        char at[TIME_ISO_BYTES];
        struct str parts[] = { STR(HEARD_RULE), str_of(o->name), STR_NONE };

        time_format_iso(from, at);
        parts[2] = str_of(at);
        return hash128_of(parts, ARRAY_LEN(parts));
}

static const char playbook[] =
        "Look at the platform itself: is its log still on, and what is its newest entry?\n"
        "If somebody switched it off: find out who (shopbell alerts --all --since 7d), and switch it on again\n"
        "If it is on: look at the job or service that brings it to this host, its access, and the disk\n"
        "If the source was given up: shopbell silence add --rule " HEARD_RULE " --source NAME --for 365d --reason TEXT";

/* `until`: when it was heard again; USEC_NONE: it was not. */
static int tell(const struct one *o, usec from, usec until, const struct sink *to_whom)
{
        struct arena *arena = to_whom->arena;
        bool is_over = until != USEC_NONE;
        usec to = is_over ? until : to_whom->now;
        struct alert_group group = { STR("shopbell.source"), str_of(o->name) };
        struct str so_long = hours_in_words(arena, (to - from) / USEC_PER_HOUR);
        char at[TIME_ISO_BYTES];
        struct alert_change c = {
                .kind = is_over ? CHANGE_GROW : CHANGE_RAISE,
                .id = birth_id(o, from),
                .rule_id = STR(HEARD_RULE),
                .rule_title = STR("A log source is silent"),
                .level = LEVEL_MEDIUM,
                .group = &group,
                .n_group = 1,
                .playbook = STR(playbook),
                .person = STR(""),
                .source = str_of(o->name),
                .first_seen = from,
                .last_seen = to,
                .count = 1,
        };

        time_format_iso(from, at);
        c.sentence = is_over ? arena_printf(arena, "%s was silent for " STR_FMT " from %s on", o->name, STR_ARG(so_long), at)
                             : arena_printf(arena, "Nothing has come from %s since %s, for " STR_FMT, o->name, at, STR_ARG(so_long));
        c.why = arena_printf(arena, "its longest usual pause is " STR_FMT ", after " STR_FMT " without a record it counts as silent",
                             STR_ARG(hours_in_words(arena, o->usual)), STR_ARG(hours_in_words(arena, o->limit)));
        return so_long.p && c.sentence.p && c.why.p ? to_whom->change(to_whom->userdata, &c) : -ENOMEM;
}

static int judge(const struct heard *h, struct one *o, const struct sink *sink)
{
        usec due;
        int r = 0;

        if (o->is_stale)
                o->limit = rhythm_limit(&o->rhythm, o->silence, &o->usual);
        o->is_stale = false;
        if (o->told != USEC_NONE && rhythm_end(&o->rhythm) > o->told) {
                r = tell(o, o->told, rhythm_next(&o->rhythm, o->told), sink);
                o->told = USEC_NONE;
                o->is_dirty = true;
        }
        due = due_of(h, o);
        if (r < 0 || due == USEC_NONE || sink->now < due)
                return r;
        o->told = rhythm_end(&o->rhythm);
        o->is_dirty = true;
        return tell(o, o->told, USEC_NONE, sink);
}

int heard_judge(struct heard *h, usec now, int (*change)(void *userdata, const struct alert_change *c), void *userdata)
{
        const struct sink sink = { change, userdata, now, h->arena };
        int r = 0;

        if (h->watching == USEC_NONE)
                h->watching = now;
        for (size_t i = 0; i < h->n && r >= 0; i++)
                if (h->items[i].is_there && !rhythm_is_empty(&h->items[i].rhythm))
                        r = judge(h, &h->items[i], &sink);
        arena_reset(h->arena);
        return r;
}

usec heard_due(const struct heard *h)
{
        usec due = USEC_NONE;

        for (size_t i = 0; i < h->n; i++) {
                usec next = due_of(h, &h->items[i]);

                due = due == USEC_NONE || (next != USEC_NONE && next < due) ? next : due;
        }
        return due;
}

int heard_put(struct heard *h, struct store *store)
{
        char blob[RHYTHM_BLOB_BYTES];
        int r = 0;

        for (size_t i = 0; i < h->n && r >= 0; i++) {
                struct one *o = &h->items[i];

                if (!o->is_dirty)
                        continue;
                rhythm_pack(&o->rhythm, blob);
                r = store_put_heard(store, &(struct source_heard){ str_of(o->name), str_from(blob, sizeof blob), o->told });
                o->is_dirty = r < 0;
        }
        return r;
}
