/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_ENRICH_NETWORKS_H
#define SHOPBELL_ENRICH_NETWORKS_H

/* Networks that the owner knows by name: `networks:` of shopbell.yml(5).
 *
 *     - {name: office, class: office, cidr: [192.0.2.0/28, 2001:db8:1::/48]}
 *     - {name: carrier, class: mobile, asn: [64500]}
 *
 * The first of the list that holds an address is its network. Immutable once loaded. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "monitor/base/err.h"
#include "monitor/base/yaml.h"
#include "monitor/enrich/address.h"

enum {
        NETWORKS_MAX = 10000,
        NETWORK_NAME_BYTES_MAX = 100,
        NETWORK_MEMBERS_MAX = 400000, /* prefixes and ASes of all networks */
        NETWORK_LIST_BYTES_MAX = 16 * 1024 * 1024, /* of a file of a list */
        NETWORK_LISTS_MAX = 64, /* such files */
};

struct network {
        char *name; /* NULL: one of a list of a class, which nobody named */
        const char *class; /* office, vpn, mobile, relay, hosting, service or tor; static; NULL: not given */
};

struct networks;

/* Where they come from. Each may be absent. */
struct networks_from {
        const struct yaml *list; /* the value of `networks:` */
        const char
                *path; /* the file of `list`, for messages; without `list` a file that is one, or a map with one under
                             `networks` (such as a shopbell.yml), and perhaps with `network-lists` */
        const struct yaml
                *lists; /* the value of `network-lists:`: {hosting: FILE, tor: [FILE, FILE]}. A line of such a file is a
                                     prefix, an address or an AS number; what follows behind a blank or comma, and lines that
                                     begin with #, are skipped. What `networks:` holds goes before. */
        const char *lists_path; /* the file of `lists`: the names in it are from its folder on */
};

/* 0, -EBADMSG with file, line and column, -E2BIG, -ENOMEM, -errno of files. */
int networks_build(const struct networks_from *from, struct networks **ret, struct err *reterr);
/* The same of one list, or of one file. */
int networks_read(const struct yaml *list, const char *path, struct networks **ret, struct err *reterr);
int networks_load(const char *path, struct networks **ret, struct err *reterr);
struct networks *networks_free(struct networks *n);
DEFINE_FREEP(struct networks, networks)

size_t networks_count(const struct networks *n); /* of names; NULL: 0 */
size_t networks_listed(const struct networks *n); /* prefixes and AS numbers of lists; NULL: 0 */
bool networks_uses(const struct networks *n, const char *path); /* whether a list is that file */
/* Whether some network is given by AS: then a database that knows them is needed. */
bool networks_need_as(const struct networks *n);
/* The network of an address, whose AS is `as_number` (0: unknown); NULL: none holds it. */
const struct network *networks_find(const struct networks *n, const struct address *address, uint32_t as_number);

#endif
