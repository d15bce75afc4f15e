/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_PARSERS_MAIL_DRAFT_H
#define SHOPBELL_PARSERS_MAIL_DRAFT_H

/* Drafts a source file of format mail from one notice: the sender's domain, and a pattern in which the words of the subject
 * are kept and what changes from mail to mail is not: numbers, addresses, names of the receiver, dates, what stands in
 * quotes. Lines "Label: value" of the text become expressions under `also`. The class is a guess by the subject's words, or
 * left for the person who reads the draft. The mail itself, without its receiver, is the sample; what is drafted loads
 * and passes it. */

#include <stdbool.h>

#include "monitor/base/err.h"
#include "monitor/base/str.h"

enum {
        MAIL_DRAFT_LABELS_MAX = 8, /* lines of the text that become expressions */
        MAIL_DRAFT_TEXT_MAX = 4096, /* bytes of the text in the sample */
};

/* Whether these bytes are a mail that a source can be drafted from. */
bool mail_draft_fits(struct str bytes);
/* Appends the YAML; `name` has only small letters, digits and hyphens. 0; -EBADMSG: it is no mail, from nobody, or without a subject; -ENOMEM. */
int mail_draft(const char *name, struct str bytes, struct strbuf *out, struct err *reterr);

#endif
