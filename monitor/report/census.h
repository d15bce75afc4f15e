/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_REPORT_CENSUS_H
#define SHOPBELL_REPORT_CENSUS_H

/* Taking the census: from records to accounts and facts about them (model/account.h). Pure. A census is that of one batch, or
 * of all batches of a transaction, put into the store with it; adding to what was seen before is what the store does.
 *
 * Looked at are records that have a class, a time, and an actor or a target, and that did not fail: who tries and is refused
 * leaves no account. */

#include "monitor/base/macros.h"
#include "monitor/model/account.h"
#include "monitor/model/record.h"

enum { CENSUS_BYTES_MAX = 16 * 1024 * 1024 }; /* of a census: then it should be put and cleared */

struct census;

struct census *census_new(void); /* NULL: out of memory */
struct census *census_free(struct census *c);
DEFINE_FREEP(struct census, census)
void census_clear(struct census *c);

/* ECS fields (a bit set) that it looks at; of records without a class only shopbell.class. */
uint64_t census_fields(void);
/* 0 or -ENOMEM. Everything is copied. */
int census_note(struct census *c, const struct record *record);

/* Adds all that `from` has. 0 or -ENOMEM. */
int census_merge(struct census *to, const struct census *from);

/* It has CENSUS_ACCOUNTS_MAX accounts or more, or CENSUS_BYTES_MAX. */
bool census_is_large(const struct census *c);

/* Facts and account names left out or cut at a limit since the last census_clear(). */
uint64_t census_cut(const struct census *c);
/* Each account, then its facts, unless account() returned 1; negative ends it and is returned. Texts live until census_clear(). */
struct census_sink {
        int (*account)(void *userdata, const struct account_seen *a);
        int (*fact)(void *userdata, const struct account_seen *of, const struct fact *f);
        void *userdata;
};
int census_each(const struct census *c, const struct census_sink *sink);

#endif
