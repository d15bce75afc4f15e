/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_CASES_ORDER_H
#define SHOPBELL_CASES_ORDER_H

/* What a person orders of cases, in the form of quiet/order.h; a value may have several lines, written by case_order_add().
 *
 *     case-open     alert DIGITS (one or several), or signal TEXT and at MOMENT, or both; title TEXT, by NAME, zone NAME: the shop's.
 *                   What the alerts tell goes in: when the first one was raised as the signal, and, estimated, when it began, the addresses,
 *                   the systems, how it was found; and a hold on what retention would take, from CASE_HOLD_BEFORE before it began
 *     case-add      case NUMBER, kind KIND, and as the kind has it (CASE_KINDS) key, value, status; evidence, because, by. For kind "set"
 *                   change add|remove: the words of `value` to or from a list
 *
 * MOMENT is as in entries: microseconds and a zone. What is refused is refused with a sentence that says what to write.
 *
 * A moment that lies behind the one that counts now moves a clock: that takes a reason. */

#include "monitor/cases/case.h"

#define CASE_HOLD_BEFORE (30 * USEC_PER_DAY)
enum { CASE_ORDER_ALERTS_MAX = 100, CASE_TITLE_MAX = 160, CASE_ZONE_MAX = 64 };

bool case_order_is(struct str text);
const char *case_order_right(struct str text); /* as order_right() */
/* Writes a line of an order; line breaks of the value come back when it is carried out. */
void case_order_add(struct strbuf *order, const char *key, struct str value);
/* Carries it out inside begin … commit. `seal`: records are kept under pseudonyms, and so are texts of cases. 1: done, the answer says
 * what; 0: refused, the answer says why, and nothing is changed. Negative: -ENOMEM, or the store's. */
int case_order_run(struct str order, struct store *s, const struct who *by, usec now, bool seal, struct strbuf *answer);

#endif
