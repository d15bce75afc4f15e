/* SPDX-License-Identifier: Apache-2.0 */

/* A backtest in words: first the sentence an owner asks for, then which alerts, by rule and by person, then what else was
 * asked. Times are local. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor/base/utf8.h"
#include "monitor/cli/backtest.h"
#include "monitor/cli/table.h"

enum { ALERTS_SHOWN = 20, PEOPLE_SHOWN = 3, DATE_BYTES = 11, MINUTE_BYTES = 17 };

/* ---- Small words ---- */

/* "2026-03-10 22:14": nobody needs the second; with max DATE_BYTES only the day. */
static struct str local_time(usec t, char ret[TIME_ISO_BYTES], size_t max)
{
        time_format_local(t, ret);
        if (strlen(ret) >= max)
                ret[max - 1] = '\0';
        return str_of(ret);
}

static void print_safe(struct str text)
{
        CLEANUP(strbuf_done) struct strbuf safe = STRBUF_INIT;

        text_display(&safe, text, TEXT_TERMINAL, 0);
        fputs(safe.p ? safe.p : "", stdout);
}

enum { TIMES_BYTES = 48 };
static const char *would_have_rung(size_t n, char ret[TIMES_BYTES])
{
        if (n <= 2)
                return n == 0 ? "would not have rung" : n == 1 ? "would have rung once" : "would have rung twice";
        snprintf(ret, TIMES_BYTES, "would have rung %zu times", n);
        return ret;
}

static const char *plural(size_t n)
{
        return n == 1 ? "" : "s";
}

/* ---- The sentence ---- */

static void print_days(const struct outcome *o)
{
        char from[TIME_ISO_BYTES], to[TIME_ISO_BYTES];
        double days = outcome_days(o);

        local_time(o->from, from, DATE_BYTES);
        local_time(o->to, to, DATE_BYTES);
        if (days < 1.5)
                printf("On this day (%s)", to);
        else
                printf("In these %.0f days (%s to %s)", days, from, to);
}

static void print_headline(const struct backtest_report *r)
{
        const struct outcome *o = r->outcome;
        char rate[RATE_BYTES], n[TIMES_BYTES];

        if (o->to == USEC_NONE) {
                puts("There was no record with a time: nothing can be said.");
                return;
        }
        print_days(o);
        printf(" shopbell %s", would_have_rung(o->rang, n));
        if (o->rang > 0 && outcome_days(o) > 7) {
                rate_format((double)o->rang / outcome_weeks(o), rate);
                printf(", %s %s a week", rate, strcmp(rate, "1") == 0 ? "time" : "times");
        }
        puts(o->rang ? ":\n" : ".");
}

/* ---- Which ---- */

static int by_weight(const void *a, const void *b)
{
        const struct backtest_alert *x = *(const struct backtest_alert *const *)a, *y = *(const struct backtest_alert *const *)b;

        if (x->level != y->level)
                return x->level < y->level ? 1 : -1;
        return x->first < y->first ? -1 : x->first > y->first;
}

static int by_time(const void *a, const void *b)
{
        const struct backtest_alert *x = *(const struct backtest_alert *const *)a, *y = *(const struct backtest_alert *const *)b;

        return x->first < y->first ? -1 : x->first > y->first;
}

/* The gravest of those that rang, in order of time. */
static const struct backtest_alert **pick(const struct outcome *o, size_t max, size_t *ret_n)
{
        const struct backtest_alert **items = calloc(o->n + 1, sizeof *items);
        size_t n = 0;

        for (size_t i = 0; items && i < o->n; i++)
                if (o->alerts[i].rings)
                        items[n++] = &o->alerts[i];
        if (items && n > max) {
                qsort(items, n, sizeof *items, by_weight);
                n = max;
        }
        if (items && n > 0)
                qsort(items, n, sizeof *items, by_time);
        *ret_n = n;
        return items;
}

