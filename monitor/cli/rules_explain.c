/* SPDX-License-Identifier: Apache-2.0 */

/* shopbell rules explain RULE FILE[:INDEX]: why a rule hits a record, or does not. Without an index the first record that it
 * hits, or else the one that comes nearest. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "monitor/base/log.h"
#include "monitor/cli/cli.h"
#include "monitor/cli/replay.h"
#include "monitor/sigma/explain.h"

enum { FOUND = 1 }; /* given back negated: the pipeline need not go on */

struct explain {
        struct cli *cli;
        struct setup setup;
        struct sigma_scratch *scratch;
        size_t rule; /* about single records */
        const char *file;
        bool has_index;
        uint64_t index;
        /* What was found */
        struct strbuf text; /* of the record that is told about; empty: none yet */
        double nearness;
        bool is_hit;
        uint64_t records, tried, hits; /* tried: those of the sources and the class that the rule is for */
        bool failed; /* a record or file could not be read */
};

/* ---- Records ---- */

static bool has_class(const struct record *record, enum class c)
{
        const struct slot *slot = record_slot(record, ECS_CLASS);

        for (const struct value *v = slot ? slot->first : NULL; v; v = v->next)
                if (class_find(v->text) == c)
                        return true;
        return c == _CLASS_MAX;
}

static void add_head(struct explain *x, const struct record *record, bool holds)
{
        char stamp[TIME_ISO_BYTES];

        time_format_iso(record->time, stamp);
        strbuf_addf(&x->text, "%s:%llu, %s, %s: %s\n", record->file, (unsigned long long)record->index, record->source,
                    record->time == USEC_NONE ? "without a time" : stamp, holds ? "hit" : "no hit");
}

static void add_not_tried(struct explain *x, const struct record *record, bool applies, enum class c)
{
        const struct logsource *ls = &ruleset_rule(x->setup.rules, x->rule)->logsource;

        add_head(x, record, false);
        if (applies) {
                strbuf_addf(&x->text, "no   it is not of class %s: the rule is not tried on it\n", class_name(c));
                return;
        }
        strbuf_addz(&x->text, "no   the rule is for another log source:");
        if (ls->product.p)
                strbuf_addf(&x->text, " product %s", ls->product.p);
        if (ls->category.p)
                strbuf_addf(&x->text, " category %s", ls->category.p);
        if (ls->service.p)
                strbuf_addf(&x->text, " service %s", ls->service.p);
        strbuf_addc(&x->text, '\n');
}

/* Keeps the text of the record when it is the one asked for, the first hit, or nearer than all before. */
static void judge(struct explain *x, const struct record *record, const uint32_t *slots)
{
        const struct sigma_rule *rule = ruleset_rule(x->setup.rules, x->rule);
        struct sigma_explanation e = sigma_explain(rule, record, slots, x->scratch, NULL);

        x->tried++;
        x->hits += e.holds;
        if (!x->has_index && x->text.n > 0 && (x->is_hit || e.nearness <= x->nearness))
                return;
        x->nearness = e.nearness;
        x->is_hit = e.holds;
        strbuf_clear(&x->text);
        add_head(x, record, e.holds);
        sigma_explain(rule, record, slots, x->scratch, &x->text);
}

static int on_record(void *userdata, const struct record *record)
{
        struct explain *x = userdata;
        enum class c;
        const uint32_t *slots = ruleset_binding(x->setup.rules, x->rule, record->source_index, &c);

        if (x->has_index && record->index != x->index)
                return 0;
        x->records++;
        if (slots && has_class(record, c))
                judge(x, record, slots);
        else if (x->has_index)
                add_not_tried(x, record, slots, c);
        return x->has_index ? -FOUND : strbuf_failed(&x->text) ? -ENOMEM : 0;
}

static void on_reject(void *userdata, const struct raw *raw, const char *reason)
{
        struct explain *x = userdata;

        log_warning("%s: byte %llu: %s, skipping this record", raw->file, (unsigned long long)raw->offset, reason);
        x->failed = true;
}

static void on_note(void *userdata, const struct err *note)
{
        struct explain *x = userdata;

        log_err(LOG_LEVEL_WARNING, note);
        x->failed = true;
}

static int read_file(struct explain *x)
{
        struct pipeline_options po = {
                .setup = &x->setup,
                .clock = x->cli->clock,
                .hint = { .reference = USEC_NONE, .local = true },
                .on_record = on_record,
                .on_reject = on_reject,
                .userdata = x,
        };
        struct input_options io = cli_input(x->cli, &x->setup, on_note, x);
        CLEANUP(pipeline_freep) struct pipeline *p = NULL;
        struct input *in = NULL;
        struct err err = { 0 };
        int r = pipeline_new(&po, &p, &err);

        if (r >= 0)
                r = input_open_files(&io, &x->file, 1, &in, &err);
        if (r >= 0)
                r = pipeline_drain(p, in, &err);
        input_close(in);
        if (r < 0 && r != -FOUND)
                log_err(LOG_LEVEL_ERROR, &err);
        return r == -FOUND ? 0 : r;
}

