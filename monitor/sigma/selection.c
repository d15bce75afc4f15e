/* SPDX-License-Identifier: Apache-2.0 */

/* Search identifiers, and whole detections made of them. A map is the AND of its entries, a list the OR of its
 * elements, a plain text a keyword (Sigma digest, Detection items). */

#include <errno.h>

#include "monitor/sigma/ast.h"

static int compile_map(struct compiler *c, const struct yaml *body, struct sigma_node **ret)
{
        struct sigma_node *node = node_new(c, NODE_AND, body->n);

        if (!node)
                return compiler_oom(c);
        for (size_t i = 0; i < body->n; i++) {
                int r = item_compile(c, body->pairs[i].key, body->pairs[i].value, &node->children[i]);

                if (r < 0)
                        return r;
        }
        *ret = node;
        return 0;
}

static int compile_list(struct compiler *c, const struct yaml *body, struct sigma_node **ret)
{
        struct sigma_node *node = node_new(c, NODE_OR, body->n);

        if (!node)
                return compiler_oom(c);
        for (size_t i = 0; i < body->n; i++) {
                int r = selection_compile(c, body->items[i], &node->children[i]);

                if (r < 0)
                        return r;
        }
        *ret = node;
        return 0;
}

int selection_compile(struct compiler *c, const struct yaml *body, struct sigma_node **ret)
{
        if ((body->kind == YAML_MAP || body->kind == YAML_LIST) && body->n == 0)
                return compiler_fail(c, body, "an empty selection: it would fit nothing");
        if (body->kind == YAML_MAP)
                return compile_map(c, body, ret);
        if (body->kind == YAML_LIST)
                return compile_list(c, body, ret);
        return item_compile(c, NULL, body, ret);
}

/* ---- Detections ---- */

static bool is_reserved(const struct compiler *c, struct str name)
{
        return str_eqz(name, "condition") || str_eqz(name, c->is_filter ? "rules" : "timeframe");
}

static int compile_selections(struct compiler *c, const struct yaml *detection, struct selection *selections, size_t *n)
{
        for (size_t i = 0; i < detection->n; i++) {
                const struct yaml *key = detection->pairs[i].key;
                int r;

                if (is_reserved(c, key->text))
                        continue;
                if (*n == SIGMA_SELECTIONS_MAX)
                        return compiler_fail(c, key, "more than %d selections", SIGMA_SELECTIONS_MAX);
                selections[*n] = (struct selection){ .name = arena_dup(c->arena, key->text),
                                                     .line = key->line,
                                                     .col = key->col,
                                                     .doc = c->is_filter ? detection : NULL };
                r = selections[*n].name.p ? selection_compile(c, detection->pairs[i].value, &selections[*n].node)
                                          : compiler_oom(c);
                if (r < 0)
                        return r;
                (*n)++;
                selections[*n - 1].node->selection = (uint32_t)(c->detection->n_selections + *n);
        }
        return 0;
}

/* Behind those that the detection has already, when this is a filter for it. */
static int keep_selections(struct compiler *c, const struct yaml *condition, const struct selection *selections,
                           size_t n)
{
        struct sigma_detection *d = c->detection;
        struct selection *all = arena_array(c->arena, d->n_selections + n, sizeof *all);

        if (!all)
                return compiler_oom(c);
        if (d->n_selections > 0)
                memcpy(all, d->selections, d->n_selections * sizeof *all);
        else
                d->line = condition->line, d->col = condition->col;
        memcpy(all + d->n_selections, selections, n * sizeof *all);
        d->selections = all;
        d->n_selections += n;
        return 0;
}

static int compile_conditions(struct compiler *c, const struct yaml *condition, struct selection *selections, size_t n,
                              struct sigma_node **ret)
{
        struct sigma_node *any;