static int print_rang(const struct backtest_report *r)
{
        static const struct table_column columns[] = { { .title = "TIME" }, { .title = "LEVEL", .is_level = true }, { .title = "ALERT", .is_wrapped = true } };
        CLEANUP(table_freep) struct table *t = table_new(columns, ARRAY_LEN(columns), FORMAT_TABLE);
        CLEANUP(memory_freep) const struct backtest_alert **items = NULL;
        size_t n;

        items = pick(r->outcome, r->cli->limit ? r->cli->limit : ALERTS_SHOWN, &n);
        if (!t || !items)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++) {
                char stamp[TIME_ISO_BYTES];

                if (table_add(t, (struct str[]){ local_time(items[i]->first, stamp, MINUTE_BYTES), str_of(level_name(items[i]->level)),
                                                 items[i]->sentence }) < 0)
                        return -ENOMEM;
        }
        if (table_print(t) < 0)
                return -EIO;
        if (n < r->outcome->rang)
                printf("and %zu more of no higher level (-n %zu shows all)\n", r->outcome->rang - n, r->outcome->rang);
        return 0;
}

static void print_rest(const struct backtest_report *r)
{
        const struct outcome *o = r->outcome;
        size_t listed = o->n - o->rang;

        if (o->to == USEC_NONE)
                return;
        if (listed > 0)
                printf("\n%zu%s alert%s below %s would only have stood in the list.\n", listed, o->rang ? " more" : "", plural(listed),
                       level_name(r->cli->rings));
        if (o->earlier > 0)
                printf("\n%zu alert%s before these days not counted; the records of that time were learned from.\n", o->earlier,
                       o->earlier == 1 ? "" : "s");
        if (o->first == o->from)
                puts("\nThere is no record before these days: rules that learn what is usual had nothing to learn from at first.");
}

/* ---- By rule, by person, by week ---- */

static void add_people(struct strbuf *out, const struct heaps *people)
{
        for (size_t i = 0; i < people->n && i < PEOPLE_SHOWN; i++) {
                strbuf_addf(out, "%s" STR_FMT, i ? ", " : "", STR_ARG(people->items[i].title));
                if (people->items[i].rang + people->items[i].listed > 1)
                        strbuf_addf(out, " (%zu)", people->items[i].rang + people->items[i].listed);
        }
        if (people->n > PEOPLE_SHOWN)
                strbuf_addf(out, " and %zu more", people->n - PEOPLE_SHOWN);
}

static int add_rule(struct table *t, const struct outcome *o, const struct heap *h)
{
        CLEANUP(strbuf_done) struct strbuf who = STRBUF_INIT;
        char rang[24], listed[24], rate[RATE_BYTES];
        struct heaps people;

        if (heaps_by_person(o, h->key, &people) < 0)
                return -ENOMEM;
        add_people(&who, &people);
        free(people.items);
        snprintf(rang, sizeof rang, "%zu", h->rang);
        snprintf(listed, sizeof listed, "%zu", h->listed);
        rate_format((double)(h->rang + h->listed) / outcome_weeks(o), rate);
        return table_add(t, (struct str[]){ h->title, str_of(level_name(h->level)), str_of(rang), str_of(listed), str_of(rate),
                                            strbuf_str(&who) });
}

static int print_rules(const struct outcome *o)
{
        static const struct table_column columns[] = {
                { .title = "RULE" },   { .title = "LEVEL", .is_level = true }, { .title = "RANG", .is_right = true }, { .title = "LISTED", .is_right = true },
                { .title = "A WEEK", .is_right = true }, { .title = "WHO", .is_wrapped = true },
        };
        CLEANUP(table_freep) struct table *t = table_new(columns, ARRAY_LEN(columns), FORMAT_TABLE);
        struct heaps rules;
        int r = t ? heaps_by_rule(o, &rules) : -ENOMEM;

        if (r < 0)
                return r;
        for (size_t i = 0; i < rules.n && r >= 0; i++)
                r = add_rule(t, o, &rules.items[i]);
        if (r >= 0 && rules.n > 0) {
                puts("\nBy rule");
                r = table_print(t);
        }
        free(rules.items);
        return r;
}

