/* SPDX-License-Identifier: Apache-2.0 */

/* Does a record meet one detection? The tree as it was written, walked as it stands: what a program (program.c) of many
 * detections must agree with. Pure: the record's caches and the caller's scratch are all that changes. */

#include "monitor/sigma/test.h"

struct match {
        const struct record *record;
        const uint32_t *slots;
        struct sigma_scratch *scratch;
};

static bool test_match(const struct test *t, const struct item *item, const struct match *m)
{
        struct slot leaves = { .first = m->record->leaves };
        const struct slot *slot = item->field == FIELD_LEAVES ? &leaves : record_slot(m->record, m->slots[item->field]);

        for (; t; t = t->or_else) {
                const struct slot *other = t->kind == TEST_FIELDREF ? record_slot(m->record, m->slots[t->field]) : NULL;

                if (test_holds(t, slot, other, m->record->arena, m->scratch))
                        return true;
        }
        return false;
}

static bool item_match(const struct item *item, const struct match *m)
{
        bool result = item->is_all;

        for (size_t i = 0; i < item->n && result == item->is_all; i++)
                result = test_match(&item->tests[i], item, m);
        return result != item->is_negated;
}

static bool node_match(const struct sigma_node *node, const struct match *m)
{
        switch (node->kind) {
        case NODE_ITEM: return item_match(node->item, m);
        case NODE_NOT: return !node_match(node->children[0], m);
        case NODE_AND:
                for (size_t i = 0; i < node->n; i++)
                        if (!node_match(node->children[i], m))
                                return false;
                return true;
        case NODE_OR:
                for (size_t i = 0; i < node->n; i++)
                        if (node_match(node->children[i], m))
                                return true;
                return false;
        }
        return false;
}

bool sigma_match(const struct sigma_detection *d, const struct record *r, const uint32_t *slots,
                 struct sigma_scratch *scratch)
{
        struct match m = { .record = r, .slots = slots, .scratch = scratch };

        return node_match(d->root, &m);
}

/* ---- How near ---- */

#define STEPS_NEVER (SIZE_MAX / 2)

static size_t node_steps(const struct sigma_node *node, const struct match *m, bool wanted)
{
        bool needs_all = (node->kind == NODE_AND) == wanted;
        size_t all = 0, least = STEPS_NEVER;

        if (node->kind == NODE_ITEM)
                return item_match(node->item, m) != wanted;
        if (node->kind == NODE_NOT)
                return node_steps(node->children[0], m, !wanted);
        for (size_t i = 0; i < node->n; i++) {
                size_t one = node_steps(node->children[i], m, wanted);

                all = one >= STEPS_NEVER - all ? STEPS_NEVER : all + one;
                least = one < least ? one : least;
        }
        return needs_all ? all : least;
}

size_t sigma_steps(const struct sigma_detection *d, const struct record *r, const uint32_t *slots, struct sigma_scratch *scratch)
{
        struct match m = { .record = r, .slots = slots, .scratch = scratch };

        return node_steps(d->root, &m, true);
}
