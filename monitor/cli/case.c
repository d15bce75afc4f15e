/* SPDX-License-Identifier: Apache-2.0 */

/* shopbell case open, mark, done, set, regime, note, close, reopen: what a person says, as orders of cases/order.h. */

#include <stdio.h>
#include <string.h>

#include "monitor/base/log.h"
#include "monitor/base/zone.h"
#include "monitor/cases/order.h"
#include "monitor/cases/template.h"
#include "monitor/cli/case.h"

static int usage(const char *text)
{
        log_error("%s", text);
        return CLI_USAGE;
}

static void add_if(struct strbuf *order, const char *key, const char *value)
{
        if (value)
                case_order_add(order, key, str_of(value));
}

/* What all of them take. */
static int begin_entry(const struct cli *cli, const char *number, const char *kind, struct strbuf *order)
{
        int64_t id;
        int code = case_number_of(number, &id);

        strbuf_addz(order, "case-add\n");
        case_order_add(order, "case", str_of(number));
        case_order_add(order, "kind", str_of(kind));
        add_if(order, "by", cli->by);
        add_if(order, "evidence", cli->evidence);
        return code;
}

/* "2026-11-17 16:00 Asia/Seoul" → as entries have it. CLI_OK, or CLI_USAGE (printed). */
static int add_moment(const struct cli *cli, const char *text, const char *key, struct strbuf *order)
{
        CLEANUP(strbuf_done) struct strbuf value = STRBUF_INIT;
        struct err err = { 0 };
        struct moment m;

        if (moment_parse(str_of(text), cli->now, NULL, &m, &err) < 0) {
                log_err(LOG_LEVEL_ERROR, &err);
                return CLI_USAGE;
        }
        strbuf_addf(&value, "%lld %s", (long long)m.at, m.zone);
        case_order_add(order, key, strbuf_str(&value));
        return CLI_OK;
}

/* Has it carried out, and shows which clocks run now. */
static int say(const struct cli *cli, const char *number, const struct strbuf *order, bool with_clocks)
{
        int64_t id = 0;
        int code;

        if (strbuf_failed(order)) {
                log_error("out of memory");
                return CLI_CANNOT;
        }
        code = daemon_order(cli, strbuf_str(order));
        if (code != CLI_OK || !with_clocks || case_number_of(number, &id) != CLI_OK)
                return code;
        putchar('\n');
        return case_print_clocks(cli, id);
}

/* ---- Open ---- */

static int on_newest(void *userdata, int64_t id)
{
        *(int64_t *)userdata = id;
        return -1; /* the first is enough */
}

static int print_next(const struct cli *cli)
{
        CLEANUP(query_closep) struct query *q = NULL;
        int64_t id = 0;
        int code = cli_query(cli, &q);

        if (code != CLI_OK)
                return code;
        query_each_case(q, false, on_newest, &id);
        if (id == 0)
                return CLI_OK;
        code = case_put_shop(cli, id);
        if (code != CLI_OK)
                return code;
        putchar('\n');
        code = case_print_clocks(cli, id);
        printf("\nWhat to say next:\n"
               "  shopbell case set %lld seller=kr people.kr=1200 data+=email            which laws apply\n"
               "  shopbell case mark %lld aware --at \"2026-11-17 16:00\" --by NAME       when you were sure\n"
               "  shopbell case missing %lld                                            what notices still lack\n",
               (long long)id, (long long)id, (long long)id);
        return code;
}

int cmd_case_open(struct cli *cli, int argc, char **argv)
{
        CLEANUP(strbuf_done) struct strbuf order = STRBUF_INIT;
        char zone[ZONE_NAME_BYTES];
        int code = CLI_OK;

        if (cli->from_alerts.n == 0 && argc > 0)
                return usage("a case is opened --from ALERT… (the first digits of their ids), or with --signal TEXT --at TIME");
        if (cli->from_alerts.n == 0 && !cli->signal)
                return usage("what does the case begin with? --from ALERT…, or --signal TEXT --at TIME when somebody wrote or called");
        if (cli->signal && !cli->at)
                return usage("when was that told? --at \"2026-11-17 16:00\"");
        strbuf_addz(&order, "case-open\n");
        for (size_t i = 0; i < cli->from_alerts.n; i++)
                case_order_add(&order, "alert", str_of(cli->from_alerts.items[i]));
        for (int i = 0; i < argc; i++)
                case_order_add(&order, "alert", str_of(argv[i]));
        add_if(&order, "title", cli->title);
        add_if(&order, "signal", cli->signal);
        add_if(&order, "by", cli->by);
        zone_local_name(zone);
        add_if(&order, "zone", *zone ? zone : NULL);
        if (cli->at)
                code = add_moment(cli, cli->at, "at", &order);
        if (code == CLI_OK)
                code = say(cli, "0", &order, false);
        return code == CLI_OK ? print_next(cli) : code;
}

