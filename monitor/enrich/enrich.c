/* SPDX-License-Identifier: Apache-2.0 */

/* Places are remembered by address, device families by user agent, in tables whose row is chosen by a keyed hash: whoever
 * writes the log cannot choose which of them push each other out. A record's texts are copied into its arena; names of places stay in the mapped files. */

#include "monitor/enrich/enrich.h"

#include <errno.h>
#include <stdlib.h>

#include "monitor/base/hash.h"
#include "monitor/enrich/amount.h"
#include "monitor/enrich/device.h"
#include "monitor/enrich/networks.h"
#include "monitor/enrich/outside.h"
#include "monitor/enrich/place.h"

struct named_file {
        char *path;
        struct database *db; /* NULL: it cannot be used */
        char *wrong;
};

struct enrich {
        struct named_file files[ENRICH_DATABASES_MAX];
        size_t n_files;
        struct database *dbs[ENRICH_DATABASES_MAX]; /* those that can be used */
        size_t n_dbs;
        struct networks *networks;
        char *networks_file; /* or NULL */
        struct people *people;
        char *people_file; /* or NULL */
        struct logsource_name {
                struct str source, product; /* borrowed from the options' kinds */
        } * names; /* by source_index */
        size_t n_names;
};

/* ---- Loading ---- */

static int add_database(struct enrich *e, const char *path, struct err_list *errors)
{
        struct named_file *f;
        struct err err = { 0 };

        if (e->n_files == ENRICH_DATABASES_MAX) {
                err_at(&err, -E2BIG, path, 0, 0, "more than %d databases", ENRICH_DATABASES_MAX);
                err_list_add(errors, &err);
                return 0;
        }
        f = &e->files[e->n_files++];
        f->path = str_dupz(str_of(path));
        if (!f->path)
                return -ENOMEM;
        if (database_open(path, &f->db, &err) >= 0) {
                e->dbs[e->n_dbs++] = f->db;
                return 0;
        }
        err_list_add(errors, &err);
        f->wrong = str_dupz(str_of(err.text));
        return f->wrong ? 0 : -ENOMEM;
}

static int add_networks(struct enrich *e, const struct enrich_options *o, struct err_list *errors)
{
        const struct networks_from from = { o->networks, o->networks_file, o->network_lists, o->network_lists_file };
        struct err err = { 0 };
        int r;

        if (!o->networks && !o->networks_file && !o->network_lists)
                return 0;
        if (!o->networks && o->networks_file && !(e->networks_file = str_dupz(str_of(o->networks_file))))
                return -ENOMEM;
        r = networks_build(&from, &e->networks, &err);
        if (r == -ENOMEM)
                return r;
        if (r >= 0 && networks_need_as(e->networks) && o->n_databases == 0)
                r = err_at(&err, -EINVAL, o->networks_file ? o->networks_file : o->network_lists_file, 0, 0,
                           "networks are given by asn, but `geoip` names no database that knows them");
        if (r < 0)
                err_list_add(errors, &err);
        return 0;
}

static int take_names(struct enrich *e, const struct enrich_options *o)
{
        e->names = calloc(o->n_kinds + 1, sizeof *e->names);
        for (size_t i = 0; e->names && i < o->n_kinds; i++)
                e->names[e->n_names++] = (struct logsource_name){ str_of(o->kinds[i]->name),
                                                                  o->kinds[i]->logsource.product };
        return e->names ? 0 : -ENOMEM;
}

/* An account on a platform that no source is of never acts: mostly a slip of the pen. */
static void remark_scope(const struct enrich *e, const struct people_scope *s, struct err_list *remarks)
{
        const size_t near_max = 4;
        size_t best = near_max + 1;
        struct str near = STR_NONE;
        struct err err = { 0 };

        for (size_t i = 0; i < 2 * e->n_names; i++) {
                struct str name = i % 2 ? e->names[i / 2].product : e->names[i / 2].source;
                size_t d = name.p ? str_distance(name, s->name) : SIZE_MAX;

                if (d == 0)
                        return;
                if (d < best) {
                        best = d;
                        near = name;
                }
        }
        err_at(&err, -ENOENT, people_path(e->people), s->line, s->col,
               "no log source and no product is called %s%s" STR_FMT "%s: this account is never met", s->name.p,
               near.p ? "; did you mean " : "", STR_ARG(near), near.p ? "?" : "");
        err_list_add(remarks, &err);
}

