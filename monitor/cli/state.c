/* SPDX-License-Identifier: Apache-2.0 */

/* shopbell state show and forget: what correlations hold between records, as the store has it. Both choose keys by the same
 * words, so that one shows what the other will erase. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "monitor/base/json_write.h"
#include "monitor/base/log.h"
#include "monitor/cli/cli.h"
#include "monitor/cli/table.h"
#include "monitor/control.h"
#include "monitor/sealing.h"
#include "monitor/detect/describe.h"
#include "monitor/store/query.h"
#include "monitor/store/quiet.h"
#include "monitor/store/store.h"

enum { TABLE_ROWS_MAX = 1000 }; /* of a table, without --limit */

/* ---- Which keys ---- */

struct choice {
        struct str rule; /* absent: all */
        char **values; /* a key must have each of them */
        size_t n_values;
        struct ruleset *rules; /* names of rules and fields; NULL: not to be had */
        struct strbuf label; /* what rule_of() was asked last, and its answer */
        const struct sigma_rule *labelled;
};

/* Without rules (they lie elsewhere, none is good) state is still shown, by id and without names of fields. */
static int choice_open(struct choice *c, struct cli *cli, int argc, char **argv)
{
        CLEANUP(err_list_done) struct err_list errors = ERR_LIST_INIT;
        CLEANUP(err_list_done) struct err_list remarks = ERR_LIST_INIT;
        const struct sigma_options *language = cli_language(cli);

        *c = (struct choice){ .label = STRBUF_INIT };
        if (!language)
                return CLI_CANNOT;
        if (argc > 0) {
                c->rule = str_of(argv[0]);
                c->values = argv + 1;
                c->n_values = (size_t)argc - 1;
        }
        if (ruleset_load(cli->rules.items, cli->rules.n, language, &c->rules, &errors, &remarks) < 0)
                log_warning("%s: no rules can be read there, going on with what the store says", cli->rules.items[0]);
        return CLI_OK;
}

static void choice_done(struct choice *c)
{
        c->rules = ruleset_free(c->rules);
        strbuf_done(&c->label);
}

/* The rule that a state label stands for, or NULL. Rows come sorted by label: mostly it is the one of the last row. */
static const struct sigma_rule *rule_of(struct choice *c, struct str label)
{
        if (str_eq(strbuf_str(&c->label), label))
                return c->labelled;
        strbuf_clear(&c->label);
        strbuf_add(&c->label, label);
        c->labelled = NULL;
        for (size_t i = 0; c->rules && i < ruleset_count(c->rules) && !c->labelled; i++)
                if (str_eq(ruleset_state_label(c->rules, i), label))
                        c->labelled = ruleset_rule(c->rules, i);
        return c->labelled;
}

/* A state label without its fingerprint: the rule's id, or its title when it has none. */
static struct str id_of(struct str label)
{
        while (label.n > 0 && label.p[label.n - 1] != '#')
                label.n--;
        label.n -= label.n > 0;
        return label;
}

static bool is_value(struct str value, const struct alert_group *group, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (str_eq(group[i].value, value))
                        return true;
        return false;
}

static bool is_chosen(struct choice *c, struct str label, struct str key)
{
        const struct sigma_rule *rule = rule_of(c, label);
        struct alert_group group[STATE_KEY_VALUES_MAX];
        size_t n;

        if (c->rule.p && !str_eq_nocase(c->rule, id_of(label)) && !str_eq(c->rule, label) &&
            !(rule && (str_eq_nocase(c->rule, rule->title) || (rule->name.p && str_eq(c->rule, rule->name)))))
                return false;
        n = c->n_values > 0 ? state_describe_key(rule, key, group, ARRAY_LEN(group)) : 0;
        for (size_t i = 0; i < c->n_values; i++)
                if (!is_value(str_of(c->values[i]), group, n))
                        return false;
        return true;
}

/* ---- Show ---- */

static const struct table_column columns[] = {
        { .title = "ID" }, /* not in a table for people */
        { .title = "RULE", .is_wrapped = true },
        { .title = "KEY", .is_wrapped = true, .is_json = true },
        { .title = "HITS", .is_right = true },
        { .title = "KNOWN", .is_right = true },
        { .title = "EPISODES", .is_right = true },
        { .title = "FIRST" },
        { .title = "LAST" },
        { .title = "BYTES", .is_right = true },
};
enum {
        COLUMN_ID,
        COLUMN_RULE,
        COLUMN_KEY,
        COLUMN_HITS,
        COLUMN_KNOWN,
        COLUMN_EPISODES,
        COLUMN_FIRST,
        COLUMN_LAST,
        COLUMN_BYTES
};

