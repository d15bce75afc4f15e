/* SPDX-License-Identifier: Apache-2.0 */

/* What a backtest is held against: a number of alerts a week that no rule may exceed, and a YAML list of alerts that must come
 * or must not:
 *
 *     - must: Many AWS objects read          # a rule's id, name or title; or shopbell-risk
 *       person: lea
 *       level: high                          # at least
 *       from: 2026-03-10                     # began not before, and before
 *       until: 2026-03-11
 *       alerts: 1                            # exactly so many; without it: one or more
 *     - must_not: any                        # any rule
 *       person: mei                                                                                              */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor/base/log.h"
#include "monitor/cli/backtest.h"
#include "monitor/detect/engine.h"
#include "monitor/store/quiet.h"

/* Alerts that no file of rules describes. */
static const struct {
        const char *id, *title;
} own_rules[] = {
        { RISK_RULE, RISK_TITLE },
        { ENGINE_LOSS_RULE, ENGINE_LOSS_TITLE },
};

struct expectation {
        bool must;
        struct str rule; /* as alerts name it (id, else title); p NULL: any */
        struct str person; /* p NULL: anybody */
        enum level level; /* at least */
        usec from, until; /* USEC_NONE: no bound */
        bool has_number;
        uint64_t alerts;
        unsigned line, col;
};

struct expectations {
        struct yaml_file *file; /* owns the texts */
        struct expectation *items;
        size_t n;
};

/* ---- Reading ---- */

struct reader {
        const char *path;
        const struct ruleset *rules;
        struct err *err;
};

static int fail(struct reader *r, const struct yaml *at, const char *fmt, ...) PRINTF_LIKE(3, 4);
static int fail(struct reader *r, const struct yaml *at, const char *fmt, ...)
{
        char text[ERR_TEXT_BYTES];
        va_list ap;

        va_start(ap, fmt);
        vsnprintf(text, sizeof text, fmt, ap);
        va_end(ap);
        return err_at(r->err, -EBADMSG, r->path, at->line, at->col, "%s", text);
}

static int read_rule(struct reader *r, const struct yaml *value, struct expectation *e)
{
        size_t rule;

        if (!yaml_is_scalar(value))
                return fail(r, value, "must and must_not take the id, name or title of a rule, or: any");
        if (str_eqz(value->text, "any"))
                return 0;
        for (size_t i = 0; i < ARRAY_LEN(own_rules) && !e->rule.p; i++)
                if (str_eqz(value->text, own_rules[i].id) || str_eqz(value->text, own_rules[i].title))
                        e->rule = str_of(own_rules[i].id);
        if (e->rule.p)
                return 0;
        rule = backtest_find_rule(r->rules, value->text);
        if (rule == SIZE_MAX)
                return fail(r, value, "no rule has the id, name or title %s; `shopbell rules list` shows them", value->text.p);
        e->rule = ruleset_rule(r->rules, rule)->label;
        return ruleset_alerts(r->rules, rule) ? 0 : fail(r, value, "the rule %s does not alert by itself", value->text.p);
}

static int read_time(struct reader *r, const struct yaml *value, usec *ret)
{
        struct time_hint hint = { .reference = USEC_NONE, .local = true };

        if (yaml_is_scalar(value) && time_parse(value->text, TIME_UNIT_S, &hint, ret) == 0)
                return 0;
        return fail(r, value, "a date or time belongs here, such as 2026-03-10 or 2026-03-10T09:00:00");
}

static int read_key(struct reader *r, const struct yaml_pair *pair, struct expectation *e, size_t *n_kinds)
{
        const struct yaml *key = pair->key, *value = pair->value;

        if (str_eqz(key->text, "must") || str_eqz(key->text, "must_not")) {
                ++*n_kinds;
                e->must = str_eqz(key->text, "must");
                return read_rule(r, value, e);
        }
        if (str_eqz(key->text, "person")) {
                e->person = value->text;
                return yaml_is_scalar(value) ? 0 : fail(r, value, "person takes one name");
        }
        if (str_eqz(key->text, "level")) {
                e->level = level_find(value->text);
                return e->level != _LEVEL_MAX ? 0 : fail(r, value, "level takes informational, low, medium, high or critical");
        }
        if (str_eqz(key->text, "from"))
                return read_time(r, value, &e->from);
        if (str_eqz(key->text, "until"))
                return read_time(r, value, &e->until);
        if (!str_eqz(key->text, "alerts"))
                return fail(r, key, "unknown key %s: write must, must_not, person, level, from, until or alerts", key->text.p);
        e->has_number = true;
        if (value->kind == YAML_INT && str_to_u64(value->text, &e->alerts) == 0)
                return 0;
        return fail(r, value, "alerts takes a number: exactly so many must come");
}

