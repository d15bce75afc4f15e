/* SPDX-License-Identifier: Apache-2.0 */

/* Whether an address lies in a network, for SQL. IPv4 is looked at as the part ::ffff:0:0/96 of IPv6. */

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "monitor/store/db.h"

struct prefix {
        unsigned char bytes[16];
        unsigned bits;
};

/* "192.0.2.7", "2001:db8::/32". */
static bool read_prefix(struct str text, struct prefix *ret)
{
        char address[INET6_ADDRSTRLEN];
        uint64_t bits = 0;
        struct str head;
        bool is_v4;

        str_cut(&text, '/', &head);
        if (head.n == 0 || head.n >= sizeof address || (text.p && str_to_u64(text, &bits) < 0))
                return false;
        memcpy(address, head.p, head.n);
        address[head.n] = '\0';
        *ret = (struct prefix){ .bits = 128 };
        is_v4 = inet_pton(AF_INET, address, ret->bytes + 12) == 1;
        if (is_v4)
                ret->bytes[10] = ret->bytes[11] = 0xff;
        else if (inet_pton(AF_INET6, address, ret->bytes) != 1)
                return false;
        if (!text.p)
                return true;
        if (bits > (is_v4 ? 32 : 128))
                return false;
        ret->bits = (unsigned)bits + (is_v4 ? 96 : 0);
        return true;
}

static bool holds(const struct prefix *network, const struct prefix *address)
{
        unsigned whole = network->bits / 8, rest = network->bits % 8;

        return memcmp(network->bytes, address->bytes, whole) == 0 &&
               (rest == 0 || (network->bytes[whole] ^ address->bytes[whole]) >> (8 - rest) == 0);
}

static struct str text_of(sqlite3_value *value)
{
        const char *p = (const char *)sqlite3_value_text(value);

        return p ? str_from(p, (size_t)sqlite3_value_bytes(value)) : STR("");
}

void db_within(sqlite3_context *ctx, int n, sqlite3_value **values)
{
        struct prefix address, network;

        (void)n;
        sqlite3_result_int(ctx, read_prefix(text_of(values[0]), &address) && read_prefix(text_of(values[1]), &network) && holds(&network, &address));
}
