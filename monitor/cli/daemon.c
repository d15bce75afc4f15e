/* SPDX-License-Identifier: Apache-2.0 */

/* shopbell reload, and what people order. */

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "monitor/base/log.h"
#include "monitor/base/utf8.h"
#include "monitor/bus.h"
#include "monitor/cli/cli.h"
#include "monitor/cli/table.h"
#include "monitor/config_files.h"
#include "monitor/control.h"
#include "monitor/orders.h"
#include "monitor/sealing.h"
#include "monitor/store/case.h"

#define ORDER_WAIT USEC_PER_MINUTE /* a batch under way comes first */
#define RELOAD_WAIT USEC_PER_MINUTE /* thousands of rules load in seconds; a batch under way comes first */

/* First words of answers. */
static const struct {
        const char *word;
        int code;
        const char *text; /* NULL: the lines behind it say all */
} outcomes[] = {
        { "done", CLI_OK, NULL },
        { "refused", CLI_FOUND, NULL },
        { "failed", CLI_CANNOT, "shopbelld could not go on and ends: see its log" },
        { "forbidden", CLI_CANNOT, "only root and the user that shopbelld runs as may change anything" },
};

static void print_lines(struct str rest, FILE *to)
{
        CLEANUP(strbuf_done) struct strbuf out = STRBUF_INIT;
        struct str line;

        while (str_cut(&rest, '\n', &line) && rest.p) {
                text_display(&out, line, TEXT_TERMINAL, 0);
                strbuf_addc(&out, '\n');
        }
        fputs(out.p ? out.p : "", to);
}

/* Where the lines of an answer go; NULL: nowhere. */
static FILE *place_of(const struct cli *cli, bool is_done)
{
        return !cli->is_silent ? stdout : is_done ? NULL : stderr;
}

/* How it went, by the first word of an answer; the lines behind it are printed. */
static int print_answer(const struct cli *cli, struct str rest)
{
        struct str word;

        str_cut(&rest, '\n', &word);
        for (size_t i = 0; i < ARRAY_LEN(outcomes); i++) {
                if (!str_eqz(word, outcomes[i].word))
                        continue;
                if (rest.p && place_of(cli, outcomes[i].code == CLI_OK))
                        print_lines(rest, place_of(cli, outcomes[i].code == CLI_OK));
                if (outcomes[i].text)
                        log_error("%s", outcomes[i].text);
                return outcomes[i].code;
        }
        log_error("shopbelld is of another version: restart it");
        return CLI_CANNOT;
}

int cmd_reload(struct cli *cli, int argc, char **argv)
{
        CLEANUP(strbuf_done) struct strbuf answer = STRBUF_INIT;
        struct err err = { 0 };

        (void)argc, (void)argv;
        if (control_ask(cli_state(cli), "reload", RELOAD_WAIT, &answer, &err) < 0) {
                log_err(LOG_LEVEL_ERROR, &err);
                return CLI_CANNOT;
        }
        return print_answer(cli, strbuf_str(&answer));
}

/* ---- Orders ---- */

/* Whether texts of cases are kept under pseudonyms, as records are: the configuration says so, or the daemon has done so. */
static bool is_sealing(const struct cli *cli, struct store *store)
{
        CLEANUP(err_list_done) struct err_list errors = ERR_LIST_INIT;
        const char *path = cli->config ? cli->config : SHOPBELL_CONFIG_FILE;
        const struct yaml *said;
        struct config_files files;
        bool is_so = store_keeps_boxes(store) > 0;

        if (is_so || access(path, R_OK) < 0 || config_files_load(path, &files, &errors) < 0)
                return is_so;
        said = config_files_get(&files, "pseudonyms");
        is_so = said && said->kind == YAML_BOOL && said->flag;
        config_files_done(&files);
        return is_so;
}

