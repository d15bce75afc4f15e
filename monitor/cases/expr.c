/* SPDX-License-Identifier: Apache-2.0 */

/* Reads expressions, by descent: or, and, not, then what compares. Depth and number of nodes are bounded. */

#include "monitor/cases/expr.h"

#include <errno.h>

struct parser {
        struct str text, rest;
        bool (*is_known)(struct str name);
        struct arena *arena;
        struct err *err;
        unsigned depth, n_nodes;
};

/* ---- Words ---- */

static void skip_blanks(struct parser *p)
{
        while (p->rest.n > 0 && strchr(" \t\r\n", p->rest.p[0]) && p->rest.p[0])
                p->rest = str_from(p->rest.p + 1, p->rest.n - 1);
}

static unsigned column(const struct parser *p)
{
        return (unsigned)(p->rest.p - p->text.p) + 1;
}

static int fail(struct parser *p, const char *what)
{
        struct str at = str_from(p->rest.p, size_min(p->rest.n, 20));

        if (at.n == 0)
                return err_set(p->err, -EBADMSG, "at its end: %s", what);
        return err_set(p->err, -EBADMSG, "at \"" STR_FMT "\" (column %u of it): %s", STR_ARG(at), column(p), what);
}

static bool is_letter(char c)
{
        return str_lower(c) >= 'a' && str_lower(c) <= 'z';
}

static bool is_digit(char c)
{
        return c >= '0' && c <= '9';
}

/* A word as it stands next; absent: something else does. */
static struct str peek_word(struct parser *p)
{
        size_t n = 0;

        skip_blanks(p);
        while (n < p->rest.n && (is_letter(p->rest.p[n]) || is_digit(p->rest.p[n]) || (n > 0 && strchr("._-", p->rest.p[n]) && p->rest.p[n])))
                n++;
        return n > 0 ? str_from(p->rest.p, n) : STR_NONE;
}

static void skip(struct parser *p, size_t n)
{
        p->rest = str_from(p->rest.p + n, p->rest.n - n);
}

static bool take_word(struct parser *p, const char *word)
{
        if (!str_eqz(peek_word(p), word))
                return false;
        skip(p, strlen(word));
        return true;
}

static bool take_op(struct parser *p, enum expr_op *ret)
{
        static const struct {
                const char *text;
                enum expr_op op;
        } ops[] = { { "!=", OP_UNEQUAL },    { "<=", OP_LESS_EQUAL }, { ">=", OP_MORE_EQUAL }, { "==", OP_EQUAL },
                    { "=", OP_EQUAL },       { "<", OP_LESS },        { ">", OP_MORE } };

        skip_blanks(p);
        for (size_t i = 0; i < ARRAY_LEN(ops); i++)
                if (str_starts(p->rest, str_of(ops[i].text))) {
                        skip(p, strlen(ops[i].text));
                        *ret = ops[i].op;
                        return true;
                }
        return false;
}

/* ---- What compares ---- */

static struct expr *node(struct parser *p, enum expr_kind kind, const struct expr *left, const struct expr *right)
{
        struct expr *e = ++p->n_nodes > EXPR_NODES_MAX ? NULL : arena_alloc(p->arena, sizeof *e);

        if (e)
                *e = (struct expr){ .kind = kind, .left = left, .right = right };
        return e;
}

static int no_room(struct parser *p)
{
        if (p->n_nodes > EXPR_NODES_MAX)
                return err_set(p->err, -E2BIG, "an expression of more than %d parts", EXPR_NODES_MAX);
        return err_set(p->err, -ENOMEM, "out of memory");
}

static bool is_keyword(struct str word)
{
        return str_eqz(word, "and") || str_eqz(word, "or") || str_eqz(word, "not") || str_eqz(word, "has");
}

static int take_name(struct parser *p, struct str *ret)
{
        struct str name = peek_word(p);

        if (!name.p || !is_letter(name.p[0]) || is_keyword(name))
                return fail(p, "the name of a field is expected here, such as people.here");
        if (!p->is_known(name))
                return fail(p, "no field has this name; shopbell case fields lists them");
        skip(p, name.n);
        *ret = name;
        return 0;
}

