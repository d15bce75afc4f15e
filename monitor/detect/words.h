/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_DETECT_WORDS_H
#define SHOPBELL_DETECT_WORDS_H

/* What is said about an episode; made of its latest record. Private to detect/. */

#include <stddef.h>

#include "monitor/base/clock.h"
#include "monitor/base/str.h"

struct words {
        usec at; /* event time of that record; USEC_NONE: no words yet */
        struct str sentence, person, source; /* owned; p may be NULL */
        struct str why; /* of kinds that give a reason for each hit; owned, p may be NULL */
};

void words_init(struct words *w);
void words_done(struct words *w);
size_t words_bytes(const struct words *w);
/* Makes *to a copy. 0 or -ENOMEM (then it is as it was). */
int words_copy(struct words *to, const struct words *from);

#endif