/* ---- Marks ---- */

/* 0: it exists, or the laws cannot be read; else CLI_USAGE (printed). */
static int check_regime(const struct cli *cli, struct str id, struct str duty)
{
        CLEANUP(strbuf_done) struct strbuf near = STRBUF_INIT;
        struct case_view v;
        const struct regime *r;
        int code = case_view_open(cli, true, &v);

        if (code == CLI_OK && v.regimes.n > 0) {
                r = regime_find(&v.regimes, id);
                regimes_near(&v.regimes, id, &near);
                if (!r) {
                        log_error("no law is called " STR_FMT "%s" STR_FMT, STR_ARG(id), near.n > 0 ? "; perhaps " : "", STR_ARG(strbuf_str(&near)));
                        code = CLI_USAGE;
                }
                for (size_t i = 0; r && duty.p && code == CLI_OK; i++) {
                        if (i == r->n_duties) {
                                log_error(STR_FMT " has no duty called " STR_FMT "; it has:", STR_ARG(id), STR_ARG(duty));
                                for (size_t k = 0; k < r->n_duties; k++)
                                        log_error("  " STR_FMT "  " STR_FMT, STR_ARG(r->duties[k].id), STR_ARG(r->duties[k].title));
                                code = CLI_USAGE;
                        } else if (str_eq(r->duties[i].id, duty)) {
                                break;
                        }
                }
        }
        case_view_close(&v);
        return code;
}

static int mark(const struct cli *cli, int argc, char **argv, const char *kind, const char *how)
{
        CLEANUP(strbuf_done) struct strbuf order = STRBUF_INIT;
        bool is_done = strcmp(kind, "done") == 0;
        struct str first, rest;
        int code;

        if (argc != 2)
                return usage(how);
        if (cli->is_undone == (cli->at != NULL))
                return usage("when? --at \"2026-11-17 16:00\" (of the shop; or with a zone behind it, Asia/Seoul); --undo takes it back");
        rest = str_of(argv[1]);
        str_cut(&rest, '/', &first);
        code = begin_entry(cli, argv[0], kind, &order);
        if (code == CLI_OK && rest.p)
                code = check_regime(cli, is_done ? first : rest, is_done ? rest : STR_NONE);
        case_order_add(&order, "key", str_of(argv[1]));
        add_if(&order, "because", cli->because);
        if (code == CLI_OK && cli->at)
                code = add_moment(cli, cli->at, "value", &order);
        return code == CLI_OK ? say(cli, argv[0], &order, true) : code;
}

int cmd_case_mark(struct cli *cli, int argc, char **argv)
{
        return mark(cli, argc, argv, "mark", "shopbell case mark takes a case and an event: signal, possible, grounds, aware, assessed, told-authority, "
                                             "told-people or handled; of one law as aware/kr-pipa");
}

int cmd_case_done(struct cli *cli, int argc, char **argv)
{
        return mark(cli, argc, argv, "done", "shopbell case done takes a case and a duty, as shopbell case shows it: kr-pipa/authority");
}

/* ---- Fields ---- */

struct assignment {
        struct str name, value;
        const char *change; /* add, remove, or NULL */
        const struct case_field *field;
};

static int read_assignment(const char *text, struct assignment *ret)
{
        const char *equals = strchr(text, '=');
        struct err err = { 0 };
        struct str part;
        size_t n = equals ? (size_t)(equals - text) : 0;

        if (n == 0) {
                log_error("%s: fields are set as FIELD=VALUE; shopbell case fields lists them", text);
                return CLI_USAGE;
        }
        *ret = (struct assignment){ .value = str_of(equals + 1) };
        ret->change = text[n - 1] == '+' ? "add" : text[n - 1] == '-' ? "remove" : NULL;
        ret->name = str_from(text, n - (ret->change != NULL));
        if (case_field_split(ret->name, &ret->field, &part, &err) >= 0 &&
            (ret->value.n == 0 || ret->field->kind == FIELD_TIME || case_field_check(ret->field, ret->value, &err) >= 0))
                return CLI_OK;
        log_err(LOG_LEVEL_ERROR, &err);
        return CLI_USAGE;
}

