/* SPDX-License-Identifier: Apache-2.0 */

/* `re`: expressions that a detection owns, found anywhere in a value. */

#include "monitor/sigma/expression.h"

#include <errno.h>
#include <stdlib.h>

#include "monitor/sigma/rx.h"
#include "monitor/sigma/scratch.h"

struct expression {
        struct rx *rx;
        struct str text; /* as written */
        unsigned flags;
        struct expression *next; /* of the same detection */
};

int expression_compile(struct compiler *c, const struct yaml *at, struct str text, bool is_caseless, bool is_multiline,
                       bool is_dotall, struct expression **ret)
{
        unsigned flags = RX_SEARCH | (is_caseless ? RX_CASELESS : 0) | (is_multiline ? RX_MULTILINE : 0) | (is_dotall ? RX_DOTALL : 0);
        struct expression *e = arena_alloc(c->arena, sizeof *e);
        struct err why = { 0 };
        int r;

        if (!e)
                return compiler_oom(c);
        r = rx_compile(text, flags, &e->rx, &why);
        if (r == -ENOMEM)
                return compiler_oom(c);
        if (r < 0)
                return compiler_fail(c, at, "re: %s", why.text);
        e->next = c->detection->expressions;
        c->detection->expressions = e; /* which frees it now */
        e->flags = flags;
        e->text = arena_dup(c->arena, text);
        if (!e->text.p)
                return compiler_oom(c);
        *ret = e;
        return 0;
}

void sigma_detection_done(struct sigma_detection *d)
{
        if (!d)
                return;
        for (struct expression *e = d->expressions; e; e = e->next)
                e->rx = rx_free(e->rx);
        d->expressions = NULL;
}

void expression_key(const struct expression *e, struct strbuf *out)
{
        strbuf_addf(out, "%u ", e->flags);
        strbuf_add(out, e->text);
}

struct str expression_text(const struct expression *e)
{
        return e->text;
}

int expression_lint(const struct expression *e, struct rx_finding *ret)
{
        return rx_lint(e->text, e->flags, ret);
}

bool expression_match(const struct expression *e, struct str text, struct sigma_scratch *s)
{
        return rx_match(e->rx, text, false, s->rx, &s->counters);
}
