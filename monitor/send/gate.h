/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_SEND_GATE_H
#define SHOPBELL_SEND_GATE_H

/* Which notice's last byte was let go last, and what came of it: one short record in a file of the runtime folder. It outlives a killed
 * sender, not the machine's power, so writing it costs no more than a system call. With it the next sender knows of the daemon's mark whether
 * it was followed by anything: only what was let go, and got no answer, is in doubt.
 *
 * A gate has an id of its own, drawn when the file is made: after a restart of the machine it is another one, and a mark that was set under
 * the former says nothing. The file is locked while a sender lives: there is one a channel. */

#include "monitor/base/err.h"
#include "monitor/base/str.h"

enum { GATE_ID_BYTES = 33, GATE_KEY_BYTES = 33, GATE_ATTEMPT_BYTES = 21 };

struct gate {
        int fd; /* -1: there is none */
        char id[GATE_ID_BYTES];
        /* the last record; key empty: nothing was let go yet */
        char key[GATE_KEY_BYTES], attempt[GATE_ATTEMPT_BYTES];
        char outcome; /* GATE_… */
};

enum { GATE_OPEN = '?' /* no answer yet */, GATE_SENT = 's', GATE_AGAIN = 'a', GATE_UNKNOWN = 'u', GATE_TOLD = '-' /* the daemon knows */ };

/* `folder` NULL: no gate. -EBUSY: another sender of the channel lives. */
int gate_open(struct gate *g, const char *folder, const char *channel, struct err *reterr);
void gate_close(struct gate *g);
/* Before the last byte. Negative: it may not leave. Without a gate always 0. */
int gate_pass(struct gate *g, const char *key, const char *attempt);
/* Behind the answer, or when there was none. */
void gate_note(struct gate *g, char outcome);

#endif
