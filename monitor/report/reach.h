/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_REPORT_REACH_H
#define SHOPBELL_REPORT_REACH_H

/* Who can reach what: a row a person, a column a platform, from the accounts of the census. Several accounts of one person on
 * one platform are one cell. */

#include "monitor/report/page.h"

struct reach_cell {
        size_t n_accounts; /* by name; 0: nothing is known */
        struct str names[PAGE_ROLES_MAX]; /* the first ones */
        struct str roles[PAGE_ROLES_MAX]; /* as the platform calls them, an administrator's first */
        size_t n_roles; /* of all */
        bool is_admin, is_gone;
        enum mfa_state mfa; /* the weakest of those that are known */
        bool signs_in; /* a sign-in was seen */
        usec last; /* USEC_NONE: never seen to act */
};

struct reach_row {
        struct str who;
        const struct person *person; /* or NULL */
        const struct reach_cell *cells; /* one a column */
        usec last;
};

struct reach {
        struct str *columns; /* platforms, by name */
        size_t n_columns, n_columns_all;
        struct reach_row *rows; /* strangers first, then by name */
        size_t n_rows, n_rows_all;
};

/* In the arena. 0 or -ENOMEM. */
int reach_make(const struct page *p, struct arena *arena, struct reach *ret);

/* Accounts by their second factor; those that are gone are not counted. */
enum lock { LOCK_USED, LOCK_MISSING, LOCK_UNSAID, LOCK_UNSEEN, _LOCK_MAX };
enum lock reach_lock(const struct account_view *v);

#endif
