/* SPDX-License-Identifier: Apache-2.0 */

/* Field rules: compiled from YAML, evaluated on a record. The common case, one path with plain values, shares the
 * values of the native slot and costs no memory. Objects and nulls never become ECS values. */

#include "parsers/derive.h"

#include <errno.h>
#include <inttypes.h>

#include "parsers/source_impl.h"

enum derive_kind { DERIVE_PATHS, DERIVE_CONSTANT, DERIVE_WHEN, DERIVE_JOIN };

struct map_row {
        struct str from, to; /* `to` absent: no value */
};

struct when_row {
        struct bound *condition; /* NULL: always */
        struct derive *then;
};

struct join_part {
        struct str literal; /* absent: the slot's text */
        uint32_t slot;
};

/* What a number stands for; text that is no such number stays as it is. 0, -ENOMEM. */
typedef int number_fn(const struct derive_env *env, struct str *text);

struct derive {
        enum derive_kind kind;
        enum time_unit unit;
        /* DERIVE_PATHS */
        uint32_t *slots;
        size_t n_slots;
        struct rx *match;
        struct map_row *map;
        size_t n_map;
        bool has_map, has_else;
        number_fn *number; /* NULL: the text as it is */
        struct str text; /* DERIVE_PATHS: `else` */
        struct str *texts; /* DERIVE_CONSTANT: one or several; n_texts 0: explicitly nothing */
        size_t n_texts;
        struct when_row *rows;
        size_t n_rows;
        struct join_part *parts;
        size_t n_parts;
};

/* ---- Numbers ---- */

/* 3405803777 is 203.0.113.1; 0 is none. What is no number may be an address already. */
static int number_ipv4(const struct derive_env *env, struct str *text)
{
        uint64_t n;

        if (str_to_u64(*text, &n) < 0 || n > UINT32_MAX)
                return 0;
        *text = STR_NONE;
        if (n == 0)
                return 0;
        *text = arena_printf(env->arena, "%u.%u.%u.%u", (unsigned)(n >> 24), (unsigned)(n >> 16 & 255), (unsigned)(n >> 8 & 255),
                             (unsigned)(n & 255));
        return text->p ? 0 : -ENOMEM;
}

/* 50000000 is 50, 12500000 is 12.50: no decimals or at least two. */
static int number_micros(const struct derive_env *env, struct str *text)
{
        enum { MICROS = 1000000 };
        uint64_t n;
        int spare = 4;

        if (str_to_u64(*text, &n) < 0)
                return 0;
        if (n % MICROS == 0)
                *text = arena_printf(env->arena, "%" PRIu64, n / MICROS);
        else
                *text = arena_printf(env->arena, "%" PRIu64 ".%06" PRIu64, n / MICROS, n % MICROS);
        for (; text->p && n % MICROS != 0 && spare > 0 && text->p[text->n - 1] == '0'; spare--)
                text->n--;
        return text->p ? 0 : -ENOMEM;
}

/* To add one: a row here, its name in schema/source.schema.json, derive.h and shopbell.source(5). */
static const struct {
        const char *name;
        number_fn *fn;
} numbers[] = {
        { "ipv4", number_ipv4 },
        { "micros", number_micros },
};

/* ---- Loading ---- */

static int load_constant(struct loader *l, const struct yaml *y, struct str *ret)
{
        if (!yaml_is_scalar(y))
                return load_error(l, y, "a constant must be text or a number, not %s", yaml_kind_name(y));
        *ret = y->kind == YAML_NULL ? STR_NONE : y->text;
        return 0;
}

static int new_derive(struct loader *l, enum derive_kind kind, struct derive **ret)
{
        struct derive *d = load_alloc(l, 1, sizeof *d);

        if (!d)
                return -ENOMEM;
        d->kind = kind;
        *ret = d;
        return 0;
}

static int load_one_slot(struct loader *l, const struct yaml *y, uint32_t *ret)
{
        struct str path;
        int r = load_path(l, y, "a field's path", &path);

        if (r < 0)
                return r;
        *ret = source_want(l->source, path);
        return *ret == UINT32_MAX ? load_error(l, y, "too many fields, over %d", RECORD_NATIVE_MAX) : 0;
}

