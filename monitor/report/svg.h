/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_REPORT_SVG_H
#define SHOPBELL_REPORT_SVG_H

/* Charts as inline SVG without any text in it: it is stretched to the width there is, and letters must not be. What it shows is
 * said in `label`, for those who do not see it. Colours come from the classes of the page's style. */

#include <stddef.h>
#include <stdint.h>

#include "monitor/base/str.h"

struct svg_series {
        const char *class; /* "c4" */
        const uint64_t *values; /* one a bar */
};

/* Bars side by side, the series upon each other, the first at the bottom. `top`: the value that is as high as the chart. */
void svg_bars(struct strbuf *out, struct str label, const struct svg_series *series, size_t n_series, size_t n_bars, uint64_t top);
/* One bar of parts, lying. */
void svg_parts(struct strbuf *out, struct str label, const struct svg_series *parts, size_t n);
/* A row of `n` fields, the last is bit 0: filled where its bit is set. */
void svg_strip(struct strbuf *out, struct str label, uint64_t bits, size_t n);

/* The least round number (1, 2, 3, 5, 10, 20, …) that is not below `n`; at least 1. */
uint64_t svg_round_up(uint64_t n);

#endif
