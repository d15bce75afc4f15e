/* SPDX-License-Identifier: Apache-2.0 */

/* The condition grammar: or < and < not < x of < parentheses, keywords in any case (Sigma digest, Conditions). */

#include <errno.h>

#include "monitor/sigma/ast.h"
#include "monitor/sigma/words.h"

struct condition {
        struct compiler *c;
        const struct yaml *at;
        struct str rest; /* not read yet */
        struct selection *selections;
        size_t n;
        unsigned depth;
};

static struct str peek(struct condition *k)
{
        return word_peek(&k->rest);
}
static struct str next(struct condition *k)
{
        return word_next(&k->rest);
}
static bool accept(struct condition *k, const char *word)
{
        return word_accept(&k->rest, word);
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

static void list_names(const struct condition *k, struct strbuf *out)
{
        for (size_t i = 0; i < k->n && i < 10; i++)
                strbuf_addf(out, "%s" STR_FMT, i ? ", " : "", STR_ARG(k->selections[i].name));
}

static int fail_pattern(struct condition *k, struct str pattern)
{
        CLEANUP(strbuf_done) struct strbuf names = STRBUF_INIT;

        list_names(k, &names);
        return compiler_fail(k->c, k->at, "condition: no selection is called " STR_FMT "; there are %s",
                             STR_ARG(pattern), names.p ? names.p : "none");
}

/* A word that can follow a selection. */
static bool is_operator(struct str word)
{
        return !word.p || str_eq_nocase(word, STR("and")) || str_eq_nocase(word, STR("or")) || str_eqz(word, ")");
}

static int fail_name(struct condition *k, struct str word)
{
        if (str_eqz(peek(k), "("))
                return compiler_fail(k->c, k->at,
                                     "condition: " STR_FMT
                                     "( … ) is no selection; counting is a document of its own, such as  "
                                     "correlation: {type: value_count, rules: [NAME], group-by: [FIELD], timespan: 5m, "
                                     "condition: {field: FIELD, gt: N}}",
                                     STR_ARG(word));
        if (!is_operator(peek(k)))
                return compiler_fail(k->c, k->at,
                                     "condition: `" STR_FMT " " STR_FMT
                                     " …` is no Sigma: between selections stand and, or, not, "
                                     "1 of, all of and parentheses; what leads from one record to another is a "
                                     "correlation of type temporal_ordered, grouped by the field they share",
                                     STR_ARG(word), STR_ARG(peek(k)));
        return fail_pattern(k, word);
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
        k->c->n_parts += k->n;
        if (k->c->n_parts > SIGMA_CONDITION_PARTS_MAX)
                return compiler_fail(k->c, k->at,
                                     "condition: its `of`s stand for more than %d selections, counted each time",
                                     SIGMA_CONDITION_PARTS_MAX);
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
        return node->n ? 0 : fail_pattern(k, pattern);
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

int condition_compile(struct compiler *c, const struct yaml *text, struct selection *selections, size_t n,
                      struct sigma_node **ret)
{
        struct condition k = { .c = c, .at = text, .rest = text->text, .selections = selections, .n = n };
        size_t pipe;
        int r = 0;

        if (!yaml_is_scalar(text) || text->kind == YAML_NULL)
                return compiler_fail(c, text, "condition: %s where a text belongs", yaml_kind_name(text));
        if (text->text.n > SIGMA_CONDITION_BYTES_MAX)
                return compiler_fail(c, text, "condition: longer than %d bytes", SIGMA_CONDITION_BYTES_MAX);
        pipe = str_find(text->text, STR("|"));
        if (pipe != SIZE_MAX) {
                k.rest.n = pipe;
                r = pipe_read(c, text, str_from(text->text.p + pipe + 1, text->text.n - pipe - 1), &c->detection->pipe);
        }
        if (r < 0)
                return r;
        if (!peek(&k).p)
                return compiler_fail(c, text, "condition: it is empty");
        r = parse_or(&k, ret);
        if (r >= 0 && peek(&k).p)
                r = compiler_fail(c, text, "condition: `" STR_FMT "` where `and`, `or` or the end belongs",
                                  STR_ARG(peek(&k)));
        return r;
}
