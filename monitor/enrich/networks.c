/* SPDX-License-Identifier: Apache-2.0 */

/* Prefixes either hold one another or have nothing in common. Sorted by their first address, longer ones last, the prefixes
 * that hold an address are therefore among the last one that begins at or before it and those that hold that one. Each knows
 * the next larger one around it and the earliest network among itself and those: one binary search and a short climb answer. */

#include "monitor/enrich/networks.h"

#include <errno.h>
#include <stdio.h>
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
        char *files[NETWORK_LISTS_MAX]; /* those of lists */
        size_t n_files, n_listed;
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

static int put_prefix(struct networks *n, struct prefix p)
{
        struct prefix *items = grow(n->prefixes, n->n_prefixes, &n->cap_prefixes, sizeof *items);

        if (!items)
                return -ENOMEM;
        n->prefixes = items;
        p.around = NONE;
        p.network = (uint32_t)n->n - 1;
        items[n->n_prefixes++] = p;
        return 0;
}

static int put_as(struct networks *n, uint32_t number)
{
        struct as_row *items = grow(n->as, n->n_as, &n->cap_as, sizeof *items);

        if (!items)
                return -ENOMEM;
        n->as = items;
        items[n->n_as++] = (struct as_row){ number, (uint32_t)n->n - 1 };
        return 0;
}

static int add_cidr(struct reader *r, const struct yaml *y)
{
        struct prefix p;
        int k = check_room(r, y);

        if (k < 0)
                return k;
        k = yaml_is_scalar(y) ? parse_cidr(y->text, &p) : -EBADMSG;
        if (k == -ERANGE)
                return fail(r, y,
                            "this network has bits behind its length: write its first address, such as 192.0.2.0/24");
        return k < 0 ? fail(r, y, "no network: write 192.0.2.0/24, 2001:db8::/32 or an address") : put_prefix(r->to, p);
}

/* "64500", "AS64500"; 0: none. */
static uint32_t parse_as(struct str text)
{
        uint64_t number = 0;

        if (text.n > 2 && str_eq_nocase(str_from(text.p, 2), STR("AS")))
                text = str_from(text.p + 2, text.n - 2);
        return str_to_u64(text, &number) < 0 || number > UINT32_MAX ? 0 : (uint32_t)number;
}