struct show {
        struct choice choice;
        struct table *table;
        enum cli_format format;
        size_t max, n; /* rows */
        struct strbuf key; /* of the row at work */
};

/* An array of {"field","value"}, or "field=value, …". */
static void write_key(struct show *s, const struct alert_group *group, size_t n)
{
        struct json_writer w = JSON_WRITER(&s->key);
        bool is_json = s->format == FORMAT_JSON || s->format == FORMAT_NDJSON;

        strbuf_clear(&s->key);
        if (is_json)
                json_begin(&w, '[');
        for (size_t i = 0; i < n; i++) {
                if (is_json) {
                        json_begin(&w, '{');
                        json_key(&w, "field"), json_str(&w, group[i].field);
                        json_key(&w, "value"), json_str(&w, group[i].value);
                        json_end(&w, '}');
                        continue;
                }
                strbuf_addz(&s->key, i ? ", " : "");
                strbuf_add(&s->key, group[i].field);
                strbuf_addz(&s->key, group[i].field.p ? "=" : "");
                strbuf_add(&s->key, group[i].value);
        }
        if (is_json)
                json_end(&w, ']');
}

static struct str stamp_of(usec t, enum cli_format format, char buf[TIME_ISO_BYTES])
{
        if (t == USEC_NONE)
                return STR("");
        if (format == FORMAT_TABLE)
                time_format_local(t, buf);
        else
                time_format_iso(t, buf);
        return str_of(buf);
}

static struct str number_of(uint64_t n, char buf[24])
{
        snprintf(buf, 24, "%llu", (unsigned long long)n);
        return str_of(buf);
}

static int add_row(struct show *s, struct str label, struct str key, struct str blob)
{
        const struct sigma_rule *rule = rule_of(&s->choice, label);
        char numbers[4][24], first[TIME_ISO_BYTES], last[TIME_ISO_BYTES];
        struct alert_group group[STATE_KEY_VALUES_MAX];
        struct str cells[ARRAY_LEN(columns)] = { id_of(label), rule ? rule->title : id_of(label) };
        struct state_summary sum;
        int r = state_describe(blob, &sum);

        if (r < 0 && r != -EBADMSG)
                return r;
        for (size_t i = COLUMN_HITS; i < ARRAY_LEN(columns); i++)
                cells[i] = STR("");
        write_key(s, group, state_describe_key(rule, key, group, ARRAY_LEN(group)));
        if (strbuf_failed(&s->key))
                return -ENOMEM;
        cells[COLUMN_KEY] = strbuf_str(&s->key);
        cells[COLUMN_BYTES] = number_of(label.n + key.n + blob.n, numbers[0]);
        if (r == -EBADMSG) {
                cells[COLUMN_HITS] = STR("unreadable");
        } else {
                cells[COLUMN_HITS] = number_of(sum.hits, numbers[1]);
                cells[COLUMN_KNOWN] = number_of(sum.known, numbers[2]);
                cells[COLUMN_EPISODES] = number_of(sum.episodes, numbers[3]);
                cells[COLUMN_FIRST] = stamp_of(sum.first, s->format, first);
                cells[COLUMN_LAST] = stamp_of(sum.last, s->format, last);
        }
        return table_add(s->table, s->format == FORMAT_TABLE ? cells + COLUMN_RULE : cells);
}

static int on_shown(void *userdata, struct str label, struct str key, struct str blob)
{
        struct show *s = userdata;

        if (!is_chosen(&s->choice, label, key))
                return 0;
        return s->n++ < s->max ? add_row(s, label, key, blob) : 0;
}

static int show(struct show *s, const struct cli *cli)
{
        CLEANUP(query_closep) struct query *q = NULL;
        int r;

        if (cli_query(cli, &q) != CLI_OK)
                return CLI_CANNOT;
        r = query_windows(q, on_shown, s);
        if (r < 0) {
                log_error("the state cannot be read: %s", r == -ENOMEM ? "out of memory" : query_error(q));
                return CLI_CANNOT;
        }
        if (table_print(s->table) < 0)
                return CLI_CANNOT;
        if (s->format == FORMAT_TABLE && s->n == 0)
                puts("No state.");
        else if (s->n > s->max)
                log_info("%zu more keys are not shown: -n says how many may be", s->n - s->max);
        return CLI_OK;
}

int cmd_state_show(struct cli *cli, int argc, char **argv)
{
        struct show s = { .format = cli->format ? cli->format : FORMAT_TABLE, .key = STRBUF_INIT };
        size_t from = s.format == FORMAT_TABLE ? COLUMN_RULE : COLUMN_ID;
        int code = choice_open(&s.choice, cli, argc, argv);

        s.max = cli->limit ? cli->limit : s.format == FORMAT_TABLE ? TABLE_ROWS_MAX : SIZE_MAX;
        s.table = table_new(columns + from, ARRAY_LEN(columns) - from, s.format);
        if (code == CLI_OK)
                code = s.table ? show(&s, cli) : CLI_CANNOT;
        table_free(s.table);
        strbuf_done(&s.key);
        choice_done(&s.choice);
        return code;
}

