/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_TESTS_UNIT_SIGMA_RECORD_H
#define SHOPBELL_TESTS_UNIT_SIGMA_RECORD_H

/* For tests of sigma/: records made of YAML (or JSON, which is YAML too), without the parsers room.
 *
 * Slot i is field i of the detection, filled the way the parsers fill it: the literal key of the top level first, then
 * the dotted path; arrays anywhere on the way give many values. Everything lives in a struct sigma_bench. */

#include <criterion/criterion.h>

#include "monitor/base/number.h"
#include "monitor/base/yaml.h"
#include "monitor/sigma/sigma.h"

struct sigma_bench {
        struct arena *arena;
        struct sigma_scratch *scratch;
        struct yaml_file *files[4];
        size_t n_files;
        struct sigma_detection *detection;
        const struct sigma_options *options; /* for whole detections; NULL: none */
        struct err err;
};

static inline void sigma_bench_open(struct sigma_bench *b)
{
        *b = (struct sigma_bench){ .arena = arena_new(), .scratch = sigma_scratch_new() };
        cr_assert(b->arena && b->scratch);
}

static inline void sigma_bench_close(struct sigma_bench *b)
{
        sigma_detection_done(b->detection);
        for (size_t i = 0; i < b->n_files; i++)
                yaml_file_free(b->files[i]);
        sigma_scratch_free(b->scratch);
        arena_free(b->arena);
}

static inline const struct yaml *sigma_bench_yaml(struct sigma_bench *b, const char *text)
{
        struct err err = { 0 };

        cr_assert(b->n_files < ARRAY_LEN(b->files));
        cr_assert(yaml_parse(str_of(text), "test", &b->files[b->n_files], &err) >= 0, "%s: %s", text, err.text);
        cr_assert(b->files[b->n_files]->n > 0, "%s", text);
        return b->files[b->n_files++]->docs[0];
}

/* `text` is one selection, or a detection with its condition. The result of compiling. */
static inline int sigma_bench_compile(struct sigma_bench *b, const char *text, bool is_selection)
{
        const struct yaml *body = sigma_bench_yaml(b, text);

        if (is_selection)
                return sigma_selection_compile(b->arena, body, "rule.yml", &b->detection, &b->err);
        return sigma_detection_compile(b->arena, body, "rule.yml", b->options, &b->detection, &b->err);
}

/* ---- Records ---- */

static inline void sigma_record_add(struct sigma_bench *b, struct slot *slot, const struct yaml *value)
{
        CLEANUP(strbuf_done) struct strbuf json = STRBUF_INIT;
        enum value_kind kind = VALUE_STRING;
        struct str text = value->text;

        slot->is_present = true;
        switch (value->kind) {
        case YAML_LIST:
                for (size_t i = 0; i < value->n; i++)
                        sigma_record_add(b, slot, value->items[i]);
                return;
        case YAML_MAP:
                kind = VALUE_OBJECT;
                yaml_to_json(value, &json);
                text = arena_dup(b->arena, strbuf_str(&json));
                break;
        case YAML_NULL:
                kind = VALUE_NULL;
                text = STR("null");
                break;
        case YAML_BOOL: kind = VALUE_BOOL; break;
        case YAML_INT:
        case YAML_FLOAT:
                kind = VALUE_NUMBER;
                text = number_canonical(b->arena, text);
                break;
        case YAML_TEXT: break;
        }
        cr_assert_eq(slot_add(slot, b->arena, kind, text), 0);
}

static inline void sigma_record_walk(struct sigma_bench *b, struct slot *slot, const struct yaml *node, struct str path)
{
        struct str rest = path, name;

        if (node->kind == YAML_LIST)
                for (size_t i = 0; i < node->n; i++)
                        sigma_record_walk(b, slot, node->items[i], path);
        if (node->kind != YAML_MAP || !str_cut(&rest, '.', &name))
                return;
        for (size_t i = 0; i < node->n; i++)
                if (str_eq(node->pairs[i].key->text, name)) {
                        if (rest.p)
                                sigma_record_walk(b, slot, node->pairs[i].value, rest);
                        else
                                sigma_record_add(b, slot, node->pairs[i].value);
                }
}