static int load_slots(struct loader *l, const struct yaml *y, struct derive *d)
{
        int r = 0;

        if (y->kind != YAML_LIST) {
                d->slots = load_alloc(l, 1, sizeof *d->slots);
                d->n_slots = 1;
                return d->slots ? load_one_slot(l, y, d->slots) : -ENOMEM;
        }
        if (y->n == 0)
                return load_error(l, y, "an empty list names no field");
        d->slots = load_alloc(l, y->n, sizeof *d->slots);
        for (; d->slots && r >= 0 && d->n_slots < y->n; d->n_slots++)
                r = load_one_slot(l, y->items[d->n_slots], &d->slots[d->n_slots]);
        return d->slots ? r : -ENOMEM;
}

static int load_map(struct loader *l, const struct yaml *y, struct derive *d)
{
        if (y->kind != YAML_MAP || y->n == 0)
                return load_error(l, y, "`map` must be a map from the platform's words to ours");
        d->map = load_alloc(l, y->n, sizeof *d->map);
        if (!d->map)
                return -ENOMEM;
        d->has_map = true;
        for (; d->n_map < y->n; d->n_map++) {
                int r = load_constant(l, y->pairs[d->n_map].value, &d->map[d->n_map].to);

                if (r < 0)
                        return r;
                d->map[d->n_map].from = y->pairs[d->n_map].key->text;
        }
        return 0;
}

static int load_match(struct loader *l, const struct yaml *y, struct derive *d)
{
        struct err why = { 0 };
        struct str text;
        int r = load_text(l, y, "`match`", &text);

        if (r >= 0 && rx_compile(text, 0, &d->match, &why) < 0)
                return load_error(l, y, "match does not compile: %s", why.text);
        return r;
}

static int load_unit(struct loader *l, const struct yaml *y, bool is_time, struct derive *d)
{
        static const struct {
                const char *name;
                enum time_unit unit;
        } units[] = { { "s", TIME_UNIT_S }, { "ms", TIME_UNIT_MS }, { "us", TIME_UNIT_US }, { "ns", TIME_UNIT_NS } };

        if (!is_time)
                return load_error(l, y, "`unit` is for @timestamp only");
        for (size_t i = 0; i < ARRAY_LEN(units); i++)
                if (yaml_is_scalar(y) && str_eqz(y->text, units[i].name)) {
                        d->unit = units[i].unit;
                        return 0;
                }
        return load_error(l, y, "`unit` is one of s, ms, us, ns");
}

static int load_number(struct loader *l, const struct yaml *y, struct derive *d)
{
        for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
                if (yaml_is_scalar(y) && str_eqz(y->text, numbers[i].name)) {
                        d->number = numbers[i].fn;
                        return 0;
                }
        return load_error(l, y, "`number` is one of ipv4, micros");
}

static int load_from(struct loader *l, const struct yaml *y, bool is_time, struct derive **ret)
{
        const struct yaml *match = yaml_get(y, "match"), *map = yaml_get(y, "map"), *otherwise = yaml_get(y, "else"),
                          *unit = yaml_get(y, "unit"), *number = yaml_get(y, "number");
        int r = new_derive(l, DERIVE_PATHS, ret);

        if (r >= 0)
                r = load_slots(l, yaml_get(y, "from"), *ret);
        if (r >= 0 && match)
                r = load_match(l, match, *ret);
        if (r >= 0 && map)
                r = load_map(l, map, *ret);
        if (r >= 0 && unit)
                r = load_unit(l, unit, is_time, *ret);
        if (r >= 0 && number)
                r = load_number(l, number, *ret);
        if (r >= 0 && otherwise) {
                (*ret)->has_else = true;
                r = load_constant(l, otherwise, &(*ret)->text);
        }
        return r;
}

/* The text up to the next '{' ("{{" is a plain brace), or the path in braces. */
static int load_join_part(struct loader *l, const struct yaml *y, struct str *rest, struct join_part *ret)
{
        size_t n = 0;

        if (*rest->p != '{' || (rest->n > 1 && rest->p[1] == '{')) {
                bool is_brace = *rest->p == '{';

                for (n = is_brace ? 2 : 1; !is_brace && n < rest->n && rest->p[n] != '{'; n++)
                        ;
                ret->literal = str_from(rest->p, is_brace ? 1 : n);
        } else {
                struct str path = str_from(rest->p + 1, rest->n - 1);
                struct yaml name = *y;

                n = str_find(path, STR("}"));
                if (n == SIZE_MAX || n == 0)
                        return load_error(
                                l, y, "`join`: a brace without a path and a closing brace; a plain { is written {{");
                name.text = str_from(path.p, n);
                if (load_one_slot(l, &name, &ret->slot) < 0)
                        return -EBADMSG;
                n += 2;
        }
        *rest = str_from(rest->p + n, rest->n - n);
        return 0;
}

