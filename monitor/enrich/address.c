/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/enrich/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "monitor/base/macros.h"

static const struct address mapped = { { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff } };

bool address_parse(struct str text, struct address *ret)
{
        char z[INET6_ADDRSTRLEN];

        if (!text.p || text.n < 2 || text.n >= sizeof z)
                return false;
        memcpy(z, text.p, text.n);
        z[text.n] = '\0';
        if (memchr(z, ':', text.n))
                return inet_pton(AF_INET6, z, ret->b) == 1;
        *ret = mapped;
        return inet_pton(AF_INET, z, ret->b + ADDRESS_V4_BITS / 8) == 1;
}

bool address_in(const struct address *a, const struct address *network, unsigned bits)
{
        unsigned whole = bits / 8, rest = bits % 8;

        if (memcmp(a->b, network->b, whole) != 0)
                return false;
        return rest == 0 || (a->b[whole] ^ network->b[whole]) >> (8 - rest) == 0;
}

bool address_is_v4(const struct address *a)
{
        return address_in(a, &mapped, ADDRESS_V4_BITS);
}

bool address_is_prefix(const struct address *a, unsigned bits)
{
        for (unsigned i = bits; i < ADDRESS_BITS; i++)
                if (a->b[i / 8] >> (7 - i % 8) & 1)
                        return false;
        return true;
}

#define V4(a, b, c, d) { { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d } }
#define V6(a, b, c, d) { { a, b, c, d } }

static const struct {
        struct address network;
        unsigned bits;
        enum address_kind kind;
} special[] = {
        { V4(0, 0, 0, 0), 104, ADDRESS_LOCAL },
        { V4(10, 0, 0, 0), 104, ADDRESS_LOCAL },
        { V4(100, 64, 0, 0), 106, ADDRESS_LOCAL },
        { V4(127, 0, 0, 0), 104, ADDRESS_LOCAL },
        { V4(169, 254, 0, 0), 112, ADDRESS_LOCAL },
        { V4(172, 16, 0, 0), 108, ADDRESS_LOCAL },
        { V4(192, 0, 0, 0), 120, ADDRESS_LOCAL },
        { V4(192, 0, 2, 0), 120, ADDRESS_DOCUMENTATION },
        { V4(192, 168, 0, 0), 112, ADDRESS_LOCAL },
        { V4(198, 18, 0, 0), 111, ADDRESS_LOCAL },
        { V4(198, 51, 100, 0), 120, ADDRESS_DOCUMENTATION },
        { V4(203, 0, 113, 0), 120, ADDRESS_DOCUMENTATION },
        { V4(224, 0, 0, 0), 100, ADDRESS_LOCAL },
        { V4(240, 0, 0, 0), 100, ADDRESS_LOCAL },
        { V6(0, 0, 0, 0), 95, ADDRESS_LOCAL }, /* ::, ::1 and their like; mapped addresses lie behind */
        { V6(0x20, 0x01, 0x0d, 0xb8), 32, ADDRESS_DOCUMENTATION },
        { V6(0x3f, 0xff, 0, 0), 20, ADDRESS_DOCUMENTATION }, /* RFC 9637 */
        { V6(0xfc, 0, 0, 0), 7, ADDRESS_LOCAL },
        { V6(0xfe, 0x80, 0, 0), 10, ADDRESS_LOCAL },
        { V6(0xff, 0, 0, 0), 8, ADDRESS_LOCAL },
};

enum address_kind address_kind(const struct address *a)
{
        for (size_t i = 0; i < ARRAY_LEN(special); i++)
                if (address_in(a, &special[i].network, special[i].bits))
                        return special[i].kind;
        return ADDRESS_PUBLIC;
}
