/* SPDX-License-Identifier: Apache-2.0 */

/* The table of group keys and its lists. A dropped group stays, without its window, until the store has been told. */

#include "monitor/detect/groups_impl.h"

#include <errno.h>
#include <stdlib.h>

#include "monitor/detect/state.h"

enum {
        RULE_BYTES = 4,
        SLOTS_MIN = 64,
        EVICT_PART = 1024, /* at a cap so many-th part of it is made room for at once, for the rule must be looked for */
};

int groups_init(struct groups *all, const struct ruleset *rules, size_t keys_max, size_t bytes_max)
{
        *all = (struct groups){ .rules = rules, .keys_max = keys_max, .bytes_max = bytes_max };
        all->of_rule = calloc(rules->n + 1, sizeof *all->of_rule);
        return all->of_rule ? 0 : -ENOMEM;
}

static char *key_of(struct group *g)
{
        return g->key_n > GROUP_KEY_INSIDE ? g->key.outside : g->key.inside;
}

static void release(struct groups *all, struct group *g, group_id id)
{
        group_empty(g);
        if (g->key_n > GROUP_KEY_INSIDE)
                free(g->key.outside);
        *g = (struct group){ .older = all->free };
        all->free = id;
}

void groups_done(struct groups *all)
{
        for (uint32_t id = 1; id <= all->n_made; id++) {
                struct group *g = groups_at(all, id);

                group_empty(g);
                if (g->key_n > GROUP_KEY_INSIDE)
                        free(g->key.outside);
        }
        for (uint32_t i = 0; i < all->n_slabs; i++)
                free(all->slabs[i]);
        free(all->slabs);
        free(all->slots);
        free(all->of_rule);
        *all = (struct groups){ 0 };
}

/* ---- Slabs ---- */

/* An unused group; 0: out of memory. */
static group_id take_unused(struct groups *all)
{
        group_id id = all->free;

        if (id) {
                all->free = groups_at(all, id)->older;
                return id;
        }
        if (all->n_made == all->n_slabs * GROUPS_SLAB) {
                struct group **slabs = all->slabs;

                if ((all->n_slabs & (all->n_slabs - 1)) == 0) /* full: twice as many */
                        slabs = reallocarray(slabs, all->n_slabs ? 2 * (size_t)all->n_slabs : 1, sizeof(struct group *));
                if (!slabs)
                        return 0;
                all->slabs = slabs;
                slabs[all->n_slabs] = calloc(GROUPS_SLAB, sizeof(struct group));
                if (!slabs[all->n_slabs])
                        return 0;
                all->n_slabs++;
        }
        return ++all->n_made;
}

/* ---- The table ---- */

static uint32_t home(const struct groups *all, struct str key)
{
        return (uint32_t)hash_key(key) & (all->cap - 1);
}

/* Where the key of a group belongs. */
static uint32_t home_of(const struct groups *all, const struct group *g)
{
        CLEANUP(strbuf_done) struct strbuf long_key = STRBUF_INIT;
        char key[RULE_BYTES + GROUP_KEY_INSIDE];

        if (g->key_n <= GROUP_KEY_INSIDE) {
                memcpy(key, &g->rule, RULE_BYTES);
                memcpy(key + RULE_BYTES, g->key.inside, g->key_n);
                return home(all, str_from(key, RULE_BYTES + g->key_n));
        }
        group_key_begin(&long_key, g->rule);
        strbuf_add(&long_key, str_from(g->key.outside, g->key_n));
        return home(all, strbuf_str(&long_key));
}

static bool has_key(struct group *g, uint32_t rule, struct str values)
{
        return g->rule == rule && g->key_n == values.n && memcmp(key_of(g), values.p, values.n) == 0;
}

uint32_t groups_rule_of(struct str key, struct str *ret_values)
{
        uint32_t rule;

        memcpy(&rule, key.p, RULE_BYTES);
        *ret_values = str_from(key.p + RULE_BYTES, key.n - RULE_BYTES);
        return rule;
}

/* The slot of the key, or the free one where it would go. */
static group_id *find_slot(const struct groups *all, struct str key)
{
        struct str values;
        uint32_t rule = groups_rule_of(key, &values), mask = all->cap - 1, i = home(all, key);

        while (all->slots[i] && !has_key(groups_at(all, all->slots[i]), rule, values))
                i = (i + 1) & mask;
        return &all->slots[i];
}