static int read_one(struct reader *r, const struct yaml *map, struct expectation *e)
{
        size_t n_kinds = 0;

        *e = (struct expectation){ .from = USEC_NONE, .until = USEC_NONE, .line = map->line, .col = map->col };
        if (map->kind != YAML_MAP)
                return fail(r, map, "%s where an expectation belongs, such as  - must: RULE", yaml_kind_name(map));
        for (size_t i = 0; i < map->n; i++) {
                int k = read_key(r, &map->pairs[i], e, &n_kinds);

                if (k < 0)
                        return k;
        }
        if (n_kinds != 1)
                return fail(r, map, "an expectation has exactly one of must and must_not");
        return e->has_number && !e->must ? fail(r, yaml_get(map, "alerts"), "alerts goes with must only") : 0;
}

static int read_all(struct reader *r, struct expectations *e)
{
        int k = yaml_load(r->path, &e->file, r->err);
        const struct yaml *list = k < 0 || e->file->n == 0 ? NULL : e->file->docs[0];

        if (k < 0)
                return k;
        if (!list || e->file->n != 1 || list->kind != YAML_LIST)
                return err_at(r->err, -EBADMSG, r->path, 1, 1, "one list is expected here, such as  - must: RULE");
        e->items = calloc(list->n + 1, sizeof *e->items);
        if (!e->items)
                return err_set(r->err, -ENOMEM, "out of memory");
        for (size_t i = 0; i < list->n && k >= 0; i++)
                k = read_one(r, list->items[i], &e->items[e->n++]);
        return k;
}

int expectations_load(const char *path, const struct ruleset *rules, struct expectations **ret)
{
        CLEANUP(expectations_freep) struct expectations *e = calloc(1, sizeof *e);
        struct err err = { 0 };
        struct reader r = { path, rules, &err };

        if (!e)
                err_set(&err, -ENOMEM, "out of memory");
        if (!e || read_all(&r, e) < 0) {
                log_err(LOG_LEVEL_ERROR, &err);
                return CLI_CANNOT;
        }
        *ret = TAKE(e);
        return CLI_OK;
}

struct expectations *expectations_free(struct expectations *e)
{
        if (!e)
                return NULL;
        yaml_file_free(e->file);
        free(e->items);
        free(e);
        return NULL;
}

/* ---- Judging ---- */

static bool fits(const struct expectation *e, const struct backtest_alert *a)
{
        return (!e->rule.p || str_eq(e->rule, a->rule)) &&
               (!e->person.p || str_eq_nocase(e->person, a->person)) && a->level >= e->level &&
               (e->from == USEC_NONE || a->first >= e->from) && (e->until == USEC_NONE || a->first < e->until);
}

