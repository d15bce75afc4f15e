/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_CLI_RULES_PAGE_H
#define SHOPBELL_CLI_RULES_PAGE_H

#include "monitor/setup.h"

/* Appends the page of all rules, in Markdown. Files are named below the folder of `folders` that they lie in. 0 or -ENOMEM. */
int rules_page(const struct setup *setup, const struct paths *folders, struct strbuf *out);

#endif
