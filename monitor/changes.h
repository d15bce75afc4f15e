/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_MONITOR_CHANGES_H
#define SHOPBELL_MONITOR_CHANGES_H

/* What differs between two setups: rules by id (else title), sources by name. A rule is unchanged when its document says the
 * same, whatever file it lies in, and when it still alerts (or not) as before. */

#include "monitor/setup.h"

enum setup_change { SETUP_ADDED, SETUP_REMOVED, SETUP_CHANGED, SETUP_UNCHANGED, _SETUP_CHANGE_MAX };

struct changes {
        size_t n[_SETUP_CHANGE_MAX];
};

/* Told for each that is added, removed or changed: its title and the file it lies in. */
typedef void changes_fn(void *userdata, enum setup_change change, struct str title, const char *file);

const char *change_name(enum setup_change change); /* "added" */
/* 0 or -ENOMEM. */
int changes_of_rules(const struct setup *old, const struct setup *fresh, struct changes *ret, changes_fn *fn,
                     void *userdata);
int changes_of_sources(const struct setup *old, const struct setup *fresh, struct changes *ret, changes_fn *fn,
                       void *userdata);

#endif
