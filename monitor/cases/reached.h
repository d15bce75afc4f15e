/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_CASES_REACHED_H
#define SHOPBELL_CASES_REACHED_H

/* Who was reached: what a person, an account, a key or an address did, in all records that are shown to it, and to how many customers.
 * Pure, in bounded memory; what is counted is never more than what the records show, so it is always "at least".
 *
 * Whose data a record is about, the first of these that it says:
 *   1. shopbell.customer, with shopbell.customer.country: a source says so
 *   2. shopbell.object, where shopbell.object_type is a kind of customer ("Customer", "contact": the table in reached.c)
 *   3. shopbell.object, where it is a path or id with such a word and an id behind it: /rest/V1/customers/4711,
 *      gid://shopify/Customer/4711. Words for orders count orders: each is of one customer, who has to be looked up.
 * An export that says how many rows left (shopbell.export.rows) reached so many customers where it is of customers (such a word in its
 * object, type or action), and so many records in any case. One that does not say is counted apart: how many it reached nobody knows from
 * the log.
 *
 * A record that failed (event.outcome) reached nobody; it is counted as refused. The same record twice (source, tenant, id) counts once. */

#include "monitor/base/clock.h"
#include "monitor/cases/headcount.h"
#include "monitor/model/record.h"

enum {
        REACHED_WHO_MAX = 200, /* values that are looked for */
        REACHED_NAMED_MAX = 10000, /* of a kind that are told apart by name; others are counted together */
        REACHED_NAME_BYTES_MAX = 256, /* of longer ones the beginning */
        REACHED_DAYS = 366 * 200, /* since 1970: on which days there were records at all */
};

/* What is named of the records in reach. To add one: a row, and its field in reached.c. */
#define REACHED_NAMES(X) \
        X(PERSON, "persons") \
        X(ACCOUNT, "accounts") \
        X(KEY, "keys") \
        X(ADDRESS, "addresses") \
        X(FROM, "countries of addresses") \
        X(NETWORK, "networks") \
        X(DEVICE, "programs") \
        X(SOURCE, "logs") \
        X(ACTION, "acts") \
        X(OBJECT, "objects")

enum reached_name {
#define X(id, title) REACHED_##id,
        REACHED_NAMES(X)
#undef X
                _REACHED_NAME_MAX,
};
const char *reached_name_title(enum reached_name kind);

struct reached_value {
        struct str text;
        uint64_t n; /* records */
        usec first, last;
};

struct reached_sum {
        uint64_t looked_at; /* records of the range, in reach or not */
        uint64_t outside; /* records that lie outside of the range */
        uint64_t timeless; /* in reach, without a time */
        usec seen_from, seen_to; /* times of those that were looked at; USEC_NONE: none has one */
        uint64_t records; /* in reach, that did not fail */
        uint64_t refused;
        uint64_t again; /* in reach, and counted before */
        usec first, last; /* of those in reach */
        uint64_t exports, exports_unsaid; /* that did not say how many rows */
        uint64_t rows, customer_rows_max; /* of exports: all; the most of one that is of customers */
        const struct headcount *customers, *orders, *objects, *addresses;
        uint64_t named_cut[_REACHED_NAME_MAX]; /* records whose value found no room */
};

struct reached;

/* `who`: persons, accounts (name, mail address, id), keys, addresses; case ignored; copied. `since`, `until` USEC_NONE: open. -E2BIG: over
 * REACHED_WHO_MAX; -ENOMEM. */
int reached_new(const struct str *who, size_t n_who, usec since, usec until, struct reached **ret);
struct reached *reached_free(struct reached *r);
DEFINE_FREEP(struct reached, reached)
/* Shows it a record. 1: it is in reach; 0: it is not; -ENOMEM. */
int reached_take(struct reached *r, struct record *record);

void reached_sum(const struct reached *r, struct reached_sum *ret); /* borrowed */
/* Those of a kind, the most frequent first, at most `max` of them; lives in the arena. 0 or -ENOMEM; *ret_all: how many there are. */
int reached_names(const struct reached *r, enum reached_name kind, size_t max, struct arena *arena, struct reached_value **ret, size_t *ret_n,
                  size_t *ret_all);
/* Customers that were reached at the least: those that are known one by one, or the rows of the largest export of customers. */
uint64_t reached_people(const struct reached *r);
/* Spans of whole days (UTC) between the first and the last record in which there was none at all: [from, to). fn returns 0 to go on. */
int reached_gaps(const struct reached *r, int (*fn)(void *userdata, usec from, usec to), void *userdata);

#endif
