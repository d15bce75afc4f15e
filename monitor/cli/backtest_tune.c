/* SPDX-License-Identifier: Apache-2.0 */

/* How a rule would have done with another number. The pack is loaded once more for each number, with that limit changed, and an
 * engine of its own takes the same hits in the same replay: what it says is what the rule would have told. Which of these alerts
 * another one tells of, or are known, depends on all other rules; that is not asked, so all numbers are counted before it.
 *
 * Which records hit a rule does not depend on the limits of correlations, so the hits of the first set are those of all; and
 * rules have the same numbers in each, being read from the same files in the same order (checked). An engine gets only the
 * hits of the rules that the tuned one is made of. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor/base/log.h"
#include "monitor/base/map.h"
#include "monitor/base/number.h"
#include "monitor/cli/backtest.h"
#include "monitor/detect/engine.h"
#include "monitor/detect/kind.h"

enum { CHAIN_MAX = 64 }; /* correlations over correlations that are followed */

/* An alert as its last change left it. */
struct told {
        usec first;
        enum level level;
        bool is_open;
};

/* One number at work. */
struct trial {
        struct ruleset *rules;
        struct engine *engine; /* NULL: the rule cannot have this number */
        struct map alerts; /* id → struct told */
        struct str label;
        struct arena *arena; /* the tuning's */
};

struct bench {
        struct tuned tuned;
        bool *feeds; /* [rule]: its hits are the tuned one's, by whatever way */
        struct tune_try tries[TUNE_NUMBERS_MAX];
        struct trial trials[TUNE_NUMBERS_MAX];
};

struct tuning {
        const struct setup *setup;
        struct arena *arena;
        struct bench *benches;
        size_t n;
        uint32_t *hits; /* room for those of one record */
};

/* ---- Numbers to try ---- */

/* Around the number of the rule: down to an eighth, up to eight times. */
static const struct {
        int64_t of, by;
} steps[] = { { 1, 8 }, { 1, 4 }, { 1, 2 }, { 3, 4 }, { 1, 1 }, { 3, 2 }, { 2, 1 }, { 4, 1 }, { 8, 1 } };

static int add_number(struct tuning *t, struct bench *b, measure_t number, bool is_now)
{
        char text[MEASURE_BYTES];
        struct tune_try *at;
        size_t i = 0;

        measure_format(number, MEASURE_MICRO, text);
        while (i < b->tuned.n && number_cmp(b->tries[i].number, str_of(text)) < 0)
                i++;
        if (i < b->tuned.n && number_cmp(b->tries[i].number, str_of(text)) == 0) {
                b->tries[i].is_now |= is_now;
                return 0;
        }
        if (b->tuned.n == TUNE_NUMBERS_MAX)
                return -E2BIG;
        at = &b->tries[i];
        memmove(at + 1, at, (b->tuned.n - i) * sizeof *at);
        *at = (struct tune_try){ .number = arena_dup(t->arena, str_of(text)), .is_now = is_now };
        b->tuned.n++;
        return at->number.p ? 0 : -ENOMEM;
}

static int add_steps(struct tuning *t, struct bench *b, measure_t now)
{
        bool is_whole = now % MEASURE_MICRO == 0;
        int r = 0;

        for (size_t i = 0; i < ARRAY_LEN(steps) && r >= 0; i++) {
                measure_t number = now / steps[i].by * steps[i].of + now % steps[i].by * steps[i].of / steps[i].by;

                if (is_whole)
                        number -= number % MEASURE_MICRO;
                if (number > 0 && now < INT64_MAX / 16)
                        r = add_number(t, b, number, false);
        }
        return r;
}

/* "10,20,40"; false: there is something else. */
static bool read_numbers(struct tuning *t, struct bench *b, struct str list, int *r)
{
        struct str word;

        while (*r >= 0 && str_cut(&list, ',', &word)) {
                measure_t number;

                if (!measure_parse(str_trim(word), &number))
                        return false;
                *r = add_number(t, b, number, false);
        }
        return true;
}

/* ---- The rule ---- */

