/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_AGENT_TOLD_H
#define SHOPBELL_AGENT_TOLD_H

/* What this user was told already, across logouts: a text file, a line each.
 *
 *     newest ROW          of the history: everything up to it was told
 *     again TIME ID       an alert that comes again (microseconds since 1970) */

#include "monitor/agent/desk.h"
#include "monitor/base/err.h"

struct told {
        uint64_t newest;
        struct {
                char id[DESK_ID_BYTES];
                usec at;
        } *again;
        size_t n;
};

/* A file that is not there is empty; a line that is none of the two is passed over. 0 or negative. */
int told_load(const char *path, struct told *ret, struct err *reterr);
/* Beside it first, then renamed: never half a file. */
int told_save(const char *path, const struct told *t, struct err *reterr);
bool told_eq(const struct told *a, const struct told *b);
int told_add(struct told *t, const char *id, usec at); /* 0 or -ENOMEM */
void told_done(struct told *t);

#endif