static int grow(struct groups *all)
{
        struct groups wider = *all;

        wider.cap = all->cap ? 2 * all->cap : SLOTS_MIN;
        wider.slots = calloc(wider.cap, sizeof *wider.slots);
        if (!wider.slots)
                return -ENOMEM;
        for (uint32_t i = 0; i < all->cap; i++) {
                uint32_t to;

                if (!all->slots[i])
                        continue;
                to = home_of(&wider, groups_at(all, all->slots[i]));
                while (wider.slots[to])
                        to = (to + 1) & (wider.cap - 1);
                wider.slots[to] = all->slots[i];
        }
        free(all->slots);
        all->slots = wider.slots;
        all->cap = wider.cap;
        return 0;
}

/* Frees a slot; those behind it that would not be found any more move up. */
static void remove_slot(struct groups *all, uint32_t hole)
{
        uint32_t mask = all->cap - 1;

        for (uint32_t i = (hole + 1) & mask; all->slots[i]; i = (i + 1) & mask) {
                uint32_t way = (i - home_of(all, groups_at(all, all->slots[i]))) & mask;

                if (way >= ((i - hole) & mask)) {
                        all->slots[hole] = all->slots[i];
                        hole = i;
                }
        }
        all->slots[hole] = 0;
        all->n--;
}

struct group *groups_find(const struct groups *all, struct str key)
{
        return all->n ? groups_at(all, *find_slot(all, key)) : NULL;
}

/* ---- Lists ---- */

static void unlink_use(struct groups *all, const struct group *g)
{
        struct rule_groups *of = &all->of_rule[g->rule];

        *(g->newer ? &groups_at(all, g->newer)->older : &of->newest) = g->older;
        *(g->older ? &groups_at(all, g->older)->newer : &of->oldest) = g->newer;
}

static void link_newest(struct groups *all, struct group *g, group_id id)
{
        struct rule_groups *of = &all->of_rule[g->rule];

        g->newer = 0;
        g->older = of->newest;
        *(of->newest ? &groups_at(all, of->newest)->newer : &of->oldest) = id;
        of->newest = id;
}

/* Its neighbours in the list by last use know it. */
static group_id id_of(const struct groups *all, const struct group *g)
{
        return g->newer ? groups_at(all, g->newer)->older : all->of_rule[g->rule].newest;
}

void groups_set_dirty(struct groups *all, struct group *g)
{
        if (g->is_dirty)
                return;
        g->is_dirty = true;
        g->next_dirty = all->dirty;
        all->dirty = id_of(all, g);
}

/* ---- Coming and going ---- */

void groups_drop(struct groups *all, struct group *g)
{
        uint32_t slot = home_of(all, g);

        while (groups_at(all, all->slots[slot]) != g)
                slot = (slot + 1) & (all->cap - 1);
        groups_set_dirty(all, g); /* while its neighbours know it */
        remove_slot(all, slot);
        unlink_use(all, g);
        all->of_rule[g->rule].n--;
        all->of_rule[g->rule].bytes -= g->bytes;
        all->bytes -= g->bytes;
        g->bytes = 0;
        g->is_gone = true;
        group_empty(g);
}

static bool is_over(const struct groups *all, unsigned part)
{
        return all->n > all->keys_max - (part ? all->keys_max / part : 0) ||
               all->bytes > all->bytes_max - (part ? all->bytes_max / part : 0);
}

/* The rule that holds most: by bytes, which keys cost, too. */
static struct rule_groups *heaviest(const struct groups *all)
{
        struct rule_groups *most = &all->of_rule[0];

        for (size_t i = 1; i < all->rules->n; i++)
                if (all->of_rule[i].bytes > most->bytes)
                        most = &all->of_rule[i];
        return most;
}

static void evict(struct groups *all, const struct group *keep)
{
        if (!is_over(all, 0))
                return;
        while (is_over(all, EVICT_PART)) {
                struct rule_groups *of = heaviest(all);
                size_t enough = of->bytes / 2;
                struct group *g = groups_at(all, of->oldest);

                for (; g && g != keep && g != all->pinned && is_over(all, EVICT_PART) && of->bytes >= enough;
                     g = groups_at(all, of->oldest)) {
                        of->evicted++;
                        all->evicted++;
                        groups_drop(all, g);
                }
                if (g && (g == keep || g == all->pinned)) /* the latest ones of a rule; no other holds as much */
                        return;
        }
}

