/* SPDX-License-Identifier: Apache-2.0 */

/* shopbell silence add, list, end. */

#include <stdio.h>

#include "monitor/base/log.h"
#include "monitor/cli/cli.h"
#include "monitor/cli/table.h"
#include "monitor/quiet/order.h"

static void add_number(struct strbuf *order, const char *key, usec n)
{
        strbuf_addf(order, "%s %lld\n", key, (long long)n);
}

int cmd_silence_add(struct cli *cli, int argc, char **argv)
{
        CLEANUP(strbuf_done) struct strbuf order = STRBUF_INIT;
        const struct {
                const char *key, *value;
        } texts[] = { { "rule", cli->rule }, { "who", cli->who }, { "source", cli->source }, { "reason", cli->reason } };

        (void)argc, (void)argv;
        if (cli->length > 0 && cli->until != USEC_NONE) {
                log_error("silence add takes --for or --until, not both: a silence ends once");
                return CLI_USAGE;
        }
        strbuf_addz(&order, "silence-add\n");
        for (size_t i = 0; i < ARRAY_LEN(texts); i++)
                if (texts[i].value)
                        order_add(&order, texts[i].key, str_of(texts[i].value));
        if (cli->top_level != _LEVEL_MAX)
                order_add(&order, "level", str_of(level_name(cli->top_level)));
        if (cli->length > 0)
                add_number(&order, "for", cli->length);
        if (cli->until != USEC_NONE)
                add_number(&order, "until", cli->until);
        return daemon_order(cli, strbuf_str(&order));
}

int cmd_silence_end(struct cli *cli, int argc, char **argv)
{
        CLEANUP(strbuf_done) struct strbuf order = STRBUF_INIT;
        uint64_t id;

        if (argc != 1 || str_to_u64(str_of(argv[0]), &id) < 0) {
                log_error("shopbell silence end takes the number of a silence, as `shopbell silence list` prints it");
                return CLI_USAGE;
        }
        strbuf_addz(&order, "silence-end\n");
        order_add(&order, "id", str_of(argv[0]));
        return daemon_order(cli, strbuf_str(&order));
}

/* ---- List ---- */

static const struct table_column columns[] = {
        { .title = "ID", .is_right = true }, { .title = "RULE", .is_wrapped = true }, { .title = "WHO" },
        { .title = "SOURCE" }, { .title = "LEVEL", .is_level = true }, { .title = "SINCE" },
        { .title = "UNTIL" }, { .title = "ALERTS", .is_right = true }, { .title = "BY" },
        { .title = "REASON", .is_wrapped = true }, { .title = "ENDED" }, { .title = "ENDED_BY" },
};

struct list {
        const struct cli *cli;
        enum cli_format format;
        struct table *table;
        size_t n;
};

static struct str stamp_of(const struct list *l, usec t, char buf[TIME_ISO_BYTES])
{
        if (t == USEC_NONE)
                return STR("");
        if (l->format == FORMAT_TABLE)
                time_format_local(t - t % USEC_PER_SEC, buf);
        else
                time_format_iso(t, buf);
        return str_of(buf);
}

static int on_silence(void *userdata, const struct silence *s)
{
        struct list *l = userdata;
        char id[24], n[24], since[TIME_ISO_BYTES], until[TIME_ISO_BYTES], ended[TIME_ISO_BYTES];

        if (!l->cli->all && (s->ended_at != USEC_NONE || s->until <= l->cli->now))
                return 0;
        l->n++;
        snprintf(id, sizeof id, "%lld", (long long)s->id);
        snprintf(n, sizeof n, "%llu", (unsigned long long)s->n);
        return table_add(l->table, (struct str[]){ str_of(id), s->rule, s->who, s->source, str_of(level_name(s->level)),
                                                   stamp_of(l, s->since, since), stamp_of(l, s->until, until), str_of(n), s->by.user,
                                                   s->reason, stamp_of(l, s->ended_at, ended), s->ended_by.user });
}

int cmd_silence_list(struct cli *cli, int argc, char **argv)
{
        CLEANUP(query_closep) struct query *q = NULL;
        struct list l = { .cli = cli, .format = cli->format ? cli->format : FORMAT_TABLE };
        CLEANUP(table_freep) struct table *t = table_new(columns, ARRAY_LEN(columns), l.format);

        (void)argc, (void)argv;
        l.table = t;
        if (cli_query(cli, &q) != CLI_OK)
                return CLI_CANNOT;
        if (!t || query_silences(q, on_silence, &l) < 0) {
                log_error("the silences cannot be read: %s", query_error(q));
                return CLI_CANNOT;
        }
        if (l.n == 0 && l.format == FORMAT_TABLE) {
                puts("No silences.");
                return CLI_OK;
        }
        return table_print(t) < 0 ? CLI_CANNOT : CLI_OK;
}