static int add_people(struct enrich *e, const struct enrich_options *o, struct err_list *errors)
{
        const struct people_scope *scope;
        struct err err = { 0 };
        int r;

        if (!o->people && !o->people_file)
                return 0;
        if (!o->people && !(e->people_file = str_dupz(str_of(o->people_file))))
                return -ENOMEM;
        r = o->people ? people_read(o->people, o->people_file, &e->people, &err)
                      : people_load(o->people_file, &e->people, &err);
        if (r == -ENOMEM)
                return r;
        if (r < 0) {
                err_list_add(errors, &err);
                return 0;
        }
        for (size_t i = 0; o->remarks && o->kinds && (scope = people_scope(e->people, i)); i++)
                remark_scope(e, scope, o->remarks);
        return 0;
}

int enrich_load(const struct enrich_options *o, struct enrich **ret, struct err_list *errors)
{
        CLEANUP(enrich_freep) struct enrich *e = calloc(1, sizeof *e);
        int r = e ? 0 : -ENOMEM;

        for (size_t i = 0; i < o->n_databases && r >= 0; i++)
                r = add_database(e, o->databases[i], errors);
        if (r >= 0)
                r = add_networks(e, o, errors);
        if (r >= 0)
                r = take_names(e, o);
        if (r >= 0)
                r = add_people(e, o, errors);
        if (r < 0)
                return r;
        *ret = TAKE(e);
        return 0;
}

struct enrich *enrich_free(struct enrich *e)
{
        if (!e)
                return NULL;
        for (size_t i = 0; i < e->n_files; i++) {
                database_free(e->files[i].db);
                free(e->files[i].path);
                free(e->files[i].wrong);
        }
        networks_free(e->networks);
        free(e->networks_file);
        people_free(e->people);
        free(e->people_file);
        free(e->names);
        free(e);
        return NULL;
}

size_t enrich_files(const struct enrich *e)
{
        return e ? e->n_files : 0;
}

struct enrich_file enrich_file(const struct enrich *e, size_t i)
{
        const struct named_file *f = &e->files[i];

        if (!f->db)
                return (struct enrich_file){ .path = f->path, .wrong = f->wrong };
        return (struct enrich_file){ .path = f->path, .type = database_type(f->db), .built = database_built(f->db) };
}

size_t enrich_networks(const struct enrich *e)
{
        return e ? networks_count(e->networks) : 0;
}

size_t enrich_listed(const struct enrich *e)
{
        return e ? networks_listed(e->networks) : 0;
}

const struct people *enrich_people(const struct enrich *e)
{
        return e ? e->people : NULL;
}

bool enrich_uses(const struct enrich *e, const char *path)
{
        if (e && e->people && e->people_file && strcmp(e->people_file, path) == 0)
                return true;
        for (size_t i = 0; e && i < e->n_files; i++)
                if (e->files[i].db && strcmp(e->files[i].path, path) == 0)
                        return true;
        if (e && networks_uses(e->networks, path))
                return true;
        return e && e->networks && e->networks_file && strcmp(e->networks_file, path) == 0;
}

/* ---- Fields ---- */