static int load_join(struct loader *l, const struct yaml *y, struct derive **ret)
{
        const struct yaml *text = yaml_get(y, "join");
        struct str rest;
        int r = load_text(l, text, "`join`", &rest);

        if (r >= 0)
                r = new_derive(l, DERIVE_JOIN, ret);
        if (r < 0)
                return r;
        (*ret)->parts = load_alloc(l, rest.n, sizeof *(*ret)->parts);
        if (!(*ret)->parts)
                return -ENOMEM;
        while (rest.n > 0 && r >= 0)
                r = load_join_part(l, text, &rest, &(*ret)->parts[(*ret)->n_parts++]);
        return r;
}

static int load_is(struct loader *l, const struct yaml *y, struct derive **ret)
{
        struct derive *d;
        int r = new_derive(l, DERIVE_CONSTANT, &d);

        if (r < 0)
                return r;
        *ret = d;
        if (y->kind == YAML_NULL)
                return 0;
        if (y->kind == YAML_LIST)
                return load_texts(l, y, "a constant", &d->texts, &d->n_texts);
        d->texts = load_alloc(l, 1, sizeof *d->texts);
        d->n_texts = 1;
        return d->texts ? load_constant(l, y, d->texts) : -ENOMEM;
}

static int load_rule(struct loader *l, const struct yaml *y, bool is_time, struct derive **ret);

/* {if: SELECTION, is|from|join…}, {from: path} for always, or {else: text}. */
static int load_when_row(struct loader *l, const struct yaml *y, bool is_time, struct when_row *ret)
{
        const struct yaml *condition = yaml_get(y, "if"), *otherwise = yaml_get(y, "else");
        int r = 0;

        if (y->kind != YAML_MAP)
                return load_error(l, y, "a row of `when` must be a map, not %s", yaml_kind_name(y));
        if (otherwise && !condition && y->n == 1)
                return load_is(l, otherwise, &ret->then);
        if (condition) {
                ret->condition = load_alloc(l, 1, sizeof *ret->condition);
                r = ret->condition ? load_bound(l, condition, ret->condition) : -ENOMEM;
        }
        return r < 0 ? r : load_rule(l, y, is_time, &ret->then);
}

static int load_when(struct loader *l, const struct yaml *y, bool is_time, struct derive **ret)
{
        const struct yaml *rows = yaml_get(y, "when");
        int r;

        if (rows->kind != YAML_LIST || rows->n == 0)
                return load_error(l, rows, "`when` must be a list of rows {if: …, is: …}");
        r = new_derive(l, DERIVE_WHEN, ret);
        if (r < 0)
                return r;
        (*ret)->rows = load_alloc(l, rows->n, sizeof *(*ret)->rows);
        if (!(*ret)->rows)
                return -ENOMEM;
        while ((*ret)->n_rows < rows->n && r >= 0) {
                const struct yaml *row = rows->items[(*ret)->n_rows];
                struct when_row *w = &(*ret)->rows[(*ret)->n_rows++];

                r = load_when_row(l, row, is_time, w);
                if (r >= 0 && !w->condition && (*ret)->n_rows < rows->n)
                        r = load_error(l, row, "a row without `if` must be the last one");
        }
        return r;
}

/* The map forms. Keys are checked here, each form's loader reads its own. */
static int load_rule(struct loader *l, const struct yaml *y, bool is_time, struct derive **ret)
{
        static const char *const from_keys[] = { "if", "from", "match", "map", "else", "unit", "number", NULL };
        static const char *const is_keys[] = { "if", "is", NULL };
        static const char *const when_keys[] = { "if", "when", NULL };
        static const char *const join_keys[] = { "if", "join", NULL };
        const struct yaml *is = yaml_get(y, "is");
        int r;

        if (is) {
                r = load_keys(l, y, is_keys);
                return r < 0 ? r : load_is(l, is, ret);
        }
        if (yaml_get(y, "when")) {
                r = load_keys(l, y, when_keys);
                return r < 0 ? r : load_when(l, y, is_time, ret);
        }
        if (yaml_get(y, "join")) {
                r = load_keys(l, y, join_keys);
                return r < 0 ? r : load_join(l, y, ret);
        }
        r = load_keys(l, y, from_keys);
        if (r >= 0 && !yaml_get(y, "from"))
                return load_error(l, y, "a field needs one of `from`, `is`, `when`, `join`");
        return r < 0 ? r : load_from(l, y, is_time, ret);
}

