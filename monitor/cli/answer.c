/* SPDX-License-Identifier: Apache-2.0 */

/* shopbell answer, ack, close, reopen, note: what a person says of an alert. */

#include <string.h>

#include "monitor/base/log.h"
#include "monitor/cli/cli.h"
#include "monitor/quiet/order.h"

static int say(const struct cli *cli, const char *alert, const char *what)
{
        CLEANUP(strbuf_done) struct strbuf order = STRBUF_INIT;

        strbuf_addz(&order, "answer\n");
        order_add(&order, "alert", str_of(alert));
        order_add(&order, "what", str_of(what));
        if (cli->note)
                order_add(&order, "note", str_of(cli->note));
        return daemon_order(cli, strbuf_str(&order));
}

int cmd_answer(struct cli *cli, int argc, char **argv)
{
        static const char *const words[] = { "me", "not-me", "undo" };

        for (size_t i = 0; argc == 2 && i < ARRAY_LEN(words); i++)
                if (strcmp(argv[1], words[i]) == 0)
                        return say(cli, argv[0], argv[1]);
        log_error("shopbell answer takes an alert (the first digits of its id), and me, not-me or undo");
        return CLI_USAGE;
}

static int say_one(const struct cli *cli, int argc, char **argv, const char *what)
{
        if (argc == 1)
                return say(cli, argv[0], what);
        log_error("one alert is wanted here: the first digits of its id, as `shopbell alerts` prints them");
        return CLI_USAGE;
}

int cmd_acknowledge(struct cli *cli, int argc, char **argv)
{
        return say_one(cli, argc, argv, "acknowledged");
}

int cmd_close(struct cli *cli, int argc, char **argv)
{
        return say_one(cli, argc, argv, cli->verdict ? cli->verdict : "closed");
}

int cmd_reopen(struct cli *cli, int argc, char **argv)
{
        return say_one(cli, argc, argv, "reopened");
}

int cmd_note(struct cli *cli, int argc, char **argv)
{
        if (!cli->note) {
                log_error("shopbell note takes an alert, and a text: -m TEXT");
                return CLI_USAGE;
        }
        return say_one(cli, argc, argv, "note");
}
