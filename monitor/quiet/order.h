/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_QUIET_ORDER_H
#define SHOPBELL_QUIET_ORDER_H

/* What a person orders: a silence set or ended, an alert answered. The same text goes to the running daemon over its control
 * socket, or is carried out by the command line under the store's lock.
 *
 * A verb on a line of its own, then lines of a key and its value, divided by a blank:
 *
 *     silence-add     reason TEXT, and for MICROSECONDS or until MICROSECONDS; rule, who, source, level
 *     silence-end     id NUMBER
 *     answer          alert DIGITS, note TEXT, what acknowledged|me|not-me|closed|closed-true|
 *                     closed-false|closed-benign|reopened|undo|note. Closed as true: it was what the rule looks for, and bad; as
 *                     benign: it was, and was meant to be; as false: it was not. Reopened, the answer before the closing ones
 *                     counts again. A note adds its text to the history, and changes nothing.
 *     reveal          alert DIGITS or what TEXT; note TEXT: somebody is about to read records in the clear
 *     notice-test     channel NAME: sends a test over it
 *     readiness-answer check NAME, text yes|no|TEXT, by NAME: what is so with the shop and cannot be seen (report/readiness.h) */

#include "monitor/quiet/judge.h"

enum { ORDER_LEVEL_RAISED = LEVEL_HIGH /* "not me" makes an alert at least this */ };
#define SILENCE_TIMESPAN_MAX (366 * USEC_PER_DAY) /* longer ones are forgotten, and hide what nobody knows of any more */

/* Whether a text is an order at all, by its verb. */
bool order_is(struct str text);
/* What somebody must be allowed to do to give it: "answer", "silence" or "manage". */
const char *order_right(struct str text);
/* Writes a line of an order; line breaks in the value become blanks. */
void order_add(struct strbuf *order, const char *key, struct str value);
/* Carries it out inside begin … commit; alerts that it changes are noted in `q`. 1: done, the answer says what; 0: refused, the
 * answer says why, and nothing is changed. Negative: -ENOMEM, or the store's. */
int order_run(struct str order, struct store *s, struct quiet *q, const struct who *by, usec now, struct strbuf *answer);

#endif
