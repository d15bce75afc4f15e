/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_CASES_FIELD_H
#define SHOPBELL_CASES_FIELD_H

/* What may have to be said of a breach, merged from what the laws ask for: one list, so that it is found out once. Rows of a table in
 * field.c. */

#include "monitor/base/err.h"
#include "monitor/base/str.h"

enum field_kind {
        FIELD_TEXT, /* a sentence or several */
        FIELD_NUMBER, /* "1200", "at least 1200", "1000-1300" */
        FIELD_YESNO,
        FIELD_LIST, /* words, divided by commas; += adds, -= takes away */
        FIELD_TIME, /* with its zone, as a mark */
        FIELD_COUNTRY, /* ISO 3166 code, small letters */
};

/* How sure it is. To add one: a row. */
#define FIELD_STATUSES(X) X(CONFIRMED, "confirmed") X(ESTIMATED, "estimated") X(UNKNOWN, "unknown")
enum field_status {
#define X(id, name) FIELD_##id,
        FIELD_STATUSES(X)
#undef X
                _FIELD_STATUS_MAX,
};
const char *field_status_name(enum field_status s);
enum field_status field_status_find(struct str name);

struct case_field {
        const char *name; /* "people" */
        const char *number; /* of the list: "D31" */
        enum field_kind kind;
        bool has_parts; /* one value a country or state: people.kr */
        bool is_common; /* nearly every law asks for it */
        bool may_wait; /* may read "not yet known" while the case is under investigation */
        bool is_personal; /* may name people */
        const char *title; /* "Number of people" */
        const char *help; /* what to write, or "" */
};

/* In the order of the list; *ret_n rows. */
const struct case_field *case_fields(size_t *ret_n);
const struct case_field *case_field_find(struct str name); /* or NULL */
/* "people.kr" is a field and its part. -ENOENT: no such field (*reterr names near ones); -EBADMSG: it has no parts, or that is none. */
int case_field_split(struct str text, const struct case_field **ret, struct str *ret_part, struct err *reterr);
/* Whether the value is one of that kind. -EBADMSG: *reterr says what to write instead. Times are not looked at. */
int case_field_check(const struct case_field *f, struct str value, struct err *reterr);
/* The least and most that a number stands for; `*ret_open`: it may be more ("at least"). */
int case_number(struct str value, uint64_t *ret_least, uint64_t *ret_most, bool *ret_open);

/* Whether a code has the form of a country's: "kr", or "us-ca" with its state. */
bool case_is_country(struct str code);
/* And whether there is that country. -EBADMSG: *reterr names the code that may be meant ("uk": gb). */
int case_country_check(struct str code, struct err *reterr);

#endif