static void add_reason(struct strbuf *why, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void add_reason(struct strbuf *why, const char *fmt, ...)
{
        va_list ap;

        strbuf_addz(why, why->n ? "; " : "");
        va_start(ap, fmt);
        strbuf_vaddf(why, fmt, ap);
        va_end(ap);
}

static void judge_one(const struct expectation *e, const struct outcome *o, const char *file, struct strbuf *why)
{
        CLEANUP(strbuf_done) struct strbuf of = STRBUF_INIT;
        size_t found = 0;

        for (size_t i = 0; i < o->n; i++)
                found += fits(e, &o->alerts[i]);
        if (e->person.p)
                strbuf_addf(&of, " of " STR_FMT, STR_ARG(e->person));
        if (e->must && e->has_number && found != e->alerts)
                add_reason(why, "%s:%u: %llu alerts%s must come, %zu came", file, e->line, (unsigned long long)e->alerts,
                           of.p ? of.p : "", found);
        else if (e->must && !e->has_number && found == 0)
                add_reason(why, "%s:%u: an alert%s must come, none came", file, e->line, of.p ? of.p : "");
        else if (!e->must && found > 0)
                add_reason(why, "%s:%u: no alert%s may come, %zu came", file, e->line, of.p ? of.p : "", found);
}

static int end_result(struct test_results *all, struct test_result *result, struct strbuf *why)
{
        result->outcome = why->n ? TEST_FAILED : TEST_PASSED;
        all->count[result->outcome]++;
        result->why = why->n ? strbuf_take(why) : NULL;
        all->n++;
        return result->outcome == TEST_FAILED && !result->why ? -ENOMEM : 0;
}

/* What all results are made from. */
struct judge {
        const struct outcome *outcome;
        const struct expectations *expectations; /* or NULL */
        double max_per_week;
        struct test_results *ret;
};

/* `rule`: id, else title. */
static int judge_rule(struct judge *j, struct str rule, struct str title, const char *file, unsigned line)
{
        const struct outcome *o = j->outcome;
        const struct expectations *e = j->expectations;
        CLEANUP(strbuf_done) struct strbuf why = STRBUF_INIT;
        struct test_result *result = &j->ret->items[j->ret->n];
        char rate[RATE_BYTES], most[RATE_BYTES];
        double a_week;
        size_t rang = 0;

        *result = (struct test_result){ .file = file, .line = line, .col = 1, .title = title };
        snprintf(result->name, sizeof result->name, "backtest");
        for (size_t i = 0; i < o->n; i++)
                rang += o->alerts[i].rings && str_eq(o->alerts[i].rule, rule);
        a_week = (double)rang / outcome_weeks(o);
        rate_format(a_week, rate);
        rate_format(j->max_per_week, most);
        if (j->max_per_week >= 0 && a_week > j->max_per_week)
                add_reason(&why, "rang %s times a week, at most %s are allowed", rate, most);
        for (size_t i = 0; e && i < e->n; i++)
                if (e->items[i].rule.p && str_eq(e->items[i].rule, rule))
                        judge_one(&e->items[i], o, e->file->name, &why);
        return end_result(j->ret, result, &why);
}

/* Alerts of rules that are not in the set: shopbell's own. One that none came of counts where one is expected. */
static int judge_own_rules(struct judge *j)
{
        const struct expectations *e = j->expectations;
        int r = 0;

        for (size_t i = 0; i < ARRAY_LEN(own_rules) && r >= 0; i++) {
                bool is_asked = false;

                for (size_t k = 0; k < j->outcome->n && !is_asked; k++)
                        is_asked = str_eqz(j->outcome->alerts[k].rule, own_rules[i].id);
                for (size_t k = 0; e && k < e->n && !is_asked; k++)
                        is_asked = str_eqz(e->items[k].rule, own_rules[i].id);
                if (is_asked)
                        r = judge_rule(j, str_of(own_rules[i].id), str_of(own_rules[i].title), "shopbell", 1);
        }
        return r;
}

static int judge_any_rule(struct judge *j, const struct expectation *e)
{
        CLEANUP(strbuf_done) struct strbuf why = STRBUF_INIT;
        const char *file = j->expectations->file->name;
        struct test_result *result = &j->ret->items[j->ret->n];

        *result = (struct test_result){ .file = file, .line = e->line, .col = e->col, .title = STR("any rule") };
        snprintf(result->name, sizeof result->name, "line %u", e->line);
        judge_one(e, j->outcome, file, &why);
        return end_result(j->ret, result, &why);
}

int backtest_judge(const struct outcome *o, const struct ruleset *rules, const struct expectations *e, double max_per_week,
                   struct test_results *ret)
{
        struct judge j = { o, e, max_per_week, ret };
        size_t n = ruleset_count(rules);
        int r = 0;

        *ret = (struct test_results){ .items = calloc(n + ARRAY_LEN(own_rules) + (e ? e->n : 0) + 1, sizeof *ret->items) };
        if (!ret->items)
                return -ENOMEM;
        for (size_t i = 0; i < n && r >= 0; i++) {
                const struct sigma_rule *rule = ruleset_rule(rules, i);

                if (ruleset_alerts(rules, i))
                        r = judge_rule(&j, rule->label, rule->title, rule->file, rule->line);
        }
        if (r >= 0)
                r = judge_own_rules(&j);
        for (size_t i = 0; e && i < e->n && r >= 0; i++)
                if (!e->items[i].rule.p)
                        r = judge_any_rule(&j, &e->items[i]);
        return r;
}

void backtest_results_done(struct test_results *r)
{
        for (size_t i = 0; r->items && i < r->n; i++)
                free(r->items[i].why);
        free(r->items);
        *r = (struct test_results){ 0 };
}
