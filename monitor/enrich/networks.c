/* SPDX-License-Identifier: Apache-2.0 */

/* Prefixes either hold one another or have nothing in common. Sorted by their first address, longer ones last, the prefixes
 * that hold an address are therefore among the last one that begins at or before it and those that hold that one. Each knows
 * the next larger one around it and the earliest network among itself and those: one binary search and a short climb answer. */

#include "monitor/enrich/networks.h"

#include <errno.h>
#include <stdlib.h>

#define NONE UINT32_MAX

struct prefix {
        struct address first;
        uint8_t bits;
        uint32_t around; /* place of the next larger prefix that holds it, or NONE */
        uint32_t network; /* the earliest that it belongs to, itself or through those around it */
};

struct as_row {
        uint32_t number, network;
};

struct networks {
        struct network *items;
        size_t n;
        struct prefix *prefixes;
        size_t n_prefixes, cap_prefixes;
        struct as_row *as;
        size_t n_as, cap_as;
};

static const char *const classes[] = { "office", "vpn", "mobile", "relay", "hosting", "service", "tor" };

struct reader {
        struct networks *to;
        const char *path;
        struct err *err;
};

static int fail(struct reader *r, const struct yaml *at, const char *text)
{
        return err_at(r->err, -EBADMSG, r->path, at->line, at->col, "%s", text);
}

/* ---- Members ---- */

static void *grow(void *items, size_t n, size_t *cap, size_t size)
{
        size_t more = *cap ? 2 * *cap : 16;
        void *fresh = n < *cap ? items : reallocarray(items, more, size);

        if (fresh && n >= *cap)
                *cap = more;
        return fresh;
}

static int check_room(struct reader *r, const struct yaml *at)
{
        if (r->to->n_prefixes + r->to->n_as < NETWORK_MEMBERS_MAX)
                return 0;
        return err_at(r->err, -E2BIG, r->path, at->line, at->col, "more than %d prefixes and AS numbers in all",
                      NETWORK_MEMBERS_MAX);
}

/* "192.0.2.0/24", "2001:db8::/32", "192.0.2.7". */
static int parse_cidr(struct str text, struct prefix *ret)
{
        struct str address;
        bool is_v4;
        uint64_t bits;

        str_cut(&text, '/', &address);
        if (!address_parse(address, &ret->first))
                return -EBADMSG;
        is_v4 = !memchr(address.p, ':', address.n);
        bits = is_v4 ? ADDRESS_BITS - ADDRESS_V4_BITS : ADDRESS_BITS;
        if (text.p && (str_to_u64(text, &bits) < 0 || bits > (is_v4 ? 32 : 128)))
                return -EBADMSG;
        ret->bits = (uint8_t)(bits + (is_v4 ? ADDRESS_V4_BITS : 0));
        return address_is_prefix(&ret->first, ret->bits) ? 0 : -ERANGE;
}

static int add_cidr(struct reader *r, const struct yaml *y)
{
        struct networks *n = r->to;
        struct prefix p = { .around = NONE, .network = (uint32_t)n->n - 1 };
        struct prefix *items;
        int k = check_room(r, y);

        if (k < 0)
                return k;
        k = yaml_is_scalar(y) ? parse_cidr(y->text, &p) : -EBADMSG;
        if (k == -ERANGE)
                return fail(r, y,
                            "this network has bits behind its length: write its first address, such as 192.0.2.0/24");
        if (k < 0)
                return fail(r, y, "no network: write 192.0.2.0/24, 2001:db8::/32 or an address");
        items = grow(n->prefixes, n->n_prefixes, &n->cap_prefixes, sizeof *items);
        if (!items)
                return -ENOMEM;
        n->prefixes = items;
        items[n->n_prefixes++] = p;
        return 0;
}

