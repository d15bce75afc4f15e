/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_CLI_WAKE_H
#define SHOPBELL_CLI_WAKE_H

/* Waiting until the store has changed, without asking it over and over. The kernel tells of writes to its folder (inotify). A write
 * comes before what it brings can be read, so that after one the caller is woken several times more, ever later. */

#include <signal.h>

#include "monitor/base/clock.h"

struct wake {
        int fd;
        size_t step; /* of the waits after a write */
        bool is_resting; /* it has just been woken by a write: others may come in the same moment */
};

/* 0 or -errno. To be closed whatever it returns. */
int wake_open(struct wake *w, const char *folder);
void wake_close(struct wake *w);
/* Waits, with these signals let through (NULL: as they are), at most `timeout`; USEC_NONE: for ever. 1: look; 0: it took too long, or a signal
 * came; negative. */
int wake_wait(struct wake *w, const sigset_t *signals, usec timeout);

#endif
