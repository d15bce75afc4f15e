/* SPDX-License-Identifier: Apache-2.0 */

/* Reading shopbell.yml. To add a key: one row in `keys` (top level) or `input_keys`. A mistake does not end the reading: all of them
 * are told. */

#include "monitor/config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "monitor/cases/field.h"
#include "monitor/enrich/networks.h"
#include "monitor/enrich/people.h"

#define MEMORY_BYTES_MIN ((size_t)1 << 20)
#define MEMORY_BYTES_MAX ((size_t)64 << 30)
enum { KEYS_MIN = 1000, KEYS_MAX = 100000000 };
#define AGE_MAX (36500 * USEC_PER_DAY)

struct reader {
        struct config *config;
        struct config_input *input; /* the one being read */
        const char *file; /* that is being read */
        struct str folder; /* of the main file, for relative paths */
        struct err *err; /* the mistake that was found last, until it is in the list */
        struct err_list *errors;
};

static int fail(struct reader *r, const struct yaml *at, const char *text)
{
        return err_at(r->err, -EBADMSG, r->file, at->line, at->col, "%s", text);
}

static int need_text(struct reader *r, const struct yaml *value, const char **ret)
{
        if (!yaml_is_scalar(value) || value->kind == YAML_NULL || value->text.n == 0)
                return err_at(r->err, -EBADMSG, r->file, value->line, value->col,
                              "%s where a single text belongs", yaml_kind_name(value));
        *ret = value->text.p;
        return 0;
}

static int need_path(struct reader *r, const struct yaml *value, const char **ret)
{
        const char *text = "";
        int k = need_text(r, value, &text);

        if (k < 0)
                return k;
        *ret = *text == '/' ? text : arena_printf(r->config->arena, STR_FMT "%s", STR_ARG(r->folder), text).p;
        return *ret ? 0 : -ENOMEM;
}

/* One text or a list of them. */
static int add_all(struct reader *r, const struct yaml *value, struct paths *to, bool is_path)
{
        size_t n = value->kind == YAML_LIST ? value->n : 1;

        if (n == 0)
                return fail(r, value, "an empty list: name at least one");
        for (size_t i = 0; i < n; i++) {
                const struct yaml *one = value->kind == YAML_LIST ? value->items[i] : value;
                const char *text = "";
                int k = is_path ? need_path(r, one, &text) : need_text(r, one, &text);

                if (k >= 0)
                        k = paths_add(to, text);
                if (k < 0)
                        return k;
        }
        return 0;
}

/* ---- Keys of an input ---- */

static int set_kind(struct reader *r, const struct yaml *value, enum config_kind kind, bool is_path)
{
        if (r->input->paths.n > 0)
                return fail(r, value, "an input is of one kind: give files, tail, spool, journal, maildir or mbox, not two of them");
        r->input->kind = kind;
        return add_all(r, value, &r->input->paths, is_path);
}

static int key_files(struct reader *r, const struct yaml *v) { return set_kind(r, v, CONFIG_FILES, true); }
static int key_tail(struct reader *r, const struct yaml *v) { return set_kind(r, v, CONFIG_TAIL, true); }
static int key_spool(struct reader *r, const struct yaml *v) { return set_kind(r, v, CONFIG_SPOOL, true); }
static int key_journal(struct reader *r, const struct yaml *v) { return set_kind(r, v, CONFIG_JOURNAL, false); }
static int key_maildir(struct reader *r, const struct yaml *v) { return set_kind(r, v, CONFIG_MAILDIR, true); }
static int key_mbox(struct reader *r, const struct yaml *v) { return set_kind(r, v, CONFIG_MBOX, true); }
static int key_authserv(struct reader *r, const struct yaml *v) { return need_text(r, v, &r->input->authserv); }
static int key_name(struct reader *r, const struct yaml *v) { return need_text(r, v, &r->input->name); }
static int key_source(struct reader *r, const struct yaml *v) { return need_text(r, v, &r->input->source); }
static int key_directory(struct reader *r, const struct yaml *v) { return need_path(r, v, &r->input->directory); }

