/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_CASES_LACKS_H
#define SHOPBELL_CASES_LACKS_H

/* What the notices that laws ask for still lack. */

#include "monitor/cases/case.h"

struct lack {
        const struct regime *regime;
        enum duty_to to;
        const struct regime_content *content;
        const char *fields[CONTENT_FIELDS_MAX]; /* that nobody has set: of field.c, or "@aware" for a mark; NULL behind the last */
        bool has_chief; /* the content can be written, only less of it */
        bool may_wait; /* all of them may read "not yet known" while the case is under investigation */
};

/* The value that counts for a law: that of the law itself ("rights.kr-pipa"), of one of its countries, else of all; of a field that is known
 * by parts alone any of them. One whose status is unknown is none. */
const struct case_value *casefile_value_for(const struct casefile *c, const struct case_field *f, const struct regime *r);
/* Appends what the notices of that law lack. *ret lives in the arena; 0 or -ENOMEM. */
int casefile_lacks(const struct casefile *c, const struct regime *r, struct arena *arena, struct lack **ret, size_t *ret_n);

#endif
