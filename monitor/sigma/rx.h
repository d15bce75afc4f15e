/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHOPBELL_SIGMA_RX_H
#define SHOPBELL_SIGMA_RX_H

/* Regular expressions, for `re` of rules and for the patterns of source files: the only place that knows PCRE2. UTF-8, ASCII
 * \d \w \s, JIT where the machine allows it; every match runs under limits, because the text is the attacker's: one that is
 * stopped there counts as none, and is counted. PCRE2's own limits are for each place where a match may begin; over all of
 * them together it is RX_STEPS_MAX that holds. A compiled regex is immutable and may be matched from several threads, each
 * with its own scratch. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "monitor/base/err.h"
#include "monitor/base/str.h"
#include "monitor/model/counter.h"

enum {
        RX_BYTES_MAX = 16 * 1024,
        RX_GROUPS_MAX = 60, /* capture groups of one pattern */
        RX_MATCH_LIMIT = 100000, /* pcre2_set_match_limit; less on long texts, RX_STEPS_MAX over all places */
        RX_STEPS_MAX = 20 * 1000 * 1000, /* steps of one match, and */
        RX_STEPS_PER_BYTE = 16, /* so many more for each byte of its text: 0.1 s here, 2 s for 10 MB */
        RX_FREE_BYTES = 32 * 1024, /* the steps in longer texts are always counted, one by one */
        RX_DEPTH_LIMIT = 1000, /* pcre2_set_depth_limit (the interpreter's; JIT has the stack's size) */
        RX_STACK_BYTES_MAX = 1024 * 1024, /* stack of JIT code */
};

struct rx;

enum rx_flag {
        RX_CASELESS = 1,
        RX_MULTILINE = 2,
        RX_DOTALL = 4,
        RX_SEARCH =
                8, /* only whether it is found: any number of groups, none handed out; ill-formed text is searched too */
};

/* 0; -EBADMSG: PCRE2 cannot compile it (`reterr` says what and at which byte); -E2BIG: over a limit; -ENOMEM. */
int rx_compile(struct str pattern, unsigned flags, struct rx **ret, struct err *reterr);
struct rx *rx_free(struct rx *re);
DEFINE_FREEP(struct rx, rx)

/* Named groups, [i] for i < rx_named(); a name may stand for several groups. Borrowed from the regex. */
size_t rx_named(const struct rx *re);
struct str rx_name(const struct rx *re, size_t i, uint32_t *ret_group);
/* Capture groups, named or not. */
uint32_t rx_groups(const struct rx *re);

struct rx_scratch;
struct rx_scratch *rx_scratch_new(void);
struct rx_scratch *rx_scratch_free(struct rx_scratch *scratch);

/* Whether `subject` matches. With `is_utf8` the caller vouches that the subject is well-formed; otherwise it is checked
 * and ill-formed text never matches. The groups stay in `scratch` until the next match. */
bool rx_match(const struct rx *re, struct str subject, bool is_utf8, struct rx_scratch *scratch,
              struct counters *counters);
/* Group `group` (0: the whole match) of the last match; absent when it took no part. */
struct str rx_group(const struct rx_scratch *scratch, struct str subject, uint32_t group);

#endif