static int key_from(struct reader *r, const struct yaml *v)
{
        const char *text = "";
        int k = need_text(r, v, &text);

        if (k < 0)
                return k;
        if (strcmp(text, "end") != 0 && strcmp(text, "start") != 0)
                return fail(r, v, "from: start (everything that is there) or end (only what comes)");
        r->input->from_end = strcmp(text, "end") == 0;
        return 0;
}

struct key {
        const char *name;
        int (*read)(struct reader *r, const struct yaml *value);
};

static const struct key input_keys[] = {
        { "name", key_name },
        { "source", key_source },
        { "files", key_files }, /* read once */
        { "tail", key_tail }, /* growing files, globs */
        { "spool", key_spool }, /* a folder of finished files */
        { "journal", key_journal }, /* matches, FIELD=value */
        { "maildir", key_maildir }, /* a folder of mails: new/ and cur/ */
        { "mbox", key_mbox }, /* files of mails that grow; globs */
        { "authserv", key_authserv }, /* mails: the server whose Authentication-Results count */
        { "directory", key_directory }, /* journal: read the files of this folder */
        { "from", key_from }, /* tail, journal, maildir, mbox: start or end */
};

/* ---- Keys at the top ---- */

/* Puts the mistake into the list, where it is not yet. */
static int note(struct reader *r, int k)
{
        if (k == -ENOMEM)
                err_set(r->err, k, "out of memory");
        if (k < 0 && r->err->code < 0) {
                err_list_add(r->errors, r->err);
                *r->err = (struct err){ 0 };
        }
        return k == -ENOMEM ? k : 0;
}

static int read_key(struct reader *r, const struct yaml *name, const struct yaml *value, const struct key *table, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (str_eqz(name->text, table[i].name))
                        return table[i].read(r, value);
        return yaml_unknown_key(name, r->file, YAML_KEYS(table, n),
                                "no secret is kept in this file; give it to the unit as a credential (LoadCredential=, systemd.exec(5))", r->err);
}

static const char *default_name(struct reader *r, enum config_kind kind)
{
        static const char *const names[_CONFIG_KIND_MAX] = { "files", "tail", "spool", "journal", "maildir", "mbox" };

        return arena_printf(r->config->arena, "%s-%zu", names[kind], r->config->n_inputs + 1).p;
}

static int read_input(struct reader *r, const struct yaml *map)
{
        struct config *c = r->config;
        bool is_bad = false;
        int k;

        if (map->kind != YAML_MAP)
                return fail(r, map, "an input is a map, such as  - tail: /var/log/auth.log");
        r->input = &c->inputs[c->n_inputs];
        *r->input = (struct config_input){ .file = r->file, .line = map->line, .col = map->col };
        c->n_inputs++;
        for (size_t i = 0; i < map->n; i++) {
                k = read_key(r, map->pairs[i].key, map->pairs[i].value, input_keys, ARRAY_LEN(input_keys));
                is_bad |= k < 0;
                if (note(r, k) < 0)
                        return -ENOMEM;
        }
        if (is_bad)
                return -EBADMSG; /* which is in the list already */
        if (r->input->paths.n == 0)
                return fail(r, map, "an input without files, tail, spool, journal, maildir or mbox");
        if (r->input->kind == CONFIG_SPOOL && r->input->paths.n > 1)
                return fail(r, map, "a spool is one folder: write one input for each");
        if (r->input->kind == CONFIG_MAILDIR && r->input->paths.n > 1)
                return fail(r, map, "a maildir is one folder: write one input for each");
        if (!r->input->name) {
                c->n_inputs--;
                r->input->name = default_name(r, r->input->kind);
                c->n_inputs++;
        }
        for (size_t i = 0; i + 1 < c->n_inputs; i++)
                if (strcmp(c->inputs[i].name, r->input->name) == 0)
                        return fail(r, map, "two inputs of one name: positions are kept by name");
        return strchr(r->input->name, '/') ? fail(r, map, "a name has no slash") : 0;
}

