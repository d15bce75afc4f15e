/* SPDX-License-Identifier: Apache-2.0 */

/* Patterns: loading, matching, and what their named groups fill. */

#include "parsers/pattern.h"

#include <errno.h>

#include "parsers/lines.h"

static int load_groups(struct loader *l, struct pattern *p)
{
        size_t n = rx_named(p->regex);

        p->groups = load_alloc(l, n, sizeof *p->groups);
        if (!p->groups)
                return -ENOMEM;
        for (; p->n_groups < n; p->n_groups++) {
                struct pattern_group *g = &p->groups[p->n_groups];

                g->slot = source_want(l->source, rx_name(p->regex, p->n_groups, &g->group));
                if (g->slot == UINT32_MAX)
                        return -ENOMEM;
        }
        return 0;
}

int pattern_load(struct loader *l, const struct yaml *y, struct pattern *p)
{
        struct str text = STR_NONE;
        struct err why = { 0 };
        int r = load_text(l, y, "a regular expression", &text);

        if (r < 0)
                return r;
        r = rx_compile(text, 0, &p->regex, &why);
        return r < 0 ? load_error(l, y, "regex does not compile: %s", why.text) : load_groups(l, p);
}

void pattern_done(struct pattern *p)
{
        p->regex = rx_free(p->regex);
}

bool pattern_matches(struct parse *x, const struct pattern *p, struct str text)
{
        return rx_match(p->regex, text, true, x->parser->regex, x->counters);
}

int pattern_set(struct parse *x, struct record *record, const struct pattern *p, struct str text)
{
        int r = 0;

        for (size_t i = 0; i < p->n_groups && r >= 0; i++)
                if (!record->slots[p->groups[i].slot].is_present)
                        r = lines_set(x, record, p->groups[i].slot, rx_group(x->parser->regex, text, p->groups[i].group));
        return r;
}