static int print_people(const struct outcome *o)
{
        static const struct table_column columns[] = {
                { .title = "PERSON" }, { .title = "WORST" }, { .title = "RANG", .is_right = true }, { .title = "LISTED", .is_right = true },
        };
        CLEANUP(table_freep) struct table *t = table_new(columns, ARRAY_LEN(columns), FORMAT_TABLE);
        struct heaps people;
        int r = t ? heaps_by_person(o, STR_NONE, &people) : -ENOMEM;

        if (r < 0)
                return r;
        for (size_t i = 0; i < people.n && r >= 0; i++) {
                const struct heap *h = &people.items[i];
                char rang[24], listed[24];

                snprintf(rang, sizeof rang, "%zu", h->rang);
                snprintf(listed, sizeof listed, "%zu", h->listed);
                r = table_add(t, (struct str[]){ h->title, str_of(level_name(h->level)), str_of(rang), str_of(listed) });
        }
        if (r >= 0 && people.n > 0) {
                puts("\nBy person");
                r = table_print(t);
        }
        free(people.items);
        return r;
}

static int print_weeks(const struct outcome *o)
{
        char from[TIME_ISO_BYTES], n[TIMES_BYTES];
        size_t loudest = 0, silent = 0;
        struct heaps weeks;
        int r = heaps_by_week(o, &weeks);

        if (r < 0)
                return r;
        for (size_t i = 0; i < weeks.n; i++) {
                if (weeks.items[i].rang > weeks.items[loudest].rang)
                        loudest = i;
                silent += weeks.items[i].rang == 0;
        }
        if (weeks.n > 1 && o->rang > 0)
                printf("\nIn the loudest week, from %s on, it %s. Weeks without a ring: %zu of %zu.\n",
                       local_time(weeks.items[loudest].from, from, DATE_BYTES).p, would_have_rung(weeks.items[loudest].rang, n), silent,
                       weeks.n);
        free(weeks.items);
        return 0;
}

/* ---- Other numbers ---- */

/* A rule that rings more than once a week and has a number of its own, which was not asked about. */
static bool is_tunable(const struct backtest_report *r, const struct heap *h)
{
        size_t rule = backtest_find_rule(r->setup->rules, h->key);
        const struct sigma_rule *is = rule == SIZE_MAX ? NULL : ruleset_rule(r->setup->rules, rule);

        for (size_t i = 0; i < tuning_count(r->tuning); i++)
                if (tuning_get(r->tuning, i)->rule == rule)
                        return false;
        return is && is->correlation && is->correlation->n_limits == 1 && str_eq(is->title, h->title) &&
               (double)h->rang > outcome_weeks(r->outcome);
}

static int print_hints(const struct backtest_report *r)
{
        struct heaps rules;
        int k = heaps_by_rule(r->outcome, &rules);
        bool is_first = true;

        if (k < 0)
                return k;
        for (size_t i = 0; i < rules.n; i++) {
                if (!is_tunable(r, &rules.items[i]))
                        continue;
                fputs(is_first ? "\nToo loud? What other numbers would have done:\n  --tune \"" : "  --tune \"", stdout);
                print_safe(rules.items[i].title);
                puts("\"");
                is_first = false;
        }
        free(rules.items);
        return 0;
}

static void print_try(const struct tuned *t, const struct tune_try *at)
{
        printf("  at " STR_FMT ": ", STR_ARG(at->number));
        if (at->refused.code)
                print_safe(str_of(at->refused.text));
        else if (at->alerts == 0)
                fputs("none", stdout);
        else
                printf("%zu alert%s", at->alerts, plural(at->alerts));
        if (!at->refused.code && at->rang > 0 && at->rang < at->alerts)
                printf(", %zu of them would have rung", at->rang);
        if (!at->is_now)
                puts("");
        else if (t->left == at->alerts)
                puts("   (as the rule is)");
        else
                printf("   (as the rule is; %zu of them muted)\n", at->alerts - size_min(t->left, at->alerts));
}

