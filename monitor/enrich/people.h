/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_ENRICH_PEOPLE_H
#define SHOPBELL_ENRICH_PEOPLE_H

/* Who works here, and which accounts are whose: people.yml, see shopbell.people(5).
 *
 *     - {name: Mei, role: owner, accounts: [mei@example.com, {aws: mei, wordpress: mei.k}], home: [KR]}
 *     - {name: Tom, role: agency, accounts: tom@example.net, home: [NL, 'NO'], may_export: yes, left: 2026-10-31}
 *
 * An account is a mail address, an account name or a platform's id; it counts on every platform, or only for one log source
 * or product when that stands before it. Compared without case. To add a key: a row in `keys` (people.c). Immutable once
 * loaded. */

#include <stdbool.h>
#include <stddef.h>

#include "monitor/base/arena.h"
#include "monitor/base/clock.h"
#include "monitor/base/err.h"
#include "monitor/base/yaml.h"

enum {
        PEOPLE_MAX = 10000,
        PERSON_NAME_BYTES_MAX = 100,
        PERSON_ACCOUNTS_MAX = 1000,
        PERSON_ACCOUNT_BYTES_MAX = 512, /* of an account's name; longer ones in records are nobody's */
        PERSON_COUNTRIES_MAX = 16,
};

struct person {
        struct str name;
        const char *role; /* owner, manager, staff, agency, contractor or service; static */
        bool may_export; /* said, else whether it is the owner */
        usec left; /* acts at or after this are a leaver's; USEC_NONE: still here */
        char countries[PERSON_COUNTRIES_MAX][3]; /* home, ISO 3166-1 alpha-2 */
        size_t n_countries; /* 0: not given */
        size_t n_accounts;
        unsigned line, col; /* in the file */
};

struct people;

/* `list` is such a list, `path` its file, for messages. 0, -EBADMSG with file, line and column, -E2BIG, -ENOMEM. */
int people_read(const struct yaml *list, const char *path, struct people **ret, struct err *reterr);
/* A file that is such a list, or a map with one under `people` (such as a shopbell.yml), or there the name of one, from that
 * file's folder on. Also -errno. */
int people_load(const char *path, struct people **ret, struct err *reterr);
struct people *people_free(struct people *p);
DEFINE_FREEP(struct people, people)

size_t people_count(const struct people *p); /* NULL: 0 */
const struct person *people_get(const struct people *p, size_t i); /* in the order of the file; NULL behind the last */

/* Who acted, as a record says it; each may be absent. */
struct account {
        struct str email, name, id;
        struct str source, product; /* the log source's name, and the product of its Sigma log source */
};

/* Whose account that is; NULL: nobody's. What is given for the source goes before what is for the product, and that before
 * what is for all; then mail before name before id. `scratch` takes folded texts. -ENOMEM, or 0. */
int people_find(const struct people *p, const struct account *account, struct arena *scratch,
                const struct person **ret);

/* A source or product that accounts of the file are limited to; NULL behind the last. */
struct people_scope {
        struct str name;
        unsigned line, col; /* where it stands first */
};
const struct people_scope *people_scope(const struct people *p, size_t i);
const char *people_path(const struct people *p); /* the file that they stand in */

#endif
