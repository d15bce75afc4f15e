/* SPDX-License-Identifier: Apache-2.0 */

/* Conditions of Sigma 1: `SELECTION | count(FIELD) by GROUP, GROUP > N` with a `timeframe` (Sigma specification 1,
 * Aggregation expression). What a correlation says exactly is translated; what none says is refused, with the correlation
 * that comes nearest.
 *
 * Exact are counts and sums that must rise above a limit: whatever holds in any stretch of the timeframe. Sigma 1 held
 * limits from below, and `=`, against whole stretches; correlations judge them at each record (Sigma digest, Time and
 * windows), where nearly every first record would do. */

#include <errno.h>

#include "monitor/base/clock.h"
#include "monitor/base/number.h"
#include "monitor/sigma/ast.h"
#include "monitor/sigma/words.h"

enum { PIPE_NAMES_MAX = 64 }; /* of one `by`, one `near` */

struct pipe {
        struct compiler *c;
        const struct yaml *at;
        struct str rest;
        struct str function, field, number;
        const char *type; /* of the correlation; NULL: none says it */
        struct str groups[PIPE_NAMES_MAX], near[PIPE_NAMES_MAX];
        size_t n_groups, n_near;
        int op; /* -1: none is there */
        bool has_not; /* near … and not … */
        const char *why; /* it cannot be translated; NULL: it can */
};

static const struct {
        const char *word, *type, *of_field;
} functions[] = {
        { "count", "event_count", "value_count" }, { "sum", NULL, "value_sum" }, { "avg", NULL, "value_avg" },
        { "near", "temporal", "temporal" },        { "min", NULL, NULL },        { "max", NULL, NULL },
};

static const struct {
        const char *mark, *name;
        int op;
} orders[] = {
        { ">=", "gte", SIGMA_GTE }, { "<=", "lte", SIGMA_LTE }, { "==", "eq", SIGMA_EQ },
        { ">", "gt", SIGMA_GT },    { "<", "lt", SIGMA_LT },    { "=", "eq", SIGMA_EQ },
};

/* ---- Reading ---- */

static void add_name(struct pipe *p, struct str *names, size_t *n, struct str word)
{
        if (*n < PIPE_NAMES_MAX)
                names[(*n)++] = word;
        else
                p->why = "it has too many names";
}

static void read_function(struct pipe *p)
{
        size_t i = 0;

        p->function = word_next(&p->rest);
        while (i < ARRAY_LEN(functions) && p->function.p && !str_eq_nocase(p->function, str_of(functions[i].word)))
                i++;
        if (i == ARRAY_LEN(functions) || !p->function.p) {
                p->function = p->function.p ? p->function : STR("|");
                p->why = "it is no function of Sigma 1";
                return;
        }
        if (word_accept(&p->rest, "(") && !word_accept(&p->rest, ")")) {
                p->field = word_next(&p->rest);
                if (!word_accept(&p->rest, ")"))
                        p->why = "a closing parenthesis is missing";
        }
        if (str_eqz(p->field, "*"))
                p->field = STR_NONE;
        p->type = p->field.p ? functions[i].of_field : functions[i].type;
}

/* near A and B and not C by G: the selections that must come. */
static void read_near(struct pipe *p)
{
        for (struct str word = word_peek(&p->rest); word.p && !str_eq_nocase(word, STR("by"));
             word = word_peek(&p->rest)) {
                word_next(&p->rest);
                if (word_accept(&p->rest, "not") || str_eq_nocase(word, STR("not"))) {
                        p->has_not = true;
                        word_next(&p->rest);
                } else if (!str_eq_nocase(word, STR("and")) && !str_eqz(word, "(") && !str_eqz(word, ")")) {
                        add_name(p, p->near, &p->n_near, word);
                }
        }
}

static bool is_order(struct str word)
{
        return word.p && (word.p[0] == '<' || word.p[0] == '>' || word.p[0] == '=');
}

/* by A, B: up to the order. */
static void read_groups(struct pipe *p)
{
        while (word_peek(&p->rest).p && !is_order(word_peek(&p->rest))) {
                struct str words = word_next(&p->rest), name;

                while (str_cut(&words, ',', &name))
                        if (name.n > 0)
                                add_name(p, p->groups, &p->n_groups, name);
        }
}

static void read_order(struct pipe *p)
{
        struct str word = word_next(&p->rest);

        for (size_t i = 0; word.p && p->op < 0 && i < ARRAY_LEN(orders); i++)
                if (str_starts(word, str_of(orders[i].mark))) {
                        size_t n = strlen(orders[i].mark);

                        p->op = (int)i;
                        p->number = word.n > n ? str_from(word.p + n, word.n - n) : word_next(&p->rest);
                }
        if (p->op < 0 || !p->number.p || !number_is_valid(p->number)) {
                p->number = STR_NONE;
                p->why = "no limit follows, such as  > 5";
        } else if (word_peek(&p->rest).p) {
                p->why = "something follows the limit";
        }
}

/* ---- Refusing ---- */

static void add_names(struct strbuf *b, const struct str *names, size_t n)
{
        for (size_t i = 0; i < n; i++)
                strbuf_addf(b, "%s" STR_FMT, i ? ", " : "", STR_ARG(names[i]));
}

static void add_correlation(const struct pipe *p, struct str timeframe, struct strbuf *b)
{
        strbuf_addf(b, "correlation: {type: %s, rules: [NAME%s", p->type, p->n_near ? ", " : "");
        add_names(b, p->near, p->n_near);
        if (p->n_groups > 0)
                strbuf_addz(b, "], group-by: [");
        add_names(b, p->groups, p->n_groups);
        strbuf_addf(b, "], timespan: " STR_FMT, STR_ARG(timeframe));
        if (strcmp(p->type, "temporal") != 0) {
                strbuf_addz(b, ", condition: {");
                if (p->field.p)
                        strbuf_addf(b, "field: " STR_FMT ", ", STR_ARG(p->field));
                strbuf_addf(b, "%s: " STR_FMT "}", p->op < 0 ? "gte" : orders[p->op].name,
                            STR_ARG(p->number.p ? p->number : STR("N")));
        }
        strbuf_addz(b, "}");
}

