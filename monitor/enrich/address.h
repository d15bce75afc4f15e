/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_ENRICH_ADDRESS_H
#define SHOPBELL_ENRICH_ADDRESS_H

/* Addresses as 16 bytes, IPv4 mapped into IPv6 (::ffff:192.0.2.1, RFC 4291), so that both families are one kind of number.
 * Private to enrich/. */

#include <stdbool.h>
#include <stdint.h>

#include "monitor/base/str.h"

enum { ADDRESS_BYTES = 16, ADDRESS_BITS = 128, ADDRESS_V4_BITS = 96 /* of the mapping, before the IPv4 address */ };

struct address {
        uint8_t b[ADDRESS_BYTES];
};

/* False: no address. Mapped IPv4 and IPv4 give the same. */
bool address_parse(struct str text, struct address *ret);
bool address_is_v4(const struct address *a);
/* Whether the first `bits` of both are the same. */
bool address_in(const struct address *a, const struct address *network, unsigned bits);
/* Whether all bits behind the first `bits` are 0. */
bool address_is_prefix(const struct address *a, unsigned bits);

/* What an address can be asked about (IANA IPv4 and IPv6 Special-Purpose Address Registries, RFC 6890). */
enum address_kind {
        ADDRESS_PUBLIC,
        ADDRESS_DOCUMENTATION, /* nobody has it; databases made for tests may answer */
        ADDRESS_LOCAL, /* private, shared, loopback, link-local, multicast, reserved: means another place to everybody */
};
enum address_kind address_kind(const struct address *a);

#endif
