/* SPDX-License-Identifier: Apache-2.0 */

#include <arpa/inet.h>
#include <criterion/criterion.h>

#include "monitor/sigma/cidr_tree.h"

static struct cidr network(const char *address, unsigned bits)
{
        struct cidr c = { .family = strchr(address, ':') ? AF_INET6 : AF_INET, .bits = bits };

        cr_assert_eq(inet_pton(c.family, address, c.address), 1);
        return c;
}

static void add(void *userdata, uint32_t id)
{
        unsigned *found = userdata;

        *found |= 1u << id;
}

Test(sigma_cidr_tree, all_networks_that_hold_an_address)
{
        static const struct {
                const char *address;
                unsigned bits;
        } networks[] = {
                { "0.0.0.0", 0 },    { "192.0.2.0", 24 },  { "192.0.2.128", 25 },  { "192.0.2.200", 32 },
                { "192.0.2.0", 24 }, { "2001:db8::", 32 }, { "2001:db8::1", 128 }, { "198.51.100.0", 22 },
        };
        static const struct {
                const char *text;
                unsigned found;
        } cases[] = {
                { "192.0.2.200", 0x1F },
                { "192.0.2.1", 0x13 },
                { "192.0.3.1", 0x01 },
                { "2001:db8::1", 0x60 },
                { "2001:db8:ffff::2", 0x20 },
                { "2001:db9::", 0 },
                { "198.51.103.255", 0x81 },
                { "::ffff:192.0.2.200", 0 },
                { "192.0.2", 0 },
                { "", 0 },
                { "no address", 0 },
                { "fe80::1%eth0", 0 },
                { "192.0.2.200 ", 0 },
        };
        struct cidr_tree *tree = cidr_tree_new();
        unsigned found = 0;

        for (size_t i = 0; i < ARRAY_LEN(networks); i++) {
                struct cidr c = network(networks[i].address, networks[i].bits);

                cr_assert_eq(cidr_tree_add(tree, &c, (uint32_t)i), 0);
        }
        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                found = 0;
                cidr_tree_find(tree, str_of(cases[i].text), add, &found);
                cr_expect_eq(found, cases[i].found, "%s: %#x", cases[i].text, found);
        }
        cidr_tree_find(tree, STR_NONE, add, &found);
        cidr_tree_free(tree);
}

Test(sigma_cidr_tree, grows)
{
        struct cidr_tree *tree = cidr_tree_new();
        struct cidr c = network("10.0.0.0", 32);
        unsigned found = 0;

        for (uint32_t i = 0; i < 5000; i++) {
                c.address[2] = (uint8_t)(i >> 8);
                c.address[3] = (uint8_t)i;
                cr_assert_eq(cidr_tree_add(tree, &c, i == 4999), 0);
        }
        cidr_tree_find(tree, STR("10.0.19.135"), add, &found); /* 4999 */
        cr_expect_eq(found, 2);
        cidr_tree_free(tree);
}
