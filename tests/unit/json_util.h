/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_TESTS_JSON_UTIL_H
#define SHOPBELL_TESTS_JSON_UTIL_H

/* For tests of the JSON reader. Most are rows: a plan, a document, and all that comes out of it as one line of text:
 *
 *     a='x',5,null b= | 1:a=<{"k":1}> ~'x',5 !EBADMSG
 *
 * Fields that are present, with their values: strings in '', objects in <>. Records are split by " | "; those of a
 * fan-out but the first have their number in front. "~" goes before the leaves, "!" before the error, and "+NAME" is a
 * counter that went up. */

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "parsers/json.h"

enum { FIELDS_MAX = 16, SLOTS = _ECS_MAX + FIELDS_MAX };

struct plan {
        const char *fields; /* "a b.c" */
        const char *envelope, *fan_out, *text, *text2, *envelope2; /* NULL: none */
        const char *named_at; /* name `name`, the element is the value */
        const char *pairs_at; /* name `name`, values `value`, `multi`, `int` */
        bool leaves;
};

struct row {
        struct plan plan;
        const char *document, *want;
};

struct fixture {
        struct json_plan *plan;
        struct json_reader *reader;
        struct arena *arena;
        struct counters counters;
        struct strbuf out;
        struct str names[FIELDS_MAX];
        uint32_t n_names;
        struct str text; /* the document, exactly RAW_PADDING bytes behind it */
        char *bytes;
        char padding; /* what it is filled with */
        int r, fail_at; /* the record function fails at this record, from 1; 0: never */
        unsigned n;
};

static inline void make_plan(struct fixture *f, const struct plan *plan)
{
        static const struct str values[] = { { "value", 5 }, { "multi", 5 }, { "int", 3 } };
        struct str rest = str_of(plan->fields), name;
        int r = 0;

        f->plan = json_plan_new();
        cr_assert(f->plan);
        while (rest.p && rest.n > 0 && str_cut(&rest, ' ', &name)) {
                r |= json_plan_want(f->plan, name, _ECS_MAX + f->n_names);
                f->names[f->n_names++] = name;
        }
        if (plan->envelope)
                r |= json_plan_envelope(f->plan, str_of(plan->envelope));
        if (plan->named_at)
                r |= json_plan_pairs(f->plan, str_of(plan->named_at), STR("name"), NULL, 0);
        if (plan->envelope2)
                r |= json_plan_envelope(f->plan, str_of(plan->envelope2));
        if (plan->fan_out)
                r |= json_plan_fan_out(f->plan, str_of(plan->fan_out));
        if (plan->text)
                r |= json_plan_text(f->plan, str_of(plan->text));
        if (plan->text2)
                r |= json_plan_text(f->plan, str_of(plan->text2));
        if (plan->pairs_at)
                r |= json_plan_pairs(f->plan, str_of(plan->pairs_at), STR("name"), values, 3);
        if (plan->leaves)
                json_plan_want_leaves(f->plan);
        cr_assert(r == 0);
}

static inline void open_fixture(struct fixture *f, const struct plan *plan)
{
        *f = (struct fixture){ .reader = json_reader_new(), .arena = arena_new(), .padding = '}' };
        make_plan(f, plan);
        cr_assert(f->reader && f->arena);
}

static inline void close_fixture(struct fixture *f)
{
        json_reader_free(f->reader);
        json_plan_free(f->plan);
        arena_free(f->arena);
        strbuf_done(&f->out);
        free(f->bytes);
}

static inline void print_value(struct strbuf *out, const struct value *v)
{
        static const char *const open[] = { "", "'", "", "", "<" }, *const close[] = { "", "'", "", "", ">" };

        strbuf_addz(out, open[v->kind]);
        strbuf_add(out, v->text);
        strbuf_addz(out, close[v->kind]);
        if (v->next)
                strbuf_addc(out, ',');
}

static inline int print_record(void *userdata, struct record *record, uint32_t sub)
{
        struct fixture *f = userdata;
        const char *space = "";

        if (f->n++ > 0)
                strbuf_addz(&f->out, " | ");
        if (sub > 0)
                strbuf_addf(&f->out, "%u:", sub);
        cr_expect(record->n_slots == SLOTS && record->arena == f->arena && record->time == USEC_NONE);
        for (uint32_t i = 0; i < SLOTS; i++) {
                const struct slot *slot = &record->slots[i];
                uint32_t n = 0;

                for (const struct value *v = slot->first; v; v = v->next)
                        n++;
                cr_expect(n == slot->n && (n == 0 || slot->is_present) && (i >= _ECS_MAX || !slot->is_present));
                if (!slot->is_present)
                        continue;
                strbuf_addf(&f->out, "%s" STR_FMT "=", space, STR_ARG(f->names[i - _ECS_MAX]));
                space = " ";
                for (const struct value *v = slot->first; v; v = v->next)
                        print_value(&f->out, v);
        }
        if (record->leaves)
                strbuf_addf(&f->out, "%s~", space);
        for (const struct value *v = record->leaves; v; v = v->next)
                print_value(&f->out, v);
        return f->fail_at && f->n == (unsigned)f->fail_at ? -ECANCELED : 0;
}

static inline void set_text(struct fixture *f, struct str text)
{
        free(f->bytes);
        f->bytes = malloc(text.n + RAW_PADDING);
        cr_assert(f->bytes);
        memcpy(f->bytes, text.p, text.n);
        memset(f->bytes + text.n, f->padding, RAW_PADDING);
        f->text = str_from(f->bytes, text.n);
}

static inline int read_with(struct fixture *f, json_record_fn *fn)
{
        f->n = 0;
        f->counters = (struct counters){ { 0 } };
        strbuf_clear(&f->out);
        f->r = json_read(f->reader, f->plan, f->text, f->arena, SLOTS, &f->counters, fn, f);
        return f->r;
}

/* Everything that comes out, as text. */
static inline const char *read_text(struct fixture *f, struct str text)
{
        set_text(f, text);
        read_with(f, print_record);
        if (f->r < 0)
                strbuf_addf(&f->out, "%s!%s", f->out.n ? " " : "", strerrorname_np(-f->r));
        for (size_t i = 0; i < _COUNTER_MAX; i++)
                if (f->counters.n[i])
                        strbuf_addf(&f->out, "%s+%s", f->out.n ? " " : "", counter_name((enum counter)i));
        return f->out.p ? f->out.p : "";
}

static inline void check_rows(const struct row *rows, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                struct fixture f;
                const char *got;

                open_fixture(&f, &rows[i].plan);
                got = read_text(&f, str_of(rows[i].document));
                cr_expect(strcmp(got, rows[i].want) == 0, "%s\n    gives %s\n    not   %s", rows[i].document, got,
                          rows[i].want);
                close_fixture(&f);
        }
}

#define CHECK_ROWS(rows) check_rows((rows), sizeof(rows) / sizeof *(rows))

/* Gives the last record to a struct record *. */
static inline int keep_record(void *userdata, struct record *record, uint32_t sub)
{
        (void)sub;
        *(struct record **)userdata = record;
        return 0;
}

#endif
