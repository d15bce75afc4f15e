/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_TESTS_FUZZ_SIGMA_RIG_H
#define SHOPBELL_TESTS_FUZZ_SIGMA_RIG_H

/* For the fuzz targets of sigma/: a record with named fields, and the detections that are put to it, one by one and as a
 * program. Whatever must hold is checked with rig_check(), which aborts. */

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "monitor/base/number.h"
#include "monitor/base/utf8.h"
#include "monitor/sigma/explain.h"
#include "monitor/sigma/lint.h"
#include "monitor/sigma/program.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { RIG_SLOTS = 12, RIG_MEMBERS_MAX = 64 };

/* Slot i is the field of that name; the rest of a rule's fields is missing. */
static const char *const rig_names[RIG_SLOTS] = { "a",         "b",           "c",    "d",  "a.b", "b.a",
                                                  "eventName", "eventSource", "user", "ip", "n",   "t" };

struct rig {
        struct arena *arena;
        struct sigma_scratch *scratch;
        struct slot slots[RIG_SLOTS], leaves;
        struct record record;
        struct sigma_member members[RIG_MEMBERS_MAX];
        const struct sigma_rule *rules[RIG_MEMBERS_MAX]; /* of the members; NULL: only a detection */
        uint32_t n;
};

static inline void rig_check(bool holds)
{
        if (!holds)
                abort();
}

static inline struct str rig_text(const uint8_t *data, size_t n)
{
        return n > 0 ? str_from((const char *)data, n) : STR("");
}

static inline void rig_open(struct rig *rig)
{
        *rig = (struct rig){ .arena = arena_new(), .scratch = sigma_scratch_new() };
        rig_check(rig->arena && rig->scratch);
        rig->record = (struct record){
                .source = "fuzz", .slots = rig->slots, .n_slots = RIG_SLOTS, .arena = rig->arena
        };
}

static inline void rig_close(struct rig *rig)
{
        sigma_scratch_free(rig->scratch);
        arena_free(rig->arena);
}

static inline uint32_t rig_slot(struct str name)
{
        for (uint32_t i = 0; i < RIG_SLOTS; i++)
                if (str_eq(name, str_of(rig_names[i])))
                        return i;
        return UINT32_MAX;
}

/* One more value of a field; texts and numbers are found by keywords as well. */
static inline void rig_value(struct rig *rig, uint32_t slot, enum value_kind kind, struct str text)
{
        rig->slots[slot].is_present = true;
        rig_check(slot_add(&rig->slots[slot], rig->arena, kind, text) == 0);
        if (kind == VALUE_STRING || kind == VALUE_NUMBER)
                rig_check(slot_add(&rig->leaves, rig->arena, kind, text) == 0);
        rig->record.leaves = rig->leaves.first;
}

static inline void rig_member(struct rig *rig, const struct sigma_detection *d, const struct sigma_rule *rule)
{
        uint32_t *slots;

        if (rig->n == RIG_MEMBERS_MAX || d->lacking.n > 0)
                return;
        slots = arena_array(rig->arena, d->n_fields, sizeof *slots);
        rig_check(slots);
        for (size_t i = 0; i < d->n_fields; i++)
                slots[i] = rig_slot(d->fields[i]);
        rig->rules[rig->n] = rule;
        rig->members[rig->n] = (struct sigma_member){ d, slots, rig->n, UINT32_MAX, STR_NONE };
        rig->n++;
}

/* Every member must get the same answer alone, in the program, and where it is explained. The answers are left in `holds`. */
static inline void rig_match(struct rig *rig, bool holds[RIG_MEMBERS_MAX])
{
        CLEANUP(sigma_program_freep) struct sigma_program *program = NULL;
        uint32_t hits[RIG_MEMBERS_MAX];
        size_t n, next = 0;

        rig_check(sigma_program_new(rig->members, rig->n, &program) == 0);
        n = sigma_program_match(program, &rig->record, rig->scratch, hits, RIG_MEMBERS_MAX);
        rig_check(n <= rig->n);
        for (uint32_t i = 0; i < rig->n; i++) {
                const struct sigma_member *m = &rig->members[i];
                bool is_hit = next < n && hits[next] == i;

                next += is_hit;
                holds[i] = sigma_match(m->detection, &rig->record, m->slots, rig->scratch);
                rig_check(holds[i] == is_hit);
        }
        rig_check(next == n && sigma_program_match(program, &rig->record, rig->scratch, NULL, 0) == n);
}

static inline void rig_explain(struct rig *rig, const bool holds[RIG_MEMBERS_MAX])
{
        for (uint32_t i = 0; i < rig->n; i++) {
                CLEANUP(strbuf_done) struct strbuf out = STRBUF_INIT;
                struct sigma_explanation told;

                if (!rig->rules[i])
                        continue;
                told = sigma_explain(rig->rules[i], &rig->record, rig->members[i].slots, rig->scratch, &out);
                rig_check(told.holds == holds[i] && told.nearness >= 0 && told.nearness <= 1 &&
                          (!told.holds || told.nearness == 1));
                rig_check(utf8_is_valid(strbuf_str(&out)));
        }
}

/* ---- What the linter says must be so ---- */

struct rig_verdict {
        bool never_true, always_true;
};

static inline void rig_found(void *userdata, const char *check, unsigned line, unsigned col, const char *text)
{
        struct rig_verdict *v = userdata;

        rig_check(line > 0 && col > 0 && *text);
        v->never_true |= strcmp(check, "never-true") == 0;
        v->always_true |= strcmp(check, "always-true") == 0;
}

static inline struct rig_verdict rig_lint(const struct sigma_rule *rule)
{
        struct rig_verdict v = { 0 };

        rig_check(sigma_lint(rule, rig_found, &v) == 0);
        return v;
}

static inline void rig_verdict_check(struct rig_verdict v, bool holds)
{
        rig_check(!(v.never_true && holds) && !(v.always_true && !holds));
}

/* ---- Errors ---- */

static inline void rig_errors_check(const struct err_list *list)
{
        for (size_t i = 0; i < list->n; i++)
                rig_check(list->items[i].text[0] && list->items[i].code <= 0);
}

#endif