static int add_as(struct reader *r, const struct yaml *y)
{
        struct networks *n = r->to;
        struct str text = yaml_is_scalar(y) ? y->text : STR_NONE;
        struct as_row *items;
        uint64_t number = 0;
        int k = check_room(r, y);

        if (k < 0)
                return k;
        if (text.p && str_starts(text, STR("AS")))
                text = str_from(text.p + 2, text.n - 2);
        if (!text.p || str_to_u64(text, &number) < 0 || number == 0 || number > UINT32_MAX)
                return fail(r, y, "no AS number: write 64500 or AS64500");
        items = grow(n->as, n->n_as, &n->cap_as, sizeof *items);
        if (!items)
                return -ENOMEM;
        n->as = items;
        items[n->n_as++] = (struct as_row){ (uint32_t)number, (uint32_t)n->n - 1 };
        return 0;
}

/* One or a list. */
static int add_all(struct reader *r, const struct yaml *y, int (*add)(struct reader *r, const struct yaml *y))
{
        int k = 0;

        if (y->kind != YAML_LIST)
                return add(r, y);
        for (size_t i = 0; i < y->n && k >= 0; i++)
                k = add(r, y->items[i]);
        return k;
}

/* ---- Keys ---- */

static int key_name(struct reader *r, const struct yaml *y)
{
        struct network *n = &r->to->items[r->to->n - 1];

        if (!yaml_is_scalar(y) || y->kind == YAML_NULL || y->text.n == 0 || y->text.n > NETWORK_NAME_BYTES_MAX)
                return fail(r, y, "name: a short text");
        n->name = str_dupz(y->text);
        return n->name ? 0 : -ENOMEM;
}

static int key_class(struct reader *r, const struct yaml *y)
{
        for (size_t i = 0; i < ARRAY_LEN(classes) && yaml_is_scalar(y); i++)
                if (str_eqz(y->text, classes[i])) {
                        r->to->items[r->to->n - 1].class = classes[i];
                        return 0;
                }
        return fail(r, y, "class: one of office, vpn, mobile, relay, hosting, service, tor");
}

static int key_cidr(struct reader *r, const struct yaml *y)
{
        return add_all(r, y, add_cidr);
}
static int key_asn(struct reader *r, const struct yaml *y)
{
        return add_all(r, y, add_as);
}

static const struct {
        const char *name;
        int (*read)(struct reader *r, const struct yaml *y);
} keys[] = {
        { "name", key_name },
        { "class", key_class },
        { "cidr", key_cidr },
        { "asn", key_asn },
};

static int read_network(struct reader *r, const struct yaml *map)
{
        struct networks *n = r->to;
        size_t before = n->n_prefixes + n->n_as;

        if (map->kind != YAML_MAP)
                return fail(r, map,
                            "a network is a map, such as  - {name: office, class: office, cidr: [192.0.2.0/28]}");
        n->items[n->n++] = (struct network){ 0 };
        for (size_t i = 0; i < map->n; i++) {
                const struct yaml *name = map->pairs[i].key;
                size_t k = 0;
                int e;

                while (k < ARRAY_LEN(keys) && !str_eqz(name->text, keys[k].name))
                        k++;
                if (k == ARRAY_LEN(keys))
                        return fail(r, name, "unknown key: a network has name, class, cidr and asn");
                e = keys[k].read(r, map->pairs[i].value);
                if (e < 0)
                        return e;
        }
        if (!n->items[n->n - 1].name)
                return fail(r, map, "a network without a name");
        return n->n_prefixes + n->n_as > before ? 0 : fail(r, map, "a network without members: give cidr or asn");
}

/* ---- Putting in order ---- */

static int compare_prefixes(const void *a, const void *b)
{
        const struct prefix *x = a, *y = b;
        int order = memcmp(x->first.b, y->first.b, ADDRESS_BYTES);

        if (order == 0)
                order = (x->bits > y->bits) - (x->bits < y->bits);
        return order ? order : (x->network > y->network) - (x->network < y->network);
}

static int compare_as(const void *a, const void *b)
{
        const struct as_row *x = a, *y = b;
        int order = (x->number > y->number) - (x->number < y->number);

        return order ? order : (x->network > y->network) - (x->network < y->network);
}

