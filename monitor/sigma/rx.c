/* SPDX-License-Identifier: Apache-2.0 */

/* PCRE2 behind one header. Expressions come from rules and source files, which are trusted to be well meant but not to be
 * fast on hostile text: every match runs under a match limit and on a stack of fixed size.
 *
 * PCRE2 begins counting anew at each place where a match may begin, so its limit alone lets `.{0,300}.{0,300}[yz]` work for
 * half an hour on 10 MB. Hence two tries: the plain one, whose limit is so small that it cannot be reached often; where it is
 * reached, or the text is long, the same with a callout before each item, which counts all steps and the bytes between
 * them. */

#define PCRE2_CODE_UNIT_WIDTH 8
#include "monitor/sigma/rx.h"

#include <errno.h>
#include <pcre2.h>
#include <stdlib.h>

struct rx {
        pcre2_code *code;
        char *pattern; /* for match_counted() */
        size_t pattern_n;
        unsigned flags;
        uint32_t groups, named, entry_bytes;
        PCRE2_SPTR names; /* PCRE2's table: group number (two bytes, high first), name, NUL; each entry_bytes long */
};

struct rx_scratch {
        pcre2_match_context *context;
        pcre2_match_data *data;
        pcre2_jit_stack *stack;
};

static int read_info(struct rx *re, struct err *reterr)
{
        pcre2_pattern_info(re->code, PCRE2_INFO_CAPTURECOUNT, &re->groups);
        pcre2_pattern_info(re->code, PCRE2_INFO_NAMECOUNT, &re->named);
        pcre2_pattern_info(re->code, PCRE2_INFO_NAMEENTRYSIZE, &re->entry_bytes);
        pcre2_pattern_info(re->code, PCRE2_INFO_NAMETABLE, &re->names);
        if (re->groups > RX_GROUPS_MAX && !(re->flags & RX_SEARCH))
                return err_set(reterr, -E2BIG,
                               "the regular expression has %u groups, over %d: use (?:…) for groups that "
                               "nobody asks for",
                               re->groups, RX_GROUPS_MAX);
        return 0;
}

static uint32_t options_of(unsigned flags)
{
        return PCRE2_UTF | PCRE2_NEVER_UCP | PCRE2_NEVER_BACKSLASH_C | (flags & RX_CASELESS ? PCRE2_CASELESS : 0) |
               (flags & RX_MULTILINE ? PCRE2_MULTILINE : 0) | (flags & RX_DOTALL ? PCRE2_DOTALL : 0) |
               (flags & RX_SEARCH ? PCRE2_MATCH_INVALID_UTF : PCRE2_DUPNAMES);
}

int rx_compile(struct str pattern, unsigned flags, struct rx **ret, struct err *reterr)
{
        CLEANUP(rx_freep) struct rx *re = NULL;
        PCRE2_UCHAR text[160];
        PCRE2_SIZE at = 0;
        int code = 0, r;

        if (pattern.n > RX_BYTES_MAX)
                return err_set(reterr, -E2BIG, "the regular expression is longer than %d bytes", RX_BYTES_MAX);
        re = calloc(1, sizeof *re);
        if (!re)
                return err_set(reterr, -ENOMEM, "out of memory");
        re->flags = flags;
        re->pattern = str_dupz(pattern);
        re->pattern_n = pattern.n;
        if (!re->pattern)
                return err_set(reterr, -ENOMEM, "out of memory");
        re->code = pcre2_compile((PCRE2_SPTR)pattern.p, pattern.n, options_of(flags), &code, &at, NULL);
        if (!re->code) {
                pcre2_get_error_message(code, text, sizeof text);
                return err_set(reterr, -EBADMSG, "%s, at byte %zu of the regular expression", (const char *)text,
                               at + 1);
        }
        r = read_info(re, reterr);
        if (r < 0)
                return r;
        /* Without JIT (another processor, forbidden by the kernel) the interpreter does the same, only slower. */
        (void)pcre2_jit_compile(re->code, PCRE2_JIT_COMPLETE);
        *ret = TAKE(re);
        return 0;
}

struct rx *rx_free(struct rx *re)
{
        if (!re)
                return NULL;
        pcre2_code_free(re->code);
        free(re->pattern);
        free(re);
        return NULL;
}

size_t rx_named(const struct rx *re)
{
        return re->named;
}

struct str rx_name(const struct rx *re, size_t i, uint32_t *ret_group)
{
        const unsigned char *entry = re->names + i * re->entry_bytes;

        *ret_group = (uint32_t)entry[0] << 8 | entry[1];
        return str_of((const char *)entry + 2);
}

uint32_t rx_groups(const struct rx *re)
{
        return re->groups;
}

