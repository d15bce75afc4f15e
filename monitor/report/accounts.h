/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_REPORT_ACCOUNTS_H
#define SHOPBELL_REPORT_ACCOUNTS_H

/* The census as a list in memory, each account with the person behind it. Filled by the callbacks of query_census(), then
 * accounts_settle() says whose they are. */

#include "monitor/base/macros.h"
#include "monitor/enrich/people.h"
#include "monitor/model/account.h"
#include "monitor/model/logsource.h"

struct account_view {
        struct account_seen seen;
        const struct fact **facts; /* of one kind together, the latest first; a NULL behind the last */
        size_t n_facts;
        const struct person *person; /* or NULL: nobody's, or there is no file of people */
        struct str who; /* the person, else the mail address, else the account: never absent */
        struct str mail, name, id; /* as it acted last; each may be absent */
};

struct accounts {
        struct arena *arena;
        struct account_view
                *items; /* by source, then account; after accounts_settle(): unknown ones first, then by who */
        size_t n, cap;
        const struct fact **facts; /* of the account being filled */
        size_t n_facts, cap_facts;
        usec newest; /* the last act of all; USEC_NONE: none was seen */
        const struct people *people; /* or NULL */
};

int accounts_init(struct accounts *a); /* 0 or -ENOMEM */
void accounts_done(struct accounts *a);
/* Callbacks of struct query_census; `userdata` is the struct accounts. Everything is copied. */
int accounts_take(void *userdata, const struct account_seen *seen);
int accounts_take_fact(void *userdata, const struct account_seen *of, const struct fact *f);
/* Everything was taken. `people` may be NULL, and outlives it; `kinds` are those of the log sources, for their products. */
int accounts_settle(struct accounts *a, const struct people *people, const struct log_kind *const *kinds,
                    size_t n_kinds);

/* The latest fact of a kind, or the one of a value; NULL: none. */
const struct fact *account_fact(const struct account_view *v, enum fact_kind kind);
const struct fact *account_fact_of(const struct account_view *v, enum fact_kind kind, const char *value);
size_t account_count(const struct account_view *v, enum fact_kind kind);

/* Whether the last sign-in that says something was with a second factor, or one was set up or removed since. */
enum mfa_state { MFA_UNSAID, MFA_USED, MFA_MISSING };
/* *ret_since: MFA_MISSING: since when that is so, as far as is known; MFA_USED: when it was used last. */
enum mfa_state account_mfa(const struct account_view *v, usec *ret_since);
/* Its administrator's right or role, or NULL; those that were taken away are none. */
const struct fact *account_admin(const struct account_view *v);
/* It was removed, and did nothing since. */
bool account_is_gone(const struct account_view *v);

#endif
