/* SPDX-License-Identifier: Apache-2.0 */

/* inotify, translated into the few things the inputs ask. Folders are watched rather than files: their events name the
 * file, and a file that does not exist yet needs nothing else. */

#include "monitor/input/watch.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <unistd.h>

struct watch {
        int fd;
};

enum {
        MASK = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB |
               IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR,
        EVENTS_BYTES = 16 * 1024,
};

int watch_open(struct watch **ret)
{
        struct watch *w = malloc(sizeof *w);

        if (!w)
                return -ENOMEM;
        w->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
        if (w->fd < 0) {
                free(w);
                return -errno;
        }
        *ret = w;
        return 0;
}

struct watch *watch_free(struct watch *w)
{
        if (w)
                close(w->fd);
        free(w);
        return NULL;
}

int watch_fd(const struct watch *w)
{
        return w ? w->fd : -1;
}

int watch_add(struct watch *w, const char *folder, bool no_follow)
{
        int id = inotify_add_watch(w->fd, folder, MASK | (no_follow ? IN_DONT_FOLLOW : 0));

        return id < 0 ? -errno : id;
}

static unsigned translate(uint32_t mask)
{
        unsigned what = 0;

        if (mask & (IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB))
                what |= WATCH_NAME;
        if (mask & IN_MODIFY)
                what |= WATCH_BYTES;
        if (mask & (IN_CLOSE_WRITE | IN_MOVED_TO))
                what |= WATCH_CLOSED;
        if (mask & (IN_ISDIR | IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_UNMOUNT))
                what |= WATCH_FOLDER;
        if (mask & IN_Q_OVERFLOW)
                what |= WATCH_LOST;
        return what;
}

int watch_read(struct watch *w, watch_fn *fn, void *userdata)
{
        _Alignas(struct inotify_event) char buf[EVENTS_BYTES];

        for (;;) {
                ssize_t n = read(w->fd, buf, sizeof buf);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        return n == 0 || errno == EAGAIN ? 0 : -errno;
                for (const char *p = buf; p < buf + n;) {
                        const struct inotify_event *e = (const void *)p;

                        fn(userdata, e->wd, e->len > 0 ? e->name : "", translate(e->mask));
                        p += sizeof *e + e->len;
                }
        }
}
