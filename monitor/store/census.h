/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_STORE_CENSUS_H
#define SHOPBELL_STORE_CENSUS_H

/* The census in the store: accounts and facts about them (model/account.h), merged row by row, so that a batch is added by
 * saying what it saw. */

#include "monitor/model/account.h"
#include "monitor/store/query.h"
#include "monitor/store/store.h"

/* Only inside begin … commit. *ret_cut grows by what was forgotten at a limit: accounts beyond CENSUS_ACCOUNTS_MAX, facts of a
 * kind beyond what is kept of it. The account is put before its facts. 1: there are too many accounts, and this one goes: its
 * facts are not to be put. */
int store_put_account(struct store *s, const struct account_seen *a, uint64_t *ret_cut);
int store_put_fact(struct store *s, const struct account_seen *of, const struct fact *f, uint64_t *ret_cut);

/* Each account, by source and name, then its facts, by kind, the latest first. Texts live until fn returns. A store that has
 * no census yet (of an older version) has no accounts. */
struct query_census {
        int (*account)(void *userdata, const struct account_seen *a);
        int (*fact)(void *userdata, const struct account_seen *of, const struct fact *f);
        void *userdata;
};
int query_census(struct query *q, const struct query_census *to);

#endif
