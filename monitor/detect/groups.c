/* SPDX-License-Identifier: Apache-2.0 */

/* The map of group keys and its lists. A dropped group stays, without its window, until the store has been told. */

#include "monitor/detect/groups.h"

#include <errno.h>
#include <stdlib.h>

#include "monitor/detect/state.h"

int groups_init(struct groups *all, const struct ruleset *rules, size_t keys_max, size_t bytes_max)
{
        *all = (struct groups){ .rules = rules, .keys_max = keys_max, .bytes_max = bytes_max, .map = MAP_INIT };
        all->of_rule = calloc(rules->n + 1, sizeof *all->of_rule);
        return all->of_rule ? 0 : -ENOMEM;
}

static void group_free(struct group *g)
{
        window_done(&g->window);
        free(g->key);
        free(g);
}

void groups_done(struct groups *all)
{
        for (struct group *g = all->dirty, *next; g; g = next) {
                next = g->next_dirty;
                if (g->is_gone)
                        group_free(g);
        }
        for (struct group *g = all->newest, *older; g; g = older) {
                older = g->older;
                group_free(g);
        }
        map_done(&all->map);
        free(all->of_rule);
        *all = (struct groups){ 0 };
}

/* ---- Lists ---- */

static void unlink_use(struct groups *all, struct group *g)
{
        *(g->newer ? &g->newer->older : &all->newest) = g->older;
        *(g->older ? &g->older->newer : &all->oldest) = g->newer;
}

static void link_newest(struct groups *all, struct group *g)
{
        g->newer = NULL;
        g->older = all->newest;
        *(all->newest ? &all->newest->newer : &all->oldest) = g;
        all->newest = g;
}

static void unlink_rule(struct groups *all, struct group *g)
{
        *(g->previous ? &g->previous->next : &all->of_rule[g->rule]) = g->next;
        if (g->next)
                g->next->previous = g->previous;
}

static void link_rule(struct groups *all, struct group *g)
{
        g->previous = NULL;
        g->next = all->of_rule[g->rule];
        if (g->next)
                g->next->previous = g;
        all->of_rule[g->rule] = g;
}

static void set_dirty(struct groups *all, struct group *g)
{
        if (g->is_dirty)
                return;
        g->is_dirty = true;
        g->next_dirty = all->dirty;
        all->dirty = g;
}

/* ---- Coming and going ---- */

void groups_drop(struct groups *all, struct group *g)
{
        map_remove(&all->map, str_from(g->key, g->key_n));
        unlink_use(all, g);
        unlink_rule(all, g);
        all->bytes -= g->bytes;
        g->bytes = 0;
        g->is_gone = true;
        window_done(&g->window);
        set_dirty(all, g);
}

static void evict(struct groups *all, const struct group *keep)
{
        while ((map_count(&all->map) > all->keys_max || all->bytes > all->bytes_max) && all->oldest != keep) {
                all->evicted++;
                groups_drop(all, all->oldest);
        }
}

static size_t size_of(const struct group *g)
{
        return sizeof *g + 2 * g->key_n + window_bytes(&g->window);
}

static struct group *add_group(struct groups *all, uint32_t rule, struct str key)
{
        struct group *g = calloc(1, sizeof *g);

        if (!g)
                return NULL;
        window_init(&g->window);
        g->rule = rule;
        g->key_n = key.n;
        g->key = malloc(key.n + 1);
        if (g->key)
                memcpy(g->key, key.p, key.n);
        if (!g->key || map_put(&all->map, key, g) < 0) {
                group_free(g);
                return NULL;
        }
        link_newest(all, g);
        link_rule(all, g);
        g->bytes = size_of(g);
        all->bytes += g->bytes;
        evict(all, g);
        return g;
}

struct group *groups_get(struct groups *all, uint32_t rule, struct str key)
{
        struct group *g = map_get(&all->map, key);

        if (!g)
                return add_group(all, rule, key);
        unlink_use(all, g);
        link_newest(all, g);
        return g;
}

void groups_touch(struct groups *all, struct group *g)
{
        set_dirty(all, g);
        groups_loaded(all, g);
}

void groups_loaded(struct groups *all, struct group *g)
{
        all->bytes -= g->bytes;
        g->bytes = size_of(g);
        all->bytes += g->bytes;
        evict(all, g);
}

static int tell_one(struct groups *all, const struct group *g, struct strbuf *blob,
                    int (*fn)(void *userdata, struct str rule, struct str key, struct str blob), void *userdata)
{
        strbuf_clear(blob);
        if (g->is_gone) {
                if (map_get(&all->map, str_from(g->key, g->key_n)))
                        return 0; /* it came back and speaks for itself */
        } else {
                state_write(&g->window, blob);
        }
        if (strbuf_failed(blob))
                return -ENOMEM;
        return fn(userdata, all->rules->entries[g->rule].state_label, group_key_values(g), strbuf_str(blob));
}

int groups_each_dirty(struct groups *all, int (*fn)(void *userdata, struct str rule, struct str key, struct str blob),
                      void *userdata)
{
        CLEANUP(strbuf_done) struct strbuf blob = STRBUF_INIT;

        while (all->dirty) {
                struct group *g = all->dirty;
                int r = tell_one(all, g, &blob, fn, userdata);

                if (r < 0)
                        return r;
                all->dirty = g->next_dirty;
                g->is_dirty = false;
                if (g->is_gone)
                        group_free(g);
        }
        return 0;
}

/* ---- Keys ---- */

void group_key_begin(struct strbuf *key, uint32_t rule)
{
        strbuf_clear(key);
        strbuf_addf(key, "%u\n", rule);
}

void group_key_add(struct strbuf *key, struct str value)
{
        strbuf_addf(key, "%zu:", value.n);
        strbuf_add(key, value);
}

struct str group_key_values(const struct group *g)
{
        struct str rest = str_from(g->key, g->key_n), rule;

        str_cut(&rest, '\n', &rule);
        return rest;
}

bool group_key_next(struct str *rest, struct str *ret)
{
        struct str tail = *rest, number;
        uint64_t n;

        if (!tail.p || tail.n == 0 || !str_cut(&tail, ':', &number) || !tail.p || str_to_u64(number, &n) < 0 || n > tail.n)
                return false;
        *ret = str_from(tail.p, n);
        *rest = str_from(tail.p + n, tail.n - n);
        return true;
}

struct str group_key_value(struct str value, struct strbuf *buf)
{
        char hex[HASH128_HEX_BYTES];
        struct hash128 h;
        size_t n = GROUP_VALUE_HEAD_BYTES;

        if (value.n <= GROUP_VALUE_BYTES_MAX)
                return value;
        while (n > 0 && ((unsigned char)value.p[n] & 0xC0) == 0x80) /* not through a character */
                n--;
        h = hash128_of(&value, 1);
        hash128_hex(&h, hex);
        strbuf_clear(buf);
        strbuf_add(buf, str_from(value.p, n));
        strbuf_addf(buf, "… (%zu bytes, %s)", value.n, hex);
        return strbuf_str(buf);
}
