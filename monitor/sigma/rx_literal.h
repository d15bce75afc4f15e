/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_SIGMA_RX_LITERAL_H
#define SHOPBELL_SIGMA_RX_LITERAL_H

/* A word that every text that a regular expression matches must hold, so that the expression need not be tried on others. */

#include "monitor/base/str.h"

enum { RX_LITERAL_MIN = 3 }; /* characters; shorter words rule too little out */

/* Appends the longest such word that is plain to see, in small letters (whether or not the expression tells case apart);
 * nothing when there is none. ASCII only. The pattern is one that compiles. */
void rx_literal(struct str pattern, struct strbuf *out);

#endif
