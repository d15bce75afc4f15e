/* SPDX-License-Identifier: Apache-2.0 */

/* `re`: PCRE2 with UTF-8 and ASCII \d \w \s, not anchored. JIT where the machine allows it; every match runs under a
 * match limit and on a stack of fixed size, because the text it reads is the attacker's. */

#define PCRE2_CODE_UNIT_WIDTH 8
#include "monitor/sigma/expression.h"

#include <errno.h>
#include <pcre2.h>
#include <stdlib.h>

struct expression {
        pcre2_code *code;
        struct expression *next; /* of the same detection */
};

struct sigma_scratch {
        pcre2_match_data *data;
        pcre2_match_context *context;
        pcre2_jit_stack *stack;
        struct counters counters;
};

int expression_compile(struct compiler *c, const struct yaml *at, struct str text, bool is_caseless, bool is_multiline,
                       bool is_dotall, struct expression **ret)
{
        uint32_t options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_UCP | PCRE2_NEVER_BACKSLASH_C |
                           (is_caseless ? PCRE2_CASELESS : 0) | (is_multiline ? PCRE2_MULTILINE : 0) |
                           (is_dotall ? PCRE2_DOTALL : 0);
        struct expression *e = arena_alloc(c->arena, sizeof *e);
        PCRE2_UCHAR message[160];
        PCRE2_SIZE offset = 0;
        int code = 0;

        if (!e)
                return compiler_oom(c);
        if (text.n > SIGMA_REGEX_BYTES_MAX)
                return compiler_fail(c, at, "re: longer than %d bytes", SIGMA_REGEX_BYTES_MAX);
        e->code = pcre2_compile((PCRE2_SPTR)text.p, text.n, options, &code, &offset, NULL);
        if (!e->code) {
                pcre2_get_error_message(code, message, sizeof message);
                return compiler_fail(c, at, "re: %s, at byte %zu of the expression", (const char *)message, offset + 1);
        }
        /* Without JIT (another processor, forbidden by the kernel) the interpreter does the same, only slower. */
        (void)pcre2_jit_compile(e->code, PCRE2_JIT_COMPLETE);
        e->next = c->detection->expressions;
        c->detection->expressions = e;
        *ret = e;
        return 0;
}

void sigma_detection_done(struct sigma_detection *d)
{
        if (!d)
                return;
        for (struct expression *e = d->expressions; e; e = e->next)
                pcre2_code_free(e->code);
        d->expressions = NULL;
}

struct sigma_scratch *sigma_scratch_new(void)
{
        struct sigma_scratch *s = calloc(1, sizeof *s);

        if (!s)
                return NULL;
        s->data = pcre2_match_data_create(1, NULL);
        s->context = pcre2_match_context_create(NULL);
        s->stack = pcre2_jit_stack_create(32 * 1024, SIGMA_REGEX_STACK_BYTES_MAX, NULL);
        if (!s->data || !s->context)
                return sigma_scratch_free(s);
        pcre2_set_match_limit(s->context, SIGMA_REGEX_MATCH_LIMIT);
        pcre2_set_depth_limit(s->context, SIGMA_REGEX_DEPTH_LIMIT);
        if (s->stack)
                pcre2_jit_stack_assign(s->context, NULL, s->stack);
        return s;
}

struct sigma_scratch *sigma_scratch_free(struct sigma_scratch *s)
{
        if (!s)
                return NULL;
        pcre2_jit_stack_free(s->stack);
        pcre2_match_data_free(s->data);
        pcre2_match_context_free(s->context);
        free(s);
        return NULL;
}

struct counters *sigma_scratch_counters(struct sigma_scratch *s)
{
        return &s->counters;
}

bool expression_match(const struct expression *e, struct str text, struct sigma_scratch *s)
{
        int r = pcre2_match(e->code, (PCRE2_SPTR)text.p, text.n, 0, 0, s->data, s->context);

        if (r == PCRE2_ERROR_MATCHLIMIT || r == PCRE2_ERROR_DEPTHLIMIT || r == PCRE2_ERROR_HEAPLIMIT ||
            r == PCRE2_ERROR_JIT_STACKLIMIT)
                s->counters.n[COUNTER_REGEX_LIMIT]++;
        return r >= 0;
}
