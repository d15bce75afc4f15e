/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_MONITOR_ORDERS_H
#define SHOPBELL_MONITOR_ORDERS_H

/* All orders of people, whichever room carries them out: quiet/order.h, cases/order.h. To add a room's: a row in orders.c. */

#include "monitor/quiet/order.h"

enum { ORDERS_BYTES_MAX = 32 * 1024 /* of one; CONTROL_WORD_BYTES_MAX */ };

bool orders_is(struct str text);
const char *orders_right(struct str text); /* as order_right() */
/* As order_run(). `seal`: as case_order_run(). */
int orders_run(struct str order, struct store *s, struct quiet *q, const struct who *by, usec now, bool seal, struct strbuf *answer);

#endif
