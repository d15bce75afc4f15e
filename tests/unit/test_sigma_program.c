/* SPDX-License-Identifier: Apache-2.0 */

/* Programs of several detections; tests/dev/sigma-differential and the integration tests compare them with matching one by
 * one, over many more. */

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor/sigma/program.h"

enum { MAX = 16, SLOTS = 4 }; /* fields a, b, c and the gate */

struct bench {
        struct arena *arena;
        struct sigma_file *files[MAX];
        uint32_t slots[MAX][8];
        struct sigma_member members[MAX];
        size_t n;
        struct sigma_program *program;
        struct sigma_scratch *scratch;
        struct record record;
        struct slot fields[SLOTS];
};

static void add(struct bench *b, const char *detection)
{
        struct strbuf text = STRBUF_INIT;
        struct sigma_member *m = &b->members[b->n];

        strbuf_addf(&text, "title: A\nlevel: low\nlogsource: {product: p}\ndetection: %s\n", detection);
        cr_assert_eq(sigma_file_parse(strbuf_str(&text), "t.yml", NULL, &b->files[b->n], NULL, NULL), 0, "%s",
                     detection);
        *m = (struct sigma_member){ .detection = b->files[b->n]->rules[0]->detection,
                                    .slots = b->slots[b->n],
                                    .number = (uint32_t)(10 * b->n),
                                    .gate = UINT32_MAX };
        for (size_t i = 0; i < m->detection->n_fields; i++) {
                char name = m->detection->fields[i].p[0];

                b->slots[b->n][i] = name >= 'a' && name < 'a' + SLOTS ? (uint32_t)(name - 'a') : UINT32_MAX;
        }
        b->n++;
        strbuf_done(&text);
}

static void begin(struct bench *b)
{
        *b = (struct bench){ .arena = arena_new(), .scratch = sigma_scratch_new() };
        b->record = (struct record){ .slots = b->fields, .n_slots = SLOTS, .arena = b->arena };
}

static void compile(struct bench *b)
{
        cr_assert_eq(sigma_program_new(b->members, b->n, &b->program), 0);
}

static void done(struct bench *b)
{
        sigma_program_free(b->program);
        for (size_t i = 0; i < b->n; i++)
                sigma_file_free(b->files[i]);
        sigma_scratch_free(b->scratch);
        arena_free(b->arena);
}

static void set(struct bench *b, char field, const char *value)
{
        struct slot *slot = &b->fields[field - 'a'];

        *slot = (struct slot){ 0 };
        if (value)
                slot_add(slot, b->arena, VALUE_STRING, str_of(value));
}

/* "0 20 " for the numbers that hit. */
static const char *hits(struct bench *b)
{
        static char text[200];
        uint32_t found[MAX];
        size_t n = sigma_program_match(b->program, &b->record, b->scratch, found, MAX), at = 0;

        text[0] = '\0';
        for (size_t i = 0; i < n; i++)
                at += (size_t)snprintf(text + at, sizeof text - at, "%u ", found[i]);
        return text;
}

Test(sigma_program, shares_and_answers_in_order)
{
        struct bench b;

        begin(&b);
        add(&b, "{s: {a|contains: bc}, condition: s}");
        add(&b, "{s: {a: abcd}, condition: s}");
        add(&b, "{s: {a|contains: bc}, t: {b: x}, condition: s and t}");
        add(&b, "{s: {b: null}, condition: s}");
        add(&b, "{s: {a: abcd}, t: {b|re: '^x$'}, condition: s and not t}");
        add(&b, "{s: {nowhere: abcd}, condition: s}");
        compile(&b);
        cr_expect_eq(sigma_program_size(b.program).tests, 6); /* a ~ bc, a = abcd, b = x, b null, b ~ x, nowhere */
        cr_expect_eq(sigma_program_size(b.program).always, 1); /* b: null can hold where nothing is */
        cr_expect_gt(sigma_program_size(b.program).bytes, 0);
        cr_expect_str_eq(hits(&b), "30 ");
        set(&b, 'a', "ABCD");
        cr_expect_str_eq(hits(&b), "0 10 30 40 ");
        set(&b, 'b', "x");
        cr_expect_str_eq(hits(&b), "0 10 20 ");
        set(&b, 'a', "xbc");
        cr_expect_str_eq(hits(&b), "0 20 ");
        set(&b, 'a', "b c");
        cr_expect_str_eq(hits(&b), "");
        done(&b);
}

Test(sigma_program, a_gate_must_hold_too)
{
        struct bench b;

        begin(&b);
        add(&b, "{s: {a: x}, condition: s}");
        add(&b, "{s: {a: x}, condition: not s}");
        for (size_t i = 0; i < 2; i++) {
                b.members[i].gate = 3;
                b.members[i].gate_text = STR("login");
        }
        compile(&b);
        cr_expect_eq(sigma_program_size(b.program).always, 0);
        set(&b, 'a', "x");
        cr_expect_str_eq(hits(&b), "");
        set(&b, 'd', "login");
        cr_expect_str_eq(hits(&b), "0 ");
        set(&b, 'a', "y");
        cr_expect_str_eq(hits(&b), "10 ");
        set(&b, 'd', "grant");
        cr_expect_str_eq(hits(&b), "");
        done(&b);
}

