/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_MODEL_LOGSOURCE_H
#define SHOPBELL_MODEL_LOGSOURCE_H

/* What detect/ must know of a log source, without knowing parsers/: the hall hands detect one `struct log_kind` for each
 * loaded source (rooms on one row never include each other). */

#include <stdbool.h>
#include <stdint.h>

#include "monitor/base/clock.h"
#include "monitor/base/str.h"

/* Sigma's log source; absent attributes have p == NULL. */
struct logsource {
        struct str product, category, service;
};

/* A rule applies when every attribute it names equals the source's (Sigma digest, Documents). */
bool logsource_applies(const struct logsource *rule, const struct logsource *source);

/* Rules for all platforms at once say product: shopbell, category: <class>. */
bool logsource_is_generic(const struct logsource *rule);

enum known { KNOWN_UNSAID, KNOWN_NO, KNOWN_YES };

struct log_kind {
        const char *name; /* "aws-cloudtrail" */
        struct logsource logsource;
        usec lateness; /* how late its records arrive */
        /* The record slot of a native field, registering the wish on the first call (before the source set is frozen).
         * UINT32_MAX when RECORD_NATIVE_MAX is reached. */
        uint32_t (*want)(void *userdata, struct str field);
        /* Ask for record.leaves. */
        void (*want_leaves)(void *userdata);
        /* Whether the platform has a field of this name, as far as the source says; *ret_near (may be NULL) becomes a
         * name that is near, or NULL. Asked for messages only. May be NULL. */
        enum known (*knows)(void *userdata, struct str field, const char **ret_near);
        void *userdata;
};

#endif
