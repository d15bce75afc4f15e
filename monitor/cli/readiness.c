/* SPDX-License-Identifier: Apache-2.0 */

/* shopbell readiness: what is missing before the worst day. What cannot be seen is asked on a terminal, or answered with
 * `shopbell readiness answer`. */

#include "monitor/cli/readiness.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "monitor/base/log.h"
#include "monitor/base/utf8.h"
#include "monitor/cli/table.h"
#include "monitor/config.h"
#include "monitor/control.h"
#include "monitor/quiet/order.h"

static const struct table_column columns[] = {
        { .title = "CHECK" },
        { .title = "STATE" },
        { .title = "FOUND", .is_wrapped = true },
        { .title = "WHAT_TO_DO", .is_wrapped = true },
        { .title = "VIEWS" },
};
static const struct table_column full_columns[] = {
        { .title = "CHECK" }, { .title = "STATE" }, { .title = "FOUND" }, { .title = "WHAT_TO_DO" }, { .title = "VIEWS" },
        { .title = "QUESTION" }, { .title = "ANSWERED_AT" }, { .title = "ANSWERED_BY" }, { .title = "ASKS_AGAIN_AT" },
};

/* ---- Answering ---- */

/* The folder of the configuration, where nobody gave another; the configuration lives in *ret. */
static int find_state(struct cli *cli, struct config **ret)
{
        CLEANUP(err_list_done) struct err_list mistakes = ERR_LIST_INIT;

        if (config_read(cli->config ? cli->config : SHOPBELL_CONFIG_FILE, ret, &mistakes) < 0) {
                log_error("out of memory");
                return CLI_CANNOT;
        }
        if (!cli->state)
                cli->state = (*ret)->state;
        return CLI_OK;
}

static int give(const struct cli *cli, const char *check, struct str text)
{
        CLEANUP(strbuf_done) struct strbuf order = STRBUF_INIT;

        strbuf_addz(&order, "readiness-answer\n");
        order_add(&order, "check", str_of(check));
        order_add(&order, "text", text);
        if (cli->by)
                order_add(&order, "by", str_of(cli->by));
        return daemon_order(cli, strbuf_str(&order));
}

static void say_near(const char *word)
{
        const char *near = NULL, *name;
        size_t best = SIZE_MAX;

        for (size_t i = 0; (name = readiness_check_name(i)); i++) {
                size_t d = str_distance(str_of(word), str_of(name));

                if (d < best && d < strlen(word)) {
                        best = d;
                        near = name;
                }
        }
        log_error("%s: no such check%s%s; shopbell readiness shows them", word, near ? ", did you mean " : "", near ? near : "");
}

int cmd_readiness_answer(struct cli *cli, int argc, char **argv)
{
        CLEANUP(config_freep) struct config *config = NULL;
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        const char *question = NULL;

        if (argc < 2) {
                log_error("shopbell readiness answer takes the name of a check, then yes, no or a sentence");
                return CLI_USAGE;
        }
        if (!readiness_check_find(str_of(argv[0]), &question)) {
                say_near(argv[0]);
                return CLI_USAGE;
        }
        if (!question) {
                log_error("%s is looked at, and not asked: put it right, and shopbell readiness sees it", argv[0]);
                return CLI_FOUND;
        }
        for (int i = 1; i < argc; i++)
                strbuf_addf(&text, "%s%s", i > 1 ? " " : "", argv[i]);
        if (find_state(cli, &config) != CLI_OK)
                return CLI_CANNOT;
        return give(cli, argv[0], str_trim(strbuf_str(&text)));
}

/* ---- Asking ---- */

/* A line, with its end; false: there is none. */
static bool read_line(char **line, size_t *cap, struct str *ret)
{
        ssize_t n = getline(line, cap, stdin);

        if (n < 0)
                return false;
        *ret = str_trim(str_from(*line, (size_t)n));
        return true;
}

/* "y" is what people type. */
static struct str whole_word(struct str text)
{
        if (str_eq_nocase(text, STR("y")) || str_eq_nocase(text, STR("yes")))
                return STR("yes");
        if (str_eq_nocase(text, STR("n")) || str_eq_nocase(text, STR("no")))
                return STR("no");
        return text;
}

