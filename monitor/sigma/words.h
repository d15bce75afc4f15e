/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_SIGMA_WORDS_H
#define SHOPBELL_SIGMA_WORDS_H

/* The words of a condition: ( ) | or what stands between blanks and these; private to sigma/. `rest` is what is not read
 * yet and moves on. */

#include <stdbool.h>

#include "monitor/base/str.h"

struct str word_peek(struct str *rest); /* the next word, not taken; absent at the end */
struct str word_next(struct str *rest);
bool word_accept(struct str *rest, const char *word); /* takes it if it is this one, in any case */

#endif
