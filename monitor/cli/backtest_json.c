/* SPDX-License-Identifier: Apache-2.0 */

/* A backtest as one JSON object, with all alerts. Its form is described in shopbell(1). */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor/base/json_write.h"
#include "monitor/cli/backtest.h"
#include "monitor/cli/replay.h"

static void write_number(struct json_writer *w, const char *key, double number)
{
        char text[48];

        snprintf(text, sizeof text, "%.4g", number);
        json_key(w, key);
        json_raw(w, str_of(text));
}

static void write_size(struct json_writer *w, const char *key, size_t n)
{
        json_key(w, key);
        json_int(w, (int64_t)n);
}

static void write_rule(struct json_writer *w, struct str id, struct str title)
{
        json_key(w, "id"), json_str(w, id);
        json_key(w, "title"), json_str(w, title);
}

static void write_level(struct json_writer *w, enum level level)
{
        json_key(w, "level");
        json_strz(w, level_name(level));
}

static void write_alert(struct json_writer *w, const struct backtest_alert *a)
{
        json_begin(w, '{');
        json_key(w, "rule");
        json_begin(w, '{');
        write_rule(w, a->rule, a->title);
        json_end(w, '}');
        write_level(w, a->level);
        json_key(w, "rings"), json_bool(w, a->rings);
        json_key(w, "sentence"), json_str(w, a->sentence);
        json_key(w, "person"), json_str(w, a->person.n ? a->person : STR_NONE);
        json_key(w, "group"), json_raw(w, a->group);
        json_key(w, "source"), json_str(w, a->source);
        json_pair_time(w, "first_seen", a->first);
        json_pair_time(w, "last_seen", a->last);
        write_size(w, "count", (size_t)a->count);
        json_end(w, '}');
}

static void write_heap(struct json_writer *w, const struct heap *h)
{
        write_level(w, h->level);
        write_size(w, "rang", h->rang);
        write_size(w, "listed", h->listed);
}

static void write_people(struct json_writer *w, const struct heaps *people)
{
        json_key(w, "people");
        json_begin(w, '[');
        for (size_t i = 0; i < people->n; i++) {
                json_begin(w, '{');
                json_key(w, "person"), json_str(w, people->items[i].title);
                write_heap(w, &people->items[i]);
                json_end(w, '}');
        }
        json_end(w, ']');
}

static int write_rules(struct json_writer *w, const struct outcome *o)
{
        struct heaps rules;
        int r = heaps_by_rule(o, &rules);

        if (r < 0)
                return r;
        json_key(w, "rules");
        json_begin(w, '[');
        for (size_t i = 0; i < rules.n && r >= 0; i++) {
                const struct heap *h = &rules.items[i];
                struct heaps people;

                r = heaps_by_person(o, h->key, &people);
                if (r < 0)
                        break;
                json_begin(w, '{');
                write_rule(w, h->key, h->title);
                write_heap(w, h);
                write_number(w, "per_week", (double)(h->rang + h->listed) / outcome_weeks(o));
                write_people(w, &people);
                json_end(w, '}');
                free(people.items);
        }
        json_end(w, ']');
        free(rules.items);
        return r;
}

static int write_weeks(struct json_writer *w, const struct outcome *o)
{
        struct heaps weeks, people;
        int r = heaps_by_person(o, STR_NONE, &people);

        if (r < 0)
                return r;
        write_people(w, &people);
        free(people.items);
        r = heaps_by_week(o, &weeks);
        if (r < 0)
                return r;
        json_key(w, "weeks");
        json_begin(w, '[');
        for (size_t i = 0; i < weeks.n; i++) {
                json_begin(w, '{');
                json_pair_time(w, "from", weeks.items[i].from);
                write_size(w, "rang", weeks.items[i].rang);
                write_size(w, "listed", weeks.items[i].listed);
                json_end(w, '}');
        }
        json_end(w, ']');
        free(weeks.items);
        return 0;
}

