/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/sigma/cidr_tree.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>

#include "monitor/sigma/test.h"

struct node {
        uint32_t child[2]; /* by the next bit; 0: none */
        uint32_t first; /* network that ends here, one more than its place; 0: none */
};

struct network {
        uint32_t id, next; /* of the same node, one more than its place */
};

enum { ROOT_V4, ROOT_V6, ROOTS };

struct cidr_tree {
        struct node *nodes; /* the first two are the roots of both families */
        uint32_t n_nodes, cap_nodes;
        struct network *networks;
        uint32_t n_networks, cap_networks;
};

static int reserve(struct cidr_tree *t)
{
        enum { BITS_MAX = 128 };

        if (t->n_nodes + BITS_MAX > t->cap_nodes) {
                uint32_t cap = 2 * t->cap_nodes + BITS_MAX + ROOTS;
                struct node *nodes = reallocarray(t->nodes, cap, sizeof *nodes);

                if (!nodes)
                        return -ENOMEM;
                t->nodes = nodes;
                t->cap_nodes = cap;
        }
        if (t->n_networks == t->cap_networks) {
                uint32_t cap = 2 * t->cap_networks + 16;
                struct network *networks = reallocarray(t->networks, cap, sizeof *networks);

                if (!networks)
                        return -ENOMEM;
                t->networks = networks;
                t->cap_networks = cap;
        }
        return 0;
}

struct cidr_tree *cidr_tree_new(void)
{
        struct cidr_tree *t = calloc(1, sizeof *t);

        if (!t || reserve(t) < 0)
                return cidr_tree_free(t);
        memset(t->nodes, 0, ROOTS * sizeof *t->nodes);
        t->n_nodes = ROOTS;
        return t;
}

struct cidr_tree *cidr_tree_free(struct cidr_tree *t)
{
        if (!t)
                return NULL;
        free(t->nodes);
        free(t->networks);
        free(t);
        return NULL;
}

static unsigned bit_of(const uint8_t *address, unsigned bit)
{
        return address[bit / 8] >> (7 - bit % 8) & 1;
}

int cidr_tree_add(struct cidr_tree *t, const struct cidr *network, uint32_t id)
{
        uint32_t at = network->family == AF_INET ? ROOT_V4 : ROOT_V6;

        if (reserve(t) < 0)
                return -ENOMEM;
        for (unsigned bit = 0; bit < network->bits; bit++) {
                uint32_t *child = &t->nodes[at].child[bit_of(network->address, bit)];

                if (*child == 0) {
                        *child = t->n_nodes++;
                        t->nodes[*child] = (struct node){ { 0 }, 0 };
                }
                at = *child;
        }
        t->networks[t->n_networks++] = (struct network){ .id = id, .next = t->nodes[at].first };
        t->nodes[at].first = t->n_networks;
        return 0;
}

size_t cidr_tree_bytes(const struct cidr_tree *t)
{
        return sizeof *t + t->cap_nodes * sizeof *t->nodes + t->cap_networks * sizeof *t->networks;
}

void cidr_tree_find(const struct cidr_tree *t, struct str text, void (*found)(void *userdata, uint32_t id),
                    void *userdata)
{
        bool is_v6 = text.p && memchr(text.p, ':', text.n);
        unsigned bits = is_v6 ? 128 : 32, bit = 0;
        uint32_t at = is_v6 ? ROOT_V6 : ROOT_V4;
        uint8_t address[16];

        if (!text.p || !test_address(is_v6 ? AF_INET6 : AF_INET, text, address))
                return;
        do {
                for (uint32_t n = t->nodes[at].first; n; n = t->networks[n - 1].next)
                        found(userdata, t->networks[n - 1].id);
                at = bit < bits ? t->nodes[at].child[bit_of(address, bit)] : 0;
                bit++;
        } while (at != 0);
}
