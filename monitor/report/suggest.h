/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_REPORT_SUGGEST_H
#define SHOPBELL_REPORT_SUGGEST_H

/* A draft of people.yml from the census: one line for each person that the file does not have yet. Accounts with one mail
 * address are one person; the same name elsewhere, or the same part before the @, is joined with a comment that says so. Roles
 * are guesses; a home is the country an account came from for longest. Accounts that never acted are left out. Pure. */

#include "monitor/report/accounts.h"

/* Appends the draft, YAML. The number of people in it, or -ENOMEM. */
int suggest_people(const struct accounts *a, struct strbuf *out);

#endif
