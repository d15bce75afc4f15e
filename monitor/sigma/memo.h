/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_SIGMA_MEMO_H
#define SHOPBELL_SIGMA_MEMO_H

/* What values met before. Logs of administrators repeat their values (event names, services, programs, users), so for an
 * index and a text the ids of the tests that hold are kept, and a text that comes again is not folded and looked up again.
 * Of fixed size and of one thread. A text that somebody chooses so that it falls on others costs what a new one costs.
 * Private to sigma/. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "monitor/base/macros.h"
#include "monitor/base/str.h"

enum {
        MEMO_ENTRIES = 1024, /* a power of two; 512 KiB in all */
        MEMO_TEXT_BYTES = 456, /* programs name themselves in up to 300; longer texts are not kept, */
        MEMO_IDS = 10, /* nor those for which more tests hold */
};

struct memo;

struct memo *memo_new(void); /* NULL: out of memory */
struct memo *memo_free(struct memo *memo);
DEFINE_FREEP(struct memo, memo)

struct memo_ids {
        const uint32_t *ids; /* until the next memo_put() */
        size_t n;
};

/* `owner`: a number that no two indexes of this process share, from 1. False: not known. */
bool memo_get(const struct memo *memo, uint64_t owner, struct str text, struct memo_ids *ret);
/* Keeps a text in place of one that came earlier; does nothing with what is absent or too large. */
void memo_put(struct memo *memo, uint64_t owner, struct str text, const uint32_t *ids, size_t n);

#endif
