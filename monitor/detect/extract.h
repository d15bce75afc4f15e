/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_DETECT_EXTRACT_H
#define SHOPBELL_DETECT_EXTRACT_H

/* What a correlation takes from a record: the groups it joins, and the values that it counts or sums. Reused from record to
 * record; texts are borrowed from it. Private to detect/. */

#include "monitor/detect/engine.h"
#include "monitor/detect/groups.h"

/* The distinct values of one group-by field. */
struct column {
        struct str values[ENGINE_GROUP_VALUES_MAX];
        size_t n;
};

/* The values of one counted field. */
struct texts {
        struct str items[ENGINE_HIT_VALUES_MAX];
        size_t n;
};

struct extract {
        struct column columns[RULES_GROUP_BY_MAX];
        size_t n_columns;
        struct texts texts[RULES_FIELDS_MAX];
        struct hash128 values[ENGINE_HIT_VALUES_MAX]; /* of the combinations of texts, or as the kind brings them */
        uint32_t n_values;
        uint32_t n_refused; /* values that are no numbers where numbers are wanted, or below zero where none may be */
        bool is_cut; /* the last call left something out at a limit */
};

/* How many groups a hit of that member joins: all combinations of the fields' values, placeholders left out. 0: none. */
size_t extract_groups(struct extract *x, const struct entry *entry, size_t member, const struct record *record);
/* The key of one of them, 0 … extract_groups() - 1. */
void extract_key(const struct extract *x, uint32_t rule, size_t number, struct strbuf *key);
/* A field and its value as they stand in the key of a rule that alerts by itself. */
void extract_key_single(const struct record *record, uint32_t rule, struct strbuf *key);

/* Finds the values to be counted; none when the kind counts none. */
void extract_values(struct extract *x, const struct entry *entry, const struct record *record);
/* Puts them into a hit. 0 or -ENOMEM. */
int extract_set_values(const struct extract *x, struct hit *hit);

#endif
