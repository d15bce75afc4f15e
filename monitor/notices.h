/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_MONITOR_NOTICES_H
#define SHOPBELL_MONITOR_NOTICES_H

/* The daemon's side of telling people. It has no network: programs that have (shopbell-send(8)) ask it over the control socket for the
 * next notice of their channel, and say what became of it. The journal is told by the daemon itself. Who may ask may ask for any
 * channel: the daemon knows a sender by its user, which is that of all.
 *
 * A word on a line of its own, then lines of a key and its value; the answer's first line is how it went:
 *
 *     notice-next   channel NAME; gate ID and key, attempt that it let go last (store/notice.h). "done", lines that say what it is and how to deliver it, an empty line, the body. There is no answer
 *                   before something is due. Who asks says that nothing is under way on this channel: what was is ended.
 *     notice-mark   key, attempt; gate ID. "done": the last byte may leave now; "refused": the attempt is over, nothing may be delivered.
 *     notice-end    key, attempt, outcome sent|again|unknown; error TEXT, retry-after SECONDS
 *
 *     notice-wait   key. "done" and the state, and why, when the notice has ended. Everybody may ask.
 *
 * The senders are root, the daemon's user, and the user NOTICES_USER. */

#include "monitor/base/err.h"
#include "monitor/config.h"
#include "monitor/control.h"
#include "monitor/pipeline.h"

#define NOTICES_USER "shopbell-send"
#define NOTICES_RULE "shopbell-notice" /* rule_id of alerts about notices that did not arrive, or may not have */
#define NOTICES_RULE_TITLE "A notice did not arrive"

struct notices;

/* Puts the channels into the store. All that is handed in must outlive it. */
int notices_new(const struct config *config, struct pipeline *p, struct store *s, const struct clock *clock, struct notices **ret,
                struct err *reterr);
struct notices *notices_free(struct notices *n);
DEFINE_FREEP(struct notices, notices)

bool notices_is_word(struct str word);
/* As a control_fn. */
int notices_answer(struct notices *n, struct str word, const struct control_peer *peer, struct strbuf *answer, struct err *reterr);
/* Tells the journal what is due by `now`. */
int notices_tend(struct notices *n, usec now, struct err *reterr);
/* When something is due behind `now`, which is that of notices_tend(): what became due since then has yet to be seen to. USEC_NONE: nothing. */
int notices_due(struct notices *n, usec now, usec *ret);

#endif
