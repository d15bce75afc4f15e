/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_CLI_REGIMES_PAGE_H
#define SHOPBELL_CLI_REGIMES_PAGE_H

#include "monitor/cases/regime.h"

/* "2026-11-23"; USEC_NONE: nothing. Appends. */
void regime_add_day(struct strbuf *out, usec day);
/* "authority 72 hours, people without undue delay": its duties, those that are no follow-up first. Appends. */
void regime_add_clocks(struct strbuf *out, const struct regime *r);
/* "kr", "at, be, …", "everybody". Appends. */
void regime_add_countries(struct strbuf *out, const struct regime *r);

/* All laws on one page of Markdown (doc/regimes.md is it): the same whenever it is made. Appends; -ENOMEM or 0. */
int regimes_page(const struct regimes *regimes, struct strbuf *out);

#endif