Test(sigma_program, comparisons)
{
        static const struct {
                const char *value, *hits;
        } cases[] = {
                { "4", "0 10 " }, { "5", "10 30 " },      { "5.0", "10 30 " },  { "6", "20 30 " },
                { "x", "" },      { "1e1", "20 30 40 " }, { "9.99", "20 30 " }, { "-3", "0 10 " },
        };
        struct bench b;

        begin(&b);
        add(&b, "{s: {a|lt: 5}, condition: s}");
        add(&b, "{s: {a|lte: 5}, condition: s}");
        add(&b, "{s: {a|gt: 5}, condition: s}");
        add(&b, "{s: {a|gte: 5}, condition: s}");
        add(&b, "{s: {a|gte: 10}, condition: s}");
        compile(&b);
        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                set(&b, 'a', cases[i].value);
                cr_expect_str_eq(hits(&b), cases[i].hits, "%s: %s", cases[i].value, hits(&b));
        }
        done(&b);
}

static void set_kind(struct bench *b, char field, enum value_kind kind, const char *text)
{
        struct slot *slot = &b->fields[field - 'a'];

        *slot = (struct slot){ 0 };
        slot_add(slot, b->arena, kind, str_of(text));
}

Test(sigma_program, a_value_that_comes_again)
{
        static const struct {
                const char *value, *hits;
        } cases[] = {
                { "abcd", "0 10 " }, { "ABCD", "0 10 " }, { "Xbc", "0 20 " },   { "xbc", "0 " },
                { "", "" },          { "5", "30 40 " },   { "5.0", "30 40 " },  { "192.0.2.7", "50 " },
                { "6", "30 " },      { "", "" },          { "abcd ", "0 " },    { "4", "" },
        };
        struct bench b;

        begin(&b);
        add(&b, "{s: {a|contains: bc}, condition: s}");
        add(&b, "{s: {a: abcd}, condition: s}");
        add(&b, "{s: {a|cased: Xbc}, condition: s}");
        add(&b, "{s: {a|gte: 5}, condition: s}");
        add(&b, "{s: {a: ['5', '5.0']}, condition: s}");
        add(&b, "{s: {a|cidr: 192.0.2.0/24}, condition: s}");
        compile(&b);
        for (size_t turn = 0; turn < 3; turn++)
                for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                        set(&b, 'a', cases[i].value);
                        cr_expect_str_eq(hits(&b), cases[i].hits, "%zu, %s: %s", turn, cases[i].value, hits(&b));
                }
        done(&b);
}

Test(sigma_program, a_text_that_comes_again_as_another_kind)
{
        static const struct {
                enum value_kind kind;
                const char *text, *hits;
        } cases[] = {
                { VALUE_STRING, "5", "0 10 " },     { VALUE_NUMBER, "5", "0 10 " },   { VALUE_STRING, "true", "20 " },
                { VALUE_BOOL, "true", "20 " },      { VALUE_STRING, "null", "30 " },  { VALUE_NULL, "null", "" },
                { VALUE_STRING, "1.2.3.4", "40 " }, { VALUE_OBJECT, "1.2.3.4", "" },  { VALUE_BOOL, "5", "0 " },
        };
        struct bench b;

        begin(&b);
        add(&b, "{s: {a|startswith: '5'}, condition: s}");
        add(&b, "{s: {a|gte: 5}, condition: s}");
        add(&b, "{s: {a: 'true'}, condition: s}");
        add(&b, "{s: {a: 'null'}, condition: s}");
        add(&b, "{s: {a|cidr: 1.2.3.0/24}, condition: s}");
        compile(&b);
        for (size_t turn = 0; turn < 3; turn++)
                for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                        set_kind(&b, 'a', cases[i].kind, cases[i].text);
                        cr_expect_str_eq(hits(&b), cases[i].hits, "%zu, %s: %s", turn, cases[i].text, hits(&b));
                }
        done(&b);
}

/* Programs that come and go, likely with their indexes at the same addresses, as the daemon reloads; and one that stays. */
Test(sigma_program, programs_that_share_a_scratch)
{
        static const char *const detections[] = { "{s: {a: abc}, condition: s}", "{s: {a: abd}, condition: s}",
                                                  "{s: {a|contains: c}, condition: s}" };
        static const char *const expected[] = { "0 ", "", "0 " };
        struct bench stays, b;

        begin(&stays);
        add(&stays, "{s: {b: abc}, condition: s}");
        add(&stays, "{s: {a: abc}, t: {b: abc}, condition: s and t}");
        compile(&stays);
        set(&stays, 'b', "abc");
        for (size_t i = 0; i < 30; i++) {
                begin(&b);
                add(&b, detections[i % 3]);
                compile(&b);
                set(&b, 'a', "abc");
                for (size_t turn = 0; turn < 2; turn++) {
                        struct sigma_scratch *own = b.scratch;

                        b.scratch = stays.scratch;
                        cr_expect_str_eq(hits(&b), expected[i % 3], "program %zu, turn %zu", i, turn);
                        b.scratch = own;
                        cr_expect_str_eq(hits(&stays), "0 ");
                }
                done(&b);
        }
        done(&stays);
}

Test(sigma_program, nothing_and_too_little_room)
{
        struct bench b;
        uint32_t one[1] = { 99 };

        begin(&b);
        compile(&b);
        cr_expect_str_eq(hits(&b), "");
        sigma_program_free(b.program);
        add(&b, "{s: {a|exists: true}, condition: s}");
        add(&b, "{s: {a|exists: true}, condition: s}");
        compile(&b);
        set(&b, 'a', "");
        cr_expect_eq(sigma_program_match(b.program, &b.record, b.scratch, one, 0), 2);
        cr_expect_eq(one[0], 99);
        cr_expect_eq(sigma_program_match(b.program, &b.record, b.scratch, one, 1), 2);
        cr_expect_eq(one[0], 0);
        done(&b);
}
