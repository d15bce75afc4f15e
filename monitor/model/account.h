/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_MODEL_ACCOUNT_H
#define SHOPBELL_MODEL_ACCOUNT_H

/* The census: what is known of an account on a platform from the records seen. An account is a log source and the name it acts
 * under; everything else is a fact about it: a kind, a value and times.
 *
 * All of it is made with the least and the greatest of times and numbers, and of each kind the facts seen last are kept: the
 * same records give the same census, whatever order they come in and however often. (But `first` of a fact that came back
 * after it was cut, or of an account that was evicted, is that of its return.)
 *
 * To add a kind: a row here, and where it comes from in report/census.c. */

#include <stdbool.h>
#include <stdint.h>

#include "monitor/base/clock.h"
#include "monitor/base/str.h"

/*    enum      name        kept   grain of its times   meaning; what value, text and n are
 * A grain of an hour says that what shows in every act is the same for all acts of an hour, and need not be written again. */
#define FACTS(X) \
        X(DAY, "day", 92, USEC_PER_DAY, "a day (UTC) on which the account did something: 2026-03-10") \
        X(MAIL, "mail", 4, USEC_PER_HOUR, "the mail address it acts under, as written") \
        X(NAME, "name", 4, USEC_PER_HOUR, "the account name") \
        X(ID, "id", 4, USEC_PER_HOUR, "the platform's id") \
        X(COUNTRY, "country", 16, USEC_PER_HOUR, "where it came from, two letters") \
        X(NETWORK, "network", 32, USEC_PER_HOUR, "a known network, else the operator (AS)") \
        X(DEVICE, "device", 32, USEC_PER_HOUR, "family of devices") \
        X(ROLE, "role", 16, USEC_PER_HOUR, "a role that the platform said it holds while it acted") \
        X(MFA, "mfa", 3, 1, "of sign-ins: used, not_used or unknown") \
        X(FACTOR, "factor", 1, 1, "its second factor was set up, or removed (gone)") \
        X(EXISTS, "exists", 1, 1, "the account was made, or removed (gone); text: by whom") \
        X(GRANT, "grant", 64, 1, "a role or right it got, or lost (gone); text: from whom; n 1: an administrator's") \
        X(KEY, "key", 64, 1, "a key, token or password made for it, or deleted (gone); text: what was done") \
        X(APP, "app", 64, 1, "a third-party app that it let in, or took away (gone); text: what the app may") \
        X(EXPORT, "export", 32, 1, "data it took out: the platform's word; text: what; n: most rows at once")

enum fact_kind {
#define X(id, name, kept, grain, help) FACT_##id,
        FACTS(X)
#undef X
                _FACT_MAX,
};

enum {
        CENSUS_ACCOUNTS_MAX = 10000, /* those seen last are kept */
        CENSUS_NAME_BYTES_MAX = 512, /* an account with a longer name is none */
        CENSUS_TEXT_BYTES_MAX = 512, /* of a value or text; what is longer is cut */
};

struct fact {
        enum fact_kind kind;
        struct str value;
        struct str text; /* the one of `last`; of two with the same time the greater; never absent */
        usec first, last; /* when it was so; USEC_NONE: only its end is known */
        usec gone; /* the last time it ended; USEC_NONE: never seen */
        uint64_t n; /* the greatest */
};

struct account_seen {
        struct str source; /* name of the log source */
        struct str account; /* mail address, else name, else id; case folded */
        usec first, last; /* acts of its own; USEC_NONE: it was only spoken of */
};

const char *fact_name(enum fact_kind k);
unsigned fact_kept(enum fact_kind k); /* how many of an account are kept */
usec fact_grain(enum fact_kind k); /* its times are whole multiples of that */
enum fact_kind fact_find(struct str name); /* _FACT_MAX: none */

/* Whether it still holds: begun, or begun again, after it last ended. */
static inline bool fact_holds(const struct fact *f)
{
        return f->last != USEC_NONE && (f->gone == USEC_NONE || f->last > f->gone);
}
/* The order by which facts are kept: later, then greater values. */
int fact_cmp(const struct fact *a, const struct fact *b);
/* Adds what `b` says of the same fact. Its text is borrowed. */
void fact_merge(struct fact *a, const struct fact *b);

#endif