/* 1: something was answered; 0: nothing was. */
static int ask_all(struct cli *cli, const struct readiness_item *items, size_t n)
{
        CLEANUP(memory_freep) char *line = NULL;
        bool is_answered = false, goes_on = true, is_first = true;
        size_t cap = 0;
        struct str text;

        for (size_t i = 0; i < n && goes_on; i++) {
                CLEANUP(strbuf_done) struct strbuf question = STRBUF_INIT;

                if (!items[i].question)
                        continue;
                if (is_first)
                        fputs("What cannot be seen: answer yes, no, or with a sentence; nothing: later; Ctrl-D: no more of them.\n", stderr);
                is_first = false;
                text_wrap(&question, str_of(items[i].question), 78);
                fprintf(stderr, "\n" STR_FMT "\n%s> ", STR_ARG(strbuf_str(&question)), items[i].check);
                goes_on = read_line(&line, &cap, &text);
                if (!goes_on)
                        fputc('\n', stderr);
                else if (text.n > 0)
                        is_answered |= give(cli, items[i].check, whole_word(text)) == CLI_OK;
        }
        return is_answered;
}

/* ---- Showing ---- */

static struct str stamp(usec t, char buf[TIME_ISO_BYTES])
{
        time_format_iso(t == USEC_NONE ? t : t - t % USEC_PER_SEC, buf);
        return str_of(buf);
}

static void name_views(unsigned views, struct strbuf *out)
{
        for (unsigned v = 0; v < _VIEW_MAX; v++)
                if (views & 1U << v)
                        strbuf_addf(out, "%s%s", out->n > 0 ? " " : "", readiness_view_name((enum readiness_view)v));
}

static int add_row(struct table *t, const struct readiness_item *it)
{
        CLEANUP(strbuf_done) struct strbuf names = STRBUF_INIT;
        char answered[TIME_ISO_BYTES], again[TIME_ISO_BYTES];

        name_views(it->views, &names);
        return table_add(t, (struct str[]){ str_of(it->check), str_of(readiness_state_name(it->state)), it->sentence, it->advice, strbuf_str(&names),
                                            str_of(it->question ? it->question : ""), stamp(it->answered_at, answered), it->answered_by,
                                            stamp(it->asks_again_at, again) });
}

static int print(enum cli_format format, const struct readiness_item *items, size_t n)
{
        bool is_table = format == FORMAT_TABLE;
        CLEANUP(table_freep) struct table *t = is_table ? table_new(columns, ARRAY_LEN(columns), format) : table_new(full_columns, ARRAY_LEN(full_columns), format);
        size_t counts[_READY_MAX] = { 0 };
        int r = t ? 0 : -ENOMEM;

        for (size_t i = 0; i < n && r >= 0; i++) {
                counts[items[i].state]++;
                r = add_row(t, &items[i]);
        }
        if (r >= 0)
                r = table_print(t);
        if (r >= 0 && is_table)
                printf("\n%zu of %zu are so; %zu missing, %zu too long ago, %zu not known (shopbell readiness answer CHECK yes|no|TEXT).\n", counts[READY_OK], n,
                       counts[READY_MISSING], counts[READY_STALE], counts[READY_UNKNOWN]);
        return r;
}

static int look(struct cli *cli, struct readiness *r, struct readiness_item **ret, size_t *ret_n)
{
        int code = readiness_see(cli, r);

        if (code == CLI_OK && readiness_look(&r->seen, cli->view, r->arena, ret, ret_n) < 0) {
                log_error("out of memory");
                code = CLI_CANNOT;
        }
        return code;
}

int cmd_readiness(struct cli *cli, int argc, char **argv)
{
        enum cli_format format = cli->format ? cli->format : FORMAT_TABLE;
        struct readiness r = { 0 };
        struct readiness_item *items = NULL;
        const char *state = cli->state;
        size_t n = 0, n_missing = 0;
        int code = look(cli, &r, &items, &n);

        (void)argc, (void)argv;
        if (code == CLI_OK && format == FORMAT_TABLE && isatty(STDIN_FILENO) && isatty(STDERR_FILENO) && ask_all(cli, items, n)) {
                cli->state = state; /* what was found lies in the arena that goes */
                readiness_done(&r);
                cli->now = clock_now(cli->clock);
                code = look(cli, &r, &items, &n);
        }
        if (code == CLI_OK && print(format, items, n) < 0) {
                log_error("the output could not be made");
                code = CLI_CANNOT;
        }
        for (size_t i = 0; i < n && code == CLI_OK; i++)
                n_missing += items[i].state == READY_MISSING;
        readiness_done(&r);
        return code == CLI_OK && n_missing > 0 ? CLI_FOUND : code;
}
