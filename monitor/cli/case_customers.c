/* SPDX-License-Identifier: Apache-2.0 */

/* shopbell case customers: who was reached, from the store's records and from logs that are read once more, as scan reads them. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "monitor/base/log.h"
#include "monitor/cli/case_customers.h"
#include "monitor/cli/replay.h"
#include "monitor/input/bytes.h"
#include "parsers/json_tree.h"

enum { IMPORT_BYTES = 1024 * 1024 };

/* Addresses of these classes of networks are shared by people who have done nothing. */
static const char *const shared_classes[] = { "office", "vpn", "mobile", "relay", "service" };

/* ---- Who is looked for ---- */

static bool has(const struct str *list, size_t n, struct str text)
{
        for (size_t i = 0; i < n; i++)
                if (str_eq_nocase(list[i], text))
                        return true;
        return false;
}

static int add_who(struct customers *c, struct str text)
{
        text = str_trim(text);
        if (text.n == 0 || value_is_placeholder(text) || has(c->who, c->n_who, text) || has(c->shared, c->n_shared, text))
                return 0;
        if (c->n_who >= REACHED_WHO_MAX || text.n > REACHED_NAME_BYTES_MAX) {
                c->n_who_cut++;
                return 0;
        }
        c->who[c->n_who] = arena_dup(c->arena, text);
        return c->who[c->n_who++].p ? 0 : -ENOMEM;
}

static int on_involved(void *userdata, enum involved kind, struct str value, uint64_t count)
{
        struct customers *c = userdata;

        if (value.n == 0)
                c->involved_cut += count;
        return kind == INVOLVED_OBJECT || value.n == 0 ? 0 : add_who(c, value);
}

static struct str field_of(const struct json_tree *fields, const char *name)
{
        const struct json_tree *v = json_tree_get(fields, str_of(name));

        if (v && v->kind == JSON_ARRAY)
                v = v->first;
        return v && v->kind != JSON_OBJECT && v->kind != JSON_NULL ? v->text : STR_NONE;
}

/* An address that came from a network of many. */
static int note_shared(struct customers *c, const struct json_tree *fields)
{
        struct str class = field_of(fields, "shopbell.network.class"), address = field_of(fields, "source.ip");

        if (c->n_shared >= REACHED_WHO_MAX)
                return 0;
        for (size_t i = 0; i < ARRAY_LEN(shared_classes) && address.p; i++)
                if (str_eqz(class, shared_classes[i]) && !has(c->shared, c->n_shared, address)) {
                        c->shared[c->n_shared] = arena_dup(c->arena, address);
                        return c->shared[c->n_shared++].p ? 0 : -ENOMEM;
                }
        return 0;
}

/* Who did what an alert is of. */
static int on_evidence(void *userdata, const struct evidence *e)
{
        static const char *const names[] = { "shopbell.person", "user.email", "user.name", "user.id", "shopbell.key_id" };
        struct customers *c = userdata;
        struct json_tree *fields;
        int r;

        arena_reset(c->scratch);
        if (json_tree_read(c->scratch, e->fields, &fields) < 0 || fields->kind != JSON_OBJECT)
                return 0;
        c->n_veiled += e->sealed.n > 0;
        r = note_shared(c, fields);
        for (size_t i = 0; i < ARRAY_LEN(names) && r >= 0; i++)
                r = add_who(c, field_of(fields, names[i]));
        return r;
}

static int on_alert(void *userdata, const struct query_alert *a)
{
        struct customers *c = userdata;

        c->alert_counts += a->count;
        c->alert_records += a->n_records;
        return 0;
}

static int who_of_alert(struct customers *c, struct query *q, const struct hash128 *id)
{
        struct query_filter only = { .since = USEC_NONE, .until = USEC_NONE, .with_merged = true, .only = id };
        int r = query_records(q, id, on_evidence, c);

        if (r >= 0)
                r = query_alerts(q, &only, on_alert, c);
        if (r >= 0)
                r = query_involved(q, id, on_involved, c);
        return r;
}