/* In the store itself: nobody else works on it while the lock is held. */
static int carry_out(const struct cli *cli, struct store *store, struct str order, struct strbuf *answer)
{
        CLEANUP(quiet_freep) struct quiet *q = quiet_new();
        CLEANUP(strbuf_done) struct strbuf user = STRBUF_INIT;
        const struct quiet_rules rules = { .are_known = false };
        struct quiet_counts counts = { 0 };
        struct who who = { .uid = getuid() };
        int done = 0, r = q ? control_user(getuid(), &user) : -ENOMEM;

        who.user = strbuf_str(&user);
        if (r >= 0)
                r = store_begin(store);
        if (r < 0)
                return r;
        r = done = orders_run(order, store, q, &who, cli->now, is_sealing(cli, store), answer);
        if (r >= 0)
                r = quiet_judge(q, store, &rules, cli->now, &counts);
        if (r >= 0)
                r = store_commit(store);
        if (r < 0)
                store_rollback(store);
        return r < 0 ? r : done;
}

static int order_alone(const struct cli *cli, struct str order)
{
        CLEANUP(control_closep) struct control *lock = NULL;
        CLEANUP(query_closep) struct query *q = NULL;
        CLEANUP(store_closep) struct store *store = NULL;
        CLEANUP(strbuf_done) struct strbuf answer = STRBUF_INIT;
        struct err err = { 0 }, warning = { 0 };
        int r;

        if (cli_query(cli, &q) != CLI_OK) /* where there is no store, none is made */
                return CLI_CANNOT;
        r = control_open(cli_state(cli), &lock, &err);
        if (r >= 0)
                r = store_open(cli_store_path(cli), &store, &err);
        if (r >= 0)
                r = sealing_start(cli_state(cli), store, &err, &warning);
        if (warning.code < 0)
                log_err(LOG_LEVEL_WARNING, &warning);
        if (r < 0) {
                log_err(LOG_LEVEL_ERROR, &err);
                return CLI_CANNOT;
        }
        r = carry_out(cli, store, order, &answer);
        if (r < 0) {
                log_error("nothing was changed: %s", r == -ENOMEM ? "out of memory" : store_error(store));
                return CLI_CANNOT;
        }
        if (place_of(cli, r > 0))
                print_lines(strbuf_str(&answer), place_of(cli, r > 0));
        return r > 0 ? CLI_OK : CLI_FOUND;
}

/* Whom the daemon's socket does not let, polkit may. */
static int order_by_leave(const struct cli *cli, struct str order)
{
        CLEANUP(strbuf_done) struct strbuf answer = STRBUF_INIT;
        struct err err = { 0 };
        int r = bus_ask(cli_state(cli), order, &answer, &err);

        if (r == -ENOENT)
                return print_answer(cli, STR("forbidden"));
        if (r < 0) {
                log_err(LOG_LEVEL_ERROR, &err);
                return CLI_CANNOT;
        }
        if (place_of(cli, r > 0))
                print_lines(strbuf_str(&answer), place_of(cli, r > 0));
        return r > 0 ? CLI_OK : CLI_FOUND;
}

int daemon_order(const struct cli *cli, struct str order)
{
        CLEANUP(strbuf_done) struct strbuf answer = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        struct err err = { 0 };
        int r;

        if (order.n > ORDERS_BYTES_MAX) {
                log_error("that is too long: at most %d bytes in all", ORDERS_BYTES_MAX);
                return CLI_USAGE;
        }
        strbuf_add(&text, order);
        if (strbuf_failed(&text)) {
                log_error("out of memory");
                return CLI_CANNOT;
        }
        r = control_ask(cli_state(cli), text.p, ORDER_WAIT, &answer, &err);
        if (r == -ENOENT)
                return order_alone(cli, order);
        if (r >= 0 && str_starts(strbuf_str(&answer), STR("forbidden")))
                return order_by_leave(cli, order);
        if (r < 0)
                log_err(LOG_LEVEL_ERROR, &err);
        return r < 0 ? CLI_CANNOT : print_answer(cli, strbuf_str(&answer));
}
