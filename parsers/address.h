/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_PARSERS_ADDRESS_H
#define SHOPBELL_PARSERS_ADDRESS_H

/* One cleaner for the addresses of all platforms. Taken off: a port ("192.0.2.1:443", "[2001:db8::1]:443", "…#443"),
 * the zone of a link-local address ("fe80::1%eth0"), the mapping of IPv4 into IPv6 ("::ffff:192.0.2.1"). IPv6 is
 * written as RFC 5952 has it, so that one address is one text. Names of services, several addresses, networks, and the
 * unspecified addresses 0.0.0.0 and :: are no addresses. */

#include "monitor/base/arena.h"
#include "monitor/base/str.h"

/* The address in `text`, borrowed from it or made in `arena`. 1; 0: there is none, and *ret is absent; -ENOMEM. */
int address_clean(struct arena *arena, struct str text, struct str *ret);

#endif