static int key_zone(struct reader *r, const struct yaml *v)
{
        const char *text = "";
        unsigned h, m;
        char sign;
        int k = need_text(r, v, &text), end = 0;

        if (k < 0)
                return k;
        if (strcmp(text, "local") == 0) {
                r->config->hint.local = true;
                return 0;
        }
        r->config->hint.local = false;
        if (strcmp(text, "UTC") == 0)
                return 0;
        if (sscanf(text, "%c%2u:%2u%n", &sign, &h, &m, &end) != 3 || text[end] || !strchr("+-", sign) || h > 14 || m > 59)
                return fail(r, v, "zone: local, UTC or an offset such as '+09:00'");
        r->config->hint.zone_minutes = (int)(60 * h + m) * (sign == '-' ? -1 : 1);
        return 0;
}

/* "512M": bytes; K, M and G are powers of 1024. */
static int key_memory(struct reader *r, const struct yaml *v)
{
        static const struct {
                char letter;
                unsigned shift;
        } units[] = { { 'K', 10 }, { 'M', 20 }, { 'G', 30 } };
        struct str text = yaml_is_scalar(v) ? v->text : STR("");
        unsigned shift = 0;
        uint64_t n = 0;

        for (size_t i = 0; i < ARRAY_LEN(units) && text.n > 0; i++)
                if (text.p[text.n - 1] == units[i].letter)
                        shift = units[i].shift;
        if (str_to_u64(str_from(text.p, text.n - (shift > 0)), &n) < 0 || n == 0 || n > (uint64_t)MEMORY_BYTES_MAX >> shift ||
            n << shift < MEMORY_BYTES_MIN)
                return fail(r, v, "memory: how much correlations may hold, from 1M to 64G, such as 512M");
        r->config->bytes_max = n << shift;
        return 0;
}

static int key_keys(struct reader *r, const struct yaml *v)
{
        uint64_t n = 0;

        if (!yaml_is_scalar(v) || str_to_u64(v->text, &n) < 0 || n < KEYS_MIN || n > KEYS_MAX)
                return fail(r, v, "keys: how many group keys correlations may hold, from 1000 to 100000000");
        r->config->keys_max = n;
        return 0;
}

/* "90d", or "forever". */
static int read_age(struct reader *r, const struct yaml *v, usec *ret)
{
        struct str text = yaml_is_scalar(v) ? v->text : STR("");

        *ret = 0;
        if (str_eqz(text, "forever"))
                return 0;
        if (duration_parse(text, ret) < 0 || *ret < USEC_PER_DAY || *ret > AGE_MAX)
                return fail(r, v, "retention: how long each is kept, from 1d to 36500d, or forever: {records: 180d, alerts: 400d}");
        return 0;
}

static int key_records_kept(struct reader *r, const struct yaml *v) { return read_age(r, v, &r->config->retention.records); }
static int key_alerts_kept(struct reader *r, const struct yaml *v) { return read_age(r, v, &r->config->retention.alerts); }

static const struct key retention_keys[] = {
        { "records", key_records_kept }, /* what was read of records, and their bytes */
        { "alerts", key_alerts_kept },
};

static int key_retention(struct reader *r, const struct yaml *v)
{
        const struct retention *keep = &r->config->retention;
        int k = 0;

        if (v->kind != YAML_MAP)
                return fail(r, v, "retention: a map, such as {records: 180d, alerts: 400d}");
        for (size_t i = 0; i < v->n && k >= 0; i++)
                k = read_key(r, v->pairs[i].key, v->pairs[i].value, retention_keys, ARRAY_LEN(retention_keys));
        if (k >= 0 && keep->alerts > 0 && (keep->records == 0 || keep->records > keep->alerts))
                return fail(r, v, "retention: records go with their alerts at the latest: give alerts more time, or records less");
        return k;
}

static int key_state(struct reader *r, const struct yaml *v) { return need_path(r, v, &r->config->state); }
static int key_sources(struct reader *r, const struct yaml *v) { return add_all(r, v, &r->config->sources, true); }
static int key_rules(struct reader *r, const struct yaml *v) { return add_all(r, v, &r->config->rules, true); }

static int key_geoip(struct reader *r, const struct yaml *v) { return add_all(r, v, &r->config->geoip, true); }

