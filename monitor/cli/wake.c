/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/cli/wake.h"

#include <errno.h>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#define USEC_PER_MSEC INT64_C(1000)
#define REST (50 * USEC_PER_MSEC) /* so often at most: a busy daemon writes many times a second */

/* After a write: what it brings is there when the daemon has synced it to the disk. */
static const usec waits[] = { 50 * USEC_PER_MSEC, 100 * USEC_PER_MSEC, 200 * USEC_PER_MSEC, 400 * USEC_PER_MSEC, USEC_PER_SEC, 3 * USEC_PER_SEC };

int wake_open(struct wake *w, const char *folder)
{
        *w = (struct wake){ .fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC), .step = ARRAY_LEN(waits) };
        return w->fd >= 0 && inotify_add_watch(w->fd, folder, IN_MODIFY | IN_CREATE | IN_MOVED_TO) >= 0 ? 0 : -errno;
}

void wake_close(struct wake *w)
{
        if (w->fd >= 0)
                close(w->fd);
        w->fd = -1;
}

/* 1: something is there; 0: nothing came; -EINTR. */
static int wait_for(struct pollfd *fds, nfds_t n, usec timeout, const sigset_t *signals)
{
        struct timespec ts = { .tv_sec = timeout / USEC_PER_SEC, .tv_nsec = (long)(timeout % USEC_PER_SEC) * 1000 };
        int r = ppoll(fds, n, timeout == USEC_NONE ? NULL : &ts, signals);

        return r < 0 ? -errno : r > 0;
}

static int drain(struct wake *w)
{
        char events[4096];

        while (read(w->fd, events, sizeof events) > 0)
                ;
        return errno == EAGAIN ? 0 : -errno;
}

int wake_wait(struct wake *w, const sigset_t *signals, usec timeout)
{
        struct pollfd fd = { .fd = w->fd, .events = POLLIN };
        bool is_waiting = w->step < ARRAY_LEN(waits) && (timeout == USEC_NONE || waits[w->step] < timeout);
        int r = w->is_resting ? wait_for(NULL, 0, REST, signals) : 0;

        w->is_resting = false;
        if (r >= 0)
                r = wait_for(&fd, 1, is_waiting ? waits[w->step] : timeout, signals);
        if (r < 0)
                return r == -EINTR ? 0 : r;
        if (r > 0) {
                w->step = 0;
                w->is_resting = true;
                r = drain(w);
                return r < 0 ? r : 1;
        }
        w->step += is_waiting;
        return is_waiting;
}
