/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_SIGMA_TEST_H
#define SHOPBELL_SIGMA_TEST_H

/* One test on the values of one field; private to sigma/. The other forms of a test (or_else) are the caller's. */

#include "monitor/sigma/ast.h"

/* `slot`: the field, NULL when missing; keywords: a slot made of the record's leaves. `other`: the field that a
 * TEST_FIELDREF names, NULL when missing. */
bool test_holds(const struct test *t, const struct slot *slot, const struct slot *other, struct arena *arena,
                struct sigma_scratch *scratch);

/* A TEST_PATTERN on one value. */
bool test_pattern(const struct test *t, struct value *v, struct arena *arena);
/* The number that a value is or, as text, says; absent: none. */
struct str test_number(const struct value *v);
/* Reads an address (AF_INET or AF_INET6, a zone is left out); false: it is none. */
bool test_address(int family, struct str text, uint8_t ret[16]);

#endif
