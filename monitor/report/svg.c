/* SPDX-License-Identifier: Apache-2.0 */

#include "monitor/report/svg.h"

#include "monitor/report/html.h"

/* Units of the drawings; what they are on paper or screen says the style. */
enum { BAR_STEP = 20, BAR_WIDTH = 14, BARS_HEIGHT = 1000, PARTS_WIDTH = 1000, STRIP_STEP = 10, STRIP_FIELD = 8 };

static void begin(struct strbuf *out, const char *class, struct str label, size_t width, size_t height)
{
        strbuf_addf(out, "<svg class=\"%s\" role=\"img\" viewBox=\"0 0 %zu %zu\" preserveAspectRatio=\"none\" aria-label=\"", class, width, height);
        html_text(out, label, 0);
        strbuf_addz(out, "\">");
}

/* A whole number of units; a value above zero is seen, however small it is. */
static uint64_t length_of(uint64_t value, uint64_t all, uint64_t units)
{
        double n = (double)value / (double)all * (double)units;

        return n >= (double)units ? units : value > 0 && n < (double)units / 100 ? units / 100 : (uint64_t)n;
}

void svg_bars(struct strbuf *out, struct str label, const struct svg_series *series, size_t n_series, size_t n_bars, uint64_t top)
{
        begin(out, "bars", label, n_bars * BAR_STEP, BARS_HEIGHT);
        for (size_t i = 0; i < n_bars; i++) {
                uint64_t y = BARS_HEIGHT;

                for (size_t s = 0; s < n_series && top > 0; s++) {
                        uint64_t h = length_of(series[s].values[i], top, BARS_HEIGHT);

                        h = h > y ? y : h;
                        if (h == 0)
                                continue;
                        y -= h;
                        strbuf_addf(out, "<rect class=\"%s\" x=\"%zu\" y=\"%llu\" width=\"%d\" height=\"%llu\"/>", series[s].class,
                                    i * BAR_STEP + (BAR_STEP - BAR_WIDTH) / 2, (unsigned long long)y, BAR_WIDTH, (unsigned long long)h);
                }
        }
        strbuf_addz(out, "</svg>");
}

void svg_parts(struct strbuf *out, struct str label, const struct svg_series *parts, size_t n)
{
        uint64_t all = 0, x = 0;

        for (size_t i = 0; i < n; i++)
                all += parts[i].values[0];
        begin(out, "parts", label, PARTS_WIDTH, STRIP_STEP);
        for (size_t i = 0; i < n && all > 0; i++) {
                uint64_t w = length_of(parts[i].values[0], all, PARTS_WIDTH);

                if (w > 0)
                        strbuf_addf(out, "<rect class=\"%s\" x=\"%llu\" y=\"0\" width=\"%llu\" height=\"%d\"/>", parts[i].class, (unsigned long long)x,
                                    (unsigned long long)w, STRIP_STEP);
                x += w;
        }
        strbuf_addz(out, "</svg>");
}

void svg_strip(struct strbuf *out, struct str label, uint64_t bits, size_t n)
{
        begin(out, "strip", label, n * STRIP_STEP, STRIP_STEP);
        for (size_t i = 0; i < n; i++)
                strbuf_addf(out, "<rect class=\"%s\" x=\"%zu\" y=\"0\" width=\"%d\" height=\"%d\"/>", bits >> (n - 1 - i) & 1 ? "on" : "off",
                            i * STRIP_STEP, STRIP_FIELD, STRIP_STEP);
        strbuf_addz(out, "</svg>");
}

uint64_t svg_round_up(uint64_t n)
{
        static const uint64_t steps[] = { 1, 2, 3, 5 };

        for (uint64_t unit = 1; unit < UINT64_C(1000000000000000); unit *= 10)
                for (size_t i = 0; i < ARRAY_LEN(steps); i++)
                        if (steps[i] * unit >= n)
                                return steps[i] * unit;
        return n;
}
