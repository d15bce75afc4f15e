/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_QUIET_WATCH_H
#define SHOPBELL_QUIET_WATCH_H

/* The alerts about people's risk (risk.h). Private to quiet/. */

#include "monitor/store/quiet.h"

enum { RISK_NAMED_MAX = 20 }; /* alerts that such an alert lists; the others are counted */

/* Makes the stored alerts about a person's risk what the other stored alerts say: raises, updates, merges, withdraws. One that is
 * there already keeps its id while its episode goes on. Those that changed are added to `ret`. 0, -ENOMEM, or the store's. */
int watch_person(struct store *s, struct str person, usec now, struct ids *ret);

#endif