/* Read here only to have mistakes end the start or the reload; the setup reads them again. */
static int key_networks(struct reader *r, const struct yaml *v)
{
        CLEANUP(networks_freep) struct networks *n = NULL;
        struct config *c = r->config;
        int k;

        if (v->kind == YAML_LIST) {
                c->networks = v;
                c->networks_file = r->file;
                return networks_read(v, r->file, &n, r->err);
        }
        k = need_path(r, v, &c->networks_file);
        return k < 0 ? k : networks_load(c->networks_file, &n, r->err);
}

static int key_network_lists(struct reader *r, const struct yaml *v)
{
        CLEANUP(networks_freep) struct networks *n = NULL;

        r->config->network_lists = v;
        return networks_build(&(struct networks_from){ .lists = v, .lists_path = r->config->path }, &n, r->err);
}

static int key_people(struct reader *r, const struct yaml *v)
{
        CLEANUP(people_freep) struct people *p = NULL;
        struct config *c = r->config;
        int k;

        if (v->kind == YAML_LIST) {
                c->people = v;
                c->people_file = r->file;
                return people_read(v, r->file, &p, r->err);
        }
        k = need_path(r, v, &c->people_file);
        return k < 0 ? k : people_load(c->people_file, &p, r->err);
}

static int key_notices(struct reader *r, const struct yaml *v)
{
        return channels_read(v, r->file, &r->config->notices, r->err);
}

static int key_placeholders(struct reader *r, const struct yaml *v)
{
        r->config->language.placeholders = v;
        return sigma_placeholders_check(v, r->file, r->err);
}

static int key_pseudonyms(struct reader *r, const struct yaml *v)
{
        r->config->pseudonyms = v->flag;
        return v->kind == YAML_BOOL ? 0 : fail(r, v, "pseudonyms: yes or no");
}

/* What is known of the shop before anything happens: fields of cases. */
static int key_shop(struct reader *r, const struct yaml *v)
{
        r->config->shop = v;
        if (v->kind != YAML_MAP)
                return fail(r, v, "shop: fields of cases and their values belong here; shopbell case fields lists them");
        for (size_t i = 0; i < v->n; i++) {
                const struct yaml *key = v->pairs[i].key, *value = v->pairs[i].value;
                const struct case_field *field;
                struct str part;
                struct err err = { 0 };

                if (!yaml_is_scalar(value) || value->text.n == 0)
                        return fail(r, value, "one text or number belongs here");
                if (case_field_split(key->text, &field, &part, &err) < 0 || case_field_check(field, value->text, &err) < 0)
                        return err_at(r->err, -EBADMSG, r->file, key->line, key->col, "%s", err.text);
        }
        return 0;
}

static int key_with_deprecated(struct reader *r, const struct yaml *v)
{
        r->config->language.with_deprecated = v->flag;
        return v->kind == YAML_BOOL ? 0 : fail(r, v, "with-deprecated: true or false");
}

/* Read by read_inputs(), from all files together. */
static int key_inputs(struct reader *r, const struct yaml *v)
{
        (void)r;
        (void)v;
        return 0;
}

static const struct key keys[] = {
        { "inputs", key_inputs },
        { "state", key_state },
        { "sources", key_sources },
        { "rules", key_rules },
        { "zone", key_zone },
        { "geoip", key_geoip },
        { "networks", key_networks },
        { "network-lists", key_network_lists },
        { "people", key_people },
        { "memory", key_memory },
        { "keys", key_keys },
        { "notices", key_notices },
        { "placeholders", key_placeholders },
        { "with-deprecated", key_with_deprecated },
        { "retention", key_retention },
        { "pseudonyms", key_pseudonyms }, /* of records kept as evidence */
        { "shop", key_shop }, /* what each case begins with */
};

/* What counts when a key is not named, for people. */
static const struct {
        const char *name, *text;
} fallbacks[] = {
        { "state", "what the unit says: " SHOPBELL_STATE_DIR },
        { "sources", SHOPBELL_SOURCES_DIR " and " SHOPBELL_SOURCES_OWN_DIR },
        { "rules", SHOPBELL_RULES_DIR },
        { "zone", "local" },
        { "memory", "512M" },
        { "keys", "1000000" },
        { "with-deprecated", "false" },
};

