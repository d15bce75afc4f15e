/* SPDX-License-Identifier: Apache-2.0 */

/* What is known, and what it makes of an expression. A number is a span, from what it is at least to what it can be at most: "at least 1200"
 * has no end, and what nobody spoke of goes from 0 without one. A comparison that holds at both ends is yes, at neither no, else unknown. */

#include "monitor/cases/facts.h"

#include <errno.h>
#include <stdlib.h>

#include "monitor/cases/expr.h"
#include "monitor/cases/field.h"

/* ---- Truth ---- */

enum truth truth_not(enum truth a)
{
        return a == TRUTH_YES ? TRUTH_NO : a == TRUTH_NO ? TRUTH_YES : TRUTH_UNKNOWN;
}

enum truth truth_and(enum truth a, enum truth b)
{
        if (a == TRUTH_NO || b == TRUTH_NO)
                return TRUTH_NO;
        return a == TRUTH_YES && b == TRUTH_YES ? TRUTH_YES : TRUTH_UNKNOWN;
}

enum truth truth_or(enum truth a, enum truth b)
{
        return truth_not(truth_and(truth_not(a), truth_not(b)));
}

const char *truth_name(enum truth t)
{
        static const char *const names[] = { [TRUTH_NO] = "no", [TRUTH_YES] = "yes", [TRUTH_UNKNOWN] = "unknown" };

        return names[t];
}

/* ---- Values ---- */

static int compare_facts(const void *a, const void *b)
{
        const struct fact_of_case *x = a, *y = b;

        return str_cmp(x->name, y->name);
}

int facts_sort(struct facts *f, struct arena *arena)
{
        struct fact_of_case *items = arena_array(arena, f->n + 1, sizeof *items);
        const struct fact_of_case **order = arena_array(arena, f->n + 1, sizeof *order);
        size_t n = 0;

        if (!items || !order)
                return -ENOMEM;
        /* the last of a name: from behind, each that is not there yet, in its place */
        for (size_t i = f->n; i > 0; i--) {
                size_t low = 0, high = n;

                while (low < high) {
                        size_t middle = low + (high - low) / 2;

                        if (str_cmp(order[middle]->name, f->items[i - 1].name) < 0)
                                low = middle + 1;
                        else
                                high = middle;
                }
                if (low < n && str_eq(order[low]->name, f->items[i - 1].name))
                        continue;
                memmove(order + low + 1, order + low, (n - low) * sizeof *order);
                order[low] = &f->items[i - 1];
                n++;
        }
        for (size_t i = 0; i < n; i++)
                items[i] = *order[i];
        f->items = items;
        f->n = n;
        f->is_sorted = true;
        return 0;
}

static const struct fact_of_case *find_fact(const struct facts *f, struct str name)
{
        const struct fact_of_case key = { .name = name };

        if (f->is_sorted)
                return f->n > 0 ? bsearch(&key, f->items, f->n, sizeof *f->items, compare_facts) : NULL;
        for (size_t i = f->n; i > 0; i--)
                if (str_eq(f->items[i - 1].name, name))
                        return &f->items[i - 1];
        return NULL;
}

struct str facts_get(const struct facts *f, struct str name)
{
        const struct fact_of_case *fact = find_fact(f, name);

        return !fact || str_eqz(fact->value, "unknown") ? STR_NONE : fact->value;
}

enum { NAME_BYTES_MAX = 200 };

static struct str get_part(const struct facts *f, struct str base, struct str part)
{
        char name[NAME_BYTES_MAX];

        if (base.n + 1 + part.n > sizeof name)
                return STR_NONE;
        memcpy(name, base.p, base.n);
        name[base.n] = '.';
        memcpy(name + base.n + 1, part.p, part.n);
        return facts_get(f, str_from(name, base.n + 1 + part.n));
}

/* The regime's own, then (of a plain name, or .here, or where a regime is the part) the plain one. An id may look like a state ("au-ndb"). */
struct str facts_text(const struct facts *f, struct str name)
{
        struct str rest = name, base, own;

