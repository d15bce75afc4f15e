/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/bells.h"

#include <errno.h>
#include <stdlib.h>

#include "monitor/base/arena.h"
#include "monitor/base/json_write.h"

struct bells {
        struct arena *arena;
        struct quiet_edge *edges;
        size_t n_edges;
        struct quiet_feature *features;
        size_t n_features;
        struct str taught_by;
};

static int add_edges(struct bells *b, const struct ruleset *rules)
{
        size_t n = 0;
        const struct rule_inhibit *items = ruleset_inhibits(rules, &n);

        b->edges = arena_array(b->arena, n, sizeof *b->edges);
        if (!b->edges)
                return -ENOMEM;
        for (; b->n_edges < n; b->n_edges++)
                b->edges[b->n_edges] = (struct quiet_edge){
                        .parent = ruleset_rule(rules, items[b->n_edges].parent)->label,
                        .child = ruleset_rule(rules, items[b->n_edges].child)->label,
                        .timespan = items[b->n_edges].timespan,
                };
        return 0;
}

/* A JSON array; absent: out of memory. */
static struct str names(struct bells *b, const struct str *items, size_t n)
{
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        struct json_writer w = JSON_WRITER(&text);

        json_begin(&w, '[');
        for (size_t i = 0; i < n; i++)
                json_str(&w, items[i]);
        json_end(&w, ']');
        return strbuf_failed(&text) ? STR_NONE : arena_dup(b->arena, strbuf_str(&text));
}

static int add_features(struct bells *b, const struct ruleset *rules)
{
        size_t all = ruleset_count(rules);
        struct str *labels = arena_array(b->arena, all, sizeof *labels);

        b->features = arena_array(b->arena, all, sizeof *b->features);
        if (!labels || !b->features)
                return -ENOMEM;
        for (size_t i = 0; i < all; i++) {
                struct str fields[RULESET_FEATURES_MAX];
                size_t n = ruleset_features(rules, i, fields);

                if (n == 0)
                        continue;
                labels[b->n_features] = ruleset_rule(rules, i)->label;
                b->features[b->n_features] = (struct quiet_feature){ labels[b->n_features], names(b, fields, n) };
                if (!b->features[b->n_features++].fields.p)
                        return -ENOMEM;
        }
        b->taught_by = names(b, labels, b->n_features);
        return b->taught_by.p ? 0 : -ENOMEM;
}

int bells_new(const struct ruleset *rules, struct bells **ret)
{
        struct bells *b = calloc(1, sizeof *b);
        int r = b && (b->arena = arena_new()) ? 0 : -ENOMEM;

        if (r >= 0 && rules)
                r = add_edges(b, rules);
        if (r >= 0 && rules)
                r = add_features(b, rules);
        if (r < 0) {
                bells_free(b);
                return r;
        }
        *ret = b;
        return 0;
}

struct bells *bells_free(struct bells *b)
{
        if (b)
                arena_free(b->arena);
        free(b);
        return NULL;
}

struct quiet_rules bells_rules(const struct bells *b)
{
        return (struct quiet_rules){
                .edges = b->edges,
                .n = b->n_edges,
                .features = b->features,
                .n_features = b->n_features,
                .taught_by = b->taught_by,
                .are_known = true,
        };
}
