/* SPDX-License-Identifier: Apache-2.0 */

/* shopbell reload, and what `shopbell status` asks the running daemon. */

#include <errno.h>
#include <stdio.h>

#include "monitor/base/log.h"
#include "monitor/base/utf8.h"
#include "monitor/cli/cli.h"
#include "monitor/cli/table.h"
#include "monitor/control.h"

#define RELOAD_WAIT USEC_PER_MINUTE /* thousands of rules load in seconds; a batch under way comes first */
#define STATUS_WAIT (5 * USEC_PER_SEC)

/* First words of answers. */
static const struct {
        const char *word;
        int code;
        const char *text; /* NULL: the lines behind it say all */
} outcomes[] = {
        { "done", CLI_OK, NULL },
        { "refused", CLI_FOUND, NULL },
        { "failed", CLI_CANNOT, "shopbelld could not go on and ends: see its log" },
        { "forbidden", CLI_CANNOT, "only root and the user that shopbelld runs as may reload" },
};

static void print_lines(struct str rest)
{
        CLEANUP(strbuf_done) struct strbuf out = STRBUF_INIT;
        struct str line;

        while (str_cut(&rest, '\n', &line) && rest.p) {
                text_display(&out, line, TEXT_TERMINAL, 0);
                strbuf_addc(&out, '\n');
        }
        fputs(out.p ? out.p : "", stdout);
}

int cmd_reload(struct cli *cli, int argc, char **argv)
{
        CLEANUP(strbuf_done) struct strbuf answer = STRBUF_INIT;
        struct str rest, word;
        struct err err = { 0 };

        if (argc > 0) {
                log_error("%s: this command takes no arguments", argv[0]);
                return CLI_USAGE;
        }
        if (control_ask(cli_state(cli), "reload", RELOAD_WAIT, &answer, &err) < 0) {
                log_err(LOG_LEVEL_ERROR, &err);
                return CLI_CANNOT;
        }
        rest = strbuf_str(&answer);
        str_cut(&rest, '\n', &word);
        for (size_t i = 0; i < ARRAY_LEN(outcomes); i++) {
                if (!str_eqz(word, outcomes[i].word))
                        continue;
                if (rest.p)
                        print_lines(rest);
                if (outcomes[i].text)
                        log_error("%s", outcomes[i].text);
                return outcomes[i].code;
        }
        log_error("shopbelld is of another version: restart it");
        return CLI_CANNOT;
}

/* ---- Status ---- */

static const struct {
        const char *name, *help; /* help NULL: the value is a word, a colon and what it means */
} rows[] = {
        { "rules", "rules that the daemon loaded" },
        { "rules_off", "those of them that are off; shopbell rules list shows them" },
        { "rules_bytes", "memory that the compiled rules take" },
        { "sources", "log sources that the daemon knows" },
        { "networks", "networks of the configuration" },
        { "network_lists", "prefixes and AS numbers of lists of networks" },
        { "people", "people of the configuration" },
        { "geoip", NULL },
        { "load_errors", "errors in files of rules and sources, which were left out; shopbell rules check names them" },
        { "last_reload", "when the daemon was last told to load rules anew" },
        { "last_reload_outcome", NULL },
};

static int add(struct table *t, struct str name, struct str value, struct str help)
{
        return table_add(t, (struct str[]){ name, value, help });
}

static int add_split(struct table *t, struct str name, struct str text)
{
        struct str word;

        str_cut(&text, ':', &word);
        return add(t, name, word, str_trim(text));
}

int daemon_add_status(const struct cli *cli, struct table *t)
{
        CLEANUP(strbuf_done) struct strbuf answer = STRBUF_INIT;
        const struct str title = STR("daemon"), help = STR("whether shopbelld runs on this state folder");
        struct str rest, line, name;
        struct err err = { 0 };
        int r = control_ask(cli_state(cli), "status", STATUS_WAIT, &answer, &err);

        if (r < 0)
                return add(t, title, r == -ENOENT ? STR("stopped") : str_of(err.text), help);
        r = add(t, title, STR("running"), help);
        rest = strbuf_str(&answer);
        while (r >= 0 && str_cut(&rest, '\n', &line)) {
                struct str value = line;

                str_cut(&value, ' ', &name);
                for (size_t i = 0; value.p && i < ARRAY_LEN(rows) && r >= 0; i++)
                        if (str_eqz(name, rows[i].name))
                                r = rows[i].help ? add(t, name, value, str_of(rows[i].help))
                                                 : add_split(t, name, value);
        }
        return r;
}
