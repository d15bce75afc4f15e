/* SPDX-License-Identifier: Apache-2.0 */

/* shopbell notices: the outbox. */

#include <errno.h>
#include <stdio.h>

#include "monitor/base/log.h"
#include "monitor/cli/cli.h"
#include "monitor/cli/table.h"
#include "monitor/control.h"
#include "monitor/quiet/order.h"
#include "monitor/store/notice.h"

#define TEST_WAIT (80 * USEC_PER_SEC) /* more than shopbell-send(8) gives a delivery */
#define SENDER_MISSING (2 * USEC_PER_MINUTE) /* what nobody has taken for so long has no sender */

static int fail(struct query *q)
{
        log_error("the notices cannot be read: %s", query_error(q));
        return CLI_CANNOT;
}

static enum cli_format format_of(const struct cli *cli)
{
        return cli->format ? cli->format : FORMAT_TABLE;
}

static struct str stamp_of(enum cli_format format, usec t, char buf[TIME_ISO_BYTES])
{
        if (t == USEC_NONE)
                return STR("");
        if (format == FORMAT_TABLE)
                time_format_local(t - t % USEC_PER_SEC, buf);
        else
                time_format_iso(t, buf);
        return str_of(buf);
}

/* ---- Which channels nobody serves ---- */

struct service {
        const struct cli *cli;
        struct query *q;
        enum cli_format format;
        struct table *table;
        size_t n;
};

static int warn_of(void *userdata, const struct store_channel *c)
{
        struct service *s = userdata;
        struct store_load load;
        int r = query_channel_load(s->q, c->name, s->cli->now, &load);

        if (r >= 0 && load.oldest != USEC_NONE && load.oldest + SENDER_MISSING < s->cli->now)
                log_warning("nobody delivers over " STR_FMT ": systemctl enable --now shopbell-" STR_FMT "@" STR_FMT, STR_ARG(c->name),
                            STR_ARG(c->kind), STR_ARG(c->name));
        return r;
}

/* ---- shopbell notices ---- */

static const struct table_column columns[] = {
        { .title = "CHANNEL" }, { .title = "STATE" }, { .title = "REASON" }, { .title = "ALERTS", .is_right = true },
        { .title = "ATTEMPTS", .is_right = true }, { .title = "MADE" }, { .title = "NEXT" }, { .title = "ENDED" }, { .title = "ERROR", .is_wrapped = true },
        { .title = "KEY" },
};

static int on_notice(void *userdata, const struct store_notice *n)
{
        struct service *s = userdata;
        char alerts[24], attempts[24], made[TIME_ISO_BYTES], next[TIME_ISO_BYTES], ended[TIME_ISO_BYTES];
        bool waits = str_eqz(n->state, "waiting");

        s->n++;
        snprintf(alerts, sizeof alerts, "%llu", (unsigned long long)n->n_alerts);
        snprintf(attempts, sizeof attempts, "%llu", (unsigned long long)n->attempts);
        return table_add(s->table, (struct str[]){ n->channel, n->state, n->reason, str_of(alerts), str_of(attempts),
                                                   stamp_of(s->format, n->made_at, made), waits ? stamp_of(s->format, n->due_at, next) : STR(""),
                                                   stamp_of(s->format, n->ended_at, ended), n->error,
                                                   s->format == FORMAT_TABLE ? str_from(n->key.p, size_min(n->key.n, 8)) : n->key });
}

int cmd_notices(struct cli *cli, int argc, char **argv)
{
        CLEANUP(query_closep) struct query *q = NULL;
        struct service s = { .cli = cli, .format = format_of(cli) };
        CLEANUP(table_freep) struct table *t = table_new(columns, ARRAY_LEN(columns), s.format);
        int code = cli_query(cli, &q);

        (void)argc, (void)argv;
        if (code != CLI_OK)
                return code;
        s.table = t;
        s.q = q;
        if (!t || query_notices(q, cli->all, cli->now, cli->limit, on_notice, &s) < 0)
                return fail(q);
        if (s.n == 0 && s.format == FORMAT_TABLE)
                puts(cli->all ? "No notices." : "No notices under way or of the last day.");
        else if (table_print(t) < 0)
                return CLI_CANNOT;
        return query_channels(q, warn_of, &s) < 0 ? fail(q) : CLI_OK;
}

/* ---- shopbell notices channels ---- */

static const struct table_column channel_columns[] = {
        { .title = "CHANNEL" }, { .title = "KIND" }, { .title = "LEVEL" }, { .title = "REPEAT" }, { .title = "ESCALATES" },
        { .title = "SENT", .is_right = true }, { .title = "DUE", .is_right = true }, { .title = "SINCE" },
};

static int on_channel(void *userdata, const struct store_channel *c)
{
        struct service *s = userdata;
        char repeat[DURATION_BYTES] = "never", after[DURATION_BYTES], sent[24], waiting[24], since[TIME_ISO_BYTES];
        CLEANUP(strbuf_done) struct strbuf escalates = STRBUF_INIT;
        struct store_load load;
        int r = query_channel_load(s->q, c->name, s->cli->now, &load);

        if (r < 0)
                return r;
        s->n++;
        if (c->repeat > 0)
                duration_format(c->repeat, repeat);
        if (c->escalate_after > 0) {
                duration_format(c->escalate_after, after);
                strbuf_addf(&escalates, "to " STR_FMT " after %s", STR_ARG(c->escalate_to), after);
        }
        snprintf(sent, sizeof sent, "%llu", (unsigned long long)load.sent);
        snprintf(waiting, sizeof waiting, "%llu", (unsigned long long)load.due);
        return table_add(s->table, (struct str[]){ c->name, c->kind, str_of(level_name(c->level)), str_of(repeat), strbuf_str(&escalates), str_of(sent),
                                                   str_of(waiting), stamp_of(s->format, c->since, since) });
}