static void write_tuned(struct json_writer *w, const struct setup *setup, const struct tuned *t)
{
        const struct sigma_rule *rule = ruleset_rule(setup->rules, t->rule);

        json_begin(w, '{');
        write_rule(w, rule->label, rule->title);
        json_key(w, "rule"), json_str(w, t->text);
        json_key(w, "numbers");
        json_begin(w, '[');
        for (size_t i = 0; i < t->n; i++) {
                const struct tune_try *at = &t->tries[i];

                json_begin(w, '{');
                json_key(w, "number"), json_raw(w, at->number);
                json_key(w, "now"), json_bool(w, at->is_now);
                if (at->refused.code) {
                        json_key(w, "refused"), json_strz(w, at->refused.text);
                } else {
                        write_size(w, "alerts", at->alerts);
                        write_size(w, "rang", at->rang);
                }
                json_end(w, '}');
        }
        json_end(w, ']');
        write_size(w, "left", t->left);
        json_key(w, "calmest");
        if (t->calmest)
                json_raw(w, t->calmest->number);
        else
                json_null(w);
        json_end(w, '}');
}

static void write_comparison(struct json_writer *w, const struct backtest_report *r)
{
        const struct comparison *c = r->comparison;

        json_key(w, "against");
        json_begin(w, '{');
        write_size(w, "rang", r->other->rang);
        write_size(w, "listed", r->other->n - r->other->rang);
        write_size(w, "shared", c->shared);
        write_size(w, "other_level", c->other_level);
        write_size(w, "only_here", c->only_here);
        write_size(w, "only_there", c->only_there);
        json_key(w, "differences");
        json_begin(w, '[');
        for (size_t i = 0; i < c->n; i++) {
                const struct difference *d = &c->items[i];

                json_begin(w, '{');
                json_key(w, "only"), json_strz(w, d->is_here ? "here" : "there");
                write_rule(w, d->rule, d->title);
                write_level(w, d->level);
                json_key(w, "person"), json_str(w, d->person);
                write_size(w, "alerts", d->alerts);
                json_key(w, "example");
                write_alert(w, d->example);
                json_end(w, '}');
        }
        json_end(w, ']');
        json_end(w, '}');
}

static void write_failures(struct json_writer *w, const struct test_results *results)
{
        json_key(w, "failures");
        json_begin(w, '[');
        for (size_t i = 0; i < results->n; i++) {
                if (results->items[i].outcome != TEST_FAILED)
                        continue;
                json_begin(w, '{');
                json_key(w, "title"), json_str(w, results->items[i].title);
                json_key(w, "why"), json_strz(w, results->items[i].why);
                json_end(w, '}');
        }
        json_end(w, ']');
}

static void write_head(struct json_writer *w, const struct backtest_report *r)
{
        const struct outcome *o = r->outcome;

        json_pair_time(w, "from", o->from);
        json_pair_time(w, "to", o->to);
        write_number(w, "days", outcome_days(o));
        write_size(w, "records", o->counters.n[COUNTER_RECORDS]);
        write_size(w, "skipped", replay_skipped(&o->counters));
        json_key(w, "rings_from"), json_strz(w, level_name(r->cli->rings));
        write_size(w, "rang", o->rang);
        write_size(w, "listed", o->n - o->rang);
        write_size(w, "earlier", o->earlier);
        write_number(w, "rang_per_week", (double)o->rang / outcome_weeks(o));
}

int backtest_print_json(const struct backtest_report *r)
{
        CLEANUP(strbuf_done) struct strbuf out = STRBUF_INIT;
        struct json_writer w = JSON_WRITER(&out);
        int k;

        json_begin(&w, '{');
        write_head(&w, r);
        k = write_rules(&w, r->outcome);
        if (k >= 0)
                k = write_weeks(&w, r->outcome);
        json_key(&w, "alerts");
        json_begin(&w, '[');
        for (size_t i = 0; i < r->outcome->n; i++)
                write_alert(&w, &r->outcome->alerts[i]);
        json_end(&w, ']');
        json_key(&w, "tuned");
        json_begin(&w, '[');
        for (size_t i = 0; i < tuning_count(r->tuning); i++)
                write_tuned(&w, r->setup, tuning_get(r->tuning, i));
        json_end(&w, ']');
        if (r->comparison)
                write_comparison(&w, r);
        write_failures(&w, r->results);
        json_end(&w, '}');
        strbuf_addc(&out, '\n');
        if (k < 0 || strbuf_failed(&out))
                return -ENOMEM;
        return fwrite(out.p, 1, out.n, stdout) == out.n ? 0 : -EIO;
}
