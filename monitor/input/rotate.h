/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_INPUT_ROTATE_H
#define SHOPBELL_INPUT_ROTATE_H

/* What rotation leaves beside a log: its siblings, in the order in which they were written, and which of them holds a
 * place. For this room only.
 *
 * Siblings of "app.log" are app.log.1, app.log.2.gz, app.log-20261117, app.log.old, app.1.log, app-20261117.log … Other
 * names that begin with "app.log" are foreign: a copy may be found there, but they are never read for themselves. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "monitor/base/arena.h"
#include "monitor/input/position.h"
#include "monitor/input/reader.h"

enum { ROTATE_FILES_MAX = 10000 }; /* siblings of one log that are looked at */

enum sibling_kind { SIBLING_NUMBERED, SIBLING_DATED, SIBLING_FOREIGN };

struct sibling {
        char *path;
        const char *name; /* in path */
        enum sibling_kind kind;
        uint64_t number; /* of NUMBERED ones: the higher the older */
        struct str suffix; /* of DATED ones, in path: the later the newer */
        bool is_compressed; /* by its name */
        bool is_left_out; /* a compressed twin that is still being written */
        struct stat st;
};

struct siblings {
        struct sibling *items; /* the oldest first; empty files are left out */
        size_t n, cap;
        bool has_numbered, has_dated;
};
#define SIBLINGS_INIT { NULL, 0, 0, false, false }

/* Is `name` what rotation makes of `base`? Both are names without a folder. */
bool rotate_is_sibling(const char *base, const char *name);
/* 0 or -ENOMEM; a folder that cannot be read gives none. */
int rotate_list(const char *path, struct siblings *ret);
void rotate_list_done(struct siblings *list);
/* The first one from `i` on that is not foreign; list->n: none. */
size_t rotate_next(const struct siblings *list, size_t i);

enum { ROTATE_NOWHERE = -1, ROTATE_MAIN = -2 };

struct located {
        int at; /* index of a sibling, ROTATE_MAIN: `path` itself, ROTATE_NOWHERE */
        struct reader *reader; /* at the place, to be freed by the caller; NULL for a place that is done */
};

/* Finds the file that a place is in: by inode and beginning, else by its bytes. 0 or -ENOMEM. */
int rotate_locate(const char *path, const struct siblings *list, const struct place *place, struct located *ret);
/* Does this file still hold, at the same offsets, what the place remembers? */
bool rotate_holds(int fd, const struct place *place);
/* The place at the end of a sibling that is not to be read. */
void rotate_anchor(const struct sibling *s, struct place *ret);

#endif
