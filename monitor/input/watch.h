/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_INPUT_WATCH_H
#define SHOPBELL_INPUT_WATCH_H

/* Told by the kernel when something happens in a folder (inotify). For this room only. */

#include <stdbool.h>
#include <stdint.h>

struct watch;

enum watch_what {
        WATCH_NAME = 1 << 0, /* a name appeared, vanished or was replaced */
        WATCH_BYTES = 1 << 1, /* bytes were written, or a file was cut */
        WATCH_CLOSED = 1 << 2, /* a file that was open for writing has been closed, or one was moved in */
        WATCH_FOLDER = 1 << 3, /* the name is a folder, or the watched folder itself went away */
        WATCH_LOST = 1 << 4, /* events were lost: look at everything; id is -1 */
};

/* `name` is "" for the folder itself. */
typedef void watch_fn(void *userdata, int id, const char *name, unsigned what);

int watch_open(struct watch **ret); /* 0 or negative: inotify is not to be had */
struct watch *watch_free(struct watch *w); /* NULL is fine; returns NULL */
int watch_fd(const struct watch *w); /* -1 for NULL */
/* An id, the same one when the folder is watched already; -ENOENT, -EACCES, -ENOSPC (too many) … Links are not followed
 * when `no_follow`. */
int watch_add(struct watch *w, const char *folder, bool no_follow);
/* Calls fn for all that has happened; never waits. 0 or negative. */
int watch_read(struct watch *w, watch_fn *fn, void *userdata);

#endif
