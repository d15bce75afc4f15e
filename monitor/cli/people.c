/* SPDX-License-Identifier: Apache-2.0 */

/* shopbell people: who is behind which account, and the draft of a people.yml. */

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "monitor/base/json_write.h"
#include "monitor/base/log.h"
#include "monitor/base/utf8.h"
#include "monitor/cli/cli.h"
#include "monitor/cli/table.h"
#include "monitor/config_files.h"
#include "monitor/report/accounts.h"
#include "monitor/report/suggest.h"
#include "monitor/store/census.h"

/* ---- Reading ---- */

/* The `people:` of the installed configuration counts when nobody says otherwise; that it cannot be read is no mistake. */
static const char *default_people(void)
{
        static char path[PATH_MAX]; /* empty: nowhere */
        CLEANUP(err_list_done) struct err_list errors = ERR_LIST_INIT;
        struct config_files files;
        const char *env = getenv("SHOPBELL_PEOPLE");
        const struct yaml *people = NULL;

        if (env && *env)
                return env;
        if (access(SHOPBELL_CONFIG_FILE, R_OK) < 0 || config_files_load(SHOPBELL_CONFIG_FILE, &files, &errors) < 0)
                return NULL;
        for (size_t i = 0; i < files.n_values && !people; i++) {
                if (!str_eqz(files.values[i].key->text, "people"))
                        continue;
                people = files.values[i].value;
                if (!yaml_is_scalar(people)) /* the list itself */
                        snprintf(path, sizeof path, "%s", files.values[i].file);
                else if (*people->text.p == '/')
                        snprintf(path, sizeof path, "%s", people->text.p);
                else
                        snprintf(path, sizeof path, "%.*s/%s", (int)(strrchr(SHOPBELL_CONFIG_FILE, '/') - SHOPBELL_CONFIG_FILE),
                                 SHOPBELL_CONFIG_FILE, people->text.p);
        }
        config_files_done(&files);
        return *path ? path : NULL;
}

static int read_store(const struct cli *cli, const struct query_census *to)
{
        CLEANUP(query_closep) struct query *q = NULL;

        if (cli_query(cli, &q) != CLI_OK)
                return CLI_CANNOT;
        if (query_census(q, to) < 0) {
                log_error("the census cannot be read: %s", query_error(q));
                return CLI_CANNOT;
        }
        return CLI_OK;
}

static int read_logs(struct cli *cli, const struct setup *setup, int argc, char **argv, const struct query_census *to)
{
        CLEANUP(store_closep) struct store *store = NULL;
        CLEANUP(query_closep) struct query *q = NULL;
        struct err err = { 0 };
        int code;

        if (store_open(":memory:", &store, &err) < 0 || query_of(store, &q) < 0) {
                log_err(LOG_LEVEL_ERROR, &err);
                return CLI_CANNOT;
        }
        code = cli_read_census(cli, setup, store, argc, argv);
        if (query_census(q, to) >= 0)
                return code;
        log_error("the census cannot be read: %s", query_error(q));
        return CLI_CANNOT;
}

static int settle(struct accounts *a, const struct setup *setup)
{
        size_t n = sourceset_count(setup->sources);
        CLEANUP(memory_freep) const struct log_kind **kinds = calloc(n + 1, sizeof *kinds);

        for (size_t i = 0; kinds && i < n; i++)
                kinds[i] = sourceset_kind(setup->sources, i);
        return kinds ? accounts_settle(a, enrich_people(setup->enrich), kinds, n) : -ENOMEM;
}

void cli_default_people(struct cli *cli)
{
        if (!cli->people)
                cli->people = default_people();
}

int cli_accounts_of(const struct setup *setup, struct query *q, struct accounts *ret)
{
        const struct query_census to = { accounts_take, accounts_take_fact, ret };
        int r = accounts_init(ret);

        if (r >= 0)
                r = query_census(q, &to);
        return r < 0 ? r : settle(ret, setup);
}