/* ---- Forget ---- */

struct doomed {
        struct doomed *next;
        size_t label_n, key_n;
        char text[]; /* label, then key */
};

struct forget {
        struct choice choice;
        struct doomed *first;
        size_t n;
        usec now;
        struct strbuf words; /* for the history */
};

static int on_doomed(void *userdata, struct str label, struct str key, struct str blob)
{
        struct forget *f = userdata;
        struct doomed *d;

        (void)blob;
        if (!is_chosen(&f->choice, label, key))
                return 0;
        d = malloc(sizeof *d + label.n + key.n + 1);
        if (!d)
                return -ENOMEM;
        *d = (struct doomed){ .next = f->first, .label_n = label.n, .key_n = key.n };
        memcpy(d->text, label.p, label.n);
        memcpy(d->text + label.n, key.p, key.n);
        f->first = d;
        f->n++;
        return 0;
}

static int collect(struct forget *f, struct query *q)
{
        int r = query_windows(q, on_doomed, f);

        if (r < 0)
                log_error("the state cannot be read: %s", r == -ENOMEM ? "out of memory" : query_error(q));
        else if (f->n == 0)
                log_error("nothing is held there: `shopbell state show` shows what is");
        return r < 0 || f->n == 0 ? CLI_CANNOT : CLI_OK;
}

/* All of them or none. */
static int erase(const struct forget *f, struct store *store)
{
        const struct hash128 none = { { 0 } };
        int r = store_begin(store);

        if (r < 0)
                return r;
        for (const struct doomed *d = f->first; d && r >= 0; d = d->next)
                r = store_put_window(store, str_from(d->text, d->label_n), str_from(d->text + d->label_n, d->key_n),
                                     0, STR(""));
        if (r >= 0 && f->n > 0)
                r = strbuf_failed(&f->words) ? -ENOMEM : store_history(store, &none, f->now, "forgot", strbuf_str(&f->words));
        if (r >= 0)
                r = store_commit(store);
        if (r < 0)
                store_rollback(store);
        return r;
}

/* The lock is held from before looking until all is written: no daemon can start in between and write its own back. */
static int forget(struct forget *f, const struct cli *cli)
{
        CLEANUP(control_closep) struct control *lock = NULL;
        CLEANUP(store_closep) struct store *store = NULL;
        struct query *q = NULL;
        struct err err = { 0 }, warning = { 0 };
        int code = cli_query(cli, &q); /* first: where there is no store, none is made */

        if (code == CLI_OK && control_open(cli_state(cli), &lock, &err) < 0) {
                log_err(LOG_LEVEL_ERROR, &err);
                code = CLI_CANNOT;
        }
        if (code == CLI_OK)
                code = collect(f, q);
        query_close(q);
        if (code != CLI_OK)
                return code;
        if (store_open(cli_store_path(cli), &store, &err) < 0 || sealing_start(cli_state(cli), store, &err, &warning) < 0) {
                log_err(LOG_LEVEL_ERROR, &err);
                return CLI_CANNOT;
        }
        if (warning.code < 0)
                log_err(LOG_LEVEL_WARNING, &warning);
        if (erase(f, store) < 0) {
                log_error("nothing was forgotten: %s", store_error(store));
                return CLI_CANNOT;
        }
        printf("Forgot %zu %s.\n", f->n, f->n == 1 ? "key" : "keys");
        return CLI_OK;
}

int cmd_state_forget(struct cli *cli, int argc, char **argv)
{
        struct forget f = { .now = cli->now };
        int code;

        if (argc < 1) {
                log_error("shopbell state forget takes a rule (id or title), and values to forget only keys that have them");
                return CLI_USAGE;
        }
        for (int i = 0; i < argc; i++)
                strbuf_addf(&f.words, "%s%s", i == 0 ? "what correlations hold: " : ", ", argv[i]);
        strbuf_addz(&f.words, "; by ");
        if (control_user(getuid(), &f.words) < 0)
                f.words.failed = true;
        code = choice_open(&f.choice, cli, argc, argv);
        if (code == CLI_OK)
                code = forget(&f, cli);
        while (f.first) {
                struct doomed *next = f.first->next;

                free(f.first);
                f.first = next;
        }
        choice_done(&f.choice);
        strbuf_done(&f.words);
        return code;
}
