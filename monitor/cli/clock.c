/* SPDX-License-Identifier: Apache-2.0 */

/* shopbell clock: the deadlines of laws without a case, from events and facts on the command line. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor/base/log.h"
#include "monitor/base/utf8.h"
#include "monitor/cases/field.h"
#include "monitor/cli/cli.h"
#include "monitor/cli/clock_rows.h"

enum { TAIL_COLUMNS = 100 };

struct asked {
        struct arena *arena;
        struct regimes regimes;
        struct deadline_case of;
        struct moment at[_EVENT_MAX]; /* zone "": not given */
        struct moment now;
};

/* ---- What was given ---- */

static int read_moments(struct cli *cli, struct asked *a)
{
        struct err err = { 0 };
        bool has_one = false;

        a->now.at = cli->now;
        if (moment_parse(str_of(cli->at ? cli->at : "now"), cli->now, NULL, &a->now, &err) < 0) {
                log_error("--at: %s", err.text);
                return CLI_USAGE;
        }
        for (int i = 0; i < _EVENT_MAX; i++) {
                a->of.at[i] = USEC_NONE;
                if (!cli->moments[i])
                        continue;
                if (moment_parse(str_of(cli->moments[i]), a->now.at, NULL, &a->at[i], &err) < 0) {
                        log_error("--%s: %s", case_event_name((enum case_event)i), err.text);
                        return CLI_USAGE;
                }
                a->of.at[i] = a->at[i].at;
                has_one = true;
        }
        if (!has_one)
                log_error("from when? Give the time of an event: --aware \"2026-11-17 16:00 Asia/Seoul\"; while that is not known --signal or --grounds");
        return has_one ? CLI_OK : CLI_USAGE;
}

static int read_fact(const char *text, struct fact_of_case *ret)
{
        struct str value = str_of(text), name, part;
        const struct case_field *field;
        struct err err = { 0 };

        str_cut(&value, '=', &name);
        if (!value.p || name.n == 0) {
                log_error("--fact %s: write NAME=VALUE, such as people.kr=1200 or sensitive=no", text);
                return CLI_USAGE;
        }
        if (case_field_split(name, &field, &part, &err) < 0 || (!str_eqz(value, "unknown") && case_field_check(field, value, &err) < 0)) {
                log_error("--fact %s: %s", text, err.text);
                return CLI_USAGE;
        }
        *ret = (struct fact_of_case){ name, value };
        return CLI_OK;
}

static int read_facts(const struct cli *cli, struct asked *a)
{
        struct fact_of_case *items = arena_array(a->arena, cli->facts.n + 1, sizeof *items);
        int code = CLI_OK;

        if (!items || cli->facts.n > FACTS_MAX) {
                log_error(items ? "more than %d facts" : "out of memory", FACTS_MAX);
                return CLI_CANNOT;
        }
        for (size_t i = 0; i < cli->facts.n && code == CLI_OK; i++)
                code = read_fact(cli->facts.items[i], &items[i]);
        a->of.facts = (struct facts){ .items = items, .n = cli->facts.n };
        return code;
}

/* Only those that were named, in their own order. */
static int choose(struct regimes *regimes, int argc, char **argv)
{
        size_t n = 0;

        for (int i = 0; i < argc; i++)
                if (!regime_find(regimes, str_of(argv[i]))) {
                        CLEANUP(strbuf_done) struct strbuf near = STRBUF_INIT;

                        regimes_near(regimes, str_of(argv[i]), &near);
                        log_error("%s: no such law%s%s; `shopbell regimes list` shows them", argv[i], near.n > 0 ? ", did you mean " : "",
                                  near.p ? near.p : "");
                        return CLI_USAGE;
                }
        for (size_t k = 0; k < regimes->n && argc > 0; k++)
                for (int i = 0; i < argc; i++)
                        if (str_eqz(regimes->items[k].id, argv[i])) {
                                regimes->items[n++] = regimes->items[k];
                                break;
                        }
        regimes->n = argc > 0 ? n : regimes->n;
        return CLI_OK;
}

