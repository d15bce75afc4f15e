/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_DETECT_STATE_H
#define SHOPBELL_DETECT_STATE_H

/* One window as bytes, for the store: versioned, little-endian, compact. Private to detect/. */

#include "monitor/detect/window.h"

enum { STATE_VERSION = 1 };

void state_write(const struct window *w, struct strbuf *out);
/* Fills an initialised window. -EBADMSG: not our bytes; -ENOMEM. */
int state_read(struct window *w, struct str blob);

#endif
