/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_DETECT_STATE_H
#define SHOPBELL_DETECT_STATE_H

/* One window as bytes, for the store. Private to detect/. The bytes do not depend on the machine. */

#include "monitor/detect/window.h"

enum { STATE_VERSION = 5 };

void state_write(const struct window *w, struct strbuf *out);
/* Fills an initialised window of that rule; without one (NULL) it can only be looked at. -EBADMSG: not our bytes, or another
 * version's; -ENOMEM. On failure the window is empty again. */
int state_read(struct window *w, const struct window_rule *rule, struct str blob);
/* Of such bytes the time of the latest hit or episode, days aside, without reading further; USEC_NONE: there is none. False: not
 * our bytes. */
bool state_newest(struct str blob, usec *ret);

#endif