static inline void sigma_record_leaves(struct sigma_bench *b, struct slot *slot, const struct yaml *node)
{
        for (size_t i = 0; node->kind == YAML_LIST && i < node->n; i++)
                sigma_record_leaves(b, slot, node->items[i]);
        for (size_t i = 0; node->kind == YAML_MAP && i < node->n; i++)
                sigma_record_leaves(b, slot, node->pairs[i].value);
        if (node->kind == YAML_TEXT || node->kind == YAML_INT || node->kind == YAML_FLOAT)
                sigma_record_add(b, slot, node);
}

static inline void sigma_record_fill(struct sigma_bench *b, struct slot *slot, const struct yaml *event, struct str field)
{
        const struct yaml *literal = yaml_get(event, field.p);

        if (literal)
                sigma_record_add(b, slot, literal);
        else
                sigma_record_walk(b, slot, event, field);
}

/* *ret_numbers: the slots of the detection's fields. */
static inline struct record sigma_bench_record(struct sigma_bench *b, const struct yaml *event, uint32_t **ret_numbers)
{
        size_t n = b->detection->n_fields;
        struct slot *slots = arena_array(b->arena, n, sizeof *slots), leaves = { 0 };
        struct record record = { .slots = slots, .n_slots = (uint32_t)n, .arena = b->arena };

        *ret_numbers = arena_array(b->arena, n, sizeof **ret_numbers);
        for (size_t i = 0; i < n; i++) {
                (*ret_numbers)[i] = (uint32_t)i;
                sigma_record_fill(b, &slots[i], event, b->detection->fields[i]);
        }
        if (b->detection->wants_leaves)
                sigma_record_leaves(b, &leaves, event);
        record.leaves = leaves.first;
        return record;
}

static inline bool sigma_bench_match(struct sigma_bench *b, const struct yaml *event)
{
        uint32_t *numbers;
        struct record record = sigma_bench_record(b, event, &numbers);

        return sigma_match(b->detection, &record, numbers, b->scratch);
}

static inline size_t sigma_bench_steps(struct sigma_bench *b, const struct yaml *event)
{
        uint32_t *numbers;
        struct record record = sigma_bench_record(b, event, &numbers);

        return sigma_steps(b->detection, &record, numbers, b->scratch);
}

/* ---- Tables of cases ---- */

struct sigma_case {
        const char *name, *selection, *event;
        bool matches;
};

static inline void sigma_case_check(const struct sigma_case *c)
{
        struct sigma_bench b;

        sigma_bench_open(&b);
        cr_expect(sigma_bench_compile(&b, c->selection, true) >= 0, "%s: %s", c->name, b.err.text);
        if (b.detection)
                cr_expect_eq(sigma_bench_match(&b, sigma_bench_yaml(&b, c->event)), c->matches, "%s: %s on %s", c->name,
                             c->selection, c->event);
        sigma_bench_close(&b);
}

/* What must not compile, and a part of what it must say. */
struct sigma_bad {
        const char *text, *says;
};

static inline void sigma_bad_check(const struct sigma_bad *c, bool is_selection)
{
        struct sigma_bench b;
        int r;

        sigma_bench_open(&b);
        r = sigma_bench_compile(&b, c->text, is_selection);
        cr_expect(r < 0, "%s compiles", c->text);
        if (r < 0) {
                cr_expect(strstr(b.err.text, c->says), "%s: \"%s\" does not say \"%s\"", c->text, b.err.text, c->says);
                cr_expect(b.err.line > 0 && b.err.col > 0 && strcmp(b.err.file, "rule.yml") == 0, "%s: no place",
                          c->text);
        }
        sigma_bench_close(&b);
}

#endif