void groups_shrink(struct groups *all, size_t bytes_max)
{
        all->bytes_max = size_min(all->bytes_max, bytes_max);
        evict(all, NULL);
}

/* With its part of the table, which is between three eighths and three quarters full. */
void groups_count(struct groups *all, struct group *g)
{
        size_t bytes = sizeof *g + 2 * sizeof *all->slots + (g->key_n > GROUP_KEY_INSIDE ? g->key_n + 16 : 0);
        struct rule_groups *of = &all->of_rule[g->rule];

        if (g->holds == GROUP_WINDOW)
                bytes += sizeof *g->window + 16 + window_bytes(g->window);
        else if (g->holds == GROUP_PACKED)
                bytes += sizeof *g->packed + 16 + g->packed->n;
        all->bytes -= g->bytes;
        of->bytes -= g->bytes;
        g->bytes = (uint32_t)size_min(bytes, UINT32_MAX);
        all->bytes += g->bytes;
        of->bytes += g->bytes;
        evict(all, g);
}

static int set_key(struct group *g, struct str key)
{
        struct str values;

        g->rule = groups_rule_of(key, &values);
        if (values.n > GROUP_KEY_INSIDE) {
                g->key.outside = malloc(values.n);
                if (!g->key.outside)
                        return -ENOMEM;
        }
        g->key_n = (uint32_t)values.n & ((1U << 28) - 1); /* a key is far shorter: GROUP_VALUE_BYTES_MAX */
        memcpy(key_of(g), values.p, values.n);
        return 0;
}

static struct group *add_group(struct groups *all, struct str key)
{
        struct group *g;
        group_id id;

        if (4 * ((size_t)all->n + 1) > 3 * (size_t)all->cap && grow(all) < 0)
                return NULL;
        id = take_unused(all);
        g = groups_at(all, id);
        if (!g)
                return NULL;
        *g = (struct group){ 0 };
        if (set_key(g, key) < 0) {
                release(all, g, id);
                return NULL;
        }
        *find_slot(all, key) = id;
        all->n++;
        all->of_rule[g->rule].n++;
        link_newest(all, g, id);
        groups_count(all, g);
        return g;
}

struct group *groups_get(struct groups *all, struct str key)
{
        group_id id = all->n ? *find_slot(all, key) : 0;
        struct group *g = groups_at(all, id);

        if (!g)
                return add_group(all, key);
        if (all->of_rule[g->rule].newest != id) {
                unlink_use(all, g);
                link_newest(all, g, id);
        }
        return g;
}

void groups_touch(struct groups *all, struct group *g)
{
        groups_set_dirty(all, g);
        if (g->holds != GROUP_LONE) /* which takes no room of its own */
                groups_count(all, g);
}

/* ---- The store ---- */

static int tell_one(struct groups *all, struct group *g, struct strbuf *blob, engine_state_fn *fn, void *userdata)
{
        CLEANUP(strbuf_done) struct strbuf key = STRBUF_INIT;
        unsigned part = 0;
        int r;

        strbuf_clear(blob);
        if (g->is_gone) {
                group_key_begin(&key, g->rule);
                strbuf_add(&key, group_key_values(g));
                if (strbuf_failed(&key))
                        return -ENOMEM;
                if (groups_find(all, strbuf_str(&key)))
                        return 0; /* it came back and speaks for itself */
        } else {
                group_write(all, g, blob, &part);
        }
        if (strbuf_failed(blob))
                return -ENOMEM;
        r = fn(userdata, all->rules->entries[g->rule].state_label, group_key_values(g), part, strbuf_str(blob));
        if (r >= 0 && g->holds == GROUP_WINDOW)
                state_stored(g->window, blob->n, part == 0);
        return r;
}

int groups_each_dirty(struct groups *all, engine_state_fn *fn, void *userdata)
{
        CLEANUP(strbuf_done) struct strbuf blob = STRBUF_INIT;

        while (all->dirty) {
                struct group *g = groups_at(all, all->dirty);
                group_id id = all->dirty;
                int r = tell_one(all, g, &blob, fn, userdata);

                if (r < 0)
                        return r;
                all->dirty = g->next_dirty;
                g->is_dirty = false;
                if (g->is_gone)
                        release(all, g, id);
        }
        return 0;
}