#define BIT(field) (UINT64_C(1) << ECS_##field)
#define PLACE_FIELDS (BIT(GEO_COUNTRY) | BIT(GEO_CITY) | BIT(GEO_LOCATION) | BIT(GEO_RADIUS) | BIT(GEO_PRECISION))
#define AS_FIELDS (BIT(AS_NUMBER) | BIT(AS_NAME))
#define NETWORK_FIELDS (BIT(NETWORK) | BIT(NETWORK_CLASS))
#define ADDRESS_FIELDS (PLACE_FIELDS | AS_FIELDS | NETWORK_FIELDS)
#define ACTOR_FIELDS (BIT(PERSON) | BIT(ROLE) | BIT(KNOWN) | BIT(MAY_EXPORT) | BIT(LEFT) | BIT(AT_HOME))
#define ACTOR_NAMES (BIT(USER_EMAIL) | BIT(USER_NAME) | BIT(USER_ID))
#define TARGET_NAMES (BIT(USER_TARGET_EMAIL) | BIT(USER_TARGET_NAME) | BIT(USER_TARGET_ID))
#define PEOPLE_FIELDS (ACTOR_FIELDS | BIT(TARGET_KNOWN))

uint64_t enrich_needed(const struct enrich *e, uint64_t wanted)
{
        static const struct {
                uint64_t any_of, need;
        } made_of[] = {
                { ADDRESS_FIELDS, BIT(SOURCE_IP) },
                { PLACE_FIELDS, PLACE_FIELDS }, /* what the source sets of them decides about the others */
                { AS_FIELDS, AS_FIELDS },
                { NETWORK_FIELDS, NETWORK_FIELDS },
                { BIT(DEVICE), BIT(USER_AGENT) },
                { BIT(AMOUNT_FACTOR), BIT(AMOUNT_OLD) | BIT(AMOUNT_NEW) },
                { BIT(TARGET_OUTSIDE), BIT(USER_EMAIL) | BIT(USER_NAME) | BIT(USER_TARGET_EMAIL) | BIT(USER_TARGET_NAME) | BIT(SHARED_WITH) },
        };
        static const struct {
                uint64_t any_of, need;
        } of_people[] = {
                { ACTOR_FIELDS, ACTOR_NAMES },
                { BIT(AT_HOME), BIT(SOURCE_IP) | BIT(GEO_COUNTRY) },
                { BIT(TARGET_KNOWN), TARGET_NAMES },
        };
        uint64_t needed = wanted;

        for (size_t i = 0; i < ARRAY_LEN(made_of); i++)
                if (wanted & made_of[i].any_of)
                        needed |= made_of[i].need;
        for (size_t i = 0; enrich_people(e) && i < ARRAY_LEN(of_people); i++)
                if (wanted & of_people[i].any_of)
                        needed |= of_people[i].need;
        return needed;
}

/* ---- One thread ---- */

struct known_address {
        struct address address;
        bool is_set;
        enum address_kind kind;
        struct place place;
        struct place_text text;
        const struct network *network; /* or NULL */
};

struct known_agent {
        uint16_t n; /* 0: none */
        char text[ENRICH_AGENT_BYTES_MAX];
        char device[DEVICE_NAME_BYTES];
};

struct known_account {
        size_t n; /* 0: none */
        char key[ENRICH_ACCOUNT_BYTES_MAX + 16]; /* make_account_key() */
        const struct person *person; /* or NULL */
};

struct enricher {
        const struct enrich *enrich;
        struct counters counters;
        struct known_address cache[ENRICH_CACHE_MAX];
        struct known_agent agents[ENRICH_AGENTS_MAX];
        struct known_account accounts[ENRICH_ACCOUNTS_MAX];
};

struct enricher *enricher_new(const struct enrich *e)
{
        struct enricher *x = calloc(1, sizeof *x);

        if (x)
                x->enrich = e;
        return x;
}

struct enricher *enricher_free(struct enricher *x)
{
        free(x);
        return NULL;
}

struct counters *enricher_counters(struct enricher *x)
{
        return &x->counters;
}