static void mark_members(const struct ruleset *set, size_t rule, bool *feeds, unsigned depth)
{
        const uint32_t *members;
        size_t n = ruleset_members(set, rule, &members);

        feeds[rule] = true;
        for (size_t i = 0; i < n && depth < CHAIN_MAX; i++)
                mark_members(set, members[i], feeds, depth + 1);
}

static void describe(const struct sigma_rule *rule, struct str now, struct strbuf *out)
{
        static const char *const ops[] = { [SIGMA_GT] = "gt", [SIGMA_GTE] = "gte", [SIGMA_LT] = "lt",
                                           [SIGMA_LTE] = "lte", [SIGMA_EQ] = "eq", [SIGMA_NEQ] = "neq" };
        const struct sigma_correlation *c = rule->correlation;
        char span[DURATION_BYTES];

        duration_format(c->timespan, span);
        strbuf_add(out, c->type);
        for (size_t i = 0; i < c->n_fields; i++)
                strbuf_addf(out, "%s" STR_FMT, i ? ", " : " of ", STR_ARG(c->fields[i]));
        strbuf_addf(out, ", %s " STR_FMT ", within %s", ops[c->n_limits ? c->limits[0].op : SIGMA_GTE], STR_ARG(now), span);
}

/* The number that the rule has now; or a sentence why it has none. */
static const char *number_of(const struct sigma_rule *rule, struct str *ret)
{
        const struct sigma_correlation *c = rule->correlation;
        const struct kind *kind = c ? kind_find(c->type) : NULL;

        if (!c || !kind)
                return "a rule about single records has no number; only correlations do";
        if (c->n_limits > 1)
                return "its condition has two limits: which one is meant?";
        if (c->n_limits == 0 && !kind->least)
                return "its condition has no number";
        *ret = c->n_limits ? c->limits[0].number : str_of(kind->least);
        return NULL;
}

/* ---- Engines ---- */

static void trial_done(struct trial *t)
{
        engine_free(t->engine);
        ruleset_free(t->rules);
        map_done(&t->alerts);
        *t = (struct trial){ 0 };
}

/* Does the set have the same rules under the same numbers? */
static bool is_like(const struct ruleset *a, const struct ruleset *b)
{
        bool is_same = ruleset_count(a) == ruleset_count(b);

        for (size_t i = 0; is_same && i < ruleset_count(a); i++)
                is_same = str_eq(ruleset_rule(a, i)->label, ruleset_rule(b, i)->label);
        return is_same;
}

static bool is_bound(const struct ruleset *set, size_t rule, size_t n_sources)
{
        for (size_t i = 0; i < n_sources; i++)
                if (ruleset_applies(set, rule, i))
                        return true;
        return false;
}

/* A rule that is left out with this number says why in its own words. */
static void find_refusal(const struct tuning *t, size_t rule, const struct ruleset *set, const struct err_list *errors, struct err *ret)
{
        const struct sigma_rule *r = ruleset_rule(set, rule);
        size_t n = sourceset_count(t->setup->sources);

        if (is_bound(set, rule, n) || !is_bound(t->setup->rules, rule, n))
                return;
        err_set(ret, -EBADMSG, "the rule cannot have this number");
        for (size_t i = 0; i < errors->n; i++)
                if (strcmp(errors->items[i].file, r->file) == 0 && errors->items[i].line >= r->line) {
                        *ret = errors->items[i];
                        return;
                }
}

static int start_trial(struct tuning *t, struct cli *cli, struct bench *b, size_t i)
{
        const struct sigma_rule *rule = ruleset_rule(t->setup->rules, b->tuned.rule);
        CLEANUP(err_list_done) struct err_list errors = ERR_LIST_INIT;
        struct trial *trial = &b->trials[i];
        struct sigma_options o = *cli_language(cli);
        size_t tuned = 0;
        struct err err = { 0 };
        int r;

        o.tuned_rule = rule->label;
        o.tuned_number = b->tries[i].number;
        o.tuned = &tuned;
        *trial = (struct trial){ .alerts = MAP_INIT, .label = rule->label, .arena = t->arena };
        r = setup_rules_again(t->setup, &cli->rules, &o, &trial->rules, &errors, &err);
        if (r >= 0 && (tuned != 1 || !is_like(trial->rules, t->setup->rules)))
                r = err_set(&err, -ESTALE, "the rules have changed meanwhile, or two are called " STR_FMT, STR_ARG(rule->label));
        if (r < 0) {
                log_err(LOG_LEVEL_ERROR, &err);
                return r;
        }
        find_refusal(t, b->tuned.rule, trial->rules, &errors, &b->tries[i].refused);
        if (b->tries[i].refused.code)
                return 0;
        trial->engine = engine_new(trial->rules, &(struct engine_options){ 0 });
        return trial->engine ? 0 : -ENOMEM;
}