int cmd_notices_channels(struct cli *cli, int argc, char **argv)
{
        CLEANUP(query_closep) struct query *q = NULL;
        struct service s = { .cli = cli, .format = format_of(cli) };
        CLEANUP(table_freep) struct table *t = table_new(channel_columns, ARRAY_LEN(channel_columns), s.format);
        int code = cli_query(cli, &q);

        (void)argc, (void)argv;
        if (code != CLI_OK)
                return code;
        s.table = t;
        s.q = q;
        if (!t || query_channels(q, on_channel, &s) < 0)
                return fail(q);
        if (s.n == 0 && s.format == FORMAT_TABLE) {
                puts("No channels: name some under notices: in shopbell.yml and restart shopbelld.");
                return CLI_OK;
        }
        if (table_print(t) < 0)
                return CLI_CANNOT;
        return query_channels(q, warn_of, &s) < 0 ? fail(q) : CLI_OK;
}

/* ---- shopbell notices test ---- */

struct newest {
        struct str channel;
        struct strbuf word; /* the question for it */
};

/* Those under way come first, then the one that ended last. */
static int find_newest(void *userdata, const struct store_notice *n)
{
        struct newest *newest = userdata;

        if (newest->word.n == 0 && str_eqz(n->reason, "test") && str_eq(n->channel, newest->channel))
                strbuf_addf(&newest->word, "notice-wait\nkey " STR_FMT "\n", STR_ARG(n->key));
        return 0;
}

/* Waits for the outcome, as long as a delivery can take. */
static int wait_for_test(const struct cli *cli, const char *channel)
{
        CLEANUP(query_closep) struct query *q = NULL;
        CLEANUP(strbuf_done) struct strbuf answer = STRBUF_INIT;
        struct newest newest = { .channel = str_of(channel), .word = STRBUF_INIT };
        struct err err = { 0 };
        struct str rest, how, state, why = STR("");
        int r = query_open(cli_store_path(cli), &q, &err);

        if (r >= 0)
                r = query_notices(q, true, cli->now, 0, find_newest, &newest);
        if (r >= 0 && newest.word.p)
                r = control_ask(cli_state(cli), newest.word.p, TEST_WAIT, &answer, &err);
        strbuf_done(&newest.word);
        if (r == -ENOENT) /* no daemon: later */
                return CLI_OK;
        if (r == -ETIMEDOUT) {
                log_error("nobody has delivered it: does its service run? systemctl status 'shopbell-*@%s'", channel);
                return CLI_FOUND;
        }
        rest = strbuf_str(&answer);
        str_cut(&rest, '\n', &how);
        if (r < 0 || !str_eqz(how, "done") || !str_cut(&rest, '\n', &state)) {
                log_err(LOG_LEVEL_ERROR, &err);
                return CLI_CANNOT;
        }
        str_cut(&rest, '\n', &why);
        if (str_eqz(state, "sent")) {
                printf("sent over %s\n", channel);
                return CLI_OK;
        }
        log_error("%s: " STR_FMT ": " STR_FMT, channel, STR_ARG(state), STR_ARG(why));
        return CLI_FOUND;
}

int cmd_notices_test(struct cli *cli, int argc, char **argv)
{
        CLEANUP(strbuf_done) struct strbuf order = STRBUF_INIT;
        int code;

        if (argc != 1) {
                log_error("shopbell notices test takes the name of a channel, as `shopbell notices channels` prints it");
                return CLI_USAGE;
        }
        strbuf_addz(&order, "notice-test\n");
        order_add(&order, "channel", str_of(argv[0]));
        code = daemon_order(cli, strbuf_str(&order));
        return code == CLI_OK ? wait_for_test(cli, argv[0]) : code;
}

/* ---- shopbell status ---- */

static const struct {
        const char *state, *name, *help;
} states[] = {
        { "waiting", "notices_waiting", "notices that are to be sent, now or later (see shopbell notices)" },
        { "sending", "notices_sending", "notices that are being sent: nothing is delivered yet" },
        { "committing", "notices_committing", "notices whose last byte is on its way" },
        { "sent", "notices_sent", "notices that were delivered" },
        { "failed", "notices_failed", "notices given up: after three days of attempts, or as they were too long" },
        { "unknown", "notices_unknown", "notices that may have arrived, or not: they are not sent again" },
        { "dropped", "notices_dropped", "notices no longer needed when they were due: their alerts were answered, or their channel is gone" },
};

static int add_count(void *userdata, struct str state, uint64_t n)
{
        uint64_t *counts = userdata;

        for (size_t i = 0; i < ARRAY_LEN(states); i++)
                if (str_eqz(state, states[i].state))
                        counts[i] = n;
        return 0;
}

int notices_each_state(struct query *q, int (*fn)(void *userdata, const char *name, uint64_t n, const char *help), void *userdata)
{
        uint64_t counts[ARRAY_LEN(states)] = { 0 };
        int r = query_notice_counts(q, add_count, counts);

        for (size_t i = 0; i < ARRAY_LEN(states) && r >= 0; i++)
                r = fn(userdata, states[i].name, counts[i], states[i].help);
        return r;
}