int cli_accounts(struct cli *cli, int argc, char **argv, struct setup *ret_setup, struct accounts *ret)
{
        const struct query_census to = { accounts_take, accounts_take_fact, ret };
        int code;

        *ret_setup = (struct setup){ 0 };
        *ret = (struct accounts){ 0 };
        cli_default_people(cli);
        code = cli_load(cli, false, ret_setup);
        if (code != CLI_OK)
                return code;
        if (accounts_init(ret) < 0) {
                log_error("out of memory");
                return CLI_CANNOT;
        }
        code = argc > 0 ? read_logs(cli, ret_setup, argc, argv, &to) : read_store(cli, &to);
        if (settle(ret, ret_setup) < 0) {
                log_error("out of memory");
                return CLI_CANNOT;
        }
        return code;
}

/* ---- One line an account ---- */

static const struct table_column columns[] = {
        { .title = "WHO", .is_wrapped = true },     { .title = "ROLE" },  { .title = "SOURCE" },
        { .title = "ACCOUNT", .is_wrapped = true }, { .title = "FIRST" }, { .title = "LAST" },
        { .title = "DAYS", .is_right = true },      { .title = "MFA" },   { .title = "FROM", .is_wrapped = true },
        { .title = "DEVICES", .is_wrapped = true },
};

static const char *mfa_word(const struct account_view *v)
{
        static const char *const words[] = { [MFA_UNSAID] = "", [MFA_USED] = "used", [MFA_MISSING] = "missing" };
        usec since;

        return words[account_mfa(v, &since)];
}

static const char *role_word(const struct accounts *a, const struct account_view *v)
{
        return v->person ? v->person->role : a->people ? "unknown" : "";
}

static void join(const struct account_view *v, enum fact_kind kind, struct strbuf *out)
{
        for (size_t i = 0; i < v->n_facts; i++)
                if (v->facts[i]->kind == kind)
                        strbuf_addf(out, "%s" STR_FMT, out->n ? ", " : "", STR_ARG(v->facts[i]->value));
}

static void stamp(usec t, bool is_local, char ret[TIME_ISO_BYTES])
{
        if (is_local)
                time_format_local(t, ret);
        else
                time_format_iso(t, ret);
        if (is_local)
                ret[size_min(strlen(ret), 16)] = '\0'; /* minutes are enough */
}

static int add_row(struct table *t, const struct accounts *a, const struct account_view *v, bool is_local)
{
        CLEANUP(strbuf_done) struct strbuf from = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf devices = STRBUF_INIT;
        char first[TIME_ISO_BYTES], last[TIME_ISO_BYTES], days[24];

        join(v, FACT_COUNTRY, &from);
        join(v, FACT_NETWORK, &from);
        join(v, FACT_DEVICE, &devices);
        stamp(v->seen.first, is_local, first);
        stamp(v->seen.last, is_local, last);
        snprintf(days, sizeof days, "%zu", account_count(v, FACT_DAY));
        if (strbuf_failed(&from) || strbuf_failed(&devices))
                return -ENOMEM;
        return table_add(t, (struct str[]){ v->who, str_of(role_word(a, v)), v->seen.source, v->seen.account,
                                            str_of(first), str_of(last), str_of(days), str_of(mfa_word(v)),
                                            strbuf_str(&from), strbuf_str(&devices) });
}

/* ---- JSON ---- */

static void put_time(struct json_writer *w, const char *key, usec t)
{
        char text[TIME_ISO_BYTES];

        time_format_iso(t, text);
        json_key(w, key);
        json_strz(w, t == USEC_NONE ? NULL : text);
}

static void put_fact(struct json_writer *w, const struct fact *f)
{
        json_begin(w, '{');
        json_key(w, "kind"), json_strz(w, fact_name(f->kind));
        json_key(w, "value"), json_str(w, f->value);
        put_time(w, "first_seen", f->first);
        put_time(w, "last_seen", f->last);
        put_time(w, "gone", f->gone);
        if (f->n > 0)
                json_key(w, "n"), json_int(w, (int64_t)f->n);
        if (f->text.n > 0)
                json_key(w, "text"), json_str(w, f->text);
        json_end(w, '}');
}

