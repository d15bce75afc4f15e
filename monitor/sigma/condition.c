/* SPDX-License-Identifier: Apache-2.0 */

/* The condition grammar: or < and < not < x of < parentheses, keywords in any case (Sigma digest, Conditions). */

#include <errno.h>

#include "monitor/sigma/ast.h"

struct condition {
        struct compiler *c;
        const struct yaml *at;
        struct str rest; /* not read yet */
        struct selection *selections;
        size_t n;
        unsigned depth;
};

static bool is_blank(char ch)
{
        return ch == ' ' || ch == '\t' || ch == '\n' || ch == '\r';
}

static bool is_mark(char ch)
{
        return ch == '(' || ch == ')' || ch == '|';
}

/* The next word without taking it: ( ) | or what stands between blanks and these. Absent at the end. */
static struct str peek(struct condition *k)
{
        size_t n = 0;

        while (k->rest.n > 0 && is_blank(k->rest.p[0]))
                k->rest = str_from(k->rest.p + 1, k->rest.n - 1);
        if (k->rest.n == 0)
                return STR_NONE;
        if (is_mark(k->rest.p[0]))
                return str_from(k->rest.p, 1);
        while (n < k->rest.n && !is_blank(k->rest.p[n]) && !is_mark(k->rest.p[n]))
                n++;
        return str_from(k->rest.p, n);
}

static struct str next(struct condition *k)
{
        struct str word = peek(k);

        if (word.p)
                k->rest = str_from(word.p + word.n, k->rest.n - word.n);
        return word;
}

static bool accept(struct condition *k, const char *word)
{
        bool is_next = peek(k).p && str_eq_nocase(peek(k), str_of(word));

        if (is_next)
                next(k);
        return is_next;
}

static int parse_or(struct condition *k, struct sigma_node **ret);

static struct selection *find(const struct condition *k, struct str name)
{
        for (size_t i = 0; i < k->n; i++)
                if (str_eq(k->selections[i].name, name))
                        return &k->selections[i];
        return NULL;
}

/* Name patterns know only `*`. */
static bool name_fits(struct str glob, struct str name)
{
        size_t g = 0, i = 0, star = SIZE_MAX, from = 0;

        while (i < name.n || g < glob.n) {
                if (g < glob.n && glob.p[g] == '*') {
                        star = g++;
                        from = i;
                } else if (g < glob.n && i < name.n && glob.p[g] == name.p[i]) {
                        g++;
                        i++;
                } else if (star != SIZE_MAX && from < name.n) {
                        i = ++from;
                        g = star + 1;
                } else {
                        return false;
                }
        }
        return true;
}

static int fail_name(struct condition *k, struct str word)
{
        CLEANUP(strbuf_done) struct strbuf names = STRBUF_INIT;

        for (size_t i = 0; i < k->n && i < 10; i++)
                strbuf_addf(&names, "%s" STR_FMT, i ? ", " : "", STR_ARG(k->selections[i].name));
        return compiler_fail(k->c, k->at, "condition: no selection is called " STR_FMT "; there are %s", STR_ARG(word),
                             names.p ? names.p : "none");
}

static bool is_meant(struct str pattern, struct str name)
{
        if (name.n > 0 && name.p[0] == '_' && pattern.p[0] != '_')
                return false;
        return name_fits(pattern, name);
}

static int parse_of(struct condition *k, struct str quantity, struct sigma_node **ret)
{
        bool is_all = str_eq_nocase(quantity, STR("all"));
        struct str pattern = next(k);
        struct sigma_node *node;

        if (!is_all && !str_eqz(quantity, "1") && !str_eq_nocase(quantity, STR("any")))
                return compiler_fail(k->c, k->at,
                                     "condition: `" STR_FMT " of` is not defined: write `1 of`, `any of` or `all of`",
                                     STR_ARG(quantity));
        if (!pattern.p)
                return compiler_fail(k->c, k->at, "condition: a name, a pattern or `them` is missing after `of`");
        if (str_eq_nocase(pattern, STR("them")))
                pattern = STR("*");
        node = node_new(k->c, is_all ? NODE_AND : NODE_OR, k->n);
        if (!node)
                return compiler_oom(k->c);
        node->n = 0;
        for (size_t i = 0; i < k->n; i++)
                if (is_meant(pattern, k->selections[i].name)) {
                        k->selections[i].is_used = true;
                        node->children[node->n++] = k->selections[i].node;
                }
        *ret = node;
        return node->n ? 0 : fail_name(k, pattern);
}

static int parse_primary(struct condition *k, struct sigma_node **ret)
{
        struct str word = next(k);
        struct selection *s;

        if (!word.p)
                return compiler_fail(k->c, k->at, "condition: something is missing at its end");
        if (str_eqz(word, "(")) {
                int r = parse_or(k, ret);

                if (r < 0)
                        return r;
                return accept(k, ")") ? 0 : compiler_fail(k->c, k->at, "condition: a closing parenthesis is missing");
        }
        if (accept(k, "of"))
                return parse_of(k, word, ret);
        s = find(k, word);
        if (!s)
                return fail_name(k, word);
        s->is_used = true;
        *ret = s->node;
        return 0;
}

static int parse_not(struct condition *k, struct sigma_node **ret)
{
        struct sigma_node *node;
        int r;

        if (++k->depth > SIGMA_CONDITION_DEPTH_MAX)
                return compiler_fail(k->c, k->at, "condition: nested deeper than %d", SIGMA_CONDITION_DEPTH_MAX);
        if (accept(k, "not")) {
                node = node_new(k->c, NODE_NOT, 1);
                if (!node)
                        return compiler_oom(k->c);
                r = parse_not(k, &node->children[0]);
                *ret = node;
        } else {
                r = parse_primary(k, ret);
        }
        k->depth--;
        return r;
}

