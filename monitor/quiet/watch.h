/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_QUIET_WATCH_H
#define SHOPBELL_QUIET_WATCH_H

/* The alerts about people's risk (risk.h). Private to quiet/. */

#include "monitor/store/quiet.h"

enum { RISK_NAMED_MAX = 20 }; /* alerts that such an alert lists; the others are counted */

/* Makes the stored alerts about a person's risk what the other stored alerts say, of which none before `since` has changed: raises,
 * updates, merges, withdraws. What ended longer than RISK_HALF_LIFE before stays as it is and is not read, nor are alerts older than
 * RISK_AGE_MAX before what is looked at. One that is there already keeps its id while its episode goes on. Those that changed are
 * added to `ret`. 0, -ENOMEM, or the store's. */
int watch_person(struct store *s, struct str person, usec since, usec now, struct ids *ret);

#endif