static void print_tuned(const struct backtest_report *r, const struct tuned *t)
{
        fputs("\n", stdout);
        print_safe(ruleset_rule(r->setup->rules, t->rule)->title);
        fputs(" (", stdout);
        print_safe(t->text);
        fputs("), with other numbers in the same days, before anything is muted:\n", stdout);
        for (size_t i = 0; i < t->n; i++)
                print_try(t, &t->tries[i]);
        if (t->calmest)
                printf("The lowest of these numbers with at most one alert a week: " STR_FMT ".\n", STR_ARG(t->calmest->number));
}

/* ---- Two packs ---- */

static void add_paths(struct strbuf *out, const struct paths *paths)
{
        for (size_t i = 0; i < paths->n; i++)
                strbuf_addf(out, "%s%s", i ? ", " : "", paths->items[i]);
}

static int add_difference(struct table *t, const struct difference *d)
{
        CLEANUP(strbuf_done) struct strbuf example = STRBUF_INIT;
        char stamp[TIME_ISO_BYTES], n[24];

        snprintf(n, sizeof n, "%zu", d->alerts);
        strbuf_addf(&example, STR_FMT ": " STR_FMT, STR_ARG(local_time(d->example->first, stamp, MINUTE_BYTES)),
                    STR_ARG(d->example->sentence));
        return table_add(t, (struct str[]){ d->is_here ? STR("these") : STR("the others"), d->title, str_of(level_name(d->level)), d->person,
                                            str_of(n), strbuf_str(&example) });
}

static int print_comparison(const struct backtest_report *r)
{
        static const struct table_column columns[] = {
                { .title = "ONLY" },   { .title = "RULE" }, { .title = "LEVEL", .is_level = true },
                { .title = "PERSON" }, { .title = "ALERTS", .is_right = true }, { .title = "FOR EXAMPLE", .is_wrapped = true },
        };
        CLEANUP(table_freep) struct table *t = table_new(columns, ARRAY_LEN(columns), FORMAT_TABLE);
        CLEANUP(strbuf_done) struct strbuf here = STRBUF_INIT, there = STRBUF_INIT;
        const struct comparison *c = r->comparison;
        char n[TIMES_BYTES];

        if (!t)
                return -ENOMEM;
        add_paths(&here, &r->cli->rules);
        add_paths(&there, &r->cli->against);
        fputs("\nThese rules (", stdout);
        print_safe(strbuf_str(&here));
        fputs(") against the others (", stdout);
        print_safe(strbuf_str(&there));
        printf("), which %s:\n", would_have_rung(r->other->rang, n));
        printf("%zu alert%s of both", c->shared, plural(c->shared));
        if (c->other_level > 0)
                printf(" (%zu at another level)", c->other_level);
        printf(", %zu only of these, %zu only of the others.\n", c->only_here, c->only_there);
        for (size_t i = 0; i < c->n; i++)
                if (add_difference(t, &c->items[i]) < 0)
                        return -ENOMEM;
        return table_print(t);
}

/* ---- What fails ---- */

static void print_failures(const struct test_results *results)
{
        if (results->count[TEST_FAILED] == 0)
                return;
        puts("\nNot as it should be");
        for (size_t i = 0; i < results->n; i++) {
                const struct test_result *t = &results->items[i];

                if (t->outcome != TEST_FAILED)
                        continue;
                fputs("  ", stdout);
                print_safe(t->title);
                fputs(": ", stdout);
                print_safe(str_of(t->why));
                putchar('\n');
        }
}

int backtest_print_words(const struct backtest_report *r)
{
        int k = 0;

        print_headline(r);
        if (r->outcome->rang > 0)
                k = print_rang(r);
        print_rest(r);
        if (k >= 0)
                k = print_rules(r->outcome);
        if (k >= 0)
                k = print_people(r->outcome);
        if (k >= 0)
                k = print_weeks(r->outcome);
        if (k >= 0)
                k = print_hints(r);
        for (size_t i = 0; i < tuning_count(r->tuning); i++)
                print_tuned(r, tuning_get(r->tuning, i));
        if (k >= 0 && r->comparison)
                k = print_comparison(r);
        print_failures(r->results);
        return k;
}
