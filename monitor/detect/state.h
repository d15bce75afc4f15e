/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_DETECT_STATE_H
#define SHOPBELL_DETECT_STATE_H

/* One window as bytes, for the store. Private to detect/. The bytes do not depend on the machine.
 *
 * A window that is hit again and again is not written as a whole each time: what is new since is added as a part of its own, until
 * all additions are as large as the whole; so the bytes written for it are a small multiple of those of its hits. The parts one
 * behind the other are what state_read() takes. */

#include "monitor/detect/window.h"

enum { STATE_VERSION = 6 };
enum { STATE_PARTS_MAX = 100 }; /* rows of one window: the whole and what was added to it */

void state_write(const struct window *w, struct strbuf *out);
/* What is new since the window was stored. False: it is better written as a whole (*out may have grown all the same). */
bool state_write_more(const struct window *w, const struct window_rule *rule, struct strbuf *out);
/* The store has taken so many bytes: the whole, or an addition. */
void state_stored(struct window *w, size_t bytes, bool is_whole);
/* Puts what a later part says into the window that the earlier ones made; takes what `more` owns as it needs. 0; -ENOMEM; -EBADMSG:
 * they do not go together. */
int state_merge(struct window *w, struct window *more);
/* Fills an initialised window of that rule; without one (NULL) it can only be looked at. -EBADMSG: not our bytes, or another
 * version's; -ENOMEM. On failure the window is empty again. */
int state_read(struct window *w, const struct window_rule *rule, struct str blob);
/* Of such bytes the time of the latest hit or episode, days aside, without reading them; USEC_NONE: there is none. False: not
 * ours, as far as one can tell at a glance. */
bool state_newest(struct str blob, usec *ret);

#endif
