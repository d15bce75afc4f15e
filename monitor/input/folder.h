/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_INPUT_FOLDER_H
#define SHOPBELL_INPUT_FOLDER_H

/* The log files below a folder. For this room only. */

#include "monitor/input/kind.h"

struct paths_found {
        char **items; /* owned, sorted by name folder by folder */
        size_t n, cap;
};
void paths_found_done(struct paths_found *p);
int paths_found_add(struct paths_found *p, const char *path);
/* Adds the files below `dir` whose names say that they are logs. Trouble with one folder is noted, and the others go on. */
int folder_walk(struct input *in, const char *dir, unsigned depth, struct paths_found *found);

#endif
