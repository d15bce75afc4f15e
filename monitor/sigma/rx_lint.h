/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_SIGMA_RX_LINT_H
#define SHOPBELL_SIGMA_RX_LINT_H

/* Two mistakes in regular expressions that compile: those that can never match (something must stand before ^ or behind $),
 * and those that some text drives into the match limit. The second is not guessed: texts that could do it are made from
 * the pattern (a repeated group, repeated often, and then something that does not fit) and tried. */

#include "monitor/sigma/rx.h"

enum rx_verdict { RX_FINE, RX_NEVER_MATCHES, RX_EXPLODES };

struct rx_finding {
        enum rx_verdict verdict;
        char text[64]; /* RX_EXPLODES: what, repeated, does it; printable ASCII */
};

/* `flags` as for rx_compile(), with RX_SEARCH. Patterns that do not compile, and those with conditions, recursion or verbs,
 * are fine. 0 or -ENOMEM. */
int rx_lint(struct str pattern, unsigned flags, struct rx_finding *ret);

#endif