int derive_load(struct loader *l, const struct yaml *y, bool is_time, struct derive **ret)
{
        int r;

        if (y->kind == YAML_MAP) {
                if (yaml_get(y, "if"))
                        return load_error(l, y, "`if` stands in a row of `when`");
                return load_rule(l, y, is_time, ret);
        }
        r = new_derive(l, DERIVE_PATHS, ret);
        return r < 0 ? r : load_slots(l, y, *ret);
}

void derive_done(struct derive *d)
{
        if (!d)
                return;
        d->match = rx_free(d->match);
        for (size_t i = 0; i < d->n_rows; i++) {
                if (d->rows[i].condition)
                        sigma_detection_done(d->rows[i].condition->detection);
                derive_done(d->rows[i].then);
        }
        d->n_rows = 0;
}

enum time_unit derive_unit(const struct derive *d)
{
        return d->unit;
}

/* ---- Evaluating ---- */

static int add_value(const struct derive_env *env, struct slot *slot, enum value_kind kind, struct str text)
{
        int r = slot_add(slot, env->arena, kind, text);

        if (r != -E2BIG)
                return r;
        env->counters->n[COUNTER_VALUES_CUT]++;
        return 0;
}

static int eval_constant(const struct derive_env *env, struct str text, struct slot *ret)
{
        int r = text.p ? add_value(env, ret, VALUE_STRING, text) : 0;

        return r < 0 ? r : 1;
}

static int eval_constants(const struct derive *d, const struct derive_env *env, struct slot *ret)
{
        int r = 0;

        for (size_t i = 0; i < d->n_texts && r >= 0; i++)
                r = add_value(env, ret, VALUE_STRING, d->texts[i]);
        return r < 0 ? r : 1;
}

/* A value after `match`, `number` and `map`; absent when one of them lets nothing through. 0, -ENOMEM. */
static int transform(const struct derive *d, const struct derive_env *env, const struct value *v, struct str *ret)
{
        struct str text = value_scalar(v);

        *ret = STR_NONE;
        if (text.p && d->match) {
                if (!rx_match(d->match, text, false, env->regex, env->counters))
                        return 0;
                text = rx_group(env->regex, text, rx_groups(d->match) > 0 ? 1 : 0);
        }
        if (text.p && d->number && d->number(env, &text) < 0)
                return -ENOMEM;
        if (!d->has_map)
                *ret = text;
        for (size_t i = 0; text.p && i < d->n_map && !ret->p; i++)
                if (str_eq_nocase(text, d->map[i].from))
                        *ret = d->map[i].to;
        return 0;
}

/* The values of one native slot; with `is_choice` placeholders do not count. */
static int eval_slot(const struct derive *d, const struct derive_env *env, const struct slot *from, bool is_choice,
                     struct slot *ret)
{
        bool is_plain = !d->match && !d->has_map && !d->number, is_whole = is_plain;

        for (const struct value *v = from->first; v && is_whole; v = v->next)
                is_whole = value_scalar(v).p && !(is_choice && value_is_placeholder(v->text));
        if (is_whole) {
                *ret = *from;
                return from->first ? 1 : 0;
        }
        for (const struct value *v = from->first; v; v = v->next) {
                struct str text;
                int r = transform(d, env, v, &text);

                if (r < 0)
                        return r;
                if (!text.p || (is_choice && value_is_placeholder(text)))
                        continue;
                r = add_value(env, ret, is_plain ? v->kind : VALUE_STRING, text);
                if (r < 0)
                        return r;
        }
        return ret->first ? 1 : 0;
}

static int eval_paths(const struct derive *d, const struct derive_env *env, struct record *record, struct slot *ret)
{
        for (size_t i = 0; i < d->n_slots; i++) {
                const struct slot *from = record_slot(record, d->slots[i]);
                int r = from ? eval_slot(d, env, from, d->n_slots > 1, ret) : 0;

                if (r != 0)
                        return r;
        }
        return d->has_else ? eval_constant(env, d->text, ret) : 0;
}

