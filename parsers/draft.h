/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_PARSERS_DRAFT_H
#define SHOPBELL_PARSERS_DRAFT_H

/* Drafts a source file from the first records of a log: format and envelope, how records are recognised, which field holds
 * the time, the actor, the address, the action; classes by the words of actions; the records themselves as samples. Every
 * guess is marked in a comment for the person who reads it. What is drafted loads and passes its own samples. */

#include "monitor/base/csv.h"
#include "parsers/source.h"

enum {
        DRAFT_RAWS_MAX = 500, /* of a sample that are looked at */
        DRAFT_RECORDS_MAX = 200,
};

struct draft_request {
        const char *name; /* of the source: small letters, digits, hyphens */
        const struct raw *raws; /* as input/ hands them out, with draft_is_csv(); borrowed */
        size_t n;
        const char *const *dirs; /* folders of the sources that are there already: none of their records may be claimed */
        size_t n_dirs;
};

/* Appends the YAML. -EEXIST: another source has the name, or takes these records already; -EBADMSG: nothing to draft from;
 * -ENOMEM; *reterr says it in words. */
int draft_source(const struct draft_request *request, struct strbuf *out, struct err *reterr);

/* csv_test_fn for reading a sample: whether its first line looks like the header of a table. */
bool draft_is_csv(void *unused, const char *source, struct str line, struct csv_shape *ret);

#endif