/* Words of one's own are allowed in the list of data; a slip would stand in each notice as it was typed. */
static void warn_of_slips(const struct assignment *a)
{
        struct str rest = a->value, word;

        while (str_eqz(str_of(a->field->name), "data") && rest.n > 0 && str_cut(&rest, ',', &word)) {
                const char *near = template_data_near(str_trim(word));

                if (near && !(a->change && strcmp(a->change, "remove") == 0))
                        log_warning(STR_FMT ": perhaps %s? It is kept as it was typed; data-=" STR_FMT " takes it away", STR_ARG(str_trim(word)), near,
                                    STR_ARG(str_trim(word)));
        }
}

static int set_one(const struct cli *cli, const char *number, const struct assignment *a)
{
        CLEANUP(strbuf_done) struct strbuf order = STRBUF_INIT;
        CLEANUP(memory_freep) char *value = str_dupz(a->value);
        int code = begin_entry(cli, number, "set", &order);

        case_order_add(&order, "key", a->name);
        add_if(&order, "change", a->change);
        add_if(&order, "because", cli->because);
        add_if(&order, "status", cli->is_unknown ? "unknown" : cli->is_estimated ? "estimated" : NULL);
        if (code == CLI_OK && a->field->kind == FIELD_TIME && a->value.n > 0)
                code = value ? add_moment(cli, value, "value", &order) : CLI_CANNOT;
        else
                case_order_add(&order, "value", a->value);
        return code == CLI_OK ? say(cli, number, &order, false) : code;
}

int cmd_case_set(struct cli *cli, int argc, char **argv)
{
        struct assignment a;
        int code = CLI_OK;

        if (argc < 2)
                return usage("shopbell case set takes a case and FIELD=VALUE, FIELD+=WORDS or FIELD-=WORDS; shopbell case fields lists the fields");
        if (cli->is_unknown && cli->is_estimated)
                return usage("a value is estimated or unknown, not both");
        for (int i = 1; i < argc && code == CLI_OK; i++) /* all, before any is said */
                code = read_assignment(argv[i], &a);
        for (int i = 1; i < argc && code == CLI_OK; i++) {
                read_assignment(argv[i], &a);
                code = set_one(cli, argv[0], &a);
                if (code == CLI_OK)
                        warn_of_slips(&a);
        }
        return code;
}

/* ---- Others ---- */

int cmd_case_regime(struct cli *cli, int argc, char **argv)
{
        CLEANUP(strbuf_done) struct strbuf order = STRBUF_INIT;
        int code;

        if (argc != 3 || (strcmp(argv[2], "yes") != 0 && strcmp(argv[2], "no") != 0 && strcmp(argv[2], "open") != 0))
                return usage("shopbell case regime takes a case, a law, and yes, no, or open (nobody has decided)");
        code = begin_entry(cli, argv[0], "regime", &order);
        if (code == CLI_OK)
                code = check_regime(cli, str_of(argv[1]), STR_NONE);
        case_order_add(&order, "key", str_of(argv[1]));
        case_order_add(&order, "value", strcmp(argv[2], "open") == 0 ? STR("") : str_of(argv[2]));
        add_if(&order, "because", cli->because);
        return code == CLI_OK ? say(cli, argv[0], &order, true) : code;
}

/* An entry that is one text: behind the case, or as -m or --because. */
static int say_text(const struct cli *cli, int argc, char **argv, const char *kind, const char *how)
{
        CLEANUP(strbuf_done) struct strbuf order = STRBUF_INIT;
        const char *text = argc == 2 ? argv[1] : cli->because ? cli->because : cli->note;
        int code;

        if (argc < 1 || argc > 2 || !text)
                return usage(how);
        code = begin_entry(cli, argv[0], kind, &order);
        case_order_add(&order, "value", str_of(text));
        return code == CLI_OK ? say(cli, argv[0], &order, false) : code;
}

int cmd_case_note(struct cli *cli, int argc, char **argv)
{
        return say_text(cli, argc, argv, "note", "shopbell case note takes a case and a text: -m TEXT");
}

int cmd_case_close(struct cli *cli, int argc, char **argv)
{
        return say_text(cli, argc, argv, "closed", "shopbell case close takes a case, and why: --because TEXT");
}

int cmd_case_reopen(struct cli *cli, int argc, char **argv)
{
        return say_text(cli, argc, argv, "reopened", "shopbell case reopen takes a case, and why: --because TEXT");
}

int cmd_case_alert(struct cli *cli, int argc, char **argv)
{
        CLEANUP(strbuf_done) struct strbuf order = STRBUF_INIT;
        int code;

        if (argc != 2)
                return usage("shopbell case alert takes a case and an alert (the first digits of its id)");
        code = begin_entry(cli, argv[0], "alert", &order);
        case_order_add(&order, "key", str_of(argv[1]));
        return code == CLI_OK ? say(cli, argv[0], &order, false) : code;
}