static void put_account(struct strbuf *out, const struct accounts *a, const struct account_view *v)
{
        struct json_writer w = JSON_WRITER(out);
        usec since;

        json_begin(&w, '{');
        json_key(&w, "who"), json_str(&w, v->who);
        json_key(&w, "role"), json_strz(&w, v->person ? v->person->role : NULL);
        json_key(&w, "known");
        if (a->people)
                json_bool(&w, v->person != NULL);
        else
                json_null(&w);
        json_key(&w, "source"), json_str(&w, v->seen.source);
        json_key(&w, "account"), json_str(&w, v->seen.account);
        put_time(&w, "first_seen", v->seen.first);
        put_time(&w, "last_seen", v->seen.last);
        json_key(&w, "days"), json_int(&w, (int64_t)account_count(v, FACT_DAY));
        json_key(&w, "mfa"), json_strz(&w, account_mfa(v, &since) == MFA_UNSAID ? NULL : mfa_word(v));
        put_time(&w, "mfa_since", since);
        json_key(&w, "facts");
        json_begin(&w, '[');
        for (size_t i = 0; i < v->n_facts; i++)
                put_fact(&w, v->facts[i]);
        json_end(&w, ']');
        json_end(&w, '}');
}

/* ---- One person in full ---- */

static void say_fact(const struct fact *f)
{
        CLEANUP(strbuf_done) struct strbuf line = STRBUF_INIT;
        char first[TIME_ISO_BYTES], last[TIME_ISO_BYTES], gone[TIME_ISO_BYTES];

        stamp(f->first, true, first);
        stamp(f->last, true, last);
        stamp(f->gone, true, gone);
        text_display(&line, f->value, TEXT_TERMINAL, 0);
        if (f->text.n > 0) {
                strbuf_addz(&line, " (");
                text_display(&line, f->text, TEXT_TERMINAL, 0);
                strbuf_addc(&line, ')');
        }
        printf("  %-9s %s", fact_name(f->kind), line.p ? line.p : "");
        if (f->last != USEC_NONE)
                printf(f->first == f->last ? "  %s" : "  %s – %s", first, last);
        if (f->gone != USEC_NONE)
                printf(fact_holds(f) ? "  (was gone %s)" : "  gone %s", gone);
        puts("");
}

static void say_account(const struct accounts *a, const struct account_view *v)
{
        CLEANUP(strbuf_done) struct strbuf head = STRBUF_INIT;
        char first[TIME_ISO_BYTES], last[TIME_ISO_BYTES];

        text_display(&head, v->who, TEXT_TERMINAL, 0);
        strbuf_addf(&head, "%s%s: ", *role_word(a, v) ? ", " : "", role_word(a, v));
        text_display(&head, v->seen.account, TEXT_TERMINAL, 0);
        strbuf_addz(&head, " of ");
        text_display(&head, v->seen.source, TEXT_TERMINAL, 0);
        puts(head.p ? head.p : "");
        stamp(v->seen.first, true, first);
        stamp(v->seen.last, true, last);
        if (v->seen.last == USEC_NONE)
                puts("  never seen to act");
        else
                printf("  seen      %s – %s, on %zu of its last %u days\n", first, last, account_count(v, FACT_DAY),
                       fact_kept(FACT_DAY));
        for (size_t i = 0; i < v->n_facts; i++)
                if (v->facts[i]->kind != FACT_DAY)
                        say_fact(v->facts[i]);
}

static bool is_part(struct str text, struct str part)
{
        for (size_t i = 0; i + part.n <= text.n; i++)
                if (str_eq_nocase(str_from(text.p + i, part.n), part))
                        return true;
        return false;
}

/* A person by name, or any account that has the word in it. */
static bool is_chosen(const struct cli *cli, const struct account_view *v)
{
        struct str who = str_of(cli->who);

        return !cli->who || is_part(v->who, who) || is_part(v->seen.account, who) ||
               (v->mail.p && is_part(v->mail, who));
}

/* ---- Commands ---- */