static const struct known_address *look_up(struct enricher *x, const struct address *address)
{
        struct str key = str_from((const char *)address->b, sizeof address->b);
        struct known_address *k = &x->cache[hash_key(key) % ENRICH_CACHE_MAX];

        if (k->is_set && memcmp(&k->address, address, sizeof *address) == 0)
                return k;
        *k = (struct known_address){ .address = *address, .is_set = true, .kind = address_kind(address) };
        if (k->kind != ADDRESS_LOCAL)
                k->place = place_of(x->enrich->dbs, x->enrich->n_dbs, address);
        place_print(&k->place, &k->text);
        k->network = networks_find(x->enrich->networks, address, k->place.as_number);
        return k;
}

static void count(struct enricher *x, const struct known_address *k)
{
        if (k->place.is_bad)
                x->counters.n[COUNTER_PLACE_BAD]++;
        if (k->kind != ADDRESS_PUBLIC || x->enrich->n_dbs == 0)
                return;
        x->counters.n[COUNTER_PLACE_UNKNOWN] += k->place.country[0] == '\0';
        x->counters.n[COUNTER_AS_UNKNOWN] += k->place.as_number == 0;
}

/* ---- One record ---- */

struct work {
        struct record *record;
        uint64_t wanted;
        int error;
};

static bool has(const struct work *w, enum ecs field)
{
        return record_ecs(w->record, field).p != NULL;
}

/* Borrows the text. */
static void set(struct work *w, enum ecs field, enum value_kind kind, struct str text)
{
        struct slot *slot = &w->record->slots[field];

        if (!text.p || !(w->wanted & UINT64_C(1) << field) || has(w, field) || w->error)
                return;
        *slot = (struct slot){ 0 };
        if (slot_add(slot, w->record->arena, kind, text) < 0)
                w->error = -ENOMEM;
}

static void set_copy(struct work *w, enum ecs field, enum value_kind kind, const char *text)
{
        struct str copy;

        if (!(w->wanted & UINT64_C(1) << field) || has(w, field) || w->error)
                return;
        copy = arena_dup(w->record->arena, str_of(text));
        if (!copy.p)
                w->error = -ENOMEM;
        set(w, field, kind, copy);
}

static void set_place(struct work *w, const struct known_address *k)
{
        struct str country = record_ecs(w->record, ECS_GEO_COUNTRY);
        const struct place_text *text = &k->text;
        const struct place *p = &k->place;
        struct place other = { .precision = PLACE_NOWHERE };
        struct place_text other_text;

        if (has(w, ECS_GEO_LOCATION))
                return;
        if (country.p && !str_eqz(country, p->country)) {
                place_set_country(&other, country);
                place_print(&other, &other_text);
                p = &other;
                text = &other_text;
        }
        if (p->country[0])
                set_copy(w, ECS_GEO_COUNTRY, VALUE_STRING, p->country);
        set(w, ECS_GEO_CITY, VALUE_STRING, p->city);
        if (p->precision == PLACE_NOWHERE)
                return;
        set(w, ECS_GEO_PRECISION, VALUE_STRING, p->precision == PLACE_CITY ? STR("city") : STR("country"));
        set_copy(w, ECS_GEO_RADIUS, VALUE_NUMBER, text->radius_km);
        set_copy(w, ECS_GEO_LOCATION, VALUE_STRING, text->location);
}

static void set_as(struct work *w, const struct known_address *k)
{
        if (k->place.as_number == 0 || has(w, ECS_AS_NUMBER) || has(w, ECS_AS_NAME))
                return;
        set(w, ECS_AS_NAME, VALUE_STRING, k->place.as_name);
        set_copy(w, ECS_AS_NUMBER, VALUE_NUMBER, k->text.as_number);
}

static void set_network(struct work *w, const struct network *n)
{
        if (!n || has(w, ECS_NETWORK))
                return;
        if (n->name)
                set(w, ECS_NETWORK, VALUE_STRING, str_of(n->name));
        set(w, ECS_NETWORK_CLASS, VALUE_STRING, str_of(n->class));
}

