/* SPDX-License-Identifier: Apache-2.0 */

/* Places are remembered by address, device families by user agent, in tables whose row is chosen by a keyed hash: whoever
 * writes the log cannot choose which of them push each other out. A record's texts are copied into its arena; names of places stay in the mapped files. */

#include "monitor/enrich/enrich.h"

#include <errno.h>
#include <stdlib.h>

#include "monitor/base/hash.h"
#include "monitor/enrich/device.h"
#include "monitor/enrich/networks.h"
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
        struct err err = { 0 };
        int r;

        if (!o->networks && !o->networks_file)
                return 0;
        if (!o->networks && !(e->networks_file = str_dupz(str_of(o->networks_file))))
                return -ENOMEM;
        r = o->networks ? networks_read(o->networks, o->networks_file, &e->networks, &err)
                        : networks_load(o->networks_file, &e->networks, &err);
        if (r == -ENOMEM)
                return r;
        if (r >= 0 && networks_need_as(e->networks) && o->n_databases == 0)
                r = err_at(&err, -EINVAL, o->networks_file, 0, 0,
                           "networks are given by asn, but `geoip` names no database that knows them");
        if (r < 0)
                err_list_add(errors, &err);
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

bool enrich_uses(const struct enrich *e, const char *path)
{
        for (size_t i = 0; e && i < e->n_files; i++)
                if (e->files[i].db && strcmp(e->files[i].path, path) == 0)
                        return true;
        return e && e->networks && e->networks_file && strcmp(e->networks_file, path) == 0;
}

/* ---- Fields ---- */

#define BIT(field) (UINT64_C(1) << ECS_##field)
#define PLACE_FIELDS (BIT(GEO_COUNTRY) | BIT(GEO_CITY) | BIT(GEO_LOCATION) | BIT(GEO_RADIUS) | BIT(GEO_PRECISION))
#define AS_FIELDS (BIT(AS_NUMBER) | BIT(AS_NAME))
#define NETWORK_FIELDS (BIT(NETWORK) | BIT(NETWORK_CLASS))
#define ADDRESS_FIELDS (PLACE_FIELDS | AS_FIELDS | NETWORK_FIELDS)

uint64_t enrich_needed(uint64_t wanted)
{
        static const struct {
                uint64_t any_of, need;
        } made_of[] = {
                { ADDRESS_FIELDS, BIT(SOURCE_IP) },
                { PLACE_FIELDS, PLACE_FIELDS }, /* what the source sets of them decides about the others */
                { AS_FIELDS, AS_FIELDS },
                { NETWORK_FIELDS, NETWORK_FIELDS },
                { BIT(DEVICE), BIT(USER_AGENT) },
        };
        uint64_t needed = wanted;

        for (size_t i = 0; i < ARRAY_LEN(made_of); i++)
                if (wanted & made_of[i].any_of)
                        needed |= made_of[i].need;
        return needed;
}

/* ---- One thread ---- */

struct known {
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

struct enricher {
        const struct enrich *enrich;
        struct counters counters;
        struct known cache[ENRICH_CACHE_MAX];
        struct known_agent agents[ENRICH_AGENTS_MAX];
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

static const struct known *look_up(struct enricher *x, const struct address *address)
{
        struct str key = str_from((const char *)address->b, sizeof address->b);
        struct known *k = &x->cache[hash_key(key) % ENRICH_CACHE_MAX];

        if (k->is_set && memcmp(&k->address, address, sizeof *address) == 0)
                return k;
        *k = (struct known){ .address = *address, .is_set = true, .kind = address_kind(address) };
        if (k->kind != ADDRESS_LOCAL)
                k->place = place_of(x->enrich->dbs, x->enrich->n_dbs, address);
        place_print(&k->place, &k->text);
        k->network = networks_find(x->enrich->networks, address, k->place.as_number);
        return k;
}

static void count(struct enricher *x, const struct known *k)
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

static void set_place(struct work *w, const struct known *k)
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

static void set_as(struct work *w, const struct known *k)
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

int enrich_record(struct enricher *x, struct record *record, uint64_t wanted, bool counts)
{
        struct work w = { .record = record, .wanted = wanted };
        const struct known *k = NULL;
        struct address address;

        if (wanted & BIT(DEVICE))
                set_device(x, &w);
        if (x->enrich && wanted & ADDRESS_FIELDS && address_parse(record_ecs(record, ECS_SOURCE_IP), &address)) {
                k = look_up(x, &address);
                set_place(&w, k);
                set_as(&w, k);
                set_network(&w, k->network);
        }
        if (k && counts)
                count(x, k);
        return w.error ? w.error : k != NULL;
}