        if (condition->kind != YAML_LIST)
                return condition_compile(c, condition, selections, n, ret);
        if (condition->n == 0)
                return compiler_fail(c, condition, "condition: an empty list");
        any = node_new(c, NODE_OR, condition->n);
        if (!any)
                return compiler_oom(c);
        for (size_t i = 0; i < condition->n; i++) {
                int r = condition_compile(c, condition->items[i], selections, n, &any->children[i]);

                if (r < 0)
                        return r;
                if (c->detection->pipe && condition->n > 1)
                        return compiler_fail(
                                c, condition->items[i],
                                "condition: `|` of Sigma 1 beside other conditions is not translated: write each "
                                "condition as a rule of its own");
        }
        *ret = any;
        return 0;
}

int detection_compile(struct compiler *c, const struct yaml *detection)
{
        const struct yaml *condition = yaml_get(detection, "condition");
        const char *what = c->is_filter ? "filter" : "detection";
        struct selection *selections;
        size_t n = 0;
        int r;

        if (detection->kind != YAML_MAP)
                return compiler_fail(c, detection, "%s: %s where a map of selections belongs", what,
                                     yaml_kind_name(detection));
        if (!condition)
                return compiler_fail(c, detection, "%s: no condition; add  condition: %sNAME_OF_A_SELECTION", what,
                                     c->is_filter ? "not " : "");
        c->timeframe = c->is_filter ? NULL : yaml_get(detection, "timeframe");
        selections = arena_array(c->arena, size_min(detection->n, SIGMA_SELECTIONS_MAX + 1), sizeof *selections);
        if (!selections)
                return compiler_oom(c);
        r = compile_selections(c, detection, selections, &n);
        if (r < 0)
                return r;
        r = compile_conditions(c, condition, selections, n, &c->detection->root);
        if (r >= 0)
                r = keep_selections(c, condition, selections, n);
        return r;
}

static int compile_one(struct compiler *c, const struct yaml *selection)
{
        int r = selection_compile(c, selection, &c->detection->root);

        if (r >= 0 && c->lacking.n > 0)
                r = compiler_fail(c, c->lacking_at,
                                  "expand: placeholders are filled in rules only: write the values out");
        return r;
}

/* What the compiler gathered becomes the detection's. */
static int finish(struct compiler *c)
{
        struct sigma_detection *d = c->detection;

        d->expanded = arena_dup(c->arena, strbuf_str(&c->expanded));
        d->lacking = arena_dup(c->arena, strbuf_str(&c->lacking));
        d->lacking_at = c->lacking_at;
        d->n_tests = c->n_tests;
        return strbuf_failed(&c->expanded) || strbuf_failed(&c->lacking) || !d->expanded.p || !d->lacking.p
                       ? compiler_oom(c)
                       : 0;
}

static int compile(struct compiler *c, const struct yaml *body, int (*fn)(struct compiler *c, const struct yaml *body),
                   struct sigma_detection **ret)
{
        int r;

        c->detection = arena_alloc(c->arena, sizeof *c->detection);
        if (!c->detection)
                return compiler_oom(c);
        *c->detection = (struct sigma_detection){ .arena = c->arena };
        r = fn(c, body);
        if (r >= 0)
                r = finish(c);
        compiler_done(c);
        if (r < 0) {
                sigma_detection_done(c->detection);
                return r;
        }
        *ret = c->detection;
        return 0;
}

int sigma_detection_compile(struct arena *arena, const struct yaml *detection, const char *file,
                            const struct sigma_options *options, struct sigma_detection **ret, struct err *reterr)
{
        struct compiler c = { .arena = arena, .file = file, .options = options, .fields = MAP_INIT, .err = reterr };

        return compile(&c, detection, detection_compile, ret);
}

int filter_compile(struct arena *arena, const struct yaml *filter, const char *file,
                   const struct sigma_options *options, struct sigma_detection **ret, struct err *reterr)
{
        struct compiler c = {
                .arena = arena, .file = file, .options = options, .is_filter = true, .fields = MAP_INIT, .err = reterr
        };

        return compile(&c, filter, detection_compile, ret);
}

int sigma_selection_compile(struct arena *arena, const struct yaml *selection, const char *file,
                            struct sigma_detection **ret, struct err *reterr)
{
        struct compiler c = { .arena = arena, .file = file, .fields = MAP_INIT, .err = reterr };

        return compile(&c, selection, compile_one, ret);
}