/* max(f) > 5 is true as soon as one record has it, so it is a test of that record. */
static int fail_extreme(struct pipe *p)
{
        bool is_max = str_eq_nocase(p->function, STR("max"));
        bool is_record = p->op >= 0 && p->field.p && strchr(is_max ? ">" : "<", orders[p->op].mark[0]);

        if (!is_record)
                return compiler_fail(p->c, p->at,
                                     "condition: `" STR_FMT
                                     "` is of Sigma 1, and no correlation says it: compare single "
                                     "records instead, with  FIELD|gt: N  or  FIELD|lt: N",
                                     STR_ARG(p->function));
        return compiler_fail(p->c, p->at,
                             "condition: `" STR_FMT
                             "` is of Sigma 1; a single record decides, so leave it out and add  " STR_FMT
                             "|%s: " STR_FMT "  to the selection",
                             STR_ARG(p->function), STR_ARG(p->field), orders[p->op].name, STR_ARG(p->number));
}

static int fail_pipe(struct pipe *p)
{
        const struct yaml *timeframe = p->c->timeframe;
        CLEANUP(strbuf_done) struct strbuf b = STRBUF_INIT;

        if (str_eq_nocase(p->function, STR("max")) || str_eq_nocase(p->function, STR("min")))
                return fail_extreme(p);
        if (!p->type)
                p->type = "event_count";
        add_correlation(p,
                        timeframe && yaml_is_scalar(timeframe) && timeframe->text.n > 0 ? timeframe->text : STR("5m"),
                        &b);
        return compiler_fail(p->c, p->at,
                             "condition: `" STR_FMT "` of Sigma 1 is not translated: %s; give this rule a `name` and "
                             "write a second document with  %s",
                             STR_ARG(p->function), p->why, b.p ? b.p : "");
}

/* ---- Translating ---- */

static const char *why_not(struct pipe *p, usec *ret_timespan)
{
        const struct yaml *timeframe = p->c->timeframe;

        if (p->why)
                return p->why;
        if (p->n_near > 0 || strcmp(p->type ? p->type : "", "temporal") == 0)
                return p->has_not
                               ? "each selection must be a rule of its own, and what must not come (not …) has no counterpart"
                               : "each selection must be a rule of its own";
        if (!p->type)
                return "it names no field";
        if (strcmp(p->type, "value_avg") == 0)
                return "an average over a sliding span is another one";
        if (orders[p->op].op != SIGMA_GT && orders[p->op].op != SIGMA_GTE)
                return "looking back from each record, nearly every first one is below a limit";
        if (!timeframe)
                return "no timeframe says in what time";
        if (!yaml_is_scalar(timeframe) || duration_parse(timeframe->text, ret_timespan) < 0 || *ret_timespan <= 0)
                return "its timeframe is no number and s, m, h or d";
        return NULL;
}

static struct str *dup_names(struct arena *arena, const struct str *names, size_t n)
{
        struct str *out = arena_array(arena, n + 1, sizeof *out);

        for (size_t i = 0; out && i < n; i++) {
                out[i] = arena_dup(arena, names[i]); /* with a NUL behind it, which a word of the condition has not */
                if (!out[i].p)
                        return NULL;
        }
        return out;
}

static int translate(struct pipe *p, usec timespan, struct sigma_correlation **ret)
{
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        struct arena *arena = p->c->arena;
        struct sigma_correlation *c = arena_alloc(arena, sizeof *c);
        struct str number = p->number, type = str_of(p->type);

        if (!c)
                return compiler_oom(p->c);
        *c = (struct sigma_correlation){ .type_at = p->at, .timespan = timespan, .n_group_by = p->n_groups };
        c->group_by = dup_names(arena, p->groups, p->n_groups);
        c->fields = dup_names(arena, &p->field, p->field.p ? 1 : 0);
        c->n_fields = p->field.p ? 1 : 0;
        c->limits = arena_array(arena, 1, sizeof *c->limits);
        if (!c->group_by || !c->fields || !c->limits)
                return compiler_oom(p->c);
        add_correlation(p, p->c->timeframe->text, &text);
        c->translation = arena_dup(arena, strbuf_str(&text));
        c->type = arena_dup(arena, type);
        c->n_limits = 1;
        c->limits[0] = (struct sigma_limit){
                .op = orders[p->op].op, .number = arena_dup(arena, number), .line = p->at->line, .col = p->at->col
        };
        *ret = c;
        return !strbuf_failed(&text) && c->translation.p && c->type.p && c->limits[0].number.p ? 0 : compiler_oom(p->c);
}

int pipe_read(struct compiler *c, const struct yaml *at, struct str rest, struct sigma_correlation **ret)
{
        struct pipe p = { .c = c, .at = at, .rest = rest, .op = -1 };
        usec timespan = 0;

        if (c->is_filter)
                return compiler_fail(c, at, "condition: a filter cannot count: `|` is of Sigma 1");
        read_function(&p);
        if (str_eq_nocase(p.function, STR("near")))
                read_near(&p);
        if (word_accept(&p.rest, "by"))
                read_groups(&p);
        if (!p.n_near && !p.why)
                read_order(&p);
        p.why = why_not(&p, &timespan);
        return p.why ? fail_pipe(&p) : translate(&p, timespan, ret);
}
