/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_INPUT_WALK_H
#define SHOPBELL_INPUT_WALK_H

/* Goes through a folder and the folders below it, in order of name. Links are never followed; what cannot be read is noted
 * and passed over. Of a Maildir (folders cur, new and tmp) all files in cur and new are taken, and none in tmp. For this room only. */

#include <dirent.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "monitor/input/kind.h"

/* What lies in one folder, in order of name, without what is hidden. */
struct walk_names {
        char **items;
        size_t n, cap;
};
/* Takes the folder fd, and gives its DIR, which owns it. Negative errno, also when only a part could be read: then there is
 * nothing in *ret. */
int walk_names(int fd, struct walk_names *ret, DIR **ret_dir);
void walk_names_done(struct walk_names *names);

/* `path` begins with the folder the walk began in. Negative ends the walk. */
typedef int walk_fn(void *userdata, const char *path, const struct stat *st);

struct walk {
        struct input *in; /* for notes and counters */
        bool (*wants)(const char *name); /* is a file of this name asked for? */
        walk_fn *on_file;
        walk_fn *on_folder; /* before its files; may be NULL */
        void *userdata;
        bool is_partial; /* set when a folder could not be listed: what was not met may still lie there */
};

/* 0, or what a callback said, or -ENOMEM. Hidden files and folders are left out. */
int walk_folder(struct walk *w, const char *folder);

#endif