const char *config_key(size_t i, const char **ret_fallback)
{
        if (i >= ARRAY_LEN(keys))
                return NULL;
        *ret_fallback = NULL;
        for (size_t k = 0; k < ARRAY_LEN(fallbacks); k++)
                if (strcmp(fallbacks[k].name, keys[i].name) == 0)
                        *ret_fallback = fallbacks[k].text;
        return keys[i].name;
}

static int read_inputs(struct reader *r)
{
        struct config *c = r->config;
        const struct config_files *f = &c->files;

        c->inputs = calloc(f->n_inputs + 1, sizeof *c->inputs);
        if (!c->inputs)
                return -ENOMEM;
        for (size_t i = 0; i < f->n_inputs; i++) {
                size_t n = c->n_inputs;
                int k;

                r->file = f->inputs[i].file;
                k = read_input(r, f->inputs[i].value);
                if (k < 0 && c->n_inputs > n)
                        paths_done(&c->inputs[--c->n_inputs].paths);
                if (note(r, k) < 0)
                        return -ENOMEM;
        }
        return 0;
}

static int read_all(struct reader *r)
{
        struct config_files *f = &r->config->files;
        int k = config_files_load(r->config->path, f, r->errors);

        for (size_t i = 0; i < f->n_values && k >= 0; i++) {
                r->file = f->values[i].file;
                k = note(r, read_key(r, f->values[i].key, f->values[i].value, keys, ARRAY_LEN(keys)));
        }
        if (k >= 0)
                k = read_inputs(r);
        if (k >= 0 && f->n_inputs == 0 && r->errors->n == 0) {
                err_at(r->err, -EBADMSG, r->config->path, 1, 1, "no inputs: name the logs to read under inputs:");
                k = note(r, -EBADMSG);
        }
        return k;
}

int config_read(const char *path, struct config **ret, struct err_list *errors)
{
        CLEANUP(config_freep) struct config *c = calloc(1, sizeof *c);
        const char *slash = strrchr(path, '/');
        struct err err = { 0 };
        struct reader r = { .config = c, .err = &err, .errors = errors };
        int k;

        if (!c || !(c->arena = arena_new()))
                return -ENOMEM;
        r.folder = slash ? str_from(path, (size_t)(slash - path) + 1) : STR("");
        c->path = arena_dup(c->arena, str_of(path)).p;
        c->retention = (struct retention){ CONFIG_RECORDS_KEPT, CONFIG_ALERTS_KEPT };
        c->hint = (struct time_hint){ .reference = USEC_NONE, .local = true };
        k = c->path ? read_all(&r) : -ENOMEM;
        if (k < 0)
                return k;
        *ret = TAKE(c);
        return 0;
}

int config_load(const char *path, struct config **ret, struct err *reterr)
{
        CLEANUP(err_list_done) struct err_list errors = ERR_LIST_INIT;
        CLEANUP(config_freep) struct config *c = NULL;
        int k = config_read(path, &c, &errors);

        if (k < 0)
                return err_set(reterr, k, "out of memory");
        if (errors.n > 0) {
                if (reterr) {
                        *reterr = errors.items[0];
                        if (errors.n > 1)
                                err_set(reterr, reterr->code, "%s (and %zu more: shopbell config check)", errors.items[0].text,
                                        errors.n - 1 + errors.more);
                }
                return errors.items[0].code;
        }
        *ret = TAKE(c);
        return 0;
}

struct config *config_free(struct config *c)
{
        if (!c)
                return NULL;
        for (size_t i = 0; i < c->n_inputs; i++)
                paths_done(&c->inputs[i].paths);
        free(c->inputs);
        paths_done(&c->sources);
        paths_done(&c->rules);
        paths_done(&c->geoip);
        channels_done(&c->notices);
        config_files_done(&c->files);
        arena_free(c->arena);
        free(c);
        return NULL;
}
