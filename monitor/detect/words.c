/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/detect/words.h"

#include <errno.h>
#include <stdlib.h>

void words_init(struct words *w)
{
        *w = (struct words){ .at = USEC_NONE };
}

void words_done(struct words *w)
{
        free((char *)w->sentence.p);
        free((char *)w->person.p);
        free((char *)w->source.p);
        free((char *)w->why.p);
        words_init(w);
}

size_t words_bytes(const struct words *w)
{
        return w->sentence.n + w->person.n + w->source.n + w->why.n;
}

static int copy(struct str *to, struct str from)
{
        const char *p = from.p ? str_dupz(from) : NULL;

        *to = p ? str_from(p, from.n) : STR_NONE;
        return from.p && !p ? -ENOMEM : 0;
}

int words_copy(struct words *to, const struct words *from)
{
        struct words w = { .at = from->at };

        if (copy(&w.sentence, from->sentence) < 0 || copy(&w.person, from->person) < 0 ||
            copy(&w.source, from->source) < 0 || copy(&w.why, from->why) < 0) {
                words_done(&w);
                return -ENOMEM;
        }
        words_done(to);
        *to = w;
        return 0;
}