/* Long ones are not remembered, and worked out in `room`. */
static const char *look_up_agent(struct enricher *x, struct str agent, char room[static DEVICE_NAME_BYTES])
{
        struct known_agent *k = &x->agents[hash_key(agent) % ENRICH_AGENTS_MAX];

        if (agent.n > sizeof k->text || agent.n == 0) {
                device_of(agent, room);
                return room;
        }
        if (k->n != agent.n || memcmp(k->text, agent.p, agent.n) != 0) {
                k->n = (uint16_t)agent.n;
                memcpy(k->text, agent.p, agent.n);
                device_of(agent, k->device);
        }
        return k->device;
}

static void set_device(struct enricher *x, struct work *w)
{
        struct str agent = record_ecs(w->record, ECS_USER_AGENT);
        char room[DEVICE_NAME_BYTES];
        const char *device = agent.p && !has(w, ECS_DEVICE) ? look_up_agent(x, agent, room) : "";

        if (*device)
                set_copy(w, ECS_DEVICE, VALUE_STRING, device);
}

/* ---- People ---- */

/* The log source and how it names the account, as one text; 0: too long to be remembered. */
static size_t make_account_key(const struct record *record, const struct str names[static 3],
                               char key[static ENRICH_ACCOUNT_BYTES_MAX + 16])
{
        size_t n = 0;

        if (names[0].n + names[1].n + names[2].n > ENRICH_ACCOUNT_BYTES_MAX)
                return 0;
        memcpy(key, &record->source_index, sizeof record->source_index);
        n += sizeof record->source_index;
        for (size_t i = 0; i < 3; i++) {
                uint16_t length = (uint16_t)names[i].n;

                memcpy(key + n, &length, sizeof length);
                n += sizeof length;
                if (length > 0)
                        memcpy(key + n, names[i].p, length);
                n += length;
        }
        return n;
}

static const struct person *find_person(struct enricher *x, struct work *w, const struct str names[static 3])
{
        const struct enrich *e = x->enrich;
        struct account account = { .email = names[0], .name = names[1], .id = names[2] };
        const struct person *found = NULL;

        if (w->record->source_index < e->n_names) {
                account.source = e->names[w->record->source_index].source;
                account.product = e->names[w->record->source_index].product;
        }
        if (people_find(e->people, &account, w->record->arena, &found) < 0)
                w->error = -ENOMEM;
        return found;
}

/* Whose account the three fields name; *ret_is_named: they name one. */
static const struct person *look_up_person(struct enricher *x, struct work *w, const enum ecs fields[static 3],
                                           bool *ret_is_named)
{
        char key[ENRICH_ACCOUNT_BYTES_MAX + 16];
        struct known_account *k;
        struct str names[3];
        size_t n;

        for (size_t i = 0; i < 3; i++)
                names[i] = record_ecs(w->record, fields[i]);
        *ret_is_named = names[0].n + names[1].n + names[2].n > 0;
        if (!*ret_is_named)
                return NULL;
        n = make_account_key(w->record, names, key);
        if (n == 0)
                return find_person(x, w, names);
        k = &x->accounts[hash_key(str_from(key, n)) % ENRICH_ACCOUNTS_MAX];
        if (k->n != n || memcmp(k->key, key, n) != 0) {
                k->person = find_person(x, w, names);
                memcpy(k->key, key, n);
                k->n = w->error ? 0 : n;
        }
        return k->person;
}

static void set_yes_no(struct work *w, enum ecs field, bool is_yes)
{
        set(w, field, VALUE_STRING, is_yes ? STR("yes") : STR("no"));
}

/* Of all that a record names as targets, one outside is enough. */
static void set_outside(struct work *w)
{
        static const enum ecs targets[] = { ECS_USER_TARGET_EMAIL, ECS_USER_TARGET_NAME, ECS_SHARED_WITH };
        struct str email = record_ecs(w->record, ECS_USER_EMAIL);
        enum outside outside = OUTSIDE_UNKNOWN;

        if (!email.p)
                email = record_ecs(w->record, ECS_USER_NAME);
        for (size_t i = 0; i < ARRAY_LEN(targets); i++)
                for (const struct value *v = w->record->slots[targets[i]].first; v; v = v->next) {
                        enum outside one = outside_of(email, value_scalar(v));

                        outside = one > outside ? one : outside;
                }
        if (outside != OUTSIDE_UNKNOWN)
                set_yes_no(w, ECS_TARGET_OUTSIDE, outside == OUTSIDE_YES);
}

