/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_CASES_TEMPLATE_KEYS_H
#define SHOPBELL_CASES_TEMPLATE_KEYS_H

/* Which texts a template has, and what may stand in them. Private to template.c. */

#include <stdbool.h>

#include "monitor/base/err.h"
#include "monitor/base/str.h"

/* Whether a text of that path is one; *ret_places are the names of its placeholders, divided by blanks; NULL: those of drafts. */
bool template_path_is_known(struct str path, const char **ret_places);
/* Each {name} must be among them. -EBADMSG: *reterr says which is not, and which are near. */
int template_check_places(struct str text, const char *places, struct err *reterr);

#endif
