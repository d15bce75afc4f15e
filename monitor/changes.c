/* SPDX-License-Identifier: Apache-2.0 */

/* Both sides become lists of things with a name and a digest; those of one name are told apart by their order. */

#include "monitor/changes.h"

#include <errno.h>
#include <stdlib.h>

#include "monitor/base/map.h"

struct thing {
        struct str name, title; /* borrowed */
        const char *file;
        struct hash128 digest;
        struct thing *next; /* of the same name */
};

struct things {
        struct thing *items;
        size_t n;
};

/* ---- Lists ---- */

static int add_thing(struct things *to, struct str name, struct str title, const char *file, const struct strbuf *text)
{
        struct str bytes = strbuf_str(text);

        if (strbuf_failed(text))
                return -ENOMEM;
        to->items[to->n++] = (struct thing){
                .name = name, .title = title, .file = file, .digest = hash128_of(&bytes, 1)
        };
        return 0;
}

static int list_rules(const struct setup *s, struct things *ret)
{
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        size_t n = ruleset_count(s->rules);
        int r = 0;

        *ret = (struct things){ .items = calloc(n + 1, sizeof *ret->items) };
        for (size_t i = 0; ret->items && i < n && r >= 0; i++) {
                const struct sigma_rule *rule = ruleset_rule(s->rules, i);

                strbuf_clear(&text);
                strbuf_add(&text, ruleset_state_label(s->rules, i)); /* of what it names, too */
                strbuf_addc(&text, ruleset_alerts(s->rules, i) ? '!' : '.');
                strbuf_add(&text, str_from((const char *)rule->whole.b, HASH128_BYTES));
                r = add_thing(ret, rule->label, rule->title, rule->file, &text);
        }
        return ret->items ? r : -ENOMEM;
}

static int list_sources(const struct setup *s, struct things *ret)
{
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        size_t n = sourceset_count(s->sources);
        int r = 0;

        *ret = (struct things){ .items = calloc(n + 1, sizeof *ret->items) };
        for (size_t i = 0; ret->items && i < n && r >= 0; i++) {
                const struct source *source = sourceset_get(s->sources, i);

                strbuf_clear(&text);
                yaml_to_json(source_doc(source), &text);
                r = add_thing(ret, str_of(source_name(source)), str_of(source_name(source)), source_file(source),
                              &text);
        }
        return ret->items ? r : -ENOMEM;
}

/* ---- Comparing ---- */

/* From behind, so that the first of each name is found first. */
static int index_things(struct things *all, struct map *ret)
{
        for (size_t i = all->n; i > 0; i--) {
                struct thing *t = &all->items[i - 1];
                int r;

                t->next = map_get(ret, t->name);
                r = map_put(ret, t->name, t);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int take_first(struct map *index, struct str name, const struct thing **ret)
{
        struct thing *t = map_get(index, name);

        *ret = t;
        if (t && !t->next)
                map_remove(index, name);
        return t && t->next ? map_put(index, name, t->next) : 0;
}

static int compare(const struct things *old, struct things *fresh, struct changes *ret, changes_fn *fn, void *userdata)
{
        CLEANUP(map_done) struct map index = MAP_INIT;
        int r = index_things(fresh, &index);

        *ret = (struct changes){ 0 };
        for (size_t i = 0; i < old->n && r >= 0; i++) {
                const struct thing *was = &old->items[i], *is;
                enum setup_change change;

                r = take_first(&index, was->name, &is);
                change = !is ? SETUP_REMOVED : hash128_eq(&is->digest, &was->digest) ? SETUP_UNCHANGED : SETUP_CHANGED;
                ret->n[change]++;
                if (change != SETUP_UNCHANGED)
                        fn(userdata, change, is ? is->title : was->title, is ? is->file : was->file);
        }
        for (size_t i = 0; i < fresh->n && r >= 0; i++) { /* what nobody took, in order */
                const struct thing *t = &fresh->items[i], *left = map_get(&index, t->name);

                if (left != t)
                        continue;
                ret->n[SETUP_ADDED]++;
                fn(userdata, SETUP_ADDED, t->title, t->file);
                r = take_first(&index, t->name, &left);
        }
        return r;
}

typedef int list_fn(const struct setup *s, struct things *ret);

static int changes_of(list_fn *list, const struct setup *old, const struct setup *fresh, struct changes *ret,
                      changes_fn *fn, void *userdata)
{
        struct things was = { 0 }, is = { 0 };
        int r = list(old, &was);

        if (r >= 0)
                r = list(fresh, &is);
        if (r >= 0)
                r = compare(&was, &is, ret, fn, userdata);
        free(was.items);
        free(is.items);
        return r;
}

const char *change_name(enum setup_change change)
{
        static const char *const names[_SETUP_CHANGE_MAX] = { "added", "removed", "changed", "unchanged" };

        return names[change];
}

int changes_of_rules(const struct setup *old, const struct setup *fresh, struct changes *ret, changes_fn *fn,
                     void *userdata)
{
        return changes_of(list_rules, old, fresh, ret, fn, userdata);
}

int changes_of_sources(const struct setup *old, const struct setup *fresh, struct changes *ret, changes_fn *fn,
                       void *userdata)
{
        return changes_of(list_sources, old, fresh, ret, fn, userdata);
}
