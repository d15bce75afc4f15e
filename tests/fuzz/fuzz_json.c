/* SPDX-License-Identifier: Apache-2.0 */

/* Fuzz target of the JSON reader. The first byte chooses the plan, the second what stands behind the document; the rest
 * is the document. It is read twice with one reader, whose second answer must be the first one again.
 *
 *     clang -g -fsanitize=fuzzer,address,undefined …      to search
 *     onefile.c instead of -fsanitize=fuzzer              to run a corpus or a crash again, with any compiler */

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "monitor/base/utf8.h"
#include "parsers/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum {
        PLAN_LEAVES = 1,
        PLAN_ENVELOPE = 2,
        PLAN_FAN_OUT = 4,
        PLAN_PAIRS = 8,
        PLAN_TEXT = 16,
        PLAN_DEEP_ENVELOPE = 32,
        PLANS = 64,
        FIELDS_MAX = 24,
};

static const char *const fields[] = { "a",   "a.b",   "a.b.c", "e",        "e.x",   "e.p",   "e.p.k",     "e.p.k.x",
                                      "p.k", "p.j.x", "t",     "t.x",      "t.t",   "t.t.x", "t.e.x",     "",
                                      "b",   "R",     "R.a",   "\xc3\xa9", "a.a.a", "x\\y",  "long_name", "long_nbme" };

struct seen {
        struct str text;
        const struct arena *arena;
        uint32_t n_slots;
        uint64_t records, sum;
        bool may_copy; /* records may lie elsewhere: of a text that was repaired, or in a string */
};

static void check(bool holds)
{
        if (!holds)
                abort();
}

static void add(struct seen *seen, struct str text)
{
        for (size_t i = 0; i < text.n; i++)
                seen->sum = (seen->sum ^ (unsigned char)text.p[i]) * UINT64_C(1099511628211);
        seen->sum += text.n;
}

static void add_values(struct seen *seen, struct value *first, struct arena *arena)
{
        for (struct value *v = first; v; v = v->next) {
                check(v->text.p && utf8_is_valid(v->text) && v->text.n <= VALUE_BYTES_MAX);
                seen->sum += (uint64_t)v->kind;
                add(seen, v->text);
                if (v->kind == VALUE_OBJECT)
                        add(seen, value_text(v, arena));
        }
}

static int on_record(void *userdata, struct record *record, uint32_t sub)
{
        struct seen *seen = userdata;

        check(record->n_slots == seen->n_slots && record->raw.n >= 2);
        check(*record->raw.p == '{' && record->raw.p[record->raw.n - 1] == '}');
        check(seen->may_copy ||
              (record->raw.p >= seen->text.p && record->raw.p + record->raw.n <= seen->text.p + seen->text.n));
        for (uint32_t i = 0; i < record->n_slots; i++) {
                const struct slot *slot = &record->slots[i];
                uint32_t n = 0;

                for (const struct value *v = slot->first; v; v = v->next)
                        n++;
                check(n == slot->n && (n == 0 || slot->is_present) && (i >= _ECS_MAX || !slot->is_present));
                add_values(seen, slot->first, record->arena);
                seen->sum += slot->is_present;
        }
        add_values(seen, record->leaves, record->arena);
        seen->records++;
        seen->sum += sub;
        return 0;
}

static struct json_plan *make_plan(unsigned kind)
{
        static const struct str values[] = { { "value", 5 }, { "multi", 5 } };
        struct json_plan *plan = json_plan_new();
        int r = plan ? 0 : -ENOMEM;

        for (uint32_t i = 0; i < FIELDS_MAX && r >= 0; i++)
                r = json_plan_want(plan, str_of(fields[i]), _ECS_MAX + i);
        if (r >= 0 && kind & PLAN_LEAVES)
                json_plan_want_leaves(plan);
        if (r >= 0 && kind & (PLAN_ENVELOPE | PLAN_DEEP_ENVELOPE))
                r = json_plan_envelope(plan, kind & PLAN_DEEP_ENVELOPE ? STR("R.b") : STR("R"));
        if (r >= 0 && kind & PLAN_ENVELOPE && kind & PLAN_DEEP_ENVELOPE)
                r = json_plan_envelope(plan, STR("t"));
        if (r >= 0 && kind & PLAN_FAN_OUT)
                r = json_plan_fan_out(plan, STR("e"));
        if (r >= 0 && kind & PLAN_PAIRS)
                r = json_plan_pairs(plan, STR("e.p"), STR("name"), values, 2);
        if (r >= 0 && kind & PLAN_PAIRS)
                r = json_plan_pairs(plan, STR("p"), STR("name"), values, 2);
        if (r >= 0 && kind & PLAN_TEXT)
                r = json_plan_text(plan, STR("t"));
        if (r >= 0 && kind & PLAN_TEXT)
                r = json_plan_text(plan, STR("t.t"));
        check(r >= 0);
        return plan;
}

static int read_once(struct json_reader *reader, const struct json_plan *plan, unsigned kind, struct str text, struct seen *ret)
{
        struct arena *arena = arena_new();
        struct counters counters = { { 0 } };
        int r;

        check(arena);
        *ret = (struct seen){ .text = text, .arena = arena, .n_slots = _ECS_MAX + FIELDS_MAX };
        ret->may_copy = kind & (PLAN_ENVELOPE | PLAN_DEEP_ENVELOPE) || !utf8_is_valid(text);
        r = json_read(reader, plan, text, arena, ret->n_slots, &counters, on_record, ret);
        check(r == 0 || r == -EBADMSG || r == -E2BIG);
        for (int i = 0; i < _COUNTER_MAX; i++)
                ret->sum = ret->sum * 31 + counters.n[i];
        arena_free(arena);
        return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
        static struct json_plan *plans[PLANS];
        static struct json_reader *reader;
        struct seen first, second;
        struct str text;
        unsigned kind;
        char *bytes;

        if (n < 2)
                return 0;
        if (!reader)
                reader = json_reader_new();
        check(reader);
        kind = data[0] % PLANS;
        if (!plans[kind])
                plans[kind] = make_plan(kind);
        bytes = malloc(n - 2 + RAW_PADDING);
        check(bytes);
        memcpy(bytes, data + 2, n - 2);
        memset(bytes + n - 2, data[1], RAW_PADDING);
        text = str_from(bytes, n - 2);
        check(read_once(reader, plans[kind], kind, text, &first) == read_once(reader, plans[kind], kind, text, &second));
        check(first.records == second.records && first.sum == second.sum);
        free(bytes);
        return 0;
}