static int eval_join(const struct derive *d, const struct derive_env *env, struct record *record, struct slot *ret)
{
        struct str whole = STR_NONE;
        char *p = NULL;

        for (int pass = 0; pass < 2; pass++) {
                size_t n = 0;

                for (size_t i = 0; i < d->n_parts; i++) {
                        const struct slot *slot = d->parts[i].literal.p ? NULL : record_slot(record, d->parts[i].slot);
                        struct str text = slot ? slot_text(slot) : d->parts[i].literal;

                        if (!text.p)
                                return 0;
                        if (p)
                                memcpy(p + n, text.p, text.n);
                        n += text.n;
                }
                if (!p)
                        p = arena_alloc(env->arena, n);
                if (!p)
                        return -ENOMEM;
                whole = str_from(p, n);
        }
        return eval_constant(env, whole, ret);
}

int derive_eval(const struct derive *d, const struct derive_env *env, struct record *record, struct slot *ret)
{
        switch (d->kind) {
        case DERIVE_PATHS:
                return eval_paths(d, env, record, ret);
        case DERIVE_CONSTANT:
                return eval_constants(d, env, ret);
        case DERIVE_JOIN:
                return eval_join(d, env, record, ret);
        case DERIVE_WHEN:
                for (size_t i = 0; i < d->n_rows; i++)
                        if (!d->rows[i].condition || bound_holds(d->rows[i].condition, record, env))
                                return derive_eval(d->rows[i].then, env, record, ret);
                return 0;
        }
        return 0;
}

/* ---- Telling ---- */

static bool trace_paths(const struct derive *d, const struct derive_env *env, struct record *record, derive_look_fn *fn,
                        void *userdata)
{
        for (size_t i = 0; i < d->n_slots; i++) {
                struct slot unused = { 0 };
                const struct slot *from = record_slot(record, d->slots[i]);
                bool is_taken = from && eval_slot(d, env, from, d->n_slots > 1, &unused) > 0;

                fn(userdata, d->slots[i], is_taken);
                if (is_taken)
                        return true;
        }
        return d->has_else && d->text.p;
}

static bool trace_when(const struct derive *d, const struct derive_env *env, struct record *record, derive_look_fn *fn,
                       void *userdata)
{
        for (size_t i = 0; i < d->n_rows; i++) {
                const struct bound *b = d->rows[i].condition;

                for (size_t k = 0; b && k < b->detection->n_fields; k++)
                        fn(userdata, b->slots[k], false);
                if (!b || bound_holds(b, record, env))
                        return derive_trace(d->rows[i].then, env, record, fn, userdata);
        }
        return false;
}

bool derive_trace(const struct derive *d, const struct derive_env *env, struct record *record, derive_look_fn *fn,
                  void *userdata)
{
        bool is_whole = true;

        switch (d->kind) {
        case DERIVE_PATHS:
                return trace_paths(d, env, record, fn, userdata);
        case DERIVE_CONSTANT:
                return true;
        case DERIVE_WHEN:
                return trace_when(d, env, record, fn, userdata);
        case DERIVE_JOIN:
                for (size_t i = 0; i < d->n_parts; i++)
                        is_whole = is_whole && (d->parts[i].literal.p || record_slot(record, d->parts[i].slot));
                for (size_t i = 0; i < d->n_parts; i++)
                        if (!d->parts[i].literal.p)
                                fn(userdata, d->parts[i].slot, is_whole);
                return is_whole;
        }
        return false;
}

void derive_slots(const struct derive *d, derive_look_fn *fn, void *userdata)
{
        for (size_t i = 0; i < d->n_slots; i++)
                fn(userdata, d->slots[i], true);
        for (size_t i = 0; i < d->n_parts; i++)
                if (!d->parts[i].literal.p)
                        fn(userdata, d->parts[i].slot, true);
        for (size_t i = 0; i < d->n_rows; i++) {
                const struct bound *b = d->rows[i].condition;

                for (size_t k = 0; b && k < b->detection->n_fields; k++)
                        fn(userdata, b->slots[k], false);
                derive_slots(d->rows[i].then, fn, userdata);
        }
}
