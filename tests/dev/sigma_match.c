/* SPDX-License-Identifier: Apache-2.0 */

/* For tests/dev/sigma-differential. Each line of the input is {"rules": [detection, …], "events": [{…}, …],
 * "placeholders": {…}}. Each line of the output is {"rules": [null or why it does not compile, …], "program": [[rule, …], …],
 * "tree": …}: for each event the rules that hit it, matched as one program and one by one. Of the program it is the answer of
 * a second turn over all events, which must be that of the first; the scratch is one for all lines, as that of a thread. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor/base/json_write.h"
#include "monitor/base/map.h"
#include "monitor/sigma/program.h"
#include "tests/unit/sigma_record.h"

enum { RULES_MAX = 1000, FIELDS_MAX = 2000 };

struct rule {
        struct sigma_detection *detection; /* NULL: does not compile */
        uint32_t *slots;
};

struct set {
        struct sigma_bench bench;
        struct sigma_options options;
        struct rule rules[RULES_MAX];
        size_t n;
        struct map numbers; /* field → slot + 1 */
        struct str fields[FIELDS_MAX];
        size_t n_fields;
        bool wants_leaves;
        struct sigma_program *program;
};

static uint32_t slot_of(struct set *s, struct str field)
{
        uintptr_t known = (uintptr_t)map_get(&s->numbers, field);

        if (known)
                return (uint32_t)(known - 1);
        cr_assert(s->n_fields < FIELDS_MAX);
        s->fields[s->n_fields++] = field;
        map_put(&s->numbers, field, (void *)s->n_fields);
        return (uint32_t)(s->n_fields - 1);
}

static void compile(struct set *s, const struct yaml *detection, struct json_writer *w)
{
        struct rule *rule = &s->rules[s->n++];
        struct err err = { 0 };
        int r = sigma_detection_compile(s->bench.arena, detection, "rule.yml", &s->options, &rule->detection, &err);

        if (r >= 0 && rule->detection->lacking.n > 0) {
                err_set(&err, -EBADMSG, "no values for %s", rule->detection->lacking.p);
                sigma_detection_done(rule->detection);
                rule->detection = NULL;
        }
        if (!rule->detection) {
                json_strz(w, err.text);
                return;
        }
        json_strz(w, NULL);
        rule->slots = arena_array(s->bench.arena, rule->detection->n_fields, sizeof *rule->slots);
        for (size_t i = 0; i < rule->detection->n_fields; i++)
                rule->slots[i] = slot_of(s, rule->detection->fields[i]);
        s->wants_leaves |= rule->detection->wants_leaves;
}

static void compile_all(struct set *s, const struct yaml *rules, struct json_writer *w)
{
        struct sigma_member *members = calloc(RULES_MAX, sizeof *members);
        size_t n = 0;

        cr_assert(rules->n <= RULES_MAX);
        for (size_t i = 0; i < rules->n; i++)
                compile(s, rules->items[i], w);
        for (size_t i = 0; i < s->n; i++)
                if (s->rules[i].detection)
                        members[n++] = (struct sigma_member){ .detection = s->rules[i].detection,
                                                              .slots = s->rules[i].slots,
                                                              .number = (uint32_t)i,
                                                              .gate = UINT32_MAX };
        cr_assert_eq(sigma_program_new(members, n, &s->program), 0);
        free(members);
}

/* The two answers need records of their own: what is known of a value is kept in it. */
static struct record make_record(struct set *s, const struct yaml *event)
{
        struct record record = { .slots = arena_array(s->bench.arena, s->n_fields, sizeof(struct slot)),
                                 .n_slots = (uint32_t)s->n_fields,
                                 .arena = s->bench.arena };
        struct slot leaves = { 0 };

        for (size_t i = 0; i < s->n_fields; i++)
                sigma_record_fill(&s->bench, &record.slots[i], event, s->fields[i]);
        if (s->wants_leaves)
                sigma_record_leaves(&s->bench, &leaves, event);
        record.leaves = leaves.first;
        return record;
}

static void write_program(struct set *s, const struct yaml *event, struct json_writer *w)
{
        struct record record = make_record(s, event);
        uint32_t hits[RULES_MAX];
        size_t n = sigma_program_match(s->program, &record, s->bench.scratch, hits, RULES_MAX);

        json_begin(w, '[');
        for (size_t i = 0; i < n; i++)
                json_int(w, hits[i]);
        json_end(w, ']');
}

/* The events again, when all were asked before. */
static void write_programs(struct set *s, const struct yaml *events, struct json_writer *w)
{
        CLEANUP(strbuf_done) struct strbuf first = STRBUF_INIT, second = STRBUF_INIT;
        struct strbuf *turns[] = { &first, &second };

        for (size_t turn = 0; turn < ARRAY_LEN(turns); turn++) {
                struct json_writer own = JSON_WRITER(turns[turn]);

                json_begin(&own, '[');
                for (size_t i = 0; i < events->n; i++)
                        write_program(s, events->items[i], &own);
                json_end(&own, ']');
        }
        cr_assert(str_eq(strbuf_str(&first), strbuf_str(&second)), "%s, again: %s", first.p, second.p);
        json_raw(w, strbuf_str(&second));
}

static void write_tree(struct set *s, const struct yaml *event, struct json_writer *w)
{
        struct record record = make_record(s, event);

        json_begin(w, '[');
        for (size_t i = 0; i < s->n; i++)
                if (s->rules[i].detection &&
                    sigma_match(s->rules[i].detection, &record, s->rules[i].slots, s->bench.scratch))
                        json_int(w, (int64_t)i);
        json_end(w, ']');
}

static void answer(const char *line, struct sigma_scratch *scratch)
{
        CLEANUP(strbuf_done) struct strbuf out = STRBUF_INIT;
        struct json_writer w = JSON_WRITER(&out);
        struct set *s = calloc(1, sizeof *s);
        const struct yaml *asked, *events;

        sigma_bench_open(&s->bench);
        sigma_scratch_free(s->bench.scratch);
        s->bench.scratch = scratch;
        asked = sigma_bench_yaml(&s->bench, line);
        events = yaml_get(asked, "events");
        s->options.placeholders = yaml_get(asked, "placeholders");
        json_begin(&w, '{');
        json_key(&w, "rules"), json_begin(&w, '[');
        compile_all(s, yaml_get(asked, "rules"), &w);
        json_end(&w, ']');
        json_key(&w, "program"), write_programs(s, events, &w);
        json_key(&w, "tree"), json_begin(&w, '[');
        for (size_t i = 0; i < events->n; i++)
                write_tree(s, events->items[i], &w);
        json_end(&w, ']');
        json_end(&w, '}');
        puts(out.p);
        fflush(stdout);
        sigma_program_free(s->program);
        for (size_t i = 0; i < s->n; i++)
                sigma_detection_done(s->rules[i].detection);
        map_done(&s->numbers);
        s->bench.scratch = NULL;
        sigma_bench_close(&s->bench);
        free(s);
}

int main(void)
{
        struct sigma_scratch *scratch = sigma_scratch_new();
        char *line = NULL;
        size_t size = 0;

        cr_assert(scratch);
        while (getline(&line, &size, stdin) > 0)
                answer(line, scratch);
        free(line);
        sigma_scratch_free(scratch);
        return 0;
}
