/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_PARSERS_DRAFT_TEXT_H
#define SHOPBELL_PARSERS_DRAFT_TEXT_H

/* Text of a sample on its way into a draft. It may be an attacker's; a program reads the draft, and a person, on a terminal. */

#include "monitor/base/str.h"

/* A scalar as YAML, in a flow or not: plain, or in quotes where it must be; what is harmful to look at is escaped. */
void draft_scalar(struct strbuf *out, struct str text);
/* An expression of PCRE2 that fits the text and nothing else; not yet YAML. */
void draft_regex_literal(struct strbuf *out, struct str text);

#endif
