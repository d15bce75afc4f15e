/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_SIGMA_CIDR_TREE_H
#define SHOPBELL_SIGMA_CIDR_TREE_H

/* Networks by their bits: all that hold an address are found in as many steps as the longest has bits. Private to sigma/. */

#include "monitor/sigma/ast.h"

struct cidr_tree;
struct cidr_tree *cidr_tree_new(void); /* NULL: out of memory */
struct cidr_tree *cidr_tree_free(struct cidr_tree *tree);
/* 0 or -ENOMEM. Equal networks may be added with several ids. */
int cidr_tree_add(struct cidr_tree *tree, const struct cidr *network, uint32_t id);
size_t cidr_tree_bytes(const struct cidr_tree *tree);

/* Calls `found` for every network that holds the address in `text`; for none when it is no address. */
void cidr_tree_find(const struct cidr_tree *tree, struct str text, void (*found)(void *userdata, uint32_t id),
                    void *userdata);

#endif