/* ---- One --tune ---- */

/* "RULE" or "RULE=10,20"; a rule's own title may hold an equals sign. */
static int read_word(struct tuning *t, struct bench *b, const char *word, int *r)
{
        const char *equals = strrchr(word, '=');
        struct str name = str_of(word);

        b->tuned.rule = backtest_find_rule(t->setup->rules, name);
        if (b->tuned.rule == SIZE_MAX && equals) {
                name.n = (size_t)(equals - word);
                b->tuned.rule = backtest_find_rule(t->setup->rules, name);
                if (b->tuned.rule != SIZE_MAX && !read_numbers(t, b, str_of(equals + 1), r)) {
                        log_error("--tune %s: behind = stand numbers with commas between them, such as 10,20,40", word);
                        return CLI_USAGE;
                }
        }
        if (b->tuned.rule != SIZE_MAX)
                return CLI_OK;
        log_error("--tune %s: no rule has that id, name or title; `shopbell rules list` shows them", word);
        return CLI_USAGE;
}

static int set_up(struct tuning *t, struct bench *b, const char *word)
{
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        const struct sigma_rule *rule;
        struct str now = STR_NONE;
        measure_t number;
        const char *wrong;
        int r = 0, code = read_word(t, b, word, &r);

        if (code != CLI_OK)
                return code;
        rule = ruleset_rule(t->setup->rules, b->tuned.rule);
        wrong = ruleset_alerts(t->setup->rules, b->tuned.rule) ? number_of(rule, &now) : "it does not alert by itself";
        if (!wrong && !measure_parse(now, &number))
                wrong = "its number is none that can be counted with";
        if (wrong) {
                log_error("--tune %s: %s", word, wrong);
                return CLI_USAGE;
        }
        if (r >= 0 && b->tuned.n == 0)
                r = add_steps(t, b, number);
        if (r >= 0)
                r = add_number(t, b, number, true);
        describe(rule, now, &text);
        b->tuned.text = arena_dup(t->arena, strbuf_str(&text));
        b->tuned.tries = b->tries;
        b->feeds = calloc(ruleset_count(t->setup->rules) + 1, sizeof *b->feeds);
        if (r == -E2BIG)
                log_error("--tune %s: at most %d numbers", word, TUNE_NUMBERS_MAX - 1);
        else if (r < 0 || !b->feeds || !b->tuned.text.p)
                log_error("out of memory");
        if (r < 0 || !b->feeds || !b->tuned.text.p)
                return r == -E2BIG ? CLI_USAGE : CLI_CANNOT;
        mark_members(t->setup->rules, b->tuned.rule, b->feeds, 0);
        return CLI_OK;
}

int tuning_new(struct cli *cli, const struct setup *setup, struct tuning **ret)
{
        CLEANUP(tuning_freep) struct tuning *t = calloc(1, sizeof *t);
        int code = CLI_OK;

        if (t) {
                t->setup = setup;
                t->arena = arena_new();
                t->benches = calloc(cli->tune.n, sizeof *t->benches);
                t->hits = calloc(ruleset_count(setup->rules) + 1, sizeof *t->hits);
        }
        if (!t || !t->arena || !t->benches || !t->hits) {
                log_error("out of memory");
                return CLI_CANNOT;
        }
        for (size_t i = 0; i < cli->tune.n && code == CLI_OK; i++) {
                struct bench *b = &t->benches[t->n++];

                code = set_up(t, b, cli->tune.items[i]);
                for (size_t k = 0; k < b->tuned.n && code == CLI_OK; k++)
                        code = start_trial(t, cli, b, k) < 0 ? CLI_CANNOT : CLI_OK;
        }
        if (code == CLI_OK)
                *ret = TAKE(t);
        return code;
}