static int find_who(struct customers *c, struct query *q)
{
        int r = 0;

        for (size_t i = 0; i < c->cli->whos.n && r >= 0; i++)
                r = add_who(c, str_of(c->cli->whos.items[i]));
        for (size_t i = 0; i < c->c.n_alerts && r >= 0; i++)
                r = who_of_alert(c, q, &c->c.alerts[i]);
        return r;
}

/* ---- The store's records ---- */

/* Of a value that is an array each. */
static int fill_slot(struct record *record, enum ecs field, const struct json_tree *v)
{
        const struct json_tree *one = v->kind == JSON_ARRAY ? v->first : v;
        int r = 0;

        record->slots[field].is_present = true;
        for (; one && r >= 0; one = v->kind == JSON_ARRAY ? one->next : NULL)
                if (one->kind == JSON_STRING || one->kind == JSON_NUMBER || one->kind == JSON_BOOL)
                        r = slot_add(&record->slots[field], record->arena, VALUE_STRING, one->text);
        return r == -E2BIG ? 0 : r;
}

static int fill_record(struct record *record, const struct json_tree *fields)
{
        int r = 0;

        for (const struct json_tree *v = fields->first; v && r >= 0; v = v->next) {
                enum ecs field = ecs_find(v->key);

                if (field != _ECS_MAX)
                        r = fill_slot(record, field, v);
        }
        return r;
}

/* What a pseudonym stands for is told apart, but not by the logs: with these it would count twice. */
static void hide(struct record *record)
{
        static const enum ecs fields[] = { ECS_CUSTOMER, ECS_OBJECT_NAME };

        for (size_t i = 0; i < ARRAY_LEN(fields); i++)
                record->slots[fields[i]] = (struct slot){ 0 };
}

static int on_kept(void *userdata, const struct evidence *e)
{
        struct customers *c = userdata;
        struct arena *arena = c->scratch;
        struct record record = { .time = e->time, .arena = arena, .n_slots = _ECS_MAX };
        struct json_tree *fields;
        int r;

        arena_reset(arena);
        c->n_store++;
        c->n_hidden += e->sealed.n > 0;
        if (e->fields.n <= 2)
                return 0; /* it went with its age: kept.emptied */
        if (json_tree_read(arena, e->fields, &fields) < 0 || fields->kind != JSON_OBJECT) {
                c->n_unfit++;
                return 0;
        }
        record.slots = arena_array(arena, _ECS_MAX, sizeof *record.slots);
        record.source = arena_dup(arena, e->source).p;
        record.file = arena_dup(arena, e->file).p;
        record.id = e->id;
        record.index = e->index;
        if (!record.slots || !record.source || !record.file)
                return -ENOMEM;
        r = fill_record(&record, fields);
        if (e->sealed.n > 0 && c->n_paths > 0)
                hide(&record);
        if (r >= 0)
                r = reached_take(c->reached, &record);
        return r < 0 ? r : 0;
}

/* ---- Logs ---- */

static int on_record(void *userdata, const struct record *record)
{
        struct customers *c = userdata;
        struct record copy = *record; /* its key is set */
        int r = reached_take(c->reached, &copy);

        return r < 0 ? r : 0;
}

/* What cannot be opened is told, and does not stop the others. */
static int find_paths(struct customers *c, int argc, char **argv)
{
        c->paths = arena_array(c->arena, (size_t)argc + 1, sizeof *c->paths);
        if (!c->paths)
                return -ENOMEM;
        for (int i = 0; i < argc; i++)
                if (strcmp(argv[i], "-") != 0 && access(argv[i], R_OK) < 0) {
                        log_warning("%s: %m, skipping it", argv[i]);
                        c->n_missing++;
                } else {
                        c->paths[c->n_paths++] = argv[i];
                }
        return 0;
}

static int read_logs(struct customers *c)
{
        struct setup setup;
        struct replay replay = { .cli = c->cli, .setup = &setup, .on_record = on_record, .userdata = c };
        int code, r;

        cli_default_people(c->cli);
        code = cli_load(c->cli, false, &setup);
        if (code != CLI_OK)
                return code;
        r = replay_run(&replay, (int)c->n_paths, c->paths);
        if (replay.pipeline)
                pipeline_counters(replay.pipeline, &c->counters);
        c->is_partial = replay.is_partial || r < 0;
        replay_done(&replay);
        setup_done(&setup);
        return r == -ENOMEM ? CLI_CANNOT : CLI_OK;
}