struct rx_scratch *rx_scratch_new(void)
{
        struct rx_scratch *s = calloc(1, sizeof *s);

        if (!s)
                return NULL;
        s->context = pcre2_match_context_create(NULL);
        s->data = pcre2_match_data_create(RX_GROUPS_MAX + 1, NULL);
        s->stack = pcre2_jit_stack_create(32 * 1024, RX_STACK_BYTES_MAX, NULL);
        if (!s->context || !s->data)
                return rx_scratch_free(s);
        pcre2_set_depth_limit(s->context, RX_DEPTH_LIMIT);
        if (s->stack)
                pcre2_jit_stack_assign(s->context, NULL, s->stack);
        return s;
}

struct rx_scratch *rx_scratch_free(struct rx_scratch *s)
{
        if (!s)
                return NULL;
        pcre2_jit_stack_free(s->stack);
        pcre2_match_data_free(s->data);
        pcre2_match_context_free(s->context);
        free(s);
        return NULL;
}

/* ---- Matching ---- */

struct steps {
        size_t left, at;
};

static int count_step(pcre2_callout_block *block, void *userdata)
{
        struct steps *s = userdata;
        size_t at = block->current_position, n = 1 + (at > s->at ? at - s->at : s->at - at);

        if (n > s->left)
                return PCRE2_ERROR_MATCHLIMIT;
        s->left -= n;
        s->at = at;
        return 0;
}

/* Compiled for this one text: seldom needed, and then dear anyway. */
static int match_counted(const struct rx *re, struct str subject, uint32_t options, struct rx_scratch *scratch)
{
        struct steps steps = { RX_STEPS_MAX + RX_STEPS_PER_BYTE * subject.n, 0 };
        PCRE2_SIZE at;
        int code, r;
        pcre2_code *counting = pcre2_compile((PCRE2_SPTR)re->pattern, re->pattern_n,
                                             options_of(re->flags) | PCRE2_AUTO_CALLOUT, &code, &at, NULL);

        if (!counting) /* too large with its callouts */
                return PCRE2_ERROR_MATCHLIMIT;
        (void)pcre2_jit_compile(counting, PCRE2_JIT_COMPLETE);
        pcre2_set_match_limit(scratch->context, RX_MATCH_LIMIT);
        pcre2_set_callout(scratch->context, count_step, &steps);
        r = pcre2_match(counting, (PCRE2_SPTR)subject.p, subject.n, 0, options, scratch->data, scratch->context);
        pcre2_set_callout(scratch->context, NULL, NULL);
        pcre2_code_free(counting);
        return r;
}

static int match_plain(const struct rx *re, struct str subject, uint32_t options, struct rx_scratch *scratch)
{
        size_t limit = RX_STEPS_MAX / (subject.n + 1);

        pcre2_set_match_limit(scratch->context, limit < RX_MATCH_LIMIT ? (uint32_t)limit : RX_MATCH_LIMIT);
        return pcre2_match(re->code, (PCRE2_SPTR)subject.p, subject.n, 0, options, scratch->data, scratch->context);
}

static bool is_limit(int code)
{
        return code == PCRE2_ERROR_MATCHLIMIT || code == PCRE2_ERROR_DEPTHLIMIT || code == PCRE2_ERROR_HEAPLIMIT ||
               code == PCRE2_ERROR_JIT_STACKLIMIT;
}

bool rx_match(const struct rx *re, struct str subject, bool is_utf8, struct rx_scratch *scratch,
              struct counters *counters)
{
        struct str text = subject.p ? subject : STR("");
        uint32_t options = is_utf8 ? PCRE2_NO_UTF_CHECK : 0;
        int r = text.n > RX_FREE_BYTES ? PCRE2_ERROR_MATCHLIMIT : match_plain(re, text, options, scratch);

        if (r == PCRE2_ERROR_MATCHLIMIT && text.n >= RX_STEPS_MAX / RX_MATCH_LIMIT) /* else it had its full limit */
                r = match_counted(re, text, options, scratch);
        if (is_limit(r))
                counters->n[COUNTER_REGEX_LIMIT]++;
        return r > 0 || (r == 0 && (re->flags & RX_SEARCH)); /* 0: more groups than the scratch has room for */
}

struct str rx_group(const struct rx_scratch *scratch, struct str subject, uint32_t group)
{
        const PCRE2_SIZE *v = pcre2_get_ovector_pointer(scratch->data);

        /* \K can put a match's end before its start. */
        if (group > RX_GROUPS_MAX || v[2 * group] == PCRE2_UNSET || v[2 * group] > v[2 * group + 1])
                return STR_NONE;
        return str_from(subject.p + v[2 * group], v[2 * group + 1] - v[2 * group]);
}