/* ---- The answer ---- */

static void print_answer(const struct explain *x)
{
        if (!x->has_index)
                printf("%llu records, %llu of them of a source and class that the rule is for, %llu hits; %s:\n",
                       (unsigned long long)x->records, (unsigned long long)x->tried, (unsigned long long)x->hits,
                       x->hits    ? "the first"
                       : x->tried ? "the one that comes nearest"
                                  : "nothing to explain");
        fwrite(x->text.p ? x->text.p : "", 1, x->text.n, stdout);
}

static int explain_rule(struct explain *x, size_t index)
{
        const struct sigma_rule *rule = ruleset_rule(x->setup.rules, index);
        int r;

        x->rule = index;
        x->is_hit = false;
        x->nearness = 0;
        x->records = x->tried = x->hits = 0;
        strbuf_clear(&x->text);
        printf("%s:%u: " STR_FMT "\n", rule->file, rule->line, STR_ARG(rule->title));
        if (rule->is_off)
                puts("The rule is off: while it is, no record is tried on it.");
        r = read_file(x);
        if (r >= 0 && x->has_index && x->records == 0) {
                log_error("%s: there is no record %llu", x->file, (unsigned long long)x->index);
                r = -ENOENT;
        }
        if (r >= 0)
                print_answer(x);
        return r;
}

/* A correlation is explained by the rules it is made of. */
static int explain(struct explain *x, size_t index)
{
        const uint32_t *members;
        size_t n = ruleset_members(x->setup.rules, index, &members);
        const struct sigma_rule *rule = ruleset_rule(x->setup.rules, index);
        int r = 0;

        if (rule->kind == SIGMA_RULE)
                return explain_rule(x, index);
        printf("%s:%u: " STR_FMT ": a correlation (" STR_FMT ") of %zu rules\n", rule->file, rule->line,
               STR_ARG(rule->title), STR_ARG(rule->correlation->type), n);
        for (size_t i = 0; i < n && r >= 0; i++)
                r = explain(x, members[i]);
        return r;
}

/* By id, name or title, or the only one whose id or title begins so. SIZE_MAX: none, or several. */
static size_t find_rule(const struct ruleset *set, struct str word)
{
        size_t found = SIZE_MAX, n = 0;

        for (size_t i = 0; i < ruleset_count(set); i++) {
                const struct sigma_rule *r = ruleset_rule(set, i);

                if ((r->id.p && str_eq(r->id, word)) || (r->name.p && str_eq(r->name, word)) ||
                    str_eq_nocase(r->title, word))
                        return i;
                if ((r->id.p && str_starts(r->id, word)) || str_starts(r->title, word)) {
                        found = i;
                        n++;
                }
        }
        return n == 1 ? found : SIZE_MAX;
}

static int load(struct explain *x, const char *word, bool is_file)
{
        struct paths own = { .items = &word, .n = 1 }, rules = x->cli->rules;
        int code;

        if (is_file)
                x->cli->rules = own;
        x->cli->language.keeps_documents = true;
        code = cli_load(x->cli, true, &x->setup);
        x->cli->rules = rules;
        return code;
}

static int run(struct explain *x, const char *word)
{
        bool is_file = access(word, F_OK) == 0;
        size_t from = 0, to;
        int code = load(x, word, is_file), r = 0;

        if (code != CLI_OK)
                return code;
        to = ruleset_count(x->setup.rules);
        if (!is_file) {
                from = find_rule(x->setup.rules, str_of(word));
                if (from == SIZE_MAX) {
                        log_error("%s: not the id, name, title or file of one rule; `shopbell rules list` shows them",
                                  word);
                        return CLI_USAGE;
                }
                to = from + 1;
        }
        for (size_t i = from; i < to && r >= 0; i++)
                r = explain(x, i);
        return r < 0 || x->failed ? CLI_CANNOT : CLI_OK;
}

int cmd_rules_explain(struct cli *cli, int argc, char **argv)
{
        struct explain x = { .cli = cli, .scratch = sigma_scratch_new(), .text = STRBUF_INIT };
        int code = CLI_USAGE;

        if (argc != 2) {
                log_error("name a rule and a file: shopbell rules explain RULE FILE[:INDEX]");
        } else if (x.scratch) {
                x.file = cli_split_index(argv[1], &x.has_index, &x.index);
                code = run(&x, argv[0]);
        }
        setup_done(&x.setup);
        strbuf_done(&x.text);
        sigma_scratch_free(x.scratch);
        return code;
}