static int print_table(const struct cli *cli, const struct accounts *a, enum cli_format format)
{
        CLEANUP(table_freep) struct table *t = table_new(columns, ARRAY_LEN(columns), format);
        int r = t ? 0 : -ENOMEM;

        for (size_t i = 0; i < a->n && r >= 0; i++)
                if (is_chosen(cli, &a->items[i]))
                        r = add_row(t, a, &a->items[i], format == FORMAT_TABLE);
        return r < 0 ? r : table_print(t);
}

static int print_json(const struct cli *cli, const struct accounts *a, bool is_lines)
{
        CLEANUP(strbuf_done) struct strbuf out = STRBUF_INIT;
        size_t n = 0;

        for (size_t i = 0; i < a->n; i++) {
                if (!is_chosen(cli, &a->items[i]))
                        continue;
                if (!is_lines)
                        strbuf_addz(&out, n ? ",\n" : "[\n");
                put_account(&out, a, &a->items[i]);
                strbuf_addz(&out, is_lines ? "\n" : "");
                n++;
        }
        if (!is_lines)
                strbuf_addz(&out, n ? "\n]\n" : "[]\n");
        if (strbuf_failed(&out))
                return -ENOMEM;
        return fwrite(strbuf_str(&out).p, 1, out.n, stdout) == out.n ? 0 : -EIO;
}

static int print_full(const struct cli *cli, const struct accounts *a)
{
        size_t n = 0;

        for (size_t i = 0; i < a->n; i++) {
                if (!is_chosen(cli, &a->items[i]))
                        continue;
                fputs(n++ ? "\n" : "", stdout);
                say_account(a, &a->items[i]);
        }
        if (n == 0)
                printf("No account of %s was seen.\n", cli->who);
        return 0;
}

static int print(const struct cli *cli, const struct accounts *a)
{
        enum cli_format format = cli->format ? cli->format : FORMAT_TABLE;
        size_t unknown = 0;
        int r;

        if (format == FORMAT_JSON || format == FORMAT_NDJSON)
                return print_json(cli, a, format == FORMAT_NDJSON);
        if (format == FORMAT_TABLE && cli->who)
                return print_full(cli, a);
        r = print_table(cli, a, format);
        if (r < 0 || format != FORMAT_TABLE)
                return r;
        for (size_t i = 0; i < a->n; i++)
                unknown += !a->items[i].person;
        if (a->n == 0)
                puts("No account was seen.");
        else if (!a->people)
                puts("\nNo people file is given: accounts with one mail address are one person. `shopbell people suggest` drafts one.");
        else if (unknown > 0)
                printf("\n%zu of %zu accounts are of nobody in the people file.\n", unknown, a->n);
        return 0;
}

int cmd_people(struct cli *cli, int argc, char **argv)
{
        struct setup setup;
        struct accounts a;
        int code = cli_accounts(cli, argc, argv, &setup, &a);

        if (a.arena && (code == CLI_OK || a.n > 0) && print(cli, &a) < 0)
                code = CLI_CANNOT;
        accounts_done(&a);
        setup_done(&setup);
        return code;
}

int cmd_people_suggest(struct cli *cli, int argc, char **argv)
{
        CLEANUP(strbuf_done) struct strbuf out = STRBUF_INIT;
        struct setup setup;
        struct accounts a;
        int code = cli_accounts(cli, argc, argv, &setup, &a), n = 0;

        if (a.arena && (code == CLI_OK || a.n > 0))
                n = suggest_people(&a, &out);
        if (n < 0) {
                log_error("out of memory");
                code = CLI_CANNOT;
        }
        if (n > 0) {
                puts("# A draft from the accounts seen, see shopbell.people(5). Roles are guesses: owner, manager, staff, agency,\n"
                     "# contractor or service. Strike out who is a stranger; add  left: 2026-10-31  for who has left.");
                fputs(strbuf_str(&out).p, stdout);
        } else if (code == CLI_OK) {
                puts(a.n > 0 ? "# Every account that was seen to act is in the people file."
                             : "# No account was seen.");
        }
        accounts_done(&a);
        setup_done(&setup);
        return code;
}