/* ---- A file of customers ---- */

static int digest_file(int fd, char ret[DIGEST_HEX_BYTES])
{
        CLEANUP(strbuf_done) struct strbuf buf = STRBUF_INIT;
        struct digest_work work;
        struct digest digest;
        char *p = strbuf_reserve(&buf, IMPORT_BYTES);
        off_t at = 0;
        ssize_t n = 0;

        if (!p)
                return -ENOMEM;
        digest_begin(&work, NULL);
        while ((n = pread(fd, p, IMPORT_BYTES, at)) > 0) {
                digest_add(&work, str_from(p, (size_t)n));
                at += n;
        }
        digest_end(&work, &digest);
        digest_hex(&digest, ret);
        return n < 0 ? -errno : 0;
}

/* A line on a terminal, redrawn at most a hundred times. */
static void show_progress(const struct customers *c, const struct bytes *b, off_t size, unsigned *last)
{
        unsigned percent = size > 0 ? (unsigned)(bytes_consumed(b) * 100 / (uint64_t)size) : 0;

        if (c->cli->is_quiet || percent == *last || !isatty(STDERR_FILENO))
                return;
        *last = percent;
        fprintf(stderr, "\r%3u %%\x1b[K%s", percent, percent >= 100 ? "\r\x1b[K" : "");
}

static int feed(struct customers *c, struct bytes *b, struct err *reterr)
{
        CLEANUP(strbuf_done) struct strbuf buf = STRBUF_INIT;
        char *p = strbuf_reserve(&buf, IMPORT_BYTES);
        struct stat st = { 0 };
        unsigned last = 0;
        ssize_t n = 0;
        int r = 0;

        if (!p)
                return -ENOMEM;
        (void)fstat(bytes_fd(b), &st);
        while (r >= 0 && (n = bytes_read(b, p, IMPORT_BYTES)) > 0) {
                r = roster_feed(c->roster, str_from(p, (size_t)n), reterr);
                show_progress(c, b, st.st_size, &last);
        }
        if (r >= 0 && n < 0)
                return err_set(reterr, (int)n, "it is damaged, or cannot be read to its end");
        return r < 0 ? r : roster_end(c->roster, reterr);
}

static int import(struct customers *c)
{
        CLEANUP(bytes_freep) struct bytes *b = NULL;
        struct err err = { 0 };
        int r, fd = open(c->cli->import, O_RDONLY | O_CLOEXEC | O_NOCTTY);

        r = fd < 0 ? -errno : digest_file(fd, c->digest);
        if (r >= 0) {
                r = bytes_open(fd, &b);
                fd = -1;
        }
        c->roster = r >= 0 ? roster_new() : NULL;
        if (r < 0)
                log_error("%s: %s", c->cli->import, strerror(-r));
        else if (!c->roster)
                r = -ENOMEM;
        else if ((r = feed(c, b, &err)) < 0)
                log_error("%s: %s", c->cli->import, err.code < 0 ? err.text : "out of memory");
        if (fd >= 0)
                close(fd);
        if (r < 0)
                return CLI_CANNOT;
        roster_result(c->roster, &c->list);
        c->headcount = c->list.people;
        c->people = headcount_least(c->headcount, headcount_all(c->headcount));
        return CLI_OK;
}

/* ---- All of it ---- */

static int store_trouble(struct query *q, int r)
{
        if (r == -ENOMEM)
                log_error("out of memory");
        else
                log_error("the store cannot be read: %s", query_error(q));
        return CLI_CANNOT;
}