static void set_factor(struct work *w)
{
        char text[AMOUNT_FACTOR_BYTES];

        if (amount_factor(record_ecs(w->record, ECS_AMOUNT_OLD), record_ecs(w->record, ECS_AMOUNT_NEW), text))
                set_copy(w, ECS_AMOUNT_FACTOR, VALUE_STRING, text);
}

static void set_at_home(struct work *w, const struct person *p, const struct known_address *k)
{
        struct str country = record_ecs(w->record, ECS_GEO_COUNTRY);
        bool is_home = false;

        if (!country.p && k)
                country = str_of(k->place.country);
        if (country.n == 0 || p->n_countries == 0)
                return;
        for (size_t i = 0; i < p->n_countries && !is_home; i++)
                is_home = str_eqz(country, p->countries[i]);
        set_yes_no(w, ECS_AT_HOME, is_home);
}

static void set_person(struct work *w, const struct person *p, const struct known_address *k)
{
        usec time = w->record->time;

        if (w->wanted & BIT(PERSON))
                w->record->slots[ECS_PERSON] = (struct slot){ 0 };
        set(w, ECS_PERSON, VALUE_STRING, p->name);
        set(w, ECS_ROLE, VALUE_STRING, str_of(p->role));
        set_yes_no(w, ECS_MAY_EXPORT, p->may_export);
        if (p->left == USEC_NONE || time != USEC_NONE)
                set_yes_no(w, ECS_LEFT, p->left != USEC_NONE && time >= p->left);
        if (w->wanted & BIT(AT_HOME))
                set_at_home(w, p, k);
}

static void set_people(struct enricher *x, struct work *w, const struct known_address *k)
{
        static const enum ecs actor[] = { ECS_USER_EMAIL, ECS_USER_NAME, ECS_USER_ID };
        static const enum ecs target[] = { ECS_USER_TARGET_EMAIL, ECS_USER_TARGET_NAME, ECS_USER_TARGET_ID };
        const struct person *p;
        bool is_named;

        if (w->wanted & ACTOR_FIELDS) {
                p = look_up_person(x, w, actor, &is_named);
                if (is_named)
                        set_yes_no(w, ECS_KNOWN, p != NULL);
                if (p)
                        set_person(w, p, k);
        }
        if (w->wanted & BIT(TARGET_KNOWN)) {
                p = look_up_person(x, w, target, &is_named);
                if (is_named)
                        set_yes_no(w, ECS_TARGET_KNOWN, p != NULL);
        }
}

int enrich_record(struct enricher *x, struct record *record, uint64_t wanted, bool counts)
{
        struct work w = { .record = record, .wanted = wanted };
        const uint64_t of_address = ADDRESS_FIELDS | (enrich_people(x->enrich) ? BIT(AT_HOME) : 0);
        const struct known_address *k = NULL;
        struct address address;

        if (wanted & BIT(DEVICE))
                set_device(x, &w);
        if (wanted & BIT(AMOUNT_FACTOR))
                set_factor(&w);
        if (wanted & BIT(TARGET_OUTSIDE))
                set_outside(&w);
        if (x->enrich && wanted & of_address && address_parse(record_ecs(record, ECS_SOURCE_IP), &address)) {
                k = look_up(x, &address);
                set_place(&w, k);
                set_as(&w, k);
                set_network(&w, k->network);
        }
        if (enrich_people(x->enrich) && wanted & PEOPLE_FIELDS)
                set_people(x, &w, k);
        if (k && counts)
                count(x, k);
        return w.error ? w.error : k != NULL;
}
