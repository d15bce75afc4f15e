/* SPDX-License-Identifier: Apache-2.0 */

/* One entry of a selection's map, "field|modifiers": value or values, compiled to tests (Sigma digest, Detection items
 * and Modifiers). */

#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "monitor/base/number.h"
#include "monitor/sigma/expand.h"
#include "monitor/sigma/expression.h"
#include "monitor/sigma/modifier.h"

/* ---- Compiler ---- */

int compiler_fail(struct compiler *c, const struct yaml *at, const char *fmt, ...)
{
        char text[ERR_TEXT_BYTES];
        va_list ap;

        va_start(ap, fmt);
        vsnprintf(text, sizeof text, fmt, ap);
        va_end(ap);
        return err_at(c->err, -EBADMSG, c->file, at->line, at->col, "%s", text);
}

int compiler_oom(struct compiler *c)
{
        return err_set(c->err, -ENOMEM, "out of memory");
}

void compiler_done(struct compiler *c)
{
        map_done(&c->fields);
        arena_free(c->scratch);
        strbuf_done(&c->expanded);
        strbuf_done(&c->lacking);
}

uint32_t compiler_field(struct compiler *c, struct str name)
{
        struct sigma_detection *d = c->detection;
        uintptr_t known = (uintptr_t)map_get(&c->fields, name);

        if (known)
                return (uint32_t)(known - 1);
        if (d->n_fields == c->cap_fields) {
                size_t cap = c->cap_fields ? 2 * c->cap_fields : 8;
                struct str *fields = arena_array(c->arena, cap, sizeof *fields);

                if (!fields)
                        return UINT32_MAX;
                if (d->n_fields > 0)
                        memcpy(fields, d->fields, d->n_fields * sizeof *fields);
                d->fields = fields;
                c->cap_fields = cap;
        }
        d->fields[d->n_fields] = arena_dup(c->arena, name);
        if (!d->fields[d->n_fields].p || map_put(&c->fields, name, (void *)(uintptr_t)(d->n_fields + 1)) < 0)
                return UINT32_MAX;
        return (uint32_t)d->n_fields++;
}

struct sigma_node *node_new(struct compiler *c, enum node_kind kind, size_t n)
{
        struct sigma_node *node = arena_alloc(c->arena, sizeof *node);

        if (!node)
                return NULL;
        *node = (struct sigma_node){ .kind = kind, .n = n };
        node->children = arena_array(c->arena, n, sizeof *node->children);
        return node->children ? node : NULL;
}

/* ---- Values ---- */

struct item_compiler {
        struct compiler *c;
        struct str field;
        struct modifiers m;
};

/* A number's text as records have it: 5.0 is "5". */
static struct str value_as_text(struct item_compiler *ic, const struct yaml *value)
{
        if (value->kind == YAML_BOOL && ecs_is_yes_no(ic->field)) /* plain yes and no are YAML's true and false */
                return value->flag ? STR("yes") : STR("no");
        return value->kind == YAML_FLOAT && number_is_valid(value->text) ? number_canonical(ic->c->arena, value->text)
                                                                         : value->text;
}

