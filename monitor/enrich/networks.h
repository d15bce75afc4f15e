/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_ENRICH_NETWORKS_H
#define SHOPBELL_ENRICH_NETWORKS_H

/* Networks that the owner knows by name: `networks:` of shopbell.yml(5).
 *
 *     - {name: office, class: office, cidr: [192.0.2.0/28, 2001:db8:1::/48]}
 *     - {name: carrier, class: mobile, asn: [64500]}
 *
 * The first of the list that holds an address is its network. Immutable once loaded. */

#include <stddef.h>
#include <stdint.h>

#include "monitor/base/err.h"
#include "monitor/base/yaml.h"
#include "monitor/enrich/address.h"

enum {
        NETWORKS_MAX = 10000,
        NETWORK_NAME_BYTES_MAX = 100,
        NETWORK_MEMBERS_MAX = 400000, /* prefixes and ASes of all networks */
};

struct network {
        char *name;
        const char *class; /* office, vpn, mobile, relay, hosting, service or tor; static; NULL: not given */
};

struct networks;

/* `list` is the value of `networks:`; `path` its file, for messages. 0, -EBADMSG with file, line and column, -E2BIG, -ENOMEM. */
int networks_read(const struct yaml *list, const char *path, struct networks **ret, struct err *reterr);
/* A file that is such a list, or a map with one under `networks` (such as a shopbell.yml). Also -errno. */
int networks_load(const char *path, struct networks **ret, struct err *reterr);
struct networks *networks_free(struct networks *n);
DEFINE_FREEP(struct networks, networks)

size_t networks_count(const struct networks *n); /* of names; NULL: 0 */
/* Whether some network is given by AS: then a database that knows them is needed. */
bool networks_need_as(const struct networks *n);
/* The network of an address, whose AS is `as_number` (0: unknown); NULL: none holds it. */
const struct network *networks_find(const struct networks *n, const struct address *address, uint32_t as_number);

#endif