/* A number (with _ between digits), a word, or something in quotes. */
static int take_literal(struct parser *p, struct expr *e)
{
        struct str word = peek_word(p);
        char buf[24];
        size_t n = 0;
        char quote;

        if (p->rest.n > 0 && (p->rest.p[0] == '"' || p->rest.p[0] == '\'')) {
                quote = p->rest.p[0];
                for (n = 1; n < p->rest.n && p->rest.p[n] != quote;)
                        n++;
                if (n == p->rest.n)
                        return fail(p, "these quotes do not end");
                e->word = str_from(p->rest.p + 1, n - 1);
                skip(p, n + 1);
                return 0;
        }
        if (!word.p || is_keyword(word))
                return fail(p, "a number or a word is expected here");
        e->is_number = is_digit(word.p[0]);
        for (size_t i = 0; i < word.n && e->is_number; i++) {
                e->is_number = (is_digit(word.p[i]) && n < sizeof buf) || word.p[i] == '_';
                if (e->is_number && word.p[i] != '_')
                        buf[n++] = word.p[i];
        }
        e->is_number = e->is_number && str_to_u64(str_from(buf, n), &e->number) == 0;
        if (is_digit(word.p[0]) && !e->is_number)
                return fail(p, "that is no number");
        e->word = word;
        skip(p, word.n);
        return 0;
}

static int parse_or(struct parser *p, const struct expr **ret);

static int parse_group(struct parser *p, const struct expr **ret)
{
        int r;

        if (p->depth == EXPR_DEPTH_MAX)
                return fail(p, "too many parentheses or nots within each other");
        p->depth++;
        skip(p, 1);
        r = parse_or(p, ret);
        if (r < 0)
                return r;
        skip_blanks(p);
        if (!str_take(&p->rest, ')'))
                return fail(p, "a closing parenthesis is expected here");
        p->depth--;
        return 0;
}

static int parse_leaf(struct parser *p, const struct expr **ret)
{
        struct str name;
        struct expr *e;
        enum expr_op op;
        int r;

        skip_blanks(p);
        if (p->rest.n > 0 && p->rest.p[0] == '(')
                return parse_group(p, ret);
        r = take_name(p, &name);
        if (r < 0)
                return r;
        e = node(p, EXPR_NAME, NULL, NULL);
        if (!e)
                return no_room(p);
        e->name = name;
        if (take_word(p, "has")) {
                e->kind = EXPR_HAS;
                r = take_literal(p, e);
        } else if (take_op(p, &op)) {
                e->kind = EXPR_COMPARE;
                e->op = op;
                r = take_literal(p, e);
                if (r >= 0 && !e->is_number && op != OP_EQUAL && op != OP_UNEQUAL)
                        return err_set(p->err, -EBADMSG, STR_FMT ": words are compared with = and != only", STR_ARG(name));
        }
        *ret = e;
        return r;
}

static int parse_not(struct parser *p, const struct expr **ret)
{
        const struct expr *inner;
        int r;

        if (!take_word(p, "not"))
                return parse_leaf(p, ret);
        if (p->depth == EXPR_DEPTH_MAX)
                return fail(p, "too many parentheses or nots within each other");
        p->depth++;
        r = parse_not(p, &inner);
        p->depth--;
        if (r < 0)
                return r;
        *ret = node(p, EXPR_NOT, inner, NULL);
        return *ret ? 0 : no_room(p);
}

static int parse_and(struct parser *p, const struct expr **ret)
{
        const struct expr *right;
        int r = parse_not(p, ret);

        while (r >= 0 && take_word(p, "and")) {
                r = parse_not(p, &right);
                if (r >= 0 && !(*ret = node(p, EXPR_AND, *ret, right)))
                        r = no_room(p);
        }
        return r;
}

static int parse_or(struct parser *p, const struct expr **ret)
{
        const struct expr *right;
        int r = parse_and(p, ret);

        while (r >= 0 && take_word(p, "or")) {
                r = parse_and(p, &right);
                if (r >= 0 && !(*ret = node(p, EXPR_OR, *ret, right)))
                        r = no_room(p);
        }
        return r;
}

int expr_parse(struct str text, bool (*is_known)(struct str name), struct arena *arena, struct expr **ret, struct err *reterr)
{
        struct str own = arena_dup(arena, text.p ? text : STR(""));
        struct parser p = { .text = own, .rest = own, .is_known = is_known, .arena = arena, .err = reterr };
        const struct expr *e = NULL;
        int r;

        if (!own.p)
                return err_set(reterr, -ENOMEM, "out of memory");
        if (text.n > EXPR_BYTES_MAX)
                return err_set(reterr, -E2BIG, "an expression of more than %d bytes", EXPR_BYTES_MAX);
        r = parse_or(&p, &e);
        if (r < 0)
                return r;
        skip_blanks(&p);
        if (p.rest.n > 0)
                return fail(&p, "\"and\", \"or\" or the end is expected here");
        *ret = (struct expr *)e;
        return 0;
}
