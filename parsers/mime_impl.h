/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_PARSERS_MIME_IMPL_H
#define SHOPBELL_PARSERS_MIME_IMPL_H

/* What the files of the MIME reader share. */

#include "parsers/mime.h"

/* The fields up to the blank line, and the body, of a mail or a part; *ret is empty before. 0, -ENOMEM. */
int mime_fields(struct arena *arena, struct str bytes, struct counters *counters, struct mail *ret);

#endif
