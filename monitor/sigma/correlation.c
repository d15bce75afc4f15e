/* SPDX-License-Identifier: Apache-2.0 */

/* The `correlation:` section. Which types there are, and what each needs, is known in detect/; here only the form is
 * read. */

#include <errno.h>

#include "monitor/base/number.h"
#include "monitor/sigma/document.h"

static const struct {
        const char *name;
        int op;
} ops[] = {
        { "gt", SIGMA_GT },   { "gte", SIGMA_GTE }, { "lt", SIGMA_LT },
        { "lte", SIGMA_LTE }, { "eq", SIGMA_EQ },   { "neq", SIGMA_NEQ },
};

static int find_op(struct str name)
{
        for (size_t i = 0; i < ARRAY_LEN(ops); i++)
                if (str_eqz(name, ops[i].name))
                        return ops[i].op;
        return -1;
}

static int read_condition(struct document *d, const struct yaml *map, struct sigma_correlation *c)
{
        if (map->kind != YAML_MAP)
                return document_fail(d, map, "correlation: a condition is a map, such as  condition: {gte: 5}");
        c->limits = arena_array(d->arena, map->n, sizeof *c->limits);
        if (!c->limits)
                return -ENOMEM;
        for (size_t i = 0; i < map->n; i++) {
                const struct yaml *key = map->pairs[i].key, *value = map->pairs[i].value;
                int op = find_op(key->text), r = 0;

                if (op >= 0) {
                        if (!yaml_is_scalar(value) || value->kind == YAML_BOOL || !number_is_valid(value->text))
                                return document_fail(d, value, "correlation: %s needs a number", key->text.p);
                        c->limits[c->n_limits++] = (struct sigma_limit){
                                .op = op, .number = value->text, .line = value->line, .col = value->col
                        };
                } else if (str_eqz(key->text, "field")) {
                        r = document_texts(d, value, "field", &c->fields, &c->n_fields);
                } else if (!str_eqz(key->text, "percentile")) {
                        return document_fail(
                                d, key, "correlation: unknown condition %s: write gt, gte, lt, lte, eq, neq or field",
                                key->text.p);
                }
                if (r < 0)
                        return r;
        }
        return 0;
}

static int read_aliases(struct document *d, const struct yaml *map, struct sigma_correlation *c)
{
        size_t n = 0;

        if (map->kind != YAML_MAP)
                return document_fail(d, map, "correlation: aliases are a map  NAME: {RULE: FIELD}");
        for (size_t i = 0; i < map->n; i++)
                n += map->pairs[i].value->kind == YAML_MAP ? map->pairs[i].value->n : 0;
        c->aliases = arena_array(d->arena, n, sizeof *c->aliases);
        if (!c->aliases)
                return -ENOMEM;
        for (size_t i = 0; i < map->n; i++) {
                const struct yaml *fields = map->pairs[i].value;

                if (fields->kind != YAML_MAP)
                        return document_fail(d, fields, "correlation: an alias is a map  RULE: FIELD");
                for (size_t k = 0; k < fields->n; k++) {
                        if (!yaml_is_scalar(fields->pairs[k].value))
                                return document_fail(d, fields->pairs[k].value,
                                                     "correlation: an alias names one field");
                        c->aliases[c->n_aliases++] = (struct sigma_alias){
                                .name = map->pairs[i].key->text,
                                .rule = fields->pairs[k].key->text,
                                .field = fields->pairs[k].value->text,
                        };
                }
        }
        return 0;
}

static int read_rules(struct document *d, const struct yaml *value, struct sigma_correlation *c)
{
        int r = document_texts(d, value, "rules", &c->rules, &c->n_rules);

        if (r < 0)
                return r;
        c->rules_at = arena_array(d->arena, c->n_rules, sizeof *c->rules_at);
        if (!c->rules_at)
                return -ENOMEM;
        for (size_t i = 0; i < c->n_rules; i++)
                c->rules_at[i] = value->kind == YAML_LIST ? value->items[i] : value;
        return 0;
}

static int read_timespan(struct document *d, const struct yaml *value, struct sigma_correlation *c)
{
        if (!yaml_is_scalar(value) || duration_parse(value->text, &c->timespan) < 0 || c->timespan <= 0)
                return document_fail(d, value, "correlation: a timespan is a number and s, m, h or d, such as 15m");
        return 0;
}

static int read_generate(struct document *d, const struct yaml *value, struct sigma_correlation *c)
{
        c->generate = value->flag;
        return value->kind == YAML_BOOL ? 0 : document_fail(d, value, "correlation: generate is true or false");
}

static int read_type(struct document *d, const struct yaml *value, struct sigma_correlation *c)
{
        c->type = value->text;
        c->type_at = value;
        return yaml_is_scalar(value) ? 0 : document_fail(d, value, "correlation: a type is one word");
}

static int read_group_by(struct document *d, const struct yaml *value, struct sigma_correlation *c)
{
        return value->kind == YAML_NULL ? 0 : document_texts(d, value, "group-by", &c->group_by, &c->n_group_by);
}

static const struct {
        const char *name;
        const char *example; /* of a key that must be there; else NULL */
        int (*read)(struct document *d, const struct yaml *value, struct sigma_correlation *c);
} keys[] = {
        { "type", "type: event_count", read_type },
        { "rules", "rules: [NAME]", read_rules },
        { "timespan", "timespan: 15m", read_timespan },
        { "group-by", NULL, read_group_by },
        { "condition", NULL, read_condition },
        { "aliases", NULL, read_aliases },
        { "generate", NULL, read_generate },
};

int correlation_read(struct document *d, const struct yaml *section, struct sigma_correlation **ret)
{
        struct sigma_correlation *c = arena_alloc(d->arena, sizeof *c);

        if (!c)
                return -ENOMEM;
        *c = (struct sigma_correlation){ .section = section };
        if (section->kind != YAML_MAP)
                return document_fail(d, section, "correlation: %s where a map belongs", yaml_kind_name(section));
        for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
                const struct yaml *value = yaml_get(section, keys[i].name);
                int r = 0;

                if (!value && keys[i].example)
                        return document_fail(d, section, "correlation: %s is missing; add  %s", keys[i].name,
                                             keys[i].example);
                if (value)
                        r = keys[i].read(d, value, c);
                if (r < 0)
                        return r;
        }
        *ret = c;
        return 0;
}
