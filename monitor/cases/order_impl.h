/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_CASES_ORDER_IMPL_H
#define SHOPBELL_CASES_ORDER_IMPL_H

/* What order.c and order_open.c share; private to these two. */

#include "monitor/cases/order.h"

struct case_order {
        struct str text; /* the lines behind the verb */
        struct store *s;
        const struct who *by;
        usec now;
        bool seal;
        struct arena *arena;
        struct strbuf *answer;
};

/* The value of a line, with its line breaks; empty: there is none. Absent: no memory. */
struct str case_order_value(const struct case_order *o, const char *key);
/* Says why; 0. */
int case_order_refuse(struct case_order *o, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* 1: it is a text that a person may have written; 0: refused. `what`: how it is called. */
int case_order_text(struct case_order *o, const char *what, struct str text);
bool case_zone_is_name(struct str zone); /* of letters that such names have; it may be empty */
/* 1: a moment that has been; 0: refused. */
int case_order_moment(struct case_order *o, struct str value, usec *ret, struct str *ret_zone);
/* 1: *ret is the alert that begins with these digits, and is in no open case; 0: refused. */
int case_order_alert(struct case_order *o, struct str digits, struct hash128 *ret);
/* What an alert tells, of harmless characters; *ret lives in the arena. 1; 0: it was merged, and is refused; or negative. */
int case_order_sentence(struct case_order *o, const struct hash128 *id, struct str *ret);
/* Puts the entry, which the person who orders says. 1; 0: refused; or negative. */
int case_order_put(struct case_order *o, struct store_case_entry *e);
int case_order_open(struct case_order *o);

#endif