static int compile_cidr(struct item_compiler *ic, const struct yaml *value, struct test *t)
{
        char text[INET6_ADDRSTRLEN + 8];
        uint64_t bits;
        size_t slash = str_find(value->text, STR("/"));
        struct str address = str_from(value->text.p, size_min(slash, value->text.n));
        unsigned max;

        if (address.n >= sizeof text)
                return compiler_fail(ic->c, value, "cidr: no network; write 192.0.2.0/24 or 2001:db8::/32");
        memcpy(text, address.p, address.n);
        text[address.n] = '\0';
        t->cidr.family = strchr(text, ':') ? AF_INET6 : AF_INET;
        max = t->cidr.family == AF_INET ? 32 : 128;
        bits = max;
        if (inet_pton(t->cidr.family, text, t->cidr.address) != 1 ||
            (slash != SIZE_MAX &&
             (str_to_u64(str_from(value->text.p + slash + 1, value->text.n - slash - 1), &bits) < 0 || bits > max)))
                return compiler_fail(ic->c, value, "cidr: no network; write 192.0.2.0/24 or 2001:db8::/32");
        t->cidr.bits = (unsigned)bits;
        for (unsigned bit = t->cidr.bits; bit < max; bit++)
                t->cidr.address[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
        return 0;
}

static int compile_number(struct item_compiler *ic, const struct yaml *value, struct test *t)
{
        t->kind = ic->m.part ? TEST_TIME : TEST_NUMBER;
        t->part = ic->m.part ? (enum time_part)ic->m.part->value : PART_MINUTE;
        t->compare = ic->m.order ? (enum compare)ic->m.order->value : COMPARE_EQ;
        if (value->kind == YAML_BOOL || !number_is_valid(value->text))
                return compiler_fail(ic->c, value, "%s needs a number", (ic->m.order ? ic->m.order : ic->m.part)->name);
        t->number = arena_dup(ic->c->arena, value->text);
        return t->number.p ? 0 : compiler_oom(ic->c);
}

/* Long values cost memory as many do: characters, many times their bytes. */
static int weigh(struct item_compiler *ic, const struct yaml *value, size_t n_chars)
{
        ic->c->n_tests += n_chars / SIGMA_TEST_CHARS;
        return ic->c->n_tests <= SIGMA_TESTS_MAX
                       ? 0
                       : compiler_fail(ic->c, value,
                                       "more than %d values in one rule, or too long ones (%d characters count as one)",
                                       SIGMA_TESTS_MAX, SIGMA_TEST_CHARS);
}

static int compile_other(struct item_compiler *ic, const struct yaml *value, struct test *t)
{
        unsigned flags = ic->m.flags;

        if (weigh(ic, value, value->text.n) < 0)
                return -EBADMSG;
        if (!ic->m.test)
                return compile_number(ic, value, t);
        t->kind = (enum test_kind)ic->m.test->value;
        switch (t->kind) {
        case TEST_REGEX:
                return expression_compile(ic->c, value, value->text, flags & FLAG_I, flags & FLAG_M, flags & FLAG_S,
                                          &t->expression);
        case TEST_CIDR: return compile_cidr(ic, value, t);
        case TEST_FIELDREF:
                t->affix = ic->m.affix ? (enum affix)ic->m.affix->value : AFFIX_NONE;
                t->field = compiler_field(ic->c, value->text);
                return t->field == UINT32_MAX ? compiler_oom(ic->c) : 0;
        default: return compiler_fail(ic->c, value, "%s cannot be used so", ic->m.test->name);
        }
}

static int fail_forms(struct item_compiler *ic, const struct yaml *value, int r)
{
        if (r == -ENOMEM)
                return compiler_oom(ic->c);
        if (r == -E2BIG)
                return compiler_fail(ic->c, value, "this value has more than %d forms; use fewer dashes or encodings",
                                     FORMS_MAX);
        return compiler_fail(ic->c, value,
                             "base64 cannot encode wildcards: write contains, startswith or endswith behind it "
                             "(|base64offset|contains) and \\* for a plain star");
}

static int run_modifiers(struct item_compiler *ic, struct forms *f)
{
        int r = 0;

        for (size_t i = 0; i < ic->m.n && r >= 0; i++)
                if (ic->m.row[i]->apply)
                        r = ic->m.row[i]->apply(f);
        if (r >= 0 && !ic->field.n && !ic->m.affix) /* keywords are searched for inside */
                r = modifier_find(STR("contains"))->apply(f);
        return r;
}

static int compile_pattern(struct item_compiler *ic, const struct yaml *value, struct tokens first, struct test *t)
{
        struct arena *arena = ic->c->arena;
        struct forms f = { .arena = ic->c->scratch, .items = &first, .n = 1 };
        int r = weigh(ic, value, first.n);

        if (r < 0)
                return r;
        r = first.t ? run_modifiers(ic, &f) : -ENOMEM;
        if (r < 0)
                return fail_forms(ic, value, r);
        for (size_t i = 0; i < f.n; i++) {
                r = i > 0 ? weigh(ic, value, f.items[i].n) : 0;
                if (r < 0)
                        return r;
                for (size_t k = 0; f.is_bytes && k < f.items[i].n; k++)
                        if (f.items[i].t[k] > 0x7F && f.items[i].t[k] < TOKEN_ANY)
                                return compiler_fail(ic->c, value,
                                                     "UTF-16 bytes that are no text: add base64 or base64offset");
                if (i > 0) {
                        struct test *more = arena_alloc(arena, sizeof *more);

                        if (!more)
                                return compiler_oom(ic->c);
                        *more = (struct test){ 0 };
                        t->or_else = more;
                        t = more;
                }
                t->kind = TEST_PATTERN;
                t->is_cased = (ic->m.flags & FLAG_CASED) || f.is_exact_case;
                if (pattern_make(arena, ic->c->scratch, f.items[i], t->is_cased, &t->pattern) < 0)
                        return compiler_oom(ic->c);
        }
        arena_reset(ic->c->scratch);
        return 0;
}

static int compile_null(struct item_compiler *ic, const struct yaml *value, bool is_alone, struct test *t)
{
        t->kind = TEST_NULL;
        if (ic->field.n == 0)
                return compiler_fail(ic->c, value, "null is no keyword");
        if (!is_alone)
                return compiler_fail(ic->c, value,
                                     "null inside a list of values: write a second selection with  field: null");
        for (size_t i = 0; i < ic->m.n; i++)
                if (ic->m.row[i]->kind != MODIFIER_LIST)
                        return compiler_fail(ic->c, value, "null does not go with %s: only with all and neq",
                                             ic->m.row[i]->name);
        return 0;
}

static int compile_value(struct item_compiler *ic, const struct yaml *value, bool is_alone, struct test *t)
{
        struct str text;

        *t = (struct test){ .is_cased = ic->m.flags & FLAG_CASED, .line = value->line, .col = value->col };
        ic->c->n_tests++;
        if (weigh(ic, value, 0) < 0)
                return -EBADMSG;
        if (!yaml_is_scalar(value))
                return compiler_fail(ic->c, value, "%s where a single value belongs", yaml_kind_name(value));
        if (ic->m.test && ic->m.test->value == TEST_EXISTS) {
                t->kind = TEST_EXISTS;
                t->flag = value->flag;
                return value->kind == YAML_BOOL ? 0 : compiler_fail(ic->c, value, "exists needs true or false");
        }
        if (value->kind == YAML_NULL)
                return compile_null(ic, value, is_alone, t);
        if (ic->m.test || ic->m.part || ic->m.order)
                return compile_other(ic, value, t);
        text = value_as_text(ic, value);
        return text.p ? compile_pattern(ic, value, tokens_parse(ic->c->scratch, text), t) : compiler_oom(ic->c);
}

/* ---- Values with placeholders ---- */

/* A choice of a value's placeholders, as a value that were written so. */
static int compile_choice(struct item_compiler *ic, const struct yaml *value, const struct expansion *e, size_t choice,
                          struct test *t)
{
        struct yaml filled = *value;

        *t = (struct test){ .is_cased = ic->m.flags & FLAG_CASED };
        if (e->is_lacking || !(ic->m.test || ic->m.part || ic->m.order))
                return compile_pattern(ic, value, expansion_tokens(ic->c->scratch, e, choice), t);
        filled.kind = YAML_TEXT;
        filled.text = expansion_text(ic->c->arena, e, choice);
        return filled.text.p ? compile_other(ic, &filled, t) : compiler_oom(ic->c);
}

static int compile_expansion(struct item_compiler *ic, const struct yaml *value, struct test **ret, size_t *ret_n)
{
        struct expansion e;
        int r = expansion_read(ic->c, value, &e);

        if (r < 0)
                return r;
        if (e.total > SIGMA_TESTS_MAX - size_min(ic->c->n_tests, SIGMA_TESTS_MAX))
                return compiler_fail(ic->c, value, "expand: more than %d values in one rule", SIGMA_TESTS_MAX);
        ic->c->n_tests += e.total;
        *ret = arena_array(ic->c->arena, e.total, sizeof **ret);
        if (!*ret)
                return compiler_oom(ic->c);
        for (size_t i = 0; i < e.total && r >= 0; i++)
                r = compile_choice(ic, value, &e, i, &(*ret)[i]);
        *ret_n = e.total;
        return r;
}

/* One item a value, which holds when any of its choices does. */
static int expand_value(struct item_compiler *ic, const struct yaml *value, bool is_alone, const struct item *like,
                        struct sigma_node **ret)
{
        struct sigma_node *node = node_new(ic->c, NODE_ITEM, 0);
        struct item *item = arena_alloc(ic->c->arena, sizeof *item);
        struct test *tests = arena_array(ic->c->arena, 1, sizeof *tests);
        int r;

        if (!node || !item || !tests)
                return compiler_oom(ic->c);
        *item = (struct item){ .field = like->field, .line = like->line, .col = like->col, .n = 1 };
        r = yaml_is_scalar(value) && value->kind != YAML_NULL ? compile_expansion(ic, value, &tests, &item->n)
                                                              : compile_value(ic, value, is_alone, tests);
        item->tests = tests;
        node->item = item;
        *ret = node;
        return r;
}

/* `expand`: the choices of one value are alternatives, whatever `all` says about the list; so each value is an item of its
 * own, and matching needs to know nothing of placeholders. */
static int compile_expanded(struct item_compiler *ic, const struct yaml *value, const struct item *like,
                            struct sigma_node **ret)
{
        bool is_list = value->kind == YAML_LIST;
        size_t n = is_list ? value->n : 1;
        struct sigma_node *node = node_new(ic->c, like->is_all ? NODE_AND : NODE_OR, n);
        struct sigma_node *opposite = node_new(ic->c, NODE_NOT, 1);

        if (!node || !opposite)
                return compiler_oom(ic->c);
        if (n == 0)
                return compiler_fail(ic->c, value, "an empty list of values");
        for (size_t i = 0; i < n; i++) {
                int r = expand_value(ic, is_list ? value->items[i] : value, n == 1, like, &node->children[i]);

                if (r < 0)
                        return r;
        }
        *ret = n == 1 ? node->children[0] : node;
        if (like->is_negated) {
                opposite->children[0] = *ret;
                *ret = opposite;
        }
        return 0;
}

static int compile_values(struct item_compiler *ic, const struct yaml *value, struct item *item)
{
        bool is_list = value->kind == YAML_LIST;
        size_t n = is_list ? value->n : 1;
        struct test *tests = arena_array(ic->c->arena, n, sizeof *tests);

        if (!tests)
                return compiler_oom(ic->c);
        if (n == 0)
                return compiler_fail(ic->c, value, "an empty list of values");
        for (size_t i = 0; i < n; i++) {
                int r = compile_value(ic, is_list ? value->items[i] : value, n == 1, &tests[i]);

                if (r < 0)
                        return r;
        }
        item->tests = tests;
        item->n = n;
        return 0;
}

int item_compile(struct compiler *c, const struct yaml *key, const struct yaml *value, struct sigma_node **ret)
{
        struct item_compiler ic = { .c = c, .field = STR("") };
        struct item *item = arena_alloc(c->arena, sizeof *item);
        struct sigma_node *node = node_new(c, NODE_ITEM, 0);
        struct str rest = key ? key->text : STR("");
        int r = 0;

        if (!c->scratch)
                c->scratch = arena_new();
        if (!item || !node || !c->scratch)
                return compiler_oom(c);
        if (key) {
                str_cut(&rest, '|', &ic.field);
                if (rest.p)
                        r = modifiers_parse(c, key, rest, &ic.m);
        }
        if (r >= 0 && ic.field.n == 0 && ic.m.test &&
            (ic.m.test->value == TEST_EXISTS || ic.m.test->value == TEST_FIELDREF))
                r = compiler_fail(c, key, "%s needs a field in front of it", ic.m.test->name);
        if (r < 0)
                return r;
        *item = (struct item){ .is_all = ic.m.flags & FLAG_ALL,
                               .is_negated = ic.m.flags & FLAG_NEQ,
                               .field = FIELD_LEAVES,
                               .line = key ? key->line : value->line,
                               .col = key ? key->col : value->col };
        if (ic.field.n > 0)
                item->field = compiler_field(c, ic.field);
        else
                c->detection->wants_leaves = true;
        if (ic.field.n > 0 && item->field == UINT32_MAX)
                return compiler_oom(c);
        if (ic.m.flags & FLAG_EXPAND)
                return compile_expanded(&ic, value, item, ret);
        r = compile_values(&ic, value, item);
        if (r < 0)
                return r;
        node->item = item;
        *ret = node;
        return 0;
}