static void put_in_order(struct networks *n)
{
        uint32_t around = NONE;

        if (n->n_prefixes > 1)
                qsort(n->prefixes, n->n_prefixes, sizeof *n->prefixes, compare_prefixes);
        if (n->n_as > 1)
                qsort(n->as, n->n_as, sizeof *n->as, compare_as);
        for (size_t i = 0; i < n->n_prefixes; i++) {
                struct prefix *p = &n->prefixes[i];

                while (around != NONE && !address_in(&p->first, &n->prefixes[around].first, n->prefixes[around].bits))
                        around = n->prefixes[around].around;
                p->around = around;
                if (around != NONE && n->prefixes[around].network < p->network)
                        p->network = n->prefixes[around].network;
                around = (uint32_t)i;
        }
}

int networks_read(const struct yaml *list, const char *path, struct networks **ret, struct err *reterr)
{
        CLEANUP(networks_freep) struct networks *n = calloc(1, sizeof *n);
        struct reader r = { .to = n, .path = path, .err = reterr };
        int k = 0;

        if (!n)
                return err_set(reterr, -ENOMEM, "out of memory");
        if (list->kind != YAML_LIST)
                return fail(&r, list,
                            "networks: a list, such as  - {name: office, class: office, cidr: [192.0.2.0/28]}");
        if (list->n > NETWORKS_MAX)
                return err_at(reterr, -E2BIG, path, list->line, list->col, "more than %d networks", NETWORKS_MAX);
        n->items = calloc(list->n + 1, sizeof *n->items);
        for (size_t i = 0; n->items && i < list->n && k >= 0; i++)
                k = read_network(&r, list->items[i]);
        if (!n->items || k == -ENOMEM)
                return err_set(reterr, -ENOMEM, "out of memory");
        if (k < 0)
                return k;
        put_in_order(n);
        *ret = TAKE(n);
        return 0;
}

int networks_load(const char *path, struct networks **ret, struct err *reterr)
{
        CLEANUP(yaml_file_freep) struct yaml_file *file = NULL;
        const struct yaml *list;
        int r = yaml_load(path, &file, reterr);

        if (r < 0)
                return r;
        if (file->n != 1)
                return err_at(reterr, -EBADMSG, path, 1, 1, "one list of networks is expected here");
        list = yaml_get(file->docs[0], "networks");
        return networks_read(list ? list : file->docs[0], path, ret, reterr);
}

struct networks *networks_free(struct networks *n)
{
        if (!n)
                return NULL;
        for (size_t i = 0; i < n->n; i++)
                free(n->items[i].name);
        free(n->items);
        free(n->prefixes);
        free(n->as);
        free(n);
        return NULL;
}

size_t networks_count(const struct networks *n)
{
        return n ? n->n : 0;
}

bool networks_need_as(const struct networks *n)
{
        return n && n->n_as > 0;
}

/* ---- Finding ---- */

static uint32_t find_prefix(const struct networks *n, const struct address *a)
{
        size_t from = 0, to = n->n_prefixes; /* the first that begins behind `a` lies in [from, to] */
        uint32_t at;

        while (from < to) {
                size_t middle = from + (to - from) / 2;

                if (memcmp(n->prefixes[middle].first.b, a->b, ADDRESS_BYTES) > 0)
                        to = middle;
                else
                        from = middle + 1;
        }
        at = from ? (uint32_t)from - 1 : NONE;
        while (at != NONE && !address_in(a, &n->prefixes[at].first, n->prefixes[at].bits))
                at = n->prefixes[at].around;
        return at == NONE ? NONE : n->prefixes[at].network;
}

static uint32_t find_as(const struct networks *n, uint32_t number)
{
        size_t from = 0, to = n->n_as; /* the first of this number or a higher one lies in [from, to] */

        while (from < to) {
                size_t middle = from + (to - from) / 2;

                if (n->as[middle].number >= number)
                        to = middle;
                else
                        from = middle + 1;
        }
        return from < n->n_as && n->as[from].number == number ? n->as[from].network : NONE;
}

const struct network *networks_find(const struct networks *n, const struct address *address, uint32_t as_number)
{
        uint32_t by_prefix, by_as, first;

        if (!n)
                return NULL;
        by_prefix = find_prefix(n, address);
        by_as = as_number ? find_as(n, as_number) : NONE;
        first = by_prefix < by_as ? by_prefix : by_as;
        return first == NONE ? NULL : &n->items[first];
}
