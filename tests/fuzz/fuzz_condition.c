/* SPDX-License-Identifier: Apache-2.0 */

/* Fuzz target of conditions: the bytes are one, over five selections that do not depend on each other. It is asked of all
 * 32 records, in which each selection holds or does not, rule by rule and as a program; and what the linter says of the
 * condition must be true of all of them, in both directions. */

#include <stdio.h>

#include "tests/fuzz/sigma_rig.h"

enum { SELECTIONS = 5, RECORDS = 1 << SELECTIONS };

static const char selections[] =
        "  sel: {a: x}\n  sel_b: {b|contains: x}\n  _u: {c: x}\n  filter: {d|re: '^x'}\n  f*2: {user: x}\n";

static void add_condition(struct strbuf *out, struct str text)
{
        strbuf_addf(out, "title: A\nlevel: low\nlogsource: {product: p}\ndetection:\n%s  condition: \"", selections);
        for (size_t i = 0; i < text.n; i++) {
                unsigned char ch = (unsigned char)text.p[i];

                if (ch < ' ' || ch == '"' || ch == '\\' || ch == 127)
                        strbuf_addf(out, "\\x%02x", ch);
                else
                        strbuf_add(out, str_from(text.p + i, 1));
        }
        strbuf_addf(out, "\"\n");
}

/* With a `| count()` the rule is the base of a correlation; it stands first either way. */
static void try_rule(const struct sigma_rule *rule)
{
        struct rig_verdict v = rig_lint(rule);
        size_t n = 0;

        for (unsigned record = 0; record < RECORDS; record++) {
                bool holds[RIG_MEMBERS_MAX];
                struct rig rig;

                rig_open(&rig);
                for (uint32_t i = 0; i < SELECTIONS; i++)
                        rig_value(&rig, i < 4 ? i : rig_slot(STR("user")), VALUE_STRING,
                                  record & 1U << i ? STR("x") : STR("y"));
                rig_member(&rig, rule->detection, rule);
                rig_match(&rig, holds);
                rig_explain(&rig, holds);
                rig_verdict_check(v, holds[0]);
                n += holds[0];
                rig_close(&rig);
        }
        rig_check(v.never_true == (n == 0) && v.always_true == (n == RECORDS));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
        CLEANUP(sigma_file_freep) struct sigma_file *file = NULL;
        CLEANUP(strbuf_done) struct strbuf text = STRBUF_INIT;
        struct err_list errors = ERR_LIST_INIT, remarks = ERR_LIST_INIT;
        int r;

        add_condition(&text, rig_text(data, n));
        rig_check(!strbuf_failed(&text));
        r = sigma_file_parse(strbuf_str(&text), "fuzz.yml", NULL, &file, &errors, &remarks);
        rig_check((r >= 0) == (file != NULL) && (r >= 0 || errors.n > 0));
        rig_errors_check(&errors);
        rig_errors_check(&remarks);
        if (file)
                try_rule(file->rules[0]);
        err_list_done(&errors);
        err_list_done(&remarks);
        return 0;
}