static int add_as(struct reader *r, const struct yaml *y)
{
        uint32_t number = yaml_is_scalar(y) && y->kind != YAML_NULL ? parse_as(y->text) : 0;
        int k = check_room(r, y);

        if (k < 0)
                return k;
        return number ? put_as(r->to, number) : fail(r, y, "no AS number: write 64500 or AS64500");
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

static const char *find_class(const struct yaml *y)
{
        for (size_t i = 0; i < ARRAY_LEN(classes) && yaml_is_scalar(y); i++)
                if (str_eqz(y->text, classes[i]))
                        return classes[i];
        return NULL;
}

static int key_class(struct reader *r, const struct yaml *y)
{
        const char *class = find_class(y);

        r->to->items[r->to->n - 1].class = class;
        return class ? 0 : fail(r, y, "class: one of office, vpn, mobile, relay, hosting, service, tor");
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

/* ---- Lists of a class ---- */

/* One word of a line. */
static int add_member(struct reader *r, const char *path, unsigned line, unsigned col, struct str word)
{
        struct networks *n = r->to;
        struct prefix p;
        uint32_t number;
        int k;

        if (n->n_prefixes + n->n_as == NETWORK_MEMBERS_MAX)
                return err_at(r->err, -E2BIG, path, line, col, "more than %d prefixes and AS numbers in all",
                              NETWORK_MEMBERS_MAX);
        n->n_listed++;
        number = parse_as(word);
        if (number)
                return put_as(n, number);
        k = parse_cidr(word, &p);
        if (k == -ERANGE)
                return err_at(r->err, -EBADMSG, path, line, col,
                              "this network has bits behind its length: write its first address, such as 192.0.2.0/24");
        if (k < 0)
                return err_at(
                        r->err, -EBADMSG, path, line, col,
                        "neither a network nor an AS number: a line begins with 192.0.2.0/24, an address, or AS64500; comments with #");
        return put_prefix(n, p);
}

static int add_lines(struct reader *r, const char *path, struct str text)
{
        struct str line;
        int k = 0;

        for (unsigned number = 1; k >= 0 && str_cut(&text, '\n', &line); number++) {
                struct str word = str_trim(line);
                size_t n = 0;

                while (n < word.n && !strchr(" \t,;#", word.p[n]))
                        n++;
                if (n > 0)
                        k = add_member(r, path, number, (unsigned)(word.p - line.p) + 1, str_from(word.p, n));
                else if (word.n > 0 && word.p[0] != '#' && word.p[0] != ';')
                        k = err_at(r->err, -EBADMSG, path, number, 1,
                                   "a line begins with a network or an AS number, or with #");
        }
        return k;
}

static int read_whole(const char *path, struct strbuf *out, struct err *reterr)
{
        FILE *f = fopen(path, "re");
        int r = f ? 0 : -errno;

        while (r == 0 && !feof(f) && out->n <= NETWORK_LIST_BYTES_MAX) {
                char *room = strbuf_reserve(out, 65536);

                if (!room) {
                        r = -ENOMEM;
                        break;
                }
                out->n += fread(room, 1, 65536, f);
                if (ferror(f))
                        r = -EIO;
        }
        if (f)
                fclose(f);
        if (r == 0 && out->n > NETWORK_LIST_BYTES_MAX)
                return err_at(reterr, -E2BIG, path, 0, 0, "a list of more than %d bytes", NETWORK_LIST_BYTES_MAX);
        return r < 0 ? err_at(reterr, r, path, 0, 0, "the list cannot be read: %s", strerror(-r)) : 0;
}

static int add_list_file(struct reader *r, const struct yaml *y)
{
        const char *slash = strrchr(r->path, '/');
        CLEANUP(strbuf_done) struct strbuf path = STRBUF_INIT;
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        int k;

        if (!yaml_is_scalar(y) || y->kind == YAML_NULL || y->text.n == 0)
                return fail(r, y, "network-lists: the name of a file, or a list of names");
        if (r->to->n_files == NETWORK_LISTS_MAX)
                return err_at(r->err, -E2BIG, r->path, y->line, y->col, "more than %d lists", NETWORK_LISTS_MAX);
        if (*y->text.p != '/' && slash)
                strbuf_add(&path, str_from(r->path, (size_t)(slash - r->path) + 1));
        strbuf_add(&path, y->text);
        if (strbuf_failed(&path))
                return -ENOMEM;
        k = read_whole(path.p, &text, r->err);
        if (k >= 0)
                k = add_lines(r, path.p, strbuf_str(&text));
        if (k < 0)
                return k;
        r->to->files[r->to->n_files] = strbuf_take(&path);
        return r->to->files[r->to->n_files++] ? 0 : -ENOMEM;
}

static int read_lists(struct reader *r, const struct yaml *map)
{
        int k = 0;

        if (map->kind != YAML_MAP)
                return fail(
                        r, map,
                        "network-lists: a map from classes to files, such as  {hosting: hosting.txt, tor: tor.txt}");
        for (size_t i = 0; i < map->n && k >= 0; i++) {
                const char *class = find_class(map->pairs[i].key);

                if (!class)
                        return fail(r, map->pairs[i].key,
                                    "network-lists: the classes are office, vpn, mobile, relay, hosting, service, tor");
                r->to->items[r->to->n++] = (struct network){ .class = class };
                k = add_all(r, map->pairs[i].value, add_list_file);
        }
        return k;
}

/* ---- All of it ---- */

static int read_networks(struct reader *r, const struct yaml *list)
{
        int k = 0;

        if (list->kind != YAML_LIST)
                return fail(r, list,
                            "networks: a list, such as  - {name: office, class: office, cidr: [192.0.2.0/28]}");
        if (list->n > NETWORKS_MAX)
                return err_at(r->err, -E2BIG, r->path, list->line, list->col, "more than %d networks", NETWORKS_MAX);
        for (size_t i = 0; i < list->n && k >= 0; i++)
                k = read_network(r, list->items[i]);
        return k;
}

/* The list, then the lists of its own file, then those of another. */
static int read_all(struct reader *r, const struct networks_from *from, const struct yaml *list,
                    const struct yaml *inner)
{
        const struct yaml *const maps[] = { inner, from->lists };
        const char *const paths[] = { from->path, from->lists_path };
        size_t room = 1 + (list && list->kind == YAML_LIST ? size_min(list->n, NETWORKS_MAX) : 0);
        int k;

        for (size_t i = 0; i < ARRAY_LEN(maps); i++)
                room += maps[i] && maps[i]->kind == YAML_MAP ? maps[i]->n : 0;
        r->to->items = calloc(room, sizeof *r->to->items);
        if (!r->to->items)
                return -ENOMEM;
        r->path = from->path;
        k = list ? read_networks(r, list) : 0;
        for (size_t i = 0; i < ARRAY_LEN(maps) && k >= 0; i++) {
                r->path = paths[i];
                k = maps[i] ? read_lists(r, maps[i]) : 0;
        }
        return k;
}

int networks_build(const struct networks_from *from, struct networks **ret, struct err *reterr)
{
        CLEANUP(networks_freep) struct networks *n = calloc(1, sizeof *n);
        CLEANUP(yaml_file_freep) struct yaml_file *file = NULL;
        const struct yaml *list = from->list, *inner = NULL;
        struct reader r = { .to = n, .err = reterr };
        int k = n ? 0 : -ENOMEM;

        if (k >= 0 && !list && from->path) {
                k = yaml_load(from->path, &file, reterr);
                if (k >= 0 && file->n != 1)
                        k = err_at(reterr, -EBADMSG, from->path, 1, 1, "one list of networks is expected here");
                list = k < 0 ? NULL : yaml_get(file->docs[0], "networks");
                inner = k < 0 ? NULL : yaml_get(file->docs[0], "network-lists");
                if (k >= 0 && !list && !inner)
                        list = file->docs[0];
        }
        if (k >= 0)
                k = read_all(&r, from, list, inner);
        if (k == -ENOMEM)
                return err_set(reterr, -ENOMEM, "out of memory");
        if (k < 0)
                return k;
        put_in_order(n);
        *ret = TAKE(n);
        return 0;
}

int networks_read(const struct yaml *list, const char *path, struct networks **ret, struct err *reterr)
{
        return networks_build(&(struct networks_from){ .list = list, .path = path }, ret, reterr);
}

int networks_load(const char *path, struct networks **ret, struct err *reterr)
{
        return networks_build(&(struct networks_from){ .path = path }, ret, reterr);
}

struct networks *networks_free(struct networks *n)
{
        if (!n)
                return NULL;
        for (size_t i = 0; i < n->n; i++)
                free(n->items[i].name);
        for (size_t i = 0; i < n->n_files; i++)
                free(n->files[i]);
        free(n->items);
        free(n->prefixes);
        free(n->as);
        free(n);
        return NULL;
}

size_t networks_count(const struct networks *n)
{
        size_t named = 0;

        for (size_t i = 0; n && i < n->n; i++)
                named += n->items[i].name != NULL;
        return named;
}

size_t networks_listed(const struct networks *n)
{
        return n ? n->n_listed : 0;
}

bool networks_uses(const struct networks *n, const char *path)
{
        for (size_t i = 0; n && i < n->n_files; i++)
                if (strcmp(n->files[i], path) == 0)
                        return true;
        return false;
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
