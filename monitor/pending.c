/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/pending.h"

#include <errno.h>
#include <stdlib.h>

#include "monitor/base/arena.h"
#include "monitor/base/map.h"

struct waiting {
        struct alert_change change; /* the last one; its texts lie in the arena */
        struct hash128 records[ALERT_EVIDENCE_MAX]; /* of all of them; no alert has more */
        usec now;
};

/* How many more records of an alert have a value. */
struct more {
        struct hash128 alert;
        enum involved kind;
        struct str value;
        uint64_t count;
        struct more *next;
};

struct pending {
        struct arena *arena;
        struct map places; /* alert id → place in `items` + 1 */
        struct waiting **items; /* in the arena */
        size_t n;
        struct map counted; /* alert id, kind, value → struct more, in the arena */
        struct more *first;
};

struct pending *pending_new(void)
{
        struct pending *p = calloc(1, sizeof *p);

        if (!p)
                return NULL;
        p->arena = arena_new();
        p->items = calloc(PENDING_ALERTS_MAX, sizeof(struct waiting *));
        return p->arena && p->items ? p : pending_free(p);
}

struct pending *pending_free(struct pending *p)
{
        if (!p)
                return NULL;
        map_done(&p->places);
        map_done(&p->counted);
        arena_free(p->arena);
        free(p->items);
        free(p);
        return NULL;
}

void pending_drop(struct pending *p)
{
        map_done(&p->places);
        p->places = (struct map)MAP_INIT;
        map_done(&p->counted);
        p->counted = (struct map)MAP_INIT;
        p->first = NULL;
        p->n = 0;
        arena_reset(p->arena);
}

int pending_flush(struct pending *p, struct store *store)
{
        int r = 0;

        for (size_t i = 0; i < p->n && r >= 0; i++)
                r = store_put_change(store, &p->items[i]->change, p->items[i]->now);
        for (const struct more *m = p->first; m && r >= 0; m = m->next)
                r = store_put_involved(store, &m->alert, m->kind, m->value, m->count);
        pending_drop(p);
        return r;
}

static int count_one(struct pending *p, const struct hash128 *alert, enum involved kind, struct str value)
{
        char key[HASH128_BYTES + 1 + ALERT_INVOLVED_BYTES_MAX];
        size_t n = size_min(value.n, ALERT_INVOLVED_BYTES_MAX);
        struct str name = str_from(key, HASH128_BYTES + 1 + n);
        struct more *m;

        memcpy(key, alert->b, HASH128_BYTES);
        key[HASH128_BYTES] = (char)kind;
        memcpy(key + HASH128_BYTES + 1, value.p, n);
        m = map_get(&p->counted, name);
        if (!m) {
                m = arena_alloc(p->arena, sizeof *m);
                if (!m)
                        return -ENOMEM;
                *m = (struct more){ .alert = *alert, .kind = kind, .value = arena_dup(p->arena, value), .next = p->first };
                if (!m->value.p || map_put(&p->counted, name, m) < 0)
                        return -ENOMEM;
                p->first = m;
        }
        m->count++;
        return 0;
}

static int count_involved(struct pending *p, const struct alert_change *c)
{
        int r = 0;

        for (size_t i = 0; c->involved && i < _INVOLVED_MAX && r >= 0; i++)
                if (c->involved[i].n > 0)
                        r = count_one(p, &c->id, (enum involved)i, c->involved[i]);
        return r;
}

static int copy_group(struct arena *arena, struct alert_change *c)
{
        struct alert_group *group = arena_array(arena, c->n_group, sizeof *group);

        for (size_t i = 0; group && i < c->n_group; i++) {
                group[i].field = c->group[i].field.p ? arena_dup(arena, c->group[i].field) : STR_NONE;
                group[i].value = c->group[i].value.p ? arena_dup(arena, c->group[i].value) : STR_NONE;
                if ((c->group[i].field.p && !group[i].field.p) || (c->group[i].value.p && !group[i].value.p))
                        return -ENOMEM;
        }
        c->group = group;
        return group ? 0 : -ENOMEM;
}

static int keep_change(struct arena *arena, struct waiting *w, const struct alert_change *change, usec now)
{
        size_t n = w->change.n_records, more = size_min(change->n_records, ALERT_EVIDENCE_MAX - n);
        struct alert_change c = *change;
        struct str *const texts[] = { &c.sentence, &c.why, &c.person, &c.source };

        for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
                if (!texts[i]->p)
                        continue;
                *texts[i] = arena_dup(arena, *texts[i]);
                if (!texts[i]->p)
                        return -ENOMEM;
        }
        if (copy_group(arena, &c) < 0)
                return -ENOMEM;
        if (more > 0)
                memcpy(w->records + n, change->records, more * sizeof *w->records);
        c.involved = NULL; /* counted */
        c.records = w->records;
        c.n_records = n + more;
        w->change = c;
        w->now = now;
        return 0;
}

static struct waiting *add_waiting(struct pending *p, struct str id)
{
        struct waiting *w = arena_alloc(p->arena, sizeof *w);

        if (!w || map_put(&p->places, id, (void *)(uintptr_t)(p->n + 1)) < 0)
                return NULL;
        return p->items[p->n++] = w;
}

int pending_put(struct pending *p, struct store *store, const struct alert_change *change, usec now)
{
        struct str id = str_from((const char *)change->id.b, sizeof change->id.b);
        bool ends = change->kind == CHANGE_MERGE || change->kind == CHANGE_WITHDRAW;
        struct waiting *w;
        uintptr_t place;
        int r = 0;

        if (change->kind == CHANGE_RAISE)
                return store_put_change(store, change, now);
        if (ends || p->n == PENDING_ALERTS_MAX || arena_used(p->arena) > PENDING_BYTES_MAX)
                r = pending_flush(p, store);
        if (r < 0 || ends)
                return r < 0 ? r : store_put_change(store, change, now);
        place = (uintptr_t)map_get(&p->places, id);
        w = place ? p->items[place - 1] : add_waiting(p, id);
        r = w ? keep_change(p->arena, w, change, now) : -ENOMEM;
        return r < 0 ? r : count_involved(p, change);
}