        str_cut(&rest, '.', &base);
        if (rest.p && !str_eqz(rest, "here")) {
                own = facts_get(f, name);
                return own.p || (case_is_country(rest) && !str_eq(rest, f->regime)) ? own : facts_get(f, base);
        }
        own = f->regime.n > 0 ? get_part(f, base, f->regime) : STR_NONE;
        for (size_t i = 0; rest.p && !own.p && i < f->n_here; i++)
                own = get_part(f, base, f->here[i]);
        return own.p ? own : facts_get(f, base);
}

/* ---- Numbers ---- */

static uint64_t add(uint64_t a, uint64_t b)
{
        return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static uint64_t less(uint64_t a, uint64_t b) /* no less than 0; what has no end stays so */
{
        return a == UINT64_MAX ? a : a > b ? a - b : 0;
}

static const struct span nothing = { 0, UINT64_MAX, false };

static bool read_span(struct str value, struct span *ret)
{
        bool is_open;

        if (!value.p || case_number(value, &ret->low, &ret->high, &is_open) < 0)
                return false;
        ret->is_known = true;
        return true;
}

static bool is_state_of(struct str state, struct str country)
{
        return state.n > country.n && country.n == 2 && state.p[2] == '-' && str_starts(state, country);
}

/* The code of a fact that is a part of `base`, or absent. */
static struct str code_of(const struct facts *f, size_t i, struct str base)
{
        struct str rest = f->items[i].name, head;

        str_cut(&rest, '.', &head);
        return rest.p && str_eq(head, base) && case_is_country(rest) ? rest : STR_NONE;
}

static bool is_last(const struct facts *f, size_t i)
{
        for (size_t k = i + 1; k < f->n && !f->is_sorted; k++)
                if (str_eq(f->items[k].name, f->items[i].name))
                        return false;
        return true;
}

static bool is_counted_in(struct str code, const struct str *codes, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (str_eq(code, codes[i]) || is_state_of(code, codes[i]) || is_state_of(codes[i], code))
                        return true;
        return false;
}

/* All parts, but those of `codes`; a state that stands beside its country is in that one. */
static struct span sum_parts(const struct facts *f, struct str base, const struct str *but, size_t n_but)
{
        struct span sum = { 0, 0, false }, one;

        for (size_t i = 0; i < f->n; i++) {
                struct str code = code_of(f, i, base);

                if (!code.p || is_counted_in(code, but, n_but) || !read_span(f->items[i].value, &one) || !is_last(f, i))
                        continue;
                if (code.n > 2 && get_part(f, base, str_from(code.p, 2)).p)
                        continue;
                sum = (struct span){ add(sum.low, one.low), add(sum.high, one.high), true };
        }
        return sum;
}

static struct span whole(const struct facts *f, struct str base)
{
        struct span parts = sum_parts(f, base, NULL, 0), said;

        if (!read_span(facts_get(f, base), &said))
                return parts.is_known ? parts : nothing;
        if (parts.low > said.low)
                said.low = parts.low;
        if (said.high < said.low)
                said.high = said.low;
        return said;
}

/* What is said of a country; else of the country of a state; else, not known as such, what its states are together, or 0. */
static struct span country(const struct facts *f, struct str base, struct str code)
{
        struct span one, sum = { 0, 0, false };

        if (read_span(get_part(f, base, code), &one))
                return one;
        if (code.n > 2 && read_span(get_part(f, base, str_from(code.p, 2)), &one))
                return (struct span){ 0, one.high, true };
        for (size_t i = 0; i < f->n; i++) {
                struct str state = code_of(f, i, base);

                if (state.p && is_state_of(state, code) && read_span(f->items[i].value, &one) && is_last(f, i))
                        sum = (struct span){ add(sum.low, one.low), add(sum.high, one.high), false };
        }
        return sum;
}

/* Some countries together. What is not said of them is no more than what the others leave of the whole; a whole that is only known as the
 * sum of its parts leaves nothing, also where a part has no end: it is that one which may grow. */
static struct span together(const struct facts *f, struct str base, const struct str *codes, size_t n)
{
        struct span all = whole(f, base), others = sum_parts(f, base, codes, n), sum = { 0, 0, false };
        bool may_be_more = !all.is_known || facts_get(f, base).p;

        for (size_t i = 0; i < n; i++) {
                struct span one;
                bool is_in = false;

                for (size_t k = 0; k < n && !is_in; k++)
                        is_in = is_state_of(codes[i], codes[k]);
                if (is_in)
                        continue;
                one = country(f, base, codes[i]);
                if (!one.is_known && may_be_more)
                        one.high = UINT64_MAX;
                sum = (struct span){ add(sum.low, one.low), add(sum.high, one.high), sum.is_known || one.is_known };
        }
        if (all.is_known && less(all.high, others.low) < sum.high)
                sum.high = less(all.high, others.low);
        if (sum.high < sum.low)
                sum.high = sum.low;
        sum.is_known = all.is_known;
        return sum;
}

struct span facts_span(const struct facts *f, struct str name)
{
        struct str rest = name, base;
        struct span own;

        str_cut(&rest, '.', &base);
        if ((!rest.p || str_eqz(rest, "here")) && f->regime.n > 0 && read_span(get_part(f, base, f->regime), &own))
                return own;
        if (rest.p && str_eqz(rest, "here") && f->n_here > 0)
                return together(f, base, f->here, f->n_here);
        if (rest.p && case_is_country(rest))
                return together(f, base, &rest, 1);
        if (rest.p && !str_eqz(rest, "here") && read_span(facts_get(f, name), &own))
                return own;
        return whole(f, base);
}

/* ---- Expressions ---- */

static enum truth compare_number(enum expr_op op, struct span s, uint64_t n)
{
        switch (op) {
        case OP_LESS:
                return s.high < n ? TRUTH_YES : s.low >= n ? TRUTH_NO : TRUTH_UNKNOWN;
        case OP_LESS_EQUAL:
                return s.high <= n ? TRUTH_YES : s.low > n ? TRUTH_NO : TRUTH_UNKNOWN;
        case OP_MORE:
                return truth_not(compare_number(OP_LESS_EQUAL, s, n));
        case OP_MORE_EQUAL:
                return truth_not(compare_number(OP_LESS, s, n));
        case OP_EQUAL:
                return s.low == n && s.high == n ? TRUTH_YES : n < s.low || n > s.high ? TRUTH_NO : TRUTH_UNKNOWN;
        case OP_UNEQUAL:
                return truth_not(compare_number(OP_EQUAL, s, n));
        }
        return TRUTH_UNKNOWN;
}

static enum truth compare_words(enum expr_op op, struct str value, struct str word)
{
        enum truth same = !value.p ? TRUTH_UNKNOWN : str_eq_nocase(str_trim(value), word) ? TRUTH_YES : TRUTH_NO;

        return op == OP_EQUAL ? same : op == OP_UNEQUAL ? truth_not(same) : TRUTH_UNKNOWN;
}

static enum truth has(struct str list, struct str word)
{
        struct str rest = list, one;

        if (!list.p)
                return TRUTH_UNKNOWN;
        while (str_cut(&rest, ',', &one))
                if (str_eq_nocase(str_trim(one), word))
                        return TRUTH_YES;
        return TRUTH_NO;
}

static enum truth name_holds(const struct facts *f, struct str name)
{
        struct str value = facts_text(f, name);
        struct span ignored;

        if (!value.p || read_span(value, &ignored))
                return compare_number(OP_MORE, facts_span(f, name), 0);
        return str_eqz(value, "no") || str_trim(value).n == 0 ? TRUTH_NO : TRUTH_YES;
}

enum truth expr_eval(const struct expr *e, const struct facts *f)
{
        switch (e->kind) {
        case EXPR_NAME:
                return name_holds(f, e->name);
        case EXPR_COMPARE:
                return e->is_number ? compare_number(e->op, facts_span(f, e->name), e->number)
                                    : compare_words(e->op, facts_text(f, e->name), e->word);
        case EXPR_HAS:
                return has(facts_text(f, e->name), e->word);
        case EXPR_NOT:
                return truth_not(expr_eval(e->left, f));
        case EXPR_AND:
                return truth_and(expr_eval(e->left, f), expr_eval(e->right, f));
        case EXPR_OR:
                return truth_or(expr_eval(e->left, f), expr_eval(e->right, f));
        }
        return TRUTH_UNKNOWN;
}

/* ---- Why ---- */

/* The comparisons that made it so. */
struct reasons {
        const struct expr *leaves[EXPR_NODES_MAX];
        size_t n;
};

static void collect(const struct expr *e, const struct facts *f, struct reasons *to)
{
        enum truth all = expr_eval(e, f);

        if (e->kind == EXPR_NOT) {
                collect(e->left, f, to);
        } else if (e->kind == EXPR_AND || e->kind == EXPR_OR) {
                if (expr_eval(e->left, f) == all)
                        collect(e->left, f, to);
                if (expr_eval(e->right, f) == all)
                        collect(e->right, f, to);
        } else if (to->n < EXPR_NODES_MAX) {
                to->leaves[to->n++] = e;
        }
}

static void say_name(const struct facts *f, struct str name, struct strbuf *out)
{
        struct str rest = name, base;

        str_cut(&rest, '.', &base);
        if ((!rest.p || str_eqz(rest, "here")) && f->regime.n > 0 && get_part(f, base, f->regime).p)
                strbuf_addf(out, STR_FMT "." STR_FMT, STR_ARG(base), STR_ARG(f->regime));
        else if (!rest.p || !str_eqz(rest, "here"))
                strbuf_add(out, name);
        else if (f->n_here == 1)
                strbuf_addf(out, STR_FMT "." STR_FMT, STR_ARG(base), STR_ARG(f->here[0]));
        else
                strbuf_addf(out, f->n_here == 0 ? STR_FMT : STR_FMT " in its countries", STR_ARG(base));
}

static void say_number(const struct expr *e, const struct facts *f, struct strbuf *out)
{
        static const struct {
                const char *yes_before, *yes_behind, *no_before, *no_behind;
        } words[] = {
                [OP_LESS] = { "less than ", "", "", " or more" }, [OP_LESS_EQUAL] = { "", " or less", "more than ", "" },
                [OP_MORE] = { "more than ", "", "", " or less" }, [OP_MORE_EQUAL] = { "", " or more", "less than ", "" },
                [OP_EQUAL] = { "", "", "not ", "" },              [OP_UNEQUAL] = { "not ", "", "", "" },
        };
        struct span s = facts_span(f, e->name);
        enum truth truth = compare_number(e->op, s, e->number);
        bool is_no = truth == TRUTH_NO;

        say_name(f, e->name, out);
        strbuf_addz(out, " is ");
        if (s.high == UINT64_MAX)
                strbuf_addf(out, "at least %llu", (unsigned long long)s.low);
        else if (s.low != s.high)
                strbuf_addf(out, "%llu to %llu", (unsigned long long)s.low, (unsigned long long)s.high);
        else
                strbuf_addf(out, "%llu", (unsigned long long)s.low);
        if (e->number == 0 && truth != TRUTH_UNKNOWN)
                return;
        strbuf_addf(out, "%s%s%llu%s", truth == TRUTH_UNKNOWN ? ", and may be " : ", which is ", is_no ? words[e->op].no_before : words[e->op].yes_before,
                    (unsigned long long)e->number, is_no ? words[e->op].no_behind : words[e->op].yes_behind);
        if (truth == TRUTH_UNKNOWN && s.high == UINT64_MAX) /* what ends it: an estimate is one of these as well */
                strbuf_addz(out, " until that is counted and confirmed");
}

static void say_leaf(const struct expr *e, const struct facts *f, struct strbuf *out)
{
        struct str value = facts_text(f, e->name);

        if (e->kind == EXPR_COMPARE && e->is_number) {
                say_number(e, f, out);
                return;
        }
        say_name(f, e->name, out);
        if (e->kind == EXPR_HAS)
                strbuf_addf(out, has(value, e->word) == TRUTH_YES ? " has " STR_FMT : " has no " STR_FMT, STR_ARG(e->word));
        else if (value.p)
                strbuf_addf(out, " is " STR_FMT, STR_ARG(value));
        else
                strbuf_addf(out, " is %llu", (unsigned long long)facts_span(f, e->name).low);
        if (e->kind == EXPR_COMPARE && !str_eq_nocase(str_trim(value), e->word))
                strbuf_addf(out, ", not " STR_FMT, STR_ARG(e->word));
}

static bool is_said(const struct expr *e, const struct facts *f)
{
        return facts_text(f, e->name).p || facts_span(f, e->name).is_known;
}

static bool is_number_of(const struct expr *e, struct str name)
{
        return e->kind == EXPR_COMPARE && e->is_number && str_eq(e->name, name);
}

/* Said by another one as well: the same name that nobody has said, or that there are some where another one says how many. */
static bool is_repeated(const struct reasons *r, size_t i, const struct facts *f)
{
        const struct expr *e = r->leaves[i];

        for (size_t k = 0; k < r->n; k++) {
                const struct expr *other = r->leaves[k];

                if (k == i || !str_eq(e->name, other->name))
                        continue;
                if (!is_said(e, f) && k < i)
                        return true;
                if (is_said(e, f) && is_number_of(e, e->name) && e->number == 0 && is_number_of(other, e->name) && (other->number > 0 || k < i))
                        return true;
        }
        return false;
}

void expr_why(const struct expr *e, const struct facts *f, struct strbuf *out)
{
        struct reasons r = { .n = 0 };
        size_t n_unsaid = 0, said = 0;

        collect(e, f, &r);
        for (size_t i = 0; i < r.n;) {
                if (is_repeated(&r, i, f)) {
                        memmove(&r.leaves[i], &r.leaves[i + 1], (r.n - i - 1) * sizeof *r.leaves);
                        r.n--;
                } else {
                        n_unsaid += !is_said(r.leaves[i++], f);
                }
        }
        for (size_t i = 0; i < r.n; i++)
                if (is_said(r.leaves[i], f)) {
                        strbuf_addz(out, said++ ? " and " : "");
                        say_leaf(r.leaves[i], f, out);
                }
        for (size_t i = 0, k = 0; i < r.n; i++)
                if (!is_said(r.leaves[i], f)) {
                        strbuf_addz(out, k > 0 ? (k + 1 == n_unsaid ? " and " : ", ") : said ? "; " : "");
                        say_name(f, r.leaves[i]->name, out);
                        k++;
                }
        if (n_unsaid > 0)
                strbuf_addz(out, n_unsaid == 1 ? " is not known" : " are not known");
}

void expr_unsaid(const struct expr *e, const struct facts *f, struct strbuf *out)
{
        struct reasons r = { .n = 0 };

        if (expr_eval(e, f) != TRUTH_UNKNOWN)
                return;
        collect(e, f, &r);
        for (size_t i = 0; i < r.n; i++) {
                struct str rest = strbuf_str(out), one, part = r.leaves[i]->name, name;
                bool is_there = is_said(r.leaves[i], f);

                str_cut(&part, '.', &name);
                while (!is_there && rest.n > 0 && str_cut(&rest, ',', &one))
                        is_there = str_eq(str_trim(one), name);
                if (!is_there)
                        strbuf_addf(out, "%s" STR_FMT, out->n ? ", " : "", STR_ARG(name));
        }
}