static int load(const struct cli *cli, struct regimes *ret, bool *ret_bad)
{
        CLEANUP(err_list_done) struct err_list errors = ERR_LIST_INIT;

        if (regimes_load(cli->regimes.items, cli->regimes.n, ret, &errors) < 0) {
                log_error("out of memory");
                return CLI_CANNOT;
        }
        for (size_t i = 0; i < errors.n; i++)
                log_err(LOG_LEVEL_WARNING, &errors.items[i]);
        *ret_bad = errors.n > 0;
        if (ret->n > 0)
                return CLI_OK;
        log_error("no laws were found; --regimes says in which folder they lie");
        return CLI_CANNOT;
}

/* ---- What is said ---- */

static void say_head(const struct asked *a)
{
        CLEANUP(strbuf_done) struct strbuf out = STRBUF_INIT;

        strbuf_addz(&out, "At ");
        moment_format(&a->now, NULL, &out);
        strbuf_addc(&out, '\n');
        for (int i = 0; i < _EVENT_MAX; i++) {
                if (!*a->at[i].zone)
                        continue;
                strbuf_addf(&out, "%s: ", case_event_name((enum case_event)i));
                moment_format(&a->at[i], NULL, &out);
                strbuf_addc(&out, '\n');
        }
        printf("%s\n", strbuf_failed(&out) ? "" : out.p);
}

static void say_wrapped(struct str text)
{
        CLEANUP(strbuf_done) struct strbuf folded = STRBUF_INIT;
        unsigned columns = screen_get()->columns;

        text_wrap(&folded, text, columns > 0 && columns < TAIL_COLUMNS ? columns : TAIL_COLUMNS);
        puts(strbuf_failed(&folded) || !folded.p ? "" : folded.p);
}

static void say_tail(const struct deadline *list, size_t n, const struct facts *facts, usec now)
{
        CLEANUP(strbuf_done) struct strbuf unsaid = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf may = STRBUF_INIT;
        size_t n_may = 0, n_stale = 0, n_low = 0;

        for (size_t i = 0; i < n; i++) {
                n_may += list[i].applies == TRUTH_UNKNOWN;
                deadline_unsaid(&list[i], facts, &unsaid);
                n_stale += regime_is_stale(list[i].regime, now);
                n_low += str_eqz(list[i].regime->confidence, "low");
        }
        puts("");
        if (n == 0)
                puts("No clock runs by these facts; --all shows all of them, and why.");
        if (n_may > 0) {
                strbuf_addz(&may, "What may apply depends on what is not known (--fact NAME=VALUE): ");
                strbuf_add(&may, strbuf_str(&unsaid));
                say_wrapped(strbuf_str(&may));
        }
        if (n_stale > 0)
                puts("Stale: nobody has checked the rule for more than six months.");
        if (n_low > 0)
                puts("Low confidence: the rule is from general knowledge, or is about to change.");
        say_wrapped(str_of(regime_disclaimer));
}

static int print(const struct cli *cli, struct asked *a, bool is_chosen)
{
        bool is_table = cli->format == FORMAT_DEFAULT || cli->format == FORMAT_TABLE;
        struct deadline *list;
        struct err err = { 0 };
        size_t n;
        int r = deadlines_of(&a->regimes, &a->of, a->now.at, cli->all || is_chosen, a->arena, &list, &n, &err);

        if (r >= 0 && is_table)
                say_head(a);
        if (r >= 0 && (n > 0 || !is_table))
                r = clock_print(list, n, a->now.at, cli->format);
        if (r < 0) {
                log_error("%s", *err.text ? err.text : "the output could not be written");
                return CLI_CANNOT;
        }
        if (is_table)
                say_tail(list, n, &a->of.facts, a->now.at);
        else if (cli->format != FORMAT_JSON)
                log_info("%s", regime_disclaimer);
        return CLI_OK;
}

int cmd_clock(struct cli *cli, int argc, char **argv)
{
        struct asked a = { .arena = arena_new() };
        bool is_bad = false;
        int code = a.arena ? read_moments(cli, &a) : CLI_CANNOT;

        if (code == CLI_OK)
                code = read_facts(cli, &a);
        if (code == CLI_OK)
                code = load(cli, &a.regimes, &is_bad);
        if (code == CLI_OK)
                code = choose(&a.regimes, argc, argv);
        if (code == CLI_OK)
                code = print(cli, &a, argc > 0);
        regimes_done(&a.regimes);
        arena_free(a.arena);
        return code == CLI_OK && is_bad ? CLI_CANNOT : code;
}