typedef int parse_fn(struct condition *k, struct sigma_node **ret);

/* Appends a part; parts are kept side by side, so that a long chain makes no deep tree. */
static int add_part(struct condition *k, struct sigma_node *node, size_t *cap, struct sigma_node *part)
{
        if (node->n == *cap) {
                struct sigma_node **children = arena_array(k->c->arena, 2 * *cap, sizeof *children);

                if (!children)
                        return compiler_oom(k->c);
                memcpy(children, node->children, node->n * sizeof *children);
                node->children = children;
                *cap *= 2;
        }
        node->children[node->n++] = part;
        return 0;
}

/* One or more parts with a word between them. */
static int parse_chain(struct condition *k, const char *word, enum node_kind kind, parse_fn *part,
                       struct sigma_node **ret)
{
        struct sigma_node *one = NULL;
        struct sigma_node *node;
        size_t cap = 4;
        int r = part(k, ret);

        if (r < 0 || !accept(k, word))
                return r;
        node = node_new(k->c, kind, cap);
        if (!node)
                return compiler_oom(k->c);
        node->n = 1;
        node->children[0] = *ret;
        do {
                r = part(k, &one);
                if (r >= 0)
                        r = add_part(k, node, &cap, one);
        } while (r >= 0 && accept(k, word));
        *ret = node;
        return r;
}

static int parse_and(struct condition *k, struct sigma_node **ret)
{
        return parse_chain(k, "and", NODE_AND, parse_not, ret);
}

static int parse_or(struct condition *k, struct sigma_node **ret)
{
        return parse_chain(k, "or", NODE_OR, parse_and, ret);
}

/* ---- Sigma 1 ---- */

/* What `| count(field) by group > 5` was; the parts that it had. */
struct aggregation {
        const char *type; /* of the correlation that says it now; NULL: none does */
        struct str field, group, number;
        const char *op;
};

static const struct {
        const char *word, *type;
} functions[] = {
        { "count", "event_count" }, { "sum", "value_sum" }, { "avg", "value_avg" }, { "near", "temporal" },
};

static void read_function(struct condition *k, struct aggregation *a)
{
        struct str word = next(k);

        for (size_t i = 0; i < ARRAY_LEN(functions); i++)
                if (word.p && str_eq_nocase(word, str_of(functions[i].word)))
                        a->type = functions[i].type;
        if (accept(k, "(") && !accept(k, ")")) {
                a->field = next(k);
                accept(k, ")");
                if (a->type && strcmp(a->type, "event_count") == 0)
                        a->type = "value_count";
        }
}

static void read_order(struct condition *k, struct aggregation *a)
{
        static const struct {
                const char *mark, *op;
        } marks[] = { { ">=", "gte" }, { "<=", "lte" }, { "==", "eq" }, { ">", "gt" }, { "<", "lt" }, { "=", "eq" } };
        struct str word = next(k);

        for (size_t i = 0; word.p && !a->op && i < ARRAY_LEN(marks); i++)
                if (str_starts(word, str_of(marks[i].mark))) {
                        size_t n = strlen(marks[i].mark);

                        a->op = marks[i].op;
                        a->number = word.n > n ? str_from(word.p + n, word.n - n) : next(k);
                }
}

/* Names the correlation to write instead. */
static int fail_pipe(struct condition *k)
{
        struct str timeframe = k->c->timeframe.p ? k->c->timeframe : STR("5m");
        struct aggregation a = { .op = NULL };
        CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT;

        while (peek(k).p && !accept(k, "|"))
                next(k);
        read_function(k, &a);
        if (accept(k, "by"))
                a.group = next(k);
        read_order(k, &a);
        strbuf_addf(&b, "correlation: {type: %s, rules: [NAME]", a.type ? a.type : "event_count");
        if (a.group.p)
                strbuf_addf(&b, ", group-by: [" STR_FMT "]", STR_ARG(a.group));
        strbuf_addf(&b, ", timespan: " STR_FMT, STR_ARG(timeframe));
        if (!a.type || strcmp(a.type, "temporal") != 0) {
                strbuf_addz(&b, ", condition: {");
                if (a.field.p)
                        strbuf_addf(&b, "field: " STR_FMT ", ", STR_ARG(a.field));
                strbuf_addf(&b, "%s: " STR_FMT "}", a.op ? a.op : "gte", STR_ARG(a.number.p ? a.number : STR("N")));
        }
        return compiler_fail(k->c, k->at,
                             "condition: `|` is of Sigma 1; give this rule a `name` and write a second document "
                             "with  %s}",
                             b.p ? b.p : "");
}

int condition_compile(struct compiler *c, const struct yaml *text, struct selection *selections, size_t n,
                      struct sigma_node **ret)
{
        struct condition k = { .c = c, .at = text, .rest = text->text, .selections = selections, .n = n };
        int r;

        if (!yaml_is_scalar(text) || text->kind == YAML_NULL)
                return compiler_fail(c, text, "condition: %s where a text belongs", yaml_kind_name(text));
        if (text->text.n > SIGMA_CONDITION_BYTES_MAX)
                return compiler_fail(c, text, "condition: longer than %d bytes", SIGMA_CONDITION_BYTES_MAX);
        if (str_find(text->text, STR("|")) != SIZE_MAX)
                return fail_pipe(&k);
        if (!peek(&k).p)
                return compiler_fail(c, text, "condition: it is empty");
        r = parse_or(&k, ret);
        if (r >= 0 && peek(&k).p)
                r = compiler_fail(c, text, "condition: `" STR_FMT "` where `and`, `or` or the end belongs",
                                  STR_ARG(peek(&k)));
        return r;
}
