/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_REPORT_POSTURE_H
#define SHOPBELL_REPORT_POSTURE_H

/* What the census shows that should not stay so: doors without a second lock, keys of people who left, strangers among the
 * administrators. Each finding is a sentence and what to do about it. Pure.
 *
 * To add a check: a function and a row in `checks` (posture.c). */

#include "monitor/model/class.h"
#include "monitor/report/accounts.h"

enum {
        DORMANT_DAYS = 90, /* without an act */
        POSTURE_NAMES_MAX = 3, /* named in one sentence; the rest is counted */
};

struct finding {
        const char *check; /* "leaver-acts"; static */
        enum level level;
        const struct account_view *account; /* NULL: of no single one */
        struct str sentence, advice; /* in the accounts' arena */
        usec since; /* USEC_NONE: not known */
};

struct posture {
        struct finding *items; /* the worst first */
        size_t n, cap;
        struct str *cannot; /* sentences: what cannot be said, and why */
        size_t n_cannot, cap_cannot;
};

/* `now`: when dormant accounts are counted from. 0 or -ENOMEM. */
int posture_look(struct accounts *a, usec now, struct posture *ret);
void posture_done(struct posture *p);

#endif