static int look(struct customers *c, struct query *q)
{
        int code = CLI_OK, r = find_who(c, q);

        if (r < 0)
                return store_trouble(q, r);
        if (c->n_who == 0) {
                log_error("case %lld has no alert that names anybody: name a person, an account, a key or an address with --who", (long long)c->id);
                return CLI_USAGE;
        }
        r = reached_new(c->who, c->n_who, c->cli->since, c->cli->until, &c->reached);
        if (r >= 0)
                r = query_kept(q, &c->kept);
        if (r >= 0)
                r = query_records_between(q, c->cli->since, c->cli->until, on_kept, c);
        if (r < 0)
                return store_trouble(q, r);
        if (c->n_paths > 0)
                code = read_logs(c);
        reached_sum(c->reached, &c->sum);
        c->people = reached_people(c->reached);
        c->headcount = c->sum.customers;
        return code;
}

uint64_t customers_least(const struct customers *c, struct str name, struct str part)
{
        const struct case_value *v = casefile_value(&c->c, name, part);
        uint64_t least, most;
        bool is_open;

        return v && v->value.p && case_number(v->value, &least, &most, &is_open) == 0 ? least : 0;
}

uint64_t customers_known(const struct customers *c)
{
        uint64_t whole = customers_least(c, STR("people"), STR_NONE), countries = 0;

        for (size_t i = 0; i < c->c.n_values; i++) {
                const struct case_value *v = &c->c.values[i];
                uint64_t n = str_eqz(str_of(v->field->name), "people") && v->part.n == 2 ? customers_least(c, STR("people"), v->part) : 0;

                countries = countries + n < n ? UINT64_MAX : countries + n;
        }
        return countries > whole ? countries : whole;
}

static int read_case(struct customers *c, struct query *q, const char *number)
{
        int r = str_to_i64(str_of(number), &c->id);

        if (r < 0 || c->id <= 0) {
                log_error("%s: a case has a number; shopbell case shows those that are open", number);
                return CLI_USAGE;
        }
        r = casefile_read(q, c->id, NULL, c->arena, &c->c);
        if (r == -ENOENT)
                log_error("there is no case %lld; shopbell case list --all shows them", (long long)c->id);
        else if (r < 0)
                return store_trouble(q, r);
        if (r >= 0) {
                c->base = c->cli->base > 0 ? c->cli->base : customers_least(c, STR("base"), STR_NONE);
                c->known = customers_known(c);
        }
        return r < 0 ? CLI_CANNOT : CLI_OK;
}

static int run(struct customers *c, struct query *q, int argc, char **argv)
{
        CLEANUP(secret_wipe) struct secret secret = { 0 };
        char what[64];
        int code = read_case(c, q, argv[0]);

        if (code != CLI_OK)
                return code;
        if (c->cli->is_reviewed)
                return customers_review(c);
        snprintf(what, sizeof what, "all records, for case %lld", (long long)c->id);
        if (c->cli->reveal)
                code = cli_reveal(c->cli, q, NULL, str_of(what), &secret);
        if (code == CLI_OK && find_paths(c, argc - 1, argv + 1) < 0)
                code = CLI_CANNOT;
        if (code == CLI_OK)
                code = c->cli->import ? import(c) : look(c, q);
        if (code != CLI_OK)
                return code;
        if (customers_print(c) < 0)
                return CLI_CANNOT;
        code = customers_put(c);
        return code == CLI_OK && (c->is_partial || c->n_missing > 0) ? CLI_CANNOT : code;
}

int cmd_case_customers(struct cli *cli, int argc, char **argv)
{
        CLEANUP(query_closep) struct query *q = NULL;
        struct customers c = { .cli = cli, .arena = arena_new(), .scratch = arena_new() };
        int code = CLI_CANNOT;

        if (argc == 0 || (cli->import && argc > 1)) {
                log_error("%s; see shopbell case customers --help", argc == 0 ? "of which case?" : "name either logs or --import FILE");
                code = CLI_USAGE;
        } else if (!c.arena || !c.scratch) {
                log_error("out of memory");
        } else if (cli_query(cli, &q) == CLI_OK) {
                cli->is_silent = cli->format == FORMAT_JSON;
                code = run(&c, q, argc, argv);
        }
        reached_free(c.reached);
        roster_free(c.roster);
        arena_free(c.arena);
        arena_free(c.scratch);
        return code;
}