struct tuning *tuning_free(struct tuning *t)
{
        if (!t)
                return NULL;
        for (size_t i = 0; i < t->n; i++) {
                for (size_t k = 0; k < TUNE_NUMBERS_MAX; k++)
                        trial_done(&t->benches[i].trials[k]);
                free(t->benches[i].feeds);
        }
        free(t->benches);
        free(t->hits);
        arena_free(t->arena);
        free(t);
        return NULL;
}

/* ---- At work ---- */

static int keep_nothing(void *userdata, const struct record *record)
{
        (void)userdata;
        (void)record;
        return 0;
}

static int on_change(void *userdata, const struct alert_change *c)
{
        struct trial *t = userdata;
        struct str id = str_from((const char *)c->id.b, sizeof c->id.b);
        struct told *told;

        if (!str_eq(c->rule_id, t->label))
                return 0;
        told = map_get(&t->alerts, id);
        if (!told) {
                told = arena_alloc(t->arena, sizeof *told);
                if (!told || map_put(&t->alerts, id, told) < 0)
                        return -ENOMEM;
        }
        *told = (struct told){ c->first_seen, c->level, c->kind == CHANGE_RAISE || c->kind == CHANGE_GROW };
        return 0;
}

int tuning_take(struct tuning *t, const struct record *record, const uint32_t *hits, size_t n, usec arrival)
{
        int r = 0;

        for (size_t i = 0; i < t->n; i++) {
                struct bench *b = &t->benches[i];
                size_t n_own = 0;

                for (size_t k = 0; k < n; k++)
                        if (b->feeds[hits[k]])
                                t->hits[n_own++] = hits[k];
                for (size_t k = 0; k < b->tuned.n && n_own > 0 && r >= 0; k++) {
                        struct engine_sink sink = { keep_nothing, on_change, &b->trials[k] };

                        if (b->trials[k].engine)
                                r = engine_take(b->trials[k].engine, record, t->hits, n_own, arrival, &sink);
                }
        }
        return r;
}

static int finish_trial(struct trial *t, usec from, enum level rings, struct tune_try *ret)
{
        struct engine_sink sink = { keep_nothing, on_change, t };
        int r = t->engine ? engine_finish(t->engine, &sink) : 0;

        for (struct map_iter at = { 0 }; r >= 0 && map_next(&t->alerts, &at);) {
                const struct told *told = at.value;

                ret->alerts += told->is_open && told->first >= from;
                ret->rang += told->is_open && told->first >= from && told->level >= rings;
        }
        return r;
}

/* Only where more is more: with lt and lte a low number is a quiet one. */
static bool is_rising(const struct sigma_rule *rule)
{
        const struct sigma_correlation *c = rule->correlation;

        return c->n_limits == 0 || c->limits[0].op == SIGMA_GT || c->limits[0].op == SIGMA_GTE;
}

/* What the replay left of the alerts of the rule as it is. */
static size_t count_left(const struct outcome *o, struct str rule)
{
        size_t n = 0;

        for (size_t i = 0; i < o->n; i++)
                n += str_eq(o->alerts[i].rule, rule);
        return n;
}

int tuning_finish(struct tuning *t, const struct outcome *o, enum level rings)
{
        int r = 0;

        for (size_t i = 0; i < t->n; i++) {
                struct bench *b = &t->benches[i];
                const struct sigma_rule *rule = ruleset_rule(t->setup->rules, b->tuned.rule);

                b->tuned.left = count_left(o, rule->label);
                for (size_t k = 0; k < b->tuned.n && r >= 0; k++)
                        r = finish_trial(&b->trials[k], o->from, rings, &b->tries[k]);
                if (!is_rising(rule))
                        continue;
                for (size_t k = 0; k < b->tuned.n && !b->tuned.calmest; k++)
                        if (!b->tries[k].refused.code && (double)b->tries[k].alerts <= outcome_weeks(o))
                                b->tuned.calmest = &b->tries[k];
        }
        return r;
}

size_t tuning_count(const struct tuning *t)
{
        return t ? t->n : 0;
}

const struct tuned *tuning_get(const struct tuning *t, size_t i)
{
        return &t->benches[i].tuned;
}
